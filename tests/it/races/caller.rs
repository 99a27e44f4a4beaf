//! Section 2.2: the caller against the callee.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::protocol::{Answer, Withdrawn};
use roomcall::{CallRejectionReason, CallResult, CallStatus, EndingKind};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::What;
use roomcall_testkit::world::stage::{
    ANA, DEE, PHONE, STANDUP, Stage, TABLET, answered_on, both_ways,
};
use roomcall_testkit::world::stage::{rejected_for, rejected_on};

/// The answer to a cancel of the call to bo.
fn withdrawn(result: Withdrawn) -> Result<Answer, roomcall::protocol::Refused> {
    Ok(Answer::CancelCall(vec![("bo".into(), result)]))
}

// R11: cancel and yes cross, and the yes arrives first. It stands, and the cancel says so; which
// of notice and answer the caller hears first makes no difference.
#[test]
fn r11_accept_before_cancel() {
    both_ways(What::Accepted, What::Answer, |first, second| {
        let mut stage = Stage::ringing();
        stage.taps_yes(PHONE);
        stage.cancels(ANA);
        stage.deliver(PHONE, What::Accept);
        stage.deliver(ANA, What::Cancel);
        assert_eq!(stage.answer(ANA), withdrawn(Withdrawn::Already(EndingKind::Accepted)));
        assert_eq!(stage.count(PHONE, What::Cancelled), 0);
        stage.deliver(ANA, first);
        stage.outcome(Progress::Accepted);
        stage.deliver(ANA, second);
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
        stage.joined(&[(PHONE, "standup")]);
        stage.outcome(Progress::Accepted);
    });
}

// R12: cancel and yes cross, and the cancel arrives first. The yes is refused, names the caller,
// and nobody joins, whether the device hears the refusal or the notice first.
#[test]
fn r12_cancel_before_accept() {
    both_ways(What::Cancelled, What::Answer, |first, second| {
        let mut stage = Stage::ringing();
        stage.taps_yes(PHONE);
        stage.cancels(ANA);
        stage.deliver(ANA, What::Cancel);
        stage.deliver(PHONE, What::Accept);
        stage.lost(PHONE, EndingKind::Cancelled, Some("ana"), Some("laptop"));
        assert_eq!(stage.answer(ANA), withdrawn(Withdrawn::Cancelled));
        assert_eq!(stage.count(ANA, What::Accepted), 0);
        stage.deliver(PHONE, first);
        stage.shows(PHONE, &[]);
        stage.deliver(PHONE, second);
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
        stage.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
        stage.joined(&[]);
        stage.outcome(Progress::Cancelled);
    });
}

// R13: the stop overtakes the ring, on one device and not on the other. The first one remembers
// the attempt and never rings, also when the ring comes a second time.
#[test]
fn r13_cancel_before_the_ring() {
    both_ways(PHONE, TABLET, |overtaken, usual| {
        let mut stage = Stage::new();
        stage.calls(ANA, STANDUP, 30);
        stage.cancels(ANA);
        stage.deliver(ANA, What::Call);
        stage.duplicate(overtaken, What::Ring);
        stage.deliver(ANA, What::Cancel);
        stage.deliver(overtaken, What::Cancelled);
        stage.deliver(usual, What::Ring);
        stage.shows(usual, &[(1, At::Ringing)]);
        for _ in 0..2 {
            stage.deliver(overtaken, What::Ring);
            stage.shows(overtaken, &[]);
        }
        stage.end();
        stage.shown(overtaken, &[]);
        stage.dismissed(overtaken, &[]);
        stage.shown(usual, &[(1, 30_000)]);
        stage.dismissed(usual, &[(1, Dismissal::Cancelled)]);
        stage.joined(&[]);
        stage.outcome(Progress::Cancelled);
    });
}

// R14: ring and cancel come to a device together. It makes no sound; in the order in which they
// were sent the call was missed.
#[test]
fn r14_ring_and_cancel_together() {
    both_ways(What::Ring, What::Cancelled, |first, second| {
        let mut stage = Stage::new();
        stage.calls(ANA, STANDUP, 30);
        stage.cancels(ANA);
        stage.deliver(ANA, What::Call);
        stage.deliver(ANA, What::Cancel);
        for what in [first, second] {
            let packet = stage.hold(PHONE, what);
            stage.world.flight.push_back(packet);
        }
        stage.go(Action::Together { device: PHONE, packets: 2 });
        assert_eq!(stage.count(PHONE, What::Ring), 0, "both have come");
        stage.end();
        stage.shown(PHONE, &[]);
        stage.dismissed(PHONE, &[]);
        let missed = [(1, Dismissal::Cancelled)];
        stage.learned(PHONE, if first == What::Ring { &missed } else { &[] });
        stage.shown(TABLET, &[(1, 30_000)]);
        stage.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
    });
}

