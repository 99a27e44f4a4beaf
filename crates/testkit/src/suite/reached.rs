//! What random worlds have to reach, or that they pass is no news.

use std::collections::BTreeMap;

use roomcall::handset::{Dismissal, Effect, Input, NotSentReason, ReportReason, Stage, Tap};
use roomcall::protocol::{Event, Reply};

use super::backend::is_limit;
use super::conduct::Conduct;
use super::pushes::{Step, shows};

/// How often something was reached.
pub(super) type Reached = BTreeMap<&'static str, u64>;

/// Counts what is worth it in a step of a device, of which that was known before.
pub(super) fn see(step: &Step<'_>, before: &Conduct, reached: &mut Reached) {
    let of_inputs = step.inputs.iter().filter_map(|input| of_input(input, step, before));
    let of_effects = step.effects.iter().filter_map(|effect| of_effect(effect, step, before));
    for what in of_inputs.chain(of_effects) {
        *reached.entry(what).or_default() += 1;
    }
}

fn of_input(input: &Input, step: &Step<'_>, before: &Conduct) -> Option<&'static str> {
    let stops = || {
        let waits = |it: &Effect| matches!(it, Effect::Update { stage: Stage::Waiting, .. });
        step.effects.iter().any(waits)
    };
    match input {
        Input::Tap(Tap::Silence { .. }) if stops() => Some("a call that rings is silenced"),
        Input::Occupied(true) if stops() => Some("a device is occupied while a call rings"),
        Input::Push { event: Event::CallReceived { .. }, .. } => None,
        Input::Push { .. } => Some("a push says that a call is over"),
        Input::SignedOut if !before.is_signed_out() => Some("a user signs out"),
        Input::Settings(_) => Some("a device is given other settings"),
        Input::Reply(Reply { answer: Err(refused), .. }) if is_limit(refused.rule) => {
            Some("a device is refused by a limit")
        }
        _ => None,
    }
}

fn of_effect(effect: &Effect, step: &Step<'_>, before: &Conduct) -> Option<&'static str> {
    let is_pushed = step.inputs.iter().any(|it| matches!(it, Input::Push { .. }));
    Some(match effect {
        Effect::Show { .. } if is_pushed => {
            let is_first = shows(effect).is_some_and(|attempt| !before.has_heard(attempt));
            if is_first { "a push rings before the connection tells" } else { "a push rings again" }
        }
        Effect::Show { stage: Stage::Waiting, .. } if before.is_occupied() => {
            "a call waits while a device is occupied"
        }
        Effect::Dismiss { why: Dismissal::Hidden, .. } => "a call is rejected on one device",
        Effect::Dismiss { why: Dismissal::SignedOut, .. } => "a user signs out while a call rings",
        Effect::NotSent { why, .. } => match why {
            NotSentReason::SignedOut => "a command is not sent, as its user signs out",
            NotSentReason::TooMany => "a command is not sent, as there are too many",
            _ => return None,
        },
        Effect::Report { why, .. } => match why {
            _ if !is_pushed => "a ring that is too late is reported",
            ReportReason::NotThisUser => "a push is for another user",
            ReportReason::Hidden => "a push is of a call that is hidden",
            ReportReason::Silenced => "a push has too little time left",
            ReportReason::InRoom => "a push comes in the room of the call",
            ReportReason::Shown => "a push comes again",
            ReportReason::Over { .. } | ReportReason::Passed => {
                "a push comes when the call is over"
            }
            ReportReason::TooMany => "a push comes when there are too many calls",
            ReportReason::SignedOut => "a push comes when the user has signed out",
            _ => return None,
        },
        _ => return None,
    })
}
