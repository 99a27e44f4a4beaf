//! Section 2.5: restarts, and what a device says in the end.

use roomcall::handset::{CallKitReason, Dismissal, LateRing, Progress, ReportReason, Stage as At};
use roomcall::protocol::Answer;
use roomcall::{CallRejectionReason, CallStatus, EndingKind, Policy, Role};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::scripted::{
    ANA, DEE, LOUNGE, PHONE, STANDUP, Script, TABLET, USER_BO, USER_DEE, answered_on, both_ways,
    rejected_for, rejected_on,
};

// R61: the switchboard restarts during the ring. It is the same attempt with the same deadline,
// and nobody is rung a second time.
#[test]
fn r61_the_switchboard_restarts_during_the_ring() {
    both_ways(true, false, |is_saved, _| {
        let mut script = Script::ringing();
        script.pass(10_000);
        if is_saved {
            script.go(Action::Snapshot {});
        }
        script.go(Action::KillSwitchboard {});
        assert_eq!(script.notices(), 0);
        assert_eq!(script.pending(), [(1, CallStatus::Calling)]);
        script.pass(19_999);
        assert_eq!(script.ended(1), None);
        script.pass(1);
        assert_eq!(script.ended(1), Some(EndingKind::TimedOut));
        script.end();
        script.shown(PHONE, &[(1, 30_000)]);
        script.outcome(Progress::TimedOut);
    });
}

// R61: it restarts between a yes and its reply. The retry is answered as at first.
#[test]
fn r61_it_restarts_before_the_reply() {
    both_ways(true, false, |is_saved, _| {
        let mut script = Script::ringing();
        script.taps_yes(PHONE);
        script.deliver(PHONE, Kind::Accept);
        script.lose(PHONE, Kind::Answer);
        if is_saved {
            script.go(Action::Snapshot {});
        }
        script.go(Action::KillSwitchboard {});
        let notices = script.notices();
        script.pass(2_000);
        script.deliver(PHONE, Kind::Accept);
        assert_eq!(script.answer(PHONE), Ok(Answer::AcceptCall { attempt: 1 }));
        assert_eq!(script.notices(), notices);
        script.end();
        script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
        script.joined(&[(PHONE, "standup")]);
        script.outcome(Progress::Accepted);
    });
}

// R63: a device dies while it rings. Started again, it shows what it showed until its own deadline
// silences it, or a snapshot tells it better; then it learns the end. If its host knows how long it
// was dead, that is at once; else its deadline is as far away as it was.
#[test]
fn r63_a_device_dies_while_it_rings() {
    let mut script = Script::ringing();
    script.go(Action::Kill { device: PHONE });
    script.pass(45_000);
    script.go(Action::Restart { device: PHONE });
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.pass(0);
    script.shows(PHONE, &[]);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::Silenced)]);
    script.learned(PHONE, &[(1, Dismissal::TimedOut)]);

    let mut script = Script::with(Policy::DEFAULT, |plan| plan.is_timeless = true);
    script.ring();
    script.go(Action::Kill { device: PHONE });
    script.pass(45_000);
    script.go(Action::Restart { device: PHONE });
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.pass(29_999);
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.pass(1);
    script.shows(PHONE, &[]);
    script.end();
    script.shown(PHONE, &[(1, 30_000)]);
    script.dismissed(PHONE, &[(1, Dismissal::Silenced)]);
    script.learned(PHONE, &[(1, Dismissal::TimedOut)]);

    let mut script = Script::ringing();
    script.go(Action::Kill { device: PHONE });
    script.taps_yes(TABLET);
    script.flush();
    script.go(Action::Restart { device: PHONE });
    script.heal(PHONE);
    script.flush();
    script.dismissed(PHONE, &[(1, answered_on(TABLET))]);
    script.end();
    script.shown(PHONE, &[(1, 30_000)]);
    script.joined(&[(TABLET, "standup")]);
}

