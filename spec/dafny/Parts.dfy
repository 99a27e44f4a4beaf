// Every part of a step is lawful.
include "Inv.dfy"

// What is told at one ending: the callee once, nobody else as the callee.
lemma TellOk(p: Policy, a: nat, c: Attempt, e: Ending, why: Rule, b: nat, u: nat)
  requires c.caller != c.callee
  ensures Told(TellCallee(a, c, e, why), b, u, true) == 0
  ensures Told(TellCallee(a, c, e, why), b, u, false) == (if a == b && c.callee == u then 1 else 0)
  ensures forall ring :: Told(TellCaller(p, a, c, e, why), b, u, ring) == 0
  ensures forall ring :: Told(TellRoom(a, c, e, why), b, u, ring) == 0
{
  var x := TellCallee(a, c, e, why);
  assert |x| == 1 && x[1..] == [];
  var y := TellCaller(p, a, c, e, why);
  assert y == [] || (|y| == 1 && y[1..] == []);
  var z := TellRoom(a, c, e, why);
  assert |z| == 1 && z[1..] == [];
}
lemma TellEvictedOk(r: nat, ps: seq<Past>, p: Past, most: nat, b: nat, u: nat, ring: bool)
  ensures Told(TellEvicted(r, ps, p, most), b, u, ring) == 0
{
  var z := TellEvicted(r, ps, p, most);
  assert z == [] || (|z| == 1 && z[1..] == []);
}

lemma SettleUnique(s: State, t: State, r: nat, p: Past)
  requires r in s.rooms && OneEach(s.rooms[r].ended) && Unique(s)
  requires forall q, o :: q in s.rooms && o in s.rooms[q].ended ==> o.attempt != p.attempt
  requires t == s.(rooms := s.rooms[r := Settled(s.rooms[r], s.limits, p)])
  ensures Unique(t)
{
  AddOk(s.rooms[r].ended, p, s.limits.endedPerRoom);
  forall o | Remembered(t, o) ensures o == p || (Remembered(s, o) && o.attempt != p.attempt) {
    var q :| q in t.rooms && o in t.rooms[q].ended;
    assert q in s.rooms;
    assert o == p || o in s.rooms[q].ended;
  }
}

lemma SettleKeeps(s: State, t: State, r: nat, p: Past)
  requires Inv(s) && r in s.rooms && 1 <= p.attempt <= s.made && p.attempt !in s.live
  requires IsKept(p.ending) ==> p.callee !in s.rooms[r].inside
  requires IsKept(p.ending) ==> forall a :: a in s.live && s.live[a].room == r ==> s.live[a].callee != p.callee
  requires forall q, o :: q in s.rooms && o in s.rooms[q].ended ==> o.attempt != p.attempt
  requires t == s.(rooms := s.rooms[r := Settled(s.rooms[r], s.limits, p)])
  ensures Inv(t)
{
  SettleUnique(s, t, r, p);
  AddOk(s.rooms[r].ended, p, s.limits.endedPerRoom);
  AddOk(s.rooms[r].kept, p, s.limits.keptPerRoom);
  assert t.rooms.Keys == s.rooms.Keys;
  assert |t.rooms| == |t.rooms.Keys|;
  assert |s.rooms| == |s.rooms.Keys|;
  forall a | a in t.live ensures LiveOk(t, a) { assert LiveOk(s, a); }
  forall q | q in t.rooms ensures RoomOk(t, q) { assert RoomOk(s, q); assert LiveIn(t, q) == LiveIn(s, q); }
}

// Fewer live attempts.
lemma LessKeeps(s: State, a: nat, t: State)
  requires Inv(s) && t == s.(live := Without(s.live, a))
  ensures Inv(t)
{
  assert t.live.Keys <= s.live.Keys;
  Fewer(t.live.Keys, s.live.Keys);
  assert |t.live| == |t.live.Keys| && |s.live| == |s.live.Keys|;
  StillUnique(s, t);
  forall b | b in t.live ensures LiveOk(t, b) { assert LiveOk(s, b); }
  forall q | q in t.rooms ensures RoomOk(t, q) { assert RoomOk(s, q); Fewer(LiveIn(t, q), LiveIn(s, q)); }
}

