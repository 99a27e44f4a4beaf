------------------------------- MODULE roles -------------------------------
(* Rooms that open and are dissolved, roles, who may call and revoke, and the limits on facts.
   F-01 to F-03, F-05, F-09 to F-11, L-09 to L-11, P-01 to P-04, R-02 *)
EXTENDS graph

TheUsers == {"ana", "bo"}
TheRooms == {"standup", "lounge"}
TheSetups ==
  {[Usual EXCEPT !.name = callers, !.mayCall = callers, !.rooms = 1, !.adminsPerRoom = 1,
                 !.participantsPerRoom = 1] : callers \in {"anyone", "admins"}}
ThePrelude == <<>>
TheKinds == {"tick", "roomOpened", "roomDissolved", "userEntered", "userLeft", "roleSet",
             "callUserToRoom", "revokeCall"}
TheCallers == {Phone("ana"), Backend}
TheAnswerers == {}
TheRevokers == {Backend, Phone("ana"), Phone("bo")}
TheEnterers == {Phone("ana"), Phone("bo")}
TheLists == {<<"bo">>}
TheTimeouts == {1}
TheTicks == {1}
TheJumps == {0}
TheAttempts == 1
TheOpenings == 2
TheHandsets == {}
=============================================================================
