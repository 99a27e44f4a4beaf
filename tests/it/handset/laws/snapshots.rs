//! What a snapshot makes good, and what it does not claim (D-16, D-17, D-21, D-23, D-24).

use roomcall::handset::{
    DeviceTick, Dismissal, Effect, Handset, Input, Link, Progress, Request, Settings, Stage, Tap,
};
use roomcall::protocol::{
    Answer, Ending, Event, LiveCall, MyCalls, MyEnding, NamedCall, Query, Refused, Reply, Withdrawn,
};
use roomcall::{CallRejectionReason, CallResult, CallStatus, EndingKind, Rule, Scope};

const ROOM: &str = "standup";
const NOTHING: MyCalls = MyCalls {
    incoming: Vec::new(),
    outgoing: Vec::new(),
    endings: Vec::new(),
    more: false,
    since: 0,
    last_attempt: 0,
    revision: 0,
    log: None,
};

fn reply(request_id: u64, answer: Result<Answer, Refused>) -> Input {
    Input::Reply(Reply::new(request_id, answer))
}

fn snapshot(request_id: u64, mine: MyCalls) -> Input {
    reply(request_id, Ok(Answer::GetMyCalls(mine)))
}

/// A device that is connected and ready; its next request is number 2.
fn ready(user: &str) -> Handset {
    let mut phone = Handset::new(user, "phone", Settings::DEFAULT);
    let _ = phone.apply(DeviceTick::START, Input::Link(Link::Up));
    let _ = phone.apply(DeviceTick::START, snapshot(1, NOTHING));
    phone
}

fn apply(phone: &mut Handset, input: Input) -> Vec<Effect> {
    phone.apply(phone.clock(), input)
}

fn live(caller: &str, callee: &str, attempt: u64) -> LiveCall {
    let (room, caller, callee) = (ROOM.to_owned(), caller.to_owned(), callee.to_owned());
    let (time_left, extension) = (None, String::new());
    LiveCall { room, caller, callee, attempt, time_left, extension, rung: true }
}

fn over(caller: &str, callee: &str, attempt: u64, how: EndingKind) -> MyEnding {
    let (room, caller, callee) = (ROOM.to_owned(), caller.to_owned(), callee.to_owned());
    let ended = Ending { how, attempt, user: None, device: None };
    let reason = (how == EndingKind::Rejected).then_some(CallRejectionReason::Rejected);
    MyEnding { room, caller, callee, ended, reason }
}

fn named(caller: &str, callee: &str, attempt: u64, status: CallStatus) -> NamedCall {
    let (room, caller, callee) = (ROOM.to_owned(), caller.to_owned(), callee.to_owned());
    NamedCall { room, caller, callee, status, attempt }
}

fn progress(callee: &str, attempt: u64, progress: Progress) -> Effect {
    Effect::Progress { room: ROOM.into(), callee: callee.into(), attempt: Some(attempt), progress }
}

fn rejected(reason: CallRejectionReason) -> Progress {
    Progress::Rejected { reason: Some(reason) }
}

/// The request for a snapshot.
fn asks(request_id: u64, since: u64) -> Effect {
    let request_id = Some(request_id);
    Effect::Send { request_id, request: Request::Query(Query::GetMyCalls { since }) }
}

/// Ana calls these users: attempts 1, 2 and so on. Her next request is number 3.
fn calling(users: &[&str]) -> Handset {
    let mut phone = ready("ana");
    let users: Vec<String> = users.iter().map(|user| (*user).to_owned()).collect();
    let (room, extension) = (ROOM.to_owned(), String::new());
    let tap = Tap::Call { room, users: users.clone(), timeout: 0, extension };
    let _ = apply(&mut phone, Input::Tap(tap));
    let results = users.iter().map(|user| (user.clone(), CallResult::Success)).collect();
    let answer = Ok(Answer::CallUserToRoom(results));
    let attempts = users.into_iter().zip(1..).collect();
    let reply = Reply { attempts, ..Reply::new(2, answer) };
    let effects = apply(&mut phone, Input::Reply(reply));
    assert!(effects.contains(&progress("bo", 1, Progress::Calling)), "{effects:?}");
    phone
}

