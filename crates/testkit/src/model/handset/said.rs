//! A device says that it shows a call (D-37), and the caller hears of it (D-21).

use roomcall::handset::{Effect, Progress, Request, Stage};
use roomcall::protocol::{Command, LiveCall, NamedCall};

use super::ModelHandset;
use super::outgoing::Outgoing;
use super::step::Step;

impl ModelHandset {
    /// A snapshot was applied: which calls it lists as rung, for ever, and which not, in this step.
    pub(super) fn snapshot_rung(&mut self, incoming: &[LiveCall]) {
        for call in incoming {
            if !call.rung {
                self.step.silent.insert(call.attempt);
            } else if let Some(known) = self.known.get_mut(&call.attempt) {
                known.has_rung = true;
            }
        }
    }

    /// After the step, for only its last screen is seen (D-26): what came onto the screen, and what a snapshot listed as not
    /// rung. Each once, and without a number.
    pub(super) fn say_what_rings(&self, step: &Step) -> Vec<Effect> {
        let mut sends = Vec::new();
        for (attempt, stage) in &self.screen {
            let is_at_rest = matches!(stage, Stage::Ringing | Stage::Waiting);
            let is_new = !step.screen.contains_key(attempt) || step.silent.contains(attempt);
            if self.is_up && is_at_rest && is_new && !self.known[attempt].has_rung {
                let request = Request::Command(Command::Ringing { attempt: *attempt });
                sends.push(Effect::Send { request_id: None, request });
            }
        }
        sends
    }

    /// D-21: somebody shows the call.
    pub(super) fn heard_ringing(&mut self, call: &NamedCall) {
        // D-16
        if self.is_live_again(&call.room, &call.callee, call.attempt, Progress::Ringing) {
            self.ask_unless_asking();
        }
    }

    /// D-21: an attempt is said to be calling or ringing. Whether it comes to be that, having been neither, and is not
    /// above the watermark.
    pub(super) fn is_live_again(
        &mut self,
        room: &str,
        callee: &str,
        attempt: u64,
        said: Progress,
    ) -> bool {
        let mark = self.mark;
        let entry = self.entry(room, callee);
        let of_it = |entry: &Outgoing| entry.is_live() && entry.attempt == Some(attempt);
        let was = of_it(entry);
        entry.say(attempt, said);
        !was && of_it(entry) && attempt <= mark
    }
}
