//! A server as a whole: opened, recovered, serving, and stopped.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::admin::{self, Admin, AdminParts};
use crate::clock::{SystemClock, Time};
use crate::cost::CostLimits;
use crate::drain::Drain;
use crate::engine::Job;
use crate::events::sending::Sending;
use crate::events::webhook::Now;
use crate::follower::SnapshotPace;
use crate::front::{Front, FrontParts};
use crate::http::{Reached, Shared};
use crate::hub::HubLimits;
use crate::listen::{self, Door, NetLimits};
use crate::log::{Store, StoreError};
use crate::metrics::Metrics;
use crate::partition::{Common, Found};
use crate::socket::SocketLimits;
use crate::state::Seed;
use crate::threads::{Threads, Work};
use crate::token::{TenantName, Verifier};

pub use crate::partition::TenantParts;

/// Why a server ended, when it was not told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It cannot listen.
    #[error("cannot listen on {0}: {1}. Choose another address with --listen")]
    Listen(SocketAddr, io::Error),
    /// It cannot listen for whoever administers it.
    #[error("cannot listen on {0}: {1}. Choose another address with --admin")]
    AdminListen(SocketAddr, io::Error),
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
        "the configuration of the tenant {0} has a smaller `idBytes`, `extensionBytes` or `pageSize` than the \
         store, and these may only grow: give it those, or use another store. Nothing in it was changed"
    )]
    Rules(TenantName),
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
    pub time: Arc<dyn Time>,
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
    /// Those whom it serves; several have a log each, in one store.
    pub tenants: Vec<TenantParts>,
    /// What requests of devices may cost, of each tenant.
    pub costs: CostLimits,
    /// The most jobs in one batch.
    pub batch: usize,
    /// When snapshots are stored.
    pub snapshots: SnapshotPace,
    /// How it is administered, if it is.
    pub admin: Option<AdminParts>,
    /// How long it may drain, once it begins to.
    pub drain: Duration,
    /// How many inputs may wait for the engine; connections that have more are not read meanwhile.
    pub waiting: usize,
    /// Whether all traffic is judged by the rules.
    pub observe: bool,
    /// What is served beside its own routes.
    pub pages: Router,
}

/// Connections to the listener of administration.
const ADMINS: usize = 16;

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
    /// Where it is administered, if it is.
    pub admin_address: Option<SocketAddr>,
    admin: Option<(TcpListener, Router)>,
    front: Front,
    /// How long it may drain.
    drains: Duration,
    engines: Threads,
    followers: Threads,
    /// Dropped, they stop the followers.
    follows: Vec<oneshot::Sender<()>>,
    sending: Vec<Sending>,
}

