//! Names to handles.

use alloc::vec::Vec;

use crate::domain::id::{Attempt, DeviceId, RoomId, UserId};
use crate::domain::input::{self, Present};
use crate::domain::limits::{is_id, is_within};
use crate::domain::session::Session;
use crate::domain::time::Timeout;
use crate::protocol::{self, Actor, Command, Fact};
use crate::switchboard::state::State;

/// Names to handles, for the length of one input: all names of it, or `None` of a bad one (L-01).
/// Names are pinned until the input is done (N-02).
pub(super) struct Resolver<'a> {
    state: &'a mut State,
}

impl State {
    /// The handles of an actor whose names are known.
    pub(super) fn lookup_actor<S: AsRef<str>>(&self, by: &Actor<S>) -> Option<input::Actor> {
        match by {
            Actor::Backend => Some(input::Actor::Backend),
            Actor::Device { user, device } => Some(input::Actor::Device {
                user: self.names.users.lookup(user.as_ref())?,
                device: self.names.devices.lookup(device.as_ref())?,
            }),
        }
    }
}

impl<'a> Resolver<'a> {
    pub(super) const fn new(state: &'a mut State) -> Self {
        Self { state }
    }

    fn is_id(&self, name: &str) -> bool {
        is_id(name, self.state.limits.id_bytes)
    }

    #[inline]
    fn user(&mut self, name: &impl AsRef<str>) -> Option<UserId> {
        let name = name.as_ref();
        if self.is_id(name) { self.state.names.users.resolve(name) } else { None }
    }

    #[inline]
    pub(super) fn room(&mut self, name: &impl AsRef<str>) -> Option<RoomId> {
        let name = name.as_ref();
        if self.is_id(name) { self.state.names.rooms.resolve(name) } else { None }
    }

    #[inline]
    fn device(&mut self, name: &impl AsRef<str>) -> Option<DeviceId> {
        let name = name.as_ref();
        if self.is_id(name) { self.state.names.devices.resolve(name) } else { None }
    }

    #[inline]
    pub(super) fn actor<S: AsRef<str>>(&mut self, by: &Actor<S>) -> Option<input::Actor> {
        match by {
            Actor::Backend => Some(input::Actor::Backend),
            Actor::Device { user, device } => {
                Some(input::Actor::Device { user: self.user(user)?, device: self.device(device)? })
            }
        }
    }

    /// A session is a digest, so that no name of it is resolved; it is an id all the same.
    fn session(&self, name: &impl AsRef<str>) -> Option<Session> {
        let name = name.as_ref();
        if self.is_id(name) { Some(Session::new(name)) } else { None }
    }

    /// A presence, of which the device and the session may be unknown.
    fn present<S: AsRef<str>>(
        &mut self,
        user: &S,
        device: Option<&S>,
        session: Option<&S>,
    ) -> Option<Present> {
        let user = self.user(user)?;
        let device = match device {
            Some(device) => Some(self.device(device)?),
            None => None,
        };
        let session = match session {
            Some(session) => Some(self.session(session)?),
            None => None,
        };
        Some(Present { user, device, session })
    }

