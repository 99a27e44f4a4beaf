//! The part of `commit` that is about rooms and who is in them.

use alloc::vec::Vec;

use super::Told;
use crate::server::Switchboard;
use crate::server::state::{Call, Ending, Room, User};
use crate::{Actor, Attempt, Effect, Role, RoomId, Rule, UserId};

impl Switchboard {
    /// F-02
    pub(super) fn open_room(&mut self, room: RoomId, owner: UserId) {
        self.openings = self.openings.saturating_add(1);
        self.names.rooms.retain(room.0);
        self.names.users.retain(owner.0);
        let opened = Room { opening: self.openings, owner: Some(owner), ..Room::EMPTY };
        self.rooms.insert(room, opened);
    }

    /// F-11
    pub(super) fn dissolve(&mut self, room: RoomId, by: Actor, effects: &mut Vec<Effect>) {
        let Some(dissolved) = self.rooms.get(&room) else {
            return;
        };
        let records: Vec<Attempt> = dissolved.list.iter().copied().collect();
        for attempt in records {
            if self.calls.get(&attempt).is_some_and(Call::is_live) {
                self.end(attempt, Ending::Revoked { by }, Rule::F11, Told::Callee, effects);
            } else {
                self.take_record(attempt);
            }
        }
        let Some(dissolved) = self.rooms.remove(&room) else {
            return;
        };
        for user in dissolved.owner.iter().chain(&dissolved.admins) {
            self.names.users.release(user.0);
        }
        for user in &dissolved.present {
            self.absent(room, *user);
        }
        for (callee, remembered) in &dissolved.ended {
            self.forget(*callee, remembered);
        }
        self.names.rooms.release(room.0);
    }

    /// F-04
    pub(super) fn enter(&mut self, room: RoomId, user: UserId) {
        if let Some(room) = self.rooms.get_mut(&room) {
            room.present.insert(user);
        }
        self.users.entry(user).or_default().rooms.insert(room);
        self.names.users.retain(user.0);
    }

    /// F-06
    pub(super) fn leave(&mut self, room: RoomId, user: UserId) {
        if let Some(room) = self.rooms.get_mut(&room) {
            room.present.remove(&user);
        }
        self.absent(room, user);
    }

    fn absent(&mut self, room: RoomId, user: UserId) {
        if let Some(user) = self.users.get_mut(&user) {
            user.rooms.remove(&room);
        }
        self.drop_idle_user(user);
        self.names.users.release(user.0);
    }

    pub(super) fn drop_idle_user(&mut self, user: UserId) {
        if self.users.get(&user).is_some_and(User::is_idle) {
            self.users.remove(&user);
        }
    }

    /// F-09
    pub(super) fn set_role(&mut self, room: RoomId, user: UserId, role: Role) {
        let Some(room) = self.rooms.get_mut(&room) else {
            return;
        };
        let names = &mut self.names.users;
        match role {
            Role::Owner | Role::Admin => names.retain(user.0),
            Role::Participant => {}
        }
        if room.owner == Some(user) {
            room.owner = None;
            names.release(user.0);
        }
        if room.admins.remove(&user) {
            names.release(user.0);
        }
        match role {
            Role::Owner => {
                if let Some(former) = room.owner.replace(user) {
                    names.release(former.0);
                }
            }
            Role::Admin => {
                room.admins.insert(user);
            }
            Role::Participant => {}
        }
    }
}
