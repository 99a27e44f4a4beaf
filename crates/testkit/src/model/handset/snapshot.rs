//! Applying a snapshot (D-24).

use roomcall::handset::Dismissal;
use roomcall::protocol::{Answer, LiveCall, MyCalls, MyEnding, Reply};

use super::screen::{Known, earlier};
use super::{ModelHandset, Purpose, Time};

impl ModelHandset {
    /// A snapshot came: to the unanswered request for one, or another one.
    pub(super) fn snapshot(&mut self, reply: Reply, is_asked_for: bool) {
        let Ok(Answer::GetMyCalls(calls)) = reply.answer else {
            return;
        };
        let is_applied = if is_asked_for {
            self.revision.is_none_or(|last| calls.revision >= last)
        } else {
            let is_newer = self.revision.is_none_or(|last| calls.revision > last);
            is_newer && self.is_ready && reply.request_id >= self.oldest_snapshot
        };
        if !is_applied {
            return;
        }
        let sent = self.first_sent_of(reply.request_id).filter(|_| is_asked_for);
        if is_asked_for {
            self.unanswered.retain(|request| {
                request.purpose != Purpose::Snapshot || request.request_id != reply.request_id
            });
        }
        self.revision = Some(calls.revision);
        self.snapshot_ends(&calls.endings);
        self.snapshot_leaves_out(&calls);
        self.snapshot_lists(&calls.incoming, sent);
        self.snapshot_rung(&calls.incoming);
        self.snapshot_says(&calls);
        self.mark = self.mark.max(calls.last_attempt);
        self.floor = self.floor.max(self.mark);
        self.step.snapshot = true;
        self.snapshot_logs(calls.log);
        self.number_commands(reply.next_request_id);
        if self.is_below(&calls) || self.is_late(&calls) {
            self.ask_unless_asking();
        }
        if calls.more {
            self.ask_for_more(calls.last_attempt);
        }
        self.walk_from_the_start(calls.last_attempt);
    }

    fn first_sent_of(&self, request_id: u64) -> Option<Time> {
        let request = self.unanswered.iter().find(|request| request.request_id == request_id);
        request.and_then(|request| request.first_sent)
    }

    /// Its endings of calls to this user count by D-04 and D-10.
    fn snapshot_ends(&mut self, endings: &[MyEnding]) {
        for MyEnding { room, caller, callee, ended, .. } in endings {
            if *callee != self.user {
                continue;
            }
            let attempt = ended.attempt;
            let is_known = self.known.contains_key(&attempt);
            let is_over = self.endings.contains_key(&attempt);
            if !is_known && !is_over && attempt > self.floor {
                self.step.missed.insert(attempt, (room.clone(), caller.clone()));
            }
            self.over_by(attempt, ended);
        }
    }

    /// Every other known call above its `since` and up to its `lastAttempt` is over.
    fn snapshot_leaves_out(&mut self, calls: &MyCalls) {
        let known: Vec<u64> = self.known.keys().copied().collect();
        for attempt in known {
            if is_covered(calls, attempt) && !lists(&calls.incoming, attempt) {
                self.over(attempt, Dismissal::Gone);
            }
        }
    }

    /// A call that it lists as incoming and that is not over is known, as far as D-19 allows.
    /// Deadlines count from when the unanswered request was first sent; `None` is another request.
    fn snapshot_lists(&mut self, incoming: &[LiveCall], sent: Option<Time>) {
        self.listed = incoming.iter().map(|call| call.attempt).collect();
        for call in incoming {
            let attempt = call.attempt;
            let from = sent.unwrap_or(self.clock);
            let mut deadline = call.time_left.map(|left| from + Time::from(left));
            if let (Some(known), None) = (self.known.get(&attempt), sent) {
                deadline = earlier(known.deadline, deadline);
            }
            // D-13: one with an answer on its way is not silenced before its patience ends.
            let is_silenced = self.is_too_short(deadline) && !self.is_answering(attempt);
            if let Some(known) = self.known.get_mut(&attempt) {
                known.deadline = deadline;
                known.is_silenced = is_silenced;
                self.step.known.insert(attempt, known.clone());
            } else if !self.endings.contains_key(&attempt) && self.has_room_for_a_call() {
                let LiveCall { room, caller, extension, .. } = call.clone();
                let call = Known::new(room, caller, extension, deadline, is_silenced);
                self.know(attempt, call);
            }
        }
    }

    /// Whether a call that it lists is silenced, although by its own time left it would ring.
    fn is_late(&self, calls: &MyCalls) -> bool {
        let least = self.settings.min_ring.max(1);
        let rings = |call: &&LiveCall| call.time_left.is_none_or(|left| left >= least);
        let silenced = |attempt: u64| self.known.get(&attempt).is_some_and(|call| call.is_silenced);
        calls.incoming.iter().filter(rings).any(|call| silenced(call.attempt))
    }

    /// Whether it says nothing of what this handset still waits to hear of, because that is not above its `since`.
    fn is_below(&self, calls: &MyCalls) -> bool {
        let is_left =
            |attempt: u64, list: &[LiveCall]| attempt <= calls.since && !lists(list, attempt);
        self.known.keys().any(|attempt| is_left(*attempt, &calls.incoming))
            || self.open_attempts().iter().any(|attempt| is_left(*attempt, &calls.outgoing))
            || self.lacking_attempts().iter().any(|attempt| {
                let is_to_come = calls.more && *attempt > calls.last_attempt;
                !is_to_come
            })
    }
}

/// whether a snapshot says all there is to say of an attempt.
pub(super) fn is_covered(calls: &MyCalls, attempt: u64) -> bool {
    calls.since < attempt && attempt <= calls.last_attempt
}

pub(super) fn lists(list: &[LiveCall], attempt: u64) -> bool {
    list.iter().any(|call| call.attempt == attempt)
}
