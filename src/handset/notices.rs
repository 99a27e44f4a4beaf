//! What the switchboard says unasked (D-01, D-05, D-06).

use super::incoming::{Rang, Ring};
use super::output::{Dismissal, Effect, Progress};
use super::{Handset, LateRing, Step};
use crate::protocol::{Event, NamedCall};

impl Handset {
    pub(super) fn hear(&mut self, notice: Event, step: &mut Step) {
        match notice {
            Event::CallReceived { call, extension, time_left } => {
                if call.callee == self.user {
                    self.ring(&call, &extension, time_left, step);
                }
            }
            Event::CallCancelled(call) => {
                if call.callee == self.user {
                    self.end(call.attempt, Dismissal::Cancelled, step);
                }
            }
            Event::CallTimeout(call) => {
                self.ended(&call, Dismissal::TimedOut, Progress::TimedOut, step);
            }
            Event::CallRevokedByAdmin { call, operator } => {
                let progress = Progress::Revoked { operator: operator.clone() };
                self.ended(&call, Dismissal::Revoked { operator }, progress, step);
            }
            Event::CallAccepted(call) => {
                if call.caller == self.user {
                    self.progress(&call, Progress::Accepted, step);
                }
            }
            Event::CallRejected { call, reason } => {
                if call.caller == self.user {
                    self.progress(&call, Progress::Rejected { reason: Some(reason) }, step);
                }
            }
            Event::CallHandledByOtherDevice { is_accepted, attempt, device, room: _ } => {
                let why = Dismissal::handled(is_accepted, device.as_deref(), &self.device);
                self.end(attempt, why, step);
            }
            Event::PendingCallChanged(call) | Event::PendingCallRemoved(call) => {
                self.hear_list(&call, step);
            }
        }
    }

    /// D-06
    fn ring(&mut self, call: &NamedCall, extension: &str, time_left: Option<u64>, step: &mut Step) {
        let least = self.settings.min_ring;
        let ring = Ring::new(call, extension, time_left, self.clock, least);
        let told = ring.told(call.attempt);
        match self.calls.ring(call.attempt, ring, self.settings.calls) {
            Rang::Known | Rang::LeftOut => {}
            Rang::Late(why) => match self.settings.late_ring {
                LateRing::Ignore => {}
                LateRing::Report => step.effects.push(Effect::Report { call: told, why }),
            },
        }
    }

    /// An ending that callee and caller hear of by the same event.
    fn ended(&mut self, call: &NamedCall, why: Dismissal, progress: Progress, step: &mut Step) {
        if call.callee == self.user {
            self.end(call.attempt, why, step);
        } else if call.caller == self.user {
            self.progress(call, progress, step);
        }
    }
}
