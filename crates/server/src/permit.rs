//! The permit of a connection: one for unauthenticated connections until a token says whose it is, then one for devices.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// All permits.
#[derive(Debug)]
pub(crate) struct Permits {
    unauthenticated: Arc<Semaphore>,
    devices: Arc<Semaphore>,
    counts: [u32; 2],
}

/// A permit, which is free again once its last clone is dropped.
#[derive(Clone, Debug)]
pub struct Permit(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    permit: Mutex<OwnedSemaphorePermit>,
    devices: Arc<Semaphore>,
    is_device: AtomicBool,
}

impl Permits {
    /// So many for each.
    pub(crate) fn new(unauthenticated: usize, devices: usize) -> Self {
        let most = |count: usize| u32::try_from(count.min(Semaphore::MAX_PERMITS));
        let counts = [unauthenticated, devices].map(|count| most(count).unwrap_or(u32::MAX));
        let [unauthenticated, devices] =
            counts.map(|count| Arc::new(Semaphore::new(count as usize)));
        Self { unauthenticated, devices, counts }
    }

    /// Waits for a permit of an unauthenticated connection; never `None`, because the semaphore is never closed.
    pub(crate) async fn next(&self) -> Option<Permit> {
        let permit = Mutex::new(self.unauthenticated.clone().acquire_owned().await.ok()?);
        let is_device = AtomicBool::new(false);
        Some(Permit(Arc::new(Taken { permit, devices: self.devices.clone(), is_device })))
    }

    /// Waits until all permits are free.
    pub(crate) async fn are_free(&self) {
        let [unauthenticated, devices] = self.counts;
        // They are never closed.
        let _ = (
            self.unauthenticated.acquire_many(unauthenticated).await,
            self.devices.acquire_many(devices).await,
        );
    }
}

impl Permit {
    /// Exchanges the permit for one of a device, if one is free; otherwise it stays as it is, and this is `false`.
    pub(crate) fn authenticate(&self) -> bool {
        let Ok(permit) = self.0.devices.clone().try_acquire_owned() else { return false };
        *self.0.permit.lock().unwrap_or_else(PoisonError::into_inner) = permit;
        self.0.is_device.store(true, Ordering::Release);
        true
    }

    /// Whether it is the permit of a device.
    pub(crate) fn is_device(&self) -> bool {
        self.0.is_device.load(Ordering::Acquire)
    }
}
