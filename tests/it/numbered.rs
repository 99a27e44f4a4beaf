//! Requests that are sent again (rules X).

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use roomcall::protocol::{Fact, Input, Outcome, Record, Reply};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy, Rule};

use crate::damage::damage;
use roomcall_testkit::model::compare_switchboard as compare;
use roomcall_testkit::model::switchboard as model;
use roomcall_testkit::play;
use roomcall_testkit::strategies::journal::{Journal, settings};
use roomcall_testkit::strategies::numbered_journal;

fn switchboard(journal: &Journal) -> Switchboard {
    Switchboard::new(journal.limits, journal.policy)
}

fn is_refused(turn: &Outcome, rule: Rule) -> bool {
    matches!(&turn.answer, Some(Err(refused)) if refused.rule == rule)
}

proptest! {
    #![proptest_config(settings())]

    // X-01 to X-07
    #[test]
    fn numbered_requests_are_the_model(journal in numbered_journal()) {
        compare(&journal)?;
    }

    // X-02, X-07: whatever is remembered is sent again, at any place.
    #[test]
    fn a_retry_has_one_effect(journal in numbered_journal(), place in any::<Index>(), which in any::<Index>()) {
        let place = place.index(journal.lines.len() + 1);
        let (before, after) = journal.lines.split_at(place);
        // T-08: no time passes before a host says that state was lost (F-18).
        let is_lost = |line: &&Record| matches!(line.input, Input::Fact(Fact::Recovered { .. }));
        let at = after.first().filter(|line| !is_lost(line)).or(before.last()).map_or(0, |line| line.at);
        let mut model = model::numbered::NumberedModel::new(journal.limits, journal.policy);
        before.iter().for_each(|line| drop(model.apply(line)));
        let retries = model.retries(at);
        if retries.is_empty() {
            return Ok(());
        }
        let retry = which.get(&retries);
        let (mut once, mut twice) = (switchboard(&journal), switchboard(&journal));
        let mut first = None;
        for line in before {
            let turn = twice.apply_record(line);
            prop_assert_eq!(&once.apply_record(line), &turn);
            if (&line.input, line.request_id) == (&retry.input, retry.request_id) {
                first = turn.reply();
            }
        }
        let duplicate = twice.apply_record(retry);
        let (mut again, mut first) = (duplicate.reply(), first.map(|first| Reply { repeated: true, ..first }));
        // F-19: a refusal that is remembered names the limit of now, which may be another one than then.
        if before.iter().any(|line| matches!(line.input, Input::Fact(Fact::RulesChanged { .. }))) {
            for reply in [&mut again, &mut first] {
                if let Some(Reply { answer: Err(refused), .. }) = reply {
                    refused.message.clear();
                }
            }
        }
        prop_assert_eq!(again, first);
        prop_assert_eq!(duplicate.unchanged, Some(Rule::X02));
        let mut early = duplicate.effects;
        for line in after {
            let (expected, mut turn) = (once.apply_record(line), twice.apply_record(line));
            // What the clock ended by then it ends with the retry.
            early.append(&mut turn.effects);
            turn.effects = std::mem::take(&mut early);
            prop_assert_eq!(turn, expected);
        }
        prop_assert_eq!(once, twice);
    }

    // X-07: numbers that mean nothing change nothing.
    #[test]
    fn without_memory_it_is_the_switchboard(journal in numbered_journal()) {
        let limits = Limits { requests_per_requester: 0, ..journal.limits };
        // Nor is any remembered later (F-19).
        let journal = Journal { limits, ..journal }.with_changes(|_, limits| limits.requests_per_requester = None);
        let (mut switchboard, mut board) = (switchboard(&journal), play::board(&journal));
        for line in &journal.lines {
            // Attempts come with numbered requests only (X-01), and so does the next number (X-06).
            let unnumbered = Record { request_id: None, ..line.clone() };
            let turn = Outcome {
                request_id: None,
                attempts: Vec::new(),
                next_request_id: None,
                ..switchboard.apply_record(line)
            };
            prop_assert_eq!(turn, board.apply_record(&unnumbered));
            prop_assert_eq!(&switchboard, &board);
        }
    }

    // X-08, S-01, S-02
    #[test]
    fn numbered_requests_restore(
        journal in numbered_journal(),
        at in any::<Index>(),
        flip in 1..=255_u8,
    ) {
        let (mut switchboard, mut restored) = (switchboard(&journal), switchboard(&journal));
        for line in &journal.lines {
            prop_assert_eq!(restored.apply_record(line), switchboard.apply_record(line));
            prop_assert_eq!(&restored, &switchboard);
            restored = Switchboard::restore(&restored.snapshot()).unwrap();
            prop_assert_eq!(&restored, &switchboard);
        }
        if let Some(forged) = damage(&switchboard, (at, flip), &journal.lines)? {
            prop_assert_eq!(Switchboard::restore(&forged.snapshot()), Ok(forged));
        }
    }
}

