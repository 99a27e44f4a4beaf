----------------------------- MODULE expecting -----------------------------
(* Who accepted is expected in the room, and comes in time or does not, while the room is dissolved, and
   the caller, who has two devices there, leaves, cancels and calls again, up to a limit.
   C-05, E-20, E-21, F-04, F-07, F-08, F-11, L-07, P-06, T-03 *)
EXTENDS graph

TheUsers == {"ana", "bo", "cy"}
TheRooms == {"standup"}
TheSetups ==
  {[Usual EXCEPT !.name = "usual", !.joinGrace = 1, !.callerLeft = "cancelCalls"],
   [Usual EXCEPT !.name = "longer", !.joinGrace = 2, !.callerLeft = "cancelIfRoomEmpty",
                 !.outcomesTo = "allDevices"],
   [Usual EXCEPT !.name = "few", !.joinGrace = 1, !.liveCallsPerRoom = 1]}
Enters(on) ==
  Fact("userEntered", [roomID |-> "standup", userID |-> on.user, deviceID |-> on.device])
ThePrelude == <<Opened("standup", "ana"), Enters(On("ana", "tablet"))>>
TheKinds == {"tick", "roomDissolved", "userEntered", "userLeft", "callUserToRoom", "cancelCall",
             "revokeCall", "acceptCall"}
TheCallers == {Phone("ana")}
TheAnswerers == {Phone("bo")}
TheRevokers == {Backend}
TheEnterers == {On("ana", "tablet"), Phone("bo")}
TheLists == {<<"bo">>, <<"cy">>}
TheTimeouts == {1}
TheTicks == {1, 2}
TheJumps == {0}
TheAttempts == 2
TheOpenings == 1
TheHandsets == {}
=============================================================================
