//! Small stories of what this model makes of the rules that are easily read in two ways.

use roomcall::handset::{
    DeviceTick, Dismissal, Effect, Input, Link, NotSentReason, Progress, ReportReason, Request,
    Settings, Stage, Tap,
};
use roomcall::protocol::{
    Answer, Ending, Event, LiveCall, MyCalls, MyEnding, NamedCall, Query, Refused, Reply, Scope,
    Withdrawn,
};
use roomcall::{CallRejectionReason, CallResult, CallStatus, EndingKind};

use super::ModelHandset;

mod log;
mod numbers;
mod quiet;
mod said;
mod time;

const SETTINGS: Settings = Settings { refresh: None, ..Settings::DEFAULT };

fn snapshot(since: u64, last_attempt: u64) -> MyCalls {
    MyCalls {
        incoming: Vec::new(),
        outgoing: Vec::new(),
        endings: Vec::new(),
        more: false,
        since,
        last_attempt,
        revision: 2 * last_attempt,
        log: None,
    }
}

fn answer(request_id: u64, answer: Result<Answer, Refused>) -> Input {
    Input::Reply(Reply::new(request_id, answer))
}

fn my_calls(request_id: u64, calls: MyCalls) -> Input {
    answer(request_id, Ok(Answer::GetMyCalls(calls)))
}

fn named(caller: &str, callee: &str, attempt: u64, status: CallStatus) -> NamedCall {
    let (room, caller, callee) = ("stage".into(), caller.into(), callee.into());
    NamedCall { room, caller, callee, status, attempt }
}

fn rejected(caller: &str, callee: &str, attempt: u64) -> MyEnding {
    MyEnding {
        room: "stage".into(),
        caller: caller.into(),
        callee: callee.into(),
        ended: Ending {
            how: EndingKind::Rejected,
            attempt,
            user: Some(callee.into()),
            device: None,
        },
        reason: Some(CallRejectionReason::InOtherRoom),
    }
}

/// A ready handset of ann's, whose request for a snapshot had number 1.
fn ready() -> ModelHandset {
    let mut ann = ModelHandset::new("ann", "phone", SETTINGS);
    apply(&mut ann, 0, Input::Link(Link::Up));
    apply(&mut ann, 0, my_calls(1, snapshot(0, 0)));
    ann
}

/// One whose call to bob, request 2, is attempt 3.
fn calling() -> ModelHandset {
    let mut ann = ready();
    apply(&mut ann, 0, call());
    let results = vec![("bob".into(), CallResult::Success)];
    apply(
        &mut ann,
        0,
        Input::Reply(Reply {
            attempts: vec![("bob".into(), 3)],
            ..Reply::new(2, Ok(Answer::CallUserToRoom(results)))
        }),
    );
    assert_eq!(ann.live(), [3]);
    ann
}

fn call() -> Input {
    let (room, users, extension) = ("stage".into(), vec!["bob".into()], String::new());
    Input::Tap(Tap::Call { room, users, timeout: 30, extension })
}

fn apply(handset: &mut ModelHandset, at: u64, input: Input) -> Vec<Effect> {
    handset.apply(DeviceTick::from_millis(at), input)
}

fn progress(effects: &[Effect]) -> Vec<Progress> {
    let progress = effects.iter().filter_map(|effect| match effect {
        Effect::Progress { progress, .. } => Some(progress.clone()),
        _ => None,
    });
    progress.collect()
}

fn queries(effects: &[Effect]) -> Vec<(u64, Query)> {
    let queries = effects.iter().filter_map(|effect| match effect {
        Effect::Send { request_id: Some(request_id), request: Request::Query(query) } => {
            Some((*request_id, query.clone()))
        }
        _ => None,
    });
    queries.collect()
}

