//! Section 2.3: the clock and the timeout.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::protocol::Answer;
use roomcall::{CallStatus, EndingKind, Policy};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::What;
use roomcall_testkit::world::stage::{ANA, PHONE, STANDUP, Stage, TABLET, answered_on, both_ways};

// R20: a yes at the very deadline. The timeout wins, whether the switchboard was woken at that
// moment or not; one millisecond before, the yes wins, and there is no timeout any more.
#[test]
fn r20_accept_at_the_deadline() {
    both_ways(true, false, |is_woken, _| {
        both_ways(What::TimedOut, What::Answer, |first, second| {
            let mut stage = Stage::ringing();
            stage.pass(29_999);
            stage.taps_yes(PHONE);
            if is_woken {
                stage.pass(1);
            } else {
                stage.skip(1);
            }
            stage.deliver(PHONE, What::Accept);
            stage.lost(PHONE, EndingKind::TimedOut, None, None);
            stage.shows(PHONE, &[(1, At::Accepting)]);
            stage.deliver(PHONE, first);
            stage.shows(PHONE, &[]);
            stage.deliver(PHONE, second);
            stage.end();
            stage.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
            stage.joined(&[]);
            stage.outcome(Progress::TimedOut);
        });
    });

    let mut stage = Stage::ringing();
    stage.pass(29_999);
    stage.taps_yes(PHONE);
    stage.deliver(PHONE, What::Accept);
    assert_eq!(stage.answer(PHONE), Ok(Answer::AcceptCall { attempt: 1 }));
    stage.pass(1);
    assert_eq!(stage.count(PHONE, What::TimedOut) + stage.count(ANA, What::TimedOut), 0);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.joined(&[(PHONE, "standup")]);
    stage.outcome(Progress::Accepted);
}

// R21: a yes that is tapped in time and arrives late. The switchboard's clock decides, and the
// device is told; as it waited for its answer, it was not silenced meanwhile.
#[test]
fn r21_tapped_in_time_arrives_late() {
    both_ways(What::TimedOut, What::Answer, |first, second| {
        let mut stage = Stage::ringing();
        stage.pass(29_500);
        stage.taps_yes(PHONE);
        stage.pass(1_000);
        stage.shows(PHONE, &[(1, At::Accepting)]);
        stage.deliver(PHONE, What::Accept);
        stage.lost(PHONE, EndingKind::TimedOut, None, None);
        stage.deliver(PHONE, first);
        stage.deliver(PHONE, second);
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
        stage.dismissed(TABLET, &[(1, Dismissal::Silenced)]);
        stage.learned(TABLET, &[(1, Dismissal::TimedOut)]);
        stage.joined(&[]);
        stage.outcome(Progress::TimedOut);
    });
}

// R22: a clock goes backwards. The switchboard's is held, and a yes stamped before the deadline
// undoes no timeout.
#[test]
fn r22_the_switchboards_clock_goes_back() {
    let mut stage = Stage::ringing();
    stage.pass(29_000);
    stage.taps_yes(PHONE);
    stage.pass(1_000);
    assert_eq!(stage.ended(1), Some(EndingKind::TimedOut));
    let now = std::mem::replace(&mut stage.world.now, 10_000);
    stage.deliver(PHONE, What::Accept);
    stage.lost(PHONE, EndingKind::TimedOut, None, None);
    stage.world.now = now;
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
    stage.joined(&[]);
    stage.outcome(Progress::TimedOut);
}

