//! The part of `commit` that is about rooms and who is in them.

use alloc::vec::Vec;

use super::Told;
use crate::store::{Arena, Links, NONE};
use crate::switchboard::Switchboard;
use crate::switchboard::state::{Call, Cause, Room, Seat, User};
use crate::{Actor, Effect, Role, RoomId, Rule, UserId};

impl Switchboard {
    /// F-02
    pub(super) fn open_room(&mut self, room: RoomId, owner: UserId) {
        self.openings = self.openings.saturating_add(1);
        self.open_rooms = self.open_rooms.saturating_add(1);
        self.names.rooms.retain(room.0.slot());
        self.names.users.retain(owner.0.slot());
        if let Some(room) = self.names.rooms.state_mut(room.0.slot()) {
            room.close();
            room.opening = self.openings;
            room.owner = owner.0.slot();
        }
    }

    /// F-11
    pub(super) fn dissolve(&mut self, room: RoomId, by: Actor, effects: &mut Vec<Effect>) {
        while self.dissolve_more(room, by, effects) {}
    }

    /// One piece of the work of dissolving a room: an attempt, an ending, or a person. Whether
    /// there is more to do; if not, the room is gone.
    pub(in crate::switchboard) fn dissolve_more(
        &mut self,
        room: RoomId,
        by: Actor,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let at = room.0.slot();
        let Some(&Room { list, ended, seats, owner, .. }) = self.names.rooms.state(at) else {
            return false;
        };
        if !list.is_empty() {
            if self.call(list.first).is_some_and(Call::is_live) {
                self.end(list.first, Cause::Revoked { by }, Rule::F11, Told::Callee, effects);
            } else {
                self.unkeep(list.first);
            }
            return true;
        }
        if !ended.is_empty() {
            self.forget(ended.first);
            return true;
        }
        if !seats.is_empty() {
            self.drop_seat(seats.first);
            return true;
        }
        if let Some(room) = self.names.rooms.state_mut(at) {
            room.close();
        }
        self.open_rooms = self.open_rooms.saturating_sub(1);
        if owner != NONE {
            self.names.users.release(owner);
        }
        self.names.rooms.release(at);
        false
    }

    /// F-04
    pub(super) fn enter(&mut self, room: RoomId, user: UserId) {
        let (room, user) = (room.0.slot(), user.0.slot());
        if let Some(room) = self.names.rooms.state_mut(room) {
            room.present = room.present.saturating_add(1);
        }
        let Some((at, _)) = self.seat(room, user) else {
            self.take_seat(room, user, true);
            return;
        };
        if let Some(seat) = self.seats.arena.get_mut(at) {
            seat.is_present = true;
        }
        if let Some(user) = self.names.users.state_mut(user) {
            user.seats.remove(&mut self.seats.arena, Seat::OF_USER, at);
            user.seat(&mut self.seats.arena, at, true);
        }
    }

    /// F-06
    pub(super) fn leave(&mut self, room: RoomId, user: UserId) {
        let (room, user) = (room.0.slot(), user.0.slot());
        let Some((at, seat)) = self.seat(room, user) else { return };
        if !seat.is_admin {
            self.drop_seat(at);
            return;
        }
        if let Some(seat) = self.seats.arena.get_mut(at) {
            seat.is_present = false;
        }
        if let Some(room) = self.names.rooms.state_mut(room) {
            room.present = room.present.saturating_sub(1);
        }
        if let Some(user) = self.names.users.state_mut(user) {
            user.seats.remove(&mut self.seats.arena, Seat::OF_USER, at);
            user.seat(&mut self.seats.arena, at, false);
        }
    }

    /// F-09
    pub(super) fn set_role(&mut self, room: RoomId, user: UserId, role: Role) {
        let (room, user) = (room.0.slot(), user.0.slot());
        // Whoever loses a role is not forgotten before the new one is there.
        self.names.users.retain(user);
        if self.names.rooms.state(room).is_some_and(|room| room.owner == user) {
            self.set_owner(room, NONE);
        }
        match role {
            Role::Owner => {
                self.set_admin(room, user, false);
                self.names.users.retain(user);
                self.set_owner(room, user);
            }
            Role::Admin => self.set_admin(room, user, true),
            Role::Participant => self.set_admin(room, user, false),
        }
        self.names.users.release(user);
    }

    /// A new owner, whose name is retained already, or none.
    fn set_owner(&mut self, room: u32, owner: u32) {
        let Some(room) = self.names.rooms.state_mut(room) else { return };
        let former = core::mem::replace(&mut room.owner, owner);
        if former != NONE {
            self.names.users.release(former);
        }
    }

    fn set_admin(&mut self, room: u32, user: u32, is_admin: bool) {
        let at = match self.seat(room, user) {
            Some((at, seat)) if seat.is_admin != is_admin => at,
            None if is_admin => self.take_seat(room, user, false),
            Some(_) | None => return,
        };
        let Some(seat) = self.seats.arena.get_mut(at) else { return };
        seat.is_admin = is_admin;
        let is_empty = !seat.is_present && !is_admin;
        if let Some(room) = self.names.rooms.state_mut(room) {
            let admins = room.admins;
            room.admins =
                if is_admin { admins.saturating_add(1) } else { admins.saturating_sub(1) };
        }
        if is_empty {
            self.drop_seat(at);
        }
    }

    /// A seat for a user who has none in a room.
    fn take_seat(&mut self, room: u32, user: u32, is_present: bool) -> u32 {
        let links = [Links::NONE; 2];
        let at = self.seats.arena.insert(Seat { user, room, is_present, is_admin: false, links });
        if let Some(room) = self.names.rooms.state_mut(room) {
            room.seats.push(&mut self.seats.arena, Seat::OF_ROOM, at);
        }
        if let Some(state) = self.names.users.state_mut(user) {
            state.seat(&mut self.seats.arena, at, is_present);
            state.seated = state.seated.saturating_add(1);
            self.seats.tied(state.seats(), at);
        }
        self.names.users.retain(user);
        at
    }

    /// Takes a seat away, with whatever its user is there.
    fn drop_seat(&mut self, at: u32) {
        let Some(&Seat { user, room, is_present, is_admin, .. }) = self.seats.arena.get(at) else {
            return;
        };
        if let Some(room) = self.names.rooms.state_mut(room) {
            room.seats.remove(&mut self.seats.arena, Seat::OF_ROOM, at);
            room.present = room.present.saturating_sub(u32::from(is_present));
            room.admins = room.admins.saturating_sub(u32::from(is_admin));
        }
        if let Some(state) = self.names.users.state_mut(user) {
            self.seats.untied(state.seats(), at);
            state.seats.remove(&mut self.seats.arena, Seat::OF_USER, at);
            state.seated = state.seated.saturating_sub(1);
        }
        self.seats.arena.remove(at);
        self.names.users.release(user);
    }
}

impl User {
    /// Puts a seat among the user's: those that the user is present in come first.
    #[inline]
    fn seat(&mut self, seats: &mut Arena<Seat>, at: u32, is_present: bool) {
        let prev = if is_present { NONE } else { self.seats.last };
        self.seats.insert(seats, Seat::OF_USER, prev, at);
    }
}
