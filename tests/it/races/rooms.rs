//! Section 2.4: rooms, and who may do what.

use roomcall::handset::{Dismissal, Progress, Stage as At};
use roomcall::protocol::{Answer, Refused, Withdrawn};
use roomcall::{CallerLeft, EndingKind, MayCall, Policy, Role};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::What;
use roomcall_testkit::world::stage::{
    ANA, DEE, PHONE, STANDUP, Stage, TABLET, USER_ANA, USER_BO, USER_DEE, answered_on, both_ways,
};

fn caller_left(caller_left: CallerLeft) -> Policy {
    Policy { caller_left, ..Policy::DEFAULT }
}

// R31: the callee comes into the room by a link while it rings. That is an answer: everything
// stops, and the caller hears accepted.
#[test]
fn r31_joins_by_link_while_ringing() {
    let mut stage = Stage::ringing();
    stage.enters(TABLET, STANDUP);
    assert_eq!(stage.ended(1), Some(EndingKind::Entered));
    stage.end();
    stage.dismissed(TABLET, &[(1, Dismissal::AnsweredHere)]);
    stage.dismissed(PHONE, &[(1, answered_on(TABLET))]);
    stage.joined(&[]);
    stage.outcome(Progress::Accepted);
}

// R31: coming by a link on one device crosses a yes, or a no, on the other.
#[test]
fn r31_a_link_crosses_an_answer() {
    both_ways(What::Accept, What::Reject, |what, _| {
        let mut stage = Stage::ringing();
        if what == What::Accept {
            stage.taps_yes(PHONE);
        } else {
            stage.taps_no(PHONE);
        }
        stage.enters(TABLET, STANDUP);
        stage.deliver(PHONE, what);
        stage.lost(PHONE, EndingKind::Entered, Some("bo"), Some("tablet"));
        stage.end();
        stage.dismissed(PHONE, &[(1, answered_on(TABLET))]);
        stage.dismissed(TABLET, &[(1, Dismissal::AnsweredHere)]);
        stage.joined(&[]);
        stage.outcome(Progress::Accepted);
    });
    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    stage.deliver(PHONE, What::Accept);
    stage.enters(TABLET, STANDUP);
    assert_eq!(stage.ended(1), Some(EndingKind::Accepted));
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.dismissed(TABLET, &[(1, Dismissal::AnsweredHere)]);
    stage.joined(&[(PHONE, "standup")]);
    stage.outcome(Progress::Accepted);
}

// R32: the callee comes in at the moment of the call. Before it there is no ring; after it the
// ring stops.
#[test]
fn r32_comes_in_when_called() {
    let mut stage = Stage::new();
    stage.calls(ANA, STANDUP, 30);
    stage.enters(TABLET, STANDUP);
    stage.deliver(ANA, What::Call);
    assert_eq!(stage.count(PHONE, What::Ring) + stage.count(TABLET, What::Ring), 0);
    stage.end();
    stage.shown(PHONE, &[]);
    stage.progressed(&[(0, Progress::Asking), (0, Progress::AlreadyInRoom)]);

    let mut stage = Stage::new();
    stage.calls(ANA, STANDUP, 30);
    stage.deliver(ANA, What::Call);
    stage.enters(TABLET, STANDUP);
    stage.end();
    stage.shown(TABLET, &[]);
    stage.shown(PHONE, &[(1, 30_000)]);
    stage.dismissed(PHONE, &[(1, answered_on(TABLET))]);
    stage.outcome(Progress::Accepted);
}

// R40: an admin revokes while the callee says yes. The first to arrive wins; a yes that comes
// second is told by whom, a revoke that comes second that it was accepted.
#[test]
fn r40_revoke_crosses_accept() {
    let crossing = || {
        let mut stage = Stage::ringing();
        stage.go(Action::SetRole { user: USER_DEE, room: STANDUP, role: Role::Admin });
        stage.taps_yes(PHONE);
        stage.revokes(DEE);
        stage
    };
    let answer = |result| Ok(Answer::RevokeCall(vec![("bo".into(), result)]));
    let mut stage = crossing();
    stage.deliver(PHONE, What::Accept);
    stage.deliver(DEE, What::Revoke);
    assert_eq!(stage.answer(DEE), answer(Withdrawn::Already(EndingKind::Accepted)));
    assert_eq!(stage.count(PHONE, What::Revoked), 0);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.joined(&[(PHONE, "standup")]);
    stage.outcome(Progress::Accepted);

    both_ways(What::Revoked, What::Answer, |first, second| {
        let mut stage = crossing();
        stage.deliver(DEE, What::Revoke);
        stage.deliver(PHONE, What::Accept);
        assert_eq!(stage.answer(DEE), answer(Withdrawn::Revoked));
        stage.lost(PHONE, EndingKind::Revoked, Some("dee"), Some("desk"));
        stage.deliver(PHONE, first);
        stage.deliver(PHONE, second);
        stage.end();
        let operator = Some("dee".to_owned());
        let revoked = Dismissal::Revoked { operator: operator.clone() };
        stage.dismissed(PHONE, &[(1, revoked.clone())]);
        stage.dismissed(TABLET, &[(1, revoked)]);
        stage.joined(&[]);
        stage.outcome(Progress::Revoked { operator });
    });
}

