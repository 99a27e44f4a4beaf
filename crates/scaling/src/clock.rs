//! The CPU time of this thread, less what reading it costs.

use std::time::Instant;

use cpu_time::ThreadTime;

/// How often reading a clock is tried to learn what it costs.
const TRIES: usize = 2_001;

/// A clock of CPU time that knows its own cost.
#[derive(Clone, Copy, Debug)]
pub struct CpuClock {
    cost_ns: f64,
}

impl CpuClock {
    /// Learns what reading it costs: the median of many pairs of readings.
    pub fn new() -> Self {
        Self { cost_ns: median_of(TRIES, || nanos(&ThreadTime::now())) }
    }

    /// One that did not learn it, for those who do not look at the time.
    pub const fn unread() -> Self {
        Self { cost_ns: 0.0 }
    }

    /// The CPU time that something takes, in nanoseconds.
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> (f64, T) {
        let start = ThreadTime::now();
        let done = work();
        (nanos(&start) - self.cost_ns, done)
    }
}

impl Default for CpuClock {
    fn default() -> Self {
        Self::new()
    }
}

fn nanos(start: &ThreadTime) -> f64 {
    start.elapsed().as_nanos() as f64
}

/// A clock of real time, for single inputs, that knows its own cost.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    cost_ns: f64,
}

impl WallClock {
    /// Learns what reading it costs.
    pub fn new() -> Self {
        Self { cost_ns: median_of(TRIES, || Instant::now().elapsed().as_nanos() as f64) }
    }

    /// The real time that something takes, in nanoseconds, not below 0.
    #[inline]
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> (f64, T) {
        let start = Instant::now();
        let done = work();
        ((start.elapsed().as_nanos() as f64 - self.cost_ns).max(0.0), done)
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::new()
    }
}

fn median_of(tries: usize, mut one: impl FnMut() -> f64) -> f64 {
    median(&mut (0..tries).map(|_| one()).collect::<Vec<_>>())
}

/// The median, which puts them into order; 0 of none.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[odd / 2],
        even => (values[even / 2 - 1] + values[even / 2]) / 2.0,
    }
}
