//! The pending list of the room that this device is in, kept current by events and by pagination
//! (D-22, D-23).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::DeviceTick;
use super::Handset;
use super::effect::Effect;
use super::progress::Progress;
use super::screen::Step;
use crate::CallStatus;
use crate::domain::limits::is_within;
use crate::protocol::{NamedCall, PendingCall, Query};

/// What is known of the list. It is empty in no room, and not saved.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct RoomList {
    /// The last attempt of each callee.
    entries: BTreeMap<String, Entry>,
    /// How many of the entries are removed ones.
    removed: usize,
    /// The lowest attempt of which an event counts, but for those in the list.
    min_attempt: u64,
    pagination: Option<Pagination>,
    /// When a pagination was refused, after which another begins, and the `last_attempt` of that
    /// one.
    postponed: Option<(DeviceTick, u64)>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Entry {
    attempt: u64,
    caller: String,
    /// `none` once it was removed.
    status: CallStatus,
}

/// A pass over the pages of the list.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Pagination {
    /// The request for the next page.
    request_id: u64,
    /// The last attempt that was made before it began.
    last_attempt: u64,
    /// The attempts on the pages so far.
    seen: BTreeSet<u64>,
    /// The callees of whom an event came since it began.
    changed: BTreeSet<String>,
}

/// The entries of callees before a change; `None` where there was none.
type Former = BTreeMap<String, Option<Entry>>;

impl Entry {
    const fn is_removed(&self) -> bool {
        matches!(self.status, CallStatus::None)
    }

    /// The order in which one overrides another.
    const fn rank(&self) -> (u64, u8) {
        let status = match self.status {
            CallStatus::Calling => 0,
            CallStatus::Timeout | CallStatus::Rejected => 1,
            CallStatus::None => 2,
        };
        (self.attempt, status)
    }
}

