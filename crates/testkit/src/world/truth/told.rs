//! What a caller is told of an ending, and on which devices: by the policy of when it ends (P-06, F-19).

use roomcall::protocol::{Actor, Audience, Command, Effect, Event, Input, Outcome, Record};
use roomcall::{EndingKind, OutcomesTo, Rule};

use super::super::{Violation, violation};
use super::expected::Rules;
use super::{Attempt, Truth};
use crate::hosting;

impl Rules<'_> {
    /// The policy by which the caller hears of an ending: what the clock ends, it ends before a line brings another one (T-03).
    const fn outcomes_of(&self, because: Rule) -> OutcomesTo {
        if matches!(because, Rule::E04) { self.outcomes_to } else { self.outcomes_now }
    }
}

impl Truth {
    /// After a line that ended these attempts: each caller was told once, and nobody on a device that the policy leaves out.
    pub(super) fn callers_are_told(
        &mut self,
        line: &Record,
        outcome: &Outcome,
        rules: &Rules<'_>,
        ended: &[(u64, Rule)],
    ) -> Result<Vec<&'static str>, Violation> {
        let mut seen = Vec::new();
        for (number, because) in ended {
            let Some(about) = self.attempts.get_mut(number) else { continue };
            let outcomes_to = rules.outcomes_of(*because);
            let right = audience(about, canceller(line, *because, about), outcomes_to);
            let effects = outcome.effects.iter().filter(|effect| {
                effect.event.attempt() == *number && hosting::ending(effect.because).is_some()
            });
            let told =
                effects.map(|effect| &effect.to).filter(|to| user(to) == Some(&about.caller));
            if !told.clone().eq(&right) {
                let told: Vec<_> = told.collect();
                let message = format!("{told:?} instead of {right:?} of {number}: {about:?}");
                return violation("a caller is told by the policy of then", message);
            }
            if about.device.is_some() && about.told_by != outcomes_to {
                seen.push("an outcome goes by a later policy");
            }
            about.told_by = outcomes_to;
        }
        Ok(seen)
    }
}

/// The device on which the caller cancelled, which the answer tells.
fn canceller<'a>(line: &'a Record, because: Rule, about: &Attempt) -> Option<&'a String> {
    match &line.input {
        Input::Ask { by: Actor::Device { user, device }, command: Command::CancelCall { .. } }
            if because == Rule::E05 && *user == about.caller =>
        {
            Some(device)
        }
        _ => None,
    }
}

/// P-06, E-05, P-11: to whom the outcome of a call goes; to nobody if who cancelled is all there is to tell.
fn audience(
    about: &Attempt,
    canceller: Option<&String>,
    outcomes_to: OutcomesTo,
) -> Option<Audience> {
    let user = about.caller.clone();
    let made = about.device.as_ref().filter(|_| outcomes_to == OutcomesTo::CallingDevice);
    match (made, canceller) {
        (Some(made), canceller) if canceller == Some(made) => None,
        (Some(made), _) => Some(Audience::Device { user, device: made.clone() }),
        (None, Some(than)) => Some(Audience::OtherDevices { user, than: than.clone() }),
        (None, None) => Some(Audience::User(user)),
    }
}

/// Whose devices are meant; nobody's if it is a room.
const fn user(to: &Audience) -> Option<&String> {
    match to {
        Audience::User(user)
        | Audience::Device { user, .. }
        | Audience::OtherDevices { user, .. } => Some(user),
        Audience::Room(_) => None,
    }
}

/// E-02: whether a caller is told the reason that a device gave.
pub(super) fn is_as_given(line: &Record, effect: &Effect) -> bool {
    match (&line.input, &effect.event) {
        (
            Input::Ask { command: Command::RejectCall { reason: given, .. }, .. },
            Event::CallRejected { reason, .. },
        ) if effect.because == Rule::E02 => reason == given,
        _ => true,
    }
}

/// Whether an event may be of such an ending.
pub(super) fn is_told(how: EndingKind, event: &Event) -> bool {
    let is_accepted = matches!(how, EndingKind::Accepted | EndingKind::Entered);
    match event {
        Event::CallAccepted(_) => is_accepted,
        Event::CallRejected { .. } => {
            matches!(how, EndingKind::Rejected | EndingKind::InOtherRoom)
        }
        Event::CallHandledByOtherDevice { is_accepted: told, .. } => {
            let is_answered =
                matches!(how, EndingKind::Rejected | EndingKind::InOtherRoom) || is_accepted;
            is_answered && *told == is_accepted
        }
        Event::CallTimeout(_) => how == EndingKind::TimedOut,
        Event::CallCancelled(_) => how == EndingKind::Cancelled,
        Event::CallRevokedByAdmin { .. } => how == EndingKind::Revoked,
        Event::PendingCallChanged(_) => {
            matches!(how, EndingKind::Rejected | EndingKind::InOtherRoom | EndingKind::TimedOut)
        }
        Event::PendingCallRemoved(_) => {
            !matches!(how, EndingKind::Rejected | EndingKind::InOtherRoom | EndingKind::TimedOut)
        }
        _ => false,
    }
}
