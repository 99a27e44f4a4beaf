//! The gateways of a partition, as its beats tell of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roomcall_server::log::Sequence;
use tokio::sync::watch;

use super::outbox::Outbox;
use crate::wire::{Active, Epoch, Link};

/// What the active processor of a partition has sent to whom. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(Arc<Mutex<BTreeMap<String, Outbox>>>);

impl Links {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Outbox>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn insert(&self, gateway: &str, outbox: Outbox) {
        self.all().insert(gateway.to_owned(), outbox);
    }

    pub(super) fn remove(&self, gateway: &str) {
        self.all().remove(gateway);
    }

    /// Nothing more is said to anybody.
    pub(super) fn close(&self) {
        std::mem::take(&mut *self.all()).into_values().for_each(|outbox| outbox.close());
    }

    /// How many lines there were for each until now.
    fn counts(&self) -> Vec<(Outbox, u64)> {
        self.all().values().map(|outbox| (outbox.clone(), outbox.count())).collect()
    }

    /// How far each is.
    fn each(&self) -> Vec<Link> {
        self.all().values().map(Outbox::link).collect()
    }
}

/// A partition whose active processor is this one, as its beats tell of it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) partition: String,
    pub(super) epoch: Epoch,
    pub(super) applied: watch::Receiver<Sequence>,
    pub(super) links: Links,
    progress: Arc<Mutex<Progress>>,
}

/// Up to which batch all that comes of it was sent.
#[derive(Debug, Default)]
struct Progress {
    sent: Sequence,
    /// The next batch of which that will be true, once each has been sent so many lines.
    next: Option<(Sequence, Vec<(Outbox, u64)>)>,
}

impl Told {
    pub(super) fn new(
        partition: &str,
        epoch: Epoch,
        applied: watch::Receiver<Sequence>,
        links: Links,
    ) -> Self {
        Self { partition: partition.to_owned(), epoch, applied, links, progress: Arc::default() }
    }

    /// The last batch of which it is known that all that comes of it was given to the network.
    pub(super) fn sent(&self) -> Sequence {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let (applied, counts) = progress.next.take().unwrap_or_else(|| {
            // First, since more may be applied meanwhile.
            let applied = *self.applied.borrow();
            (applied, self.links.counts())
        });
        if counts.iter().all(|(outbox, count)| outbox.has_sent(*count)) {
            progress.sent = applied;
        } else {
            progress.next = Some((applied, counts));
        }
        progress.sent
    }

    /// What a beat tells of it.
    pub(super) fn active(&self) -> Active {
        let applied = self.sent();
        let gateways = self.links.each();
        Active { partition: self.partition.clone(), epoch: self.epoch, applied, gateways }
    }
}
