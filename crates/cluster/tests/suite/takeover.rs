//! The active processor is killed, and the time taken until a device is answered again.

use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use futures_util::{FutureExt as _, StreamExt as _};
use roomcall_cluster::gateway::{Gateway, GatewayParts};
use roomcall_cluster::log::broker;
use roomcall_cluster::log::nodes::{Nodes, Sync};
use roomcall_cluster::processor::TAKEOVER;
use roomcall_cluster::wire::{BEAT, Beat, read};
use roomcall_server::token::{TenantName, now};
use serde_json::json;

use crate::serve::front;
use crate::wire::Connection;

/// How often it is killed.
const KILLS: usize = 10;

/// A processor of its own, which is killed when this is dropped.
struct Processor(Child);

impl Processor {
    fn start(name: &str, broker: &broker::Settings) -> Self {
        let this = std::env::current_exe().expect("it has a path");
        let mut command = Command::new(this);
        command.arg("processor").arg(name);
        command.arg(broker.servers.join(",")).arg(broker.monitors.join(","));
        Self(command.stdin(Stdio::null()).spawn().expect("it starts"))
    }
}

impl Drop for Processor {
    fn drop(&mut self) {
        // It may have been killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The processor that beats for the tenant.
async fn active(beats: &mut async_nats::Subscriber) -> String {
    loop {
        let message = beats.next().await.expect("the broker is there");
        let beat: Beat = read(&message.payload).expect("it is a beat");
        if !beat.partitions.is_empty() {
            return beat.processor;
        }
    }
}

/// Kills it ten times. Each time somebody is answered again within twice the silence after which a standby claims.
pub(crate) async fn run() -> ExitCode {
    let nodes = Nodes::start(1, Sync::Always).await.expect("there is a nats-server");
    let broker = nodes.settings();
    let client = broker::connect(&broker, "gateway").await.expect("the broker is there");
    let mut beats = client.subscribe(BEAT).await.expect("it is heard");
    let (front, tenants, name) = (front(), vec![TenantName::default()], "gateway".to_owned());
    let parts = GatewayParts { name, client: client.clone(), front, tenants, waiting: 256 };
    let gateway = Gateway::start(parts).await.expect("a gateway starts");
    let address = gateway.address;
    tokio::spawn(gateway.run(std::future::pending()));
    let mut processors: Vec<_> =
        ["one", "two"].map(|name| (name, Processor::start(name, &broker))).into_iter().collect();
    let connection = Connection::open(address, "ana", "phone", now()).await;
    let mut connection = connection.expect("it is answered").expect("the token is good");
    let mut slowest = Duration::ZERO;
    for kill in 1..=KILLS {
        // The other one follows.
        tokio::time::sleep(Duration::from_secs(2)).await;
        while beats.next().now_or_never().is_some() {}
        let name = active(&mut beats).await;
        let at = processors.iter().position(|it| it.0 == name).expect("it is one of these");
        let (name, killed) = processors.remove(at);
        drop(killed);
        let start = Instant::now();
        let command = json!({"cancelCall": {"roomID": "nowhere", "userIDList": ["bo"]}});
        let line = json!({"requestID": kill, "command": command}).to_string();
        connection.send(line).await;
        let answer = connection.next().await.expect("it comes in time");
        let took = start.elapsed();
        let answer = answer.expect("the connection stays");
        assert!(answer.contains(&format!("\"requestID\":{kill}")), "{answer}");
        println!("kill {kill:>2} of {name}: answered after {} ms", took.as_millis());
        slowest = slowest.max(took);
        processors.push((name, Processor::start(name, &broker)));
    }
    let most = 2 * TAKEOVER;
    println!("the slowest took {} ms, and may take {} ms", slowest.as_millis(), most.as_millis());
    if slowest <= most { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
