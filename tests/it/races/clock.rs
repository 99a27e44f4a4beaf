//! Section 2.3: the clock and the timeout.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::protocol::Answer;
use roomcall::{CallStatus, EndingKind, Policy};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::scripted::{
    ANA, PHONE, STANDUP, Script, TABLET, answered_on, both_ways,
};

// R20: a yes at the very deadline. The timeout wins, whether the switchboard was woken at that
// moment or not; one millisecond before, the yes wins, and there is no timeout any more.
#[test]
fn r20_accept_at_the_deadline() {
    both_ways(true, false, |is_woken, _| {
        both_ways(Kind::TimedOut, Kind::Answer, |first, second| {
            let mut script = Script::ringing();
            script.pass(29_999);
            script.taps_yes(PHONE);
            if is_woken {
                script.pass(1);
            } else {
                script.skip(1);
            }
            script.deliver(PHONE, Kind::Accept);
            script.lost(PHONE, EndingKind::TimedOut, None, None);
            script.shows(PHONE, &[(1, At::Accepting)]);
            script.deliver(PHONE, first);
            script.shows(PHONE, &[]);
            script.deliver(PHONE, second);
            script.end();
            script.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
            script.joined(&[]);
            script.outcome(Progress::TimedOut);
        });
    });

    let mut script = Script::ringing();
    script.pass(29_999);
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    assert_eq!(script.answer(PHONE), Ok(Answer::AcceptCall { attempt: 1 }));
    script.pass(1);
    assert_eq!(script.count(PHONE, Kind::TimedOut) + script.count(ANA, Kind::TimedOut), 0);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.joined(&[(PHONE, "standup")]);
    script.outcome(Progress::Accepted);
}

// R21: a yes that is tapped in time and arrives late. The switchboard's clock decides, and the
// device is told; as it waited for its answer, it was not silenced meanwhile.
#[test]
fn r21_tapped_in_time_arrives_late() {
    both_ways(Kind::TimedOut, Kind::Answer, |first, second| {
        let mut script = Script::ringing();
        script.pass(29_500);
        script.taps_yes(PHONE);
        script.pass(1_000);
        script.shows(PHONE, &[(1, At::Accepting)]);
        script.deliver(PHONE, Kind::Accept);
        script.lost(PHONE, EndingKind::TimedOut, None, None);
        script.deliver(PHONE, first);
        script.deliver(PHONE, second);
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
        script.dismissed(TABLET, &[(1, Dismissal::Silenced)]);
        script.learned(TABLET, &[(1, Dismissal::TimedOut)]);
        script.joined(&[]);
        script.outcome(Progress::TimedOut);
    });
}

// R22: a clock goes backwards. The switchboard's is held, and a yes stamped before the deadline
// undoes no timeout.
#[test]
fn r22_the_switchboards_clock_goes_back() {
    let mut script = Script::ringing();
    script.pass(29_000);
    script.taps_yes(PHONE);
    script.pass(1_000);
    assert_eq!(script.ended(1), Some(EndingKind::TimedOut));
    let now = std::mem::replace(&mut script.world.now, 10_000);
    script.deliver(PHONE, Kind::Accept);
    script.lost(PHONE, EndingKind::TimedOut, None, None);
    script.world.now = now;
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
    script.joined(&[]);
    script.outcome(Progress::TimedOut);
}

// R22: a device's clock is set back, so that it would ring too long: the switchboard's timeout
// ends it. Set forward, the device falls silent too early: it asks, and rings again for as long
// as is left.
#[test]
fn r22_a_devices_clock_is_set() {
    let mut script = Script::ringing();
    script.pass(10_000);
    script.go(Action::ClockJump { device: PHONE, ms: -60_000 });
    script.pass(20_000);
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.deliver(PHONE, Kind::TimedOut);
    script.shows(PHONE, &[]);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);

    let mut script = Script::ringing();
    script.pass(10_000);
    script.go(Action::ClockJump { device: PHONE, ms: 25_000 });
    script.pass(0);
    script.dismissed(PHONE, &[(1, Dismissal::Silenced)]);
    script.deliver(PHONE, Kind::Asking);
    script.deliver(PHONE, Kind::Snapshot);
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.taps_yes(PHONE);
    script.end();
    script.shown(PHONE, &[(1, 30_000), (1, 20_000)]);
    script.dismissed(PHONE, &[(1, Dismissal::Silenced), (1, Dismissal::AnsweredHere)]);
    script.joined(&[(PHONE, "standup")]);
}

// R24: the clocks of switchboard, caller and callee are minutes and hours apart. Only lengths are
// sent: all ring equally long, and fall silent at the same moment.
#[test]
fn r24_clocks_disagree() {
    let mut script = Script::new();
    script.pass(10_000);
    script.go(Action::ClockJump { device: ANA, ms: 600_000 });
    script.go(Action::ClockJump { device: PHONE, ms: 4_000_000 });
    script.go(Action::ClockJump { device: TABLET, ms: -9_000 });
    script.pass(0);
    script.flush();
    script.ring();
    script.pass(29_999);
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.shows(TABLET, &[(1, At::Ringing)]);
    assert_eq!(script.ended(1), None);
    script.pass(1);
    assert_eq!(script.ended(1), Some(EndingKind::TimedOut));
    for device in [PHONE, TABLET] {
        script.shown(device, &[(1, 30_000)]);
        script.dismissed(device, &[(1, Dismissal::Silenced)]);
    }
    script.end();
    for device in [PHONE, TABLET] {
        script.learned(device, &[(1, Dismissal::TimedOut)]);
    }
    script.outcome(Progress::TimedOut);
}

