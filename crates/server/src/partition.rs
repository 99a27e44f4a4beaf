//! A partition: the engine and the follower of one tenant, with the log between them.

use std::sync::Arc;

use roomcall::journal::Header;
use tokio::sync::{mpsc, oneshot};

use crate::clock::{Clock, Time};
use crate::cost::{CostLimits, Costs};
use crate::engine::{Engine, Job};
use crate::events::deliveries::Deliveries;
use crate::events::event::Event;
use crate::events::sending::Events;
use crate::follower::{Follower, Kept, SnapshotPace};
use crate::hub::{Hub, HubLimits};
use crate::livekit::LiveKit;
use crate::log::{Log, Store, StoreError};
use crate::metrics::Metrics;
use crate::recover::{Recovered, recover};
use crate::server::ServeError;
use crate::state::{Seed, Seen, Unseen};
use crate::token::TenantName;

/// A tenant of a server, as it is set up.
#[derive(Debug)]
pub struct TenantParts {
    /// Its name, by which its log is found.
    pub name: TenantName,
    /// Whether its state may be older than what was told, as that of a new log may be: then it is stated
    /// before anything else (F-18).
    pub is_old: bool,
    /// Its policy and limits from now on (F-19).
    pub rules: Header,
    /// The events of its calls, if anybody is to have them.
    pub events: Option<Events>,
    /// LiveKit, if its webhooks are taken.
    pub livekit: Option<Arc<LiveKit>>,
}

/// What all partitions of a server have in common.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub(crate) time: Arc<dyn Time>,
    pub(crate) hub: HubLimits,
    pub(crate) costs: CostLimits,
    pub(crate) batch: usize,
    pub(crate) snapshots: SnapshotPace,
    pub(crate) waiting: usize,
    pub(crate) observe: bool,
}

/// A tenant whose state was recovered. Nothing is written yet.
#[derive(Debug)]
pub(crate) struct Found {
    tenant: TenantParts,
    log: Arc<dyn Log>,
    kept: Option<Kept>,
    recovered: Recovered,
    /// The events that were derived from the log meanwhile.
    derived: Derived,
}

/// Events that wait until the store of events may be written: those of the log since the last snapshot.
#[derive(Debug, Default)]
struct Derived(Vec<Event>);

impl Seen for Derived {
    fn events(&mut self, mut events: Vec<Event>) -> Result<(), StoreError> {
        self.0.append(&mut events);
        Ok(())
    }
}

impl Found {
    /// Recovers the state of a tenant from its log.
    pub(crate) async fn recover(
        store: &dyn Store,
        tenant: TenantParts,
        seed: Seed,
    ) -> Result<Self, StoreError> {
        let log = store.log(tenant.name.as_str())?;
        let kept = tenant.events.as_ref().map(|events| events.kept(tenant.name.as_str()));
        let mut derived = Derived::default();
        let recovered = match &kept {
            Some(_) => recover(&*log, seed, &mut derived).await?,
            None => recover(&*log, seed, &mut Unseen).await?,
        };
        for why in &recovered.unread {
            tracing::error!(%why, "the store is damaged: it was recovered by batches from before that");
        }
        tracing::info!(
            tenant = tenant.name.as_str(),
            batches = recovered.state.last(),
            from_snapshot = recovered.saved,
            live_calls = recovered.state.switchboard().live_count(),
            "the state is recovered"
        );
        Ok(Self { tenant, log, kept, recovered, derived })
    }

    /// Whether it may have the rules that it is set up with (F-19).
    ///
    /// # Errors
    ///
    /// It may not. Nothing was changed.
    pub(crate) fn check(&self) -> Result<(), ServeError> {
        let was = self.recovered.state.switchboard().limits();
        if self.recovered.state.last() == 0 || self.tenant.rules.limits.may_follow(was) {
            return Ok(());
        }
        Err(ServeError::Rules(self.tenant.name.clone()))
    }

    /// Makes the engine and the follower. What has to be known before anybody connects is stated.
    pub(crate) async fn begin(
        self,
        common: &Common,
        metrics: &Metrics,
    ) -> Result<Partition, ServeError> {
        let Self { tenant, log, kept, recovered, derived } = self;
        if let Some(kept) = &kept {
            kept.begin(recovered.state.last(), &derived.0)?;
        }
        let metrics = metrics.of_tenant(&tenant.name);
        let state = recovered.state.clone();
        let deliveries = state.deliveries().clone();
        let clock = Clock::new(common.time.clone(), state.clock());
        let hub = Hub::new(common.hub, metrics.queued());
        let costs = Costs::new(&common.costs);
        let mut engine = Engine::new(state, log.clone(), hub, clock, metrics, costs, common.batch);
        if common.observe {
            engine.observe(&tenant.rules)?;
        }
        engine.begin(tenant.is_old, &tenant.rules).await?;
        let follower = Follower::new(log.clone(), recovered, common.snapshots, kept);
        let (jobs, waiting) = mpsc::channel(common.waiting);
        Ok(Partition { tenant, engine, follower, deliveries, jobs, log, waiting })
    }
}

/// A partition that is ready to work.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) tenant: TenantParts,
    pub(crate) deliveries: Deliveries,
    pub(crate) jobs: mpsc::Sender<Job>,
    pub(crate) log: Arc<dyn Log>,
    engine: Engine,
    follower: Follower,
    waiting: mpsc::Receiver<Job>,
}

impl Partition {
    /// What the engine and the follower do, until the one is told to stop by its last job and the other by
    /// whoever has `follows`.
    pub(crate) fn works(
        self,
    ) -> (
        impl Future<Output = Result<(), StoreError>> + Send,
        impl Future<Output = Result<(), StoreError>> + Send,
        oneshot::Sender<()>,
    ) {
        let (follows, stop) = oneshot::channel();
        (self.engine.run(self.waiting), self.follower.run(stop), follows)
    }
}
