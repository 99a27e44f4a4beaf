//! Section 2.1: two devices answer.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::protocol::Answer;
use roomcall::{CallRejectionReason, EndingKind};

use roomcall_testkit::world::kind::What;
use roomcall_testkit::world::stage::{
    ANA, PHONE, STANDUP, Stage, TABLET, answered_on, both_ways, rejected_for, rejected_on,
};

const NO: CallRejectionReason = CallRejectionReason::Rejected;

/// The name of a device of bo.
const fn name(device: usize) -> &'static str {
    if device == PHONE { "phone" } else { "tablet" }
}

// R1: both devices of a user say yes at the same moment. The first to arrive wins; the other one
// is told who did, by the refusal or by the notice, whichever comes first, and once.
#[test]
fn r01_two_accepts() {
    both_ways(PHONE, TABLET, |winner, loser| {
        both_ways(What::Answer, What::Handled, |first, second| {
            let mut stage = Stage::ringing();
            stage.taps_yes(PHONE);
            stage.taps_yes(TABLET);
            stage.deliver(winner, What::Accept);
            stage.deliver(loser, What::Accept);
            assert_eq!(stage.answer(winner), Ok(Answer::AcceptCall { attempt: 1 }));
            stage.lost(loser, EndingKind::Accepted, Some("bo"), Some(name(winner)));
            stage.shows(loser, &[(1, At::Accepting)]);
            stage.deliver(loser, first);
            stage.shows(loser, &[]);
            stage.deliver(loser, second);
            stage.end();
            stage.dismissed(winner, &[(1, Dismissal::AnsweredHere)]);
            stage.dismissed(loser, &[(1, answered_on(winner))]);
            stage.joined(&[(winner, "standup")]);
            stage.outcome(Progress::Accepted);
        });
    });
}

// R2: one device says yes, the other no. The first to arrive decides for the user, and a late no
// does not end what was accepted.
#[test]
fn r02_accept_against_reject() {
    both_ways(PHONE, TABLET, |yes, request_id| {
        both_ways(true, false, |yes_first, _| {
            let mut stage = Stage::ringing();
            stage.taps_yes(yes);
            stage.taps_no(request_id);
            if yes_first {
                stage.deliver(yes, What::Accept);
                stage.deliver(request_id, What::Reject);
                stage.lost(request_id, EndingKind::Accepted, Some("bo"), Some(name(yes)));
                stage.end();
                stage.dismissed(yes, &[(1, Dismissal::AnsweredHere)]);
                stage.dismissed(request_id, &[(1, answered_on(yes))]);
                stage.joined(&[(yes, "standup")]);
                stage.outcome(Progress::Accepted);
            } else {
                stage.deliver(request_id, What::Reject);
                stage.deliver(yes, What::Accept);
                stage.lost(yes, EndingKind::Rejected, Some("bo"), Some(name(request_id)));
                stage.end();
                stage.dismissed(request_id, &[(1, Dismissal::RejectedHere)]);
                stage.dismissed(yes, &[(1, rejected_on(request_id))]);
                stage.joined(&[]);
                stage.outcome(rejected_for(NO));
            }
        });
    });
}

// R3: both devices say no. The caller hears of one no, the second device of the first one's.
#[test]
fn r03_two_rejects() {
    both_ways(PHONE, TABLET, |first, second| {
        let mut stage = Stage::ringing();
        stage.taps_no(PHONE);
        stage.taps_no(TABLET);
        stage.deliver(first, What::Reject);
        assert_eq!(stage.count(ANA, What::Rejected), 1);
        let notices = stage.notices();
        stage.deliver(second, What::Reject);
        assert_eq!(stage.notices(), notices, "the second no is told to nobody");
        stage.lost(second, EndingKind::Rejected, Some("bo"), Some(name(first)));
        stage.end();
        stage.dismissed(first, &[(1, Dismissal::RejectedHere)]);
        stage.dismissed(second, &[(1, rejected_on(first))]);
        stage.joined(&[]);
        stage.outcome(rejected_for(NO));
    });
}

// R4: one device says yes twice: by a double tap, by a packet that comes twice, by a retry after
// the reply was lost, by a retry on a new connection. It is the same success, and has one effect.
#[test]
fn r04_the_same_accept_twice() {
    type Duplicate = fn(&mut Stage);
    let ways: [Duplicate; 4] = [
        |stage| {
            stage.taps_yes(PHONE);
            assert_eq!(stage.count(PHONE, What::Accept), 1, "a second tap sends nothing");
            stage.deliver(PHONE, What::Accept);
        },
        |stage| {
            stage.duplicate(PHONE, What::Accept);
            stage.deliver(PHONE, What::Accept);
            let notices = stage.notices();
            stage.deliver(PHONE, What::Accept);
            assert_eq!(stage.notices(), notices);
            assert_eq!(stage.count(PHONE, What::Answer), 2);
            stage.deliver(PHONE, What::Answer);
        },
        |stage| {
            stage.deliver(PHONE, What::Accept);
            stage.lose(PHONE, What::Answer);
            let notices = stage.notices();
            stage.pass(1_999);
            assert_eq!(stage.count(PHONE, What::Accept), 0);
            stage.pass(1);
            stage.deliver(PHONE, What::Accept);
            assert_eq!(stage.notices(), notices);
        },
        |stage| {
            stage.deliver(PHONE, What::Accept);
            let notices = stage.notices();
            stage.cut(PHONE);
            assert_eq!(stage.count(PHONE, What::Answer), 0, "the reply is lost");
            stage.heal(PHONE);
            stage.deliver(PHONE, What::Accept);
            assert_eq!(stage.notices(), notices);
        },
    ];
    for duplicate in ways {
        let mut stage = Stage::ringing();
        stage.taps_yes(PHONE);
        duplicate(&mut stage);
        assert_eq!(stage.answer(PHONE), Ok(Answer::AcceptCall { attempt: 1 }));
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
        stage.joined(&[(PHONE, "standup")]);
        stage.outcome(Progress::Accepted);
    }
}

