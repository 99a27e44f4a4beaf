//! What happened to calls, as the application's backend is told.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

use super::{Backend, CallRejectionReason, Nullable, left_out, schema_of};

/// A webhook.
#[derive(Debug, JsonSchema)]
pub struct Webhook {
    /// The kind of the event.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened, as RFC 3339 has it.
    pub timestamp: String,
    /// The event, and what is to be pushed.
    pub data: Data,
}

/// An event, and what is to be pushed.
#[derive(Debug, JsonSchema)]
pub struct Data {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// Of a ring: the devices of the callee that are connected, and need no push.
    #[schemars(default = "left_out")]
    pub connected: Vec<String>,
    /// Of a ring: the call is over already, and no phone is to ring.
    #[schemars(default = "left_out")]
    pub over: bool,
    /// What to pass on to Apple's and Google's push services, for devices that are not connected; left out
    /// if no screen changes.
    #[schemars(default = "left_out")]
    pub push: Push,
}

/// One thing that happened to a call.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Which event.
    pub id: EventId,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// The room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Who called.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// The number of the call.
    pub attempt: u64,
    /// By which rule.
    pub because: String,
}

/// Which event: `SEQUENCE-INDEX`, which order the events of a tenant as two numbers do.
#[derive(Debug, JsonSchema)]
pub struct EventId(pub String);

/// What happened.
#[derive(Debug, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum What {
    /// A call rings.
    Ring {
        /// The text of the caller.
        extension_info: String,
        /// Milliseconds from `at` until it ends by itself; null for never.
        time_left: Nullable<u64>,
    },
    /// The callee said yes, or went into the room.
    Accepted {
        /// On which device, if that is known.
        #[serde(rename = "deviceID")]
        #[schemars(default = "left_out")]
        device: String,
    },
    /// The callee said no, or is in another room.
    Rejected {
        /// Why.
        reason: CallRejectionReason,
        /// On which device, if one said so.
        #[serde(rename = "deviceID")]
        #[schemars(default = "left_out")]
        device: String,
    },
    /// Nobody answered in time.
    Missed,
    /// The caller withdrew it, or left.
    Cancelled,
    /// The owner, an admin or the backend ended it.
    Revoked {
        /// Who.
        operator: Operator,
    },
    /// Who said yes is in the room.
    Joined {
        /// On which device, if that is known.
        #[serde(rename = "deviceID")]
        #[schemars(default = "left_out")]
        device: String,
    },
    /// Who said yes did not come in time.
    NotJoined,
}

/// Who ended a call.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum Operator {
    /// The backend.
    Backend(Backend),
    /// A user.
    User {
        /// Who.
        user: String,
    },
}

/// What is to be pushed.
#[derive(Debug, JsonSchema)]
pub struct Push {
    /// A request to Apple's service, but for `apns-topic` and the device's token.
    pub apns: Apns,
    /// A request to Google's service, but for the device's token.
    pub fcm: Fcm,
}

/// A request to Apple's service.
#[derive(Debug, JsonSchema)]
pub struct Apns {
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body: `aps`, and `roomcall` with what a device needs to know.
    pub payload: BTreeMap<String, BTreeMap<String, Value>>,
}

/// A request to Google's service.
#[derive(Debug, JsonSchema)]
pub struct Fcm {
    /// The message.
    pub message: Message,
}

/// A message of Google's.
#[derive(Debug, JsonSchema)]
pub struct Message {
    /// What a device needs to know, as texts.
    pub data: BTreeMap<String, String>,
    /// How it is delivered.
    pub android: BTreeMap<String, String>,
}

/// The schema of a webhook, and of an event by itself, as it is in the stream.
pub fn events() -> Value {
    let description = "Webhook: what the server posts to the backend. Event: what is in the stream \
            /v1/events. There may be more kinds and fields in later versions: a backend acknowledges an event \
            that it does not know, and takes no notice of it.";
    schema_of("roomcall events, version 1", description, |of| {
        Vec::from([of.subschema_for::<Webhook>(), of.subschema_for::<Event>()])
    })
}
