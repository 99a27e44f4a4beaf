------------------------------ MODULE recovery ------------------------------
(* Lost state: a switchboard that is set back, to any copy that was saved or to nothing, and states it;
   what it counts from then on, what it remembers of requests, who is expected, and what the devices make of
   it that know of the life that was lost.
   E-20, E-21, F-18, Q-07, Q-09, Q-11, D-06, D-14, D-15, D-16, D-24, X-02 to X-06

   One room, one callee. Any notice that was ever told may come to a device at any time, again, or never: a
   push needs no connection (D-29). Snapshots and replies come by the connection that they were sent on,
   late, in any order, or never, until the device notices that it is closed. *)
EXTENDS Naturals, FiniteSets, Sequences

CONSTANTS Devices,       (* of the callee *)
          Others,        (* of the callee, too, but simple: they accept what rings, are answered and join *)
          Callers,       (* devices that number their calls; if there are none, calls have no number *)
          Floors,        (* what the host states: "clock", "zero", "above" *)
          Leap,          (* 2^32 *)
          Tombstones,    (* the limit `endings` of a device *)
          Grace,         (* whether who accepts is expected: E-20 *)
          Calls, Opens, Copies, Lives, Requests   (* how many there are in a run *)

(* The switchboard; the copies of it that were saved. *)
VARIABLES board, copies
(* The devices of the callee and those that call, and what is on its way to each by its connection. *)
VARIABLES devices, callers, wire
(* What somebody remembers who forgets nothing: the base of each life; the attempts made, and their endings
   that were told, each with the device that was not; who was answered that an accept had won, and who
   joined; the attempts of which it was told that nobody came, each with how often; the greatest opening and
   revision; what was judged in this life; the time. *)
VARIABLES lives, made, ended, accepted, joined, missed, opened, revised, judged, clock

truth == <<lives, made, ended, accepted, joined, missed, opened, revised, judged, clock>>
vars == <<board, copies, devices, callers, wire, truth>>

Requesters == Devices \cup Callers
Max(m, n) == IF m > n THEN m ELSE n
None == "none"
Life == Len(lives)

-----------------------------------------------------------------------------
(* The switchboard. *)

NotOver == [attempt |-> 0, how |-> None, by |-> None]
Nothing == [what |-> None, attempt |-> 0]
Answer(said, attempt) == [said |-> said, attempt |-> attempt]
(* X-05, with one number of one requester. *)
NoMemory == [by |-> None, number |-> 0, command |-> Nothing, answer |-> Answer(None, 0), since |-> 0]

(* Attempts made and ended in this life; the opening of the room, and the last one that there was; what
   rings, the last ending, and the attempt of which the callee is expected (E-20); the request that is
   remembered, and the greatest number that was evicted. *)
Empty == [base |-> 0, made |-> 0, over |-> 0, opening |-> 0, openings |-> 0, live |-> 0,
          last |-> NotOver, expected |-> 0, memory |-> NoMemory, passed |-> 0]

(* Q-07 *)
Revision(b) == b.base + b.made + b.over
(* C-06, Q-09, Q-11 *)
LastAttempt(b) == b.base + b.made
(* C-06 *)
Called(b) == [b EXCEPT !.made = @ + 1, !.live = LastAttempt(b) + 1]

(* E-18, E-20 *)
Over(b, how, by) ==
    IF b.live = 0 THEN b
    ELSE [b EXCEPT !.over = @ + 1, !.live = 0, !.last = [attempt |-> b.live, how |-> how, by |-> by],
                   !.expected = IF Grace /\ how = "accepted" THEN b.live ELSE @]

(* C-05 *)
IsCalled(b) == b.live # 0 \/ b.expected # 0

(* F-02, F-11: also one that is open, dissolved and opened again. *)
Opened(b) ==
    [Over(b, "over", None) EXCEPT !.opening = b.openings + 1, !.openings = @ + 1, !.last = NotOver,
                                  !.expected = 0]