// R67: every ending is shown as what it is, to the callee's other device, to its operating system
// and to the caller, and as nothing else.
#[test]
fn r67_every_ending_in_its_own_words() {
    use CallKitReason::{AnsweredElsewhere, DeclinedElsewhere, RemoteEnded, Unanswered};
    type End = fn(&mut Script);
    let dee = || Some("dee".to_owned());
    let ends: [(End, Dismissal, CallKitReason, Progress); 9] = [
        (
            |script| script.taps_yes(PHONE),
            answered_on(PHONE),
            AnsweredElsewhere,
            Progress::Accepted,
        ),
        (
            |script| script.enters(PHONE, STANDUP),
            answered_on(PHONE),
            AnsweredElsewhere,
            Progress::Accepted,
        ),
        (
            |script| script.taps_no(PHONE),
            rejected_on(PHONE),
            DeclinedElsewhere,
            rejected_for(CallRejectionReason::Rejected),
        ),
        (
            |script| script.enters(PHONE, LOUNGE),
            Dismissal::InOtherRoom,
            DeclinedElsewhere,
            rejected_for(CallRejectionReason::InOtherRoom),
        ),
        (|script| script.cancels(ANA), Dismissal::Cancelled, RemoteEnded, Progress::Cancelled),
        (
            |script| script.revokes(DEE),
            Dismissal::Revoked { operator: dee() },
            RemoteEnded,
            Progress::Revoked { operator: dee() },
        ),
        (
            |script| script.go(Action::BackendRevoke { room: STANDUP, users: vec![USER_BO] }),
            Dismissal::Revoked { operator: None },
            RemoteEnded,
            Progress::Revoked { operator: None },
        ),
        (
            |script| script.go(Action::Dissolve { room: STANDUP }),
            Dismissal::Revoked { operator: None },
            RemoteEnded,
            Progress::Revoked { operator: None },
        ),
        (
            |script| {
                // The tablet hears of the end before its own clock silences it.
                script.go(Action::ClockJump { device: TABLET, ms: -1_000 });
                script.pass(25_000);
            },
            Dismissal::TimedOut,
            Unanswered,
            Progress::TimedOut,
        ),
    ];
    for (end, why, callkit, progress) in ends {
        let mut script = Script::ringing();
        script.go(Action::SetRole { user: USER_DEE, room: STANDUP, role: Role::Admin });
        script.pass(5_000);
        end(&mut script);
        script.flush();
        script.dismissed(TABLET, &[(1, why.clone())]);
        assert_eq!(why.callkit(), Some(callkit));
        let last = script.world.devices[ANA].screen.progress.values().next();
        assert_eq!(last, Some(&(Some(1), progress)));
        script.end();
        script.dismissed(TABLET, &[(1, why)]);
    }
}

// R70: a push comes after the call is over, to a device that must report a call for each push. It
// reports the call and its end at once, before it has asked and after.
#[test]
fn r70_a_late_push() {
    let late = || {
        let mut script = Script::with(Policy::DEFAULT, |plan| {
            plan.push = true;
            plan.devices[PHONE].settings.late_ring = LateRing::Report;
        });
        script.cut(PHONE);
        script.calls(ANA, STANDUP, 30);
        script.cancels(ANA);
        script.deliver(ANA, Kind::Call);
        script.lose(PHONE, Kind::Push);
        script.deliver(ANA, Kind::Cancel);
        script
    };
    let mut script = late();
    script.deliver(PHONE, Kind::Cancelled);
    script.deliver(PHONE, Kind::Ring);
    let ending = Dismissal::Cancelled;
    script.reported(PHONE, &[(1, ReportReason::Over { ending })]);
    script.end();
    script.shown(PHONE, &[]);
    assert_eq!(Dismissal::Cancelled.callkit(), Some(CallKitReason::RemoteEnded));

    // What a snapshot has settled is not remembered: it is over, and nobody says how.
    let mut script = late();
    let (cancelled, ring) = (script.hold(PHONE, Kind::Cancelled), script.hold(PHONE, Kind::Ring));
    script.heal(PHONE);
    script.flush();
    script.learned(PHONE, &[(1, Dismissal::Cancelled)]);
    script.release(ring);
    script.reported(PHONE, &[(1, ReportReason::Passed)]);
    script.release(cancelled);
    script.end();
    script.shown(PHONE, &[]);
    script.learned(PHONE, &[(1, Dismissal::Cancelled)]);
}
