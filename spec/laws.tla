-------------------------------- MODULE laws --------------------------------
(***************************************************************************)
(* What is true of every state, of every step, and of every run.           *)
(***************************************************************************)
EXTENDS calls

Now == Board
InRoomOf(r) == {a \in DOMAIN calls : calls[a].room = r}

-----------------------------------------------------------------------------
(* Every state. *)

TypeOK ==
  /\ setup \in Setups
  /\ \A r \in Rooms : /\ rooms[r].opening \in 0..openings
                      /\ rooms[r].owner \in Users \cup {Nobody}
                      /\ rooms[r].admins \subseteq Users /\ rooms[r].inside \subseteq Users
  /\ openings \in 0..Openings
  /\ \A a \in DOMAIN calls :
       /\ calls[a].room \in Rooms /\ calls[a].callee \in Users /\ calls[a].caller \in Users
       /\ calls[a].left \in Int /\ calls[a].rang \in BOOLEAN
       /\ calls[a].ending.how \in Hows \cup {"none"}
  /\ Range(endings) \subseteq DOMAIN calls
  /\ kept \cup memory \cup expected \subseteq Range(endings)
  /\ \A d \in Handsets : \A a \in 1..Attempts :
       /\ known[d][a].stage \in {"unknown", "rings", "silenced", "over"}
       /\ {said[d][a], asked[d][a]} \subseteq {"nothing", "yes", "no"}
  /\ joined \subseteq Handsets \X (1..Attempts)

(* An attempt ends exactly once: the endings are those that are over, each once.  T-01 *)
EndsOnce ==
  /\ \A a \in DOMAIN calls : IsLive(Now, a) <=> a \notin Range(endings)
  /\ \A m, n \in DOMAIN endings : endings[m] = endings[n] => m = n

(* C-07, INV-01 *)
SingleActiveCall ==
  /\ setup.activeCalls = "perUser" => \A u \in Users : Cardinality(LiveTo(Now, u)) <= 1
  /\ \A r \in Rooms, u \in Users :
       Cardinality({a \in Of(Now, r, u) : IsListed(Now, a)}) <= 1

(* C-04, C-09, F-04, INV-02 *)
NobodyRingsWhereTheyAre ==
  \A a \in Live(Now) : /\ ~IsInside(Now, calls[a].callee, calls[a].room)
                       /\ setup.inOtherRoom = "reject" =>
                            ~IsElsewhere(Now, calls[a].callee, calls[a].room)

(* E-01, E-20, F-04, F-11, INV-01, INV-02: who is expected has accepted, is neither there nor called
   there, is expected once, and the room is open. *)
OnlyExpectedAfterAccepting ==
  \A a \in expected :
    LET call == calls[a]
        same == Of(Now, call.room, call.callee)
    IN /\ call.ending.how = "accepted" /\ call.ending.user = call.callee
       /\ IsOpen(Now, call.room) /\ ~IsInside(Now, call.callee, call.room)
       /\ {x \in same : IsLive(Now, x) \/ x \in expected} = {a}
       /\ setup.joinGrace > 0

(* T-03, T-04, T-05, T-06, E-20, INV-03: what rings or is expected has time left, at most what it was
   given. *)
ClockBeforeDeadlines ==
  \A a \in DOMAIN calls :
    IF IsLive(Now, a) THEN calls[a].left = Never \/ calls[a].left \in 1..setup.timeoutMax * Second
    ELSE IF a \in expected THEN calls[a].left \in 1..setup.joinGrace * Second
    ELSE calls[a].left = 0

(* K-01, F-02, F-11: only these are kept, in a room that is open; nothing live was not rung. *)
KeptRecords ==
  /\ \A a \in kept : StatusAfter(calls[a].ending.how) # "none" /\ IsOpen(Now, calls[a].room)
  /\ \A a \in Live(Now) : calls[a].rang /\ IsOpen(Now, calls[a].room)
  /\ \A a \in memory : IsOpen(Now, calls[a].room)

