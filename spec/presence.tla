------------------------------ MODULE presence ------------------------------
(* The presences of one user in one room, as facts about sessions come late, twice and in any order, also
   those of the opening before. Whatever came on the way: once every fact has come, the user is in the room
   exactly if a session that began is not over; and once the host has stated who is there, at once.
   F-04, F-05, F-06, F-13, F-14, F-15

   A session is on a device of its own, but for those of `Shared`, of which one follows the other. *)
EXTENDS Naturals, FiniteSets, Sequences

CONSTANTS Sessions, Shared, Remembered

Device(s) == IF s \in Shared THEN "shared" ELSE s

(* What is: whether each session is yet to begin, goes on or is over. *)
VARIABLE truth
(* What the host has stated at least once; facts of the present opening. *)
VARIABLE stated
(* What the switchboard has: the sessions that are present, and those that it remembers as over. *)
VARIABLES present, ended
(* Whether the last fact was a list, after which nothing began or ended. *)
VARIABLE listed

vars == <<truth, stated, present, ended, listed>>

Facts == {"entered", "left"} \X Sessions
Over == {ended[at] : at \in DOMAIN ended}
Live == {s \in Sessions : truth[s] = "on"}
True(fact) == truth[fact[2]] = "over" \/ (truth[fact[2]] = "on" /\ fact[1] = "entered")

(* F-13: the last ones that ended; one that is remembered keeps its place. *)
RECURSIVE Remember(_, _)
Remember(so_far, over) ==
    IF over = {} THEN so_far
    ELSE LET s == CHOOSE s \in over : TRUE
             one_more == IF s \in {so_far[at] : at \in DOMAIN so_far} THEN so_far ELSE Append(so_far, s)
             kept == IF Len(one_more) > Remembered THEN Tail(one_more) ELSE one_more
         IN Remember(kept, over \ {s})

Init ==
    /\ truth = [s \in Sessions |-> "yet"]
    /\ stated = {} /\ present = {} /\ ended = <<>> /\ listed = FALSE

(* One session of a device follows the other. *)
Begins(s) ==
    /\ truth[s] = "yet"
    /\ s \in Shared => \A other \in Shared \ {s} : truth[other] # "on"
    /\ truth' = [truth EXCEPT ![s] = "on"]
    /\ listed' = FALSE
    /\ UNCHANGED <<stated, present, ended>>

Finishes(s) ==
    /\ truth[s] = "on"
    /\ truth' = [truth EXCEPT ![s] = "over"]
    /\ listed' = FALSE
    /\ UNCHANGED <<stated, present, ended>>

(* F-05, F-13 *)
Enters(s) ==
    /\ True(<<"entered", s>>)
    /\ stated' = stated \cup {<<"entered", s>>}
    /\ IF s \in Over \cup present THEN UNCHANGED <<present, ended>>
       ELSE LET replaced == {other \in present : Device(other) = Device(s)}
            IN /\ present' = (present \ replaced) \cup {s}
               /\ ended' = Remember(ended, replaced)
    /\ listed' = FALSE
    /\ UNCHANGED truth

(* F-06, F-13 *)
Leaves(s) ==
    /\ True(<<"left", s>>)
    /\ stated' = stated \cup {<<"left", s>>}
    /\ present' = present \ {s}
    /\ ended' = Remember(ended, {s})
    /\ listed' = FALSE
    /\ UNCHANGED truth

(* F-14: a fact of the opening before is ignored, whatever it says. *)
IsOfBefore == UNCHANGED vars

(* F-15 *)
Lists ==
    /\ present' = Live
    /\ ended' = Remember(SelectSeq(ended, LAMBDA s : s \notin Live), present \ Live)
    /\ listed' = TRUE
    /\ UNCHANGED <<truth, stated>>

Next ==
    \/ \E s \in Sessions : Begins(s) \/ Finishes(s) \/ Enters(s) \/ Leaves(s)
    \/ Lists
    \/ IsOfBefore

Spec == Init /\ [][Next]_vars

HasComeAll == \A fact \in Facts : True(fact) => fact \in stated

(* Nobody who is there is lost, and nobody stays who has left; of sessions of one device, which are told
   apart by their order alone, a list says which is the last. *)
AllFactsAgree == HasComeAll /\ Shared = {} => present = Live
AListIsTheTruth == listed => present = Live
OverIsOver == listed => Over \cap present = {}
Bounded == Len(ended) <= Remembered
=============================================================================