/// The name of the tenant where there is one only.
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
        let (store, tenants) = (parts.store, parts.tenants);
        let mut found = Vec::new();
        for tenant in tenants {
            found.push(Found::recover(&*store, tenant, parts.seed).await?);
        }
        found.iter().try_for_each(Found::check)?;
        let listener = TcpListener::bind(parts.listen).await;
        let listener = listener.map_err(|why| ServeError::Listen(parts.listen, why))?;
        let admin = match parts.admin {
            Some(admin) => Some((admin_listener(&admin).await?, admin)),
            None => None,
        };
        // Until here nothing was changed.
        store.begin()?;
        let (metrics, counts) = Metrics::new();
        let common = Common {
            time: parts.time,
            hub: parts.hub,
            costs: parts.costs,
            batch: parts.batch,
            snapshots: parts.snapshots,
            waiting: parts.waiting,
            observe: parts.observe,
        };
        let mut partitions = Vec::new();
        for found in found {
            partitions.push(found.begin(&common, &metrics).await?);
        }
        let reached = partitions.iter().map(|it| (it.tenant.name.clone(), Reached::of(it)));
        let front = FrontParts {
            listen: parts.listen,
            verifier: parts.verifier,
            token_life: parts.seed.token_life,
            net: parts.net,
            socket: parts.socket,
            hub: parts.hub,
            pages: parts.pages,
        };
        let front = Front::new(listener, front, reached.collect(), counts, admin.is_some())?;
        let admin = admin.map(|(listener, admin)| (listener, administered(admin, &front.shared)));
        let now: Now = Arc::new(|| SystemClock::new().wall());
        let sending = partitions.iter().filter_map(|it| {
            let events = it.tenant.events.as_ref()?;
            Some(events.send(it.tenant.name.as_str(), &it.deliveries, &now, &it.jobs))
        });
        let sending = sending.collect();
        let (mut engines, mut followers, mut follows) = (Vec::new(), Vec::new(), Vec::new());
        for partition in partitions {
            let (engine, follower, stop) = partition.works();
            engines.push(Box::pin(engine) as Work);
            followers.push(Box::pin(follower) as Work);
            follows.push(stop);
        }
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let engines = Threads::start("engine", cores, engines)?;
        let followers = Threads::start("follower", 1, followers)?;
        let drains = parts.drain;
        let admin_address = admin.as_ref().map(|(it, _)| it.local_addr()).transpose()?;
        Ok(Self {
            address: front.address,
            admin_address,
            admin,
            front,
            drains,
            engines,
            followers,
            follows,
            sending,
        })
    }

    /// One of those whom it serves.
    pub fn tenant(&self, name: &str) -> Option<Reached> {
        self.front
            .shared
            .tenants
            .iter()
            .find(|(it, _)| it.as_str() == name)
            .map(|(_, it)| it.clone())
    }

    /// By which it is told to drain: then it ends when nothing rings, or when it has drained for as long as
    /// it may.
    pub fn drain(&self) -> Drain {
        self.front.drain()
    }

    /// Serves until `stop`, until it has drained, or until the store cannot be written. Everything that came
    /// in before is done, and everybody is told that the server goes.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub async fn run(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let Self { front, drains, follows, sending, .. } = self;
        let door = front.door;
        let administered = self.admin.map(|(listener, routes)| {
            let net = NetLimits { unauthenticated: ADMINS, ..door.net };
            let door = Door { net, devices: 0, ..door };
            tokio::spawn(listen::serve(listener, door, routes, std::future::pending()))
        });
        let (mut engines, mut followers) = (self.engines, self.followers);
        let drain = front.drain();
        let stop = async move {
            tokio::select! { () = stop => {} () = drain.ends(drains) => {} }
        };
        let tenants = front.shared.tenants.clone();
        let (closed, closing) = oneshot::channel::<()>();
        let served = tokio::spawn(front.serve(async {
            // Whether it is told or dropped, it closes.
            let _ = closing.await;
        }));
        let worked = tokio::select! {
            worked = engines.end() => worked,
            // Without a follower no snapshot is stored any more.
            followed = followers.end() => followed,
            () = stop => {
                for sending in sending {
                    sending.stop().await;
                }
                for tenant in tenants.values() {
                    // If the engine is gone, it has said why.
                    let _ = tenant.jobs.send(Job::Stop).await;
                }
                let worked = engines.end().await;
                drop(follows);
                worked.and(followers.end().await)
            }
        };
        for events in tenants.values().filter_map(|tenant| tenant.events.as_ref()) {
            // Who reads them has them all by then.
            events.close();
        }
        drop(closed);
        if let Some(administered) = administered {
            administered.abort();
        }
        // Connections have been told to close; who does not is cut off.
        let _ = timeout(LAST_CALL, served).await;
        Ok(worked?)
    }
}

/// Begins to listen for whoever administers a server.
async fn admin_listener(parts: &AdminParts) -> Result<TcpListener, ServeError> {
    let listen = parts.listen;
    if !listen.ip().is_loopback() {
        tracing::warn!(%listen, "the token of administration goes over the network as it is");
    }
    let listener = TcpListener::bind(listen).await;
    listener.map_err(|why| ServeError::AdminListen(listen, why))
}

/// What it is told there.
fn administered(parts: AdminParts, shared: &Shared) -> Router {
    let AdminParts { token, reload, .. } = parts;
    admin::routes(Admin {
        tenants: shared.tenants.clone(),
        counts: shared.counts.clone(),
        drain: shared.drain.clone(),
        token,
        reload,
        backup: Arc::default(),
    })
}
