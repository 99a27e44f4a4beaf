//! From what a store has to a switchboard: a snapshot, and the journal from there on.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use roomcall::journal::Header;
use roomcall::protocol::Record;
use roomcall::switchboard::{Capacity, RestoreError, Switchboard};
use roomcall::{HashKey, Tick};

use crate::store::{Sequence, Store, StoreError};
use crate::token_replay::TokenEntry;

/// A state, and how it was come by.
#[derive(Debug)]
pub struct Recovered {
    /// The state after the last input.
    pub switchboard: Switchboard,
    /// The sequence number of the last input.
    pub last: Sequence,
    /// The sequence number of the last input in the snapshot that it began with; 0 for none.
    pub saved: Sequence,
    /// What is remembered of tokens.
    pub tokens: Vec<TokenEntry>,
    /// The snapshots that could not be read, newest first, and what is wrong with each. An older one, or
    /// the first input, and the journal from there on lead to the same state.
    pub unread: Vec<Unread>,
}

/// A snapshot that cannot be read.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The sequence number of the last input in it.
    pub sequence: Sequence,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the snapshot after input {}: {}", self.sequence, self.why)
    }
}

impl Recovered {
    /// The last moment that the state knows of, in milliseconds since 1970.
    pub fn clock(&self) -> u64 {
        self.switchboard.clock().as_millis()
    }
}

/// The state that a store has: from the newest snapshot that can be read, or from the first input on.
///
/// # Errors
///
/// The store is damaged; nothing in it was changed.
pub fn recover(store: &dyn Store, key: HashKey) -> Result<Recovered, StoreError> {
    let past = store.past()?;
    let mut unread = Vec::new();
    let mut begun = None;
    for sequence in past.snapshots {
        match Switchboard::restore(&store.snapshot(sequence)?) {
            Ok(switchboard) => {
                begun = Some((sequence, switchboard));
                break;
            }
            // Another program has written it, which may be newer and know better.
            Err(why @ RestoreError::Version { .. }) => {
                let why = format!("the snapshot after input {sequence}: {why}");
                return Err(StoreError::Damaged(why));
            }
            Err(why) => unread.push(Unread { sequence, why: why.to_string() }),
        }
    }
    let (saved, switchboard) = match begun {
        Some(begun) => begun,
        None => (0, empty(&store.header()?, key)),
    };
    let (switchboard, last) =
        replayed(store, switchboard, saved).map_err(|why| match &unread[..] {
            [first, ..] => {
                let why = match why {
                    StoreError::Damaged(why) => why,
                    why => why.to_string(),
                };
                StoreError::Damaged(format!("{first}; and from before that on: {why}"))
            }
            [] => why,
        })?;
    if last != past.last {
        return Err(StoreError::Damaged(format!("input {} is missing", last + 1)));
    }
    Ok(Recovered { switchboard, last, saved, tokens: store.tokens()?, unread })
}

/// The state after all inputs, from the first one on, whatever snapshots there are.
///
/// # Errors
///
/// The store is damaged, or the first inputs are not kept any more.
pub fn from_zero(store: &dyn Store, key: HashKey) -> Result<(Switchboard, Sequence), StoreError> {
    replayed(store, empty(&store.header()?, key), 0)
}

/// A key that nobody knows: names in a store may have been chosen to be slow to find under another.
pub fn any_key() -> HashKey {
    HashKey::new(RandomState::new().hash_one(0).into())
}

/// A switchboard before the first input.
pub fn empty(header: &Header, key: HashKey) -> Switchboard {
    Switchboard::with_capacity(header.limits, header.policy, key, Capacity::default())
}

fn replayed(
    store: &dyn Store,
    mut switchboard: Switchboard,
    after: Sequence,
) -> Result<(Switchboard, Sequence), StoreError> {
    let mut last = after;
    store.replay(after + 1, &mut |sequence, input| {
        let line = read(sequence, input)?;
        // What was said then was said then.
        let _ = switchboard.apply_record(&line);
        last = sequence;
        Ok(())
    })?;
    Ok((switchboard, last))
}

/// An input of a journal.
///
/// # Errors
///
/// It is none, or of a time that cannot be.
pub fn read(sequence: Sequence, input: &[u8]) -> Result<Record, StoreError> {
    let damaged = |why: String| StoreError::Damaged(format!("input {sequence}: {why}"));
    let line: Record = serde_json::from_slice(input).map_err(|why| damaged(why.to_string()))?;
    if line.at > Tick::LAST.as_millis() {
        return Err(damaged("it is after the end of time".to_owned()));
    }
    Ok(line)
}
