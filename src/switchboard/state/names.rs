//! The three kinds of names.

use crate::domain::id::{DeviceId, RoomId, UserId};
use crate::registry::{HashKey, Registry};

/// How much a new switchboard reserves memory for. It grows beyond that as it has to; only growing
/// can make an input slow, because a table that is full is rehashed at once.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Capacity {
    /// Users whose names are known.
    pub users: u32,
    /// Rooms whose names are known.
    pub rooms: u32,
    /// Devices whose names are known.
    pub devices: u32,
    /// Calls that ring, are kept, or whose ending is remembered.
    pub calls: u32,
}

/// The names that the state and the host refer to. Devices are named together with their user: two
/// users may both have a `phone`.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) users: Registry<UserId>,
    pub(crate) rooms: Registry<RoomId>,
    pub(crate) devices: Registry<DeviceId>,
}

impl Names {
    pub(super) fn with_capacity(key: HashKey, capacity: &Capacity) -> Self {
        Self {
            users: Registry::with_capacity(key, capacity.users),
            rooms: Registry::with_capacity(key, capacity.rooms),
            devices: Registry::with_capacity(key, capacity.devices),
        }
    }

    /// Releases the names of the current input (N-02).
    #[inline]
    pub(crate) fn unpin(&mut self) {
        self.users.unpin();
        self.rooms.unpin();
        self.devices.unpin();
    }

    /// The state has changed (N-03).
    #[inline(always)]
    pub(crate) fn sweep(&mut self) {
        if self.users.has_waiting() | self.rooms.has_waiting() | self.devices.has_waiting() {
            self.sweep_some();
        }
    }

    #[inline(never)]
    fn sweep_some(&mut self) {
        self.users.sweep();
        self.rooms.sweep();
        self.devices.sweep();
    }
}
