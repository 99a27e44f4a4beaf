--------------------------- MODULE never_on_device ---------------------------
(* What must be possible on one device: as never.tla. *)
EXTENDS one_device

EndsQuiet == HasQuiet(watched) /\ ~HasQuiet(watched')

(* Quiet.  D-32 *)
\* in one_device
NeverRingsAsQuietEnds == [][EndsQuiet => Begin = {}]_vars
\* in one_device
NeverRingsForARoom ==
  [][ EndsQuiet /\ IsJoining(watched) /\ device.room # device'.room => Begin = {} ]_vars
\* in one_device
NeverGoesOnInQuiet ==
  [][ HasQuiet(watched) /\ HasQuiet(watched') => RingingOn(device) \cap RingingOn(device') = {} ]_vars
\* in one_device
NeverGoesOnBesideALower ==
  HasQuiet(watched) => RingingOn(device) \subseteq Lowest(Candidates(device, watched))
\* in one_device
NeverGivesWayAsQuietEnds ==
  [][ EndsQuiet /\ Begin # {} => RingingOn(device) = {} ]_vars
\* in one_device
NeverQuietForBoth == ~(IsJoining(watched) /\ watched.sinceAnswer < Settle)
\* in one_device
NeverStaysSilentAsItIsFree ==
  [][ HasQuiet(watched) /\ watched.occupied /\ ~watched'.occupied /\ HasQuiet(watched')
        => IsAccepting(device') \/ Candidates(device', watched') = {} ]_vars
\* in one_device
NeverAcceptsInQuiet == HasQuiet(watched) => ~IsAccepting(device)

(* Muted, hidden, occupied, signed out.  D-30, D-31, D-33 *)
\* in one_device
NeverRingsBesideAMuted ==
  \A a \in RingingOn(device) : ~\E b \in watched.silence : b < a /\ device.stage[b] = "waiting"
\* in one_device
NeverHiddenAndSilenced == \A a \in watched.rejectHere : device.known[a] # "silenced"
\* in one_device
NeverAcceptsAMuted == \A a \in watched.silence : device.stage[a] # "accepting"
\* in one_device
NeverRingsAsItIsFree == [][watched.occupied /\ ~watched'.occupied => Begin = {}]_vars
\* in one_device
NeverSignedOutAsItRings == [][RingingOn(device) # {} => ~watched'.signedOut]_vars
=============================================================================
