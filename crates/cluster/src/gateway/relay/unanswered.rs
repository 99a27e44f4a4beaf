//! What the active processor has not answered: where it is replaced, or frames were lost, it is asked again.

use std::collections::BTreeMap;

use roomcall::protocol::{Input, Output};
use roomcall_server::engine::NotConnected;
use roomcall_server::hub::{Number, Outgoing};
use roomcall_server::token::Claims;
use serde::de::DeserializeOwned;
use serde_json::{Error, from_str};
use tokio::sync::oneshot;

use crate::wire::{Call, Connection, Item, Question};

/// Who waits to be let in.
pub(super) type Accepted = oneshot::Sender<Result<(Number, Outgoing), NotConnected>>;

/// Whether what was asked, and may have been done, may be asked again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Repeat {
    /// It takes effect once, or has none.
    Safe,
    /// It may take effect twice.
    Unsafe,
}

impl Repeat {
    /// A number, and a query, can be sent again.
    pub(super) fn of(request_id: Option<u64>, input: &Input) -> Self {
        let is_safe = request_id.is_some() || matches!(input, Input::Query { .. });
        if is_safe { Self::Safe } else { Self::Unsafe }
    }
}

/// Something that is not answered.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// A device waits to be let in, on the connection of its number here.
    Connect { claims: Claims, accepted: Accepted },
    /// A request on a connection.
    Request { connection: Connection, record: String, repeat: Repeat },
    /// A question: the call of its number here.
    Ask { question: Question, waiter: Waiter, repeat: Repeat },
}

impl Unanswered {
    /// It, as it is sent.
    fn item(&self, number: u64) -> Item {
        match self {
            Self::Connect { claims, .. } => {
                Item::Connect { connection: number, claims: claims.clone() }
            }
            Self::Request { connection, record, .. } => {
                Item::Request { connection: *connection, record: record.clone() }
            }
            Self::Ask { question, .. } => Item::Ask { call: number, question: question.clone() },
        }
    }
}

/// Who waits for the answer to a question.
#[derive(Debug)]
pub(super) enum Waiter {
    Backend(oneshot::Sender<Option<Output>>),
    Facts(oneshot::Sender<Vec<Output>>),
    Revoke(oneshot::Sender<()>),
    Connected(oneshot::Sender<Vec<String>>),
    Kick(oneshot::Sender<usize>),
}

impl Waiter {
    /// Gives the answer, which is in JSON.
    fn answer(self, json: &str) -> Result<(), Error> {
        match self {
            Self::Backend(answered) => give(answered, json),
            Self::Facts(answered) => give(answered, json),
            Self::Revoke(answered) => give(answered, json),
            Self::Connected(answered) => give(answered, json),
            Self::Kick(answered) => give(answered, json),
        }
    }

    fn is_gone(&self) -> bool {
        match self {
            Self::Backend(answered) => answered.is_closed(),
            Self::Facts(answered) => answered.is_closed(),
            Self::Revoke(answered) => answered.is_closed(),
            Self::Connected(answered) => answered.is_closed(),
            Self::Kick(answered) => answered.is_closed(),
        }
    }
}

fn give<T: DeserializeOwned>(answered: oneshot::Sender<T>, json: &str) -> Result<(), Error> {
    // Who does not wait any more does not get it.
    let _ = answered.send(from_str(json)?);
    Ok(())
}

/// All that is not answered, in the order in which it was asked.
#[derive(Debug, Default)]
pub(super) struct AllUnanswered {
    /// The last number, of connections, requests and calls alike.
    last: u64,
    all: BTreeMap<u64, Unanswered>,
}

impl AllUnanswered {
    /// Keeps something; what is to be sent for it, and its number.
    pub(super) fn add(&mut self, asked: Unanswered) -> (u64, Item) {
        self.last += 1;
        let item = asked.item(self.last);
        self.all.insert(self.last, asked);
        (self.last, item)
    }

    /// Takes who waits to be let in on a connection.
    pub(super) fn accepted(&mut self, connection: Connection) -> Option<(Claims, Accepted)> {
        match self.all.remove(&connection)? {
            Unanswered::Connect { claims, accepted } => Some((claims, accepted)),
            other => {
                self.all.insert(connection, other);
                None
            }
        }
    }

    /// The answer to a question has come, or nobody knows whether it was done.
    pub(super) fn answered(&mut self, call: Call, answer: Option<&str>) {
        match self.all.remove(&call) {
            Some(Unanswered::Ask { waiter, .. }) => {
                if let Some(Err(why)) = answer.map(|json| waiter.answer(json)) {
                    tracing::warn!(%why, "an answer cannot be read: whether it was done is not known");
                }
            }
            Some(other) => drop(self.all.insert(call, other)),
            None => {}
        }
    }

    /// A request is answered, or nobody waits for that any more.
    pub(super) fn remove(&mut self, number: u64) {
        self.all.remove(&number);
    }

    /// Whether a request may be asked again.
    pub(super) fn repeat(&self, number: u64) -> Repeat {
        match self.all.get(&number) {
            Some(Unanswered::Request { repeat, .. }) => *repeat,
            _ => Repeat::Safe,
        }
    }

    /// Forgets the questions that may not be asked again, and for whose answer nobody waits any more: who waits for the
    /// former hears that it is not known whether they were done.
    pub(super) fn forget(&mut self) {
        self.all.retain(|_, asked| match asked {
            Unanswered::Connect { accepted, .. } => !accepted.is_closed(),
            Unanswered::Request { .. } => true,
            Unanswered::Ask { waiter, repeat, .. } => *repeat == Repeat::Safe && !waiter.is_gone(),
        });
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    /// All, as it is sent.
    pub(super) fn items(&self) -> impl Iterator<Item = Item> {
        self.all.iter().map(|(number, asked)| asked.item(*number))
    }

    /// Whether everything is answered.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}
