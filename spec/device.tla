------------------------------- MODULE device -------------------------------
(* One device: which of the calls that it knows rings, while calls begin and end, are answered, muted and
   hidden, the device is occupied, joins, changes rooms, is restarted and signed out, and time passes.
   D-07, D-08, D-11, D-12, D-13, D-30, D-31, D-32, D-33

   Each input may come at any time, again, and for any call. Time is the time that is left. *)
EXTENDS Naturals, FiniteSets

CONSTANTS Attempts,   (* numbers *)
          RoomOf,     (* by attempt *)
          JoinQuiet, Settle

(* What the device has: of each call whether it knows it, what was tapped and is unanswered, and its stage;
   those that are muted and hidden; its room; whether it is occupied; what is left of quiet, by its kinds. *)
VARIABLE device
(* What somebody who watches it remembers, for the laws: whether it is occupied or signed out, which calls
   were silenced and hidden by a tap, and the time that has passed since Join and since an answer elsewhere.
   A length that has passed, or has ended before, is the whole. *)
VARIABLE watched

vars == <<device, watched>>

None == "none"
Rooms == {RoomOf[a] : a \in Attempts}

-----------------------------------------------------------------------------
(* The screen. *)

(* D-08, D-09 *)
IsOnScreen(d, a) == d.known[a] = "known" /\ a \notin d.hidden /\ RoomOf[a] # d.room

IsAccepting(d) == \E a \in Attempts : d.tapped[a] = "accept"
IsInQuiet(d) == d.joining > 0 \/ d.settling > 0
RingingOn(d) == {a \in Attempts : d.stage[a] = "ringing"}
Lowest(set) == {a \in set : \A b \in set : a <= b}

