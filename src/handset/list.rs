//! The pending list of the room that this device is in, kept current by events and by walks over
//! its pages (D-22, D-23).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::output::{Effect, Progress, Request};
use super::requests::Open;
use super::{Handset, Step};
use crate::CallStatus;
use crate::protocol::{NamedCall, PendingCall, Query};

/// What is known of the list.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct List {
    /// The last attempt of each callee.
    entries: BTreeMap<String, Entry>,
    /// An event of another attempt up to here does not count.
    floor: u64,
    walk: Option<Walk>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    attempt: u64,
    caller: String,
    /// `none` once it was removed.
    status: CallStatus,
}

/// A walk over the pages.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Walk {
    /// The request whose page is next.
    request_id: u64,
    /// Attempts that were made before it began.
    until: u64,
    seen: BTreeSet<u64>,
}

/// The order in which one status overrides another.
const fn rank(status: CallStatus) -> u8 {
    match status {
        CallStatus::Calling => 0,
        CallStatus::Timeout | CallStatus::Rejected => 1,
        CallStatus::None => 2,
    }
}

impl List {
    pub(super) const fn new() -> Self {
        Self { entries: BTreeMap::new(), floor: 0, walk: None }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Whether a reply is the walk's next page.
    pub(super) fn is_walking(&self, request_id: u64) -> bool {
        self.walk.as_ref().is_some_and(|walk| walk.request_id == request_id)
    }

    /// Whether an event of an attempt counts.
    fn counts(&self, callee: &str, attempt: u64) -> bool {
        attempt > self.floor
            || self.entries.get(callee).is_some_and(|entry| entry.attempt == attempt)
    }

    fn merge(&mut self, callee: &str, new: Entry) {
        let is_newer = self.entries.get(callee).is_none_or(|known| {
            let place = |entry: &Entry| (entry.attempt, rank(entry.status));
            place(&new) > place(known)
        });
        if is_newer {
            self.entries.insert(callee.into(), new);
        }
    }

    /// What is known of an attempt for a callee; it is over if a later one is known (D-21).
    fn status(&self, callee: &str, attempt: u64) -> CallStatus {
        let last = self.entries.get(callee).filter(|entry| entry.attempt == attempt);
        last.map_or(CallStatus::None, |entry| entry.status)
    }

    fn visible(&self, callee: &str) -> Option<&Entry> {
        self.entries.get(callee).filter(|entry| entry.status != CallStatus::None)
    }

    /// Forgets removed entries beyond the limit, the lowest attempt first; says whether any.
    pub(super) fn forget_removed(&mut self, limit: u32) -> bool {
        let removed = |entry: &Entry| entry.status == CallStatus::None;
        let mut attempts: Vec<u64> = self
            .entries
            .values()
            .filter(|entry| removed(entry))
            .map(|entry| entry.attempt)
            .collect();
        attempts.sort_unstable();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let excess = attempts.len().saturating_sub(limit);
        let Some(&last) = excess.checked_sub(1).and_then(|last| attempts.get(last)) else {
            return false;
        };
        self.entries.retain(|_, entry| !(removed(entry) && entry.attempt <= last));
        self.floor = self.floor.max(last);
        true
    }
}

impl Handset {
    /// A list event (D-22).
    pub(super) fn hear_list(&mut self, call: &NamedCall, step: &mut Step) {
        let is_here = self.room.as_ref() == Some(&call.room);
        if !is_here || !self.list.counts(&call.callee, call.attempt) {
            return;
        }
        let (attempt, caller, status) = (call.attempt, call.caller.clone(), call.status);
        let before = self.list.visible(&call.callee).cloned();
        self.list.merge(&call.callee, Entry { attempt, caller, status });
        self.tell_listed(&call.callee, before.as_ref(), step);
        if call.caller == self.user {
            let status = self.list.status(&call.callee, attempt);
            self.progress(call, Progress::of(status), step);
        }
    }

    /// Tells what is visible of a callee's entry otherwise than before.
    fn tell_listed(&self, callee: &str, before: Option<&Entry>, step: &mut Step) {
        let after = self.list.visible(callee);
        if before == after {
            return;
        }
        let callee = callee.into();
        match (before, after.cloned()) {
            (_, Some(Entry { attempt, caller, status })) => {
                step.effects.push(Effect::Listed { callee, caller, attempt, status });
            }
            (Some(Entry { attempt, .. }), None) => {
                step.effects.push(Effect::Unlisted { callee, attempt: *attempt });
            }
            (None, None) => {}
        }
    }

    /// The walk and its request are pointless.
    pub(super) fn give_up_walk(&mut self) {
        if let Some(walk) = self.list.walk.take() {
            self.requests.open.remove(&walk.request_id);
        }
    }

    /// Begins a walk (D-23).
    pub(super) fn walk(&mut self, until: u64, step: &mut Step) {
        self.give_up_walk();
        if self.room.is_some() {
            let request_id = self.ask_page(None, step);
            self.list.walk =
                request_id.map(|request_id| Walk { request_id, until, seen: BTreeSet::new() });
        }
    }

    fn ask_page(&mut self, cursor: Option<String>, step: &mut Step) -> Option<u64> {
        let (room, count) = (self.room.clone()?, self.settings.page);
        let query = Query::GetPendingCalls { room, cursor, count, status: None };
        let request_id = self.requests.add(Open::new(Request::Query(query)));
        self.send(request_id, step);
        Some(request_id)
    }

    /// The walk's next page.
    pub(super) fn take_page(&mut self, page: &[PendingCall], next: String, step: &mut Step) {
        let Some(room) = self.room.clone() else {
            return;
        };
        let listed = self.list.entries.clone();
        let mut callees: Vec<String> = page.iter().map(|call| call.callee.clone()).collect();
        callees.extend(self.outgoing.ringing(&room).into_iter().map(|(callee, _)| callee));
        let stood = self.standing(&room, &callees);
        for PendingCall { caller, callee, status, attempt, .. } in page {
            let (attempt, status, caller) = (*attempt, *status, caller.clone());
            let is_mine = caller == self.user;
            self.list.merge(callee, Entry { attempt, caller, status });
            if is_mine {
                let status = self.list.status(callee, attempt);
                self.outgoing.merge(&room, callee, attempt, Progress::of(status));
            }
            if let Some(walk) = &mut self.list.walk {
                walk.seen.insert(attempt);
            }
        }
        if next.is_empty() {
            self.end_walk(&room);
        } else if let Some(request_id) = self.ask_page(Some(next), step) {
            if let Some(walk) = &mut self.list.walk {
                walk.request_id = request_id;
            }
        }
        let all: BTreeSet<&String> = listed.keys().chain(&callees).collect();
        for callee in all {
            let before = listed.get(callee).filter(|entry| entry.status != CallStatus::None);
            self.tell_listed(callee, before, step);
        }
        self.tell_progress(stood, step);
    }

    /// What was there before the walk and was not in it is gone.
    fn end_walk(&mut self, room: &str) {
        let Some(Walk { until, seen, .. }) = self.list.walk.take() else {
            return;
        };
        let is_gone = |attempt: u64| attempt <= until && !seen.contains(&attempt);
        let is_removed = |entry: &Entry| entry.status == CallStatus::None;
        self.list.entries.retain(|_, entry| {
            let is_settled = is_removed(entry) && entry.attempt <= until;
            !(is_settled || is_gone(entry.attempt))
        });
        self.list.floor = self.list.floor.max(until);
        for (callee, attempt) in self.outgoing.ringing(room) {
            if is_gone(attempt) {
                self.outgoing.merge(room, &callee, attempt, Progress::Unknown);
            }
        }
    }
}
