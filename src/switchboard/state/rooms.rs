//! The rooms that are open, and their owners.

use alloc::vec::Vec;

use super::calls::grow;
use super::names::{Capacity, Names};
use crate::collections::index;
use crate::domain::id::{Id, RoomId, UserId};

/// A room that is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) id: RoomId,
    /// The number of its opening.
    pub(crate) opening: u64,
    pub(crate) owner: Option<UserId>,
}

/// The rooms that are open. Each uses its name and that of its owner.
#[derive(Clone, Debug)]
pub(crate) struct Rooms {
    /// By the slot of the room.
    by_slot: Vec<Option<Room>>,
    /// The number of the last opening, or the base if there was none since (F-02, F-18).
    openings: u64,
    open: u32,
}

impl Rooms {
    pub(crate) fn with_capacity(capacity: &Capacity) -> Self {
        Self { by_slot: Vec::with_capacity(index(capacity.rooms)), openings: 0, open: 0 }
    }

    /// A room, if it is open.
    #[inline]
    pub(crate) fn get(&self, room: RoomId) -> Option<&Room> {
        let open = self.by_slot.get(index(room.slot()))?.as_ref();
        open.filter(|open| open.id == room)
    }

    /// Rooms that are open.
    pub(crate) const fn open_count(&self) -> u32 {
        self.open
    }

    /// The number of the last opening, or the base if there was none since; 0 before any.
    pub(crate) const fn openings(&self) -> u64 {
        self.openings
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Room> {
        self.by_slot.iter().flatten()
    }

    /// Opens a room that is not open (F-02).
    pub(crate) fn open(&mut self, names: &mut Names, id: RoomId, owner: UserId) {
        names.rooms.retain(id);
        names.users.retain(owner);
        self.openings = self.openings.saturating_add(1);
        self.open = self.open.saturating_add(1);
        let slot = index(id.slot());
        grow(&mut self.by_slot, slot, None);
        if let Some(room) = self.by_slot.get_mut(slot) {
            *room = Some(Room { id, opening: self.openings, owner: Some(owner) });
        }
    }

    /// Gives each room a new opening, in the order of the present ones, counted from `base`
    /// (F-18).
    pub(crate) fn open_again(&mut self, base: u64) {
        let mut open: Vec<&mut Room> = self.by_slot.iter_mut().flatten().collect();
        open.sort_unstable_by_key(|room| room.opening);
        self.openings = base;
        for room in open {
            self.openings = self.openings.saturating_add(1);
            room.opening = self.openings;
        }
    }

    /// A room of a snapshot.
    pub(crate) fn restore(
        &mut self,
        names: &mut Names,
        id: RoomId,
        opening: u64,
        owner: Option<UserId>,
    ) {
        names.rooms.retain(id);
        if let Some(owner) = owner {
            names.users.retain(owner);
        }
        self.open = self.open.saturating_add(1);
        let slot = index(id.slot());
        grow(&mut self.by_slot, slot, None);
        if let Some(room) = self.by_slot.get_mut(slot) {
            *room = Some(Room { id, opening, owner });
        }
    }

    /// The number of rooms that were opened before a snapshot.
    pub(crate) const fn set_openings(&mut self, openings: u64) {
        self.openings = openings;
    }

    /// Closes a room (F-11).
    pub(crate) fn close(&mut self, names: &mut Names, id: RoomId) {
        let Some(room) = self.by_slot.get_mut(index(id.slot())).and_then(Option::take) else {
            return;
        };
        self.open = self.open.saturating_sub(1);
        if let Some(owner) = room.owner {
            names.users.release(owner);
        }
        names.rooms.release(room.id);
    }

    /// Gives a room another owner, or none (F-09).
    pub(crate) fn set_owner(&mut self, names: &mut Names, id: RoomId, owner: Option<UserId>) {
        let Some(Some(room)) = self.by_slot.get_mut(index(id.slot())) else { return };
        if let Some(owner) = owner {
            names.users.retain(owner);
        }
        if let Some(former) = core::mem::replace(&mut room.owner, owner) {
            names.users.release(former);
        }
    }

    /// The rooms whose owner a user is have none (F-20).
    pub(crate) fn erase(&mut self, names: &mut Names, user: UserId) {
        for room in self.by_slot.iter_mut().flatten() {
            if room.owner == Some(user) {
                room.owner = None;
                names.users.release(user);
            }
        }
    }

    /// INV-04: openings are counted from a base, and no two are the same.
    pub(crate) fn verify(&self, base: u64) -> bool {
        let mut openings: Vec<u64> = self.iter().map(|room| room.opening).collect();
        openings.sort_unstable();
        let is_made = openings.last().is_none_or(|last| *last <= self.openings())
            && openings.first().is_none_or(|first| *first > base)
            && self.openings() >= base;
        let open = openings.len();
        is_made
            && openings.is_sorted_by(|a, b| a < b)
            && u32::try_from(open) == Ok(self.open_count())
    }
}
