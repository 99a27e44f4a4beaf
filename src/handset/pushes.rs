//! Woken by a push: each is answered in its step, by a call on the screen or by why there is none
//! (D-29).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Handset;
use super::call::Call;
use super::dismissal::Dismissal;
use super::effect::{Effect, Incoming, ReportReason};
use super::screen::Step;
use crate::protocol::Event;

/// A push that waits for the end of its step.
pub(super) struct Push {
    pub(super) call: Incoming,
    pub(super) is_for_user: bool,
}

impl ReportReason {
    /// The call is over, in this way if that is still known.
    pub(super) fn late(ending: Option<Dismissal>) -> Self {
        ending.map_or(Self::Passed, |ending| Self::Over { ending })
    }
}

impl Handset {
    /// A push came. What it is answered with is known at the end of the step.
    pub(super) fn on_push(&mut self, event: Event, age: u64, step: &mut Step) {
        let Event::CallReceived { call, extension, time_left } = event else {
            return self.on_event(event, step);
        };
        let (attempt, is_for_user) = (call.attempt, call.callee == self.user);
        let time_left = time_left.map(|left| left.saturating_sub(age));
        let call = Call::new(call, extension, time_left, self.clock, self.settings.min_ring);
        step.pushes.push(Push { call: call.incoming(attempt), is_for_user });
        if is_for_user {
            let _ = self.calls.ring(attempt, call, self.settings.calls);
            if let Some(known) = self.calls.get_mut(attempt) {
                known.push();
            }
            self.request_snapshot(step);
        }
    }

    /// The first push of an attempt is answered by its Show, and every other by a Report.
    pub(super) fn answer_pushes(&self, pushes: Vec<Push>, effects: &mut Vec<Effect>) {
        if pushes.is_empty() {
            return;
        }
        if self.is_signed_out {
            return Self::report_signed_out(pushes, effects);
        }
        let mut shown: BTreeSet<u64> = effects.iter().filter_map(shows).collect();
        for Push { call, is_for_user } in pushes {
            if !is_for_user {
                effects.push(Effect::Report { call, why: ReportReason::NotThisUser });
            } else if !shown.remove(&call.attempt) {
                let why = self.why_not_shown(call.attempt);
                effects.push(Effect::Report { call, why });
            }
        }
    }

    fn why_not_shown(&self, attempt: u64) -> ReportReason {
        match self.calls.get(attempt) {
            Some(call) if call.is_hidden() => ReportReason::Hidden,
            Some(call) if call.is_silenced() => ReportReason::Silenced,
            Some(call) if self.room.as_deref() == Some(call.room()) => ReportReason::InRoom,
            Some(_) => ReportReason::Shown,
            None => match self.calls.tombstone(attempt) {
                None if !self.calls.has_passed(attempt) => ReportReason::TooMany,
                ending => ReportReason::late(ending.cloned()),
            },
        }
    }
}

/// The attempt that an effect shows.
const fn shows(effect: &Effect) -> Option<u64> {
    if let Effect::Show { call, .. } = effect { Some(call.attempt) } else { None }
}