(* F-18 *)
Base(b, floor) ==
    LET told == Max(Revision(b), b.openings) IN IF floor > told THEN floor ELSE told + Leap

(* F-18 *)
Recovered(b, floor) ==
    LET revoked == Over(b, "over", None)
        base == Base(revoked, floor)
    IN [revoked EXCEPT !.base = base, !.made = 0, !.over = 0,
                       !.opening = IF @ = 0 THEN 0 ELSE base + 1,
                       !.openings = IF b.opening = 0 THEN base ELSE base + 1,
                       !.expected = 0, !.memory = NoMemory, !.passed = 0]

-----------------------------------------------------------------------------
(* Its memory of requests.  X-02 to X-06 *)

Accept(attempt) == [what |-> "accept", attempt |-> attempt]
Call == [what |-> "call", attempt |-> 0]

(* E-01, E-08, E-09, E-10, C-05 *)
JudgedAnew(b, by, command) ==
    IF command.what = "call"
    THEN IF IsCalled(b) THEN [board |-> b, answer |-> Answer("already", 0)]
         ELSE [board |-> Called(b), answer |-> Answer("success", LastAttempt(b) + 1)]
    ELSE LET a == command.attempt
             hasWon == b.last.attempt = a /\ b.last.how = "accepted" /\ b.last.by = by
         IN IF b.live = a THEN [board |-> Over(b, "accepted", by), answer |-> Answer("success", a)]
            ELSE [board |-> b, answer |-> Answer(IF hasWon THEN "success" ELSE "over", a)]

IsRemembered(b, by) == b.memory.by = by
(* X-02 *)
IsRepeated(b, by, number) == IsRemembered(b, by) /\ b.memory.number = number
(* X-04 *)
HasPassed(b, by, number) ==
    IF IsRemembered(b, by) THEN number < b.memory.number \/ number <= b.memory.since
    ELSE number <= b.passed

(* X-05 *)
Remembers(b, by, number, command, answer) ==
    [b EXCEPT !.memory = [by |-> by, number |-> number, command |-> command, answer |-> answer,
                          since |-> IF IsRemembered(b, by) THEN @.since ELSE b.passed],
              !.passed = IF IsRemembered(b, by) THEN @ ELSE Max(@, b.memory.number)]

(* What becomes of the switchboard, what it answers, and whether it was judged. *)
Judges(b, by, number, command) ==
    CASE IsRepeated(b, by, number) ->
             [board |-> b, isNew |-> FALSE,
              answer |-> IF b.memory.command = command THEN b.memory.answer         \* X-02
                         ELSE Answer("number", 0)]                                  \* X-03
      [] HasPassed(b, by, number) /\ ~IsRepeated(b, by, number) ->
             [board |-> b, isNew |-> FALSE, answer |-> Answer("number", 0)]         \* X-04
      [] OTHER ->
             LET anew == JudgedAnew(b, by, command)
             IN [board |-> Remembers(anew.board, by, number, command, anew.answer), isNew |-> TRUE,
                 answer |-> anew.answer]

(* X-06 *)
NextRequest(b, by) == 1 + (IF IsRemembered(b, by) THEN b.memory.number ELSE b.passed)

-----------------------------------------------------------------------------
(* A device of the callee. *)

NoAccept == [attempt |-> 0, number |-> 0]
(* The life that its connection is of; whether a snapshot was applied since; of the last one its
   revision and what it listed; the watermark and `min_attempt`; the calls on the screen; tombstones, and what they
   were if none were evicted; the next number; the accept that is unanswered, with no number if it was never
   sent. *)
New == [link |-> 1, isReady |-> FALSE, revision |-> 0, listed |-> 0, watermark |-> 0, min |-> 1,
        known |-> {}, tombs |-> {}, over |-> {}, next |-> 1, accept |-> NoAccept]

