// Asks: what may be refused (R, P, L), and what is done if it is not (C, E).
include "Facts.dfy"

// C-04, C-05, C-06, by the policy of C-07.
function method ResultOf(s: State, r: nat, u: nat): Result
  requires r in s.rooms
{
  if u in s.rooms[r].inside then AlreadyInRoom
  else if exists a :: a in s.live && s.live[a].callee == u && (s.policy.activeCalls == PerUser || s.live[a].room == r)
    then AlreadyInCalling
  else Success
}

// C-03: one result a callee, in the order in which they are first named.
function method Results(s: State, r: nat, us: seq<nat>): seq<(nat, Result)>
  requires r in s.rooms
{
  if us == [] then [] else [(us[0], ResultOf(s, r, us[0]))] + Results(s, r, us[1..])
}

function method Successes(s: State, r: nat, us: seq<nat>): nat
  requires r in s.rooms
{
  if us == [] then 0 else (if ResultOf(s, r, us[0]) == Success then 1 else 0) + Successes(s, r, us[1..])
}

// C-06: a new attempt with the next number; it rings (C-01, C-02), or ends at once (C-08).
function method RingOne(s: State, r: nat, u: nat, caller: nat, device: nat, timeout: nat, extension: nat): Did
  requires r in s.rooms
{
  var a := s.made + 1;
  var isAgain := RecordOf(s.rooms[r].kept, u).Some?;
  // C-10: a new attempt replaces a kept record, without a word.
  var room := s.rooms[r].(kept := Others(s.rooms[r].kept, u));
  var t := s.(made := a, rooms := s.rooms[r := room]);
  // T-05, T-06: fixed now; 0 seconds is never.
  var length := if timeout == 0 then None else Some(1000 * timeout);
  var deadline := if timeout == 0 then None else Some(s.now + 1000 * timeout);
  var c := Attempt(r, caller, device, u, deadline, extension);
  if s.policy.inOtherRoom == Reject && IsElsewhere(s, r, u) then
    var ended := Settle(t, a, c, InOther);
    Did(ended.state, TellCaller(s.policy, a, c, InOther, C08) + TellRoom(a, c, InOther, C08) + ended.effects)
  else
    Did(t.(live := s.live[a := c]), TellRing(a, c, length, isAgain))
}

// C-13: a batch is its single calls.
function method RingAll(s: State, r: nat, us: seq<nat>, caller: nat, device: nat, timeout: nat, extension: nat): Did
  requires r in s.rooms
  decreases |us|
{
  if us == [] then Did(s, [])
  else if ResultOf(s, r, us[0]) != Success then RingAll(s, r, us[1..], caller, device, timeout, extension)
  else
    var first := RingOne(s, r, us[0], caller, device, timeout, extension);
    var rest := RingAll(first.state, r, us[1..], caller, device, timeout, extension);
    Did(rest.state, first.effects + rest.effects)
}

// E-11: which attempt an answer means.
datatype Meant = NoneMeant | LiveMeant(attempt: nat) | PastMeant(past: Past)

predicate method IsMeant(s: State, r: nat, u: nat, named: Option<nat>, a: nat)
{
  a in s.live && s.live[a].callee == u && s.live[a].room == r && (named.None? || named == Some(a))
}
function method LiveMeantBy(s: State, r: nat, u: nat, named: Option<nat>): set<nat>
{
  set a | a in s.live && IsMeant(s, r, u, named, a)
}
function method Means(s: State, r: nat, u: nat, named: Option<nat>): Meant
  requires r in s.rooms
{
  var live := LiveMeantBy(s, r, u, named);
  var past := RecordOf(s.rooms[r].ended, u);
  // There is at most one such live attempt (C-07); the least is taken so that this is a function.
  if live != {} then RisingOk(live); LiveMeant(Rising(live)[0])
  else if past.Some? && (named.None? || named == Some(past.value.attempt)) then PastMeant(past.value)
  else NoneMeant
}

// E-08: the same answer of the same device.
predicate method IsSameAnswer(p: Past, c: Command, device: nat)
{
  match c
  case AcceptCall(_, _) => p.ending == Accepted(device)
  case RejectCall(_, _, _) => p.ending.Rejected? && p.ending.on == device
  case CallUsers(_, _, _, _) => false
  case CancelUsers(_, _) => false
  case RevokeUsers(_, _) => false
}

predicate method IsAnswer(c: Command) { c.AcceptCall? || c.RejectCall? }
predicate method HasList(c: Command) { !IsAnswer(c) }

