------------------------------- MODULE words -------------------------------
(***************************************************************************)
(* The words of the specification: those of the wire form (rules.md, J),   *)
(* with records for its objects and sequences for its lists.  What is null *)
(* or absent there is Nobody (a name), 0 (an attempt) or Never (a length   *)
(* of time), so that values of one place are of one type.                  *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANT Second     \* how many units of time a second has; lengths are milliseconds on the wire

Nobody == "null"
Never == -1
Backend == [user |-> Nobody, device |-> Nobody]

Statuses == {"none", "calling", "timeout", "rejected"}
Hows == {"accepted", "rejected", "inOtherRoom", "timedOut", "cancelled", "revoked", "entered"}

(* The lifecycle: what a record's status is after its ending; "none" is gone. *)
(* E-01 to E-07, K-01 *)
StatusAfter(how) == CASE how = "timedOut" -> "timeout"
                      [] how \in {"rejected", "inOtherRoom"} -> "rejected"
                      [] OTHER -> "none"

(* An ending: how, by whom, on which device.  That of a live attempt is NotOver. *)
NotOver == [how |-> "none", user |-> Nobody, device |-> Nobody]
Ending(how, user, device) == [how |-> how, user |-> user, device |-> device]

(* Whose devices: P-08. *)
DeviceFor(asking, ending) == IF ending.user = asking THEN ending.device ELSE Nobody

-----------------------------------------------------------------------------
(* Sequences and sets. *)

Range(seq) == {seq[n] : n \in DOMAIN seq}

RECURSIVE InOrder(_)
InOrder(numbers) ==
  IF numbers = {} THEN <<>>
  ELSE LET least == CHOOSE n \in numbers : \A m \in numbers : n <= m
       IN <<least>> \o InOrder(numbers \ {least})

(* Each once, at its first place.  C-03, E-12 *)
RECURSIVE Distinct(_)
Distinct(seq) ==
  IF seq = <<>> THEN <<>>
  ELSE LET rest == Distinct(SubSeq(seq, 1, Len(seq) - 1))
           last == seq[Len(seq)]
       IN IF last \in Range(rest) THEN rest ELSE Append(rest, last)

(* SubSeq makes TLC compute it now, as a sequence: its lazy functions do not bear EXCEPT. *)
Map(Op(_), seq) == SubSeq([n \in DOMAIN seq |-> Op(seq[n])], 1, Len(seq))

(* The first pair of <<condition, value>> whose condition holds. *)
FirstOf(pairs, otherwise) ==
  LET holds == {n \in DOMAIN pairs : pairs[n][1]}
  IN IF holds = {} THEN otherwise
     ELSE pairs[CHOOSE n \in holds : \A m \in holds : n <= m][2]

-----------------------------------------------------------------------------
(* Audiences and events.  O-02 *)

ToUser(user) == [user |-> user]
ToDevice(user, device) == [user |-> user, device |-> device]
ToOthers(user, device) == [user |-> user, exceptDevice |-> device]
ToRoom(room) == [room |-> room]

Effect(to, event, because) == [to |-> to, event |-> event, because |-> because]

(* What most events carry.  K-01: the status is that after what happened. *)
About(call, attempt, status) ==
  [roomID |-> call.room, attempt |-> attempt,
   call |-> [caller |-> call.caller, callee |-> call.callee, status |-> status]]

(* T-10: lengths leave, points of time do not. *)
TimeLeft(left) == IF left = Never THEN Never ELSE left * (1000 \div Second)

Received(call, attempt) ==
  [onCallReceived |-> About(call, attempt, "calling")
                      @@ [extensionInfo |-> "", timeLeft |-> TimeLeft(call.left)]]
Handled(call, attempt, isAccepted, device) ==
  [onCallHandledByOtherDevice |-> [roomID |-> call.room, isAccepted |-> isAccepted,
                                   attempt |-> attempt, deviceID |-> device]]
Revoked(call, attempt, user) ==
  [onCallRevokedByAdmin |-> About(call, attempt, "none") @@ [operator |-> [user |-> user]]]
NotJoined(call, attempt) == [onCallNotJoined |-> About(call, attempt, "none")]     \* E-21
Listed(call, attempt, status) ==
  IF status = "none" THEN [onPendingCallRemoved |-> About(call, attempt, status)]
  ELSE [onPendingCallChanged |-> About(call, attempt, status)]

(* What the callee's devices hear of an ending: whoever rang stops.  E-17; E-01 to E-07 *)
CalleeHears(call, attempt, ending) ==
  LET all == ToUser(call.callee)
      status == StatusAfter(ending.how)
  IN CASE ending.how \in {"accepted", "entered"} ->
            <<ToOthers(call.callee, ending.device), Handled(call, attempt, TRUE, ending.device)>>
       [] ending.how = "rejected" ->
            <<ToOthers(call.callee, ending.device), Handled(call, attempt, FALSE, ending.device)>>
       [] ending.how = "inOtherRoom" -> <<all, Handled(call, attempt, FALSE, Nobody)>>
       [] ending.how = "timedOut" -> <<all, [onCallTimeout |-> About(call, attempt, status)]>>
       [] ending.how = "cancelled" -> <<all, [onCallCancelled |-> About(call, attempt, status)]>>
       [] ending.how = "revoked" -> <<all, Revoked(call, attempt, ending.user)>>

(* What the caller hears.  E-01 to E-07, C-08 *)
CallerHears(call, attempt, ending, reason) ==
  LET about == About(call, attempt, StatusAfter(ending.how))
  IN CASE ending.how \in {"accepted", "entered"} -> [onCallAccepted |-> about]
       [] ending.how \in {"rejected", "inOtherRoom"} ->
            [onCallRejected |-> about @@ [reason |-> reason]]
       [] ending.how = "timedOut" -> [onCallTimeout |-> about]
       [] ending.how = "cancelled" -> [onCallCancelled |-> about]
       [] ending.how = "revoked" -> Revoked(call, attempt, ending.user)

-----------------------------------------------------------------------------
(* Answers. *)

Noted == [noted |-> TRUE]
Ignored(rule) == [ignored |-> rule]
Refused(code, rule) ==
  [refused |-> [code |-> code, rule |-> rule,
                ended |-> [how |-> "none", attempt |-> 0, user |-> Nobody, deviceID |-> Nobody]]]
(* E-09: the loser is told. *)
TooLate(attempt, ending, asking) ==
  [refused |-> [code |-> -2311, rule |-> "E-09",
                ended |-> [how |-> ending.how, attempt |-> attempt,
                           user |-> ending.user, deviceID |-> DeviceFor(asking, ending)]]]
=============================================================================
