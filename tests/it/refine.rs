//! Refinement: the reducer and the reference model, which was written from the rules alone, agree on every answer, effect,
//! order and query.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use roomcall::protocol::{Fact, Input};
use roomcall::{Rule, Tick};
use roomcall_testkit::model::compare_switchboard;
use roomcall_testkit::play::play;
use roomcall_testkit::strategies::journal::{journal, settings};
use roomcall_testkit::strategies::{changing_journal, crowded_presence_journal, presence_journal};

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_reducer_is_the_model(journal in journal()) {
        compare_switchboard(&journal)?;
    }

    #[test]
    fn the_end_of_time_is_the_model(mut journal in journal(), left in 0..30_000_u64) {
        // T-09: no later time comes, and what is due after it is never due.
        for line in &mut journal.lines {
            line.at = line.at.saturating_add(Tick::LAST.as_millis() - left);
        }
        compare_switchboard(&journal)?;
    }

    // F-04 to F-08, F-13 to F-16
    #[test]
    fn presences_are_the_model(journal in presence_journal()) {
        compare_switchboard(&journal)?;
    }

    // F-05, F-13
    #[test]
    fn many_presences_are_the_model(journal in crowded_presence_journal()) {
        compare_switchboard(&journal)?;
    }

    // F-19
    #[test]
    fn other_rules_are_the_model(journal in changing_journal()) {
        compare_switchboard(&journal)?;
    }
}

// F-19: the journals of the law above come to all that a change may do.
#[test]
fn other_rules_end_something() {
    let rng = TestRng::deterministic_rng(Config::default().rng_algorithm);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut seen: BTreeMap<Rule, usize> = BTreeMap::new();
    for _ in 0..400 {
        let journal = changing_journal().new_tree(&mut runner).unwrap().current();
        for (line, turn) in journal.lines.iter().zip(play(&journal).1) {
            if matches!(line.input, Input::Fact(Fact::RulesChanged { .. })) {
                for effect in turn.effects {
                    *seen.entry(effect.because).or_default() += 1;
                }
            }
        }
    }
    for rule in [Rule::K03, Rule::E03, Rule::F19] {
        assert!(seen.get(&rule).is_some_and(|count| *count >= 20), "{rule:?} of {seen:?}");
    }
}