/// Bo's phone rings by attempt 1. Its next request is number 2.
fn ringing() -> Handset {
    let mut phone = ready("bo");
    let call = named("ana", "bo", 1, CallStatus::Calling);
    let ring = Event::CallReceived { call, extension: String::new(), time_left: None };
    let _ = apply(&mut phone, Input::Notice(ring));
    assert!(phone.screen().eq([(1, Stage::Ringing)]));
    phone
}

#[test]
fn lost_outcomes_are_made_good() {
    let mut phone = calling(&["bo", "cy", "dee", "eve"]);
    assert_eq!(apply(&mut phone, Input::Link(Link::Down)), []);
    assert_eq!(apply(&mut phone, Input::InRoom(None)), []);
    assert_eq!(apply(&mut phone, Input::Link(Link::Up)), [asks(3, 0)]);
    let endings = vec![
        over("ana", "bo", 1, EndingKind::Accepted),
        over("ana", "cy", 2, EndingKind::Rejected),
        over("ana", "dee", 3, EndingKind::InOtherRoom),
    ];
    let mine = MyCalls { endings, last_attempt: 4, revision: 8, ..NOTHING };
    let effects = apply(&mut phone, snapshot(3, mine));
    let expected = [
        progress("bo", 1, Progress::Accepted),
        progress("cy", 2, rejected(CallRejectionReason::Rejected)),
        progress("dee", 3, rejected(CallRejectionReason::InOtherRoom)),
        // The switchboard does not remember that one.
        progress("eve", 4, Progress::Unknown),
    ];
    assert_eq!(effects, expected);
}

/// The room's list says that a call is over, and not how (D-21); leaving the room says nothing.
#[test]
fn the_list_makes_it_ask() {
    let mut phone = calling(&["bo"]);
    assert_eq!(apply(&mut phone, Input::InRoom(Some(ROOM.into()))), [asks(3, 0)]);
    let mine = || MyCalls { outgoing: vec![live("ana", "bo", 1)], last_attempt: 1, ..NOTHING };
    let _ = apply(&mut phone, snapshot(3, mine()));
    let event = |attempt, status| {
        Input::Notice(Event::PendingCallChanged(named("ana", "bo", attempt, status)))
    };
    let effects = apply(&mut phone, event(1, CallStatus::Calling));
    assert!(!effects.iter().any(|effect| *effect == asks(5, 0)), "{effects:?}");
    let effects = apply(&mut phone, event(1, CallStatus::Rejected));
    assert!(effects.contains(&asks(5, 0)), "{effects:?}");
    assert!(!effects.iter().any(|e| matches!(e, Effect::Progress { .. })), "{effects:?}");
    assert_eq!(apply(&mut phone, Input::InRoom(None)), []);
}

/// A cancel that came too late says that the call was rejected, and not for which reason.
#[test]
fn a_detail_is_asked_for() {
    let mut phone = calling(&["bo"]);
    let (room, users) = (ROOM.to_owned(), vec!["bo".to_owned()]);
    let _ = apply(&mut phone, Input::Tap(Tap::Cancel { room, users }));
    let result = ("bo".to_owned(), Withdrawn::Already(EndingKind::Rejected));
    let answer = Ok(Answer::CancelCall(vec![result]));
    let attempts = vec![("bo".to_owned(), 1)];
    let reply = Reply { attempts, ..Reply::new(3, answer) };
    let effects = apply(&mut phone, Input::Reply(reply));
    assert!(effects.contains(&asks(4, 0)), "{effects:?}");
    let endings = vec![over("ana", "bo", 1, EndingKind::Rejected)];
    let mine = MyCalls { endings, last_attempt: 1, revision: 2, ..NOTHING };
    let told = progress("bo", 1, rejected(CallRejectionReason::Rejected));
    assert_eq!(apply(&mut phone, snapshot(4, mine)), [told]);
    let _ = apply(&mut phone, Input::Link(Link::Down));
    assert_eq!(apply(&mut phone, Input::Link(Link::Up)), [asks(5, 1)], "it is not open any more");
}