(* K-03, E-18, E-20, L-07 to L-11, L-13, INV-05 *)
Bounded ==
  /\ \A r \in Rooms :
       /\ Cardinality(Kept(Now, r)) <= setup.keptPerRoom
       /\ Cardinality(memory \cap InRoomOf(r)) <= setup.endedPerRoom
       /\ Cardinality(LiveIn(Now, r)) + Cardinality(ExpectedIn(Now, r)) <= setup.liveCallsPerRoom
       /\ Cardinality(rooms[r].inside) <= setup.participantsPerRoom
       /\ Cardinality(rooms[r].admins) <= setup.adminsPerRoom
  /\ Cardinality(Live(Now)) + Cardinality(expected) <= setup.liveCalls
  /\ Cardinality({r \in Rooms : IsOpen(Now, r)}) <= setup.rooms

(* E-18: of each callee the last ending, of a room the newest. *)
RemembersTheLast ==
  \A a \in memory : \A x \in Of(Now, calls[a].room, calls[a].callee) \cap Range(endings) :
    Newest(Now, {a, x}, 1) = {a}

(* Who ended it is who may: E-01 to E-07, E-09. *)
EndedByWhoMay ==
  \A a \in Range(endings) :
    LET end == calls[a].ending
    IN CASE end.how \in {"accepted", "rejected", "entered"} ->
              end.user = calls[a].callee /\ end.device # Nobody
         [] end.how = "inOtherRoom" -> end.user = calls[a].callee /\ end.device = Nobody
         [] end.how = "timedOut" -> end.user = Nobody /\ end.device = Nobody
         [] end.how = "cancelled" -> end.user = calls[a].caller /\ end.device # Nobody
         [] end.how = "revoked" -> (end.user = Nobody) <=> (end.device = Nobody)

(* An owner is no admin besides.  F-09 *)
OneRole == \A r \in Rooms : rooms[r].owner \notin rooms[r].admins

-----------------------------------------------------------------------------
(* Every state, at the handsets. *)

(* Nobody invents: what rings was rung, what is over is over, and as it is.  D-04, D-05, D-13 *)
HandsetsAreTrue ==
  \A d \in Handsets : \A a \in 1..Attempts :
    LET k == known[d][a]
    IN /\ k.stage # "unknown" => a \in DOMAIN calls /\ calls[a].callee = d.user
       /\ k.stage \in {"rings", "silenced"} => calls[a].rang
       /\ k.stage = "over" => /\ ~IsLive(Now, a)
                              /\ k \in {Gone, Seen(d, calls[a].ending)}

(* D-07 *)
OneCallAtATime ==
  \A d \in Handsets :
    Cardinality({a \in Shown(known[d]) :
                   StageOf(known[d], said[d], a) \in {"ringing", "accepting"}}) <= 1

(* D-12, D-28: at most one device joins, and it is the one that the switchboard took. *)
OneJoins ==
  \A dev \in joined : /\ calls[dev[2]].ending.how = "accepted"
                      /\ calls[dev[2]].ending.user = dev[1].user
                      /\ calls[dev[2]].ending.device = dev[1].device

(* A device that was answered "yes" is the one that ended it: E-01, X-02. *)
OneAnswers ==
  \A d \in Handsets : \A a \in 1..Attempts :
    "acceptCall" \in DOMAIN judged[d][a] =>
      calls[a].ending = Ending("accepted", d.user, d.device)

-----------------------------------------------------------------------------
(* Every step. *)

(* T-01, C-06, T-05: attempts are added, a live one ends or keeps all but its time, one that is
   over never changes, but for how long its callee is expected. *)
