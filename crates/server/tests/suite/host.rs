//! The server as the suite drives it: a process, its store, and WebSockets.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use futures_util::{SinkExt as _, StreamExt as _};
use roomcall::protocol::{self, Answer, Body, Fact, Frame, Output, Refused, lines};
use roomcall_server::token::{Signer, Who, now};
use roomcall_testkit::suite::{Capabilities, Rules, Transport, TransportError};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::serve::{PATIENCE, SECRET};

/// A server and its store.
pub(crate) struct Host {
    folder: tempfile::TempDir,
    /// As JSON.
    rules: String,
    process: Process,
    passed: u64,
    /// How far the wall clock was set back.
    back: u64,
}

/// A server that runs. It is killed when this is dropped.
struct Process {
    child: Child,
    said: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Process {
    fn start(store: &std::path::Path, rules: &str, passed: u64) -> Result<Self, TransportError> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg(store)
            .arg(rules)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("it is piped")?);
        tell(&mut child, passed, passed)?;
        let mut line = String::new();
        said.read_line(&mut line)?;
        let address = line.trim().parse().map_err(|_| format!("it does not listen: {line}"))?;
        Ok(Self { child, said, address })
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
    /// A server with an empty store.
    pub(crate) async fn start(rules: &Rules) -> Result<Self, TransportError> {
        let rules = serde_json::to_string(rules)?;
        let folder = tempfile::tempdir()?;
        let process = Process::start(&folder.path().join("store"), &rules, 0)?;
        Ok(Self { folder, rules, process, passed: 0, back: 0 })
    }

    /// Posts to the backend's API.
    async fn post(&self, path: &str, body: String) -> Result<Output, TransportError> {
        let url = format!("http://{}{path}", self.process.address);
        let token = format!("Bearer {}", token(&Who::Backend));
        let answer = tokio::task::spawn_blocking(move || {
            ureq::post(url).header("Authorization", token).send(body)?.body_mut().read_to_string()
        });
        Ok(serde_json::from_str(&answer.await??)?)
    }
}

fn token(who: &Who) -> String {
    let signer = Signer::of_secret(SECRET).expect("it is long enough");
    signer.sign(who, now(), now() + 3_600)
}

/// A device's connection, and what was heard on it and not received yet: a message has several lines.
pub(crate) struct Connection {
    socket: WebSocketStream<TcpStream>,
    heard: VecDeque<Body>,
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
        }
    }

    async fn connect(
        &mut self,
        user: &str,
        device: &str,
    ) -> Result<Self::Connection, TransportError> {
        let address = self.process.address;
        let token = token(&Who::device(user, device));
        let stream = TcpStream::connect(address).await?;
        let url = format!("ws://{address}/v1/socket?token={token}");
        let (socket, _) = timeout(PATIENCE, client_async(url, stream)).await??;
        Ok(Connection { socket, heard: VecDeque::new() })
    }

    async fn disconnect(&mut self, mut connection: Self::Connection) -> Result<(), TransportError> {
        // The server may have ended it already.
        let _ = connection.socket.close(None).await;
        while let Some(Ok(_)) = timeout(PATIENCE, connection.socket.next()).await? {}
        Ok(())
    }

    async fn send(
        &mut self,
        connection: &mut Self::Connection,
        frame: Frame,
    ) -> Result<(), TransportError> {
        // What is wrong with a connection shows when it is read.
        let _ = connection.socket.send(Message::text(serde_json::to_string(&frame)?)).await;
        Ok(())
    }

    async fn receive(
        &mut self,
        connection: &mut Self::Connection,
    ) -> Result<Option<Body>, TransportError> {
        loop {
            if let Some(body) = connection.heard.pop_front() {
                return Ok(Some(body));
            }
            match timeout(PATIENCE, connection.socket.next()).await? {
                Some(Ok(Message::Text(text))) => {
                    for line in lines(text.as_bytes()) {
                        connection.heard.push_back(Output::read(line)?.body);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
                Some(Ok(_)) => {}
            }
        }
    }

    async fn state(&mut self, fact: Fact) -> Result<(), TransportError> {
        self.post("/v1/facts", serde_json::to_string(&fact)?).await.map(drop)
    }

    async fn advance(&mut self, millis: u64) -> Result<(), TransportError> {
        self.passed += millis;
        self.process.set(self.passed.saturating_sub(self.back), self.passed)
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
        // The old process has the store until it is gone. By the time that there is a new one the wall clock is right.
        self.back = 0;
        self.process.child.kill()?;
        self.process.child.wait()?;
        self.process = Process::start(&self.folder.path().join("store"), &self.rules, self.passed)?;
        Ok(())
    }

    async fn set_back(&mut self, millis: u64) -> Result<(), TransportError> {
        // The wall clock, which a server does not go by while it runs.
        self.back += millis;
        self.process.set(self.passed.saturating_sub(self.back), self.passed)
    }
}
