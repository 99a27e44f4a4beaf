//! What rings, and what ended meanwhile.

use schemars::JsonSchema;

use super::heard::How;
use super::{CallStatus, Nullable, left_out};

/// What rings for a user.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IncomingCalls {
    /// In order of attempts.
    pub calls: Vec<LiveCall>,
    /// Of two such answers that with the higher one is the newer.
    pub revision: u64,
    /// With `since`: what ended after that.
    #[schemars(default = "left_out")]
    pub ended: Vec<EndedCall>,
    /// With `since`: the last attempt made.
    #[schemars(default = "left_out")]
    pub last_attempt: u64,
}

/// A call that rings.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveCall {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Who calls.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// `calling`.
    pub status: CallStatus,
    /// Its number.
    pub attempt: u64,
    /// Milliseconds that it still rings; null for without end.
    pub time_left: Nullable<u64>,
    /// The text that goes with it.
    pub extension_info: String,
    /// Whether a device of the callee has shown it; left out if none has.
    #[schemars(default = "left_out")]
    pub rung: bool,
}

/// A call that is over.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndedCall {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Who called.
    pub caller: String,
    /// How it ended.
    pub how: How,
    /// Its number.
    pub attempt: u64,
    /// Who ended it, if anybody did.
    #[schemars(default = "left_out")]
    pub user: String,
    /// On which device, if on one of the user who is told.
    #[serde(rename = "deviceID")]
    #[schemars(default = "left_out")]
    pub device: String,
}
