//! The lower-bound baseline: dense arrays, numbers for names, intrusive lists, one queue of
//! deadlines; no rule, no check, no allocation. It shows what the machine needs for the same writes
//! and effects, and is not usable.

pub mod by_name;
pub mod by_number;
pub mod index;

use index::{Key, Keyed};

use crate::count::{Counts, Kind};

/// No call.
const NONE: u32 = u32::MAX;

/// A user: one cache line.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub struct User {
    key: Key,
    /// Hashes of the names of the devices.
    devices: [u64; 2],
    /// The record of a call to this user.
    call: u32,
    /// The room that the user is in.
    room: u32,
}

/// A room: one cache line.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub struct Room {
    key: Key,
    first: u32,
    last: u32,
    present: u32,
}

impl Keyed for User {
    fn key(&self) -> &Key {
        &self.key
    }
}

impl Keyed for Room {
    fn key(&self) -> &Key {
        &self.key
    }
}

/// The status of a call.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[repr(u8)]
enum Status {
    #[default]
    None,
    Calling,
    Timeout,
    Rejected,
}

/// A record of a call.
#[derive(Clone, Copy, Debug, Default)]
struct Call {
    deadline: u64,
    attempt: u64,
    room: u32,
    caller: u32,
    callee: u32,
    sooner: u32,
    later: u32,
    before: u32,
    after: u32,
    device: u8,
    status: Status,
}

/// An effect, in 32 bytes.
#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "writing them is the work that is measured")]
struct Effect {
    attempt: u64,
    room: u32,
    caller: u32,
    callee: u32,
    time_left: u32,
    to: u32,
    kind: Kind,
    device: u8,
    status: Status,
}

/// The state, and the effects of the last input.
#[derive(Clone, Debug)]
pub struct Core {
    users: Vec<User>,
    rooms: Vec<Room>,
    calls: Vec<Call>,
    /// The first free record; the others follow by `after`.
    free: u32,
    soonest: u32,
    latest: u32,
    attempts: u64,
    effects: Vec<Effect>,
}

impl Core {
    fn new(users: Vec<User>, rooms: Vec<Room>, calls: u32) -> Self {
        let free = |after| Call { after, ..Call::default() };
        let records = (1..calls).chain([NONE]).map(free).collect();
        let effects = Vec::with_capacity(calls as usize / 2 + 16);
        let [soonest, latest] = [NONE; 2];
        Self { users, rooms, calls: records, free: 0, soonest, latest, attempts: 0, effects }
    }

    #[inline]
    fn call(&mut self, at: u64, room: u32, caller: u32, device: u8, callee: u32) {
        let user = &mut self.users[callee as usize];
        let kept = user.call;
        let id = if kept == NONE { self.free } else { kept };
        user.call = id;
        if kept == NONE {
            self.free = self.calls[id as usize].after;
        } else {
            self.leave_list(id);
        }
        self.attempts += 1;
        let attempt = self.attempts;
        let target = &mut self.rooms[room as usize];
        let (before, sooner) = (target.last, self.latest);
        target.last = id;
        if before == NONE {
            target.first = id;
        } else {
            self.calls[before as usize].after = id;
        }
        self.latest = id;
        if sooner == NONE {
            self.soonest = id;
        } else {
            self.calls[sooner as usize].later = id;
        }
        let (after, later, status) = (NONE, NONE, Status::Calling);
        let deadline = at + 30_000;
        self.calls[id as usize] = Call {
            deadline,
            attempt,
            room,
            caller,
            callee,
            sooner,
            later,
            before,
            after,
            device,
            status,
        };
        let (kind, time_left) = (Kind::Ring, 30_000);
        let ring = Effect {
            attempt,
            room,
            caller,
            callee,
            time_left,
            to: callee,
            kind,
            device: 0,
            status,
        };
        self.effects.push(ring);
        self.effects.push(Effect { to: room, kind: Kind::Changed, ..ring });
    }

