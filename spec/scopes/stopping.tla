------------------------------ MODULE stopping ------------------------------
(* For liveness: every call with a timeout ends, and every device that rings stops, although all
   messages may be lost, if time passes and devices ask again.  E-04, D-13, D-16, D-24, D-28 *)
EXTENDS graph

TheUsers == {"ana", "bo"}
TheRooms == {"standup"}
TheSetups == {Usual}
ThePrelude == <<Opened("standup", "ana"), Entered("standup", "ana")>>
TheKinds == {"tick", "callUserToRoom", "cancelCall", "revokeCall", "userEntered", "silence", "snapshot"}
TheCallers == {Phone("ana")}
TheAnswerers == {}
TheRevokers == {Backend}
TheEnterers == {On("bo", "web")}
TheLists == {<<"bo">>}
TheTimeouts == {1}
TheTicks == {1}
TheJumps == {0}
TheAttempts == 1
TheOpenings == 1
TheHandsets == {Phone("bo"), On("bo", "tablet")}
=============================================================================