(* D-06 *)
Rung(d, a) ==
    IF a \in d.tombs \/ (a < d.min /\ a \notin d.known) THEN d ELSE [d EXCEPT !.known = @ \cup {a}]

Lowest(set) == CHOOSE n \in set : \A m \in set : n <= m

(* D-14: the lowest is evicted. *)
Evicts(d) == Cardinality(d.tombs) > Tombstones
Evicted(d) ==
    IF ~Evicts(d) THEN d
    ELSE [d EXCEPT !.tombs = @ \ {Lowest(@)}, !.min = Max(@, Lowest(d.tombs) + 1)]

(* D-11: what is pointless is abandoned. *)
Abandoned(d) == IF d.accept.attempt \in d.known THEN d ELSE [d EXCEPT !.accept = NoAccept]

(* D-14 *)
NeedsTomb(d, a) == a > d.watermark \/ a = d.listed

(* D-11, D-14; with the tombstones that may be too many. *)
Buried(d, a) ==
    Abandoned([d EXCEPT !.known = @ \ {a},
                        !.tombs = IF NeedsTomb(d, a) THEN @ \cup {a} ELSE @,
                        !.over = IF NeedsTomb(d, a) THEN @ \cup {a} ELSE @])

(* D-16 *)
Since(d) == IF d.known = {} \/ Lowest(d.known) > d.watermark THEN d.watermark ELSE Lowest(d.known) - 1

(* Q-09, Q-11 *)
Snapshot(b, by, since) ==
    [revision |-> Revision(b), attempt |-> LastAttempt(b), since |-> since, incoming |-> b.live,
     ending |-> IF b.last.attempt > since THEN b.last ELSE NotOver, next |-> NextRequest(b, by)]

(* D-24: what is older is ignored, and the same again but for the first of a connection. *)
IsApplied(d, s) == s.revision > d.revision \/ (s.revision = d.revision /\ ~d.isReady)

(* D-15: what was never sent is numbered anew. *)
Numbered(d) ==
    IF d.accept.attempt = 0 \/ d.accept.number # 0 THEN d
    ELSE [d EXCEPT !.accept.number = d.next, !.next = @ + 1]

