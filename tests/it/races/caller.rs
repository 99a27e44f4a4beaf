//! Section 2.2: the caller against the callee.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::protocol::{Answer, Withdrawn};
use roomcall::{CallRejectionReason, CallResult, CallStatus, EndingKind};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::scripted::{
    ANA, DEE, PHONE, STANDUP, Script, TABLET, answered_on, both_ways,
};
use roomcall_testkit::world::scripted::{rejected_for, rejected_on};

/// The answer to a cancel of the call to bo.
fn withdrawn(result: Withdrawn) -> Result<Answer, roomcall::protocol::Refused> {
    Ok(Answer::CancelCall(vec![("bo".into(), result)]))
}

// R11: cancel and yes cross, and the yes arrives first. It stands, and the cancel says so; which
// of notice and answer the caller hears first makes no difference.
#[test]
fn r11_accept_before_cancel() {
    both_ways(Kind::Accepted, Kind::Answer, |first, second| {
        let mut script = Script::ringing();
        script.taps_yes(PHONE);
        script.cancels(ANA);
        script.deliver(PHONE, Kind::Accept);
        script.deliver(ANA, Kind::Cancel);
        assert_eq!(script.answer(ANA), withdrawn(Withdrawn::Already(EndingKind::Accepted)));
        assert_eq!(script.count(PHONE, Kind::Cancelled), 0);
        script.deliver(ANA, first);
        script.outcome(Progress::Accepted);
        script.deliver(ANA, second);
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
        script.joined(&[(PHONE, "standup")]);
        script.outcome(Progress::Accepted);
    });
}

// R12: cancel and yes cross, and the cancel arrives first. The yes is refused, names the caller,
// and nobody joins, whether the device hears the refusal or the notice first.
#[test]
fn r12_cancel_before_accept() {
    both_ways(Kind::Cancelled, Kind::Answer, |first, second| {
        let mut script = Script::ringing();
        script.taps_yes(PHONE);
        script.cancels(ANA);
        script.deliver(ANA, Kind::Cancel);
        script.deliver(PHONE, Kind::Accept);
        script.lost(PHONE, EndingKind::Cancelled, Some("ana"), None);
        assert_eq!(script.answer(ANA), withdrawn(Withdrawn::Cancelled));
        assert_eq!(script.count(ANA, Kind::Accepted), 0);
        script.deliver(PHONE, first);
        script.shows(PHONE, &[]);
        script.deliver(PHONE, second);
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
        script.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
        script.joined(&[]);
        script.outcome(Progress::Cancelled);
    });
}

// R13: the stop overtakes the ring, on one device and not on the other. The first one remembers
// the attempt and never rings, also when the ring comes a second time.
#[test]
fn r13_cancel_before_the_ring() {
    both_ways(PHONE, TABLET, |overtaken, usual| {
        let mut script = Script::new();
        script.calls(ANA, STANDUP, 30);
        script.cancels(ANA);
        script.deliver(ANA, Kind::Call);
        script.duplicate(overtaken, Kind::Ring);
        script.deliver(ANA, Kind::Cancel);
        script.deliver(overtaken, Kind::Cancelled);
        script.deliver(usual, Kind::Ring);
        script.shows(usual, &[(1, At::Ringing)]);
        for _ in 0..2 {
            script.deliver(overtaken, Kind::Ring);
            script.shows(overtaken, &[]);
        }
        script.end();
        script.shown(overtaken, &[]);
        script.dismissed(overtaken, &[]);
        script.shown(usual, &[(1, 30_000)]);
        script.dismissed(usual, &[(1, Dismissal::Cancelled)]);
        script.joined(&[]);
        script.outcome(Progress::Cancelled);
    });
}

// R14: ring and cancel come to a device together. It makes no sound; in the order in which they
// were sent the call was missed.
#[test]
fn r14_ring_and_cancel_together() {
    both_ways(Kind::Ring, Kind::Cancelled, |first, second| {
        let mut script = Script::new();
        script.calls(ANA, STANDUP, 30);
        script.cancels(ANA);
        script.deliver(ANA, Kind::Call);
        script.deliver(ANA, Kind::Cancel);
        for what in [first, second] {
            let packet = script.hold(PHONE, what);
            script.world.flight.push_back(packet);
        }
        script.go(Action::Together { device: PHONE, packets: 2 });
        assert_eq!(script.count(PHONE, Kind::Ring), 0, "both have come");
        script.end();
        script.shown(PHONE, &[]);
        script.dismissed(PHONE, &[]);
        let missed = [(1, Dismissal::Cancelled)];
        script.learned(PHONE, if first == Kind::Ring { &missed } else { &[] });
        script.shown(TABLET, &[(1, 30_000)]);
        script.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
    });
}

