// What the switchboard knows, what it is told and what it says. Written from ../rules.md alone; a
// comment names the rule that is obeyed at that place. Users, rooms, devices, attempts and points of
// time are natural numbers, all unbounded. Not modelled: ids' spelling (L-01, idBytes), handles (N),
// queries and cursors (Q), the exchange (X), snapshots (S), the journal's spelling (J).

datatype Option<T> = None | Some(value: T)

// Policies, in the order of the header of a journal; the first value of each is the default.
datatype ActiveCalls = PerUser | PerRoom                                    // C-07
datatype InOtherRoom = Reject | Ring                                        // C-08, C-09, E-03
datatype CallerLeft = KeepRinging | CancelCalls | CancelIfRoomEmpty         // F-07, F-08
datatype MayCall = Anyone | Admins                                          // P-02
datatype OutcomesTo = CallingDevice | AllDevices                            // P-06
datatype Policy = Policy(activeCalls: ActiveCalls, inOtherRoom: InOtherRoom, callerLeft: CallerLeft,
                         mayCall: MayCall, outcomesTo: OutcomesTo)
datatype Limits = Limits(callees: nat, timeoutMax: nat, never: bool, extensionBytes: nat,
                         liveCallsPerRoom: nat, keptPerRoom: nat, endedPerRoom: nat, liveCalls: nat,
                         rooms: nat, participantsPerRoom: nat, adminsPerRoom: nat)

datatype Actor = Backend | UserOn(user: nat, device: nat)
datatype Role = Owner | Admin | Participant
datatype Status = NoCall | Calling | TimedOutStatus | RejectedStatus
datatype Reason = SaidNo | WasElsewhere

// The seven endings, each with who or what acted.
datatype Ending = Accepted(on: nat) | Rejected(on: nat, reason: Reason) | InOther | TimedOut
                | Cancelled(on: nat) | Revoked(who: Actor) | Entered(on: nat)

// A live attempt: its record is in the pending list with status `calling`. The extension text is
// carried by its length in bytes only.
datatype Attempt = Attempt(room: nat, caller: nat, device: nat, callee: nat, deadline: Option<nat>,
                           extension: nat)

// An attempt that ended: as a kept record (K-01) and as a remembered ending (E-18).
datatype Past = Past(attempt: nat, caller: nat, callee: nat, ending: Ending)

// `kept` and `ended` are in the order in which the attempts ended, the oldest first.
datatype Room = Room(owner: Option<nat>, admins: set<nat>, inside: set<nat>, kept: seq<Past>,
                     ended: seq<Past>)

datatype State = State(policy: Policy, limits: Limits, now: nat, made: nat, rooms: map<nat, Room>,
                       live: map<nat, Attempt>)

datatype Command = CallUsers(room: nat, callees: seq<nat>, timeout: nat, extension: nat)
                 | CancelUsers(room: nat, callees: seq<nat>)
                 | RevokeUsers(room: nat, callees: seq<nat>)
                 | AcceptCall(room: nat, attempt: Option<nat>)
                 | RejectCall(room: nat, attempt: Option<nat>, reason: Reason)

datatype Input = Tick
               | RoomOpened(room: nat, owner: nat)
               | RoomDissolved(room: nat, dissolver: Actor)
               | UserEntered(room: nat, user: nat, device: nat)
               | UserLeft(room: nat, user: nat)
               | RoleSet(room: nat, user: nat, role: Role)
               | Ask(asker: Actor, command: Command)

datatype Rule = F01 | F03 | F05 | F06 | F07 | F08 | F10 | F11 | C01 | C02 | C08 | C10
              | E01 | E02 | E03 | E04 | E05 | E06 | E07 | E09 | E10 | K02 | K03
              | P01 | P02 | P03 | P04 | L02 | L03 | L04 | L05 | L06 | L07 | L08 | L09 | L10 | L11 | R02

// O-02: an effect addresses a user, a device of a user, a user's devices but one, or a room.
datatype To = ToUser(user: nat) | ToDevice(user: nat, device: nat) | ToOthers(user: nat, device: nat)
            | ToRoom(room: nat)
datatype Kind = Received(extension: nat, timeLeft: Option<nat>) | CallCancelled
              | RevokedByAdmin(operator: Option<nat>) | CallTimeout | CallAccepted
              | CallRejected(reason: Reason) | Handled(isAccepted: bool, device: Option<nat>)
              | PendingChanged | PendingRemoved
// C-06: every event names its attempt.
datatype Event = Event(kind: Kind, room: nat, attempt: nat, caller: nat, callee: nat, status: Status)
datatype Effect = Effect(to: To, event: Event, because: Rule)

datatype Result = Success | AlreadyInCalling | AlreadyInRoom
datatype Withdrawal = IsCancelled | IsRevoked | NotCalling | NotYours | AlreadyAccepted
                    | AlreadyRejected | AlreadyTimedOut | AlreadyCancelled | AlreadyRevoked

datatype Answer = Nothing
                | Ignored(rule: Rule)
                | Refused(rule: Rule, ended: Option<Past>)
                | CallResults(results: seq<(nat, Result)>)
                | CancelResults(withdrawals: seq<(nat, Withdrawal)>)
                | RevokeResults(withdrawals: seq<(nat, Withdrawal)>)
                | AcceptedAnswer(attempt: nat)
                | RejectedAnswer(attempt: nat)

// What part of a step did, and what a whole step brings.
datatype Did = Did(state: State, effects: seq<Effect>)
datatype Out = Out(state: State, answer: Answer, effects: seq<Effect>)

function method Init(policy: Policy, limits: Limits): State { State(policy, limits, 0, 0, map[], map[]) }

// The seed's numbers of refusals.
function method Code(rule: Rule): int
{
  match rule
  case P01 => -2101
  case P02 => -2301
  case P03 => -2301
  case P04 => -2310
  case E09 => -2311
  case E10 => -2311
  case R02 => 100004
  case L07 => -2
  case L08 => -2
  case F01 => 0 case F03 => 0 case F05 => 0 case F06 => 0 case F07 => 0 case F08 => 0 case F10 => 0
  case F11 => 0 case C01 => 0 case C02 => 0 case C08 => 0 case C10 => 0 case E01 => 0 case E02 => 0
  case E03 => 0 case E04 => 0 case E05 => 0 case E06 => 0 case E07 => 0 case K02 => 0 case K03 => 0
  case L09 => 0 case L10 => 0 case L11 => 0
  case L02 => -1001 case L03 => -1001 case L04 => -1001 case L05 => -1001 case L06 => -1001
}

// E-09: who ended it.
function method EndedBy(p: Past): Option<nat>
{
  match p.ending
  case Accepted(_) => Some(p.callee)
  case Rejected(_, _) => Some(p.callee)
  case Entered(_) => Some(p.callee)
  case InOther => Some(p.callee)
  case Cancelled(_) => Some(p.caller)
  case Revoked(who) => if who.UserOn? then Some(who.user) else None
  case TimedOut => None
}

// P-08: the device is told to its user only.
function method EndedOn(p: Past, asking: nat): Option<nat>
{
  if EndedBy(p) != Some(asking) then None else
  match p.ending
  case Accepted(d) => Some(d)
  case Rejected(d, _) => Some(d)
  case Entered(d) => Some(d)
  case Cancelled(d) => Some(d)
  case Revoked(who) => if who.UserOn? then Some(who.device) else None
  case InOther => None
  case TimedOut => None
}