impl RoomList {
    pub(super) const fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
            removed: 0,
            min_attempt: 1,
            pagination: None,
            postponed: None,
        }
    }

    /// Whether an event of an attempt counts (D-22).
    fn counts(&self, callee: &str, attempt: u64) -> bool {
        attempt >= self.min_attempt
            || self.entries.get(callee).is_some_and(|entry| entry.attempt == attempt)
    }

    /// Merges what an event says.
    fn merge_event(&mut self, callee: &str, new: Entry) -> Option<Option<Entry>> {
        if let Some(pagination) = &mut self.pagination {
            pagination.changed.insert(callee.into());
        }
        if self.counts(callee, new.attempt) { self.merge(callee, new) } else { None }
    }

    /// Merges an entry of a page, which is newer than all that came before the pagination (D-23).
    fn merge_listed(&mut self, callee: &str, new: Entry) -> Option<Option<Entry>> {
        let Some(pagination) = &mut self.pagination else { return None };
        pagination.seen.insert(new.attempt);
        let is_newer = !pagination.changed.contains(callee);
        let last_attempt = pagination.last_attempt;
        if is_newer
            && self.entries.get(callee).is_some_and(|it| it.attempt <= last_attempt && *it != new)
        {
            let former = self.entries.insert(callee.into(), new);
            self.count_removed();
            return Some(former);
        }
        self.merge(callee, new)
    }

    /// Merges an entry: the greatest of the last attempt counts. Gives the one that it replaces;
    /// `None` if it does not count.
    fn merge(&mut self, callee: &str, new: Entry) -> Option<Option<Entry>> {
        let is_removed = new.is_removed();
        let former = match self.entries.get_mut(callee) {
            Some(known) if new.rank() <= known.rank() => return None,
            Some(known) => Some(core::mem::replace(known, new)),
            None => self.entries.insert(callee.into(), new),
        };
        self.removed = self.removed.saturating_add(usize::from(is_removed));
        if former.as_ref().is_some_and(Entry::is_removed) {
            self.removed = self.removed.saturating_sub(1);
        }
        Some(former)
    }

    /// The status of an attempt; it is over if a later one is known (D-21).
    fn status(&self, callee: &str, attempt: u64) -> CallStatus {
        let entry = self.entries.get(callee).filter(|entry| entry.attempt == attempt);
        entry.map_or(CallStatus::None, |entry| entry.status)
    }

    /// What is visible of a callee's entry otherwise than before (D-22).
    fn difference(&self, callee: &str, former: Option<Entry>) -> Option<Effect> {
        let is_visible = |entry: &Entry| !entry.is_removed();
        let former = former.filter(is_visible);
        let entry = self.entries.get(callee).filter(|entry| is_visible(entry));
        if former.as_ref() == entry {
            return None;
        }
        let callee = callee.into();
        Some(match entry.cloned() {
            Some(Entry { attempt, caller, status }) => {
                Effect::Listed { callee, caller, attempt, status }
            }
            None => Effect::Unlisted { callee, attempt: former?.attempt },
        })
    }

    /// Removes entries, and adds them to the former ones.
    fn retain(&mut self, is_kept: impl Fn(&Entry) -> bool, former: &mut Former) {
        self.entries.retain(|callee, entry| {
            let is_kept = is_kept(entry);
            if !is_kept && !former.contains_key(callee) {
                former.insert(callee.clone(), Some(entry.clone()));
            }
            is_kept
        });
        self.count_removed();
    }

    fn count_removed(&mut self) {
        self.removed = self.entries.values().filter(|entry| entry.is_removed()).count();
    }

    /// Evicts removed entries beyond the limit, the lowest attempt first; says whether there were
    /// any (D-22).
    fn evict_removed(&mut self, limit: u32) -> bool {
        if is_within(self.removed, limit) {
            return false;
        }
        let removed = self.entries.values().filter(|entry| entry.is_removed());
        let mut attempts: Vec<u64> = removed.map(|entry| entry.attempt).collect();
        attempts.sort_unstable_by(|one, other| other.cmp(one));
        let kept = usize::try_from(limit).unwrap_or(usize::MAX);
        let last = attempts.get(kept).copied().unwrap_or_default();
        self.entries.retain(|_, entry| !entry.is_removed() || entry.attempt > last);
        self.count_removed();
        self.min_attempt = self.min_attempt.max(last.saturating_add(1));
        true
    }

    /// Whether a reply is the next page.
    pub(super) fn awaits_page(&self, request_id: u64) -> bool {
        self.pagination.as_ref().is_some_and(|pagination| pagination.request_id == request_id)
    }

    /// After the last page, what was made before the pagination and was on none is gone (D-23).
    fn end_pagination(&mut self, former: &mut Former) {
        let pagination = self.pagination.take();
        let (last_attempt, seen) = pagination
            .map(|Pagination { last_attempt, seen, .. }| (last_attempt, seen))
            .unwrap_or_default();
        let is_gone = |attempt| attempt <= last_attempt && !seen.contains(&attempt);
        let is_settled = |entry: &Entry| entry.is_removed() && entry.attempt <= last_attempt;
        self.retain(|entry| !is_settled(entry) && !is_gone(entry.attempt), former);
        self.min_attempt = self.min_attempt.max(last_attempt.saturating_add(1));
    }

    /// When another pagination begins (D-23).
    pub(super) fn paginate_at(&self, retry_interval: u64) -> Option<DeviceTick> {
        self.postponed.map(|(refused_at, _)| refused_at.plus(retry_interval.max(1)))
    }
}

impl Handset {
    /// A list event (D-22).
    pub(super) fn on_list_event(&mut self, call: NamedCall, step: &mut Step) {
        if self.room.as_ref() != Some(&call.room) {
            return;
        }
        let NamedCall { room, caller, callee, status, attempt } = call;
        let is_own = caller == self.user;
        let before = is_own.then(|| self.outgoing.state(&room, &callee, &self.requests));
        if let Some(former) = self.list.merge_event(&callee, Entry { attempt, caller, status }) {
            step.effects.extend(self.list.difference(&callee, former));
        }
        let is_doubtful = is_own && self.on_own_listed(&room, &callee, attempt);
        if is_doubtful || self.is_over_by(&room, &callee, attempt, status) {
            self.request_snapshot(step);
        }
        if let Some(before) = before {
            self.report_call(room, callee, &before, step);
        }
    }

