//! The beginner's maps, and what is done with them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Audience, Event, Refused, Status, What};

/// A user who is signed in.
#[derive(Debug, Default)]
struct User {
    devices: Vec<String>,
    /// The rooms that the user is in.
    inside: Vec<String>,
    /// The room that the user is being called into.
    called: Option<String>,
}

impl User {
    fn has(&self, device: &str) -> bool {
        self.devices.iter().any(|known| known == device)
    }
}

/// An open room.
#[derive(Debug)]
struct Room {
    owner: String,
    present: HashSet<String>,
    /// Callees by attempt: those who ring, and those who rejected or did not answer.
    list: BTreeMap<u64, String>,
}

/// A call that rings, or is kept in the list.
#[derive(Debug)]
struct Call {
    attempt: u64,
    caller: String,
    device: String,
    deadline: u64,
    status: Status,
}

/// The last ending of a callee in a room.
#[derive(Debug)]
struct Ending {
    how: &'static str,
    by: String,
    device: String,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Store {
    now: u64,
    attempts: u64,
    users: HashMap<String, User>,
    rooms: HashMap<String, Room>,
    calls: HashMap<(String, String), Call>,
    endings: HashMap<(String, String), Ending>,
    timers: BTreeMap<(u64, u64), (String, String)>,
}

type Done = Result<(), Refused>;

impl Store {
    pub(super) fn sign_in(&mut self, user: &str, devices: &[&str]) {
        let signed_in = self.users.entry(user.to_owned()).or_default();
        signed_in.devices.extend(devices.iter().map(|device| (*device).to_owned()));
    }

    pub(super) fn open(&mut self, room: &str, owner: &str) {
        let (present, list) = (HashSet::new(), BTreeMap::new());
        self.rooms.insert(room.to_owned(), Room { owner: owner.to_owned(), present, list });
    }

    pub(super) fn enter(&mut self, room: &str, user: &str, device: &str) -> Done {
        let entered = self.users.get_mut(user).ok_or(Refused::NotYours)?;
        if !entered.has(device) {
            return Err(Refused::NoSuchDevice);
        }
        let target = self.rooms.get_mut(room).ok_or(Refused::NoSuchRoom)?;
        if target.present.insert(user.to_owned()) {
            entered.inside.push(room.to_owned());
        }
        Ok(())
    }

    pub(super) fn leave(&mut self, room: &str, user: &str) -> Done {
        let target = self.rooms.get_mut(room).ok_or(Refused::NoSuchRoom)?;
        target.present.remove(user);
        if let Some(left) = self.users.get_mut(user) {
            left.inside.retain(|inside| inside != room);
        }
        Ok(())
    }

    pub(super) fn call(
        &mut self,
        room: &str,
        caller: &str,
        device: &str,
        callee: &str,
        rings_ms: u64,
        events: &mut Vec<Event>,
    ) -> Done {
        self.knows(caller, device)?;
        let target = self.rooms.get_mut(room).ok_or(Refused::NoSuchRoom)?;
        if !target.present.contains(caller) {
            return Err(Refused::CallerNotInRoom);
        }
        if target.present.contains(callee) {
            return Err(Refused::AlreadyInRoom);
        }
        let called = self.users.entry(callee.to_owned()).or_default();
        if called.called.is_some() {
            return Err(Refused::AlreadyInCalling);
        }
        let key = (room.to_owned(), callee.to_owned());
        if let Some(kept) = self.calls.remove(&key) {
            target.list.remove(&kept.attempt);
        }
        self.attempts += 1;
        let (attempt, deadline) = (self.attempts, self.now + rings_ms);
        called.called = Some(room.to_owned());
        target.list.insert(attempt, callee.to_owned());
        self.timers.insert((deadline, attempt), key.clone());
        let (caller, device) = (caller.to_owned(), device.to_owned());
        let call = Call { attempt, caller, device, deadline, status: Status::Calling };
        let what = What::Received { time_left: rings_ms };
        events.push(event(&key, &call, Audience::User(callee.to_owned()), what));
        events.push(event(&key, &call, Audience::Room(room.to_owned()), What::ListChanged));
        self.calls.insert(key, call);
        Ok(())
    }

    pub(super) fn accept(
        &mut self,
        room: &str,
        user: &str,
        device: &str,
        events: &mut Vec<Event>,
    ) -> Done {
        let key = self.ringing(room, user, device)?;
        let Some(mut call) = self.calls.remove(&key) else {
            return Err(Refused::NoSuchCall);
        };
        call.status = Status::None;
        if let Some(target) = self.rooms.get_mut(room) {
            target.list.remove(&call.attempt);
        }
        self.stop(&key, &call, "accepted", user, device);
        let others = Audience::OtherDevices(user.to_owned(), device.to_owned());
        let caller = Audience::Device(call.caller.clone(), call.device.clone());
        let handled = What::HandledByOtherDevice { accepted: true };
        events.push(event(&key, &call, others, handled));
        events.push(event(&key, &call, caller, What::Accepted));
        events.push(event(&key, &call, Audience::Room(room.to_owned()), What::ListRemoved));
        Ok(())
    }

