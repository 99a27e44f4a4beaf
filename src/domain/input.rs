//! The inputs of a switchboard, in handles. The same inputs by name are in [`protocol`](crate::protocol).

use crate::domain::word::words;
use crate::{
    Attempt, CallRejectionReason, DeviceId, Limits, Policy, RoomId, Session, Timeout, UserId,
};

/// One input. It carries no time of its own: `at` is an argument of
/// [`Switchboard::apply`](crate::switchboard::Switchboard::apply).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Input<'a> {
    /// Nothing but time (T-08).
    Tick,
    /// Something that already happened; it cannot be refused (F-01).
    Fact(Fact<'a>),
    /// A request, which can be refused.
    Ask {
        /// Who asks.
        by: Actor,
        /// The number that the device gave the request, so that it can be sent again (X-01);
        /// `None` is not remembered, and neither is a request with a handle that stands for no name
        /// (X-05).
        request_id: Option<u64>,
        /// For what.
        command: Command<'a>,
    },
}

/// Something that already happened outside. It cannot be refused; one that means nothing is
/// ignored, by rule (F-01).
///
/// All that happen in a room that is open may name the opening that they are about: one that is about
/// another is ignored (F-14). [`Switchboard::opening`](crate::switchboard::Switchboard::opening) says
/// which is the present one.
///
/// ```
/// use roomcall::switchboard::Switchboard;
/// use roomcall::{Answer, Fact, Input, Limits, Policy, Rule, Session, Tick};
///
/// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
/// let (bo, room) = (board.intern_user("bo")?, board.intern_room("standup")?);
/// let phone = board.intern_device("phone")?;
/// let mut state = |fact| board.apply(Tick::START, Input::Fact(fact)).answer;
///
/// let (before, now) = (Some(Session::new("4f1c")), Some(Session::new("88d0")));
/// let entered = |session| Fact::UserEntered { room, user: bo, device: Some(phone), session, opening: None };
/// let left = |session| Fact::UserLeft { room, user: bo, device: Some(phone), session, opening: None };
/// assert_eq!(state(Fact::RoomOpened { room, owner: bo }), Ok(Answer::Applied));
/// assert_eq!(state(entered(before)), Ok(Answer::Applied));
/// assert_eq!(state(entered(now)), Ok(Answer::Applied), "the phone has connected again");
/// // That the first connection is gone comes late, and twice. Bo stays in the room.
/// assert_eq!(state(left(before)), Ok(Answer::Ignored(Rule::F06)));
/// assert_eq!(state(entered(before)), Ok(Answer::Ignored(Rule::F13)));
/// assert!(board.is_inside(room, bo));
/// # Ok::<(), roomcall::NameError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fact<'a> {
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
        /// Which opening of it; `None` is the present one (F-14).
        opening: Option<u64>,
    },
    /// A user is in a room now (F-04, F-05).
    UserEntered {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
        /// On which device, if that is known.
        device: Option<DeviceId>,
        /// In which session, if that is known.
        session: Option<Session>,
        /// Which opening of the room; `None` is the present one (F-14).
        opening: Option<u64>,
    },
    /// A user is no longer in a room (F-06).
    UserLeft {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
        /// On which device; `None` is any.
        device: Option<DeviceId>,
        /// In which session; `None` is any.
        session: Option<Session>,
        /// Which opening of the room; `None` is the present one (F-14).
        opening: Option<u64>,
    },
    /// Everybody who is in a room (F-15).
    PresenceListed {
        /// Which room.
        room: RoomId,
        /// Who is there; a user once for each presence.
        present: &'a [Present],
        /// Which opening of the room; `None` is the present one (F-14).
        opening: Option<u64>,
    },
    /// A user was put out of a room, or is not to ring for it any more (F-16).
    UserRemoved {
        /// Which room.
        room: RoomId,
        /// Who was removed.
        user: UserId,
        /// By whom.
        by: Actor,
        /// Which opening of the room; `None` is the present one (F-14).
        opening: Option<u64>,
    },
    /// A user has another role in a room (F-09).
    RoleSet {
        /// Which room.
        room: RoomId,
        /// Whose role.
        user: UserId,
        /// The role.
        role: Role,
        /// Which opening of the room; `None` is the present one (F-14).
        opening: Option<u64>,
    },
    /// A user is to be forgotten, with everything that names the user (F-20). It takes time for all that
    /// is remembered.
    UserErased {
        /// Who.
        user: UserId,
    },
    /// The policy and limits are others from now on (F-19). A host that changes a part of them takes
    /// the rest from [`Switchboard::policy`](crate::switchboard::Switchboard::policy) and
    /// [`Switchboard::limits`](crate::switchboard::Switchboard::limits).
    RulesChanged {
        /// The whole policy.
        policy: Policy,
        /// All limits.
        limits: Limits,
    },
    /// The state may be older than what was told: it was made anew, or is a backup (F-18).
    Recovered {
        /// No number that was ever told is above it: by convention the Unix time in milliseconds,
        /// times 2^10.
        floor: u64,
    },
}

/// One presence of a user in a room (F-04, F-15).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Present {
    /// Who.
    pub user: UserId,
    /// On which device, if that is known.
    pub device: Option<DeviceId>,
    /// In which session, if that is known.
    pub session: Option<Session>,
}

/// The facts without what they may leave out.
impl Fact<'_> {
    /// A room was dissolved by somebody (F-11).
    pub const fn room_dissolved(room: RoomId, by: Actor) -> Self {
        Self::RoomDissolved { room, by, opening: None }
    }

    /// A user has entered a room on a device (F-04).
    pub const fn user_entered(room: RoomId, user: UserId, device: DeviceId) -> Self {
        Self::UserEntered { room, user, device: Some(device), session: None, opening: None }
    }

    /// A user has left a room on all devices (F-06).
    pub const fn user_left(room: RoomId, user: UserId) -> Self {
        Self::UserLeft { room, user, device: None, session: None, opening: None }
    }

    /// A user has another role in a room (F-09).
    pub const fn role_set(room: RoomId, user: UserId, role: Role) -> Self {
        Self::RoleSet { room, user, role, opening: None }
    }

    /// The room that it is about; `None` if it is about all.
    pub const fn room(&self) -> Option<RoomId> {
        match *self {
            Self::RoomOpened { room, .. }
            | Self::RoomDissolved { room, .. }
            | Self::UserEntered { room, .. }
            | Self::UserLeft { room, .. }
            | Self::PresenceListed { room, .. }
            | Self::UserRemoved { room, .. }
            | Self::RoleSet { room, .. } => Some(room),
            Self::UserErased { .. } | Self::RulesChanged { .. } | Self::Recovered { .. } => None,
        }
    }

    /// The opening that it names (F-14).
    pub(crate) const fn opening(&self) -> Option<u64> {
        match *self {
            Self::RoomOpened { .. }
            | Self::UserErased { .. }
            | Self::RulesChanged { .. }
            | Self::Recovered { .. } => None,
            Self::RoomDissolved { opening, .. }
            | Self::UserEntered { opening, .. }
            | Self::UserLeft { opening, .. }
            | Self::PresenceListed { opening, .. }
            | Self::UserRemoved { opening, .. }
            | Self::RoleSet { opening, .. } => opening,
        }
    }
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
    /// The entries of the asking user's call log were seen (H-04).
    MarkCallsSeen {
        /// Up to this number; one above them all means all.
        up_to: u64,
    },
    /// The asking device shows a call to its user (C-14). It is never refused for what it names, and
    /// not remembered: a number that comes with it is passed back.
    Ringing {
        /// Which attempt.
        attempt: Attempt,
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
