//! What comes to the engine, and what of it has to be in the log first.

use std::sync::Arc;

use roomcall::Attempt;
use roomcall::protocol::{Actor, Command, Fact, Input, Output, Record, Refused};
use roomcall::switchboard::Switchboard;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use super::draining::Draining;
use crate::events::webhook::Acknowledgement;
use crate::hub::{self, Connections, Cursor, Full, Number};
use crate::log::Entry;
use crate::refusal::refusal;
use crate::sink::Sink;
use crate::state::State;
use crate::token::{self, Claims, TokenError, is_id};

/// Something for the engine to do.
#[derive(Debug)]
pub enum Job {
    /// A device connects, with a token that is valid as far as it says itself.
    Connect {
        /// What the token says.
        claims: Claims,
        /// Where the connection goes.
        accepted: Connector,
    },
    /// A connection is gone.
    Disconnect {
        /// Whose.
        user: String,
        /// Which.
        number: Number,
    },
    /// A request of a connected device.
    Request {
        /// The user.
        user: String,
        /// Which connection.
        number: Number,
        /// The number of the request.
        request_id: Option<u64>,
        /// What.
        input: Input,
    },
    /// An input of the backend.
    Backend {
        /// The number of the request.
        request_id: Option<u64>,
        /// What.
        input: Input,
        /// Where the answer goes, once it is durable.
        answered: oneshot::Sender<Option<Output>>,
    },
    /// Facts that the backend states together: nothing comes between them.
    Facts {
        /// What.
        facts: Vec<Fact>,
        /// Where the answers go, in the order of the facts, once all are durable.
        answered: oneshot::Sender<Vec<Output>>,
    },
    /// The backend revokes a device: its tokens are refused from now on, it is closed, and it is in no room
    /// any longer.
    RevokeDevice {
        /// Whose.
        user: String,
        /// Which; all of the user if there is none.
        device: Option<String>,
        /// Told once it is durable.
        answered: oneshot::Sender<()>,
    },
    /// How far an endpoint of webhooks has come.
    Delivery(Acknowledgement),
    /// Which devices of a user are connected.
    Connected {
        /// The user.
        user: String,
        /// Where their names go.
        answered: oneshot::Sender<Vec<String>>,
    },
    /// Who is connected, a page of it.
    Connections {
        /// Of this user, or of all.
        user: Option<String>,
        /// Where the page before ended.
        after: Option<Cursor>,
        /// How many at most.
        count: usize,
        /// Where the page goes.
        answered: oneshot::Sender<Connections>,
    },
    /// Close a device, which connects anew.
    Kick {
        /// Whose.
        user: String,
        /// Which; all of the user if there is none.
        device: Option<String>,
        /// Told how many there were.
        answered: oneshot::Sender<usize>,
    },
    /// Begin no call any more: requests for one are refused (L-15), and everything else goes on.
    Drain {
        /// Told once nothing rings.
        quiet: oneshot::Sender<()>,
    },
    /// Stop, once everything before this is done.
    Stop,
}

/// Who has a connection that waits to be let in.
#[derive(Debug)]
pub enum Connector {
    /// A socket of this process: it gets the number of the connection, and what is to be sent.
    Socket(oneshot::Sender<Result<(Number, hub::Outgoing), NotConnected>>),
    /// Somebody else, who has numbered it, as no other is.
    Sink(Number, Arc<dyn Sink>),
}

/// What the engine answers to a job; `None` where it stops, and whether it was done is not known.
pub(crate) async fn ask<T>(
    jobs: &mpsc::Sender<Job>,
    job: impl FnOnce(oneshot::Sender<T>) -> Job,
) -> Option<T> {
    let (answered, answer) = oneshot::channel();
    jobs.send(job(answered)).await.ok()?;
    answer.await.ok()
}