// R40: the same by the backend, which is nobody.
#[test]
fn r40_the_backend_revokes() {
    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    stage.go(Action::BackendRevoke { room: STANDUP, users: vec![USER_BO] });
    stage.deliver(PHONE, What::Accept);
    stage.lost(PHONE, EndingKind::Revoked, None, None);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::Revoked { operator: None })]);
    stage.dismissed(TABLET, &[(1, Dismissal::Revoked { operator: None })]);
    stage.joined(&[]);
    stage.outcome(Progress::Revoked { operator: None });
}

// R41: the caller leaves during the ring. By default it rings on and can be answered; the caller,
// outside, hears the outcome alone.
#[test]
fn r41_the_caller_leaves_and_it_rings_on() {
    let mut stage = Stage::ringing();
    stage.leaves(USER_ANA, STANDUP);
    stage.flush();
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.taps_yes(PHONE);
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.joined(&[(PHONE, "standup")]);
    stage.progressed(&[
        (0, Progress::Asking),
        (1, Progress::Ringing),
        (1, Progress::Unknown),
        (1, Progress::Accepted),
    ]);
}

// R41: a caller who crashes has not left: the call rings on, up to its deadline.
#[test]
fn r41_the_caller_crashes() {
    let mut stage = Stage::ringing_with(caller_left(CallerLeft::CancelCalls));
    stage.go(Action::Kill { device: ANA });
    stage.pass(29_999);
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.pass(1);
    assert_eq!(stage.ended(1), Some(EndingKind::TimedOut));
    stage.end();
    stage.learned(PHONE, &[(1, Dismissal::TimedOut)]);
}

// R41: where that cancels, the leaving crosses a yes.
#[test]
fn r41_the_caller_leaves_and_it_is_cancelled() {
    let policy = caller_left(CallerLeft::CancelCalls);
    let mut stage = Stage::ringing_with(policy);
    stage.taps_yes(PHONE);
    stage.leaves(USER_ANA, STANDUP);
    stage.deliver(PHONE, What::Accept);
    stage.lost(PHONE, EndingKind::Cancelled, Some("ana"), Some("laptop"));
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    stage.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
    stage.joined(&[]);
    stage.outcome(Progress::Unknown);

    let mut stage = Stage::ringing_with(policy);
    stage.taps_yes(PHONE);
    stage.deliver(PHONE, What::Accept);
    stage.leaves(USER_ANA, STANDUP);
    assert_eq!(stage.ended(1), Some(EndingKind::Accepted));
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.joined(&[(PHONE, "standup")]);
}

// R41: where an empty room cancels, it rings on while anybody is there.
#[test]
fn r41_the_room_is_empty() {
    let mut stage = Stage::ringing_with(caller_left(CallerLeft::CancelIfRoomEmpty));
    stage.enters(DEE, STANDUP);
    stage.leaves(USER_ANA, STANDUP);
    stage.flush();
    stage.shows(PHONE, &[(1, At::Ringing)]);
    stage.leaves(USER_DEE, STANDUP);
    assert_eq!(stage.ended(1), Some(EndingKind::Cancelled));
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    stage.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
    stage.joined(&[]);
}

// R42: the caller loses the right to call during the ring. It rings on, and can be answered; only
// a new call is refused.
#[test]
fn r42_the_caller_loses_the_role() {
    let policy = Policy { may_call: MayCall::Admins, ..Policy::DEFAULT };
    let mut stage = Stage::ringing_with(policy);
    stage.go(Action::SetRole { user: USER_ANA, room: STANDUP, role: Role::Participant });
    assert_eq!(stage.notices(), 0);
    stage.taps_yes(PHONE);
    stage.flush();
    stage.outcome(Progress::Accepted);
    stage.calls(ANA, STANDUP, 30);
    stage.deliver(ANA, What::Call);
    assert!(matches!(stage.answer(ANA), Err(Refused { code: -2301, .. })));
    stage.end();
    stage.joined(&[(PHONE, "standup")]);
}

// R45: the callee says yes and never comes. Nothing keeps the user from being called again.
#[test]
fn r45_accepts_and_never_comes() {
    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    stage.deliver(PHONE, What::Accept);
    stage.deliver(PHONE, What::Answer);
    stage.lose(PHONE, What::Enter);
    stage.flush();
    stage.ring();
    stage.shows(PHONE, &[(2, At::Ringing)]);
    stage.shows(TABLET, &[(2, At::Ringing)]);
    assert_eq!((stage.ended(1), stage.ended(2)), (Some(EndingKind::Accepted), None));
}

// R46: the phone says yes and dies, and the tablet wants to take over. Its yes is told that the
// phone won; it simply goes into the room, and the call stays the phone's.
#[test]
fn r46_another_device_takes_over() {
    let mut stage = Stage::ringing();
    stage.taps_yes(PHONE);
    stage.taps_yes(TABLET);
    stage.deliver(PHONE, What::Accept);
    stage.go(Action::Kill { device: PHONE });
    stage.deliver(TABLET, What::Accept);
    stage.lost(TABLET, EndingKind::Accepted, Some("bo"), Some("phone"));
    stage.flush();
    stage.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    stage.joined(&[]);
    stage.enters(TABLET, STANDUP);
    stage.flush();
    assert_eq!(stage.ended(1), Some(EndingKind::Accepted));
    assert_eq!(stage.world.devices[TABLET].room.as_deref(), Some("standup"));
    stage.outcome(Progress::Accepted);
    // The phone, when it is there again, learns that its yes stood.
    stage.end();
    stage.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    stage.joined(&[(PHONE, "standup")]);
}
