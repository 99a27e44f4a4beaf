// The laws of whole runs: any number of inputs, at any times, from the first state or from any later one.
include "Batch.dfy"

datatype Timed = Timed(at: nat, input: Input)

function Run(s: State, xs: seq<Timed>): Did
  requires Inv(s)
  ensures Inv(Run(s, xs).state)
  decreases |xs|
{
  if xs == [] then Did(s, [])
  else
    InvSound(s); StepKeepsInv(s, xs[0].at, xs[0].input);
    var o := Step(s, xs[0].at, xs[0].input);
    var rest := Run(o.state, xs[1..]);
    Did(rest.state, o.effects + rest.effects)
}

// The state after a step, for the lemmas below.
function After(s: State, x: Timed): State
  requires Inv(s)
  ensures Inv(After(s, x))
{
  InvSound(s); StepKeepsInv(s, x.at, x.input);
  Step(s, x.at, x.input).state
}

// The invariant holds in every run. (Said again: it is what Run ensures.)
lemma RunKeepsInv(policy: Policy, limits: Limits, xs: seq<Timed>)
  ensures Inv(Init(policy, limits)) && Inv(Run(Init(policy, limits), xs).state)
{}

// C-07 in every run.
lemma SingleInEveryRun(policy: Policy, limits: Limits, xs: seq<Timed>, a: nat, b: nat)
  requires Inv(Init(policy, limits))
  requires var t := Run(Init(policy, limits), xs).state;
           a in t.live && b in t.live && t.live[a].callee == t.live[b].callee
           && (t.policy.activeCalls == PerUser || t.live[a].room == t.live[b].room)
  ensures a == b
{}

// C-06: numbers only grow; T-01: what is over stays over; T-05: what lives lives unchanged.
lemma NoResurrection(s: State, xs: seq<Timed>, a: nat)
  requires Inv(s)
  ensures var t := Run(s, xs).state; t.made >= s.made
          && (a <= s.made && a in t.live ==> a in s.live && t.live[a] == s.live[a])
  decreases |xs|
{
  if xs != [] {
    InvSound(s);
    OneStep(s, xs[0].at, xs[0].input, a);
    NoResurrection(After(s, xs[0]), xs[1..], a);
  }
}

// Over a run, rings minus stops is what rings now minus what rang at first: for every attempt and user.
lemma RingsMinusStops(s: State, xs: seq<Timed>, a: nat, u: nat)
  requires Inv(s)
  ensures var d := Run(s, xs);
          Told(d.effects, a, u, true) - Told(d.effects, a, u, false) == RingsFor(d.state, a, u) - RingsFor(s, a, u)
  decreases |xs|
{
  if xs != [] {
    InvSound(s);
    StepOk(s, xs[0].at, xs[0].input);
    var o := Step(s, xs[0].at, xs[0].input);
    assert ToldOnce(s, o.state, o.effects, a, u);
    RingsMinusStops(o.state, xs[1..], a, u);
    var rest := Run(o.state, xs[1..]);
    ToldAdd(o.effects, rest.effects, a, u, true);
    ToldAdd(o.effects, rest.effects, a, u, false);
  }
}

// An attempt whose number is taken rings nobody anew.
lemma NoRingAgain(s: State, xs: seq<Timed>, a: nat, u: nat)
  requires Inv(s) && a <= s.made
  ensures Told(Run(s, xs).effects, a, u, true) == 0
  decreases |xs|
{
  if xs != [] {
    InvSound(s);
    StepOk(s, xs[0].at, xs[0].input);
    var o := Step(s, xs[0].at, xs[0].input);
    assert ToldOnce(s, o.state, o.effects, a, u);
    NoRingAgain(o.state, xs[1..], a, u);
    ToldAdd(o.effects, Run(o.state, xs[1..]).effects, a, u, true);
  }
}

// Nobody rings at all for an attempt that was not made.
lemma AtMostOneRing(s: State, xs: seq<Timed>, a: nat, u: nat)
  requires Inv(s)
  ensures Told(Run(s, xs).effects, a, u, true) <= 1
  decreases |xs|
{
  if xs != [] {
    InvSound(s);
    StepOk(s, xs[0].at, xs[0].input);
    var o := Step(s, xs[0].at, xs[0].input);
    assert ToldOnce(s, o.state, o.effects, a, u);
    ToldAdd(o.effects, Run(o.state, xs[1..]).effects, a, u, true);
    if a in o.state.live {
      assert LiveOk(o.state, a);
      NoRingAgain(o.state, xs[1..], a, u);
    } else { AtMostOneRing(o.state, xs[1..], a, u); }
  }
}

