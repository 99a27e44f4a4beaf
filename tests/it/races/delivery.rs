//! Section 2.5: delivery, and calling again.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::protocol::Answer;
use roomcall::{CallRejectionReason, CallResult, CallStatus, EndingKind};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::What;
use roomcall_testkit::world::stage::{
    ANA, PHONE, STANDUP, Stage, TABLET, answered_on, both_ways, rejected_for, rejected_on,
};

// R49: the ring comes twice, while it rings and after it. It rings once.
#[test]
fn r49_the_ring_comes_twice() {
    let mut stage = Stage::new();
    stage.calls(ANA, STANDUP, 30);
    stage.deliver(ANA, What::Call);
    stage.duplicate(PHONE, What::Ring);
    stage.duplicate(PHONE, What::Ring);
    stage.deliver(PHONE, What::Ring);
    stage.deliver(PHONE, What::Ring);
    stage.shows(PHONE, &[(1, At::Ringing)]);
    assert_eq!(stage.count(PHONE, What::Reject), 0);
    stage.taps_no(PHONE);
    stage.deliver(PHONE, What::Reject);
    stage.deliver(PHONE, What::Answer);
    stage.deliver(PHONE, What::Ring);
    stage.end();
    stage.shown(PHONE, &[(1, 30_000)]);
    stage.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
    stage.outcome(rejected_for(CallRejectionReason::Rejected));
}

// R49: a push and a snapshot tell of the same call, in either order.
#[test]
fn r49_a_ring_and_a_snapshot() {
    both_ways(What::Ring, What::Snapshot, |first, second| {
        let mut stage = Stage::new();
        stage.calls(ANA, STANDUP, 30);
        stage.deliver(ANA, What::Call);
        stage.go(Action::Cut { device: PHONE, late: true });
        stage.heal(PHONE);
        stage.deliver(PHONE, What::Asking);
        stage.deliver(PHONE, first);
        stage.shows(PHONE, &[(1, At::Ringing)]);
        stage.deliver(PHONE, second);
        stage.taps_yes(PHONE);
        stage.end();
        stage.shown(PHONE, &[(1, 30_000)]);
        stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        stage.joined(&[(PHONE, "standup")]);
    });
}

// R50: the caller hears twice of the yes, and the callee's device does not say it again when its
// connection comes up.
#[test]
fn r50_the_accepted_notice_comes_twice() {
    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    stage.deliver(PHONE, What::Accept);
    stage.duplicate(ANA, What::Accepted);
    stage.deliver(ANA, What::Accepted);
    stage.deliver(ANA, What::Accepted);
    stage.flush();
    stage.cut(PHONE);
    stage.heal(PHONE);
    assert_eq!(stage.count(PHONE, What::Accept), 0);
    stage.end();
    stage.joined(&[(PHONE, "standup")]);
    stage.outcome(Progress::Accepted);
}

// R50: an old no comes again while the next call rings. It is answered as it was, and the new
// call rings on.
#[test]
fn r50_an_old_reject_comes_again() {
    let mut stage = Stage::ringing();
    stage.taps_no(PHONE);
    stage.duplicate(PHONE, What::Reject);
    let old = stage.hold(PHONE, What::Reject);
    stage.flush();
    stage.ring();
    stage.release(old);
    assert_eq!(stage.answer(PHONE), Ok(Answer::RejectCall { attempt: 1 }));
    assert_eq!(stage.notices(), 0);
    stage.flush();
    assert_eq!(stage.ended(2), None);
    stage.shows(PHONE, &[(2, At::Ringing)]);
    stage.shows(TABLET, &[(2, At::Ringing)]);
    stage.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
}

