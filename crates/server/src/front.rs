//! The front of a server: what listens for devices and the backend, and gives what they say to whoever answers it.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

use crate::drain::Drain;
use crate::http::{Reached, Shared, routes};
use crate::hub::HubLimits;
use crate::listen::{self, Door, NetLimits};
use crate::metrics::Counts;
use crate::socket::SocketLimits;
use crate::token::{TenantName, Verifier};

/// What a front is made of.
#[derive(Debug)]
pub struct FrontParts {
    /// Where it listens; port 0 is any that is free.
    pub listen: SocketAddr,
    /// Who is who.
    pub verifier: Arc<dyn Verifier>,
    /// The longest that a token is valid, in seconds.
    pub token_life: u64,
    /// What is allowed to who is not known yet.
    pub net: NetLimits,
    /// What is allowed on a connection of a device.
    pub socket: SocketLimits,
    /// How many devices may be connected.
    pub hub: HubLimits,
    /// What is served beside its own routes.
    pub pages: Router,
}

/// A front that has begun to listen.
#[derive(Debug)]
pub struct Front {
    /// Where.
    pub address: SocketAddr,
    listener: TcpListener,
    pub(crate) shared: Shared,
    pub(crate) door: Door,
    pages: Router,
}

impl Front {
    /// Lets in who belongs to these tenants.
    ///
    /// # Errors
    ///
    /// The address is not known.
    pub fn new(
        listener: TcpListener,
        parts: FrontParts,
        tenants: BTreeMap<TenantName, Reached>,
        counts: Counts,
        is_administered: bool,
    ) -> io::Result<Self> {
        let FrontParts { verifier, token_life, net, socket: limits, hub, pages, .. } = parts;
        let shared = Shared {
            drain: Drain::new(tenants.values().map(|it| it.jobs.clone())),
            tenants: Arc::new(tenants),
            verifier,
            counts: Arc::new(counts),
            is_administered,
            limits,
            token_life,
            patience: net.patience,
        };
        let door = Door { net, devices: hub.connections, bytes: limits.bytes() };
        Ok(Self { address: listener.local_addr()?, listener, shared, door, pages })
    }

    /// By which it is told to drain.
    pub fn drain(&self) -> Drain {
        self.shared.drain.clone()
    }

    /// Serves until `stop`, and then until the last connection is over: whoever answers has to close them.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        listen::serve(self.listener, self.door, routes(self.shared, self.pages), stop).await;
    }
}
