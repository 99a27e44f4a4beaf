//! When the other side of a connection last took something of what is sent to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The connection writes it, and whoever judges the connection reads it.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Arc<Times>);

/// In milliseconds since `start`.
#[derive(Debug)]
struct Times {
    start: Instant,
    taken: AtomicU64,
    read: AtomicU64,
}

impl Progress {
    /// Nothing was sent yet.
    pub(crate) fn new() -> Self {
        let (taken, read) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(Times { start: Instant::now(), taken, read }))
    }

    /// Bytes were taken, which had to wait for room if `has_waited`.
    pub(crate) fn takes(&self, has_waited: bool) {
        let Times { start, taken, read } = &*self.0;
        let now = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        taken.store(now, Ordering::Relaxed);
        if has_waited {
            read.store(now, Ordering::Relaxed);
        }
    }

    /// When the system, which keeps a few bytes for who does not read, last took some.
    pub(crate) fn taken(&self) -> Instant {
        self.at(&self.0.taken)
    }

    /// When it last took some for which it had had no room: so the other side has read.
    pub(crate) fn read(&self) -> Instant {
        self.at(&self.0.read)
    }

    fn at(&self, time: &AtomicU64) -> Instant {
        self.0.start + Duration::from_millis(time.load(Ordering::Relaxed))
    }
}
