//! A device says that it shows a call (D-37).

use std::collections::BTreeSet;

use roomcall::handset::{Effect, Request, Stage};
use roomcall::protocol::{Command, LiveCall};

use super::ModelHandset;

impl ModelHandset {
    /// A snapshot was applied: which calls it lists as rung, for ever, and which not, for this moment.
    pub(super) fn snapshot_rung(&mut self, incoming: &[LiveCall]) {
        for call in incoming {
            if let Some(known) = self.known.get_mut(&call.attempt).filter(|_| call.rung) {
                known.has_rung = true;
            }
        }
        let silent = incoming.iter().filter(|call| !call.rung);
        self.step.silent = silent.map(|call| call.attempt).collect();
    }

    /// After an input, when the screen is what it comes to: what its snapshot lists as not rung.
    pub(super) fn say_what_is_not_heard(&mut self) {
        for attempt in std::mem::take(&mut self.step.silent) {
            self.say_it_rings(attempt);
        }
    }

    /// After the step: what came onto the screen.
    pub(super) fn say_what_is_shown(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Show { call, .. } = effect {
                self.say_it_rings(call.attempt);
            }
        }
    }

    fn say_it_rings(&mut self, attempt: u64) {
        let is_at_rest = matches!(self.screen.get(&attempt), Some(Stage::Ringing | Stage::Waiting));
        let has_rung = self.known.get(&attempt).is_some_and(|call| call.has_rung);
        if self.is_up && is_at_rest && !has_rung {
            self.step.said.insert(attempt);
        }
    }
}

/// Each once in a step, and without a number.
pub(super) fn sends(said: &BTreeSet<u64>) -> impl Iterator<Item = Effect> + '_ {
    said.iter().map(|attempt| {
        let request = Request::Command(Command::Ringing { attempt: *attempt });
        Effect::Send { request_id: None, request }
    })
}
