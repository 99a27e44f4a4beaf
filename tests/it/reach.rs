//! Random journals reach what the laws are about: without this a law could hold because nothing
//! ever happens.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRng, TestRunner};
use roomcall::protocol::{Answer, Command, Fact, Input, LogEntry, LoggedCall, Outcome, Query};
use roomcall::{ActiveCalls, CallResult, Rule, protocol};

use crate::laws::expected::{End, Expecting};
use crate::traceability::shown_by;
use roomcall_testkit::play::play;
use roomcall_testkit::strategies::journal::{Journal, ROOMS, journal};

/// The same random journals at each run.
pub(crate) fn fixed_journals(count: usize) -> impl Iterator<Item = Journal> {
    let rng = TestRng::deterministic_rng(Config::default().rng_algorithm);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    std::iter::repeat_with(move || journal().new_tree(&mut runner).unwrap().current()).take(count)
}

/// Situations that no single rule names.
fn situations(line: &protocol::Record, turn: &Outcome) -> Vec<&'static str> {
    let because = |rule| turn.effects.iter().any(|effect| effect.because == rule);
    let mut found = Vec::new();
    let mut sometimes = |holds: bool, what| {
        if holds {
            found.push(what);
        }
    };
    // C-14, P-06
    if let Some(Ok(Answer::Ringing { rung, .. })) = turn.answer {
        let is_first = because(Rule::C14);
        sometimes(is_first, "it rings");
        sometimes(rung && !is_first, "it rings again");
        sometimes(!rung, "what is no live attempt to them rings");
    }
    let enters = matches!(line.input, Input::Fact(Fact::UserEntered { .. }));
    sometimes(enters && because(Rule::E03) && because(Rule::E07), "enters, and ends two");
    sometimes(enters && because(Rule::E03) && because(Rule::K02), "enters, ends one, removes one");
    sometimes(because(Rule::C08) && because(Rule::K03), "in other room at once, and evicts");
    sometimes(line.input == Input::Tick && because(Rule::K03), "the clock evicts");
    sometimes(because(Rule::E04) && turn.effects.len() > 3, "the clock ends several");
    let changes = matches!(line.input, Input::Fact(Fact::RulesChanged { .. }));
    sometimes(changes && because(Rule::K03), "other rules evict");
    sometimes(changes && because(Rule::E03), "other rules end what is in another room");
    sometimes(changes && turn.unchanged == Some(Rule::F19), "other rules are ignored");
    if let (
        Input::Query { query: Query::GetPendingCalls { cursor, .. }, .. },
        Some(Ok(Answer::GetPendingCalls { calls, next_cursor, .. })),
    ) = (&line.input, &turn.answer)
    {
        let is_next = cursor.as_ref().is_some_and(|cursor| !cursor.is_empty());
        sometimes(is_next && !calls.is_empty(), "a next page");
        sometimes(!next_cursor.is_empty(), "a page before the last");
    }
    if let Some(Ok(Answer::GetIncomingCalls { calls, endings, .. })) = &turn.answer {
        sometimes(!calls.is_empty(), "something rings on asking");
        let missed = endings.as_ref().map_or(0, |endings| endings.calls.len());
        sometimes(missed > 0, "something was missed");
        sometimes(missed > 1, "several calls were missed");
    }
    match (&line.input, &turn.answer) {
        (
            Input::Ask { command: Command::MarkCallsSeen { .. }, .. },
            Some(Ok(Answer::MarkCallsSeen { seen })),
        ) => {
            sometimes(because(Rule::H04), "a mark moves");
            sometimes(!because(Rule::H04) && *seen > 0, "a mark stands");
        }
        (_, Some(Ok(Answer::GetCallLog(log)))) => {
            let tries = |entry: &LogEntry| match entry.what {
                LoggedCall::Tried { count } => count,
                LoggedCall::Ended(_) => 0,
            };
            sometimes(!log.entries.is_empty() && log.since > 0, "a log is read on");
            sometimes(log.more, "a log has more");
            sometimes(log.entries.iter().any(|entry| tries(entry) > 1), "somebody tried again");
        }
        (_, Some(Err(refused))) => {
            let is_told = refused.ended.is_some();
            sometimes(is_told && refused.rule == Rule::R02, "too late for a room that is gone");
            sometimes(is_told && refused.rule == Rule::E10, "too late, as the log says");
        }
        _ => {}
    }
    found
}

