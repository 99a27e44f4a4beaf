----------------------------- MODULE lost_retries -----------------------------
(* One that calls, and sends what was not answered again in the next life.  F-18, D-15, D-17, X-02 *)
EXTENDS recovery_laws
===============================================================================
