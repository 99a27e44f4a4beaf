//! The three kinds of names, and how much room to make for them.

use crate::names::Names;
use crate::store::HashKey;

use super::state::{Device, Room, User};

/// How much a new switchboard has memory for. More may come: it grows then.
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

/// Names of up to so many bytes lie beside what is known of whom they stand for.
const USER_BYTES: usize = 18;
const ROOM_BYTES: usize = 22;
const DEVICE_BYTES: usize = 18;

/// The three kinds of names.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Directory {
    pub(crate) users: Names<User, USER_BYTES>,
    pub(crate) rooms: Names<Room, ROOM_BYTES>,
    pub(crate) devices: Names<Device, DEVICE_BYTES>,
}

impl Directory {
    pub(super) fn sized(key: HashKey, capacity: &Capacity) -> Self {
        Self {
            users: Names::sized(key, capacity.users),
            rooms: Names::sized(key, capacity.rooms),
            devices: Names::sized(key, capacity.devices),
        }
    }

    /// Whether there is no name of an input to let go.
    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.users.is_settled() && self.rooms.is_settled() && self.devices.is_settled()
    }

    pub(crate) fn settle(&mut self) {
        self.users.settle();
        self.rooms.settle();
        self.devices.settle();
    }

    #[inline(always)]
    pub(super) fn turn(&mut self) {
        self.users.turn();
        self.rooms.turn();
        self.devices.turn();
    }

    pub(super) fn agree(&self) -> bool {
        self.users.agree() && self.rooms.agree() && self.devices.agree()
    }
}
