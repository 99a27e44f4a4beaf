//! Names to handles.

use alloc::string::String;
use alloc::vec::Vec;

use crate::names::Found;
use crate::protocol::{Actor, Command, Fact};
use crate::switchboard::{Directory, is_id, is_within};
use crate::{Attempt, DeviceId, Input, Limits, RoomId, Timeout, UserId};

/// Names to handles, for the length of one input (N-02). `None` is a bad name (L-01).
pub(super) struct Resolver<'a, F> {
    pub(super) names: &'a mut Directory,
    pub(super) limits: &'a Limits,
    /// What was found of the names when the input was read ahead, in their order.
    pub(super) found: F,
}

impl<F: Iterator<Item = Found>> Resolver<'_, F> {
    #[inline(always)]
    fn user(&mut self, id: &str) -> Option<UserId> {
        let found = self.found(id)?;
        self.names.users.borrow(id, found).map(UserId)
    }

    #[inline(always)]
    pub(super) fn room(&mut self, id: &str) -> Option<RoomId> {
        let found = self.found(id)?;
        self.names.rooms.borrow(id, found).map(RoomId)
    }

    #[inline(always)]
    fn device(&mut self, id: &str) -> Option<DeviceId> {
        let found = self.found(id)?;
        self.names.devices.borrow(id, found).map(DeviceId)
    }

    /// What was found of a name; `None` if it is a bad one.
    #[inline]
    fn found(&mut self, id: &str) -> Option<Found> {
        let found = self.found.next().flatten();
        is_id(id, self.limits.id_bytes).then_some(found)
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

    #[inline]
    pub(super) fn ask<'a>(
        &mut self,
        by: &Actor,
        command: &'a Command,
        callees: &'a mut Vec<UserId>,
    ) -> Option<Input<'a>> {
        // What `actor` does, without its `Option`, which would be taken apart again.
        let by = match by {
            Actor::Backend => crate::Actor::Backend,
            Actor::Device { user, device } => {
                crate::Actor::Device { user: self.user(user)?, device: self.device(device)? }
            }
        };
        let command = self.command(command, callees)?;
        Some(Input::Ask { by, command })
    }

    #[inline]
    fn command<'a>(
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

    #[inline]
    fn users(&mut self, room: &str, users: &[String], callees: &mut Vec<UserId>) -> Option<RoomId> {
        let room = self.room(room)?;
        if !is_within(users.len(), self.limits.callees) {
            return self.some_users(users, callees).map(|()| room);
        }
        for user in users {
            callees.push(self.user(user)?);
        }
        Some(room)
    }

    /// L-03: one more than the limit is enough to refuse, and no more names are looked at.
    #[cold]
    fn some_users(&mut self, users: &[String], callees: &mut Vec<UserId>) -> Option<()> {
        if !users.iter().all(|user| is_id(user, self.limits.id_bytes)) {
            return None;
        }
        for user in users {
            let user = self.user(user)?;
            if let Err(place) = callees.binary_search(&user) {
                callees.insert(place, user);
            }
            if !is_within(callees.len(), self.limits.callees) {
                return Some(());
            }
        }
        // Few enough once each: all of them are known now, in the order of their handles.
        callees.clear();
        for user in users {
            callees.push(self.names.users.find(user).map(UserId)?);
        }
        Some(())
    }
}
