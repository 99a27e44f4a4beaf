//! The requests of a device that are not answered yet (D-15 to D-18).

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::output::Request;
use crate::Tick;
use crate::protocol::{Command, Query};

/// Requests by number.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Requests {
    /// The number of the next new one.
    pub(super) next: u64,
    /// Those that are unanswered.
    pub(super) open: BTreeMap<u64, Open>,
}

/// An unanswered request.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Open {
    pub(super) request: Request,
    /// For a call: when it is given up (D-20).
    pub(super) expires: Option<Tick>,
    /// When it was last sent, in this life.
    pub(super) sent: Option<Tick>,
    /// Whether it was ever sent: then its number is for good (D-15).
    pub(super) has_left: bool,
    /// For a cancel: the attempts that were known then, by callee (D-21).
    pub(super) about: Vec<(String, u64)>,
}

impl Open {
    pub(super) const fn new(request: Request) -> Self {
        Self { request, expires: None, sent: None, has_left: false, about: Vec::new() }
    }

    pub(super) const fn command(&self) -> Option<&Command> {
        match &self.request {
            Request::Command(command) => Some(command),
            Request::Query(_) => None,
        }
    }

    const fn is_snapshot(&self) -> bool {
        matches!(&self.request, Request::Query(Query::GetIncomingCalls { .. }))
    }
}

/// Which answer to a call is on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said {
    Yes,
    No,
}

impl Requests {
    pub(super) const fn new() -> Self {
        Self { next: 1, open: BTreeMap::new() }
    }

    /// A new request, not yet sent.
    pub(super) fn add(&mut self, open: Open) -> u64 {
        let request_id = self.next;
        self.next = self.next.saturating_add(1);
        self.open.insert(request_id, open);
        request_id
    }

    /// The numbers of those that are wanted, in order.
    pub(super) fn numbers(&self, is_wanted: impl Fn(&Open) -> bool) -> Vec<u64> {
        self.open
            .iter()
            .filter(|(_, open)| is_wanted(open))
            .map(|(request_id, _)| *request_id)
            .collect()
    }

    /// The unanswered request for a snapshot.
    pub(super) fn snapshot(&self) -> Option<u64> {
        self.open.iter().find(|(_, open)| open.is_snapshot()).map(|(request_id, _)| *request_id)
    }

    pub(super) fn give_up_snapshot(&mut self) {
        self.open.retain(|_, open| !open.is_snapshot());
    }

    /// D-18: whether the next number is near enough to the lowest unanswered command's.
    pub(super) fn has_room(&self, limit: u32) -> bool {
        let lowest = self.open.iter().find(|(_, open)| open.command().is_some());
        let limit = u64::from(limit);
        lowest.map_or(limit > 0, |(request_id, _)| self.next < request_id.saturating_add(limit))
    }

    /// The answer to an attempt that is on its way.
    pub(super) fn said(&self, attempt: u64) -> Option<Said> {
        self.open.values().filter_map(Open::command).find_map(|command| match command {
            Command::AcceptCall { attempt: of, .. } if *of == Some(attempt) => Some(Said::Yes),
            Command::RejectCall { attempt: of, .. } if *of == Some(attempt) => Some(Said::No),
            Command::AcceptCall { .. }
            | Command::RejectCall { .. }
            | Command::CallUserToRoom { .. }
            | Command::CancelCall { .. }
            | Command::RevokeCall { .. } => None,
        })
    }

    /// Answers to a call that is over are pointless (D-11).
    pub(super) fn give_up_answers(&mut self, attempt: u64) {
        self.open.retain(|_, open| match open.command() {
            Some(
                Command::AcceptCall { attempt: of, .. } | Command::RejectCall { attempt: of, .. },
            ) => *of != Some(attempt),
            Some(
                Command::CallUserToRoom { .. }
                | Command::CancelCall { .. }
                | Command::RevokeCall { .. },
            )
            | None => true,
        });
    }

    /// Whether a call of a user into a room is on its way.
    pub(super) fn is_calling(&self, room: &str, callee: &str) -> bool {
        self.open.values().filter_map(Open::command).any(|command| match command {
            Command::CallUserToRoom { room: into, users, .. } => {
                into == room && users.iter().any(|user| user == callee)
            }
            Command::CancelCall { .. }
            | Command::RevokeCall { .. }
            | Command::AcceptCall { .. }
            | Command::RejectCall { .. } => false,
        })
    }

    /// D-15: commands that never left get numbers from `next` on, in order. Those for which there
    /// is no room (D-18) are given back.
    #[must_use]
    pub(super) fn renumber(&mut self, limit: u32) -> Vec<Open> {
        let stays = |open: &Open| open.has_left || open.command().is_none();
        let (stay, waiting): (BTreeMap<_, _>, BTreeMap<_, _>) =
            core::mem::take(&mut self.open).into_iter().partition(|(_, open)| stays(open));
        self.open = stay;
        let mut left_over = Vec::new();
        for open in waiting.into_values() {
            if self.has_room(limit) {
                self.add(open);
            } else {
                left_over.push(open);
            }
        }
        left_over
    }

    /// D-25: queries are given up, and nothing was sent in this life.
    pub(super) fn restart(&mut self, clock: Tick) {
        self.open.retain(|_, open| open.command().is_some());
        for open in self.open.values_mut() {
            open.sent = None;
            open.expires = open.expires.map(|expires| Tick::START.plus(clock.until(expires)));
        }
    }
}
