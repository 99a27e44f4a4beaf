//! Section 2.1: two devices answer.

use roomcall::handset::{Dismissal, Progress, Settings, Stage as At};
use roomcall::protocol::Answer;
use roomcall::{CallRejectionReason, EndingKind};

use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::scripted::{
    ANA, PHONE, STANDUP, Script, TABLET, answered_on, both_ways, rejected_for, rejected_on,
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
        both_ways(Kind::Answer, Kind::Handled, |first, second| {
            let mut script = Script::ringing();
            script.taps_yes(PHONE);
            script.taps_yes(TABLET);
            script.deliver(winner, Kind::Accept);
            script.deliver(loser, Kind::Accept);
            assert_eq!(script.answer(winner), Ok(Answer::AcceptCall { attempt: 1 }));
            script.lost(loser, EndingKind::Accepted, Some("bo"), Some(name(winner)));
            script.shows(loser, &[(1, At::Accepting)]);
            script.deliver(loser, first);
            script.shows(loser, &[]);
            script.deliver(loser, second);
            script.end();
            script.dismissed(winner, &[(1, Dismissal::AnsweredHere)]);
            script.dismissed(loser, &[(1, answered_on(winner))]);
            script.joined(&[(winner, "standup")]);
            script.outcome(Progress::Accepted);
        });
    });
}

// R2: one device says yes, the other no. The first to arrive decides for the user, and a late no
// does not end what was accepted.
#[test]
fn r02_accept_against_reject() {
    both_ways(PHONE, TABLET, |yes, request_id| {
        both_ways(true, false, |yes_first, _| {
            let mut script = Script::ringing();
            script.taps_yes(yes);
            script.taps_no(request_id);
            if yes_first {
                script.deliver(yes, Kind::Accept);
                script.deliver(request_id, Kind::Reject);
                script.lost(request_id, EndingKind::Accepted, Some("bo"), Some(name(yes)));
                script.end();
                script.dismissed(yes, &[(1, Dismissal::AnsweredHere)]);
                script.dismissed(request_id, &[(1, answered_on(yes))]);
                script.joined(&[(yes, "standup")]);
                script.outcome(Progress::Accepted);
            } else {
                script.deliver(request_id, Kind::Reject);
                script.deliver(yes, Kind::Accept);
                script.lost(yes, EndingKind::Rejected, Some("bo"), Some(name(request_id)));
                script.end();
                script.dismissed(request_id, &[(1, Dismissal::RejectedHere)]);
                script.dismissed(yes, &[(1, rejected_on(request_id))]);
                script.joined(&[]);
                script.outcome(rejected_for(NO));
            }
        });
    });
}

// R3: both devices say no. The caller hears of one no, the second device of the first one's.
#[test]
fn r03_two_rejects() {
    both_ways(PHONE, TABLET, |first, second| {
        let mut script = Script::ringing();
        script.taps_no(PHONE);
        script.taps_no(TABLET);
        script.deliver(first, Kind::Reject);
        assert_eq!(script.count(ANA, Kind::Rejected), 1);
        let notices = script.notices();
        script.deliver(second, Kind::Reject);
        assert_eq!(script.notices(), notices, "the second no is told to nobody");
        script.lost(second, EndingKind::Rejected, Some("bo"), Some(name(first)));
        script.end();
        script.dismissed(first, &[(1, Dismissal::RejectedHere)]);
        script.dismissed(second, &[(1, rejected_on(first))]);
        script.joined(&[]);
        script.outcome(rejected_for(NO));
    });
}

// R4: one device says yes twice: by a double tap, by a packet that comes twice, by a retry after
// the reply was lost, by a retry on a new connection. It is the same success, and has one effect.
#[test]
fn r04_the_same_accept_twice() {
    type Duplicate = fn(&mut Script);
    let ways: [Duplicate; 4] = [
        |script| {
            script.taps_yes(PHONE);
            assert_eq!(script.count(PHONE, Kind::Accept), 1, "a second tap sends nothing");
            script.deliver(PHONE, Kind::Accept);
        },
        |script| {
            script.duplicate(PHONE, Kind::Accept);
            script.deliver(PHONE, Kind::Accept);
            let notices = script.notices();
            script.deliver(PHONE, Kind::Accept);
            assert_eq!(script.notices(), notices);
            assert_eq!(script.count(PHONE, Kind::Answer), 2);
            script.deliver(PHONE, Kind::Answer);
        },
        |script| {
            script.deliver(PHONE, Kind::Accept);
            script.lose(PHONE, Kind::Answer);
            let notices = script.notices();
            script.pass(1_999);
            assert_eq!(script.count(PHONE, Kind::Accept), 0);
            script.pass(1);
            script.deliver(PHONE, Kind::Accept);
            assert_eq!(script.notices(), notices);
        },
        |script| {
            script.deliver(PHONE, Kind::Accept);
            let notices = script.notices();
            script.cut(PHONE);
            assert_eq!(script.count(PHONE, Kind::Answer), 0, "the reply is lost");
            script.heal(PHONE);
            script.deliver(PHONE, Kind::Accept);
            assert_eq!(script.notices(), notices);
        },
    ];
    for duplicate in ways {
        let mut script = Script::ringing();
        script.taps_yes(PHONE);
        duplicate(&mut script);
        assert_eq!(script.answer(PHONE), Ok(Answer::AcceptCall { attempt: 1 }));
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
        script.joined(&[(PHONE, "standup")]);
        script.outcome(Progress::Accepted);
    }
}

