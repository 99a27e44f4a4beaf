//! What an observer is told before it begins.

use roomcall::{Limits, Policy};
use serde::{Deserialize, Serialize};

/// Where the traffic is recorded.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Vantage {
    /// At the authority, in the order in which it applies inputs: after each input the answer to it and what it notifies,
    /// before the next input. One line is before another if it has a lower number.
    #[default]
    Authority,
    /// At the devices, and merged by time. One line is before another if it is so on the same connection, or by more than the
    /// slack.
    Devices,
}

/// How much an observer remembers. What is over is dropped first, the oldest first; what is dropped is not judged any more.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Bounds {
    /// Attempts, each of at most 1 KiB and [`told`](Self::told) entries of 72 bytes, if ids have 64 bytes.
    pub attempts: usize,
    /// Connections, open ones and those that were closed last, each of at most 0.5 KiB.
    pub connections: usize,
    /// Devices whose requests are remembered, each of at most 0.5 KiB and its requests.
    pub devices: usize,
    /// Requests of each device, the ones with the highest numbers, each of at most 0.25 KiB.
    pub requests: usize,
    /// Connections that were told of one attempt. Of an attempt with more, not all that is owed is demanded.
    pub told: usize,
    /// Visits, each of a user to a room, of at most 0.25 KiB. Once there were more, nobody's right to hear of a room is judged.
    pub visits: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            attempts: 20_000,
            connections: 100_000,
            devices: 50_000,
            requests: 32,
            told: 32,
            visits: 100_000,
        }
    }
}

/// What an observer goes by.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// The authority's choices when the traffic begins. A fact `rulesChanged` that the observer sees changes them; one that it
    /// does not see has to be followed by a new observer. It stands before what it brings about.
    pub policy: Policy,
    /// The authority's bounds, likewise.
    pub limits: Limits,
    /// By how many milliseconds a line may be late: at the authority, how late a timer may fire; at the devices, in addition
    /// twice the longest time that a message is on its way, and the difference of clocks.
    pub slack: u64,
    /// Whether each connection is a stream: what is sent on it arrives once, in order, as long as it is open. Where it is not,
    /// nothing that is owed to a connection is demanded. At the authority it is taken for true.
    pub is_ordered: bool,
    /// Where the traffic is recorded.
    pub vantage: Vantage,
    /// Whether every fact and command of the backend is in the traffic, before what it brings about, from the beginning or
    /// since state was lost.
    pub sees_backend: bool,
    /// How much is remembered.
    pub bounds: Bounds,
}