/// What becomes of those who are expected.
fn expectations(
    expecting: &mut Expecting,
    line: &protocol::Record,
    turn: &Outcome,
) -> Vec<&'static str> {
    let due = expecting.due(turn.at);
    let mut found: Vec<_> = due.iter().map(|_| "who accepted does not come").collect();
    if due.iter().any(|it| it.deadline == turn.at) {
        found.push("the very end of a grace");
    }
    if let (
        Input::Ask { command: Command::CallUserToRoom { room, .. }, .. },
        Some(Ok(Answer::CallUserToRoom(results))),
    ) = (&line.input, &turn.answer)
    {
        // Nothing else that counts can ring there (INV-01).
        let is_per_room = expecting.policy.active_calls == ActiveCalls::PerRoom;
        let is_tried = |(callee, result): &(String, CallResult)| {
            *result == CallResult::AlreadyInCalling && expecting.find(room, callee).is_some()
        };
        if is_per_room && results.iter().any(is_tried) {
            found.push("who is expected is called already");
        }
        let elsewhere = |(callee, result): &(String, CallResult)| {
            let is_awaited = ROOMS.iter().any(|room| expecting.find(room, callee).is_some());
            *result == CallResult::Success && is_awaited
        };
        if results.iter().any(elsewhere) {
            found.push("who is expected is called into another room");
        }
    }
    let ended = expecting.hear(line, turn).into_iter().map(|(_, end)| match end {
        End::Entered => "who is expected comes",
        End::Removed => "who is expected is removed",
        End::Dissolved => "where somebody is expected is dissolved",
        End::Erased => "who is expected, or called somebody who is, is erased",
        End::Recovered => "that somebody is expected is lost",
    });
    found.extend(ended);
    found
}

// and all that is shown by an output.
#[test]
fn random_journals_reach_everything() {
    const JOURNALS: usize = 5_000;
    const LEAST: usize = 5;
    const LEAST_SITUATIONS: usize = 3;
    let mut rules: BTreeMap<Rule, usize> = BTreeMap::new();
    let mut sometimes: BTreeMap<&str, usize> = BTreeMap::new();
    for journal in fixed_journals(JOURNALS) {
        let turns = play(&journal).1;
        let mut expecting = Expecting::of(&journal);
        for (line, turn) in journal.lines.iter().zip(&turns) {
            for what in expectations(&mut expecting, line, turn) {
                *sometimes.entry(what).or_default() += 1;
            }
            shown_by(turn).into_iter().for_each(|rule| *rules.entry(rule).or_default() += 1);
            for what in situations(line, turn) {
                *sometimes.entry(what).or_default() += 1;
            }
        }
    }
    // Numbers have journals of their own.
    let numbered = [Rule::X02, Rule::X03, Rule::X04];
    let outside = [Rule::N01, Rule::L12, Rule::S02, Rule::J01, Rule::J02, Rule::J03];
    let scenarios = crate::traceability::seen();
    let rare: Vec<_> = scenarios
        .keys()
        .filter(|rule| !outside.contains(rule) && !numbered.contains(rule))
        // So have handsets.
        .filter(|rule| !rule.id().starts_with("D-"))
        .map(|rule| (*rule, rules.get(rule).copied().unwrap_or_default()))
        .filter(|(_, count)| *count < LEAST)
        .collect();
    assert!(rare.is_empty(), "seldom or never seen: {rare:?}\nall: {rules:?}");
    assert_eq!(sometimes.len(), 32, "{sometimes:?}");
    assert!(sometimes.values().all(|count| *count >= LEAST_SITUATIONS), "{sometimes:?}");
}
