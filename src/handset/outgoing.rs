//! Calls by the user: how each stands (D-21).

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::output::{Effect, Progress};
use super::requests::Open;
use super::{Handset, Step};
use crate::CallStatus;
use crate::domain::limits::is_within;
use crate::protocol::{Command, NamedCall};

/// What was heard of the last call to each callee into each room.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(transparent)]
pub(super) struct Outgoing {
    /// By room and callee.
    rooms: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    /// The last attempt that was heard of, 0 before any.
    attempt: u64,
    /// The greatest of what was said of it.
    progress: Option<Progress>,
    /// What the last tap came to that made no attempt.
    result: Option<Progress>,
}

impl Entry {
    fn is_ringing(&self) -> bool {
        self.progress == Some(Progress::Ringing)
    }
}

/// How a call stands: the attempt, if one is known, and the progress, if there is any.
type Standing = (Option<u64>, Option<Progress>);

/// How calls stood before a change.
pub(super) type Before = Vec<(String, String, Standing)>;

impl Outgoing {
    pub(super) const fn new() -> Self {
        Self { rooms: BTreeMap::new() }
    }

    fn get(&self, room: &str, callee: &str) -> Option<&Entry> {
        self.rooms.get(room)?.get(callee)
    }

    fn entry(&mut self, room: &str, callee: &str) -> &mut Entry {
        self.rooms.entry(room.into()).or_default().entry(callee.into()).or_default()
    }

    fn remove(&mut self, room: &str, callee: &str) {
        if let Some(entries) = self.rooms.get_mut(room) {
            entries.remove(callee);
            if entries.is_empty() {
                self.rooms.remove(room);
            }
        }
    }

    /// The last attempt that was heard of.
    pub(super) fn attempt(&self, room: &str, callee: &str) -> Option<u64> {
        self.get(room, callee).map(|entry| entry.attempt).filter(|attempt| *attempt > 0)
    }

    /// Of the last attempt the greatest that is said counts.
    pub(super) fn merge(&mut self, room: &str, callee: &str, attempt: u64, progress: Progress) {
        let entry = self.entry(room, callee);
        if attempt > entry.attempt {
            *entry = Entry { attempt, progress: Some(progress), result: None };
        } else if attempt == entry.attempt {
            entry.progress = entry.progress.take().max(Some(progress));
        }
    }

    /// A tap came to something that is no attempt.
    pub(super) fn result(&mut self, room: &str, callee: &str, result: Progress) {
        let entry = self.entry(room, callee);
        if !entry.is_ringing() {
            entry.result = Some(result);
        }
    }

    /// There was another tap.
    pub(super) fn tapped(&mut self, room: &str, callee: &str) {
        self.entry(room, callee).result = None;
    }

    /// The rooms of which anything is known.
    pub(super) fn rooms(&self) -> Vec<String> {
        self.rooms.keys().cloned().collect()
    }

    /// The callees into a room whose calls ring, with their attempts.
    pub(super) fn ringing(&self, room: &str) -> Vec<(String, u64)> {
        let entries = self.rooms.get(room).into_iter().flatten();
        entries
            .filter(|(_, entry)| entry.is_ringing())
            .map(|(callee, entry)| (callee.clone(), entry.attempt))
            .collect()
    }
}

impl Handset {
    /// How calls to these users into this room stand.
    pub(super) fn standing(&self, room: &str, users: &[String]) -> Before {
        let mut distinct: Vec<&String> = users.iter().collect();
        distinct.sort();
        distinct.dedup();
        distinct
            .into_iter()
            .map(|user| (room.into(), user.clone(), self.stands(room, user)))
            .collect()
    }

    fn stands(&self, room: &str, callee: &str) -> Standing {
        let entry = self.outgoing.get(room, callee);
        let attempt = self.outgoing.attempt(room, callee);
        if self.requests.is_calling(room, callee) {
            return (attempt, Some(Progress::Asking));
        }
        let said = entry.and_then(|entry| entry.result.clone().or_else(|| entry.progress.clone()));
        (attempt, said)
    }

    /// Tells what stands otherwise than before.
    pub(super) fn tell_progress(&self, before: Before, step: &mut Step) {
        for (room, callee, stood) in before {
            let stands = self.stands(&room, &callee);
            if let (true, (attempt, Some(progress))) = (stands != stood, stands) {
                step.effects.push(Effect::Progress { room, callee, attempt, progress });
            }
        }
    }

    /// A call that was asked for is given up: unsent (D-15), or unanswered (D-20).
    pub(super) fn give_up_call(&mut self, open: &Open, step: &mut Step) {
        let Some(Command::CallUserToRoom { room, users, .. }) = open.command() else {
            return;
        };
        let asking = |(room, callee, (attempt, _)): (String, String, Standing)| {
            (room, callee, (attempt, Some(Progress::Asking)))
        };
        let before = self.standing(room, users).into_iter().map(asking).collect();
        users.iter().for_each(|user| self.outgoing.result(room, user, Progress::Unknown));
        self.tell_progress(before, step);
    }

    /// Something was said of an attempt by this user.
    pub(super) fn progress(&mut self, call: &NamedCall, progress: Progress, step: &mut Step) {
        let before = self.standing(&call.room, core::slice::from_ref(&call.callee));
        self.outgoing.merge(&call.room, &call.callee, call.attempt, progress);
        self.tell_progress(before, step);
    }

    /// The bound on entries: finished ones go, the lowest attempt first.
    pub(super) fn forget_outcomes(&mut self) {
        for (room, entries) in &mut self.outgoing.rooms {
            entries.retain(|callee, entry| {
                let is_said = entry.progress.is_some() || entry.result.is_some();
                is_said || self.requests.is_calling(room, callee)
            });
        }
        self.outgoing.rooms.retain(|_, entries| !entries.is_empty());
        let len = |outgoing: &Outgoing| {
            outgoing.rooms.values().map(BTreeMap::len).fold(0_usize, usize::saturating_add)
        };
        while !is_within(len(&self.outgoing), self.settings.outgoing) {
            let entries = self.outgoing.rooms.iter().flat_map(|(room, entries)| {
                entries.iter().map(move |(callee, entry)| (entry, room, callee))
            });
            let oldest = entries
                .filter(|(entry, room, callee)| {
                    !entry.is_ringing() && !self.requests.is_calling(room, callee)
                })
                .min_by_key(|(entry, room, callee)| (entry.attempt, *room, *callee));
            let Some((room, callee)) =
                oldest.map(|(_, room, callee)| (room.clone(), callee.clone()))
            else {
                return;
            };
            self.outgoing.remove(&room, &callee);
        }
    }

    /// Outside the room nothing more is heard of its calls but their outcome.
    pub(super) fn leave_outgoing(&mut self, room: &str, step: &mut Step) {
        for (callee, attempt) in self.outgoing.ringing(room) {
            let before = self.standing(room, core::slice::from_ref(&callee));
            *self.outgoing.entry(room, &callee) = Entry::default();
            self.tell_progress(before, step);
            if !self.requests.is_calling(room, &callee) {
                let (room, attempt) = (room.into(), Some(attempt));
                let progress = Progress::Unknown;
                step.effects.push(Effect::Progress { room, callee, attempt, progress });
            }
        }
    }
}

impl Progress {
    /// What the status of a call tells its caller.
    pub(super) const fn of(status: CallStatus) -> Self {
        match status {
            CallStatus::Calling => Self::Ringing,
            CallStatus::Timeout => Self::TimedOut,
            CallStatus::Rejected => Self::Rejected { reason: None },
            CallStatus::None => Self::Unknown,
        }
    }
}
