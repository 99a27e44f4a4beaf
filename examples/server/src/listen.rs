//! Who comes over the network, before anything is known of them: how many there may be at once, and
//! how long each may take.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;

use crate::connection::Connection;

/// What is allowed to who has shown no token yet.
#[derive(Clone, Copy, Debug)]
pub struct NetLimits {
    /// Connections, besides those of devices: requests of the backend, and whoever is on the way to be
    /// a device or stays who they are. Who comes when all places are taken waits for one.
    pub strangers: usize,
    /// Within so long the head of a request has to be there from when one could be sent, and its body
    /// from then on; and what is sent has to move within as long.
    pub patience: Duration,
    /// How long the other side has to close a connection that the server has closed.
    pub linger: Duration,
}

/// The longest head of a request, in bytes.
const HEAD: usize = 16_384;

/// How long nobody is let in when the system has no more files, say.
const PAUSE: Duration = Duration::from_millis(200);

/// Serves until `stop`, and then until the last connection is over; the routes have to see to it that
/// sockets end. `devices` may be connected besides those whom the limits know of.
pub(crate) async fn serve(
    listener: TcpListener,
    limits: NetLimits,
    devices: usize,
    routes: Router,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.patience).max_buf_size(HEAD);
    let all = devices.saturating_add(limits.strangers).min(Semaphore::MAX_PERMITS);
    let all = u32::try_from(all).unwrap_or(u32::MAX);
    let places = Arc::new(Semaphore::new(all as usize));
    let (open, closing) = watch::channel(());
    tokio::pin!(stop);
    loop {
        let next = tokio::select! {
            biased;
            () = &mut stop => None,
            next = next(&listener, &places) => next,
        };
        let Some((stream, place)) = next else { break };
        let connection = Connection::new(stream, place, limits.patience, limits.linger);
        let routes = TowerToHyperService::new(routes.clone());
        let served = http.serve_connection(TokioIo::new(connection), routes).with_upgrades();
        let mut closing = closing.clone();
        tokio::spawn(async move {
            tokio::pin!(served);
            let ended = tokio::select! {
                ended = served.as_mut() => ended,
                // It fails, when the other end is dropped.
                _ = closing.changed() => {
                    // A request that has come is answered; a socket is no concern of it any more.
                    served.as_mut().graceful_shutdown();
                    served.await
                }
            };
            if let Err(why) = ended {
                tracing::debug!(%why, "a connection broke");
            }
        });
    }
    drop((listener, open));
    // It is never closed: this waits for all places.
    let _ = places.acquire_many(all).await;
}

/// The next connection, once there is a place for it; `None` never, as long as places are given.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Some((stream, place)),
            // Who went away before it was their turn.
            Err(why) if why.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(why) => {
                tracing::warn!(%why, "nobody can be let in for a moment");
                sleep(PAUSE).await;
            }
        }
    }
}
