----------------------------- MODULE decisions -----------------------------
(***************************************************************************)
(* What the switchboard decides.  One definition for each input: it gives  *)
(* the answer, what happens in order, and the room as it is after.  A      *)
(* refusal or an ignored fact has nothing happen, by `Nothing': R-03.      *)
(***************************************************************************)
EXTENDS switchboard

Decision(answer, happenings, room) ==
  [answer |-> answer, happenings |-> happenings, room |-> room]
Nothing(b, answer, r) == Decision(answer, <<>>, b.rooms[r])

-----------------------------------------------------------------------------
(* Facts: they already happened, and are noted or ignored.  F-01 *)

RoomOpened(b, x) ==
  LET open == {r \in DOMAIN b.rooms : IsOpen(b, r)}
      ignored == FirstOf(<< <<IsOpen(b, x.roomID), "F-03">>,
                            <<Cardinality(open) >= setup.rooms, "L-09">> >>, "")
  IN IF ignored # "" THEN Nothing(b, Ignored(ignored), x.roomID)
     ELSE Decision(Noted, <<>>,                                                  \* F-02
                   [Closed EXCEPT !.opening = b.openings + 1, !.owner = x.owner])

(* Its live attempts are revoked, in attempt order, and no list hears of it; nobody is expected there
   any more: F-11, E-20.  What was kept or remembered of it goes with the room (see `Settled'). *)
RoomDissolved(b, x) ==
  IF ~IsOpen(b, x.roomID) THEN Nothing(b, Ignored("F-01"), x.roomID)
  ELSE LET ending == Ending("revoked", x.by.user, x.by.device)
           end(a) == [End(a, ending, "F-11") EXCEPT !.told = {"callee"}]
           live == LiveIn(b, x.roomID)
           becomes(a) == IF a \in live THEN end(a) ELSE Forgone(a)
       IN Decision(Noted, Map(becomes, InOrder(live \cup ExpectedIn(b, x.roomID))), Closed)

(* F-04: the call for this room ends as entered (E-07) or its record goes (K-02), or the user is not
   expected any more (E-20); by policy those for other rooms end as in other room (E-03, C-09). *)
UserEntered(b, x) ==
  LET room == b.rooms[x.roomID]
      ignored == FirstOf(<< <<~IsOpen(b, x.roomID), "F-01">>,
                            <<IsInside(b, x.userID, x.roomID), "F-05">>,
                            <<Cardinality(room.inside) >= setup.participantsPerRoom, "L-10">> >>,
                         "")
      here == {a \in Of(b, x.roomID, x.userID) : IsListed(b, a)}
      comes == ExpectedAs(b, x.roomID, x.userID)
      elsewhere == IF setup.inOtherRoom = "ring" THEN {}
                   ELSE {a \in LiveTo(b, x.userID) : b.calls[a].room # x.roomID}
      becomes(a) ==
        IF a \in elsewhere THEN End(a, Ending("inOtherRoom", x.userID, Nobody), "E-03")
        ELSE IF a \in comes THEN Forgone(a)
        ELSE IF IsLive(b, a) THEN End(a, Ending("entered", x.userID, x.deviceID), "E-07")
        ELSE Unlisted(a, "K-02")
  IN IF ignored # "" THEN Nothing(b, Ignored(ignored), x.roomID)
     ELSE Decision(Noted, Map(becomes, InOrder(here \cup comes \cup elsewhere)),  \* O-01
                   [room EXCEPT !.inside = @ \cup {x.userID}])

(* F-06.  By policy the calls of a caller who leaves (F-07), or all of a room that is empty (F-08),
   are cancelled. *)
UserLeft(b, x) ==
  LET room == b.rooms[x.roomID]
      ignored == FirstOf(<< <<~IsOpen(b, x.roomID), "F-01">>,
                            <<~IsInside(b, x.userID, x.roomID), "F-06">> >>, "")
      isMine(a) == b.calls[a].caller = x.userID
      over == CASE setup.callerLeft = "cancelCalls" -> {a \in LiveIn(b, x.roomID) : isMine(a)}
                [] setup.callerLeft = "cancelIfRoomEmpty" /\ room.inside = {x.userID} ->
                     LiveIn(b, x.roomID)
                [] OTHER -> {}
      because == IF setup.callerLeft = "cancelCalls" THEN "F-07" ELSE "F-08"
      end(a) == End(a, Ending("cancelled", b.calls[a].caller, b.calls[a].device), because)
  IN IF ignored # "" THEN Nothing(b, Ignored(ignored), x.roomID)
     ELSE Decision(Noted, Map(end, InOrder(over)),
                   [room EXCEPT !.inside = @ \ {x.userID}])

(* F-09 *)
RoleSet(b, x) ==
  LET room == b.rooms[x.roomID]
      u == x.userID
      ignored == FirstOf(<< <<~IsOpen(b, x.roomID), "F-01">>,
                            <<Role(b, u, x.roomID) = x.role, "F-10">>,
                            <<x.role = "admin" /\ Cardinality(room.admins) >= setup.adminsPerRoom,
                              "L-11">> >>, "")
      owner == IF x.role = "owner" THEN u ELSE IF room.owner = u THEN Nobody ELSE room.owner
      admins == IF x.role = "admin" THEN room.admins \cup {u} ELSE room.admins \ {u}
  IN IF ignored # "" THEN Nothing(b, Ignored(ignored), x.roomID)
     ELSE Decision(Noted, <<>>, [room EXCEPT !.owner = owner, !.admins = admins])

-----------------------------------------------------------------------------
(* Asks: they may be refused, by the first of these that holds.  R-01 *)

BadList(users) == << <<users = <<>>, Refused(-1001, "L-02")>>,
                     <<Len(users) > setup.callees, Refused(-1001, "L-03")>> >>
NoSuchRoom(b, r) == << <<~IsOpen(b, r), Refused(100004, "R-02")>> >>

(* C-04, C-05, C-07; who is expected is called already, for that room: E-20 *)
CallResult(b, r, u) ==
  LET counts == IF setup.activeCalls = "perUser" THEN LiveTo(b, u) ELSE LiveOf(b, r, u)
  IN IF IsInside(b, u, r) THEN "alreadyInRoom"
     ELSE IF counts \cup ExpectedAs(b, r, u) # {} THEN "alreadyInCalling" ELSE "success"

(* All or nothing: C-12.  One result a callee: C-03, C-13. *)
CallUserToRoom(b, by, x) ==
  LET r == x.roomID
      users == Distinct(x.userIDList)
      result(u) == CallResult(b, r, u)
      new == SelectSeq(users, LAMBDA u : result(u) = "success")
      more == Len(new)
      isAdmin == Role(b, by.user, r) \in {"owner", "admin"}
      isInside == by # Backend /\ IsInside(b, by.user, r)
      refused == FirstOf(BadList(users) \o
        << <<x.timeout > setup.timeoutMax, Refused(-1001, "L-04")>>,
           <<x.timeout = 0 /\ ~setup.never, Refused(-1001, "L-05")>> >> \o NoSuchRoom(b, r) \o
        << <<~isInside, Refused(-2101, "P-01")>>,
           <<setup.mayCall = "admins" /\ ~isAdmin, Refused(-2301, "P-02")>>,
           <<more > 0 /\ Cardinality(LiveIn(b, r) \cup ExpectedIn(b, r)) + more
               > setup.liveCallsPerRoom, Refused(-2, "L-07")>>,                  \* E-20
           <<more > 0 /\ Cardinality(Live(b) \cup b.expected) + more > setup.liveCalls,
             Refused(-2, "L-08")>> >>,
        Noted)
      isBusy(u) == setup.inOtherRoom = "reject" /\ IsElsewhere(b, u, r)          \* C-08, C-09
      call(u) == [room |-> r, callee |-> u, caller |-> by.user, device |-> by.device,
                  left |-> IF x.timeout = 0 THEN Never ELSE x.timeout * Second,
                  rang |-> ~isBusy(u), ending |-> NotOver]
  IN IF refused # Noted THEN Nothing(b, refused, r)
     ELSE Decision([callUserToRoom |-> Map(LAMBDA u : <<u, result(u)>>, users)],
                   Map(LAMBDA u : Made(call(u)), new), b.rooms[r])

Word(how) == CASE how \in {"accepted", "entered"} -> "alreadyAccepted"
               [] how \in {"rejected", "inOtherRoom"} -> "alreadyRejected"
               [] how = "timedOut" -> "alreadyTimedOut"
               [] how = "cancelled" -> "alreadyCancelled"
               [] how = "revoked" -> "alreadyRevoked"

(* What became of a callee whose call is not live: E-12, E-14. *)
Already(b, told) == IF told = {} THEN "notCalling" ELSE Word(b.calls[The(told)].ending.how)

(* E-05, E-12 to E-14: the caller's own, from any device, in the room or not. *)
CancelCall(b, by, x) ==
  LET r == x.roomID
      users == Distinct(x.userIDList)
      isMine(a) == b.calls[a].caller = by.user
      result(u) ==
        LET live == LiveOf(b, r, u)
        IN IF live = {} THEN Already(b, {a \in Remembered(b, r, u) : isMine(a)})
           ELSE IF isMine(The(live)) THEN "cancelled" ELSE "notYours"
      over == {a \in LiveIn(b, r) : b.calls[a].callee \in Range(users) /\ isMine(a)}
      end(a) == End(a, Ending("cancelled", by.user, by.device), "E-05")
      refused == FirstOf(BadList(users) \o NoSuchRoom(b, r) \o
                         << <<by = Backend, Refused(-2310, "P-04")>> >>, Noted)
  IN IF refused # Noted THEN Nothing(b, refused, r)
     ELSE Decision([cancelCall |-> Map(LAMBDA u : <<u, result(u)>>, users)],
                   Map(end, InOrder(over)), b.rooms[r])

(* E-06, E-12, E-14: anybody's, by the role; presence is not needed: P-03. *)
RevokeCall(b, by, x) ==
  LET r == x.roomID
      users == Distinct(x.userIDList)
      mayRevoke == by = Backend \/ Role(b, by.user, r) \in {"owner", "admin"}
      result(u) == IF LiveOf(b, r, u) = {} THEN Already(b, Remembered(b, r, u)) ELSE "revoked"
      over == {a \in LiveIn(b, r) : b.calls[a].callee \in Range(users)}
      end(a) == End(a, Ending("revoked", by.user, by.device), "E-06")
      refused == FirstOf(BadList(users) \o NoSuchRoom(b, r) \o
                         << <<~mayRevoke, Refused(-2301, "P-03")>> >>, Noted)
  IN IF refused # Noted THEN Nothing(b, refused, r)
     ELSE Decision([revokeCall |-> Map(LAMBDA u : <<u, result(u)>>, users)],
                   Map(end, InOrder(over)), b.rooms[r])

(* The attempt that an answer means: the one it names, else the live one, else the remembered
   one; 0 if there is none.  E-11 *)
Meant(b, by, x) ==
  LET live == LiveOf(b, x.roomID, by.user)
      told == Remembered(b, x.roomID, by.user)
      some == IF live # {} THEN live ELSE told
  IN IF x.attempt # 0 THEN IF x.attempt \in live \cup told THEN x.attempt ELSE 0
     ELSE IF some = {} THEN 0 ELSE The(some)

(* An accept or a reject.  It does not move the callee: E-16. *)
Answer(b, by, x, how, answer(_), because) ==
  LET a == Meant(b, by, x)
      isLive == a # 0 /\ IsLive(b, a)
      ending == IF a = 0 THEN NotOver ELSE b.calls[a].ending
      isAgain == ending.how = how /\ ending.device = by.device                   \* E-08
      end == [End(a, Ending(how, by.user, by.device), because) EXCEPT !.reason =
                IF how = "rejected" THEN x.reason ELSE how]
      refused == FirstOf(NoSuchRoom(b, x.roomID) \o
        << <<by = Backend, Refused(-2310, "P-04")>>,
           <<a = 0, Refused(-2311, "E-10")>>,
           <<~isLive /\ ~isAgain, TooLate(a, ending, by.user)>> >>, Noted)
  IN IF refused # Noted THEN Nothing(b, refused, x.roomID)
     ELSE Decision(answer(a), IF isLive THEN <<end>> ELSE <<>>, b.rooms[x.roomID])

AcceptCall(b, by, x) ==                                                          \* E-01
  Answer(b, by, x, "accepted", LAMBDA a : [acceptCall |-> [attempt |-> a]], "E-01")
RejectCall(b, by, x) ==                                                          \* E-02
  Answer(b, by, x, "rejected", LAMBDA a : [rejectCall |-> [attempt |-> a]], "E-02")

-----------------------------------------------------------------------------
(* An input as the wire has it: a tick, a fact, or a command by somebody. *)

Kind(tagged) == The(DOMAIN tagged)

Decide(b, input) ==
  IF "fact" \in DOMAIN input
  THEN LET kind == Kind(input.fact)
           x == input.fact[kind]
       IN CASE kind = "roomOpened" -> RoomOpened(b, x)
            [] kind = "roomDissolved" -> RoomDissolved(b, x)
            [] kind = "userEntered" -> UserEntered(b, x)
            [] kind = "userLeft" -> UserLeft(b, x)
            [] kind = "roleSet" -> RoleSet(b, x)
  ELSE LET kind == Kind(input.command)
           x == input.command[kind]
       IN CASE kind = "callUserToRoom" -> CallUserToRoom(b, input.by, x)
            [] kind = "cancelCall" -> CancelCall(b, input.by, x)
            [] kind = "revokeCall" -> RevokeCall(b, input.by, x)
            [] kind = "acceptCall" -> AcceptCall(b, input.by, x)
            [] kind = "rejectCall" -> RejectCall(b, input.by, x)

RoomOf(input) == LET tagged == IF "fact" \in DOMAIN input THEN input.fact ELSE input.command
                 IN tagged[Kind(tagged)].roomID

(* The room as it is after; of one that was dissolved nothing is kept or remembered.  F-02, F-11 *)
Settled(b, r, room) ==
  LET isGone == IsOpen(b, r) /\ room = Closed
      isNew == ~IsOpen(b, r) /\ room # Closed
      stays(a) == ~isGone \/ b.calls[a].room # r
  IN [b EXCEPT !.rooms[r] = room, !.openings = IF isNew THEN @ + 1 ELSE @,
               !.kept = {a \in @ : stays(a)}, !.memory = {a \in @ : stays(a)}]

Judged(b, input) ==
  LET decision == Decide(b, input)
  IN [answer |-> decision.answer,
      board |-> Settled(Happens(b, decision.happenings), RoomOf(input), decision.room)]

(* The whole step: `dt' passes, then the input is judged.  T-01, T-03; queries are looks at the
   result: Q-08. *)
After(b, dt, input) ==
  IF "tick" \in DOMAIN input THEN [answer |-> Noted, board |-> Elapse(b, dt)]
  ELSE Judged(Elapse(b, dt), input)

(* `\E' makes TLC compute the step once. *)
Step(dt, input) ==
  \E after \in {After(Board, dt, input)} :
     /\ Shows([dt |-> dt, input |-> input, answer |-> after.answer,
               effects |-> after.board.effects])
     /\ rooms' = after.board.rooms
     /\ openings' = after.board.openings
     /\ calls' = after.board.calls
     /\ endings' = after.board.endings
     /\ kept' = after.board.kept
     /\ memory' = after.board.memory
     /\ expected' = after.board.expected
     /\ UNCHANGED setup

-----------------------------------------------------------------------------
(* What queries say of a state, as the backend and each callee may ask it. *)

(* Q-01 *)
PendingCalls(b, r) ==
  Map(LAMBDA a : LET call == b.calls[a]
                 IN [attempt |-> a, caller |-> call.caller, callee |-> call.callee,
                     status |-> IF IsLive(b, a) THEN "calling" ELSE StatusAfter(call.ending.how),
                     timeLeft |-> IF IsLive(b, a) THEN TimeLeft(call.left) ELSE Never],
      InOrder({a \in DOMAIN b.calls : IsListed(b, a) /\ b.calls[a].room = r}))

(* Q-09, P-08 *)
EndedCalls(b, u) ==
  Map(LAMBDA a : LET call == b.calls[a]
                 IN [roomID |-> call.room, caller |-> call.caller, how |-> call.ending.how,
                     attempt |-> a, user |-> call.ending.user,
                     deviceID |-> DeviceFor(u, call.ending)],
      InOrder({a \in b.memory : b.calls[a].callee = u}))

(* Q-06 *)
IncomingCalls(b, u) == InOrder(LiveTo(b, u))

(* Q-07 *)
Revision(b) == Len(b.calls) + Len(b.endings)
=============================================================================
