//! What the switchboard says unasked (D-01, D-05, D-06), and how a call ends (D-04, D-10 to D-12).

use alloc::string::String;

use super::call::Call;
use super::calls::Ring;
use super::dismissal::Dismissal;
use super::effect::{Effect, ReportReason};
use super::progress::Progress;
use super::screen::Step;
use super::taps::abandon_answers;
use super::unanswered::CallAnswer;
use super::{Handset, LateRing};
use crate::EndingKind;
use crate::protocol::{Ending, Event, NamedCall};

impl Handset {
    pub(super) fn on_event(&mut self, event: Event, step: &mut Step) {
        match event {
            Event::CallReceived { call, extension, time_left } => {
                if call.callee == self.user {
                    self.on_ring(call, extension, time_left, step);
                }
            }
            Event::CallCancelled(call) => {
                self.on_ending(call, Dismissal::Cancelled, Progress::Cancelled, step);
            }
            Event::CallTimeout(call) => {
                self.on_ending(call, Dismissal::TimedOut, Progress::TimedOut, step);
            }
            Event::CallRevokedByAdmin { call, operator } => {
                let progress = Progress::Revoked { operator: operator.clone() };
                self.on_ending(call, Dismissal::Revoked { operator }, progress, step);
            }
            Event::CallRinging(call) => self.on_ringing(call, step),
            // E-21: it ends nothing.
            Event::CallNotJoined(_) => {}
            Event::CallAccepted(call) => {
                self.on_outgoing(call, Progress::Accepted, step);
            }
            Event::CallRejected { call, reason } => {
                self.on_outgoing(call, Progress::Rejected { reason: Some(reason) }, step);
            }
            Event::CallsSeen { up_to } => self.on_seen(up_to, step),
            Event::CallHandledByOtherDevice { is_accepted, attempt, device, room: _ } => {
                if !is_accepted && device.is_none() {
                    self.log.add_missed();
                }
                let why = Dismissal::handled(is_accepted, device, &self.device);
                self.end(attempt, why, step);
            }
            Event::PendingCallChanged(call) | Event::PendingCallRemoved(call) => {
                self.on_list_event(call, step);
            }
        }
    }

    /// D-06
    fn on_ring(
        &mut self,
        call: NamedCall,
        extension: String,
        time_left: Option<u64>,
        step: &mut Step,
    ) {
        let attempt = call.attempt;
        let call = Call::new(call, extension, time_left, self.clock, self.settings.min_ring);
        match (self.calls.ring(attempt, call, self.settings.calls), self.settings.late_ring) {
            (Ring::Late(call, ending), LateRing::Report) => {
                let why = ReportReason::late(ending);
                step.effects.push(Effect::Report { call: call.incoming(attempt), why });
            }
            (Ring::Late(..), LateRing::Ignore) | (Ring::Known | Ring::Full, _) => {}
        }
    }

    /// An ending that the same event reports to callee and caller.
    fn on_ending(&mut self, call: NamedCall, why: Dismissal, progress: Progress, step: &mut Step) {
        if call.callee == self.user {
            self.log.add_missed();
            self.end(call.attempt, why, step);
        } else {
            self.on_outgoing(call, progress, step);
        }
    }

    /// An outcome for the caller.
    fn on_outgoing(&mut self, call: NamedCall, progress: Progress, step: &mut Step) {
        if call.caller == self.user {
            self.on_outcome(call.room, call.callee, call.attempt, progress, step);
        }
    }

    /// A call to this user is over (D-10, D-11, D-12, D-14).
    pub(super) fn end(&mut self, attempt: u64, why: Dismissal, step: &mut Step) {
        let Some(call) = self.calls.end(attempt, &why) else {
            if self.calls.needs_tombstone(attempt) {
                step.ended_again(attempt, why);
            }
            return;
        };
        let answer = self.requests.call_answer(attempt);
        abandon_answers(&mut self.requests, attempt, step);
        let has_accepted = why == Dismissal::AnsweredHere && answer == Some(CallAnswer::Accept);
        if has_accepted && self.room.as_deref() != Some(call.room()) {
            step.effects.push(Effect::Join { room: call.room().into() });
            self.quiet.join(self.clock, &self.settings);
        }
        if matches!(why, Dismissal::AnsweredElsewhere { .. }) {
            self.quiet.settle(self.clock, &self.settings);
        }
        step.ended(attempt, call, why);
    }

    /// As [`end`](Self::end), by the account of a refusal or a snapshot. Having entered is no
    /// accept: there is nothing to join (D-12).
    pub(super) fn end_as(&mut self, attempt: u64, ending: Ending, step: &mut Step) {
        let has_entered = ending.how == EndingKind::Entered;
        let why = Dismissal::of(ending, &self.device);
        if has_entered {
            self.end_without_join(attempt, why, step);
        } else {
            self.end(attempt, why, step);
        }
    }

    /// As [`end`](Self::end), though an accept be unanswered.
    pub(super) fn end_without_join(&mut self, attempt: u64, why: Dismissal, step: &mut Step) {
        abandon_answers(&mut self.requests, attempt, step);
        self.end(attempt, why, step);
    }
}
