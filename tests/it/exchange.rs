//! Requests that are sent again (rules X).

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use roomcall::exchange::Exchange;
use roomcall::protocol::Outcome;
use roomcall::switchboard::RestoreError;
use roomcall::{Limits, Policy, Rule};

use roomcall_testkit::forge::forge;
use roomcall_testkit::model::compare_switchboard as compare;
use roomcall_testkit::model::switchboard as model;
use roomcall_testkit::play;
use roomcall_testkit::strategies::journal::{Journal, settings};
use roomcall_testkit::strategies::numbered_journal;

fn exchange(journal: &Journal) -> Exchange {
    Exchange::new(journal.limits, journal.policy)
}

fn is_refused(turn: &Outcome, rule: Rule) -> bool {
    matches!(&turn.answer, Some(Err(refused)) if refused.rule == rule)
}

proptest! {
    #![proptest_config(settings())]

    // X-01 to X-07
    #[test]
    fn the_exchange_is_the_model(journal in numbered_journal()) {
        compare(&journal)?;
    }

    // X-02, X-07: whatever is remembered is sent again, at any place.
    #[test]
    fn a_retry_has_one_effect(journal in numbered_journal(), place in any::<Index>(), which in any::<Index>()) {
        let place = place.index(journal.lines.len() + 1);
        let (before, after) = journal.lines.split_at(place);
        let at = after.first().or(before.last()).map_or(0, |line| line.at);
        let mut model = model::exchange::Exchange::new(journal.limits, journal.policy);
        before.iter().for_each(|line| drop(model.apply(line)));
        let retries = model.retries(at);
        if retries.is_empty() {
            return Ok(());
        }
        let retry = which.get(&retries);
        let (mut once, mut twice) = (exchange(&journal), exchange(&journal));
        let mut first = None;
        for line in before {
            let turn = twice.apply(line);
            prop_assert_eq!(&once.apply(line), &turn);
            if (&line.input, line.request_id) == (&retry.input, retry.request_id) {
                first = turn.reply();
            }
        }
        let duplicate = twice.apply(retry);
        prop_assert_eq!(duplicate.reply(), first);
        prop_assert_eq!(duplicate.unchanged, Some(Rule::X02));
        let mut early = duplicate.effects;
        for line in after {
            let (expected, mut turn) = (once.apply(line), twice.apply(line));
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
        let journal = Journal { limits, ..journal };
        let (mut exchange, mut board) = (exchange(&journal), play::board(&journal));
        for line in &journal.lines {
            let turn = Outcome { next_request_id: None, ..exchange.apply(line) };
            prop_assert_eq!(turn, board.apply_named(line));
            prop_assert_eq!(exchange.board(), &board);
        }
    }

    // X-08, S-01, S-02
    #[test]
    fn an_exchange_restores(
        journal in numbered_journal(),
        at in any::<Index>(),
        flip in 1..=255_u8,
    ) {
        let (mut exchange, mut restored) = (exchange(&journal), exchange(&journal));
        for line in &journal.lines {
            prop_assert_eq!(restored.apply(line), exchange.apply(line));
            prop_assert_eq!(&restored, &exchange);
            restored = Exchange::restore(&restored.snapshot()).unwrap();
            prop_assert_eq!(&restored, &exchange);
        }
        let snapshot = exchange.snapshot();
        let at = at.index(snapshot.len());
        let mut damaged = snapshot.clone();
        damaged[at] ^= flip;
        prop_assert!(Exchange::restore(&damaged).is_err());
        prop_assert!(Exchange::restore(&snapshot[..at]).is_err());
        // With a checksum that fits, what is restored works.
        if let Ok(mut forged) = Exchange::restore(&forge(damaged, HEAD)) {
            for line in &journal.lines {
                let _ = forged.apply(line);
                prop_assert_eq!(forged.board().check(), Ok(()));
            }
            prop_assert_eq!(Exchange::restore(&forged.snapshot()), Ok(forged));
        }
    }
}

/// The bytes before the payload of an exchange's snapshot.
const HEAD: usize = 10;

// S-02, X-08
#[test]
fn bad_exchange_snapshots() {
    let limits = Limits { requests_per_requester: 2, requesters: 1, ..Limits::DEFAULT };
    let mut exchange = Exchange::new(limits, Policy::DEFAULT);
    let accept = r#""by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"r"}}}"#;
    let _ = exchange
        .apply(&serde_json::from_str(&format!("{{\"at\":1,\"requestID\":5,{accept}")).unwrap());
    let snapshot = exchange.snapshot();
    assert_eq!(Exchange::restore(&snapshot), Ok(exchange.clone()));
    let board = exchange.board().snapshot();
    let memory = std::str::from_utf8(&snapshot[HEAD + 8 + board.len() + 8..snapshot.len() - 8]);
    let memory = memory.unwrap();
    let with = |memory: &str| {
        let length = u64::try_from(memory.len()).unwrap().to_le_bytes();
        let head = &snapshot[..HEAD + 8 + board.len()];
        let whole = [head, &length[..], memory.as_bytes(), &[0; 8][..]].concat();
        Exchange::restore(&forge(whole, HEAD))
    };
    let requesters = memory.split_once("\"requesters\":[").unwrap().1.trim_end_matches("]}");
    assert_eq!(with(memory), Ok(exchange.clone()), "the forger knows the form");
    let forged = [
        memory.replace("\"judged\":1", "\"judged\":0"),
        memory.replace("\"judged\":1", "\"judged\":18446744073709551615"),
        memory.replace("\"last\":1", "\"last\":0"),
        memory.replace("\"last\":1", "\"last\":2"),
        memory.replace("\"requestID\":5", "\"requestID\":5,\"nextRequestID\":1"),
        memory.replace("\"phone\"", "\"\""),
        memory.replace("\"phone\"", &format!("\"{}\"", "n".repeat(65))),
        memory.replace("\"acceptCall\"", "\"inviteUser\""),
        memory.replace("\"refused\":{", "\"refused\":{\"x\":1,"),
        memory.replace("\"passed\"", "\"past\""),
        memory.replace("\"since\":null", "\"since\":3"),
        memory.replace(requesters, &format!("{requesters},{requesters}")),
        memory.replace(requesters, &format!("{requesters},{}", requesters.replace("bo", "cy"))),
        memory
            .replace(requesters, &requesters.replace("\"requests\":[", "\"requests\":[],\"x\":[")),
        String::new(),
        "[".repeat(100_000),
    ];
    for memory in forged {
        let error = with(&memory).unwrap_err();
        assert!(matches!(error, RestoreError::Impossible { .. }), "{error}: {memory:.200}");
    }
    assert_eq!(Exchange::restore(b""), Err(RestoreError::Foreign));
    assert_eq!(Exchange::restore(&board), Err(RestoreError::Foreign));
    let mut old = snapshot.clone();
    old[8] = 1;
    assert_eq!(Exchange::restore(&old), Err(RestoreError::Version { version: 1 }));
    let longer = forge([&snapshot[..], &[0]].concat(), HEAD);
    assert_eq!(Exchange::restore(&longer), Err(RestoreError::Damaged));
}

/// What is asked, and what is answered, where three numbers of two requesters are remembered.
const NUMBERS: &str = include_str!("exchange/numbers.txt");

// X-01 to X-06
#[test]
fn numbered_lines() {
    let limits = Limits { requests_per_requester: 3, requesters: 2, ..Limits::DEFAULT };
    let mut exchange = Exchange::new(limits, Policy::DEFAULT);
    let mut said = String::new();
    for line in NUMBERS.lines().filter_map(|line| line.strip_prefix("> ")) {
        let turn = exchange.apply(&serde_json::from_str(line).unwrap());
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

// X-02 to X-06: the journals of the laws above come to everything.
#[test]
fn numbered_journals_reach_everything() {
    let rng = TestRng::deterministic_rng(Config::default().rng_algorithm);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut sometimes: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..300 {
        let journal = numbered_journal().new_tree(&mut runner).unwrap().current();
        let mut exchange = exchange(&journal);
        for line in &journal.lines {
            let turn = exchange.apply(line);
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
