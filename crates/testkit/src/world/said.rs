//! What a device says of the calls that it shows (D-37), as a person expects who looks at its screen.

use roomcall::handset::{Effect, Progress, Stage};
use roomcall::protocol::Command;

use super::simulation::World;
use super::{Checked, violation};

impl World {
    /// A device says that a call rings: it has a connection, shows the call, waits for no answer of its own to it, and was
    /// not told that somebody has heard so.
    pub(super) fn says_that_it_rings(&mut self, device: usize, command: &Command) -> Checked {
        let of = &mut self.devices[device];
        let Command::Ringing { attempt } = command else {
            let message = format!("{} sends {command:?} without a number", of.name());
            return violation("what is sent has a number", message);
        };
        let shown = of.screen.calls.get(attempt).map(|(_, stage)| *stage);
        let is_shown = matches!(shown, Some(Stage::Ringing | Stage::Waiting));
        if !is_shown || !of.up {
            let message = format!("{} says that {attempt} rings: {shown:?}", of.name());
            return violation("what is said to ring is shown", message);
        }
        // What was left out once (D-19) may be unknown again, and with it what was told of it.
        if of.heard_rung.contains(attempt) && !of.left_out {
            let message = format!("{} says again that {attempt} rings", of.name());
            return violation("what has rung is not said again", message);
        }
        let is_again = !of.said.insert(*attempt);
        let is_lost = self.truth.attempts.get(attempt).is_some_and(|it| !it.has_rung());
        self.sometimes(is_again && is_lost, "it was lost that a call rings, and is said again");
        Ok(())
    }

    /// Before an effect is shown.
    pub(super) fn before_progress(&mut self, device: usize, effect: &Effect) {
        let Effect::Progress { room, callee, attempt, progress: Progress::Ringing } = effect else {
            return;
        };
        let before = self.devices[device].screen.progress.get(&(room.clone(), callee.clone()));
        let begins = before == Some(&(*attempt, Progress::Calling));
        self.sometimes(begins, "a call that was made begins to ring");
    }

    /// At rest: of whatever is on a screen, and is not answered there, it was heard that it rings.
    pub(super) fn what_is_shown_has_rung(&self, device: usize) -> Checked {
        let of = &self.devices[device];
        for (attempt, (_, stage)) in &of.screen.calls {
            let is_at_rest = matches!(stage, Stage::Ringing | Stage::Waiting);
            let truth = self.truth.attempts.get(attempt);
            let is_silent = truth.is_some_and(|it| it.rings() && !it.has_rung());
            if of.up && of.handset.is_ready() && is_at_rest && is_silent {
                let message = format!("{} shows {attempt} as {stage:?}: {truth:?}", of.name());
                return violation("whatever is shown has rung", message);
            }
        }
        Ok(())
    }
}
