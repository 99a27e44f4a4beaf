----------------------------- MODULE elsewhere -----------------------------
(* Who is expected in one of two rooms is called and comes into the other one, or both, as the policies
   have it.  C-05, C-07, C-08, E-03, E-20, E-21, F-04, F-06, L-08, T-03 *)
EXTENDS graph

TheUsers == {"ana", "bo"}
TheRooms == {"standup", "lounge"}
TheSetups ==
  {[Usual EXCEPT !.name = "usual", !.joinGrace = 2],
   [Usual EXCEPT !.name = "ring", !.joinGrace = 1, !.activeCalls = "perRoom", !.inOtherRoom = "ring"],
   [Usual EXCEPT !.name = "few", !.joinGrace = 1, !.liveCalls = 1]}
ThePrelude == <<Opened("standup", "ana"), Opened("lounge", "ana"), Entered("standup", "ana"),
                Entered("lounge", "ana")>>
TheKinds == {"tick", "roomDissolved", "userEntered", "userLeft", "callUserToRoom", "acceptCall"}
TheCallers == {Phone("ana")}
TheAnswerers == {Phone("bo")}
TheRevokers == {Backend}
TheEnterers == {Phone("bo")}
TheLists == {<<"bo">>}
TheTimeouts == {1}
TheTicks == {1, 2}
TheJumps == {0}
TheAttempts == 2
TheOpenings == 2
TheHandsets == {}
=============================================================================
