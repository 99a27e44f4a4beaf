//! The server as a testee of conformance: what a case says comes over sockets, and devices hear what is said.
//!
//! A case has a server of its own, in this process, whose time is that of the lines. Of every user that a line names each
//! device that a line names is connected, and one more, so that whoever is told something hears it. A server ticks before
//! it does anything else, and that is a step of its own; what it tells is put behind the answer, where it is if time and
//! input come in one step. Each line has who heard it, as [`Audible`](crate::audible::Audible) expects.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write as _};
use std::net::SocketAddr;

use roomcall::journal::Header;
use roomcall::{Limits, Policy};
use roomcall_server::log::Memory;
use roomcall_server::server::Server;
use roomcall_server::token::now;
use roomcall_testkit::conformance::case::{Begin, Setup};
use roomcall_testkit::suite::TransportError;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::merged::{Connections, Heard, Who, merged};
use crate::names::Names;
use crate::serve::{Told, parts};
use crate::wire::{Connection, post};

/// Why a line is skipped that a device sends with an id that is none.
pub(crate) const NO_ID: &str = "no token is taken with such an id, so nothing can be asked with it";

/// Answers the lines of a runner.
///
/// # Errors
///
/// A line is none that a runner sends, or the server does not do what every server does.
pub(crate) async fn serve() -> Result<(), TransportError> {
    let mut play = None;
    for line in io::stdin().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let said = if line.get("conformance").is_some() {
            let Setup { begin: Begin::Switchboard { policy, limits }, .. } =
                serde_json::from_value(line)?
            else {
                return Err("it is no handset".into());
            };
            play = Some(Play::start(limits, policy).await?);
            json!({"ready": true}).to_string()
        } else if line.get("end").is_some() {
            play = None;
            json!({"ended": true}).to_string()
        } else {
            play.as_mut().ok_or("a step of no case")?.step(line).await?
        };
        println!("{said}");
        io::stdout().flush()?;
    }
    Ok(())
}

/// A case that is played.
struct Play {
    address: SocketAddr,
    time: Told,
    /// The latest time of a line: a clock does not go back (T-02).
    clock: u64,
    names: Names,
    connections: BTreeMap<Who, Connection>,
    /// How often somebody was erased: tokens have to be newer than that.
    erased: u64,
    /// The number of the last query by which connections are read.
    probes: u64,
    /// Dropped, it stops the server.
    _stop: oneshot::Sender<()>,
}

