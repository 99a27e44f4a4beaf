//! Signing out, and what a signed out handset still says (D-33).

use roomcall::handset::{Dismissal, Effect, Incoming, Input, NotSentReason, Request};
use roomcall::protocol::Event;

use super::ModelHandset;
use super::step::{Step, learned};

impl ModelHandset {
    /// D-33. What the inputs before it in the same step came to stands (D-26).
    pub(super) fn sign_out(&mut self) {
        let step = std::mem::take(&mut self.step);
        let mut effects = Vec::new();
        for attempt in step.screen.keys() {
            let is_on_screen = self.screen.contains_key(attempt);
            let why = if is_on_screen { Dismissal::SignedOut } else { self.why(&step, *attempt) };
            effects.push(Effect::Dismiss { attempt: *attempt, why });
        }
        effects.extend(learned(&step, &self.known));
        effects.extend(step.effects);
        for request in &self.unanswered {
            if let (Request::Command(command), None) = (&request.request, request.sent) {
                let (command, why) = (command.clone(), NotSentReason::SignedOut);
                effects.push(Effect::NotSent { command, why });
            }
        }
        // Nothing else is kept; a push is answered after the step (D-29).
        *self = Self {
            is_signed_out: true,
            clock: self.clock,
            step: Step { effects, pushes: step.pushes, ..Step::default() },
            ..Self::new(&self.user, &self.device, self.settings)
        };
    }

    /// D-33: whoever is called.
    pub(super) fn judge_signed_out(&mut self, input: Input) {
        if let Input::Push { event: Event::CallReceived { call, extension, .. }, .. } = input {
            let (attempt, room, caller) = (call.attempt, call.room, call.caller);
            let is_mine = call.callee == self.user;
            self.step.pushes.push((Incoming { attempt, room, caller, extension }, is_mine));
        }
    }
}
