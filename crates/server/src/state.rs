//! What a log leads to: the switchboard of a tenant, and what else outlives the process.

use postcard::{from_bytes, to_stdvec};
use roomcall::protocol::{Fact, Input, Outcome, Record};
use roomcall::switchboard::{Capacity, RestoreError, Switchboard};
use roomcall::{HashKey, Limits, Policy};
use serde::{Deserialize, Serialize};

use crate::events::deliveries::Deliveries;
use crate::events::derive::Derivation;
use crate::events::event::Event;
use crate::log::{Batch, Entry, Sequence, StoreError};
use crate::token::{Claims, TokenError};
use crate::token_replay::{TokenEntry, TokenReplay};

/// The state after a batch. Who applies the same batches has the same state.
#[derive(Clone, Debug)]
pub struct State {
    switchboard: Switchboard,
    tokens: TokenReplay,
    deliveries: Deliveries,
    derivation: Derivation,
    last: Sequence,
    seed: Seed,
}

/// Whatever its seed is, which cannot be seen.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.last == other.last
            && self.switchboard == other.switchboard
            && self.tokens.entries().eq(other.tokens.entries())
            && self.deliveries == other.deliveries
            && self.derivation == other.derivation
    }
}

/// What a state does not follow from: it is of this server, and not of the log.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// The key of the hash tables.
    pub key: HashKey,
    /// The longest that a token is valid, in seconds.
    pub token_life: u64,
}

/// The first bytes of a snapshot, with the version of its form.
const MAGIC: &[u8; 16] = b"roomcall state 1";

/// A snapshot, after the magic and a checksum.
#[derive(Deserialize, Serialize)]
struct Saved<'a> {
    last: Sequence,
    tokens: Vec<TokenEntry>,
    deliveries: Deliveries,
    derivation: Derivation,
    #[serde(borrow)]
    switchboard: &'a [u8],
}

/// Why a snapshot cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SnapshotError {
    /// It was written by another version of this program.
    #[error("it is of another version of this program: use that, or an older store")]
    Version,
    /// It is not what was written.
    #[error("it is damaged")]
    Damaged,
    /// The switchboard in it cannot be restored.
    #[error(transparent)]
    Switchboard(#[from] RestoreError),
}

impl SnapshotError {
    /// Whether another program has written it, which may be newer and know better.
    pub const fn is_version(&self) -> bool {
        matches!(self, Self::Version | Self::Switchboard(RestoreError::Version { .. }))
    }
}

impl State {
    /// Before the first batch.
    pub fn new(seed: Seed) -> Self {
        let (limits, policy) = (Limits::DEFAULT, Policy::DEFAULT);
        let switchboard = Switchboard::with_capacity(limits, policy, seed.key, Capacity::default());
        Self::of(switchboard, Vec::new(), 0, seed)
    }

    /// A state that somebody else has made.
    pub fn of(
        switchboard: Switchboard,
        tokens: Vec<TokenEntry>,
        last: Sequence,
        seed: Seed,
    ) -> Self {
        let tokens = TokenReplay::of(tokens, seed.token_life);
        let (deliveries, derivation) = (Deliveries::default(), Derivation::new());
        Self { switchboard, tokens, deliveries, derivation, last, seed }
    }

    /// The sequence number of the last batch that was applied.
    pub const fn last(&self) -> Sequence {
        self.last
    }

    /// What it does not follow from.
    pub const fn seed(&self) -> Seed {
        self.seed
    }

    /// The switchboard.
    pub const fn switchboard(&self) -> &Switchboard {
        &self.switchboard
    }

    /// The newest tokens of devices.
    pub const fn tokens(&self) -> &TokenReplay {
        &self.tokens
    }

    /// Whether a device may connect at `now`, in seconds since 1970: with ids that are none it could do
    /// nothing.
    ///
    /// # Errors
    ///
    /// It may not.
    pub fn admits(&self, claims: &Claims, now: u64) -> Result<(), TokenError> {
        claims.who.has_ids(self.switchboard.limits().id_bytes)?;
        self.tokens.judge(claims, now)
    }

