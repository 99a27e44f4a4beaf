//! The gateway: it has the sockets of devices, checks tokens, and has nothing that outlives it.
//!
//! It is the front of a server, and in place of engines it has a *relay* for each tenant, which speaks with whatever
//! processor is the active one of that partition. Any number of gateways work beside one another.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_nats::{Client, SubscribeError, Subscriber};
use futures_util::StreamExt as _;
use roomcall_server::clock::{SystemClock, Time as _};
use roomcall_server::front::{Front, FrontParts};
use roomcall_server::http::Reached;
use roomcall_server::metrics::Metrics;
use roomcall_server::text::All;
use roomcall_server::token::TenantName;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::wire::{ALIVE, Alive, BEAT, Beat, ToGateway, of_gateway, read, write};

use relay::{Heard, Inputs, Relay};

mod relay;

/// How often it says that it lives.
const ALIVE_EVERY: Duration = Duration::from_millis(250);

/// Frames and beats that wait for a relay.
const HEARD: usize = 1_024;

/// The longest message of a gateway, in bytes.
const MESSAGE_BYTES: usize = 8 << 20;

/// How long relays have to say that their connections are gone, and connections to end, when it stops.
const LAST_CALL: Duration = Duration::from_millis(400);

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Its name cannot be part of a subject.
    #[error(
        "{0:?} is no name of a gateway: it has from 1 to 64 characters, each a letter, a digit, - or _. Choose another one, \
         or none"
    )]
    Name(String),
    /// It cannot listen.
    #[error("cannot listen on {0}: {1}. Choose another address with --listen")]
    Listen(SocketAddr, io::Error),
    /// It hears nothing.
    #[error("cannot subscribe: {0}. Look whether the user of NATS may subscribe to `rc.>`")]
    Subscribe(#[from] SubscribeError),
    /// Frames would be lost for ever.
    #[error(
        "NATS takes messages of {0} bytes, and a gateway needs {MESSAGE_BYTES}: set `max_payload: 8MB` there"
    )]
    Payload(usize),
    /// The system gives it no address, say.
    #[error("the gateway cannot be started: {0}")]
    Io(#[from] io::Error),
}

/// What a gateway is made of.
#[derive(Debug)]
pub struct GatewayParts {
    /// Its name, which no other one has.
    pub name: String,
    /// Its connection to NATS.
    pub client: Client,
    /// How it listens.
    pub front: FrontParts,
    /// Whom it serves.
    pub tenants: Vec<TenantName>,
    /// How many jobs may wait for each relay; connections that have more are not read meanwhile.
    pub waiting: usize,
}

