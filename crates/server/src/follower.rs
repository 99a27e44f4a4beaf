//! The follower of a log: a second state, fed by the log on a thread of its own, from which snapshots are
//! taken. So nothing that takes long stops the engine.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::clock::{SystemClock, Time as _};
use crate::events::event::Event;
use crate::events::store::EventStore;
use crate::log::{Batch, Before, Log, Sequence, StoreError};
use crate::recover::Recovered;
use crate::state::{Seen, State, Unseen};

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
    /// Begins with a log whose last batch is this one: events after it are of another log, of which this is
    /// a backup.
    ///
    /// # Errors
    ///
    /// They cannot be kept.
    pub fn begin(&self, last: Sequence) -> Result<(), StoreError> {
        let rewound = self.store.rewind(&self.tenant, last);
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
        Self { log, state, pace, saved, saved_bytes, log_bytes, unread, forgotten, kept }
    }

    /// Follows until it is told to stop, or whoever tells it is gone. Then it stores a snapshot of the end.
    ///
    /// # Errors
    ///
    /// The log cannot be read, or events cannot be kept.
    pub async fn run(mut self, mut stop: oneshot::Receiver<()>) -> Result<(), StoreError> {
        let mut tail = self.log.follow();
        let mut seconds = interval(TRIMMED_EVERY);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let looked = Instant::now();
            self.catch_up().await?;
            tokio::select! {
                biased;
                _ = &mut stop => break,
                // First, since there may be something in the log all the time.
                _ = seconds.tick() => {
                    self.trim()?;
                    self.forget().await;
                }
                // Whoever appends is there as long as the log.
                _ = tail.changed() => sleep_until(looked + APART).await,
            }
        }
        self.catch_up().await?;
        self.forget().await;
        if self.state.last() > self.saved {
            self.save(Before::One { unread: self.unread.clone() }).await;
        }
        Ok(())
    }

    /// Once a user was erased (F-20), a snapshot without the name takes the place of all that has it.
    async fn forget(&mut self) {
        let erased = self.state.tokens().last_erasure();
        if erased <= self.forgotten {
            return;
        }
        // After a restart it may have been done before.
        if !self.keeps(erased).await || self.save(Before::Nothing).await {
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

    async fn catch_up(&mut self) -> Result<(), StoreError> {
        loop {
            let batches = self.log.read(self.state.last()).await?;
            if batches.is_empty() {
                return Ok(());
            }
            let mut events = Vec::new();
            for (sequence, batch) in batches {
                self.log_bytes += batch.len() as u64;
                let batch = Batch::read(sequence, &batch)?;
                self.state.apply(sequence, batch, &mut Unseen, &mut events);
                if self.log_bytes >= self.pace.log_bytes.max(self.saved_bytes / 2) {
                    self.keep(std::mem::take(&mut events))?;
                    self.save(Before::One { unread: self.unread.clone() }).await;
                }
            }
            self.keep(events)?;
        }
    }

    fn keep(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        self.kept.as_mut().map_or(Ok(()), |kept| kept.events(events))
    }

    fn trim(&self) -> Result<(), StoreError> {
        let now = SystemClock::new().wall();
        self.kept.as_ref().map_or(Ok(()), |kept| kept.trim(&self.state, now))
    }

    /// Stores a snapshot, and says whether it is stored. Where that fails, the log has everything, and the
    /// next one may be stored.
    async fn save(&mut self, before: Before) -> bool {
        // Without the batches before it no event before it can be derived again.
        let flushed = self.kept.as_ref().map_or(Ok(()), |kept| kept.store.flush());
        if let Err(why) = flushed {
            tracing::error!(%why, "a snapshot is not stored: the log is kept");
            return false;
        }
        let snapshot = self.state.snapshot();
        // The log before it is removed for it: so it has to be one that can be read.
        match State::restore(&snapshot, self.state.seed()) {
            Ok(restored) if restored == self.state => {}
            restored => {
                let why = restored.err().map(|why| why.to_string());
                tracing::error!(
                    why,
                    "a snapshot is not stored, since it cannot be read: the log is kept"
                );
                self.log_bytes = 0;
                return false;
            }
        }
        let (last, bytes) = (self.state.last(), snapshot.len() as u64);
        let stored = self.log.save(last, snapshot, before).await;
        match &stored {
            Ok(()) => {
                (self.saved, self.saved_bytes) = (last, bytes);
                self.unread.clear();
            }
            Err(why) => tracing::error!(%why, "a snapshot is not stored: the log is kept"),
        }
        self.log_bytes = 0;
        stored.is_ok()
    }
}
