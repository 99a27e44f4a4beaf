//! Who is connected: connections by user and device, and what is sent to them.
//!
//! Sending never waits. What one step has for a connection is sent together, when the step is over. A
//! device that does not read what it is notified is cut, and costs the others nothing: it asks what rings
//! when it is back.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use roomcall::protocol::{Actor, Audience, Body, Fact, Output};
use roomcall::switchboard::Switchboard;
use serde::{Deserialize, Serialize};

use crate::close_code::CloseCode;
use crate::members::Members;
use crate::observe::Tap;
pub use crate::queue::Outgoing;
use crate::queue::queue;
use crate::sink::{Place, Sink};
use crate::text::{All, Text};
pub use page::{Connected, Connections, Cursor, NoCursor};

mod page;

/// Which connection: of one run of the server, never used again.
pub type Number = u64;

#[derive(Debug)]
struct Connection {
    number: Number,
    device: String,
    since: Instant,
    sink: Arc<dyn Sink>,
}

/// There are as many connections as there may be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
pub enum Full {
    /// Of this user.
    #[error("the user has {0} connections, which is the limit: close one")]
    OfUser(usize),
    /// In all.
    #[error("the server has {0} connections, which is the limit: try again later")]
    InAll(usize),
    /// Those that have just gone are in the way.
    #[error("too many connections have just been closed: try again later")]
    Leaving,
}

/// How much is allowed.
#[derive(Clone, Copy, Debug)]
pub struct HubLimits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one user.
    pub of_user: usize,
    /// Bytes that wait to be sent on one connection: while there are more, its device has less time to
    /// take some, and is asked nothing.
    pub queue_bytes: usize,
    /// Bytes that wait to be sent on all: where there are more, the slowest are closed.
    pub all_queues_bytes: usize,
}

impl Default for HubLimits {
    fn default() -> Self {
        let (queue_bytes, all_queues_bytes) = (1 << 20, 1 << 28);
        Self { connections: 50_000, of_user: 8, queue_bytes, all_queues_bytes }
    }
}

/// Where what is sent on a connection goes, and which connection that is.
type Numbered = (Number, Arc<dyn Sink>);

/// All connections.
#[derive(Debug)]
pub struct Hub {
    users: HashMap<String, Vec<Connection>>,
    members: Members,
    limits: HubLimits,
    last: Number,
    count: usize,
    queues: All,
    /// The connections to which the present step has said something.
    notified: Vec<Arc<dyn Sink>>,
    /// The queues of the room that it was said to last.
    room: Option<(String, Vec<Numbered>)>,
    /// Who observes, if somebody does.
    tap: Option<Tap>,
    /// When it looked last which of all connections are gone.
    looked_at_all: Option<Instant>,
}

/// How far apart it looks which of all connections are gone.
const APART: Duration = Duration::from_secs(1);

/// Who has taken nothing for less than that is no slower than anybody else.
const SLOW: Duration = Duration::from_secs(1);

impl Hub {
    /// Nobody is connected. `queued` has the bytes that wait to be sent.
    pub fn new(limits: HubLimits, queued: Gauge) -> Self {
        Self {
            users: HashMap::new(),
            members: Members::default(),
            limits,
            last: 0,
            count: 0,
            queues: All::new(queued),
            notified: Vec::new(),
            room: None,
            tap: None,
            looked_at_all: None,
        }
    }

    /// From now on all that it does is notified to an observer.
    pub fn observe(&mut self, tap: Tap) {
        self.tap = Some(tap);
    }

