//! The one clock of a server: milliseconds since 1970, which never go back.
//!
//! The wall clock is looked at once, when the server starts; after that time passes by a monotonic
//! clock, so that nothing happens when somebody sets the wall clock. Where it was set back while the
//! server was down, time goes on from the last moment in the log (T-02).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where time comes from.
pub trait Time: Send + Sync + fmt::Debug {
    /// Milliseconds since 1970 by the wall clock, which may be set.
    fn wall(&self) -> u64;
    /// How long this source has existed.
    fn passed(&self) -> Duration;
}

/// The time of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A source that begins now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Time for SystemClock {
    fn wall(&self) -> u64 {
        let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        millis(passed)
    }

    fn passed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that never goes back.
#[derive(Debug)]
pub struct Clock {
    time: Arc<dyn Time>,
    base: u64,
    since: Duration,
}

impl Clock {
    /// A clock that shows the wall's time, or `last` if that is later: the last moment known.
    pub fn new(time: Arc<dyn Time>, last: u64) -> Self {
        let (wall, since) = (time.wall(), time.passed());
        if wall < last {
            tracing::warn!(
                behind_ms = last - wall,
                "the wall clock is behind the log: time goes on from there"
            );
        }
        Self { time, base: wall.max(last), since }
    }

    /// Goes on from a moment, if that is later: somebody else's clock is ahead.
    pub fn reach(&mut self, at: u64) {
        self.base += at.saturating_sub(self.now());
    }

    /// Milliseconds since 1970, as far as this server knows.
    pub fn now(&self) -> u64 {
        self.base.saturating_add(millis(self.time.passed().saturating_sub(self.since)))
    }
}

/// A length in whole milliseconds.
fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(u64, Duration);

    impl Time for Fixed {
        fn wall(&self) -> u64 {
            self.0
        }

        fn passed(&self) -> Duration {
            self.1
        }
    }

    #[test]
    fn time_goes_on_from_the_journal_when_the_wall_clock_was_set_back() {
        let hour = 3_600_000;
        let clock = Clock::new(Arc::new(Fixed(9 * hour, Duration::ZERO)), 10 * hour);
        assert_eq!(clock.now(), 10 * hour);
        let clock = Clock::new(Arc::new(Fixed(11 * hour, Duration::ZERO)), 10 * hour);
        assert_eq!(clock.now(), 11 * hour);
    }
}