/// What is asked, and what is answered, where three numbers of two requesters are remembered.
const NUMBERS: &str = include_str!("numbered/numbers.txt");

// X-01 to X-06
#[test]
fn numbered_lines() {
    let limits = Limits { requests_per_requester: 3, requesters: 2, ..Limits::DEFAULT };
    let mut switchboard = Switchboard::new(limits, Policy::DEFAULT);
    let mut said = String::new();
    for line in NUMBERS.lines().filter_map(|line| line.strip_prefix("> ")) {
        let turn = switchboard.apply_record(&serde_json::from_str(line).unwrap());
        assert_eq!(turn.reply().is_some(), line.contains("\"requestID\":"), "{line}");
        said += &format!("> {line}\n");
        let answer = turn.outputs().map(|output| serde_json::to_string(&output).unwrap());
        for output in answer {
            // Effects have no number.
            assert!(
                !(output.contains("\"event\"") && output.contains("\"requestID\":")),
                "{output}"
            );
            if !output.contains("\"event\"") {
                said += &format!("{output}\n");
            }
        }
    }
    for (said, expected) in said.lines().zip(NUMBERS.lines()) {
        assert_eq!(said, expected);
    }
    assert_eq!(said.len(), NUMBERS.len());
}

// F-19, X-02: a refusal that is remembered names the limit of now, and is the same refusal.
#[test]
fn a_remembered_refusal_names_the_limit_of_now() {
    let mut switchboard =
        Switchboard::new(Limits { callees: 1, ..Limits::DEFAULT }, Policy::DEFAULT);
    let mut refused = |line: &str| {
        let outcome = switchboard.apply_record(&serde_json::from_str(line).unwrap());
        let is_repeated = outcome.is_repeated();
        let refused = outcome.answer.and_then(Result::err);
        refused.map(|refused| (is_repeated, refused.rule, refused.message))
    };
    let call = r#"{"at":0,"requestID":1,"by":"backend","command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo","cy"],"timeout":5}}}"#;
    let first = refused(call).unwrap();
    assert_eq!((first.0, first.1), (false, Rule::L03));
    assert!(first.2.contains("1 is the limit"), "{}", first.2);
    for limit in [0, 7] {
        let line =
            format!(r#"{{"at":0,"fact":{{"rulesChanged":{{"limits":{{"callees":{limit}}}}}}}}}"#);
        assert_eq!(refused(&line), None);
        let message = first.2.replace("1 is", &format!("{limit} is"));
        assert_eq!(refused(call), Some((true, Rule::L03, message)));
    }
}

// X-02 to X-06: the journals of the laws above come to everything.
#[test]
fn numbered_journals_reach_everything() {
    let rng = TestRng::deterministic_rng(Config::default().rng_algorithm);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut sometimes: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..400 {
        let journal = numbered_journal().new_tree(&mut runner).unwrap().current();
        let mut switchboard = switchboard(&journal);
        for line in &journal.lines {
            let turn = switchboard.apply_record(line);
            let is_again = turn.unchanged == Some(Rule::X02);
            let situations = [
                ("a request again", is_again),
                ("a refusal again", is_again && matches!(turn.answer, Some(Err(_)))),
                ("a call again", is_again && !turn.attempts.is_empty()),
                ("a retry while the clock ends something", is_again && !turn.effects.is_empty()),
                ("another request", is_refused(&turn, Rule::X03)),
                ("a number that has passed", is_refused(&turn, Rule::X04)),
                ("something remembered", turn.next_request_id.is_some_and(|next| next > 1)),
                ("a number on a bad id", line.request_id.is_some() && is_refused(&turn, Rule::L01)),
            ];
            for (what, _) in situations.into_iter().filter(|(_, is_so)| *is_so) {
                *sometimes.entry(what).or_default() += 1;
            }
        }
    }
    assert_eq!(sometimes.len(), 8, "{sometimes:?}");
    assert!(sometimes.values().all(|count| *count >= 10), "{sometimes:?}");
}
