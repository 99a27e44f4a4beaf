//! Who comes over the network, before anything is known of them: how many there may be at once, and
//! how long each may take.

use std::io;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::allowance::Rate;
use crate::connection::Connection;
use crate::permit::{Permit, Permits};
use crate::progress::Progress;

/// The limits of connections that have shown no token yet.
#[derive(Clone, Copy, Debug)]
pub struct NetLimits {
    /// Connections besides those of devices: of the backend, of whoever is on the way to be a device, and
    /// of whoever is neither, who may make one request. When all permits are taken, further connections
    /// queue.
    pub unauthenticated: usize,
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

/// Whom there is room for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Door {
    /// The limits of unauthenticated connections.
    pub(crate) net: NetLimits,
    /// How many devices may be connected.
    pub(crate) devices: usize,
    /// What a device may send, in bytes.
    pub(crate) bytes: Rate,
}

/// Serves until `stop`, and then until the last connection is over; the routes have to see to it that
/// sockets end, and that unauthenticated connections do not stay.
pub(crate) async fn serve(
    listener: TcpListener,
    door: Door,
    routes: Router,
    stop: impl Future<Output = ()>,
) {
    let Door { net: limits, devices, bytes } = door;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.patience).max_buf_size(HEAD);
    // Who has sent all that they have to say may hear the answer.
    http.half_close(true);
    // Of devices that have gone some are still on their way out.
    let permits =
        Permits::new(limits.unauthenticated, devices.saturating_add(limits.unauthenticated));
    let (open, closing) = watch::channel(());
    tokio::pin!(stop);
    loop {
        let next = tokio::select! {
            biased;
            () = &mut stop => None,
            next = next(&listener, &permits) => next,
        };
        let Some((stream, permit)) = next else { break };
        let (patience, linger) = (limits.patience, limits.linger);
        let progress = Progress::new();
        let (taken, moves) = (permit.clone(), progress.clone());
        let connection = Connection::new(stream, taken, patience, linger, bytes, moves);
        let routes = TowerToHyperService::new(routes.clone());
        let at_its_permit = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(permit.clone());
            request.extensions_mut().insert(progress.clone());
            routes.call(request)
        });
        let served = http.serve_connection(TokioIo::new(connection), at_its_permit).with_upgrades();
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
    permits.are_free().await;
}

/// The next connection, once there is a permit for it; never `None`, because permits are always given.
async fn next(listener: &TcpListener, permits: &Permits) -> Option<(TcpStream, Permit)> {
    let permit = permits.next().await?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Some((stream, permit)),
            // Who went away before it was their turn.
            Err(why) if why.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(why) => {
                tracing::warn!(%why, "nobody can be let in for a moment");
                sleep(PAUSE).await;
            }
        }
    }
}
