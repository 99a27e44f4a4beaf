// What holds of every state (INV), what every part of a step keeps, and how parts join.
include "Calls.dfy"

predicate OneEach(ps: seq<Past>) { forall i, j :: 0 <= i < j < |ps| ==> ps[i].callee != ps[j].callee }

// A live attempt: INV-02 (nobody rings where they are), INV-03 (the clock is before every deadline).
predicate LiveOk(s: State, a: nat)
  requires a in s.live
{
  RingsRight(s, a, s.live[a])
}
predicate RingsRight(s: State, a: nat, c: Attempt)
{
  && 1 <= a <= s.made
  && c.room in s.rooms
  && c.caller != c.callee
  && (c.deadline.Some? ==> s.now < c.deadline.value)
  && c.callee !in s.rooms[c.room].inside
  && (s.policy.inOtherRoom == Reject ==> forall r :: r in s.rooms ==> c.callee !in s.rooms[r].inside)
}

// A list of attempts that ended.
predicate PastOk(s: State, ps: seq<Past>, most: nat)
{
  OneEach(ps) && |ps| <= most && forall p :: p in ps ==> 1 <= p.attempt <= s.made && p.attempt !in s.live
}

// An open room: INV-05 (bounds hold), and at most one record a callee (INV-01, C-07).
predicate RoomOk(s: State, r: nat)
  requires r in s.rooms
{
  StandsRight(s, r, s.rooms[r])
}
predicate StandsRight(s: State, r: nat, room: Room)
{
  && PastOk(s, room.kept, s.limits.keptPerRoom)
  && PastOk(s, room.ended, s.limits.endedPerRoom)
  && (forall p :: p in room.kept ==> IsKept(p.ending) && p.callee !in room.inside)
  && (forall a, p :: a in s.live && s.live[a].room == r && p in room.kept ==> p.callee != s.live[a].callee)
  && (room.owner.Some? ==> room.owner.value !in room.admins)
  && |room.inside| <= s.limits.participantsPerRoom
  && |room.admins| <= s.limits.adminsPerRoom
  && |LiveIn(s, r)| <= s.limits.liveCallsPerRoom
}

// INV-01, C-07: the single active call.
predicate Single(s: State)
{
  forall a, b :: a in s.live && b in s.live && a != b && s.live[a].callee == s.live[b].callee
    ==> s.policy.activeCalls == PerRoom && s.live[a].room != s.live[b].room
}

// T-01: of one attempt one ending is remembered.
predicate Remembered(s: State, p: Past) { exists r :: r in s.rooms && p in s.rooms[r].ended }
predicate Unique(s: State)
{
  forall p, q :: Remembered(s, p) && Remembered(s, q) && p.attempt == q.attempt ==> p == q
}
lemma StillUnique(s: State, t: State)
  requires Unique(s)
  requires forall r :: r in t.rooms ==>
             if r in s.rooms then t.rooms[r].ended == s.rooms[r].ended else t.rooms[r].ended == []
  ensures Unique(t)
{
  forall p | Remembered(t, p) ensures Remembered(s, p) {
    var r :| r in t.rooms && p in t.rooms[r].ended;
    assert r in s.rooms && p in s.rooms[r].ended;
  }
}

predicate Inv(s: State)
{
  && s.now <= EndOfTime()
  && |s.rooms| <= s.limits.rooms
  && |s.live| <= s.limits.liveCalls
  && (forall a :: a in s.live ==> LiveOk(s, a))
  && (forall r :: r in s.rooms ==> RoomOk(s, r))
  && Single(s)
  && Unique(s)
}

// How often effects tell user `u`, as the callee of attempt `a`, to ring, or anything else.
function Addressee(to: To): Option<nat> { if to.ToRoom? then None else Some(to.user) }
predicate IsTold(e: Effect, a: nat, u: nat, ring: bool)
{
  Addressee(e.to) == Some(u) && e.event.callee == u && e.event.attempt == a && e.event.kind.Received? == ring
}
function Told(es: seq<Effect>, a: nat, u: nat, ring: bool): nat
{
  if es == [] then 0 else (if IsTold(es[0], a, u, ring) then 1 else 0) + Told(es[1..], a, u, ring)
}
lemma ToldAdd(xs: seq<Effect>, ys: seq<Effect>, a: nat, u: nat, ring: bool)
  ensures Told(xs + ys, a, u, ring) == Told(xs, a, u, ring) + Told(ys, a, u, ring)
{
  if xs == [] { assert xs + ys == ys; }
  else { assert (xs + ys)[1..] == xs[1..] + ys; ToldAdd(xs[1..], ys, a, u, ring); }
}

lemma ToldOne(e: Effect, a: nat, u: nat, ring: bool)
  ensures Told([e], a, u, ring) == (if IsTold(e, a, u, ring) then 1 else 0)
{
  assert [e][1..] == [];
}

// Whether attempt `a` rings for `u`.
function RingsFor(s: State, a: nat, u: nat): int { if a in s.live && s.live[a].callee == u then 1 else 0 }

