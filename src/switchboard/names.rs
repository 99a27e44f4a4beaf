//! Names in and out of a switchboard (N-01 to N-03), and texts.

use super::state::Call;
use super::{Switchboard, is_id};
use crate::{Attempt, DeviceId, NameError, RoomId, UserId};

impl Switchboard {
    /// The extension text of a live attempt to a callee (C-11); `None` once it has ended.
    pub fn extension(&self, callee: UserId, attempt: Attempt) -> Option<&str> {
        let live = self.names.users.get(callee.0)?.state.live;
        let mut walk = live.iter(&self.calls.arena, Call::TO_CALLEE);
        let (_, call) = walk.find(|(_, call)| call.number() == attempt)?;
        Some(self.texts.get(call.extension))
    }

    /// The handle of a user's id, which is remembered until it is released as often.
    ///
    /// # Errors
    ///
    /// The id is empty or too long (L-01), or too many are held (L-12).
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
        self.names.users.hold(id, self.limits.held_names).map(UserId)
    }

    /// The handle of a room's id, which is remembered until it is released as often.
    ///
    /// # Errors
    ///
    /// As [`intern_user`](Self::intern_user).
    pub fn intern_room(&mut self, id: &str) -> Result<RoomId, NameError> {
        self.fits(id)?;
        self.names.rooms.hold(id, self.limits.held_names).map(RoomId)
    }

    /// The handle of a device's id, which is remembered until it is released as often.
    ///
    /// # Errors
    ///
    /// As [`intern_user`](Self::intern_user).
    pub fn intern_device(&mut self, id: &str) -> Result<DeviceId, NameError> {
        self.fits(id)?;
        self.names.devices.hold(id, self.limits.held_names).map(DeviceId)
    }

    /// Lets a user's id go; nothing if the host does not hold it.
    pub fn release_user(&mut self, user: UserId) {
        self.names.users.let_go(user.0);
    }

    /// Lets a room's id go; nothing if the host does not hold it.
    pub fn release_room(&mut self, room: RoomId) {
        self.names.rooms.let_go(room.0);
    }

    /// Lets a device's id go; nothing if the host does not hold it.
    pub fn release_device(&mut self, device: DeviceId) {
        self.names.devices.let_go(device.0);
    }

    /// The handle of a user's id that is known already.
    pub fn lookup_user(&self, id: &str) -> Option<UserId> {
        self.names.users.find(id).map(UserId)
    }

    /// The handle of a room's id that is known already.
    pub fn lookup_room(&self, id: &str) -> Option<RoomId> {
        self.names.rooms.find(id).map(RoomId)
    }

    /// The handle of a device's id that is known already.
    pub fn lookup_device(&self, id: &str) -> Option<DeviceId> {
        self.names.devices.find(id).map(DeviceId)
    }

    /// The id of a user; `None` if it was forgotten.
    pub fn user_name(&self, user: UserId) -> Option<&str> {
        self.names.users.name(user.0)
    }

    /// The id of a room; `None` if it was forgotten.
    pub fn room_name(&self, room: RoomId) -> Option<&str> {
        self.names.rooms.name(room.0)
    }

    /// The id of a device; `None` if it was forgotten.
    pub fn device_name(&self, device: DeviceId) -> Option<&str> {
        self.names.devices.name(device.0)
    }

    /// Names known, of all three kinds.
    pub fn known_names(&self) -> usize {
        let names = &self.names;
        names.users.len().saturating_add(names.rooms.len()).saturating_add(names.devices.len())
    }

    /// L-01
    fn fits(&self, id: &str) -> Result<(), NameError> {
        let limit = self.limits.id_bytes;
        if is_id(id, limit) { Ok(()) } else { Err(NameError::BadName { limit }) }
    }
}
