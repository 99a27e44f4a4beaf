//! Outputs as they are read: what a device makes of what a switchboard writes. Whatever is written
//! is read back as the same (J-04); unknown, doubled and missing fields are errors.

mod event;
mod words;

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

use super::input::there;
use crate::protocol::{
    Answer, Audience, Body, Effect, EndedCall, Ending, Endings, Event, IncomingCall, Output,
    PendingCall, Refused, Reply, Withdrawn,
};
use crate::{CallResult, CallStatus, EndingKind, Rule};

/// Something that is an object in JSON, and never an array of its fields.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// A field that must be there and may be null.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawOutput {
    at: u64,
    #[serde(rename = "requestID", default, deserialize_with = "there")]
    request_id: Option<u64>,
    #[serde(default, deserialize_with = "there")]
    answer: Option<Answer>,
    #[serde(default, deserialize_with = "there")]
    refused: Option<Refused>,
    #[serde(default, deserialize_with = "there")]
    attempts: Option<ByUser<u64>>,
    #[serde(rename = "nextRequestID", default, deserialize_with = "there")]
    next_request_id: Option<u64>,
    #[serde(default, deserialize_with = "there")]
    to: Option<Audience>,
    #[serde(default, deserialize_with = "there")]
    event: Option<Event>,
    #[serde(default, deserialize_with = "there")]
    because: Option<Rule>,
}

impl<'de> Deserialize<'de> for Output {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Object(raw) = Object::deserialize(deserializer)?;
        let RawOutput {
            at,
            request_id,
            answer,
            refused,
            attempts,
            next_request_id,
            to,
            event,
            because,
        } = raw;
        let said = answered(answer, refused);
        let body = match (request_id, said, to, event, because) {
            (Some(request_id), Some(answer), None, None, None) => {
                reply(request_id, answer, attempts, next_request_id).map(Body::Reply)
            }
            (None, Some(answer), None, None, None) => unnumbered(attempts, next_request_id)
                .map(|()| answer.map_or_else(Body::Refused, Body::Answer)),
            (None, None, Some(to), Some(event), Some(because)) => {
                unnumbered(attempts, next_request_id)
                    .map(|()| Body::Effect(Effect { to, event, because }))
            }
            _ => {
                Err("expected `at` with one of `answer`, `refused`, `to` and `event` and `because`")
            }
        };
        Ok(Self { at, body: body.map_err(D::Error::custom)? })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawReply {
    #[serde(rename = "requestID")]
    request_id: u64,
    #[serde(default, deserialize_with = "there")]
    answer: Option<Answer>,
    #[serde(default, deserialize_with = "there")]
    refused: Option<Refused>,
    #[serde(default, deserialize_with = "there")]
    attempts: Option<ByUser<u64>>,
    #[serde(rename = "nextRequestID", default, deserialize_with = "there")]
    next_request_id: Option<u64>,
}

impl<'de> Deserialize<'de> for Reply {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Object(RawReply { request_id, answer, refused, attempts, next_request_id }) =
            Object::deserialize(deserializer)?;
        let answer = answered(answer, refused).ok_or_else(|| {
            D::Error::custom("expected `requestID` with one of `answer`, `refused`")
        })?;
        reply(request_id, answer, attempts, next_request_id).map_err(D::Error::custom)
    }
}

/// The one of the two that is there.
fn answered(answer: Option<Answer>, refused: Option<Refused>) -> Option<Result<Answer, Refused>> {
    match (answer, refused) {
        (Some(answer), None) => Some(Ok(answer)),
        (None, Some(refused)) => Some(Err(refused)),
        (None, None) | (Some(_), Some(_)) => None,
    }
}

///
fn reply(
    request_id: u64,
    answer: Result<Answer, Refused>,
    attempts: Option<ByUser<u64>>,
    next_request_id: Option<u64>,
) -> Result<Reply, &'static str> {
    let is_about_users = matches!(
        answer,
        Ok(Answer::CallUserToRoom(_) | Answer::CancelCall(_) | Answer::RevokeCall(_))
    );
    if attempts.is_some() && !is_about_users {
        return Err("expected `attempts` with an answer to a call, cancel or revoke only");
    }
    if next_request_id.is_some() && !matches!(answer, Ok(Answer::GetIncomingCalls { .. })) {
        return Err("expected `nextRequestID` with an answer to `getIncomingCalls` only");
    }
    let attempts = attempts.map(|ByUser(attempts)| attempts).unwrap_or_default();
    Ok(Reply { request_id, answer, attempts, next_request_id })
}

fn unnumbered(
    attempts: Option<ByUser<u64>>,
    next_request_id: Option<u64>,
) -> Result<(), &'static str> {
    match (attempts, next_request_id) {
        (None, None) => Ok(()),
        (Some(_), _) | (None, Some(_)) => {
            Err("expected `attempts`, `nextRequestID` with `requestID` only")
        }
    }
}

