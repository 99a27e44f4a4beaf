//! What is asked for, by name; and the frame in which a client sends it.

use alloc::string::String;
use alloc::vec::Vec;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::number;
use super::{Actor, Input, Record};
use crate::{CallRejectionReason, CallStatus, Timeout, Which};

/// A command by name; see [`crate::Command`].
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Command<S = String> {
    /// Call users into a room (C-01 to C-13).
    CallUserToRoom {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The ids of the users to call.
        #[serde(rename = "userIDList", alias = "userIdList")]
        users: Vec<S>,
        /// How long to ring, in whole seconds; 0 for never (L-04, L-05), 30 if the line does not say
        /// (J-04).
        #[serde(default = "usual_timeout")]
        timeout: u32,
        /// Opaque text for the callee; absent or null is the empty text (C-11, J-04).
        #[serde(rename = "extensionInfo", default, deserialize_with = "null_is_empty")]
        extension: S,
        /// On whose behalf the backend calls; `None` if the asking user does (P-10, P-11).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caller: Option<S>,
    },
    /// Withdraw calls of one's own (E-05).
    CancelCall {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The ids of the callees.
        #[serde(rename = "userIDList", alias = "userIdList")]
        users: Vec<S>,
    },
    /// End anybody's calls, as owner, admin or backend (E-06).
    RevokeCall {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The ids of the callees.
        #[serde(rename = "userIDList", alias = "userIdList")]
        users: Vec<S>,
    },
    /// Accept a call (E-01).
    AcceptCall {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// Which attempt; `None` means the live one (E-11).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<u64>,
    },
    /// Reject a call (E-02).
    RejectCall {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// Which attempt; `None` means the live one (E-11).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<u64>,
        /// Why; `rejected` if the line does not say (J-04).
        #[serde(default)]
        reason: CallRejectionReason,
    },
    /// End the calls of a user in whatever room, as the backend (E-19).
    RevokeUserCalls {
        /// The user's id.
        #[serde(rename = "userID")]
        user: S,
        /// Which of the user's calls.
        which: Which,
    },
    /// The entries of the asking user's call log were seen (H-04).
    MarkCallsSeen {
        /// Up to this number; one above them all means all.
        #[serde(rename = "upTo")]
        up_to: u64,
    },
    /// The asking device shows a call to its user (C-14).
    Ringing {
        /// Which attempt.
        attempt: u64,
    },
}

impl<S> Command<S> {
    /// The id of the room that it is about; `None` if it is about calls of a user in whatever room.
    pub fn room(&self) -> Option<&str>
    where
        S: AsRef<str>,
    {
        match self {
            Self::CallUserToRoom { room, .. }
            | Self::CancelCall { room, .. }
            | Self::RevokeCall { room, .. }
            | Self::AcceptCall { room, .. }
            | Self::RejectCall { room, .. } => Some(room.as_ref()),
            Self::RevokeUserCalls { .. } | Self::MarkCallsSeen { .. } | Self::Ringing { .. } => {
                None
            }
        }
    }

    /// The ids of the callees that it names, in its order: those that results are about.
    pub fn users(&self) -> &[S] {
        match self {
            Self::CallUserToRoom { users, .. }
            | Self::CancelCall { users, .. }
            | Self::RevokeCall { users, .. } => users,
            Self::AcceptCall { .. }
            | Self::RejectCall { .. }
            | Self::RevokeUserCalls { .. }
            | Self::MarkCallsSeen { .. }
            | Self::Ringing { .. } => &[],
        }
    }

    /// The arrays of its wire form.
    #[cfg(feature = "json")]
    pub(super) const fn lists(&self) -> usize {
        match self {
            Self::CallUserToRoom { .. } | Self::CancelCall { .. } | Self::RevokeCall { .. } => 1,
            Self::AcceptCall { .. }
            | Self::RejectCall { .. }
            | Self::RevokeUserCalls { .. }
            | Self::MarkCallsSeen { .. }
            | Self::Ringing { .. } => 0,
        }
    }
}