/// A gateway that has begun to listen.
#[derive(Debug)]
pub struct Gateway {
    /// Where.
    pub address: SocketAddr,
    client: Client,
    front: Front,
    relays: JoinSet<()>,
    /// What hears and beats.
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Gateway {
    /// Begins to listen. Who connects waits until there is a processor.
    ///
    /// # Errors
    ///
    /// The name is none, the address cannot be used, or NATS cannot.
    pub async fn start(parts: GatewayParts) -> Result<Self, GatewayError> {
        let GatewayParts { name, client, front, tenants, waiting } = parts;
        if !is_name(&name) {
            return Err(GatewayError::Name(name));
        }
        let most = client.server_info().max_payload;
        if most < MESSAGE_BYTES {
            return Err(GatewayError::Payload(most));
        }
        let listener = TcpListener::bind(front.listen).await;
        let listener = listener.map_err(|why| GatewayError::Listen(front.listen, why))?;
        let frames = client.subscribe(of_gateway(&name)).await?;
        let beats = client.subscribe(BEAT).await?;
        let (metrics, counts) = Metrics::new();
        let (stop, stops) = watch::channel(false);
        // A process that follows another one of that name is above it.
        let incarnation = SystemClock::new().wall();
        let queues = All::new(metrics.queued());
        let (mut relays, mut tasks) = (JoinSet::new(), JoinSet::new());
        let (mut reached, mut hear) = (Vec::new(), HashMap::new());
        for tenant in tenants {
            let (jobs, asked) = mpsc::channel(waiting);
            let (heard, hears) = mpsc::channel(HEARD);
            let relay = Relay::new(name.clone(), incarnation, front.hub, queues.clone());
            let inputs = Inputs { jobs: asked, heard: hears, stop: stops.clone() };
            let (partition, client) = (tenant.to_string(), client.clone());
            let metrics = metrics.of_tenant(&tenant);
            hear.insert(partition.clone(), heard);
            relays.spawn(async move {
                relay::run(relay, &partition, client, inputs, metrics).await;
            });
            reached.push((tenant, Reached { jobs, livekit: None, events: None, log: None }));
        }
        tasks.spawn(listen(frames, beats, hear));
        tasks.spawn(live(client.clone(), name));
        let front = Front::new(listener, front, reached.into_iter().collect(), counts, false)?;
        Ok(Self { address: front.address, client, front, relays, tasks, stop })
    }

    /// Serves until `stop`: then all connections are closed, and go to another gateway. Within a second it has ended.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { client, front, mut relays, tasks, stop: stops, .. } = self;
        let drain = front.drain();
        let (closed, closing) = oneshot::channel::<()>();
        let served = tokio::spawn(front.serve(async {
            // Whether it is told or dropped, it closes.
            let _ = closing.await;
        }));
        stop.await;
        drain.begin();
        stops.send_replace(true);
        let all = async { while relays.join_next().await.is_some() {} };
        let flushed = async {
            all.await;
            client.flush().await
        };
        if !matches!(timeout(LAST_CALL, flushed).await, Ok(Ok(()))) {
            tracing::warn!(
                "the processors were not told that the gateway stops: they notice it in a moment"
            );
        }
        drop(closed);
        // Connections have been told to close; who does not is cut off.
        let _ = timeout(LAST_CALL, served).await;
        drop(tasks);
    }
}

/// Whether a gateway can be called so: it is a part of a subject.
fn is_name(name: &str) -> bool {
    let is_allowed = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
    (1..=64).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// Gives each relay what it has to hear.
async fn listen(
    mut frames: Subscriber,
    mut beats: Subscriber,
    relays: HashMap<String, mpsc::Sender<Heard>>,
) {
    loop {
        // What was sent before a beat comes before it, if it can.
        let heard = tokio::select! {
            biased;
            Some(message) = frames.next() => {
                let frame = read::<ToGateway>(&message.payload);
                frame.into_iter().map(|it| (it.partition.clone(), Heard::Frame(it))).collect()
            }
            Some(message) = beats.next() => {
                let beat = read::<Beat>(&message.payload);
                let active = beat.into_iter().flat_map(|it| it.partitions);
                active.map(|it| (it.partition.clone(), Heard::Beat(it))).collect::<Vec<_>>()
            }
            else => return,
        };
        for (partition, heard) in heard {
            if let Some(relay) = relays.get(&partition) {
                // One that has stopped needs nothing.
                let _ = relay.send(heard).await;
            }
        }
    }
}

/// Says that the gateway lives, as long as somebody can hear it.
async fn live(client: Client, gateway: String) {
    let message = write(&Alive { gateway });
    let mut ticks = interval(ALIVE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if client.connection_state() == async_nats::connection::State::Connected
            && let Err(why) = client.publish(ALIVE, message.clone().into()).await
        {
            tracing::warn!(%why, "processors cannot be told that the gateway lives");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_part_of_a_subject() {
        assert!(["a", "gw-1", "A_b", &"x".repeat(64)].iter().all(|it| is_name(it)));
        assert!(["", "a.b", "a b", "*", ">", "ä", &"x".repeat(65)].iter().all(|it| !is_name(it)));
    }
}