    #[inline]
    fn accept(&mut self, user: u32, device: u8) {
        let id = core::mem::replace(&mut self.users[user as usize].call, NONE);
        let effect = self.effect(id, Status::None, Kind::Handled, device);
        self.leave_queue(id);
        self.leave_list(id);
        self.release(id);
        self.notify_answer(effect, Kind::Accepted, Kind::Removed, id);
    }

    #[inline]
    fn reject(&mut self, user: u32, device: u8) {
        let id = self.users[user as usize].call;
        let effect = self.effect(id, Status::Rejected, Kind::Handled, device);
        self.leave_queue(id);
        self.calls[id as usize].status = Status::Rejected;
        self.notify_answer(effect, Kind::Rejected, Kind::Changed, id);
    }

    #[inline]
    fn cancel(&mut self, callee: u32) {
        let id = core::mem::replace(&mut self.users[callee as usize].call, NONE);
        let effect = self.effect(id, Status::None, Kind::Cancelled, 0);
        self.leave_queue(id);
        self.leave_list(id);
        self.release(id);
        let listed = Effect { to: effect.room, kind: Kind::Removed, ..effect };
        self.effects.push(effect);
        self.effects.push(listed);
    }

    #[inline]
    fn enter(&mut self, room: u32, user: u32) {
        self.users[user as usize].room = room;
        self.rooms[room as usize].present += 1;
    }

    #[inline]
    fn leave(&mut self, room: u32, user: u32) {
        self.users[user as usize].room = NONE;
        self.rooms[room as usize].present -= 1;
    }

    fn expire(&mut self, at: u64) {
        while self.soonest != NONE {
            let id = self.soonest;
            if self.calls[id as usize].deadline > at {
                break;
            }
            let effect = self.effect(id, Status::Timeout, Kind::TimeoutCallee, 0);
            self.leave_queue(id);
            self.calls[id as usize].status = Status::Timeout;
            self.notify_answer(effect, Kind::TimeoutCaller, Kind::Changed, id);
        }
    }

    #[inline]
    fn effect(&self, id: u32, status: Status, kind: Kind, device: u8) -> Effect {
        let &Call { attempt, room, caller, callee, .. } = &self.calls[id as usize];
        Effect { attempt, room, caller, callee, time_left: 0, to: callee, kind, device, status }
    }

    #[inline]
    fn notify_answer(&mut self, effect: Effect, caller: Kind, room: Kind, id: u32) {
        let device = self.calls[id as usize].device;
        self.effects.push(effect);
        self.effects.push(Effect { to: effect.caller, kind: caller, device, ..effect });
        self.effects.push(Effect { to: effect.room, kind: room, ..effect });
    }

    /// Takes a record out of the queue of deadlines.
    #[inline]
    fn leave_queue(&mut self, id: u32) {
        let Call { sooner, later, .. } = self.calls[id as usize];
        match sooner {
            NONE => self.soonest = later,
            sooner => self.calls[sooner as usize].later = later,
        }
        match later {
            NONE => self.latest = sooner,
            later => self.calls[later as usize].sooner = sooner,
        }
    }

    /// Takes a record out of its room's list.
    #[inline]
    fn leave_list(&mut self, id: u32) {
        let Call { before, after, room, .. } = self.calls[id as usize];
        match before {
            NONE => self.rooms[room as usize].first = after,
            before => self.calls[before as usize].after = after,
        }
        match after {
            NONE => self.rooms[room as usize].last = before,
            after => self.calls[after as usize].before = before,
        }
    }

    #[inline]
    fn release(&mut self, id: u32) {
        let call = &mut self.calls[id as usize];
        call.status = Status::None;
        call.after = self.free;
        self.free = id;
    }

    /// Counts the effects and empties the buffer.
    #[inline]
    fn count(&mut self, counts: &mut Counts) {
        for effect in std::hint::black_box(&self.effects) {
            counts.one(effect.kind);
        }
        self.effects.clear();
    }
}
