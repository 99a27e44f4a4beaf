//! The room that the device is in: its list and the walk of it (D-08, D-16, D-22, D-23).

use std::collections::{BTreeMap, BTreeSet};

use roomcall::CallStatus;
use roomcall::handset::Request;
use roomcall::protocol::{Answer, NamedCall, PendingCall, Query, Refused};

use super::{ModelHandset, Purpose, Time};

/// What list events and pages named last for a callee.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    attempt: u64,
    caller: String,
    /// `None` if it was removed.
    status: CallStatus,
}

/// D-22: the greater of two statuses of one attempt counts.
fn rank(status: CallStatus) -> u8 {
    match status {
        CallStatus::Calling => 0,
        CallStatus::Timeout | CallStatus::Rejected => 1,
        CallStatus::None => 2,
    }
}

/// D-23
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// The snapshot's `lastAttempt`.
    last: u64,
    /// The attempts of the pages so far.
    listed: BTreeSet<u64>,
    /// Of whom list events came since it began.
    named: BTreeSet<String>,
}

impl ModelHandset {
    /// D-22: what is visible of the list.
    pub(super) fn visible(&self) -> BTreeMap<String, (u64, String, CallStatus)> {
        let mut visible = BTreeMap::new();
        for (callee, listing) in &self.list {
            if listing.status != CallStatus::None {
                let input = (listing.attempt, listing.caller.clone(), listing.status);
                visible.insert(callee.clone(), input);
            }
        }
        visible
    }

    pub(super) fn in_room(&mut self, room: Option<String>) {
        if self.room == room {
            return;
        }
        self.room = room;
        // D-32: any room.
        if self.room.is_some() {
            self.joined = None;
        }
        // D-08
        for (attempt, call) in self.known.clone() {
            if self.room.as_ref() == Some(&call.room) {
                self.give_up_answers(attempt);
            }
        }
        // D-22: this makes no effect.
        self.list.clear();
        self.list_floor = 0;
        self.step.visible.clear();
        self.give_up_walk();
        // D-16
        self.ask_unless_asking();
    }

    /// A list event, by D-21 and D-22; those of other rooms change nothing.
    pub(super) fn list_event(&mut self, call: &NamedCall, status: CallStatus) {
        if self.room.as_ref() != Some(&call.room) {
            return;
        }
        if let Some(walk) = &mut self.walk {
            walk.named.insert(call.callee.clone());
        }
        let last = self.list.get(&call.callee).map(|listing| listing.attempt);
        if call.attempt > self.list_floor || last == Some(call.attempt) {
            self.list_says(call, status);
        }
        self.progress_hears(call, status);
    }

    /// D-22
    fn list_says(&mut self, call: &NamedCall, status: CallStatus) {
        let (attempt, caller) = (call.attempt, call.caller.clone());
        let is_greater = self
            .list
            .get(&call.callee)
            .is_none_or(|known| (known.attempt, rank(known.status)) < (attempt, rank(status)));
        if is_greater {
            self.list.insert(call.callee.clone(), Listing { attempt, caller, status });
        }
    }

    /// Whether the list knows an attempt as calling (D-21).
    pub(super) fn lists_as_calling(&self, call: &NamedCall) -> bool {
        let known = self.list.get(&call.callee);
        known.is_some_and(|listing| {
            listing.attempt == call.attempt && listing.status == CallStatus::Calling
        })
    }

    /// D-22: removed entries beyond `endings` are forgotten.
    pub(super) fn bound_list(&mut self) {
        if self.forget_removed() {
            self.give_up_walk();
            self.ask_anew();
        }
    }

    fn forget_removed(&mut self) -> bool {
        let mut has_forgotten = false;
        loop {
            let removed = self.list.iter().filter(|(_, input)| input.status == CallStatus::None);
            let mut removed: Vec<(u64, String)> =
                removed.map(|(callee, input)| (input.attempt, callee.clone())).collect();
            removed.sort();
            if removed.len() <= self.settings.endings as usize {
                return has_forgotten;
            }
            has_forgotten = true;
            let (attempt, callee) = &removed[0];
            self.list.remove(callee);
            self.list_floor = self.list_floor.max(*attempt);
        }
    }

    fn give_up_walk(&mut self) {
        self.walk = None;
        self.refused_walk = None;
        self.unanswered.retain(|request| request.purpose != Purpose::Page);
    }

    /// D-23: a snapshot was applied.
    pub(super) fn walk_from_the_start(&mut self, last: u64) {
        self.give_up_walk();
        if self.room.is_some() {
            self.walk = Some(Walk { last, listed: BTreeSet::new(), named: BTreeSet::new() });
            self.ask_for_page(None);
        }
    }

    fn ask_for_page(&mut self, cursor: Option<String>) {
        if let Some(room) = self.room.clone() {
            let count = self.settings.page;
            let query = Query::GetPendingCalls { room, cursor, count, status: None };
            self.request(Request::Query(query), Purpose::Page);
        }
    }

    /// D-23: when a walk that was refused begins again, and up to which attempt it knows.
    pub(super) fn next_walk(&self) -> Option<(Time, u64)> {
        self.refused_walk.map(|(refused, last)| (refused + self.retry_interval(), last))
    }

    pub(super) fn walk_again_if_due(&mut self) {
        if let Some((_, last)) = self.next_walk().filter(|(at, _)| *at <= self.clock) {
            self.walk_from_the_start(last);
        }
    }

    /// D-23: the reply to the walk's last request.
    pub(super) fn page(&mut self, answer: Result<Answer, Refused>) {
        let (Ok(Answer::GetPendingCalls { calls, next_cursor, scope: None }), Some(room)) =
            (answer, self.room.clone())
        else {
            self.refused_walk = self.walk.take().map(|walk| (self.clock, walk.last));
            return;
        };
        for PendingCall { caller, callee, status, attempt, .. } in calls {
            let call = NamedCall { room: room.clone(), caller, callee, status, attempt };
            // Whatever the list's floor.
            if self.is_overridden(&call.callee) {
                let (attempt, caller) = (call.attempt, call.caller.clone());
                self.list.insert(call.callee.clone(), Listing { attempt, caller, status });
            } else {
                self.list_says(&call, status);
            }
            self.progress_hears(&call, status);
            if let Some(walk) = &mut self.walk {
                walk.listed.insert(attempt);
            }
        }
        if !next_cursor.is_empty() {
            self.ask_for_page(Some(next_cursor));
        } else if let Some(walk) = self.walk.take() {
            self.end_walk(&walk);
        }
    }

    /// D-23: whether what is known of a callee came before the walk began, and is not above it.
    fn is_overridden(&self, callee: &str) -> bool {
        self.walk.as_ref().is_some_and(|walk| {
            let known = self.list.get(callee);
            !walk.named.contains(callee) && known.is_none_or(|known| known.attempt <= walk.last)
        })
    }

    fn end_walk(&mut self, walk: &Walk) {
        for listing in self.list.values_mut() {
            if listing.attempt <= walk.last && !walk.listed.contains(&listing.attempt) {
                listing.status = CallStatus::None;
            }
        }
        self.list
            .retain(|_, listing| listing.status != CallStatus::None || listing.attempt > walk.last);
        self.list_floor = self.list_floor.max(walk.last);
    }
}
