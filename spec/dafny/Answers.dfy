// The laws of answers: what is answered is what was done, and the loser is told.
include "Laws.dfy"

function Callees<T>(xs: seq<(nat, T)>): seq<nat> { if xs == [] then [] else [xs[0].0] + Callees(xs[1..]) }
function Successful(xs: seq<(nat, Result)>): nat
{
  if xs == [] then 0 else (if xs[0].1 == Success then 1 else 0) + Successful(xs[1..])
}
lemma ResultsOk(s: State, r: nat, us: seq<nat>)
  requires r in s.rooms
  ensures Callees(Results(s, r, us)) == us && Successful(Results(s, r, us)) == Successes(s, r, us)
  decreases |us|
{
  if us != [] {
    ResultsOk(s, r, us[1..]);
    assert Results(s, r, us)[1..] == Results(s, r, us[1..]);
    assert us == [us[0]] + us[1..];
  }
}
lemma WithdrawalsOk(s: State, r: nat, us: seq<nat>, canceller: Option<nat>)
  requires r in s.rooms
  ensures Callees(Withdrawals(s, r, us, canceller)) == us
  decreases |us|
{
  if us != [] {
    WithdrawalsOk(s, r, us[1..], canceller);
    assert Withdrawals(s, r, us, canceller)[1..] == Withdrawals(s, r, us[1..], canceller);
    assert us == [us[0]] + us[1..];
  }
}

// C-03, E-12: one result for each distinct user named, in first-seen order.
lemma OneResultEach(s: State, at: nat, who: Actor, c: Command)
  requires Sound(s) && HasList(c) && !Step(s, at, Ask(who, c)).answer.Refused?
  ensures var x := Step(s, at, Ask(who, c)).answer;
          && (c.CallUsers? ==> x.CallResults? && Callees(x.results) == Distinct(c.callees))
          && (c.CancelUsers? ==> x.CancelResults? && Callees(x.withdrawals) == Distinct(c.callees))
          && (c.RevokeUsers? ==> x.RevokeResults? && Callees(x.withdrawals) == Distinct(c.callees))
{
  var t := Elapse(s, at).state;
  ResultsOk(t, c.room, Distinct(c.callees));
  WithdrawalsOk(t, c.room, Distinct(c.callees), None);
  if who.UserOn? { WithdrawalsOk(t, c.room, Distinct(c.callees), Some(who.user)); }
}

// C-06: as many new attempts as the answer has successes, numbered on from the last; L-07, L-08: a call
// that is not refused keeps to the limits (by the invariant). Nothing else makes an attempt.
lemma OneNumberASuccess(s: State, at: nat, i: Input)
  requires Inv(s) && Sound(s)
  ensures var o := Step(s, at, i);
          o.state.made == s.made + (if o.answer.CallResults? then Successful(o.answer.results) else 0)
{
  ElapseOk(s, at);
  var t := Elapse(s, at).state;
  if i.Ask? && Refusal(t, i.asker, i.command).None? {
    GrantMakes(t, i.asker, i.command);
  } else if !i.Tick? && !i.Ask? && Ignoring(t, i).None? {
    FactMakesNone(t, i);
  }
}
lemma GrantMakes(s: State, who: Actor, c: Command)
  requires Inv(s) && Sound(s) && Refusal(s, who, c).None?
  ensures var g := Grant(s, who, c);
          g.state.made == s.made + (if g.answer.CallResults? then Successful(g.answer.results) else 0)
{
  match c {
    case CallUsers(r, us, timeout, extension) =>
      DistinctOk(us);
      RingAllOk(s, r, Distinct(us), who.user, who.device, timeout, extension);
      ResultsOk(s, r, Distinct(us));
    case CancelUsers(r, us) =>
      RisingOk(Withdrawn(s, r, us, Some(who.user)));
      CloseAllOk(s, Rising(Withdrawn(s, r, us, Some(who.user))), ByCancel(who.device));
    case RevokeUsers(r, us) =>
      RisingOk(Withdrawn(s, r, us, None));
      CloseAllOk(s, Rising(Withdrawn(s, r, us, None)), ByRevoke(who));
    case AcceptCall(r, named) => MeansOk(s, r, who.user, named);
    case RejectCall(r, named, reason) => MeansOk(s, r, who.user, named);
  }
}
lemma FactMakesNone(s: State, i: Input)
  requires Inv(s) && Sound(s) && !i.Tick? && !i.Ask? && Ignoring(s, i).None?
  ensures Fact(s, i).state.made == s.made
{
  match i {
    case Tick => case Ask(_, _) =>
    case RoomOpened(r, owner) =>
    case RoomDissolved(r, who) =>
    case UserEntered(r, u, d) => EnterOk(s, r, u, d);
    case UserLeft(r, u) => LeaveOk(s, r, u);
    case RoleSet(r, u, role) =>
  }
}

