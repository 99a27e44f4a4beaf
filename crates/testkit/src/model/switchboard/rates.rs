//! How many calls a user makes in a minute (L-14).

use roomcall::Rule;
use roomcall::protocol::Refused;

use super::{Model, fits, refuse};

/// In milliseconds.
const MINUTE: u64 = 60_000;

impl Model {
    /// L-14: whether a user may make so many attempts now, and the arrival of this call if so; `None` for a call that is
    /// not counted.
    pub(super) fn check_rate(&self, user: &str, new: usize) -> Result<Option<u64>, Refused> {
        let (a_minute, new) = (u64::from(self.limits.calls_per_minute), new as u64);
        if a_minute == 0 || new == 0 {
            return Ok(None);
        }
        let last = self.arrivals.iter().find(|(who, _)| who == user);
        let arrival = last.map_or(self.clock, |(_, arrival)| *arrival);
        let sum = arrival.max(self.clock) + (new * MINUTE).div_ceil(a_minute);
        let more = sum.saturating_sub(self.clock + MINUTE);
        if more > 0 {
            // Above `callsPerMinute` no time helps.
            let retry_after = (new <= a_minute).then_some(more);
            return Err(Refused { retry_after, ..refuse(-2, Rule::L14) });
        }
        Ok(Some(sum))
    }

    /// L-14: a call with a success was made.
    pub(super) fn count_calls(&mut self, user: &str, sum: Option<u64>) {
        let Some(sum) = sum else { return };
        self.arrivals.retain(|(who, _)| who != user);
        self.arrivals.push((user.to_owned(), sum));
        if !fits(self.arrivals.len(), self.limits.rated_users) {
            self.arrivals.remove(0);
        }
        // Those that make no difference any more, beginning with the one who called longest ago.
        while self.arrivals.first().is_some_and(|(_, arrival)| *arrival <= self.clock) {
            self.arrivals.remove(0);
        }
    }
}
