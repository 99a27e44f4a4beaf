//! What is heard from a server.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::call_log::{CallLog, Seen};
use super::event::Event;
use super::facts::FactAnswer;
use super::live::{IncomingCalls, LiveCall};
use super::my_calls::MyCalls;
use super::sent::UserOnDevice;
use super::{CallStatus, Nullable, left_out};

/// One message to a device.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum Output {
    /// To a numbered request.
    Reply(Reply),
    /// To a numbered request: no.
    ReplyRefused(ReplyRefused),
    /// To a request without a number.
    Answered(Answered),
    /// To a request without a number: no.
    AnswerRefused(AnswerRefused),
    /// Something happened.
    Effect(Effect),
}

/// The answer to a numbered request.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reply {
    /// The server's clock, in milliseconds since 1970.
    pub at: u64,
    /// The number of the request.
    #[serde(rename = "requestID")]
    pub request_id: u64,
    /// The answer.
    pub answer: Answer,
    /// The attempt of each user of whom the answer is about one.
    #[schemars(default = "left_out")]
    pub attempts: BTreeMap<String, u64>,
    /// With `getIncomingCalls` and `getMyCalls`: the lowest number that a new request may have.
    #[schemars(default = "left_out")]
    #[serde(rename = "nextRequestID")]
    pub next_request_id: u64,
    /// Whether the request was judged before, and this is the answer that it had.
    #[schemars(default = "left_out")]
    pub repeated: bool,
}

/// The refusal of a numbered request.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyRefused {
    /// The server's clock, in milliseconds since 1970.
    pub at: u64,
    /// The number of the request.
    #[serde(rename = "requestID")]
    pub request_id: u64,
    /// Why.
    pub refused: Refused,
    /// Whether the request was judged before, and this is the answer that it had.
    #[schemars(default = "left_out")]
    pub repeated: bool,
}

/// The answer to a request without a number.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The server's clock, in milliseconds since 1970.
    pub at: u64,
    /// The answer.
    pub answer: Answer,
}

/// The refusal of a request without a number.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRefused {
    /// The server's clock, in milliseconds since 1970.
    pub at: u64,
    /// Why.
    pub refused: Refused,
}

/// Something happened.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-name" = "SwitchboardEffect"))]
pub struct Effect {
    /// The server's clock, in milliseconds since 1970.
    pub at: u64,
    /// Who is told.
    pub to: To,
    /// What.
    pub event: Event,
    /// By which rule.
    pub because: String,
    /// Whether a push is to wake the devices that are not connected: with `onCallReceived`.
    #[schemars(default = "left_out")]
    pub wake: bool,
}

/// An answer, by what was asked.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// What came of a fact.
    Fact(FactAnswer),
    /// By user.
    #[schemars(extend("x-field" = "results"))]
    CallUserToRoom(BTreeMap<String, CallResult>),
    /// By user.
    #[schemars(extend("x-field" = "results"))]
    CancelCall(BTreeMap<String, Withdrawn>),
    /// By user.
    #[schemars(extend("x-field" = "results"))]
    RevokeCall(BTreeMap<String, Withdrawn>),
    /// Which.
    AcceptCall(Decided),
    /// Which.
    RejectCall(Decided),
    /// A page.
    GetPendingCalls(PendingCalls),
    /// What rings.
    GetIncomingCalls(IncomingCalls),
    /// The calls to and by the user.
    GetMyCalls(MyCalls),
    /// Entries of the user's call log.
    GetCallLog(CallLog),
    /// Up to which entry they are seen now.
    MarkCallsSeen(Seen),
    /// Whether it was heard.
    Ringing(Rung),
    /// Which calls ended.
    RevokeUserCalls(UserRevoked),
    /// A page of the live calls of a user.
    GetUserCalls(LiveCalls),
    /// A page of all live calls.
    GetLiveCalls(LiveCalls),
}

/// What was heard of a call that is shown.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Its number.
    pub attempt: u64,
    /// Whether it rings for the user, and its caller knows then that it does.
    pub rung: bool,
}

