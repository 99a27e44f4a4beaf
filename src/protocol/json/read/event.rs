//! Events, and whom they are for.

use alloc::string::String;

use serde::de::{Error, MapAccess, Unexpected, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

use core::fmt;

use super::{Object, nullable};
use crate::protocol::json::input::there;
use crate::protocol::{Audience, Effect, Event, NamedCall};
use crate::{CallRejectionReason, CallStatus, Rule};

impl<'de> Deserialize<'de> for Effect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            to: Audience,
            event: Event,
            because: Rule,
        }
        let Object(Raw { to, event, because }) = Object::deserialize(deserializer)?;
        Ok(Self { to, event, because })
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Raw {
            #[serde(default, deserialize_with = "there")]
            user: Option<String>,
            #[serde(default, deserialize_with = "there")]
            device: Option<String>,
            #[serde(default, deserialize_with = "there")]
            except_device: Option<String>,
            #[serde(default, deserialize_with = "there")]
            room: Option<String>,
        }
        let Object(Raw { user, device, except_device, room }) = Object::deserialize(deserializer)?;
        match (user, device, except_device, room) {
            (Some(user), None, None, None) => Ok(Self::User(user)),
            (Some(user), Some(device), None, None) => Ok(Self::Device { user, device }),
            (Some(user), None, Some(than), None) => Ok(Self::OtherDevices { user, than }),
            (None, None, None, Some(room)) => Ok(Self::Room(room)),
            _ => Err(D::Error::custom(
                "expected one of `user`, `user` and `device`, `user` and `exceptDevice`, `room`",
            )),
        }
    }
}

/// The operator of a revoke: `{"user":..}` or `"backend"`.
struct Operator(Option<String>);

impl<'de> Deserialize<'de> for Operator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            user: String,
        }

        struct Who;

        impl<'de> Visitor<'de> for Who {
            type Value = Operator;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"backend\" or {\"user\":..}")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Operator, E> {
                match word {
                    "backend" => Ok(Operator(None)),
                    _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Operator, A::Error> {
                let Raw { user } = Raw::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Operator(Some(user)))
            }
        }

        deserializer.deserialize_any(Who)
    }
}

/// Who called whom (seed: `RoomCall`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    caller: String,
    callee: String,
    status: CallStatus,
}

/// What most events carry, and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    #[serde(rename = "roomID")]
    room: String,
    call: Object<Call>,
    attempt: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Received {
    #[serde(rename = "roomID")]
    room: String,
    call: Object<Call>,
    attempt: u64,
    extension_info: String,
    #[serde(deserialize_with = "nullable")]
    time_left: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    #[serde(rename = "roomID")]
    room: String,
    call: Object<Call>,
    attempt: u64,
    operator: Operator,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejected {
    #[serde(rename = "roomID")]
    room: String,
    call: Object<Call>,
    attempt: u64,
    reason: CallRejectionReason,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Handled {
    #[serde(rename = "roomID")]
    room: String,
    is_accepted: bool,
    attempt: u64,
    #[serde(rename = "deviceID", deserialize_with = "nullable")]
    device: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with one event")]
#[expect(clippy::enum_variant_names, reason = "these are the seed's names")]
enum Raw {
    OnCallReceived(Object<Received>),
    OnCallCancelled(Object<About>),
    OnCallRevokedByAdmin(Object<Revoked>),
    OnCallTimeout(Object<About>),
    OnCallAccepted(Object<About>),
    OnCallRejected(Object<Rejected>),
    OnCallHandledByOtherDevice(Object<Handled>),
    OnPendingCallChanged(Object<About>),
    OnPendingCallRemoved(Object<About>),
}

fn named(Object(about): Object<About>) -> NamedCall {
    let About { room, call, attempt } = about;
    call_of(room, call, attempt)
}

fn call_of(room: String, Object(call): Object<Call>, attempt: u64) -> NamedCall {
    let Call { caller, callee, status } = call;
    NamedCall { room, caller, callee, status, attempt }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Raw::deserialize(deserializer)? {
            Raw::OnCallReceived(Object(received)) => {
                let Received { room, call, attempt, extension_info: extension, time_left } =
                    received;
                Self::CallReceived { call: call_of(room, call, attempt), extension, time_left }
            }
            Raw::OnCallCancelled(about) => Self::CallCancelled(named(about)),
            Raw::OnCallRevokedByAdmin(Object(revoked)) => {
                let Revoked { room, call, attempt, operator: Operator(operator) } = revoked;
                Self::CallRevokedByAdmin { call: call_of(room, call, attempt), operator }
            }
            Raw::OnCallTimeout(about) => Self::CallTimeout(named(about)),
            Raw::OnCallAccepted(about) => Self::CallAccepted(named(about)),
            Raw::OnCallRejected(Object(rejected)) => {
                let Rejected { room, call, attempt, reason } = rejected;
                Self::CallRejected { call: call_of(room, call, attempt), reason }
            }
            Raw::OnCallHandledByOtherDevice(Object(handled)) => {
                let Handled { room, is_accepted, attempt, device } = handled;
                Self::CallHandledByOtherDevice { room, is_accepted, attempt, device }
            }
            Raw::OnPendingCallChanged(about) => Self::PendingCallChanged(named(about)),
            Raw::OnPendingCallRemoved(about) => Self::PendingCallRemoved(named(about)),
        })
    }
}
