//! Calls by the user: the state of the last one to each callee into each room (D-21).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;

use super::progress::Progress;
use super::requests::Requests;
use super::snapshot::Coverage;
use crate::domain::limits::is_within;

/// What is known of the last call to each callee into each room.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Outgoing {
    /// By room and callee.
    rooms: BTreeMap<String, BTreeMap<String, Call>>,
    /// Whether a call may have to go (D-21); never between two steps.
    #[serde(skip)]
    needs_pruning: bool,
}

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Call {
    /// The last attempt that was heard of; 0 before any.
    attempt: u64,
    /// The greatest progress that was heard of it.
    progress: Option<Progress>,
    /// The result of the last tap, if that made no attempt.
    tap_result: Option<Progress>,
    /// Whether it is rejected or revoked, and a snapshot may still say why or by whom.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    lacks_detail: bool,
}

impl Call {
    /// Whether it is not over, as far as is known.
    const fn is_live(&self) -> bool {
        matches!(self.progress, Some(Progress::Calling | Progress::Ringing))
    }

    /// Whether a snapshot is to say more of it (D-21).
    const fn is_open(&self) -> bool {
        self.is_live() || self.lacks_detail
    }

    /// Merges what is said of an attempt: of the last one the greatest counts. Says whether that
    /// is new.
    fn merge(&mut self, attempt: u64, progress: Progress) -> bool {
        let progress = Some(progress);
        if attempt > self.attempt {
            *self = Self { attempt, progress, ..Self::default() };
            return true;
        }
        let is_new = attempt == self.attempt && self.progress < progress;
        if is_new {
            self.progress = progress;
            self.lacks_detail = false;
        }
        is_new
    }
}

/// The state of a call to a callee: the attempt and the progress, where there is one.
pub(super) type State = (Option<u64>, Option<Progress>);

impl Outgoing {
    fn get(&self, room: &str, callee: &str) -> Option<&Call> {
        self.rooms.get(room)?.get(callee)
    }

    /// The last attempt that was heard of.
    pub(super) fn attempt(&self, room: &str, callee: &str) -> Option<u64> {
        self.get(room, callee).map(|call| call.attempt).filter(|attempt| *attempt > 0)
    }

    /// The state that a person sees.
    pub(super) fn state(&self, room: &str, callee: &str, requests: &Requests) -> State {
        if requests.is_calling(room, callee) {
            return (None, Some(Progress::Asking));
        }
        match self.get(room, callee) {
            Some(Call { tap_result: Some(result), .. }) => (None, Some(result.clone())),
            Some(Call { progress: Some(progress), attempt, .. }) => {
                (Some(*attempt), Some(progress.clone()))
            }
            Some(Call { progress: None, .. }) | None => (None, None),
        }
    }

    /// Every change of a call goes through here.
    fn change(&mut self, room: &str, callee: &str, change: impl FnOnce(&mut Call)) {
        self.needs_pruning = true;
        match self.rooms.get_mut(room).and_then(|calls| calls.get_mut(callee)) {
            Some(call) => change(call),
            None => {
                let calls = self.rooms.entry(room.into()).or_default();
                change(calls.entry(callee.into()).or_default());
            }
        }
    }

    /// An attempt is live, or is over in a way that has no detail.
    pub(super) fn merge(&mut self, room: &str, callee: &str, attempt: u64, progress: Progress) {
        self.change(room, callee, |call| {
            call.merge(attempt, progress);
        });
    }

    /// An attempt is over, and this says all of it.
    pub(super) fn end(&mut self, room: &str, callee: &str, attempt: u64, progress: Progress) {
        self.change(room, callee, |call| {
            call.merge(attempt, progress);
            call.lacks_detail &= call.attempt != attempt;
        });
    }

    /// An attempt is over, and this does not say why or by whom. Says whether it lacks its detail
    /// from now on.
    pub(super) fn end_without_detail(
        &mut self,
        room: &str,
        callee: &str,
        attempt: u64,
        progress: Progress,
    ) -> bool {
        let mut is_new = false;
        self.change(room, callee, |call| {
            is_new = call.merge(attempt, progress);
            call.lacks_detail |= is_new;
        });
        is_new
    }

    /// A tap had a result that is no attempt.
    pub(super) fn set_tap_result(&mut self, room: &str, callee: &str, result: Progress) {
        self.change(room, callee, |call| {
            if !call.is_live() {
                call.tap_result = Some(result);
            }
        });
    }

    /// A call to these users is abandoned: it was not sent, or nobody knows whether it was made
    /// (D-15, D-20).
    pub(super) fn abandon(&mut self, room: &str, users: &[String], result: &Progress) {
        users.iter().for_each(|user| self.set_tap_result(room, user, result.clone()));
    }

    /// There was another tap.
    pub(super) fn clear_tap_result(&mut self, room: &str, callee: &str) {
        self.change(room, callee, |call| call.tap_result = None);
    }

