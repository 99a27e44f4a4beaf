//! Goal 8: what it costs that time passes.

use roomcall::{Event, Input, Tick};

use super::pending::{Pending, RINGS_MS, SPREAD_MS};
use crate::clock::{CpuClock, WallClock, median};
use crate::count::Wrong;
use crate::effort::{Effort, commas};
use crate::engine::CHUNK;
use crate::ours::desk::{Desk, Work};
use crate::progress::Progress;
use crate::report::{Row, time};
use crate::workload::{Act, Random, Verb};

/// How far apart two rounds begin.
const ROUND_MS: u64 = 100_000;
/// How often the longest tick is looked for.
const REPEATS: usize = 3;

/// Looks at ticks in every way.
///
/// # Errors
///
/// The switchboard is wrong.
pub fn rows(effort: Effort, clock: &CpuClock, progress: &Progress) -> Result<Vec<Row>, Wrong> {
    let (mut empty, mut expiries) = (Vec::new(), Vec::new());
    for &callees in effort.plain_sizes() {
        progress.say(format!("ticks: {} pending", commas(callees.into())));
        let mut pending = Pending::new(callees)?;
        pending.call_all(0)?;
        empty.push(empty_tick(callees, &mut pending, clock));
        pending.end_all(0)?;
        expiries.push(expire(callees, &mut pending, clock)?);
        progress.done(parts(callees));
    }
    progress.say("ticks: the longest");
    let longest = longest(effort.most())?;
    progress.done(parts(effort.most()));
    let budget = budget(effort.most())?;
    Ok(empty.into_iter().chain(expiries).chain([longest]).chain(budget).collect())
}

/// About how long one size takes, in milliseconds.
pub fn parts(callees: u32) -> u64 {
    u64::from(callees) / 60 + 100
}

/// A tick that nothing is due at.
fn empty_tick(callees: u32, pending: &mut Pending, clock: &CpuClock) -> Row {
    let desk = &mut pending.desk;
    let mut at = SPREAD_MS;
    let mut one = || {
        let ticks = 4_000;
        let (took, ()) = clock.time(|| {
            for _ in 0..ticks {
                desk.apply(Tick::from_millis(at), Input::Tick);
                at += 1;
            }
        });
        took / f64::from(ticks)
    };
    // Nothing is due before the first deadline.
    let ns = median(&mut [one(), one(), one(), one()]);
    let text = format!("a tick that ends nothing, {} pending ≤ 20 ns", commas(callees.into()));
    Row::new(8, text, time(ns), ns <= 20.0)
}

/// What one of many expiries costs beside one cancel.
fn expire(callees: u32, pending: &mut Pending, clock: &CpuClock) -> Result<Row, Wrong> {
    let some = (callees / 10).clamp(100, 10_000);
    let repeats = (100_000 / callees).clamp(3, 50);
    let mut random = Random::new(7);
    let (mut ratios, mut each) = (Vec::new(), Vec::new());
    for round in 1..=u64::from(repeats) {
        let start = round * ROUND_MS;
        pending.call_all(start)?;
        let cancel_ns = cancel_some(some, callees, start + SPREAD_MS, pending, &mut random, clock);
        let until = start + RINGS_MS + SPREAD_MS * u64::from(some) / u64::from(callees);
        let desk = &mut pending.desk;
        let (took, ()) = clock.time(|| desk.apply(Tick::from_millis(until), Input::Tick));
        let expiry_ns = took / ended(&pending.desk.step.effects);
        ratios.push(expiry_ns / cancel_ns);
        each.push(expiry_ns);
        pending.end_all(start)?;
    }
    let (ratio, each) = (median(&mut ratios), median(&mut each));
    let (some, all) = (commas(some.into()), commas(callees.into()));
    let text = format!("one of {some} expiries beside one cancel, {all} pending ≤ 1.5×");
    Ok(Row::new(8, text, format!("{ratio:.2}×, {}", time(each)), ratio <= 1.5))
}

