//! The beats of a processor: that it lives, and of which partitions it is the active one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::Client;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::links::Told;
use crate::wire::{self, Beat};

/// What the beats tell. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Beats(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    client: Client,
    name: String,
    state: Mutex<State>,
    /// The next one is due at once.
    now: Notify,
}

#[derive(Debug, Default)]
struct State {
    actives: BTreeMap<String, Told>,
    leaves: Vec<String>,
    follows: BTreeMap<String, u64>,
}

impl Beats {
    pub(super) fn new(client: Client, name: &str) -> Self {
        let (name, state, now) = (name.to_owned(), Mutex::default(), Notify::new());
        Self(Arc::new(Shared { client, name, state, now }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it follows a partition, and is set up with rules of this digest.
    pub(super) fn follow(&self, partition: &str, rules: u64) {
        self.state().follows.insert(partition.to_owned(), rules);
    }

    /// From now on it is the active one of a partition. All are told at once.
    pub(super) fn serve(&self, told: Told) {
        let mut state = self.state();
        state.leaves.retain(|it| *it != told.partition);
        state.actives.insert(told.partition.clone(), told);
        drop(state);
        self.0.now.notify_one();
    }

    /// It is not any more: somebody else has claimed it, or may do so at once.
    pub(super) fn end(&self, partition: &str, leaves: bool) {
        let mut state = self.state();
        state.actives.remove(partition);
        if leaves {
            state.leaves.push(partition.to_owned());
        }
        drop(state);
        self.0.now.notify_one();
    }

    fn beat(&self) -> Beat {
        let state = self.state();
        Beat {
            processor: self.0.name.clone(),
            partitions: state.actives.values().map(Told::active).collect(),
            leaves: state.leaves.clone(),
            follows: state.follows.iter().map(|(it, rules)| (it.clone(), *rules)).collect(),
        }
    }

    async fn send(&self) {
        let beat = wire::write(&self.beat());
        // It fails only where the client has ended.
        let _ = self.0.client.publish(wire::BEAT, beat.into()).await;
    }

    /// Beats this often.
    pub(super) async fn run(self, apart: Duration) {
        loop {
            self.send().await;
            let _ = timeout(apart, self.0.now.notified()).await;
        }
    }

    /// The last one, before the process ends.
    pub(super) async fn leave(&self) {
        self.send().await;
        let _ = timeout(Duration::from_millis(200), self.0.client.flush()).await;
        tracing::info!("the partitions are left to others");
    }
}
