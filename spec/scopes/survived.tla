------------------------------ MODULE survived ------------------------------
(* Liveness: one of two processors is left at last. *)
EXTENDS takeover_laws
=============================================================================
