---------------------------- MODULE takeover_laws ----------------------------
(* What is true of a partition that is taken over: of every state, and of every run. *)
EXTENDS takeover

(* What the log says, from its first message on: at each place the epoch; the places that are valid, and those
   that decide something; which requests are decided. *)
Judged(entries, n, truth) ==
    LET message == entries[n]
        before == IF n = 1 THEN 0 ELSE truth.epochs[n - 1]
        isValid == message.previous + 1 = n /\ message.epoch >= before /\ message.epoch <= before + 1
        decides == isValid /\ message.request \notin truth.requests \cup {None}
    IN [epochs |-> Append(truth.epochs, IF isValid THEN message.epoch ELSE before),
        valid |-> IF isValid THEN truth.valid \cup {n} ELSE truth.valid,
        deciding |-> IF decides THEN truth.deciding \cup {n} ELSE truth.deciding,
        requests |-> IF decides THEN truth.requests \cup {message.request} ELSE truth.requests]
(* TLC evaluates what a set is bound to once. *)
RECURSIVE JudgedFrom(_, _, _)
JudgedFrom(entries, n, truth) ==
    IF n > Len(entries) THEN truth
    ELSE CHOOSE all \in {JudgedFrom(entries, n + 1, next) : next \in {Judged(entries, n, truth)}} : TRUE
Truth == JudgedFrom(log, 1, [epochs |-> <<>>, valid |-> {}, deciding |-> {}, requests |-> {}])
Now == Len(log)

Decided(truth, entries, upto) ==
    {[sequence |-> n, request |-> entries[n].request] : n \in {n \in truth.deciding : n <= upto}}
All(sequence) == {sequence[n] : n \in DOMAIN sequence}

(* Of one epoch there is one active, and what is valid is of it. *)
OneActive ==
    /\ \A p, q \in Processors : p # q /\ processors[p].epoch # 0 => processors[p].epoch # processors[q].epoch
    /\ \A valid \in {Truth.valid} : \A m, n \in valid : log[m].epoch = log[n].epoch => log[m].by = log[n].by

(* Whoever slept while another claimed wakes in vain: what it sent, sends and will send is not appended where
   it would be valid. Those that are careless send what only its epoch makes invalid. *)
Sent == wire \cup {processors[p].try : p \in Processors}
Fenced ==
    \A epoch \in {Truth.epochs[Now]} : \A message \in Sent \ {NoTry} :
        message.epoch < epoch /\ message.by \notin Careless => message.previous < Now

(* All that read so far make the same of it, the active included, which does not read. *)
ReadersAgree ==
    \A truth \in {Truth} : \A p \in Processors : LET me == processors[p] IN
         /\ me.at <= Now
         /\ me.view.epoch = truth.epochs[me.at]
         /\ All(me.view.did) = Decided(truth, log, me.at)
         /\ \A n \in truth.valid : n <= me.at => log[n].released <= me.view.released

(* What is answered is in the log, which only grows, for ever. *)
AnswersAreOfTheLog ==
    \A truth \in {Truth} : answers \subseteq Decided(truth, log, Now)
AnswersLast == [][answers' # answers => AnswersAreOfTheLog']_vars

(* An effect that is released is of the log, so no identity has two contents, whoever released it. *)
FramesAreOfTheLog ==
    \A truth \in {Truth} : \A one \in frames : one.sequence <= Now /\ All(one.effect) = Decided(truth, log, one.sequence)
EffectsAreOfTheLog == [][frames' # frames => FramesAreOfTheLog']_vars

(* A gateway that does not know better has heard each effect up to the last one, once. *)
NoneIsUnheard == gateway.isOpen => \A n \in Truth.deciding : n <= gateway.upto => n \in gateway.heard
NoneIsHeardAgain == ~gateway.hasRepeated

(* Whoever may answer a query has all that was valid when the window began. *)
NoneIsStale ==
    \A p \in Processors : MayAnswer(processors[p]) =>
        ~\E n \in Truth.valid : processors[p].at < n /\ n <= settled

(* What was said changes nothing, but for what is on its way to a gateway. *)
Seen == <<log, wire, processors, IF HasGateway THEN frames ELSE {}, gateway, settled>>
WhileItIsOpen == gateway.isOpen

(* Where one processor stays alive and the broker answers. *)
RequestsAreAnswered == \A request \in Requests : <>IsAnswered(request)
EffectsAreHeard == \A n \in 2..Length + 2 :
    n \in Truth.deciding ~> (n \in gateway.heard \/ ~gateway.isOpen)
=============================================================================
