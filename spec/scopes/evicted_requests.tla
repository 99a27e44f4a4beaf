--------------------------- MODULE evicted_requests ---------------------------
(* Two that call, with more requests, of which one at a time is remembered; nothing is lost.
   D-15, X-04 to X-06 *)
EXTENDS recovery_laws
===============================================================================
