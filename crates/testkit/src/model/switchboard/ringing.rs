//! A device says that it shows a call (C-14).

use roomcall::protocol::{Actor, Answer, Event, Refused};
use roomcall::{CallStatus, Rule};

use super::{Model, refuse};

impl Model {
    pub(super) fn ringing(&mut self, by: &Actor, attempt: u64) -> Result<Answer, Refused> {
        self.check_actor(by)?;
        // P-04
        let Actor::Device { user, .. } = by else {
            return Err(refuse(-2310, Rule::P04));
        };
        let mut theirs = self.live.iter_mut().filter(|call| call.callee == *user);
        let Some(call) = theirs.find(|call| call.attempt == attempt) else {
            return Ok(Answer::Ringing { attempt, rung: false });
        };
        let is_first = !call.rung;
        call.rung = true;
        let call = call.clone();
        if is_first {
            self.rung += 1;
            let event = Event::CallRinging(call.named(CallStatus::Calling));
            self.notify_caller(&call, event, Rule::C14);
        }
        Ok(Answer::Ringing { attempt, rung: true })
    }
}
