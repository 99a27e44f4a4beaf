//! Section 2.5: restarts, and what a device says in the end.

use roomcall::handset::{CallKitReason, Dismissal, LateRing, Progress, Stage as At};
use roomcall::protocol::Answer;
use roomcall::{CallRejectionReason, CallStatus, EndingKind, Policy, Role};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::What;
use roomcall_testkit::world::stage::{
    ANA, DEE, LOUNGE, PHONE, STANDUP, Stage, TABLET, USER_BO, USER_DEE, answered_on, both_ways,
    rejected_for, rejected_on,
};

// R61: the switchboard restarts during the ring. It is the same attempt with the same deadline,
// and nobody is rung a second time.
#[test]
fn r61_the_switchboard_restarts_during_the_ring() {
    both_ways(true, false, |is_saved, _| {
        let mut stage = Stage::ringing();
        stage.pass(10_000);
        if is_saved {
            stage.go(Action::Snapshot {});
        }
        stage.go(Action::KillSwitchboard {});
        assert_eq!(stage.notices(), 0);
        assert_eq!(stage.pending(), [(1, CallStatus::Calling)]);
        stage.pass(19_999);
        assert_eq!(stage.ended(1), None);
        stage.pass(1);
        assert_eq!(stage.ended(1), Some(EndingKind::TimedOut));
        stage.end();
        stage.shown(PHONE, &[(1, 30_000)]);
        stage.outcome(Progress::TimedOut);
    });
}

// R61: it restarts between a yes and its reply. The retry is answered as at first.
#[test]
fn r61_it_restarts_before_the_reply() {
    both_ways(true, false, |is_saved, _| {
        let mut stage = Stage::ringing();
        stage.taps_yes(PHONE);
        stage.deliver(PHONE, What::Accept);
        stage.lose(PHONE, What::Answer);
        if is_saved {
            stage.go(Action::Snapshot {});
        }
        stage.go(Action::KillSwitchboard {});
        let notices = stage.notices();
        stage.pass(2_000);
        stage.deliver(PHONE, What::Accept);
        assert_eq!(stage.answer(PHONE), Ok(Answer::AcceptCall { attempt: 1 }));
        assert_eq!(stage.notices(), notices);
        stage.end();
        stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
        stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
        stage.joined(&[(PHONE, "standup")]);
        stage.outcome(Progress::Accepted);
    });
}

// R63: a device dies while it rings. Started again, it shows what it showed until its own deadline
// silences it, or a snapshot tells it better; then it learns the end.
#[test]
fn r63_a_device_dies_while_it_rings() {
    let mut stage = Stage::ringing();
    stage.go(Action::Kill { device: PHONE });
    stage.pass(45_000);
    stage.go(Action::Restart { device: PHONE });
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.pass(29_999);
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.pass(1);
    stage.shows(PHONE, &[]);
    stage.end();
    stage.shown(PHONE, &[(1, 30_000)]);
    stage.dismissed(PHONE, &[(1, Dismissal::Silenced)]);
    stage.learned(PHONE, &[(1, Dismissal::TimedOut)]);

    let mut stage = Stage::ringing();
    stage.go(Action::Kill { device: PHONE });
    stage.taps_yes(TABLET);
    stage.flush();
    stage.go(Action::Restart { device: PHONE });
    stage.heal(PHONE);
    stage.flush();
    stage.dismissed(PHONE, &[(1, answered_on(TABLET))]);
    stage.end();
    stage.shown(PHONE, &[(1, 30_000)]);
    stage.joined(&[(TABLET, "standup")]);
}

