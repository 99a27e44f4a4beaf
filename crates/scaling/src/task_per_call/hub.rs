//! The maps that all tasks share.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use dashmap::DashMap;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::call::{Call, Event, Word};

/// A room: who is in it, and the attempts of its list.
#[derive(Debug, Default)]
struct Room {
    present: HashSet<String>,
    list: HashSet<(String, u64)>,
}

/// How a call ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Ending {
    pub(super) room: String,
    pub(super) attempt: u64,
    pub(super) how: &'static str,
    /// The device that decided, if one did.
    pub(super) device: Option<String>,
}

/// The maps.
#[derive(Debug)]
pub(super) struct Hub {
    users: DashMap<String, Vec<String>>,
    rooms: DashMap<String, Room>,
    /// The way to the task that rings for a user.
    calls: DashMap<String, (String, oneshot::Sender<Word>)>,
    /// The attempts that were rejected or missed, by callee.
    kept: DashMap<String, u64>,
    /// How the last call to a user ended: who is late is told.
    endings: DashMap<String, Ending>,
    events: UnboundedSender<Event>,
    attempts: AtomicU64,
    /// What tasks were told and have not done yet.
    owed: AtomicI64,
}

impl Hub {
    pub(super) fn new(events: UnboundedSender<Event>) -> Self {
        let (users, rooms, calls) = (DashMap::new(), DashMap::new(), DashMap::new());
        let (kept, endings) = (DashMap::new(), DashMap::new());
        let (attempts, owed) = (AtomicU64::new(0), AtomicI64::new(0));
        Self { users, rooms, calls, kept, endings, events, attempts, owed }
    }

    pub(super) fn sign_in(&self, user: &str, devices: &[&str]) {
        let devices = devices.iter().map(|device| (*device).to_owned()).collect();
        self.users.insert(user.to_owned(), devices);
    }

    pub(super) fn open(&self, room: &str) {
        self.rooms.insert(room.to_owned(), Room::default());
    }

    pub(super) fn enter(&self, room: &str, user: &str) -> bool {
        self.rooms.get_mut(room).is_some_and(|mut room| room.present.insert(user.to_owned()))
    }

    pub(super) fn leave(&self, room: &str, user: &str) -> bool {
        self.rooms.get_mut(room).is_some_and(|mut room| room.present.remove(user))
    }

    /// Starts a task that rings; whether it may.
    pub(super) fn call(
        self: &Arc<Self>,
        room: &str,
        caller: &str,
        device: &str,
        callee: &str,
    ) -> bool {
        if !self.users.get(caller).is_some_and(|devices| devices.iter().any(|it| it == device)) {
            return false;
        }
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        {
            let Some(mut target) = self.rooms.get_mut(room) else {
                return false;
            };
            if !target.present.contains(caller) || target.present.contains(callee) {
                return false;
            }
            if self.calls.contains_key(callee) {
                return false;
            }
            if let Some((callee, kept)) = self.kept.remove(callee) {
                target.list.remove(&(callee, kept));
            }
            target.list.insert((callee.to_owned(), attempt));
        }
        let (send, word) = oneshot::channel();
        self.calls.insert(callee.to_owned(), (room.to_owned(), send));
        let (room, caller) = (room.to_owned(), caller.to_owned());
        let (device, callee) = (device.to_owned(), callee.to_owned());
        self.owed.fetch_add(1, Ordering::Relaxed);
        let call = Call { attempt, room, caller, device, callee };
        tokio::spawn(call.ring(Arc::clone(self), word));
        true
    }

    /// Says something to the task that rings for a user; whether there is one.
    pub(super) fn say(&self, room: &str, callee: &str, word: Word) -> bool {
        match self.calls.remove(callee) {
            Some((_, (of, send))) if of == room => {
                self.owed.fetch_add(1, Ordering::Relaxed);
                send.send(word).is_ok()
            }
            _ => false,
        }
    }

    /// How the last call to a user ended, for one who is late.
    #[cfg(test)]
    pub(super) fn ending(&self, callee: &str) -> Option<Ending> {
        self.endings.get(callee).map(|ending| ending.clone())
    }

    /// Takes a call away; what is kept of it stays in the list.
    pub(super) fn remove(&self, callee: &str, kept: Option<u64>, ending: Ending) {
        self.calls.remove(callee);
        match (kept, self.rooms.get_mut(&ending.room)) {
            (Some(attempt), _) => drop(self.kept.insert(callee.to_owned(), attempt)),
            (None, Some(mut room)) => room.list.retain(|(listed, _)| listed != callee),
            (None, None) => {}
        }
        self.endings.insert(callee.to_owned(), ending);
    }

    pub(super) fn tell(&self, event: Event) {
        // Nobody listens any more only when the measurement is over.
        let _ = self.events.send(event);
    }

    /// A task has done what it was told.
    pub(super) fn done(&self) {
        self.owed.fetch_sub(1, Ordering::Relaxed);
    }

    /// Every task that rings has something to do.
    pub(super) fn expect_all(&self) {
        self.owed.fetch_add(self.calls.len() as i64, Ordering::Relaxed);
    }

    pub(super) fn is_settled(&self) -> bool {
        self.owed.load(Ordering::Relaxed) == 0
    }
}
