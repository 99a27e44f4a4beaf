------------------------------ MODULE answers ------------------------------
(* One room, a caller and a callee with two devices each, two attempts: every race of answers,
   cancels, revokes, the clock and an entry.  C-01, C-02, E-01 to E-14, P-03, P-04, P-06, P-08, T-04 *)
EXTENDS graph

TheUsers == {"ana", "bo", "cy"}
TheRooms == {"standup"}
TheSetups == {Usual, [Usual EXCEPT !.name = "allDevices", !.outcomesTo = "allDevices"]}
ThePrelude == <<Opened("standup", "ana"), Entered("standup", "ana")>>
TheKinds == {"tick", "userEntered", "callUserToRoom", "cancelCall", "revokeCall", "acceptCall",
             "rejectCall"}
TheCallers == {Phone("ana"), On("ana", "tablet"), Phone("cy")}
TheAnswerers == {Phone("bo"), On("bo", "tablet"), Backend}
TheRevokers == {Backend, Phone("ana"), Phone("cy")}
TheEnterers == {On("bo", "tablet")}
TheLists == {<<"bo">>}
TheTimeouts == {1}
TheTicks == {1}
TheJumps == {0}
TheAttempts == 2
TheOpenings == 1
TheHandsets == {}
=============================================================================
