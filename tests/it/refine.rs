//! Refinement: the reducer and the reference model, which was written from the rules alone, agree on every answer, effect,
//! order and query.

use proptest::prelude::*;
use roomcall_testkit::model::compare_switchboard;
use roomcall_testkit::strategies::journal::{journal, settings};
use roomcall_testkit::strategies::{crowded_presence_journal, presence_journal};

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_reducer_is_the_model(journal in journal()) {
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
}
