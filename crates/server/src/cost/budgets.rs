//! Budgets: of each one number is kept, the time at which all that was spent has come in again (GCRA, as
//! in L-14). No timer makes them more, and one that is full is not kept at all.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::num::NonZeroUsize;
use std::time::Duration;

use lru::LruCache;

use super::BURST;

/// So many budgets of one kind are kept; one more drops the one that was used longest ago, which is full then.
const MOST: NonZeroUsize = NonZeroUsize::new(131_072).unwrap();

/// How fast a budget fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Units a second.
    units: u128,
}

impl Pace {
    pub(super) fn new(units: u64) -> Self {
        Self { units: units.max(1).into() }
    }

    /// The time in which so many units come in.
    fn time(self, units: u64) -> Duration {
        let nanos = (u128::from(units) * 1_000_000_000).div_ceil(self.units);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How long until a budget with this time has so many units, if it has not; full ones are enough for all.
    fn over(self, now: Duration, arrival: Duration, units: u64) -> Option<Duration> {
        let after = arrival.max(now).saturating_add(self.time(units).min(BURST));
        let over = after.saturating_sub(now.saturating_add(BURST));
        (over > Duration::ZERO).then_some(over)
    }

    /// The time of a budget after so many units more.
    fn after(self, now: Duration, arrival: Duration, units: u64) -> Duration {
        arrival.max(now).saturating_add(self.time(units))
    }
}

/// One budget.
#[derive(Debug)]
pub(super) struct Budget {
    pace: Pace,
    arrival: Duration,
}

impl Budget {
    pub(super) const fn new(pace: Pace) -> Self {
        Self { pace, arrival: Duration::ZERO }
    }

    pub(super) fn over(&self, now: Duration, units: u64) -> Option<Duration> {
        self.pace.over(now, self.arrival, units)
    }

    pub(super) fn charge(&mut self, now: Duration, units: u64) {
        self.arrival = self.pace.after(now, self.arrival, units);
    }
}

/// Budgets by a name.
#[derive(Debug)]
pub(super) struct Budgets {
    pace: Pace,
    /// By a hash of the name that nobody can foresee: two names with one hash would share a budget.
    arrivals: LruCache<u64, Duration>,
    names: RandomState,
}

impl Budgets {
    pub(super) fn new(pace: Pace) -> Self {
        // What it may hold is not allocated before it does.
        let mut arrivals = LruCache::unbounded();
        arrivals.resize(MOST);
        Self { pace, arrivals, names: RandomState::new() }
    }

    /// How long until a budget has enough, if it has not.
    pub(super) fn over(&self, now: Duration, name: &impl Hash, units: u64) -> Option<Duration> {
        let arrival = self.arrivals.peek(&self.names.hash_one(name));
        self.pace.over(now, arrival.copied().unwrap_or_default(), units)
    }

    pub(super) fn charge(&mut self, now: Duration, name: &impl Hash, units: u64) {
        let key = self.names.hash_one(name);
        let arrival = self.arrivals.peek(&key).copied().unwrap_or_default();
        self.arrivals.put(key, self.pace.after(now, arrival, units));
        // Those that are full again are not needed.
        while self.arrivals.peek_lru().is_some_and(|(_, arrival)| *arrival <= now) {
            self.arrivals.pop_lru();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_bounded_and_dropped_when_they_are_full() {
        let mut budgets = Budgets::new(Pace::new(1));
        let now = Duration::from_secs(1_700_000_000);
        for name in 0..MOST.get() + 10 {
            budgets.charge(now, &name, 2);
        }
        assert_eq!(budgets.arrivals.len(), MOST.get());
        assert!(budgets.over(now, &(MOST.get() + 9), 5).is_some());
        assert!(budgets.over(now, &0, 5).is_none(), "it was dropped");
        budgets.charge(now + Duration::from_secs(2), &"another", 1);
        assert_eq!(budgets.arrivals.len(), 1);
    }
}
