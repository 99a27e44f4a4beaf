------------------------------ MODULE never_lost ------------------------------
(* What must be possible when state is lost: as never.tla. *)
EXTENDS recovery_laws

IsLost(a) == a <= lives[Life]

(* Lives.  F-18 *)
\* in by_clock
NeverLostTwiceInARow == [][Begins => made = {} \/ Revision(board) > board.base \/ Life = 1]_vars
\* in by_clock
NeverToNothing == [][Begins /\ made # {} => board'.opening # 0]_vars
\* in by_clock
NeverAnOlderCopy ==
  [][ Begins /\ Life = 2 /\ board.last.attempt \in 1..lives[2] => board'.last.attempt # 0 ]_vars
\* in by_clock
NeverRevokes == [][Begins => Cardinality(ended') = Cardinality(ended)]_vars
\* in by_leap
NeverLeaps == [][Begins => board'.base = Told + 1]_vars
\* in by_leap
NeverLosesMoreThanAStep == [][Begins => board'.base = Told + 1 \/ board'.base >= Told + Leap - 1]_vars

(* Screens.  D-06, D-24 *)
\* in lost_screens
NeverDismissesTheLost ==
  [][ \A d \in Devices : devices'[d].revision # devices[d].revision =>
        ~\E a \in devices[d].known \ devices'[d].known : IsLost(a) ]_vars
\* in lost_screens
NeverRingsAboveTheLost ==
  \A d \in Devices : \A a, b \in devices[d].known : IsLost(a) <=> IsLost(b)
\* in lost_screens
NeverRingsThoughItIsLost ==
  [][ \A d \in Devices : ~\E a \in devices'[d].known \ devices[d].known : IsLost(a) ]_vars
\* in lost_screens
NeverKnewMoreThanTheCopy ==
  [][ \A d \in Devices : Begins => devices[d].revision <= Revision(board') - Leap ]_vars
\* in lost_screens
NeverSeesAnEarlierLifeLate ==
  [][ \A d \in Devices : devices'[d].revision # devices[d].revision => devices'[d].revision >= lives[Life] ]_vars
\* in lost_screens
NeverEvicts == \A d \in Devices : devices[d].over = devices[d].tombs

(* Answers.  D-12, D-17, X-02 *)
\* in lost_races
NeverAcceptsTheLost ==
  [][ judged' # judged /\ ~Begins => ~IsLost(board'.memory.command.attempt) ]_vars
\* in lost_answers
NeverAnsweredAgainInANewLife == ~(board.memory.answer.said = "success" /\ IsLost(board.memory.answer.attempt))
\* in lost_answers
NeverJoinsTheLost == [][ \A a \in made, d \in Devices : <<a, d>> \in joined' \ joined => ~IsLost(a) ]_vars
\* in lost_answers
NeverJoinsBySnapshot ==
  [][ \A d \in Devices : devices'[d].revision # devices[d].revision => joined' = joined ]_vars

\* in lost_races
NeverLosesTheRaceInALifeThatIsLost ==
  [][ \A d \in Devices : devices'[d].accept # devices[d].accept /\ devices[d].accept.number # 0 =>
        ~(board.last.how = "accepted" /\ board.last.by \in Others /\ IsLost(board.last.attempt)) ]_vars

(* Who is expected.  E-20, E-21, F-18 *)
\* in lost_expected
NeverLostWhileExpected == [][Begins => board.expected = 0]_vars
\* in lost_expected
NeverSetBackToWhoIsExpected ==
  [][ Begins /\ board'.last.how = "accepted" =>
        board'.last.attempt \notin {b.expected : b \in copies} ]_vars
\* in lost_expected
NeverMissedAndSetBack ==
  [][ Begins => ~\E b \in copies :
        b.expected # 0 /\ b.last = board'.last /\ <<b.expected, "once">> \in missed ]_vars
\* in lost_expected
NeverCalledWhileExpectedInALife ==
  [][ judged' # judged /\ board.expected # 0 => board'.memory.answer.said # "already" ]_vars

(* Requests.  D-15, X-02, X-04 *)
\* in lost_retries
NeverCallsAnew ==
  ~(Life = 2 /\ 1 \in made /\ board.memory.number = 1 /\ board.memory.answer.said = "success")
\* in lost_requests
NeverRefusedForItsNumber ==
  \A x \in Requesters : ~\E r \in wire[x].replies : r.answer.said = "number"
=============================================================================
