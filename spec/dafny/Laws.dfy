// The laws of one step, and of any two. Those of whole runs are in Runs.dfy.
include "Asking.dfy"

// The invariant: of the first state (INV-01, 02, 03, 05, and of one attempt one ending is remembered).
lemma InitOk(policy: Policy, limits: Limits)
  ensures Inv(Init(policy, limits))
{}

// The invariant: of every step.
lemma StepKeepsInv(s: State, at: nat, i: Input)
  requires Inv(s) && Sound(s)
  ensures Inv(Step(s, at, i).state) && Sound(Step(s, at, i).state)
{
  StepOk(s, at, i);
  InvSound(Step(s, at, i).state);
}

// C-07, INV-01: one live attempt a user, or a user and room.
lemma SingleActiveCall(s: State, a: nat, b: nat)
  requires Inv(s) && a in s.live && b in s.live && s.live[a].callee == s.live[b].callee
  requires s.policy.activeCalls == PerRoom ==> s.live[a].room == s.live[b].room
  ensures a == b
{}

// INV-02: nobody rings where they are.
lemma NobodyRingsWhereTheyAre(s: State, a: nat)
  requires Inv(s) && a in s.live
  ensures s.live[a].room in s.rooms && s.live[a].callee !in s.rooms[s.live[a].room].inside
  ensures s.policy.inOtherRoom == Reject ==> !IsElsewhere(s, s.live[a].room, s.live[a].callee)
{
  assert LiveOk(s, a);
}

// T-02: the clock is held; INV-03: it is before every deadline.
lemma ClockBeforeDeadlines(s: State, at: nat, i: Input, a: nat)
  requires Inv(s) && Sound(s)
  ensures var t := Step(s, at, i).state; t.now >= s.now && t.now <= EndOfTime()
          && (at <= EndOfTime() ==> t.now >= at)
          && (a in t.live && t.live[a].deadline.Some? ==> t.live[a].deadline.value > t.now)
{
  StepOk(s, at, i);
  var t := Step(s, at, i).state;
  if a in t.live { assert LiveOk(t, a); }
}

// E-04: whoever is due is told that it timed out.
predicate TimedOutTold(es: seq<Effect>, a: nat, c: Attempt)
{
  Effect(ToUser(c.callee), About(CallTimeout, a, c, TimedOutStatus), E04) in es
}
lemma ExpiryTells(s: State, t: nat, a: nat)
  requires Sound(s) && a in Due(s.live, t)
  ensures TimedOutTold(Expire(s, t).effects, a, s.live[a])
  decreases |Due(s.live, t)|
{
  var due := Due(s.live, t);
  var b := First(s.live, due);
  var first := Close(s, b, TimedOut, E04);
  assert Due(first.state.live, t) == due - {b};
  if b == a {
    assert TellCallee(a, s.live[a], TimedOut, E04)[0] in first.effects;
  } else {
    ExpiryTells(first.state, t, a);
  }
}

// T-03, T-04: at its deadline, and after, an attempt times out, whatever the input is: the input is
// judged in a state in which it is not live, and what it ends is told after that (O-01).
lemma DeadlineWins(s: State, at: nat, i: Input, a: nat)
  requires Inv(s) && Sound(s) && a in s.live && HasDeadline(s.live[a], Clock(s, at))
  ensures a !in Elapse(s, at).state.live && a !in Step(s, at, i).state.live
  ensures Elapse(s, at).effects <= Step(s, at, i).effects
  ensures TimedOutTold(Elapse(s, at).effects, a, s.live[a])
{
  ElapseOk(s, at);
  StepOk(s, at, i);
  ExpiryTells(s, Clock(s, at), a);
  assert LiveOk(s, a);
}

// T-04, the other half: before its deadline only the input ends an attempt, and a tick is none.
lemma NothingElseEnds(s: State, at: nat, a: nat)
  requires Inv(s) && Sound(s) && a in s.live && !HasDeadline(s.live[a], Clock(s, at))
  ensures a in Step(s, at, Tick).state.live
{
  ElapseOk(s, at);
}

// R-03, C-12: a refused ask, and an ignored fact, leave what a tick at their time leaves.
lemma RefusalIsATick(s: State, at: nat, i: Input)
  requires Inv(s) && Sound(s)
  requires Step(s, at, i).answer.Refused? || Step(s, at, i).answer.Ignored?
  ensures Step(s, at, i).state == Step(s, at, Tick).state && Step(s, at, i).effects == Step(s, at, Tick).effects
{
  if i.Ask? {
    var t := Elapse(s, at);
    ElapseOk(s, at);
    if Refusal(t.state, i.asker, i.command).None? { GrantAnswers(t.state, i.asker, i.command); }
  }
}
lemma GrantAnswers(s: State, who: Actor, c: Command)
  requires Sound(s) && Refusal(s, who, c).None?
  ensures var x := Grant(s, who, c).answer; !x.Refused? && !x.Ignored?
{}

