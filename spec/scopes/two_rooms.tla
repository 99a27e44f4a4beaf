----------------------------- MODULE two_rooms -----------------------------
(* Two rooms, two users, two attempts: entering, leaving, being called while elsewhere, under both
   values of activeCalls and of inOtherRoom.  C-05, C-07 to C-10, E-03, E-07, F-04, F-06, K-02 *)
EXTENDS graph

TheUsers == {"ana", "bo"}
TheRooms == {"standup", "lounge"}
TheSetups == {[Usual EXCEPT !.name = active \o " " \o other, !.activeCalls = active, !.inOtherRoom = other] :
                active \in {"perUser", "perRoom"}, other \in {"reject", "ring"}}
ThePrelude == <<Opened("standup", "ana"), Opened("lounge", "ana"), Entered("standup", "ana")>>
TheKinds == {"tick", "userEntered", "userLeft", "callUserToRoom", "acceptCall", "cancelCall"}
TheCallers == {Phone("ana")}
TheAnswerers == {Phone("bo")}
TheRevokers == {}
TheEnterers == {Phone("ana"), Phone("bo")}
TheLists == {<<"bo">>}
TheTimeouts == {1}
TheTicks == {1}
TheJumps == {0}
TheAttempts == 2
TheOpenings == 2
TheHandsets == {}
=============================================================================