CallsOnlyGrow ==
  [][ /\ Len(calls') \in Len(calls)..Len(calls) + Cardinality(Users)
      /\ SubSeq(endings', 1, Len(endings)) = endings
      /\ \A a \in DOMAIN calls :
           IF IsLive(Now, a)
           THEN [calls'[a] EXCEPT !.left = 0, !.ending = NotOver] = [calls[a] EXCEPT !.left = 0]
           ELSE /\ [calls'[a] EXCEPT !.left = 0] = [calls[a] EXCEPT !.left = 0]
                /\ a \notin expected => calls'[a] = calls[a] ]_vars

(* T-05: what is left shrinks by what passes, and by nothing else. *)
DeadlineIsFixed ==
  [][ \A a \in DOMAIN calls :
        (IsLive(Now, a) /\ IsLive(Board', a)) \/ a \in expected \cap expected' =>
        calls'[a].left = IF calls[a].left = Never THEN Never ELSE calls[a].left - out'.dt
    ]_<<vars, out>>

(* The lifecycle as a whole: from calling to one ending, or on.  K-01, E-01 to E-07 *)
Status(b, a) == IF IsLive(b, a) THEN "calling"
                ELSE IF a \in b.kept THEN StatusAfter(b.calls[a].ending.how) ELSE "none"
Lifecycle ==
  [][ \A a \in DOMAIN calls :
        <<Status(Now, a), Status(Board', a)>> \in
          {<<"calling", "calling">>, <<"calling", "none">>, <<"calling", "timeout">>,
           <<"calling", "rejected">>, <<"timeout", "timeout">>, <<"timeout", "none">>,
           <<"rejected", "rejected">>, <<"rejected", "none">>, <<"none", "none">>} ]_vars

(* What is kept, said by itself: after these endings, unless what came after the clock takes it away
   at once: a new call, an entry, an eviction.  C-10, K-01 to K-03 *)
KeptAfter ==
  [][ \A a \in DOMAIN calls : IsLive(Now, a) /\ ~IsLive(Board', a) =>
        IF calls'[a].ending.how \in {"timedOut", "rejected", "inOtherRoom"}
        THEN \/ a \in kept' \/ setup.keptPerRoom < Len(endings') - Len(endings)
             \/ \E x \in DOMAIN calls' \ DOMAIN calls : calls'[x].callee = calls[a].callee
             \/ IsInside(Board', calls[a].callee, calls[a].room)
        ELSE a \notin kept' ]_vars

(* A numbered request is judged once: X-02. *)
JudgedOnce ==
  [][ \A d \in Handsets : \A a \in 1..Attempts :
        judged[d][a] # Noted => judged'[d][a] = judged[d][a] ]_vars

(* D-14: what is over at a device stays over, and never rings again. *)
NoResurrection ==
  [][ \A d \in Handsets : \A a \in 1..Attempts :
        known[d][a].stage = "over" => known'[d][a].stage = "over" ]_vars

Ended == {a \in DOMAIN calls : IsLive(Now, a) /\ ~IsLive(Board', a)}
New == DOMAIN calls' \ DOMAIN calls
Is(kind) == IF "command" \in DOMAIN out'.input THEN kind \in DOMAIN out'.input.command
            ELSE "fact" \in DOMAIN out'.input /\ kind \in DOMAIN out'.input.fact
X(kind) == IF "command" \in DOMAIN out'.input THEN out'.input.command[kind] ELSE out'.input.fact[kind]
Refuses == "refused" \in DOMAIN out'.answer
IsBoardStep == "handset" \notin DOMAIN out'.input
How(a) == calls'[a].ending.how

(* R-03, C-12: what is refused or ignored is a tick at its time. *)
RefusalIsATick ==
  [][ IsBoardStep /\ (Refuses \/ "ignored" \in DOMAIN out'.answer) =>
        /\ New = {} /\ rooms' = rooms /\ openings' = openings
        /\ \A a \in Ended : How(a) = "timedOut" ]_<<vars, out>>

(* What each input promises: which endings it may cause, and that it causes those that it must.
   E-01 to E-07, E-15, F-04 to F-08, F-11 *)
MayCause ==
  CASE "tick" \in DOMAIN out'.input -> {"timedOut"}
    [] Is("acceptCall") -> {"timedOut", "accepted"}
    [] Is("rejectCall") -> {"timedOut", "rejected"}
    [] Is("cancelCall") -> {"timedOut", "cancelled"}
    [] Is("revokeCall") \/ Is("roomDissolved") -> {"timedOut", "revoked"}
    [] Is("userEntered") -> {"timedOut", "entered", "inOtherRoom"}
    [] Is("userLeft") -> IF setup.callerLeft = "keepRinging" THEN {"timedOut"}
                         ELSE {"timedOut", "cancelled"}
    [] OTHER -> {"timedOut"}
Withdrawn(kind) ==                                                               \* E-15
  \A a \in Ended : How(a) # "timedOut" =>
    calls[a].room = X(kind).roomID /\ calls[a].callee \in Range(X(kind).userIDList)
(* F-07, F-08 *)
CancelledByLeaving(x) ==
  LET live == {a \in LiveIn(Now, x.roomID) : a \notin Ended \/ How(a) # "timedOut"}
      all == CASE setup.callerLeft = "cancelCalls" -> {a \in live : calls[a].caller = x.userID}
               [] setup.callerLeft = "cancelIfRoomEmpty" ->
                    IF rooms'[x.roomID].inside = {} THEN live ELSE {}
               [] OTHER -> {}
  IN {a \in Ended : How(a) = "cancelled"} = all
Contract ==
  [][ IsBoardStep =>
        /\ \A a \in Ended : How(a) \in MayCause
        /\ \A a \in Ended : How(a) = "timedOut" <=>                             \* T-03, T-04
             calls[a].left # Never /\ calls[a].left <= out'.dt
        /\ \A a \in New : How(a) \in {"none", "inOtherRoom"} /\ Is("callUserToRoom")
        /\ Is("userEntered") /\ out'.answer = Noted => X("userEntered").userID \in
             rooms'[X("userEntered").roomID].inside
        /\ Is("userLeft") => X("userLeft").userID \notin rooms'[X("userLeft").roomID].inside
        /\ Is("userLeft") /\ out'.answer = Noted => CancelledByLeaving(X("userLeft"))
        /\ Is("cancelCall") => Withdrawn("cancelCall")
        /\ Is("revokeCall") => Withdrawn("revokeCall")
        /\ Is("roomDissolved") =>
             /\ rooms'[X("roomDissolved").roomID] = Closed
             /\ \A a \in DOMAIN calls' :
                  calls'[a].room = X("roomDissolved").roomID =>
                    How(a) # "none" /\ a \notin kept' /\ a \notin memory'
        /\ Is("acceptCall") /\ ~Refuses =>                                      \* E-01, E-08, E-16
             LET a == out'.answer.acceptCall.attempt
             IN /\ calls'[a].ending = Ending("accepted", out'.input.by.user, out'.input.by.device)
                /\ calls'[a].callee = out'.input.by.user
                /\ X("acceptCall").attempt \in {0, a}                           \* E-11
                /\ {x \in Ended : How(x) # "timedOut"} \subseteq {a}
                /\ rooms' = rooms
        /\ Is("rejectCall") /\ ~Refuses =>                                      \* E-02
             calls'[out'.answer.rejectCall.attempt].ending =
               Ending("rejected", out'.input.by.user, out'.input.by.device) ]_<<vars, out>>

(* The answers to batches: one result for each callee, true of what happened.  C-03, E-12 to E-14 *)
Results(kind) == out'.answer[kind]
Callees(kind) == {Results(kind)[n][1] : n \in DOMAIN Results(kind)}
Got(kind, u, word) == \E n \in DOMAIN Results(kind) : Results(kind)[n] = <<u, word>>
Batches ==
  [][ IsBoardStep /\ ~Refuses =>
        /\ \A kind \in {"callUserToRoom", "cancelCall", "revokeCall"} : Is(kind) =>
             /\ Callees(kind) = Range(X(kind).userIDList)
             /\ Len(Results(kind)) = Cardinality(Callees(kind))
        /\ Is("callUserToRoom") => \A u \in Callees("callUserToRoom") :
             Got("callUserToRoom", u, "success") <=> \E a \in New : calls'[a].callee = u
        /\ Is("cancelCall") => \A u \in Callees("cancelCall") :
             Got("cancelCall", u, "cancelled") <=>
               \E a \in Ended : /\ calls[a].callee = u /\ How(a) = "cancelled"
                                /\ calls[a].room = X("cancelCall").roomID
                                /\ calls[a].caller = out'.input.by.user         \* E-05, E-13
        /\ Is("revokeCall") => \A u \in Callees("revokeCall") :
             Got("revokeCall", u, "revoked") <=>
               \E a \in Ended : /\ calls[a].callee = u /\ How(a) = "revoked"
                                /\ calls[a].room = X("revokeCall").roomID ]_<<vars, out>>

(* Who may.  P-01 to P-04 *)
Permitted ==
  [][ IsBoardStep /\ ~Refuses /\ "command" \in DOMAIN out'.input =>
        LET by == out'.input.by
        IN /\ Is("callUserToRoom") =>
                /\ IsInside(Now, by.user, X("callUserToRoom").roomID)
                /\ setup.mayCall = "admins" =>
                     Role(Now, by.user, X("callUserToRoom").roomID) # "participant"
           /\ Is("revokeCall") =>
                by = Backend \/ Role(Now, by.user, X("revokeCall").roomID) # "participant"
           /\ ~Is("revokeCall") => by # Backend ]_<<vars, out>>

-----------------------------------------------------------------------------
(* Who is told.  Events of a step about an attempt, to its callee. *)

Tag(event) == The(DOMAIN event)
AttemptOf(effect) == effect.event[Tag(effect.event)].attempt
IsList(effect) == Tag(effect.event) \in {"onPendingCallChanged", "onPendingCallRemoved"}
IsRing(effect) == Tag(effect.event) = "onCallReceived"
ToCalleeOf(a, effect) ==
  /\ AttemptOf(effect) = a /\ ~IsList(effect)
  /\ "user" \in DOMAIN effect.to /\ "device" \notin DOMAIN effect.to
  /\ effect.to.user = calls'[a].callee
Said == {n \in DOMAIN out'.effects : TRUE}

(* Notified to ring, notified to stop, once each, in the step that makes or ends it; of an attempt that is
   over nothing more.  C-01, C-08, E-17; a caller is never one's own callee: C-04. *)
ToldToRingToldToStop ==
  [][ IsBoardStep =>
        \A a \in DOMAIN calls' :
          LET toCallee == {n \in Said : ToCalleeOf(a, out'.effects[n])}
              rings == {n \in toCallee : IsRing(out'.effects[n])}
              stops == toCallee \ rings
              toOther == IF How(a) \in {"accepted", "rejected", "entered"}
                         THEN "exceptDevice" ELSE "user"
          IN /\ Cardinality(rings) = IF a \in New /\ calls'[a].rang THEN 1 ELSE 0
             /\ Cardinality(stops) = IF a \in Ended /\ calls'[a].rang THEN 1 ELSE 0
             /\ \A n \in stops : toOther \in DOMAIN out'.effects[n].to ]_<<vars, out>>

(* Each device of a caller is notified once of an ending, and that somebody did not come, or not: the
   device that called or all, and never the one that cancelled.  E-05, E-21, F-07, F-08, P-06 *)
Addressed(to, d) ==
  /\ "user" \in DOMAIN to /\ to.user = d.user
  /\ "device" \in DOMAIN to => to.device = d.device
  /\ "exceptDevice" \in DOMAIN to => to.exceptDevice # d.device
CallersAreTold ==
  [][ IsBoardStep =>
        \A a \in DOMAIN calls', d \in (Callers \cup Enterers) \ {Backend} :
          d.user = calls'[a].caller =>
          LET times == Cardinality({n \in Said : /\ AttemptOf(out'.effects[n]) = a
                                                 /\ Addressed(out'.effects[n].to, d)})
              isLate == a \in expected \ expected' /\ calls[a].left <= out'.dt
              isOver == a \in Ended \/ (a \in New /\ How(a) # "none") \/ isLate
              isTold == setup.outcomesTo = "allDevices" \/ d.device = calls'[a].device
              hasActed == How(a) = "cancelled" /\ Is("cancelCall") /\ out'.input.by = d
          IN times = IF isOver /\ isTold /\ ~hasActed THEN 1 ELSE 0 ]_<<vars, out>>

(* A refusal, and what is asked of endings, has the device if and only if it is one of who asks.
   E-09, Q-09, P-08 *)
IsForOwnDevices(ended, asking) ==
  ended.deviceID = IF ended.user = asking THEN calls'[ended.attempt].ending.device ELSE Nobody
NobodyLearnsOfOtherDevices ==
  [][ /\ IsBoardStep /\ Refuses /\ out'.answer.refused.ended.how # "none" =>
           IsForOwnDevices(out'.answer.refused.ended, out'.input.by.user)
      /\ \A u \in Users : \A ended \in Range(EndedCalls(Board', u)) : IsForOwnDevices(ended, u)
    ]_<<vars, out>>

(* The order of effects: the clock's first, then by attempt; of one attempt callee, caller, room.
   O-01; an eviction stands right after what caused it, so it is left out. *)
Rank(effect) == IF "room" \in DOMAIN effect.to THEN 3
                ELSE IF effect.to.user = calls'[AttemptOf(effect)].callee THEN 1 ELSE 2
InOrderOfAttempts ==
  [][ IsBoardStep =>
        \A m, n \in {k \in Said : out'.effects[k].because # "K-03"} : m < n =>
          LET one == out'.effects[m]
              next == out'.effects[n]
              isClock(e) == e.because \in {"E-04", "E-21"}
              left(e) == calls[AttemptOf(e)].left
          IN /\ isClock(next) => isClock(one) /\ left(one) <= left(next)
             /\ isClock(next) /\ left(one) = left(next) => AttemptOf(one) <= AttemptOf(next)
             /\ ~isClock(one) => AttemptOf(one) <= AttemptOf(next)
             /\ AttemptOf(one) = AttemptOf(next) => Rank(one) < Rank(next) ]_<<vars, out>>

-----------------------------------------------------------------------------
(* Who accepts is expected, and nobody else comes to be; that ends at its deadline, of which is told
   once, or silently, as they come in or the room goes, and by nothing else, for good.  E-20, E-21,
   F-04, F-11 *)
NotJoinedOf(a) ==
  {n \in Said : AttemptOf(out'.effects[n]) = a /\ Tag(out'.effects[n].event) = "onCallNotJoined"}
ToTheRoom(a) == {n \in NotJoinedOf(a) : out'.effects[n].to = ToRoom(calls[a].room)}
ComesIn(a) ==
  /\ Is("userEntered") /\ out'.answer = Noted
  /\ X("userEntered").roomID = calls[a].room /\ X("userEntered").userID = calls[a].callee
Goes(a) == Is("roomDissolved") /\ X("roomDissolved").roomID = calls[a].room
WhoAcceptsIsExpected ==
  [][ IF ~IsBoardStep THEN expected' = expected
      ELSE /\ expected' \ expected =
                {a \in Ended : How(a) = "accepted" /\ setup.joinGrace > 0}
           /\ \A a \in DOMAIN calls :
                LET isLate == a \in expected /\ calls[a].left <= out'.dt
                IN /\ Cardinality(ToTheRoom(a)) = IF isLate THEN 1 ELSE 0
                   /\ ~isLate => NotJoinedOf(a) = {}
                   /\ a \in expected =>
                        (a \notin expected' <=> isLate \/ ComesIn(a) \/ Goes(a)) ]_<<vars, out>>

(* Who is expected is called already, for that room and no other.  C-05, C-07, E-20 *)
ExpectedAreCalled ==
  [][ IsBoardStep /\ ~Refuses /\ Is("callUserToRoom") =>
        \A u \in Users :
          LET call == X("callUserToRoom")
              awaited == ExpectedAs(Board', call.roomID, u)
              isNamed == u \in Range(call.userIDList)
              isRung == LiveTo(Now, u) \ Ended # {}
          IN isNamed =>
               /\ awaited # {} => Got("callUserToRoom", u, "alreadyInCalling")
               /\ awaited = {} /\ ~isRung => ~Got("callUserToRoom", u, "alreadyInCalling")
    ]_<<vars, out>>

-----------------------------------------------------------------------------
(* Every run, if time passes and handsets ask again.  E-04, E-21, D-16, D-28 *)

CallsEnd == \A a \in 1..Attempts :
  (a \in DOMAIN calls /\ IsLive(Now, a) /\ calls[a].left # Never) ~> ~(a \in DOMAIN calls /\ IsLive(Now, a))
ExpectationsEnd == \A a \in 1..Attempts : (a \in expected) ~> (a \notin expected)
DevicesStop == \A d \in Handsets : \A a \in 1..Attempts :
  (known[d][a].stage = "rings" /\ calls[a].left # Never) ~> (known[d][a].stage # "rings")
=============================================================================