/// What one of many single cancels costs, in nanoseconds.
fn cancel_some(
    some: u32,
    callees: u32,
    at: u64,
    pending: &mut Pending,
    random: &mut Random,
    clock: &CpuClock,
) -> f64 {
    let mut all: Vec<_> = (0..callees).collect();
    random.shuffle(&mut all);
    let Pending { desk, handles, .. } = pending;
    let mut took = 0.0;
    for chunk in all[..some as usize].chunks(CHUNK) {
        let act = |callee: &u32| Act { at, callee: *callee, verb: Verb::Cancel };
        let inputs: Vec<_> = chunk.iter().map(|callee| handles.input(&act(callee))).collect();
        took += clock
            .time(|| {
                for &(at, input) in &inputs {
                    desk.apply(at, input);
                }
            })
            .0;
    }
    took / f64::from(some)
}

/// How many calls a tick ended: each is told to its callee, to its caller and to its room.
fn ended(effects: &[roomcall::Effect]) -> f64 {
    let is_timeout = |effect: &&roomcall::Effect| effect.event == Event::CallTimeout;
    effects.iter().filter(is_timeout).count() as f64 / 2.0
}

/// The longest of the ticks that end all calls in steps of a millisecond.
fn longest(callees: u32) -> Result<Row, Wrong> {
    let clock = WallClock::new();
    let mut pending = Pending::new(callees)?;
    let mut best: Vec<(f64, f64)> = Vec::new();
    for repeat in 0..=REPEATS {
        let start = repeat as u64 * ROUND_MS;
        pending.call_all(start)?;
        let desk = &mut pending.desk;
        let mut step = |after: u64| {
            let at = Tick::from_millis(start + RINGS_MS + after);
            let (took, ()) = clock.time(|| desk.apply(at, Input::Tick));
            (took, ended(&desk.step.effects))
        };
        let ticks: Vec<_> = (0..SPREAD_MS).map(&mut step).collect();
        // The first time the buffer of effects still grows.
        match repeat {
            0 => {}
            1 => best = ticks,
            _ => best.iter_mut().zip(ticks).for_each(|(best, tick)| best.0 = best.0.min(tick.0)),
        }
        pending.end_all(start)?;
    }
    let over = |(took, ended): &(f64, f64)| took - ended * 1e3;
    let worst = best.iter().max_by(|a, b| over(a).total_cmp(&over(b))).copied();
    let (took, ended) = worst.unwrap_or_default();
    let all = commas(callees.into());
    let text = format!("longest tick of 1 ms, {all} pending ≤ 50 µs + 1 µs for each that it ends");
    let measured = format!("{} for {ended}", time(took));
    Ok(Row::new(8, text, measured, took <= 50e3 + ended * 1e3))
}

/// The longest of the steps of a budget each that end all calls at once.
fn budget(callees: u32) -> Result<Option<Row>, Wrong> {
    const BUDGET: u32 = 1_000;
    let clock = WallClock::new();
    let mut pending = Pending::new(callees)?;
    let mut best = Vec::new();
    for repeat in 0..=REPEATS {
        let start = repeat as u64 * ROUND_MS;
        pending.call_all(start)?;
        let at = Tick::from_millis(start + RINGS_MS + SPREAD_MS);
        let Desk { board, step } = &mut pending.desk;
        let mut steps = Vec::new();
        loop {
            let (took, work) = clock.time(|| board.tick_within(at, BUDGET, step));
            steps.push(took);
            if work == Work::Done {
                break;
            }
        }
        match repeat {
            0 => {}
            1 => best = steps,
            _ => best.iter_mut().zip(steps).for_each(|(best, step)| *best = best.min(step)),
        }
        pending.end_all(start)?;
    }
    let longest = best.iter().copied().fold(0.0, f64::max);
    let (all, each) = (commas(callees.into()), commas(BUDGET.into()));
    let text = format!("{all} due at once, ended {each} at a time: the longest step");
    Ok(Some(Row::figure(8, text, format!("{}, {} steps", time(longest), best.len()))))
}
