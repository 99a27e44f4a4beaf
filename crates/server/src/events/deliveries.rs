//! How far endpoints have come, as it is in the log.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::event::EventId;
use super::webhook::Acknowledgement;

/// The most dead letters that are remembered, the newest.
const DEAD_LETTERS: usize = 1_000;

/// What the endpoints of a tenant have acknowledged. Who has applied the same entries has the same.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Deliveries {
    positions: BTreeMap<String, EventId>,
    dead: VecDeque<DeadLetter>,
}

/// An event that an endpoint never acknowledged, and that is not sent any more.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The name of the endpoint.
    pub endpoint: String,
    /// The event.
    pub event: EventId,
    /// What came of it the last time.
    pub why: String,
}

impl Deliveries {
    /// Applies an entry of the log.
    pub fn apply(&mut self, entry: Acknowledgement) {
        match entry {
            Acknowledgement::Position { endpoint, position } => {
                let known = self.positions.entry(endpoint).or_default();
                *known = position.max(*known);
            }
            Acknowledgement::DeadLetter { endpoint, event, why, .. } => {
                if self.dead.len() == DEAD_LETTERS {
                    self.dead.pop_front();
                }
                self.dead.push_back(DeadLetter { endpoint, event, why });
            }
            // It may be there again after a restart.
            Acknowledgement::Gone { .. } => {}
        }
    }

    /// Up to where an endpoint is done; the default id for one that is new.
    pub fn position(&self, endpoint: &str) -> EventId {
        self.positions.get(endpoint).copied().unwrap_or_default()
    }

    /// The newest dead letters, oldest first.
    pub fn dead_letters(&self) -> impl Iterator<Item = &DeadLetter> {
        self.dead.iter()
    }
}
