//! What the backend states, and what comes of it.

use schemars::JsonSchema;

use super::left_out;
use super::rules::OtherRules;
use super::sent::Actor;

/// Something that has happened, as the backend states it.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Fact {
    /// A room was opened.
    RoomOpened(Opened),
    /// A room is no more.
    RoomDissolved(Dissolved),
    /// A user went into a room.
    UserEntered(PresenceOf),
    /// A user left a room, on that device and in that session.
    UserLeft(PresenceOf),
    /// Everybody who is in a room.
    PresenceListed(PresenceList),
    /// A user was put out of a room, or is not to ring for it any more.
    UserRemoved(Removed),
    /// A user has another role in a room.
    RoleSet(RoleOf),
    /// A user is to be forgotten: `DELETE /v1/users/{id}` states the same.
    UserErased(Erased),
    /// The policy and limits are others from now on.
    RulesChanged(OtherRules),
    /// The state may be older than what was told.
    Recovered(LostState),
}

/// A room was opened.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Whose it is.
    pub owner: String,
}

/// A room is no more.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dissolved {
    /// The room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// By whom; the backend if left out.
    #[schemars(default = "backend")]
    pub by: Actor,
    /// Which opening of the room is meant; the present one if left out.
    pub opening: Option<u64>,
}

const fn backend() -> &'static str {
    "backend"
}

/// A user and a room, perhaps on one device and in one session.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceOf {
    /// The room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The user.
    #[serde(rename = "userID")]
    pub user: String,
    /// On which device, if that is known.
    #[serde(rename = "deviceID")]
    pub device: Option<String>,
    /// In which session, if that is known: one connection to the room.
    #[serde(rename = "sessionID")]
    pub session: Option<String>,
    /// Which opening of the room is meant; the present one if left out.
    pub opening: Option<u64>,
}

/// Everybody who is in a room.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceList {
    /// The room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// A user once for each device and session.
    pub present: Vec<Present>,
    /// Which opening of the room is meant; the present one if left out.
    pub opening: Option<u64>,
}

/// A user is to be forgotten.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    /// The user.
    #[serde(rename = "userID")]
    pub user: String,
}

/// Who is in a room.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Present {
    /// The user.
    #[serde(rename = "userID")]
    pub user: String,
    /// On which device, if that is known.
    #[serde(rename = "deviceID")]
    pub device: Option<String>,
    /// In which session, if that is known: one connection to the room.
    #[serde(rename = "sessionID")]
    pub session: Option<String>,
}

/// A user was put out.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// The room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The user.
    #[serde(rename = "userID")]
    pub user: String,
    /// By whom; the backend if left out.
    #[schemars(default = "backend")]
    pub by: Actor,
    /// Which opening of the room is meant; the present one if left out.
    pub opening: Option<u64>,
}

/// A user has another role.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleOf {
    /// The room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The user.
    #[serde(rename = "userID")]
    pub user: String,
    /// Which.
    pub role: Role,
    /// Which opening of the room is meant; the present one if left out.
    pub opening: Option<u64>,
}

/// The state may be older than what was told: all that rings is revoked, and all connections close.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LostState {
    /// No number that was ever told is above it: the time in milliseconds since 1970, times 1024.
    pub floor: u64,
}

/// What somebody is in a room.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Whose room it is.
    Owner,
    /// May revoke calls.
    Admin,
    /// Anybody.
    Participant,
}

/// What came of a fact.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactAnswer {
    /// The number of the opening of its room, if the room is open then.
    #[schemars(default = "left_out")]
    pub opening: u64,
    /// The rule by which it changed nothing.
    #[schemars(default = "left_out")]
    pub ignored: String,
    /// The limit that it is over.
    #[schemars(default = "left_out")]
    pub limit: ExceededLimit,
}

/// A limit that something is over.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceededLimit {
    /// Which.
    pub name: String,
    /// How much is allowed.
    pub value: u32,
}
