//! What a client asks to know.

use schemars::JsonSchema;

use super::CallStatus;

/// Something to be known.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Query {
    /// A page of a room's pending list.
    GetPendingCalls(Page),
    /// What rings for the user who asks.
    GetIncomingCalls(Incoming),
    /// The calls to and by the user who asks, and what became of those that are over.
    GetMyCalls(MyCalls),
    /// The entries of the user's call log after one of them.
    GetCallLog(Log),
    /// A page of the live calls to and by a user, for the backend.
    GetUserCalls(UserCalls),
    /// A page of all live calls, for the backend.
    GetLiveCalls(AllCalls),
}

/// Which page of the live calls of a user.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserCalls {
    /// Whose.
    #[serde(rename = "userID")]
    pub user: String,
    /// `nextCursor` of the page before; without it the first page.
    pub cursor: Option<String>,
    /// The most calls in it; 20 if left out.
    #[schemars(default = "twenty")]
    pub page_size: u32,
}

/// Which page of all live calls.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllCalls {
    /// `nextCursor` of the page before; without it the first page.
    pub cursor: Option<String>,
    /// The most calls in it; 20 if left out.
    #[schemars(default = "twenty")]
    pub page_size: u32,
}

/// Which page.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Of which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// `nextCursor` of the page before; without it the first page.
    pub cursor: Option<String>,
    /// The most calls in it; 20 if left out.
    #[schemars(default = "twenty")]
    pub count: u32,
    /// Only calls of this status.
    pub status: Option<CallStatus>,
}

const fn twenty() -> u32 {
    20
}

/// What rings.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incoming {
    /// What ended after this attempt, too.
    pub since: Option<u64>,
}

/// The calls to and by the user who asks.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MyCalls {
    /// What ended after this attempt, too; 0 if left out.
    pub since: Option<u64>,
}

/// Which entries of the user's call log.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Those above this number; 0 if left out.
    pub since: Option<u64>,
    /// The most entries; 20 if left out.
    #[schemars(default = "twenty")]
    pub count: u32,
}
