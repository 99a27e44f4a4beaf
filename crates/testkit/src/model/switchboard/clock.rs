//! Time, and what it brings about (rules T).

use roomcall::Rule;

use super::endings::End;
use super::{Call, Model};

/// The last point of time (T-09).
const LAST: u64 = u64::MAX >> 1;

/// What a deadline ends.
#[derive(Clone, Copy, Debug)]
enum Due {
    Ringing,
    Expected,
}

impl Model {
    /// The earliest deadline of a live attempt or of an expectation (T-07).
    pub fn next_deadline(&self) -> Option<u64> {
        self.live.iter().chain(&self.expected).filter_map(|call| call.deadline).min()
    }

    pub(super) fn pass_time(&mut self, at: u64) {
        // T-02, T-09: the clock neither goes back nor past the last point.
        let now = self.clock.max(at.min(LAST));
        // T-03, T-04: whatever is due ends before the input is judged, also at its very deadline.
        for (deadline, attempt, due) in self.due(now) {
            // T-08: as a tick at its deadline would, so that it is logged with that time (H-01).
            self.set_clock(deadline);
            match due {
                Due::Ringing => self.end(attempt, &End::TimedOut, Rule::E04),
                Due::Expected => self.not_joined(attempt),
            }
        }
        self.set_clock(now);
    }

    /// What is due, by deadline and attempt (T-03).
    fn due(&self, now: u64) -> Vec<(u64, u64, Due)> {
        let of = |call: &Call, due| Some((call.deadline?, call.attempt, due));
        let ringing = self.live.iter().filter_map(|call| of(call, Due::Ringing));
        let expected = self.expected.iter().filter_map(|call| of(call, Due::Expected));
        let all = ringing.chain(expected);
        let mut due: Vec<_> = all.filter(|(deadline, ..)| *deadline <= now).collect();
        due.sort_unstable_by_key(|(deadline, attempt, _)| (*deadline, *attempt));
        due
    }
}
