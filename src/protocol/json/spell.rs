//! Outputs as JSON, in one spelling (J-04, J-05). Each struct here is an object of the wire form.

use alloc::string::String;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::protocol::{
    Answer, Audience, Body, Effect, EndedCall, Ending, Event, IncomingCall, NamedCall, Output,
    PendingCall, Refused, Reply,
};
use crate::{CallRejectionReason, CallStatus, EndingKind, Rule, WithdrawResult};

impl Serialize for Output {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("at", &self.at)?;
        match &self.body {
            Body::Answer(answer) => line.serialize_entry("answer", answer)?,
            Body::Refused(refused) => line.serialize_entry("refused", refused)?,
            Body::Reply(reply) => reply_entries(&mut line, reply)?,
            Body::Effect(Effect { to, event, because }) => {
                line.serialize_entry("to", to)?;
                line.serialize_entry("event", event)?;
                line.serialize_entry("because", because)?;
            }
        }
        line.end()
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        reply_entries(&mut object, self)?;
        object.end()
    }
}

///
fn reply_entries<M: SerializeMap>(object: &mut M, reply: &Reply) -> Result<(), M::Error> {
    let Reply { request_id, answer, attempts, next_request_id } = reply;
    object.serialize_entry("requestID", request_id)?;
    match answer {
        Ok(answer) => object.serialize_entry("answer", answer)?,
        Err(refused) => object.serialize_entry("refused", refused)?,
    }
    if !attempts.is_empty() {
        object.serialize_entry("attempts", &ByUser(attempts))?;
    }
    match next_request_id {
        Some(next) => object.serialize_entry("nextRequestID", next),
        None => Ok(()),
    }
}

/// An object with one field, which is its name.
fn tagged<S: Serializer, T: Serialize>(
    serializer: S,
    tag: &'static str,
    value: &T,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(1))?;
    object.serialize_entry(tag, value)?;
    object.end()
}

/// Results by user, in first-seen order (C-03).
struct ByUser<'a, T>(&'a [(String, T)]);

impl<T: Serialize> Serialize for ByUser<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(user, result)| (user, result)))
    }
}

#[derive(Serialize)]
struct Answered {
    attempt: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PendingPage<'a> {
    calls: &'a [PendingCall],
    next_cursor: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Incoming<'a> {
    calls: &'a [IncomingCall],
    revision: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<&'a [EndedCall]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_attempt: Option<u64>,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::CallUserToRoom(results) => tagged(serializer, "callUserToRoom", &ByUser(results)),
            Self::CancelCall(results) => tagged(serializer, "cancelCall", &ByUser(results)),
            Self::RevokeCall(results) => tagged(serializer, "revokeCall", &ByUser(results)),
            Self::AcceptCall { attempt } => {
                tagged(serializer, "acceptCall", &Answered { attempt: *attempt })
            }
            Self::RejectCall { attempt } => {
                tagged(serializer, "rejectCall", &Answered { attempt: *attempt })
            }
            Self::GetPendingCalls { calls, next_cursor } => {
                tagged(serializer, "getPendingCalls", &PendingPage { calls, next_cursor })
            }
            Self::GetIncomingCalls { calls, revision, endings } => {
                let ended = endings.as_ref().map(|endings| &*endings.calls);
                let last_attempt = endings.as_ref().map(|endings| endings.last_attempt);
                let incoming = Incoming { calls, revision: *revision, ended, last_attempt };
                tagged(serializer, "getIncomingCalls", &incoming)
            }
        }
    }
}

impl WithdrawResult {
    /// As it is told, where two endings have one word (E-14): what is read is what was written.
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

    /// The word of the wire form (E-14).
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
}

impl Serialize for WithdrawResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl Serialize for PendingCall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut call = serializer.serialize_map(None)?;
        call.serialize_entry("caller", &self.caller)?;
        call.serialize_entry("callee", &self.callee)?;
        call.serialize_entry("status", &self.status)?;
        call.serialize_entry("attempt", &self.attempt)?;
        call.serialize_entry("timeLeft", &self.time_left)?;
        call.serialize_entry("extensionInfo", &self.extension)?;
        call.end()
    }
}

impl Serialize for IncomingCall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut call = serializer.serialize_map(None)?;
        call.serialize_entry("roomID", &self.room)?;
        call.serialize_entry("caller", &self.caller)?;
        call.serialize_entry("callee", &self.callee)?;
        call.serialize_entry("status", &CallStatus::Calling)?;
        call.serialize_entry("attempt", &self.attempt)?;
        call.serialize_entry("timeLeft", &self.time_left)?;
        call.serialize_entry("extensionInfo", &self.extension)?;
        call.end()
    }
}

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Raw<'a> {
            code: i32,
            rule: Rule,
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            ended: Option<&'a Ending>,
        }
        let (code, rule, message, ended) =
            (self.code, self.rule, &*self.message, self.ended.as_ref());
        Raw { code, rule, message, ended }.serialize(serializer)
    }
}

