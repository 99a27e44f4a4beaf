//! Inputs by name: one line of a journal after its header.

use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::{Backend, OrBackend, number};
use super::{Command, Fact, Query};

/// One line of a journal after the header: an input, and when it reached the switchboard (J-02).
///
/// ```
/// use roomcall::protocol::{Input, Record};
///
/// let line = r#"{"at":2500,"by":{"user":"bo","device":"tablet"},"command":{"acceptCall":{"roomID":"standup"}}}"#;
/// let record: Record = Record::read(line)?;
/// assert_eq!(record.at, 2500);
/// assert!(matches!(&record.input, Input::Ask { command, .. } if command.room() == Some("standup")));
/// assert_eq!(serde_json::to_string(&record).unwrap(), line);
/// # Ok::<(), roomcall::protocol::FrameError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
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

/// An absent dissolver or remover is the backend (J-04).
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

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an empty object")]
struct Empty {}

/// The fields of a record in JSON.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    At,
    #[serde(rename = "requestID")]
    RequestId,
    Tick,
    Fact,
    By,
    Command,
    Query,
}

/// The one of `tick`, `fact`, `command` and `query` that is there.
enum What<S> {
    Tick,
    Fact(Fact<S>),
    Command(Command<S>),
    Query(Query<S>),
}

/// Written out, because a derived struct with four options of which three stay empty is moved
/// about as a whole: that costs a fifth of the reading.
impl<'de, S: Deserialize<'de> + Default> Deserialize<'de> for Record<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const FIELDS: &[&str] = &["at", "requestID", "tick", "fact", "by", "command", "query"];
        deserializer.deserialize_struct("Record", FIELDS, Object(PhantomData))
    }
}

struct Object<S>(PhantomData<S>);

impl<'de, S: Deserialize<'de> + Default> Visitor<'de> for Object<S> {
    type Value = Record<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `at` and an input")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record<S>, A::Error> {
        let (mut at, mut request_id, mut by, mut what) = (None, None, None, None);
        while let Some(field) = map.next_key()? {
            match field {
                Field::At => once(&mut at, "at", &mut map)?,
                Field::RequestId => once(&mut request_id, "requestID", &mut map)?,
                Field::By => once(&mut by, "by", &mut map)?,
                Field::Tick => one(&mut what, "tick", &mut map, |Empty {}| What::Tick)?,
                Field::Fact => one(&mut what, "fact", &mut map, What::Fact)?,
                Field::Command => one(&mut what, "command", &mut map, What::Command)?,
                Field::Query => one(&mut what, "query", &mut map, What::Query)?,
            }
        }
        let at = at.ok_or_else(|| A::Error::missing_field("at"))?;
        let input = match (what, by) {
            (Some((_, What::Command(command))), Some(by)) => Input::Ask { by, command },
            (Some((_, What::Query(query))), Some(by)) => Input::Query { by, query },
            // X-01
            (Some((_, What::Tick | What::Fact(_))), None) if request_id.is_some() => {
                let expected = "expected `requestID` with a command or a query only";
                return Err(A::Error::custom(expected));
            }
            (Some((_, What::Tick)), None) => Input::Tick,
            (Some((_, What::Fact(fact))), None) => Input::Fact(fact),
            _ => return Err(A::Error::custom(ONE)),
        };
        Ok(Record { at, request_id, input })
    }
}

const ONE: &str = "expected `at` with one of `tick`, `fact`, `by` and `command`, `by` and `query`";

/// Reads a field that may be there once.
fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    value: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if value.is_some() {
        return Err(A::Error::duplicate_field(name));
    }
    *value = Some(map.next_value()?);
    Ok(())
}

/// Reads a field of which there may be one of several.
fn one<'de, T: Deserialize<'de>, S, A: MapAccess<'de>>(
    what: &mut Option<(&'static str, What<S>)>,
    name: &'static str,
    map: &mut A,
    of: impl FnOnce(T) -> What<S>,
) -> Result<(), A::Error> {
    match what {
        Some((before, _)) if *before == name => return Err(A::Error::duplicate_field(name)),
        Some(_) => return Err(A::Error::custom(ONE)),
        None => *what = Some((name, of(map.next_value()?))),
    }
    Ok(())
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
