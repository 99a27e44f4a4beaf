-------------------------------- MODULE never --------------------------------
(***************************************************************************)
(* What must be possible.  Each of these says that something never is the  *)
(* case, or never happens, and TLC must refute it in the scope that is     *)
(* named before it: a model in which nothing happens satisfies every law.  *)
(***************************************************************************)
EXTENDS graph

Ends_as(how) == \E a \in DOMAIN calls : calls[a].ending.how = how /\ calls[a].rang
Shown_by(rule) == \E n \in Said : out'.effects[n].because = rule
Is_refused_by(rule) == Refuses /\ out'.answer.refused.rule = rule

(* Every ending.  E-01 to E-07 *)
\* in answers
NeverAccepted == ~Ends_as("accepted")
\* in answers
NeverRejected == ~Ends_as("rejected")
\* in two_rooms
NeverInOtherRoom == ~Ends_as("inOtherRoom")
\* in answers
NeverTimedOut == ~Ends_as("timedOut")
\* in answers
NeverCancelled == ~Ends_as("cancelled")
\* in answers
NeverRevoked == ~Ends_as("revoked")
\* in answers
NeverEntered == ~Ends_as("entered")

(* And the other ways to them.  C-08, E-05, F-07, F-08, F-11 *)
\* in two_rooms
NeverRefusedAtOnce == \A a \in DOMAIN calls : calls[a].rang
\* in answers
NeverCancelledOnAnotherDevice ==
  [][ ~\E n \in Said : /\ out'.effects[n].because = "E-05" /\ ~IsList(out'.effects[n])
                       /\ out'.effects[n].to = ToDevice("ana", "tablet") ]_<<vars, out>>
\* in leaving
NeverCancelledByLeaving == [][~Shown_by("F-07")]_<<vars, out>>
\* in leaving
NeverCancelledByAnEmptyRoom == [][~Shown_by("F-08")]_<<vars, out>>
\* in roles
NeverRevokedByDissolving == [][~Shown_by("F-11")]_<<vars, out>>

(* Lists and memory.  C-10, E-18, K-01 to K-03 *)
\* in keeping
NeverKept == kept = {}
\* in keeping
NeverCalledAgain == [][~Shown_by("C-10")]_<<vars, out>>
\* in keeping
NeverEvicted == [][~Shown_by("K-03")]_<<vars, out>>
\* in keeping
NeverUnlistedByEntering == [][~Shown_by("K-02")]_<<vars, out>>
\* in keeping
NeverForgotten == \A a \in Range(endings) : a \in memory \/ ~IsOpen(Now, calls[a].room)

