------------------------------ MODULE takeover ------------------------------
(* One partition on two machines: processors that append to one log, of which one at a time is the active;
   a broker whose acknowledgements may be lost, and which may be weaker than it says; gateways that are told
   the effects and may lose frames.

   The log is the lease: a claim is an ordinary message with the next epoch, and what a reader makes of a
   message depends on those before it alone. No step takes time, so a processor may be paused before any step
   for as long as it may be: it goes on as if nothing had happened. One that dies is paused for ever; one
   that starts anew has stopped.

   A batch has one request or none, and one effect if it decides a request. Every effect goes to the gateway;
   a frame goes to it for each place of the log. *)
EXTENDS Naturals, FiniteSets, Sequences

CONSTANTS Processors,
          Claimants,     (* those of them that claim; the others do where they are left alone at last *)
          Careless,      (* those that read on and stay in their epoch, whatever they read *)
          Requests,      (* "none" among them stands for a batch that has none *)
          Slips,         (* how often the broker appends what it should have refused *)
          Notices,       (* how a gateway notices that it missed something at a claim: "silence", "compares" *)
          Tries,         (* how often a processor sends the same anew, while the one before may be appended yet *)
          Window,        (* whether queries are answered, and time passes for that *)
          Length         (* of the log; where a processor survives, of the log until the other one dies *)

(* The log; what was sent to the broker and may be appended yet. *)
VARIABLES log, wire
VARIABLE processors
(* What was answered, and the frames that were sent to the gateway; any of them may come, in the order of
   each processor, or be lost. *)
VARIABLES answers, frames
VARIABLE gateway
(* How long the log was, when the window for queries began; who is left, at last. *)
VARIABLES settled, survivor

vars == <<log, wire, processors, answers, frames, gateway, settled, survivor>>

None == "none"
Max(m, n) == IF m > n THEN m ELSE n

-----------------------------------------------------------------------------
(* What readers make of the log. *)

(* What the first active is, before it decides anything. *)
Nothing == [epoch |-> 0, did |-> <<>>, released |-> 0]

(* Where it stands it was meant to stand, and nobody has claimed since. *)
IsValid(view, sequence, message) ==
    /\ message.previous = sequence - 1
    /\ message.epoch \in {view.epoch, view.epoch + 1}

Knows(did, request) == \E n \in DOMAIN did : did[n].request = request
Answered(view, request) == {view.did[n] : n \in {n \in DOMAIN view.did : view.did[n].request = request}}
(* A request that is decided is not decided again. *)
Decides(did, sequence, request) ==
    IF request = None \/ Knows(did, request) THEN did
    ELSE Append(did, [sequence |-> sequence, request |-> request])

Reads(view, sequence, message) ==
    IF ~IsValid(view, sequence, message) THEN view
    ELSE [epoch |-> message.epoch,
          did |-> Decides(view.did, sequence, message.request),
          released |-> Max(view.released, message.released)]

-----------------------------------------------------------------------------
(* The processors. *)

(* An id is of a processor and a try: of its messages that are equal no two have the same one. *)
Claim(p, me, try) == [by |-> p, try |-> try, epoch |-> me.view.epoch + 1, previous |-> me.at,
                      released |-> me.view.released, request |-> None]
Batch(p, me, try, request) == [by |-> p, try |-> try, epoch |-> me.epoch, previous |-> me.at,
                               released |-> me.old, request |-> request]
NoTry == [by |-> None]

First == "east"
TheClaim == [by |-> First, try |-> 1, epoch |-> 1, previous |-> 0, released |-> 0, request |-> None]

(* Read and applied so far, and what was made of it; the epoch that it is active in, or 0; what it sent and
   does not know the outcome of; what it has released, of which the lagging part, and from where on. `isNew`
   and `isFresh`: what it sent, and what it was acknowledged last, was sent within the window. *)
Standby == [at |-> 1, view |-> Reads(Nothing, 1, TheClaim), epoch |-> 0, try |-> NoTry,
            out |-> 0, old |-> 0, since |-> 0, isNew |-> FALSE, isFresh |-> FALSE]

Init ==
    /\ log = <<TheClaim>> /\ wire = {}
    /\ processors = [p \in Processors |->
                       IF p = First THEN [Standby EXCEPT !.epoch = 1, !.out = 1] ELSE Standby]
    /\ answers = {} /\ frames = {}
    /\ gateway = [epoch |-> 1, upto |-> 1, heard |-> {}, isOpen |-> TRUE, hasRepeated |-> FALSE]
    /\ settled = 1 /\ survivor = None

