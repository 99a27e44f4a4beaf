//! Many seeds on several threads.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

use roomcall_testkit::world::{Seen, play, play_seed};

/// Seeds that a thread takes at once.
const BLOCK: u64 = 64;

/// What came of many seeds.
#[derive(Default)]
pub(crate) struct Found {
    /// What was seen how often.
    pub(crate) seen: Seen,
    /// The seeds that went wrong, by what is wrong.
    pub(crate) violations: BTreeMap<&'static str, Vec<u64>>,
}

/// Plays so many seeds; without `all` until the first violation.
pub(crate) fn play_all(from: u64, seeds: u64, threads: usize, all: bool) -> Found {
    let bar = ProgressBar::new(seeds).with_style(style());
    let next = AtomicU64::new(0);
    let found = Mutex::new(Found::default());
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| work(from, seeds, all, &next, &found, &bar));
        }
    });
    bar.finish();
    found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{elapsed_precise} {bar:40} {pos}/{len} {per_sec} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// One thread.
fn work(
    from: u64,
    seeds: u64,
    all: bool,
    next: &AtomicU64,
    found: &Mutex<Found>,
    bar: &ProgressBar,
) {
    loop {
        let begin = next.fetch_add(BLOCK, Ordering::Relaxed);
        let end = begin.saturating_add(BLOCK).min(seeds);
        if begin >= end {
            return;
        }
        let mut block = Found::default();
        for seed in (begin..end).map(|at| from.wrapping_add(at)) {
            match play_seed(seed) {
                Ok(seen) => add(&mut block.seen, seen),
                Err(run) => {
                    // The same again, for its name.
                    let name = play(&run).err().map_or("fails only once", |wrong| wrong.name);
                    block.violations.entry(name).or_default().push(seed);
                }
            }
        }
        bar.inc(end.saturating_sub(begin));
        let stops = !all && !block.violations.is_empty();
        let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        add(&mut found.seen, block.seen);
        for (name, seeds) in block.violations {
            found.violations.entry(name).or_default().extend(seeds);
        }
        let wrong: usize = found.violations.values().map(Vec::len).sum();
        if wrong > 0 {
            bar.set_message(format!("{wrong} violations"));
        }
        if stops {
            next.store(seeds, Ordering::Relaxed);
        }
    }
}

fn add(seen: &mut Seen, more: Seen) {
    for (what, count) in more {
        let sum = seen.entry(what).or_default();
        *sum = sum.saturating_add(count);
    }
}
