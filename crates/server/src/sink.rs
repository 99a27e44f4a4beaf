//! Where what is sent on a connection goes: into a queue of this process, or to another process that has the
//! connection.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::close_code::CloseCode;
use crate::engine::NotConnected;
use crate::log::Sequence;
use crate::text::Text;

/// Which output of a log it is. Whoever applies the same log numbers its outputs alike.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Place {
    /// The batch of which it comes.
    pub sequence: Sequence,
    /// How many outputs come before it of the same batch.
    pub index: u32,
}

impl Place {
    /// Before all outputs of a batch.
    pub const fn first_of(sequence: Sequence) -> Self {
        Self { sequence, index: 0 }
    }

    /// Behind all outputs of a batch.
    pub const fn last_of(sequence: Sequence) -> Self {
        Self { sequence, index: u32::MAX }
    }

    /// That of the output before it.
    pub const fn before(self) -> Self {
        match self.index.checked_sub(1) {
            Some(index) => Self { index, ..self },
            None => Self::last_of(self.sequence.saturating_sub(1)),
        }
    }
}

/// One connection, as the hub sends to it. Nothing here waits.
pub trait Sink: fmt::Debug + Send + Sync {
    /// Whether the connection was let in, and then which is the last output that is not for it. Who has made a queue of
    /// this process knows it otherwise.
    fn connected(&self, result: Result<Place, NotConnected>) {
        let _ = result;
    }

    /// Adds a line to the present step. Whether it is the first of it: then the step is to be ended here.
    fn add(&self, text: &Text) -> bool;

    /// Adds the answer to a request to the present step, with the number of the request if it has one. Whether it is
    /// the first line of it.
    fn answer(&self, text: &Text, request_id: Option<u64>) -> bool;

    /// The step is over: its lines may be sent.
    fn end_step(&self);

    /// The connection is to be closed.
    fn cut(&self, why: CloseCode);

    /// Whether it is closed, or will be.
    fn is_gone(&self) -> bool;

    /// For how long nothing was taken of what there is, and how many bytes that are; `None` if there is nothing, or
    /// somebody else looks after that.
    fn pressure(&self) -> Option<(Duration, usize)>;
}
