------------------------------- MODULE calls -------------------------------
(***************************************************************************)
(* The whole: a switchboard, handsets, and a channel between them that     *)
(* loses, doubles, delays and reorders.                                    *)
(*                                                                         *)
(* The channel needs no variable of its own: whatever was ever said may    *)
(* arrive at any time, again, or never.  What was said to a device follows *)
(* from `calls'; what it asked is `asked', what it was answered `judged'.  *)
(* A handset's clock is its own: it may silence a call at any time.        *)
(*                                                                         *)
(* The constants are the scope of a model; spec/scopes has the models.     *)
(***************************************************************************)
EXTENDS decisions

CONSTANTS Users, Rooms,
          Setups,     \* policies and limits to choose from
          Prelude,    \* inputs before the first state
          Kinds,      \* kinds of input that arrive
          Callers, Answerers, Revokers, Enterers,   \* who does what: [user, device]
          Lists,      \* lists of users in a request
          Timeouts,   \* lengths of calls; 0 is never
          Ticks,      \* how much time a tick passes
          Jumps,      \* how much time passes before another input
          Attempts,   \* most attempts
          Openings,   \* most openings of rooms
          Handsets    \* devices that are modelled: [user, device]

VARIABLES known,      \* what each handset knows of each attempt
          said,       \* its answer that is not answered yet: "yes", "no"
          asked,      \* its answers that were ever sent
          judged,     \* what the switchboard replied to them, once: X-02
          joined      \* who joined for which attempt

handsets == <<known, said, asked, judged, joined>>
vars == <<state, handsets>>

-----------------------------------------------------------------------------
(* What may reach the switchboard. *)

Fact(kind, x) == [fact |-> (kind :> x)]
Ask(by, kind, x) == [by |-> by, command |-> (kind :> x)]
Tick == [tick |-> "now"]

InputsOf(kind) ==
  CASE kind = "roomOpened" -> {Fact(kind, [roomID |-> r, owner |-> u]) : r \in Rooms, u \in Users}
    [] kind = "roomDissolved" -> {Fact(kind, [roomID |-> r, by |-> by]) : r \in Rooms, by \in Revokers}
    [] kind = "userEntered" ->
         {Fact(kind, [roomID |-> r, userID |-> e.user, deviceID |-> e.device]) :
            r \in Rooms, e \in Enterers}
    [] kind = "userLeft" ->
         {Fact(kind, [roomID |-> r, userID |-> u]) : r \in Rooms, u \in {e.user : e \in Enterers}}
    [] kind = "roleSet" ->
         {Fact(kind, [roomID |-> r, userID |-> u, role |-> role]) :
            r \in Rooms, u \in Users, role \in {"owner", "admin", "participant"}}
    [] kind = "callUserToRoom" ->
         {Ask(by, kind, [roomID |-> r, userIDList |-> list, timeout |-> t]) :
            by \in Callers, r \in Rooms, list \in Lists, t \in Timeouts}
    [] kind = "cancelCall" ->
         {Ask(by, kind, [roomID |-> r, userIDList |-> list]) :
            by \in Callers, r \in Rooms, list \in Lists}
    [] kind = "revokeCall" ->
         {Ask(by, kind, [roomID |-> r, userIDList |-> list]) :
            by \in Revokers, r \in Rooms, list \in Lists}
    [] kind = "acceptCall" ->
         {Ask(by, kind, [roomID |-> r, attempt |-> a]) :
            by \in Answerers, r \in Rooms, a \in 0..Attempts}
    [] kind = "rejectCall" ->
         {Ask(by, kind, [roomID |-> r, attempt |-> a, reason |-> reason]) :
            by \in Answerers, r \in Rooms, a \in 0..Attempts, reason \in {"rejected"}}

Inputs == UNION {InputsOf(kind) : kind \in Kinds \ {"tick", "silence", "snapshot"}}

-----------------------------------------------------------------------------
(* What a handset knows of an attempt: nothing, that it rings, that its own clock silenced it, or
   that it is over, and how that looks from there: D-04, D-05. *)

Unknown == [stage |-> "unknown", why |-> Nobody, who |-> Nobody]
Rings == [stage |-> "rings", why |-> Nobody, who |-> Nobody]
Silenced == [stage |-> "silenced", why |-> Nobody, who |-> Nobody]
Over(why, who) == [stage |-> "over", why |-> why, who |-> who]
Gone == Over("gone", Nobody)

Elsewhere(d, how, device) ==
  IF device = d.device THEN Over(IF how = "rejected" THEN "rejectedHere" ELSE "answeredHere", Nobody)
  ELSE Over(IF how = "rejected" THEN "rejectedElsewhere" ELSE "answeredElsewhere", device)

Seen(d, ending) ==                                                               \* D-05
  CASE ending.how \in {"accepted", "entered", "rejected"} -> Elsewhere(d, ending.how, ending.device)
    [] ending.how = "inOtherRoom" -> Over("inOtherRoom", Nobody)
    [] ending.how = "timedOut" -> Over("timedOut", Nobody)
    [] ending.how = "cancelled" -> Over("cancelled", Nobody)
    [] ending.how = "revoked" -> Over("revoked", ending.user)

(* Of two endings the greater counts, and what is over stays over: D-04, D-14.  From one
   switchboard only gone meets another. *)
Merge(one, other) == IF one.stage # "over" \/ one = Gone THEN other ELSE one

(* The screen: D-07, D-09. *)
Shown(k) == {a \in DOMAIN k : k[a].stage = "rings"}
StageOf(k, s, a) ==
  LET free == {x \in Shown(k) : s[x] = "nothing"}
      isFirst == \A x \in free : a <= x
      isAccepting == \E x \in Shown(k) : s[x] = "yes"
  IN CASE s[a] = "yes" -> "accepting"
       [] s[a] = "no" -> "rejecting"
       [] OTHER -> IF isFirst /\ ~isAccepting THEN "ringing" ELSE "waiting"

(* What the step shows: the difference of the screens, and then the rest: D-03, D-09. *)
Dismissed(k) == IF k.stage = "silenced" THEN [why |-> "silenced", who |-> Nobody]
                ELSE [why |-> k.why, who |-> k.who]
Drawn(k0, s0, k1, s1) ==
  LET gone == Shown(k0) \ Shown(k1)
      changed == {a \in Shown(k0) \cap Shown(k1) : StageOf(k0, s0, a) # StageOf(k1, s1, a)}
      new == Shown(k1) \ Shown(k0)
  IN Map(LAMBDA a : [dismiss |-> a] @@ Dismissed(k1[a]), InOrder(gone))
     \o Map(LAMBDA a : [update |-> a, stage |-> StageOf(k1, s1, a)], InOrder(changed))
     \o Map(LAMBDA a : [show |-> a, stage |-> StageOf(k1, s1, a)], InOrder(new))

(* A handset comes to know `k' and to have said `s'; `more' is what it does besides. *)
Becomes(d, input, k, s, more) ==
  /\ known' = [known EXCEPT ![d] = k]
  /\ said' = [said EXCEPT ![d] = s]
  /\ Shows([dt |-> 0, input |-> [handset |-> d] @@ input, answer |-> Noted,
            effects |-> Drawn(known[d], said[d], k, s) \o more])
  /\ UNCHANGED state

-----------------------------------------------------------------------------
(* The channel, and what a handset makes of what arrives. *)

(* E-17: whom the ring and the stop of an attempt were addressed to. *)
WasRung(d, a) == a \in DOMAIN calls /\ calls[a].callee = d.user /\ calls[a].rang
WasStopped(d, a) ==
  /\ WasRung(d, a) /\ ~IsLive(Board, a)
  /\ ~(calls[a].ending.how \in {"accepted", "rejected", "entered"} /\ calls[a].ending.device = d.device)

(* A ring for what is over, or silenced, does not ring: D-06, D-13, D-14. *)
HearsRing(d, a) ==
  /\ WasRung(d, a)
  /\ Becomes(d, [rings |-> a],
             [known[d] EXCEPT ![a] = IF @ = Unknown THEN Rings ELSE @], said[d], <<>>)
  /\ UNCHANGED <<asked, judged, joined>>

(* D-04, D-11: an answer on its way is pointless then. *)
HearsStop(d, a) ==
  LET how == Seen(d, calls[a].ending)
  IN /\ WasStopped(d, a)
     /\ Becomes(d, [stops |-> a], [known[d] EXCEPT ![a] = Merge(@, how)],
                [said[d] EXCEPT ![a] = "nothing"], <<>>)
     /\ UNCHANGED <<asked, judged, joined>>

(* A person taps yes or no.  D-11; once an attempt, which is a bound of the model. *)
CanTap(d, a, word) ==
  /\ a \in Shown(known[d]) /\ said[d][a] = "nothing"
  /\ word = "yes" => \A x \in Shown(known[d]) : said[d][x] # "yes"
Taps(d, a, word) ==
  /\ asked[d][a] = "nothing"
  /\ IF CanTap(d, a, word)
     THEN /\ Becomes(d, [taps |-> a, word |-> word], known[d], [said[d] EXCEPT ![a] = word],
                     <<[send |-> a, word |-> word]>>)
          /\ asked' = [asked EXCEPT ![d][a] = word]
          /\ UNCHANGED <<judged, joined>>
     ELSE /\ Becomes(d, [taps |-> a, word |-> word], known[d], said[d], <<>>)
          /\ UNCHANGED <<asked, judged, joined>>

(* Its request reaches the switchboard, which judges it once: X-02. *)
Arrives(d, a) ==
  LET kind == IF asked[d][a] = "yes" THEN "acceptCall" ELSE "rejectCall"
      body == IF asked[d][a] = "yes" THEN [roomID |-> calls[a].room, attempt |-> a]
              ELSE [roomID |-> calls[a].room, attempt |-> a, reason |-> "rejected"]
      input == Ask(d, kind, body)
      after == After(Board, 0, input)
  IN /\ asked[d][a] # "nothing"
     /\ IF judged[d][a] = Noted
        THEN /\ Step(0, input)
             /\ judged' = [judged EXCEPT ![d][a] = after.answer]
        ELSE /\ Shows([dt |-> 0, input |-> input, answer |-> judged[d][a], effects |-> <<>>])
             /\ UNCHANGED <<state, judged>>
     /\ UNCHANGED <<known, said, asked, joined>>

(* The reply reaches it.  D-12: who won joins; who lost learns who won, and does not.  A reply to
   what is not unanswered is ignored: D-17. *)
Learns(d, a, reply) ==
  IF "refused" \notin DOMAIN reply
  THEN Over(IF said[d][a] = "yes" THEN "answeredHere" ELSE "rejectedHere", Nobody)
  ELSE IF reply.refused.ended.how = "none" THEN Gone
  ELSE Seen(d, Ending(reply.refused.ended.how, reply.refused.ended.user,
                      reply.refused.ended.deviceID))
HearsReply(d, a) ==
  LET isFor == said[d][a] # "nothing"
      reply == judged[d][a]
      how == Learns(d, a, reply)
      joins == isFor /\ said[d][a] = "yes" /\ how.why = "answeredHere"
  IN /\ reply # Noted
     /\ IF isFor
        THEN Becomes(d, [reply |-> a], [known[d] EXCEPT ![a] = Merge(@, how)],
                     [said[d] EXCEPT ![a] = "nothing"],
                     IF joins THEN <<[join |-> calls[a].room]>> ELSE <<>>)
        ELSE Becomes(d, [reply |-> a], known[d], said[d], <<>>)
     /\ joined' = IF joins THEN joined \cup {<<d, a>>} ELSE joined
     /\ UNCHANGED <<asked, judged>>

(* Its own clock: D-13.  It claims no ending. *)
Silences(d, a) ==
  /\ known[d][a] = Rings
  /\ Becomes(d, [silences |-> a], [known[d] EXCEPT ![a] = Silenced],
             [said[d] EXCEPT ![a] = "nothing"], <<>>)
  /\ UNCHANGED <<asked, judged, joined>>

(* It asks what rings and is answered: D-16, D-24.  What is not listed is over, as it is
   remembered or gone; what is listed rings. *)
Told(d, a) ==
  IF a \notin DOMAIN calls \/ calls[a].callee # d.user THEN known[d][a]
  ELSE IF IsLive(Board, a) THEN Rings
  ELSE IF a \in memory THEN Merge(known[d][a], Seen(d, calls[a].ending))
  ELSE Merge(known[d][a], Gone)
Asks(d) ==
  LET k == [a \in 1..Attempts |-> Told(d, a)]
      s == [a \in 1..Attempts |-> IF k[a].stage = "over" THEN "nothing" ELSE said[d][a]]
      won == {a \in DOMAIN k : said[d][a] = "yes" /\ k[a].why = "answeredHere"
                               /\ calls[a].ending.how # "entered"}
  IN /\ Becomes(d, [asks |-> 0], k, s, Map(LAMBDA a : [join |-> calls[a].room], InOrder(won)))
     /\ joined' = joined \cup {<<d, a>> : a \in won}
     /\ UNCHANGED <<asked, judged>>

-----------------------------------------------------------------------------
RECURSIVE Play(_, _)
Play(b, inputs) == IF inputs = <<>> THEN b
                   ELSE Play([After(b, 0, inputs[1]).board EXCEPT !.effects = <<>>], Tail(inputs))

EmptyBoard == [rooms |-> [r \in Rooms |-> Closed], openings |-> 0, calls |-> <<>>,
               endings |-> <<>>, kept |-> {}, memory |-> {}, expected |-> {}, effects |-> <<>>]

Init ==
  /\ setup \in Setups
  /\ LET b == Play(EmptyBoard, Prelude)
     IN /\ rooms = b.rooms
        /\ openings = b.openings
        /\ calls = b.calls
        /\ endings = b.endings
        /\ kept = b.kept
        /\ memory = b.memory
        /\ expected = b.expected
  /\ known = [d \in Handsets |-> [a \in 1..Attempts |-> Unknown]]
  /\ said = [d \in Handsets |-> [a \in 1..Attempts |-> "nothing"]]
  /\ asked = [d \in Handsets |-> [a \in 1..Attempts |-> "nothing"]]
  /\ judged = [d \in Handsets |-> [a \in 1..Attempts |-> Noted]]
  /\ joined = {}
  /\ out = <<>>

(* The bounds of a model. *)
InScope == Len(calls') <= Attempts /\ openings' <= Openings

Passes == \E dt \in Ticks : "tick" \in Kinds /\ Step(dt, Tick) /\ UNCHANGED handsets
Reaches == \E dt \in Jumps, input \in Inputs : Step(dt, input) /\ InScope /\ UNCHANGED handsets
Moves == \E d \in Handsets, a \in 1..Attempts :
           \/ HearsRing(d, a) \/ HearsStop(d, a) \/ HearsReply(d, a) \/ Arrives(d, a)
           \/ \E word \in {"yes", "no"} : Taps(d, a, word)
           \/ "silence" \in Kinds /\ Silences(d, a)
Resyncs == \E d \in Handsets : "snapshot" \in Kinds /\ Asks(d)

Next == Passes \/ Reaches \/ Moves \/ Resyncs

Spec == Init /\ [][Next]_<<vars, out>>

(* Time passes as long as something has a deadline, and every handset that has something to learn
   asks again and again: weak fairness, with what ENABLED would come to written out, since TLC
   needs minutes to find it. *)
HasDeadline == \E a \in Live(Board) \cup expected : calls[a].left # Never
HasToLearn(d) == \E a \in 1..Attempts : Told(d, a) # known[d][a]
FairSpec ==
  /\ Spec
  /\ []<>~HasDeadline \/ []<><<Passes>>_vars
  /\ \A d \in Handsets : []<>~HasToLearn(d) \/ []<><<Asks(d)>>_vars
=============================================================================
