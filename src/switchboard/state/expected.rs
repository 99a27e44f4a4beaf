//! Who has accepted a call and is expected in its room (E-20, E-21).
//!
//! An expectation is found by its callee and room, by its room, and by its deadline. It uses its names.

use alloc::vec::Vec;

use super::calls::{Ended, grow};
use super::names::Names;
use super::pairs::{Pair, PairIndex};
use crate::collections::{Deadline, Links, List, NONE, Slab, Timed, Timers, index, linked};
use crate::domain::id::{Attempt, DeviceId, Id, RoomId, UserId};
use crate::domain::time::Tick;
use crate::registry::HashKey;

/// A callee who is expected in a room until a deadline.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    /// The attempt that was accepted.
    pub(crate) attempt: Attempt,
    pub(crate) room: RoomId,
    pub(crate) callee: UserId,
    pub(crate) caller: UserId,
    /// The device that called, if one did (P-11).
    pub(crate) device: Option<DeviceId>,
    pub(crate) deadline: Tick,
    in_room: Links,
    by_time: Links,
    /// The queue of [`Timers`] that the deadline is in.
    queue: u32,
}

/// The list of a room's expectations.
#[derive(Clone, Debug)]
struct InRoom;

/// The queues of deadlines.
#[derive(Clone, Debug)]
struct ByTime;

linked! { Expectation { InRoom: in_room, ByTime: by_time } }

impl Timed<ByTime> for Expectation {
    fn deadline(&self) -> Option<Deadline> {
        Some(Deadline { at: self.deadline, attempt: self.attempt.get() })
    }
}

impl Pair for Expectation {
    fn pair(&self) -> (u32, u32) {
        (self.callee.slot(), self.room.slot())
    }
}

/// The expectations of one room.
#[derive(Clone, Copy, Debug)]
struct OfRoom {
    list: List<InRoom>,
    len: u32,
}

impl OfRoom {
    const NONE: Self = Self { list: List::EMPTY, len: 0 };
}

/// All expectations.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    slab: Slab<Expectation>,
    /// By the slot of the room.
    by_room: Vec<OfRoom>,
    by_pair: PairIndex,
    timers: Timers<ByTime>,
}

impl Expectation {
    /// The one that an accepted call makes.
    pub(crate) const fn of(ended: &Ended, deadline: Tick) -> Self {
        let &Ended { attempt, room, callee, caller, device, .. } = ended;
        Self::new((attempt, room), (callee, caller), device, deadline)
    }

    pub(crate) const fn new(
        (attempt, room): (Attempt, RoomId),
        (callee, caller): (UserId, UserId),
        device: Option<DeviceId>,
        deadline: Tick,
    ) -> Self {
        let (in_room, by_time, queue) = (Links::NONE, Links::NONE, NONE);
        Self { attempt, room, callee, caller, device, deadline, in_room, by_time, queue }
    }
}

/// What can be asked.
impl Expected {
    pub(crate) const fn new(key: HashKey) -> Self {
        Self {
            slab: Slab::new(),
            by_room: Vec::new(),
            by_pair: PairIndex::new(key),
            timers: Timers::new(),
        }
    }

    /// All of them, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Expectation> {
        self.slab.iter().map(|(_, expectation)| expectation)
    }

    pub(crate) const fn len(&self) -> u32 {
        self.slab.len()
    }

    #[inline(always)]
    pub(crate) const fn is_empty(&self) -> bool {
        self.slab.len() == 0
    }

    fn of_room(&self, room: RoomId) -> &OfRoom {
        self.by_room.get(index(room.slot())).unwrap_or(&OfRoom::NONE)
    }

    /// Those of a room, in no order that means anything.
    pub(crate) fn of(&self, room: RoomId) -> impl Iterator<Item = &Expectation> {
        self.of_room(room).list.iter(&self.slab).map(|(_, expectation)| expectation)
    }

    /// How many are expected in a room.
    #[inline(always)]
    pub(crate) fn count(&self, room: RoomId) -> u32 {
        if self.is_empty() { 0 } else { self.of_room(room).len }
    }

    fn position(&self, room: RoomId, callee: UserId) -> Option<u32> {
        self.by_pair.find(&self.slab, (callee.slot(), room.slot()), |_| true)
    }

    /// The expectation of a callee in a room. Where nobody is expected, nothing is hashed.
    #[inline(always)]
    pub(crate) fn find(&self, room: RoomId, callee: UserId) -> Option<&Expectation> {
        if self.is_empty() { None } else { self.find_one(room, callee) }
    }

    #[cold]
    #[inline(never)]
    fn find_one(&self, room: RoomId, callee: UserId) -> Option<&Expectation> {
        self.slab.get(self.position(room, callee)?)
    }

    /// The earliest deadline (T-07).
    #[inline]
    pub(crate) fn first_deadline(&self) -> Option<Deadline> {
        self.timers.first()
    }
}

