//! What a race or a random world is played on: a transport, the connections to it, and an observer who sees all that passes.

use std::collections::BTreeMap;
use std::time::Instant;

use roomcall::Rule;
use roomcall::protocol::{
    Answer, Body, Command, Event, Fact, Frame, Input, MyCalls, Query, Refused, Reply, Request,
};

use super::transport::{Capabilities, Rules, Transport, TransportError};
use crate::observer::{Observer, Settings, Traffic, Violation, What};

/// Why a play does not go on.
#[derive(Debug)]
pub enum Stop {
    /// A rule is violated.
    Broken(Rule, String),
    /// The transport did not do what it was asked to do.
    Transport(TransportError),
}

impl<E: Into<TransportError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Transport(error.into())
    }
}

/// What most steps come to.
pub type Played<T = ()> = Result<T, Stop>;

/// Stops with a violation if something does not hold.
pub fn expect(holds: bool, rule: Rule, what: impl Into<String>) -> Played {
    if holds { Ok(()) } else { Err(Stop::Broken(rule, what.into())) }
}

/// A connection of a device, by the order in which they were made.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Line(usize);

struct Connection<C> {
    user: String,
    device: String,
    /// `None` once it is over.
    transport: Option<C>,
    heard: Vec<Body>,
}

/// A transport on which something is played.
pub struct Stage<T: Transport> {
    transport: T,
    observer: Observer,
    traffic: Vec<Traffic>,
    violations: Vec<Violation>,
    connections: Vec<Connection<T::Connection>>,
    /// The last request of each device.
    numbers: BTreeMap<(String, String), u64>,
    /// The last query that only asks whether something is on its way.
    probe: u64,
    /// Milliseconds that have passed where time is virtual.
    passed: u64,
    since: Instant,
}

/// Numbers of queries that no device asks by itself.
const PROBES: u64 = 1 << 52;

impl<T: Transport> Stage<T> {
    /// With how much the clocks of host and observer may differ, in milliseconds, and what is told may take, where time
    /// is real.
    const SLACK: u64 = 1_000;

    /// Nobody is connected.
    pub fn new(transport: T, rules: &Rules) -> Self {
        let slack = if transport.capabilities().virtual_time { 0 } else { Self::SLACK };
        let settings = Settings { slack, ..Settings::new(rules.policy, rules.limits) };
        Self {
            transport,
            observer: Observer::new(settings),
            traffic: Vec::new(),
            violations: Vec::new(),
            connections: Vec::new(),
            numbers: BTreeMap::new(),
            probe: PROBES,
            passed: 0,
            since: Instant::now(),
        }
    }

    /// What the host can do.
    pub fn can(&self) -> Capabilities {
        self.transport.capabilities()
    }

