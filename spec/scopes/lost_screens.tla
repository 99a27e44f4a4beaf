----------------------------- MODULE lost_screens -----------------------------
(* One device that nobody answers on, three lives: which calls are on its screen.
   F-18, D-06, D-14, D-16, D-24, Q-11 *)
EXTENDS recovery_laws
===============================================================================