// R-01: the first that applies, in this order.
function method Refusal(s: State, who: Actor, c: Command): Option<Answer>
{
  // Shape and limits.
  if HasList(c) && c.callees == [] then Some(Refused(L02, None))
  else if HasList(c) && |Distinct(c.callees)| > s.limits.callees then Some(Refused(L03, None))
  else if c.CallUsers? && c.timeout > s.limits.timeoutMax then Some(Refused(L04, None))
  else if c.CallUsers? && c.timeout == 0 && !s.limits.never then Some(Refused(L05, None))
  else if c.CallUsers? && c.extension > s.limits.extensionBytes then Some(Refused(L06, None))
  // Existence.
  else if c.room !in s.rooms then Some(Refused(R02, None))
  // Permission.
  else if c.CallUsers? && !(who.UserOn? && who.user in s.rooms[c.room].inside) then Some(Refused(P01, None))
  else if c.CallUsers? && s.policy.mayCall == Admins && RoleOf(s.rooms[c.room], who.user) == Participant
    then Some(Refused(P02, None))
  else if c.RevokeUsers? && who.UserOn? && RoleOf(s.rooms[c.room], who.user) == Participant
    then Some(Refused(P03, None))
  else if who.Backend? && (c.CancelUsers? || IsAnswer(c)) then Some(Refused(P04, None))
  // State.
  else if IsAnswer(c) then
    var meant := Means(s, c.room, who.user, c.attempt);
    if meant.NoneMeant? then Some(Refused(E10, None))
    else if meant.PastMeant? && !IsSameAnswer(meant.past, c, who.device) then Some(Refused(E09, Some(meant.past)))
    else None
  else if c.CallUsers? then
    var more := Successes(s, c.room, Distinct(c.callees));
    if more > 0 && |LiveIn(s, c.room)| + more > s.limits.liveCallsPerRoom then Some(Refused(L07, None))
    else if more > 0 && |s.live| + more > s.limits.liveCalls then Some(Refused(L08, None))
    else None
  else None
}

// E-14, in the words of an answer.
function method AlreadyWord(e: Ending): Withdrawal
{
  match e
  case Accepted(_) => AlreadyAccepted
  case Entered(_) => AlreadyAccepted
  case Rejected(_, _) => AlreadyRejected
  case InOther => AlreadyRejected
  case TimedOut => AlreadyTimedOut
  case Cancelled(_) => AlreadyCancelled
  case Revoked(_) => AlreadyRevoked
}

// What a cancel (by `canceller`) or a revoke (of anybody's calls) finds for one user.
function method WithdrawalOf(s: State, r: nat, u: nat, canceller: Option<nat>): Withdrawal
  requires r in s.rooms
{
  var live := LiveIn(s, r) * LiveFor(s, u);
  var past := RecordOf(s.rooms[r].ended, u);
  if live != {} then
    if canceller.None? then IsRevoked                                                          // E-06
    else if live * LiveBy(s, canceller.value) != {} then IsCancelled                           // E-05
    else NotYours                                                                              // E-13
  else if past.Some? && (canceller.None? || canceller.value == past.value.caller)
    then AlreadyWord(past.value.ending)                                                        // E-14
  else NotCalling                                                                              // E-12
}
function method Withdrawals(s: State, r: nat, us: seq<nat>, canceller: Option<nat>): seq<(nat, Withdrawal)>
  requires r in s.rooms
{
  if us == [] then [] else [(us[0], WithdrawalOf(s, r, us[0], canceller))] + Withdrawals(s, r, us[1..], canceller)
}

// The attempts that it ends: all judged before any ends (E-12), then in attempt order (O-01).
function method Withdrawn(s: State, r: nat, us: seq<nat>, canceller: Option<nat>): set<nat>
{
  set a | a in s.live && s.live[a].room == r && s.live[a].callee in us
          && (canceller.None? || canceller.value == s.live[a].caller)
}

// An ask that is not refused.
function method Grant(s: State, who: Actor, c: Command): Out
  requires Sound(s) && Refusal(s, who, c).None?
{
  match c
  case CallUsers(r, us, timeout, extension) =>
    var did := RingAll(s, r, Distinct(us), who.user, who.device, timeout, extension);
    Out(did.state, CallResults(Results(s, r, Distinct(us))), did.effects)
  case CancelUsers(r, us) =>
    RisingOk(Withdrawn(s, r, us, Some(who.user)));
    var did := CloseAll(s, Rising(Withdrawn(s, r, us, Some(who.user))), ByCancel(who.device));
    Out(did.state, CancelResults(Withdrawals(s, r, Distinct(us), Some(who.user))), did.effects)
  case RevokeUsers(r, us) =>
    RisingOk(Withdrawn(s, r, us, None));
    var did := CloseAll(s, Rising(Withdrawn(s, r, us, None)), ByRevoke(who));
    Out(did.state, RevokeResults(Withdrawals(s, r, Distinct(us), None)), did.effects)
  case AcceptCall(r, named) =>
    var meant := Means(s, r, who.user, named);
    if meant.PastMeant? then Out(s, AcceptedAnswer(meant.past.attempt), [])                     // E-08
    else
      MeansOk(s, r, who.user, named);
      var did := Close(s, meant.attempt, Accepted(who.device), E01);
      Out(did.state, AcceptedAnswer(meant.attempt), did.effects)
  case RejectCall(r, named, reason) =>
    var meant := Means(s, r, who.user, named);
    if meant.PastMeant? then Out(s, RejectedAnswer(meant.past.attempt), [])                     // E-08
    else
      MeansOk(s, r, who.user, named);
      var did := Close(s, meant.attempt, Rejected(who.device, reason), E02);
      Out(did.state, RejectedAnswer(meant.attempt), did.effects)
}

lemma MeansOk(s: State, r: nat, u: nat, named: Option<nat>)
  requires r in s.rooms
  ensures var m := Means(s, r, u, named); m.LiveMeant? ==> IsMeant(s, r, u, named, m.attempt)
  ensures var m := Means(s, r, u, named); m.PastMeant? ==> RecordOf(s.rooms[r].ended, u) == Some(m.past)
{
  var live := LiveMeantBy(s, r, u, named);
  RisingOk(live);
  if live != {} { assert Rising(live)[0] in Rising(live); }
}
