------------------------------ MODULE sessions ------------------------------
(* Four sessions of one user in one room, each on a device of its own (sessions.cfg), or three of them on
   one device, one after another (shared.cfg).  F-04, F-05, F-06, F-13, F-14, F-15 *)
EXTENDS presence
=============================================================================