// T-01, T-05, C-06 for one step: what lives after it lived before, just so, or has a new number.
lemma OneStep(s: State, at: nat, i: Input, a: nat)
  requires Inv(s) && Sound(s)
  ensures var t := Step(s, at, i).state; s.made <= t.made && (a in t.live ==> 1 <= a <= t.made)
          && (a in t.live && a in s.live ==> t.live[a] == s.live[a])
          && (a in t.live && a !in s.live ==> a > s.made)
{
  StepOk(s, at, i);
  var t := Step(s, at, i).state;
  if a in t.live { assert LiveOk(t, a); }
}

// E-11, E-15: an accept or reject that names an attempt ends that one or none.
lemma NamedIsTheOnlyOneHit(s: State, at: nat, who: Actor, c: Command, a: nat)
  requires Inv(s) && Sound(s) && IsAnswer(c) && c.attempt.Some?
  requires a in Elapse(s, at).state.live && a != c.attempt.value
  ensures a in Step(s, at, Ask(who, c)).state.live
{
  ElapseOk(s, at);
  var t := Elapse(s, at).state;
  if Refusal(t, who, c).None? { MeansOk(t, c.room, who.user, c.attempt); }
}

// E-16: accepting puts nobody into a room.
lemma AcceptingIsSignalling(s: State, at: nat, who: Actor, r: nat, named: Option<nat>, q: nat)
  requires Inv(s) && Sound(s) && q in Elapse(s, at).state.rooms
  ensures var t := Step(s, at, Ask(who, AcceptCall(r, named))).state;
          q in t.rooms && t.rooms[q].inside == Elapse(s, at).state.rooms[q].inside
{}

// E-01, E-08: who accepts is the callee; and either the attempt rang until now, or this very device's
// accept is what ended it.
lemma AcceptedBy(s: State, at: nat, u: nat, d: nat, r: nat, named: Option<nat>, a: nat)
  requires Inv(s) && Sound(s)
  requires Step(s, at, Ask(UserOn(u, d), AcceptCall(r, named))).answer == AcceptedAnswer(a)
  ensures var t := Elapse(s, at).state;
          (a in t.live && t.live[a].callee == u && t.live[a].room == r)
          || (exists p :: Remembered(t, p) && p.attempt == a && p.callee == u && p.ending == Accepted(d))
  ensures named.Some? ==> named.value == a
{
  var t := Elapse(s, at).state;
  MeansOk(t, r, u, named);
  var meant := Means(t, r, u, named);
  if meant.PastMeant? {
    RecordOfOk(t.rooms[r].ended, u);
    assert Remembered(t, meant.past);
  }
}

// What is known of an attempt that a device of its callee accepted: it is over, and if its ending is
// remembered, it is that.
predicate WonBy(s: State, a: nat, u: nat, d: nat)
{
  && 1 <= a <= s.made && a !in s.live
  && forall p :: Remembered(s, p) && p.attempt == a ==> p.callee == u && p.ending == Accepted(d)
}
// The first of them: it ends the attempt.
lemma FreshAccept(s: State, u: nat, d: nat, r: nat, named: Option<nat>, a: nat)
  requires Inv(s) && Sound(s) && a in s.live
  requires var c := AcceptCall(r, named);
           Refusal(s, UserOn(u, d), c).None? && Grant(s, UserOn(u, d), c).answer == AcceptedAnswer(a)
  ensures IsMeant(s, r, u, named, a)
  ensures Grant(s, UserOn(u, d), AcceptCall(r, named)).state == Close(s, a, Accepted(d), E01).state
{
  MeansOk(s, r, u, named);
  var meant := Means(s, r, u, named);
  if meant.PastMeant? { RecordOfOk(s.rooms[r].ended, u); assert RoomOk(s, r); }
}
// What it leaves in the room.
lemma ClosedOk(s: State, u: nat, d: nat, r: nat, a: nat)
  requires Inv(s) && Sound(s) && a in s.live && s.live[a].callee == u && s.live[a].room == r
  ensures var p := Past(a, s.live[a].caller, u, Accepted(d)); var t := Close(s, a, Accepted(d), E01).state;
          r in t.rooms && t.rooms[r].ended == Add(s.rooms[r].ended, p, s.limits.endedPerRoom)
          && WonBy(t, a, u, d)
{
  var p := Past(a, s.live[a].caller, u, Accepted(d));
  var t := Close(s, a, Accepted(d), E01).state;
  assert LiveOk(s, a) && RoomOk(s, r);
  AddOk(s.rooms[r].ended, p, s.limits.endedPerRoom);
  forall o | Remembered(t, o) && o.attempt == a ensures o == p {
    var q :| q in t.rooms && o in t.rooms[q].ended;
    assert RoomOk(s, q);
  }
}
lemma Won(s: State, at: nat, u: nat, d: nat, r: nat, named: Option<nat>, a: nat)
  requires Inv(s) && Sound(s)
  requires Step(s, at, Ask(UserOn(u, d), AcceptCall(r, named))).answer == AcceptedAnswer(a)
  ensures WonBy(Step(s, at, Ask(UserOn(u, d), AcceptCall(r, named))).state, a, u, d)
{
  ElapseOk(s, at);
  var e := Elapse(s, at).state;
  if a in e.live {
    FreshAccept(e, u, d, r, named, a);
    ClosedOk(e, u, d, r, a);
  } else {
    MeansOk(e, r, u, named);
    var p := Means(e, r, u, named).past;
    RecordOfOk(e.rooms[r].ended, u);
    assert Remembered(e, p);
    assert RoomOk(e, r);
  }
}
lemma StaysWon(s: State, at: nat, i: Input, a: nat, u: nat, d: nat)
  requires Inv(s) && Sound(s) && WonBy(s, a, u, d)
  ensures WonBy(Step(s, at, i).state, a, u, d)
{
  StepOk(s, at, i);
  var t := Step(s, at, i).state;
  forall p | Remembered(t, p) && p.attempt == a ensures Remembered(s, p) {
    var r :| r in t.rooms && p in t.rooms[r].ended;
    assert r in s.rooms && p in s.rooms[r].ended;
  }
}
// Nobody else's accept of it is answered with success.
lemma NobodyElseWins(s: State, at: nat, a: nat, u: nat, d: nat, v: nat, e: nat, r: nat, named: Option<nat>)
  requires Inv(s) && Sound(s) && WonBy(s, a, u, d)
  requires Step(s, at, Ask(UserOn(v, e), AcceptCall(r, named))).answer == AcceptedAnswer(a)
  ensures v == u && e == d
{
  StaysWon(s, at, Tick, a, u, d);
  AcceptedBy(s, at, v, e, r, named, a);
}

