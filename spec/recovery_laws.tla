---------------------------- MODULE recovery_laws ----------------------------
(* What is true when state is lost: of every state, and of every step.  F-18 *)
EXTENDS recovery

Begins == lives' # lives

(* F-18: no number is told twice for different things. *)
NoNumberComesBack ==
    [][ /\ ~Begins /\ board'.made > board.made => LastAttempt(board') \notin made
        /\ Begins => \A a \in made : a <= LastAttempt(board')
        /\ board'.opening # 0 /\ (Begins \/ board'.opening # board.opening) => board'.opening > opened
        /\ Begins => Revision(board') > revised ]_vars

(* The lives of attempts and of revisions, as their numbers say. *)
LifeOf(attempt) == Cardinality({life \in DOMAIN lives : lives[life] < attempt})
LifeSeen(d) == Cardinality({life \in DOMAIN lives : lives[life] <= d.revision})

(* F-18: whatever rings, rings on each device when it is told, whatever that one knew. *)
NoneIsDeaf ==
    board.live # 0 => \A d \in Devices : board.live \in Rung(devices[d], board.live).known

(* Q-07, D-24: of no device is the present life in the past. *)
RevisionsGoUp == \A d \in Devices : devices[d].revision <= Revision(board)

(* F-18, D-24: with the first snapshot of a life what is of those before is over, and so are answers. *)
TheLostIsOver ==
    \A d \in Devices : \A a \in devices[d].known \cup ({devices[d].accept.attempt} \ {0}) :
        LifeOf(a) >= LifeSeen(devices[d])

(* D-14: what is over rings no more. *)
NoneRingsAgain == \A d \in Devices : devices[d].known \cap devices[d].over = {}

(* D-28: at the same revision a screen shows what rings. *)
ScreensAgree ==
    \A d \in Devices : devices[d].revision = Revision(board) /\ devices[d].isReady =>
        devices[d].known = {board.live} \ {0}

(* D-12, F-18: who was answered in it, joins for an attempt of a life that is lost; but not once it has
   seen the next one. *)
OneJoins ==
    /\ joined \subseteq accepted
    /\ \A one, two \in joined : one[1] = two[1] => one = two
NoneJoinsTheLost ==
    [][ \A d \in Devices : \A a \in made :
          <<a, d>> \in joined' \ joined => LifeOf(a) >= LifeSeen(devices[d]) ]_vars

(* E-11: an accept that is sent again in another life hits no other attempt. *)
AnswersHitTheirOwn ==
    [][ board'.last # board.last /\ board'.last.how = "accepted" /\ ~Begins =>
          <<board'.last.attempt, board'.last.by>> \in accepted' ]_vars

(* X-02, X-04: in one life. *)
JudgedOnce == \A one \in judged : one[3] = "once"

(* F-18: a request of a life that is lost is judged, if it comes first. *)
NoneHasPassedAtFirst == [][Begins => \A x \in Requesters : ~HasPassed(board', x, 1)]_vars

(* D-15, X-04: what is sent after the first snapshot of a connection has a number that is judged. *)
NumbersAreGivenAnew ==
    [][ \A c \in Callers : ~callers[c].isReady /\ callers'[c].isReady =>
          ~HasPassed(board', c, callers'[c].next) ]_vars

(* F-18, F-14: what is said now is of this life. *)
AnswersAreOfThisLife ==
    /\ board.opening # 0 => board.opening > board.base
    /\ board.live # 0 => board.live > board.base
    /\ board.memory.command.what = "call" /\ board.memory.answer.said = "success" =>
           board.memory.answer.attempt > board.base

(* E-20, F-18: who is expected accepted in this life, and is not called there besides. *)
ExpectedInThisLife ==
    board.expected # 0 => /\ board.expected > board.base /\ board.opening # 0 /\ board.live = 0
                          /\ \E x \in Devices \cup Others : <<board.expected, x>> \in accepted

(* E-21, F-18: that nobody came is told once, however often the state is lost, and of the lost never. *)
MissedOnce == \A one \in missed : one[2] = "once"
NoneMissesTheLost == [][\A one \in missed' \ missed : one[1] > lives[Life]]_vars

(* X-06 *)
TheNextIsJudged == \A x \in Requesters : ~HasPassed(board, x, NextRequest(board, x))
=============================================================================
