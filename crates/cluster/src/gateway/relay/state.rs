//! What a gateway knows of a partition: a state machine without clock and network.
//!
//! What comes in is a job, a frame or a beat of the active processor, and the time; what goes out are frames, which
//! [`Relay::frame_to_send`] gives, and what the queues of connections and those who wait are given.

use std::sync::Arc;

use roomcall::protocol::{Fact, Input, Record};
use roomcall_server::close_code::CloseCode;
use roomcall_server::engine::{Connector, Job, NotConnected};
use roomcall_server::hub::{Full, HubLimits, Number, relieve};
use roomcall_server::log::Sequence;
use roomcall_server::queue::queue;
use roomcall_server::sink::{Place, Sink};
use roomcall_server::text::{All, Text};
use roomcall_server::token::Claims;
use serde::Deserialize;
use serde_json::{from_str, to_string};

use super::link::{Arrival, Found, Watch};
use super::outbox::{Outbox, size};
use super::table::{LetIn, Table};
use super::unanswered::{Accepted, AllUnanswered, Repeat, Unanswered, Waiter};
use crate::gateway::MESSAGE_BYTES;
use crate::wire::{
    Active, Connection, Epoch, Incarnation, Item, Line, Question, ToActive, ToGateway,
};

/// The longest question, in bytes: a message has more in it.
const QUESTION_BYTES: usize = MESSAGE_BYTES - (64 << 10);

/// The state.
#[derive(Debug)]
pub(in crate::gateway) struct Relay {
    limits: HubLimits,
    queues: All,
    /// The epoch of the active processor to which it is announced.
    epoch: Option<Epoch>,
    /// Up to which batch, in which epoch, all that the connections are sent has come.
    in_sync: (Epoch, Sequence),
    outbox: Outbox,
    watch: Watch,
    connections: Table,
    unanswered: AllUnanswered,
    /// The connections to which the present frame has said something.
    notified: Vec<Arc<dyn Sink>>,
}

/// The clock of a line.
#[derive(Deserialize)]
struct Clock {
    at: u64,
}

impl Relay {
    /// Nobody is connected, and nothing was sent. The first incarnation is above `incarnation`.
    pub(in crate::gateway) fn new(
        gateway: String,
        incarnation: Incarnation,
        limits: HubLimits,
        queues: All,
    ) -> Self {
        Self {
            limits,
            queues,
            epoch: None,
            in_sync: (0, 0),
            outbox: Outbox::new(gateway, incarnation),
            watch: Watch::default(),
            connections: Table::default(),
            unanswered: AllUnanswered::default(),
            notified: Vec::new(),
        }
    }

    /// How many connections there are.
    pub(super) fn len(&self) -> usize {
        self.connections.len()
    }

    /// Whether nothing is asked that is not answered.
    #[cfg(test)]
    pub(super) fn is_answered(&self) -> bool {
        self.unanswered.is_empty()
    }

    /// Whether jobs may come: there is an active processor, and what came before is on its way to it.
    pub(super) fn may_take(&self) -> bool {
        self.epoch.is_some() && self.outbox.is_empty()
    }

    /// The next frame that is to be sent now.
    pub(super) fn frame_to_send(&mut self) -> Option<ToActive> {
        self.outbox.frame()
    }

    /// A handler or a socket has something to do.
    pub(super) fn take(&mut self, job: Job) {
        match job {
            Job::Connect { claims, accepted: Connector::Socket(accepted) } => {
                self.connect(claims, accepted);
            }
            // Who has a connection elsewhere has another gateway.
            Job::Connect { accepted: Connector::Sink(_, sink), .. } => {
                sink.cut(CloseCode::GoingAway);
            }
            Job::Disconnect { number, .. } => self.disconnect(number),
            Job::Request { number, request_id, input, .. } => {
                self.request(number, request_id, input);
            }
            Job::Backend { request_id, input, answered } => {
                let repeat = Repeat::of(request_id, &input);
                let question = Question::Backend(record(request_id, input));
                self.ask(question, Waiter::Backend(answered), repeat);
            }
            Job::Facts { facts, answered } => {
                let question = Question::Facts(list(&facts));
                self.ask(question, Waiter::Facts(answered), Repeat::Safe);
            }
            Job::RevokeDevice { user, device, answered } => {
                self.ask(Question::Revoke(user, device), Waiter::Revoke(answered), Repeat::Safe);
            }
            Job::Connected { user, answered } => {
                self.ask(Question::Connected(user), Waiter::Connected(answered), Repeat::Safe);
            }
            Job::Kick { user, device, answered } => {
                self.ask(Question::Kick(user, device), Waiter::Kick(answered), Repeat::Safe);
            }
            Job::Drain { quiet } => {
                // Whatever rings rings on at another gateway.
                let _ = quiet.send(());
            }
            Job::Stop => self.stop(),
            // A gateway is not administered, and delivers nothing.
            Job::Connections { .. } | Job::Delivery(_) => {}
        }
    }

