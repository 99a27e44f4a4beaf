//! State that is lost, and set back to any copy of it or to nothing (F-18), and the end of numbers (L-16).

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use roomcall::protocol::{
    Answer, Event, Fact, Input, LogEntry, LoggedCall, MyCalls, Outcome, Query, Record,
};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};

use roomcall_testkit::forge::forge;
use roomcall_testkit::play::{board, device};
use roomcall_testkit::repository::{files, read};
use roomcall_testkit::strategies::journal::{Journal, USERS, journal, settings};

/// The clock of the host when it first loses state, in milliseconds since 1970.
const NOW: u64 = 1_800_000_000_000;

/// Where the floors of a host come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Floors {
    /// From a clock, so that state can be lost in whatever order.
    Clock,
    /// There are none, which is safe where only the present life is set back.
    None,
}

/// What happens after a line of a journal.
#[derive(Clone, Debug)]
enum After {
    Nothing,
    /// The state is kept, as a backup.
    Copy,
    /// The state is lost, so many milliseconds after it last was, and set back to a copy.
    Lost {
        copy: Option<Index>,
        pause: u64,
    },
}

fn after() -> impl Strategy<Value = After> {
    let lost = (prop::option::weighted(0.9, any::<Index>()), 1..1_000_u64);
    prop_oneof![
        12 => Just(After::Nothing),
        3 => Just(After::Copy),
        2 => lost.prop_map(|(copy, pause)| After::Lost { copy, pause }),
    ]
}

/// All that was ever told.
#[derive(Default)]
struct Told {
    rings: BTreeSet<u64>,
    /// What room each opening is of, and in which life.
    openings: BTreeMap<u64, (usize, String)>,
    revision: u64,
    /// Whose log had what at which number.
    logged: BTreeMap<u64, (&'static str, LogEntry)>,
    /// Who was erased, in whatever life.
    erased: BTreeSet<String>,
}

impl Told {
    fn hear(&mut self, life: usize, line: &Record, outcome: &Outcome) -> Result<(), TestCaseError> {
        for effect in &outcome.effects {
            if let Event::CallReceived { call, .. } = &effect.event {
                let highest = self.rings.last().copied().unwrap_or_default();
                prop_assert!(call.attempt > highest, "{} after {highest}", call.attempt);
                self.rings.insert(call.attempt);
            }
        }
        if let Input::Fact(Fact::UserErased { user }) = &line.input {
            self.erased.insert(user.clone());
        }
        if let (Input::Fact(fact), Some(Ok(Answer::Fact(answer)))) = (&line.input, &outcome.answer)
        {
            if let (Some(room), Some(opening)) = (fact.room(), answer.opening) {
                let of = (life, room.clone());
                let before = self.openings.entry(opening).or_insert_with(|| of.clone());
                prop_assert_eq!(&*before, &of, "opening {}", opening);
            }
        }
        Ok(())
    }