    pub(super) fn reject(
        &mut self,
        room: &str,
        user: &str,
        device: &str,
        events: &mut Vec<Event>,
    ) -> Done {
        let key = self.ringing(room, user, device)?;
        let Some(mut call) = self.calls.remove(&key) else {
            return Err(Refused::NoSuchCall);
        };
        call.status = Status::Rejected;
        self.stop(&key, &call, "rejected", user, device);
        let others = Audience::OtherDevices(user.to_owned(), device.to_owned());
        let caller = Audience::Device(call.caller.clone(), call.device.clone());
        let handled = What::HandledByOtherDevice { accepted: false };
        events.push(event(&key, &call, others, handled));
        events.push(event(&key, &call, caller, What::Rejected));
        events.push(event(&key, &call, Audience::Room(room.to_owned()), What::ListChanged));
        self.calls.insert(key, call);
        Ok(())
    }

    pub(super) fn cancel(
        &mut self,
        room: &str,
        caller: &str,
        device: &str,
        callee: &str,
        events: &mut Vec<Event>,
    ) -> Done {
        self.knows(caller, device)?;
        let target = self.rooms.get_mut(room).ok_or(Refused::NoSuchRoom)?;
        let key = (room.to_owned(), callee.to_owned());
        match self.calls.get(&key) {
            Some(call) if call.status != Status::Calling => return Err(Refused::NoSuchCall),
            Some(call) if call.caller != caller && target.owner != caller => {
                return Err(Refused::NotYours);
            }
            Some(_) => {}
            None => return Err(Refused::NoSuchCall),
        }
        let Some(mut call) = self.calls.remove(&key) else {
            return Err(Refused::NoSuchCall);
        };
        call.status = Status::None;
        target.list.remove(&call.attempt);
        self.stop(&key, &call, "cancelled", caller, device);
        events.push(event(&key, &call, Audience::User(callee.to_owned()), What::Cancelled));
        events.push(event(&key, &call, Audience::Room(room.to_owned()), What::ListRemoved));
        Ok(())
    }

    /// Lets the time be `now`, and ends what is due.
    pub(super) fn advance(&mut self, now: u64, events: &mut Vec<Event>) {
        self.now = self.now.max(now);
        while let Some(first) = self.timers.first_entry() {
            if first.key().0 > self.now {
                break;
            }
            let key = first.remove();
            let Some(mut call) = self.calls.remove(&key) else {
                continue;
            };
            call.status = Status::Timeout;
            self.stop(&key, &call, "timed out", "", "");
            let caller = Audience::Device(call.caller.clone(), call.device.clone());
            events.push(event(&key, &call, Audience::User(key.1.clone()), What::Timeout));
            events.push(event(&key, &call, caller, What::Timeout));
            events.push(event(&key, &call, Audience::Room(key.0.clone()), What::ListChanged));
            self.calls.insert(key, call);
        }
    }

    /// What every ending has in common.
    fn stop(
        &mut self,
        key: &(String, String),
        call: &Call,
        how: &'static str,
        by: &str,
        device: &str,
    ) {
        self.timers.remove(&(call.deadline, call.attempt));
        if let Some(user) = self.users.get_mut(&key.1) {
            user.called = None;
        }
        let ending = Ending { how, by: by.to_owned(), device: device.to_owned() };
        self.endings.insert(key.clone(), ending);
    }

    fn knows(&self, user: &str, device: &str) -> Done {
        match self.users.get(user) {
            Some(user) if user.has(device) => Ok(()),
            _ => Err(Refused::NoSuchDevice),
        }
    }

    /// The key of a call that rings for a user, or why there is none.
    fn ringing(&self, room: &str, user: &str, device: &str) -> Result<(String, String), Refused> {
        self.knows(user, device)?;
        if !self.rooms.contains_key(room) {
            return Err(Refused::NoSuchRoom);
        }
        let key = (room.to_owned(), user.to_owned());
        if self.calls.get(&key).is_some_and(|call| call.status == Status::Calling) {
            return Ok(key);
        }
        match self.endings.get(&key) {
            Some(Ending { how, by, device }) => {
                let (by, device) = (by.clone(), device.clone());
                Err(Refused::AlreadyHandled { how, by, device })
            }
            None => Err(Refused::NoSuchCall),
        }
    }
}

fn event(key: &(String, String), call: &Call, to: Audience, what: What) -> Event {
    Event {
        to,
        room: key.0.clone(),
        caller: call.caller.clone(),
        callee: key.1.clone(),
        status: call.status,
        attempt: call.attempt,
        what,
    }
}
