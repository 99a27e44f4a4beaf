//! Whether a phone rings, and whether who accepted comes (C-14, D-37, E-20, E-21).

use roomcall::handset::{Progress, Stage as At};
use roomcall::{CallResult, OutcomesTo, Policy};

use roomcall::protocol::Answer;
use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::scripted::{
    ANA, DEE, LOUNGE, PHONE, STANDUP, Script, TABLET, USER_ANA, USER_BO,
};

const MADE: (u64, Progress) = (1, Progress::Calling);
const RINGS: (u64, Progress) = (1, Progress::Ringing);

/// ana calls bo, and bo's devices show it; what they say is on its way.
fn shown() -> Script {
    let mut script = Script::new();
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.deliver(ANA, Kind::Answer);
    script.deliver(PHONE, Kind::Ring);
    script.deliver(TABLET, Kind::Ring);
    script.progressed(&[(0, Progress::Asking), MADE]);
    script
}

// The first device that says so is heard, and the second changes nothing.
#[test]
fn two_phones_ring_and_the_caller_hears_one() {
    let mut script = shown();
    script.deliver(TABLET, Kind::Rings);
    assert_eq!((script.count(ANA, Kind::Ringing), script.count(TABLET, Kind::Answer)), (1, 0));
    script.duplicate(PHONE, Kind::Rings);
    script.deliver(PHONE, Kind::Rings);
    script.flush();
    script.progressed(&[(0, Progress::Asking), MADE, RINGS]);
    script.end();
    script.progressed(&[(0, Progress::Asking), MADE, RINGS, (1, Progress::TimedOut)]);
}

// What is lost is said again as soon as a snapshot shows that nobody has heard it.
#[test]
fn a_lost_word_is_said_again() {
    let mut script = shown();
    script.lose(PHONE, Kind::Rings);
    script.lose(TABLET, Kind::Rings);
    script.flush();
    script.pass(5_000);
    script.flush();
    script.progressed(&[(0, Progress::Asking), MADE]);
    script.heal(PHONE);
    script.flush();
    script.progressed(&[(0, Progress::Asking), MADE, RINGS]);
    script.heal(TABLET);
    script.deliver(TABLET, Kind::Asking);
    script.deliver(TABLET, Kind::Snapshot);
    assert_eq!(script.count(TABLET, Kind::Rings), 0);
    script.end();
}

// A call that waits behind another one is shown, and so it rings for its caller.
#[test]
fn a_call_that_waits_rings_for_its_caller() {
    let policy = Policy {
        active_calls: roomcall::ActiveCalls::PerRoom,
        in_other_room: roomcall::InOtherRoom::Ring,
        ..Policy::DEFAULT
    };
    let mut script = Script::ringing_with(policy);
    script.enters(DEE, LOUNGE);
    script.calls(DEE, LOUNGE, 30);
    script.flush();
    script.shows(PHONE, &[(1, At::Ringing), (2, At::Waiting)]);
    let rings = [(0, Progress::Asking), (2, Progress::Calling), (2, Progress::Ringing)];
    script.progressed_of(DEE, "lounge", &rings);
    script.end();
}

// Whoever answers, or hears of the end, before its word is heard: it says nothing any more.
#[test]
fn a_word_that_comes_after_the_end() {
    let mut script = shown();
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    script.deliver(PHONE, Kind::Rings);
    script.deliver(TABLET, Kind::Rings);
    assert_eq!(script.count(ANA, Kind::Ringing), 0);
    script.end();
    script.progressed(&[(0, Progress::Asking), MADE, (1, Progress::Accepted)]);
}

// That it rings overtakes the answer to the call, and comes after its end: neither undoes the other.
#[test]
fn the_word_overtakes_and_is_overtaken() {
    let mut script = Script::new();
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.deliver(PHONE, Kind::Ring);
    script.deliver(PHONE, Kind::Rings);
    script.deliver(ANA, Kind::Ringing);
    script.deliver(ANA, Kind::Answer);
    script.progressed(&[(0, Progress::Asking), RINGS]);
    let mut script = shown();
    script.deliver(PHONE, Kind::Rings);
    script.taps_no(PHONE);
    script.deliver(PHONE, Kind::Reject);
    script.deliver(ANA, Kind::Rejected);
    script.deliver(ANA, Kind::Ringing);
    script.end();
    let no = Progress::Rejected { reason: Some(roomcall::CallRejectionReason::Rejected) };
    script.progressed(&[(0, Progress::Asking), MADE, (1, no)]);
}

/// Who accepts is expected for three seconds. bo's phone has accepted, and is on its way.
fn accepted(outcomes_to: OutcomesTo) -> Script {
    let policy = Policy { join_grace: 3, outcomes_to, ..Policy::DEFAULT };
    let mut script = Script::ringing_with(policy);
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    script.deliver(PHONE, Kind::Answer);
    assert_eq!(script.count(PHONE, Kind::Enter), 1);
    script
}

// Nobody comes: the caller is told, at the time and not before, and may call again.
#[test]
fn who_accepts_and_does_not_come() {
    for outcomes_to in OutcomesTo::ALL {
        let mut script = accepted(*outcomes_to);
        script.pass(2_999);
        assert_eq!(script.count(ANA, Kind::NotJoined), 0);
        script.calls(ANA, STANDUP, 30);
        script.deliver(ANA, Kind::Call);
        let again = Answer::CallUserToRoom(vec![("bo".into(), CallResult::AlreadyInCalling)]);
        while script.count(ANA, Kind::Answer) > 1 {
            script.deliver(ANA, Kind::Answer);
        }
        assert_eq!(script.answer(ANA), Ok(again));
        script.pass(1);
        // As the caller, and as somebody in the room.
        assert_eq!(script.count(ANA, Kind::NotJoined), 2);
        script.calls(ANA, STANDUP, 30);
        script.deliver(ANA, Kind::Call);
        assert_eq!(script.ended(2), None);
        script.end();
    }
}

// Whoever comes in time was expected no longer: nothing is told, then or later.
#[test]
fn who_accepts_and_comes() {
    let mut script = accepted(OutcomesTo::CallingDevice);
    script.pass(2_999);
    script.deliver(PHONE, Kind::Enter);
    script.pass(60_000);
    assert_eq!(script.count(ANA, Kind::NotJoined), 0);
    script.end();
}

// Nor is it when somebody puts them out, or the room is gone.
#[test]
fn who_accepts_and_is_put_out() {
    let ends = [
        Action::Remove { user: USER_BO, room: STANDUP, by: Some(ANA) },
        Action::Dissolve { room: STANDUP },
    ];
    for end in ends {
        let mut script = accepted(OutcomesTo::CallingDevice);
        script.go(end);
        script.go(Action::Open { room: STANDUP, owner: USER_ANA });
        script.pass(60_000);
        assert_eq!(script.count(ANA, Kind::NotJoined), 0);
        script.end();
    }
}
