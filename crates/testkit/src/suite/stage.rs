//! What a race or a random world is played on: a transport, the connections to it, and an observer who sees all that passes.

use std::collections::BTreeMap;

use roomcall::Rule;
use roomcall::protocol::{
    Actor, Answer, Body, Command, Event, Fact, Frame, Input, Output, Query, Record, Refused, Reply,
    Request,
};

use super::push_service::PushService;
use super::transport::{Capabilities, Rules, Transport, TransportError};
use crate::observer::{Observer, Settings, Traffic, Vantage, Violation, What};

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
pub struct Line(pub(super) usize);

pub(super) struct Connection<C> {
    pub(super) user: String,
    pub(super) device: String,
    /// Its number in the traffic.
    pub(super) number: u64,
    /// Whether nothing is read on it.
    pub(super) is_stalled: bool,
    /// `None` once it is over.
    pub(super) transport: Option<C>,
    pub(super) heard: Vec<Body>,
}

/// A transport on which something is played.
pub struct Stage<T: Transport> {
    pub(super) transport: T,
    observer: Observer,
    /// Whether all that comes of an input is read before the next one is sent.
    pub(super) reads_at_once: bool,
    traffic: Vec<Traffic>,
    pub(super) violations: Vec<Violation>,
    pub(super) connections: Vec<Connection<T::Connection>>,
    /// The last number of a connection in the traffic.
    last_number: u64,
    /// The last request of each device.
    numbers: BTreeMap<(String, String), u64>,
    /// The last query that no device asks by itself.
    pub(super) last_query: u64,
    /// Milliseconds that have passed where time is virtual.
    passed: u64,
    pub(super) push_service: PushService,
}

/// The numbers of queries that no device asks by itself are above this.
pub(super) const QUERIES: u64 = 1 << 52;
/// No room has this name.
pub(super) const NOWHERE: &str = "no-room-has-this-name";

impl<T: Transport> Stage<T> {
    /// How late a host may be, in milliseconds: what it is to do at a deadline, and what the suite has not read yet.
    const SLACK: u64 = 3_000;