(* What the broker appended where it was not expected. *)
Slipped(entries) == Cardinality({n \in DOMAIN entries : entries[n].previous # n - 1})

Becomes(p, me) == processors' = [processors EXCEPT ![p] = me]
MayAct(p) == survivor \in {None, p}
HasRoom == survivor # None \/ Len(log) < Length

ReadsOn(p) == LET me == processors[p] IN
    /\ MayAct(p)
    /\ me.try = NoTry /\ me.at < Len(log)
    /\ me.epoch = 0 \/ p \in Careless
    /\ Becomes(p, [me EXCEPT !.at = @ + 1, !.view = Reads(@, me.at + 1, log[me.at + 1])])
    /\ UNCHANGED <<log, wire, answers, frames, gateway, settled, survivor>>

(* The same message may be sent any number of times: it is the same one that may arrive. Where the broker
   compares, one that comes too late is as good as lost. *)
MayBeAppended(message, entries) == message.previous >= Len(entries) \/ Slipped(entries) < Slips
WasSent(message) == message \in wire \/ \E n \in DOMAIN log : log[n] = message
Sends(p, message) ==
    /\ ~WasSent(message) /\ (message.try > 1 => WasSent([message EXCEPT !.try = @ - 1]))
    /\ Becomes(p, [processors[p] EXCEPT !.try = message, !.isNew = Window])
    /\ wire' = IF MayBeAppended(message, log) THEN wire \cup {message} ELSE wire
    /\ UNCHANGED <<log, answers, frames, gateway, settled, survivor>>

(* A standby that hears nothing reads to the end and claims; when it does, is left open. It may sleep between
   the two, which is the same as a message that comes late, but for who looks at when it was sent. *)
Claims(p) == LET me == processors[p] IN
    /\ (p \in Claimants \/ survivor # None) /\ MayAct(p) /\ (HasRoom \/ Window)
    /\ me.epoch = 0 /\ me.try = NoTry
    /\ ~Window => me.at = Len(log)
    /\ \E try \in 1..Tries : Sends(p, Claim(p, me, try))

(* A gateway sends again what was not answered; the answer may have been lost. *)
IsAnswered(request) == \E answer \in answers : answer.request = request
Waiting == {request \in Requests : survivor # None => request # None /\ ~IsAnswered(request)}

Appends(p) == LET me == processors[p] IN
    /\ MayAct(p) /\ HasRoom
    /\ me.epoch # 0 /\ me.try = NoTry
    /\ \E request \in Waiting, try \in 1..Tries : Sends(p, Batch(p, me, try, request))

(* An acknowledgement of exactly the expected sequence; or the outcome was unclear, and the message is found
   there by its id, which no other processor gives. *)
IsTheirs(message, try) == message = try
IsAcknowledged(me) == me.try # NoTry /\ Len(log) > me.at /\ IsTheirs(log[me.at + 1], me.try)

IsAppended(p) == LET me == processors[p] IN
    /\ MayAct(p) /\ IsAcknowledged(me)
    /\ LET sequence == me.at + 1
           message == me.try
           view == Reads(me.view, sequence, message)
           isValid == IsValid(me.view, sequence, message)
           isClaim == me.epoch = 0
           then == [me EXCEPT !.at = sequence, !.view = view, !.try = NoTry, !.isNew = FALSE,
                              !.isFresh = IF isValid THEN me.isNew ELSE @]
       IN /\ Becomes(p, IF ~isClaim THEN then
                        ELSE IF ~isValid THEN [then EXCEPT !.isFresh = FALSE]
                        ELSE [then EXCEPT !.epoch = message.epoch, !.out = view.released,
                                          !.old = view.released, !.since = view.released])
          /\ answers' = answers \cup Answered(view, message.request)
          /\ UNCHANGED <<log, wire, frames, gateway, settled, survivor>>

Stopped(me) == [me EXCEPT !.epoch = 0, !.try = NoTry, !.out = 0, !.old = 0, !.since = 0, !.isNew = FALSE,
                          !.isFresh = FALSE]

(* A wrong sequence, an unclear outcome, an acknowledgement of another sequence, or a new start: it drops what is
   not acknowledged, and follows. What it had sent may be appended all the same. *)
IsRefused(me) == me.try # NoTry /\ Len(log) > me.at /\ log[me.at + 1] # me.try
Stops(p) == LET me == processors[p] IN
    /\ IF survivor = None THEN p \in Claimants /\ (me.epoch # 0 \/ me.try # NoTry) ELSE survivor = p /\ IsRefused(me)
    /\ Becomes(p, Stopped(me))
    /\ UNCHANGED <<log, wire, answers, frames, gateway, settled, survivor>>

(* One that is careless drops it, and does not follow. *)
GoesOn(p) == LET me == processors[p] IN
    /\ p \in Careless /\ me.epoch # 0 /\ me.try # NoTry
    /\ Becomes(p, [me EXCEPT !.try = NoTry, !.isNew = FALSE])
    /\ UNCHANGED <<log, wire, answers, frames, gateway, settled, survivor>>

-----------------------------------------------------------------------------
(* The broker. *)

IsTaken(message) == message.previous = Len(log) \/ Slipped(log) < Slips

Arrives == \E message \in wire :
    /\ HasRoom /\ IsTaken(message)
    /\ log' = Append(log, message)
    /\ wire' = {m \in wire : MayBeAppended(m, log')}
    /\ UNCHANGED <<processors, answers, frames, gateway, settled, survivor>>

-----------------------------------------------------------------------------
(* Effects, and who hears them. *)

(* What is decided for good. *)
Applied(me) == [at |-> me.at, view |-> me.view]

UpTo(did, sequence) == SelectSeq(did, LAMBDA one : one.sequence <= sequence)
(* In the order of the log. The effect follows from all that was decided so far. *)
Frame(me, sequence) == [epoch |-> me.epoch, since |-> me.since, sequence |-> sequence,
                        effect |-> UpTo(Applied(me).view.did, sequence)]

Releases(p) == LET me == processors[p] IN
    /\ gateway.isOpen
    /\ MayAct(p) /\ me.epoch # 0 /\ me.out < Applied(me).at
    /\ frames' = frames \cup {Frame(me, me.out + 1)}
    /\ Becomes(p, [me EXCEPT !.out = @ + 1])
    /\ UNCHANGED <<log, wire, answers, gateway, settled, survivor>>

(* Where there is none, what is released is looked at alone. *)
HasGateway == Notices # None
Closed(g) == [g EXCEPT !.isOpen = FALSE, !.epoch = 0, !.upto = 0, !.heard = {}]

(* A gateway hears of an epoch: effects are released again, all after `since`. It has missed some if it has
   not heard all before. One that trusts that it heard all takes it that there is nothing between. *)
Entered(g, epoch, since) ==
    IF epoch <= g.epoch THEN g
    ELSE IF Notices = "compares" /\ g.upto < since THEN Closed(g)
    ELSE [g EXCEPT !.epoch = epoch, !.upto = Max(@, since)]

(* Of an epoch before it is dropped, as is what is not above the last; a gap is noticed. *)
Heard(g, frame) ==
    IF ~g.isOpen \/ frame.epoch < g.epoch \/ frame.sequence <= g.upto THEN g
    ELSE IF frame.sequence > g.upto + 1 THEN Closed(g)
    ELSE [g EXCEPT !.upto = frame.sequence, !.heard = @ \cup {frame.sequence},
                   !.hasRepeated = @ \/ frame.sequence \in g.heard]

(* What nobody would take any more is left out. *)
Kept(some, g) ==
    IF ~g.isOpen THEN {} ELSE {frame \in some : frame.epoch >= g.epoch \/ frame.sequence > g.upto}

Hears == \E frame \in frames :
    /\ HasGateway /\ gateway.isOpen
    /\ gateway' = Heard(Entered(gateway, frame.epoch, frame.since), frame)
    /\ gateway' # gateway
    /\ frames' = Kept(frames, gateway')
    /\ UNCHANGED <<log, wire, processors, answers, settled, survivor>>

(* A beat says what was released before it: what has not come is lost. *)
Beaten(g, me) == IF g.epoch = me.epoch /\ g.upto < me.out THEN Closed(g) ELSE g
Beats(p) == LET me == processors[p] IN
    /\ HasGateway
    /\ MayAct(p) /\ me.epoch # 0 /\ gateway.isOpen
    /\ gateway' = Beaten(Entered(gateway, me.epoch, me.since), me)
    /\ gateway' # gateway
    /\ frames' = Kept(frames, gateway')
    /\ UNCHANGED <<log, wire, processors, answers, settled, survivor>>

(* Something was released a second ago. A gateway that goes by silence has heard a beat since, or has
   heard none and knows it. *)
Silent(g, me) ==
    IF Notices = "silence" /\ g.isOpen /\ g.epoch <= me.epoch /\ (g.epoch < me.epoch \/ g.upto < me.out)
    THEN Closed(g) ELSE g
Lags(p) == LET me == processors[p] IN
    /\ HasGateway /\ gateway.isOpen
    /\ MayAct(p) /\ me.epoch # 0 /\ me.old < me.out
    /\ Becomes(p, [me EXCEPT !.old = me.out])
    /\ gateway' = Silent(gateway, me)
    /\ frames' = Kept(frames, gateway')
    /\ UNCHANGED <<log, wire, answers, settled, survivor>>

