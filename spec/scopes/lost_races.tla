------------------------------ MODULE lost_races ------------------------------
(* One call, one device that accepts beside another that does, and three lives.  F-18, D-12, E-01, E-09 *)
EXTENDS recovery_laws
===============================================================================