    /// A call by this user that the list knows as calling is live (D-21). Says whether it may be over.
    fn on_own_listed(&mut self, room: &str, callee: &str, attempt: u64) -> bool {
        let is_calling = self.list.status(callee, attempt) == CallStatus::Calling;
        is_calling && self.on_live(room, callee, attempt, Progress::Calling)
    }

    /// Whether an entry or event says that a call by this user that is live is over: how, a snapshot
    /// has to say (D-21).
    fn is_over_by(&self, room: &str, callee: &str, attempt: u64, status: CallStatus) -> bool {
        let live = self.outgoing.live_to(room, callee);
        live.is_some_and(|live| attempt > live || attempt == live && status != CallStatus::Calling)
    }

    /// Begins a pagination after a snapshot with this `lastAttempt` (D-23).
    pub(super) fn paginate(&mut self, last_attempt: u64, step: &mut Step) {
        self.abandon_pagination();
        if let Some(request_id) = self.request_page(None, step) {
            let (seen, changed) = (BTreeSet::new(), BTreeSet::new());
            let pagination = Pagination { request_id, last_attempt, seen, changed };
            self.list.pagination = Some(pagination);
        }
    }

    /// Begins the pagination that was postponed, if it is due (D-23).
    pub(super) fn paginate_due(&mut self, step: &mut Step) {
        let paginate_at = self.list.paginate_at(self.settings.retry_interval);
        let is_due = paginate_at.is_some_and(|at| at <= self.clock);
        if let Some((_, last_attempt)) = self.list.postponed.filter(|_| is_due) {
            self.paginate(last_attempt, step);
        }
    }

    /// The list is refused, or only a part of it is given: the pagination ends, and another begins
    /// later (D-23).
    pub(super) fn postpone_pagination(&mut self) {
        if let Some(Pagination { last_attempt, .. }) = self.list.pagination.take() {
            self.list.postponed = Some((self.clock, last_attempt));
        }
    }

    pub(super) fn abandon_pagination(&mut self) {
        self.list.postponed = None;
        if let Some(pagination) = self.list.pagination.take() {
            self.requests.remove(pagination.request_id);
        }
    }

    fn request_page(&mut self, cursor: Option<String>, step: &mut Step) -> Option<u64> {
        let (room, count) = (self.room.clone()?, self.settings.page);
        let query = Query::GetPendingCalls { room, cursor, count, status: None };
        Some(self.requests.add_query(query, self.gate(), &mut step.effects))
    }

    /// The next page came (D-23).
    pub(super) fn on_page(&mut self, page: Vec<PendingCall>, next_cursor: String, step: &mut Step) {
        let Some(room) = self.room.clone() else {
            return;
        };
        let before = self.progress_before(&room, page.iter().map(|call| &call.callee));
        let (mut former, mut is_doubtful) = (Former::new(), false);
        for PendingCall { caller, callee, status, attempt, .. } in &page {
            let entry = Entry { attempt: *attempt, caller: caller.clone(), status: *status };
            if let Some(replaced) = self.list.merge_listed(callee, entry) {
                former.entry(callee.clone()).or_insert(replaced);
            }
            let is_own = *caller == self.user;
            is_doubtful |= is_own && self.on_own_listed(&room, callee, *attempt);
        }
        self.report_progress(before, step);
        let is_over =
            |call: &PendingCall| self.is_over_by(&room, &call.callee, call.attempt, call.status);
        if is_doubtful || page.iter().any(is_over) {
            self.request_snapshot(step);
        }
        if next_cursor.is_empty() {
            self.list.end_pagination(&mut former);
        } else if let Some(request_id) = self.request_page(Some(next_cursor), step) {
            if let Some(pagination) = &mut self.list.pagination {
                pagination.request_id = request_id;
            }
        }
        for (callee, former) in former {
            step.effects.extend(self.list.difference(&callee, former));
        }
    }