/// A query by name.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Query<S = String> {
    /// A page of a room's pending list (Q-01).
    GetPendingCalls {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// `nextCursor` of the page before; `None` and empty mean the first page (Q-03).
        cursor: Option<S>,
        /// The most calls in the page; 20 if the line does not say (Q-05).
        #[serde(default = "usual_page")]
        count: u32,
        /// Only calls of this status; `None` means all.
        status: Option<CallStatus>,
    },
    /// The live calls to the asking user (Q-06).
    GetIncomingCalls {
        /// What ended after this attempt, too (Q-09); `None` asks for the live calls only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
    },
    /// The live calls to and by the asking user, and what ended after an attempt (Q-11).
    GetMyCalls {
        /// The attempt; absent or null is 0.
        #[serde(default, deserialize_with = "null_is_empty")]
        since: u64,
    },
    /// The entries of the asking user's call log after one of them (H-03).
    GetCallLog {
        /// The number of that one; absent or null is 0, before all.
        #[serde(default, deserialize_with = "null_is_empty")]
        since: u64,
        /// The most entries in the answer; 20 if the line does not say (Q-05).
        #[serde(default = "usual_page")]
        count: u32,
    },
    /// A page of the live calls to and by a user, for the backend (Q-12).
    GetUserCalls {
        /// The user's id.
        #[serde(rename = "userID")]
        user: S,
        /// `nextCursor` of the page before; `None` and empty mean the first page.
        cursor: Option<S>,
        /// The most calls in the page; 20 if the line does not say (Q-05).
        #[serde(rename = "pageSize", default = "usual_page")]
        page_size: u32,
    },
    /// A page of all live calls, for the backend (Q-13).
    GetLiveCalls {
        /// `nextCursor` of the page before; `None` and empty mean the first page.
        cursor: Option<S>,
        /// The most calls in the page; 20 if the line does not say (Q-05).
        #[serde(rename = "pageSize", default = "usual_page")]
        page_size: u32,
    },
}

/// The timeout of the seed's clients (J-04).
const fn usual_timeout() -> u32 {
    Timeout::DEFAULT.as_seconds()
}

/// The page size of the seed's clients (Q-05).
const fn usual_page() -> u32 {
    20
}

fn null_is_empty<'de, D: Deserializer<'de>, S: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<S, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// What a client sends: a request as in the wire form, without `at` and `by`. When it came is for
/// the server's clock to say, and who sent it for its credentials.
///
/// ```
/// use roomcall::protocol::{Actor, Frame, Record};
///
/// let frame: Frame = Frame::read(r#"{"requestID":7,"command":{"acceptCall":{"roomID":"standup"}}}"#)?;
/// let record = frame.record(2500, Actor::Device { user: "bo".into(), device: "tablet".into() });
/// let line = r#"{"at":2500,"requestID":7,"by":{"user":"bo","device":"tablet"},"command":{"acceptCall":{"roomID":"standup"}}}"#;
/// assert_eq!(record, Record::read(line)?);
/// assert!(Frame::<String>::read(line).is_err());
/// # Ok::<(), roomcall::protocol::FrameError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(try_from = "Fields<S>", bound(deserialize = "S: Deserialize<'de> + Default"))]
pub struct Frame<S = String> {
    /// The number of the request (X-01).
    pub request_id: Option<u64>,
    /// What the client asks for.
    pub request: Request<S>,
}

/// What a client asks for.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "S: Deserialize<'de> + Default"))]
pub enum Request<S = String> {
    /// A change of the state. With a number it takes effect once, however often it is sent (X-02).
    Command(Command<S>),
    /// An answer about the state.
    Query(Query<S>),
}

impl<S> Frame<S> {
    /// The record that it is when `by` sends it, and it arrives at `at`, in milliseconds.
    pub fn record(self, at: u64, by: Actor<S>) -> Record<S> {
        Record { at, request_id: self.request_id, input: self.request.input(by) }
    }
}

impl<S> Request<S> {
    /// The input that it is when `by` asks.
    pub fn input(self, by: Actor<S>) -> Input<S> {
        match self {
            Self::Command(command) => Input::Ask { by, command },
            Self::Query(query) => Input::Query { by, query },
        }
    }
}

/// A frame as the object that it is in JSON.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with `requestID` and `command` or `query`",
    bound(deserialize = "S: Deserialize<'de> + Default")
)]
struct Fields<S> {
    #[serde(rename = "requestID", default)]
    request_id: Option<u64>,
    #[serde(default)]
    command: Option<Command<S>>,
    #[serde(default)]
    query: Option<Query<S>>,
}

impl<S> TryFrom<Fields<S>> for Frame<S> {
    type Error = &'static str;

    fn try_from(fields: Fields<S>) -> Result<Self, &'static str> {
        let Fields { request_id, command, query } = fields;
        match (command, query) {
            (Some(command), None) => Ok(Self { request_id, request: Request::Command(command) }),
            (None, Some(query)) => Ok(Self { request_id, request: Request::Query(query) }),
            (Some(_), Some(_)) | (None, None) => Err("expected one of `command` and `query`"),
        }
    }
}

impl<S: Serialize> Serialize for Frame<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let mut frame = serializer.serialize_map(None)?;
        number(&mut frame, self.request_id)?;
        match &self.request {
            Request::Command(command) => frame.serialize_entry("command", command)?,
            Request::Query(query) => frame.serialize_entry("query", query)?,
        }
        frame.end()
    }
}
