---------------------------- MODULE lost_requests -----------------------------
(* The memory of requests in two lives: two that call, of which one at a time is remembered.
   F-18, D-15, X-02 to X-06 *)
EXTENDS recovery_laws
===============================================================================