    /// A fact; those who are present are put into memory of the caller.
    pub(super) fn fact<'b, S: AsRef<str>>(
        &mut self,
        fact: &Fact<S>,
        listed: &'b mut Vec<Present>,
    ) -> Option<input::Fact<'b>> {
        Some(match fact {
            Fact::RoomOpened { room, owner } => {
                input::Fact::RoomOpened { room: self.room(room)?, owner: self.user(owner)? }
            }
            Fact::RoomDissolved { room, by, opening } => {
                // F-11: whoever it was, the room is gone.
                let by = self.actor(by).unwrap_or(input::Actor::Backend);
                input::Fact::RoomDissolved { room: self.room(room)?, by, opening: *opening }
            }
            Fact::UserEntered { room, user, device, session, opening } => {
                let (room, opening) = (self.room(room)?, *opening);
                let Present { user, device, session } =
                    self.present(user, device.as_ref(), session.as_ref())?;
                input::Fact::UserEntered { room, user, device, session, opening }
            }
            Fact::UserLeft { room, user, device, session, opening } => {
                let (room, opening) = (self.room(room)?, *opening);
                let Present { user, device, session } =
                    self.present(user, device.as_ref(), session.as_ref())?;
                input::Fact::UserLeft { room, user, device, session, opening }
            }
            Fact::PresenceListed { room, present, opening } => {
                let (room, opening) = (self.room(room)?, *opening);
                for protocol::Present { user, device, session } in present {
                    listed.push(self.present(user, device.as_ref(), session.as_ref())?);
                }
                input::Fact::PresenceListed { room, present: listed, opening }
            }
            Fact::UserRemoved { room, user, by, opening } => {
                // F-16: whoever it was, the user is removed.
                let by = self.actor(by).unwrap_or(input::Actor::Backend);
                let (room, user) = (self.room(room)?, self.user(user)?);
                input::Fact::UserRemoved { room, user, by, opening: *opening }
            }
            Fact::RoleSet { room, user, role, opening } => {
                let (room, user) = (self.room(room)?, self.user(user)?);
                input::Fact::RoleSet { room, user, role: *role, opening: *opening }
            }
            Fact::UserErased { user } => input::Fact::UserErased { user: self.user(user)? },
            Fact::RulesChanged { policy, limits } => {
                let State { policy: present, limits: now, .. } = &*self.state;
                let policy = policy.unwrap_or_default().of(*present);
                input::Fact::RulesChanged { policy, limits: limits.unwrap_or_default().of(*now) }
            }
            Fact::Recovered { floor } => input::Fact::Recovered { floor: *floor },
        })
    }

    /// Who asks, and for what; the callees are put into memory of the caller.
    #[inline]
    pub(super) fn request<'b, S: AsRef<str>>(
        &mut self,
        by: &Actor<S>,
        command: &'b Command<S>,
        callees: &'b mut Vec<UserId>,
    ) -> Option<(input::Actor, input::Command<'b>)> {
        let by = self.actor(by)?;
        let command = match command {
            Command::CallUserToRoom { room, users, timeout, extension, caller } => {
                let room = self.room(room)?;
                let caller = match caller {
                    Some(caller) => Some(self.user(caller)?),
                    None => None,
                };
                self.users(users, callees)?;
                let timeout = Timeout::from_seconds(*timeout);
                let extension = extension.as_ref();
                input::Command::CallUserToRoom { room, callees, timeout, extension, caller }
            }
            Command::CancelCall { room, users } => {
                let room = self.room(room)?;
                self.users(users, callees)?;
                input::Command::CancelCall { room, callees }
            }
            Command::RevokeCall { room, users } => {
                let room = self.room(room)?;
                self.users(users, callees)?;
                input::Command::RevokeCall { room, callees }
            }
            Command::AcceptCall { room, attempt } => {
                let room = self.room(room)?;
                input::Command::AcceptCall { room, attempt: attempt.map(Attempt::new) }
            }
            Command::RejectCall { room, attempt, reason } => {
                let room = self.room(room)?;
                let attempt = attempt.map(Attempt::new);
                input::Command::RejectCall { room, attempt, reason: *reason }
            }
            Command::RevokeUserCalls { user, which } => {
                input::Command::RevokeUserCalls { user: self.user(user)?, which: *which }
            }
            Command::MarkCallsSeen { up_to } => input::Command::MarkCallsSeen { up_to: *up_to },
            Command::Ringing { attempt } => {
                input::Command::Ringing { attempt: Attempt::new(*attempt) }
            }
        };
        Some((by, command))
    }

    #[inline]
    fn users(&mut self, users: &[impl AsRef<str>], callees: &mut Vec<UserId>) -> Option<()> {
        if !is_within(users.len(), self.state.limits.callees) {
            return self.too_many_users(users, callees);
        }
        for user in users {
            callees.push(self.user(user)?);
        }
        Some(())
    }

    /// L-03: one more distinct user than the limit is enough to refuse, and no more names are resolved.
    #[cold]
    fn too_many_users(
        &mut self,
        users: &[impl AsRef<str>],
        callees: &mut Vec<UserId>,
    ) -> Option<()> {
        if !users.iter().all(|user| self.is_id(user.as_ref())) {
            return None;
        }
        for user in users {
            let user = self.user(user)?;
            if let Err(place) = callees.binary_search(&user) {
                callees.insert(place, user);
            }
            if !is_within(callees.len(), self.state.limits.callees) {
                return Some(());
            }
        }
        // Few enough once each: all of them are known now, in the order of their handles.
        callees.clear();
        for user in users {
            callees.push(self.state.names.users.lookup(user.as_ref())?);
        }
        Some(())
    }
}
