//! Section 2.4: the callee is in another room, or another room calls, too.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::{ActiveCalls, CallRejectionReason, CallStatus, EndingKind, InOtherRoom, Policy};

use roomcall_testkit::world::kind::What;
use roomcall_testkit::world::stage::{
    ANA, DEE, LOUNGE, PHONE, STANDUP, Stage, TABLET, answered_on, both_ways, rejected_for,
    rejected_on,
};

const ELSEWHERE: CallRejectionReason = CallRejectionReason::InOtherRoom;

/// Being in another room changes nothing.
const RING: Policy = Policy { in_other_room: InOtherRoom::Ring, ..Policy::DEFAULT };

// R34: the callee goes into another room while it rings. By default the switchboard rejects the
// call, once; a yes that crosses it wins only if it arrives first.
#[test]
fn r34_goes_into_another_room() {
    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    stage.enters(TABLET, LOUNGE);
    stage.deliver(PHONE, What::Accept);
    stage.lost(PHONE, EndingKind::InOtherRoom, Some("bo"), None);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::InOtherRoom)]);
    stage.dismissed(TABLET, &[(1, Dismissal::InOtherRoom)]);
    stage.joined(&[]);
    stage.outcome(rejected_for(ELSEWHERE));

    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    stage.deliver(PHONE, What::Accept);
    stage.enters(TABLET, LOUNGE);
    assert_eq!(stage.ended(1), Some(EndingKind::Accepted));
    stage.end();
    stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    stage.joined(&[(PHONE, "standup")]);
    stage.outcome(Progress::Accepted);
}

// R34: where the policy lets it ring, it rings on.
#[test]
fn r34_rings_on_in_another_room() {
    let mut stage = Stage::ringing_with(RING);
    stage.enters(TABLET, LOUNGE);
    stage.flush();
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.shows(TABLET, &[(1, At::Ringing)]);
    assert_eq!(stage.pending(), [(1, CallStatus::Calling)]);
    stage.progressed(&[(0, Progress::Asking), (1, Progress::Ringing)]);
}

// R35: the callee is in another room when called: no device rings, and the caller is told why.
// In the room of the call it is never that.
#[test]
fn r35_is_in_another_room() {
    let mut stage = Stage::new();
    stage.enters(TABLET, LOUNGE);
    stage.ring();
    assert_eq!(stage.ended(1), Some(EndingKind::InOtherRoom));
    assert_eq!(stage.pending(), [(1, CallStatus::Rejected)]);
    stage.end();
    stage.shown(PHONE, &[]);
    stage.shown(TABLET, &[]);
    stage.outcome(rejected_for(ELSEWHERE));

    let mut stage = Stage::new();
    stage.enters(TABLET, LOUNGE);
    stage.enters(PHONE, STANDUP);
    stage.ring();
    stage.end();
    stage.progressed(&[(0, Progress::Asking), (0, Progress::AlreadyInRoom)]);
}

// R36: the callee says yes while in another room. Where it may ring there, the yes stands, and the
// device goes over; by default there is nothing left to say yes to.
#[test]
fn r36_accepts_in_another_room() {
    let mut stage = Stage::with(RING, |_| {});
    stage.enters(PHONE, LOUNGE);
    stage.ring();
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.taps_yes(PHONE);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    stage.joined(&[(PHONE, "standup")]);
    assert_eq!(stage.world.devices[PHONE].room.as_deref(), Some("standup"));
    stage.outcome(Progress::Accepted);

    let mut stage = Stage::new();
    stage.enters(PHONE, LOUNGE);
    stage.ring();
    stage.taps_yes(PHONE);
    assert_eq!(stage.count(PHONE, What::Accept), 0);
    stage.end();
    stage.joined(&[]);
    stage.outcome(rejected_for(ELSEWHERE));
}

// R37: two callers ring one user, into two rooms. By default the second one is told that the user
// is being called, and the first ring is untouched.
#[test]
fn r37_two_callers_one_call_a_user() {
    let mut stage = Stage::new();
    stage.enters(DEE, LOUNGE);
    stage.ring();
    stage.calls(DEE, LOUNGE, 30);
    stage.flush();
    stage.shows(PHONE, &[(1, At::Ringing)]);
    let already = [(0, Progress::Asking), (0, Progress::AlreadyInCalling)];
    stage.progressed_of(DEE, "lounge", &already);
    stage.taps_no(PHONE);
    stage.flush();
    stage.calls(DEE, LOUNGE, 30);
    stage.flush();
    stage.shows(PHONE, &[(2, At::Ringing)]);
    stage.outcome(rejected_for(CallRejectionReason::Rejected));
}

/// Both rooms ring bo, whose devices hear of the first call first, or last.
fn two_rooms(is_first_first: bool) -> Stage {
    let policy = Policy { active_calls: ActiveCalls::PerRoom, ..Policy::DEFAULT };
    let mut stage = Stage::with(policy, |_| {});
    stage.enters(DEE, LOUNGE);
    stage.flush();
    stage.calls(ANA, STANDUP, 30);
    stage.calls(DEE, LOUNGE, 30);
    stage.deliver(ANA, What::Call);
    stage.deliver(DEE, What::Call);
    for device in [PHONE, TABLET] {
        if is_first_first {
            stage.deliver(device, What::Ring);
            stage.deliver(device, What::Ring);
        } else {
            let first = stage.hold(device, What::Ring);
            stage.deliver(device, What::Ring);
            stage.shows(device, &[(2, At::Ringing)]);
            stage.release(first);
        }
        stage.shows(device, &[(1, At::Ringing), (2, At::Waiting)]);
    }
    stage.flush();
    stage
}

// R37: where each room may ring, the earlier call rings and the later one waits, in whichever
// order they come. A no to the first brings up the second; each has an end of its own.
#[test]
fn r37_two_rooms_each_its_own_end() {
    both_ways(true, false, |is_first_first, _| {
        let mut stage = two_rooms(is_first_first);
        stage.taps_no(PHONE);
        stage.shows(PHONE, &[(1, At::Rejecting), (2, At::Ringing)]);
        stage.flush();
        stage.shows(TABLET, &[(2, At::Ringing)]);
        stage.taps_yes(PHONE);
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::RejectedHere), (2, Dismissal::AnsweredHere)]);
        stage.dismissed(TABLET, &[(1, rejected_on(PHONE)), (2, answered_on(PHONE))]);
        stage.joined(&[(PHONE, "lounge")]);
        stage.outcome(rejected_for(CallRejectionReason::Rejected));
        let accepted = [(0, Progress::Asking), (2, Progress::Ringing), (2, Progress::Accepted)];
        stage.progressed_of(DEE, "lounge", &accepted);

        let mut stage = two_rooms(is_first_first);
        stage.taps_yes(PHONE);
        stage.shows(PHONE, &[(1, At::Accepting), (2, At::Waiting)]);
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere), (2, Dismissal::InOtherRoom)]);
        stage.dismissed(TABLET, &[(1, answered_on(PHONE)), (2, Dismissal::InOtherRoom)]);
        stage.joined(&[(PHONE, "standup")]);
        stage.outcome(Progress::Accepted);
        let away = [(0, Progress::Asking), (2, Progress::Ringing), (2, rejected_for(ELSEWHERE))];
        stage.progressed_of(DEE, "lounge", &away);
    });
}