    /// Nobody is connected. Who `reads_at_once` reads all that comes of an input before the next one is sent: then the
    /// observer sees in which order the host applied them. Else inputs race each other.
    pub fn new(transport: T, rules: &Rules, reads_at_once: bool) -> Self {
        let vantage = if reads_at_once { Vantage::Authority } else { Vantage::Devices };
        let observer = Observer::new(Settings {
            policy: rules.policy,
            limits: rules.limits,
            slack: Self::SLACK,
            is_ordered: true,
            vantage,
            sees_backend: true,
            ..Settings::default()
        });
        Self {
            transport,
            observer,
            reads_at_once,
            traffic: Vec::new(),
            violations: Vec::new(),
            connections: Vec::new(),
            last_number: 0,
            numbers: BTreeMap::new(),
            last_query: QUERIES,
            passed: 0,
            push_service: PushService::default(),
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
        self.transport.elapsed()
    }

    /// What the clock shows that the host goes by, which deadlines go by.
    fn clock(&self) -> u64 {
        self.now().saturating_sub(self.transport.behind())
    }

    pub(super) fn note(&mut self, what: What) {
        let traffic = Traffic { at: self.clock(), what };
        self.violations.extend(self.observer.see(&traffic));
        self.push_service.see(&traffic.what, self.now());
        self.traffic.push(traffic);
    }

    /// All that passed, and which rules it violates; those with something that never came too, if it was played to the end.
    pub fn finish(mut self, is_whole: bool) -> (Vec<Traffic>, Vec<Violation>) {
        if is_whole {
            let end = self.clock().saturating_add(Self::SLACK + 1);
            let owed = self.observer.finish(end);
            self.violations.extend(owed);
        }
        (self.traffic, self.violations)
    }

    /// Connects a device.
    pub async fn connect(&mut self, user: &str, device: &str) -> Played<Line> {
        let transport = self.transport.connect(user, device).await?;
        let line = Line(self.connections.len());
        self.connections.push(Connection {
            user: user.to_owned(),
            device: device.to_owned(),
            number: 0,
            is_stalled: false,
            transport: Some(transport),
            heard: Vec::new(),
        });
        self.note_opened(line);
        self.read(None).await?;
        Ok(line)
    }

    /// A connection is there, under a number that no other one had.
    pub(super) fn note_opened(&mut self, line: Line) {
        self.last_number += 1;
        let connection = &mut self.connections[line.0];
        connection.number = self.last_number;
        let (user, device) = (connection.user.clone(), connection.device.clone());
        self.note(What::Opened { connection: self.last_number, user, device });
    }

    /// A connection is over, as far as the observer knows.
    pub(super) fn note_closed(&mut self, line: Line) {
        self.note(What::Closed { connection: self.connections[line.0].number });
    }

    /// Ends a connection from the side of the device.
    pub async fn disconnect(&mut self, line: Line) -> Played {
        if let Some(connection) = self.connections[line.0].transport.take() {
            self.note_closed(line);
            self.transport.disconnect(connection).await?;
        }
        Ok(())
    }

    /// How many effects were read so far.
    pub(super) fn heard_effects(&self) -> usize {
        let is_effect = |traffic: &&Traffic| {
            matches!(
                traffic.what,
                What::Received { output: Output { body: Body::Effect(_), .. }, .. }
            )
        };
        self.traffic.iter().filter(is_effect).count()
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
        let number = self.connections[line.0].number;
        if self.is_open(line) {
            self.note(What::Sent { connection: number, frame: frame.clone() });
        }
        if let Some(connection) = &mut self.connections[line.0].transport {
            let sent = self.transport.send(connection, frame).await;
            self.served(line, sent)?;
        }
        self.read(Some(line)).await
    }

    /// Sends a frame, and ends the connection before anything comes of it.
    pub async fn send_and_disconnect(&mut self, line: Line, frame: Frame) -> Played {
        if let Some(mut connection) = self.connections[line.0].transport.take() {
            let number = self.connections[line.0].number;
            self.note(What::Sent { connection: number, frame: frame.clone() });
            self.transport.send(&mut connection, frame).await?;
            self.note_closed(line);
            self.transport.disconnect(connection).await?;
        }
        self.read(None).await
    }

    /// Sends a frame, and kills the host before anything comes of it, whether it has read the frame or not.
    pub async fn send_and_restart(&mut self, line: Line, frame: Frame) -> Played {
        if let Some(connection) = &mut self.connections[line.0].transport {
            self.transport.send(connection, frame.clone()).await?;
            self.note(What::Sent { connection: self.connections[line.0].number, frame });
        }
        self.restart().await
    }

    /// What was read on a connection, and not taken yet.
    pub fn heard(&mut self, line: Line) -> &mut Vec<Body> {
        &mut self.connections[line.0].heard
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
        let input = Input::Fact(fact.clone());
        self.note(What::Backend(Record { at: 0, request_id: None, input }));
        self.transport.state(fact).await?;
        self.read(None).await
    }

    /// Has the backend ask for something.
    pub async fn command(&mut self, command: Command) -> Played<Result<Answer, Refused>> {
        let input = Input::Ask { by: Actor::Backend, command: command.clone() };
        self.note(What::Backend(Record { at: 0, request_id: None, input }));
        let answer = self.transport.command(command).await?;
        let body = match answer.clone() {
            Ok(answer) => Body::Answer(answer),
            Err(refused) => Body::Refused(refused),
        };
        self.note(What::Answered(Output { at: self.now(), body }));
        self.read(None).await?;
        Ok(answer)
    }

    /// Lets time pass.
    pub async fn advance(&mut self, millis: u64) -> Played {
        let mut left = millis;
        while left > 0 {
            // Not so long that what is read after it looks late.
            let step = if self.reads_at_once { left.min(Self::SLACK / 2) } else { left };
            left -= step;
            self.passed += step;
            self.transport.advance(step).await?;
            self.read(None).await?;
        }
        Ok(())
    }

    /// Kills the host and starts it again. All connections are over.
    pub async fn restart(&mut self) -> Played {
        for line in (0..self.connections.len()).map(Line) {
            if self.connections[line.0].transport.take().is_some() {
                self.note_closed(line);
            }
        }
        Ok(self.transport.restart().await?)
    }

    /// Sets the clock of the host back, but all in all by less than it may be late: its switchboard stands still meanwhile,
    /// unless it is started again (T-02), so by that much nobody else knows what it goes by.
    pub async fn set_back(&mut self, millis: u64) -> Played {
        let most = (Self::SLACK / 2).saturating_sub(self.transport.behind());
        Ok(self.transport.set_back(millis.min(most)).await?)
    }
}

/// Whether a message only asks whether something is on its way, or is the answer to that: it tells nothing.
pub(super) fn is_probe(what: &What) -> bool {
    match what {
        What::Sent { frame: Frame { request: Request::Query(query), .. }, .. } => {
            matches!(query, Query::GetPendingCalls { room, .. } if room == NOWHERE)
        }
        What::Received { output: Output { body: Body::Reply(reply), .. }, .. } => {
            reply.request_id > QUERIES && reply.answer.is_err()
        }
        _ => false,
    }
}
