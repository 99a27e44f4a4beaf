------------------------------- MODULE by_clock -------------------------------
(* Numbers alone: a switchboard that is set back three times, to either of two copies or to nothing, in any
   order, by a clock that is above every number told.  F-18, C-06, F-02, Q-07 *)
EXTENDS recovery_laws
===============================================================================
