//! Section 2.4: the callee is in another room, or another room calls, too.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::{ActiveCalls, CallRejectionReason, CallStatus, EndingKind, InOtherRoom, Policy};

use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::scripted::{
    ANA, DEE, LOUNGE, PHONE, STANDUP, Script, TABLET, answered_on, both_ways, rejected_for,
    rejected_on,
};

const ELSEWHERE: CallRejectionReason = CallRejectionReason::InOtherRoom;

/// Being in another room changes nothing.
const RING: Policy = Policy { in_other_room: InOtherRoom::Ring, ..Policy::DEFAULT };

// R34: the callee goes into another room while it rings. By default the switchboard rejects the
// call, once; a yes that crosses it wins only if it arrives first.
#[test]
fn r34_goes_into_another_room() {
    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    script.enters(TABLET, LOUNGE);
    script.deliver(PHONE, Kind::Accept);
    script.lost(PHONE, EndingKind::InOtherRoom, Some("bo"), None);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::InOtherRoom)]);
    script.dismissed(TABLET, &[(1, Dismissal::InOtherRoom)]);
    script.joined(&[]);
    script.outcome(rejected_for(ELSEWHERE));

    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    script.enters(TABLET, LOUNGE);
    assert_eq!(script.ended(1), Some(EndingKind::Accepted));
    script.end();
    script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    script.joined(&[(PHONE, "standup")]);
    script.outcome(Progress::Accepted);
}

// R34: where the policy lets it ring, it rings on.
#[test]
fn r34_rings_on_in_another_room() {
    let mut script = Script::ringing_with(RING);
    script.enters(TABLET, LOUNGE);
    script.flush();
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.shows(TABLET, &[(1, At::Ringing)]);
    assert_eq!(script.pending(), [(1, CallStatus::Calling)]);
    script.progressed(&[(0, Progress::Asking), (1, Progress::Calling), (1, Progress::Ringing)]);
}

// R35: the callee is in another room when called: no device rings, and the caller is told why.
// In the room of the call it is never that.
#[test]
fn r35_is_in_another_room() {
    let mut script = Script::new();
    script.enters(TABLET, LOUNGE);
    script.ring();
    assert_eq!(script.ended(1), Some(EndingKind::InOtherRoom));
    assert_eq!(script.pending(), [(1, CallStatus::Rejected)]);
    script.end();
    script.shown(PHONE, &[]);
    script.shown(TABLET, &[]);
    script.outcome(rejected_for(ELSEWHERE));

    let mut script = Script::new();
    script.enters(TABLET, LOUNGE);
    script.enters(PHONE, STANDUP);
    script.ring();
    script.end();
    script.progressed(&[(0, Progress::Asking), (0, Progress::AlreadyInRoom)]);
}

// R36: the callee says yes while in another room. Where it may ring there, the yes stands, and the
// device goes over; by default there is nothing left to say yes to.
#[test]
fn r36_accepts_in_another_room() {
    let mut script = Script::with(RING, |_| {});
    script.enters(PHONE, LOUNGE);
    script.ring();
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.taps_yes(PHONE);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    script.joined(&[(PHONE, "standup")]);
    assert_eq!(script.world.devices[PHONE].room.as_deref(), Some("standup"));
    script.outcome(Progress::Accepted);

    let mut script = Script::new();
    script.enters(PHONE, LOUNGE);
    script.ring();
    script.taps_yes(PHONE);
    assert_eq!(script.count(PHONE, Kind::Accept), 0);
    script.end();
    script.joined(&[]);
    script.outcome(rejected_for(ELSEWHERE));
}

// R37: two callers ring one user, into two rooms. By default the second one is told that the user
// is being called, and the first ring is untouched.
#[test]
fn r37_two_callers_one_call_a_user() {
    let mut script = Script::new();
    script.enters(DEE, LOUNGE);
    script.ring();
    script.calls(DEE, LOUNGE, 30);
    script.flush();
    script.shows(PHONE, &[(1, At::Ringing)]);
    let already = [(0, Progress::Asking), (0, Progress::AlreadyInCalling)];
    script.progressed_of(DEE, "lounge", &already);
    script.taps_no(PHONE);
    script.flush();
    script.calls(DEE, LOUNGE, 30);
    script.flush();
    script.shows(PHONE, &[(2, At::Ringing)]);
    script.outcome(rejected_for(CallRejectionReason::Rejected));
}

/// Both rooms ring bo, whose devices hear of the first call first, or last.
fn two_rooms(is_first_first: bool) -> Script {
    let policy = Policy { active_calls: ActiveCalls::PerRoom, ..Policy::DEFAULT };
    let mut script = Script::with(policy, |_| {});
    script.enters(DEE, LOUNGE);
    script.flush();
    script.calls(ANA, STANDUP, 30);
    script.calls(DEE, LOUNGE, 30);
    script.deliver(ANA, Kind::Call);
    script.deliver(DEE, Kind::Call);
    for device in [PHONE, TABLET] {
        if is_first_first {
            script.deliver(device, Kind::Ring);
            script.deliver(device, Kind::Ring);
        } else {
            let first = script.hold(device, Kind::Ring);
            script.deliver(device, Kind::Ring);
            script.shows(device, &[(2, At::Ringing)]);
            script.release(first);
        }
        script.shows(device, &[(1, At::Ringing), (2, At::Waiting)]);
    }
    script.flush();
    script
}

// R37: where each room may ring, the earlier call rings and the later one waits, in whichever
// order they come. A no to the first brings up the second; each has an end of its own.
#[test]
fn r37_two_rooms_each_its_own_end() {
    both_ways(true, false, |is_first_first, _| {
        let mut script = two_rooms(is_first_first);
        script.taps_no(PHONE);
        script.shows(PHONE, &[(1, At::Rejecting), (2, At::Ringing)]);
        script.flush();
        script.shows(TABLET, &[(2, At::Ringing)]);
        script.taps_yes(PHONE);
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::RejectedHere), (2, Dismissal::AnsweredHere)]);
        script.dismissed(TABLET, &[(1, rejected_on(PHONE)), (2, answered_on(PHONE))]);
        script.joined(&[(PHONE, "lounge")]);
        script.outcome(rejected_for(CallRejectionReason::Rejected));
        let accepted = [
            (0, Progress::Asking),
            (2, Progress::Calling),
            (2, Progress::Ringing),
            (2, Progress::Accepted),
        ];
        script.progressed_of(DEE, "lounge", &accepted);

        let mut script = two_rooms(is_first_first);
        script.taps_yes(PHONE);
        script.shows(PHONE, &[(1, At::Accepting), (2, At::Waiting)]);
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere), (2, Dismissal::InOtherRoom)]);
        script.dismissed(TABLET, &[(1, answered_on(PHONE)), (2, Dismissal::InOtherRoom)]);
        script.joined(&[(PHONE, "standup")]);
        script.outcome(Progress::Accepted);
        let away = [
            (0, Progress::Asking),
            (2, Progress::Calling),
            (2, Progress::Ringing),
            (2, rejected_for(ELSEWHERE)),
        ];
        script.progressed_of(DEE, "lounge", &away);
    });
}
