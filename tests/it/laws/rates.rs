//! The law about how fast users call (L-14).

use std::collections::BTreeMap;

use proptest::prelude::*;
use roomcall::protocol::{Actor, Answer, Fact, Input, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{CallResult, Limits, Rule, Tick};

use roomcall_testkit::play::{board, tick};
use roomcall_testkit::strategies::journal::Journal;

laws! {
    // L-14: between any two of a user's calls at most a minute's calls and those of the time between
    // them are made; a refusal says when the same call is allowed, and not a millisecond too late.
    fn nobody_calls_faster(journal) {
        for calls_per_minute in [1, 3, 7] {
            let limits = Limits { calls_per_minute, rated_users: 8, ..journal.limits };
            // It is said of one rate, of callers who are not evicted (F-19).
            let journal = Journal { limits, ..journal.clone() }.with_constant_limits();
            let mut board = board(&journal);
            let mut made = BTreeMap::<&str, Vec<(u64, u64)>>::new();
            for line in &journal.lines {
                let before = board.clone();
                let outcome = board.apply_record(line);
                if let Input::Fact(Fact::UserErased { user }) = &line.input {
                    made.remove(user.as_str());
                }
                let Input::Ask { by: Actor::Device { user, .. }, .. } = &line.input else { continue };
                match outcome.answer {
                    Some(Ok(Answer::CallUserToRoom(results))) => {
                        let is_success = |(_, result): &&(String, CallResult)| *result == CallResult::Success;
                        let successes = results.iter().filter(is_success).count() as u64;
                        made.entry(user).or_default().push((outcome.at, successes));
                    }
                    Some(Err(refused)) if refused.rule == Rule::L14 => {
                        if let Some(wait) = refused.retry_after {
                            prop_assert!(wait > 0);
                            // A callee whose call ends meanwhile is a success more, perhaps too many (L-07).
                            let then = outcome.at + wait;
                            let mut ticked = before.clone();
                            let has_ended = !tick(&mut ticked, then).effects.is_empty();
                            prop_assert!(has_ended || is_too_fast(&before, line, then - 1));
                            // T-09: after the end of time no time comes.
                            let is_over = then > Tick::LAST.as_millis();
                            prop_assert!(is_over || has_ended || !is_too_fast(&before, line, then));
                        }
                    }
                    _ => {}
                }
            }
            for calls in made.values() {
                for (first, (from, _)) in calls.iter().enumerate() {
                    let mut count = 0;
                    for (to, successes) in &calls[first..] {
                        count += successes;
                        let most = u64::from(calls_per_minute) * (60_000 + to - from) / 60_000;
                        prop_assert!(count <= most, "{} calls in {} ms", count, to - from);
                    }
                }
            }
        }
    }
}

/// Whether a call is refused as too fast at another time.
fn is_too_fast(board: &Switchboard, line: &Record, at: u64) -> bool {
    let line = Record { at, ..line.clone() };
    let answer = board.clone().apply_record(&line).answer;
    matches!(answer, Some(Err(refused)) if refused.rule == Rule::L14)
}
