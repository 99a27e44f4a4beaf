//! Who has accepted a call is expected in its room for a while (E-20), and may not come (E-21).

use alloc::vec::Vec;

use super::notify;
use super::state::{Ended, Expectation, State};
use crate::domain::call::{CallStatus, RoomCall};
use crate::domain::output::{Audience, Effect, Event};
use crate::domain::rule::Rule;
use crate::domain::time::{Seconds, Tick, Timeout};

impl State {
    /// Who has accepted a call is expected, if the policy says so (E-20).
    #[inline]
    pub(super) fn expect_callee(&mut self, accepted: &Ended) {
        let Self { expected, names, policy, clock, .. } = self;
        let Some(grace) = Seconds::new(policy.join_grace) else { return };
        if let Some(deadline) = clock.deadline(Timeout::After(grace)) {
            expected.add(names, Expectation::of(accepted, deadline), policy.join_grace);
        }
    }

    /// Somebody who is expected did not come in time (E-21), if that has the earliest deadline of all, and
    /// the clock has reached it. Says whether it has.
    #[cold]
    #[inline(never)]
    pub(super) fn end_expectation(&mut self, effects: &mut Vec<Effect>) -> bool {
        let (first, call) = (self.expected.first_deadline(), self.calls.first_deadline());
        if call.is_some() && call < first {
            return false;
        }
        let Some(ended) = self.expected.take_due(&mut self.names, self.clock) else {
            return false;
        };
        let Expectation { room, attempt, callee, caller, device, .. } = ended;
        let call = RoomCall { caller, callee, status: CallStatus::None };
        let (event, because) = (Event::CallNotJoined, Rule::E21);
        let told = notify::outcome_audience(self.policy.outcomes_to, (caller, device), None);
        for to in told.into_iter().chain([Audience::Room(room)]) {
            effects.push(Effect { to, room, attempt, call, event, because });
        }
        true
    }

    /// The earliest deadline (T-07).
    pub(super) fn next_deadline(&self) -> Option<Tick> {
        let first = [self.calls.first_deadline(), self.expected.first_deadline()];
        first.into_iter().flatten().min().map(|deadline| deadline.at)
    }
}
