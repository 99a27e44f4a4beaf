// Calls, withdrawals and answers are lawful, and so is every step.
include "Inputs.dfy"

// C-10: the kept record goes, the number is taken (C-06), and nothing is said yet.
function NextNumber(s: State, r: nat, u: nat): State
  requires r in s.rooms
{
  s.(made := s.made + 1, rooms := s.rooms[r := s.rooms[r].(kept := Others(s.rooms[r].kept, u))])
}
lemma NextNumberOk(s: State, r: nat, u: nat)
  requires Inv(s) && r in s.rooms
  ensures Lawful(s, Did(NextNumber(s, r, u), []))
{
  var t := NextNumber(s, r, u);
  assert t.rooms.Keys == s.rooms.Keys;
  assert |t.rooms| == |t.rooms.Keys| && |s.rooms| == |s.rooms.Keys|;
  assert RoomOk(s, r);
  OthersOk(s.rooms[r].kept, u);
  StillUnique(s, t);
  forall a | a in t.live ensures LiveOk(t, a) { assert LiveOk(s, a); }
  forall q | q in t.rooms ensures RoomOk(t, q) { assert RoomOk(s, q); assert LiveIn(t, q) == LiveIn(s, q); }
  Quiet(s, t);
}

// What a call needs, and what it leaves for the next of the batch.
predicate MayRing(s: State, r: nat, caller: nat, many: nat)
{
  && r in s.rooms && caller in s.rooms[r].inside
  && (many > 0 ==> |LiveIn(s, r)| + many <= s.limits.liveCallsPerRoom && |s.live| + many <= s.limits.liveCalls)
}
predicate Rung(s: State, t: State, r: nat)
{
  && r in s.rooms && r in t.rooms && t.made == s.made + 1 && t.now == s.now
  && (forall q :: q in t.rooms <==> q in s.rooms)
  && (forall q :: q in s.rooms ==> t.rooms[q].inside == s.rooms[q].inside)
  && (forall a :: a in s.live ==> a in t.live)
  && |t.live| <= |s.live| + 1 && |LiveIn(t, r)| <= |LiveIn(s, r)| + 1
}

lemma AtOnceOk(s: State, r: nat, u: nat, caller: nat, device: nat, timeout: nat, extension: nat)
  requires Inv(s) && MayRing(s, r, caller, 1) && ResultOf(s, r, u) == Success
  requires s.policy.inOtherRoom == Reject && IsElsewhere(s, r, u)
  ensures var d := RingOne(s, r, u, caller, device, timeout, extension); Lawful(s, d) && Rung(s, d.state, r)
{
  var t := NextNumber(s, r, u);
  NextNumberOk(s, r, u);
  var d := RingOne(s, r, u, caller, device, timeout, extension);
  var a := s.made + 1;
  var length := if timeout == 0 then None else Some(s.now + 1000 * timeout);
  var c := Attempt(r, caller, device, u, length, extension);
  var p := Past(a, caller, u, InOther);
  assert a !in s.live by { if a in s.live { assert LiveOk(s, a); } }
  OthersOk(s.rooms[r].kept, u);
  AddOk(t.rooms[r].ended, p, s.limits.endedPerRoom);
  forall q, o | q in t.rooms && o in t.rooms[q].ended ensures o.attempt != a { assert RoomOk(s, q); }
  SettleKeeps(t, d.state, r, p);
  var ended := Settle(t, a, c, InOther);
  var told := TellCaller(s.policy, a, c, InOther, C08);
  var room := TellRoom(a, c, InOther, C08);
  assert d.effects == (told + room) + ended.effects;
  assert LiveIn(d.state, r) == LiveIn(s, r);
  forall b: nat, v: nat ensures ToldOnce(s, d.state, d.effects, b, v) {
    TellOk(s.policy, a, c, InOther, C08, b, v);
    TellEvictedOk(r, t.rooms[r].kept, p, s.limits.keptPerRoom, b, v, true);
    TellEvictedOk(r, t.rooms[r].kept, p, s.limits.keptPerRoom, b, v, false);
    ToldAdd(told, room, b, v, true); ToldAdd(told + room, ended.effects, b, v, true);
    ToldAdd(told, room, b, v, false); ToldAdd(told + room, ended.effects, b, v, false);
  }
}

lemma TellRingOk(a: nat, c: Attempt, left: Option<nat>, again: bool, b: nat, u: nat)
  ensures Told(TellRing(a, c, left, again), b, u, true) == (if a == b && c.callee == u then 1 else 0)
  ensures Told(TellRing(a, c, left, again), b, u, false) == 0
{
  var z := TellRing(a, c, left, again);
  assert z == [z[0]] + [z[1]];
  ToldAdd([z[0]], [z[1]], b, u, true); ToldOne(z[0], b, u, true); ToldOne(z[1], b, u, true);
  ToldAdd([z[0]], [z[1]], b, u, false); ToldOne(z[0], b, u, false); ToldOne(z[1], b, u, false);
}

