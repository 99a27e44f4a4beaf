//! Section 2.4: rooms, and who may do what.

use roomcall::handset::{Dismissal, Progress, Settings, Stage as At};
use roomcall::protocol::{Answer, Refused, Withdrawn};
use roomcall::{CallerLeft, EndingKind, MayCall, Policy, Role};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::scripted::{
    ANA, DEE, PHONE, STANDUP, Script, TABLET, USER_ANA, USER_BO, USER_DEE, answered_on, both_ways,
};

fn caller_left(caller_left: CallerLeft) -> Policy {
    Policy { caller_left, ..Policy::DEFAULT }
}

// R31: the callee comes into the room by a link while it rings. That is an answer: everything
// stops, and the caller hears accepted.
#[test]
fn r31_joins_by_link_while_ringing() {
    let mut script = Script::ringing();
    script.enters(TABLET, STANDUP);
    assert_eq!(script.ended(1), Some(EndingKind::Entered));
    script.end();
    script.dismissed(TABLET, &[(1, Dismissal::AnsweredHere)]);
    script.dismissed(PHONE, &[(1, answered_on(TABLET))]);
    script.joined(&[]);
    script.outcome(Progress::Accepted);
}

// R31: coming by a link on one device crosses a yes, or a no, on the other.
#[test]
fn r31_a_link_crosses_an_answer() {
    both_ways(Kind::Accept, Kind::Reject, |what, _| {
        let mut script = Script::ringing();
        if what == Kind::Accept {
            script.taps_yes(PHONE);
        } else {
            script.taps_no(PHONE);
        }
        script.enters(TABLET, STANDUP);
        script.deliver(PHONE, what);
        script.lost(PHONE, EndingKind::Entered, Some("bo"), Some("tablet"));
        script.end();
        script.dismissed(PHONE, &[(1, answered_on(TABLET))]);
        script.dismissed(TABLET, &[(1, Dismissal::AnsweredHere)]);
        script.joined(&[]);
        script.outcome(Progress::Accepted);
    });
    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    script.enters(TABLET, STANDUP);
    assert_eq!(script.ended(1), Some(EndingKind::Accepted));
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.dismissed(TABLET, &[(1, Dismissal::AnsweredHere)]);
    script.joined(&[(PHONE, "standup")]);
    script.outcome(Progress::Accepted);
}

// R32: the callee comes in at the moment of the call. Before it there is no ring; after it the
// ring stops.
#[test]
fn r32_comes_in_when_called() {
    let mut script = Script::new();
    script.calls(ANA, STANDUP, 30);
    script.enters(TABLET, STANDUP);
    script.deliver(ANA, Kind::Call);
    assert_eq!(script.count(PHONE, Kind::Ring) + script.count(TABLET, Kind::Ring), 0);
    script.end();
    script.shown(PHONE, &[]);
    script.progressed(&[(0, Progress::Asking), (0, Progress::AlreadyInRoom)]);

    let mut script = Script::new();
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.enters(TABLET, STANDUP);
    script.end();
    script.shown(TABLET, &[]);
    script.shown(PHONE, &[(1, 30_000)]);
    script.dismissed(PHONE, &[(1, answered_on(TABLET))]);
    script.outcome(Progress::Accepted);
}

// R40: an admin revokes while the callee says yes. The first to arrive wins; a yes that comes
// second is told by whom, a revoke that comes second that it was accepted.
#[test]
fn r40_revoke_crosses_accept() {
    let crossing = || {
        let mut script = Script::ringing();
        script.go(Action::SetRole { user: USER_DEE, room: STANDUP, role: Role::Admin });
        script.taps_yes(PHONE);
        script.revokes(DEE);
        script
    };
    let answer = |result| Ok(Answer::RevokeCall(vec![("bo".into(), result)]));
    let mut script = crossing();
    script.deliver(PHONE, Kind::Accept);
    script.deliver(DEE, Kind::Revoke);
    assert_eq!(script.answer(DEE), answer(Withdrawn::Already(EndingKind::Accepted)));
    assert_eq!(script.count(PHONE, Kind::Revoked), 0);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.joined(&[(PHONE, "standup")]);
    script.outcome(Progress::Accepted);

    both_ways(Kind::Revoked, Kind::Answer, |first, second| {
        let mut script = crossing();
        script.deliver(DEE, Kind::Revoke);
        script.deliver(PHONE, Kind::Accept);
        assert_eq!(script.answer(DEE), answer(Withdrawn::Revoked));
        script.lost(PHONE, EndingKind::Revoked, Some("dee"), None);
        script.deliver(PHONE, first);
        script.deliver(PHONE, second);
        script.end();
        let operator = Some("dee".to_owned());
        let revoked = Dismissal::Revoked { operator: operator.clone() };
        script.dismissed(PHONE, &[(1, revoked.clone())]);
        script.dismissed(TABLET, &[(1, revoked)]);
        script.joined(&[]);
        script.outcome(Progress::Revoked { operator });
    });
}

// R40: the same by the backend, which is nobody.
#[test]
fn r40_the_backend_revokes() {
    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    script.go(Action::BackendRevoke { room: STANDUP, users: vec![USER_BO] });
    script.deliver(PHONE, Kind::Accept);
    script.lost(PHONE, EndingKind::Revoked, None, None);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::Revoked { operator: None })]);
    script.dismissed(TABLET, &[(1, Dismissal::Revoked { operator: None })]);
    script.joined(&[]);
    script.outcome(Progress::Revoked { operator: None });
}

