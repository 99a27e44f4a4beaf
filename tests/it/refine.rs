//! Refinement: the reducer and the reference model, which was written from the rules alone, agree on every answer, effect,
//! order and query.

use proptest::prelude::*;
use roomcall_testkit::model::compare_switchboard;
use roomcall_testkit::strategies::journal::{journal, settings};

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_reducer_is_the_model(journal in journal()) {
        compare_switchboard(&journal)?;
    }
}