/// What changes them.
impl Expected {
    /// Somebody is expected from now on, for so many seconds.
    #[cold]
    pub(crate) fn add(&mut self, names: &mut Names, expectation: Expectation, seconds: u32) {
        let Some(deadline) = expectation.deadline() else { return };
        let position = self.insert(names, expectation);
        let (queue, by_time) =
            self.timers.insert_sorted(&mut self.slab, position, seconds, deadline);
        if let Some(expectation) = self.slab.get_mut(position) {
            (expectation.queue, expectation.by_time) = (queue, by_time);
        }
    }

    /// As [`add`](Self::add), but for its deadline.
    fn insert(&mut self, names: &mut Names, mut expectation: Expectation) -> u32 {
        let Expectation { room, callee, caller, device, .. } = expectation;
        names.rooms.retain(room);
        names.users.retain(callee);
        names.users.retain(caller);
        if let Some(device) = device {
            names.devices.retain(device);
        }
        let position = self.slab.next_position();
        let room = index(room.slot());
        grow(&mut self.by_room, room, OfRoom::NONE);
        if let Some(room) = self.by_room.get_mut(room) {
            expectation.in_room = room.list.join_back(&mut self.slab, position);
            room.len = room.len.saturating_add(1);
        }
        self.slab.insert(expectation);
        self.by_pair.insert(&self.slab, position);
        position
    }

    /// A callee is not expected in a room any more.
    pub(crate) fn end(&mut self, names: &mut Names, room: RoomId, callee: UserId) {
        if let Some(position) = self.position(room, callee) {
            self.remove(names, position);
        }
    }

    /// Takes the one with the earliest deadline, which the clock has reached.
    #[cold]
    pub(crate) fn take_due(&mut self, names: &mut Names, now: Tick) -> Option<Expectation> {
        let position = self.timers.due(now)?;
        self.remove(names, position)
    }

    /// Nobody is expected in a room any more.
    pub(crate) fn clear_room(&mut self, names: &mut Names, room: RoomId) {
        loop {
            let first = self.of_room(room).list.first();
            if self.remove(names, first).is_none() {
                break;
            }
        }
    }

    /// Nobody is expected anywhere any more (F-18).
    pub(crate) fn clear(&mut self, names: &mut Names) {
        let positions: Vec<u32> = self.slab.iter().map(|(position, _)| position).collect();
        for position in positions {
            self.remove(names, position);
        }
    }

    /// A user is not expected any more, nor is whom the user called (F-20).
    pub(crate) fn erase(&mut self, names: &mut Names, user: UserId) {
        let is_of_user = |it: &Expectation| it.callee == user || it.caller == user;
        let all = self.slab.iter().filter(|(_, it)| is_of_user(it));
        let positions: Vec<u32> = all.map(|(position, _)| position).collect();
        for position in positions {
            self.remove(names, position);
        }
    }

    fn remove(&mut self, names: &mut Names, position: u32) -> Option<Expectation> {
        let &Expectation { by_time, queue, in_room, room, .. } = self.slab.get(position)?;
        self.timers.remove(&mut self.slab, by_time, queue);
        self.by_pair.remove(&self.slab, position);
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
            room.list.leave(&mut self.slab, in_room);
            room.len = room.len.saturating_sub(1);
        }
        let expectation = self.slab.take(position)?;
        names.rooms.release(expectation.room);
        names.users.release(expectation.callee);
        names.users.release(expectation.caller);
        if let Some(device) = expectation.device {
            names.devices.release(device);
        }
        Some(expectation)
    }
}

/// What snapshots and the check need.
impl Expected {
    /// Puts those of a snapshot in, by their deadlines.
    pub(crate) fn restore(&mut self, names: &mut Names, mut all: Vec<Expectation>) {
        all.sort_unstable_by_key(|one| (one.deadline, one.attempt));
        let in_order: Vec<u32> = all.into_iter().map(|one| self.insert(names, one)).collect();
        let queue = self.timers.restore(&mut self.slab, &in_order);
        for position in in_order {
            if let Some(expectation) = self.slab.get_mut(position) {
                expectation.queue = queue;
            }
        }
    }

    /// INV-04: the lists, the index and the timers agree.
    pub(crate) fn verify(&self) -> bool {
        let mut listed = 0_u32;
        for (room, slot) in self.by_room.iter().zip(0_u32..) {
            if room.list.verify(&self.slab) != Some(room.len) {
                return false;
            }
            listed = listed.saturating_add(room.len);
            if !room.list.iter(&self.slab).all(|(_, one)| one.room.slot() == slot) {
                return false;
            }
        }
        let is_found = |(position, one): (u32, &Expectation)| {
            self.position(one.room, one.callee) == Some(position)
        };
        listed == self.len()
            && self.by_pair.len() == index(self.len())
            && self.slab.iter().all(is_found)
            && self.timers.verify(&self.slab, self.len(), |one| Some(one.queue))
    }
}
