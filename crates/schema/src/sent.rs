//! What is sent to a server.

use schemars::JsonSchema;

use super::facts::Fact;
use super::queries::Query;
use super::{Backend, CallRejectionReason, left_out};

/// One message of a device: a command or a query.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum Frame {
    /// To do something.
    Command(CommandFrame),
    /// To know something.
    Query(QueryFrame),
}

/// Asks for something to be done.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandFrame {
    /// The number of the request: upward from 1, and the same when it is sent again.
    #[serde(rename = "requestID")]
    pub request_id: Option<u64>,
    /// What.
    pub command: Command,
}

/// Asks to know something.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryFrame {
    /// The number of the request.
    #[serde(rename = "requestID")]
    pub request_id: Option<u64>,
    /// What.
    pub query: Query,
}

/// Who acts.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum Actor {
    /// A user on one device.
    #[schemars(extend("x-kind" = "device"))]
    Device(UserOnDevice),
    /// The application's own backend.
    #[schemars(extend("x-kind" = "backend"))]
    Backend(Backend),
}

/// A user on one device.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserOnDevice {
    /// The user's id.
    pub user: String,
    /// The device's id.
    pub device: String,
}

/// Something to be done.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Command {
    /// Calls users into a room.
    CallUserToRoom(Call),
    /// The caller withdraws calls.
    CancelCall(Withdrawal),
    /// The owner, an admin or the backend ends calls.
    RevokeCall(Withdrawal),
    /// Accepts a call. To go into the room is another matter.
    AcceptCall(Accept),
    /// Rejects a call.
    RejectCall(Reject),
    /// The backend ends the calls of a user in whatever room.
    RevokeUserCalls(UserRevocation),
    /// The entries of the user's call log were seen.
    MarkCallsSeen(SeenUpTo),
    /// The device shows a call to its user. It needs no number.
    Ringing(Shown),
}

/// A call that is shown.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Its number.
    pub attempt: u64,
}

/// Whom to call, and for how long.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Call {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Whom.
    #[serde(rename = "userIDList")]
    pub users: Vec<String>,
    /// For so many seconds, 30 if left out; 0 for without end, where that is allowed.
    #[schemars(default = "thirty")]
    pub timeout: u32,
    /// A text that goes with the call.
    pub extension_info: Option<String>,
    /// On whose behalf the backend calls; nobody else may say it.
    pub caller: Option<String>,
}

/// Whose calls to end.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Whose.
    #[serde(rename = "userIDList")]
    pub users: Vec<String>,
}

/// Which call to accept.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The attempt that is meant; without it the one that rings.
    pub attempt: Option<u64>,
}

/// Which call to reject.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The attempt that is meant; without it the one that rings.
    pub attempt: Option<u64>,
    /// Why.
    #[schemars(default = "rejected")]
    pub reason: CallRejectionReason,
}

/// Which calls to end.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserRevocation {
    /// Whose.
    #[serde(rename = "userID")]
    pub user: String,
    /// Which of them.
    pub which: Which,
}

/// Which entries were seen.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeenUpTo {
    /// Those up to this number; one above them all means all.
    pub up_to: u64,
}

/// Which calls of a user.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// Those to the user.
    To,
    /// Those that the user made.
    By,
    /// Both.
    Both,
}

const fn thirty() -> u32 {
    30
}

const fn rejected() -> &'static str {
    "rejected"
}

/// An input as it is in a journal.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum Line {
    /// Nothing but time.
    #[schemars(extend("x-kind" = "tick"))]
    Tick(TickLine),
    /// Something that has happened.
    #[schemars(extend("x-kind" = "fact"))]
    Fact(FactLine),
    /// A request.
    #[schemars(extend("x-kind" = "command"))]
    Command(CommandLine),
    /// A question.
    #[schemars(extend("x-kind" = "query"))]
    Query(QueryLine),
}

/// Nothing but time.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TickLine {
    /// When, in milliseconds.
    pub at: u64,
    /// Nothing.
    pub tick: Nothing,
}

/// An empty object.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Something that has happened.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactLine {
    /// When, in milliseconds.
    pub at: u64,
    /// What.
    pub fact: Fact,
}

/// A request.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandLine {
    /// When, in milliseconds.
    pub at: u64,
    /// The number of the request.
    #[schemars(default = "left_out")]
    #[serde(rename = "requestID")]
    pub request_id: u64,
    /// Who asks.
    pub by: Actor,
    /// For what.
    pub command: Command,
}

/// A question.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryLine {
    /// When, in milliseconds.
    pub at: u64,
    /// The number of the question.
    #[schemars(default = "left_out")]
    #[serde(rename = "requestID")]
    pub request_id: u64,
    /// Who asks.
    pub by: Actor,
    /// What.
    pub query: Query,
}
