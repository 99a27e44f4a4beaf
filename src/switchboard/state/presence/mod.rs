//! Who is in a room, or an admin of it.

mod verify;

use alloc::vec::Vec;

use super::calls::grow;
use super::names::{Capacity, Names};
use super::pairs::{FEW, Pair, PairIndex};
use crate::collections::{Linked, Links, List, Slab, index};
use crate::domain::id::{Id, RoomId, UserId};
use crate::registry::HashKey;

/// A user who is in a room, or an admin of it, or both.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    room: RoomId,
    pub(crate) is_present: bool,
    pub(crate) is_admin: bool,
    of_user: Links,
    of_room: Links,
}

/// The list of one user's members.
#[derive(Debug)]
struct OfUser;

/// The list of one room's members.
#[derive(Debug)]
struct OfRoom;

impl Linked<OfUser> for Member {
    #[inline(always)]
    fn links(&self) -> Links {
        self.of_user
    }

    #[inline(always)]
    fn links_mut(&mut self) -> Option<&mut Links> {
        Some(&mut self.of_user)
    }
}

impl Linked<OfRoom> for Member {
    #[inline(always)]
    fn links(&self) -> Links {
        self.of_room
    }

    #[inline(always)]
    fn links_mut(&mut self) -> Option<&mut Links> {
        Some(&mut self.of_room)
    }
}

impl Pair for Member {
    #[inline]
    fn pair(&self) -> (u32, u32) {
        (self.user.slot(), self.room.slot())
    }
}

/// The rooms of one user, those that the user is in first.
#[derive(Clone, Copy, Debug)]
struct UserRooms {
    list: List<OfUser>,
    len: u32,
}

/// The members of one room.
#[derive(Clone, Copy, Debug)]
struct RoomMembers {
    list: List<OfRoom>,
    present: u32,
    admins: u32,
}

impl UserRooms {
    const NONE: Self = Self { list: List::EMPTY, len: 0 };

    /// Adds a member to the list: one who is present to its beginning.
    #[inline]
    fn join(&mut self, slab: &mut Slab<Member>, position: u32, is_present: bool) -> Links {
        if is_present {
            self.list.join_front(slab, position)
        } else {
            self.list.join_back(slab, position)
        }
    }
}

impl RoomMembers {
    const NONE: Self = Self { list: List::EMPTY, present: 0, admins: 0 };
}

/// Members by user and by room (INV-04). Each uses the name of its user.
#[derive(Clone, Debug)]
pub(crate) struct Presence {
    slab: Slab<Member>,
    by_user: Vec<UserRooms>,
    by_room: Vec<RoomMembers>,
    /// The members of users with more than [`FEW`].
    many: PairIndex,
}

impl Presence {
    pub(crate) fn with_capacity(key: HashKey, capacity: &Capacity) -> Self {
        Self {
            slab: Slab::new(),
            by_user: Vec::with_capacity(index(capacity.users)),
            by_room: Vec::with_capacity(index(capacity.rooms)),
            many: PairIndex::new(key),
        }
    }

    /// Whether there is a position for one more member.
    pub(crate) const fn fits_one(&self) -> bool {
        self.slab.fits(1)
    }

    #[inline]
    fn of_user(&self, user: UserId) -> &UserRooms {
        self.by_user.get(index(user.slot())).unwrap_or(&UserRooms::NONE)
    }

    #[inline]
    fn of_room(&self, room: RoomId) -> &RoomMembers {
        self.by_room.get(index(room.slot())).unwrap_or(&RoomMembers::NONE)
    }

    /// What a user is in a room, if anything, and its position.
    #[inline(always)]
    pub(crate) fn find(&self, room: RoomId, user: UserId) -> Option<(u32, &Member)> {
        let rooms = self.of_user(user);
        if rooms.len > FEW {
            return self.find_many(room, user);
        }
        // Most users are in no room, and most others in one.
        rooms.list.iter(&self.slab).find(|(_, member)| member.room == room)
    }

    #[cold]
    fn find_many(&self, room: RoomId, user: UserId) -> Option<(u32, &Member)> {
        let position = self.many.find(&self.slab, (user.slot(), room.slot()), |_| true)?;
        Some((position, self.slab.get(position)?))
    }

    /// What a user is in a room, if anything.
    #[inline]
    pub(crate) fn member(&self, room: RoomId, user: UserId) -> Option<&Member> {
        self.find(room, user).map(|(_, member)| member)
    }

    /// Whether a user is in a room.
    #[inline]
    pub(crate) fn is_present(&self, room: RoomId, user: UserId) -> bool {
        self.member(room, user).is_some_and(|member| member.is_present)
    }

    /// Whether a user is in another room.
    #[inline]
    pub(crate) fn is_elsewhere(&self, room: RoomId, user: UserId) -> bool {
        // The rooms that the user is in come first.
        let mut rooms = self.of_user(user).list.iter(&self.slab).take(2);
        rooms.any(|(_, member)| member.is_present && member.room != room)
    }

