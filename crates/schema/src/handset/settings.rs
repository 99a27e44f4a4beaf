//! The intervals and bounds of a handset.

use schemars::JsonSchema;

use crate::Nullable;

/// The intervals and bounds of a handset. Intervals are in milliseconds.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// An unanswered request is sent again after this long (D-17).
    pub retry_interval: u64,
    /// A snapshot is requested at least this often while there is a connection; none for a transport that
    /// loses nothing but by going down (D-16).
    pub refresh: Nullable<u64>,
    /// A call whose accept or reject is unanswered is silenced this long after its deadline (D-13).
    pub answer_grace: u64,
    /// A ring with less time left is not shown: nobody could answer it (D-06).
    pub min_ring: u64,
    /// A call, cancel or revoke that could not be sent for this long is not sent (D-20).
    pub valid_for: u64,
    /// After this device has answered a call, no other one begins to ring for so long, or until it is in a
    /// room (D-32).
    pub join_quiet: u64,
    /// After another device of the user has answered a call, no other one begins to ring here for so long
    /// (D-32).
    pub settle: u64,
    /// What happens with a ring for a call that is over (D-06).
    pub late_ring: LateRing,
    /// Calls to this user that are known at once (D-19).
    pub calls: u32,
    /// Endings that are remembered between two snapshots (D-14).
    pub endings: u32,
    /// How far the number of a new request may be above the lowest unanswered one (D-18).
    pub requests: u32,
    /// Calls by this user whose outcome is remembered (D-21).
    pub outgoing: u32,
    /// Entries requested with one page of the pending list (D-23).
    pub page: u32,
}

/// What happens with a ring for a call that is over (D-06).
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LateRing {
    /// Nothing.
    Ignore,
    /// A `report`, so that the call can be reported to the operating system and ended at once.
    Report,
}
