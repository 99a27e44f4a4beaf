------------------------------ MODULE waiting ------------------------------
(* One handset, two attempts: a call that waits behind another, late rings and stops, an answer to
   the older one.  D-04, D-06, D-07, D-11, D-12, D-14, E-11 *)
EXTENDS graph

TheUsers == {"ana", "bo"}
TheRooms == {"standup"}
TheSetups == {Usual}
ThePrelude == <<Opened("standup", "ana"), Entered("standup", "ana")>>
TheKinds == {"tick", "callUserToRoom", "cancelCall"}
TheCallers == {Phone("ana")}
TheAnswerers == {}
TheRevokers == {}
TheEnterers == {}
TheLists == {<<"bo">>}
TheTimeouts == {1}
TheTicks == {1}
TheJumps == {0}
TheAttempts == 2
TheOpenings == 1
TheHandsets == {Phone("bo")}
=============================================================================
