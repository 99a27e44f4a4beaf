//! Names in and out of a switchboard (N-01 to N-03), and texts.

use super::Switchboard;
use super::state::State;
use crate::domain::id::{Attempt, DeviceId, RoomId, UserId};
use crate::domain::limits::is_id;
use crate::registry::NameError;

impl Switchboard {
    /// The extension text of a live attempt to a callee (C-11); `None` once it has ended.
    pub fn extension(&self, callee: UserId, attempt: Attempt) -> Option<&str> {
        let State { calls, names, .. } = &self.state;
        let mut live = calls.live_of(callee).filter(|_| names.users.contains(callee));
        let (_, call) = live.find(|(_, call)| call.attempt == attempt)?;
        Some(calls.extension(call))
    }

    /// The handle of a user's id, which stays until it is released as often.
    ///
    /// # Errors
    ///
    /// The id is empty or too long (L-01), or too many are interned (L-12).
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let bo = board.intern_user("bo")?;
    /// assert_eq!(board.intern_user("bo"), Ok(bo));
    /// assert_eq!(board.user_name(bo), Some("bo"));
    /// board.release_user(bo);
    /// board.release_user(bo);
    /// assert_eq!(board.user_name(bo), None);
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn intern_user(&mut self, id: &str) -> Result<UserId, NameError> {
        self.fits(id)?;
        self.state.names.users.intern(id, self.state.limits.held_names)
    }

    /// The handle of a room's id, which stays until it is released as often.
    ///
    /// # Errors
    ///
    /// As [`intern_user`](Self::intern_user).
    pub fn intern_room(&mut self, id: &str) -> Result<RoomId, NameError> {
        self.fits(id)?;
        self.state.names.rooms.intern(id, self.state.limits.held_names)
    }

    /// The handle of a device's id, which stays until it is released as often.
    ///
    /// # Errors
    ///
    /// As [`intern_user`](Self::intern_user).
    pub fn intern_device(&mut self, id: &str) -> Result<DeviceId, NameError> {
        self.fits(id)?;
        self.state.names.devices.intern(id, self.state.limits.held_names)
    }

    /// The handles of a user and a device, both or neither: what a host interns when a device
    /// connects. Each stays until it is released as often.
    ///
    /// Two calls of [`intern_user`](Self::intern_user) and [`intern_device`](Self::intern_device)
    /// leave the user interned if the second fails, and the caller has to release it.
    ///
    /// # Errors
    ///
    /// As [`intern_user`](Self::intern_user). Then nothing is interned.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Limits, NameError, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// assert_eq!(board.resolve("bo", ""), Err(NameError::BadName { limit: 64 }));
    /// assert_eq!(board.known_names(), 0);
    ///
    /// let (user, device) = board.resolve("bo", "phone")?;
    /// board.release_user(user);
    /// board.release_device(device);
    /// assert_eq!(board.known_names(), 0);
    /// # Ok::<(), NameError>(())
    /// ```
    pub fn resolve(&mut self, user: &str, device: &str) -> Result<(UserId, DeviceId), NameError> {
        let user = self.intern_user(user)?;
        match self.intern_device(device) {
            Ok(device) => Ok((user, device)),
            Err(error) => {
                self.release_user(user);
                Err(error)
            }
        }
    }

    /// Releases a user's id; nothing if the host has not interned it.
    pub fn release_user(&mut self, user: UserId) {
        self.state.names.users.release_interned(user);
    }

    /// Releases a room's id; nothing if the host has not interned it.
    pub fn release_room(&mut self, room: RoomId) {
        self.state.names.rooms.release_interned(room);
    }

    /// Releases a device's id; nothing if the host has not interned it.
    pub fn release_device(&mut self, device: DeviceId) {
        self.state.names.devices.release_interned(device);
    }

    /// The handle of a user's id that is known already.
    pub fn lookup_user(&self, id: &str) -> Option<UserId> {
        self.state.names.users.lookup(id)
    }

    /// The handle of a room's id that is known already.
    pub fn lookup_room(&self, id: &str) -> Option<RoomId> {
        self.state.names.rooms.lookup(id)
    }

    /// The handle of a device's id that is known already.
    pub fn lookup_device(&self, id: &str) -> Option<DeviceId> {
        self.state.names.devices.lookup(id)
    }

    /// The id of a user; `None` if it was evicted.
    pub fn user_name(&self, user: UserId) -> Option<&str> {
        self.state.names.users.name(user)
    }

    /// The id of a room; `None` if it was evicted.
    pub fn room_name(&self, room: RoomId) -> Option<&str> {
        self.state.names.rooms.name(room)
    }

    /// The id of a device; `None` if it was evicted.
    pub fn device_name(&self, device: DeviceId) -> Option<&str> {
        self.state.names.devices.name(device)
    }

    /// Names known, of all three kinds.
    pub fn known_names(&self) -> usize {
        let names = &self.state.names;
        names.users.len().saturating_add(names.rooms.len()).saturating_add(names.devices.len())
    }

    /// L-01
    fn fits(&self, id: &str) -> Result<(), NameError> {
        let limit = self.state.limits.id_bytes;
        if is_id(id, limit) { Ok(()) } else { Err(NameError::BadName { limit }) }
    }
}