// R15: the caller hangs up before the call was answered by the switchboard. A cancel that comes
// after the call ends it. One that overtakes it finds nothing and says so, nothing is remembered
// of it (E-12), and the caller sees that it rings and hangs up again.
#[test]
fn r15_hang_up_before_the_call_is_answered() {
    both_ways(Kind::Call, Kind::Cancel, |first, second| {
        let mut script = Script::new();
        script.calls(ANA, STANDUP, 30);
        script.cancels(ANA);
        script.deliver(ANA, first);
        if first == Kind::Cancel {
            assert_eq!(script.answer(ANA), withdrawn(Withdrawn::NotCalling));
        }
        script.deliver(ANA, second);
        script.flush();
        if first == Kind::Cancel {
            script.shows(PHONE, &[(1, At::Ringing)]);
            script.progressed(&[
                (0, Progress::Asking),
                (1, Progress::Calling),
                (1, Progress::Ringing),
            ]);
            script.cancels(ANA);
        }
        script.end();
        assert_eq!(script.ended(1), Some(EndingKind::Cancelled));
        script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
        script.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
        script.outcome(Progress::Cancelled);
    });
}

// R15: the same without a connection: call and cancel go out when it comes up, in order.
#[test]
fn r15_hang_up_before_the_call_is_sent() {
    let mut script = Script::new();
    script.cut(ANA);
    script.calls(ANA, STANDUP, 30);
    script.cancels(ANA);
    assert_eq!(script.count(ANA, Kind::Call), 0);
    script.heal(ANA);
    script.end();
    assert_eq!(script.ended(1), Some(EndingKind::Cancelled));
    script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    script.outcome(Progress::Cancelled);
}

// R17: cancel twice, and cancel when nobody rings. Nothing happens, and the answer says why.
#[test]
fn r17_cancel_twice_and_nobody() {
    let mut script = Script::new();
    script.cancels(ANA);
    script.deliver(ANA, Kind::Cancel);
    assert_eq!(script.answer(ANA), withdrawn(Withdrawn::NotCalling));
    script.flush();
    script.ring();
    script.cancels(ANA);
    script.flush();
    script.cancels(ANA);
    script.deliver(ANA, Kind::Cancel);
    assert_eq!(script.answer(ANA), withdrawn(Withdrawn::Already(EndingKind::Cancelled)));
    assert_eq!(script.notices(), 0);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    script.outcome(Progress::Cancelled);
}

// R18: no and cancel cross. There is one ending, by whichever arrives first, and the other side
// is told.
#[test]
fn r18_reject_crosses_cancel() {
    let crossing = || {
        let mut script = Script::ringing();
        script.taps_no(PHONE);
        script.cancels(ANA);
        script
    };
    let mut script = crossing();
    script.deliver(PHONE, Kind::Reject);
    script.deliver(ANA, Kind::Cancel);
    assert_eq!(script.answer(ANA), withdrawn(Withdrawn::Already(EndingKind::Rejected)));
    assert_eq!(script.count(PHONE, Kind::Cancelled), 0);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::RejectedHere)]);
    script.dismissed(TABLET, &[(1, rejected_on(PHONE))]);
    script.outcome(rejected_for(CallRejectionReason::Rejected));

    let mut script = crossing();
    script.deliver(ANA, Kind::Cancel);
    script.deliver(PHONE, Kind::Reject);
    script.lost(PHONE, EndingKind::Cancelled, Some("ana"), None);
    assert_eq!(script.count(ANA, Kind::Rejected), 0);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    script.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
    script.outcome(Progress::Cancelled);
}

// R19: somebody else than the caller cancels. It is not theirs, and the call rings on.
#[test]
fn r19_somebody_else_cancels() {
    let mut script = Script::ringing();
    script.enters(DEE, STANDUP);
    script.flush();
    script.cancels(DEE);
    script.deliver(DEE, Kind::Cancel);
    assert_eq!(script.answer(DEE), withdrawn(Withdrawn::NotYours));
    assert_eq!(script.notices(), 0);
    script.flush();
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.shows(TABLET, &[(1, At::Ringing)]);
    assert_eq!(script.pending(), [(1, CallStatus::Calling)]);
    script.progressed(&[(0, Progress::Asking), (1, Progress::Calling), (1, Progress::Ringing)]);
}

// R30, of section 2.3: the caller calls again while it rings. It rings no longer for that.
#[test]
fn r30_calling_again_does_not_extend() {
    let mut script = Script::ringing();
    script.pass(10_000);
    script.calls(ANA, STANDUP, 300);
    script.deliver(ANA, Kind::Call);
    let already = ("bo".to_owned(), CallResult::AlreadyInCalling);
    assert_eq!(script.answer(ANA), Ok(Answer::CallUserToRoom(vec![already])));
    assert_eq!(script.notices(), 0);
    script.flush();
    script.pass(19_999);
    assert_eq!(script.ended(1), None);
    script.pass(1);
    assert_eq!(script.ended(1), Some(EndingKind::TimedOut));
    script.end();
    script.shown(PHONE, &[(1, 30_000)]);
    script.progressed(&[
        (0, Progress::Asking),
        (1, Progress::Calling),
        (1, Progress::Ringing),
        (0, Progress::Asking),
        (1, Progress::Ringing),
        (1, Progress::TimedOut),
    ]);
}
