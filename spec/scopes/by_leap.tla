------------------------------- MODULE by_leap --------------------------------
(* As by_clock, where the host states any number that is above what was told, or 0 if what was lost had
   counted less than the leap.  F-18, C-06, F-02, Q-07 *)
EXTENDS recovery_laws
===============================================================================
