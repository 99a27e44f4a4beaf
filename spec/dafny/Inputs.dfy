// Every input is lawful: facts, calls and withdrawals.
include "Parts.dfy"

lemma OpenOk(s: State, r: nat, owner: nat)
  requires Inv(s) && r !in s.rooms && |s.rooms| < s.limits.rooms
  ensures Lawful(s, Did(Open(s, r, owner), []))
{
  var t := Open(s, r, owner);
  assert t.rooms.Keys == s.rooms.Keys + {r};
  assert |t.rooms| == |t.rooms.Keys| && |s.rooms| == |s.rooms.Keys|;
  StillUnique(s, t);
  forall a | a in t.live ensures LiveOk(t, a) { assert LiveOk(s, a); }
  forall q | q in t.rooms ensures RoomOk(t, q) {
    assert LiveIn(t, q) == LiveIn(s, q);
    if q == r {
      forall a | a in s.live ensures s.live[a].room != r { assert LiveOk(s, a); }
      assert LiveIn(t, r) == {};
    } else { assert RoomOk(s, q); }
  }
  Quiet(s, t);
}

lemma SetRoleOk(s: State, r: nat, u: nat, role: Role)
  requires Inv(s) && r in s.rooms
  requires role == Admin ==> |s.rooms[r].admins| < s.limits.adminsPerRoom
  ensures Lawful(s, Did(s.(rooms := s.rooms[r := SetRole(s.rooms[r], u, role)]), []))
{
  var t := s.(rooms := s.rooms[r := SetRole(s.rooms[r], u, role)]);
  assert t.rooms.Keys == s.rooms.Keys;
  assert |t.rooms| == |t.rooms.Keys| && |s.rooms| == |s.rooms.Keys|;
  assert RoomOk(s, r);
  Fewer(s.rooms[r].admins - {u}, s.rooms[r].admins);
  StillUnique(s, t);
  forall a | a in t.live ensures LiveOk(t, a) { assert LiveOk(s, a); }
  forall q | q in t.rooms ensures RoomOk(t, q) { assert RoomOk(s, q); assert LiveIn(t, q) == LiveIn(s, q); }
  Quiet(s, t);
}

// Somebody leaves, and nothing is said yet.
lemma OutsideOk(s: State, r: nat, u: nat)
  requires Inv(s) && r in s.rooms
  ensures Lawful(s, Did(s.(rooms := s.rooms[r := s.rooms[r].(inside := s.rooms[r].inside - {u})]), []))
{
  var t := s.(rooms := s.rooms[r := s.rooms[r].(inside := s.rooms[r].inside - {u})]);
  assert t.rooms.Keys == s.rooms.Keys;
  assert |t.rooms| == |t.rooms.Keys| && |s.rooms| == |s.rooms.Keys|;
  assert RoomOk(s, r);
  Fewer(s.rooms[r].inside - {u}, s.rooms[r].inside);
  StillUnique(s, t);
  forall a | a in t.live ensures LiveOk(t, a) { assert LiveOk(s, a); }
  forall q | q in t.rooms ensures RoomOk(t, q) { assert RoomOk(s, q); assert LiveIn(t, q) == LiveIn(s, q); }
  Quiet(s, t);
}

lemma LeaveOk(s: State, r: nat, u: nat)
  requires Inv(s) && Sound(s) && r in s.rooms
  ensures Lawful(s, Leave(s, r, u)) && Leave(s, r, u).state.now == s.now && Leave(s, r, u).state.made == s.made
{
  OutsideOk(s, r, u);
  var left := s.(rooms := s.rooms[r := s.rooms[r].(inside := s.rooms[r].inside - {u})]);
  var mine := LiveIn(s, r) * LiveBy(s, u);
  RisingOk(mine);
  RisingOk(LiveIn(s, r));
  match s.policy.callerLeft {
    case KeepRinging =>
    case CancelCalls =>
      CloseAllOk(left, Rising(mine), ByLeaving);
      var all := CloseAll(left, Rising(mine), ByLeaving);
      Joined(s, Did(left, []), all);
      assert [] + all.effects == all.effects;
    case CancelIfRoomEmpty =>
      if left.rooms[r].inside == {} {
        CloseAllOk(left, Rising(LiveIn(s, r)), ByEmptyRoom);
        var all := CloseAll(left, Rising(LiveIn(s, r)), ByEmptyRoom);
        Joined(s, Did(left, []), all);
        assert [] + all.effects == all.effects;
      }
  }
}

// Somebody is in a room, once nothing rings for them that must not.
lemma InsideOk(s: State, r: nat, u: nat)
  requires Inv(s) && r in s.rooms && |s.rooms[r].inside| < s.limits.participantsPerRoom
  requires EndedByEntering(s, r, u) == {}
  ensures Lawful(s, Did(Inside(s, r, u), []))
{
  var t := Inside(s, r, u);
  assert t.rooms.Keys == s.rooms.Keys;
  assert |t.rooms| == |t.rooms.Keys| && |s.rooms| == |s.rooms.Keys|;
  assert RoomOk(s, r);
  OthersOk(s.rooms[r].kept, u);
  StillUnique(s, t);
  forall a | a in t.live ensures LiveOk(t, a) {
    assert LiveOk(s, a);
    assert a !in EndedByEntering(s, r, u);
  }
  forall q | q in t.rooms ensures RoomOk(t, q) { assert RoomOk(s, q); assert LiveIn(t, q) == LiveIn(s, q); }
  Quiet(s, t);
}

