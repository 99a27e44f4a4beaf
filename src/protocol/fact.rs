//! Facts by name.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Actor, LimitsChange, PolicyChange};
use crate::Role;

/// A fact by name; see [`crate::Fact`].
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
pub enum Fact<S = String> {
    /// A room was opened (F-02).
    RoomOpened {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The owner's id.
        owner: S,
    },
    /// A room was dissolved (F-11).
    RoomDissolved {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// Who dissolved it; the backend if the line does not say (J-04).
        #[serde(default)]
        by: Actor<S>,
        /// Which opening of the room; the present one if the line does not say (F-14).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opening: Option<u64>,
    },
    /// A user is in a room now (F-04, F-05).
    UserEntered {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The user's id.
        #[serde(rename = "userID")]
        user: S,
        /// The id of the device, if it is known.
        #[serde(rename = "deviceID", default, skip_serializing_if = "Option::is_none")]
        device: Option<S>,
        /// The id of the session, if it is known.
        #[serde(rename = "sessionID", default, skip_serializing_if = "Option::is_none")]
        session: Option<S>,
        /// Which opening of the room; the present one if the line does not say (F-14).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opening: Option<u64>,
    },
    /// A user is no longer in a room, on that device and in that session (F-06).
    UserLeft {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The user's id.
        #[serde(rename = "userID")]
        user: S,
        /// The id of the device, if it is known.
        #[serde(rename = "deviceID", default, skip_serializing_if = "Option::is_none")]
        device: Option<S>,
        /// The id of the session, if it is known.
        #[serde(rename = "sessionID", default, skip_serializing_if = "Option::is_none")]
        session: Option<S>,
        /// Which opening of the room; the present one if the line does not say (F-14).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opening: Option<u64>,
    },
    /// Everybody who is in a room (F-15).
    PresenceListed {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// Who is there.
        present: Vec<Present<S>>,
        /// Which opening of the room; the present one if the line does not say (F-14).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opening: Option<u64>,
    },
    /// A user was put out of a room, or is not to ring for it any more (F-16).
    UserRemoved {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The user's id.
        #[serde(rename = "userID")]
        user: S,
        /// Who removed the user; the backend if the line does not say (J-04).
        #[serde(default)]
        by: Actor<S>,
        /// Which opening of the room; the present one if the line does not say (F-14).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opening: Option<u64>,
    },
    /// A user has another role in a room (F-09).
    RoleSet {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The user's id.
        #[serde(rename = "userID")]
        user: S,
        /// The role.
        role: Role,
        /// Which opening of the room; the present one if the line does not say (F-14).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opening: Option<u64>,
    },
    /// A user is to be forgotten (F-20).
    UserErased {
        /// The user's id.
        #[serde(rename = "userID")]
        user: S,
    },
    /// The policy and limits are others from now on (F-19).
    RulesChanged {
        /// What is different in the policy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        policy: Option<PolicyChange>,
        /// What is different in the limits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limits: Option<LimitsChange>,
    },
    /// The state may be older than what was told (F-18).
    Recovered {
        /// No number that was ever told is above it.
        floor: u64,
    },
}

/// One presence of a user in a room by name; see [`crate::Present`].
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `userID`")]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
pub struct Present<S = String> {
    /// The user's id.
    #[serde(rename = "userID")]
    pub user: S,
    /// The id of the device, if it is known.
    #[serde(rename = "deviceID", default, skip_serializing_if = "Option::is_none")]
    pub device: Option<S>,
    /// The id of the session, if it is known.
    #[serde(rename = "sessionID", default, skip_serializing_if = "Option::is_none")]
    pub session: Option<S>,
}

/// The facts without what they may leave out.
impl<S> Fact<S> {
    /// A room was dissolved by somebody (F-11).
    pub const fn room_dissolved(room: S, by: Actor<S>) -> Self {
        Self::RoomDissolved { room, by, opening: None }
    }

    /// A user has entered a room on a device (F-04).
    pub const fn user_entered(room: S, user: S, device: S) -> Self {
        Self::UserEntered { room, user, device: Some(device), session: None, opening: None }
    }

    /// A user has left a room on all devices (F-06).
    pub const fn user_left(room: S, user: S) -> Self {
        Self::UserLeft { room, user, device: None, session: None, opening: None }
    }

    /// A user has another role in a room (F-09).
    pub const fn role_set(room: S, user: S, role: Role) -> Self {
        Self::RoleSet { room, user, role, opening: None }
    }

    /// The id of the room that it is about; `None` if it is about all.
    pub const fn room(&self) -> Option<&S> {
        match self {
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
}
