//! Snapshots: the whole state as bytes, and back (S-01, S-02).
//!
//! Form, version 2, all numbers little-endian: `roomcall`, version `u16`, length of the payload
//! `u64`, payload, checksum of the payload `u64`. The payload holds limits, policy, counters, the
//! three name tables, rooms and calls; what can be derived from these is not in it.

use alloc::vec::Vec;

use super::Switchboard;
use super::check::Broken;
use super::hash::{checksum, how_number, position, status_number};
use super::state::{Call, CallState, Remembered, Room};
use crate::id::Handle;
use crate::names::Names;
use crate::{
    ActiveCalls, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Policy, Rule, Tick, UserId,
};

mod read;

pub(super) const MAGIC: &[u8; 8] = b"roomcall";
pub(crate) const VERSION: u16 = 2;

/// Why bytes are not a snapshot that can be restored. Nothing of it was used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The bytes do not begin like a snapshot.
    #[error("this is not a roomcall snapshot")]
    Foreign,
    /// The snapshot is of another version.
    #[error("the snapshot is of version {version}, and this reads version 2")]
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
        let mut payload = Writer(Vec::new());
        limit_numbers(&self.limits).into_iter().for_each(|number| payload.u32(number));
        payload.0.extend(policy_numbers(&self.policy));
        payload.u64(self.clock.as_millis());
        payload.u64(self.attempts);
        payload.u64(self.endings);
        payload.u64(self.openings);
        payload.names(&self.names.users);
        payload.names(&self.names.rooms);
        payload.names(&self.names.devices);
        payload.len(self.rooms.len());
        for (id, room) in &self.rooms {
            payload.handle(id.0);
            payload.room(room);
        }
        payload.len(self.calls.len());
        for (attempt, call) in &self.calls {
            payload.u64(attempt.get());
            payload.call(call);
        }
        let payload = payload.0;
        let mut snapshot = Writer(MAGIC.to_vec());
        snapshot.0.extend(VERSION.to_le_bytes());
        snapshot.len(payload.len());
        snapshot.0.extend(&payload);
        snapshot.u64(checksum(&payload));
        snapshot.0
    }

    /// The switchboard of a snapshot (S-01).
    ///
    /// # Errors
    ///
    /// The bytes are no undamaged snapshot of this version, or break an invariant (S-02).
    ///
    /// ```
    /// use roomcall::server::{RestoreError, Switchboard};
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

struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, number: u8) {
        self.0.push(number);
    }

    fn u32(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn len(&mut self, len: usize) {
        self.u64(u64::try_from(len).unwrap_or(u64::MAX));
    }

    fn text(&mut self, text: &str) {
        self.len(text.len());
        self.0.extend(text.as_bytes());
    }

    fn handle(&mut self, handle: Handle) {
        self.u32(handle.slot);
        self.u32(handle.generation.get());
    }

    fn handles<'a>(&mut self, handles: impl ExactSizeIterator<Item = &'a Handle>) {
        self.len(handles.len());
        handles.for_each(|handle| self.handle(*handle));
    }

    fn users<'a>(&mut self, users: impl ExactSizeIterator<Item = &'a UserId>) {
        self.len(users.len());
        users.for_each(|user| self.handle(user.0));
    }

    /// A name that only the host holds is left out as if it were released and forgotten.
    fn names(&mut self, names: &Names) {
        let mut free = names.free().to_vec();
        self.len(names.slots().len());
        for (slot, at) in names.slots().iter().zip(0_u32..) {
            let generation = slot.generation;
            match slot.entry.as_ref().filter(|entry| entry.outlives_the_host()) {
                Some(entry) => {
                    self.u32(generation.get());
                    self.text(&entry.name);
                }
                None if slot.entry.is_some() => {
                    let next = generation.checked_add(1);
                    free.extend(next.map(|_| at));
                    self.u32(next.unwrap_or(generation).get());
                    self.text("");
                }
                None => {
                    self.u32(generation.get());
                    self.text("");
                }
            }
        }
        self.len(free.len());
        free.into_iter().for_each(|slot| self.u32(slot));
        let (fading, faded) = names.waiting();
        self.handles(fading.iter());
        self.handles(faded.iter());
    }

    fn room(&mut self, room: &Room) {
        self.u64(room.opening);
        self.u8(u8::from(room.owner.is_some()));
        if let Some(owner) = room.owner {
            self.handle(owner.0);
        }
        self.users(room.admins.iter());
        self.users(room.present.iter());
        self.len(room.ended.len());
        for (callee, remembered) in &room.ended {
            self.handle(callee.0);
            self.remembered(remembered);
        }
    }

    fn remembered(&mut self, remembered: &Remembered) {
        let ended = &remembered.ended;
        self.u64(remembered.order);
        self.handle(remembered.caller.0);
        self.u8(how_number(ended.how));
        self.u64(ended.attempt.get());
        self.u8(u8::from(ended.user.is_some()));
        if let Some(user) = ended.user {
            self.handle(user.0);
        }
        self.u8(u8::from(ended.device.is_some()));
        if let Some(device) = ended.device {
            self.handle(device.0);
        }
    }

    fn call(&mut self, call: &Call) {
        self.handle(call.room.0);
        self.handle(call.callee.0);
        self.handle(call.caller.0);
        self.handle(call.device.0);
        match &call.state {
            CallState::Live { deadline, extension } => {
                self.u8(status_number(crate::CallStatus::Calling));
                self.u8(u8::from(deadline.is_some()));
                if let Some(deadline) = deadline {
                    self.u64(deadline.as_millis());
                }
                self.text(extension);
            }
            CallState::Kept { status, order } => {
                self.u8(status_number(*status));
                self.u64(*order);
            }
        }
    }
}

/// A clock or a counter of a snapshot: half the range is out of reach, so that neither ever stands
/// still (T-09, C-06).
const fn counter(number: u64) -> Option<u64> {
    if number <= Tick::LAST.as_millis() { Some(number) } else { None }
}