// R25: the time to answer is eaten up on the way. With less than a second left a device does not
// ring at all, and shows a missed call in the end; with a second it rings.
#[test]
fn r25_no_time_left_to_answer() {
    let mut script = Script::new();
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.lose(PHONE, Kind::Ring);
    script.lose(TABLET, Kind::Ring);
    script.pass(29_000);
    script.heal(TABLET);
    script.flush();
    script.shown(TABLET, &[(1, 1_000)]);
    script.pass(1);
    script.heal(PHONE);
    script.flush();
    script.shows(PHONE, &[]);
    script.pass(999);
    assert_eq!(script.ended(1), Some(EndingKind::TimedOut));
    script.end();
    script.shown(PHONE, &[]);
    script.learned(PHONE, &[(1, Dismissal::TimedOut)]);
}

// R25: the ring itself comes a quarter of an hour late, after the connection came up again.
#[test]
fn r25_the_ring_comes_much_later() {
    let mut script = Script::new();
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    let late = script.hold(PHONE, Kind::Ring);
    script.flush();
    script.cut(PHONE);
    script.flow(900_000);
    script.heal(PHONE);
    script.flush();
    script.learned(PHONE, &[(1, Dismissal::TimedOut)]);
    script.release(late);
    script.shows(PHONE, &[]);
    script.end();
    script.shown(PHONE, &[]);
    script.learned(PHONE, &[(1, Dismissal::TimedOut)]);
}

// R26: the deadline of a call that is over comes while the next one rings, to the switchboard and
// to the devices. It is nobody's.
#[test]
fn r26_the_timer_of_a_finished_attempt() {
    let mut script = Script::ringing();
    script.pass(10_000);
    script.taps_no(PHONE);
    script.flush();
    script.ring();
    script.pass(20_000);
    assert_eq!((script.ended(1), script.ended(2)), (Some(EndingKind::Rejected), None));
    assert_eq!(script.notices(), 0);
    script.shows(PHONE, &[(2, At::Ringing)]);
    script.shows(TABLET, &[(2, At::Ringing)]);
    assert_eq!(script.pending(), [(2, CallStatus::Calling)]);
    script.pass(9_999);
    script.shows(PHONE, &[(2, At::Ringing)]);
    script.pass(1);
    assert_eq!(script.ended(2), Some(EndingKind::TimedOut));
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::RejectedHere), (2, Dismissal::Silenced)]);
    script.learned(PHONE, &[(2, Dismissal::TimedOut)]);
}

// R28: callee and caller reach the end at different times: the tablet's clock is fast, the
// phone's slow. The one timeout is the switchboard's; the early device claims nothing before it.
#[test]
fn r28_local_clocks_end_at_different_times() {
    let mut script = Script::with(Policy::DEFAULT, |plan| {
        plan.devices[PHONE].rate = 900;
        plan.devices[TABLET].rate = 1_100;
    });
    script.ring();
    script.pass(27_272);
    script.shows(TABLET, &[(1, At::Ringing)]);
    script.pass(1);
    script.dismissed(TABLET, &[(1, Dismissal::Silenced)]);
    script.learned(TABLET, &[]);
    assert_eq!(script.ended(1), None);
    script.progressed(&[(0, Progress::Asking), (1, Progress::Calling), (1, Progress::Ringing)]);
    script.pass(2_727);
    assert_eq!(script.ended(1), Some(EndingKind::TimedOut));
    script.shows(PHONE, &[(1, At::Ringing)]);
    for device in [PHONE, TABLET, ANA] {
        script.deliver(device, Kind::TimedOut);
    }
    script.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
    script.learned(TABLET, &[(1, Dismissal::TimedOut)]);
    script.outcome(Progress::TimedOut);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
    script.dismissed(TABLET, &[(1, Dismissal::Silenced)]);
    script.learned(TABLET, &[(1, Dismissal::TimedOut)]);
    script.outcome(Progress::TimedOut);
}

// R29: the deadline passes while the switchboard is down. The first thing that reaches it, a yes
// or a question, finds the call timed out.
#[test]
fn r29_the_deadline_passes_while_it_is_down() {
    both_ways(Kind::Accept, Kind::Asking, |first, _| {
        let mut script = Script::ringing();
        script.go(Action::Snapshot {});
        script.taps_yes(PHONE);
        script.skip(35_000);
        script.go(Action::KillSwitchboard {});
        assert_eq!(script.ended(1), None);
        if first == Kind::Accept {
            script.deliver(PHONE, Kind::Accept);
            script.lost(PHONE, EndingKind::TimedOut, None, None);
        } else {
            script.heal(TABLET);
            script.deliver(TABLET, Kind::Asking);
            script.deliver(TABLET, Kind::Snapshot);
            script.learned(TABLET, &[(1, Dismissal::TimedOut)]);
        }
        assert_eq!(script.ended(1), Some(EndingKind::TimedOut));
        assert_eq!(script.pending(), [(1, CallStatus::Timeout)]);
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::TimedOut)]);
        script.joined(&[]);
        script.outcome(Progress::TimedOut);
    });
}

// R29: what was answered before it went down stays answered.
#[test]
fn r29_answered_before_it_went_down() {
    let mut script = Script::ringing();
    script.go(Action::Snapshot {});
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    script.skip(35_000);
    script.go(Action::KillSwitchboard {});
    script.end();
    assert_eq!(script.ended(1), Some(EndingKind::Accepted));
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    script.joined(&[(PHONE, "standup")]);
    script.outcome(Progress::Accepted);
}
