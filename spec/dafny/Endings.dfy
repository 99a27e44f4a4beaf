// How attempts end (E, K), and what the clock ends (T).
include "Order.dfy"
include "Tell.dfy"

// Every live attempt is for an open room; all that the functions below need of a state.
predicate Sound(s: State) { forall a :: a in s.live ==> s.live[a].room in s.rooms }

function method Without(live: map<nat, Attempt>, a: nat): map<nat, Attempt> { map b | b in live && b != a :: live[b] }

// The entries of a list without those of one callee.
function method Others(ps: seq<Past>, u: nat): seq<Past>
{
  if ps == [] then [] else (if ps[0].callee == u then [] else [ps[0]]) + Others(ps[1..], u)
}
function method Newest(ps: seq<Past>, most: nat): seq<Past> { if |ps| > most then ps[|ps| - most..] else ps }
// One entry a callee, the newest at the end, and at most so many (E-18, C-07, K-03).
function method Add(ps: seq<Past>, p: Past, most: nat): seq<Past> { Newest(Others(ps, p.callee) + [p], most) }
// K-03: the record whose attempt ended first goes when there is one too many.
function method TellEvicted(r: nat, ps: seq<Past>, p: Past, most: nat): seq<Effect>
{
  var all := Others(ps, p.callee) + [p];
  if |all| > most then TellGone(r, all[0], K03) else []
}

// What an ending leaves behind in the room: it is remembered (E-18), and the record kept or not (K-01).
function method Settled(room: Room, l: Limits, p: Past): Room
{
  room.(ended := Add(room.ended, p, l.endedPerRoom),
        kept := if IsKept(p.ending) then Add(room.kept, p, l.keptPerRoom) else room.kept)
}

function method Settle(s: State, a: nat, c: Attempt, e: Ending): Did
  requires c.room in s.rooms
{
  var room := s.rooms[c.room];
  var p := Past(a, c.caller, c.callee, e);
  Did(s.(rooms := s.rooms[c.room := Settled(room, s.limits, p)]),
      if IsKept(e) then TellEvicted(c.room, room.kept, p, s.limits.keptPerRoom) else [])
}

// A live attempt ends (T-01); callee, caller, room, eviction (O-01).
function method Close(s: State, a: nat, e: Ending, why: Rule): Did
  requires Sound(s) && a in s.live
  ensures Close(s, a, e, why).state.live == Without(s.live, a)
  ensures Sound(Close(s, a, e, why).state)
{
  var c := s.live[a];
  var after := Settle(s.(live := Without(s.live, a)), a, c, e);
  Did(after.state,
      TellCallee(a, c, e, why) + TellCaller(s.policy, a, c, e, why) + TellRoom(a, c, e, why) + after.effects)
}

// What ends attempts other than the clock and an answer; each says how and by which rule.
datatype Cause = ByCancel(device: nat) | ByRevoke(operator: Actor) | ByLeaving | ByEmptyRoom
               | ByEntering(room: nat, device: nat)

function method EndingBy(cause: Cause, c: Attempt): (Ending, Rule)
{
  match cause
  case ByCancel(d) => (Cancelled(d), E05)
  case ByRevoke(who) => (Revoked(who), E06)
  case ByLeaving => (Cancelled(c.device), F07)
  case ByEmptyRoom => (Cancelled(c.device), F08)
  case ByEntering(r, d) => if c.room == r then (Entered(d), E07) else (InOther, E03)
}

// Several end, one after another in this order.
function method CloseAll(s: State, xs: seq<nat>, cause: Cause): Did
  requires Sound(s) && IsRising(xs) && forall a :: a in xs ==> a in s.live
  ensures Sound(CloseAll(s, xs, cause).state)
  decreases |xs|
{
  if xs == [] then Did(s, [])
  else
    var e := EndingBy(cause, s.live[xs[0]]);
    var first := Close(s, xs[0], e.0, e.1);
    var rest := CloseAll(first.state, xs[1..], cause);
    Did(rest.state, first.effects + rest.effects)
}

// E-04: everything that is due at `t` ends, in (deadline, attempt) order (T-03).
function method Expire(s: State, t: nat): Did
  requires Sound(s)
  ensures Sound(Expire(s, t).state)
  ensures Due(Expire(s, t).state.live, t) == {}
  decreases |Due(s.live, t)|
{
  var due := Due(s.live, t);
  if due == {} then Did(s, [])
  else
    var a := First(s.live, due);
    var first := Close(s, a, TimedOut, E04);
    assert Due(first.state.live, t) == due - {a};
    var rest := Expire(first.state, t);
    Did(rest.state, first.effects + rest.effects)
}

// T-09
function method EndOfTime(): nat { 0x7fff_ffff_ffff_ffff }
// T-02: a clock that goes back is held.
function method Clock(s: State, at: nat): nat
{
  var t := if at > EndOfTime() then EndOfTime() else at;
  if t > s.now then t else s.now
}

// T-03: the clock before the command.
function method Elapse(s: State, at: nat): Did
  requires Sound(s)
  ensures Sound(Elapse(s, at).state)
{
  var after := Expire(s, Clock(s, at));
  Did(after.state.(now := Clock(s, at)), after.effects)
}
