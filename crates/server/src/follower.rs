//! The follower of a log: a second state, fed by the log on a thread of its own, from which snapshots are
//! taken. So nothing that takes long stops the engine.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::clock::{SystemClock, Time as _};
use crate::events::event::Event;
use crate::events::store::EventStore;
use crate::log::{Batch, Before, Log, Sequence, StoreError};
use crate::recover::Recovered;
use crate::state::{Seed, Seen, State, Unseen};

/// When a snapshot is stored.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotPace {
    /// After so many bytes in the log; or after half the size of the last snapshot, where that is more.
    pub log_bytes: u64,
}

/// The events of a tenant, which are derived from its log.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Where they are kept.
    pub store: Arc<EventStore>,
    /// Whose they are.
    pub tenant: String,
    /// The endpoints that have to acknowledge them.
    pub endpoints: Vec<String>,
}

impl Seen for Kept {
    fn events(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        let put = self.store.put(&self.tenant, &events);
        put.map_err(|why| StoreError::Write(why.to_string()))
    }
}

impl Kept {
    /// Begins with a log whose last batch is this one, and with what was derived from the end of it: events after
    /// it are of another log, of which this is a backup.
    ///
    /// # Errors
    ///
    /// They cannot be kept.
    pub fn begin(&self, last: Sequence, derived: &[Event]) -> Result<(), StoreError> {
        let begun = self.store.begin();
        let put = begun.and_then(|()| self.store.put(&self.tenant, derived));
        let rewound = put.and_then(|()| self.store.rewind(&self.tenant, last));
        rewound.map_err(|why| StoreError::Write(why.to_string()))
    }

    /// Drops what is not to be kept any longer, at a time in milliseconds since 1970.
    fn trim(&self, state: &State, now: u64) -> Result<(), StoreError> {
        let positions = self.endpoints.iter().map(|it| state.deliveries().position(it));
        let trimmed = self.store.trim(&self.tenant, positions.min(), now);
        let flushed = trimmed.and_then(|_| self.store.flush());
        flushed.map_err(|why| StoreError::Write(why.to_string()))
    }
}

/// How far apart it looks where there is something all the time: to look at one batch and to keep its events costs more
/// than the inputs in it, and nobody waits for it as for the engine.
const APART: Duration = Duration::from_millis(3);

/// How often events are dropped that are not to be kept any longer, and who was erased is forgotten.
const TRIMMED_EVERY: Duration = Duration::from_secs(1);

/// A state behind the end of a log.
#[derive(Debug)]
pub struct Follower {
    log: Arc<dyn Log>,
    state: State,
    pace: SnapshotPace,
    /// The last batch in the newest snapshot.
    saved: Sequence,
    /// The length of that snapshot, in bytes.
    saved_bytes: u64,
    /// The length of the batches since then, in bytes.
    log_bytes: u64,
    /// Snapshots that could not be read.
    unread: Vec<Sequence>,
    /// The last batch in which a user was erased whom neither a snapshot nor a batch has any more.
    forgotten: Sequence,
    /// Where the events go, if somebody wants them.
    kept: Option<Kept>,
    /// The snapshot that is being stored.
    saving: Option<Saving>,
    /// Who asks for a copy of the state.
    asked: mpsc::Receiver<oneshot::Sender<State>>,
}

/// A snapshot that is being stored, while events go on.
#[derive(Debug)]
struct Saving {
    /// The last batch in it.
    last: Sequence,
    /// Its length, in bytes.
    bytes: u64,
    /// The last batch in which a user was erased of whom nothing is left, once it is stored.
    forgets: Option<Sequence>,
    /// Whether it was stored.
    stored: JoinHandle<bool>,
}

impl Follower {
    /// A follower that goes on from what was recovered of a log.
    pub fn new(
        log: Arc<dyn Log>,
        recovered: Recovered,
        pace: SnapshotPace,
        kept: Option<Kept>,
    ) -> Self {
        let Recovered { state, saved, saved_bytes, log_bytes, unread } = recovered;
        let unread = unread.into_iter().map(|it| it.sequence).collect();
        // What was not done before a crash is done now.
        let forgotten = 0;
        let saving = None;
        let asked = mpsc::channel(1).1;
        Self {
            log,
            state,
            pace,
            saved,
            saved_bytes,
            log_bytes,
            unread,
            forgotten,
            kept,
            saving,
            asked,
        }
    }

    /// Gives a copy of the state to each who asks, once it has read the log to its end.
    #[must_use]
    pub fn with_copies(self, asked: mpsc::Receiver<oneshot::Sender<State>>) -> Self {
        Self { asked, ..self }
    }

