//! What a switchboard remembers of a room, a user and a call.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};

use crate::{
    Actor, Attempt, CallRejectionReason, CallStatus, DeviceId, Ended, How, Role, RoomCall, RoomId,
    Tick, UserId,
};

/// An open room.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Room {
    /// The number of its opening.
    pub(super) opening: u64,
    pub(super) owner: Option<UserId>,
    pub(super) admins: BTreeSet<UserId>,
    pub(super) present: BTreeSet<UserId>,
    /// The record of each callee.
    pub(super) records: BTreeMap<UserId, Attempt>,
    /// The same records as a list.
    pub(super) list: BTreeSet<Attempt>,
    /// Live attempts among them.
    pub(super) live: u32,
    /// Kept records by the order of their endings (K-03).
    pub(super) kept: BTreeMap<u64, Attempt>,
    /// The last ending of each callee (E-18).
    pub(super) ended: BTreeMap<UserId, Remembered>,
    /// Their callees by the order of the endings.
    pub(super) ended_order: BTreeMap<u64, UserId>,
}

impl Room {
    pub(super) const EMPTY: Self = Self {
        opening: 0,
        owner: None,
        admins: BTreeSet::new(),
        present: BTreeSet::new(),
        records: BTreeMap::new(),
        list: BTreeSet::new(),
        live: 0,
        kept: BTreeMap::new(),
        ended: BTreeMap::new(),
        ended_order: BTreeMap::new(),
    };

    /// F-09
    pub(super) fn role(&self, user: UserId) -> Role {
        if self.owner == Some(user) {
            Role::Owner
        } else if self.admins.contains(&user) {
            Role::Admin
        } else {
            Role::Participant
        }
    }
}

/// An ending that is remembered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Remembered {
    pub(super) ended: Ended,
    /// Who had called: only that user is told of it by a cancel (E-14).
    pub(super) caller: UserId,
    /// The order of the ending.
    pub(super) order: u64,
}

impl Remembered {
    /// The users that it refers to.
    pub(super) fn users(&self, callee: UserId) -> impl Iterator<Item = UserId> + use<> {
        [callee, self.caller].into_iter().chain(self.ended.user)
    }
}

/// A user who is in a room, has a live attempt, or is the callee of a remembered ending.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct User {
    pub(super) rooms: BTreeSet<RoomId>,
    pub(super) live: BTreeSet<Attempt>,
    /// The remembered endings of calls to the user, and where they are remembered.
    pub(super) ended: BTreeMap<Attempt, RoomId>,
}

impl User {
    /// Whether there is nothing to say of the user.
    pub(super) fn is_idle(&self) -> bool {
        self.rooms.is_empty() && self.live.is_empty() && self.ended.is_empty()
    }
}

/// A record of a room's list.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Call {
    pub(super) room: RoomId,
    pub(super) callee: UserId,
    pub(super) caller: UserId,
    /// The device that called.
    pub(super) device: DeviceId,
    pub(super) state: CallState,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum CallState {
    Live {
        /// `None` for never (T-06).
        deadline: Option<Tick>,
        extension: Box<str>,
    },
    Kept {
        status: CallStatus,
        /// The order of its ending.
        order: u64,
    },
}

impl Call {
    pub(super) const fn is_live(&self) -> bool {
        matches!(self.state, CallState::Live { .. })
    }

    pub(super) const fn status(&self) -> CallStatus {
        match self.state {
            CallState::Live { .. } => CallStatus::Calling,
            CallState::Kept { status, .. } => status,
        }
    }

    /// The call as an event tells of it.
    pub(super) const fn told(&self, status: CallStatus) -> RoomCall {
        RoomCall { caller: self.caller, callee: self.callee, status }
    }
}

/// How a live attempt ends. It stays inside: each audience is told in its own words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    Accepted { device: DeviceId },
    Rejected { device: DeviceId, reason: CallRejectionReason },
    InOtherRoom,
    TimedOut,
    Cancelled { device: DeviceId },
    Revoked { by: Actor },
    Entered { device: DeviceId },
}

impl Ending {
    pub(super) const fn how(self) -> How {
        match self {
            Self::Accepted { .. } => How::Accepted,
            Self::Rejected { .. } => How::Rejected,
            Self::InOtherRoom => How::InOtherRoom,
            Self::TimedOut => How::TimedOut,
            Self::Cancelled { .. } => How::Cancelled,
            Self::Revoked { .. } => How::Revoked,
            Self::Entered { .. } => How::Entered,
        }
    }

    /// What the loser of a race is told of it (E-09).
    pub(super) const fn ended(self, attempt: Attempt, call: &Call) -> Ended {
        let (user, device) = match self {
            Self::Accepted { device }
            | Self::Rejected { device, .. }
            | Self::Entered { device } => (Some(call.callee), Some(device)),
            Self::InOtherRoom => (Some(call.callee), None),
            Self::TimedOut | Self::Revoked { by: Actor::Backend } => (None, None),
            Self::Cancelled { device } => (Some(call.caller), Some(device)),
            Self::Revoked { by: Actor::Device { user, device } } => (Some(user), Some(device)),
        };
        Ended { how: self.how(), attempt, user, device }
    }
}
