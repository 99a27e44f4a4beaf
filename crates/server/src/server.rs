//! A server as a whole: opened, recovered, serving, and stopped.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use roomcall::journal::Header;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::clock::{Clock, SystemClock, Time};
use crate::cost::{CostLimits, Costs};
use crate::engine::{Engine, Job};
use crate::events::sending::{Events, Sending};
use crate::events::webhook::Now;
use crate::follower::{Follower, SnapshotPace};
use crate::http::{Shared, routes};
use crate::hub::{Hub, HubLimits};
use crate::listen::{self, Door, NetLimits};
use crate::livekit::LiveKit;
use crate::log::{Store, StoreError};
use crate::metrics::Metrics;
use crate::recover::{Recovered, recover};
use crate::socket::SocketLimits;
use crate::state::{Seed, Unseen};
use crate::token::Verifier;

/// Why a server ended, when it was not told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It cannot listen.
    #[error("cannot listen on {0}: {1}. Choose another address with --listen")]
    Listen(SocketAddr, io::Error),
    /// It may not have enough files open.
    #[error(
        "a process may have {0} files open here, and a server needs at least {1}: \
         raise the limit (`ulimit -Hn`)"
    )]
    Files(u64, usize),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The configuration has smaller sizes than the store.
    #[error(
        "the configuration has a smaller `idBytes`, `extensionBytes` or `pageSize` than the store, and these \
         may only grow: give it those, or use another store. Nothing in it was changed"
    )]
    Rules,
    /// The system gives it no thread, say.
    #[error("the server cannot be started: {0}")]
    Io(#[from] io::Error),
}

/// Everything that a server is made of.
#[derive(Debug)]
pub struct Parts {
    /// Where it listens; port 0 is any that is free.
    pub listen: SocketAddr,
    /// What outlives it.
    pub store: Box<dyn Store>,
    /// Where time comes from.
    pub time: Box<dyn Time>,
    /// Who is who.
    pub verifier: Arc<dyn Verifier>,
    /// The key of the hash tables, where there is no snapshot that has one, and how long a token is valid.
    pub seed: Seed,
    /// What is allowed to who is not known yet.
    pub net: NetLimits,
    /// What is allowed on a connection of a device.
    pub socket: SocketLimits,
    /// How many devices may be connected.
    pub hub: HubLimits,
    /// Whether the state may be older than what was told, as that of a new store may be: then it is
    /// stated before anything else (F-18).
    pub is_old: bool,
    /// The policy and limits from now on (F-19).
    pub rules: Header,
    /// What requests may cost.
    pub costs: CostLimits,
    /// The most inputs in one batch.
    pub batch: usize,
    /// The events of calls, if anybody is to have them.
    pub events: Option<Events>,
    /// When snapshots are stored.
    pub snapshots: SnapshotPace,
    /// How many inputs may wait for the engine; connections that have more are not read meanwhile.
    pub waiting: usize,
    /// LiveKit, if its webhooks are taken.
    pub livekit: Option<Arc<LiveKit>>,
}

/// Files that a process has open besides its connections: the store, the log, what it runs on.
const OTHER_FILES: usize = 64;

/// The fewest files for connections with which a server is of any use.
const FEWEST: usize = 32;

impl Parts {
    /// Has no more connections than a process can that may have so many files open. Gives how many
    /// devices may be connected, if they are fewer than was asked for.
    ///
    /// # Errors
    ///
    /// They are too few for any.
    pub fn fit(&mut self, files: u64) -> Result<Option<usize>, ServeError> {
        let room = usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(OTHER_FILES);
        if room < FEWEST {
            return Err(ServeError::Files(files, OTHER_FILES + FEWEST));
        }
        self.net.unauthenticated = self.net.unauthenticated.min(room / 8);
        // Of devices that have gone some are still on their way out.
        let devices = room - 2 * self.net.unauthenticated;
        let is_less = devices < self.hub.connections;
        self.hub.connections = self.hub.connections.min(devices);
        Ok(is_less.then_some(devices))
    }
}

/// A server that has begun to listen.
#[derive(Debug)]
pub struct Server {
    /// Where.
    pub address: SocketAddr,
    listener: TcpListener,
    shared: Shared,
    door: Door,
    engine: oneshot::Receiver<Result<(), StoreError>>,
    follower: oneshot::Receiver<Result<(), StoreError>>,
    /// Dropped, it stops the follower.
    follows: oneshot::Sender<()>,
    sending: Option<Sending>,
}

/// The name of the one tenant.
pub const TENANT: &str = "default";

/// How long connections may take to end when the server stops.
const LAST_CALL: Duration = Duration::from_secs(5);