    /// What a device asks.
    fn ask(&mut self, board: &mut Switchboard) -> Result<(), TestCaseError> {
        let calls = my_calls(board);
        prop_assert!(calls.revision >= self.revision, "{calls:?} after {}", self.revision);
        let highest = self.rings.last().copied().unwrap_or_default();
        prop_assert!(calls.last_attempt >= highest, "{calls:?} after {highest}");
        self.revision = calls.revision;
        // What was not there before has a higher number than all that was.
        let highest = self.logged.last_key_value().map_or(0, |(number, _)| *number);
        for entry in logged(board) {
            let number = entry.1.number;
            if let Some(before) = self.logged.insert(number, entry.clone()) {
                prop_assert_eq!(self.without_erased(before), self.without_erased(entry));
            } else {
                prop_assert!(number > highest, "{:?} after {}", entry, highest);
            }
        }
        Ok(())
    }
}

impl Told {
    /// F-20: an ending does not say any more that it was by somebody who was erased; the state before that is set back
    /// to does.
    fn without_erased(
        &self,
        (of, mut entry): (&'static str, LogEntry),
    ) -> (&'static str, LogEntry) {
        if let LoggedCall::Ended(ending) = &mut entry.what
            && ending.user.as_ref().is_some_and(|user| self.erased.contains(user))
        {
            (ending.user, ending.device) = (None, None);
        }
        (of, entry)
    }
}

/// All that is in the logs, of which each page has one entry.
fn logged(board: &mut Switchboard) -> Vec<(&'static str, LogEntry)> {
    let mut all = Vec::new();
    for user in USERS {
        let mut since = 0;
        loop {
            let (by, query) = (device(user, "phone"), Query::GetCallLog { since, count: 1 });
            let asked = Record { at: 0, request_id: None, input: Input::Query { by, query } };
            match board.apply_record(&asked).answer {
                Some(Ok(Answer::GetCallLog(page))) => {
                    let entries = page.entries.into_iter();
                    all.extend(entries.map(|entry| (user, LogEntry { age: 0, ..entry })));
                    if !page.more {
                        break;
                    }
                    since = page.last_logged;
                }
                answer => panic!("{answer:?}"),
            }
        }
    }
    all
}

fn my_calls(board: &mut Switchboard) -> MyCalls {
    let (by, query) = (device(USERS[0], "phone"), Query::GetMyCalls { since: u64::MAX });
    let asked = Record { at: 0, request_id: None, input: Input::Query { by, query } };
    match board.apply_record(&asked).answer {
        Some(Ok(Answer::GetMyCalls(calls))) => calls,
        answer => panic!("{answer:?}"),
    }
}

fn play(journal: &Journal, floors: Floors, after: &[After]) -> Result<(), TestCaseError> {
    let (mut board, mut told, mut now) = (board(journal), Told::default(), NOW);
    // Each copy with the life that it is of; a copy of nothing is of the first.
    let (mut life, mut copies) = (0, vec![(0, board.snapshot())]);
    let lines = journal
        .lines
        .iter()
        .filter(|line| !matches!(line.input, Input::Fact(Fact::Recovered { .. })));
    for (line, after) in lines.zip(after) {
        let outcome = board.apply_record(line);
        told.hear(life, line, &outcome)?;
        told.ask(&mut board)?;
        match after {
            After::Nothing => {}
            After::Copy => copies.push((life, board.snapshot())),
            After::Lost { copy, pause } => {
                let copy = copy.map_or(0, |copy| copy.index(copies.len()));
                if floors == Floors::None && copies[copy].0 != life {
                    continue;
                }
                (board, life, now) =
                    (Switchboard::restore(&copies[copy].1).unwrap(), life + 1, now + pause);
                let floor = if floors == Floors::Clock { now << 10 } else { 0 };
                let fact = Record {
                    at: line.at,
                    request_id: None,
                    input: Input::Fact(Fact::Recovered { floor }),
                };
                let outcome = board.apply_record(&fact);
                prop_assert_eq!(outcome.unchanged, None);
                told.hear(life, &fact, &outcome)?;
                prop_assert!(my_calls(&mut board).revision > told.revision);
                told.ask(&mut board)?;
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings())]

    /// F-18, Q-07, Q-09: whatever is lost, however often, and whichever copy is set back: all numbers of a
    /// new life are above all that was told before.
    #[test]
    fn no_number_comes_back(
        journal in journal(),
        has_clock in any::<bool>(),
        after in prop::collection::vec(after(), 90),
    ) {
        play(&journal, if has_clock { Floors::Clock } else { Floors::None }, &after)?;
    }
}

/// The same of what random runs found, with nothing lost.
#[test]
fn kept_journals() {
    for path in files("tests/journals") {
        let (_, journal) = read(&path);
        let after = vec![After::Nothing; journal.lines.len()];
        play(&journal, Floors::None, &after).unwrap_or_else(|why| panic!("{path:?}: {why}"));
    }
}

/// The greatest number there is (L-16).
const LAST: u64 = (1 << 53) - 1;

/// A snapshot of a state that counts from a base: no journal is long enough to come there.
fn forged(snapshot: &[u8], counts: [u64; 6]) -> Vec<u8> {
    let payload = &snapshot[18..snapshot.len() - 4];
    let skipped = |from: usize, numbers: usize| {
        let ends = payload.iter().enumerate().skip(from).filter(|(_, byte)| **byte < 0x80);
        ends.map(|(at, _)| at + 1).nth(numbers - 1).unwrap()
    };
    // Limits, the greatest ones, policy, its grace, key and clock; whether it is behind; base, attempts made, ended and rung,
    // tries and marks, openings.
    let before = skipped(skipped(0, 42) + 5, 3) + 1;
    let mut forged = payload[..before].to_vec();
    for mut number in counts {
        while number >= 0x80 {
            forged.push(0x80 | u8::try_from(number & 0x7f).unwrap());
            number >>= 7;
        }
        forged.push(u8::try_from(number).unwrap());
    }
    forged.extend(&payload[skipped(before, 6)..]);
    let length = u64::try_from(forged.len()).unwrap().to_le_bytes();
    forge([&snapshot[..10], &length, &forged, &[0; 4]].concat())
}

/// L-16: no number is above the last one, when all calls have rung and ended, too.
#[test]
fn the_last_numbers() {
    let empty = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT).snapshot();
    // Two calls can be made, ring and end, and two rooms be opened.
    let counts = [LAST - 6, LAST - 6, 0, 0, 0, LAST - 2];
    let mut board = Switchboard::restore(&forged(&empty, counts)).unwrap();
    let mut said = |at: u64, line: &str| {
        let record =
            serde_json::from_str(&line.replacen('{', &format!("{{\"at\":{at},"), 1)).unwrap();
        serde_json::to_string(&board.apply_record(&record).answer.unwrap()).unwrap()
    };
    let opened =
        |room: &str| format!(r#"{{"fact":{{"roomOpened":{{"roomID":"{room}","owner":"ana"}}}}}}"#);
    for (room, opening) in [("standup", LAST - 1), ("hall", LAST)] {
        assert!(said(0, &opened(room)).contains(&opening.to_string()));
    }
    assert_eq!(said(0, &opened("lab")), r#"{"Ok":{"fact":{"ignored":"L-16"}}}"#);
    let entered =
        r#"{"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}}"#;
    let _ = said(0, entered);
    let call = |users: &str| {
        let by = r#""by":{"user":"ana","device":"mac"}"#;
        let to = format!(r#""roomID":"standup","userIDList":[{users}]"#);
        format!(r#"{{{by},"command":{{"callUserToRoom":{{{to}}}}}}}"#)
    };
    let is_refused = |said: &str| said.contains("L-16");
    assert!(!is_refused(&said(1, &call(r#""bo""#))));
    assert!(is_refused(&said(2, &call(r#""cy","dee""#))), "all of them or none");
    assert!(!is_refused(&said(3, &call(r#""bo","ana""#))), "who gets no number needs none");
    assert!(!is_refused(&said(4, &call(r#""cy""#))));
    assert!(is_refused(&said(5, &call(r#""dee""#))));
    for (user, attempt) in [("bo", LAST - 5), ("cy", LAST - 4)] {
        let by = format!(r#""by":{{"user":"{user}","device":"mac"}}"#);
        let rings =
            said(6, &format!(r#"{{{by},"command":{{"ringing":{{"attempt":{attempt}}}}}}}"#));
        assert!(rings.contains("true"), "{rings}");
    }
    let _ = board.apply_record(&Record { at: 60_000, request_id: None, input: Input::Tick });
    assert_eq!(my_calls(&mut board).revision, LAST);
    assert_eq!(board.verify(), Ok(()));
}

/// L-16, Q-07: refused tries and marks have numbers, too.
#[test]
fn the_last_numbers_of_a_log() {
    let empty = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT).snapshot();
    // One call can be made, ring and end, and one try be logged.
    let counts = [LAST - 4, LAST - 4, 0, 0, 0, LAST - 2];
    let mut board = Switchboard::restore(&forged(&empty, counts)).unwrap();
    let mut said = |line: &str| {
        let outcome = board.apply_record(&serde_json::from_str(line).unwrap());
        serde_json::to_string(&outcome.answer).unwrap()
    };
    for line in [
        r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#,
        r#"{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana"}}}"#,
        r#"{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"dee"}}}"#,
    ] {
        assert!(!said(line).contains("ignored"));
    }
    let mut call = |user: &str| {
        let by = format!(r#""by":{{"user":"{user}","device":"mac"}}"#);
        let command = r#"{"callUserToRoom":{"roomID":"standup","userIDList":["bo"]}}"#;
        said(&format!(r#"{{"at":0,{by},"command":{command}}}"#))
    };
    assert!(call("ana").contains("success"));
    assert!(call("dee").contains("alreadyInCalling"));
    assert!(call("dee").contains("L-16"), "there is no number for another try");
    assert!(call("ana").contains("alreadyInCalling"), "who called leaves no try");
    let rings = format!(
        r#"{{"at":0,"by":{{"user":"bo","device":"mac"}},"command":{{"ringing":{{"attempt":{}}}}}}}"#,
        LAST - 3
    );
    assert!(said(&rings).contains("true"), "it may ring whatever else has used numbers");
    let mut mark = |up_to: u64| {
        let by = r#""by":{"user":"bo","device":"mac"}"#;
        let command = format!(r#"{{"markCallsSeen":{{"upTo":{up_to}}}}}"#);
        said(&format!(r#"{{"at":60000,{by},"command":{command}}}"#))
    };
    assert!(mark(LAST).contains("L-16"));
    assert!(mark(0).contains(r#""seen":0"#), "it would not move");
    assert_eq!(my_calls(&mut board).revision, LAST);
    assert_eq!(board.verify(), Ok(()));
}
