//! Inputs as JSON reads and writes them (J-02, J-04).

use alloc::string::String;
use core::fmt;

use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::protocol::{Actor, Command, Fact, Input, Query, Record};

/// A line as the object that it is in JSON.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `at` and an input")]
struct Raw {
    at: u64,
    #[serde(
        rename = "requestID",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "there"
    )]
    request_id: Option<u64>,
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
pub(super) fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Raw { at, request_id, tick, fact, by, command, query } =
            Raw::deserialize(deserializer)?;
        let input = match (tick, fact, by, command, query) {
            (Some(Empty {}), None, None, None, None) => Input::Tick,
            (None, Some(fact), None, None, None) => Input::Fact(fact),
            (None, None, Some(by), Some(command), None) => Input::Ask { by, command },
            (None, None, Some(by), None, Some(query)) => Input::Query { by, query },
            _ => {
                return Err(D::Error::custom(
                    "expected `at` with one of `tick`, `fact`, `by` and `command`, \
                     `by` and `query`",
                ));
            }
        };
        //
        if request_id.is_some() && matches!(input, Input::Tick | Input::Fact(_)) {
            return Err(D::Error::custom("expected `requestID` with a command or a query only"));
        }
        Ok(Self { at, request_id, input })
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { at, request_id, .. } = *self;
        let empty = Raw {
            at,
            request_id: None,
            tick: None,
            fact: None,
            by: None,
            command: None,
            query: None,
        };
        match self.input.clone() {
            Input::Tick => Raw { tick: Some(Empty {}), ..empty },
            Input::Fact(fact) => Raw { fact: Some(fact), ..empty },
            Input::Ask { by, command } => {
                Raw { request_id, by: Some(by), command: Some(command), ..empty }
            }
            Input::Query { by, query } => {
                Raw { request_id, by: Some(by), query: Some(query), ..empty }
            }
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
