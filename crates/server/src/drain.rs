//! The way out of a server: first nobody is sent to it any more and no call begins, and when nothing rings, or
//! after a time, it stops.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::engine::Job;

/// Whether a server drains. Clones are of one server.
#[derive(Clone, Debug)]
pub struct Drain {
    has_begun: Arc<watch::Sender<bool>>,
    engines: Arc<[mpsc::Sender<Job>]>,
}

impl Drain {
    /// It does not yet.
    pub(crate) fn new(engines: impl IntoIterator<Item = mpsc::Sender<Job>>) -> Self {
        Self {
            has_begun: Arc::new(watch::Sender::new(false)),
            engines: engines.into_iter().collect(),
        }
    }

    /// From now on it drains. Whether that is new.
    pub fn begin(&self) -> bool {
        !self.has_begun.send_replace(true)
    }

    /// Whether it drains.
    pub fn has_begun(&self) -> bool {
        *self.has_begun.borrow()
    }

    /// Waits until it drains.
    pub async fn begins(&self) {
        // The sender is kept as long as this.
        let _ = self.has_begun.subscribe().wait_for(|has_begun| *has_begun).await;
    }

    /// Waits until it has drained: nothing rings, or so much time has passed since it began.
    pub(crate) async fn ends(&self, longest: Duration) {
        self.begins().await;
        tracing::info!(seconds = longest.as_secs(), "draining: no call begins any more");
        match timeout(longest, self.is_quiet()).await {
            Ok(()) => tracing::info!("drained: nothing rings any more"),
            Err(_) => {
                tracing::info!("something still rings: it rings on when there is a server again")
            }
        }
    }

    /// Waits until nothing rings, and nothing will.
    async fn is_quiet(&self) {
        let mut answers = Vec::new();
        for engine in &*self.engines {
            let (quiet, answer) = oneshot::channel();
            // Where an engine is gone, nothing rings any more.
            if engine.send(Job::Drain { quiet }).await.is_ok() {
                answers.push(answer);
            }
        }
        for answer in answers {
            let _ = answer.await;
        }
    }
}
