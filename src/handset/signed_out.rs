//! Signing out: everything ends, and nothing begins any more (D-33).

use alloc::vec::Vec;

use super::call_log::Log;
use super::effect::{Effect, Incoming, NotSentReason, ReportReason};
use super::pushes::Push;
use super::screen::Step;
use super::taps::report_not_sent;
use super::unanswered::Readiness;
use super::{Calls, Dismissal, Handset, Input, Link, Outgoing, Quiet, Requests, RoomList};
use crate::protocol::{Event, NamedCall};

impl Handset {
    /// Whether the user signed out of this device: nothing but pushes has an effect any more
    /// (D-33).
    ///
    /// ```
    /// use roomcall::handset::{DeviceTick, Handset, Input, Link, Settings};
    ///
    /// let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    /// let _ = phone.apply(DeviceTick::START, Input::SignedOut);
    /// assert!(phone.is_signed_out());
    /// assert_eq!(phone.apply(DeviceTick::START, Input::Link(Link::Up)), []);
    /// assert!(phone.restart(None).is_signed_out(), "for good");
    /// ```
    pub const fn is_signed_out(&self) -> bool {
        self.is_signed_out
    }

    /// D-33
    pub(super) fn on_signed_out(&mut self, step: &mut Step) {
        for (attempt, call) in core::mem::replace(&mut self.calls, Calls::new()).into_known() {
            if call.shown().is_some() {
                let why = call.why_off_the_screen().unwrap_or(Dismissal::SignedOut);
                step.ended(attempt, call, why);
            }
        }
        for command in core::mem::replace(&mut self.requests, Requests::new()).into_unsent() {
            report_not_sent(&command, NotSentReason::SignedOut, step);
        }
        self.outgoing = Outgoing::default();
        self.list = RoomList::new();
        self.quiet = Quiet::default();
        self.log = Log::default();
        self.link = Link::Down;
        self.room = None;
        self.readiness = Readiness::None;
        self.is_occupied = false;
        self.is_signed_out = true;
    }

    /// After signing out only a push of a ring is answered.
    pub(super) fn judge_signed_out(&self, input: Input, step: &mut Step) {
        let Input::Push { event: Event::CallReceived { call, extension, .. }, .. } = input else {
            return;
        };
        let NamedCall { room, caller, callee, attempt, .. } = call;
        let is_for_user = callee == self.user;
        let call = Incoming { attempt, room, caller, extension };
        step.pushes.push(Push { call, is_for_user });
    }

    /// Each push has its report, whomever it is for: nobody is signed in.
    pub(super) fn report_signed_out(pushes: Vec<Push>, effects: &mut Vec<Effect>) {
        let report = |push: Push| Effect::Report { call: push.call, why: ReportReason::SignedOut };
        effects.extend(pushes.into_iter().map(report));
    }
}
