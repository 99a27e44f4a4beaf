// A call to several users is calls to each of them (C-13).
include "Answers.dfy"

lemma DistinctSame(us: seq<nat>)
  requires forall i, j :: 0 <= i < j < |us| ==> us[i] != us[j]
  ensures Distinct(us) == us
{
  if us != [] {
    var front := us[..|us| - 1];
    DistinctSame(front);
    assert us == front + [us[|us| - 1]];
    assert us[|us| - 1] !in front;
  }
}

lemma SameResults(s: State, t: State, r: nat, us: seq<nat>)
  requires r in s.rooms && r in t.rooms && forall v :: v in us ==> ResultOf(t, r, v) == ResultOf(s, r, v)
  ensures Results(t, r, us) == Results(s, r, us) && Successes(t, r, us) == Successes(s, r, us)
  decreases |us|
{
  if us != [] { SameResults(s, t, r, us[1..]); }
}

// What the first leaves for the others: their results, and the right to call.
lemma FirstLeaves(s: State, r: nat, us: seq<nat>, caller: nat, device: nat, timeout: nat, extension: nat)
  requires Inv(s) && us != [] && r in s.rooms && MayRing(s, r, caller, Successes(s, r, us))
  requires forall i, j :: 0 <= i < j < |us| ==> us[i] != us[j]
  ensures var t := RingAll(s, r, us[..1], caller, device, timeout, extension).state;
          && r in t.rooms && MayRing(t, r, caller, Successes(t, r, us[1..])) && t.policy == s.policy && t.limits == s.limits
          && RoleOf(t.rooms[r], caller) == RoleOf(s.rooms[r], caller)
          && Results(t, r, us[1..]) == Results(s, r, us[1..])
{
  var u := us[0];
  assert us[..1] == [u] && us[..1][1..] == [];
  if ResultOf(s, r, u) == Success {
    RingOneOk(s, r, u, caller, device, timeout, extension);
    var t := RingOne(s, r, u, caller, device, timeout, extension).state;
    forall v | v in us[1..] ensures ResultOf(t, r, v) == ResultOf(s, r, v) {
      OthersResult(s, r, u, caller, device, timeout, extension, v);
    }
    SameResults(s, t, r, us[1..]);
  }
}

lemma FirstAndRest(s: State, r: nat, us: seq<nat>, caller: nat, device: nat, timeout: nat, extension: nat)
  requires us != [] && r in s.rooms
  requires r in RingAll(s, r, us[..1], caller, device, timeout, extension).state.rooms
  ensures var d := RingAll(s, r, us[..1], caller, device, timeout, extension);
          var e := RingAll(d.state, r, us[1..], caller, device, timeout, extension);
          RingAll(s, r, us, caller, device, timeout, extension) == Did(e.state, d.effects + e.effects)
{
  assert us[..1] == [us[0]] && us[..1][1..] == [];
  if ResultOf(s, r, us[0]) == Success {
    var first := RingOne(s, r, us[0], caller, device, timeout, extension);
    assert RingAll(s, r, us[..1], caller, device, timeout, extension) == Did(first.state, first.effects + []);
    assert first.effects + [] == first.effects;
  } else {
    var e := RingAll(s, r, us[1..], caller, device, timeout, extension);
    assert [] + e.effects == e.effects;
  }
}

// C-13: a call to distinct users that is not refused is a call to the first, and then one to the
// others, neither of them refused: the same state, effects and results. (For a list that names users
// twice, C-03 says which list is meant.)
lemma BatchIsItsSingleCalls(s: State, who: Actor, r: nat, us: seq<nat>, timeout: nat, extension: nat)
  requires Inv(s) && Sound(s) && |us| > 1 && forall i, j :: 0 <= i < j < |us| ==> us[i] != us[j]
  requires Refusal(s, who, CallUsers(r, us, timeout, extension)).None?
  ensures Refusal(s, who, CallUsers(r, us[..1], timeout, extension)).None?
  ensures var all := Grant(s, who, CallUsers(r, us, timeout, extension));
          var one := Grant(s, who, CallUsers(r, us[..1], timeout, extension));
          Sound(one.state) && Refusal(one.state, who, CallUsers(r, us[1..], timeout, extension)).None? &&
          var two := Grant(one.state, who, CallUsers(r, us[1..], timeout, extension));
          && all.state == two.state && all.effects == one.effects + two.effects
          && all.answer.results == one.answer.results + two.answer.results
{
  var rest := us[1..];
  DistinctSame(us); DistinctSame(us[..1]); DistinctSame(rest);
  assert us[..1] == [us[0]] && us[..1][1..] == [];
  assert Successes(s, r, us[..1]) <= Successes(s, r, us);
  var one := RingAll(s, r, us[..1], who.user, who.device, timeout, extension);
  RingAllOk(s, r, us[..1], who.user, who.device, timeout, extension);
  InvSound(one.state);
  FirstLeaves(s, r, us, who.user, who.device, timeout, extension);
  FirstAndRest(s, r, us, who.user, who.device, timeout, extension);
  assert Results(s, r, us) == Results(s, r, us[..1]) + Results(s, r, rest);
}
