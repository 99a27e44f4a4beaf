//! That it rings (C-14): what a device says that shows a call, and what the caller is notified of.

use alloc::vec::Vec;

use super::Switchboard;
use super::notify;
use super::plan::{Change, Plan};
use super::state::{Call, State};
use crate::domain::call::CallStatus;
use crate::domain::id::{Attempt, UserId};
use crate::domain::input::Actor;
use crate::domain::output::{Answer, Effect, Event};
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;

impl Switchboard {
    /// Whether an attempt is live, to this user, and has not rung: then `ringing` by a device of the user
    /// changes the state (C-14). Any other one changes nothing, and a host that journals need not write it
    /// down, if the attempt is not above [`last_attempt`](Self::last_attempt): it will not be live later.
    /// It takes time for each live attempt to the user.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Attempt, Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let bo = board.intern_user("bo")?;
    /// assert!(!board.awaits_ringing(bo, Attempt::new(1)), "nobody calls");
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn awaits_ringing(&self, user: UserId, attempt: Attempt) -> bool {
        self.state.live_to(user, attempt).is_some_and(|(_, call)| !call.has_rung())
    }
}

impl State {
    /// A live attempt to a user.
    fn live_to(&self, user: UserId, attempt: Attempt) -> Option<(u32, &Call)> {
        self.calls.live_of(user).find(|(_, call)| call.attempt == attempt)
    }

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
        let found = self.live_to(user, attempt);
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
