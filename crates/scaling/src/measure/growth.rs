//! The longest single input while everything grows from nothing, by name.
//!
//! The same growth is replayed five times, and of each input the smallest time counts: the machine
//! is shared, and what the input itself needs it needs each time.

use roomcall::protocol::Record;

use crate::board::fixture::{Fixture, capacity};
use crate::board::records::{opening, record};
use crate::clock::WallClock;
use crate::count::Wrong;
use crate::names::Names;
use crate::report::{Goal, Row, Unit, commas};
use crate::workload::{Act, Verb};

/// How often it is replayed.
const REPLAYS: usize = 5;

/// Grows switchboards, without and with capacity.
pub(super) fn rows(is_quick: bool) -> Result<Vec<Row>, Wrong> {
    let callees = if is_quick { 100_000 } else { 1_000_000 };
    let all = commas(callees.into());
    let grown = longest(callees, Fixture::grown)?;
    let with_capacity = longest(callees, || Fixture::with_capacity(capacity(callees)))?;
    let row = |how: &str, ns, most| {
        let what = format!("longest input while growing to {all} users and calls, {how}");
        Row::new(what, ns, Unit::Time, Goal::AtMost(most))
    };
    Ok(vec![row("without capacity", grown, 50e6), row("with capacity", with_capacity, 1e6)])
}

/// The longest of the smallest times.
fn longest(callees: u32, fixture: impl Fn() -> Fixture) -> Result<f64, Wrong> {
    let mut best = Vec::new();
    for replay in 0..REPLAYS {
        let took = grow(callees, fixture())?;
        if replay == 0 {
            best = took;
        } else {
            best.iter_mut().zip(took).for_each(|(best, took)| *best = best.min(took));
        }
    }
    Ok(best.into_iter().fold(0.0, f64::max))
}

/// Opens all rooms and calls all callees, and times each input.
fn grow(callees: u32, mut fixture: Fixture) -> Result<Vec<f64>, Wrong> {
    let clock = WallClock::new();
    let mut times = Vec::with_capacity(callees as usize * 2);
    let mut apply = |record: &Record| {
        let Fixture { board, outcome } = &mut fixture;
        times.push(clock.time(|| board.apply_record_into(record, outcome)).0);
    };
    opening(callees, Names::USUAL).for_each(|record| apply(&record));
    for callee in 0..callees {
        let act = Act { at: u64::from(callee) / 100, callee, verb: Verb::Call };
        apply(&record(&act, Names::USUAL));
    }
    let live = fixture.board.live_count();
    if live != callees {
        return Err(Wrong::new("roomcall", format!("{live} calls ring, not {callees}")));
    }
    Ok(times)
}