// R22: a device's clock is set back, so that it would ring too long: the switchboard's timeout
// ends it. Set forward, the device falls silent too early: it asks, and rings again for as long
// as is left.
#[test]
fn r22_a_devices_clock_is_set() {
    let mut stage = Stage::ringing();
    stage.pass(10_000);
    stage.go(Action::ClockJump { device: PHONE, ms: -60_000 });
    stage.pass(20_000);
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.deliver(PHONE, What::TimedOut);
    stage.shows(PHONE, &[]);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);

    let mut stage = Stage::ringing();
    stage.pass(10_000);
    stage.go(Action::ClockJump { device: PHONE, ms: 25_000 });
    stage.pass(0);
    stage.dismissed(PHONE, &[(1, Dismissal::Silenced)]);
    stage.deliver(PHONE, What::Asking);
    stage.deliver(PHONE, What::Snapshot);
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.taps_yes(PHONE);
    stage.end();
    stage.shown(PHONE, &[(1, 30_000), (1, 20_000)]);
    stage.dismissed(PHONE, &[(1, Dismissal::Silenced), (1, Dismissal::AnsweredHere)]);
    stage.joined(&[(PHONE, "standup")]);
}

// R24: the clocks of switchboard, caller and callee are minutes and hours apart. Only lengths are
// sent: all ring equally long, and fall silent at the same moment.
#[test]
fn r24_clocks_disagree() {
    let mut stage = Stage::new();
    stage.pass(10_000);
    stage.go(Action::ClockJump { device: ANA, ms: 600_000 });
    stage.go(Action::ClockJump { device: PHONE, ms: 4_000_000 });
    stage.go(Action::ClockJump { device: TABLET, ms: -9_000 });
    stage.pass(0);
    stage.flush();
    stage.ring();
    stage.pass(29_999);
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.shows(TABLET, &[(1, At::Ringing)]);
    assert_eq!(stage.ended(1), None);
    stage.pass(1);
    assert_eq!(stage.ended(1), Some(EndingKind::TimedOut));
    for device in [PHONE, TABLET] {
        stage.shown(device, &[(1, 30_000)]);
        stage.dismissed(device, &[(1, Dismissal::Silenced)]);
    }
    stage.end();
    for device in [PHONE, TABLET] {
        stage.learned(device, &[(1, Dismissal::TimedOut)]);
    }
    stage.outcome(Progress::TimedOut);
}

// R25: the time to answer is eaten up on the way. With less than a second left a device does not
// ring at all, and shows a missed call in the end; with a second it rings.
#[test]
fn r25_no_time_left_to_answer() {
    let mut stage = Stage::new();
    stage.calls(ANA, STANDUP, 30);
    stage.deliver(ANA, What::Call);
    stage.lose(PHONE, What::Ring);
    stage.lose(TABLET, What::Ring);
    stage.pass(29_000);
    stage.heal(TABLET);
    stage.flush();
    stage.shown(TABLET, &[(1, 1_000)]);
    stage.pass(1);
    stage.heal(PHONE);
    stage.flush();
    stage.shows(PHONE, &[]);
    stage.pass(999);
    assert_eq!(stage.ended(1), Some(EndingKind::TimedOut));
    stage.end();
    stage.shown(PHONE, &[]);
    stage.learned(PHONE, &[(1, Dismissal::TimedOut)]);
}

// R25: the ring itself comes a quarter of an hour late, after the connection came up again.
#[test]
fn r25_the_ring_comes_much_later() {
    let mut stage = Stage::new();
    stage.calls(ANA, STANDUP, 30);
    stage.deliver(ANA, What::Call);
    let late = stage.hold(PHONE, What::Ring);
    stage.flush();
    stage.cut(PHONE);
    stage.flow(900_000);
    stage.heal(PHONE);
    stage.flush();
    stage.learned(PHONE, &[(1, Dismissal::TimedOut)]);
    stage.release(late);
    stage.shows(PHONE, &[]);
    stage.end();
    stage.shown(PHONE, &[]);
    stage.learned(PHONE, &[(1, Dismissal::TimedOut)]);
}