/// E-05: it was cancelled on another device of the caller.
#[test]
fn a_cancel_elsewhere_is_told() {
    let mut phone = calling(&["bo"]);
    let notice = Event::CallCancelled(named("ana", "bo", 1, CallStatus::None));
    let effects = apply(&mut phone, Input::Notice(notice));
    assert_eq!(effects, [progress("bo", 1, Progress::Cancelled)]);
}

#[test]
fn pages_go_on_although_an_old_call_rings() {
    let mut phone = ringing();
    assert_eq!(apply(&mut phone, Input::Link(Link::Up)), [asks(2, 0)]);
    let incoming = || vec![live("ana", "bo", 1)];
    let endings = vec![over("cy", "bo", 3, EndingKind::TimedOut)];
    let first = MyCalls {
        incoming: incoming(),
        endings,
        more: true,
        last_attempt: 3,
        revision: 9,
        log: None,
        ..NOTHING
    };
    let effects = apply(&mut phone, snapshot(2, first));
    assert_eq!(effects.last(), Some(&asks(3, 3)));
    let last = MyCalls { incoming: incoming(), since: 3, last_attempt: 5, revision: 9, ..NOTHING };
    assert_eq!(apply(&mut phone, snapshot(3, last)), []);
    assert!(phone.screen().eq([(1, Stage::Ringing)]));
}

#[test]
fn a_call_that_ends_between_two_pages_is_not_gone() {
    let mut phone = ringing();
    let _ = apply(&mut phone, Input::Link(Link::Up));
    let incoming = vec![live("ana", "bo", 1)];
    let first = MyCalls { incoming, more: true, last_attempt: 3, revision: 9, ..NOTHING };
    let _ = apply(&mut phone, snapshot(2, first));
    let last = MyCalls { since: 3, last_attempt: 5, revision: 10, ..NOTHING };
    assert_eq!(apply(&mut phone, snapshot(3, last)), [asks(4, 0)]);
    let endings = vec![over("ana", "bo", 1, EndingKind::Cancelled)];
    let again = MyCalls { endings, last_attempt: 5, revision: 10, ..NOTHING };
    let dismiss = Effect::Dismiss { attempt: 1, why: Dismissal::Cancelled };
    assert_eq!(apply(&mut phone, snapshot(4, again)), [dismiss]);
}

/// Bo answers by this tap, which is request 2; the device comes into the room and leaves it before
/// the reply, and the call rings again.
fn given_up(tap: Tap) -> Handset {
    let mut phone = ringing();
    let _ = apply(&mut phone, Input::Tap(tap));
    let _ = apply(&mut phone, Input::InRoom(Some(ROOM.into())));
    let _ = apply(&mut phone, Input::InRoom(None));
    assert!(phone.screen().eq([(1, Stage::Ringing)]));
    phone
}

#[test]
fn a_late_refusal_stops_the_ring() {
    let mut phone = given_up(Tap::Reject { attempt: 1, reason: CallRejectionReason::Rejected });
    let device = Some("tablet".to_owned());
    let (how, user) = (EndingKind::Accepted, Some("bo".to_owned()));
    let ended = Some(Ending { how, attempt: 1, user, device: device.clone() });
    let refused = Refused { ended, ..Refused::new(Rule::E09, -2311, "no") };
    let dismiss = Effect::Dismiss { attempt: 1, why: Dismissal::AnsweredElsewhere { device } };
    assert_eq!(apply(&mut phone, reply(2, Err(refused))), [dismiss]);
}