    /// Who observes, if somebody does.
    pub(crate) const fn tap(&mut self) -> Option<&mut Tap> {
        self.tap.as_mut()
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A device has connected here. An earlier connection of it is closed.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn connect(&mut self, user: &str, device: &str) -> Result<(Number, Outgoing), Full> {
        let (queue, outgoing) = queue(&self.queues, self.limits.queue_bytes);
        let number = self.last + 1;
        self.add(user, device, number, queue)?;
        Ok((number, outgoing))
    }

    /// A device has connected, with this number, which no other connection has had. An earlier connection of it is
    /// closed.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn add(
        &mut self,
        user: &str,
        device: &str,
        number: Number,
        sink: Arc<dyn Sink>,
    ) -> Result<(), Full> {
        self.forget_gone(user);
        let limits = self.limits;
        // One that is replaced makes room for the new one.
        if self.cut(user, Some(device), CloseCode::Replaced) == 0 {
            if self.devices(user).count() >= limits.of_user {
                return Err(Full::OfUser(limits.of_user));
            }
            if self.count >= limits.connections {
                return Err(Full::InAll(limits.connections));
            }
        }
        let Self { users, last, count, tap, .. } = self;
        *last = number.max(*last);
        *count += 1;
        tap.iter_mut().for_each(|tap| tap.opened(number, user, device));
        let connection =
            Connection { number, device: device.to_owned(), since: Instant::now(), sink };
        if !users.contains_key(user) {
            self.members.came(user);
        }
        users.entry(user.to_owned()).or_default().push(connection);
        Ok(())
    }

    /// Who went away before the connection was a socket has not said so. Nobody is counted for ever:
    /// the connections of this user are looked at, and where there are as many as may be, all; once a
    /// second, since that takes time, and whoever is turned away comes again.
    fn forget_gone(&mut self, user: &str) {
        self.keep(user, |connection| !connection.sink.is_gone());
        let is_time = self.looked_at_all.is_none_or(|at| at.elapsed() >= APART);
        if self.count >= self.limits.connections && is_time {
            self.looked_at_all = Some(Instant::now());
            let Self { users, tap, .. } = self;
            for connections in users.values_mut() {
                retain(connections, tap, |connection| !connection.sink.is_gone());
            }
            self.users.retain(|_, connections| !connections.is_empty());
            self.count = self.users.values().map(Vec::len).sum();
        }
    }

    /// The devices of a user that are connected.
    pub fn devices(&self, user: &str) -> impl Iterator<Item = &str> {
        let connections = self.users.get(user).into_iter().flatten();
        let connections = connections.filter(|connection| !connection.sink.is_gone());
        connections.map(|connection| &connection.device[..])
    }

    /// The connection of a device.
    pub(crate) fn number(&self, user: &str, device: &str) -> Option<Number> {
        self.users.get(user)?.iter().find(|it| it.device == device).map(|it| it.number)
    }

    /// Whether a connection of a user is there.
    pub(crate) fn has(&self, user: &str, number: Number) -> bool {
        self.users.get(user).is_some_and(|all| all.iter().any(|it| it.number == number))
    }

    /// A connection is gone.
    pub fn disconnect(&mut self, user: &str, number: Number) {
        self.keep(user, |connection| connection.number != number);
    }

    /// Closes the connection of a device, or of all devices of a user. How many that are.
    pub fn cut(&mut self, user: &str, device: Option<&str>, why: CloseCode) -> usize {
        let before = self.count;
        self.keep(user, |connection| {
            let is_meant = device.is_none_or(|device| connection.device == device);
            if is_meant {
                connection.sink.cut(why);
            }
            !is_meant
        });
        before - self.count
    }

    /// A fact was applied: who is in which room may be different.
    pub fn note(&mut self, fact: &Fact) {
        let Self { users, members, .. } = self;
        members.note(fact, |user| users.contains_key(user));
    }

    /// How many connected users are in a room, as when something was notified to it last: it costs nothing to ask.
    pub(crate) fn audience(&mut self, board: &Switchboard, room: &str) -> usize {
        let Self { users, members, .. } = self;
        members.count(board, room, |user| users.contains_key(user))
    }

    /// Sends an answer to the connection that asked, in the present step.
    pub fn answer(&mut self, user: &str, number: Number, output: &Output, place: Option<Place>) {
        let text = Text::new(&self.queues, line(output), place);
        let request_id = match &output.body {
            Body::Reply(reply) => Some(reply.request_id),
            _ => None,
        };
        let connections = self.users.get(user).into_iter().flatten();
        for connection in connections.filter(|it| it.number == number) {
            self.tap.iter_mut().for_each(|tap| tap.received(number, output));
            if connection.sink.answer(&text, request_id) {
                self.notified.push(connection.sink.clone());
            }
        }
    }

