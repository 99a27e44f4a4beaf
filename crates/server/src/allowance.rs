//! How much may come, in the long run and at once.

use std::time::Duration;

use tokio::time::Instant;

/// A rate: of messages, or of bytes.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// So many in a second, in the long run; at least 1.
    pub each_second: u64,
    /// So many at once, after a pause.
    pub at_once: u64,
}

/// What is left of a rate. No timer makes it more: of many connections most are silent, and should
/// cost nothing.
#[derive(Debug)]
pub(crate) struct Allowance {
    rate: Rate,
    left: u64,
    counted: Instant,
}

impl Allowance {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, left: rate.at_once, counted: Instant::now() }
    }

    /// Takes so many. Whether so many were left; if not, none are left any more.
    pub(crate) fn take(&mut self, count: u64) -> bool {
        let each = u128::from(self.rate.each_second.max(1));
        let second = Duration::from_secs(1).as_nanos();
        let more = self.counted.elapsed().as_nanos().saturating_mul(each) / second;
        match u64::try_from(more).ok().filter(|more| *more < self.rate.at_once) {
            Some(more) => {
                self.left = self.left.saturating_add(more).min(self.rate.at_once);
                let passed = u128::from(more) * second / each;
                self.counted += Duration::from_nanos(u64::try_from(passed).unwrap_or(u64::MAX));
            }
            None => (self.left, self.counted) = (self.rate.at_once, Instant::now()),
        }
        let left = self.left.checked_sub(count);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn so_many_at_once_and_so_many_in_the_long_run() {
        let mut allowance = Allowance::new(Rate { each_second: 20, at_once: 60 });
        assert_eq!((0..100).filter(|_| allowance.take(1)).count(), 60);
        let mut taken = 0;
        for _ in 0..1_000 {
            tokio::time::advance(Duration::from_millis(10)).await;
            taken += u64::from(allowance.take(1));
        }
        assert!((199..=201).contains(&taken), "{taken} in ten seconds");
        tokio::time::advance(Duration::from_secs(1_000)).await;
        assert!(allowance.take(60) && !allowance.take(1));
    }
}