// T-08: a tick before an input, at or before its time, changes nothing.
lemma ExpireTwice(s: State, t: nat, u: nat)
  requires Sound(s) && t <= u
  ensures Sound(Expire(s, t).state)
  ensures var d := Expire(s, t); var e := Expire(d.state, u);
          Expire(s, u) == Did(e.state, d.effects + e.effects)
  decreases |Due(s.live, t)|
{
  var due := Due(s.live, t);
  var d := Expire(s, t);
  if due == {} { assert d.effects + Expire(s, u).effects == Expire(s, u).effects; }
  else {
    var a := First(s.live, due);
    var later := Due(s.live, u);
    assert a in later;
    forall b | b in later ensures NotAfter(s.live, a, b) { if b !in due { assert !HasDeadline(s.live[b], t); } }
    assert First(s.live, later) == a;
    var first := Close(s, a, TimedOut, E04);
    assert Due(first.state.live, t) == due - {a};
    assert Due(first.state.live, u) == later - {a};
    ExpireTwice(first.state, t, u);
    var rest := Expire(first.state, t);
    var last := Expire(rest.state, u);
    assert first.effects + (rest.effects + last.effects) == (first.effects + rest.effects) + last.effects;
  }
}
lemma TicksSubdivide(s: State, t: nat, at: nat, i: Input)
  requires Sound(s) && t <= at
  ensures Sound(Step(s, t, Tick).state)
  ensures var o := Step(s, t, Tick); var p := Step(o.state, at, i); var q := Step(s, at, i);
          q.state == p.state && q.answer == p.answer && q.effects == o.effects + p.effects
{
  var d := Elapse(s, t);
  var c := Clock(s, t);
  assert Clock(d.state, at) == Clock(s, at) >= c;
  ExpireTwice(s, c, Clock(s, at));
  LaterNow(Expire(s, c).state, c, Clock(s, at));
  var e := Elapse(d.state, at);
  assert Elapse(s, at) == Did(e.state, d.effects + e.effects);
  var q := Step(s, at, i);
  var p := Step(d.state, at, i);
  if i.Ask? && Refusal(e.state, i.asker, i.command).None? {
    var g := Grant(e.state, i.asker, i.command);
    assert (d.effects + e.effects) + g.effects == d.effects + (e.effects + g.effects);
  } else if !i.Tick? && !i.Ask? && Ignoring(e.state, i).None? {
    var f := Fact(e.state, i);
    assert (d.effects + e.effects) + f.effects == d.effects + (e.effects + f.effects);
  }
}
// What the clock ends does not depend on what the clock showed before.
lemma LaterNow(s: State, n: nat, u: nat)
  requires Sound(s)
  ensures Sound(s.(now := n))
  ensures var e := Expire(s, u); Expire(s.(now := n), u) == Did(e.state.(now := n), e.effects)
  decreases |Due(s.live, u)|
{
  var due := Due(s.live, u);
  if due != {} {
    var a := First(s.live, due);
    var first := Close(s, a, TimedOut, E04);
    assert Due(first.state.live, u) == due - {a};
    assert Close(s.(now := n), a, TimedOut, E04) == Did(first.state.(now := n), first.effects);
    LaterNow(first.state, n, u);
  }
}
