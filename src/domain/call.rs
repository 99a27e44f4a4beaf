//! The seed's words with the seed's numbers, and the lifecycle table.

use crate::domain::word::words;
use crate::{Attempt, DeviceId, UserId};

/// Indicates the state of an in-meeting call (seed: `CallStatus`).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum CallStatus {
    /// There is no call, or no longer one.
    None = 0,
    /// The callee's devices ring.
    Calling = 1,
    /// Nobody answered in time.
    Timeout = 2,
    /// The callee rejected it, or was in another room.
    Rejected = 3,
}

impl CallStatus {
    /// Every status, in the order of the seed's numbers.
    pub const ALL: [Self; 4] = [Self::None, Self::Calling, Self::Timeout, Self::Rejected];

    /// The lifecycle table: the status after a call of this status ends like `how`; `None` where
    /// that cannot happen, because only a call that rings can end (T-01, E-01 to E-07).
    ///
    /// ```
    /// use roomcall::{CallStatus, EndingKind};
    /// assert_eq!(CallStatus::Calling.after(EndingKind::TimedOut), Some(CallStatus::Timeout));
    /// assert_eq!(CallStatus::Timeout.after(EndingKind::Accepted), None);
    /// ```
    pub const fn after(self, how: EndingKind) -> Option<Self> {
        match (self, how) {
            (Self::None | Self::Timeout | Self::Rejected, _) => None,
            (
                Self::Calling,
                EndingKind::Accepted
                | EndingKind::Cancelled
                | EndingKind::Revoked
                | EndingKind::Entered,
            ) => Some(Self::None),
            (Self::Calling, EndingKind::Rejected | EndingKind::InOtherRoom) => Some(Self::Rejected),
            (Self::Calling, EndingKind::TimedOut) => Some(Self::Timeout),
        }
    }
}

words!(CallStatus: "none, calling, timeout, rejected or their number 0 to 3", numbered {
    None "none", Calling "calling", Timeout "timeout", Rejected "rejected",
});

/// The outcome of a call for one callee (seed: `CallResult`).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum CallResult {
    /// A new attempt was made (C-06).
    Success = 0,
    /// The user is already being called, or has accepted and is expected in the room (C-05).
    AlreadyInCalling = 1,
    /// The user is already in the room (C-04).
    AlreadyInRoom = 2,
}

impl CallResult {
    /// Every result, in the order of the seed's numbers.
    pub const ALL: [Self; 3] = [Self::Success, Self::AlreadyInCalling, Self::AlreadyInRoom];
}

words!(CallResult: "success, alreadyInCalling or alreadyInRoom", {
    Success "success", AlreadyInCalling "alreadyInCalling", AlreadyInRoom "alreadyInRoom",
});

/// The reason for rejecting a call (seed: `CallRejectionReason`).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum CallRejectionReason {
    /// The person rejected it. The seed's default.
    #[default]
    Rejected = 0,
    /// The callee is in another room.
    InOtherRoom = 1,
    /// The person is busy. The seed does not have it.
    Busy = 2,
}

impl CallRejectionReason {
    /// Every reason, in the order of the seed's numbers.
    pub const ALL: [Self; 3] = [Self::Rejected, Self::InOtherRoom, Self::Busy];
}

words!(CallRejectionReason: "rejected, inOtherRoom, busy or their number 0, 1 or 2", numbered {
    Rejected "rejected", InOtherRoom "inOtherRoom", Busy "busy",
});

/// Who called whom, and how the call stands (seed: `RoomCall`).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Serialize)]
pub struct RoomCall {
    /// The participant who called.
    pub caller: UserId,
    /// The user who is called into the room.
    pub callee: UserId,
    /// The status after what is being reported.
    pub status: CallStatus,
}

/// The seven endings of an attempt, by name only.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum EndingKind {
    /// A device of the callee accepted (E-01).
    Accepted,
    /// A device of the callee rejected (E-02).
    Rejected,
    /// The callee was in another room, or went into one (C-08, E-03).
    InOtherRoom,
    /// The deadline passed (E-04).
    TimedOut,
    /// The caller withdrew it (E-05).
    Cancelled,
    /// An owner, an admin or the backend ended it, or the room was dissolved (E-06).
    Revoked,
    /// The callee entered the room by another way (E-07).
    Entered,
}

impl EndingKind {
    /// Every ending, in the order of the rules.
    pub const ALL: [Self; 7] = [
        Self::Accepted,
        Self::Rejected,
        Self::InOtherRoom,
        Self::TimedOut,
        Self::Cancelled,
        Self::Revoked,
        Self::Entered,
    ];
}

words!(EndingKind: "accepted, rejected, inOtherRoom, timedOut, cancelled, revoked or entered", {
    Accepted "accepted",
    Rejected "rejected",
    InOtherRoom "inOtherRoom",
    TimedOut "timedOut",
    Cancelled "cancelled",
    Revoked "revoked",
    Entered "entered",
});

/// How an attempt ended and by whom: what a request that came too late is refused with (E-09).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Serialize)]
pub struct Ending {
    /// Which ending it was.
    pub how: EndingKind,
    /// Which attempt ended.
    pub attempt: Attempt,
    /// Who ended it: the callee (accepted, rejected, entered, in other room), the caller
    /// (cancelled), the operator (revoked). `None` for the clock, for the backend, and for a user who was
    /// erased since (F-20).
    pub user: Option<UserId>,
    /// On which device; `None` where no device acted, and where the asking user may not know (P-08).
    pub device: Option<DeviceId>,
}