    /// How far endpoints have come.
    pub const fn deliveries(&self) -> &Deliveries {
        &self.deliveries
    }

    /// The last moment that it knows of, in milliseconds since 1970.
    pub fn clock(&self) -> u64 {
        self.switchboard.clock().as_millis()
    }

    /// Applies a batch, shows what comes of each input, and puts the events that happened behind others.
    pub fn apply(
        &mut self,
        sequence: Sequence,
        batch: Batch,
        seen: &mut dyn Seen,
        events: &mut Vec<Event>,
    ) {
        self.begin(sequence);
        let mut happened = Vec::new();
        for entry in batch.entries {
            if let Some((record, outcome)) = self.apply_entry(entry) {
                let policy = self.switchboard.policy();
                self.derivation.derive(sequence, &record, &outcome, policy, &mut happened);
                seen.input(sequence, &record, outcome);
            }
        }
        events.append(&mut happened);
    }

    /// A batch follows, entry by entry.
    pub const fn begin(&mut self, sequence: Sequence) {
        self.last = sequence;
    }

    /// Applies one entry of the batch that has begun. Of an input it gives what comes of it.
    pub fn apply_entry(&mut self, entry: Entry) -> Option<(Record, Outcome)> {
        match entry {
            Entry::Opened(header) => {
                let (key, capacity) = (self.seed.key, Capacity::default());
                self.switchboard =
                    Switchboard::with_capacity(header.limits, header.policy, key, capacity);
                None
            }
            Entry::Token(used) => {
                self.tokens.apply(TokenEntry::Token(used));
                None
            }
            Entry::Revoked(revoked) => {
                self.tokens.apply(TokenEntry::Revoked(revoked));
                None
            }
            Entry::Delivery(entry) => {
                self.deliveries.apply(entry);
                None
            }
            Entry::Record(record) => {
                let outcome = self.switchboard.apply_record(&record);
                if let Some(user) = erased(&record, &outcome) {
                    self.tokens.erase(self.last, user, record.at / 1_000);
                }
                Some((record, outcome))
            }
        }
    }

    /// Answers a query, which changes nothing but the clock.
    pub fn query(&mut self, query: &Record) -> Outcome {
        self.switchboard.apply_record(query)
    }

    /// The whole state as bytes: equal ones for equal states.
    pub fn snapshot(&self) -> Vec<u8> {
        let switchboard = &self.switchboard.snapshot()[..];
        let saved = Saved {
            last: self.last,
            tokens: self.tokens.entries().collect(),
            deliveries: self.deliveries.clone(),
            derivation: self.derivation.clone(),
            switchboard,
        };
        // It goes into memory, and has no type that can refuse.
        let saved = to_stdvec(&saved).unwrap_or_default();
        let checksum = crc32fast::hash(&saved).to_le_bytes();
        [&MAGIC[..], &checksum, &saved].concat()
    }

    /// The state of a snapshot.
    ///
    /// # Errors
    ///
    /// It is damaged, or of another version.
    pub fn restore(snapshot: &[u8], seed: Seed) -> Result<Self, SnapshotError> {
        let (magic, rest) = snapshot.split_first_chunk().ok_or(SnapshotError::Damaged)?;
        if magic != MAGIC {
            let is_state = magic.starts_with(b"roomcall state ");
            return Err(if is_state { SnapshotError::Version } else { SnapshotError::Damaged });
        }
        let (checksum, saved) = rest.split_first_chunk().ok_or(SnapshotError::Damaged)?;
        if u32::from_le_bytes(*checksum) != crc32fast::hash(saved) {
            return Err(SnapshotError::Damaged);
        }
        let saved: Saved<'_> = from_bytes(saved).map_err(|_| SnapshotError::Damaged)?;
        let switchboard = Switchboard::restore(saved.switchboard)?;
        let state = Self::of(switchboard, saved.tokens, saved.last, seed);
        Ok(Self { deliveries: saved.deliveries, derivation: saved.derivation, ..state })
    }
}