// R50: an old call comes again after it was answered. It is answered as it was, and rings nobody.
#[test]
fn r50_an_old_call_comes_again() {
    let mut stage = Stage::new();
    stage.calls(ANA, STANDUP, 30);
    stage.duplicate(ANA, What::Call);
    let old = stage.hold(ANA, What::Call);
    stage.flush();
    stage.taps_no(PHONE);
    stage.flush();
    stage.release(old);
    let success = ("bo".to_owned(), CallResult::Success);
    assert_eq!(stage.answer(ANA), Ok(Answer::CallUserToRoom(vec![success])));
    assert_eq!(stage.notices(), 0);
    assert_eq!(stage.pending(), [(1, CallStatus::Rejected)]);
    stage.end();
    stage.shown(PHONE, &[(1, 30_000)]);
    stage.outcome(rejected_for(CallRejectionReason::Rejected));
}

// R50: a yes to the old ring comes while the next call rings. It means the old one, which was
// cancelled, and the new one rings on.
#[test]
fn r50_an_old_accept_comes_late() {
    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    let old = stage.hold(PHONE, What::Accept);
    stage.cancels(ANA);
    stage.flush();
    stage.ring();
    stage.release(old);
    stage.lost(PHONE, EndingKind::Cancelled, Some("ana"), Some("laptop"));
    assert_eq!(stage.notices(), 0);
    stage.flush();
    assert_eq!(stage.ended(2), None);
    stage.shows(PHONE, &[(2, At::Ringing)]);
    stage.shows(TABLET, &[(2, At::Ringing)]);
    stage.joined(&[]);
}

// R51: the timeout is heard before the ring, or after it. Both come to the same screen.
#[test]
fn r51_the_timeout_before_the_ring() {
    both_ways(What::Ring, What::TimedOut, |first, second| {
        let mut stage = Stage::new();
        stage.calls(ANA, STANDUP, 30);
        stage.deliver(ANA, What::Call);
        stage.deliver(ANA, What::Answer);
        stage.pass(30_000);
        stage.deliver(PHONE, first);
        stage.deliver(PHONE, second);
        stage.shows(PHONE, &[]);
        stage.end();
        if first == What::Ring {
            stage.shown(PHONE, &[(1, 30_000)]);
            stage.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
        } else {
            stage.shown(PHONE, &[]);
        }
        stage.joined(&[]);
        stage.outcome(Progress::TimedOut);
    });
}

// R51: a snapshot from before the end is heard after it, or before it.
#[test]
fn r51_the_end_before_an_older_snapshot() {
    both_ways(What::Snapshot, What::Cancelled, |first, second| {
        let mut stage = Stage::ringing();
        stage.heal(PHONE);
        stage.deliver(PHONE, What::Asking);
        stage.cancels(ANA);
        stage.deliver(ANA, What::Cancel);
        stage.deliver(PHONE, first);
        stage.deliver(PHONE, second);
        stage.shows(PHONE, &[]);
        stage.end();
        stage.shown(PHONE, &[(1, 30_000)]);
        stage.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
        stage.outcome(Progress::Cancelled);
    });
}

// R51: a snapshot comes a second time, after a newer one has settled the end of what it lists.
#[test]
fn r51_a_stale_snapshot() {
    let mut stage = Stage::ringing();
    stage.heal(PHONE);
    stage.deliver(PHONE, What::Asking);
    stage.duplicate(PHONE, What::Snapshot);
    let stale = stage.hold(PHONE, What::Snapshot);
    stage.flush();
    stage.cancels(ANA);
    stage.flush();
    stage.heal(PHONE);
    stage.flush();
    stage.release(stale);
    stage.shows(PHONE, &[]);
    stage.end();
    stage.shown(PHONE, &[(1, 30_000)]);
    stage.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
}

// R53: a device was away when the call began, and is back while it is on. It rings for as long as
// is left, and can be answered.
#[test]
fn r53_back_while_it_rings() {
    let mut stage = Stage::new();
    stage.cut(PHONE);
    stage.ring();
    stage.pass(10_000);
    stage.shows(PHONE, &[]);
    stage.heal(PHONE);
    stage.flush();
    stage.shown(PHONE, &[(1, 20_000)]);
    stage.taps_yes(PHONE);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    stage.joined(&[(PHONE, "standup")]);
}

