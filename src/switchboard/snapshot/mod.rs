//! Snapshots: the whole state as bytes, and back (S-01, S-02).
//!
//! Form, version 10, numbers little-endian: `roomcall`, version `u16`, length of the payload `u64`,
//! payload, CRC-32 `u32` of all that is before it. The payload is the [`Image`](image::Image) of the state, in
//! the encoding of `postcard`: logical and by name, in an order that depends on the state alone, so
//! that equal states have equal snapshots. Handles do not survive a restore. Versions 4 to 9 are read,
//! too (`old.rs`); the checksum of 4 and 5 is of the payload alone.

pub(super) mod image;
mod log;
mod old;
mod read;
mod requests;
#[cfg(test)]
mod tests;
mod write;

use alloc::vec::Vec;

use super::Switchboard;
use super::verify::Broken;
use crate::domain::rule::Rule;
use crate::domain::time::Tick;

const MAGIC: &[u8; 8] = b"roomcall";
const VERSION: u16 = 10;

/// Why bytes are not a snapshot that can be restored. Nothing of it was used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The bytes do not begin like a snapshot.
    #[error("this is not a roomcall snapshot: it does not begin with `roomcall` and a version")]
    NotASnapshot,
    /// The snapshot is of another version.
    #[error(
        "the snapshot is of version {version}, and this reads versions 4 to 10: restore it with the \
         release that wrote it, or replay the journal"
    )]
    Version {
        /// Its version.
        version: u16,
    },
    /// The length does not fit, or the checksum does not.
    #[error("the snapshot is damaged or cut off: restore an older one, or replay the journal")]
    Damaged,
    /// The checksum fits, but no switchboard writes such a payload.
    #[error("the snapshot has an impossible {what}: no switchboard wrote it")]
    Impossible {
        /// What is impossible.
        what: &'static str,
    },
    /// The state is well-formed and breaks an invariant.
    #[error(transparent)]
    Broken(#[from] Broken),
}

impl RestoreError {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::NotASnapshot | Self::Version { .. } | Self::Damaged | Self::Impossible { .. } => {
                Rule::S02
            }
            Self::Broken(Broken(rule)) => *rule,
        }
    }
}

impl Switchboard {
    /// The whole state as bytes (S-01): equal bytes for equal states. Names that only the host
    /// interned are not in it. It takes time and memory in proportion to the state.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut snapshot = Vec::new();
        self.snapshot_into(&mut snapshot);
        snapshot
    }

    /// As [`snapshot`](Self::snapshot), into bytes that the caller owns and that are cleared first.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Limits, Policy};
    ///
    /// let (board, mut bytes) = (Switchboard::new(Limits::DEFAULT, Policy::DEFAULT), Vec::new());
    /// board.snapshot_into(&mut bytes);
    /// assert_eq!(bytes, board.snapshot());
    /// ```
    pub fn snapshot_into(&self, snapshot: &mut Vec<u8>) {
        snapshot.clear();
        snapshot.extend_from_slice(MAGIC);
        snapshot.extend_from_slice(&VERSION.to_le_bytes());
        let payload = self.encode(write::Times::Absolute);
        let length = u64::try_from(payload.len()).unwrap_or(u64::MAX);
        snapshot.extend_from_slice(&length.to_le_bytes());
        snapshot.extend_from_slice(&payload);
        snapshot.extend_from_slice(&crc32fast::hash(snapshot).to_le_bytes());
    }

    /// The switchboard of a snapshot (S-01). It goes on at the clock of the snapshot: an earlier input is
    /// judged at that clock (T-02), so give it times of the same clock. Handles do not survive: resolve
    /// the names of connections anew.
    ///
    /// # Errors
    ///
    /// The bytes are no undamaged snapshot of a version that is read, or break an invariant
    /// (S-02).
    ///
    /// ```
    /// use roomcall::switchboard::{RestoreError, Switchboard};
    /// use roomcall::{Limits, Policy};
    ///
    /// let board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// assert_eq!(Switchboard::restore(&board.snapshot()), Ok(board));
    /// assert_eq!(Switchboard::restore(b"something else"), Err(RestoreError::NotASnapshot));
    /// ```
    pub fn restore(snapshot: &[u8]) -> Result<Self, RestoreError> {
        let rest = snapshot.strip_prefix(MAGIC).ok_or(RestoreError::NotASnapshot)?;
        let (version, rest) = rest.split_first_chunk().ok_or(RestoreError::NotASnapshot)?;
        let version = u16::from_le_bytes(*version);
        let decode = match version {
            VERSION => read::decode,
            9 => read::decode_9,
            8 => read::decode_8,
            7 => read::decode_7,
            6 => read::decode_6,
            5 => read::decode_5,
            4 => read::decode_4,
            _ => return Err(RestoreError::Version { version }),
        };
        let (length, rest) = rest.split_first_chunk().ok_or(RestoreError::Damaged)?;
        let (payload, checksum) = rest.split_last_chunk().ok_or(RestoreError::Damaged)?;
        let all = snapshot.strip_suffix(checksum).unwrap_or_default();
        let covered = if version >= 6 { all } else { payload };
        let is_whole = u64::try_from(payload.len()) == Ok(u64::from_le_bytes(*length))
            && crc32fast::hash(covered) == u32::from_le_bytes(*checksum);
        if !is_whole {
            return Err(RestoreError::Damaged);
        }
        decode(payload)
    }

    /// The state hash (S-03) and equality are about this: the image without the key, with times as
    /// lengths since `origin`.
    pub(super) fn canonical(&self, origin: Tick) -> Vec<u8> {
        self.encode(write::Times::Since(origin))
    }
}
