//! That it rings (C-14): what a device says that shows a call, and what the caller is notified of.

use alloc::vec::Vec;

use super::notify;
use super::plan::{Change, Plan};
use super::state::State;
use crate::domain::call::CallStatus;
use crate::domain::id::Attempt;
use crate::domain::input::Actor;
use crate::domain::output::{Answer, Effect, Event};
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;

impl State {
    /// A device shows a call (C-14): the first time is planned.
    #[cold]
    #[inline(never)]
    pub(super) fn ringing(
        &self,
        by: Actor,
        attempt: Attempt,
        plan: &mut Plan,
    ) -> Result<Answer, Refusal> {
        let user = self.receiver(by)?;
        let mut live = self.calls.live_of(user);
        let found = live.find(|(_, call)| call.attempt == attempt);
        if let Some((position, _)) = found.filter(|(_, call)| !call.has_rung()) {
            plan.changes.push(Change::Ring { position, attempt });
        }
        Ok(Answer::Ringing { attempt, rung: found.is_some() })
    }

    /// The caller is notified that a call rings.
    pub(super) fn set_rung(&mut self, position: u32, effects: &mut Vec<Effect>) {
        let Some(call) = self.calls.set_rung(position) else { return };
        let calling = (call.caller, call.device);
        let to = notify::outcome_audience(self.policy.outcomes_to, calling, None);
        effects.extend(to.map(|to| Effect {
            to,
            room: call.room,
            attempt: call.attempt,
            call: call.reported(CallStatus::Calling),
            event: Event::CallRinging,
            because: Rule::C14,
        }));
    }
}
