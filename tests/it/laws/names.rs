//! Laws about names and rooms.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::subsequence;
use roomcall::protocol::{
    Actor, Command, Effect, Fact, Input as NamedInput, LimitsChange, Outcome, Query, Record,
};
use roomcall::switchboard::{LivePage, Switchboard};
use roomcall::{
    ActiveCalls, Actor as ById, Answer, Command as Ask, Fact as FactById, InOtherRoom, Input,
    Limits, NameError, Policy, Refusal, Rule, Tick, Timeout, Which,
};

use roomcall_testkit::play::{board, list, opening_mut, play};
use roomcall_testkit::strategies::journal::{
    DEVICES, Journal, ROOMS, USERS, journal, roomy_journal, settings,
};

/// Every name in a text of the wire form that is ours, replaced.
fn renamed(text: &str, names: &BTreeMap<&str, &str>) -> String {
    let mut parts: Vec<String> = text.split('"').map(str::to_owned).collect();
    // Every second part is the inside of a string; keys and words are none of our names.
    for part in parts.iter_mut().skip(1).step_by(2) {
        if let Some(new) = names.get(part.as_str()) {
            *part = (*new).to_owned();
        }
    }
    parts.join("\"")
}

pub(super) fn renamed_line(line: &Record, names: &BTreeMap<&str, &str>) -> Record {
    serde_json::from_str(&renamed(&serde_json::to_string(line).unwrap(), names)).unwrap()
}

fn said(turn: Outcome) -> Vec<String> {
    turn.outputs().map(|output| serde_json::to_string(&output).unwrap()).collect()
}

/// Where a name goes: another one of the same kind, or one never seen.
fn renaming() -> impl Strategy<Value = BTreeMap<&'static str, &'static str>> {
    let users = Just(vec!["dee", "ana", "bo", "cy", "eve", "fay"]).prop_shuffle();
    let rooms = Just(vec!["lounge", "standup", "annex"]).prop_shuffle();
    let devices = Just(vec!["tablet", "phone", "watch"]).prop_shuffle();
    (users, rooms, devices).prop_map(|(users, rooms, devices)| {
        let pairs = USERS.into_iter().zip(users).chain(ROOMS.into_iter().zip(rooms));
        pairs.chain(DEVICES.into_iter().zip(devices)).collect()
    })
}

laws! {
    // N-03: when the rooms are gone, so are the names.
    fn names_are_forgotten(journal) {
        let (mut board, _) = play(journal);
        let fact = |fact| Record { at: 0, request_id: None, input: NamedInput::Fact(fact) };
        // A caller whose calls are counted is known for longer (L-14), and who is in a log (H-02), but not once none is
        // (F-19). The room z may be open.
        let limits = LimitsChange {
            calls_per_minute: Some(0),
            logged_calls: Some(0),
            rooms: Some(9),
            ..LimitsChange::default()
        };
        let _ = board.apply_record(&fact(Fact::RulesChanged { policy: None, limits: Some(limits) }));
        let opened = |room: &str| Fact::RoomOpened { room: room.into(), owner: "zoe".into() };
        let dissolved = |room: &str| Fact::room_dissolved(room.into(), Actor::Backend);
        let is_room = |line: &Record| match &line.input {
            NamedInput::Fact(Fact::RoomOpened { room, .. }) => Some(room.clone()),
            _ => None,
        };
        for room in journal.lines.iter().filter_map(is_room) {
            let _ = board.apply_record(&fact(dissolved(&room)));
        }
        // Two changes of state later nothing of them is known.
        for line in [opened("z"), dissolved("z"), opened("z")] {
            let _ = board.apply_record(&fact(line));
        }
        prop_assert_eq!(board.known_names(), 2, "the room z and its owner");
        for name in USERS {
            prop_assert_eq!(board.lookup_user(name), None);
        }
    }
}

proptest! {
    #![proptest_config(settings())]

    // N-04: other names, and other handles for them.
    #[test]
    fn renaming_commutes(
        journal in journal(),
        names in renaming(),
        held in subsequence(vec!["zoe", "dee", "bo", "eve", "ana", "cy"], 0..6),
    ) {
        let (mut plain, mut other) = (board(&journal), board(&journal));
        for name in held {
            other.intern_user(name).unwrap();
            other.intern_device(name).unwrap();
            other.intern_room(name).unwrap();
        }
        for line in &journal.lines {
            let expected = said(plain.apply_record(line)).into_iter().map(|o| renamed(&o, &names));
            let got = said(other.apply_record(&renamed_line(line, &names)));
            prop_assert_eq!(expected.collect::<Vec<_>>(), got);
        }
    }

    // N-05: logs are of users, and nothing here asks for one.
    #[test]
    fn rooms_are_independent(journal in roomy_journal(), policy in roomcall_testkit::strategies::journal::policy()) {
        let policy = Policy {
            active_calls: ActiveCalls::PerRoom,
            in_other_room: InOtherRoom::Ring,
            ..policy
        };
        let lines = journal.lines.iter().filter_map(without_numbers).collect();
        // It is said of these two (F-19).
        let both = Journal { policy, lines, ..journal }.with_changes(|policy, _| {
            policy.active_calls = None;
            policy.in_other_room = None;
        });
        for room in ROOMS {
            // The other room's lines are nothing but time; lost state, other rules and who is erased are about both (F-18 to F-20).
            let is_about = |input: &NamedInput| {
                let is_of_both = matches!(input, NamedInput::Fact(
                    Fact::UserErased { .. } | Fact::RulesChanged { .. } | Fact::Recovered { .. }
                ));
                is_of_both || room_of(input) == Some(room)
            };
            let lines = both.lines.iter().map(|line| match is_about(&line.input) {
                true => line.clone(),
                false => Record { at: line.at, request_id: None, input: NamedInput::Tick },
            });
            let alone = Journal { lines: lines.collect(), ..both.clone() };
            prop_assert_eq!(of_room(room, play(&both).1), of_room(room, play(&alone).1));
        }
    }
}

