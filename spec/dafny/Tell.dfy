// Who is told what. The order of the parts of one ending is callee, caller, room (O-01).
include "State.dfy"

// K-01: the status after an ending, which is also the status in its events.
function method StatusAfter(e: Ending): Status
{
  match e
  case Accepted(_) => NoCall
  case Rejected(_, _) => RejectedStatus
  case InOther => RejectedStatus
  case TimedOut => TimedOutStatus
  case Cancelled(_) => NoCall
  case Revoked(_) => NoCall
  case Entered(_) => NoCall
}
predicate method IsKept(e: Ending) { StatusAfter(e) != NoCall }

function method About(kind: Kind, a: nat, c: Attempt, status: Status): Event
{
  Event(kind, c.room, a, c.caller, c.callee, status)
}

// E-06: the operator is told, its device is not.
function method OperatorOf(who: Actor): Option<nat> { if who.UserOn? then Some(who.user) else None }

// The callee's devices stop ringing (E-17).
function method TellCallee(a: nat, c: Attempt, e: Ending, why: Rule): seq<Effect>
{
  var status := StatusAfter(e);
  match e
  case Accepted(d) => [Effect(ToOthers(c.callee, d), About(Handled(true, Some(d)), a, c, status), why)]      // E-01
  case Rejected(d, _) => [Effect(ToOthers(c.callee, d), About(Handled(false, Some(d)), a, c, status), why)]  // E-02
  case Entered(d) => [Effect(ToOthers(c.callee, d), About(Handled(true, Some(d)), a, c, status), why)]       // E-07
  case InOther => [Effect(ToUser(c.callee), About(Handled(false, None), a, c, status), why)]                 // E-03
  case TimedOut => [Effect(ToUser(c.callee), About(CallTimeout, a, c, status), why)]                         // E-04
  case Cancelled(_) => [Effect(ToUser(c.callee), About(CallCancelled, a, c, status), why)]                   // E-05
  case Revoked(who) => [Effect(ToUser(c.callee), About(RevokedByAdmin(OperatorOf(who)), a, c, status), why)] // E-06
}

// P-06: the device that called, or all devices of the caller; none is left if the one that called
// cancels (E-05).
function method ToCaller(p: Policy, c: Attempt, acted: Option<nat>): Option<To>
{
  match p.outcomesTo
  case CallingDevice => if acted == Some(c.device) then None else Some(ToDevice(c.caller, c.device))
  case AllDevices => Some(if acted.Some? then ToOthers(c.caller, acted.value) else ToUser(c.caller))
}

// What the caller is notified of.
function method CallerHears(e: Ending): Kind
{
  match e
  case Accepted(_) => CallAccepted                              // E-01
  case Entered(_) => CallAccepted                               // E-07
  case Rejected(_, reason) => CallRejected(reason)              // E-02
  case InOther => CallRejected(WasElsewhere)                    // E-03, C-08
  case TimedOut => CallTimeout                                  // E-04
  case Cancelled(_) => CallCancelled                            // E-05, F-07, F-08
  case Revoked(who) => RevokedByAdmin(OperatorOf(who))          // E-06
}

// The device that cancels learns it from its answer (E-05); where F-07 or F-08 cancels none asked for it.
function method TellCaller(p: Policy, a: nat, c: Attempt, e: Ending, why: Rule): seq<Effect>
{
  var acted := if e.Cancelled? && why == E05 then Some(e.on) else None;
  var to := ToCaller(p, c, acted);
  if to.Some? then [Effect(to.value, About(CallerHears(e), a, c, StatusAfter(e)), why)] else []
}

// The list of the room: changed where the record stays, removed where it goes.
function method TellRoom(a: nat, c: Attempt, e: Ending, why: Rule): seq<Effect>
{
  var kind := if IsKept(e) then PendingChanged else PendingRemoved;
  [Effect(ToRoom(c.room), About(kind, a, c, StatusAfter(e)), why)]
}

// K-02, K-03: a kept record goes.
function method TellGone(r: nat, p: Past, why: Rule): seq<Effect>
{
  [Effect(ToRoom(r), Event(PendingRemoved, r, p.attempt, p.caller, p.callee, NoCall), why)]
}

// C-01, C-02, C-10: a new attempt rings, and the room sees it.
function method TellRing(a: nat, c: Attempt, timeLeft: Option<nat>, isAgain: bool): seq<Effect>
{
  [Effect(ToUser(c.callee), About(Received(c.extension, timeLeft), a, c, Calling), C01),
   Effect(ToRoom(c.room), About(PendingChanged, a, c, Calling), if isAgain then C10 else C02)]
}
