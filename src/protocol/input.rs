//! Inputs by name.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "serde")]
use serde::{Deserialize, Deserializer, Serialize};

use crate::{CallRejectionReason, CallStatus, Role};

/// One line of a journal after the header: an input and when it reached the switchboard.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Record {
    /// When, in milliseconds.
    pub at: u64,
    /// The number that the device gave the request. A fact or a tick has none: one that is
    /// there is not looked at.
    pub request_id: Option<u64>,
    /// What.
    pub input: Input,
}

/// The four kinds of input.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Input {
    /// Nothing but time.
    Tick,
    /// Something that already happened.
    Fact(Fact),
    /// A request.
    Ask {
        /// Who asks.
        by: Actor,
        /// For what.
        command: Command,
    },
    /// A question.
    Query {
        /// Who asks.
        by: Actor,
        /// What.
        query: Query,
    },
}

/// Who acts: `"backend"` or `{"user":..,"device":..}`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Actor {
    /// A user on one device.
    Device {
        /// The user's id.
        user: String,
        /// The device's id.
        device: String,
    },
    /// The application's own backend.
    Backend,
}

/// A fact by name; see [`crate::Fact`].
#[allow(missing_docs, reason = "the fields are those of `crate::Fact`, by name")]
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(Deserialize, Serialize),
    serde(rename_all = "camelCase", deny_unknown_fields)
)]
pub enum Fact {
    RoomOpened {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        owner: String,
    },
    RoomDissolved {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        #[cfg_attr(feature = "serde", serde(default))]
        by: Actor,
    },
    UserEntered {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        #[cfg_attr(feature = "serde", serde(rename = "userID"))]
        user: String,
        #[cfg_attr(feature = "serde", serde(rename = "deviceID"))]
        device: String,
    },
    UserLeft {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        #[cfg_attr(feature = "serde", serde(rename = "userID"))]
        user: String,
    },
    RoleSet {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        #[cfg_attr(feature = "serde", serde(rename = "userID"))]
        user: String,
        role: Role,
    },
}

/// A command by name; see [`crate::Command`].
#[allow(missing_docs, reason = "the fields are those of `crate::Command`, by name")]
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(Deserialize, Serialize),
    serde(rename_all = "camelCase", deny_unknown_fields)
)]
pub enum Command {
    CallUserToRoom {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        #[cfg_attr(feature = "serde", serde(rename = "userIDList", alias = "userIdList"))]
        users: Vec<String>,
        /// Whole seconds, 0 for never.
        timeout: u32,
        #[cfg_attr(
            feature = "serde",
            serde(rename = "extensionInfo", default, deserialize_with = "null_is_empty")
        )]
        extension: String,
    },
    CancelCall {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        #[cfg_attr(feature = "serde", serde(rename = "userIDList", alias = "userIdList"))]
        users: Vec<String>,
    },
    RevokeCall {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        #[cfg_attr(feature = "serde", serde(rename = "userIDList", alias = "userIdList"))]
        users: Vec<String>,
    },
    AcceptCall {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        attempt: Option<u64>,
    },
    RejectCall {
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        attempt: Option<u64>,
        #[cfg_attr(feature = "serde", serde(default))]
        reason: CallRejectionReason,
    },
}

impl Command {
    /// The users that it names.
    pub fn users(&self) -> &[String] {
        match self {
            Self::CallUserToRoom { users, .. }
            | Self::CancelCall { users, .. }
            | Self::RevokeCall { users, .. } => users,
            Self::AcceptCall { .. } | Self::RejectCall { .. } => &[],
        }
    }

    /// The room that it is about.
    pub fn room(&self) -> &str {
        match self {
            Self::CallUserToRoom { room, .. }
            | Self::CancelCall { room, .. }
            | Self::RevokeCall { room, .. }
            | Self::AcceptCall { room, .. }
            | Self::RejectCall { room, .. } => room,
        }
    }
}

/// A query by name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(Deserialize, Serialize),
    serde(rename_all = "camelCase", deny_unknown_fields)
)]
pub enum Query {
    /// A page of a room's pending list.
    GetPendingCalls {
        /// The room's id.
        #[cfg_attr(feature = "serde", serde(rename = "roomID", alias = "roomId"))]
        room: String,
        /// `nextCursor` of the page before; `None` and empty mean the first page.
        #[cfg_attr(feature = "serde", serde(default))]
        cursor: Option<String>,
        /// The most calls in the page.
        #[cfg_attr(feature = "serde", serde(default = "usual_page"))]
        count: u32,
        /// Only calls of this status; `None` means all.
        #[cfg_attr(feature = "serde", serde(default))]
        status: Option<CallStatus>,
    },
    /// The live calls to the asking user.
    GetIncomingCalls {
        /// What ended after this attempt, too; `None` asks for the live calls only.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        since: Option<u64>,
    },
}

/// An absent dissolver is the backend (J-04).
impl Default for Actor {
    fn default() -> Self {
        Self::Backend
    }
}

#[cfg(feature = "serde")]
/// The page size of the seed's clients.
const fn usual_page() -> u32 {
    20
}

#[cfg(feature = "serde")]
fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}
