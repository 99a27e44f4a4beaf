//! From a log to the state to which it leads: a snapshot, and the batches from there on, each once.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use roomcall::HashKey;

use crate::log::{Batch, Log, Sequence, StoreError};
use crate::state::{Seed, Seen, State};

/// A state, and how it was come by.
#[derive(Debug)]
pub struct Recovered {
    /// The state after the last batch.
    pub state: State,
    /// The last batch in the snapshot that it began with; 0 for none.
    pub saved: Sequence,
    /// The length of that snapshot, in bytes.
    pub saved_bytes: u64,
    /// The length of the batches since then, in bytes.
    pub log_bytes: u64,
    /// The snapshots that could not be read, newest first, and what is wrong with each. An older one, or
    /// the first batch, and the log from there on lead to the same state.
    pub unread: Vec<Unread>,
}

/// A snapshot that cannot be read.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The sequence number of the last batch in it.
    pub sequence: Sequence,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the snapshot after batch {}: {}", self.sequence, self.why)
    }
}

/// The state that a log has: from the newest snapshot that can be read, or from the first batch on.
///
/// # Errors
///
/// The log is damaged; nothing in it was changed.
pub async fn recover(
    log: &dyn Log,
    seed: Seed,
    seen: &mut dyn Seen,
) -> Result<Recovered, StoreError> {
    let last = *log.follow().borrow();
    let mut unread = Vec::new();
    let (mut state, mut saved_bytes) = (State::new(seed), 0);
    for sequence in log.snapshots().await? {
        let snapshot = log.snapshot(sequence).await?;
        match State::restore(&snapshot, seed) {
            Ok(restored) => {
                (state, saved_bytes) = (restored, snapshot.len() as u64);
                break;
            }
            Err(why) if why.is_version() => {
                let why = format!("the snapshot after batch {sequence}: {why}");
                return Err(StoreError::Damaged(why));
            }
            Err(why) => unread.push(Unread { sequence, why: why.to_string() }),
        }
    }
    let saved = state.last();
    let log_bytes =
        replay(log, &mut state, seen).await.map_err(|why| match (&unread[..], why) {
            ([first, ..], why @ (StoreError::Damaged(_) | StoreError::Trimmed(_))) => {
                StoreError::Damaged(format!("{first}; and from before that on: {why}"))
            }
            (_, why) => why,
        })?;
    // Another process may have appended meanwhile.
    if state.last() < last {
        return Err(StoreError::Damaged(format!("batch {} is missing", state.last() + 1)));
    }
    Ok(Recovered { state, saved, saved_bytes, log_bytes, unread })
}

/// The state after all batches, from the first one on, whatever snapshots there are.
///
/// # Errors
///
/// The log is damaged, or the first batches are not kept any more.
pub async fn from_zero(
    log: &dyn Log,
    seed: Seed,
    seen: &mut dyn Seen,
) -> Result<State, StoreError> {
    let mut state = State::new(seed);
    replay(log, &mut state, seen).await?;
    Ok(state)
}

/// How often it is said how far it has come.
const SAID_EVERY: Duration = Duration::from_secs(1);

/// The earliest state from which all that is kept of a log can be replayed: before the first batch, or that
/// of the oldest snapshot that can be read.
///
/// # Errors
///
/// The log is damaged, or there is no such state.
pub async fn beginning(
    log: &dyn Log,
    first: Option<Sequence>,
    seed: Seed,
) -> Result<State, StoreError> {
    let snapshots = log.snapshots().await?;
    if first == Some(1) || snapshots.is_empty() {
        return Ok(State::new(seed));
    }
    let mut unread = String::new();
    for sequence in snapshots.into_iter().rev() {
        match State::restore(&log.snapshot(sequence).await?, seed) {
            Ok(state) => return Ok(state),
            Err(why) => unread = format!("the snapshot after batch {sequence}: {why}"),
        }
    }
    Err(StoreError::Damaged(unread))
}

/// Applies all that comes after a state. How many bytes that was.
///
/// # Errors
///
/// The log is damaged, or what comes next is not kept any more.
pub async fn replay(
    log: &dyn Log,
    state: &mut State,
    seen: &mut dyn Seen,
) -> Result<u64, StoreError> {
    let (first, last) = (state.last(), *log.follow().borrow());
    let (mut bytes, mut said) = (0, Instant::now());
    loop {
        let batches = log.read(state.last()).await?;
        if batches.is_empty() {
            return Ok(bytes);
        }
        let mut events = Vec::new();
        for (sequence, batch) in batches {
            bytes += batch.len() as u64;
            state.apply(sequence, Batch::read(sequence, &batch)?, seen, &mut events);
        }
        seen.events(events)?;
        if said.elapsed() > SAID_EVERY {
            let (done, all) = (state.last() - first, last - first);
            tracing::info!(batches = done, of = all, "replaying the log");
            said = Instant::now();
        }
    }
}

/// A seed of which nobody knows the key: names in a store may have been chosen to be slow to find under
/// another. No token is forgotten.
pub fn any_seed() -> Seed {
    Seed { key: any_key(), token_life: u64::MAX }
}

/// A key of hash tables that nobody knows.
pub fn any_key() -> HashKey {
    HashKey::new(RandomState::new().hash_one(0).into())
}
