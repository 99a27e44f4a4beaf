//! The handset, held against a reference model that was written from the rules alone.

mod director;
mod forms;
mod history;
mod laws;
mod model;
mod random;
mod reach;
mod replies;
mod tables;

use proptest::prelude::*;
use roomcall::Tick;
use roomcall::handset::Handset;

use crate::random::settings;
use random::{DEVICE, Journal, Move, USER, handset_journal};
pub(crate) use reach::rules_seen;

/// Plays a journal on both and compares everything that can be seen, after each move.
fn compare(journal: &Journal) -> Result<(), TestCaseError> {
    let mut handset = Handset::new(USER, DEVICE, journal.settings);
    let mut model = journal.model();
    for (number, play) in journal.moves.iter().enumerate() {
        match play {
            Move::Apply { at, inputs } => {
                let at = Tick::from_millis(*at);
                prop_assert_eq!(
                    handset.apply_all(at, inputs.clone()),
                    model.apply_all(at, inputs.clone()),
                    "left is the handset, right the model; move {}: {:?}",
                    number,
                    play
                );
            }
            Move::Restart => {
                handset = handset.restart();
                model = model.restart();
            }
        }
        prop_assert_eq!(
            handset.next_deadline(),
            model.next_deadline(),
            "left is the handset, right the model; after move {}: {:?}",
            number,
            play
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_handset_is_the_model(journal in handset_journal()) {
        compare(&journal)?;
    }
}