    /// Follows until it is told to stop, or whoever tells it is gone. Then it stores a snapshot of the end.
    ///
    /// # Errors
    ///
    /// The log cannot be read, or events cannot be kept.
    pub async fn run(mut self, mut stop: oneshot::Receiver<()>) -> Result<(), StoreError> {
        let mut tail = self.log.follow();
        let mut asked = std::mem::replace(&mut self.asked, mpsc::channel(1).1);
        let mut seconds = interval(TRIMMED_EVERY);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let looked = Instant::now();
            let is_behind = self.advance().await?;
            tokio::select! {
                biased;
                _ = &mut stop => break,
                () = self.saved(), if self.saving.is_some() => {}
                // First, since there may be something in the log all the time.
                _ = seconds.tick() => {
                    self.trim()?;
                    self.forget().await;
                }
                () = ready(()), if is_behind => {}
                Some(asked) = asked.recv() => {
                    while self.advance().await? {}
                    // Who does not wait any more needs none.
                    let _ = asked.send(self.state.clone());
                }
                // Whoever appends is there as long as the log.
                _ = tail.changed() => sleep_until(looked + APART).await,
            }
        }
        while self.advance().await? {}
        self.saved().await;
        self.forget().await;
        self.saved().await;
        if self.state.last() > self.saved {
            self.save(None);
            self.saved().await;
        }
        Ok(())
    }

    /// Once a user was erased (F-20), a snapshot without the name takes the place of all that has it.
    async fn forget(&mut self) {
        let erased = self.state.tokens().last_erasure();
        if erased <= self.forgotten || self.saving.is_some() {
            return;
        }
        if self.keeps(erased).await {
            self.save(Some(erased));
        } else {
            // It was done before a restart.
            self.forgotten = erased;
        }
    }

    /// Whether a batch, or a snapshot from before it, is not removed yet.
    async fn keeps(&self, sequence: Sequence) -> bool {
        let snapshots = self.log.snapshots().await;
        let batches = self.log.read(sequence - 1).await;
        snapshots.is_ok_and(|all| all.iter().any(|it| *it < sequence))
            || batches.is_ok_and(|all| all.first().is_some_and(|(first, _)| *first == sequence))
    }

    /// Applies what there is, or as much of it as is read at once. Whether there may be more: then something else
    /// is looked at first.
    async fn advance(&mut self) -> Result<bool, StoreError> {
        let batches = self.log.read(self.state.last()).await?;
        let is_behind = !batches.is_empty();
        let mut events = Vec::new();
        for (sequence, batch) in batches {
            self.log_bytes += batch.len() as u64;
            let batch = Batch::read(sequence, &batch)?;
            self.state.apply(sequence, batch, &mut Unseen, &mut events);
            let is_due = self.log_bytes >= self.pace.log_bytes.max(self.saved_bytes / 2);
            if is_due && self.saving.is_none() {
                self.keep(std::mem::take(&mut events))?;
                self.save(None);
            }
        }
        self.keep(events)?;
        Ok(is_behind)
    }

    fn keep(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        self.kept.as_mut().map_or(Ok(()), |kept| kept.events(events))
    }

    fn trim(&self) -> Result<(), StoreError> {
        let now = SystemClock::new().wall();
        self.kept.as_ref().map_or(Ok(()), |kept| kept.trim(&self.state, now))
    }

    /// Begins to store a snapshot, in the place of all that has an erased user, or beside one more. Where that
    /// fails, the log has everything, and the next one may be stored.
    fn save(&mut self, forgets: Option<Sequence>) {
        self.log_bytes = 0;
        // Without the batches before it no event before it can be derived again.
        let flushed = self.kept.as_ref().map_or(Ok(()), |kept| kept.store.flush());
        if let Err(why) = flushed {
            tracing::error!(%why, "a snapshot is not stored: the log is kept");
            return;
        }
        let (snapshot, last) = (self.state.snapshot(), self.state.last());
        let bytes = snapshot.len() as u64;
        let before = match forgets {
            Some(_) => Before::Nothing,
            None => Before::One { unread: self.unread.clone() },
        };
        let stored = store(self.log.clone(), snapshot, self.state.seed(), last, before);
        self.saving = Some(Saving { last, bytes, forgets, stored: tokio::spawn(stored) });
    }

    /// Waits until the snapshot that is being stored is, or is not.
    async fn saved(&mut self) {
        let Some(saving) = &mut self.saving else { return };
        // If it panicked, it was not stored.
        let is_stored = (&mut saving.stored).await.unwrap_or(false);
        if is_stored {
            (self.saved, self.saved_bytes) = (saving.last, saving.bytes);
            self.forgotten = saving.forgets.unwrap_or(0).max(self.forgotten);
            self.unread.clear();
        }
        self.saving = None;
    }
}

/// Stores a snapshot. Whether it is stored.
async fn store(
    log: Arc<dyn Log>,
    snapshot: Vec<u8>,
    seed: Seed,
    last: Sequence,
    before: Before,
) -> bool {
    // The log before it is removed for it: so it has to be one that can be read, and has all that was written.
    let read = spawn_blocking(move || match State::restore(&snapshot, seed) {
        Ok(restored) if restored.snapshot() == snapshot => Ok(snapshot),
        Ok(_) => Err("another state is read of it".to_owned()),
        Err(why) => Err(why.to_string()),
    });
    let stored = match read.await {
        Ok(Ok(snapshot)) => log.save(last, snapshot, before).await.map_err(|why| why.to_string()),
        Ok(Err(why)) => Err(format!("it cannot be read: {why}")),
        Err(why) => Err(why.to_string()),
    };
    if let Err(why) = &stored {
        tracing::error!(why, "a snapshot is not stored: the log is kept");
    }
    stored.is_ok()
}

#[cfg(test)]
mod tests;
