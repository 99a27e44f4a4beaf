//! Stories of the call log (D-35, D-36), and of a refusal that never joins (D-12).

use roomcall::EndingKind;
use roomcall::handset::{Dismissal, Effect, Input, Link, Tap};
use roomcall::protocol::{
    Answer, CallLog, Ending, Event, LogEntry, LogState, LoggedCall, Query, Refused,
};
use roomcall::{CallStatus, Rule};

use super::{answer, apply, my_calls, named, queries, ready, snapshot};
use crate::model::handset::ModelHandset;

fn entry(number: u64, how: EndingKind) -> LogEntry {
    let ended = Ending { how, attempt: number, user: None, device: None };
    let (room, caller) = ("stage".into(), "bob".into());
    LogEntry { number, room, caller, age: 0, what: LoggedCall::Ended(ended) }
}

fn log(since: u64, entries: Vec<LogEntry>, more: bool, seen: u64) -> Result<Answer, Refused> {
    let last_logged = entries.last().map_or(since, |entry| entry.number);
    Ok(Answer::GetCallLog(CallLog { entries, more, since, last_logged, seen, revision: 0 }))
}

fn reads(effects: &[Effect]) -> Vec<(u64, u64)> {
    let query = |(request_id, query)| match query {
        Query::GetCallLog { since, .. } => Some((request_id, since)),
        _ => None,
    };
    queries(effects).into_iter().filter_map(query).collect()
}

fn told(effects: &[Effect]) -> Vec<(u64, bool)> {
    let told = effects.iter().filter_map(|effect| match effect {
        Effect::Logged { entry, is_news } => Some((entry.number, *is_news)),
        _ => None,
    });
    told.collect()
}

fn missed(attempt: u64) -> Input {
    Input::Notice(Event::CallTimeout(named("bob", "ann", attempt, CallStatus::Timeout)))
}

/// A handset whose first snapshot with a log had this as its newest entry; its next request is number 3.
fn logged(last_logged: u64) -> ModelHandset {
    let mut ann = ready();
    let calls = snapshot(0, 0);
    let calls = roomcall::protocol::MyCalls {
        log: Some(LogState { last_logged, seen: 0 }),
        revision: 1,
        ..calls
    };
    apply(&mut ann, 0, Input::Link(Link::Up));
    let effects = apply(&mut ann, 0, my_calls(2, calls));
    let wanted = if last_logged > 0 { vec![(3, 0)] } else { vec![] };
    assert_eq!(reads(&effects), wanted);
    ann
}

#[test]
fn what_was_before_is_history() {
    let mut ann = logged(4);
    let entries = vec![entry(2, EndingKind::TimedOut), entry(4, EndingKind::Accepted)];
    let effects = apply(&mut ann, 0, answer(3, log(0, entries, false, 0)));
    assert_eq!(told(&effects), [(2, false), (4, false)]);
    assert_eq!(reads(&apply(&mut ann, 0, missed(9))), [(4, 4)]);
    // What is lacking meanwhile is read after it.
    assert_eq!(apply(&mut ann, 0, missed(10)), []);
    let entries = vec![entry(4, EndingKind::Accepted), entry(9, EndingKind::TimedOut)];
    let effects = apply(&mut ann, 0, answer(4, log(4, entries, false, 0)));
    assert_eq!(told(&effects), [(9, true)]);
    assert_eq!(reads(&effects), [(5, 9)]);
}

#[test]
fn without_a_log_nothing_lacks() {
    let mut ann = ready();
    assert_eq!(apply(&mut ann, 0, missed(9)), []);
}

#[test]
fn more_is_read_at_once_and_a_refusal_ends_it() {
    let mut ann = logged(4);
    let effects =
        apply(&mut ann, 0, answer(3, log(0, vec![entry(2, EndingKind::TimedOut)], true, 0)));
    assert_eq!(reads(&effects), [(4, 2)]);
    let refused = Refused::new(Rule::Q05, -1001, "no");
    assert_eq!(apply(&mut ann, 0, answer(4, Err(refused))), []);
    assert_eq!(
        apply(&mut ann, 0, answer(4, log(2, vec![entry(4, EndingKind::TimedOut)], false, 0))),
        []
    );
}

#[test]
fn what_is_lacking_is_asked_for_when_the_link_is_up() {
    let mut ann = logged(0);
    apply(&mut ann, 0, Input::Link(Link::Down));
    assert_eq!(apply(&mut ann, 0, missed(9)), []);
    let mut anew = ann.clone().restart(Some(0));
    assert_eq!(reads(&apply(&mut ann, 0, Input::Link(Link::Up))).len(), 1);
    assert_eq!(reads(&apply(&mut anew, 0, Input::Link(Link::Up))), [], "it is forgotten");
}

#[test]
fn a_mark_only_rises() {
    let mut ann = logged(0);
    let seen = |up_to| Input::Notice(Event::CallsSeen { up_to });
    assert_eq!(apply(&mut ann, 0, seen(5)), [Effect::Seen { up_to: 5 }]);
    assert_eq!(apply(&mut ann, 0, seen(4)), []);
    assert_eq!(apply(&mut ann, 0, Input::Tap(Tap::MarkSeen { up_to: 5 })), []);
    let sent = apply(&mut ann, 0, Input::Tap(Tap::MarkSeen { up_to: 6 }));
    assert!(matches!(sent[..], [Effect::Send { request_id: Some(3), .. }]), "{sent:?}");
    let marked = Ok(Answer::MarkCallsSeen { seen: 6 });
    let effects = apply(&mut ann, 0, answer(3, marked.clone()));
    let answered = Effect::Answered { request_id: 3, answer: marked };
    assert_eq!(effects, [Effect::Seen { up_to: 6 }, answered]);
    // Nothing that was seen is news.
    assert_eq!(reads(&apply(&mut ann, 0, missed(6))), [(4, 0)]);
    let entries = vec![entry(6, EndingKind::TimedOut), entry(8, EndingKind::TimedOut)];
    let effects = apply(&mut ann, 0, answer(4, log(0, entries, false, 7)));
    assert_eq!(told(&effects), [(6, false), (8, true)]);
}

/// D-12: its room is not there any more.
#[test]
fn a_refusal_without_a_room_joins_nobody() {
    for (code, joins) in [(-2311, true), (100_004, false)] {
        let mut ann = ready();
        let call = named("bob", "ann", 4, CallStatus::Calling);
        let ring = Event::CallReceived { call, extension: String::new(), time_left: None };
        apply(&mut ann, 0, Input::Notice(ring));
        apply(&mut ann, 0, Input::Tap(Tap::Accept { attempt: 4 }));
        let how = EndingKind::Accepted;
        let ended =
            Ending { how, attempt: 4, user: Some("ann".into()), device: Some("phone".into()) };
        let refused = Refused { ended: Some(ended), ..Refused::new(Rule::R02, code, "no") };
        let effects = apply(&mut ann, 0, answer(2, Err(refused)));
        let dismiss = Effect::Dismiss { attempt: 4, why: Dismissal::AnsweredHere };
        assert_eq!(effects[0], dismiss);
        assert_eq!(effects.contains(&Effect::Join { room: "stage".into() }), joins);
    }
}
