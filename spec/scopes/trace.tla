------------------------------- MODULE trace -------------------------------
(***************************************************************************)
(* Is every recorded run of the code a behaviour of the specification?     *)
(* `Runs' is the inputs of random runs, written by `roomcall-spec traces'. *)
(* TLC plays them, checks the laws on the way, and prints what each step   *)
(* brings about, and every so often what queries then say;                 *)
(* `roomcall-spec checked' holds that against what the code did.           *)
(***************************************************************************)
EXTENDS runs

VARIABLES trace, n      \* which run, and its next step

Steps == Runs[trace].steps

TraceInit == /\ trace \in DOMAIN Runs /\ n = 1
             /\ setup = Runs[trace].setup
             /\ rooms = [r \in Rooms |-> Closed] /\ openings = 0 /\ calls = <<>> /\ endings = <<>>
             /\ kept = {} /\ memory = {} /\ expected = {} /\ out = <<>>
             /\ known = <<>> /\ said = <<>> /\ asked = <<>> /\ judged = <<>> /\ joined = {}

Look == n % Every = 0

TraceStep == /\ n <= Len(Steps)
             /\ Step(Steps[n][1], Steps[n][2])
             /\ n' = n + 1
             /\ UNCHANGED <<handsets, trace>>
             /\ PrintT(ToString(<<"STEP", trace, n, <<out'.answer, out'.effects>>,
                                  IF Look THEN Picture' ELSE 0>>))

TraceSpec == TraceInit /\ [][TraceStep]_<<vars, out, trace, n>>
=============================================================================
