//! A server as a whole: opened, recovered, serving, and stopped.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;

use axum::serve::ListenerExt as _;
use roomcall::HashKey;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::clock::{Clock, Time};
use crate::engine::{Engine, Job, Pace};
use crate::http::{Newest, Shared, routes};
use crate::hub::{Hub, HubLimits};
use crate::metrics::Metrics;
use crate::recover::recover;
use crate::socket::SocketLimits;
use crate::store::{Store, StoreError};
use crate::token::Verifier;

/// Why a server ended, when it was not told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It cannot listen.
    #[error("cannot listen on {0}: {1}. Choose another address with --listen")]
    Listen(SocketAddr, io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network.
    #[error("the listener failed: {0}")]
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
    /// The key of the hash tables, where there is no snapshot that has one.
    pub key: HashKey,
    /// What is allowed on a connection.
    pub socket: SocketLimits,
    /// How many connections there may be.
    pub hub: HubLimits,
    /// How the engine works.
    pub pace: Pace,
    /// How many inputs may wait for the engine; connections that have more are not read meanwhile.
    pub waiting: usize,
}

/// A server that has begun to listen.
#[derive(Debug)]
pub struct Server {
    /// Where.
    pub address: SocketAddr,
    listener: TcpListener,
    shared: Shared,
    engine: oneshot::Receiver<Result<(), StoreError>>,
    /// Ends when every connection is over.
    over: mpsc::Receiver<()>,
}

impl Server {
    /// Recovers the state and begins to listen.
    ///
    /// # Errors
    ///
    /// The store cannot be used, or the address cannot.
    pub async fn start(parts: Parts) -> Result<Self, ServeError> {
        let recovered = recover(&*parts.store, parts.key)?;
        let clock = Clock::new(parts.time, recovered.clock());
        tracing::info!(
            inputs = recovered.last,
            from_snapshot = recovered.saved,
            live_calls = recovered.exchange.board().live_calls(),
            "the state is recovered"
        );
        let metrics = Arc::new(Mutex::new(Metrics::new()));
        let state = (recovered.exchange, recovered.last, recovered.saved);
        let hub = Hub::new(parts.hub);
        let engine = Engine::new(state, parts.store, hub, clock, metrics.clone(), parts.pace);
        let listener = TcpListener::bind(parts.listen).await;
        let listener = listener.map_err(|why| ServeError::Listen(parts.listen, why))?;
        let (jobs, waiting) = mpsc::channel(parts.waiting);
        let engine = on_its_own_thread(engine, waiting)?;
        let newest = Arc::new(Mutex::new(Newest::default()));
        let (verifier, limits) = (parts.verifier, parts.socket);
        let (alive, over) = mpsc::channel(1);
        let shared = Shared { jobs, verifier, metrics, limits, newest, alive };
        Ok(Self { address: listener.local_addr()?, listener, shared, engine, over })
    }

    /// Serves until `stop`, or until the store cannot be written. Everything that came in before is
    /// done, and everybody is told that the server goes.
    ///
    /// # Errors
    ///
    /// The store cannot be written, or the listener failed.
    pub async fn run(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let Self { listener, shared, mut engine, mut over, .. } = self;
        let jobs = shared.jobs.clone();
        let (closed, closing) = oneshot::channel::<()>();
        // Messages are small and somebody waits for each: none waits to be sent with the next one.
        let listener = listener.tap_io(|connection| {
            // It works without, more slowly.
            let _ = connection.set_nodelay(true);
        });
        let served = axum::serve(listener, routes(shared)).with_graceful_shutdown(async {
            // Whether it is told or dropped, it closes.
            let _ = closing.await;
        });
        let served = tokio::spawn(served.into_future());
        let worked = tokio::select! {
            worked = &mut engine => worked,
            () = stop => {
                // If the engine is gone, it has said why.
                let _ = jobs.send(Job::Stop).await;
                engine.await
            }
        };
        drop(closed);
        // Connections have been told to close; who does not is cut off.
        let all_over = async { (served.await, over.recv().await) };
        let _ = tokio::time::timeout(std::time::Duration::from_secs(5), all_over).await;
        let ended = || StoreError::Write("the engine ended without a word: see the log".to_owned());
        Ok(worked.map_err(|_| ended())??)
    }
}

/// The engine waits for the disk, and nothing else should wait with it.
fn on_its_own_thread(
    engine: Engine,
    jobs: mpsc::Receiver<Job>,
) -> io::Result<oneshot::Receiver<Result<(), StoreError>>> {
    let (ended, end) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    thread::Builder::new().name("engine".to_owned()).spawn(move || {
        let worked = runtime.block_on(engine.run(jobs));
        // Nobody waits for it only where the whole process ends.
        let _ = ended.send(worked);
    })?;
    Ok(end)
}