#[test]
fn a_late_success_joins_nobody() {
    let mut phone = given_up(Tap::Accept { attempt: 1 });
    let effects = apply(&mut phone, reply(2, Ok(Answer::AcceptCall { attempt: 1 })));
    assert_eq!(effects, [Effect::Dismiss { attempt: 1, why: Dismissal::AnsweredHere }]);
}

#[test]
fn a_refusal_for_load_is_no_answer() {
    for (retry_after, due) in [(100, 2_000), (5_000, 5_000)] {
        let mut phone = ringing();
        let _ = apply(&mut phone, Input::Tap(Tap::Accept { attempt: 1 }));
        let refused = Refused::too_many_requests(retry_after);
        assert_eq!(apply(&mut phone, reply(2, Err(refused))), []);
        assert!(phone.screen().eq([(1, Stage::Accepting)]));
        assert_eq!(phone.next_deadline(), Some(DeviceTick::from_millis(due)));
        let effects = phone.apply(DeviceTick::from_millis(due), Input::Tick);
        assert!(matches!(&effects[..], [Effect::Send { request_id: Some(2), .. }]), "{effects:?}");
        let won = apply(&mut phone, reply(2, Ok(Answer::AcceptCall { attempt: 1 })));
        assert!(won.contains(&Effect::Join { room: ROOM.into() }), "{won:?}");
    }
}

/// The switchboard does not know yet that the device is in the room (D-23).
#[test]
fn a_list_of_the_own_calls_is_no_list() {
    let mut phone = ready("bo");
    let _ = apply(&mut phone, Input::InRoom(Some(ROOM.into())));
    let mine = MyCalls { last_attempt: 1, revision: 1, ..NOTHING };
    let effects = apply(&mut phone, snapshot(2, mine));
    let is_page = |effect: &Effect, number| match effect {
        Effect::Send { request_id, request: Request::Query(Query::GetPendingCalls { .. }) } => {
            *request_id == Some(number)
        }
        _ => false,
    };
    assert!(is_page(&effects[0], 3), "{effects:?}");
    let page = |scope| {
        Ok(Answer::GetPendingCalls { calls: Vec::new(), next_cursor: String::new(), scope })
    };
    assert_eq!(apply(&mut phone, reply(3, page(Some(Scope::Own)))), []);
    let due = DeviceTick::from_millis(2_000);
    assert_eq!(phone.next_deadline(), Some(due));
    let effects = phone.apply(due, Input::Tick);
    assert!(is_page(&effects[0], 4), "{effects:?}");
    assert_eq!(apply(&mut phone, reply(4, page(None))), []);
    assert_eq!(phone.next_deadline(), Some(DeviceTick::from_millis(60_000)), "the list is known");
}

/// D-29: a push whose age is wrong silences a call, or makes it ring too long; the snapshot that it requests knows better.
#[test]
fn a_push_is_checked_with_a_snapshot() {
    let mut phone = ready("bo");
    let call = named("ana", "bo", 1, CallStatus::Calling);
    let event = Event::CallReceived { call, extension: String::new(), time_left: Some(30_000) };
    let pushed = Input::Push { event: event.clone(), age: u64::MAX };
    let asks = asks(2, 0);
    let effects = apply(&mut phone, pushed);
    assert!(matches!(effects[0], Effect::Report { .. }), "{effects:?}");
    assert_eq!(effects[1..], [asks]);
    let incoming = vec![live("ana", "bo", 1)];
    let rings = MyCalls { incoming, last_attempt: 1, revision: 1, ..NOTHING };
    let effects = apply(&mut phone, snapshot(2, rings));
    assert!(matches!(effects[..], [Effect::Show { time_left: None, .. }]), "{effects:?}");
    // One is enough for several.
    let pushes = [0, 0].map(|age| Input::Push { event: event.clone(), age });
    let effects = phone.apply_all(phone.clock(), pushes);
    let sent = effects.iter().filter(|effect| matches!(effect, Effect::Send { .. }));
    assert_eq!(sent.count(), 1);
}