    /// Sends an output to an audience, as it is now, in the present step.
    pub fn notify(
        &mut self,
        board: &Switchboard,
        to: &Audience,
        output: &Output,
        place: Option<Place>,
    ) {
        let (notified, tap, queues) = (&mut self.notified, &mut self.tap, &self.queues);
        // Written once, and only if somebody hears it.
        let mut text = None;
        let mut send = |number: Number, sink: &Arc<dyn Sink>| {
            tap.iter_mut().for_each(|tap| tap.received(number, output));
            if sink.add(text.get_or_insert_with(|| Text::new(queues, line(output), place))) {
                notified.push(sink.clone());
            }
        };
        let of_user = |user: &String| self.users.get(user).into_iter().flatten();
        match to {
            Audience::User(user) => of_user(user).for_each(|it| send(it.number, &it.sink)),
            Audience::Device { user, device } => {
                let meant = of_user(user).filter(|it| it.device == *device);
                meant.for_each(|it| send(it.number, &it.sink));
            }
            Audience::OtherDevices { user, than } => {
                let meant = of_user(user).filter(|it| it.device != *than);
                meant.for_each(|it| send(it.number, &it.sink));
            }
            Audience::Room(room) => {
                if self.room.as_ref().is_none_or(|(of, _)| of != room) {
                    let users = self.members.of(board, room, |user| self.users.contains_key(user));
                    let connections = users.filter_map(|user| self.users.get(user)).flatten();
                    let sinks = connections.map(|it| (it.number, it.sink.clone())).collect();
                    self.room = Some((room.clone(), sinks));
                }
                let sinks = self.room.iter().flat_map(|(_, sinks)| sinks);
                sinks.for_each(|(number, sink)| send(*number, sink));
            }
        }
    }

    /// The step is over, at `clock` milliseconds: what it said is sent.
    pub fn end_step(&mut self, clock: u64) {
        self.queues.set_clock(clock);
        self.room = None;
        self.notified.drain(..).for_each(|sink| sink.end_step());
        relieve(self.users.values().flatten().map(|it| &it.sink), &self.queues, &self.limits);
    }

    /// Closes all connections.
    pub fn close(&mut self, why: CloseCode) {
        for connection in self.users.values().flatten() {
            connection.sink.cut(why);
            self.tap.iter_mut().for_each(|tap| tap.closed(connection.number));
        }
        self.users.clear();
        self.count = 0;
    }

    /// Keeps those connections of a user of which `keep` says yes.
    fn keep(&mut self, user: &str, keep: impl FnMut(&Connection) -> bool) {
        let Some(connections) = self.users.get_mut(user) else { return };
        let before = connections.len();
        retain(connections, &mut self.tap, keep);
        self.count -= before - connections.len();
        if connections.is_empty() {
            self.users.remove(user);
        }
    }
}

/// Where more bytes wait than may, closes connections until they are few enough: first those that have taken nothing for a
/// while, the slowest first, and then those for which most waits.
pub fn relieve<'a>(
    sinks: impl Iterator<Item = &'a Arc<dyn Sink>>,
    queues: &All,
    limits: &HubLimits,
) {
    if queues.bytes() <= limits.all_queues_bytes {
        return;
    }
    let mut waiting: Vec<_> = sinks
        .filter_map(|sink| {
            let (stalled, bytes) = sink.pressure()?;
            let slow = if stalled < SLOW { Duration::ZERO } else { stalled };
            Some((Reverse((slow, bytes)), sink))
        })
        .collect();
    waiting.sort_by_key(|(worst, _)| *worst);
    for (_, sink) in waiting {
        if queues.bytes() <= limits.all_queues_bytes {
            return;
        }
        sink.cut(CloseCode::TooSlow);
    }
}

/// Keeps those of which `keep` says yes; the others are gone.
fn retain(
    connections: &mut Vec<Connection>,
    tap: &mut Option<Tap>,
    mut keep: impl FnMut(&Connection) -> bool,
) {
    connections.retain(|connection| {
        let is_kept = keep(connection);
        if let Some(tap) = tap.as_mut().filter(|_| !is_kept) {
            tap.closed(connection.number);
        }
        is_kept
    });
}

/// A line that is sent.
fn line(output: &Output) -> String {
    serde_json::to_string(output).unwrap_or_default()
}

/// The actor that a connection speaks for.
pub fn actor(user: &str, device: &str) -> Actor {
    Actor::Device { user: user.to_owned(), device: device.to_owned() }
}

#[cfg(test)]
mod tests;