(* D-15, D-24 *)
Applied(d, s) ==
    LET isCovered(a) == a > s.since /\ a <= s.attempt
        watermark == Max(d.watermark, s.attempt)
        IsKept(a) == a > watermark \/ a = s.incoming
        over == {a \in d.known : isCovered(a) /\ a # s.incoming} \cup {s.ending.attempt}
        tombs == d.tombs \cup ({s.ending.attempt} \ {0})
        shown == (d.known \ over) \cup ({s.incoming} \ ({0} \cup tombs))
    IN Numbered(Abandoned(
           [d EXCEPT !.isReady = TRUE, !.revision = s.revision, !.listed = s.incoming,
                     !.watermark = watermark, !.min = Max(@, watermark + 1), !.known = shown,
                     !.tombs = {a \in tombs : IsKept(a)},
                     !.over = {a \in @ \cup (tombs \ d.tombs) : IsKept(a)},
                     !.next = Max(@, s.next)]))

(* D-12: an accept that is unanswered turns out to have won. *)
HasWon(d, me, ending) ==
    d.accept.attempt # 0 /\ ending.attempt = d.accept.attempt /\ ending.how = "accepted" /\ ending.by = me

(* D-12, D-17 *)
IsAnswered(d, r) == d.accept.number # 0 /\ r.number = d.accept.number
Replied(d, r) ==
    IF r.answer.said = "number" THEN IF IsAnswered(d, r) THEN [d EXCEPT !.accept = NoAccept] ELSE d
    ELSE Buried(d, r.answer.attempt)

-----------------------------------------------------------------------------
(* What happens to the switchboard. Each step takes time: it counts slower than the clock goes. *)

NoWire == [snapshots |-> {}, replies |-> {}]
Init ==
    /\ board = Opened(Empty) /\ copies = {Empty}
    /\ devices = [d \in Devices |-> New]
    /\ callers = [c \in Callers |-> [link |-> 1, isReady |-> FALSE, next |-> 1, isCalling |-> FALSE, number |-> 0]]
    /\ wire = [x \in Requesters |-> NoWire]
    /\ lives = <<0>> /\ made = {} /\ ended = {} /\ accepted = {} /\ joined = {} /\ missed = {}
    /\ opened = 1 /\ revised = 0 /\ judged = {} /\ clock = 3

(* What somebody who forgets nothing sees of it. *)
Becomes(b) ==
    /\ board' = b
    /\ made' = IF b.made > board.made THEN made \cup {LastAttempt(b)} ELSE made
    /\ ended' = IF board.live # 0 /\ b.live # board.live
                THEN ended \cup {<<board.live, IF b.last.how = "accepted" THEN b.last.by ELSE None>>}
                ELSE ended
    /\ opened' = Max(opened, b.opening)
    /\ revised' = Max(revised, Revision(b))
    /\ clock' = IF Revision(b) = Revision(board) /\ b.openings = board.openings THEN clock ELSE clock + 1

Makes ==
    /\ Callers = {} /\ board.opening # 0 /\ ~IsCalled(board) /\ Cardinality(made) < Calls
    /\ Becomes(Called(board))
    /\ UNCHANGED <<copies, devices, callers, wire, lives, accepted, joined, missed, judged>>

(* It times out, or is cancelled. *)
Ends ==
    /\ board.live # 0
    /\ Becomes(Over(board, "over", None))
    /\ UNCHANGED <<copies, devices, callers, wire, lives, accepted, joined, missed, judged>>

(* E-01 *)
AcceptsElsewhere(other) ==
    /\ board.live # 0
    /\ Becomes(Over(board, "accepted", other))
    /\ accepted' = accepted \cup {<<board.live, other>>}
    /\ joined' = joined \cup {<<board.live, other>>}
    /\ UNCHANGED <<copies, devices, callers, wire, lives, missed, judged>>

(* E-20: who is expected comes into the room, or is removed from it. *)
Comes ==
    /\ board.expected # 0
    /\ Becomes([board EXCEPT !.expected = 0])
    /\ UNCHANGED <<copies, devices, callers, wire, lives, accepted, joined, missed, judged>>

(* E-21 *)
Misses ==
    /\ board.expected # 0
    /\ Becomes([board EXCEPT !.expected = 0])
    /\ LET often == IF <<board.expected, "once">> \in missed THEN "again" ELSE "once"
       IN missed' = missed \cup {<<board.expected, often>>}
    /\ UNCHANGED <<copies, devices, callers, wire, lives, accepted, joined, judged>>

OpensRoom ==
    /\ board.opening < board.base + Opens
    /\ Becomes(Opened(board))
    /\ UNCHANGED <<copies, devices, callers, wire, lives, accepted, joined, missed, judged>>

Saves ==
    /\ Cardinality(copies) \in 1..Copies
    /\ copies' = copies \cup {board}
    /\ UNCHANGED <<board, devices, callers, wire, truth>>

(* F-18: what a host may state as floor. "above" is any that is. *)
Told == Max(opened, revised)
Floor(kind) == CASE kind = "clock" -> clock [] kind = "zero" -> 0 [] kind = "above" -> Told + 1
(* F-18: what is lost counts less than the leap. *)
MayState(b, kind) ==
    LET over == Over(b, "over", None)
    IN kind = "zero" => Told < Max(Revision(over), over.openings) + Leap

(* F-18: the connections are closed, which their devices are yet to notice. *)
Recovers(b, kind) ==
    /\ Life < Lives /\ MayState(b, kind)
    /\ board' = Recovered(b, Floor(kind))
    /\ lives' = Append(lives, board'.base)
    /\ ended' = IF b.live = 0 THEN ended ELSE ended \cup {<<b.live, None>>}
    /\ opened' = Max(opened, board'.opening)
    /\ revised' = Max(revised, Revision(board'))
    /\ judged' = {}
    /\ clock' = clock + 3
    /\ copies' = IF Life' = Lives THEN {} ELSE copies
    /\ UNCHANGED <<devices, callers, wire, made, accepted, joined, missed>>