// R7: a device hears its own answer as a notice, before or after the reply. The notice names the
// device, which knows itself.
#[test]
fn r07_the_own_echo() {
    both_ways(What::Handled, What::Answer, |first, second| {
        let mut stage = Stage::ringing();
        stage.taps_yes(PHONE);
        stage.deliver(PHONE, What::Accept);
        stage.misdeliver(TABLET, What::Handled, PHONE);
        stage.deliver(PHONE, first);
        stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        stage.joined(&[(PHONE, "standup")]);
        stage.deliver(PHONE, second);
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
        stage.joined(&[(PHONE, "standup")]);

        let mut stage = Stage::ringing();
        stage.taps_no(PHONE);
        stage.deliver(PHONE, What::Reject);
        stage.misdeliver(TABLET, What::Handled, PHONE);
        stage.deliver(PHONE, first);
        stage.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
        stage.deliver(PHONE, second);
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
        stage.joined(&[]);
    });
}

// R7: the same by a snapshot, which tells of the accept before its reply does.
#[test]
fn r07_the_own_echo_in_a_snapshot() {
    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    stage.deliver(PHONE, What::Accept);
    stage.cut(PHONE);
    stage.heal(PHONE);
    stage.deliver(PHONE, What::Asking);
    stage.deliver(PHONE, What::Snapshot);
    stage.joined(&[(PHONE, "standup")]);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.learned(PHONE, &[]);
    stage.joined(&[(PHONE, "standup")]);
}

// R8: one device answers, and the other's stop is lost. It falls silent at its own deadline and
// claims nothing; a snapshot, then or before, tells it who answered.
#[test]
fn r08_the_stop_is_lost() {
    let lost = || {
        let mut stage = Stage::ringing();
        stage.taps_yes(PHONE);
        stage.deliver(PHONE, What::Accept);
        stage.lose(TABLET, What::Handled);
        stage.flush();
        stage.shows(TABLET, &[(1, At::Ringing)]);
        stage
    };
    let mut stage = lost();
    stage.pass(29_999);
    stage.shows(TABLET, &[(1, At::Ringing)]);
    stage.pass(1);
    stage.shows(TABLET, &[]);
    stage.learned(TABLET, &[]);
    stage.end();
    stage.dismissed(TABLET, &[(1, Dismissal::Silenced)]);
    stage.learned(TABLET, &[(1, answered_on(PHONE))]);
    stage.joined(&[(PHONE, "standup")]);

    let mut stage = lost();
    stage.pass(10_000);
    stage.cut(TABLET);
    stage.heal(TABLET);
    stage.end();
    stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    stage.learned(TABLET, &[]);
    stage.joined(&[(PHONE, "standup")]);
}

// R9: one device says that the user is in another room, while the other is idle. Here that is a
// no of the user (E-02): it decides for all devices, if it arrives first. No device says it by
// itself (D-11).
#[test]
fn r09_one_device_is_busy() {
    let busy = CallRejectionReason::InOtherRoom;
    let mut stage = Stage::ringing();
    stage.taps_no_as(PHONE, busy);
    stage.flush();
    assert_eq!(stage.ended(1), Some(EndingKind::Rejected));
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
    stage.dismissed(TABLET, &[(1, rejected_on(PHONE))]);
    stage.outcome(rejected_for(busy));

    both_ways(PHONE, TABLET, |first, _| {
        let mut stage = Stage::ringing();
        stage.taps_no_as(PHONE, busy);
        stage.taps_yes(TABLET);
        if first == PHONE {
            stage.deliver(PHONE, What::Reject);
            stage.deliver(TABLET, What::Accept);
            stage.lost(TABLET, EndingKind::Rejected, Some("bo"), Some("phone"));
            stage.end();
            stage.dismissed(TABLET, &[(1, rejected_on(PHONE))]);
            stage.joined(&[]);
            stage.outcome(rejected_for(busy));
        } else {
            stage.deliver(TABLET, What::Accept);
            stage.deliver(PHONE, What::Reject);
            stage.lost(PHONE, EndingKind::Accepted, Some("bo"), Some("tablet"));
            stage.end();
            stage.dismissed(PHONE, &[(1, answered_on(TABLET))]);
            stage.joined(&[(TABLET, "standup")]);
            stage.outcome(Progress::Accepted);
        }
    });
}

// R9: an idle device does not hear of the other one's being taken up by another call.
#[test]
fn r09_a_second_call_rejects_nothing() {
    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    stage.flush();
    stage.leaves(roomcall_testkit::world::stage::USER_BO, STANDUP);
    stage.ring();
    stage.shows(PHONE, &[(2, At::Ringing)]);
    stage.shows(TABLET, &[(2, At::Ringing)]);
    assert_eq!(stage.count(PHONE, What::Reject), 0);
    assert_eq!(stage.ended(2), None);
}
