//! The follower of a log: a second state, fed by the log on a thread of its own, from which snapshots are
//! taken. So nothing that takes long stops the engine.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::log::{Batch, Log, Sequence, StoreError};
use crate::recover::Recovered;
use crate::state::{State, unseen};

/// When a snapshot is stored.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotPace {
    /// After so many bytes in the log; or after half the size of the last snapshot, where that is more.
    pub log_bytes: u64,
}

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
}

impl Follower {
    /// A follower that goes on from what was recovered of a log.
    pub fn new(log: Arc<dyn Log>, recovered: Recovered, pace: SnapshotPace) -> Self {
        let Recovered { state, saved, saved_bytes, log_bytes, unread } = recovered;
        let unread = unread.into_iter().map(|it| it.sequence).collect();
        Self { log, state, pace, saved, saved_bytes, log_bytes, unread }
    }

    /// Follows until it is told to stop, or whoever tells it is gone. Then it stores a snapshot of the end.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub async fn run(mut self, mut stop: oneshot::Receiver<()>) -> Result<(), StoreError> {
        let mut tail = self.log.follow();
        loop {
            self.catch_up().await?;
            tokio::select! {
                biased;
                _ = &mut stop => break,
                // Whoever appends is there as long as the log.
                _ = tail.changed() => {}
            }
        }
        self.catch_up().await?;
        if self.state.last() > self.saved {
            self.save().await;
        }
        Ok(())
    }

    async fn catch_up(&mut self) -> Result<(), StoreError> {
        loop {
            let batches = self.log.read(self.state.last()).await?;
            if batches.is_empty() {
                return Ok(());
            }
            for (sequence, batch) in batches {
                self.log_bytes += batch.len() as u64;
                self.state.apply(sequence, Batch::read(sequence, &batch)?, &mut unseen);
                if self.log_bytes >= self.pace.log_bytes.max(self.saved_bytes / 2) {
                    self.save().await;
                }
            }
        }
    }

    /// Stores a snapshot. Where that fails, the log has everything, and the next one may be stored.
    async fn save(&mut self) {
        let snapshot = self.state.snapshot();
        let (last, bytes) = (self.state.last(), snapshot.len() as u64);
        match self.log.save(last, snapshot, self.unread.clone()).await {
            Ok(()) => {
                (self.saved, self.saved_bytes) = (last, bytes);
                self.unread.clear();
            }
            Err(why) => tracing::error!(%why, "a snapshot is not stored: the log is kept"),
        }
        self.log_bytes = 0;
    }
}