// R7: a device hears its own answer as a notice, before or after the reply. The notice names the
// device, which knows itself.
#[test]
fn r07_the_own_echo() {
    both_ways(Kind::Handled, Kind::Answer, |first, second| {
        let mut script = Script::ringing();
        script.taps_yes(PHONE);
        script.deliver(PHONE, Kind::Accept);
        script.misdeliver(TABLET, Kind::Handled, PHONE);
        script.deliver(PHONE, first);
        script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        script.joined(&[(PHONE, "standup")]);
        script.deliver(PHONE, second);
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
        script.joined(&[(PHONE, "standup")]);

        let mut script = Script::ringing();
        script.taps_no(PHONE);
        script.deliver(PHONE, Kind::Reject);
        script.misdeliver(TABLET, Kind::Handled, PHONE);
        script.deliver(PHONE, first);
        script.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
        script.deliver(PHONE, second);
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
        script.joined(&[]);
    });
}

// R7: the same by a snapshot, which tells of the accept before its reply does.
#[test]
fn r07_the_own_echo_in_a_snapshot() {
    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    script.cut(PHONE);
    script.heal(PHONE);
    script.deliver(PHONE, Kind::Asking);
    script.deliver(PHONE, Kind::Snapshot);
    script.joined(&[(PHONE, "standup")]);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.learned(PHONE, &[]);
    script.joined(&[(PHONE, "standup")]);
}

// R8: one device answers, and the other's stop is lost. It falls silent at its own deadline and
// claims nothing; a snapshot, then or before, tells it who answered.
#[test]
fn r08_the_stop_is_lost() {
    let lost = || {
        let mut script = Script::ringing();
        script.taps_yes(PHONE);
        script.deliver(PHONE, Kind::Accept);
        script.lose(TABLET, Kind::Handled);
        script.flush();
        script.shows(TABLET, &[(1, At::Ringing)]);
        script
    };
    let mut script = lost();
    script.pass(29_999);
    script.shows(TABLET, &[(1, At::Ringing)]);
    script.pass(1);
    script.shows(TABLET, &[]);
    script.learned(TABLET, &[]);
    script.end();
    script.dismissed(TABLET, &[(1, Dismissal::Silenced)]);
    script.learned(TABLET, &[(1, answered_on(PHONE))]);
    script.joined(&[(PHONE, "standup")]);

    let mut script = lost();
    script.pass(10_000);
    script.cut(TABLET);
    script.heal(TABLET);
    script.end();
    script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    script.learned(TABLET, &[]);
    script.joined(&[(PHONE, "standup")]);
}

// R9: one device says that the user is in another room, while the other is idle. Here that is a
// no of the user (E-02): it decides for all devices, if it arrives first. No device says it by
// itself (D-11).
#[test]
fn r09_one_device_is_busy() {
    let busy = CallRejectionReason::InOtherRoom;
    let mut script = Script::ringing();
    script.taps_no_as(PHONE, busy);
    script.flush();
    assert_eq!(script.ended(1), Some(EndingKind::Rejected));
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
    script.dismissed(TABLET, &[(1, rejected_on(PHONE))]);
    script.outcome(rejected_for(busy));

    both_ways(PHONE, TABLET, |first, _| {
        let mut script = Script::ringing();
        script.taps_no_as(PHONE, busy);
        script.taps_yes(TABLET);
        if first == PHONE {
            script.deliver(PHONE, Kind::Reject);
            script.deliver(TABLET, Kind::Accept);
            script.lost(TABLET, EndingKind::Rejected, Some("bo"), Some("phone"));
            script.end();
            script.dismissed(TABLET, &[(1, rejected_on(PHONE))]);
            script.joined(&[]);
            script.outcome(rejected_for(busy));
        } else {
            script.deliver(TABLET, Kind::Accept);
            script.deliver(PHONE, Kind::Reject);
            script.lost(PHONE, EndingKind::Accepted, Some("bo"), Some("tablet"));
            script.end();
            script.dismissed(PHONE, &[(1, answered_on(TABLET))]);
            script.joined(&[(TABLET, "standup")]);
            script.outcome(Progress::Accepted);
        }
    });
}

// R9: an idle device does not hear of the other one's being taken up by another call.
#[test]
fn r09_a_second_call_rejects_nothing() {
    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    script.flush();
    script.leaves(roomcall_testkit::world::scripted::USER_BO, STANDUP);
    script.ring();
    script.shows(PHONE, &[(2, At::Ringing)]);
    script.shows(TABLET, &[(2, At::Waiting)]);
    assert_eq!(script.count(PHONE, Kind::Reject), 0);
    assert_eq!(script.ended(2), None);
    // The phone has just answered (D-32).
    script.flow(Settings::DEFAULT.settle);
    script.shows(TABLET, &[(2, At::Ringing)]);
}
