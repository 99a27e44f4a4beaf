------------------------------ MODULE keeping ------------------------------
(* What is kept and remembered, within bounds, and what takes it away: called again, entered,
   evicted, forgotten.  C-10, E-08, E-09, E-14, E-18, K-01 to K-03 *)
EXTENDS graph

TheUsers == {"ana", "bo", "cy"}
TheRooms == {"standup"}
TheSetups == {[Usual EXCEPT !.name = "one", !.keptPerRoom = 1, !.endedPerRoom = 1],
              [Usual EXCEPT !.name = "none", !.keptPerRoom = 0, !.endedPerRoom = 0],
              [Usual EXCEPT !.name = "more kept", !.keptPerRoom = 2, !.endedPerRoom = 1]}
ThePrelude == <<Opened("standup", "ana"), Entered("standup", "ana")>>
TheKinds == {"tick", "userEntered", "userLeft", "callUserToRoom", "cancelCall", "rejectCall"}
TheCallers == {Phone("ana")}
TheAnswerers == {Phone("bo"), Phone("cy")}
TheRevokers == {}
TheEnterers == {Phone("cy")}
TheLists == {<<"bo">>, <<"cy">>, <<"bo", "cy">>}
TheTimeouts == {1}
TheTicks == {1}
TheJumps == {0}
TheAttempts == 3
TheOpenings == 1
TheHandsets == {}
=============================================================================
