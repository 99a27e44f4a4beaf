----------------------------- MODULE one_device -----------------------------
(* Three calls to one device, two of them into one room (device.cfg); of two calls, that none waits for
   ever (device_live.cfg).  D-07, D-30, D-31, D-32, D-33 *)
EXTENDS device

TheRooms == <<"standup", "review", "standup">>
=============================================================================