/// A line that names no attempt, no cursor and no floor, and does not look across rooms.
fn without_numbers(line: &Record) -> Option<Record> {
    let mut line = line.clone();
    match &mut line.input {
        NamedInput::Ask { command: Command::AcceptCall { attempt, .. }, .. }
        | NamedInput::Ask { command: Command::RejectCall { attempt, .. }, .. } => *attempt = None,
        NamedInput::Query { query: Query::GetPendingCalls { cursor, count, .. }, .. } => {
            *cursor = None;
            *count = 100;
        }
        // Whether a floor is above what was told, or too high, is about numbers.
        NamedInput::Fact(Fact::Recovered { floor }) => *floor = 0,
        // It means the present opening.
        NamedInput::Fact(fact) => {
            if let Some(opening) = opening_mut(fact) {
                *opening = None;
            }
        }
        input if room_of(input).is_none() && !matches!(input, NamedInput::Tick) => return None,
        _ => {}
    }
    Some(line)
}

fn room_of(input: &NamedInput) -> Option<&str> {
    match input {
        NamedInput::Tick => None,
        NamedInput::Fact(fact) => fact.room().map(String::as_str),
        NamedInput::Ask { command, .. } => command.room(),
        NamedInput::Query { query: Query::GetPendingCalls { room, .. }, .. } => Some(room),
        NamedInput::Query {
            query:
                Query::GetIncomingCalls { .. }
                | Query::GetMyCalls { .. }
                | Query::GetCallLog { .. }
                | Query::GetUserCalls { .. }
                | Query::GetLiveCalls { .. },
            ..
        } => None,
    }
}

/// What is said about one room, with its attempts renumbered in their own order.
fn of_room(room: &str, turns: Vec<Outcome>) -> Vec<String> {
    let is_here = |effect: &&Effect| effect.event.room() == Some(room);
    let mut numbers = BTreeMap::new();
    let mut said = Vec::new();
    for turn in turns {
        let effects = turn.effects.iter().filter(is_here);
        for effect in effects {
            let attempt = effect.event.attempt();
            let next = numbers.len();
            let number = *numbers.entry(attempt).or_insert(next);
            let text = format!("{effect:?}");
            said.push(text.replace(&format!("attempt: {attempt}"), &format!("attempt: {number}")));
        }
    }
    said
}

fn small() -> Switchboard {
    Switchboard::new(Limits { held_names: 2, id_bytes: 4, ..Limits::DEFAULT }, Policy::DEFAULT)
}

// L-12, L-01
#[test]
fn holding_is_bounded() {
    let mut board = small();
    let ana = board.intern_user("ana").unwrap();
    assert_eq!(board.intern_user("ana"), Ok(ana), "held once more, and counted once");
    board.intern_user("bo").unwrap();
    assert_eq!(board.intern_user("cy"), Err(NameError::TooManyInterned { limit: 2 }));
    assert_eq!(board.intern_user(""), Err(NameError::BadName { limit: 4 }));
    assert_eq!(board.intern_room("annex"), Err(NameError::BadName { limit: 4 }));
    board.release_user(ana);
    assert_eq!(board.intern_user("cy"), Err(NameError::TooManyInterned { limit: 2 }), "held twice");
    board.release_user(ana);
    assert_eq!(board.user_name(ana), None, "let go as often as it was held");
    let cy = board.intern_user("cy").unwrap();
    assert_ne!(cy, ana, "a handle never comes to mean another name");
    board.release_user(ana);
    assert_eq!(board.user_name(cy), Some("cy"), "a stale handle lets nothing go");
    for at in 0..1_000 {
        let name = board.intern_device(&at.to_string()).unwrap();
        board.release_device(name);
    }
    assert_eq!(board.known_names(), 2, "connections that come and go leave nothing");
    assert_eq!(board.verify(), Ok(()));
}

// N-01, N-03: a name that is known is found, as what it names.
#[test]
fn what_is_held_is_found() {
    let mut board = small();
    let user = board.intern_user("ana").unwrap();
    let room = board.intern_room("hall").unwrap();
    let device = board.intern_device("tv").unwrap();
    let found = |board: &Switchboard, id| {
        (board.lookup_user(id), board.lookup_room(id), board.lookup_device(id))
    };
    assert_eq!(found(&board, "ana"), (Some(user), None, None));
    assert_eq!(found(&board, "hall"), (None, Some(room), None));
    assert_eq!(found(&board, "tv"), (None, None, Some(device)));
    board.release_user(user);
    board.release_room(room);
    board.release_device(device);
    for id in ["ana", "hall", "tv"] {
        assert_eq!(found(&board, id), (None, None, None), "{id}");
    }
}

