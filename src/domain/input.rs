//! The inputs of a switchboard, in handles. The same inputs by name are in [`protocol`](crate::protocol).

use crate::domain::word::words;
use crate::{Attempt, CallRejectionReason, DeviceId, RoomId, Timeout, UserId};

/// One input. It carries no time of its own: `at` is an argument of
/// [`Switchboard::apply`](crate::switchboard::Switchboard::apply).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Input<'a> {
    /// Nothing but time (T-08).
    Tick,
    /// Something that already happened; it cannot be refused (F-01).
    Fact(Fact),
    /// A request, which can be refused.
    Ask {
        /// Who asks.
        by: Actor,
        /// The number that the device gave the request, so that it can be sent again;
        /// `None` is not remembered, and neither is a request with a handle that stands for no name
        ///
        request_id: Option<u64>,
        /// For what.
        command: Command<'a>,
    },
}

/// Something that already happened outside. It cannot be refused; one that means nothing is
/// ignored, by rule (F-01).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fact {
    /// A room was opened (F-02).
    RoomOpened {
        /// Which room.
        room: RoomId,
        /// Its owner, who is not in it before having entered.
        owner: UserId,
    },
    /// A room was dissolved (F-11).
    RoomDissolved {
        /// Which room.
        room: RoomId,
        /// Who dissolved it.
        by: Actor,
    },
    /// A user is in a room now (F-04).
    UserEntered {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
        /// On which device.
        device: DeviceId,
    },
    /// A user is no longer in a room, on any device (F-06).
    UserLeft {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
    },
    /// A user has another role in a room (F-09).
    RoleSet {
        /// Which room.
        room: RoomId,
        /// Whose role.
        user: UserId,
        /// The role.
        role: Role,
    },
}

/// A role in a room. Everybody who has no other is a participant.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// The owner: at most one a room.
    Owner,
    /// An admin.
    Admin,
    /// An ordinary participant.
    Participant,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Admin, Self::Participant];
}

words!(Role: "owner, admin or participant", {
    Owner "owner", Admin "admin", Participant "participant",
});

/// Who acts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Actor {
    /// A user, on one device.
    Device {
        /// The user.
        user: UserId,
        /// The device.
        device: DeviceId,
    },
    /// The application's own backend. It is in no room (P-04).
    Backend,
}

/// What can be asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Command<'a> {
    /// Call users into a room (seed: `callUserToRoom`; C-01 to C-13).
    CallUserToRoom {
        /// The room that the call is for.
        room: RoomId,
        /// Whom to call; a user named twice counts once (C-03).
        callees: &'a [UserId],
        /// How long to ring.
        timeout: Timeout,
        /// Opaque text for the callee, empty for none (C-11).
        extension: &'a str,
        /// On whose behalf the backend calls; `None` if the asking user does (P-10, P-11).
        caller: Option<UserId>,
    },
    /// Withdraw one's own calls (seed: `cancelCall`; E-05).
    CancelCall {
        /// Calls of which room.
        room: RoomId,
        /// Calls to whom.
        callees: &'a [UserId],
    },
    /// End anybody's calls, as owner, admin or backend (E-06).
    RevokeCall {
        /// Calls of which room.
        room: RoomId,
        /// Calls to whom.
        callees: &'a [UserId],
    },
    /// Accept a call (seed: `acceptCall`; E-01). It does not enter the room (E-16).
    AcceptCall {
        /// The call into which room.
        room: RoomId,
        /// Which attempt; `None` means the live one (E-11).
        attempt: Option<Attempt>,
    },
    /// Reject a call (seed: `rejectCall`; E-02).
    RejectCall {
        /// The call into which room.
        room: RoomId,
        /// Which attempt; `None` means the live one (E-11).
        attempt: Option<Attempt>,
        /// Why.
        reason: CallRejectionReason,
    },
    /// End the calls of a user in whatever room, as the backend (E-19).
    RevokeUserCalls {
        /// Whose calls.
        user: UserId,
        /// Which of them.
        which: Which,
    },
}

/// Which calls of a user (E-19).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Which {
    /// Those to the user.
    To,
    /// Those that the user made.
    By,
    /// Both.
    Both,
}

impl Which {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::To, Self::By, Self::Both];
}

words!(Which: "to, by or both", { To "to", By "by", Both "both" });
