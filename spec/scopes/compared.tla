------------------------------ MODULE compared ------------------------------
(* Likewise, with a gateway that compares what it heard with what will be released again. *)
EXTENDS takeover_laws
=============================================================================