// N-01
#[test]
fn stale_handles() {
    let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    let (ana, bo) = (board.intern_user("ana").unwrap(), board.intern_user("bo").unwrap());
    let (room, phone) = (board.intern_room("r").unwrap(), board.intern_device("phone").unwrap());
    let at = Tick::START;
    board.release_user(bo);
    let by = ById::Device { user: ana, device: phone };
    let fact = board.apply(at, Input::Fact(FactById::RoomOpened { room, owner: bo }));
    assert_eq!(fact.answer, Ok(Answer::Ignored(Rule::N01)));
    for fact in
        [FactById::RoomOpened { room, owner: ana }, FactById::user_entered(room, ana, phone)]
    {
        assert_eq!(board.apply(at, Input::Fact(fact)).answer, Ok(Answer::Applied));
    }
    let (timeout, extension) = (Timeout::from_seconds(30), "");
    let (backend, caller) = (ById::Backend, Some(bo));
    let stale = [
        (by, Ask::CallUserToRoom { room, callees: &[ana, bo], timeout, extension, caller: None }),
        (backend, Ask::CallUserToRoom { room, callees: &[ana], timeout, extension, caller }),
        (backend, Ask::RevokeUserCalls { user: bo, which: Which::Both }),
        (by, Ask::CancelCall { room, callees: &[bo] }),
        (by, Ask::RevokeCall { room, callees: &[bo] }),
        (ById::Device { user: bo, device: phone }, Ask::AcceptCall { room, attempt: None }),
    ];
    let before = board.clone();
    // X-05: with a number, too, and nothing is remembered.
    for request_id in [None, Some(1)] {
        for (by, command) in stale {
            assert_eq!(
                board.apply(at, Input::Ask { by, request_id, command }).answer,
                Err(Refusal::StaleHandle)
            );
        }
    }
    let page = LivePage { cursor: None, count: 20 };
    assert_eq!(board.user_calls(backend, bo, page), Err(Refusal::StaleHandle));
    assert_eq!(
        board.live_calls(ById::Device { user: bo, device: phone }, page),
        Err(Refusal::StaleHandle)
    );
    assert_eq!(board, before);
    for fact in [
        FactById::user_entered(room, bo, phone),
        FactById::user_left(room, bo),
        FactById::role_set(room, bo, roomcall::Role::Admin),
    ] {
        assert_eq!(board.apply(at, Input::Fact(fact)).answer, Ok(Answer::Ignored(Rule::N01)));
    }
    assert_eq!(board, before);
    assert!(list(&board, "r").is_empty());
    // F-11: whoever it was, the room is gone.
    let by = ById::Device { user: bo, device: phone };
    let dissolved = board.apply(at, Input::Fact(FactById::room_dissolved(room, by)));
    assert_eq!(dissolved.answer, Ok(Answer::Applied));
    assert!(!board.is_open(room));
    // Two changes of state after the host has let go, the handle is stale.
    board.release_room(room);
    for other in ["a", "b"].map(|name| board.intern_room(name).unwrap()) {
        let opened = Input::Fact(FactById::RoomOpened { room: other, owner: ana });
        assert_eq!(board.apply(at, opened).answer, Ok(Answer::Applied));
    }
    for stale in [
        FactById::RoomOpened { room, owner: ana },
        FactById::room_dissolved(room, by),
        FactById::user_left(room, ana),
    ] {
        let ignored = board.apply(at, Input::Fact(stale)).answer;
        assert_eq!(ignored, Ok(Answer::Ignored(Rule::N01)));
    }
}

// N-01, N-02: a handle in a result stands for no name, or for the one that was named.
#[test]
fn a_handle_in_a_result_never_means_another() {
    let mut board = small();
    let mut step = roomcall::Outcome::new();
    let lines = [
        r#"{"at":0,"fact":{"roomOpened":{"roomID":"hall","owner":"ana"}}}"#,
        r#"{"at":0,"fact":{"userEntered":{"roomID":"hall","userID":"ana","deviceID":"tv"}}}"#,
        r#"{"at":0,"by":{"user":"ana","device":"tv"},"command":{"cancelCall":{"roomID":"hall","userIDList":["xi"]}}}"#,
    ];
    for line in lines {
        let line: roomcall::protocol::Record = serde_json::from_str(line).unwrap();
        board.apply_record_into(&line, &mut step);
    }
    let xi = step.withdrawn[0].callee;
    let known = board.known_names();
    assert_eq!(board.user_name(xi), None);
    let zoe = board.intern_user("zoe").unwrap();
    assert_ne!(zoe, xi);
    assert_eq!((board.user_name(xi), board.user_name(zoe)), (None, Some("zoe")));
    assert_eq!(board.known_names(), known + 1);
}