-----------------------------------------------------------------------------
(* Queries. *)

(* A query is answered at once if this holds; else behind an empty batch. *)
MayAnswer(me) == me.epoch # 0 /\ me.isFresh

(* The window passes. *)
Passes ==
    /\ Window
    /\ settled' = Len(log)
    /\ processors' = [p \in Processors |-> [processors[p] EXCEPT !.isNew = FALSE, !.isFresh = FALSE]]
    /\ UNCHANGED <<log, wire, answers, frames, gateway, survivor>>

-----------------------------------------------------------------------------

(* The others die, and the broker answers. *)
Survives ==
    /\ survivor = None
    /\ survivor' \in Processors
    /\ UNCHANGED <<log, wire, processors, answers, frames, gateway, settled>>

Works == \/ \E p \in Processors :
              \/ ReadsOn(p) \/ Claims(p) \/ Appends(p) \/ IsAppended(p) \/ Stops(p) \/ GoesOn(p)
              \/ Releases(p) \/ Beats(p) \/ Lags(p)
         \/ Arrives \/ Passes
Acts == Works \/ Hears

Spec == Init /\ [][Acts]_vars

(* A frame may be lost at any time, so none needs to be heard. *)
AtLast == survivor # None /\ Works
FairSpec == Init /\ [][Acts \/ Survives]_vars /\ WF_vars(Survives) /\ WF_vars(AtLast)
=============================================================================