lemma CloseAllStays(s: State, xs: seq<nat>, cause: Cause, r: nat)
  requires Sound(s) && IsRising(xs) && r in s.rooms && forall a :: a in xs ==> a in s.live
  ensures r in CloseAll(s, xs, cause).state.rooms
  ensures CloseAll(s, xs, cause).state.rooms[r].inside == s.rooms[r].inside
  ensures CloseAll(s, xs, cause).state.policy == s.policy && CloseAll(s, xs, cause).state.limits == s.limits
  decreases |xs|
{
  if xs != [] {
    var e := EndingBy(cause, s.live[xs[0]]);
    CloseAllStays(Close(s, xs[0], e.0, e.1).state, xs[1..], cause, r);
  }
}

lemma GoneOk(s: State, r: nat, p: Past, why: Rule)
  requires Inv(s)
  ensures Lawful(s, Did(s, TellGone(r, p, why)))
{
  var z := TellGone(r, p, why);
  assert |z| == 1 && z[1..] == [];
  forall a: nat, u: nat, ring ensures Told(z, a, u, ring) == 0 {}
}

lemma EnterOk(s: State, r: nat, u: nat, d: nat)
  requires Inv(s) && Sound(s) && r in s.rooms && |s.rooms[r].inside| < s.limits.participantsPerRoom
  ensures Lawful(s, Enter(s, r, u, d)) && Enter(s, r, u, d).state.now == s.now && Enter(s, r, u, d).state.made == s.made
{
  var ends := EndedByEntering(s, r, u);
  var cause := ByEntering(r, d);
  var record := RecordOf(s.rooms[r].kept, u);
  RisingOk(ends);
  if record.None? {
    CloseAllOk(s, Rising(ends), cause);
    CloseAllStays(s, Rising(ends), cause, r);
    var all := CloseAll(s, Rising(ends), cause);
    assert EndedByEntering(all.state, r, u) == {};
    InsideOk(all.state, r, u);
    Joined(s, all, Did(Inside(all.state, r, u), []));
    assert all.effects + [] == all.effects;
  } else {
    var below := set a | a in ends && a < record.value.attempt;
    var above := ends - below;
    RisingOk(below); RisingOk(above);
    CloseAllOk(s, Rising(below), cause);
    CloseAllStays(s, Rising(below), cause, r);
    var first := CloseAll(s, Rising(below), cause);
    var gone := TellGone(r, record.value, K02);
    GoneOk(first.state, r, record.value, K02);
    Joined(s, first, Did(first.state, gone));
    CloseAllOk(first.state, Rising(above), cause);
    CloseAllStays(first.state, Rising(above), cause, r);
    var rest := CloseAll(first.state, Rising(above), cause);
    Joined(s, Did(first.state, first.effects + gone), rest);
    assert EndedByEntering(rest.state, r, u) == {};
    InsideOk(rest.state, r, u);
    var all := Did(rest.state, (first.effects + gone) + rest.effects);
    Joined(s, all, Did(Inside(rest.state, r, u), []));
    assert all.effects + [] == all.effects;
  }
}

lemma TellDissolvedOk(s: State, xs: seq<nat>, who: Actor, b: nat, u: nat)
  requires Inv(s) && IsRising(xs) && forall a :: a in xs ==> a in s.live
  ensures Told(TellDissolved(s, xs, who), b, u, true) == 0
  ensures Told(TellDissolved(s, xs, who), b, u, false) == if b in xs then RingsFor(s, b, u) else 0
  decreases |xs|
{
  if xs != [] {
    var c := s.live[xs[0]];
    assert LiveOk(s, xs[0]);
    TellOk(s.policy, xs[0], c, Revoked(who), F11, b, u);
    TellDissolvedOk(s, xs[1..], who, b, u);
    var callee := TellCallee(xs[0], c, Revoked(who), F11);
    var caller := TellCaller(s.policy, xs[0], c, Revoked(who), F11);
    var rest := TellDissolved(s, xs[1..], who);
    ToldAdd(callee, caller, b, u, true); ToldAdd(callee + caller, rest, b, u, true);
    ToldAdd(callee, caller, b, u, false); ToldAdd(callee + caller, rest, b, u, false);
    if b == xs[0] { assert b !in xs[1..]; } else { assert b in xs <==> b in xs[1..]; }
  }
}

lemma DissolveOk(s: State, r: nat, who: Actor)
  requires Inv(s) && r in s.rooms
  ensures Lawful(s, Dissolve(s, r, who))
{
  var d := Dissolve(s, r, who);
  var t := d.state;
  Fewer(t.rooms.Keys, s.rooms.Keys);
  Fewer(t.live.Keys, s.live.Keys);
  assert |t.rooms| == |t.rooms.Keys| && |s.rooms| == |s.rooms.Keys|;
  assert |t.live| == |t.live.Keys| && |s.live| == |s.live.Keys|;
  StillUnique(s, t);
  forall a | a in t.live ensures LiveOk(t, a) { assert LiveOk(s, a); }
  forall q | q in t.rooms ensures RoomOk(t, q) { assert RoomOk(s, q); Fewer(LiveIn(t, q), LiveIn(s, q)); }
  RisingOk(LiveIn(s, r));
  forall a: nat, u: nat ensures ToldOnce(s, t, d.effects, a, u) {
    TellDissolvedOk(s, Rising(LiveIn(s, r)), who, a, u);
    assert a in Rising(LiveIn(s, r)) <==> a in s.live && a !in t.live;
  }
}