// R41: the caller leaves during the ring. By default it rings on and can be answered; the caller,
// outside, hears the outcome alone.
#[test]
fn r41_the_caller_leaves_and_it_rings_on() {
    let mut script = Script::ringing();
    script.leaves(USER_ANA, STANDUP);
    script.flush();
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.taps_yes(PHONE);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.joined(&[(PHONE, "standup")]);
    script.progressed(&[
        (0, Progress::Asking),
        (1, Progress::Calling),
        (1, Progress::Ringing),
        (1, Progress::Accepted),
    ]);
}

// R41: a caller who crashes has not left: the call rings on, up to its deadline.
#[test]
fn r41_the_caller_crashes() {
    let mut script = Script::ringing_with(caller_left(CallerLeft::CancelCalls));
    script.go(Action::Kill { device: ANA });
    script.pass(29_999);
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.pass(1);
    assert_eq!(script.ended(1), Some(EndingKind::TimedOut));
    script.end();
    script.learned(PHONE, &[(1, Dismissal::TimedOut)]);
}

// R41: where that cancels, the leaving crosses a yes.
#[test]
fn r41_the_caller_leaves_and_it_is_cancelled() {
    let policy = caller_left(CallerLeft::CancelCalls);
    let mut script = Script::ringing_with(policy);
    script.taps_yes(PHONE);
    script.leaves(USER_ANA, STANDUP);
    script.deliver(PHONE, Kind::Accept);
    script.lost(PHONE, EndingKind::Cancelled, Some("ana"), None);
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    script.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
    script.joined(&[]);
    script.outcome(Progress::Cancelled);

    let mut script = Script::ringing_with(policy);
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    script.leaves(USER_ANA, STANDUP);
    assert_eq!(script.ended(1), Some(EndingKind::Accepted));
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.joined(&[(PHONE, "standup")]);
}

// R41: where an empty room cancels, it rings on while anybody is there.
#[test]
fn r41_the_room_is_empty() {
    let mut script = Script::ringing_with(caller_left(CallerLeft::CancelIfRoomEmpty));
    script.enters(DEE, STANDUP);
    script.leaves(USER_ANA, STANDUP);
    script.flush();
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.leaves(USER_DEE, STANDUP);
    assert_eq!(script.ended(1), Some(EndingKind::Cancelled));
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    script.dismissed(TABLET, &[(1, Dismissal::Cancelled)]);
    script.joined(&[]);
}

// R42: the caller loses the right to call during the ring. It rings on, and can be answered; only
// a new call is refused.
#[test]
fn r42_the_caller_loses_the_role() {
    let policy = Policy { may_call: MayCall::Admins, ..Policy::DEFAULT };
    let mut script = Script::ringing_with(policy);
    script.go(Action::SetRole { user: USER_ANA, room: STANDUP, role: Role::Participant });
    assert_eq!(script.notices(), 0);
    script.taps_yes(PHONE);
    script.flush();
    script.outcome(Progress::Accepted);
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    assert!(matches!(script.answer(ANA), Err(Refused { code: -2301, .. })));
    script.end();
    script.joined(&[(PHONE, "standup")]);
}

// R45: the callee says yes and never comes. Nothing keeps the user from being called again.
#[test]
fn r45_accepts_and_never_comes() {
    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    script.deliver(PHONE, Kind::Accept);
    script.deliver(PHONE, Kind::Answer);
    script.lose(PHONE, Kind::Enter);
    script.flush();
    script.ring();
    // It is called again at once, and rings when nobody expects it in the room any more (D-32).
    script.shows(PHONE, &[(2, At::Waiting)]);
    script.shows(TABLET, &[(2, At::Waiting)]);
    script.flow(Settings::DEFAULT.settle);
    script.shows(TABLET, &[(2, At::Ringing)]);
    script.flow(Settings::DEFAULT.join_quiet - Settings::DEFAULT.settle);
    script.shows(PHONE, &[(2, At::Ringing)]);
    assert_eq!((script.ended(1), script.ended(2)), (Some(EndingKind::Accepted), None));
}

// R46: the phone says yes and dies, and the tablet wants to take over. Its yes is told that the
// phone won; it simply goes into the room, and the call stays the phone's.
#[test]
fn r46_another_device_takes_over() {
    let mut script = Script::ringing();
    script.taps_yes(PHONE);
    script.taps_yes(TABLET);
    script.deliver(PHONE, Kind::Accept);
    script.go(Action::Kill { device: PHONE });
    script.deliver(TABLET, Kind::Accept);
    script.lost(TABLET, EndingKind::Accepted, Some("bo"), Some("phone"));
    script.flush();
    script.dismissed(TABLET, &[(1, answered_on(PHONE))]);
    script.joined(&[]);
    script.enters(TABLET, STANDUP);
    script.flush();
    assert_eq!(script.ended(1), Some(EndingKind::Accepted));
    assert_eq!(script.world.devices[TABLET].room.as_deref(), Some("standup"));
    script.outcome(Progress::Accepted);
    // The phone, when it is there again, learns that its yes stood.
    script.end();
    script.dismissed(PHONE, &[(1, Dismissal::AnsweredHere)]);
    script.joined(&[(PHONE, "standup")]);
}
