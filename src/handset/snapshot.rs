//! Snapshots: the calls to and by the user, and what ended meanwhile (D-16, D-24).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::DeviceTick;
use super::Handset;
use super::call::Call;
use super::dismissal::Dismissal;
use super::effect::NotSentReason;
use super::progress::Progress;
use super::screen::Step;
use super::taps::report_not_sent;
use super::unanswered::{Readiness, Unanswered};
use crate::CallStatus;
use crate::protocol::{Command, LiveCall, MyCalls, MyEnding, NamedCall};

/// What a snapshot says all of: the attempts above `since` and up to `last_attempt`.
#[derive(Clone, Copy)]
pub(super) struct Coverage {
    pub(super) since: u64,
    pub(super) last_attempt: u64,
}

impl Coverage {
    pub(super) const fn has(self, attempt: u64) -> bool {
        attempt > self.since && attempt <= self.last_attempt
    }
}

impl Handset {
    /// Requests a snapshot, unless one is requested. It is to say how each known call and each open
    /// attempt of this user ended (D-16).
    pub(super) fn request_snapshot(&mut self, step: &mut Step) {
        let open = self.outgoing.lowest_open().map(|lowest| lowest.saturating_sub(1));
        let settled = self.calls.since();
        self.request_snapshot_since(open.map_or(settled, |open| open.min(settled)), step);
    }

    fn request_snapshot_since(&mut self, since: u64, step: &mut Step) {
        self.requests.request_snapshot(since, self.gate(), &mut step.effects);
    }

    /// Requests a snapshot that is newer than all that are on their way (D-14).
    pub(super) fn request_snapshot_anew(&mut self, step: &mut Step) {
        self.requests.reject_snapshots();
        self.request_snapshot(step);
    }

    /// Applies a snapshot, or ignores it as stale (D-24).
    pub(super) fn on_snapshot(
        &mut self,
        request_id: u64,
        snapshot: MyCalls,
        next_request_id: Option<u64>,
        step: &mut Step,
    ) {
        let MyCalls { incoming, outgoing, endings, more, since, last_attempt, revision, log } =
            snapshot;
        let requested_at = self.requests.snapshot_requested_at(request_id);
        if !self.admits_snapshot(request_id, revision) {
            return;
        }
        let coverage = Coverage { since, last_attempt };
        let (to_user, by_user) = endings.into_iter().partition(|over| over.callee == self.user);
        for over in to_user {
            self.on_listed_ending(over, step);
        }
        let mut is_complete = self.merge_incoming(incoming, requested_at, coverage, revision, step);
        let before = self.progress_of(self.outgoing.keys());
        is_complete &= self.merge_outgoing(outgoing, by_user, coverage, more);
        self.requests.raise_next_id(next_request_id);
        if self.readiness != Readiness::Now {
            self.become_ready(step);
        }
        self.report_progress(before, step);
        self.on_log_state(log, step);
        if !is_complete {
            self.request_snapshot(step);
        }
        if more {
            self.request_snapshot_since(last_attempt, step);
        }
        self.paginate(last_attempt, step);
    }

    /// Whether a snapshot is new. The request that it answers is answered then.
    fn admits_snapshot(&mut self, request_id: u64, revision: u64) -> bool {
        if self.requests.snapshot() == Some(request_id) {
            let is_new = revision >= self.calls.revision();
            if is_new {
                self.requests.abandon_snapshot();
            }
            return is_new;
        }
        let is_greater = revision > self.calls.revision();
        self.is_ready() && is_greater && self.requests.accepts_snapshot(request_id)
    }