    fn iter(&self) -> impl Iterator<Item = (&String, &String, &Call)> {
        let rooms = self.rooms.iter();
        rooms.flat_map(|(room, calls)| calls.iter().map(move |(callee, call)| (room, callee, call)))
    }

    /// The room and callee of each call.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&String, &String)> {
        self.iter().map(|(room, callee, _)| (room, callee))
    }

    /// Whether something is known or asked of the calls to a callee.
    pub(super) fn is_known(&self, room: &str, callee: &str, requests: &Requests) -> bool {
        self.get(room, callee).is_some() || requests.is_calling(room, callee)
    }

    /// The lowest attempt of which a snapshot is to say more (D-16).
    pub(super) fn lowest_open(&self) -> Option<u64> {
        self.open().min()
    }

    /// The attempts of which a snapshot is to say more (D-21).
    pub(super) fn open(&self) -> impl Iterator<Item = u64> {
        self.iter().filter(|(_, _, call)| call.is_open()).map(|(_, _, call)| call.attempt)
    }

    /// The attempt to a callee into a room, if it is live.
    pub(super) fn live_to(&self, room: &str, callee: &str) -> Option<u64> {
        self.get(room, callee).filter(|call| call.is_live()).map(|call| call.attempt)
    }

    /// The attempts that lack their detail (D-21).
    pub(super) fn lacking(&self) -> impl Iterator<Item = u64> {
        self.iter().filter(|(_, _, call)| call.lacks_detail).map(|(_, _, call)| call.attempt)
    }

    /// A snapshot says all that the switchboard knows of the attempts that it covers and does not
    /// list as live: it does not remember those whose ending it does not give, and has no further
    /// detail (D-21).
    pub(super) fn settle(
        &mut self,
        coverage: Coverage,
        live: &BTreeSet<u64>,
        ended: &BTreeSet<u64>,
    ) {
        let is_settled = |attempt| coverage.has(attempt) && !live.contains(&attempt);
        let calls = self.rooms.values_mut().flat_map(BTreeMap::values_mut);
        for call in calls.filter(|call| is_settled(call.attempt)) {
            let was_open = call.is_open();
            call.lacks_detail = false;
            if call.is_live() && !ended.contains(&call.attempt) {
                call.progress = Some(Progress::Unknown);
            }
            self.needs_pruning |= was_open && !call.is_open();
        }
    }

    /// A request that kept calls of which nothing is known is answered or abandoned, or another
    /// limit holds.
    pub(super) const fn prune_later(&mut self) {
        self.needs_pruning = true;
    }

    /// Forgets calls of which nothing is known, and finished ones beyond the limit, the lowest
    /// attempt first (D-21).
    pub(super) fn prune(&mut self, requests: &Requests, limit: u32) {
        if !core::mem::take(&mut self.needs_pruning) {
            return;
        }
        self.rooms.retain(|room, calls| {
            calls.retain(|callee, call| {
                let is_known = call.progress.is_some() || call.tap_result.is_some();
                is_known || requests.is_calling(room, callee)
            });
            !calls.is_empty()
        });
        let mut len = self.rooms.values().map(BTreeMap::len).fold(0_usize, usize::saturating_add);
        while !is_within(len, limit) {
            let Some((room, callee)) = self.first_finished(requests) else {
                return;
            };
            if let Some(calls) = self.rooms.get_mut(&room) {
                calls.remove(&callee);
                if calls.is_empty() {
                    self.rooms.remove(&room);
                }
            }
            len = len.saturating_sub(1);
        }
    }

    fn first_finished(&self, requests: &Requests) -> Option<(String, String)> {
        let is_finished = |(room, callee, call): &(&String, &String, &Call)| {
            !call.is_open() && !requests.is_calling(room, callee)
        };
        let finished = self.iter().filter(is_finished);
        let first = finished.min_by_key(|(room, callee, call)| (call.attempt, *room, *callee));
        first.map(|(room, callee, _)| (room.clone(), callee.clone()))
    }

    /// Calls that ring are calling: nobody knows whether a device said so.
    #[cfg(feature = "json")]
    pub(super) fn demote_ringing(&mut self) {
        let calls = self.rooms.values_mut().flat_map(BTreeMap::values_mut);
        for call in calls.filter(|call| call.progress == Some(Progress::Ringing)) {
            call.progress = Some(Progress::Calling);
        }
    }

    /// Why no handset has such calls between two steps (D-25).
    #[cfg(feature = "json")]
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let has_detail = |call: &Call| !call.progress.as_ref().is_some_and(Progress::has_no_detail);
        super::saved::first_broken([(
            self.iter().any(|(_, _, call)| call.lacks_detail && has_detail(call)),
            "a call lacks its detail and is neither rejected without a reason, nor revoked, nor unknown",
        )])
    }
}

#[cfg(test)]
mod tests {
    use super::{Coverage, Outgoing, Progress, Requests};

