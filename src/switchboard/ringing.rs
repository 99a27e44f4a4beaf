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
    /// Whether `ringing` of an attempt by a device of the user changes nothing, now and later: it is no live
    /// attempt to the user, or has rung (C-14). Such a command is answered like a query, and a host that
    /// journals need not write it down. As before a query the host applies, and journals, a tick first if
    /// one is due. It takes time for each live attempt to the user.
    ///
    /// ```
    /// use roomcall::protocol::Record;
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Attempt, Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// for line in [
    ///     r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#,
    ///     r#"{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}}"#,
    ///     r#"{"at":1,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"]}}}"#,
    /// ] {
    ///     let _ = board.apply_record(&Record::read(line)?);
    /// }
    /// let bo = board.lookup_user("bo").expect("bo is called");
    /// // The first one goes into the journal, the second one is only answered.
    /// for changes_nothing in [false, true] {
    ///     assert_eq!(board.ringing_changes_nothing(bo, Attempt::new(1)), changes_nothing);
    ///     let line = r#"{"at":2,"by":{"user":"bo","device":"phone"},"command":{"ringing":{"attempt":1}}}"#;
    ///     let _ = board.apply_record(&Record::read(line)?);
    /// }
    /// # Ok::<(), roomcall::protocol::FrameError>(())
    /// ```
    pub fn ringing_changes_nothing(&self, user: UserId, attempt: Attempt) -> bool {
        let live = self.state.live_to(user, attempt);
        attempt <= self.last_attempt() && live.is_none_or(|(_, call)| call.has_rung())
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
