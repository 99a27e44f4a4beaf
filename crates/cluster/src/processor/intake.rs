//! What comes from gateways, as jobs of the engine, and the gateways with their connections.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use async_nats::Client;
use roomcall::protocol::{Actor, Fact, Input, Record};
use roomcall_server::close_code::CloseCode;
use roomcall_server::engine::{Connector, Job};
use roomcall_server::hub::Number;
use roomcall_server::log::Sequence;
use roomcall_server::sink::{Place, Sink as _};
use roomcall_server::token::{Claims, Who};
use tokio::sync::oneshot;

use super::links::Links;
use super::outbox::{Outbox, Remote};
use crate::wire::{Call, Connection, Epoch, Incarnation, Item, Line, Question, ToActive};

/// The gateways of a partition, as its active processor has them.
#[derive(Debug)]
pub(super) struct Intake {
    client: Client,
    partition: String,
    epoch: Epoch,
    links: Links,
    gateways: HashMap<String, Gateway>,
    /// Who has a device: a gateway may still name a connection whose device has come anew on another one.
    devices: HashMap<(String, String), Holder>,
    /// The last connection that was numbered.
    last: Number,
}

#[derive(Debug)]
struct Gateway {
    incarnation: Incarnation,
    outbox: Outbox,
    /// How many of its frames have come.
    received: u64,
    connections: HashMap<Connection, Known>,
    /// Whether it has named all connections.
    is_announced: bool,
    /// Whether it may have missed something: then it closes those that it names.
    is_reset: bool,
}

#[derive(Clone, Debug)]
struct Known {
    user: String,
    device: String,
    number: Number,
}

/// What comes of a frame.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The connections that were let in before, in the place of those that the gateway had.
    pub(super) again: Vec<(Claims, Connector)>,
    /// What else is to be done, after that.
    pub(super) jobs: Vec<Job>,
}

#[derive(Clone, Debug)]
struct Holder {
    since: Place,
    gateway: String,
    connection: Connection,
}

impl Intake {
    /// Nobody has announced itself yet.
    pub(super) fn new(client: Client, partition: &str, epoch: Epoch, links: Links) -> Self {
        let (gateways, devices, partition) = (HashMap::new(), HashMap::new(), partition.to_owned());
        Self { client, partition, epoch, links, gateways, devices, last: 0 }
    }

    /// Whether a gateway has named all its connections.
    pub(super) fn has_announced(&self, gateway: &str) -> bool {
        self.gateways.get(gateway).is_some_and(|it| it.is_announced)
    }

    /// Those that have announced themselves.
    pub(super) fn gateways(&self) -> impl Iterator<Item = String> {
        self.gateways.keys().cloned()
    }

    /// A frame has come. Who had all up to `covered`, or later, has missed nothing. Gives what comes of it.
    pub(super) fn hear(&mut self, frame: ToActive, covered: Sequence) -> Heard {
        let ToActive { gateway, incarnation, number, items } = frame;
        let mut heard = Heard::default();
        if let (0, Some(Item::Announce { in_sync, .. })) = (number, items.first()) {
            let is_known =
                self.gateways.get(&gateway).is_some_and(|it| it.incarnation >= incarnation);
            if is_known {
                return heard;
            }
            heard.jobs = self.announce(&gateway, incarnation, *in_sync < covered);
        }
        let Some(known) = self.gateways.get_mut(&gateway) else { return heard };
        if known.incarnation != incarnation || known.received != number {
            // The gateway sees that it does not come through, and announces itself anew.
            return heard;
        }
        known.received += 1;
        known.outbox.hear(known.received);
        for item in items {
            self.item(&gateway, item, &mut heard);
        }
        heard
    }

    /// A gateway is gone, or comes anew: so are its connections.
    pub(super) fn forget(&mut self, gateway: &str) -> Vec<Job> {
        let Some(gone) = self.gateways.remove(gateway) else { return Vec::new() };
        gone.outbox.close();
        self.links.remove(gateway);
        self.devices.retain(|_, holder| holder.gateway != gateway);
        let gone = gone.connections.into_values();
        gone.map(|it| Job::Disconnect { user: it.user, number: it.number }).collect()
    }

    fn announce(&mut self, gateway: &str, incarnation: Incarnation, is_reset: bool) -> Vec<Job> {
        let gone = self.forget(gateway);
        let outbox = Outbox::new(&self.partition, gateway, self.epoch, incarnation);
        tokio::spawn(outbox.clone().run(self.client.clone()));
        if is_reset {
            outbox.say(Line::Reset);
        }
        self.links.insert(gateway, outbox.clone());
        let connections = HashMap::new();
        let (received, is_announced) = (0, false);
        let new = Gateway { incarnation, outbox, received, connections, is_announced, is_reset };
        self.gateways.insert(gateway.to_owned(), new);
        gone
    }

