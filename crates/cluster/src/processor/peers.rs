//! What a processor has heard of the others: who is active where, who follows, and which gateways live.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::Client;
use futures_util::StreamExt as _;
use roomcall_server::log::StoreError;

use crate::wire::{self, Alive, Beat};

/// A gateway of which nothing was heard for so long is gone, with its connections.
pub(super) const GONE: Duration = Duration::from_secs(3);

/// What was heard. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Peers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The own name.
    name: String,
    /// A processor that is silent for so long has no partitions.
    takeover: Duration,
    heard: Mutex<Heard>,
}

#[derive(Debug, Default)]
struct Heard {
    gateways: HashMap<String, Instant>,
    processors: HashMap<String, Processor>,
    /// When a partition was last heard to be active elsewhere; none where whoever was leaves it.
    actives: HashMap<String, Option<Instant>>,
    /// The partitions that this processor was told to claim.
    moves: Vec<String>,
}

#[derive(Debug)]
struct Processor {
    at: Instant,
    /// The partitions that it follows, and a digest of the rules of each.
    follows: HashMap<String, u64>,
}

impl Peers {
    /// Begins to listen.
    pub(super) async fn listen(
        client: &Client,
        name: &str,
        takeover: Duration,
    ) -> Result<Self, StoreError> {
        let shared = Shared { name: name.to_owned(), takeover, heard: Mutex::default() };
        let peers = Self(Arc::new(shared));
        for subject in [wire::BEAT, wire::ALIVE, &wire::of_move("*")] {
            let messages = client.subscribe(subject.to_owned()).await;
            let mut messages = messages.map_err(|why| StoreError::Write(why.to_string()))?;
            let peers = peers.clone();
            tokio::spawn(async move {
                while let Some(message) = messages.next().await {
                    peers.hear(&message.subject, &message.payload);
                }
            });
        }
        Ok(peers)
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, subject: &str, bytes: &[u8]) {
        let now = Instant::now();
        let mut heard = self.heard();
        match subject {
            wire::ALIVE => {
                if let Some(Alive { gateway }) = wire::read(bytes) {
                    heard.gateways.insert(gateway, now);
                }
            }
            wire::BEAT => {
                let Some(beat) = wire::read::<Beat>(bytes) else { return };
                if beat.processor == self.0.name {
                    return;
                }
                for one in beat.partitions {
                    heard.actives.insert(one.partition, Some(now));
                }
                for left in beat.leaves {
                    heard.actives.insert(left, None);
                }
                let follows = beat.follows.into_iter().collect();
                heard.processors.insert(beat.processor, Processor { at: now, follows });
            }
            subject => {
                let partition = subject.rsplit('.').next().unwrap_or_default();
                if bytes == self.0.name.as_bytes() {
                    heard.moves.push(partition.to_owned());
                }
            }
        }
    }

    /// When a partition was last heard to be active elsewhere: never, if it is `None`; and it may be claimed at once, if
    /// whoever was has left it.
    pub(super) fn active_elsewhere(&self, partition: &str) -> Option<Option<Instant>> {
        self.heard().actives.get(partition).copied()
    }

    /// Whether this processor was told to claim a partition, since it was asked last.
    pub(super) fn is_moved_here(&self, partition: &str) -> bool {
        let mut heard = self.heard();
        let before = heard.moves.len();
        heard.moves.retain(|it| it != partition);
        heard.moves.len() < before
    }

    /// The gateways that live.
    pub(super) fn gateways(&self) -> Vec<String> {
        let heard = self.heard();
        let live = heard.gateways.iter().filter(|(_, at)| at.elapsed() < GONE);
        live.map(|(name, _)| name.clone()).collect()
    }

    /// Whether of all processors that live and follow a partition this is the one that claims it first: a different one for
    /// different partitions, so that they are spread.
    pub(super) fn is_first(&self, partition: &str) -> bool {
        let weight = |name: &str| {
            let mut hasher = DefaultHasher::new();
            (partition, name).hash(&mut hasher);
            hasher.finish()
        };
        let own = weight(&self.0.name);
        let heard = self.heard();
        let mut others = heard.processors.iter().filter(|(_, it)| {
            it.at.elapsed() < self.0.takeover && it.follows.contains_key(partition)
        });
        !others.any(|(name, _)| weight(name) > own)
    }

    /// Whether all processors that live and follow a partition are set up with these rules.
    pub(super) fn all_have(&self, partition: &str, rules: u64) -> bool {
        let heard = self.heard();
        let live = heard.processors.values().filter(|it| it.at.elapsed() < GONE);
        live.filter_map(|it| it.follows.get(partition)).all(|of| *of == rules)
    }
}
