//! Goal 10, first half: how long single inputs take, and the slowest of a thousand.
//!
//! Real time of each input alone, less what reading the clock costs. A group of inputs during
//! which the kernel took the core away is dropped: what it shows is another program. An input that
//! takes less than reading the clock counts as long as that: what is shorter cannot be told apart.

use nix::sys::resource::{UsageWho, getrusage};
use roomcall::{Input, Tick};

use super::pending::refused;
use crate::clock::{WallClock, quantile};
use crate::count::Wrong;
use crate::effort::{Effort, commas};
use crate::engine::CHUNK;
use crate::ours::desk::{self, Desk, Handles};
use crate::report::Row;
use crate::workload::{Phase, Plan, Verb};

/// How many times as long as usual the slowest of a thousand may take.
const TAIL: f64 = 8.0;

/// The times of one kind of input.
#[derive(Debug, Default)]
struct Samples {
    kept: Vec<f64>,
    dropped: usize,
}

impl Samples {
    /// Times of one group, which count unless the core was taken away.
    fn add(&mut self, group: &mut Vec<f64>, disturbed: bool) {
        if disturbed {
            self.dropped += group.len();
        } else {
            self.kept.append(group);
        }
        group.clear();
    }

    fn row(&mut self, name: &str, callees: u32, least: f64, has_goal: bool) -> Row {
        self.kept.sort_by(f64::total_cmp);
        let [half, most, nearly_all] = [0.5, 0.99, 0.999].map(|share| quantile(&self.kept, share));
        let tail = nearly_all / half.max(least);
        let goal = if has_goal { format!(" ≤ {TAIL:.0}×") } else { String::new() };
        let text = format!("{name}, {} pending: p99.9 beside p50{goal}", commas(callees.into()));
        let [half, most, nearly_all] = [half, most, nearly_all].map(|ns| format!("{ns:.0}"));
        let lost = self.dropped as f64 * 100.0 / (self.kept.len() + self.dropped).max(1) as f64;
        let measured =
            format!("{tail:.1}×: {half} / {most} / {nearly_all} ns, {lost:.1} % dropped");
        if has_goal {
            Row::new(10, text, measured, tail <= TAIL)
        } else {
            Row::figure(10, text, measured)
        }
    }
}

/// Looks at single inputs.
///
/// # Errors
///
/// The switchboard is wrong.
pub fn rows(effort: Effort) -> Result<Vec<Row>, Wrong> {
    let rounds = if effort == Effort::Quick { 30 } else { 300 };
    let mut rows = vec![nothing()];
    rows.extend(at(1_000, rounds, true)?);
    if effort != Effort::Quick {
        rows.extend(at(1_000_000, 1, false)?);
    }
    Ok(rows)
}

fn at(callees: u32, rounds: u64, has_goal: bool) -> Result<Vec<Row>, Wrong> {
    let mut desk = Desk::new(desk::sized(desk::LIMITS, desk::Size::of(callees)));
    let handles = Handles::open(&mut desk, callees).map_err(refused)?;
    let clock = WallClock::new();
    let mut samples: [Samples; Verb::ALL.len()] = Default::default();
    let mut ticks = Samples::default();
    for round in 0..=rounds {
        let mut plan = Plan::new(callees, round, round);
        plan.sort_answers();
        // The first round does not count.
        let mut ignored: [Samples; Verb::ALL.len()] = Default::default();
        let into = if round == 0 { &mut ignored } else { &mut samples };
        play(&plan, &mut desk, &handles, &clock, into);
        empty_ticks(&plan, &mut desk, &clock, &mut ticks);
    }
    let least = clock.cost_ns();
    let mut rows: Vec<_> = Verb::ALL
        .into_iter()
        .map(|verb| samples[verb as usize].row(verb.name(), callees, least, has_goal))
        .collect();
    rows.push(ticks.row("tick that ends nothing", callees, least, has_goal));
    Ok(rows)
}

/// Plays a round, and times each input.
fn play(
    plan: &Plan,
    desk: &mut Desk,
    handles: &Handles,
    clock: &WallClock,
    samples: &mut [Samples; Verb::ALL.len()],
) {
    let mut group: [Vec<f64>; Verb::ALL.len()] = Default::default();
    let mut phase = |phase, desk: &mut Desk| {
        plan.chunks(phase, CHUNK, |acts| {
            let staged: Vec<_> = acts.iter().map(|act| (act.verb, handles.input(act))).collect();
            let before = taken_away();
            for &(verb, (at, input)) in &staged {
                group[verb as usize].push(clock.time(|| desk.apply(at, input)).0);
            }
            let disturbed = taken_away() != before;
            for (samples, group) in samples.iter_mut().zip(&mut group) {
                samples.add(group, disturbed);
            }
        });
    };
    phase(Phase::Call, desk);
    phase(Phase::Answer, desk);
    phase(Phase::Enter, desk);
    desk.apply(Tick::from_millis(plan.tick_at()), Input::Tick);
    phase(Phase::Leave, desk);
}

/// Times ticks that end nothing.
fn empty_ticks(plan: &Plan, desk: &mut Desk, clock: &WallClock, samples: &mut Samples) {
    let at = Tick::from_millis(plan.start() + 59_000);
    let before = taken_away();
    let mut group: Vec<_> =
        (0..CHUNK).map(|_| clock.time(|| desk.apply(at, Input::Tick)).0).collect();
    samples.add(&mut group, taken_away() != before);
}

/// What the clock says of nothing, which is in every other figure but for the median.
fn nothing() -> Row {
    let (clock, mut samples) = (WallClock::new(), Samples::default());
    for _ in 0..1_000 {
        let before = taken_away();
        let mut group: Vec<_> = (0..CHUNK).map(|_| clock.time(|| ()).0).collect();
        samples.add(&mut group, taken_away() != before);
    }
    samples.kept.sort_by(f64::total_cmp);
    let at = |share| quantile(&samples.kept, share);
    let cost = clock.cost_ns();
    let measured =
        format!("{:.0} / {:.0} / {:.0} ns over {cost:.0} ns", at(0.5), at(0.99), at(0.999));
    Row::figure(10, "the clock alone: p50, p99, p99.9", measured)
}

/// How often the kernel took the core away from this thread.
fn taken_away() -> i64 {
    getrusage(UsageWho::RUSAGE_THREAD).map_or(0, |usage| usage.involuntary_context_switches())
}
