//! Inputs by name: one line of a journal after its header.

use alloc::string::String;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::{Backend, OrBackend, number, present};
use super::{Command, Query};
use crate::Role;

/// One line of a journal after the header: an input, and when it reached the switchboard (J-02).
///
/// ```
/// use roomcall::protocol::{Input, Record};
///
/// let line = r#"{"at":2500,"by":{"user":"bo","device":"tablet"},"command":{"acceptCall":{"roomID":"standup"}}}"#;
/// let record: Record = Record::read(line)?;
/// assert_eq!(record.at, 2500);
/// assert!(matches!(&record.input, Input::Ask { command, .. } if command.room() == "standup"));
/// assert_eq!(serde_json::to_string(&record).unwrap(), line);
/// # Ok::<(), roomcall::protocol::FrameError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(try_from = "Fields<S>", bound(deserialize = "S: Deserialize<'de> + Default"))]
pub struct Record<S = String> {
    /// When, in milliseconds since the host's zero.
    pub at: u64,
    /// The number that the device gave the request (X-01). A fact or a tick has none: one that is
    /// there is neither looked at nor written.
    pub request_id: Option<u64>,
    /// What.
    pub input: Input<S>,
}

/// The kinds of input.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Input<S = String> {
    /// Nothing but time (T-08).
    Tick,
    /// Something that already happened (F-01).
    Fact(Fact<S>),
    /// A request, which can be refused.
    Ask {
        /// Who asks.
        by: Actor<S>,
        /// For what.
        command: Command<S>,
    },
    /// A question, which changes nothing (Q-08).
    Query {
        /// Who asks.
        by: Actor<S>,
        /// What.
        query: Query<S>,
    },
}

/// Who acts: `"backend"` or `{"user":..,"device":..}`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Actor<S = String> {
    /// A user on one device.
    Device {
        /// The user's id.
        user: S,
        /// The device's id.
        device: S,
    },
    /// The application's own backend (P-04).
    Backend,
}

/// A fact by name; see [`crate::Fact`].
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
    },
    /// A user is in a room now (F-04).
    UserEntered {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The user's id.
        #[serde(rename = "userID")]
        user: S,
        /// The id of the device on which the user entered.
        #[serde(rename = "deviceID")]
        device: S,
    },
    /// A user is no longer in a room, on any device (F-06).
    UserLeft {
        /// The room's id.
        #[serde(rename = "roomID", alias = "roomId")]
        room: S,
        /// The user's id.
        #[serde(rename = "userID")]
        user: S,
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
    },
}

/// An absent dissolver is the backend (J-04).
impl<S> Default for Actor<S> {
    fn default() -> Self {
        Self::Backend
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Device<S> {
    user: S,
    device: S,
}

impl<'de, S: Deserialize<'de>> Deserialize<'de> for Actor<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = r#""backend" or {"user":..,"device":..}"#;
        Ok(match OrBackend::read(expected, deserializer)? {
            Some(Device { user, device }) => Self::Device { user, device },
            None => Self::Backend,
        })
    }
}

impl<S: Serialize> Serialize for Actor<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        match self {
            Self::Device { user, device } => Device { user, device }.serialize(serializer),
            Self::Backend => Backend.serialize(serializer),
        }
    }
}

/// A record as the object that it is in JSON.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with `at` and an input",
    bound(deserialize = "S: Deserialize<'de> + Default")
)]
struct Fields<S> {
    at: u64,
    #[serde(rename = "requestID", default, deserialize_with = "present")]
    request_id: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    tick: Option<Empty>,
    #[serde(default, deserialize_with = "present")]
    fact: Option<Fact<S>>,
    #[serde(default, deserialize_with = "present")]
    by: Option<Actor<S>>,
    #[serde(default, deserialize_with = "present")]
    command: Option<Command<S>>,
    #[serde(default, deserialize_with = "present")]
    query: Option<Query<S>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an empty object")]
struct Empty {}

impl<S> TryFrom<Fields<S>> for Record<S> {
    type Error = &'static str;

    #[inline]
    fn try_from(fields: Fields<S>) -> Result<Self, &'static str> {
        let Fields { at, request_id, tick, fact, by, command, query } = fields;
        let input = match (tick, fact, by, command, query) {
            (None, None, Some(by), Some(command), None) => Input::Ask { by, command },
            (None, None, Some(by), None, Some(query)) => Input::Query { by, query },
            // X-01
            (Some(Empty {}), None, None, None, None) | (None, Some(_), None, None, None)
                if request_id.is_some() =>
            {
                return Err("expected `requestID` with a command or a query only");
            }
            (Some(Empty {}), None, None, None, None) => Input::Tick,
            (None, Some(fact), None, None, None) => Input::Fact(fact),
            _ => {
                return Err("expected `at` with one of `tick`, `fact`, `by` and `command`, `by` \
                     and `query`");
            }
        };
        Ok(Self { at, request_id, input })
    }
}

impl<S: Serialize> Serialize for Record<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("at", &self.at)?;
        match &self.input {
            Input::Tick => record.serialize_entry("tick", &Empty {})?,
            Input::Fact(fact) => record.serialize_entry("fact", fact)?,
            Input::Ask { by, command } => {
                number(&mut record, self.request_id)?;
                record.serialize_entry("by", by)?;
                record.serialize_entry("command", command)?;
            }
            Input::Query { by, query } => {
                number(&mut record, self.request_id)?;
                record.serialize_entry("by", by)?;
                record.serialize_entry("query", query)?;
            }
        }
        record.end()
    }
}