/// L-15, D-17
#[test]
fn a_busy_host_is_asked_again_no_sooner() {
    for (retry_after, again) in [(5_000, 5_010), (1, 2_010)] {
        let mut ann = ready();
        apply(&mut ann, 0, call());
        apply(&mut ann, 10, answer(2, Err(Refused::too_many_requests(retry_after))));
        assert_eq!(ann.next_deadline(), Some(DeviceTick::from_millis(again)));
        assert_eq!(apply(&mut ann, again - 1, Input::Tick), []);
        let sent = apply(&mut ann, again, Input::Tick);
        assert!(matches!(sent[..], [Effect::Send { request_id: Some(2), .. }]), "{sent:?}");
        // From then on as before.
        assert_eq!(ann.next_deadline(), Some(DeviceTick::from_millis(again + 2_000)));
    }
}

/// D-21, D-24
#[test]
fn a_snapshot_says_what_became_of_a_call() {
    let with = |endings| MyCalls { endings, ..snapshot(2, 3) };
    let reason = Some(CallRejectionReason::InOtherRoom);
    for (calls, said) in [
        (with(vec![rejected("ann", "bob", 3)]), vec![Progress::Rejected { reason }]),
        (with(Vec::new()), vec![Progress::Unknown]),
        // It is silent on what is not above its `since`, and on what is above its `lastAttempt`.
        (snapshot(3, 4), vec![]),
        (snapshot(0, 2), vec![]),
    ] {
        let mut ann = calling();
        apply(&mut ann, 0, Input::Link(Link::Up));
        let effects = apply(&mut ann, 0, my_calls(3, calls.clone()));
        assert_eq!(progress(&effects), said, "{calls:?}");
        // D-24: what is not above its `since` is asked for.
        let more =
            if calls.since == 3 { vec![(4, Query::GetMyCalls { since: 2 })] } else { vec![] };
        assert_eq!(queries(&effects), more, "{calls:?}");
    }
}

/// D-21: a call of which nothing was heard here is no news, whether it rings or has ended.
#[test]
fn strange_calls_make_no_progress() {
    let mut ann = ready();
    apply(&mut ann, 0, Input::Link(Link::Up));
    let rings = LiveCall {
        room: "stage".into(),
        caller: "ann".into(),
        callee: "dan".into(),
        attempt: 4,
        time_left: None,
        extension: String::new(),
        rung: true,
    };
    let endings = vec![rejected("ann", "bob", 3)];
    let calls = MyCalls { endings, outgoing: vec![rings], ..snapshot(0, 4) };
    let effects = apply(&mut ann, 0, my_calls(2, calls));
    assert_eq!(progress(&effects), []);
    assert!(ann.live().is_empty());
}

/// D-16, D-21
#[test]
fn a_detail_that_lacks_is_asked_for() {
    let mut ann = calling();
    let users = vec!["bob".to_owned()];
    apply(&mut ann, 0, Input::Tap(Tap::Cancel { room: "stage".into(), users }));
    let results = vec![("bob".into(), Withdrawn::Already(EndingKind::Rejected))];
    let reply = Reply {
        attempts: vec![("bob".into(), 3)],
        ..Reply::new(3, Ok(Answer::CancelCall(results)))
    };
    let effects = apply(&mut ann, 0, Input::Reply(reply));
    assert_eq!(progress(&effects), [Progress::Rejected { reason: None }]);
    assert_eq!(queries(&effects), [(4, Query::GetMyCalls { since: 0 })]);
    let calls = MyCalls { endings: vec![rejected("ann", "bob", 3)], ..snapshot(2, 3) };
    let effects = apply(&mut ann, 0, my_calls(4, calls));
    let reason = Some(CallRejectionReason::InOtherRoom);
    assert_eq!(progress(&effects), [Progress::Rejected { reason }]);
    // It is not open any more.
    let effects = apply(&mut ann, 0, Input::Link(Link::Up));
    assert_eq!(queries(&effects), [(5, Query::GetMyCalls { since: 3 })]);
}

