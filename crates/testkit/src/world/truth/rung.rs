//! Of which attempts it was said that they ring (C-14).

use roomcall::protocol::{
    Actor, Answer, Audience, Command, Effect, Event, Input, MyCalls, Outcome, Record,
};
use roomcall::{CallStatus, OutcomesTo, Rule};

use super::super::{Violation, violation};
use super::{Attempt, Truth};

/// What somebody said who shows a call.
fn said(input: &Input) -> Option<(&str, &str, u64)> {
    match input {
        Input::Ask {
            by: Actor::Device { user, device },
            command: Command::Ringing { attempt },
        } => Some((user, device, *attempt)),
        _ => None,
    }
}

/// P-06: whether it goes to the caller's device that called, or to all of them, and to nobody else.
pub(super) fn is_for_caller(to: &Audience, about: &Attempt, outcomes_to: OutcomesTo) -> bool {
    match (to, &about.device) {
        (Audience::Device { user, device }, Some(made)) => {
            outcomes_to == OutcomesTo::CallingDevice && *user == about.caller && device == made
        }
        (Audience::User(user), made) => {
            let is_to_all = outcomes_to == OutcomesTo::AllDevices || made.is_none();
            is_to_all && *user == about.caller
        }
        _ => false,
    }
}

impl Attempt {
    /// Whether a device of the callee said that it rings.
    pub const fn has_rung(&self) -> bool {
        self.rung_on.is_some()
    }
}

impl Truth {
    /// An effect says that a call rings: the first time that a device of the callee says so while it is live.
    pub(super) fn it_rings(
        &mut self,
        line: &Record,
        effect: &Effect,
        outcomes_to: OutcomesTo,
    ) -> Result<(), Violation> {
        let Event::CallRinging(call) = &effect.event else { return Ok(()) };
        let Some(about) = self.attempts.get_mut(&call.attempt) else { return Ok(()) };
        let says = said(&line.input).filter(|(user, _, attempt)| {
            *attempt == call.attempt && *user == about.callee && about.rings()
        });
        let Some((_, device, _)) = says.filter(|_| !about.has_rung()) else {
            return violation("it rings once", format!("{effect:?} by {line:?}, of {about:?}"));
        };
        let is_right = effect.because == Rule::C14
            && call.status == CallStatus::Calling
            && (&call.room, &call.caller, &call.callee)
                == (&about.room, &about.caller, &about.callee);
        if !is_right || !is_for_caller(&effect.to, about, outcomes_to) {
            let message = format!("{effect:?} of {about:?}");
            return violation("only the caller hears that it rings", message);
        }
        about.rung_on = Some(device.to_owned());
        about.told_by = outcomes_to;
        Ok(())
    }

    /// After a line by which somebody says that a call rings: whether it is answered as what it is, and what is worth counting.
    pub(super) fn ringing_is_answered(
        &self,
        line: &Record,
        outcome: &Outcome,
        had_rung: bool,
    ) -> Result<Option<&'static str>, Violation> {
        let Some((user, device, attempt)) = said(&line.input) else { return Ok(None) };
        let about = self.attempts.get(&attempt);
        let is_live = about.is_some_and(|about| about.callee == *user && about.rings());
        let is_right = outcome.answer == Some(Ok(Answer::Ringing { attempt, rung: is_live }));
        let is_silent = is_live && !about.is_some_and(Attempt::has_rung);
        if !is_right || is_silent {
            let message = format!("{line:?}: {outcome:?}, of {about:?}");
            return violation("who says that it rings is answered", message);
        }
        let on = about.and_then(|about| about.rung_on.as_deref());
        Ok(Some(match (is_live, had_rung) {
            (true, false) => "it is heard that a call rings",
            (true, true) if on == Some(device) => "it is heard again that a call rings",
            (true, true) => "it is heard from a second device that a call rings",
            (false, _) => "it is heard that a call rings which is over",
        }))
    }

    /// What a user asks about says of each call that is live whether it has rung.
    pub fn lists_what_has_rung(&self, calls: &MyCalls) -> Result<(), Violation> {
        for call in calls.incoming.iter().chain(&calls.outgoing) {
            let truth = self.attempts.get(&call.attempt);
            if truth.is_some_and(|truth| truth.has_rung() != call.rung) {
                let message = format!("the switchboard says {call:?}, the truth is {truth:?}");
                return violation("the switchboard knows what has rung", message);
            }
        }
        Ok(())
    }

    /// Whether what somebody is about to say was said before.
    pub(super) fn had_rung(&self, line: &Record) -> bool {
        let said = said(&line.input).and_then(|(_, _, attempt)| self.attempts.get(&attempt));
        said.is_some_and(Attempt::has_rung)
    }
}
