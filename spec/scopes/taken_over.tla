----------------------------- MODULE taken_over -----------------------------
(* Two processors, an honest broker, a gateway that knows by silence that it missed something. *)
EXTENDS takeover_laws
=============================================================================