    /// The bound on removed entries (D-22).
    pub(super) fn bound_list(&mut self, step: &mut Step) {
        if self.list.evict_removed(self.settings.endings) {
            self.abandon_pagination();
            self.request_snapshot_anew(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Former, Pagination, RoomList};
    use crate::CallStatus;

    fn merge(list: &mut RoomList, callee: &str, attempt: u64, status: CallStatus) -> bool {
        list.merge(callee, Entry { attempt, caller: "ana".into(), status }).is_some()
    }

    #[test]
    fn the_greatest_of_the_last_attempt_counts() {
        let mut list = RoomList::new();
        assert!(merge(&mut list, "bo", 2, CallStatus::Rejected));
        assert!(!merge(&mut list, "bo", 2, CallStatus::Timeout));
        assert!(!merge(&mut list, "bo", 1, CallStatus::None));
        assert!(merge(&mut list, "bo", 3, CallStatus::Calling));
        assert_eq!(
            [2, 3].map(|attempt| list.status("bo", attempt)),
            [CallStatus::None, CallStatus::Calling]
        );
    }

    #[test]
    fn evicted_entries_do_not_come_back() {
        let mut list = RoomList::new();
        for (callee, attempt) in [("ana", 3), ("bo", 1), ("cy", 2)] {
            assert!(merge(&mut list, callee, attempt, CallStatus::None));
        }
        assert!(!list.evict_removed(3));
        assert!(list.evict_removed(1));
        let counts = [("ana", 3), ("bo", 1), ("cy", 2), ("cy", 3)];
        assert_eq!(
            counts.map(|(callee, attempt)| list.counts(callee, attempt)),
            [true, false, false, true]
        );
        assert_eq!(list.removed, 1);
        assert!(merge(&mut list, "ana", 4, CallStatus::Calling));
        assert_eq!(list.removed, 0);
    }

    #[test]
    fn what_was_on_no_page_is_gone() {
        let mut list = RoomList::new();
        for (callee, attempt) in [("ana", 1), ("bo", 2), ("cy", 4)] {
            assert!(merge(&mut list, callee, attempt, CallStatus::Calling));
        }
        let (seen, changed) = ([1].into(), [].into());
        list.pagination = Some(Pagination { request_id: 1, last_attempt: 3, seen, changed });
        let mut former = Former::new();
        list.end_pagination(&mut former);
        assert!(former.keys().eq(["bo"]));
        assert!(list.entries.keys().eq(["ana", "cy"]));
        assert!(!list.counts("bo", 3));
    }

    #[test]
    fn a_page_replaces_what_came_before_it() {
        let mut list = RoomList::new();
        for (callee, attempt) in [("ana", 5), ("bo", 5), ("cy", 9), ("dee", 2)] {
            assert!(merge(&mut list, callee, attempt, CallStatus::Rejected));
        }
        let (request_id, seen, changed) = (1, [].into(), [].into());
        list.pagination = Some(Pagination { request_id, last_attempt: 7, seen, changed });
        let entry = |attempt, status| Entry { attempt, caller: "eve".into(), status };
        assert_eq!(list.merge_event("bo", entry(4, CallStatus::None)), None);
        for callee in ["ana", "bo", "cy", "dee"] {
            let _ = list.merge_listed(callee, entry(2, CallStatus::Timeout));
        }
        list.end_pagination(&mut Former::new());
        let known = |callee: &str| list.entries.get(callee).map(|it| (it.attempt, it.status));
        assert_eq!(known("ana"), Some((2, CallStatus::Timeout)));
        assert_eq!(known("bo"), None, "an event came, and it was on no page");
        assert_eq!(known("cy"), Some((9, CallStatus::Rejected)));
        assert_eq!(known("dee"), Some((2, CallStatus::Timeout)));
    }
}
