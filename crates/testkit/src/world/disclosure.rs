//! Nobody is told more than the rules allow, whatever is sent to a connection: it is judged as it leaves the switchboard's
//! host, whether or not it arrives.

use roomcall::protocol::{Fact, Input, Outcome, Record};

use super::simulation::World;
use super::{Checked, violation};
use crate::privacy::{Line, asker};

impl World {
    /// What the switchboard did is about to be told.
    pub(super) fn nobody_learns_too_much(&mut self, line: &Record, outcome: &Outcome) -> Checked {
        self.privacy.observe(line, outcome);
        let (answer, notices) = Line::all(outcome);
        if let (Some(asker), Some(answer)) = (asker(&line.input), answer) {
            self.may_be_told(asker, &answer, Some(line))?;
        }
        for (effect, notice) in outcome.effects.iter().zip(notices) {
            for device in 0..self.devices.len() {
                if self.is_for(&effect.to, device) {
                    self.may_be_told(&self.devices[device].plan.user, &notice, None)?;
                }
            }
        }
        if let (Input::Fact(Fact::UserErased { user }), None) = (&line.input, outcome.unchanged) {
            self.privacy.forget(user);
        }
        Ok(())
    }

    /// A text that no other call has: one word, so that it is found in whatever is told.
    pub(super) fn text_of_a_call(&self, caller: &str, room: &str, users: &[String]) -> String {
        let caller = caller.replace('/', "-");
        format!("from-{caller}-to-{}-into-{room}-at-{}", users.join("-"), self.now)
    }

    fn may_be_told(&self, reader: &str, line: &Line, request: Option<&Record>) -> Checked {
        let is_inside = |user: &str, room: &str| self.is_inside(user, room);
        let judged = self.privacy.judge(reader, line, request, &is_inside);
        judged.or_else(|(what, how)| violation(what, how))
    }
}
