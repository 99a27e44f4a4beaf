------------------------------ MODULE ringing ------------------------------
(* One room with devices: two handsets of one callee, one attempt, every order, loss and repetition
   of what is sent.  D-04 to D-12, D-14, D-17, D-28, X-02 *)
EXTENDS graph

TheUsers == {"ana", "bo"}
TheRooms == {"standup"}
TheSetups == {Usual}
ThePrelude == <<Opened("standup", "ana"), Entered("standup", "ana")>>
TheKinds == {"tick", "userEntered", "callUserToRoom", "cancelCall", "revokeCall"}
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
