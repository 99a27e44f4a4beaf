//! A processor: it follows the logs of all partitions, and is the active one of some.
//!
//! ```text
//!             silence of the active, or it leaves, or a move
//! follows ──────────────────────────────────────────────────▶ claims ──▶ catches up ──▶ serves
//!    ▲                     somebody else was faster               │                        │
//!    └────────────────────────────────────────────────────────────┴────────────────────────┘
//!                                                                   somebody else has claimed
//! ```
//!
//! The log is the lease: a claim is an append, and who is not active any more learns it by its next append, which fails.

mod beats;
mod intake;
mod links;
mod outbox;
mod partition;
mod peers;
mod rules;

use std::sync::Arc;
use std::time::Duration;

use roomcall::journal::Header;
use roomcall_server::clock::{SystemClock, Time};
use roomcall_server::config::{ConfigError, Settings};
use roomcall_server::cost::CostLimits;
use roomcall_server::follower::SnapshotPace;
use roomcall_server::hub::HubLimits;
use roomcall_server::log::StoreError;
use roomcall_server::metrics::Metrics;
use roomcall_server::recover::{any_key, recover};
use roomcall_server::state::{Seed, Unseen};
use roomcall_server::token::{TenantName, Tenants};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::log::{JetStream, Released, broker};

use beats::Beats;
use partition::Partition;
use peers::Peers;

/// How a processor is set up.
#[derive(Clone, Debug)]
pub struct ProcessorParts {
    /// Its name, which no other has.
    pub name: String,
    /// The broker.
    pub broker: broker::Settings,
    /// Where time comes from.
    pub time: Arc<dyn Time>,
    /// A partition of which nothing was heard for so long is claimed. It has to be more than 300 ms, for which the state of
    /// who was active may still be told.
    pub takeover: Duration,
    /// The partitions, with their policies and limits.
    pub partitions: Vec<(TenantName, Header)>,
    /// The most jobs in one batch.
    pub batch: usize,
    /// How many devices may be connected to one partition.
    pub hub: HubLimits,
    /// What requests of devices may cost.
    pub costs: CostLimits,
    /// When snapshots are stored.
    pub snapshots: SnapshotPace,
    /// What a state does not follow from.
    pub seed: Seed,
}

/// The usual silence after which a partition is claimed.
pub const TAKEOVER: Duration = Duration::from_millis(400);

impl ProcessorParts {
    /// A processor that is set up like a server, without a store of its own.
    ///
    /// # Errors
    ///
    /// A setting is out of its range.
    pub fn of(
        settings: &Settings,
        tenants: &Arc<Tenants>,
        name: String,
        broker: broker::Settings,
    ) -> Result<Self, ConfigError> {
        let front = settings.front(tenants.clone())?;
        let partitions = tenants.iter();
        let partitions =
            partitions.map(|it| (it.name.clone(), Header::new(it.limits, it.policy))).collect();
        Ok(Self {
            name,
            broker,
            time: Arc::new(SystemClock::new()),
            takeover: TAKEOVER,
            partitions,
            batch: settings.batch.unwrap_or(1_024),
            hub: front.hub,
            costs: settings.costs(),
            snapshots: SnapshotPace { log_bytes: settings.snapshot_bytes.unwrap_or(16 << 20) },
            seed: Seed { key: any_key(), token_life: front.token_life },
        })
    }
}

/// A processor that follows its partitions.
#[derive(Debug)]
pub struct Processor {
    works: JoinSet<Result<(), StoreError>>,
    beats: Beats,
    stop: watch::Sender<bool>,
}

impl Processor {
    /// Recovers the state of each partition, and follows.
    ///
    /// # Errors
    ///
    /// The broker cannot be reached or is not set up as it has to be, or a log was lost.
    pub async fn start(parts: ProcessorParts) -> Result<Self, StoreError> {
        let store = JetStream::connect(&parts.broker, &parts.name).await?;
        let peers = Peers::listen(store.client(), &parts.name, parts.takeover).await?;
        let beats = Beats::new(store.client().clone(), &parts.name);
        let (metrics, _) = Metrics::new();
        let (stop, stops) = watch::channel(false);
        let parts = Arc::new(parts);
        let mut works = JoinSet::new();
        for (name, rules) in &parts.partitions {
            let log = store.open(name.as_str()).await?;
            let released = Released::new(log.clone());
            let recovered = recover(&released, parts.seed, &mut Unseen).await?;
            tracing::info!(partition = %name, batches = recovered.state.last(), "follows");
            let partition = Partition {
                name: name.clone(),
                rules: rules.clone(),
                log,
                client: store.client().clone(),
                parts: parts.clone(),
                peers: peers.clone(),
                beats: beats.clone(),
                metrics: metrics.of_tenant(name),
                stops: stops.clone(),
            };
            beats.follow(name.as_str(), rules::digest(rules));
            works.spawn(partition.run(recovered));
        }
        tokio::spawn(beats.clone().run(parts.takeover / 4));
        Ok(Self { works, beats, stop })
    }

    /// Works until `stop`; then it leaves its partitions to others, which takes less than a second.
    ///
    /// # Errors
    ///
    /// A log cannot be read any more.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), StoreError> {
        let ended = tokio::select! {
            () = stop => Ok(()),
            Some(ended) = self.works.join_next() => ended.unwrap_or_else(|why| {
                Err(StoreError::Write(format!("a partition ended: {why}")))
            }),
        };
        self.stop.send_replace(true);
        while self.works.join_next().await.is_some() {}
        self.beats.leave().await;
        ended
    }
}
