//! The policy and limits, of which a fact changes a part.

use schemars::JsonSchema;

/// Other values of the policy and the limits; what is left out stays.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherRules {
    /// What is different in the policy.
    pub policy: Option<PolicyChange>,
    /// What is different in the limits.
    pub limits: Option<LimitsChange>,
}

/// Other values of the policy.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyChange {
    /// How many live calls a user may have.
    pub active_calls: Option<ActiveCalls>,
    /// What a call to somebody in another room does.
    pub in_other_room: Option<InOtherRoom>,
    /// What becomes of the calls of a caller who leaves.
    pub caller_left: Option<CallerLeft>,
    /// Who may call.
    pub may_call: Option<MayCall>,
    /// Which of the caller's devices are told of the outcome.
    pub outcomes_to: Option<OutcomesTo>,
    /// For how many seconds who has accepted is expected in the room; 0 for not at all.
    pub join_grace: Option<u32>,
}

/// How many live calls a user may have.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ActiveCalls {
    /// One.
    PerUser,
    /// One in each room.
    PerRoom,
}

/// What a call to somebody in another room does.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum InOtherRoom {
    /// It is rejected.
    Reject,
    /// It rings.
    Ring,
}

/// What becomes of the calls of a caller who leaves.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CallerLeft {
    /// They ring on.
    KeepRinging,
    /// They are cancelled.
    CancelCalls,
    /// All calls of a room are cancelled when nobody is left in it.
    CancelIfRoomEmpty,
}

/// Who may call.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MayCall {
    /// Everybody in the room.
    Anyone,
    /// The owner and admins.
    Admins,
}

/// Which of the caller's devices are told of the outcome.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OutcomesTo {
    /// The one that called.
    CallingDevice,
    /// All.
    AllDevices,
}

/// Other limits: how much of everything there may be.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LimitsChange {
    /// Users in one request.
    pub callees: Option<u32>,
    /// The longest timeout, in seconds.
    pub timeout_max: Option<u32>,
    /// Whether a call may ring without end.
    pub never: Option<bool>,
    /// The longest extension text, in bytes; may only grow.
    pub extension_bytes: Option<u32>,
    /// Live calls of a room.
    pub live_calls_per_room: Option<u32>,
    /// Kept records of a room.
    pub kept_per_room: Option<u32>,
    /// Remembered endings of a room.
    pub ended_per_room: Option<u32>,
    /// Live calls in all.
    pub live_calls: Option<u32>,
    /// The longest id, in bytes; may only grow.
    pub id_bytes: Option<u32>,
    /// The largest page; may only grow.
    pub page_size: Option<u32>,
    /// Open rooms.
    pub rooms: Option<u32>,
    /// Users in a room.
    pub participants_per_room: Option<u32>,
    /// Admins of a room.
    pub admins_per_room: Option<u32>,
    /// Names of one kind that the host interns.
    pub held_names: Option<u32>,
    /// Numbered requests of a device that are remembered.
    pub requests_per_requester: Option<u32>,
    /// Devices whose requests are remembered.
    pub requesters: Option<u32>,
    /// Calls that a user may make in a minute; 0 is any number.
    pub calls_per_minute: Option<u32>,
    /// Users whose calls are counted.
    pub rated_users: Option<u32>,
    /// Entries of a user's call log.
    pub logged_per_user: Option<u32>,
    /// Entries of all call logs.
    pub logged_calls: Option<u32>,
    /// For how many seconds an entry is given.
    pub logged_for: Option<u32>,
}