/// An object of results by user, in its own order (C-03).
struct ByUser<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByUser<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Results<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Results<T> {
            type Value = ByUser<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with a result for each user")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByUser<T>, A::Error> {
                let (mut users, mut results) = (BTreeSet::new(), Vec::new());
                while let Some((user, result)) = map.next_entry::<String, T>()? {
                    if !users.insert(user.clone()) {
                        return Err(A::Error::custom("a user is there twice"));
                    }
                    results.push((user, result));
                }
                Ok(ByUser(results))
            }
        }

        deserializer.deserialize_map(Results(PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    attempt: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PendingPage {
    calls: Vec<PendingCall>,
    next_cursor: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Incoming {
    calls: Vec<IncomingCall>,
    revision: u64,
    #[serde(default, deserialize_with = "there")]
    ended: Option<Vec<EndedCall>>,
    #[serde(default, deserialize_with = "there")]
    last_attempt: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with the answer to one request")]
enum RawAnswer {
    CallUserToRoom(ByUser<CallResult>),
    CancelCall(ByUser<Withdrawn>),
    RevokeCall(ByUser<Withdrawn>),
    AcceptCall(Object<Answered>),
    RejectCall(Object<Answered>),
    GetPendingCalls(Object<PendingPage>),
    GetIncomingCalls(Object<Incoming>),
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match RawAnswer::deserialize(deserializer)? {
            RawAnswer::CallUserToRoom(ByUser(results)) => Self::CallUserToRoom(results),
            RawAnswer::CancelCall(ByUser(results)) => Self::CancelCall(results),
            RawAnswer::RevokeCall(ByUser(results)) => Self::RevokeCall(results),
            RawAnswer::AcceptCall(Object(Answered { attempt })) => Self::AcceptCall { attempt },
            RawAnswer::RejectCall(Object(Answered { attempt })) => Self::RejectCall { attempt },
            RawAnswer::GetPendingCalls(Object(PendingPage { calls, next_cursor })) => {
                Self::GetPendingCalls { calls, next_cursor }
            }
            RawAnswer::GetIncomingCalls(Object(incoming)) => {
                let Incoming { calls, revision, ended, last_attempt } = incoming;
                let endings = match (ended, last_attempt) {
                    (None, None) => None,
                    (Some(calls), Some(last_attempt)) => Some(Endings { calls, last_attempt }),
                    (None, Some(_)) | (Some(_), None) => {
                        return Err(D::Error::custom("expected both `ended` and `lastAttempt`"));
                    }
                };
                Self::GetIncomingCalls { calls, revision, endings }
            }
        })
    }
}

impl<'de> Deserialize<'de> for PendingCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Raw {
            caller: String,
            callee: String,
            status: CallStatus,
            attempt: u64,
            #[serde(deserialize_with = "nullable")]
            time_left: Option<u64>,
            #[serde(deserialize_with = "nullable")]
            extension_info: Option<String>,
        }
        let Object(Raw { caller, callee, status, attempt, time_left, extension_info: extension }) =
            Object::deserialize(deserializer)?;
        Ok(Self { caller, callee, status, attempt, time_left, extension })
    }
}

impl<'de> Deserialize<'de> for IncomingCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Raw {
            #[serde(rename = "roomID")]
            room: String,
            caller: String,
            callee: String,
            status: CallStatus,
            attempt: u64,
            #[serde(deserialize_with = "nullable")]
            time_left: Option<u64>,
            extension_info: String,
        }
        let Object(raw) = Object::deserialize(deserializer)?;
        let Raw { room, caller, callee, status, attempt, time_left, extension_info: extension } =
            raw;
        if status != CallStatus::Calling {
            return Err(D::Error::custom("expected a call that rings, of status calling"));
        }
        Ok(Self { room, caller, callee, attempt, time_left, extension })
    }
}

impl<'de> Deserialize<'de> for EndedCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            #[serde(rename = "roomID")]
            room: String,
            caller: String,
            how: EndingKind,
            attempt: u64,
            #[serde(default, deserialize_with = "there")]
            user: Option<String>,
            #[serde(rename = "deviceID", default, deserialize_with = "there")]
            device: Option<String>,
        }
        let Object(Raw { room, caller, how, attempt, user, device }) =
            Object::deserialize(deserializer)?;
        Ok(Self { room, caller, ended: Ending { how, attempt, user, device } })
    }
}

impl<'de> Deserialize<'de> for Ending {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            how: EndingKind,
            attempt: u64,
            #[serde(default, deserialize_with = "there")]
            user: Option<String>,
            #[serde(rename = "deviceID", default, deserialize_with = "there")]
            device: Option<String>,
        }
        let Object(Raw { how, attempt, user, device }) = Object::deserialize(deserializer)?;
        Ok(Self { how, attempt, user, device })
    }
}

impl<'de> Deserialize<'de> for Refused {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            code: i32,
            rule: Rule,
            message: String,
            #[serde(default, deserialize_with = "there")]
            ended: Option<Ending>,
        }
        let Object(Raw { code, rule, message, ended }) = Object::deserialize(deserializer)?;
        Ok(Self { code, rule, message, ended })
    }
}
