//! What happened, as it is heard.

use schemars::JsonSchema;

use super::heard::OneUser;
use super::sent::SeenUpTo;
use super::{Backend, CallRejectionReason, CallStatus, Nullable};

/// What happened.
#[derive(Debug, JsonSchema)]
pub enum Event {
    /// A call rings.
    #[serde(rename = "onCallReceived")]
    Received(Received),
    /// The caller withdrew it.
    #[serde(rename = "onCallCancelled")]
    Cancelled(About),
    /// The owner, an admin or the backend ended it.
    #[serde(rename = "onCallRevokedByAdmin")]
    Revoked(Revoked),
    /// Nobody answered in time.
    #[serde(rename = "onCallTimeout")]
    Timeout(About),
    /// A device of the callee shows it.
    #[serde(rename = "onCallRinging")]
    Ringing(About),
    /// The callee said yes, and did not come in time.
    #[serde(rename = "onCallNotJoined")]
    NotJoined(About),
    /// The callee said yes.
    #[serde(rename = "onCallAccepted")]
    Accepted(About),
    /// The callee said no.
    #[serde(rename = "onCallRejected")]
    Rejected(Rejected),
    /// Another device of the user decided.
    #[serde(rename = "onCallHandledByOtherDevice")]
    Handled(Handled),
    /// The room's pending list has another entry, or one that has changed.
    #[serde(rename = "onPendingCallChanged")]
    PendingChanged(About),
    /// An entry left the room's pending list.
    #[serde(rename = "onPendingCallRemoved")]
    PendingRemoved(About),
    /// Another device of the user has seen the entries of the call log.
    #[serde(rename = "onCallsSeen")]
    CallsSeen(SeenUpTo),
}

/// Who called whom, and how it stands.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomCall {
    /// Who called.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// How it stands now.
    pub status: CallStatus,
}

/// A call.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct About {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The call.
    pub call: RoomCall,
    /// Its number.
    pub attempt: u64,
}

/// A call that rings.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Received {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The call.
    pub call: RoomCall,
    /// Its number.
    pub attempt: u64,
    /// The text that goes with it.
    pub extension_info: String,
    /// Milliseconds that it rings; null for without end.
    pub time_left: Nullable<u64>,
}

/// A call that was ended by somebody with the right to.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Revoked {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The call.
    pub call: RoomCall,
    /// Its number.
    pub attempt: u64,
    /// By whom.
    pub operator: Operator,
}

/// A call that was rejected.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rejected {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The call.
    pub call: RoomCall,
    /// Its number.
    pub attempt: u64,
    /// Why.
    pub reason: CallRejectionReason,
}

/// Who revoked.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum Operator {
    /// A user.
    #[schemars(extend("x-kind" = "user"))]
    User(OneUser),
    /// The application's own backend.
    #[schemars(extend("x-kind" = "backend"))]
    Backend(Backend),
}

/// Another device of the user decided.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Handled {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Whether the user comes.
    pub is_accepted: bool,
    /// Which call.
    pub attempt: u64,
    /// On which device; null if nobody decided on one.
    #[serde(rename = "deviceID")]
    pub device: Nullable<String>,
}
