//! Logs that outlive nothing: for tests, and for trying things out.

use std::collections::{BTreeMap, HashMap};
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::{Appended, Before, Log, Read, Sequence, Store, StoreError};

/// What is in a store in memory. Clones are of one store.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    logs: Arc<Mutex<HashMap<String, Arc<InMemory>>>>,
    /// As if the disk were full.
    is_full: Arc<Mutex<bool>>,
}

#[derive(Debug)]
struct InMemory {
    kept: Mutex<Kept>,
    tail: watch::Sender<Sequence>,
    is_full: Arc<Mutex<bool>>,
}

#[derive(Debug, Default)]
struct Kept {
    batches: Vec<Vec<u8>>,
    /// The first batch that is not removed.
    first: Sequence,
    snapshots: BTreeMap<Sequence, Vec<u8>>,
}

impl Memory {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on it behaves as if the disk were full, or not any more.
    pub fn fill(&self, is_full: bool) {
        *self.is_full.lock().unwrap_or_else(PoisonError::into_inner) = is_full;
    }
}

impl Store for Memory {
    fn log(&self, tenant: &str) -> Result<Arc<dyn Log>, StoreError> {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let log = logs.entry(tenant.to_owned()).or_insert_with(|| {
            let (kept, tail) = (Mutex::default(), watch::Sender::new(0));
            Arc::new(InMemory { kept, tail, is_full: self.is_full.clone() })
        });
        let log: Arc<InMemory> = log.clone();
        Ok(log)
    }

    fn begin(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl InMemory {
    fn with<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Log for InMemory {
    fn append(&self, expected: Sequence, batch: Vec<u8>) -> BoxFuture<'static, Appended> {
        let is_full = *self.is_full.lock().unwrap_or_else(PoisonError::into_inner);
        let appended = self.with(|kept| {
            let last = kept.batches.len() as Sequence;
            if is_full {
                return Appended::Unknown(StoreError::Write("no space left".to_owned()));
            }
            if expected != last {
                return Appended::Conflict(last);
            }
            kept.batches.push(batch);
            Appended::At(last + 1)
        });
        if let Appended::At(sequence) = appended {
            self.tail.send_replace(sequence);
        }
        ready(appended).boxed()
    }

    fn read(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<Read>, StoreError>> {
        let next = after.saturating_add(1);
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        let batches = self.with(|kept| {
            if next < kept.first {
                return Err(StoreError::Trimmed(next));
            }
            let rest = (1..).zip(&kept.batches).skip(skipped);
            Ok(rest.map(|(sequence, batch)| (sequence, batch.clone())).collect())
        });
        ready(batches).boxed()
    }

    fn follow(&self) -> watch::Receiver<Sequence> {
        self.tail.subscribe()
    }

    fn snapshots(&self) -> BoxFuture<'_, Result<Vec<Sequence>, StoreError>> {
        ready(Ok(self.with(|kept| kept.snapshots.keys().rev().copied().collect()))).boxed()
    }

    fn snapshot(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<u8>, StoreError>> {
        let found = self.with(|kept| kept.snapshots.get(&after).cloned());
        let missing = || StoreError::Damaged(format!("there is no snapshot after batch {after}"));
        ready(found.ok_or_else(missing)).boxed()
    }

    fn save(
        &self,
        after: Sequence,
        snapshot: Vec<u8>,
        before: Before,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(|kept| {
            match before {
                Before::One { unread } => kept.snapshots.retain(|it, _| !unread.contains(it)),
                Before::Nothing => {
                    kept.snapshots.clear();
                    kept.first = kept.first.max(after + 1);
                }
            }
            kept.snapshots.insert(after, snapshot);
        });
        ready(Ok(())).boxed()
    }
}