// A new live attempt, in a state that has no record for its callee in its room.
lemma MoreKeeps(s: State, t: State, c: Attempt)
  requires Inv(s) && s.made !in s.live && c.room in s.rooms && ResultOf(s, c.room, c.callee) == Success && s.made > 0
  requires t == s.(live := s.live[s.made := c]) && c.caller != c.callee
  requires c.deadline.Some? ==> s.now < c.deadline.value
  requires s.policy.inOtherRoom == Reject ==> !IsElsewhere(s, c.room, c.callee)
  requires |LiveIn(s, c.room)| < s.limits.liveCallsPerRoom && |s.live| < s.limits.liveCalls
  requires forall p :: p in s.rooms[c.room].kept ==> p.callee != c.callee
  requires forall q, p :: q in s.rooms && (p in s.rooms[q].kept || p in s.rooms[q].ended) ==> p.attempt != s.made
  ensures Inv(t) && |t.live| == |s.live| + 1 && |LiveIn(t, c.room)| == |LiveIn(s, c.room)| + 1
{
  assert t.live.Keys == s.live.Keys + {s.made};
  assert |t.live| == |t.live.Keys| && |s.live| == |s.live.Keys|;
  assert LiveIn(t, c.room) == LiveIn(s, c.room) + {s.made};
  StillUnique(s, t);
  forall a | a in t.live ensures LiveOk(t, a) { if a != s.made { assert LiveOk(s, a); } }
  forall q | q in t.rooms ensures RoomOk(t, q) {
    assert RoomOk(s, q);
    if q != c.room { assert LiveIn(t, q) == LiveIn(s, q); }
  }
}

lemma RingsOk(s: State, r: nat, u: nat, caller: nat, device: nat, timeout: nat, extension: nat)
  requires Inv(s) && MayRing(s, r, caller, 1) && ResultOf(s, r, u) == Success
  requires !(s.policy.inOtherRoom == Reject && IsElsewhere(s, r, u))
  ensures var d := RingOne(s, r, u, caller, device, timeout, extension); Lawful(s, d) && Rung(s, d.state, r)
{
  var t := NextNumber(s, r, u);
  NextNumberOk(s, r, u);
  var d := RingOne(s, r, u, caller, device, timeout, extension);
  var a := s.made + 1;
  var deadline := if timeout == 0 then None else Some(s.now + 1000 * timeout);
  var length := if timeout == 0 then None else Some(1000 * timeout);
  var c := Attempt(r, caller, device, u, deadline, extension);
  assert a !in s.live by { if a in s.live { assert LiveOk(s, a); } }
  OthersOk(s.rooms[r].kept, u);
  forall q, p | q in t.rooms && (p in t.rooms[q].kept || p in t.rooms[q].ended) ensures p.attempt != a {
    assert RoomOk(s, q);
  }
  assert LiveIn(t, r) == LiveIn(s, r);
  assert forall q :: q in s.rooms ==> q in t.rooms && t.rooms[q].inside == s.rooms[q].inside;
  assert ResultOf(t, r, u) == Success;
  MoreKeeps(t, d.state, c);
  assert d.effects == TellRing(a, c, length, RecordOf(s.rooms[r].kept, u).Some?);
  forall b: nat, v: nat ensures ToldOnce(s, d.state, d.effects, b, v) {
    TellRingOk(a, c, length, RecordOf(s.rooms[r].kept, u).Some?, b, v);
  }
}

lemma RingOneOk(s: State, r: nat, u: nat, caller: nat, device: nat, timeout: nat, extension: nat)
  requires Inv(s) && MayRing(s, r, caller, 1) && ResultOf(s, r, u) == Success
  ensures var d := RingOne(s, r, u, caller, device, timeout, extension); Lawful(s, d) && Rung(s, d.state, r)
{
  if s.policy.inOtherRoom == Reject && IsElsewhere(s, r, u) { AtOnceOk(s, r, u, caller, device, timeout, extension); }
  else { RingsOk(s, r, u, caller, device, timeout, extension); }
}

// E-15, C-13: ringing one callee changes no other callee's result.
lemma OthersResult(s: State, r: nat, u: nat, caller: nat, device: nat, timeout: nat, extension: nat, v: nat)
  requires Inv(s) && MayRing(s, r, caller, 1) && ResultOf(s, r, u) == Success && u != v
  ensures var t := RingOne(s, r, u, caller, device, timeout, extension).state;
          r in t.rooms && ResultOf(t, r, v) == ResultOf(s, r, v)
{
  RingOneOk(s, r, u, caller, device, timeout, extension);
  var t := RingOne(s, r, u, caller, device, timeout, extension).state;
  assert forall a :: a in t.live && t.live[a].callee == v ==> a in s.live && s.live[a] == t.live[a];
  assert forall a :: a in s.live ==> a in t.live && s.live[a] == t.live[a];
}

