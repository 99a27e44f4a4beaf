//! An exchange as bytes, and back (X-08).
//!
//! Form, of the version of the switchboard's snapshots, numbers little-endian: `roomexch`, version
//! `u16`, payload, checksum of the payload `u64`. The payload is the switchboard's snapshot and the
//! memory of requests as JSON, each after its length `u64`.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Exchange;
use super::memory::{Judged, Memory, Requester};
use crate::protocol::{Actor, Command, Reply};
use crate::store::Checksum;
use crate::switchboard::{RestoreError, SNAPSHOT_VERSION, Switchboard};

const MAGIC: &[u8; 8] = b"roomexch";

#[derive(Serialize)]
struct Written<'a> {
    judged: u64,
    passed: Option<u64>,
    requesters: Vec<WrittenRequester<'a>>,
}

#[derive(Serialize)]
struct WrittenRequester<'a> {
    by: &'a Actor,
    last: u64,
    since: Option<u64>,
    requests: Vec<WrittenRequest<'a>>,
}

#[derive(Serialize)]
struct WrittenRequest<'a> {
    command: &'a Command,
    reply: &'a Reply,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    judged: u64,
    passed: Option<u64>,
    requesters: Vec<ReadRequester>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadRequester {
    by: Actor,
    last: u64,
    since: Option<u64>,
    requests: Vec<ReadRequest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadRequest {
    command: Command,
    reply: Reply,
}

impl Exchange {
    /// The whole state as bytes: the switchboard's and the memory of requests (X-08).
    pub fn snapshot(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        for part in [self.board.snapshot(), self.memory.written()] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            payload.extend(length.to_le_bytes());
            payload.extend(part);
        }
        let sum = Checksum::of(&payload).to_le_bytes();
        [&MAGIC[..], &SNAPSHOT_VERSION.to_le_bytes(), &payload, &sum].concat()
    }

    /// The exchange of a snapshot (X-08). A switchboard's own snapshot is not one.
    ///
    /// # Errors
    ///
    /// The bytes are no undamaged snapshot of an exchange of this version, or break an invariant
    /// (S-02).
    ///
    /// ```
    /// use roomcall::exchange::Exchange;
    /// use roomcall::switchboard::RestoreError;
    /// use roomcall::{Limits, Policy};
    ///
    /// let exchange = Exchange::new(Limits::DEFAULT, Policy::DEFAULT);
    /// assert_eq!(Exchange::restore(&exchange.board().snapshot()), Err(RestoreError::Foreign));
    /// assert_eq!(Exchange::restore(&exchange.snapshot()), Ok(exchange));
    /// ```
    pub fn restore(snapshot: &[u8]) -> Result<Self, RestoreError> {
        let rest = snapshot.strip_prefix(MAGIC).ok_or(RestoreError::Foreign)?;
        let (version, rest) = rest.split_first_chunk().ok_or(RestoreError::Damaged)?;
        let version = u16::from_le_bytes(*version);
        if version != SNAPSHOT_VERSION {
            return Err(RestoreError::Version { version });
        }
        let (payload, sum) = rest.split_last_chunk().ok_or(RestoreError::Damaged)?;
        if Checksum::of(payload) != u64::from_le_bytes(*sum) {
            return Err(RestoreError::Damaged);
        }
        let (board, rest) = part(payload).ok_or(RestoreError::Damaged)?;
        let (memory, rest) = part(rest).ok_or(RestoreError::Damaged)?;
        if !rest.is_empty() {
            return Err(RestoreError::Damaged);
        }
        let board = Switchboard::restore(board)?;
        let at = payload.len().saturating_sub(memory.len());
        let memory = read(memory, at)?;
        let memory = memory.filter(|memory| memory.is_sound(board.limits()));
        Ok(Self { board, memory: memory.ok_or(RestoreError::Impossible { at })? })
    }
}

/// Bytes after their length.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

impl Memory {
    fn written(&self) -> Vec<u8> {
        let requesters = self.requesters.iter().map(|(by, requester)| WrittenRequester {
            by,
            last: requester.last,
            since: requester.since,
            requests: requester
                .requests
                .values()
                .map(|Judged { command, reply }| WrittenRequest { command, reply })
                .collect(),
        });
        let (judged, passed) = (self.judged, self.passed);
        let written =
            serde_json::to_vec(&Written { judged, passed, requesters: requesters.collect() });
        debug_assert!(written.is_ok(), "texts and numbers can be written");
        written.unwrap_or_default()
    }
}

/// `None` if a requester, a number or a time is there twice. `at` is where the bytes begin.
fn read(bytes: &[u8], at: usize) -> Result<Option<Memory>, RestoreError> {
    let Read { judged, passed, requesters } = serde_json::from_slice(bytes)
        .map_err(|error| RestoreError::Impossible { at: at.saturating_add(error.column()) })?;
    let mut by_requester = BTreeMap::new();
    for ReadRequester { by, last, since, requests } in requesters {
        let mut by_number = BTreeMap::new();
        for ReadRequest { command, reply } in requests {
            if by_number.insert(reply.request_id, Judged { command, reply }).is_some() {
                return Ok(None);
            }
        }
        if by_requester.insert(by, Requester { last, since, requests: by_number }).is_some() {
            return Ok(None);
        }
    }
    Ok(Memory::restored(judged, passed, by_requester))
}