    /// An ending of a call to this user that a snapshot tells of (D-10).
    fn on_listed_ending(&mut self, over: MyEnding, step: &mut Step) {
        let MyEnding { room, caller, ended: ending, callee: _, reason: _ } = over;
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

    /// A known call that the snapshot covers and does not list is over, and what it lists rings
    /// unless it is over. Says whether it lists all known calls that it does not cover, and none that rings
    /// and is silenced by how long the reply took (D-24).
    fn merge_incoming(
        &mut self,
        calls: Vec<LiveCall>,
        requested_at: Option<DeviceTick>,
        coverage: Coverage,
        revision: u64,
        step: &mut Step,
    ) -> bool {
        let listed: BTreeSet<u64> = calls.iter().map(|call| call.attempt).collect();
        for attempt in self.calls.unlisted(&listed, coverage) {
            self.end(attempt, Dismissal::Gone, step);
        }
        let known = self.calls.iter().map(|(attempt, _)| attempt);
        let mut is_complete = lists_all_before(known, coverage, &listed);
        for call in calls {
            if call.callee == self.user {
                is_complete &= self.on_listed_call(call, requested_at, step);
            }
        }
        self.calls.settle(listed, coverage.last_attempt, revision);
        is_complete
    }

    /// Its time left counts from when the snapshot was requested, if it is the requested one: it
    /// may be as old as that. Says whether the call is as the snapshot says: not silenced while it has time
    /// left (D-24).
    fn on_listed_call(
        &mut self,
        call: LiveCall,
        requested_at: Option<DeviceTick>,
        step: &mut Step,
    ) -> bool {
        let LiveCall { room, caller, callee, attempt, time_left, extension, rung } = call;
        if self.calls.has_tombstone(attempt) {
            return true;
        }
        let call = NamedCall { room, caller, callee, status: CallStatus::Calling, attempt };
        let (clock, min_ring) = (self.clock, self.settings.min_ring);
        let times = [requested_at.unwrap_or(clock), clock];
        let call = Call::since(call, extension, time_left, times, min_ring);
        if let Some(known) = self.calls.get_mut(attempt) {
            let is_answering = self.requests.call_answer(attempt).is_some();
            if requested_at.is_some() {
                known.relist(&call, is_answering);
            } else {
                known.relist_late(&call, is_answering, clock, min_ring);
            }
        } else if let Some(known) = self.calls.admit(attempt, call, self.settings.calls) {
            known.set_shown(step.revived(attempt));
        }
        if !rung {
            step.unrung.insert(attempt);
        } else if let Some(known) = self.calls.get_mut(attempt) {
            known.set_rung();
        }
        let is_silenced = self.calls.get(attempt).is_some_and(Call::is_silenced);
        !is_silenced || time_left.is_some_and(|left| left < min_ring.max(1))
    }

    /// What the snapshot says of the calls by this user. Says whether all is said of the open
    /// ones, but for what a further page says (D-21, D-24).
    fn merge_outgoing(
        &mut self,
        mut calls: Vec<LiveCall>,
        mut endings: Vec<MyEnding>,
        coverage: Coverage,
        more: bool,
    ) -> bool {
        calls.retain(|call| call.caller == self.user);
        endings.retain(|over| over.caller == self.user);
        let live: BTreeSet<u64> = calls.iter().map(|call| call.attempt).collect();
        let ended: BTreeSet<u64> = endings.iter().map(|over| over.ended.attempt).collect();
        for over in endings {
            let (room, callee, attempt) =
                (over.room.clone(), over.callee.clone(), over.ended.attempt);
            if self.outgoing.is_known(&room, &callee, &self.requests) {
                self.outgoing.end(&room, &callee, attempt, Progress::ended(over));
            }
        }
        for LiveCall { room, callee, attempt, rung, .. } in calls {
            if self.outgoing.is_known(&room, &callee, &self.requests) {
                let progress = if rung { Progress::Ringing } else { Progress::Calling };
                self.outgoing.merge(&room, &callee, attempt, progress);
            }
        }
        self.outgoing.settle(coverage, &live, &ended);
        let is_to_come = |attempt| more && attempt > coverage.last_attempt;
        lists_all_before(self.outgoing.open(), coverage, &live)
            && self.outgoing.lacking().all(is_to_come)
    }

    /// The first snapshot since the link came up was applied: what was never sent is numbered anew and
    /// sent, and in the first one of this life what was sent in others, too (D-15).
    fn become_ready(&mut self, step: &mut Step) {
        let before = core::mem::replace(&mut self.readiness, Readiness::Now);
        for excess in self.requests.renumber(self.settings.requests) {
            report_not_sent(&excess, NotSentReason::TooMany, step);
            if let Some(Command::CallUserToRoom { room, users, .. }) = excess.as_command() {
                self.outgoing.abandon(room, users, &excess.abandoned());
            }
        }
        let waits = |unanswered: &Unanswered| {
            unanswered.as_command().is_some()
                && (before == Readiness::None || unanswered.sent().is_none())
        };
        self.requests.send(waits, self.gate(), &mut step.effects);
    }
}

/// Whether those attempts that are not above `since` are listed. What became of the others is not
/// in the snapshot (D-24).
fn lists_all_before(
    mut attempts: impl Iterator<Item = u64>,
    coverage: Coverage,
    listed: &BTreeSet<u64>,
) -> bool {
    attempts.all(|attempt| attempt > coverage.since || listed.contains(&attempt))
}
