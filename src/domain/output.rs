//! The outputs of a switchboard, in handles. Effects are small `Copy` values: names are looked up and
//! JSON is made outside the transition.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::word::Words;
use crate::{
    Attempt, CallRejectionReason, CallResult, DeviceId, EndingKind, RoomCall, RoomId, Rule, UserId,
};

/// What became of an input that was not refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Answer {
    /// A tick, or a fact that was applied.
    Applied,
    /// A fact that changed nothing, and the rule why.
    Ignored(Rule),
    /// `callUserToRoom` was judged; the results are in [`Outcome::called`](crate::Outcome::called).
    Called,
    /// `cancelCall` or `revokeCall` was judged; the results are in [`Outcome::withdrawn`](crate::Outcome::withdrawn).
    Withdrawn,
    /// `revokeUserCalls` was judged; its attempts are in [`Outcome::withdrawn`](crate::Outcome::withdrawn)
    /// (E-19).
    UserCallsRevoked {
        /// Whether the user has further ones.
        more: bool,
    },
    /// This device's accept stands (E-01).
    Accepted {
        /// The attempt that it accepted.
        attempt: Attempt,
        /// Whether this answer was given before, and nothing happened now (E-08).
        duplicate: Duplicate,
    },
    /// This device's reject stands (E-02).
    Rejected {
        /// The attempt that it rejected.
        attempt: Attempt,
        /// Whether this answer was given before, and nothing happened now (E-08).
        duplicate: Duplicate,
    },
    /// Entries of the call log were marked as seen (H-04).
    CallsSeen {
        /// The mark after it.
        seen: u64,
    },
    /// A device shows a call (C-14).
    Ringing {
        /// The attempt.
        attempt: Attempt,
        /// Whether it is a live attempt to the asking user, which has rung then.
        rung: bool,
    },
}

impl Answer {
    /// The rule by which the input changed nothing, if it did not (F-01, E-08).
    pub(crate) const fn unchanged(self) -> Option<Rule> {
        match self {
            Self::Ignored(rule) => Some(rule),
            Self::Accepted { duplicate, .. } | Self::Rejected { duplicate, .. } => {
                match duplicate {
                    Duplicate::Yes => Some(Rule::E08),
                    Duplicate::No => None,
                }
            }
            Self::Applied
            | Self::Called
            | Self::Withdrawn
            | Self::UserCallsRevoked { .. }
            | Self::CallsSeen { .. }
            | Self::Ringing { .. } => None,
        }
    }
}

/// Whether the same device gave the same answer to the same attempt before (E-08).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Duplicate {
    /// It decided the attempt now.
    No,
    /// It had decided the attempt before; nothing changed.
    Yes,
}

/// What became of one callee of a `cancelCall` or `revokeCall`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WithdrawResult {
    /// The caller's cancel ended the attempt (E-05).
    Cancelled,
    /// The operator's revoke ended the attempt (E-06).
    Revoked,
    /// There is nothing to withdraw (E-12).
    NotCalling,
    /// Somebody else called this user (E-13).
    NotYours,
    /// The attempt had already ended, like this (E-14).
    Already(EndingKind),
}

impl WithdrawResult {
    /// The rule behind the result.
    pub const fn rule(self) -> Rule {
        match self {
            Self::Cancelled => Rule::E05,
            Self::Revoked => Rule::E06,
            Self::NotCalling => Rule::E12,
            Self::NotYours => Rule::E13,
            Self::Already(_) => Rule::E14,
        }
    }
}

impl WithdrawResult {
    /// One value for each word.
    const WORDS: &'static [(&'static str, Self)] = &[
        ("cancelled", Self::Cancelled),
        ("revoked", Self::Revoked),
        ("notCalling", Self::NotCalling),
        ("notYours", Self::NotYours),
        ("alreadyAccepted", Self::Already(EndingKind::Accepted)),
        ("alreadyRejected", Self::Already(EndingKind::Rejected)),
        ("alreadyTimedOut", Self::Already(EndingKind::TimedOut)),
        ("alreadyCancelled", Self::Already(EndingKind::Cancelled)),
        ("alreadyRevoked", Self::Already(EndingKind::Revoked)),
    ];

    /// The word of the wire form. Two endings have the word of another (E-14).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
            Self::NotCalling => "notCalling",
            Self::NotYours => "notYours",
            Self::Already(EndingKind::Accepted | EndingKind::Entered) => "alreadyAccepted",
            Self::Already(EndingKind::Rejected | EndingKind::InOtherRoom) => "alreadyRejected",
            Self::Already(EndingKind::TimedOut) => "alreadyTimedOut",
            Self::Already(EndingKind::Cancelled) => "alreadyCancelled",
            Self::Already(EndingKind::Revoked) => "alreadyRevoked",
        }
    }

    /// The value that its word names (E-14): what is read is what was written.
    pub(crate) const fn told(self) -> Self {
        match self {
            Self::Already(EndingKind::Entered) => Self::Already(EndingKind::Accepted),
            Self::Already(EndingKind::InOtherRoom) => Self::Already(EndingKind::Rejected),
            Self::Cancelled
            | Self::Revoked
            | Self::NotCalling
            | Self::NotYours
            | Self::Already(
                EndingKind::Accepted
                | EndingKind::Rejected
                | EndingKind::TimedOut
                | EndingKind::Cancelled
                | EndingKind::Revoked,
            ) => self,
        }
    }
}

