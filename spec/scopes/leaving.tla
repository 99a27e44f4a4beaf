------------------------------ MODULE leaving ------------------------------
(* Callers who leave, and a room that empties, under the three values of callerLeft.
   E-05, F-06 to F-08, L-10 *)
EXTENDS graph

TheUsers == {"ana", "bo", "cy", "dee"}
TheRooms == {"standup"}
TheSetups == {[Usual EXCEPT !.name = left, !.callerLeft = left] :
                left \in {"keepRinging", "cancelCalls", "cancelIfRoomEmpty"}}
ThePrelude == <<Opened("standup", "ana"), Entered("standup", "ana"), Entered("standup", "bo")>>
TheKinds == {"tick", "userEntered", "userLeft", "callUserToRoom", "acceptCall", "cancelCall"}
TheCallers == {Phone("ana"), On("bo", "tablet")}
TheAnswerers == {Phone("cy")}
TheRevokers == {}
TheEnterers == {Phone("ana"), Phone("bo")}
TheLists == {<<"cy">>, <<"dee">>}
TheTimeouts == {1}
TheTicks == {1}
TheJumps == {0}
TheAttempts == 2
TheOpenings == 1
TheHandsets == {}
=============================================================================
