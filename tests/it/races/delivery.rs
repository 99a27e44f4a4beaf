//! Section 2.5: delivery, and calling again.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::protocol::Answer;
use roomcall::{CallRejectionReason, CallResult, CallStatus, EndingKind};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::scripted::{
    ANA, PHONE, STANDUP, Script, TABLET, answered_on, both_ways, rejected_for, rejected_on,
};

// R49: the ring comes twice, while it rings and after it. It rings once.
#[test]
fn r49_the_ring_comes_twice() {
    let mut script = Script::new();
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.duplicate(PHONE, Kind::Ring);
    script.duplicate(PHONE, Kind::Ring);
    script.deliver(PHONE, Kind::Ring);
    script.deliver(PHONE, Kind::Ring);
    script.shows(PHONE, &[(1, At::Ringing)]);
    assert_eq!(script.count(PHONE, Kind::Reject), 0);
    script.taps_no(PHONE);
    script.deliver(PHONE, Kind::Reject);
    script.deliver(PHONE, Kind::Answer);
    script.deliver(PHONE, Kind::Ring);
    script.end();
    script.shown(PHONE, &[(1, 30_000)]);
    script.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
    script.outcome(rejected_for(CallRejectionReason::Rejected));
}

// R49: a push and a snapshot tell of the same call, in either order.
#[test]
fn r49_a_ring_and_a_snapshot() {
    both_ways(Kind::Ring, Kind::Snapshot, |first, second| {
        let mut script = Script::new();
        script.calls(ANA, STANDUP, 30);
        script.deliver(ANA, Kind::Call);
        script.go(Action::Cut { device: PHONE, late: true });
        script.heal(PHONE);
        script.deliver(PHONE, Kind::Asking);
        script.deliver(PHONE, first);
        script.shows(PHONE, &[(1, At::Ringing)]);
        script.deliver(PHONE, second);
        script.taps_yes(PHONE);
        script.end();
        script.shown(PHONE, &[(1, 30_000)]);
        script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        script.joined(&[(PHONE, "standup")]);
    });
}

// R50: the caller hears twice of the yes, and the callee's device does not say it again when its
// connection comes up.
#[test]
fn r50_the_accepted_notice_comes_twice() {
    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    script.duplicate(ANA, Kind::Accepted);
    script.deliver(ANA, Kind::Accepted);
    script.deliver(ANA, Kind::Accepted);
    script.flush();
    script.cut(PHONE);
    script.heal(PHONE);
    assert_eq!(script.count(PHONE, Kind::Accept), 0);
    script.end();
    script.joined(&[(PHONE, "standup")]);
    script.outcome(Progress::Accepted);
}

// R50: an old no comes again while the next call rings. It is answered as it was, and the new
// call rings on.
#[test]
fn r50_an_old_reject_comes_again() {
    let mut script = Script::ringing();
    script.taps_no(PHONE);
    script.duplicate(PHONE, Kind::Reject);
    let old = script.hold(PHONE, Kind::Reject);
    script.flush();
    script.ring();
    script.release(old);
    assert_eq!(script.answer(PHONE), Ok(Answer::RejectCall { attempt: 1 }));
    assert_eq!(script.notices(), 0);
    script.flush();
    assert_eq!(script.ended(2), None);
    script.shows(PHONE, &[(2, At::Ringing)]);
    script.shows(TABLET, &[(2, At::Ringing)]);
    script.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
}

// R50: an old call comes again after it was answered. It is answered as it was, and rings nobody.
#[test]
fn r50_an_old_call_comes_again() {
    let mut script = Script::new();
    script.calls(ANA, STANDUP, 30);
    script.duplicate(ANA, Kind::Call);
    let old = script.hold(ANA, Kind::Call);
    script.flush();
    script.taps_no(PHONE);
    script.flush();
    script.release(old);
    let success = ("bo".to_owned(), CallResult::Success);
    assert_eq!(script.answer(ANA), Ok(Answer::CallUserToRoom(vec![success])));
    assert_eq!(script.notices(), 0);
    assert_eq!(script.pending(), [(1, CallStatus::Rejected)]);
    script.end();
    script.shown(PHONE, &[(1, 30_000)]);
    script.outcome(rejected_for(CallRejectionReason::Rejected));
}

// R50: a yes to the old ring comes while the next call rings. It means the old one, which was
// cancelled, and the new one rings on.
#[test]
fn r50_an_old_accept_comes_late() {
    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    let old = script.hold(PHONE, Kind::Accept);
    script.cancels(ANA);
    script.flush();
    script.ring();
    script.release(old);
    script.lost(PHONE, EndingKind::Cancelled, Some("ana"), None);
    assert_eq!(script.notices(), 0);
    script.flush();
    assert_eq!(script.ended(2), None);
    script.shows(PHONE, &[(2, At::Ringing)]);
    script.shows(TABLET, &[(2, At::Ringing)]);
    script.joined(&[]);
}

// R51: the timeout is heard before the ring, or after it. Both come to the same screen.
#[test]
fn r51_the_timeout_before_the_ring() {
    both_ways(Kind::Ring, Kind::TimedOut, |first, second| {
        let mut script = Script::new();
        script.calls(ANA, STANDUP, 30);
        script.deliver(ANA, Kind::Call);
        script.deliver(ANA, Kind::Answer);
        script.pass(30_000);
        script.deliver(PHONE, first);
        script.deliver(PHONE, second);
        script.shows(PHONE, &[]);
        script.end();
        if first == Kind::Ring {
            script.shown(PHONE, &[(1, 30_000)]);
            script.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
        } else {
            script.shown(PHONE, &[]);
        }
        script.joined(&[]);
        script.outcome(Progress::TimedOut);
    });
}

