---------------------------- MODULE lost_expected -----------------------------
(* Who accepted is expected, and the state is set back: to copies of before and after that. Somebody calls
   all the while.  C-05, E-20, E-21, F-11, F-18 *)
EXTENDS recovery_laws
===============================================================================
