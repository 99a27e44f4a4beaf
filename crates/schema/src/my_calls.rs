//! The calls to and by one user.

use schemars::JsonSchema;

use super::heard::How;
use super::live::LiveCall;
use super::{CallRejectionReason, left_out};

/// The calls to and by the user who asks.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MyCalls {
    /// What rings for the user, in order of attempts.
    pub incoming: Vec<LiveCall>,
    /// What rings for others because the user called, in order of attempts.
    pub outgoing: Vec<LiveCall>,
    /// What ended after `since`, in order of attempts.
    pub endings: Vec<MyEnding>,
    /// Whether there are further endings: those after `lastAttempt`.
    pub more: bool,
    /// The attempt after which it was asked.
    pub since: u64,
    /// The last attempt made, or, if there are more endings, that of the last one here.
    pub last_attempt: u64,
    /// Of two such answers that with the higher one is the newer.
    pub revision: u64,
    /// The number of the newest entry of the user's call log, 0 if there is none; left out where nothing
    /// is logged.
    #[schemars(default = "left_out")]
    pub last_logged: u64,
    /// Up to which entry the user has seen it; left out where nothing is logged.
    #[schemars(default = "left_out")]
    pub seen: u64,
}

/// A call to or by the user that is over.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MyEnding {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Who called.
    pub caller: String,
    /// Who was called.
    pub callee: String,
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
    /// Where it was rejected: why.
    #[schemars(default = "left_out")]
    pub reason: CallRejectionReason,
}
