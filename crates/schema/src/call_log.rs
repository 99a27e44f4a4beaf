//! A user's call log.

use schemars::JsonSchema;

use super::heard::EndedBy;
use super::left_out;

/// Entries of a call log.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallLog {
    /// By their numbers.
    pub entries: Vec<LogEntry>,
    /// Whether there are further entries: those after `lastLogged`.
    pub more: bool,
    /// The number after which it was asked.
    pub since: u64,
    /// The number of the newest entry, 0 if there is none, or, if there are more, that of the last one
    /// here.
    pub last_logged: u64,
    /// Up to which entry the user has seen them.
    pub seen: u64,
    /// Of two such answers that with the higher one is the newer.
    pub revision: u64,
}

/// Somebody called: either `ended` or `tries` is there.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// Its number.
    pub number: u64,
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Who called.
    pub caller: String,
    /// How many milliseconds ago it was over, or was tried last.
    pub age: u64,
    /// How it ended.
    #[schemars(default = "left_out")]
    pub ended: EndedBy,
    /// How often it was tried, if it was refused since another call rang.
    #[schemars(default = "left_out")]
    pub tries: u64,
}

/// Up to which entry of a call log the user has seen them.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The number of the entry, 0 if none.
    pub seen: u64,
}