/// Why a device is not connected.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
pub enum NotConnected {
    /// Its token is no longer valid, or not for this.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There are as many connections as there may be.
    #[error(transparent)]
    Full(#[from] Full),
}

/// Who waits for a job to be done, once its entries are durable.
pub(super) enum Planned {
    /// With an entry, if the token has to be remembered.
    Connect { claims: Claims, accepted: Connector, is_new: bool },
    /// Without an entry.
    Disconnect { user: String, number: Number },
    /// With one entry.
    Request { user: String, number: Number },
    /// Without one: it is not taken now (L-15).
    Refused { user: String, number: Number, record: Record, output: Box<Output> },
    /// Without one: it changes nothing.
    Query { user: String, number: Number, query: Record },
    /// With one entry.
    Backend { answered: oneshot::Sender<Option<Output>> },
    /// Without one.
    BackendQuery { query: Record, answered: oneshot::Sender<Option<Output>> },
    /// Without one.
    BackendRefused { output: Box<Output>, answered: oneshot::Sender<Option<Output>> },
    /// With so many entries.
    Facts { count: usize, answered: oneshot::Sender<Vec<Output>> },
    /// With so many entries.
    Revoke { user: String, device: Option<String>, count: usize, answered: oneshot::Sender<()> },
    /// With one entry.
    Delivery,
    /// Without one.
    Connected { user: String, answered: oneshot::Sender<Vec<String>> },
    /// Without one.
    Connections {
        user: Option<String>,
        after: Option<Cursor>,
        count: usize,
        answered: oneshot::Sender<Connections>,
    },
    /// Without one.
    Kick { user: String, device: Option<String>, answered: oneshot::Sender<usize> },
    /// Without an entry, and nothing is left to do.
    Drain,
    /// Without an entry.
    Stop,
}

impl Job {
    /// Whether what it does depends on what others of the turn have done, and what others may do on it: then
    /// it has a turn of its own.
    pub(super) fn is_alone(&self) -> bool {
        match self {
            Self::RevokeDevice { .. } => true,
            Self::Facts { facts, .. } => erases(facts),
            _ => false,
        }
    }

    /// Whether it begins with the fact that state was lost: what is overdue ends by that, and not before (F-18).
    pub(super) fn begins_with_loss(&self) -> bool {
        let Self::Facts { facts, .. } = self else { return false };
        matches!(facts.first(), Some(Fact::Recovered { .. }))
    }