/// D-16, D-21: the list says that it rings no more, and not what became of it.
#[test]
fn a_list_event_makes_it_ask() {
    for event in [
        Event::PendingCallRemoved(named("ann", "bob", 3, CallStatus::None)),
        Event::PendingCallChanged(named("ann", "bob", 3, CallStatus::Rejected)),
        Event::PendingCallChanged(named("eve", "bob", 5, CallStatus::Calling)),
    ] {
        let mut ann = calling();
        apply(&mut ann, 0, Input::InRoom(Some("stage".into())));
        // Its coming into the room made it ask.
        let calls = MyCalls { revision: 9, ..snapshot(3, 3) };
        let effects = apply(&mut ann, 0, my_calls(3, calls));
        assert_eq!(queries(&effects)[0], (4, Query::GetMyCalls { since: 2 }));
        let list = Event::PendingCallChanged(named("ann", "bob", 3, CallStatus::Calling));
        apply(&mut ann, 0, answer(4, Err(Refused::new(roomcall::Rule::L01, -1001, ""))));
        assert_eq!(queries(&apply(&mut ann, 0, Input::Notice(list))), []);
        let effects = apply(&mut ann, 0, Input::Notice(event));
        assert_eq!(progress(&effects), []);
        assert_eq!(queries(&effects), [(6, Query::GetMyCalls { since: 2 })]);
    }
}

/// D-16
#[test]
fn more_is_asked_for_from_where_it_ended() {
    let mut ann = ready();
    apply(&mut ann, 0, Input::Link(Link::Up));
    let effects = apply(&mut ann, 0, my_calls(2, MyCalls { more: true, ..snapshot(0, 7) }));
    assert_eq!(queries(&effects), [(3, Query::GetMyCalls { since: 7 })]);
}

/// D-23
#[test]
fn a_page_with_a_scope_ends_the_walk_for_a_while() {
    let mut ann = ready();
    apply(&mut ann, 0, Input::InRoom(Some("stage".into())));
    let effects = apply(&mut ann, 0, my_calls(2, snapshot(0, 0)));
    assert!(matches!(queries(&effects)[..], [(3, Query::GetPendingCalls { .. })]));
    let (calls, next_cursor) = (Vec::new(), String::new());
    let page = Answer::GetPendingCalls { calls, next_cursor, scope: Some(Scope::Own) };
    assert_eq!(apply(&mut ann, 10, answer(3, Ok(page))), []);
    assert_eq!(apply(&mut ann, 2_009, Input::Tick), []);
    let effects = apply(&mut ann, 2_010, Input::Tick);
    assert!(matches!(queries(&effects)[..], [(4, Query::GetPendingCalls { .. })]));
    // Not in another room.
    apply(&mut ann, 2_010, answer(4, Err(Refused::new(roomcall::Rule::P05, -2101, ""))));
    apply(&mut ann, 2_010, Input::InRoom(None));
    apply(&mut ann, 2_010, my_calls(5, snapshot(0, 0)));
    assert_eq!(ann.next_deadline(), None);
}

/// D-17: what was answered meanwhile is dismissed by a late success, and nobody joins.
#[test]
fn a_late_reply_ends_a_call_and_joins_nobody() {
    let mut ann = ready();
    let call = named("eve", "ann", 4, CallStatus::Calling);
    let ring = Event::CallReceived { call, extension: String::new(), time_left: None };
    apply(&mut ann, 0, Input::Notice(ring));
    let effects = apply(&mut ann, 0, answer(90, Ok(Answer::AcceptCall { attempt: 4 })));
    assert_eq!(effects, [Effect::Dismiss { attempt: 4, why: Dismissal::AnsweredHere }]);
}

/// E-05, D-01: cancelled on another device of the caller.
#[test]
fn the_caller_hears_of_its_own_cancel() {
    let mut ann = calling();
    let event = Event::CallCancelled(named("ann", "bob", 3, CallStatus::None));
    let effects = apply(&mut ann, 0, Input::Notice(event));
    assert_eq!(progress(&effects), [Progress::Cancelled]);
}

/// D-24: an answer of another kind is no snapshot, and ends the request.
#[test]
fn incoming_calls_are_no_snapshot() {
    let mut ann = ModelHandset::new("ann", "phone", SETTINGS);
    apply(&mut ann, 0, Input::Link(Link::Up));
    let incoming = Answer::GetIncomingCalls { calls: Vec::new(), revision: 0, endings: None };
    assert_eq!(apply(&mut ann, 0, answer(1, Ok(incoming))), []);
    assert!(ann.waits_for().is_empty());
}

