use proptest::prelude::*;
use roomcall::switchboard::Switchboard;
use roomcall_testkit::strategies::journal::{Journal, journal, settings};
use roomcall_testkit::strategies::{changing_journal, numbered_journal, presence_journal};

use super::*;

/// The events of a journal, of which each line is a batch, and the state after it.
fn derived(journal: &Journal) -> (Vec<Event>, Derivation, Switchboard) {
    let mut board = Switchboard::new(journal.limits, journal.policy);
    let (mut derivation, mut all) = (Derivation::new(), Vec::new());
    for (sequence, line) in (1..).zip(&journal.lines) {
        let outcome = board.apply_record(line);
        let mut events = Vec::new();
        derivation.derive(sequence, line, &outcome, board.policy(), &mut events);
        all.extend(events);
    }
    (all, derivation, board)
}

/// The attempts of the events of a kind.
fn attempts<'a>(
    events: &'a [Event],
    of: impl Fn(&Event) -> bool + 'a,
) -> impl Iterator<Item = u64> + 'a {
    events.iter().filter(move |event| of(event)).map(|event| event.attempt)
}

fn each_is_there_once(attempts: impl Iterator<Item = u64>) -> Result<BTreeSet<u64>, TestCaseError> {
    let mut seen = BTreeSet::new();
    for attempt in attempts {
        prop_assert!(seen.insert(attempt), "attempt {} twice", attempt);
    }
    Ok(seen)
}

fn rings_end(journal: &Journal) -> Result<(), TestCaseError> {
    let (events, _, board) = derived(journal);
    prop_assert!(events.is_sorted_by(|one, next| one.id < next.id));
    let rings = each_is_there_once(attempts(&events, |event| event.kind() == Kind::Ring))?;
    let endings = each_is_there_once(attempts(&events, |event| event.kind().is_ending()))?;
    let silent: BTreeSet<_> = attempts(&events, |event| event.because == Rule::C08).collect();
    prop_assert!(rings.is_disjoint(&silent), "what ended at once did not ring");
    let all = &rings | &silent;
    prop_assert!(endings.is_subset(&all), "no ending without a ring");
    let lives = all.len() - endings.len();
    prop_assert_eq!(lives, board.live_count() as usize, "what rings is live");
    for event in events.iter().filter(|event| event.kind().is_ending()) {
        let ring = events.iter().find(|ring| ring.attempt == event.attempt);
        let ring = ring.expect("there is at least the ending itself");
        prop_assert!(ring.id <= event.id, "the ring comes first");
        let of = |event: &Event| (event.room.clone(), event.caller.clone(), event.callee.clone());
        prop_assert_eq!(of(ring), of(event));
    }
    Ok(())
}

/// Who has accepted, and what became of it, by who is in the room after each line.
fn joins(journal: &Journal) -> Result<(), TestCaseError> {
    let mut board = Switchboard::new(journal.limits, journal.policy);
    let mut derivation = Derivation::new();
    let mut waiting: Vec<(Event, Option<u64>)> = Vec::new();
    for (sequence, line) in (1..).zip(&journal.lines) {
        let outcome = board.apply_record(line);
        let mut events = Vec::new();
        derivation.derive(sequence, line, &outcome, board.policy(), &mut events);
        let opening = |room: &str| board.lookup_room(room).and_then(|room| board.opening(room));
        let is_inside = |room: &str, user: &str| {
            let (room, user) = (board.lookup_room(room), board.lookup_user(user));
            room.zip(user).is_some_and(|(room, user)| board.is_inside(room, user))
        };
        let mut joined = BTreeSet::new();
        waiting.retain(|(accepted, of)| {
            let is_late = events
                .iter()
                .any(|it| it.attempt == accepted.attempt && it.kind() == Kind::NotJoined);
            if !is_late && is_inside(&accepted.room, &accepted.callee) {
                joined.insert(accepted.attempt);
                return false;
            }
            let is_gone = match &line.input {
                _ if outcome.unchanged.is_some() => false,
                Input::Fact(Fact::UserRemoved { room, user, .. }) => {
                    *room == accepted.room && *user == accepted.callee
                }
                Input::Fact(Fact::UserErased { user }) => {
                    [&accepted.callee, &accepted.caller].contains(&user)
                }
                _ => false,
            };
            !is_late && !is_gone && opening(&accepted.room) == *of
        });
        for event in &events {
            match event.because {
                Rule::E01 if board.policy().join_grace > 0 => {
                    waiting.push((event.clone(), opening(&event.room)));
                }
                Rule::E07 => {
                    joined.insert(event.attempt);
                }
                _ => {}
            }
        }
        let said = each_is_there_once(attempts(&events, |it| it.kind() == Kind::Joined))?;
        prop_assert_eq!(said, joined, "line {}", sequence);
        prop_assert_eq!(derivation.expected(), waiting.len(), "line {}", sequence);
    }
    Ok(())
}