// E-17: in every run from the first state everyone is told to ring at most once by an attempt, and was
// told to stop exactly once if it does not ring any more, never if it rings or never rang. That the stop
// is in the step that ends it, and that nothing else is said to them of it, is StopsInItsStep.
lemma ToldToRingToldToStop(policy: Policy, limits: Limits, xs: seq<Timed>, a: nat, u: nat)
  requires Inv(Init(policy, limits))
  ensures var d := Run(Init(policy, limits), xs);
          var rings := Told(d.effects, a, u, true);
          rings <= 1 && Told(d.effects, a, u, false) == rings - RingsFor(d.state, a, u)
{
  RingsMinusStops(Init(policy, limits), xs, a, u);
  AtMostOneRing(Init(policy, limits), xs, a, u);
}
lemma StopsInItsStep(s: State, at: nat, i: Input, a: nat)
  requires Inv(s) && Sound(s) && a in s.live
  ensures var o := Step(s, at, i);
          Told(o.effects, a, s.live[a].callee, true) == 0
          && Told(o.effects, a, s.live[a].callee, false) == (if a in o.state.live then 0 else 1)
          && forall u :: u != s.live[a].callee ==> Told(o.effects, a, u, true) == 0 && Told(o.effects, a, u, false) == 0
{
  StepOk(s, at, i);
  var o := Step(s, at, i);
  StopsOnce(s, o.state, o.effects, a);
}
lemma StopsOnce(s: State, t: State, es: seq<Effect>, a: nat)
  requires ToldRight(s, t, es) && a in s.live
  ensures Told(es, a, s.live[a].callee, true) == 0
          && Told(es, a, s.live[a].callee, false) == (if a in t.live then 0 else 1)
          && forall u :: u != s.live[a].callee ==> Told(es, a, u, true) == 0 && Told(es, a, u, false) == 0
{
  assert ToldOnce(s, t, es, a, s.live[a].callee);
  forall u: nat | u != s.live[a].callee ensures Told(es, a, u, true) == 0 && Told(es, a, u, false) == 0 {
    assert ToldOnce(s, t, es, a, u);
  }
}
// Nothing is addressed to anybody as its callee once it is over.
lemma SilentAfterwards(s: State, xs: seq<Timed>, a: nat, u: nat)
  requires Inv(s) && a <= s.made && a !in s.live
  ensures Told(Run(s, xs).effects, a, u, true) == 0 && Told(Run(s, xs).effects, a, u, false) == 0
{
  NoRingAgain(s, xs, a, u);
  RingsMinusStops(s, xs, a, u);
  NoResurrection(s, xs, a);
}

// At most one accepting device an attempt: of any two accepts of a run that are answered with success
// for one attempt, the user and the device are the same.
lemma StaysWonInRun(s: State, xs: seq<Timed>, a: nat, u: nat, d: nat)
  requires Inv(s) && WonBy(s, a, u, d)
  ensures WonBy(Run(s, xs).state, a, u, d)
  decreases |xs|
{
  if xs != [] {
    InvSound(s);
    StaysWon(s, xs[0].at, xs[0].input, a, u, d);
    StaysWonInRun(After(s, xs[0]), xs[1..], a, u, d);
  }
}
predicate Accepts(s: State, at: nat, u: nat, d: nat, r: nat, named: Option<nat>, a: nat)
  requires Inv(s)
{
  InvSound(s);
  Step(s, at, Ask(UserOn(u, d), AcceptCall(r, named))).answer == AcceptedAnswer(a)
}
lemma OneDeviceAccepts(s: State, at: nat, u: nat, d: nat, r: nat, named: Option<nat>, xs: seq<Timed>,
                       later: nat, v: nat, e: nat, q: nat, other: Option<nat>, a: nat)
  requires Inv(s) && Accepts(s, at, u, d, r, named, a)
  requires var t := After(s, Timed(at, Ask(UserOn(u, d), AcceptCall(r, named))));
           Accepts(Run(t, xs).state, later, v, e, q, other, a)
  ensures u == v && d == e
{
  InvSound(s);
  Won(s, at, u, d, r, named, a);
  var t := After(s, Timed(at, Ask(UserOn(u, d), AcceptCall(r, named))));
  StaysWonInRun(t, xs, a, u, d);
  InvSound(Run(t, xs).state);
  NobodyElseWins(Run(t, xs).state, later, a, u, d, v, e, q, other);
}
