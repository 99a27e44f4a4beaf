//! Chance that is the same each time: by a seed.

/// A sequence of numbers that look like chance (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    /// A length in milliseconds, from `least` on and below `end`.
    pub(crate) fn millis(&mut self, least: u64, end: u64) -> std::time::Duration {
        let span = end.saturating_sub(least).max(1);
        std::time::Duration::from_millis(least + self.roll() % span)
    }
}
