------------------------------ MODULE batches ------------------------------
(* Lists of callees, several deadlines, and time that passes with an input: the order of effects,
   one result a callee, and the limits of a call.  C-03, C-06, C-12, C-13, E-12, L-02 to L-05,
   L-07, L-08, O-01, T-03 to T-06, R-01 *)
EXTENDS graph

TheUsers == {"ana", "bo", "cy"}
TheRooms == {"standup"}
TheSetups ==
  {[Usual EXCEPT !.name = "short", !.callees = 2, !.timeoutMax = 2],
   [Usual EXCEPT !.name = "never", !.never = TRUE, !.timeoutMax = 2, !.liveCallsPerRoom = 1],
   [Usual EXCEPT !.name = "few", !.timeoutMax = 2, !.liveCalls = 1]}
ThePrelude == <<Opened("standup", "ana"), Entered("standup", "ana")>>
TheKinds == {"tick", "callUserToRoom", "cancelCall"}
TheCallers == {Phone("ana")}
TheAnswerers == {}
TheRevokers == {}
TheEnterers == {}
TheLists == {<<>>, <<"bo">>, <<"cy">>, <<"bo", "cy">>, <<"cy", "bo", "cy">>, <<"ana", "cy">>,
             <<"ana", "bo", "cy">>}
TheTimeouts == {0, 1, 2, 3}
TheTicks == {1, 2}
TheJumps == {0, 1}
TheAttempts == 3
TheOpenings == 1
TheHandsets == {}
=============================================================================