Unanswered(x) == IF x \in Devices THEN devices[x].accept.number ELSE callers[x].number
Times(x, number) == IF <<x, number, "once">> \in judged THEN "again" ELSE "once"

(* A numbered request arrives, for the first time or again. *)
Arrives(x, number, command) ==
    LET then == Judges(board, x, number, command)
    IN /\ then.board.made > board.made => Cardinality(made) < Calls
       /\ command.what = "call" => board.opening # 0
       /\ Becomes(then.board)
       /\ wire' = IF number # Unanswered(x) THEN wire
                  ELSE [wire EXCEPT ![x].replies = @ \cup {[number |-> number, answer |-> then.answer]}]
       /\ judged' = IF then.isNew THEN judged \cup {<<x, number, Times(x, number)>>} ELSE judged
       /\ accepted' = IF command.what = "accept" /\ then.answer.said = "success"
                      THEN accepted \cup {<<command.attempt, x>>} ELSE accepted
       /\ UNCHANGED <<copies, devices, callers, lives, joined, missed>>

-----------------------------------------------------------------------------
(* What happens at the devices. *)

OnlyDevices ==
    UNCHANGED <<board, copies, callers, lives, made, ended, accepted, missed, opened, revised, judged, clock>>

(* D-16: a new connection, of this life; what is on its way by the one before is lost. *)
Connects(d) ==
    /\ devices' = [devices EXCEPT ![d].link = Life, ![d].isReady = FALSE]
    /\ wire' = [wire EXCEPT ![d] = NoWire]
    /\ UNCHANGED joined /\ OnlyDevices

(* D-14: after an eviction the snapshots of earlier requests are not applied any more. *)
Dismisses(d, buried, replies) ==
    /\ devices' = [devices EXCEPT ![d] = Evicted(buried)]
    /\ wire' = [wire EXCEPT ![d] = [snapshots |-> IF Evicts(buried) THEN {} ELSE @.snapshots,
                                   replies |-> replies]]

HearsRing(d) == \E a \in made :
    /\ devices' = [devices EXCEPT ![d] = Rung(@, a)]
    /\ UNCHANGED <<wire, joined>> /\ OnlyDevices

(* E-17 *)
HearsEnd(d) == \E end \in ended :
    /\ end[2] # d
    /\ Dismisses(d, Buried(devices[d], end[1]), wire[d].replies)
    /\ UNCHANGED joined /\ OnlyDevices

(* D-16: it asks and is answered; the reply is on its way. *)
AsksForSnapshot(d) ==
    /\ devices[d].link = Life
    /\ LET s == Snapshot(board, d, Since(devices[d]))
       IN IsApplied(devices[d], s) /\ wire' = [wire EXCEPT ![d].snapshots = @ \cup {s}]
    /\ UNCHANGED <<devices, joined>> /\ OnlyDevices

(* D-24: those that will be ignored are taken away at once. *)
Applies(d) == \E s \in wire[d].snapshots :
    /\ IsApplied(devices[d], s)
    /\ devices' = [devices EXCEPT ![d] = Applied(@, s)]
    /\ wire' = [wire EXCEPT ![d].snapshots = {t \in @ : IsApplied(devices'[d], t)}]
    /\ joined' = IF HasWon(devices[d], d, s.ending) THEN joined \cup {<<s.ending.attempt, d>>} ELSE joined
    /\ OnlyDevices

