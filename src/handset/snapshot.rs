//! Snapshots: what rings, and what ended meanwhile (D-24).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::incoming::{Rang, Ring};
use super::output::Dismissal;
use super::{Handset, Step};
use crate::protocol::{EndedCall, Endings, IncomingCall, NamedCall};
use crate::{CallStatus, Tick};

/// A snapshot as it came.
pub(super) struct Snapshot {
    pub(super) request_id: u64,
    pub(super) calls: Vec<IncomingCall>,
    pub(super) revision: u64,
    pub(super) endings: Endings,
    pub(super) next_request_id: Option<u64>,
}

impl Handset {
    /// Applies a snapshot, or ignores it as stale.
    pub(super) fn take_snapshot(&mut self, snapshot: Snapshot, step: &mut Step) {
        let Snapshot { request_id, calls, revision, endings, next_request_id } = snapshot;
        let was_asked = self.requests.snapshot() == Some(request_id);
        let is_new = if was_asked {
            revision >= self.calls.revision
        } else {
            self.is_ready && revision > self.calls.revision && request_id >= self.fresh_from
        };
        if !is_new {
            return;
        }
        if was_asked {
            self.requests.give_up_snapshot();
        }
        for ended in &endings.calls {
            self.learn(ended, step);
        }
        self.merge(calls, endings.last_attempt, revision, step);
        // Half the range is out of reach, so that the numbers never stand still.
        let next = next_request_id.filter(|next| *next <= Tick::LAST.as_millis());
        self.requests.next = self.requests.next.max(next.unwrap_or_default());
        if !self.is_ready {
            self.is_ready = true;
            self.leave_former_rooms(step);
            self.renumber(step);
        }
        self.walk(endings.last_attempt, step);
    }

    /// An ending that a snapshot tells of (D-10).
    fn learn(&mut self, told: &EndedCall, step: &mut Step) {
        let attempt = told.ended.attempt;
        if self.calls.known.contains_key(&attempt) || self.calls.over.contains_key(&attempt) {
            return self.end_as(attempt, &told.ended, step);
        }
        let why = Dismissal::of(&told.ended, &self.device);
        let is_here = matches!(why, Dismissal::AnsweredHere | Dismissal::RejectedHere);
        if attempt > self.calls.floor && !is_here {
            step.learned.insert(attempt, (told.room.clone(), told.caller.clone(), false));
            step.why.insert(attempt, why.clone());
        }
        self.calls.remember(attempt, why);
    }

    fn merge(&mut self, calls: Vec<IncomingCall>, mark: u64, revision: u64, step: &mut Step) {
        let listed: BTreeSet<u64> = calls.iter().map(|call| call.attempt).collect();
        let is_gone = |attempt: &u64| *attempt <= mark && !listed.contains(attempt);
        let gone: Vec<u64> = self.calls.known.keys().copied().filter(is_gone).collect();
        for attempt in gone {
            self.end(attempt, Dismissal::Gone, step);
        }
        for call in calls {
            if call.callee == self.user {
                self.list_call(call);
            }
        }
        self.calls.settle(listed, mark, revision);
    }

    /// A call that the snapshot lists: it rings, with the time that it says, unless it is over.
    fn list_call(&mut self, call: IncomingCall) {
        let IncomingCall { room, caller, callee, attempt, time_left, extension } = call;
        if self.calls.over.contains_key(&attempt) {
            return;
        }
        let named = NamedCall { room, caller, callee, status: CallStatus::Calling, attempt };
        let least = self.settings.min_ring;
        let ring = Ring::new(&named, &extension, time_left, self.clock, least);
        if let Some(known) = self.calls.known.get_mut(&attempt) {
            // D-13: one with an answer on its way has its patience.
            let is_silenced = ring.is_silenced && self.requests.said(attempt).is_none();
            *known = Ring { is_silenced, ..ring };
        } else {
            match self.calls.admit(attempt, ring, self.settings.calls) {
                Rang::Known | Rang::LeftOut | Rang::Late(_) => {}
            }
        }
    }

    /// D-21: before it was restarted it may have been in another room.
    fn leave_former_rooms(&mut self, step: &mut Step) {
        for room in self.outgoing.rooms() {
            if self.room.as_ref() != Some(&room) {
                self.leave_outgoing(&room, step);
            }
        }
    }

    /// D-15: all commands go out, those that never left with numbers of this life.
    fn renumber(&mut self, step: &mut Step) {
        for open in self.requests.renumber(self.settings.requests) {
            self.not_sent(&open, step);
            self.give_up_call(&open, step);
        }
        self.send_all(|open| open.command().is_some(), step);
    }
}
