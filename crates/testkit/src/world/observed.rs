//! The world as an [`Observer`](crate::observer) sees it, at the authority: a violation that it finds is one of the run.

use roomcall::handset::Request;
use roomcall::protocol::{self, Body, Effect, Frame, Input, Outcome, Output, Record};

use super::simulation::World;
use super::{Checked, Plan, Run, play_to_end, violation};
use crate::observer::{Observer, Settings, Traffic, Violation, What};

/// What the observer was fed.
#[derive(Debug)]
pub struct Observed {
    observer: Observer,
    /// The connection that each device has, as the observer knows it.
    links: Vec<Option<u64>>,
    /// What it was fed, if somebody wants to know.
    traffic: Option<Vec<Traffic>>,
    found: Vec<Violation>,
}

impl Observed {
    /// Nothing was seen yet.
    pub(super) fn new(plan: &Plan) -> Self {
        Self::by(settings(plan))
    }

    /// Nothing was seen yet, and timers may be late by milliseconds.
    pub(super) fn late(plan: &Plan, slack: u64) -> Self {
        Self::by(Settings { slack, ..settings(plan) })
    }

    fn by(settings: Settings) -> Self {
        let observer = Observer::new(settings);
        Self { observer, links: Vec::new(), traffic: None, found: Vec::new() }
    }
}

/// What an observer of such a world goes by. Timers are never late there.
pub fn settings(plan: &Plan) -> Settings {
    let (policy, limits) = (plan.policy, plan.limits);
    Settings { policy, limits, sees_backend: true, ..Settings::default() }
}

/// The traffic of a run.
pub fn traffic(run: &Run) -> Vec<Traffic> {
    let mut world = World::new(&run.plan);
    world.observed.traffic = Some(Vec::new());
    let (world, _) = play_to_end(world, &run.actions);
    world.observed.traffic.unwrap_or_default()
}

impl World {
    fn see(&mut self, what: What) {
        let traffic = Traffic { at: self.now, what };
        self.observed.found.extend(self.observed.observer.see(&traffic));
        if let Some(seen) = &mut self.observed.traffic {
            seen.push(traffic);
        }
    }

    /// The observer has found nothing.
    pub(super) fn is_well_observed(&mut self) -> Checked {
        match self.observed.found.first() {
            Some(found) => {
                violation("what is sent and received obeys the rules", found.to_string())
            }
            None => Ok(()),
        }
    }

    /// All that is owed by now was done.
    pub(super) fn finish_observed(&mut self) -> Checked {
        self.links_change();
        let found = self.observed.observer.finish(self.now);
        self.observed.found.extend(found);
        self.is_well_observed()
    }

    /// Connections that were opened and closed since it looked last.
    fn links_change(&mut self) {
        for device in 0..self.devices.len() {
            let of = &self.devices[device];
            let now = of.up.then(|| link(device, of.connection));
            if device >= self.observed.links.len() {
                self.observed.links.push(None);
            }
            let before = std::mem::replace(&mut self.observed.links[device], now);
            if before == now {
                continue;
            }
            if let Some(connection) = before {
                self.see(What::Closed { connection });
            }
            if let Some(connection) = now {
                let of = &self.devices[device].plan;
                let (user, device) = (of.user.clone(), of.device.clone());
                self.see(What::Opened { connection, user, device });
            }
        }
    }

    /// A request arrives, and is applied now. One whose reply goes to the present connection of the device counts as sent on that.
    pub(super) fn observe_request(
        &mut self,
        (device, connection, is_present): (usize, u64, bool),
        request_id: Option<u64>,
        request: &Request,
    ) {
        self.links_change();
        let present = self.devices[device].connection;
        let connection = link(device, if is_present { present } else { connection });
        let request = request.clone();
        self.see(What::Sent { connection, frame: Frame { request_id, request } });
    }

    /// An input is applied: what the backend states, or asks, is seen. Before a timer fires, who has gone is known to be gone.
    pub(super) fn observe_backend(&mut self, line: &Record, outcome: &Outcome) {
        self.links_change();
        let by = match &line.input {
            Input::Ask { by, .. } | Input::Query { by, .. } => Some(by),
            Input::Fact(_) => None,
            Input::Tick => return,
        };
        if by.is_none_or(|by| *by == protocol::Actor::Backend) {
            self.see(What::Backend(line.clone()));
            let answer = Outcome { effects: Vec::new(), ..outcome.clone() };
            if let Some(output) = answer.outputs().next() {
                self.see(What::Answered(output));
            }
        }
    }

    /// A reply is sent to a device.
    pub(super) fn observe_reply(&mut self, device: usize, at: u64, reply: &protocol::Reply) {
        self.receives(device, Output { at, body: Body::Reply(reply.clone()) });
    }

    /// A notice is sent to a device.
    pub(super) fn observe_notice(&mut self, device: usize, effect: &Effect) {
        self.receives(device, Output { at: self.now, body: Body::Effect(effect.clone()) });
    }

    fn receives(&mut self, device: usize, output: Output) {
        self.links_change();
        if let Some(connection) = self.observed.links[device] {
            self.see(What::Received { connection, output });
        }
    }
}

/// The number of a device's connection.
const fn link(device: usize, connection: u64) -> u64 {
    ((device as u64) << 32) | connection
}
