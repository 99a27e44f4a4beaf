//! What is appended to a log at once.

use roomcall::Tick;
use roomcall::journal::Header;
use roomcall::protocol::Record;
use serde::{Deserialize, Serialize};

use super::{Sequence, StoreError};
use crate::events::webhook::Acknowledgement;
use crate::token_replay::{Revoked, Used};

/// What the engine makes durable at once: what came in at one moment.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Batch {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// What, in order.
    pub entries: Vec<Entry>,
}

/// One change of the state of a tenant.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Entry {
    /// The state begins, with this policy and these limits: the first entry of a log, and only that.
    Opened(Header),
    /// An input of the switchboard.
    Record(Record),
    /// A device has used a token that is newer than those before.
    Token(Used),
    /// Tokens were revoked.
    Revoked(Revoked),
    /// How far an endpoint of webhooks has come.
    Delivery(Acknowledgement),
}

impl Batch {
    /// A batch of nothing yet.
    pub const fn new(at: u64) -> Self {
        Self { at, entries: Vec::new() }
    }

    /// The bytes of a log.
    pub fn write(&self) -> Vec<u8> {
        // Its keys are texts, and it has no type that can refuse.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the bytes of a log.
    ///
    /// # Errors
    ///
    /// They are no batch, or one of a time that cannot be.
    pub fn read(sequence: Sequence, bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = |why: String| StoreError::Damaged(format!("batch {sequence}: {why}"));
        let batch: Self = serde_json::from_slice(bytes).map_err(|why| damaged(why.to_string()))?;
        let times = batch.records().map(|record| record.at).chain([batch.at]);
        if times.into_iter().any(|at| at > Tick::LAST.as_millis()) {
            return Err(damaged("it is after the end of time".to_owned()));
        }
        Ok(batch)
    }

    /// The inputs of the switchboard in it.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Record(record) => Some(record),
            _ => None,
        })
    }
}