    fn progress(outgoing: &Outgoing) -> Option<Progress> {
        outgoing.state("r", "ana", &Requests::new()).1
    }

    #[test]
    fn the_greatest_of_the_last_attempt_counts() {
        let mut outgoing = Outgoing::default();
        outgoing.merge("r", "ana", 2, Progress::TimedOut);
        outgoing.merge("r", "ana", 2, Progress::Ringing);
        outgoing.merge("r", "ana", 1, Progress::Accepted);
        assert_eq!(progress(&outgoing), Some(Progress::TimedOut));
        outgoing.merge("r", "ana", 3, Progress::Ringing);
        assert_eq!(progress(&outgoing), Some(Progress::Ringing));
    }

    #[test]
    fn a_tap_without_an_attempt_changes_nothing_of_one_that_rings() {
        let mut outgoing = Outgoing::default();
        outgoing.merge("r", "ana", 1, Progress::Ringing);
        outgoing.set_tap_result("r", "ana", Progress::AlreadyInCalling);
        assert_eq!(progress(&outgoing), Some(Progress::Ringing));
        outgoing.merge("r", "ana", 1, Progress::TimedOut);
        outgoing.set_tap_result("r", "ana", Progress::AlreadyInRoom);
        assert_eq!(progress(&outgoing), Some(Progress::AlreadyInRoom));
        outgoing.clear_tap_result("r", "ana");
        assert_eq!(progress(&outgoing), Some(Progress::TimedOut));
    }

    #[test]
    fn finished_calls_go_first() {
        let mut outgoing = Outgoing::default();
        outgoing.merge("r", "ana", 1, Progress::Ringing);
        outgoing.merge("r", "bo", 3, Progress::Accepted);
        outgoing.merge("s", "bo", 2, Progress::TimedOut);
        outgoing.prune(&Requests::new(), 2);
        let attempts = [("r", "ana"), ("r", "bo"), ("s", "bo")];
        let attempts = attempts.map(|(room, callee)| outgoing.attempt(room, callee));
        assert_eq!(attempts, [Some(1), Some(3), None]);
        outgoing.merge("r", "bo", 4, Progress::Ringing);
        outgoing.prune(&Requests::new(), 0);
        assert_eq!(outgoing.open().count(), 2, "what rings stays");
    }

    #[test]
    fn what_a_snapshot_settles_may_go() {
        let mut outgoing = Outgoing::default();
        outgoing.merge("s", "ana", 9, Progress::Ringing);
        outgoing.end_without_detail("r", "bo", 3, Progress::Revoked { operator: None });
        outgoing.prune(&Requests::new(), 1);
        assert_eq!(outgoing.attempt("r", "bo"), Some(3), "it lacks its detail");
        outgoing.settle(Coverage { since: 0, last_attempt: 6 }, &[].into(), &[].into());
        outgoing.prune(&Requests::new(), 1);
        assert_eq!(outgoing.attempt("r", "bo"), None);
    }

    #[test]
    fn a_snapshot_settles_what_it_covers() {
        let mut outgoing = Outgoing::default();
        for (callee, attempt) in [("ana", 2), ("cy", 3), ("dee", 4), ("eve", 5)] {
            outgoing.merge("r", callee, attempt, Progress::Ringing);
        }
        outgoing.settle(Coverage { since: 2, last_attempt: 4 }, &[3].into(), &[].into());
        assert!(outgoing.open().eq([2, 3, 5]));
        assert_eq!(outgoing.lowest_open(), Some(2));
    }

    #[test]
    fn a_detail_is_lacking_until_it_is_said_or_nobody_knows_it() {
        let rejected = |reason| Progress::Rejected { reason };
        let lacking = || {
            let mut outgoing = Outgoing::default();
            assert!(outgoing.end_without_detail("r", "ana", 3, rejected(None)));
            assert_eq!(outgoing.lowest_open(), Some(3));
            outgoing
        };
        let mut told = lacking();
        let reason = Some(crate::CallRejectionReason::InOtherRoom);
        told.end("r", "ana", 3, rejected(reason));
        assert!(!told.end_without_detail("r", "ana", 3, rejected(None)));
        assert_eq!((told.lowest_open(), progress(&told)), (None, Some(rejected(reason))));
        let mut covered = lacking();
        covered.settle(Coverage { since: 3, last_attempt: 9 }, &[].into(), &[].into());
        assert_eq!(covered.lowest_open(), Some(3), "it is not above `since`");
        let covering = Coverage { since: 2, last_attempt: 3 };
        covered.settle(covering, &[3].into(), &[].into());
        assert_eq!(covered.lowest_open(), Some(3), "the snapshot is of before the ending");
        covered.settle(covering, &[].into(), &[].into());
        assert_eq!((covered.lowest_open(), progress(&covered)), (None, Some(rejected(None))));
    }
}