// R67: every ending is shown as what it is, to the callee's other device, to its operating system
// and to the caller, and as nothing else.
#[test]
fn r67_every_ending_in_its_own_words() {
    use CallKitReason::{AnsweredElsewhere, DeclinedElsewhere, RemoteEnded, Unanswered};
    type End = fn(&mut Stage);
    let request_id = CallRejectionReason::Rejected;
    let dee = || Some("dee".to_owned());
    let ends: [(End, Dismissal, CallKitReason, Progress); 9] = [
        (|stage| stage.taps_yes(PHONE), answered_on(PHONE), AnsweredElsewhere, Progress::Accepted),
        (
            |stage| stage.enters(PHONE, STANDUP),
            answered_on(PHONE),
            AnsweredElsewhere,
            Progress::Accepted,
        ),
        (
            |stage| stage.taps_no(PHONE),
            rejected_on(PHONE),
            DeclinedElsewhere,
            rejected_for(request_id),
        ),
        (
            |stage| stage.enters(PHONE, LOUNGE),
            Dismissal::InOtherRoom,
            DeclinedElsewhere,
            rejected_for(CallRejectionReason::InOtherRoom),
        ),
        (|stage| stage.cancels(ANA), Dismissal::Cancelled, RemoteEnded, Progress::Cancelled),
        (
            |stage| stage.revokes(DEE),
            Dismissal::Revoked { operator: dee() },
            RemoteEnded,
            Progress::Revoked { operator: dee() },
        ),
        (
            |stage| stage.go(Action::BackendRevoke { room: STANDUP, users: vec![USER_BO] }),
            Dismissal::Revoked { operator: None },
            RemoteEnded,
            Progress::Revoked { operator: None },
        ),
        (
            |stage| stage.go(Action::Dissolve { room: STANDUP }),
            Dismissal::Revoked { operator: None },
            RemoteEnded,
            Progress::Revoked { operator: None },
        ),
        (
            |stage| {
                // The tablet hears of the end before its own clock silences it.
                stage.go(Action::ClockJump { device: TABLET, ms: -1_000 });
                stage.pass(25_000);
            },
            Dismissal::TimedOut,
            Unanswered,
            Progress::TimedOut,
        ),
    ];
    for (end, why, callkit, progress) in ends {
        let mut stage = Stage::ringing();
        stage.go(Action::SetRole { user: USER_DEE, room: STANDUP, role: Role::Admin });
        stage.pass(5_000);
        end(&mut stage);
        stage.flush();
        stage.dismissed(TABLET, &[(1, why.clone())]);
        assert_eq!(why.callkit(), Some(callkit));
        let last = stage.world.devices[ANA].screen.progress.values().next();
        assert_eq!(last, Some(&(Some(1), progress)));
        stage.end();
        stage.dismissed(TABLET, &[(1, why)]);
    }
}

// R70: a push comes after the call is over, to a device that must report a call for each push. It
// reports the call and its end at once, before it has asked and after.
#[test]
fn r70_a_late_push() {
    let late = || {
        let mut stage = Stage::with(Policy::DEFAULT, |plan| {
            plan.push = true;
            plan.devices[PHONE].settings.late_ring = LateRing::Report;
        });
        stage.cut(PHONE);
        stage.calls(ANA, STANDUP, 30);
        stage.cancels(ANA);
        stage.deliver(ANA, What::Call);
        stage.deliver(ANA, What::Cancel);
        stage
    };
    let mut stage = late();
    stage.deliver(PHONE, What::Cancelled);
    stage.deliver(PHONE, What::Ring);
    stage.reported(PHONE, &[(1, Dismissal::Cancelled)]);
    stage.end();
    stage.shown(PHONE, &[]);
    assert_eq!(Dismissal::Cancelled.callkit(), Some(CallKitReason::RemoteEnded));

    // What a snapshot has settled is not remembered: it is over, and nobody says how.
    let mut stage = late();
    let (cancelled, ring) = (stage.hold(PHONE, What::Cancelled), stage.hold(PHONE, What::Ring));
    stage.heal(PHONE);
    stage.flush();
    stage.learned(PHONE, &[(1, Dismissal::Cancelled)]);
    stage.release(ring);
    stage.reported(PHONE, &[(1, Dismissal::Gone)]);
    stage.release(cancelled);
    stage.end();
    stage.shown(PHONE, &[]);
    stage.learned(PHONE, &[(1, Dismissal::Cancelled)]);
    assert_eq!(Dismissal::Gone.callkit(), Some(CallKitReason::Failed));
}