    /// Milliseconds since the beginning.
    pub fn now(&self) -> u64 {
        if self.can().virtual_time {
            return self.passed;
        }
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn note(&mut self, what: What) {
        let traffic = Traffic { at: self.now(), what };
        self.violations.extend(self.observer.see(&traffic));
        self.traffic.push(traffic);
    }

    /// All that passed, and which rules it violates, those with something that never came too.
    pub fn finish(mut self) -> (Vec<Traffic>, Vec<Violation>) {
        let owed = self.observer.finish(self.now().saturating_add(2 * Self::SLACK));
        self.violations.extend(owed);
        (self.traffic, self.violations)
    }

    /// Connects a device.
    pub async fn connect(&mut self, user: &str, device: &str) -> Played<Line> {
        let transport = self.transport.connect(user, device).await?;
        let line = Line(self.connections.len());
        let (user, device) = (user.to_owned(), device.to_owned());
        self.note(What::Opened {
            connection: line.0 as u64,
            user: user.clone(),
            device: device.clone(),
        });
        let transport = Some(transport);
        self.connections.push(Connection { user, device, transport, heard: Vec::new() });
        Ok(line)
    }

    /// Ends a connection from the side of the device.
    pub async fn disconnect(&mut self, line: Line) -> Played {
        if let Some(connection) = self.connections[line.0].transport.take() {
            self.note(What::Closed { connection: line.0 as u64 });
            self.transport.disconnect(connection).await?;
        }
        Ok(())
    }

    /// Whether neither side has ended a connection, as far as the device knows.
    pub fn is_open(&self, line: Line) -> bool {
        self.connections[line.0].transport.is_some()
    }

    /// Sends a command with the next number of the device, and gives the number.
    pub async fn send(&mut self, line: Line, command: Command) -> Played<u64> {
        let Connection { user, device, .. } = &self.connections[line.0];
        let number = self.numbers.entry((user.clone(), device.clone())).or_default();
        *number += 1;
        let number = *number;
        self.send_as(line, number, command).await?;
        Ok(number)
    }

    /// Sends a command under a number: again, if it is an old one.
    pub async fn send_as(&mut self, line: Line, number: u64, command: Command) -> Played {
        let request = Request::Command(command);
        self.send_frame(line, Frame { request_id: Some(number), request }).await
    }

    /// Sends a frame.
    pub async fn send_frame(&mut self, line: Line, frame: Frame) -> Played {
        if self.is_open(line) {
            self.note(What::Sent { connection: line.0 as u64, frame: frame.clone() });
        }
        if let Some(connection) = &mut self.connections[line.0].transport {
            self.transport.send(connection, frame).await?;
        }
        Ok(())
    }

    /// Reads all that the host has sent on a connection by now, and what rings then; `None` if the host has ended it.
    pub async fn hear(&mut self, line: Line) -> Played<Option<MyCalls>> {
        self.probe += 1;
        let request_id = self.probe;
        let request = Request::Query(Query::GetMyCalls { since: 0 });
        self.send_frame(line, Frame { request_id: Some(request_id), request }).await?;
        loop {
            let Some(connection) = &mut self.connections[line.0].transport else { return Ok(None) };
            let Some(body) = self.transport.receive(connection).await? else {
                self.connections[line.0].transport = None;
                self.note(What::Closed { connection: line.0 as u64 });
                return Ok(None);
            };
            self.note(What::Received { connection: line.0 as u64, body: body.clone() });
            match body {
                Body::Reply(Reply { request_id: of, answer, .. }) if of == request_id => {
                    return match answer {
                        Ok(Answer::GetMyCalls(mine)) => Ok(Some(mine)),
                        other => Err(Stop::Broken(
                            Rule::Q11,
                            format!("getMyCalls is answered {other:?}"),
                        )),
                    };
                }
                body => self.connections[line.0].heard.push(body),
            }
        }
    }

    /// Reads until nothing is on its way: all that was sent has been applied, and all that came of it has been read.
    pub async fn settle(&mut self) -> Played {
        for _ in 0..2 {
            for line in (0..self.connections.len()).map(Line) {
                self.hear(line).await?;
            }
        }
        Ok(())
    }

    /// What was read on a connection since it was last taken.
    pub fn take_heard(&mut self, line: Line) -> Vec<Body> {
        std::mem::take(&mut self.connections[line.0].heard)
    }

    /// The events that were read on a connection.
    pub fn events(&self, line: Line) -> impl Iterator<Item = &Event> {
        self.connections[line.0].heard.iter().filter_map(|body| match body {
            Body::Effect(effect) => Some(&effect.event),
            _ => None,
        })
    }

    /// How often an event of an attempt was read.
    pub fn count(&self, line: Line, event: &str, attempt: u64) -> usize {
        self.events(line).filter(|it| it.name() == event && it.attempt() == attempt).count()
    }

    /// The attempts that rang on a connection.
    pub fn rang(&self, line: Line) -> Vec<u64> {
        let rings = self.events(line).filter(|event| event.name() == "onCallReceived");
        rings.map(Event::attempt).collect()
    }

    /// The replies to a request, in order.
    pub fn replies(&self, line: Line, number: u64) -> Vec<&Reply> {
        let replies = self.connections[line.0].heard.iter().filter_map(|body| match body {
            Body::Reply(reply) if reply.request_id == number => Some(reply),
            _ => None,
        });
        replies.collect()
    }

    /// The one reply to a request.
    pub fn reply(&self, line: Line, number: u64) -> Played<&Reply> {
        let replies = self.replies(line, number);
        expect(
            replies.len() == 1,
            Rule::X01,
            format!("request {number} has {} replies", replies.len()),
        )?;
        Ok(replies[0])
    }

    /// States a fact.
    pub async fn state(&mut self, fact: Fact) -> Played {
        self.note(What::Backend { request_id: None, input: Input::Fact(fact.clone()) });
        Ok(self.transport.state(fact).await?)
    }

    /// Has the backend ask for something.
    pub async fn command(&mut self, command: Command) -> Played<Result<Answer, Refused>> {
        let by = roomcall::protocol::Actor::Backend;
        let input = Input::Ask { by, command: command.clone() };
        self.note(What::Backend { request_id: None, input });
        Ok(self.transport.command(command).await?)
    }

    /// Lets time pass.
    pub async fn advance(&mut self, millis: u64) -> Played {
        self.passed += millis;
        Ok(self.transport.advance(millis).await?)
    }

    /// Kills the host and starts it again. All connections are over.
    pub async fn restart(&mut self) -> Played {
        for line in 0..self.connections.len() {
            if self.connections[line].transport.take().is_some() {
                self.note(What::Closed { connection: line as u64 });
            }
        }
        Ok(self.transport.restart().await?)
    }

    /// Sets the clock of the host back.
    pub async fn set_back(&mut self, millis: u64) -> Played {
        Ok(self.transport.set_back(millis).await?)
    }
}