    fn connect(&mut self, claims: Claims, accepted: Accepted) {
        if self.connections.len() >= self.limits.connections {
            let full = Full::InAll(self.limits.connections);
            // Who does not wait any more needs no answer.
            let _ = accepted.send(Err(full.into()));
            return;
        }
        let (_, item) = self.unanswered.add(Unanswered::Connect { claims, accepted });
        self.outbox.push(item);
    }

    fn request(&mut self, connection: Connection, request_id: Option<u64>, input: Input) {
        // What a connection has asked that is closed is not done.
        let Some(let_in) = self.connections.find(connection) else { return };
        let repeat = Repeat::of(request_id, &input);
        let record = record(request_id, input);
        let asked = Unanswered::Request { connection, record, repeat };
        let (number, item) = self.unanswered.add(asked);
        let_in.ask(number, request_id);
        self.outbox.push(item);
    }

    fn ask(&mut self, question: Question, waiter: Waiter, repeat: Repeat) {
        let (number, item) = self.unanswered.add(Unanswered::Ask { question, waiter, repeat });
        let bytes = size(&item);
        if bytes > QUESTION_BYTES {
            tracing::error!(
                bytes,
                "a question is longer than a message may be: post fewer facts together"
            );
            self.unanswered.remove(number);
            return;
        }
        self.outbox.push(item);
    }

    /// A connection is gone.
    fn disconnect(&mut self, connection: Connection) {
        if self.remove(connection).is_some() {
            self.outbox.push(Item::Disconnect { connection });
        }
    }

    fn remove(&mut self, connection: Connection) -> Option<LetIn> {
        let let_in = self.connections.remove(connection)?;
        let_in.asked().for_each(|number| self.unanswered.remove(number));
        Some(let_in)
    }

    /// Forgets the connections that have gone without a word.
    pub(super) fn sweep(&mut self) {
        for connection in self.connections.gone() {
            self.disconnect(connection);
        }
    }

    /// Closes all, and tells the processor.
    pub(super) fn stop(&mut self) {
        self.close(|outbox, connection| outbox.push(Item::Disconnect { connection }));
        self.unanswered.clear();
    }

    /// Closes the connections that were let in.
    fn close(&mut self, mut each: impl FnMut(&mut Outbox, Connection)) {
        for (connection, let_in) in self.connections.close() {
            let_in.asked().for_each(|number| self.unanswered.remove(number));
            each(&mut self.outbox, connection);
        }
    }

    /// The active processor of the partition beats, at `now` milliseconds.
    pub(super) fn beat(&mut self, now: u64, active: &Active) {
        if self.epoch.is_none_or(|known| known < active.epoch) {
            self.epoch = Some(active.epoch);
            self.announce(now, 0);
        }
        if self.epoch != Some(active.epoch) {
            return;
        }
        let link = active.gateways.iter().find(|it| it.gateway == self.outbox.gateway());
        let incarnation = self.outbox.incarnation();
        if let Some(link) = link.filter(|it| it.incarnation == incarnation)
            && self.outbox.acknowledge(link.received)
        {
            self.watch.moves();
        }
        let unacknowledged = self.outbox.unacknowledged();
        match self.watch.beat(now, link, incarnation, unacknowledged) {
            // Until it has the announcement, it has not said whether connections have to be closed.
            Found::InSync if !self.outbox.is_announced() => {}
            Found::Nothing => {}
            Found::InSync => self.in_sync = (active.epoch, active.applied),
            Found::Lost => self.lose(now),
            Found::Unheard(known) => {
                tracing::warn!(
                    epoch = active.epoch,
                    "the active processor does not hear: announced anew"
                );
                self.announce(now, known);
            }
        }
    }

    /// The active processor has sent something, that comes at `now` milliseconds.
    pub(super) fn hear(&mut self, now: u64, frame: ToGateway) {
        let incarnation = self.outbox.incarnation();
        if self.epoch != Some(frame.epoch) || frame.incarnation != incarnation {
            return;
        }
        match self.watch.frame(frame.number) {
            Arrival::Again => return,
            Arrival::Late => return self.lose(now),
            Arrival::Next => {}
        }
        if self.outbox.acknowledge(frame.received) {
            self.watch.moves();
        }
        let texts = frame.lines.iter().rev().find_map(|line| match line {
            Line::Text { text, .. } | Line::Answer { text, .. } => Some(text),
            _ => None,
        });
        if let Some(Clock { at }) = texts.and_then(|text| from_str(text).ok()) {
            self.queues.set_clock(at);
        }
        frame.lines.into_iter().for_each(|line| self.line(line));
        self.notified.drain(..).for_each(|sink| sink.end_step());
        relieve(self.connections.iter().map(|(_, it)| &it.sink), &self.queues, &self.limits);
    }

