------------------------------- MODULE graph -------------------------------
(***************************************************************************)
(* Every transition, printed: from which state, what came, what it brought *)
(* about, to which state; and for each state what queries say of it.       *)
(* `xtask spec write' turns this into spec/graphs, which the tests         *)
(* replay on the code.                                                     *)
(***************************************************************************)
EXTENDS laws

(* What scopes are made of. *)
Usual == [name |-> "usual",
          activeCalls |-> "perUser", inOtherRoom |-> "reject", callerLeft |-> "keepRinging",
          mayCall |-> "anyone", outcomesTo |-> "callingDevice", joinGrace |-> 0,
          callees |-> 100, timeoutMax |-> 300, never |-> FALSE, liveCallsPerRoom |-> 1000,
          keptPerRoom |-> 200, endedPerRoom |-> 1000, liveCalls |-> 10000000, rooms |-> 1000000,
          participantsPerRoom |-> 100000, adminsPerRoom |-> 1000]
On(user, device) == [user |-> user, device |-> device]
Phone(user) == On(user, "phone")
Opened(room, owner) == Fact("roomOpened", [roomID |-> room, owner |-> owner])
Entered(room, user) ==
  Fact("userEntered", [roomID |-> room, userID |-> user, deviceID |-> "phone"])

Picture == [made |-> Len(calls), over |-> Len(endings),
            open |-> {r \in Rooms : IsOpen(Now, r)},
            inside |-> [r \in Rooms |-> rooms[r].inside],
            pending |-> [r \in Rooms |-> PendingCalls(Now, r)],
            incoming |-> [u \in Users |-> IncomingCalls(Now, u)],
            ended |-> [u \in Users |-> EndedCalls(Now, u)],
            screens |-> UNION {{<<d.user, d.device, a, StageOf(known[d], said[d], a)>> :
                                  a \in Shown(known[d])} : d \in Handsets}]

(* A state in few words. *)
Key == <<setup.name, [r \in Rooms |-> <<rooms[r].opening, rooms[r].owner, rooms[r].admins,
                                       rooms[r].inside>>],
         openings,
         [a \in DOMAIN calls |->
            LET c == calls[a]
            IN <<c.room, c.callee, c.caller, c.device, c.left, c.rang, c.ending.how, c.ending.user,
                 c.ending.device>>],
         endings, kept, memory, expected,
         {<<d, known[d], said[d], asked[d], judged[d]>> : d \in Handsets}, joined>>

(* An invariant that prints: once for each state. *)
PrintState == PrintT(ToString(<<"STATE", Key, Picture>>))
PrintStep == PrintT(ToString(<<"STEP", Key, <<out'.dt, out'.input>>,
                               <<out'.answer, out'.effects>>, Key'>>))
=============================================================================
