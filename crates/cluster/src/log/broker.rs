//! The broker: where its servers are, and how a process is connected to them.

use std::path::PathBuf;
use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use roomcall_server::log::StoreError;

/// Where the broker is, and how logs are kept in it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The servers, `nats://host:port` each.
    pub servers: Vec<String>,
    /// The monitoring port of each server, `http://host:port`: it tells whether the server syncs what it acknowledges.
    pub monitors: Vec<String>,
    /// On how many servers a log is: 3, or 1 to try things out.
    pub replicas: usize,
    /// How large a log may become, in bytes. What would make it larger is refused.
    pub log_bytes: u64,
    /// For how long an append is tried again while its outcome is not known. An election takes from 4 to 9 seconds.
    pub patience: Duration,
}

impl Settings {
    /// Logs on three servers, or on the only one.
    pub fn new(servers: Vec<String>, monitors: Vec<String>) -> Self {
        let replicas = if servers.len() < 3 { 1 } else { 3 };
        let patience = Duration::from_secs(15);
        Self { servers, monitors, replicas, log_bytes: 1 << 30, patience }
    }

    /// What the broker is called in errors.
    pub(super) fn refuse(&self, why: impl ToString) -> StoreError {
        let path = PathBuf::from(self.servers.join(","));
        StoreError::Open { path, why: why.to_string() }
    }
}

/// A server that does not answer is left for another after twice this.
const PING: Duration = Duration::from_secs(2);
/// To connect takes no longer, or another server is tried.
const CONNECT: Duration = Duration::from_secs(2);
/// Between two tries to connect, at most.
const APART: Duration = Duration::from_millis(500);

/// Connects a process, whose name the monitoring ports show. The connection is made again whenever it is lost.
///
/// # Errors
///
/// No server can be reached.
pub async fn connect(settings: &Settings, name: &str) -> Result<Client, StoreError> {
    let options = ConnectOptions::new()
        .name(name)
        .ping_interval(PING)
        .connection_timeout(CONNECT)
        .request_timeout(Some(CONNECT))
        .reconnect_delay_callback(|tries| {
            let tries = u32::try_from(tries).unwrap_or(u32::MAX);
            Duration::from_millis(20).saturating_mul(tries).min(APART)
        });
    let connected = options.connect(&settings.servers).await;
    connected
        .map_err(|why| settings.refuse(format!("{why}; is the broker there, at these addresses?")))
}