impl Serialize for Ending {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut ended = serializer.serialize_map(None)?;
        ended_by(&mut ended, self)?;
        ended.end()
    }
}

fn ended_by<M: SerializeMap>(object: &mut M, ended: &Ending) -> Result<(), M::Error> {
    object.serialize_entry("how", &ended.how)?;
    object.serialize_entry("attempt", &ended.attempt)?;
    if let Some(user) = &ended.user {
        object.serialize_entry("user", user)?;
    }
    if let Some(device) = &ended.device {
        object.serialize_entry("deviceID", device)?;
    }
    Ok(())
}

impl Serialize for EndedCall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut call = serializer.serialize_map(None)?;
        call.serialize_entry("roomID", &self.room)?;
        call.serialize_entry("caller", &self.caller)?;
        ended_by(&mut call, &self.ended)?;
        call.end()
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut to = serializer.serialize_map(None)?;
        match self {
            Self::User(user) => to.serialize_entry("user", user)?,
            Self::Device { user, device } => {
                to.serialize_entry("user", user)?;
                to.serialize_entry("device", device)?;
            }
            Self::OtherDevices { user, than } => {
                to.serialize_entry("user", user)?;
                to.serialize_entry("exceptDevice", than)?;
            }
            Self::Room(room) => to.serialize_entry("room", room)?,
        }
        to.end()
    }
}

/// The operator of a revoke: `{"user":..}` or `"backend"`.
struct Operator<'a>(Option<&'a String>);

impl Serialize for Operator<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(user) => tagged(serializer, "user", user),
            None => serializer.serialize_str("backend"),
        }
    }
}

/// Who called whom (seed: `RoomCall`).
#[derive(Serialize)]
struct RoomCall<'a> {
    caller: &'a str,
    callee: &'a str,
    status: CallStatus,
}

/// What most events carry, and what some add to it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct About<'a> {
    #[serde(rename = "roomID")]
    room: &'a str,
    call: RoomCall<'a>,
    attempt: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension_info: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_left: Option<Option<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<CallRejectionReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<Operator<'a>>,
}

impl<'a> About<'a> {
    fn new(call: &'a NamedCall) -> Self {
        let NamedCall { room, caller, callee, status, attempt } = call;
        Self {
            room,
            call: RoomCall { caller, callee, status: *status },
            attempt: *attempt,
            extension_info: None,
            time_left: None,
            reason: None,
            operator: None,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Handled<'a> {
    #[serde(rename = "roomID")]
    room: &'a str,
    is_accepted: bool,
    attempt: u64,
    #[serde(rename = "deviceID")]
    device: Option<&'a str>,
}

impl Event {
    /// The seed's name of the event.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CallReceived { .. } => "onCallReceived",
            Self::CallCancelled(_) => "onCallCancelled",
            Self::CallRevokedByAdmin { .. } => "onCallRevokedByAdmin",
            Self::CallTimeout(_) => "onCallTimeout",
            Self::CallAccepted(_) => "onCallAccepted",
            Self::CallRejected { .. } => "onCallRejected",
            Self::CallHandledByOtherDevice { .. } => "onCallHandledByOtherDevice",
            Self::PendingCallChanged(_) => "onPendingCallChanged",
            Self::PendingCallRemoved(_) => "onPendingCallRemoved",
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let about = match self {
            Self::CallReceived { call, extension, time_left } => About {
                extension_info: Some(extension),
                time_left: Some(*time_left),
                ..About::new(call)
            },
            Self::CallRevokedByAdmin { call, operator } => {
                About { operator: Some(Operator(operator.as_ref())), ..About::new(call) }
            }
            Self::CallRejected { call, reason } => {
                About { reason: Some(*reason), ..About::new(call) }
            }
            Self::CallCancelled(call)
            | Self::CallTimeout(call)
            | Self::CallAccepted(call)
            | Self::PendingCallChanged(call)
            | Self::PendingCallRemoved(call) => About::new(call),
            Self::CallHandledByOtherDevice { room, is_accepted, attempt, device } => {
                let (is_accepted, attempt, device) = (*is_accepted, *attempt, device.as_deref());
                return tagged(
                    serializer,
                    self.name(),
                    &Handled { room, is_accepted, attempt, device },
                );
            }
        };
        tagged(serializer, self.name(), &about)
    }
}