lemma CloseOk(s: State, a: nat, e: Ending, why: Rule)
  requires Inv(s) && Sound(s) && a in s.live
  ensures Lawful(s, Close(s, a, e, why))
{
  var c := s.live[a];
  assert LiveOk(s, a);
  var less := s.(live := Without(s.live, a));
  LessKeeps(s, a, less);
  var p := Past(a, c.caller, c.callee, e);
  var d := Close(s, a, e, why);
  forall q, o | q in s.rooms && o in s.rooms[q].ended ensures o.attempt != a { assert RoomOk(s, q); }
  SettleKeeps(less, d.state, c.room, p);
  AddOk(s.rooms[c.room].ended, p, s.limits.endedPerRoom);
  var callee := TellCallee(a, c, e, why);
  var caller := TellCaller(s.policy, a, c, e, why);
  var room := TellRoom(a, c, e, why);
  var last := Settle(less, a, c, e).effects;
  assert d.effects == ((callee + caller) + room) + last;
  forall b: nat, u: nat ensures ToldOnce(s, d.state, d.effects, b, u) {
    TellOk(s.policy, a, c, e, why, b, u);
    forall ring ensures Told(d.effects, b, u, ring) == Told(callee, b, u, ring) {
      ToldAdd(callee, caller, b, u, ring);
      ToldAdd(callee + caller, room, b, u, ring);
      ToldAdd((callee + caller) + room, last, b, u, ring);
      TellEvictedOk(c.room, less.rooms[c.room].kept, p, s.limits.keptPerRoom, b, u, ring);
    }
  }
}

lemma CloseAllOk(s: State, xs: seq<nat>, cause: Cause)
  requires Inv(s) && Sound(s) && IsRising(xs) && forall a :: a in xs ==> a in s.live
  ensures Lawful(s, CloseAll(s, xs, cause))
  ensures forall a :: a in CloseAll(s, xs, cause).state.live <==> a in s.live && a !in xs
  ensures CloseAll(s, xs, cause).state.made == s.made && CloseAll(s, xs, cause).state.now == s.now
  decreases |xs|
{
  CloseAllLeaves(s, xs, cause);
  if xs == [] { Idle(s); }
  else {
    var e := EndingBy(cause, s.live[xs[0]]);
    CloseOk(s, xs[0], e.0, e.1);
    var first := Close(s, xs[0], e.0, e.1);
    CloseAllOk(first.state, xs[1..], cause);
    Joined(s, first, CloseAll(first.state, xs[1..], cause));
  }
}

// What is due is over, all else is as it was.
lemma ExpireLeaves(s: State, t: nat)
  requires Sound(s)
  ensures var e := Expire(s, t).state;
          && e.made == s.made && e.now == s.now
          && forall a :: a in e.live <==> a in s.live && a !in Due(s.live, t)
  decreases |Due(s.live, t)|
{
  var due := Due(s.live, t);
  if due != {} {
    var a := First(s.live, due);
    var first := Close(s, a, TimedOut, E04);
    assert Due(first.state.live, t) == due - {a};
    ExpireLeaves(first.state, t);
  }
}
lemma ExpireOk(s: State, t: nat)
  requires Inv(s) && Sound(s)
  ensures Lawful(s, Expire(s, t))
  decreases |Due(s.live, t)|
{
  var due := Due(s.live, t);
  if due == {} { Idle(s); }
  else {
    var a := First(s.live, due);
    CloseOk(s, a, TimedOut, E04);
    var first := Close(s, a, TimedOut, E04);
    assert Due(first.state.live, t) == due - {a};
    ExpireOk(first.state, t);
    Joined(s, first, Expire(first.state, t));
  }
}

// T-03, T-04, INV-03: after the clock nothing live is due.
lemma LaterKeeps(s: State, t: nat)
  requires Inv(s) && s.now <= t <= EndOfTime() && Due(s.live, t) == {}
  ensures Inv(s.(now := t))
{
  var later := s.(now := t);
  StillUnique(s, later);
  forall a | a in later.live ensures LiveOk(later, a) {
    assert LiveOk(s, a);
    assert a !in Due(s.live, t);
  }
  forall r | r in later.rooms ensures RoomOk(later, r) {
    assert RoomOk(s, r);
    assert LiveIn(later, r) == LiveIn(s, r);
  }
}
lemma LaterLawful(s: State, d: Did, t: nat)
  requires Inv(s) && Lawful(s, d) && d.state.now <= t <= EndOfTime() && Due(d.state.live, t) == {}
  ensures Lawful(s, Did(d.state.(now := t), d.effects))
{
  LaterKeeps(d.state, t);
  Same(s, d.state, d.state.(now := t), d.effects);
}
lemma ElapseOk(s: State, at: nat)
  requires Inv(s) && Sound(s)
  ensures Lawful(s, Elapse(s, at)) && Elapse(s, at).state.now == Clock(s, at) && Elapse(s, at).state.made == s.made
  ensures forall a :: a in Elapse(s, at).state.live <==> a in s.live && a !in Due(s.live, Clock(s, at))
{
  var t := Clock(s, at);
  ExpireOk(s, t);
  ExpireLeaves(s, t);
  LaterLawful(s, Expire(s, t), t);
}