    fn line(&mut self, line: Line) {
        match line {
            Line::Reset => {
                self.close(|outbox, connection| outbox.push(Item::Disconnect { connection }));
            }
            Line::Connected { connection, result } => self.connected(connection, result),
            Line::Text { to, place, text } => {
                let text = Text::new(&self.queues, text, place);
                for connection in to {
                    if let Some(let_in) = self.connections.find(connection)
                        && let_in.is_new(place)
                        && let_in.sink.add(&text)
                    {
                        self.notified.push(let_in.sink.clone());
                    }
                }
            }
            Line::Answer { to, request_id, place, text } => {
                self.answer(to, request_id, place, text);
            }
            Line::Cut { connection, why } => {
                if let Some(let_in) = self.remove(connection) {
                    let_in.sink.cut(why);
                }
            }
            Line::Answered { call, answer } => self.unanswered.answered(call, answer.as_deref()),
        }
    }

    /// A device was let in, or was not.
    fn connected(&mut self, connection: Connection, result: Result<Place, NotConnected>) {
        let Some((claims, accepted)) = self.unanswered.accepted(connection) else { return };
        let since = match result {
            Ok(since) => since,
            Err(why) => {
                let _ = accepted.send(Err(why));
                return;
            }
        };
        let (sink, outgoing) = queue(&self.queues, self.limits.queue_bytes);
        self.connections.insert(connection, LetIn::new(claims, since, sink));
        let number: Number = connection;
        if accepted.send(Ok((number, outgoing))).is_err() {
            // Who has gone meanwhile is not connected.
            self.disconnect(connection);
        }
    }

    fn answer(
        &mut self,
        to: Connection,
        request_id: Option<u64>,
        place: Option<Place>,
        text: String,
    ) {
        let Some(let_in) = self.connections.find(to) else { return };
        if !let_in.is_new(place) {
            return;
        }
        // What is asked again may be answered again.
        let Some(number) = let_in.answered(request_id) else { return };
        let text = Text::new(&self.queues, text, place);
        if let_in.sink.answer(&text, request_id) {
            self.notified.push(let_in.sink.clone());
        }
        self.unanswered.remove(number);
    }

    /// What connections were sent is lost: they ask what rings when they are back.
    fn lose(&mut self, now: u64) {
        tracing::warn!(
            connections = self.len(),
            "frames of the active processor are lost: connections close"
        );
        self.close(|_, _| {});
        self.announce(now, 0);
    }

    /// Begins the next incarnation: all that were let in, and what is not answered.
    fn announce(&mut self, now: u64, known: Incarnation) {
        for connection in self.uncertain() {
            if let Some(let_in) = self.remove(connection) {
                let_in.sink.cut(CloseCode::GoingAway);
            }
        }
        for connection in self.connections.gone() {
            self.remove(connection);
        }
        self.unanswered.forget();
        self.outbox.restart(known);
        self.watch.restart(now);
        let (epoch, in_sync) = self.in_sync;
        self.outbox.push(Item::Announce { epoch, in_sync });
        for (connection, LetIn { claims, since, .. }) in self.connections.iter() {
            let (claims, since) = (claims.clone(), *since);
            self.outbox.push(Item::Again { connection, claims, since });
        }
        self.outbox.push(Item::Announced);
        self.unanswered.items().for_each(|item| self.outbox.push(item));
    }

    /// The connections that do not know whether something was done, and may not ask it again.
    fn uncertain(&self) -> Vec<Connection> {
        let is_uncertain =
            |let_in: &LetIn| let_in.asked().any(|it| self.unanswered.repeat(it) == Repeat::Unsafe);
        let uncertain = self.connections.iter().filter(|(_, let_in)| is_uncertain(let_in));
        uncertain.map(|(connection, _)| connection).collect()
    }
}

/// An input as a record, whose time nobody looks at.
fn record(request_id: Option<u64>, input: Input) -> String {
    // None of its types can refuse.
    to_string(&Record { at: 0, request_id, input }).unwrap_or_default()
}

fn list(facts: &[Fact]) -> String {
    to_string(facts).unwrap_or_default()
}