(* Answers.  E-08 to E-10, E-13, E-14 *)
\* in answers
NeverToldWhoWon == [][~Is_refused_by("E-09")]_<<vars, out>>
\* in answers
NeverNothingToAnswer == [][~Is_refused_by("E-10")]_<<vars, out>>
\* in answers
NeverAnsweredAgain ==
  [][ IsBoardStep /\ Is("acceptCall") /\ ~Refuses => Ended # {} ]_<<vars, out>>
\* in leaving
NeverSomebodyElses ==
  [][ IsBoardStep /\ Is("cancelCall") /\ ~Refuses =>
        ~\E u \in Users : Got("cancelCall", u, "notYours") ]_<<vars, out>>
\* in answers
NeverTooLateToCancel ==
  [][ IsBoardStep /\ Is("cancelCall") /\ ~Refuses =>
        ~\E u \in Users : Got("cancelCall", u, "alreadyAccepted") ]_<<vars, out>>

(* Policies, time, rooms.  C-05, C-07, C-09, F-02, F-09, T-03, T-06 *)
\* in two_rooms
NeverTwoCallsToOne == \A u \in Users : Cardinality(LiveTo(Now, u)) <= 1
\* in two_rooms
NeverRungElsewhere == \A a \in Live(Now) : ~IsElsewhere(Now, calls[a].callee, calls[a].room)
\* in batches
NeverForEver == \A a \in Live(Now) : calls[a].left # Never
\* in batches
NeverTwoDeadlinesAtOnce == [][ Cardinality({a \in Ended : How(a) = "timedOut"}) <= 1 ]_vars
\* in batches
NeverTheClockFirst == [][ IsBoardStep /\ Is("callUserToRoom") => Ended = {} ]_<<vars, out>>
\* in roles
NeverWithoutOwner == \A r \in Rooms : IsOpen(Now, r) => rooms[r].owner # Nobody
\* in roles
NeverOpenedAgain == openings <= 1

(* Who accepted is expected.  C-05, E-20, E-21, F-04, F-07, F-11, L-07, L-08, T-03 *)
Still(a) == a \in expected /\ calls[a].left > out'.dt
\* in expecting
NeverNotJoined == [][~Shown_by("E-21")]_<<vars, out>>
\* in expecting
NeverInTime == [][~\E a \in expected : Still(a) /\ ComesIn(a)]_<<vars, out>>
\* in expecting
NeverDissolvedWhileExpected == [][~\E a \in expected : Still(a) /\ Goes(a)]_<<vars, out>>
\* in expecting
NeverCalledWhileExpected ==
  [][ IsBoardStep /\ Is("callUserToRoom") /\ ~Refuses /\ LiveTo(Now, "bo") = {} =>
        ~Got("callUserToRoom", "bo", "alreadyInCalling") ]_<<vars, out>>
\* in expecting
NeverTooLateForWhoIsExpected ==
  [][ IsBoardStep /\ Is("cancelCall") /\ ~Refuses /\ expected' # {} =>
        ~Got("cancelCall", "bo", "alreadyAccepted") ]_<<vars, out>>
\* in expecting
NeverLeavesWhoIsExpected ==
  [][ IsBoardStep /\ Is("userLeft") /\ out'.answer = Noted => expected' = {} ]_<<vars, out>>
\* in expecting
NeverARoomFullOfWhoIsExpected == [][Is_refused_by("L-07") => Live(Now) # {}]_<<vars, out>>
\* in elsewhere
NeverFullOfWhoIsExpected == [][Is_refused_by("L-08") => Live(Now) # {}]_<<vars, out>>
\* in elsewhere
NeverExpectedInTwoRooms == Cardinality(expected) <= 1
\* in elsewhere
NeverRungWhileExpected == Live(Now) = {} \/ expected = {}
\* in elsewhere
NeverElsewhereWhileExpected == \A a \in expected : ~IsElsewhere(Now, calls[a].callee, calls[a].room)
\* in elsewhere
NeverTimedOutBeforeAnEarlierIsMissed ==
  [][ \A m, n \in Said : m < n /\ AttemptOf(out'.effects[m]) > AttemptOf(out'.effects[n]) =>
        out'.effects[n].because # "E-21" ]_<<vars, out>>

(* Handsets.  D-04, D-06, D-07, D-12, D-13, D-24, X-02 *)
\* in ringing
NeverTwoDevicesRing ==
  ~\E d, e \in Handsets : d # e /\ Shown(known[d]) # {} /\ Shown(known[e]) # {}
\* in ringing
NeverJoins == joined = {}
\* in ringing
NeverLosesTheRace ==
  \A d \in Handsets, a \in 1..Attempts :
    ~(asked[d][a] = "yes" /\ known[d][a].why = "answeredElsewhere")
\* in ringing
NeverRejectedElsewhere ==
  \A d \in Handsets, a \in 1..Attempts : known[d][a].why # "rejectedElsewhere"
\* in ringing
NeverOverBeforeItRang ==
  [][ ~\E d \in Handsets, a \in 1..Attempts :
        known[d][a] = Unknown /\ known'[d][a].stage = "over" ]_vars
\* in waiting
NeverWaits ==
  \A d \in Handsets : \A a \in Shown(known[d]) : StageOf(known[d], said[d], a) # "waiting"
\* in whole
NeverSilenced == \A d \in Handsets, a \in 1..Attempts : known[d][a] # Silenced
\* in whole
NeverRingsAgain ==
  [][ ~\E d \in Handsets, a \in 1..Attempts :
        known[d][a] = Silenced /\ known'[d][a] = Rings ]_vars
\* in whole
NeverGone == \A d \in Handsets, a \in 1..Attempts : known[d][a] # Gone
=============================================================================