// What every part of a step, from `s`, keeps. In words: the invariant; settings; numbers grow; a live
// attempt was live before, just so (T-05), or is new (C-06); everyone is told to ring and told to stop
// just as attempts begin and end to ring (E-17); a remembered ending was remembered before, or is of an
// attempt that was live or did not exist.
predicate Changed(s: State, t: State)
{
  && Inv(t) && t.policy == s.policy && t.limits == s.limits && t.made >= s.made && t.now >= s.now
  && (forall a :: a in t.live ==> if a in s.live then t.live[a] == s.live[a] else a > s.made)
  && (forall r, p :: r in t.rooms && p in t.rooms[r].ended ==>
        (r in s.rooms && p in s.rooms[r].ended) || p.attempt in s.live || p.attempt > s.made)
}
predicate ToldOnce(s: State, t: State, es: seq<Effect>, a: nat, u: nat)
{
  && Told(es, a, u, true) == (if a !in s.live && a in t.live then RingsFor(t, a, u) else 0)
  && Told(es, a, u, false) == (if a in s.live && a !in t.live then RingsFor(s, a, u) else 0)
}
predicate ToldRight(s: State, t: State, es: seq<Effect>) { forall a: nat, u: nat :: ToldOnce(s, t, es, a, u) }
predicate Lawful(s: State, d: Did) { Changed(s, d.state) && ToldRight(s, d.state, d.effects) }

// Parts join, if the second does not end what the first made: in a step that never happens.
lemma Joined(s: State, d: Did, e: Did)
  requires Inv(s) && Lawful(s, d) && Lawful(d.state, e)
  requires forall a :: a in d.state.live && a !in s.live ==> a in e.state.live
  ensures Lawful(s, Did(e.state, d.effects + e.effects))
{
  var es := d.effects + e.effects;
  forall a: nat, u: nat ensures ToldOnce(s, e.state, es, a, u) {
    ToldAdd(d.effects, e.effects, a, u, true);
    ToldAdd(d.effects, e.effects, a, u, false);
    assert ToldOnce(s, d.state, d.effects, a, u) && ToldOnce(d.state, e.state, e.effects, a, u);
    if a in s.live { assert LiveOk(s, a); }
  }
}

lemma Idle(s: State)
  requires Inv(s)
  ensures Lawful(s, Did(s, []))
{
  Quiet(s, s);
}
// A change of state that neither begins nor ends an attempt has nobody told.
lemma Quiet(s: State, t: State)
  requires s.live == t.live
  ensures ToldRight(s, t, [])
{
}

// The same effects, where only what else there is of the state differs.
lemma Same(s: State, t: State, u: State, es: seq<Effect>)
  requires ToldRight(s, t, es) && t.live == u.live
  ensures ToldRight(s, u, es)
{
  forall a: nat, v: nat ensures ToldOnce(s, u, es, a, v) { assert ToldOnce(s, t, es, a, v); }
}

lemma InvSound(s: State)
  requires Inv(s)
  ensures Sound(s)
{
  forall a | a in s.live ensures s.live[a].room in s.rooms { assert LiveOk(s, a); }
}

// Smaller sets have fewer elements.
lemma Fewer(xs: set<nat>, ys: set<nat>)
  requires xs <= ys
  ensures |xs| <= |ys|
  decreases |xs|
{
  if xs != {} { var x :| x in xs; Fewer(xs - {x}, ys - {x}); }
}

// Lists of one entry a callee.
lemma OthersOk(ps: seq<Past>, u: nat)
  requires OneEach(ps)
  ensures OneEach(Others(ps, u)) && |Others(ps, u)| <= |ps|
  ensures forall p :: p in Others(ps, u) <==> p in ps && p.callee != u
  decreases |ps|
{
  if ps != [] {
    OthersOk(ps[1..], u);
    assert ps == [ps[0]] + ps[1..];
    if ps[0].callee != u {
      forall p | p in Others(ps[1..], u) ensures p.callee != ps[0].callee {
        var i :| 0 <= i < |ps[1..]| && ps[1..][i] == p;
        assert ps[1..][i] == ps[i + 1];
      }
    }
  }
}
lemma AddOk(ps: seq<Past>, p: Past, most: nat)
  requires OneEach(ps)
  ensures OneEach(Add(ps, p, most)) && |Add(ps, p, most)| <= most
  ensures forall q :: q in Add(ps, p, most) ==> q == p || (q in ps && q.callee != p.callee)
{
  OthersOk(ps, p.callee);
  var all := Others(ps, p.callee) + [p];
  if |all| > most { assert forall q :: q in all[|all| - most..] ==> q in all; }
}
lemma RecordOfOk(ps: seq<Past>, u: nat)
  ensures RecordOf(ps, u).Some? ==> RecordOf(ps, u).value in ps && RecordOf(ps, u).value.callee == u
  ensures RecordOf(ps, u).None? ==> forall p :: p in ps ==> p.callee != u
  decreases |ps|
{
  if ps != [] && ps[0].callee != u { RecordOfOk(ps[1..], u); assert ps == [ps[0]] + ps[1..]; }
}