    /// Adds to a batch what is to be made durable of it; `at` is in milliseconds since 1970. A request for
    /// which there is a time `retry_after`, in milliseconds, is refused until then.
    pub(super) fn plan(
        self,
        at: u64,
        retry_after: Option<u64>,
        state: &State,
        draining: &mut Draining,
        batch: &mut Vec<Entry>,
    ) -> Planned {
        let refused =
            |number, after| Box::new(refusal(at, number, Refused::too_many_requests(after)));
        match self {
            Self::Connect { claims, accepted } => {
                let now = token::now();
                let is_valid = state.admits(&claims, now).is_ok();
                let used = if is_valid { state.tokens().newer(&claims, now) } else { None };
                let is_new = used.is_some();
                batch.extend(used.map(Entry::Token));
                Planned::Connect { claims, accepted, is_new }
            }
            Self::Disconnect { user, number } => Planned::Disconnect { user, number },
            Self::Request { user, number, request_id, input } => {
                let is_look = changes_nothing(&input, state.switchboard());
                let record = Record { at, request_id, input };
                if let Some(after) = retry_after {
                    let output = refused(request_id, after);
                    return Planned::Refused { user, number, record, output };
                }
                if is_look {
                    return Planned::Query { user, number, query: record };
                }
                batch.push(Entry::Record(record));
                Planned::Request { user, number }
            }
            Self::Backend { request_id, input, answered } => {
                if let Some(after) = retry_after {
                    return Planned::BackendRefused {
                        output: refused(request_id, after),
                        answered,
                    };
                }
                let is_look = matches!(input, Input::Query { .. });
                let record = Record { at, request_id, input };
                if is_look {
                    return Planned::BackendQuery { query: record, answered };
                }
                batch.push(Entry::Record(record));
                Planned::Backend { answered }
            }
            Self::Facts { facts, answered } => {
                let before = batch.len();
                let most = state.switchboard().limits().id_bytes;
                for fact in facts {
                    if let Fact::UserErased { user } = &fact
                        && is_id(user, most)
                    {
                        // Tokens are issued by the wall clock, which may not be that of the engine.
                        let revoked = state.tokens().revoked(user, None, token::now());
                        batch.push(Entry::Revoked(revoked));
                    }
                    batch.push(stated(at, fact));
                }
                Planned::Facts { count: batch.len() - before, answered }
            }
            Self::RevokeDevice { user, device, answered } => {
                let most = state.switchboard().limits().id_bytes;
                if !is_id(&user, most) || !device.as_ref().is_none_or(|it| is_id(it, most)) {
                    // There is none that is called so, and nothing of it is to be remembered.
                    return Planned::Revoke { user, device, count: 0, answered };
                }
                let revoked = state.tokens().revoked(&user, device.as_deref(), token::now());
                let left = left(&user, device.as_deref(), state.switchboard());
                let left = left.into_iter().map(|fact| stated(at, fact));
                let before = batch.len();
                batch.push(Entry::Revoked(revoked));
                batch.extend(left);
                Planned::Revoke { user, device, count: batch.len() - before, answered }
            }
            Self::Delivery(entry) => {
                batch.push(Entry::Delivery(entry));
                Planned::Delivery
            }
            Self::Connected { user, answered } => Planned::Connected { user, answered },
            Self::Connections { user, after, count, answered } => {
                Planned::Connections { user, after, count, answered }
            }
            Self::Kick { user, device, answered } => Planned::Kick { user, device, answered },
            Self::Drain { quiet } => {
                draining.begin(quiet);
                Planned::Drain
            }
            Self::Stop => Planned::Stop,
        }
    }
}

/// Whether a user is erased among these facts (F-20).
pub(crate) fn erases(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact, Fact::UserErased { .. }))
}

/// A fact as an entry.
const fn stated(at: u64, fact: Fact) -> Entry {
    Entry::Record(Record { at, request_id: None, input: Input::Fact(fact) })
}

/// Who is revoked is in no room any longer.
fn left(user: &str, device: Option<&str>, switchboard: &Switchboard) -> Vec<Fact> {
    let Some(known) = switchboard.lookup_user(user) else { return Vec::new() };
    let on = device.map(|device| switchboard.lookup_device(device));
    // A device that is not known is in no room.
    let rooms: Vec<_> = match on {
        Some(None) => Vec::new(),
        Some(Some(device)) => switchboard.rooms_of(known, Some(device)).collect(),
        None => switchboard.rooms_of(known, None).collect(),
    };
    let rooms = rooms.into_iter().filter_map(|room| switchboard.room_name(room));
    let left = |room: &str| Fact::UserLeft {
        room: room.to_owned(),
        user: user.to_owned(),
        device: device.map(str::to_owned),
        session: None,
        opening: None,
    };
    rooms.map(left).collect()
}

/// Whether it is a query, or says that a call rings and changes nothing: that is answered like one (C-14).
fn changes_nothing(input: &Input, switchboard: &Switchboard) -> bool {
    let (user, attempt) = match input {
        Input::Query { .. } => return true,
        Input::Ask { by: Actor::Device { user, .. }, command: Command::Ringing { attempt } } => {
            (user, Attempt::new(*attempt))
        }
        _ => return false,
    };
    // Of a user who is not known nothing is live, but an attempt of the same turn may be.
    let is_of_nobody = attempt <= switchboard.last_attempt();
    let user = switchboard.lookup_user(user);
    user.map_or(is_of_nobody, |user| switchboard.ringing_changes_nothing(user, attempt))
}