/// What became of a call for one user.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CallResult {
    /// It rings.
    Success,
    /// The user is called already.
    AlreadyInCalling,
    /// The user is in the room already.
    AlreadyInRoom,
}

/// What became of a cancel or revoke for one user.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Withdrawn {
    /// The call is cancelled.
    Cancelled,
    /// The call is revoked.
    Revoked,
    /// There was no call.
    NotCalling,
    /// It is somebody else's call.
    NotYours,
    /// It was too late.
    AlreadyAccepted,
    /// It was too late.
    AlreadyRejected,
    /// It was too late.
    AlreadyTimedOut,
    /// It was too late.
    AlreadyCancelled,
    /// It was too late.
    AlreadyRevoked,
}

/// Which attempt was decided.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// Its number.
    pub attempt: u64,
}

/// The calls of a user that were revoked.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserRevoked {
    /// Their numbers, in order.
    pub attempts: Vec<u64>,
    /// Whether there are more: ask again.
    pub more: bool,
}

/// A page of live calls.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveCalls {
    /// In order of attempts.
    pub calls: Vec<LiveCall>,
    /// Where the next page begins; empty if there is none.
    pub next_cursor: String,
    /// Of two such answers that with the higher one is the newer.
    pub revision: u64,
}

/// A page of a pending list.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PendingCalls {
    /// In order of attempts.
    pub calls: Vec<PendingCall>,
    /// Where the next page begins; empty if there is none.
    pub next_cursor: String,
    /// Whose calls they are; everybody's if left out.
    #[schemars(default = "left_out")]
    pub scope: Scope,
}

/// Whose calls are in a page.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Those to the user who asks, who is not in the room.
    Own,
}

/// An entry of a pending list.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PendingCall {
    /// Who called.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// How it stands.
    pub status: CallStatus,
    /// Its number.
    pub attempt: u64,
    /// Milliseconds that it still rings; null for without end, and where it rings no more.
    pub time_left: Nullable<u64>,
    /// The text that goes with it, for the backend and where it rings.
    #[schemars(default = "left_out")]
    pub extension_info: String,
}

/// Why a request is refused.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refused {
    /// The number of the kind of refusal.
    pub code: i32,
    /// The rule that refuses; J-02 what is no request.
    pub rule: String,
    /// For people; after J-02 it names the field and the column that are wrong.
    pub message: String,
    /// For who was too late: what came before.
    #[schemars(default = "left_out")]
    pub ended: EndedBy,
    /// Where there is too much at once: in how many milliseconds the request may be sent again. After the
    /// rule L-15 it keeps its number.
    #[schemars(default = "left_out")]
    pub retry_after: u64,
}

/// How a call ended, and by whom.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndedBy {
    /// How.
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

/// The endings of a call.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-name" = "EndingKind"))]
pub enum How {
    /// The callee said yes.
    Accepted,
    /// The callee said no.
    Rejected,
    /// The callee is in another room.
    InOtherRoom,
    /// Nobody answered in time.
    TimedOut,
    /// The caller withdrew it.
    Cancelled,
    /// The owner, an admin or the backend ended it.
    Revoked,
    /// The callee came in by another way.
    Entered,
}

/// Who is told.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum To {
    /// All devices of a user.
    #[schemars(extend("x-kind" = "user"))]
    User(OneUser),
    /// One device of a user.
    #[schemars(extend("x-kind" = "device"))]
    Device(UserOnDevice),
    /// All devices of a user but one.
    #[schemars(extend("x-kind" = "otherDevices"))]
    Others(OtherDevices),
    /// Everybody in a room.
    #[schemars(extend("x-kind" = "room"))]
    Room(OneRoom),
}

/// A user.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneUser {
    /// The user's id.
    pub user: String,
}

/// All devices of a user but one.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OtherDevices {
    /// The user's id.
    pub user: String,
    /// The one that is not told.
    pub except_device: String,
}

/// A room.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneRoom {
    /// The room's id.
    pub room: String,
}
