//! Applying a snapshot (D-24).

use roomcall::handset::Dismissal;
use roomcall::protocol::{Answer, EndedCall, IncomingCall, Reply};

use super::screen::Known;
use super::{ModelHandset, Purpose};

impl ModelHandset {
    /// A snapshot came: to the unanswered request for one, or another one.
    pub(super) fn snapshot(&mut self, reply: Reply, is_asked_for: bool) {
        let Ok(Answer::GetIncomingCalls { calls, revision, endings: Some(endings) }) = reply.answer
        else {
            return;
        };
        let is_applied = if is_asked_for {
            self.revision.is_none_or(|last| revision >= last)
        } else {
            let is_newer = self.revision.is_none_or(|last| revision > last);
            is_newer && self.is_ready && reply.request_id >= self.oldest_snapshot
        };
        if !is_applied {
            return;
        }
        if is_asked_for {
            self.unanswered.retain(|request| {
                request.purpose != Purpose::Snapshot || request.request_id != reply.request_id
            });
        }
        self.revision = Some(revision);
        self.snapshot_ends(&endings.calls);
        self.snapshot_leaves_out(&calls, endings.last_attempt);
        self.snapshot_lists(calls);
        self.mark = endings.last_attempt;
        self.floor = self.floor.max(self.mark);
        self.step.snapshot = true;
        self.become_ready(reply.next_request_id);
        self.walk_from_the_start(endings.last_attempt);
    }

    /// Its endings count by D-04 and D-10.
    fn snapshot_ends(&mut self, endings: &[EndedCall]) {
        for EndedCall { room, caller, ended } in endings {
            let attempt = ended.attempt;
            let is_known = self.known.contains_key(&attempt);
            let is_over = self.endings.contains_key(&attempt);
            if !is_known && !is_over && attempt > self.floor {
                self.step.missed.insert(attempt, (room.clone(), caller.clone()));
            }
            self.over_by(attempt, ended);
        }
    }

    /// Every other known call up to its `lastAttempt` is over.
    fn snapshot_leaves_out(&mut self, calls: &[IncomingCall], last: u64) {
        let known: Vec<u64> = self.known.keys().copied().collect();
        for attempt in known {
            if attempt <= last && !calls.iter().any(|call| call.attempt == attempt) {
                self.over(attempt, Dismissal::Gone);
            }
        }
    }

    /// A call that it lists and that is not over is known, as far as D-19 allows.
    fn snapshot_lists(&mut self, calls: Vec<IncomingCall>) {
        self.listed = calls.iter().map(|call| call.attempt).collect();
        for call in calls {
            let attempt = call.attempt;
            let deadline = self.deadline(call.time_left);
            // D-13: one with an answer on its way is not silenced before its patience ends.
            let is_silenced = self.is_too_short(call.time_left) && !self.is_answering(attempt);
            if let Some(known) = self.known.get_mut(&attempt) {
                known.deadline = deadline;
                known.is_silenced = is_silenced;
                self.step.known.insert(attempt, known.clone());
            } else if !self.endings.contains_key(&attempt) && self.has_room_for_a_call() {
                let IncomingCall { room, caller, extension, .. } = call;
                let call = Known { room, caller, extension, deadline, is_silenced };
                self.know(attempt, call);
            }
        }
    }
}
