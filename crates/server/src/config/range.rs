//! How small and how large numbers of a configuration may be.

use super::{ConfigError, Settings};
use crate::cost::CostLimits;

/// The longest leeway, in seconds: what is remembered of tokens lasts for a day more than they do.
pub(super) const LEEWAY_MOST: u64 = 3_600;

/// The longest that it may drain, in seconds.
const DRAIN_MOST: u64 = 86_400;

impl Settings {
    /// # Errors
    ///
    /// A number is too small or too large.
    pub(super) fn in_range(&self) -> Result<(), ConfigError> {
        let count = |it: Option<usize>| it.map(|it| it as u64);
        // It may be 0.
        if let Some(drain) = self.drain.filter(|drain| *drain > DRAIN_MOST) {
            return Err(ConfigError::Above("drain", drain, DRAIN_MOST));
        }
        for (name, value, most) in [
            ("snapshot-bytes", self.snapshot_bytes, 1 << 30),
            ("batch", count(self.batch), 65_536),
            ("message-bytes", count(self.message_bytes), 16_777_216),
            ("rate", self.rate.map(u64::from), 1_000_000),
            ("burst", self.burst.map(u64::from), 1_000_000),
            ("event-hours", self.event_hours, 8_760),
            ("event-bytes", self.event_bytes, 1 << 40),
            ("cost-per-device", self.cost_per_device, CostLimits::MOST),
            ("cost-per-user", self.cost_per_user, CostLimits::MOST),
            ("cost-per-room", self.cost_per_room, CostLimits::MOST),
            ("cost-in-all", self.cost_in_all, CostLimits::MOST),
            ("ping", self.ping, 3_600),
            ("patience", self.patience, 3_600),
            ("token-life", self.token_life, 1_000_000_000),
            ("leeway", self.leeway, LEEWAY_MOST),
            ("connections", count(self.connections), 10_000_000),
            ("connections-per-user", count(self.connections_per_user), 65_536),
            ("stall", self.stall, 3_600),
            ("queue-bytes", count(self.queue_bytes), 1 << 30),
            ("all-queues-bytes", count(self.all_queues_bytes), 1 << 40),
        ] {
            if let Some(value) = value.filter(|value| !(1..=most).contains(value)) {
                return Err(ConfigError::Range(name, value, most));
            }
        }
        Ok(())
    }
}
