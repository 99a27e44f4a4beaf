//! Naive maps: one thread, maps by name, owned names in events; what a careful beginner writes.

mod state;

use crate::count::{Counts, Kind, Wrong};
use crate::engine::Engine;
use crate::names::{Names, Staged, named};
use crate::workload::{Act, RINGS_S, Verb, rooms};
use state::Store;

/// A time-out, in milliseconds.
const RINGS_MS: u64 = RINGS_S as u64 * 1_000;

/// Who receives an event.
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

/// The status of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Status {
    None,
    Calling,
    Timeout,
    Rejected,
}

/// An event.
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

/// The maps, and the inputs that are prepared.
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
            let name = |write| named(write, Names::USUAL, callee);
            store.sign_in(&name(Names::user), &[&name(Names::phone), &name(Names::tablet)]);
        }
        for number in 0..rooms(callees) {
            let [room, host, device] = [Names::room, Names::host, Names::desktop]
                .map(|write| named(write, Names::USUAL, number));
            store.sign_in(&host, &[&device]);
            store.open(&room, &host);
            let entered = store.enter(&room, &host, &device);
            entered.map_err(|why| {
                Wrong::new("naive maps", format!("{host} may not enter: {why:?}"))
            })?;
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
        "naive maps"
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
    fn a_late_accept_learns_the_ending() -> Result<(), Wrong> {
        let mut naive = Naive::new(80)?;
        let name = |write| named(write, Names::USUAL, 0);
        let [room, host, user] = [Names::room, Names::host, Names::user].map(name);
        let [desktop, phone, tablet] = [Names::desktop, Names::phone, Names::tablet].map(name);
        let Naive { store, events, .. } = &mut naive;
        let mut call =
            |store: &mut Store| store.call(&room, &host, &desktop, &user, RINGS_MS, events);
        assert_eq!(call(store), Ok(()));
        assert_eq!(call(store), Err(Refused::AlreadyInCalling));
        let accept =
            |store: &mut Store, device| store.accept(&room, &user, device, &mut Vec::new());
        assert_eq!(accept(store, &tablet), Ok(()));
        let (by, device) = (user.clone(), tablet.clone());
        let late = Refused::AlreadyHandled { how: "accepted", by, device };
        assert_eq!(accept(store, &phone), Err(late));
        assert_eq!(store.enter(&room, &user, &tablet), Ok(()));
        assert_eq!(call(store), Err(Refused::AlreadyInRoom));
        Ok(())
    }
}
