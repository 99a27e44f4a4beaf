//! What a careful beginner writes: one thread, maps by name, owned names in events.

mod state;

use crate::count::{Counts, Kind, Wrong};
use crate::engine::Engine;
use crate::names::{self, PHONE, Staged, TABLET, named};
use crate::workload::{Act, RINGS_S, Verb, rooms};
use state::Store;

/// A time-out, in milliseconds.
const RINGS_MS: u64 = RINGS_S as u64 * 1_000;

/// Whom to tell.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Audience {
    User(String),
    Device(String, String),
    OtherDevices(String, String),
    Room(String),
}

/// What happened to a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum What {
    Received { time_left: u64 },
    Cancelled,
    Timeout,
    Accepted,
    Rejected,
    HandledByOtherDevice { accepted: bool },
    ListChanged,
    ListRemoved,
}

/// How a call stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Status {
    None,
    Calling,
    Timeout,
    Rejected,
}

/// One thing to tell.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Event {
    to: Audience,
    room: String,
    caller: String,
    callee: String,
    status: Status,
    attempt: u64,
    what: What,
}

/// Why a request was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Refused {
    NoSuchRoom,
    NoSuchDevice,
    CallerNotInRoom,
    AlreadyInCalling,
    AlreadyInRoom,
    NoSuchCall,
    NotYours,
    AlreadyHandled { how: &'static str, by: String, device: String },
}

impl Event {
    fn kind(&self) -> Kind {
        match (self.what, &self.to) {
            (What::Received { .. }, Audience::User(_)) => Kind::Ring,
            (What::Cancelled, Audience::User(_)) => Kind::Cancelled,
            (What::Timeout, Audience::User(_)) => Kind::TimeoutCallee,
            (What::Timeout, Audience::Device(..)) => Kind::TimeoutCaller,
            (What::Accepted, Audience::Device(..)) => Kind::Accepted,
            (What::Rejected, Audience::Device(..)) => Kind::Rejected,
            (What::HandledByOtherDevice { .. }, Audience::OtherDevices(..)) => Kind::Handled,
            (What::ListChanged, Audience::Room(_)) => Kind::Changed,
            (What::ListRemoved, Audience::Room(_)) => Kind::Removed,
            _ => Kind::Other,
        }
    }
}

/// The beginner's store, with the inputs that are prepared for it.
#[derive(Debug)]
pub struct Naive {
    store: Store,
    events: Vec<Event>,
    staged: Staged,
}

impl Naive {
    /// With so many callees, and their hosts in their rooms.
    ///
    /// # Errors
    ///
    /// A host may not enter its room.
    pub fn new(callees: u32) -> Result<Self, Wrong> {
        let mut store = Store::default();
        for callee in 0..callees {
            store.sign_in(&named(names::user, callee), &[PHONE, TABLET]);
        }
        for number in 0..rooms(callees) {
            let (room, host) = (named(names::room, number), named(names::host, number));
            store.sign_in(&host, &[PHONE, TABLET]);
            store.open(&room, &host);
            let entered = store.enter(&room, &host, PHONE);
            entered.map_err(|why| Wrong::new("naive", format!("{host} may not enter: {why:?}")))?;
        }
        Ok(Self { store, events: Vec::new(), staged: Staged::default() })
    }

    fn count(&mut self, counts: &mut Counts) {
        for event in &self.events {
            counts.one(event.kind());
        }
        self.events.clear();
    }
}

impl Engine for Naive {
    fn name(&self) -> &'static str {
        "naive"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.stage(acts);
    }

    fn play(&mut self, counts: &mut Counts) {
        let Self { store, events, staged } = self;
        for input in staged.inputs() {
            let (room, user, device) = (&*input.room, &*input.user, &*input.device);
            store.advance(input.at, events);
            let done = match input.verb {
                Verb::Call => store.call(room, user, device, &input.callee, RINGS_MS, events),
                Verb::Accept => store.accept(room, user, device, events),
                Verb::Reject => store.reject(room, user, device, events),
                Verb::Cancel => store.cancel(room, user, device, &input.callee, events),
                Verb::Enter => store.enter(room, user, device),
                Verb::Leave => store.leave(room, user),
            };
            if done.is_err() {
                counts.one(Kind::Other);
            }
            for event in &*events {
                counts.one(event.kind());
            }
            events.clear();
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        self.store.advance(at, &mut self.events);
        self.count(counts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_accept_is_told() -> Result<(), Wrong> {
        let mut naive = Naive::new(80)?;
        let (room, host, user) =
            (named(names::room, 0), named(names::host, 0), named(names::user, 0));
        let store = &mut naive.store;
        assert_eq!(store.call(&room, &host, PHONE, &user, RINGS_MS, &mut naive.events), Ok(()));
        assert_eq!(
            store.call(&room, &host, PHONE, &user, RINGS_MS, &mut naive.events),
            Err(Refused::AlreadyInCalling)
        );
        assert_eq!(store.accept(&room, &user, TABLET, &mut naive.events), Ok(()));
        let late =
            Refused::AlreadyHandled { how: "accepted", by: user.clone(), device: TABLET.into() };
        assert_eq!(store.accept(&room, &user, PHONE, &mut naive.events), Err(late));
        assert_eq!(store.enter(&room, &user, TABLET), Ok(()));
        assert_eq!(
            store.call(&room, &host, PHONE, &user, RINGS_MS, &mut naive.events),
            Err(Refused::AlreadyInRoom)
        );
        Ok(())
    }
}