/// The user whom a fact has erased (F-20), if it is one.
pub(crate) fn erased<'a>(record: &'a Record, outcome: &Outcome) -> Option<&'a str> {
    match &record.input {
        Input::Fact(Fact::UserErased { user }) if outcome.unchanged.is_none() => Some(user),
        _ => None,
    }
}

/// Who looks at what comes of a log.
pub trait Seen {
    /// An input of a batch, and what comes of it.
    fn input(&mut self, sequence: Sequence, record: &Record, outcome: Outcome) {
        let _ = (sequence, record, outcome);
    }

    /// Events that happened, in order, of whole batches.
    ///
    /// # Errors
    ///
    /// They cannot be kept.
    fn events(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        let _ = events;
        Ok(())
    }
}

/// Looks at nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unseen;

impl Seen for Unseen {}

/// Looks at inputs only.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<F: FnMut(Sequence, &Record, Outcome)>(pub F);

impl<F: FnMut(Sequence, &Record, Outcome)> Seen for Inputs<F> {
    fn input(&mut self, sequence: Sequence, record: &Record, outcome: Outcome) {
        (self.0)(sequence, record, outcome);
    }
}

#[cfg(test)]
mod tests {
    use roomcall::HashKey;
    use roomcall::journal::Header;
    use serde_json::json;

    use super::*;

    const SEED: Seed = Seed { key: HashKey::new(1), token_life: 1_000 };

    /// A batch with an entry of each kind, and with and without what may be left out.
    fn everything() -> Batch {
        let entries = json!([
            {"opened": Header::new(Limits { callees: 7, ..Limits::DEFAULT }, Policy::DEFAULT)},
            {"record": {"at": 5, "fact": {"roomOpened": {"roomID": "a", "owner": "ana"}}}},
            {"record": {"at": 6, "fact": {"userEntered": {"roomID": "a", "userID": "ana"}}}},
            {"record": {"at": 7, "requestID": 1, "by": {"user": "ana", "device": "mac"},
                "command": {"callUserToRoom": {"roomID": "a", "userIDList": ["bo"], "timeout": 30}}}},
            {"token": {"user": "ana", "device": "mac", "issued": 10, "at": 11}},
            {"record": {"at": 8, "fact": {"userErased": {"userID": "eve"}}}},
            {"revoked": {"user": "bo", "device": "mac", "at": 12}},
            {"revoked": {"user": "cy", "device": null, "at": 13}},
            {"revoked": {"user": "dee", "at": 14}},
            {"delivery": {"position": {"endpoint": "backend", "position": "1-2"}}},
            {"delivery": {"deadLetter": {"endpoint": "backend", "event": "1-3", "tries": 2, "why": "503"}}},
            {"delivery": {"gone": {"endpoint": "backend"}}},
        ]);
        serde_json::from_value(json!({"at": 5, "entries": entries})).unwrap()
    }

    #[test]
    fn a_snapshot_has_everything() {
        let batch = everything();
        assert_eq!(Batch::read(1, &batch.write()).unwrap(), batch);
        let mut state = State::new(SEED);
        let mut events = Vec::new();
        state.apply(1, batch, &mut Unseen, &mut events);
        assert_eq!(events.len(), 1, "it rings");
        let snapshot = state.snapshot();
        let restored = State::restore(&snapshot, SEED).unwrap();
        assert!(restored == state && restored.snapshot() == snapshot);
        assert_eq!(restored.switchboard().limits().callees, 7);
        assert_eq!(restored.tokens().entries().count(), 5);
        assert_eq!(restored.tokens().last_erasure(), 1);
        assert_eq!(restored.deliveries().dead_letters().count(), 1);
        for at in 0..snapshot.len() {
            let mut damaged = snapshot.clone();
            damaged[at] ^= 1;
            assert!(State::restore(&damaged, SEED).is_err(), "byte {at}");
        }
    }
}
