//! Logs in streams: [`JetStream`] is all of them, [`StreamLog`] one.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::Client;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use roomcall_server::log::{Appended, Before, Log, Read, Sequence, StoreError};
use tokio::sync::watch;

use super::broker::Settings;
use super::envelope::Epoch;
use super::snapshots::Snapshots;
use append::Right;
use seen::{Epochs, Recent};

mod append;
mod read;
mod seen;
mod start;
mod store;
mod tail;

pub use store::JetStream;

/// What was the state so long ago a query may still be told: whoever takes a log over waits for longer.
const FRESH: Duration = Duration::from_millis(300);

/// The log of a tenant, as one process has it. Clones are of one handle.
///
/// It is read by anybody. Who wants to append [claims](Self::claim) it.
#[derive(Clone)]
pub struct StreamLog(Arc<Inner>);

struct Inner {
    client: Client,
    settings: Settings,
    stream: String,
    subject: String,
    snapshots: Snapshots,
    seen: Mutex<Seen>,
    tail: watch::Sender<Sequence>,
    released: watch::Sender<Sequence>,
    /// What the next append says was released.
    to_tell: AtomicU64,
    /// The epoch with which this process appends, and when the last one that succeeded was sent.
    claimed: Mutex<Option<(Epoch, Instant)>>,
    /// One append at a time.
    appending: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Seen {
    epochs: Epochs,
    recent: Recent,
}

impl StreamLog {
    /// Claims the log by a batch behind the `expected` last one: from then on this process may append, and what anybody else
    /// appends does not count. A conflict says that somebody else has appended meanwhile: read to the end, and claim again.
    pub async fn claim(&self, expected: Sequence, batch: Vec<u8>) -> Appended {
        self.append_by(Right::Claim, expected, batch).await
    }

    /// What came of the batches up to here has been told for long enough to be sure: the next append says so.
    pub fn release(&self, sequence: Sequence) {
        self.0.to_tell.fetch_max(sequence, Ordering::Relaxed);
    }

    /// Up to where what came of the log has surely been told, as far as the batches that were read say.
    pub fn released(&self) -> watch::Receiver<Sequence> {
        self.0.released.subscribe()
    }

    /// The last batch of the log, by its leader: more than [`follow`](Log::follow) says where nothing was heard for a while.
    ///
    /// # Errors
    ///
    /// There is no leader.
    pub async fn last(&self) -> Result<Sequence, StoreError> {
        let (_, last) = start::ends(&self.0.client, &self.0.settings, &self.0.stream).await?;
        self.grow(last);
        Ok(last)
    }

    /// The epoch of the log, as far as it was read. It is 0 before the first claim.
    pub fn epoch(&self) -> Epoch {
        self.seen().epochs.highest()
    }

    /// Whether this process has claimed the log, and nobody else since, as far as it was read.
    pub fn is_claimed(&self) -> bool {
        self.claimed().is_some_and(|epoch| epoch >= self.epoch())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claimed(&self) -> Option<Epoch> {
        let claimed = self.0.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        claimed.map(|(epoch, _)| epoch)
    }

    /// A batch of this process is durable, that was sent then.
    fn appended(&self, sequence: Sequence, epoch: Epoch, sent: Instant) {
        let mut claimed = self.0.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        *claimed = Some((epoch, sent));
        drop(claimed);
        self.grow(sequence);
    }

    /// The log has this batch.
    fn grow(&self, last: Sequence) {
        raise(&self.0.tail, last);
    }

    /// A batch says that what came of others has been told.
    fn told(&self, released: Sequence) {
        raise(&self.0.released, released);
    }

    fn released_to_tell(&self) -> Sequence {
        self.0.to_tell.load(Ordering::Relaxed).max(*self.0.released.borrow())
    }
}

fn raise(watched: &watch::Sender<Sequence>, to: Sequence) {
    watched.send_if_modified(|known| {
        let is_more = to > *known;
        *known = to.max(*known);
        is_more
    });
}

impl fmt::Debug for StreamLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { stream, tail, .. } = &*self.0;
        f.debug_struct("StreamLog").field("stream", stream).field("last", &*tail.borrow()).finish()
    }
}

impl Log for StreamLog {
    fn append(&self, expected: Sequence, batch: Vec<u8>) -> BoxFuture<'static, Appended> {
        let log = self.clone();
        async move { log.append_by(Right::Claimed, expected, batch).await }.boxed()
    }

    fn read(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<Read>, StoreError>> {
        self.read_after(after).boxed()
    }

    fn is_current(&self) -> bool {
        let claimed = self.0.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        claimed.is_some_and(|(_, sent)| sent.elapsed() < FRESH)
    }

    fn follow(&self) -> watch::Receiver<Sequence> {
        self.0.tail.subscribe()
    }

    fn snapshots(&self) -> BoxFuture<'_, Result<Vec<Sequence>, StoreError>> {
        async {
            let kept = self.0.snapshots.list().await?;
            Ok(kept.into_iter().map(|it| it.after).collect())
        }
        .boxed()
    }

    fn snapshot(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<u8>, StoreError>> {
        async move {
            let (snapshot, epoch) = self.0.snapshots.read(after).await?;
            self.seen().epochs.learn(after, after, epoch);
            Ok(snapshot)
        }
        .boxed()
    }

    fn save(
        &self,
        after: Sequence,
        snapshot: Vec<u8>,
        before: Before,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            let epoch = self.epoch_after(after).await?;
            let missing = || StoreError::Write(format!("the log ends before batch {after}"));
            let epoch = epoch.ok_or_else(missing)?;
            let covered = self.0.snapshots.save(after, epoch, &snapshot, &before).await?;
            let Some(through) = covered else { return Ok(()) };
            self.seen().recent.forget(through);
            // Only one process trims, so that none does that does not know of the others' snapshots.
            if self.is_claimed() {
                start::trim(&self.0.client, &self.0.stream, through).await?;
            }
            Ok(())
        }
        .boxed()
    }
}
