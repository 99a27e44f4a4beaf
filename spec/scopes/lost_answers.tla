----------------------------- MODULE lost_answers -----------------------------
(* One device that accepts, and two lives.  F-18, D-11, D-12, D-15, D-17, X-02 *)
EXTENDS recovery_laws
===============================================================================
