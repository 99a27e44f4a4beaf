//! Snapshots: what rings, and what ended meanwhile (D-16, D-24).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Handset;
use super::calls::Call;
use super::dismissal::Dismissal;
use super::screen::Step;
use super::taps::report_not_sent;
use super::unanswered::Unanswered;
use crate::CallStatus;
use crate::protocol::{EndedCall, Endings, IncomingCall, NamedCall};

/// A snapshot as it came.
pub(super) struct Snapshot {
    pub(super) request_id: u64,
    pub(super) calls: Vec<IncomingCall>,
    pub(super) revision: u64,
    pub(super) endings: Endings,
    pub(super) next_request_id: Option<u64>,
}

impl Handset {
    /// Requests a snapshot, unless one is requested (D-16).
    pub(super) fn request_snapshot(&mut self, step: &mut Step) {
        self.requests.request_snapshot(self.calls.since(), self.gate(), &mut step.effects);
    }

    /// Requests a snapshot that is newer than all that are on their way (D-14).
    pub(super) fn request_snapshot_anew(&mut self, step: &mut Step) {
        self.requests.reject_snapshots();
        self.request_snapshot(step);
    }

    /// Applies a snapshot, or ignores it as stale (D-24).
    pub(super) fn on_snapshot(&mut self, snapshot: Snapshot, step: &mut Step) {
        let Snapshot { request_id, calls, revision, endings, next_request_id } = snapshot;
        let is_requested = self.requests.snapshot() == Some(request_id);
        let is_new = if is_requested {
            revision >= self.calls.revision()
        } else {
            let is_greater = revision > self.calls.revision();
            self.is_ready && is_greater && self.requests.accepts_snapshot(request_id)
        };
        if !is_new {
            return;
        }
        if is_requested {
            self.requests.abandon_snapshot();
        }
        let Endings { calls: ended, last_attempt } = endings;
        for ended in ended {
            self.on_listed_ending(ended, step);
        }
        self.merge_listed(calls, last_attempt, revision, step);
        self.requests.raise_next_id(next_request_id);
        if !self.is_ready {
            self.become_ready(step);
        }
        self.paginate(last_attempt, step);
    }

    /// An ending that a snapshot tells of (D-10).
    fn on_listed_ending(&mut self, ended: EndedCall, step: &mut Step) {
        let EndedCall { room, caller, ended: ending } = ended;
        let attempt = ending.attempt;
        if !self.calls.is_new(attempt) {
            return self.end_as(attempt, ending, step);
        }
        let why = Dismissal::of(ending, &self.device);
        let _ = self.calls.end(attempt, &why);
        if !matches!(why, Dismissal::AnsweredHere | Dismissal::RejectedHere) {
            step.missed(attempt, room, caller, why);
        }
    }

    /// What the snapshot does not list is over, and what it lists rings unless it is over (D-24).
    fn merge_listed(
        &mut self,
        calls: Vec<IncomingCall>,
        last_attempt: u64,
        revision: u64,
        step: &mut Step,
    ) {
        let listed: BTreeSet<u64> = calls.iter().map(|call| call.attempt).collect();
        for attempt in self.calls.unlisted(&listed, last_attempt) {
            self.end(attempt, Dismissal::Gone, step);
        }
        for call in calls {
            if call.callee == self.user {
                self.on_listed_call(call, step);
            }
        }
        self.calls.settle(listed, last_attempt, revision);
    }

    fn on_listed_call(&mut self, call: IncomingCall, step: &mut Step) {
        let IncomingCall { room, caller, callee, attempt, time_left, extension } = call;
        if self.calls.has_tombstone(attempt) {
            return;
        }
        let call = NamedCall { room, caller, callee, status: CallStatus::Calling, attempt };
        let call = Call::new(call, extension, time_left, self.clock, self.settings.min_ring);
        if let Some(known) = self.calls.get_mut(attempt) {
            known.relist(&call, self.requests.call_answer(attempt).is_some());
        } else if let Some(known) = self.calls.admit(attempt, call, self.settings.calls) {
            known.set_shown(step.revived(attempt));
        }
    }

    /// The first snapshot of a life was applied (D-15). What this device was calling before it was
    /// restarted may have been in another room (D-21).
    fn become_ready(&mut self, step: &mut Step) {
        self.is_ready = true;
        let room = self.room.clone();
        self.leave_rooms(|left| room.as_deref() != Some(left), step);
        for excess in self.requests.renumber(self.settings.requests) {
            report_not_sent(&excess, step);
            self.on_call_abandoned(&excess, step);
        }
        let is_command = |unanswered: &Unanswered| unanswered.as_command().is_some();
        self.requests.send(is_command, self.gate(), &mut step.effects);
    }
}