// E-18: an ending is found again right after it, if anything is remembered at all.
lemma AddFound(ps: seq<Past>, p: Past, most: nat)
  requires OneEach(ps) && most > 0
  ensures RecordOf(Add(ps, p, most), p.callee) == Some(p)
{
  AddOk(ps, p, most);
  var all := Others(ps, p.callee) + [p];
  var xs := Add(ps, p, most);
  assert xs[|xs| - 1] == p && p in xs;
  RecordOfOk(xs, p.callee);
}
// A state in which no time has passed.
lemma NoTime(s: State, at: nat)
  requires Inv(s) && Sound(s) && at <= s.now
  ensures Elapse(s, at) == Did(s, [])
{
  forall a | a in s.live ensures !HasDeadline(s.live[a], s.now) { assert LiveOk(s, a); }
  assert Clock(s, at) == s.now;
  assert Due(s.live, s.now) == {};
}

// E-08, E-09: after an accept won, and before anything else, the same accept of the same device is
// answered the same; every other accept or reject of that attempt by a device of the callee is refused
// with how it ended; and none of them changes anything.
lemma TheLoserIsTold(s: State, at: nat, u: nat, d: nat, r: nat, named: Option<nat>, a: nat,
                     at2: nat, e: nat, c: Command)
  requires Inv(s) && Sound(s) && s.limits.endedPerRoom > 0
  requires Step(s, at, Ask(UserOn(u, d), AcceptCall(r, named))).answer == AcceptedAnswer(a)
  requires a in Elapse(s, at).state.live && IsAnswer(c) && c.room == r && c.attempt == Some(a)
  requires at2 <= Step(s, at, Ask(UserOn(u, d), AcceptCall(r, named))).state.now
  ensures var t := Step(s, at, Ask(UserOn(u, d), AcceptCall(r, named))).state;
          var p := Past(a, Elapse(s, at).state.live[a].caller, u, Accepted(d));
          Sound(t) && Step(t, at2, Ask(UserOn(u, e), c))
            == Out(t, if c.AcceptCall? && e == d then AcceptedAnswer(a) else Refused(E09, Some(p)), [])
{
  ElapseOk(s, at);
  var before := Elapse(s, at).state;
  FreshAccept(before, u, d, r, named, a);
  ClosedOk(before, u, d, r, a);
  CloseOk(before, a, Accepted(d), E01);
  var t := Close(before, a, Accepted(d), E01).state;
  var p := Past(a, before.live[a].caller, u, Accepted(d));
  assert RoomOk(before, r);
  AddFound(before.rooms[r].ended, p, s.limits.endedPerRoom);
  ToldSo(t, u, r, a, p, d, at2, e, c);
}
// What any answer to it finds.
lemma ToldSo(t: State, u: nat, r: nat, a: nat, p: Past, d: nat, at: nat, e: nat, c: Command)
  requires Inv(t) && a !in t.live && r in t.rooms && RecordOf(t.rooms[r].ended, u) == Some(p) && at <= t.now
  requires p.attempt == a && p.ending == Accepted(d) && IsAnswer(c) && c.room == r && c.attempt == Some(a)
  ensures Sound(t) && Step(t, at, Ask(UserOn(u, e), c))
            == Out(t, if c.AcceptCall? && e == d then AcceptedAnswer(a) else Refused(E09, Some(p)), [])
{
  InvSound(t);
  NoTime(t, at);
  assert LiveMeantBy(t, r, u, Some(a)) == {};
  assert Means(t, r, u, Some(a)) == PastMeant(p);
}