// R26: the deadline of a call that is over comes while the next one rings, to the switchboard and
// to the devices. It is nobody's.
#[test]
fn r26_the_timer_of_a_finished_attempt() {
    let mut stage = Stage::ringing();
    stage.pass(10_000);
    stage.taps_no(PHONE);
    stage.flush();
    stage.ring();
    stage.pass(20_000);
    assert_eq!((stage.ended(1), stage.ended(2)), (Some(EndingKind::Rejected), None));
    assert_eq!(stage.notices(), 0);
    stage.shows(PHONE, &[(2, At::Ringing)]);
    stage.shows(TABLET, &[(2, At::Ringing)]);
    assert_eq!(stage.pending(), [(2, CallStatus::Calling)]);
    stage.pass(9_999);
    stage.shows(PHONE, &[(2, At::Ringing)]);
    stage.pass(1);
    assert_eq!(stage.ended(2), Some(EndingKind::TimedOut));
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::RejectedHere), (2, Dismissal::Silenced)]);
    stage.learned(PHONE, &[(2, Dismissal::TimedOut)]);
}

// R28: callee and caller reach the end at different times: the tablet's clock is fast, the
// phone's slow. The one timeout is the switchboard's; the early device claims nothing before it.
#[test]
fn r28_local_clocks_end_at_different_times() {
    let mut stage = Stage::with(Policy::DEFAULT, |plan| {
        plan.devices[PHONE].rate = 900;
        plan.devices[TABLET].rate = 1_100;
    });
    stage.ring();
    stage.pass(27_272);
    stage.shows(TABLET, &[(1, At::Ringing)]);
    stage.pass(1);
    stage.dismissed(TABLET, &[(1, Dismissal::Silenced)]);
    stage.learned(TABLET, &[]);
    assert_eq!(stage.ended(1), None);
    stage.progressed(&[(0, Progress::Asking), (1, Progress::Ringing)]);
    stage.pass(2_727);
    assert_eq!(stage.ended(1), Some(EndingKind::TimedOut));
    stage.shows(PHONE, &[(1, At::Ringing)]);
    for device in [PHONE, TABLET, ANA] {
        stage.deliver(device, What::TimedOut);
    }
    stage.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
    stage.learned(TABLET, &[(1, Dismissal::TimedOut)]);
    stage.outcome(Progress::TimedOut);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
    stage.dismissed(TABLET, &[(1, Dismissal::Silenced)]);
    stage.learned(TABLET, &[(1, Dismissal::TimedOut)]);
    stage.outcome(Progress::TimedOut);
}

// R29: the deadline passes while the switchboard is down. The first thing that reaches it, a yes
// or a question, finds the call timed out.
#[test]
fn r29_the_deadline_passes_while_it_is_down() {
    both_ways(What::Accept, What::Asking, |first, _| {
        let mut stage = Stage::ringing();
        stage.go(Action::Snapshot {});
        stage.taps_yes(PHONE);
        stage.skip(35_000);
        stage.go(Action::KillSwitchboard {});
        assert_eq!(stage.ended(1), None);
        if first == What::Accept {
            stage.deliver(PHONE, What::Accept);
            stage.lost(PHONE, EndingKind::TimedOut, None, None);
        } else {
            stage.heal(TABLET);
            stage.deliver(TABLET, What::Asking);
            stage.deliver(TABLET, What::Snapshot);
            stage.learned(TABLET, &[(1, Dismissal::TimedOut)]);
        }
        assert_eq!(stage.ended(1), Some(EndingKind::TimedOut));
        assert_eq!(stage.pending(), [(1, CallStatus::Timeout)]);
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
        stage.joined(&[]);
        stage.outcome(Progress::TimedOut);
    });
}

// R29: what was answered before it went down stays answered.
#[test]
fn r29_answered_before_it_went_down() {
    let mut stage = Stage::ringing();
    stage.go(Action::Snapshot {});
    stage.taps_yes(PHONE);
    stage.deliver(PHONE, What::Accept);
    stage.skip(35_000);
    stage.go(Action::KillSwitchboard {});
    stage.end();
    assert_eq!(stage.ended(1), Some(EndingKind::Accepted));
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    stage.joined(&[(PHONE, "standup")]);
    stage.outcome(Progress::Accepted);
}