lemma OthersSuccesses(s: State, t: State, r: nat, us: seq<nat>)
  requires r in s.rooms && r in t.rooms && forall v :: v in us ==> ResultOf(t, r, v) == ResultOf(s, r, v)
  ensures Successes(t, r, us) == Successes(s, r, us)
  decreases |us|
{
  if us != [] { OthersSuccesses(s, t, r, us[1..]); }
}

lemma RingAllOk(s: State, r: nat, us: seq<nat>, caller: nat, device: nat, timeout: nat, extension: nat)
  requires Inv(s) && r in s.rooms && MayRing(s, r, caller, Successes(s, r, us))
  requires forall i, j :: 0 <= i < j < |us| ==> us[i] != us[j]
  ensures var d := RingAll(s, r, us, caller, device, timeout, extension);
          Lawful(s, d) && d.state.made == s.made + Successes(s, r, us) && d.state.now == s.now
          && forall a :: a in s.live ==> a in d.state.live
  decreases |us|
{
  if us == [] { Idle(s); }
  else if ResultOf(s, r, us[0]) != Success { RingAllOk(s, r, us[1..], caller, device, timeout, extension); }
  else {
    RingOneOk(s, r, us[0], caller, device, timeout, extension);
    var first := RingOne(s, r, us[0], caller, device, timeout, extension);
    forall v | v in us[1..] ensures ResultOf(first.state, r, v) == ResultOf(s, r, v) {
      OthersResult(s, r, us[0], caller, device, timeout, extension, v);
    }
    OthersSuccesses(s, first.state, r, us[1..]);
    RingAllOk(first.state, r, us[1..], caller, device, timeout, extension);
    Joined(s, first, RingAll(first.state, r, us[1..], caller, device, timeout, extension));
  }
}

lemma GrantOk(s: State, who: Actor, c: Command)
  requires Inv(s) && Sound(s) && Refusal(s, who, c).None?
  ensures var g := Grant(s, who, c); Lawful(s, Did(g.state, g.effects)) && g.state.now == s.now
{
  match c {
    case CallUsers(r, us, timeout, extension) =>
      DistinctOk(us);
      RingAllOk(s, r, Distinct(us), who.user, who.device, timeout, extension);
    case CancelUsers(r, us) =>
      var ends := Withdrawn(s, r, us, Some(who.user));
      RisingOk(ends);
      CloseAllOk(s, Rising(ends), ByCancel(who.device));
    case RevokeUsers(r, us) =>
      var ends := Withdrawn(s, r, us, None);
      RisingOk(ends);
      CloseAllOk(s, Rising(ends), ByRevoke(who));
    case AcceptCall(r, named) =>
      var meant := Means(s, r, who.user, named);
      MeansOk(s, r, who.user, named);
      if meant.PastMeant? { Idle(s); } else { CloseOk(s, meant.attempt, Accepted(who.device), E01); }
    case RejectCall(r, named, reason) =>
      var meant := Means(s, r, who.user, named);
      MeansOk(s, r, who.user, named);
      if meant.PastMeant? { Idle(s); } else { CloseOk(s, meant.attempt, Rejected(who.device, reason), E02); }
  }
}

lemma FactOk(s: State, i: Input)
  requires Inv(s) && Sound(s) && !i.Tick? && !i.Ask? && Ignoring(s, i).None?
  ensures Lawful(s, Fact(s, i)) && Fact(s, i).state.now == s.now
{
  match i {
    case Tick => case Ask(_, _) =>
    case RoomOpened(r, owner) => OpenOk(s, r, owner);
    case RoomDissolved(r, who) => DissolveOk(s, r, who);
    case UserEntered(r, u, d) => EnterOk(s, r, u, d);
    case UserLeft(r, u) => LeaveOk(s, r, u);
    case RoleSet(r, u, role) => SetRoleOk(s, r, u, role);
  }
}

// The one lemma from which the laws of a step follow.
lemma StepOk(s: State, at: nat, i: Input)
  requires Inv(s) && Sound(s)
  ensures var o := Step(s, at, i); Lawful(s, Did(o.state, o.effects)) && o.state.now == Clock(s, at)
{
  ElapseOk(s, at);
  var t := Elapse(s, at);
  if i.Tick? {}
  else if i.Ask? {
    if Refusal(t.state, i.asker, i.command).None? {
      GrantOk(t.state, i.asker, i.command);
      var g := Grant(t.state, i.asker, i.command);
      Joined(s, t, Did(g.state, g.effects));
    }
  } else if Ignoring(t.state, i).None? {
    FactOk(t.state, i);
    Joined(s, t, Fact(t.state, i));
  }
}
