//! The handset, held against a reference model that was written from the rules alone.

mod forms;
mod laws;
mod reach;
mod states;
mod tables;

use proptest::prelude::*;
use roomcall_testkit::model::compare_handset;
use roomcall_testkit::strategies::handset::handset_journal;
use roomcall_testkit::strategies::journal::settings;

pub(crate) use reach::rules_seen;

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_handset_is_the_model(journal in handset_journal()) {
        compare_handset(&journal)?;
    }
}
