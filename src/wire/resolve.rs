//! Names to handles.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::named::{Actor, Command, Fact};
use crate::names::Directory;
use crate::server::{is_id, is_within};
use crate::{Attempt, DeviceId, Limits, RoomId, Timeout, UserId};

/// Names to handles, for the length of one input (N-02). `None` is a bad name (L-01).
pub(super) struct Resolver<'a> {
    pub(super) names: &'a mut Directory,
    pub(super) limits: Limits,
}

impl Resolver<'_> {
    fn user(&mut self, id: &str) -> Option<UserId> {
        let is_good = is_id(id, self.limits.id_bytes);
        is_good.then(|| self.names.users.borrow(id)).flatten().map(UserId)
    }

    pub(super) fn room(&mut self, id: &str) -> Option<RoomId> {
        let is_good = is_id(id, self.limits.id_bytes);
        is_good.then(|| self.names.rooms.borrow(id)).flatten().map(RoomId)
    }

    fn device(&mut self, id: &str) -> Option<DeviceId> {
        let is_good = is_id(id, self.limits.id_bytes);
        is_good.then(|| self.names.devices.borrow(id)).flatten().map(DeviceId)
    }

    pub(super) fn actor(&mut self, by: &Actor) -> Option<crate::Actor> {
        match by {
            Actor::Backend => Some(crate::Actor::Backend),
            Actor::Device { user, device } => {
                let (user, device) = (self.user(user)?, self.device(device)?);
                Some(crate::Actor::Device { user, device })
            }
        }
    }

    pub(super) fn fact(&mut self, fact: &Fact) -> Option<crate::Fact> {
        Some(match fact {
            Fact::RoomOpened { room, owner } => {
                crate::Fact::RoomOpened { room: self.room(room)?, owner: self.user(owner)? }
            }
            Fact::RoomDissolved { room, by } => {
                // F-11: whoever it was, the room is gone.
                let by = self.actor(by).unwrap_or(crate::Actor::Backend);
                crate::Fact::RoomDissolved { room: self.room(room)?, by }
            }
            Fact::UserEntered { room, user, device } => crate::Fact::UserEntered {
                room: self.room(room)?,
                user: self.user(user)?,
                device: self.device(device)?,
            },
            Fact::UserLeft { room, user } => {
                crate::Fact::UserLeft { room: self.room(room)?, user: self.user(user)? }
            }
            Fact::RoleSet { room, user, role } => {
                let (room, user) = (self.room(room)?, self.user(user)?);
                crate::Fact::RoleSet { room, user, role: *role }
            }
        })
    }

    pub(super) fn command<'a>(
        &mut self,
        command: &'a Command,
        callees: &'a mut Vec<UserId>,
    ) -> Option<crate::Command<'a>> {
        match command {
            Command::CallUserToRoom { room, users, timeout, extension } => {
                let room = self.users(room, users, callees)?;
                let timeout = Timeout::from_seconds(*timeout);
                Some(crate::Command::CallUserToRoom { room, callees, timeout, extension })
            }
            Command::CancelCall { room, users } => {
                let room = self.users(room, users, callees)?;
                Some(crate::Command::CancelCall { room, callees })
            }
            Command::RevokeCall { room, users } => {
                let room = self.users(room, users, callees)?;
                Some(crate::Command::RevokeCall { room, callees })
            }
            Command::AcceptCall { room, attempt } => {
                let (room, attempt) = (self.room(room)?, attempt.map(Attempt::new));
                Some(crate::Command::AcceptCall { room, attempt })
            }
            Command::RejectCall { room, attempt, reason } => {
                let (room, attempt) = (self.room(room)?, attempt.map(Attempt::new));
                Some(crate::Command::RejectCall { room, attempt, reason: *reason })
            }
        }
    }

    fn users(&mut self, room: &str, users: &[String], callees: &mut Vec<UserId>) -> Option<RoomId> {
        let room = self.room(room)?;
        if !users.iter().all(|user| is_id(user, self.limits.id_bytes)) {
            return None;
        }
        // L-03: one more than the limit is enough to refuse, and no more names are looked at.
        let mut distinct = BTreeSet::new();
        for user in users {
            if !is_within(distinct.len(), self.limits.callees) {
                break;
            }
            distinct.insert(user);
            callees.push(self.user(user)?);
        }
        Some(room)
    }
}
