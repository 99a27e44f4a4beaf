------------------------------- MODULE whole -------------------------------
(* Everything at once: two attempts, a handset of the callee behind the channel, whose own clock
   silences and which asks again, and another device that answers, too.  For the laws alone.
   D-04 to D-14, D-16, D-24, D-28 *)
EXTENDS graph

TheUsers == {"ana", "bo"}
TheRooms == {"standup"}
TheSetups == {Usual}
ThePrelude == <<Opened("standup", "ana"), Entered("standup", "ana")>>
TheKinds == {"tick", "callUserToRoom", "cancelCall", "acceptCall", "silence", "snapshot"}
TheCallers == {Phone("ana")}
TheAnswerers == {On("bo", "tablet")}
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
