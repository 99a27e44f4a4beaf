// Facts: what happened already, and is never refused (F).
include "Endings.dfy"

// F-09: participant before any is set.
function method RoleOf(room: Room, u: nat): Role
{
  if room.owner == Some(u) then Owner else if u in room.admins then Admin else Participant
}

function method LiveIn(s: State, r: nat): set<nat> { set a | a in s.live && s.live[a].room == r }
function method LiveFor(s: State, u: nat): set<nat> { set a | a in s.live && s.live[a].callee == u }
function method LiveBy(s: State, u: nat): set<nat> { set a | a in s.live && s.live[a].caller == u }
predicate method IsElsewhere(s: State, r: nat, u: nat) { exists q :: q in s.rooms && q != r && u in s.rooms[q].inside }

// Of several reasons to ignore a fact the first in this order is given (F-01).
function method Ignoring(s: State, i: Input): Option<Rule>
  requires !i.Tick? && !i.Ask?
{
  if i.RoomOpened? then
    if i.room in s.rooms then Some(F03)
    else if |s.rooms| >= s.limits.rooms then Some(L09)
    else None
  else if i.room !in s.rooms then Some(F01)
  else
    var room := s.rooms[i.room];
    if i.UserEntered? && i.user in room.inside then Some(F05)
    else if i.UserEntered? && |room.inside| >= s.limits.participantsPerRoom then Some(L10)
    else if i.UserLeft? && i.user !in room.inside then Some(F06)
    else if i.RoleSet? && RoleOf(room, i.user) == i.role then Some(F10)
    else if i.RoleSet? && i.role == Admin && |room.admins| >= s.limits.adminsPerRoom then Some(L11)
    else None
}

// F-02: a room opens with its owner's role and nothing else.
function method Open(s: State, r: nat, owner: nat): State
{
  s.(rooms := s.rooms[r := Room(Some(owner), {}, {}, [], [])])
}

// F-11: no list events, and then there is no room.
function method TellDissolved(s: State, xs: seq<nat>, who: Actor): seq<Effect>
  requires forall a :: a in xs ==> a in s.live
{
  if xs == [] then []
  else
    var c := s.live[xs[0]];
    TellCallee(xs[0], c, Revoked(who), F11) + TellCaller(s.policy, xs[0], c, Revoked(who), F11)
    + TellDissolved(s, xs[1..], who)
}

function method Dissolve(s: State, r: nat, who: Actor): Did
{
  RisingOk(LiveIn(s, r));
  Did(s.(rooms := map q | q in s.rooms && q != r :: s.rooms[q],
         live := map a | a in s.live && s.live[a].room != r :: s.live[a]),
      TellDissolved(s, Rising(LiveIn(s, r)), who))
}

// F-04: what entering ends. C-09: under `ring` only the attempt for this very room.
function method EndedByEntering(s: State, r: nat, u: nat): set<nat>
{
  set a | a in s.live && s.live[a].callee == u && (s.live[a].room == r || s.policy.inOtherRoom == Reject)
}
function method RecordOf(ps: seq<Past>, u: nat): Option<Past>
{
  if ps == [] then None else if ps[0].callee == u then Some(ps[0]) else RecordOf(ps[1..], u)
}

function method Enter(s: State, r: nat, u: nat, d: nat): Did
  requires Sound(s) && r in s.rooms
{
  var ends := EndedByEntering(s, r, u);
  var cause := ByEntering(r, d);
  var record := RecordOf(s.rooms[r].kept, u);
  RisingOk(ends);
  if record.None? then
    var all := CloseAll(s, Rising(ends), cause);
    Did(Inside(all.state, r, u), all.effects)
  else
    // K-02, and O-01: a record that is removed counts by its attempt.
    var below := set a | a in ends && a < record.value.attempt;
    var above := ends - below;
    RisingOk(below); RisingOk(above);
    var first := CloseAll(s, Rising(below), cause);
    CloseAllLeaves(s, Rising(below), cause);
    var rest := CloseAll(first.state, Rising(above), cause);
    Did(Inside(rest.state, r, u), first.effects + TellGone(r, record.value, K02) + rest.effects)
}

// The user is in the room, and has no kept record there (K-02).
function method Inside(s: State, r: nat, u: nat): State
{
  if r !in s.rooms then s
  else s.(rooms := s.rooms[r := s.rooms[r].(inside := s.rooms[r].inside + {u}, kept := Others(s.rooms[r].kept, u))])
}

lemma CloseAllLeaves(s: State, xs: seq<nat>, cause: Cause)
  requires Sound(s) && IsRising(xs) && forall a :: a in xs ==> a in s.live
  ensures forall a :: a in CloseAll(s, xs, cause).state.live <==> a in s.live && a !in xs
  ensures forall a :: a in CloseAll(s, xs, cause).state.live ==> CloseAll(s, xs, cause).state.live[a] == s.live[a]
  decreases |xs|
{
  if xs != [] {
    var e := EndingBy(cause, s.live[xs[0]]);
    CloseAllLeaves(Close(s, xs[0], e.0, e.1).state, xs[1..], cause);
  }
}

// F-06, then F-07 or F-08.
function method Leave(s: State, r: nat, u: nat): Did
  requires Sound(s) && r in s.rooms
{
  var room := s.rooms[r];
  var left := s.(rooms := s.rooms[r := room.(inside := room.inside - {u})]);
  RisingOk(LiveIn(s, r) * LiveBy(s, u)); RisingOk(LiveIn(s, r));
  match s.policy.callerLeft
  case KeepRinging => Did(left, [])
  case CancelCalls => CloseAll(left, Rising(LiveIn(s, r) * LiveBy(s, u)), ByLeaving)
  case CancelIfRoomEmpty =>
    if left.rooms[r].inside == {} then CloseAll(left, Rising(LiveIn(s, r)), ByEmptyRoom) else Did(left, [])
}

// F-09
function method SetRole(room: Room, u: nat, role: Role): Room
{
  var owner := if role == Owner then Some(u) else if room.owner == Some(u) then None else room.owner;
  var admins := if role == Admin then room.admins + {u} else room.admins - {u};
  room.(owner := owner, admins := admins)
}

function method Fact(s: State, i: Input): Did
  requires Sound(s) && !i.Tick? && !i.Ask? && Ignoring(s, i).None?
{
  match i
  case RoomOpened(r, owner) => Did(Open(s, r, owner), [])
  case RoomDissolved(r, who) => Dissolve(s, r, who)
  case UserEntered(r, u, d) => Enter(s, r, u, d)
  case UserLeft(r, u) => Leave(s, r, u)
  case RoleSet(r, u, role) => Did(s.(rooms := s.rooms[r := SetRole(s.rooms[r], u, role)]), [])
  case Tick => Did(s, [])
  case Ask(_, _) => Did(s, [])
}