// R54: a device was away for the whole call. It makes no sound, and learns how it ended.
#[test]
fn r54_back_after_it_is_over() {
    type End = fn(&mut Stage);
    let ends: [(End, Dismissal); 4] = [
        (|stage| stage.cancels(ANA), Dismissal::Cancelled),
        (|stage| stage.taps_yes(TABLET), answered_on(TABLET)),
        (|stage| stage.taps_no(TABLET), rejected_on(TABLET)),
        (|stage| stage.pass(30_000), Dismissal::TimedOut),
    ];
    for (end, why) in ends {
        let mut stage = Stage::new();
        stage.cut(PHONE);
        stage.ring();
        end(&mut stage);
        stage.flush();
        stage.learned(PHONE, &[]);
        stage.heal(PHONE);
        stage.flush();
        stage.learned(PHONE, &[(1, why.clone())]);
        stage.end();
        stage.shown(PHONE, &[]);
        stage.learned(PHONE, &[(1, why)]);
    }
}

// R55: the last device goes away during the ring. The call lives on up to its deadline, and can
// be answered by whoever is back by then.
#[test]
fn r55_nobody_is_connected() {
    let away = || {
        let mut stage = Stage::ringing();
        stage.cut(PHONE);
        stage.cut(TABLET);
        stage.pass(10_000);
        assert_eq!(stage.pending(), [(1, CallStatus::Calling)]);
        stage.progressed(&[(0, Progress::Asking), (1, Progress::Ringing)]);
        stage
    };
    let mut stage = away();
    stage.heal(PHONE);
    stage.taps_yes(PHONE);
    stage.end();
    stage.joined(&[(PHONE, "standup")]);
    stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    stage.outcome(Progress::Accepted);

    let mut stage = away();
    stage.pass(19_999);
    assert_eq!(stage.ended(1), None);
    stage.pass(1);
    assert_eq!(stage.ended(1), Some(EndingKind::TimedOut));
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::Silenced)]);
    stage.learned(PHONE, &[(1, Dismissal::TimedOut)]);
    stage.outcome(Progress::TimedOut);
}

// R56: another device signs in during the ring. It rings for as long as is left, and is told to
// stop once.
#[test]
fn r56_signs_in_during_the_ring() {
    let mut stage = Stage::new();
    stage.go(Action::Reinstall { device: TABLET });
    stage.ring();
    stage.pass(10_000);
    stage.shows(TABLET, &[]);
    stage.heal(TABLET);
    stage.flush();
    stage.shown(TABLET, &[(1, 20_000)]);
    stage.taps_yes(PHONE);
    stage.deliver(PHONE, What::Accept);
    assert_eq!(stage.count(TABLET, What::Handled), 1);
    stage.end();
    stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    stage.joined(&[(PHONE, "standup")]);
}

// R57: a device signs out during the ring. It needs no stop, and the other one rings on and
// answers; signed in again it does not ring.
#[test]
fn r57_signs_out_during_the_ring() {
    let mut stage = Stage::ringing();
    stage.pass(10_000);
    stage.go(Action::Reinstall { device: PHONE });
    stage.flush();
    stage.shows(TABLET, &[(1, At::Ringing)]);
    assert_eq!(stage.pending(), [(1, CallStatus::Calling)]);
    stage.taps_yes(TABLET);
    stage.deliver(TABLET, What::Accept);
    assert_eq!(stage.count(PHONE, What::Handled), 0);
    stage.end();
    stage.dismissed(TABLET, &[(1, Dismissal::AnsweredHere)]);
    stage.joined(&[(TABLET, "standup")]);
    stage.shown(PHONE, &[(1, 30_000)]);
    stage.dismissed(PHONE, &[]);
    stage.outcome(Progress::Accepted);
}
