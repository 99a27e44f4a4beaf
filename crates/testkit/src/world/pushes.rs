//! Every push is answered in its step, by a call on the screen or by why there is none (D-29).

use std::collections::BTreeMap;

use roomcall::handset::{Effect, Input, ReportReason};
use roomcall::protocol::Event;

use super::simulation::World;
use super::{Checked, violation};

/// How many rings came to a device in a step, by attempt: as pushes, and as notices.
#[derive(Debug, Default)]
pub struct Came {
    pushes: BTreeMap<u64, usize>,
    notices: BTreeMap<u64, usize>,
}

impl Came {
    /// Those among some inputs.
    pub fn of(inputs: &[Input]) -> Self {
        let mut came = Self::default();
        for input in inputs {
            let (of_kind, event) = match input {
                Input::Push { event, .. } => (&mut came.pushes, event),
                Input::Notice(event) => (&mut came.notices, event),
                _ => continue,
            };
            if matches!(event, Event::CallReceived { .. }) {
                *of_kind.entry(event.attempt()).or_default() += 1;
            }
        }
        came
    }

    /// Each push has one answer; a notice has at most one, where it came too late.
    pub fn are_answered(&self, effects: &[Effect]) -> Checked {
        let mut answers: BTreeMap<u64, usize> = BTreeMap::new();
        for effect in effects {
            if let Effect::Show { call, .. } | Effect::Report { call, .. } = effect {
                *answers.entry(call.attempt).or_default() += 1;
            }
            if let Effect::Report { call, .. } = effect {
                if self.count(call.attempt) == 0 {
                    return violation("only a ring is reported", format!("{effect:?}"));
                }
            }
        }
        for (attempt, pushes) in &self.pushes {
            let answers = answers.get(attempt).copied().unwrap_or_default();
            if answers < *pushes || answers > self.count(*attempt) {
                let message = format!("{pushes} of {attempt} came: {effects:?}");
                return violation("each push is answered once", message);
            }
        }
        Ok(())
    }

    /// D-33: each push has its answer, and there is nothing else.
    pub fn are_silent(&self, effects: &[Effect]) -> Checked {
        let is_right =
            |effect: &Effect| matches!(effect, Effect::Report { why: ReportReason::SignedOut, .. });
        if effects.len() == self.pushes.values().sum::<usize>() && effects.iter().all(is_right) {
            return Ok(());
        }
        violation("who signed out hears nothing", format!("{:?} came: {effects:?}", self.pushes))
    }

    /// How many rings of an attempt came in all.
    fn count(&self, attempt: u64) -> usize {
        [&self.pushes, &self.notices].into_iter().filter_map(|came| came.get(&attempt)).sum()
    }
}

impl World {
    /// Why a push shows nothing is true. An ending is judged as a dismissal is.
    pub(super) fn judge_report(
        &mut self,
        device: usize,
        attempt: u64,
        why: &ReportReason,
    ) -> Checked {
        let of = &self.devices[device];
        let about = self.truth.attempts.get(&attempt);
        let is_true = match why {
            ReportReason::NotThisUser => about.is_some_and(|it| it.callee != of.plan.user),
            ReportReason::Shown => of.screen.calls.contains_key(&attempt),
            ReportReason::InRoom => about.is_some_and(|it| of.room.as_ref() == Some(&it.room)),
            ReportReason::Hidden => of.state.hidden.contains(&attempt),
            ReportReason::SignedOut => of.state.is_signed_out,
            ReportReason::TooMany => !of.screen.calls.contains_key(&attempt),
            ReportReason::Silenced => {
                self.is_time_to_silence(device, attempt)?;
                !of.screen.calls.contains_key(&attempt)
            }
            // A call that was left out (D-19) has passed though it rings.
            ReportReason::Passed => of.left_out || about.is_some_and(|it| !it.rings()),
            ReportReason::Over { ending } => {
                self.truth.is_so(attempt, ending, &of.plan.device).is_ok()
            }
            _ => false,
        };
        let what = match why {
            ReportReason::NotThisUser => "reported: not this user",
            ReportReason::Shown => "reported: shown",
            ReportReason::InRoom => "reported: in the room",
            ReportReason::Hidden => "reported: hidden",
            ReportReason::SignedOut => "reported: signed out",
            ReportReason::TooMany => "reported: too many",
            ReportReason::Silenced => "reported: silenced",
            ReportReason::Passed => "reported: passed",
            _ => "reported: over",
        };
        if !is_true {
            let message =
                format!("{} says {attempt} is {why:?}, the truth is {about:?}", of.name());
            return violation("a report is true", message);
        }
        self.sometimes(true, what);
        Ok(())
    }
}