// R51: a snapshot from before the end is heard after it, or before it.
#[test]
fn r51_the_end_before_an_older_snapshot() {
    both_ways(Kind::Snapshot, Kind::Cancelled, |first, second| {
        let mut script = Script::ringing();
        script.heal(PHONE);
        script.deliver(PHONE, Kind::Asking);
        script.cancels(ANA);
        script.deliver(ANA, Kind::Cancel);
        script.deliver(PHONE, first);
        script.deliver(PHONE, second);
        script.shows(PHONE, &[]);
        script.end();
        script.shown(PHONE, &[(1, 30_000)]);
        script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
        script.outcome(Progress::Cancelled);
    });
}

// R51: a snapshot comes a second time, after a newer one has settled the end of what it lists.
#[test]
fn r51_a_stale_snapshot() {
    let mut script = Script::ringing();
    script.heal(PHONE);
    script.deliver(PHONE, Kind::Asking);
    script.duplicate(PHONE, Kind::Snapshot);
    let stale = script.hold(PHONE, Kind::Snapshot);
    script.flush();
    script.cancels(ANA);
    script.flush();
    script.heal(PHONE);
    script.flush();
    script.release(stale);
    script.shows(PHONE, &[]);
    script.end();
    script.shown(PHONE, &[(1, 30_000)]);
    script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
}

// R53: a device was away when the call began, and is back while it is on. It rings for as long as
// is left, and can be answered.
#[test]
fn r53_back_while_it_rings() {
    let mut script = Script::new();
    script.cut(PHONE);
    script.ring();
    script.pass(10_000);
    script.shows(PHONE, &[]);
    script.heal(PHONE);
    script.flush();
    script.shown(PHONE, &[(1, 20_000)]);
    script.taps_yes(PHONE);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    script.joined(&[(PHONE, "standup")]);
}

// R54: a device was away for the whole call. It makes no sound, and learns how it ended.
#[test]
fn r54_back_after_it_is_over() {
    type End = fn(&mut Script);
    let ends: [(End, Dismissal); 4] = [
        (|script| script.cancels(ANA), Dismissal::Cancelled),
        (|script| script.taps_yes(TABLET), answered_on(TABLET)),
        (|script| script.taps_no(TABLET), rejected_on(TABLET)),
        (|script| script.pass(30_000), Dismissal::TimedOut),
    ];
    for (end, why) in ends {
        let mut script = Script::new();
        script.cut(PHONE);
        script.ring();
        end(&mut script);
        script.flush();
        script.learned(PHONE, &[]);
        script.heal(PHONE);
        script.flush();
        script.learned(PHONE, &[(1, why.clone())]);
        script.end();
        script.shown(PHONE, &[]);
        script.learned(PHONE, &[(1, why)]);
    }
}

// R55: the last device goes away during the ring. The call lives on up to its deadline, and can
// be answered by whoever is back by then.
#[test]
fn r55_nobody_is_connected() {
    let away = || {
        let mut script = Script::ringing();
        script.cut(PHONE);
        script.cut(TABLET);
        script.pass(10_000);
        assert_eq!(script.pending(), [(1, CallStatus::Calling)]);
        script.progressed(&[(0, Progress::Asking), (1, Progress::Calling), (1, Progress::Ringing)]);
        script
    };
    let mut script = away();
    script.heal(PHONE);
    script.taps_yes(PHONE);
    script.end();
    script.joined(&[(PHONE, "standup")]);
    script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    script.outcome(Progress::Accepted);

    let mut script = away();
    script.pass(19_999);
    assert_eq!(script.ended(1), None);
    script.pass(1);
    assert_eq!(script.ended(1), Some(EndingKind::TimedOut));
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::Silenced)]);
    script.learned(PHONE, &[(1, Dismissal::TimedOut)]);
    script.outcome(Progress::TimedOut);
}

// R56: another device signs in during the ring. It rings for as long as is left, and is told to
// stop once.
#[test]
fn r56_signs_in_during_the_ring() {
    let mut script = Script::new();
    script.go(Action::Reinstall { device: TABLET });
    script.ring();
    script.pass(10_000);
    script.shows(TABLET, &[]);
    script.heal(TABLET);
    script.flush();
    script.shown(TABLET, &[(1, 20_000)]);
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    assert_eq!(script.count(TABLET, Kind::Handled), 1);
    script.end();
    script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    script.joined(&[(PHONE, "standup")]);
}

// R57: a device signs out during the ring. It needs no stop, and the other one rings on and
// answers; signed in again it does not ring.
#[test]
fn r57_signs_out_during_the_ring() {
    let mut script = Script::ringing();
    script.pass(10_000);
    script.go(Action::Reinstall { device: PHONE });
    script.flush();
    script.shows(TABLET, &[(1, At::Ringing)]);
    assert_eq!(script.pending(), [(1, CallStatus::Calling)]);
    script.taps_yes(TABLET);
    script.deliver(TABLET, Kind::Accept);
    assert_eq!(script.count(PHONE, Kind::Handled), 0);
    script.end();
    script.dismissed(TABLET, &[(1, Dismissal::AnsweredHere)]);
    script.joined(&[(TABLET, "standup")]);
    script.shown(PHONE, &[(1, 30_000)]);
    script.dismissed(PHONE, &[]);
    script.outcome(Progress::Accepted);
}
