//! A cluster as the suite drives it: a process with gateways and processors, a broker, and WebSockets.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use roomcall::protocol::{self, Answer, Body, Fact, Frame, Output, Refused};
use roomcall_cluster::log::broker;
use roomcall_cluster::log::nodes::Nodes;
use roomcall_server::token::now;
use roomcall_testkit::suite::{Capabilities, Rules, Transport, TransportError};
use serde_json::json;

use crate::wire::{self, Connection};

/// A cluster.
pub(crate) struct Host {
    broker: broker::Settings,
    /// With which it starts: the last that it was told.
    rules: Rules,
    process: Process,
    passed: u64,
    /// How far the wall clock was set back.
    back: u64,
    /// How many were connected, and asked: each goes through another gateway than the one before.
    last: usize,
}

/// A cluster that runs. It is killed when this is dropped.
struct Process {
    child: Child,
    said: BufReader<ChildStdout>,
    addresses: Vec<SocketAddr>,
}

impl Process {
    fn start(
        broker: &broker::Settings,
        rules: &Rules,
        passed: u64,
    ) -> Result<Self, TransportError> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg(broker.servers.join(","))
            .arg(broker.monitors.join(","))
            .arg(serde_json::to_string(rules)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("it is piped")?);
        tell(&mut child, passed, passed)?;
        let mut line = String::new();
        said.read_line(&mut line)?;
        let addresses = line.split_whitespace().map(str::parse).collect::<Result<Vec<_>, _>>();
        let addresses = addresses.map_err(|_| format!("it does not listen: {line}"))?;
        if addresses.is_empty() {
            return Err("it does not start".into());
        }
        Ok(Self { child, said, addresses })
    }

    /// Sets its time, and waits until it is so.
    fn set(&mut self, wall: u64, passed: u64) -> Result<(), TransportError> {
        tell(&mut self.child, wall, passed)?;
        self.said.read_line(&mut String::new())?;
        Ok(())
    }
}

fn tell(child: &mut Child, wall: u64, passed: u64) -> Result<(), TransportError> {
    Ok(writeln!(child.stdin.as_mut().ok_or("it is piped")?, "{wall} {passed}")?)
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Host {
    /// A cluster whose log is empty.
    pub(crate) async fn start(nodes: &Nodes, rules: &Rules) -> Result<Self, TransportError> {
        let broker = nodes.settings();
        let client = broker::connect(&broker, "suite").await?;
        let context = async_nats::jetstream::new(client);
        for stream in ["LOG-default", "OBJ_SNAP-default"] {
            // There may be none yet.
            let _ = context.delete_stream(stream).await;
        }
        let process = Process::start(&broker, rules, 0)?;
        Ok(Self { broker, rules: rules.clone(), process, passed: 0, back: 0, last: 0 })
    }

    /// Posts to the backend's API.
    async fn post(&mut self, path: &str, body: String) -> Result<Output, TransportError> {
        let address = self.gateway();
        Ok(serde_json::from_str(&wire::post(address, path, body).await?)?)
    }

    /// The next gateway.
    fn gateway(&mut self) -> SocketAddr {
        self.last += 1;
        self.process.addresses[self.last % self.process.addresses.len()]
    }
}

impl Transport for Host {
    type Connection = Connection;

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            virtual_time: true,
            durable: true,
            backend: true,
            clock: true,
            slow_reader: true,
            // A WebSocket loses nothing on the way.
            lossy: false,
            rules: true,
            erasure: true,
        }
    }

    async fn connect(
        &mut self,
        user: &str,
        device: &str,
    ) -> Result<Self::Connection, TransportError> {
        let connection = Connection::open(self.gateway(), user, device, now()).await?;
        connection.ok_or_else(|| "the token is refused".into())
    }

    async fn disconnect(&mut self, connection: Self::Connection) -> Result<(), TransportError> {
        connection.close().await
    }

    async fn send(
        &mut self,
        connection: &mut Self::Connection,
        frame: Frame,
    ) -> Result<(), TransportError> {
        connection.send(serde_json::to_string(&frame)?).await;
        Ok(())
    }

    async fn receive(
        &mut self,
        connection: &mut Self::Connection,
    ) -> Result<Option<Body>, TransportError> {
        let Some(line) = connection.next().await? else { return Ok(None) };
        Ok(Some(Output::read(line.as_bytes())?.body))
    }

    async fn state(&mut self, fact: Fact) -> Result<(), TransportError> {
        if let Fact::RulesChanged { policy, limits } = &fact {
            let of = &mut self.rules;
            of.policy = policy.map_or(of.policy, |change| change.of(of.policy));
            of.limits = limits.map_or(of.limits, |change| change.of(of.limits));
        }
        self.post("/v1/facts", serde_json::to_string(&fact)?).await.map(drop)
    }

    async fn advance(&mut self, millis: u64) -> Result<(), TransportError> {
        self.passed += millis;
        self.process.set(self.passed.saturating_sub(self.back), self.passed)
    }

    fn elapsed(&self) -> u64 {
        self.passed
    }

    async fn command(
        &mut self,
        command: protocol::Command,
    ) -> Result<Result<Answer, Refused>, TransportError> {
        let output = self.post("/v1/requests", json!({ "command": command }).to_string()).await?;
        match output.body {
            Body::Answer(answer) => Ok(Ok(answer)),
            Body::Refused(refused) => Ok(Err(refused)),
            other => Err(format!("the backend is answered {other:?}").into()),
        }
    }

    async fn restart(&mut self) -> Result<(), TransportError> {
        // By the time that there is a new one the wall clock is right.
        self.back = 0;
        self.process.child.kill()?;
        self.process.child.wait()?;
        self.process = Process::start(&self.broker, &self.rules, self.passed)?;
        Ok(())
    }

    async fn set_back(&mut self, millis: u64) -> Result<(), TransportError> {
        // The wall clock, which a server does not go by while it runs.
        self.back += millis;
        self.process.set(self.passed.saturating_sub(self.back), self.passed)
    }
}
