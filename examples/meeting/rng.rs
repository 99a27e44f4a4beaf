//! Chance, from a seed: splitmix64.

pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `least` to just below `end`.
    pub(crate) fn between(&mut self, least: u64, end: u64) -> u64 {
        let span = end.saturating_sub(least).max(1);
        least.saturating_add(self.next().checked_rem(span).unwrap_or(0))
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.between(0, 100) < percent
    }

    /// About as long, as people are.
    pub(crate) fn about(&mut self, millis: u64) -> u64 {
        // A wait this short is meant exactly.
        if millis < 500 { millis } else { self.between(millis / 4 * 3, millis / 4 * 5) }
    }
}
