------------------------------ MODULE never_taken ------------------------------
(* What must be possible when a partition is taken over: as never.tla. *)
EXTENDS takeover_laws

Active(p) == processors[p].epoch # 0
IsDeposed(p) == Active(p) /\ processors[p].epoch < Truth.epochs[Now]

\* in taken_over
NeverActiveWhileAnotherIs == ~(\A p \in Processors : Active(p))
\* in taken_over
NeverReleasesWhatItsSuccessorReleased ==
  [][ \A p \in Processors : IsDeposed(p) =>
        ~\E one \in frames' \ frames : one.epoch = processors[p].epoch /\ one.sequence <= gateway.upto ]_vars
\* in taken_over
NeverHeardFromTheSuccessorAlone ==
  [][ gateway'.heard # gateway.heard /\ gateway'.isOpen => gateway'.epoch = 1 ]_vars
\* in taken_over
NeverClosed == gateway.isOpen
\* in compared
NeverClosedByComparing ==
  [][ gateway.isOpen /\ ~gateway'.isOpen => \A p \in Processors : processors[p].since <= gateway.upto ]_vars
\* in weak_broker
NeverVoid == Truth.valid = 1..Now
\* in weak_broker
NeverVoidForItsEpochAlone ==
  \A n \in 2..Now : log[n].previous = n - 1 => n \in Truth.valid
\* in weak_broker
NeverDroppedAndAppended ==
  [][ \A n \in DOMAIN log' \ DOMAIN log : processors[log'[n].by].try = log'[n] ]_vars
\* in windows
NeverAnswersFromWithinTheWindow ==
  \A p \in Processors : MayAnswer(processors[p]) => ~\E n \in Truth.valid : n > processors[p].at
\* in windows
NeverAnOldClaimLands ==
  [][ \A n \in DOMAIN log' \ DOMAIN log : log'[n].try = 1 ]_vars
===============================================================================