impl Serialize for WithdrawResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for WithdrawResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "cancelled, revoked, notCalling, notYours, alreadyAccepted, \
                        alreadyRejected, alreadyTimedOut, alreadyCancelled or alreadyRevoked";
        Words { words: Self::WORDS, are_numbered: false, expected }.read(deserializer)
    }
}

impl CallResult {
    /// The rule behind the result.
    pub const fn rule(self) -> Rule {
        match self {
            Self::Success => Rule::C06,
            Self::AlreadyInCalling => Rule::C05,
            Self::AlreadyInRoom => Rule::C04,
        }
    }
}

/// Of whom the records of a page are, if not of everybody who is called into the room.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Scope {
    /// Of the asking user, who is not in the room.
    Own,
}

/// How far a user's call log goes.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogState {
    /// The number of the newest entry, 0 if there is none.
    pub last_logged: u64,
    /// Up to which entry the user has seen them (H-04).
    pub seen: u64,
}

/// What became of one callee of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CalleeResult<R> {
    /// The callee. Where a cancel or a revoke by name names somebody of whom nothing is known, and
    /// where a `revokeUserCalls` is repeated, the handle stands for no name.
    pub callee: UserId,
    /// The result.
    pub result: R,
    /// The attempt that it is about: the one that was made or ended, or had ended.
    pub attempt: Option<Attempt>,
}

/// One thing to notify one audience of.
///
/// Its `serde` form is for logs: handles mean nothing elsewhere. What crosses the wire is [`protocol::Effect`](crate::protocol::Effect).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// Whom to notify. The host, which has the connections, resolves it to devices.
    pub to: Audience,
    /// Of which room.
    pub room: RoomId,
    /// Of which attempt.
    pub attempt: Attempt,
    /// The call, with its status after what happened.
    pub call: RoomCall,
    /// What happened.
    pub event: Event,
    /// By which rule.
    pub because: Rule,
}

impl Effect {
    /// Whether a push is to wake the devices of the callee that are not connected: a new attempt
    /// rings (C-01).
    pub const fn wakes(&self) -> bool {
        matches!(self.event, Event::CallReceived { .. })
    }
}

/// Whom to notify (O-02).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Audience {
    /// All signed-in devices of a user.
    User(UserId),
    /// One device of a user.
    Device {
        /// The user.
        user: UserId,
        /// The device.
        device: DeviceId,
    },
    /// All signed-in devices of a user but one.
    OtherDevices {
        /// The user.
        user: UserId,
        /// The device that is not notified: it acted.
        than: DeviceId,
    },
    /// All devices of everyone in the room.
    Room(RoomId),
}

/// What happened to a call, worded for its audience.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// Ring (seed: `onCallReceived`). The extension text is at
    /// [`Switchboard::extension`](crate::switchboard::Switchboard::extension) while the attempt is live.
    CallReceived {
        /// Milliseconds until the deadline; `None` for never. A length, never a point (T-10).
        time_left: Option<u64>,
    },
    /// The caller withdrew the call, or left (seed: `onCallCancelled`); told to the callee and to the
    /// caller's other devices (E-05).
    CallCancelled,
    /// An owner, an admin or the backend ended the call (seed: `onCallRevokedByAdmin`).
    CallRevokedByAdmin {
        /// Who did.
        operator: Operator,
    },
    /// Nobody answered in time (seed: `onCallTimeout`).
    CallTimeout,
    /// A device of the callee shows the call, the first one to say so: told to the caller (C-14, P-06).
    CallRinging,
    /// The callee accepted, or entered the room (seed: `onCallAccepted`).
    CallAccepted,
    /// The callee accepted, and did not enter the room in time: told to the caller and the room. It ends
    /// nothing, and the callee may still come (E-21).
    CallNotJoined,
    /// The callee rejected, or is in another room (seed: `onCallRejected`).
    CallRejected {
        /// Which of the two.
        reason: CallRejectionReason,
    },
    /// Stop ringing: it was decided elsewhere (seed: `onCallHandledByOtherDevice`).
    CallHandledByOtherDevice {
        /// Whether the callee comes.
        is_accepted: bool,
        /// The device that decided; `None` if the switchboard did (E-03).
        device: Option<DeviceId>,
    },
    /// The entry of the room's pending list is new or has another status.
    PendingCallChanged,
    /// The entry has left the room's pending list.
    PendingCallRemoved,
    /// Another device of the user has seen the entries of the call log up to this one (H-04). The
    /// effect is about that entry: its room, its caller, and its attempt, which is 0 of a refused try.
    CallsSeen {
        /// The number of the entry.
        up_to: u64,
    },
}

/// Who ended a call by force. The operator's device is not disclosed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Operator {
    /// A user.
    User(UserId),
    /// The application's own backend.
    Backend,
}