    /// Users in a room.
    pub(crate) fn present(&self, room: RoomId) -> u32 {
        self.of_room(room).present
    }

    /// Admins of a room.
    pub(crate) fn admins(&self, room: RoomId) -> u32 {
        self.of_room(room).admins
    }

    /// Everybody who is in a room or an admin of it, in no order that means anything.
    pub(crate) fn members(&self, room: RoomId) -> impl Iterator<Item = &Member> {
        self.of_room(room).list.iter(&self.slab).map(|(_, member)| member)
    }

    /// A user, who is not in the room, enters (F-04); an admin is the member at this position.
    #[inline]
    pub(crate) fn enter(
        &mut self,
        names: &mut Names,
        room: RoomId,
        user: UserId,
        member: Option<u32>,
    ) {
        match member {
            Some(position) => self.move_to(position, user, true),
            None => {
                self.insert(names, room, user, true);
            }
        }
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
            room.present = room.present.saturating_add(1);
        }
    }

    /// The member at this position, who is in the room, leaves (F-06).
    #[inline]
    pub(crate) fn leave(&mut self, names: &mut Names, position: u32) {
        let Some(&Member { user, room, is_admin, .. }) = self.slab.get(position) else { return };
        if !is_admin {
            return self.remove(names, position);
        }
        self.move_to(position, user, false);
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
            room.present = room.present.saturating_sub(1);
        }
    }

    /// A user is an admin of a room, or is none (F-09).
    pub(crate) fn set_admin(
        &mut self,
        names: &mut Names,
        room: RoomId,
        user: UserId,
        is_admin: bool,
    ) {
        let position = match self.find(room, user) {
            Some((position, member)) if member.is_admin != is_admin => position,
            None if is_admin => self.insert(names, room, user, false),
            Some(_) | None => return,
        };
        let Some(member) = self.slab.get_mut(position) else { return };
        if !is_admin && !member.is_present {
            return self.remove(names, position);
        }
        member.is_admin = is_admin;
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
            let admins = room.admins;
            room.admins =
                if is_admin { admins.saturating_add(1) } else { admins.saturating_sub(1) };
        }
    }

    /// Removes all presence and roles of the room (F-11).
    pub(crate) fn clear(&mut self, names: &mut Names, room: RoomId) {
        while !self.of_room(room).list.is_empty() {
            let first = self.of_room(room).list.first();
            self.remove(names, first);
        }
    }

    /// A member is present, or is no longer: its place among the rooms of its user is another.
    fn move_to(&mut self, position: u32, user: UserId, is_present: bool) {
        if let Some(member) = self.slab.get_mut(position) {
            member.is_present = is_present;
        }
        if let Some(rooms) = self.by_user.get_mut(index(user.slot())) {
            rooms.list.remove(&mut self.slab, position);
            let links = rooms.join(&mut self.slab, position, is_present);
            List::<OfUser>::store(&mut self.slab, position, links);
        }
    }

    /// A member for a user who is none of the room.
    #[inline]
    fn insert(&mut self, names: &mut Names, room: RoomId, user: UserId, is_present: bool) -> u32 {
        names.users.retain(user);
        let position = self.slab.next_position();
        let (room_slot, user_slot) = (index(room.slot()), index(user.slot()));
        grow(&mut self.by_room, room_slot, RoomMembers::NONE);
        grow(&mut self.by_user, user_slot, UserRooms::NONE);
        let Some(members) = self.by_room.get_mut(room_slot) else { return position };
        let Some(rooms) = self.by_user.get_mut(user_slot) else { return position };
        let of_room = members.list.join_back(&mut self.slab, position);
        let of_user = rooms.join(&mut self.slab, position, is_present);
        rooms.len = rooms.len.saturating_add(1);
        self.slab.insert(Member { user, room, is_present, is_admin: false, of_user, of_room });
        if rooms.len > FEW {
            let lists = (rooms.list, List::EMPTY);
            self.many.joined(&self.slab, position, rooms.len, lists);
        }
        position
    }

    #[inline]
    fn remove(&mut self, names: &mut Names, position: u32) {
        let Some(member) = self.slab.get(position) else { return };
        let &Member { user, room, is_present, is_admin, of_user, of_room } = member;
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
            room.list.leave(&mut self.slab, of_room);
            room.present = room.present.saturating_sub(u32::from(is_present));
            room.admins = room.admins.saturating_sub(u32::from(is_admin));
        }
        if let Some(rooms) = self.by_user.get_mut(index(user.slot())) {
            if rooms.len > FEW {
                let lists = (rooms.list, List::EMPTY);
                self.many.leaves(&self.slab, position, rooms.len, lists);
            }
            rooms.list.leave(&mut self.slab, of_user);
            rooms.len = rooms.len.saturating_sub(1);
        }
        self.slab.remove(position);
        names.users.release(user);
    }
}
