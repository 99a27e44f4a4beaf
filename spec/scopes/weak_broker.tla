---------------------------- MODULE weak_broker -----------------------------
(* A broker that appends what it should refuse, and processors that go on whatever they read. *)
EXTENDS takeover_laws
=============================================================================