(* D-07, D-30, D-31, D-32: those that must be ringing, after an input before which `before' were. *)
MustRing(d, before) ==
    LET free == {a \in Attempts : IsOnScreen(d, a) /\ d.tapped[a] = "nothing" /\ a \notin d.muted}
    IN IF IsAccepting(d) \/ d.occupied THEN {}
       ELSE IF IsInQuiet(d) THEN before \cap free
       ELSE Lowest(free)

(* D-07 *)
Drawn(d, before) ==
    LET stage(a) == CASE ~IsOnScreen(d, a) -> "off"
                      [] d.tapped[a] = "accept" -> "accepting"
                      [] d.tapped[a] = "reject" -> "rejecting"
                      [] OTHER -> IF a \in MustRing(d, before) THEN "ringing" ELSE "waiting"
    IN [d EXCEPT !.stage = [a \in Attempts |-> stage(a)]]

-----------------------------------------------------------------------------
(* What each input makes of a device. *)

New == [known |-> [a \in Attempts |-> "new"], tapped |-> [a \in Attempts |-> "nothing"],
        muted |-> {}, hidden |-> {}, room |-> None, occupied |-> FALSE,
        joining |-> 0, settling |-> 0, stage |-> [a \in Attempts |-> "off"], signedOut |-> FALSE]

IsKnown(d, a) == d.known[a] \in {"known", "silenced"}

(* D-06, D-13, D-14: what is over or silenced does not ring by a ring; a snapshot lists what is silenced. *)
Rings(d, a) == IF d.known[a] = "new" THEN [d EXCEPT !.known[a] = "known"] ELSE d
IsListed(d, a) == IF d.known[a] = "silenced" THEN [d EXCEPT !.known[a] = "known"] ELSE Rings(d, a)

(* D-11, D-13: what was tapped is abandoned. *)
IsSilenced(d, a) ==
    IF d.known[a] = "known" THEN [d EXCEPT !.known[a] = "silenced", !.tapped[a] = "nothing"] ELSE d

(* D-11, D-14, D-30: an ending is for good; what was muted and hidden is so until then. *)
Ends(d, a) ==
    [d EXCEPT !.known[a] = "over", !.tapped[a] = "nothing", !.muted = @ \ {a}, !.hidden = @ \ {a}]

(* D-32: of a call that is known. *)
IsAnsweredElsewhere(d, a) ==
    [Ends(d, a) EXCEPT !.settling = IF IsKnown(d, a) THEN Settle ELSE @]

(* D-11 *)
MayBeAnswered(d, a) == d.stage[a] \in {"ringing", "waiting"}
TapsAccept(d, a) ==
    IF MayBeAnswered(d, a) /\ ~IsAccepting(d) THEN [d EXCEPT !.tapped[a] = "accept"] ELSE d
TapsReject(d, a) == IF MayBeAnswered(d, a) THEN [d EXCEPT !.tapped[a] = "reject"] ELSE d

(* D-12, D-17: an accept that was abandoned joins nobody. In the room of a call none of it is unanswered. *)
GivesJoin(d, a) == d.tapped[a] = "accept"
(* D-12, D-32 *)
Succeeds(d, a) == [Ends(d, a) EXCEPT !.joining = IF GivesJoin(d, a) THEN JoinQuiet ELSE @]
(* D-12: it stands as if it had not been tapped. *)
IsRefused(d, a) == [d EXCEPT !.tapped[a] = "nothing"]

(* D-30 *)
TapsSilence(d, a) == IF d.stage[a] # "off" THEN [d EXCEPT !.muted = @ \cup {a}] ELSE d
TapsRejectHere(d, a) == IF MayBeAnswered(d, a) THEN [d EXCEPT !.hidden = @ \cup {a}] ELSE d

(* D-32: none is no room, and the same one is not another one. *)
IsAnotherRoom(d, room) == room # None /\ room # d.room
(* D-08, D-32 *)
ComesInto(d, room) ==
    [d EXCEPT !.room = room,
              !.tapped = [a \in Attempts |-> IF RoomOf[a] = room THEN "nothing" ELSE @[a]],
              !.joining = IF IsAnotherRoom(d, room) THEN 0 ELSE @]

(* D-32 *)
CouldNotJoin(d) == [d EXCEPT !.joining = 0]

(* D-32 *)
OneLess(left) == IF left = 0 THEN 0 ELSE left - 1
TimePasses(d) == [d EXCEPT !.joining = OneLess(@), !.settling = OneLess(@)]

(* D-25, D-31: with what is due at once. *)
Restarts(d) == [d EXCEPT !.room = None, !.occupied = FALSE]

(* D-33 *)
SignsOut(d) == [New EXCEPT !.signedOut = TRUE]

-----------------------------------------------------------------------------
(* What happens. *)

OfCalls == {"ring", "listed", "deadline", "ended", "answeredElsewhere", "accept", "reject", "success",
            "refusal", "silence", "rejectHere"}
Inputs == [what : OfCalls, call : Attempts] \cup [what : {"room"}, room : Rooms \cup {None}]
          \cup [what : {"occupied", "free", "couldNotJoin", "time", "restart", "signOut"}]

After(d, input) ==
    CASE input.what = "ring" -> Rings(d, input.call)
      [] input.what = "listed" -> IsListed(d, input.call)
      [] input.what = "deadline" -> IsSilenced(d, input.call)
      [] input.what = "ended" -> Ends(d, input.call)
      [] input.what = "answeredElsewhere" -> IsAnsweredElsewhere(d, input.call)
      [] input.what = "accept" -> TapsAccept(d, input.call)
      [] input.what = "reject" -> TapsReject(d, input.call)
      [] input.what = "success" -> Succeeds(d, input.call)
      [] input.what = "refusal" -> IsRefused(d, input.call)
      [] input.what = "silence" -> TapsSilence(d, input.call)
      [] input.what = "rejectHere" -> TapsRejectHere(d, input.call)
      [] input.what = "room" -> ComesInto(d, input.room)
      [] input.what = "occupied" -> [d EXCEPT !.occupied = TRUE]
      [] input.what = "free" -> [d EXCEPT !.occupied = FALSE]
      [] input.what = "couldNotJoin" -> CouldNotJoin(d)
      [] input.what = "time" -> TimePasses(d)
      [] input.what = "restart" -> Restarts(d)
      [] input.what = "signOut" -> SignsOut(d)

(* D-33: whatever comes then. *)
Judged(d, input) == IF d.signedOut THEN d ELSE Drawn(After(d, input), RingingOn(d))

-----------------------------------------------------------------------------
(* Who watches sees the inputs and the screen that they find, and whether a call is known. *)

Unwatched == [occupied |-> FALSE, signedOut |-> FALSE, silence |-> {}, rejectHere |-> {},
              sinceJoin |-> JoinQuiet, sinceAnswer |-> Settle]

Passed(since, all, input) == IF input.what = "time" /\ since < all THEN since + 1 ELSE since

(* The calls of a tap that have not ended. *)
Tapped(calls, d, input, what, stages) ==
    {a \in calls : d.known[a] # "over"}
    \cup (IF input.what = what THEN {input.call} \cap {a \in Attempts : d.stage[a] \in stages} ELSE {})

Watches(w, d, input) ==
    IF w.signedOut \/ input.what = "signOut" THEN [Unwatched EXCEPT !.signedOut = TRUE]
    ELSE [occupied |-> input.what = "occupied" \/ (w.occupied /\ input.what \notin {"free", "restart"}),
          signedOut |-> FALSE,
          silence |-> Tapped(w.silence, d, input, "silence",
                             {"ringing", "waiting", "accepting", "rejecting"}),
          rejectHere |-> Tapped(w.rejectHere, d, input, "rejectHere", {"ringing", "waiting"}),
          sinceJoin |-> CASE input.what = "success" /\ GivesJoin(d, input.call) -> 0
                          [] input.what = "couldNotJoin" -> JoinQuiet
                          [] input.what = "room" /\ IsAnotherRoom(d, input.room) -> JoinQuiet
                          [] OTHER -> Passed(w.sinceJoin, JoinQuiet, input),
          sinceAnswer |-> IF input.what = "answeredElsewhere" /\ IsKnown(d, input.call) THEN 0
                          ELSE Passed(w.sinceAnswer, Settle, input)]

-----------------------------------------------------------------------------

Init == device = New /\ watched = Unwatched

Takes(input) ==
    /\ device' = Judged(device, input)
    /\ watched' = Watches(watched, device, input)

Next == \E input \in Inputs : Takes(input)

Spec == Init /\ [][Next]_vars
FairSpec == Spec /\ WF_vars(Takes([what |-> "time"]))

-----------------------------------------------------------------------------
(* The laws. *)

IsJoining(w) == w.sinceJoin < JoinQuiet
HasQuiet(w) == IsJoining(w) \/ w.sinceAnswer < Settle

(* What must be on the screen, and of it what may ring if nothing forbids any to. *)
IsThere(d, w, a) == d.known[a] = "known" /\ a \notin w.rejectHere /\ RoomOf[a] # d.room
Candidates(d, w) ==
    {a \in Attempts : IsThere(d, w, a) /\ d.tapped[a] = "nothing" /\ a \notin w.silence}
IsForbidden(d, w) == w.occupied \/ IsAccepting(d)

(* D-07, D-11 *)
OneCallAtATime ==
    /\ Cardinality(RingingOn(device)) <= 1
    /\ Cardinality({a \in Attempts : device.stage[a] = "accepting"}) <= 1

(* D-07, D-31: nor beside a call that is accepting, nor on a device that is occupied. *)
RingsWhereItMay == RingingOn(device) # {} => ~IsForbidden(device, watched)

(* D-08, D-09, D-30: what is hidden is not there, and else nothing is missing. *)
ScreenIsRight == \A a \in Attempts : device.stage[a] # "off" <=> IsThere(device, watched, a)

(* D-30 *)
MutedIsSilent == RingingOn(device) \cap watched.silence = {}

(* D-32: accepting had interrupted what rang. *)
NoneRingsBesideAJoin == IsJoining(watched) => RingingOn(device) = {}

(* D-07, D-32: no call is silent without a reason. *)
NoneIsLost ==
    ~IsForbidden(device, watched) /\ ~HasQuiet(watched)
        => RingingOn(device) = Lowest(Candidates(device, watched))

(* D-08, D-11: no answer is on its way to a call that cannot be joined. *)
AnswersAreOnScreen == \A a \in Attempts : device.tapped[a] # "nothing" => IsOnScreen(device, a)

(* D-33 *)
SignedOutIsOver == watched.signedOut => \A a \in Attempts : device.stage[a] = "off"
SignedOutForEver == [][watched.signedOut => device' = device]_vars

Begin == RingingOn(device') \ RingingOn(device)

(* D-32: from the input that begins quiet to the time that ends it. *)
NoneBeginsInQuiet == [][HasQuiet(watched') => Begin = {}]_vars

(* D-32: quiet takes no ringing away, nor does a call with a lower attempt in it. *)
GoesOnInQuiet ==
    [][ HasQuiet(watched') /\ ~IsForbidden(device', watched')
            => RingingOn(device) \cap Candidates(device', watched') \subseteq RingingOn(device') ]_vars

(* D-32: if time passes, quiet ends. *)
WaitsForQuiet(a) ==
    ~IsForbidden(device, watched) /\ a \in Lowest(Candidates(device, watched)) \ RingingOn(device)
NoneWaitsForEver == \A a \in Attempts : WaitsForQuiet(a) ~> ~WaitsForQuiet(a)
=============================================================================