// R15: the caller hangs up before the call was answered by the switchboard. A cancel that comes
// after the call ends it. One that overtakes it finds nothing and says so, nothing is remembered
// of it (E-12), and the caller sees that it rings and hangs up again.
#[test]
fn r15_hang_up_before_the_call_is_answered() {
    both_ways(What::Call, What::Cancel, |first, second| {
        let mut stage = Stage::new();
        stage.calls(ANA, STANDUP, 30);
        stage.cancels(ANA);
        stage.deliver(ANA, first);
        if first == What::Cancel {
            assert_eq!(stage.answer(ANA), withdrawn(Withdrawn::NotCalling));
        }
        stage.deliver(ANA, second);
        stage.flush();
        if first == What::Cancel {
            stage.shows(PHONE, &[(1, At::Ringing)]);
            stage.progressed(&[(0, Progress::Asking), (1, Progress::Ringing)]);
            stage.cancels(ANA);
        }
        stage.end();
        assert_eq!(stage.ended(1), Some(EndingKind::Cancelled));
        stage.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
        stage.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
        stage.outcome(Progress::Cancelled);
    });
}

// R15: the same without a connection: call and cancel go out when it comes up, in order.
#[test]
fn r15_hang_up_before_the_call_is_sent() {
    let mut stage = Stage::new();
    stage.cut(ANA);
    stage.calls(ANA, STANDUP, 30);
    stage.cancels(ANA);
    assert_eq!(stage.count(ANA, What::Call), 0);
    stage.heal(ANA);
    stage.end();
    assert_eq!(stage.ended(1), Some(EndingKind::Cancelled));
    stage.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    stage.outcome(Progress::Cancelled);
}

// R17: cancel twice, and cancel when nobody rings. Nothing happens, and the answer says why.
#[test]
fn r17_cancel_twice_and_nobody() {
    let mut stage = Stage::new();
    stage.cancels(ANA);
    stage.deliver(ANA, What::Cancel);
    assert_eq!(stage.answer(ANA), withdrawn(Withdrawn::NotCalling));
    stage.flush();
    stage.ring();
    stage.cancels(ANA);
    stage.flush();
    stage.cancels(ANA);
    stage.deliver(ANA, What::Cancel);
    assert_eq!(stage.answer(ANA), withdrawn(Withdrawn::Already(EndingKind::Cancelled)));
    assert_eq!(stage.notices(), 0);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    stage.outcome(Progress::Cancelled);
}

// R18: no and cancel cross. There is one ending, by whichever arrives first, and the other side
// is told.
#[test]
fn r18_reject_crosses_cancel() {
    let crossing = || {
        let mut stage = Stage::ringing();
        stage.taps_no(PHONE);
        stage.cancels(ANA);
        stage
    };
    let mut stage = crossing();
    stage.deliver(PHONE, What::Reject);
    stage.deliver(ANA, What::Cancel);
    assert_eq!(stage.answer(ANA), withdrawn(Withdrawn::Already(EndingKind::Rejected)));
    assert_eq!(stage.count(PHONE, What::Cancelled), 0);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
    stage.dismissed(TABLET, &[(1, rejected_on(PHONE))]);
    stage.outcome(rejected_for(CallRejectionReason::Rejected));

    let mut stage = crossing();
    stage.deliver(ANA, What::Cancel);
    stage.deliver(PHONE, What::Reject);
    stage.lost(PHONE, EndingKind::Cancelled, Some("ana"), Some("laptop"));
    assert_eq!(stage.count(ANA, What::Rejected), 0);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    stage.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
    stage.outcome(Progress::Cancelled);
}

// R19: somebody else than the caller cancels. It is not theirs, and the call rings on.
#[test]
fn r19_somebody_else_cancels() {
    let mut stage = Stage::ringing();
    stage.enters(DEE, STANDUP);
    stage.flush();
    stage.cancels(DEE);
    stage.deliver(DEE, What::Cancel);
    assert_eq!(stage.answer(DEE), withdrawn(Withdrawn::NotYours));
    assert_eq!(stage.notices(), 0);
    stage.flush();
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.shows(TABLET, &[(1, At::Ringing)]);
    assert_eq!(stage.pending(), [(1, CallStatus::Calling)]);
    stage.progressed(&[(0, Progress::Asking), (1, Progress::Ringing)]);
}

// R30, of section 2.3: the caller calls again while it rings. It rings no longer for that.
#[test]
fn r30_calling_again_does_not_extend() {
    let mut stage = Stage::ringing();
    stage.pass(10_000);
    stage.calls(ANA, STANDUP, 300);
    stage.deliver(ANA, What::Call);
    let already = ("bo".to_owned(), CallResult::AlreadyInCalling);
    assert_eq!(stage.answer(ANA), Ok(Answer::CallUserToRoom(vec![already])));
    assert_eq!(stage.notices(), 0);
    stage.flush();
    stage.pass(19_999);
    assert_eq!(stage.ended(1), None);
    stage.pass(1);
    assert_eq!(stage.ended(1), Some(EndingKind::TimedOut));
    stage.end();
    stage.shown(PHONE, &[(1, 30_000)]);
    stage.progressed(&[
        (0, Progress::Asking),
        (1, Progress::Ringing),
        (1, Progress::Asking),
        (1, Progress::Ringing),
        (1, Progress::TimedOut),
    ]);
}