fn is_a_function(journal: &Journal) -> Result<(), TestCaseError> {
    let (events, state, _) = derived(journal);
    let mut board = Switchboard::new(journal.limits, journal.policy);
    let (mut derivation, mut again) = (Derivation::new(), Vec::new());
    for (sequence, line) in (1..).zip(&journal.lines) {
        // As after a restart from a snapshot.
        let saved = serde_json::to_vec(&derivation).expect("it is data");
        derivation = serde_json::from_slice(&saved).expect("it was saved");
        let outcome = board.apply_record(line);
        let mut events = Vec::new();
        derivation.derive(sequence, line, &outcome, board.policy(), &mut events);
        again.extend(events);
    }
    prop_assert_eq!(again, events);
    prop_assert_eq!(derivation, state);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..settings() })]

    #[test]
    fn every_ring_has_one_ending(journal in journal()) {
        rings_end(&journal)?;
    }

    #[test]
    fn a_repeated_request_is_no_event(journal in numbered_journal()) {
        rings_end(&journal)?;
        joins(&journal)?;
    }

    #[test]
    fn with_other_rules_rings_end_too(journal in changing_journal()) {
        rings_end(&journal)?;
        joins(&journal)?;
    }

    #[test]
    fn who_is_listed_has_joined(journal in presence_journal()) {
        rings_end(&journal)?;
        joins(&journal)?;
    }

    #[test]
    fn who_accepts_joins_or_not(journal in journal()) {
        joins(&journal)?;
    }

    #[test]
    fn events_are_a_function_of_the_log(journal in journal()) {
        is_a_function(&journal)?;
    }
}

fn told(lines: &str, policy: Policy) -> Vec<Event> {
    let lines = lines.lines().map(|line| Record::read(line.trim()).expect("a line")).collect();
    derived(&Journal { limits: roomcall::Limits::DEFAULT, policy, lines }).0
}

#[test]
fn a_call_that_is_accepted_and_joined() {
    let events = told(
        r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}
        {"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}}
        {"at":9,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30,"extensionInfo":"hi"}}}
        {"at":2500,"by":{"user":"bo","device":"tablet"},"command":{"acceptCall":{"roomID":"standup"}}}
        {"at":3000,"fact":{"userEntered":{"roomID":"standup","userID":"bo","deviceID":"tablet"}}}"#,
        Policy { join_grace: 20, ..Policy::DEFAULT },
    );
    let said: Vec<_> = events.iter().map(|it| (it.id.to_string(), it.at, &it.what)).collect();
    let device = || Some("tablet".to_owned());
    assert_eq!(
        said,
        [
            (
                "3-0".to_owned(),
                9,
                &What::Ring { extension_info: "hi".into(), time_left: Some(30_000) }
            ),
            ("4-0".to_owned(), 2500, &What::Accepted { device: device() }),
            ("5-0".to_owned(), 3000, &What::Joined { device: device() }),
        ]
    );
    assert!(events.iter().all(|it| it.caller == "ana" && it.callee == "bo" && it.attempt == 1));
}

#[test]
fn what_happens_in_one_batch_is_numbered_through() {
    let (mut derivation, mut events) = (Derivation::new(), Vec::new());
    let mut board = Switchboard::new(roomcall::Limits::DEFAULT, Policy::DEFAULT);
    for line in [
        r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#,
        r#"{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}}"#,
        r#"{"at":9,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo","cy"],"timeout":30}}}"#,
        r#"{"at":9,"fact":{"userEntered":{"roomID":"standup","userID":"bo","deviceID":"phone"}}}"#,
        r#"{"at":9,"fact":{"roomDissolved":{"roomID":"standup","by":{"user":"ana","device":"mac"}}}}"#,
    ] {
        let line = Record::read(line).expect("a line");
        let outcome = board.apply_record(&line);
        derivation.derive(7, &line, &outcome, board.policy(), &mut events);
    }
    let said: Vec<_> = events.iter().map(|it| (it.id.index, it.kind(), &it.callee[..])).collect();
    let expected = [
        (0, Kind::Ring, "bo"),
        (1, Kind::Ring, "cy"),
        (2, Kind::Accepted, "bo"),
        (3, Kind::Joined, "bo"),
        (4, Kind::Revoked, "cy"),
    ];
    assert_eq!(said, expected);
    let operator = Operator::User("ana".into());
    assert_eq!(events[4].what, What::Revoked { operator });
}
