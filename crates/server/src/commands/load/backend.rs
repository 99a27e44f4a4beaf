//! The application's backend: facts over HTTP, stated until the server has them.
//!
//! A small client is enough for one path of a server that is known: HTTP/1.1 over one connection
//! after another, each kept as long as it works.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use roomcall::protocol::Fact;
use roomcall_server::client::Address;
use roomcall_server::token::{Signer, Who, now};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// How many connections the backend has. Facts of one lane go over one of them, in order.
const LANES: usize = 8;

/// How long one exchange may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait before a fact is stated again.
const PAUSE: Duration = Duration::from_millis(100);

/// A fact that the server has: what it said.
#[derive(Debug)]
pub(crate) struct Stated {
    pub(crate) fact: Fact,
    /// When it happened, by the server's clock.
    pub(crate) at: u64,
}

/// What comes of a fact: it is stated, or the server will not have it and says why.
pub(crate) type Outcome = Result<Stated, String>;

/// Whoever states facts has this end of it.
#[derive(Debug)]
pub(crate) struct Backend {
    lanes: Vec<mpsc::UnboundedSender<Fact>>,
}

impl Backend {
    /// A backend that states facts to the server at `address`, and tells of each once it is stated.
    pub(crate) fn start(
        address: &str,
        signer: &Signer,
        outcomes: &mpsc::UnboundedSender<Outcome>,
    ) -> Self {
        let lane = || {
            let (facts, waiting) = mpsc::unbounded_channel();
            let http = Http::new(address, signer.clone());
            tokio::spawn(state_all(http, waiting, outcomes.clone()));
            facts
        };
        Self { lanes: (0..LANES).map(|_| lane()).collect() }
    }

    /// States a fact. Those of one lane are stated in order.
    pub(crate) fn state(&self, lane: usize, fact: Fact) {
        if let Some(lane) = self.lanes.get(lane % LANES) {
            // Nobody takes it only where the program ends.
            let _ = lane.send(fact);
        }
    }
}

async fn state_all(
    mut http: Http,
    mut facts: mpsc::UnboundedReceiver<Fact>,
    outcomes: mpsc::UnboundedSender<Outcome>,
) {
    while let Some(fact) = facts.recv().await {
        let body = serde_json::to_string(&fact).unwrap_or_default();
        let outcome = loop {
            match http.exchange("POST", "/v1/facts", &body).await {
                Ok((200, answer)) => break read(fact, &answer),
                // It was not done, or nobody knows. A fact that is stated twice is one fact.
                Ok((503, _)) | Err(_) => sleep(PAUSE).await,
                Ok((status, answer)) => break Err(format!("{status}: {answer}")),
            }
        };
        if outcomes.send(outcome).is_err() {
            return;
        }
    }
}

fn read(fact: Fact, answer: &str) -> Outcome {
    #[derive(Deserialize)]
    struct At {
        at: u64,
    }
    let at: At = serde_json::from_str(answer).map_err(|why| format!("{why}: {answer}"))?;
    Ok(Stated { fact, at: at.at })
}

/// A connection to a server for HTTP, made when it is needed.
#[derive(Debug)]
pub(crate) struct Http {
    address: String,
    signer: Signer,
    connection: Option<BufReader<TcpStream>>,
}

impl Http {
    pub(crate) fn new(address: &str, signer: Signer) -> Self {
        Self { address: address.to_owned(), signer, connection: None }
    }

    /// Asks and gives status and body of the answer. After an error the next one is asked over a new
    /// connection.
    pub(crate) async fn exchange(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
    ) -> io::Result<(u16, String)> {
        let exchanged = timeout(PATIENCE, self.talk(method, path, body)).await;
        let exchanged = exchanged.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        if exchanged.is_err() {
            self.connection = None;
        }
        exchanged
    }

    async fn talk(&mut self, method: &str, path: &str, body: &str) -> io::Result<(u16, String)> {
        let token = signed(&self.signer, &Who::Backend);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len(),
        );
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let made = TcpStream::connect(&self.address).await?;
                made.set_nodelay(true)?;
                none.insert(BufReader::new(made))
            }
        };
        connection.write_all(request.as_bytes()).await?;
        let (mut status, mut length) = (None, 0);
        loop {
            let mut line = String::new();
            if connection.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            } else if status.is_none() {
                status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
            } else if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut answer = vec![0; length];
        connection.read_exact(&mut answer).await?;
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        Ok((status, String::from_utf8_lossy(&answer).into_owned()))
    }
}

/// A token that is made now and is good for an hour.
fn signed(signer: &Signer, who: &Who) -> String {
    let now = now();
    signer.sign(who, now, now.saturating_add(3_600))
}

/// Makes the address of a device, with a new token each time.
pub(crate) fn address_of(url: &str, signer: &Signer, user: &str, device: &str) -> Address {
    let (url, signer) = (url.to_owned(), signer.clone());
    let who = Who::device(user, device);
    Arc::new(move || format!("{url}/v1/socket?token={}", signed(&signer, &who)))
}