impl Play {
    async fn start(limits: Limits, policy: Policy) -> Result<Self, TransportError> {
        let time = Told::at_zero();
        let server =
            Server::start(parts(Memory::new(), &time, Header::new(limits, policy))).await?;
        let address = server.address;
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.run(async {
            // It is never told, and dropped in the end.
            let _ = stopped.await;
        }));
        Ok(Self {
            address,
            time,
            clock: 0,
            names: Names::new(),
            connections: BTreeMap::new(),
            erased: 0,
            probes: 0,
            _stop: stop,
        })
    }

    /// The answer to a line.
    async fn step(&mut self, mut line: Value) -> Result<String, TransportError> {
        self.names.meet(&line);
        self.connect().await?;
        let line = line.as_object_mut().ok_or("a line is an object")?;
        let at = line.remove("at").and_then(|at| at.as_u64()).ok_or("a line has a time")?;
        self.clock = self.clock.max(at);
        self.time.pass_to(self.clock);
        // What is overdue happens in the step in which state is lost (F-18), and nothing is asked before.
        let is_lost = line.get("fact").is_some_and(|fact| fact.get("recovered").is_some());
        let ended = if is_lost { Vec::new() } else { self.heard(None).await? };
        let mut outputs = match (line.remove("by"), line.remove("fact")) {
            (_, Some(fact)) => self.state(&fact).await?,
            (None, None) => return Ok(said(&ended)),
            (Some(by), None) => {
                let request = json!(line).to_string();
                match (by["user"].as_str(), by["device"].as_str()) {
                    (Some(user), Some(device)) => {
                        let by = (user.to_owned(), device.to_owned());
                        if !self.connections.contains_key(&by) {
                            return Ok(json!({"skip": NO_ID}).to_string());
                        }
                        self.ask(by, request).await?
                    }
                    _ => self.ask_as_backend(request).await?,
                }
            }
        };
        // Behind the answer.
        outputs.splice(1..1, ended);
        Ok(said(&outputs))
    }

    /// Connects everybody who can be.
    async fn connect(&mut self) -> Result<(), TransportError> {
        let issued = now() + self.erased;
        for (user, device) in self.names.everybody() {
            let who = (user.to_owned(), device.to_owned());
            if !self.connections.contains_key(&who)
                && let Some(connection) =
                    Connection::open(self.address, user, device, issued).await?
            {
                self.connections.insert(who, connection);
            }
        }
        Ok(())
    }

    /// The backend states a fact.
    async fn state(&mut self, fact: &Value) -> Result<Vec<Heard>, TransportError> {
        let answer = post(self.address, "/v1/facts", fact.to_string()).await?;
        if let Some(user) = fact["userErased"]["userID"].as_str() {
            // Whoever is erased is cut off, and need not be told any more.
            self.connections.retain(|(of, _), _| of != user);
            self.erased += 1;
        }
        self.after(answer).await
    }

    /// The backend asks.
    async fn ask_as_backend(&mut self, request: String) -> Result<Vec<Heard>, TransportError> {
        let answer = post(self.address, "/v1/requests", request).await?;
        self.after(answer).await
    }

    /// What the backend was answered, and then what was heard.
    async fn after(&mut self, answer: String) -> Result<Vec<Heard>, TransportError> {
        let mut lines = vec![Heard { line: answer, by: Vec::new() }];
        lines.extend(self.heard(None).await?);
        Ok(lines)
    }

    /// A device asks.
    async fn ask(&mut self, by: Who, request: String) -> Result<Vec<Heard>, TransportError> {
        let connection = self.connections.get_mut(&by).ok_or("it is connected")?;
        connection.send(request).await;
        let mut told = VecDeque::new();
        // Others hear of it once it is answered.
        while let Some(line) = connection.next().await? {
            let is_answer = is_answer(&line);
            told.push_back(line);
            if is_answer {
                break;
            }
        }
        self.heard(Some((by, told))).await
    }

    /// All that was told, once nothing is on its way; some was heard on one connection already.
    async fn heard(
        &mut self,
        already: Option<(Who, VecDeque<String>)>,
    ) -> Result<Vec<Heard>, TransportError> {
        self.probes += 1;
        let number = (1 << 52) + self.probes;
        // The refusal tells nothing, and comes after all that was sent before.
        let query = json!({"requestID": number,
            "query": {"getPendingCalls": {"roomID": "no-room-has-this-name", "count": 1}}});
        for connection in self.connections.values_mut() {
            connection.send(query.to_string()).await;
        }
        let mut all = Connections::from_iter(already);
        let mut gone = Vec::new();
        for (who, connection) in &mut self.connections {
            let heard = all.entry(who.clone()).or_default();
            loop {
                let Some(line) = connection.next().await? else {
                    gone.push(who.clone());
                    break;
                };
                if serde_json::from_str::<Value>(&line)?["requestID"] == number {
                    break;
                }
                heard.push_back(line);
            }
        }
        gone.iter().for_each(|who| drop(self.connections.remove(who)));
        Ok(merged(all))
    }
}

/// Whether a line answers what was asked.
fn is_answer(line: &str) -> bool {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    line.get("answer").or_else(|| line.get("refused")).is_some()
}

/// Outputs as they are said to a line.
pub(crate) fn said(outputs: &[Heard]) -> String {
    let outputs: Vec<String> = outputs.iter().map(Heard::to_string).collect();
    format!(r#"{{"outputs":[{}]}}"#, outputs.join(","))
}
