//! One call: a task that waits for a word or for its time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::hub::{Ending, Hub};
use crate::count::Kind;
use crate::workload::RINGS_S;

/// What a call can be told.
#[derive(Debug)]
pub(super) enum Word {
    /// The callee says yes.
    Accept {
        /// On which device.
        device: String,
    },
    /// The callee says no.
    Reject {
        /// On which device.
        device: String,
    },
    /// The caller withdraws.
    Cancel {
        /// Who.
        by: String,
    },
}

/// What happened, for its audience.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Event {
    /// Ring.
    Received { user: String, room: String, caller: String, attempt: u64 },
    /// Stop ringing.
    Handled { user: String, not: String, room: String, attempt: u64, accepted: bool },
    /// The caller withdrew.
    Cancelled { user: String, room: String, attempt: u64 },
    /// The call was missed.
    Missed { user: String, room: String, attempt: u64 },
    /// What became of it, for the caller.
    Outcome { user: String, device: String, room: String, callee: String, outcome: Outcome },
    /// The list has an entry that is new or other.
    ListChanged { room: String, callee: String, attempt: u64 },
    /// The list has an entry less.
    ListRemoved { room: String, callee: String, attempt: u64 },
}

/// What became of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// The callee said yes.
    Accepted,
    /// The callee said no.
    Rejected,
    /// Nobody answered.
    Timeout,
}

impl Event {
    /// The kind that it counts as.
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Received { .. } => Kind::Ring,
            Self::Handled { .. } => Kind::Handled,
            Self::Cancelled { .. } => Kind::Cancelled,
            Self::Missed { .. } => Kind::TimeoutCallee,
            Self::Outcome { outcome: Outcome::Accepted, .. } => Kind::Accepted,
            Self::Outcome { outcome: Outcome::Rejected, .. } => Kind::Rejected,
            Self::Outcome { outcome: Outcome::Timeout, .. } => Kind::TimeoutCaller,
            Self::ListChanged { .. } => Kind::Changed,
            Self::ListRemoved { .. } => Kind::Removed,
        }
    }
}

/// A call that rings.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) attempt: u64,
    pub(super) room: String,
    pub(super) caller: String,
    pub(super) device: String,
    pub(super) callee: String,
}

impl Call {
    /// Rings until somebody says something or the time is over.
    pub(super) async fn ring(self, hub: Arc<Hub>, word: oneshot::Receiver<Word>) {
        hub.tell(Event::Received {
            user: self.callee.clone(),
            room: self.room.clone(),
            caller: self.caller.clone(),
            attempt: self.attempt,
        });
        hub.tell(self.list_changed());
        hub.done();
        let over = tokio::time::sleep(Duration::from_secs(u64::from(RINGS_S)));
        tokio::select! {
            word = word => match word {
                Ok(Word::Accept { device }) => self.accepted(&hub, device),
                Ok(Word::Reject { device }) => self.rejected(&hub, device),
                Ok(Word::Cancel { by }) if by == self.caller => self.cancelled(&hub),
                Ok(Word::Cancel { .. }) | Err(_) => {}
            },
            () = over => self.timed_out(&hub),
        }
        hub.done();
    }

    fn accepted(&self, hub: &Hub, device: String) {
        hub.remove(&self.callee, None, self.ending("accepted", Some(&device)));
        hub.tell(self.handled(device, true));
        hub.tell(self.outcome(Outcome::Accepted));
        hub.tell(self.list_removed());
    }

    fn rejected(&self, hub: &Hub, device: String) {
        hub.remove(&self.callee, Some(self.attempt), self.ending("rejected", Some(&device)));
        hub.tell(self.handled(device, false));
        hub.tell(self.outcome(Outcome::Rejected));
        hub.tell(self.list_changed());
    }

    fn cancelled(&self, hub: &Hub) {
        hub.remove(&self.callee, None, self.ending("cancelled", None));
        let (user, room) = (self.callee.clone(), self.room.clone());
        hub.tell(Event::Cancelled { user, room, attempt: self.attempt });
        hub.tell(self.list_removed());
    }

    fn timed_out(&self, hub: &Hub) {
        hub.remove(&self.callee, Some(self.attempt), self.ending("timed out", None));
        let (user, room) = (self.callee.clone(), self.room.clone());
        hub.tell(Event::Missed { user, room, attempt: self.attempt });
        hub.tell(self.outcome(Outcome::Timeout));
        hub.tell(self.list_changed());
    }

    fn ending(&self, how: &'static str, device: Option<&String>) -> Ending {
        let (room, device) = (self.room.clone(), device.cloned());
        Ending { room, attempt: self.attempt, how, device }
    }

    fn handled(&self, not: String, accepted: bool) -> Event {
        let (user, room) = (self.callee.clone(), self.room.clone());
        Event::Handled { user, not, room, attempt: self.attempt, accepted }
    }

    fn outcome(&self, outcome: Outcome) -> Event {
        let (user, device) = (self.caller.clone(), self.device.clone());
        let (room, callee) = (self.room.clone(), self.callee.clone());
        Event::Outcome { user, device, room, callee, outcome }
    }

    fn list_changed(&self) -> Event {
        let (room, callee) = (self.room.clone(), self.callee.clone());
        Event::ListChanged { room, callee, attempt: self.attempt }
    }

    fn list_removed(&self) -> Event {
        let (room, callee) = (self.room.clone(), self.callee.clone());
        Event::ListRemoved { room, callee, attempt: self.attempt }
    }
}
