---------------------------- MODULE switchboard ----------------------------
(***************************************************************************)
(* The switchboard: the authority that decides every call.                 *)
(*                                                                         *)
(* An attempt is a place in `calls', which only grows: what was made stays *)
(* as what it was, with its ending once it has one.  What the switchboard  *)
(* still knows of it is whether it is kept in a list (`kept') or           *)
(* remembered (`memory'), and whether its callee, who accepted, is still   *)
(* `expected' in the room.  Time is the time that is left.                 *)
(*                                                                         *)
(* Each input has one definition below (RoomOpened ... RejectCall) that    *)
(* says what it answers and what happens because of it: which attempts     *)
(* end, are made, or leave a list.  `Happens' says what that does and who  *)
(* is told.  Clock before command: T-03 is the definition of `After'.      *)
(***************************************************************************)
EXTENDS words

CONSTANT Observed     \* whether `out' is looked at; where it is not it stays as it was

VARIABLES setup,     \* policy and limits; never changes
          rooms,     \* per room: its opening (0 = closed), owner, admins, who is inside
          openings,  \* rooms opened so far
          calls,     \* every attempt ever made, in order
          endings,   \* the attempts that are over, in the order in which they ended
          kept,      \* the attempts that are over and still listed
          memory,    \* the attempts whose ending is remembered
          expected,  \* the attempts that were accepted and whose callee is expected: E-20
          out        \* the last input and what it brought about; no action reads it

Shows(what) == out' = IF Observed THEN what ELSE out

state == <<setup, rooms, openings, calls, endings, kept, memory, expected>>

Closed == [opening |-> 0, owner |-> Nobody, admins |-> {}, inside |-> {}]

(* The state as a value; `effects' are those of the step so far. *)
Board == [rooms |-> rooms, openings |-> openings, calls |-> calls, endings |-> endings,
          kept |-> kept, memory |-> memory, expected |-> expected, effects |-> <<>>]

-----------------------------------------------------------------------------
(* What is the case. *)

IsOpen(b, r) == b.rooms[r].opening > 0
IsInside(b, u, r) == u \in b.rooms[r].inside
Role(b, u, r) == IF b.rooms[r].owner = u THEN "owner"
                 ELSE IF u \in b.rooms[r].admins THEN "admin" ELSE "participant"   \* F-09
IsLive(b, a) == b.calls[a].ending.how = "none"
IsListed(b, a) == IsLive(b, a) \/ a \in b.kept
Of(b, r, u) == {a \in DOMAIN b.calls : b.calls[a].room = r /\ b.calls[a].callee = u}
LiveOf(b, r, u) == {a \in Of(b, r, u) : IsLive(b, a)}
LiveIn(b, r) == {a \in DOMAIN b.calls : IsLive(b, a) /\ b.calls[a].room = r}
LiveTo(b, u) == {a \in DOMAIN b.calls : IsLive(b, a) /\ b.calls[a].callee = u}
Live(b) == {a \in DOMAIN b.calls : IsLive(b, a)}
Kept(b, r) == {a \in b.kept : b.calls[a].room = r}
Remembered(b, r, u) == Of(b, r, u) \cap b.memory
ExpectedAs(b, r, u) == Of(b, r, u) \cap b.expected
ExpectedIn(b, r) == {a \in b.expected : b.calls[a].room = r}
IsElsewhere(b, u, r) == \E q \in DOMAIN b.rooms : q # r /\ IsInside(b, u, q)
The(set) == CHOOSE it \in set : TRUE

(* The `most' of some attempts that ended last.  E-18, K-03 *)
Newest(b, some, most) ==
  LET place(a) == CHOOSE n \in DOMAIN b.endings : b.endings[n] = a
  IN {a \in some : Cardinality({x \in some : place(x) > place(a)}) < most}

-----------------------------------------------------------------------------
(* What happens, and who is told. *)

Say(b, effects) == [b EXCEPT !.effects = @ \o effects]

(* K-02, K-03 *)
Unlist(b, a, because) ==
  LET call == b.calls[a]
  IN Say([b EXCEPT !.kept = @ \ {a}],
         <<Effect(ToRoom(call.room), Listed(call, a, "none"), because)>>)

(* Right after the ending that caused it.  K-03 *)
Evict(b, r) ==
  LET over == Kept(b, r) \ Newest(b, Kept(b, r), setup.keptPerRoom)
  IN IF over = {} THEN b ELSE Unlist(b, The(over), "K-03")

(* The last ending of each callee, the newest of the room.  E-18 *)
Remember(b, a) ==
  LET call == b.calls[a]
      ofRoom == {x \in b.memory : b.calls[x].room = call.room}
      others == ofRoom \ Of(b, call.room, call.callee)
      newest == Newest(b, others \cup {a}, setup.endedPerRoom)
  IN [b EXCEPT !.memory = (@ \ ofRoom) \cup newest]

(* At most one audience: P-06.  The device that cancelled learns it from its answer: E-05. *)
ToCaller(call, end) ==
  LET acted == IF end.because = "E-05" THEN end.ending.device ELSE Nobody
  IN IF setup.outcomesTo = "allDevices"
     THEN <<IF acted = Nobody THEN ToUser(call.caller) ELSE ToOthers(call.caller, acted)>>
     ELSE IF acted = call.device THEN <<>> ELSE <<ToDevice(call.caller, call.device)>>

(* callee, caller, room: O-01.  `told' is who is told: a call that never rang tells no callee
   (C-08), a room that is gone hears nothing (F-11). *)
EndingTold(call, a, end) ==
  LET callee == CalleeHears(call, a, end.ending)
      toCallee == <<Effect(callee[1], callee[2], end.because)>>
      event == CallerHears(call, a, end.ending, end.reason)
      toCaller == Map(LAMBDA to : Effect(to, event, end.because), ToCaller(call, end))
      toRoom == <<Effect(ToRoom(call.room),
                         Listed(call, a, StatusAfter(end.ending.how)), end.because)>>
  IN (IF "callee" \in end.told THEN toCallee ELSE <<>>) \o toCaller
     \o (IF "room" \in end.told THEN toRoom ELSE <<>>)

(* A live attempt ends, once.  T-01, E-15, K-01.  Who accepts is expected for so long: E-20 *)
Ends(b, end) ==
  LET a == end.attempt
      call == b.calls[a]
      grace == IF end.ending.how = "accepted" THEN setup.joinGrace * Second ELSE 0
      over == [b EXCEPT !.calls[a].ending = end.ending, !.calls[a].left = grace,
                        !.endings = Append(@, a), !.expected = IF grace > 0 THEN @ \cup {a} ELSE @]
      told == Say(Remember(over, a), EndingTold(call, a, end))
  IN IF StatusAfter(end.ending.how) = "none" THEN told
     ELSE Evict([told EXCEPT !.kept = @ \cup {a}], call.room)

(* Somebody is not expected any more, which by itself nobody is told.  E-20 *)
Forgoes(b, a) == [b EXCEPT !.calls[a].left = 0, !.expected = @ \ {a}]

(* Nor did they come in time: the caller (P-06) and the room are told.  E-21 *)
Misses(b, missing) ==
  LET a == missing.attempt
      call == b.calls[a]
      to == Append(ToCaller(call, missing), ToRoom(call.room))
  IN Say(Forgoes(b, a), Map(LAMBDA t : Effect(t, NotJoined(call, a), missing.because), to))

(* A new attempt, in the place of a kept record if there is one.  C-06, C-10 *)
Makes(b, call) ==
  LET a == Len(b.calls) + 1
      replaced == Kept(b, call.room) \cap Of(b, call.room, call.callee)
      made == [b EXCEPT !.calls = Append(@, call), !.kept = @ \ replaced]
  IN IF ~call.rang
     THEN Ends(made, [attempt |-> a, ending |-> Ending("inOtherRoom", call.callee, Nobody),
                      reason |-> "inOtherRoom", told |-> {"room"}, because |-> "C-08"])
     ELSE Say(made,
              <<Effect(ToUser(call.callee), Received(call, a), "C-01"),
                Effect(ToRoom(call.room), Listed(call, a, "calling"),
                       IF replaced = {} THEN "C-02" ELSE "C-10")>>)

(* Something that happens: one of the above. *)
End(a, ending, because) ==
  [what |-> "ends", attempt |-> a, ending |-> ending, reason |-> ending.how,
   told |-> {"callee", "room"}, because |-> because]
Unlisted(a, because) == [what |-> "unlisted", attempt |-> a, because |-> because]
Made(call) == [what |-> "made", call |-> call]
Forgone(a) == [what |-> "forgone", attempt |-> a]
Missing(a) == [what |-> "missing", attempt |-> a, because |-> "E-21"]

RECURSIVE Happens(_, _)
Happens(b, happenings) ==
  IF happenings = <<>> THEN b
  ELSE LET first == happenings[1]
           then == CASE first.what = "ends" -> Ends(b, first)
                     [] first.what = "unlisted" -> Unlist(b, first.attempt, first.because)
                     [] first.what = "made" -> Makes(b, first.call)
                     [] first.what = "forgone" -> Forgoes(b, first.attempt)
                     [] first.what = "missing" -> Misses(b, first)
       IN Happens(then, Tail(happenings))

-----------------------------------------------------------------------------
(* The clock.  At the deadline the timeout wins: T-04; never has no deadline: T-06.  Who is expected
   has one, too: E-21. *)

Due(b, dt) == {a \in Live(b) \cup b.expected : b.calls[a].left # Never /\ b.calls[a].left <= dt}

(* In (deadline, attempt) order.  T-03, O-01 *)
RECURSIVE DueInOrder(_, _)
DueInOrder(b, due) ==
  IF due = {} THEN <<>>
  ELSE LET left(a) == b.calls[a].left
           first == CHOOSE a \in due : \A x \in due :
                      left(a) < left(x) \/ (left(a) = left(x) /\ a <= x)
       IN <<first>> \o DueInOrder(b, due \ {first})

(* T-05: a deadline stays where it is; what is left of it shrinks by what passes. *)
Elapse(b, dt) ==
  LET due == Due(b, dt)
      timedOut == Ending("timedOut", Nobody, Nobody)
      over == Happens(b, Map(LAMBDA a : IF IsLive(b, a) THEN End(a, timedOut, "E-04") ELSE Missing(a),
                             DueInOrder(b, due)))
      shrinks(call) == call.left \notin {0, Never}
  IN [over EXCEPT !.calls = Map(LAMBDA call : IF shrinks(call) THEN [call EXCEPT !.left = @ - dt]
                                              ELSE call, @)]
=============================================================================
