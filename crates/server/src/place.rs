//! The place of a connection: among strangers until it is known whose it is, and then among devices.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// All places.
#[derive(Debug)]
pub(crate) struct Places {
    strangers: Arc<Semaphore>,
    devices: Arc<Semaphore>,
    counts: [u32; 2],
}

/// A place that is taken, until the last clone of it is dropped.
#[derive(Clone, Debug)]
pub struct Place(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    permit: Mutex<OwnedSemaphorePermit>,
    devices: Arc<Semaphore>,
    is_device: AtomicBool,
}

impl Places {
    /// So many for each.
    pub(crate) fn new(strangers: usize, devices: usize) -> Self {
        let most = |count: usize| u32::try_from(count.min(Semaphore::MAX_PERMITS));
        let counts = [strangers, devices].map(|count| most(count).unwrap_or(u32::MAX));
        let [strangers, devices] = counts.map(|count| Arc::new(Semaphore::new(count as usize)));
        Self { strangers, devices, counts }
    }

    /// Waits for a place for a stranger; `None` never, as long as places are given.
    pub(crate) async fn next(&self) -> Option<Place> {
        let permit = Mutex::new(self.strangers.clone().acquire_owned().await.ok()?);
        let is_device = AtomicBool::new(false);
        Some(Place(Arc::new(Taken { permit, devices: self.devices.clone(), is_device })))
    }

    /// Waits until nobody has a place.
    pub(crate) async fn are_free(&self) {
        let [strangers, devices] = self.counts;
        // They are never closed.
        let _ = (
            self.strangers.acquire_many(strangers).await,
            self.devices.acquire_many(devices).await,
        );
    }
}

impl Place {
    /// A device is let in: its place among strangers is for somebody else now. Whether there is one
    /// for it among devices.
    pub(crate) fn let_in(&self) -> bool {
        let Ok(permit) = self.0.devices.clone().try_acquire_owned() else { return false };
        *self.0.permit.lock().unwrap_or_else(PoisonError::into_inner) = permit;
        self.0.is_device.store(true, Ordering::Release);
        true
    }

    /// Whether a device was let in.
    pub(crate) fn is_device(&self) -> bool {
        self.0.is_device.load(Ordering::Acquire)
    }
}