impl Server {
    /// Recovers the state and begins to listen.
    ///
    /// # Errors
    ///
    /// The store cannot be used, or the address cannot.
    pub async fn start(parts: Parts) -> Result<Self, ServeError> {
        let log = parts.store.log(TENANT)?;
        let mut kept = parts.events.as_ref().map(|events| events.kept(TENANT));
        if let Some(kept) = &kept {
            kept.begin(*log.follow().borrow())?;
        }
        let recovered = match &mut kept {
            Some(kept) => recover(&*log, parts.seed, kept).await?,
            None => recover(&*log, parts.seed, &mut Unseen).await?,
        };
        said(&recovered);
        parts.store.begin()?;
        let state = recovered.state.clone();
        let clock = Clock::new(parts.time, state.clock());
        let (metrics, counts) = Metrics::new();
        let hub = Hub::new(parts.hub, metrics.queued());
        let costs = Costs::new(&parts.costs);
        let mut engine = Engine::new(state, log.clone(), hub, clock, metrics, costs, parts.batch);
        engine.begin(parts.is_old, &parts.rules).await?;
        let deliveries = recovered.state.deliveries().clone();
        let follower = Follower::new(log, recovered, parts.snapshots, kept);
        let listener = TcpListener::bind(parts.listen).await;
        let listener = listener.map_err(|why| ServeError::Listen(parts.listen, why))?;
        let (jobs, waiting) = mpsc::channel(parts.waiting);
        let engine = on_its_own_thread("engine", engine.run(waiting))?;
        let (follows, stop) = oneshot::channel();
        let follower = on_its_own_thread("follower", follower.run(stop))?;
        let (verifier, limits) = (parts.verifier, parts.socket);
        let counts = Arc::new(counts);
        let (net, devices, bytes) = (parts.net, parts.hub.connections, limits.bytes());
        let (patience, token_life) = (net.patience, parts.seed.token_life);
        let livekit = parts.livekit;
        let now: Now = Arc::new(|| SystemClock::new().wall());
        let events = parts.events;
        let sending = events.as_ref().map(|it| it.send(TENANT, &deliveries, &now, &jobs));
        let events = events.map(|it| it.store);
        let shared =
            Shared { jobs, verifier, counts, limits, token_life, patience, livekit, events };
        let door = Door { net, devices, bytes };
        let address = listener.local_addr()?;
        Ok(Self { address, listener, shared, door, engine, follower, follows, sending })
    }

    /// Serves until `stop`, or until the store cannot be written. Everything that came in before is
    /// done, and everybody is told that the server goes.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub async fn run(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let Self { listener, shared, door, mut engine, mut follower, follows, sending, .. } = self;
        let (jobs, events) = (shared.jobs.clone(), shared.events.clone());
        let (closed, closing) = oneshot::channel::<()>();
        let served = listen::serve(listener, door, routes(shared), async {
            // Whether it is told or dropped, it closes.
            let _ = closing.await;
        });
        let served = tokio::spawn(served);
        let worked = tokio::select! {
            worked = &mut engine => ended(worked),
            // Without a follower no snapshot is stored any more.
            followed = &mut follower => ended(followed),
            () = stop => {
                if let Some(sending) = sending {
                    sending.stop().await;
                }
                if let Some(events) = events {
                    events.close();
                }
                // If the engine is gone, it has said why.
                let _ = jobs.send(Job::Stop).await;
                let worked = ended(engine.await);
                drop(follows);
                worked.and(ended(follower.await))
            }
        };
        drop(closed);
        // Connections have been told to close; who does not is cut off.
        let _ = timeout(LAST_CALL, served).await;
        Ok(worked?)
    }
}

/// What a thread says in the end, if it does.
fn ended(
    said: Result<Result<(), StoreError>, oneshot::error::RecvError>,
) -> Result<(), StoreError> {
    let silent = |_| StoreError::Write("a thread ended without a word: see the log".to_owned());
    said.map_err(silent)?
}

/// Logs how a state was come by.
fn said(recovered: &Recovered) {
    for why in &recovered.unread {
        tracing::error!(%why, "the store is damaged: it was recovered by batches from before that");
    }
    tracing::info!(
        batches = recovered.state.last(),
        from_snapshot = recovered.saved,
        live_calls = recovered.state.switchboard().live_count(),
        "the state is recovered"
    );
}

/// What waits for the disk or takes long runs on a thread of its own, and nothing else waits with it.
fn on_its_own_thread(
    name: &str,
    works: impl Future<Output = Result<(), StoreError>> + Send + 'static,
) -> io::Result<oneshot::Receiver<Result<(), StoreError>>> {
    let (ended, end) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Nobody waits for it only where the whole process ends.
        let _ = ended.send(runtime.block_on(works));
    })?;
    Ok(end)
}
