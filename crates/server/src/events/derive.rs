//! From what a switchboard says to events.
//!
//! The effects of a step go to several audiences; each thing that happened is one event. Almost all of
//! it is in the effects. Only that somebody who accepted has come into the room is in none of them
//! (E-20): for that it is remembered who is expected, which is a small part of the state of the
//! switchboard.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::protocol::{self, Effect, Fact, Input, NamedCall, Outcome, Record};
use roomcall::{Policy, Rule};
use serde::{Deserialize, Serialize};

use super::event::{Event, EventId, Kind, Operator, What};

/// Derives the events of one tenant. It is a function of the log: who has applied the same records has
/// the same, and the same events.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Derivation {
    /// Who is expected (E-20): by room and callee.
    expected: BTreeMap<String, BTreeMap<String, Expected>>,
}

/// What somebody has accepted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Expected {
    attempt: u64,
    caller: String,
}

/// The events of one step.
struct Step<'a> {
    sequence: u64,
    at: u64,
    events: &'a mut Vec<Event>,
    /// What was said already, to another audience.
    said: BTreeSet<(u64, Kind)>,
}

impl Step<'_> {
    fn push(&mut self, call: Call<'_>, what: What, because: Rule) {
        if !self.said.insert((call.attempt, what.kind())) {
            return;
        }
        let index = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        self.events.push(Event {
            id: EventId { sequence: self.sequence, index },
            at: self.at,
            what,
            room: call.room.to_owned(),
            caller: call.caller.to_owned(),
            callee: call.callee.to_owned(),
            attempt: call.attempt,
            because,
        });
    }
}

/// Which call.
#[derive(Clone, Copy)]
struct Call<'a> {
    room: &'a str,
    caller: &'a str,
    callee: &'a str,
    attempt: u64,
}

impl<'a> From<&'a NamedCall> for Call<'a> {
    fn from(call: &'a NamedCall) -> Self {
        let NamedCall { room, caller, callee, attempt, .. } = call;
        Self { room, caller, callee, attempt: *attempt }
    }
}

impl Derivation {
    /// Nobody is expected.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many users are expected in rooms.
    pub fn expected(&self) -> usize {
        self.expected.values().map(BTreeMap::len).sum()
    }

    /// Derives the events of one record of the batch `sequence`, and puts them after those of the
    /// records before it in the same batch. `outcome` is what the switchboard said to the record, and
    /// `policy` is the switchboard's.
    pub fn derive(
        &mut self,
        sequence: u64,
        record: &Record,
        outcome: &Outcome,
        policy: &Policy,
        events: &mut Vec<Event>,
    ) {
        let mut step = Step { sequence, at: outcome.at, events, said: BTreeSet::new() };
        let devices = deciding_devices(&outcome.effects);
        for effect in &outcome.effects {
            self.effect(effect, &devices, policy, &mut step);
        }
        if let (Input::Fact(fact), None) = (&record.input, outcome.unchanged) {
            self.fact(fact, &mut step);
        }
    }

    fn effect(
        &mut self,
        effect: &Effect,
        devices: &BTreeMap<u64, &str>,
        policy: &Policy,
        step: &mut Step<'_>,
    ) {
        let Some(call) = effect.event.call() else { return };
        let device = || devices.get(&call.attempt).map(|&device| device.to_owned());
        let what = match &effect.event {
            protocol::Event::CallReceived { extension, time_left, .. } => {
                What::Ring { extension_info: extension.clone(), time_left: *time_left }
            }
            protocol::Event::CallAccepted(_) => What::Accepted { device: device() },
            protocol::Event::CallRejected { reason, .. } => {
                What::Rejected { reason: *reason, device: device() }
            }
            protocol::Event::CallTimeout(_) => What::Missed,
            protocol::Event::CallCancelled(_) => What::Cancelled,
            protocol::Event::CallRevokedByAdmin { operator, .. } => {
                let operator = operator.clone().map_or(Operator::Backend, Operator::User);
                What::Revoked { operator }
            }
            protocol::Event::CallNotJoined(_) => What::NotJoined,
            _ => return,
        };
        let (kind, because) = (what.kind(), effect.because);
        step.push(call.into(), what, because);
        match kind {
            // E-07: entering was the answer.
            Kind::Accepted if because == Rule::E07 => {
                step.push(call.into(), What::Joined { device: device() }, because);
            }
            Kind::Accepted if policy.join_grace > 0 => {
                let expected = Expected { attempt: call.attempt, caller: call.caller.clone() };
                let room = self.expected.entry(call.room.clone()).or_default();
                room.insert(call.callee.clone(), expected);
            }
            Kind::NotJoined => {
                self.end(&call.room, &call.callee);
            }
            _ => {}
        }
    }

    /// What a fact that was not ignored does to who is expected (E-20).
    fn fact(&mut self, fact: &Fact, step: &mut Step<'_>) {
        match fact {
            Fact::UserEntered { room, user, device, .. } => {
                self.join(room, user, device.as_deref(), step);
            }
            Fact::PresenceListed { room, present, .. } => {
                for present in present {
                    self.join(room, &present.user, present.device.as_deref(), step);
                }
            }
            Fact::UserRemoved { room, user, .. } => {
                self.end(room, user);
            }
            Fact::RoomDissolved { room, .. } => {
                self.expected.remove(room);
            }
            Fact::UserErased { user } => self.erase(user),
            Fact::Recovered { .. } => self.expected.clear(),
            Fact::RoomOpened { .. }
            | Fact::UserLeft { .. }
            | Fact::RoleSet { .. }
            | Fact::RulesChanged { .. } => {}
        }
    }

    fn join(&mut self, room: &str, callee: &str, device: Option<&str>, step: &mut Step<'_>) {
        if let Some(Expected { attempt, caller }) = self.end(room, callee) {
            let call = Call { room, caller: &caller, callee, attempt };
            step.push(call, What::Joined { device: device.map(str::to_owned) }, Rule::E20);
        }
    }

    /// A user is not expected any more, nor is whom the user called (F-20).
    fn erase(&mut self, user: &str) {
        self.expected.retain(|_, of_room| {
            of_room.retain(|callee, expected| callee != user && expected.caller != user);
            !of_room.is_empty()
        });
    }

    fn end(&mut self, room: &str, callee: &str) -> Option<Expected> {
        let of_room = self.expected.get_mut(room)?;
        let expected = of_room.remove(callee);
        if of_room.is_empty() {
            self.expected.remove(room);
        }
        expected
    }
}

/// Which devices decided attempts: the events that name the call do not say it.
fn deciding_devices(effects: &[Effect]) -> BTreeMap<u64, &str> {
    let mut devices = BTreeMap::new();
    for effect in effects {
        if let protocol::Event::CallHandledByOtherDevice { attempt, device: Some(device), .. } =
            &effect.event
        {
            devices.insert(*attempt, device.as_str());
        }
    }
    devices
}

#[cfg(test)]
mod tests;
