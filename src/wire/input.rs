//! Inputs by name, as JSON reads and writes them (J-02, J-04).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{CallRejectionReason, CallStatus, Role};

/// One line of a journal after the header: an input and when it reached the switchboard.
///
/// ```
/// use roomcall::wire::{Entry, Line};
/// let line: Line = serde_json::from_str(r#"{"at":31000,"tick":{}}"#)?;
/// assert_eq!(line, Line { at: 31_000, entry: Entry::Tick });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// When, in milliseconds.
    pub at: u64,
    /// What.
    pub entry: Entry,
}

/// The four kinds of input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
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
#[derive(Clone, Debug, Eq, PartialEq)]
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
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Fact {
    RoomOpened {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        owner: String,
    },
    RoomDissolved {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        #[serde(default)]
        by: Actor,
    },
    UserEntered {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        #[serde(rename = "userID")]
        user: String,
        #[serde(rename = "deviceID")]
        device: String,
    },
    UserLeft {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        #[serde(rename = "userID")]
        user: String,
    },
    RoleSet {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        #[serde(rename = "userID")]
        user: String,
        role: Role,
    },
}

/// A command by name; see [`crate::Command`].
#[allow(missing_docs, reason = "the fields are those of `crate::Command`, by name")]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Command {
    CallUserToRoom {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        #[serde(rename = "userIDList", alias = "userIdList")]
        users: Vec<String>,
        /// Whole seconds, 0 for never.
        timeout: u32,
        #[serde(rename = "extensionInfo", default, deserialize_with = "null_is_empty")]
        extension: String,
    },
    CancelCall {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        #[serde(rename = "userIDList", alias = "userIdList")]
        users: Vec<String>,
    },
    RevokeCall {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        #[serde(rename = "userIDList", alias = "userIdList")]
        users: Vec<String>,
    },
    AcceptCall {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<u64>,
    },
    RejectCall {
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<u64>,
        #[serde(default)]
        reason: CallRejectionReason,
    },
}

/// A query by name.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Query {
    /// A page of a room's pending list (Q-01).
    GetPendingCalls {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: String,
        /// `nextCursor` of the page before; `None` and empty mean the first page (Q-03).
        #[serde(default)]
        cursor: Option<String>,
        /// The most calls in the page (Q-05).
        #[serde(default = "usual_page")]
        count: u32,
        /// Only calls of this status; `None` means all.
        #[serde(default)]
        status: Option<CallStatus>,
    },
    /// The live calls to the asking user (Q-06).
    GetIncomingCalls {},
}

/// The page size of the seed's clients (Q-05).
const fn usual_page() -> u32 {
    20
}

fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A line as the object that it is in JSON.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `at` and an input")]
struct Raw {
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    tick: Option<Empty>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    fact: Option<Fact>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    by: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    command: Option<Command>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    query: Option<Query>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an empty object")]
struct Empty {}

/// A field that may be absent but not null.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Raw { at, tick, fact, by, command, query } = Raw::deserialize(deserializer)?;
        let entry = match (tick, fact, by, command, query) {
            (Some(Empty {}), None, None, None, None) => Entry::Tick,
            (None, Some(fact), None, None, None) => Entry::Fact(fact),
            (None, None, Some(by), Some(command), None) => Entry::Ask { by, command },
            (None, None, Some(by), None, Some(query)) => Entry::Query { by, query },
            _ => {
                return Err(D::Error::custom(
                    "expected `at` with one of `tick`, `fact`, `by` and `command`, \
                     `by` and `query`",
                ));
            }
        };
        Ok(Self { at, entry })
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let empty =
            Raw { at: self.at, tick: None, fact: None, by: None, command: None, query: None };
        match self.entry.clone() {
            Entry::Tick => Raw { tick: Some(Empty {}), ..empty },
            Entry::Fact(fact) => Raw { fact: Some(fact), ..empty },
            Entry::Ask { by, command } => Raw { by: Some(by), command: Some(command), ..empty },
            Entry::Query { by, query } => Raw { by: Some(by), query: Some(query), ..empty },
        }
        .serialize(serializer)
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `user` and `device`")]
struct Device {
    user: String,
    device: String,
}

/// An absent dissolver is the backend (J-04).
impl Default for Actor {
    fn default() -> Self {
        Self::Backend
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Who;

        impl<'de> Visitor<'de> for Who {
            type Value = Actor;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"backend\" or {\"user\":..,\"device\":..}")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Actor, E> {
                match word {
                    "backend" => Ok(Actor::Backend),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Actor, A::Error> {
                let Device { user, device } = Device::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Actor::Device { user, device })
            }
        }

        deserializer.deserialize_any(Who)
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Backend => serializer.serialize_str("backend"),
            Self::Device { user, device } => {
                Device { user: user.clone(), device: device.clone() }.serialize(serializer)
            }
        }
    }
}
