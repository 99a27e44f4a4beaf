//! Snapshots: the whole state as bytes, and back (S-01, S-02).
//!
//! Form, version 3, all numbers little-endian: `roomcall`, version `u16`, length of the payload
//! `u64`, payload, checksum of the payload `u64`. The payload holds limits, policy, the key of the
//! hashes and counters, and then the records as they lie, each as an image of a few words: users,
//! rooms and devices with their names, calls and their texts, and seats. So it is written at the
//! speed of memory, and read back without putting anything in order: only what can be counted, and
//! the deadlines, are not in it.

use alloc::vec::Vec;

use super::Switchboard;
use super::check::Broken;
use super::hash::position;
use crate::{ActiveCalls, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Policy, Rule};

mod derive;
mod image;
mod read;
mod write;

pub(super) const MAGIC: &[u8; 8] = b"roomcall";
pub(crate) const VERSION: u16 = 3;

/// Why bytes are not a snapshot that can be restored. Nothing of it was used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The bytes do not begin like a snapshot.
    #[error("this is not a roomcall snapshot")]
    Foreign,
    /// The snapshot is of another version.
    #[error("the snapshot is of version {version}, and this reads version 3")]
    Version {
        /// Its version.
        version: u16,
    },
    /// The length does not fit, or the checksum does not.
    #[error("the snapshot is damaged or cut off")]
    Damaged,
    /// The checksum fits, but byte `at` of the payload cannot be there.
    #[error("the snapshot has an impossible value at byte {at} of its payload")]
    Impossible {
        /// Where, in bytes from the start of the payload.
        at: usize,
    },
    /// The state is well-formed and breaks an invariant.
    #[error(transparent)]
    Broken(#[from] Broken),
}

impl RestoreError {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Foreign | Self::Version { .. } | Self::Damaged | Self::Impossible { .. } => {
                Rule::S02
            }
            Self::Broken(Broken(rule)) => *rule,
        }
    }
}

impl Switchboard {
    /// The whole state as bytes (S-01). What the host holds is not in it.
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
        write::snapshot(self, snapshot);
    }

    /// The switchboard of a snapshot (S-01).
    ///
    /// # Errors
    ///
    /// The bytes are no undamaged snapshot of this version, or break an invariant (S-02).
    ///
    /// ```
    /// use roomcall::switchboard::{RestoreError, Switchboard};
    /// use roomcall::{Limits, Policy};
    ///
    /// let board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// assert_eq!(Switchboard::restore(&board.snapshot()), Ok(board));
    /// assert_eq!(Switchboard::restore(b"something else"), Err(RestoreError::Foreign));
    /// ```
    pub fn restore(snapshot: &[u8]) -> Result<Self, RestoreError> {
        read::restore(snapshot)
    }
}

/// The limits in the order of their declaration.
pub(super) fn limit_numbers(limits: &Limits) -> [u32; 16] {
    [
        limits.callees,
        limits.timeout_max,
        u32::from(limits.never),
        limits.extension_bytes,
        limits.live_calls_per_room,
        limits.kept_per_room,
        limits.ended_per_room,
        limits.live_calls,
        limits.id_bytes,
        limits.page_size,
        limits.rooms,
        limits.participants_per_room,
        limits.admins_per_room,
        limits.held_names,
        limits.requests_per_requester,
        limits.requesters,
    ]
}

/// The policy in the order of its declaration.
pub(super) fn policy_numbers(policy: &Policy) -> [u8; 5] {
    [
        position(ActiveCalls::ALL, policy.active_calls),
        position(InOtherRoom::ALL, policy.in_other_room),
        position(CallerLeft::ALL, policy.caller_left),
        position(MayCall::ALL, policy.may_call),
        position(OutcomesTo::ALL, policy.outcomes_to),
    ]
}

/// A clock or a counter of a snapshot: half the range is out of reach, so that neither ever stands
/// still (T-09, C-06).
const fn counter(number: u64) -> Option<u64> {
    if number <= crate::Tick::LAST.as_millis() { Some(number) } else { None }
}
