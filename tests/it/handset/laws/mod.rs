//! The laws of the handset: what no single effect shows, over random journals and over every order
//! of the messages of consistent histories.

mod deliveries;
mod lives;
mod log;
mod picture;
mod quiet;
mod requests;
mod said;
mod screen;
mod snapshots;
mod ticks;
mod truth;

use proptest::prelude::*;
use roomcall::handset::{DeviceTick, Effect, Handset, Input, Settings};

use roomcall_testkit::strategies::handset::{DEVICE, Journal, Move, USER};

/// One move of a journal, as it was seen.
struct Seen<'a> {
    before: &'a Handset,
    at: DeviceTick,
    /// None for a restart.
    inputs: &'a [Input],
    /// For how long the process was dead at least.
    dead: u64,
    effects: &'a [Effect],
    after: &'a Handset,
}

fn new(journal: &Journal) -> Handset {
    Handset::new(USER, DEVICE, journal.settings)
}

/// Plays a journal and looks at each of its moves; gives what is left.
fn play(
    journal: &Journal,
    mut look: impl FnMut(Seen) -> Result<(), TestCaseError>,
) -> Result<Handset, TestCaseError> {
    let mut before = new(journal);
    for play in &journal.moves {
        let mut dead_for = 0;
        let (at, inputs, effects, after) = match play {
            Move::Apply { at, inputs } => {
                let (at, mut after) = (DeviceTick::from_millis(*at), before.clone());
                let effects = after.apply_all(at, inputs.clone());
                (at, &inputs[..], effects, after)
            }
            Move::Restart { dead } => {
                dead_for = dead.unwrap_or_default();
                (DeviceTick::START, &[][..], Vec::new(), before.clone().restart(*dead))
            }
        };
        look(Seen {
            before: &before,
            at,
            inputs,
            dead: dead_for,
            effects: &effects,
            after: &after,
        })?;
        before = after;
    }
    Ok(before)
}

/// The journal with a change in the settings that the handset begins with, and that it is given.
fn with_settings(journal: Journal, change: impl Fn(Settings) -> Settings) -> Journal {
    let mut moves = journal.moves;
    for play in &mut moves {
        let Move::Apply { inputs, .. } = play else { continue };
        for input in inputs {
            if let Input::Settings(settings) = input {
                *settings = change(*settings);
            }
        }
    }
    Journal { settings: change(journal.settings), moves }
}

/// The journal with each input by itself, after what is due at its time.
fn singly(journal: &Journal) -> Journal {
    let mut moves = Vec::new();
    for play in &journal.moves {
        match play {
            Move::Restart { dead } => moves.push(Move::Restart { dead: *dead }),
            Move::Apply { at, inputs } => {
                for input in inputs {
                    moves.push(Move::Apply { at: *at, inputs: vec![Input::Tick] });
                    moves.push(Move::Apply { at: *at, inputs: vec![input.clone()] });
                }
            }
        }
    }
    Journal { settings: journal.settings, moves }
}
