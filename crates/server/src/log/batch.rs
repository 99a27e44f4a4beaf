//! What is appended to a log at once.
//!
//! A batch is JSON, or, if it has many bytes, the byte 1 and then that JSON as a block of LZ4 with its length in front. What many
//! people do at once is much alike: of a million who enter a tenth is left, and the file of a log does not become smaller
//! by itself.

use std::borrow::Cow;

use roomcall::Tick;
use roomcall::journal::Header;
use roomcall::protocol::Record;
use serde::{Deserialize, Serialize};

use super::{Sequence, StoreError};
use crate::events::webhook::Acknowledgement;
use crate::token_replay::{Revoked, Used};

/// The first byte of a batch that is compressed: no JSON begins with it.
const COMPRESSED: u8 = 1;
/// A batch of fewer bytes is not: it fits into a page of the file as it is.
const WORTH_IT: usize = 4_096;
/// No batch is longer than this, in bytes: what says so is damaged.
const LONGEST: u32 = 1 << 30;

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
        let json = serde_json::to_vec(self).unwrap_or_default();
        if json.len() < WORTH_IT {
            return json;
        }
        let mut bytes = vec![COMPRESSED];
        bytes.append(&mut lz4_flex::block::compress_prepend_size(&json));
        bytes
    }

    /// Reads the bytes of a log.
    ///
    /// # Errors
    ///
    /// They are no batch, or one of a time that cannot be.
    pub fn read(sequence: Sequence, bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = |why: String| StoreError::Damaged(format!("batch {sequence}: {why}"));
        let json = uncompressed(bytes).map_err(damaged)?;
        let batch: Self = serde_json::from_slice(&json).map_err(|why| damaged(why.to_string()))?;
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

fn uncompressed(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let Some((&COMPRESSED, block)) = bytes.split_first() else { return Ok(bytes.into()) };
    // The length is given room before the block is read.
    let length = block.first_chunk().map(|length| u32::from_le_bytes(*length));
    if length.is_none_or(|length| length > LONGEST) {
        return Err(format!("{length:?} is no length of a batch"));
    }
    let json = lz4_flex::block::decompress_size_prepended(block);
    json.map(Cow::Owned).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use roomcall::protocol::{Fact, Input};

    use super::*;

    fn batch(count: u64) -> Batch {
        let entered = |number| {
            let (user, device) = (format!("user-{number:012}"), format!("phone-{number:012}"));
            let input = Input::Fact(Fact::user_entered("standup".to_owned(), user, device));
            Entry::Record(Record { at: 1, request_id: None, input })
        };
        Batch { at: 1, entries: (0..count).map(entered).collect() }
    }

    #[test]
    fn a_long_batch_is_compressed() {
        for (count, share) in [(1, 1), (1_024, 6)] {
            let batch = batch(count);
            let (json, bytes) = (serde_json::to_vec(&batch).unwrap(), batch.write());
            assert!(bytes.len() <= json.len() / share, "{} of {} bytes", bytes.len(), json.len());
            assert_eq!(Batch::read(7, &bytes).unwrap(), batch);
            // So it was stored before.
            assert_eq!(Batch::read(7, &json).unwrap(), batch);
        }
    }

    #[test]
    fn a_damaged_block_is_an_error() {
        let whole = batch(1_024).write();
        for damaged in [&[COMPRESSED][..], &[COMPRESSED, 255, 255, 255, 255, 0], &whole[..99]] {
            let why = Batch::read(7, damaged).unwrap_err();
            assert!(why.to_string().contains("batch 7"), "{why}");
        }
    }
}
