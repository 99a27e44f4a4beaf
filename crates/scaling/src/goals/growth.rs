//! Goal 10, second half: no single input stops the world while everything grows from nothing.
//!
//! The same growth is played three times, and of each input the shortest time counts: the machine
//! is shared, and what the input itself needs it needs each time.

use roomcall::switchboard::Switchboard;
use roomcall::{Input, Policy};

use super::pending::refused;
use crate::clock::WallClock;
use crate::count::Wrong;
use crate::effort::{Effort, commas};
use crate::ours::desk::{Desk, Handles, LIMITS};
use crate::report::{Row, time};
use crate::workload::{Act, CALLEES_PER_ROOM, Verb, rooms};

/// How often it is played.
const REPEATS: usize = 3;
/// What one input may take.
const MOST_NS: f64 = 1e6;

/// Steps of growth, by what they do.
const STEPS: [&str; 3] = ["a room opens and its host enters", "a name", "a call"];

/// Looks at growth.
///
/// # Errors
///
/// The switchboard is wrong.
pub fn rows(effort: Effort) -> Result<Vec<Row>, Wrong> {
    let callees = effort.most();
    let mut best: [Vec<f64>; STEPS.len()] = Default::default();
    for repeat in 0..REPEATS {
        let took = grow(callees)?;
        for (best, took) in best.iter_mut().zip(took) {
            if repeat == 0 {
                *best = took;
            } else {
                best.iter_mut().zip(took).for_each(|(best, took)| *best = best.min(took));
            }
        }
    }
    let row = |(step, took): (&str, Vec<f64>)| {
        let worst = took.into_iter().fold(0.0, f64::max);
        let all = commas(callees.into());
        let text = format!("longest input while growing to {all}: {step} ≤ 1 ms");
        Row::new(10, text, time(worst), worst <= MOST_NS)
    };
    Ok(STEPS.into_iter().zip(best).map(row).collect())
}

/// Lets a switchboard grow that was not told how far, and times each step.
fn grow(callees: u32) -> Result<[Vec<f64>; STEPS.len()], Wrong> {
    let clock = WallClock::new();
    let mut desk = Desk::new(Switchboard::new(LIMITS, Policy::DEFAULT));
    let mut handles = Handles::devices(&mut desk.board).map_err(refused)?;
    handles.reserve(callees);
    let many = callees as usize;
    let (mut opens, mut names, mut calls) =
        (Vec::with_capacity(many), Vec::with_capacity(many), Vec::with_capacity(many));
    for number in 0..rooms(callees) {
        let (took, done) = clock.time(|| handles.open_room(&mut desk, number));
        done.map_err(refused)?;
        opens.push(took);
        for callee in number * CALLEES_PER_ROOM..(number + 1) * CALLEES_PER_ROOM {
            let (took, done) = clock.time(|| handles.add_callee(&mut desk, callee));
            done.map_err(refused)?;
            names.push(took);
            let act = Act { at: u64::from(callee) / 100, callee, verb: Verb::Call };
            let (at, input): (_, Input<'_>) = handles.input(&act);
            calls.push(clock.time(|| desk.apply(at, input)).0);
        }
    }
    let live = desk.board.live_calls();
    if live != callees {
        return Err(Wrong::new("roomcall", format!("{live} calls ring, not {callees}")));
    }
    Ok([opens, names, calls])
}
