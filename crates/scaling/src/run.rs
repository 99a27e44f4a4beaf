//! Everything that was asked for, one after another.

use crate::clock::CpuClock;
use crate::count::Wrong;
use crate::effort::{Effort, Size};
use crate::goals::{growth, instructions, latency, memory, page, ratios, same, snapshot, tick};
use crate::progress::Progress;
use crate::report::Row;
use crate::side::{self, Side};

/// The number of the last goal.
pub const GOALS: u8 = 12;

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// By goal.
    pub rows: Vec<Row>,
    /// By size.
    pub sides: Vec<Side>,
}

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which goals.
    pub goals: Vec<u8>,
    /// How much is done for them.
    pub effort: Effort,
    /// Whether instructions are counted.
    pub instructions: bool,
}

impl Wanted {
    fn has(&self, goal: u8) -> bool {
        self.goals.contains(&goal)
    }

    /// The sizes at which engines are compared, if a goal wants that.
    fn sizes(&self) -> Vec<Size> {
        let grows = self.has(5) && self.effort == Effort::Large;
        let compares = [1, 2, 3, 4, 12].into_iter().any(|goal| self.has(goal));
        let mut sizes = if grows || compares { self.effort.sizes() } else { Vec::new() };
        // Nobody waits for engines that nobody asks about.
        if !self.has(1) && !self.has(2) {
            sizes.iter_mut().for_each(|size| size.of_peers = 0);
        }
        if !compares {
            sizes.retain(|size| size.callees >= 1_000_000);
            sizes.iter_mut().for_each(|size| size.is_compared = false);
        }
        sizes
    }

    /// About how long it takes, in milliseconds.
    fn parts(&self) -> u64 {
        let most = u64::from(self.effort.most());
        let sizes = self.effort.plain_sizes().iter();
        let mut parts = self.sizes().iter().map(side::parts).sum();
        if self.has(5) && self.instructions {
            parts += INSTRUCTIONS_PARTS;
        }
        if self.has(6) || self.has(7) {
            parts += MEMORY_PARTS;
        }
        if self.has(8) {
            parts += sizes.clone().copied().map(tick::parts).sum::<u64>();
            parts += tick::parts(self.effort.most());
        }
        if self.has(9) {
            parts += PAGE_PARTS;
        }
        if self.has(10) {
            parts += most / 50;
        }
        if self.has(11) {
            parts +=
                sizes.copied().filter(|size| *size >= 100_000).map(snapshot::parts).sum::<u64>();
        }
        parts
    }
}

const INSTRUCTIONS_PARTS: u64 = 60_000;
const MEMORY_PARTS: u64 = 8_000;
const PAGE_PARTS: u64 = 3_000;

/// Measures what is wanted.
///
/// # Errors
///
/// An engine is wrong.
pub fn run(wanted: &Wanted) -> Result<Measured, Wrong> {
    let (clock, progress) = (CpuClock::new(), Progress::new(wanted.parts()));
    let measured = measure(wanted, &clock, &progress);
    progress.end();
    measured
}

fn measure(wanted: &Wanted, clock: &CpuClock, progress: &Progress) -> Result<Measured, Wrong> {
    let mut sides = Vec::new();
    for size in &wanted.sizes() {
        sides.push(side::measure(size, clock, progress)?);
    }
    let mut rows = Vec::new();
    for goal in (1..=GOALS).filter(|goal| wanted.has(*goal)) {
        rows.extend(ratios::rows(goal, &sides));
        rows.extend(match goal {
            4 => same::rows()?,
            5 if wanted.instructions => {
                progress.say("instructions");
                let rows = instructions::rows()?;
                progress.done(INSTRUCTIONS_PARTS);
                rows
            }
            5 => instructions::not_run(),
            8 => tick::rows(wanted.effort, clock, progress)?,
            9 => {
                progress.say("pages");
                let rows = page::rows(clock)?;
                progress.done(PAGE_PARTS);
                rows
            }
            10 => slowest(wanted.effort, progress)?,
            11 => snapshot::rows(wanted.effort, clock, progress)?,
            _ => Vec::new(),
        });
    }
    if wanted.has(6) || wanted.has(7) {
        progress.say("heap and allocations");
        rows.extend(memory::rows()?.into_iter().filter(|row| wanted.has(row.goal)));
        progress.done(MEMORY_PARTS);
    }
    rows.sort_by_key(|row| row.goal);
    Ok(Measured { rows, sides })
}

/// Goal 10.
fn slowest(effort: Effort, progress: &Progress) -> Result<Vec<Row>, Wrong> {
    progress.say("single inputs");
    let mut rows = latency::rows(effort)?;
    progress.say("growth");
    rows.extend(growth::rows(effort)?);
    progress.done(u64::from(effort.most()) / 50);
    Ok(rows)
}