(* D-11, D-15 *)
TapsAccept(d) == \E a \in devices[d].known :
    /\ devices[d].accept = NoAccept /\ devices[d].next <= Requests
    /\ LET tapped == [devices[d] EXCEPT !.accept.attempt = a]
       IN devices' = [devices EXCEPT ![d] = IF tapped.isReady THEN Numbered(tapped) ELSE tapped]
    /\ UNCHANGED <<wire, joined>> /\ OnlyDevices

(* D-17: what was sent is sent again, when a connection comes up and later. *)
SendsAccept(d) ==
    /\ devices[d].link = Life /\ devices[d].accept.number # 0
    /\ Arrives(d, devices[d].accept.number, Accept(devices[d].accept.attempt))

HearsReply(d) == \E r \in wire[d].replies :
    /\ Dismisses(d, Replied(devices[d], r), wire[d].replies \ {r})
    /\ joined' = IF r.answer.said = "success" /\ IsAnswered(devices[d], r)
                 THEN joined \cup {<<r.answer.attempt, d>>} ELSE joined
    /\ OnlyDevices

-----------------------------------------------------------------------------
(* What happens at who calls: of its snapshots the number alone matters here.  D-15, D-17 *)

OnlyCallers == UNCHANGED <<board, copies, devices, truth>>
CallerConnects(c) ==
    /\ callers' = [callers EXCEPT ![c].link = Life, ![c].isReady = FALSE]
    /\ wire' = [wire EXCEPT ![c] = NoWire]
    /\ OnlyCallers

CallIsNumbered(c) ==
    IF ~c.isCalling \/ c.number # 0 THEN c ELSE [c EXCEPT !.number = c.next, !.next = @ + 1]

CallerIsReady(c) ==
    /\ callers[c].link = Life
    /\ callers' = [callers EXCEPT ![c] =
                     CallIsNumbered([@ EXCEPT !.isReady = TRUE, !.next = Max(@, NextRequest(board, c))])]
    /\ UNCHANGED wire /\ OnlyCallers

TapsCall(c) ==
    /\ ~callers[c].isCalling /\ callers[c].next <= Requests
    /\ LET tapped == [callers[c] EXCEPT !.isCalling = TRUE]
       IN callers' = [callers EXCEPT ![c] = IF tapped.isReady THEN CallIsNumbered(tapped) ELSE tapped]
    /\ UNCHANGED wire /\ OnlyCallers

SendsCall(c) == callers[c].link = Life /\ callers[c].number # 0 /\ Arrives(c, callers[c].number, Call)
(* One that was sent before comes again, whether or not it was answered. *)
OldCallArrives(c) == callers[c].link = Life /\ \E number \in 1..callers[c].next - 1 : Arrives(c, number, Call)
(* What else is on its way answers nothing any more. *)
CallerHearsReply(c) == \E r \in wire[c].replies :
    /\ r.number = callers[c].number
    /\ callers' = [callers EXCEPT ![c].isCalling = FALSE, ![c].number = 0]
    /\ wire' = [wire EXCEPT ![c] = NoWire]
    /\ OnlyCallers

-----------------------------------------------------------------------------

Next ==
    \/ Makes \/ Ends \/ Comes \/ Misses \/ OpensRoom \/ Saves
    \/ \E other \in Others : AcceptsElsewhere(other)
    \/ \E b \in copies, kind \in Floors : Recovers(b, kind)
    \/ \E d \in Devices :
         \/ Connects(d) \/ HearsRing(d) \/ HearsEnd(d) \/ AsksForSnapshot(d) \/ Applies(d)
         \/ TapsAccept(d) \/ SendsAccept(d) \/ HearsReply(d)
    \/ \E c \in Callers :
         \/ CallerConnects(c) \/ CallerIsReady(c) \/ TapsCall(c) \/ SendsCall(c) \/ OldCallArrives(c)
         \/ CallerHearsReply(c)

Spec == Init /\ [][Next]_vars
=============================================================================
