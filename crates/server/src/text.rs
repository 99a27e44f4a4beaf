//! The lines that wait to be sent, each there once and counted once, however many queues have it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::metrics::gauge::Gauge;

use crate::sink::Place;

/// What all queues share.
#[derive(Clone, Debug, Default)]
pub struct All {
    /// Bytes that are queued, or that a socket has and its peer has not taken.
    bytes: Gauge,
    /// The clock of the switchboard as of the last step, in milliseconds.
    clock: Arc<AtomicU64>,
}

impl All {
    /// What `bytes` counts.
    pub fn new(bytes: Gauge) -> Self {
        Self { bytes, clock: Arc::default() }
    }

    /// How many bytes are queued.
    pub(crate) fn bytes(&self) -> usize {
        usize::try_from(self.bytes.get()).unwrap_or(0)
    }

    /// The clock of the switchboard, in milliseconds; 0 before it had anything to do.
    pub(crate) fn clock(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// The clock of the switchboard is so many milliseconds.
    pub fn set_clock(&self, at: u64) {
        self.clock.store(at, Ordering::Relaxed);
    }
}

/// Bytes that are counted as long as this lives.
#[derive(Debug)]
pub(crate) struct Counted {
    all: Gauge,
    bytes: usize,
}

impl Counted {
    pub(crate) fn new(all: &All, bytes: usize) -> Self {
        let mut counted = Self { all: all.bytes.clone(), bytes: 0 };
        counted.set(bytes);
        counted
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn set(&mut self, bytes: usize) {
        let number = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        self.all.inc_by(number(bytes) - number(self.bytes));
        self.bytes = bytes;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// A line, which any number of queues share.
#[derive(Clone, Debug)]
pub struct Text(Arc<Line>);

#[derive(Debug)]
struct Line {
    text: Box<str>,
    place: Option<Place>,
    /// As long as it is there.
    _counted: Counted,
}

impl Text {
    /// A line, and of which output of a log, if it is of one.
    pub fn new(all: &All, text: String, place: Option<Place>) -> Self {
        let _counted = Counted::new(all, text.len());
        Self(Arc::new(Line { text: text.into_boxed_str(), place, _counted }))
    }

    /// The line, without an end.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Which output of a log it is; none if it does not follow from one, as the answer to a query.
    pub fn place(&self) -> Option<Place> {
        self.0.place
    }

    /// Whether they are the same line, and not only alike.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