    fn item(&mut self, gateway: &str, item: Item, heard: &mut Heard) {
        let Heard { again, jobs } = heard;
        let Some(known) = self.gateways.get_mut(gateway) else { return };
        match item {
            Item::Announce { .. } => {}
            Item::Announced => known.is_announced = true,
            Item::Again { connection, claims, since } if !known.is_reset => {
                again.extend(self.connect(gateway, connection, claims, since));
            }
            Item::Again { .. } => {}
            Item::Connect { connection, claims } => {
                // It is after all that was let in before.
                let since = Place::last_of(Sequence::MAX);
                let connection = self.connect(gateway, connection, claims, since);
                jobs.extend(connection.map(|(claims, accepted)| Job::Connect { claims, accepted }));
            }
            Item::Disconnect { connection } => {
                if let Some(Known { user, device, number }) = known.connections.remove(&connection)
                {
                    let device = (user.clone(), device);
                    let holder = self.devices.get(&device);
                    if holder
                        .is_some_and(|it| (&it.gateway[..], it.connection) == (gateway, connection))
                    {
                        self.devices.remove(&device);
                    }
                    jobs.push(Job::Disconnect { user, number });
                }
            }
            Item::Request { connection, record } => {
                let (Some(Known { user, number, .. }), Some(record)) =
                    (known.connections.get(&connection), read::<Record>(&record))
                else {
                    return;
                };
                let Record { request_id, input, .. } = record;
                jobs.push(Job::Request { user: user.clone(), number: *number, request_id, input });
            }
            Item::Ask { call, question } => jobs.extend(ask(&known.outbox, call, question)),
        }
    }

    /// A connection of a gateway: unless its device has come later elsewhere, it is let in.
    fn connect(
        &mut self,
        gateway: &str,
        connection: Connection,
        claims: Claims,
        since: Place,
    ) -> Option<(Claims, Connector)> {
        let known = self.gateways.get_mut(gateway)?;
        let Who::Device { user, device } = claims.who.clone() else { return None };
        let sink = Arc::new(Remote::new(known.outbox.clone(), connection));
        let holder = Holder { since, gateway: gateway.to_owned(), connection };
        match self.devices.entry((user.clone(), device.clone())) {
            Entry::Occupied(held) if held.get().since > since => {
                sink.cut(CloseCode::Replaced);
                return None;
            }
            Entry::Occupied(mut held) => drop(held.insert(holder)),
            Entry::Vacant(free) => drop(free.insert(holder)),
        }
        self.last += 1;
        let number = self.last;
        known.connections.insert(connection, Known { user, device, number });
        Some((claims, Connector::Sink(number, sink)))
    }
}

/// The job of a question. Once it is answered, the gateway is told.
fn ask(outbox: &Outbox, call: Call, question: Question) -> Option<Job> {
    Some(match question {
        Question::Backend(record) => {
            let Record { request_id, input, .. } = read(&record)?;
            let by_backend = match &input {
                Input::Ask { by, .. } | Input::Query { by, .. } => *by == Actor::Backend,
                _ => false,
            };
            if !by_backend {
                return None;
            }
            let answered = answers(outbox, call);
            Job::Backend { request_id, input, answered }
        }
        Question::Facts(facts) => {
            let facts: Vec<Fact> = read(&facts)?;
            Job::Facts { facts, answered: answers(outbox, call) }
        }
        Question::Revoke(user, device) => {
            Job::RevokeDevice { user, device, answered: answers(outbox, call) }
        }
        Question::Connected(user) => Job::Connected { user, answered: answers(outbox, call) },
        Question::Kick(user, device) => Job::Kick { user, device, answered: answers(outbox, call) },
    })
}

/// Where the answer to a question goes. Where the engine ends before it is answered, nothing is said: the gateway asks
/// whoever is active next.
fn answers<T: serde::Serialize + Send + 'static>(
    outbox: &Outbox,
    call: Call,
) -> oneshot::Sender<T> {
    let (answered, answer) = oneshot::channel();
    let outbox = outbox.clone();
    tokio::spawn(async move {
        if let Ok(answer) = answer.await {
            let answer = serde_json::to_string(&answer).ok();
            outbox.say(Line::Answered { call, answer });
        }
    });
    answered
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Option<T> {
    let read = serde_json::from_str(json);
    read.inspect_err(|why| tracing::warn!(%why, "what a gateway says cannot be read")).ok()
}