fn push(callee: &str, attempt: u64, age: u64) -> Input {
    let call = named("eve", callee, attempt, CallStatus::Calling);
    let (extension, time_left) = (String::new(), Some(30_000));
    Input::Push { event: Event::CallReceived { call, extension, time_left }, age }
}

/// What pushes come to: what is shown, with the time left, and what is reported.
type Answers = (Vec<(u64, Option<u64>)>, Vec<(u64, ReportReason)>);

fn answers(effects: &[Effect]) -> Answers {
    let (mut shows, mut reports) = (Vec::new(), Vec::new());
    for effect in effects {
        match effect {
            Effect::Show { call, time_left, .. } => shows.push((call.attempt, *time_left)),
            Effect::Report { call, why } => reports.push((call.attempt, why.clone())),
            _ => {}
        }
    }
    (shows, reports)
}

/// D-29: before any snapshot the first push shows the call, and a second one is told that.
#[test]
fn a_push_shows_a_call() {
    let mut ann = ModelHandset::new("ann", "phone", SETTINGS);
    let Input::Push { event, .. } = push("ann", 4, 0) else { unreachable!() };
    assert_eq!(apply(&mut ann, 0, Input::Notice(event)), []);
    let pushes = [push("ann", 4, 10_000), push("ann", 4, 0), push("bob", 5, 0)];
    let effects = ann.apply_all(DeviceTick::START, pushes);
    let reports = vec![(4, ReportReason::Shown), (5, ReportReason::NotThisUser)];
    assert_eq!(answers(&effects), (vec![(4, Some(20_000))], reports));
    assert_eq!(ann.screen()[&4], Stage::Ringing);
}

/// D-29
#[test]
fn a_push_that_shows_nothing_says_why() {
    let over = Input::Notice(Event::CallTimeout(named("eve", "ann", 4, CallStatus::Timeout)));
    let ended = ReportReason::Over { ending: Dismissal::TimedOut };
    for (calls, inputs, why) in [
        (0, vec![push("ann", 4, 0)], ReportReason::TooMany),
        (1, vec![push("ann", 4, 29_001)], ReportReason::Silenced),
        (1, vec![push("ann", 4, u64::MAX)], ReportReason::Silenced),
        // After the step, in whichever order it came.
        (1, vec![push("ann", 4, 0), over.clone()], ended.clone()),
        (1, vec![over.clone(), push("ann", 4, 0)], ended),
        (1, vec![push("ann", 4, 0), Input::InRoom(Some("stage".into()))], ReportReason::InRoom),
    ] {
        let mut ann = ModelHandset::new("ann", "phone", Settings { calls, ..SETTINGS });
        let effects = ann.apply_all(DeviceTick::START, inputs.clone());
        assert_eq!(answers(&effects), (vec![], vec![(4, why)]), "{inputs:?}");
    }
    let mut ann = ModelHandset::new("ann", "phone", SETTINGS);
    apply(&mut ann, 0, Input::Link(Link::Up));
    let settled = [push("ann", 4, 0), my_calls(1, snapshot(0, 4))];
    let effects = ann.apply_all(DeviceTick::START, settled);
    assert_eq!(answers(&effects), (vec![], vec![(4, ReportReason::Passed)]));
}

/// D-09, D-25: what a push named counts until the next restart.
#[test]
fn a_restart_forgets_what_pushes_named() {
    let mut ann = ModelHandset::new("ann", "phone", SETTINGS);
    apply(&mut ann, 0, Input::InRoom(Some("stage".into())));
    apply(&mut ann, 0, push("ann", 4, 0));
    let mut left = ann.clone();
    assert_eq!(answers(&apply(&mut left, 0, Input::InRoom(None))).0, [(4, Some(30_000))]);
    let mut ann = ann.restart(Some(10_000));
    assert_eq!(apply(&mut ann, 0, Input::Tick), []);
    assert_eq!(answers(&apply(&mut ann, 0, push("ann", 4, 0))).0, [(4, Some(20_000))]);
}
