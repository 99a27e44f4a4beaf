//! The random scheduler: it chooses what happens next so that interesting things do: what rings is answered, by several at
//! once, and what is down comes up again.

mod erasure;
mod expected;
mod load;
mod log;
mod rooms;
mod state;

use std::collections::VecDeque;

use roomcall::handset::Progress;
use roomcall::protocol::{Answer, Event};
use roomcall::{ActiveCalls, CallRejectionReason};

use super::simulation::{Body, Packet, World};
use super::truth::Attempt;
use super::{Action, Device, Plan, ROOMS};
use crate::dice::Dice;

/// The kinds of action that are weighed against each other.
const KINDS: usize = 39;

/// How often each kind comes, before a seed's own taste.
const USUAL: [usize; KINDS] = [
    30, 3, 4, 5, 3, 8, 3, 3, 2, 2, 1, 2, 1, 2, 14, 12, 3, 2, 1, 5, 2, 2, 2, 1, 1, 2, 1, 3, 2, 1, 1,
    2, 8, 2, 2, 3, 3, 3, 1,
];

/// A run in the making.
#[derive(Debug)]
pub struct Director {
    dice: Dice,
    weights: [usize; KINDS],
    /// One in so many packets overtakes others.
    overtakes: usize,
    next: VecDeque<Action>,
}

impl Director {
    /// Begins with a room, somebody in it, and connections.
    pub fn new(mut dice: Dice, plan: &Plan) -> Self {
        let mut next = VecDeque::from([Action::Open { room: 0, owner: 0 }]);
        if dice.one_in(2) {
            next.push_back(Action::Open { room: 1, owner: 1 });
        }
        next.extend((0..plan.devices.len()).map(|device| Action::Heal { device }));
        next.push_back(Action::Enter { device: 0, room: 0 });
        // Where two calls may ring at once, somebody is in the other room to make the second.
        if plan.policy.active_calls == ActiveCalls::PerRoom && !dice.one_in(4) {
            next.push_back(Action::Open { room: 1, owner: 1 });
            next.push_back(Action::Enter { device: plan.devices.len() - 1, room: 1 });
        }
        next.push_back(Action::Flush {});
        let mut weights = USUAL;
        for weight in &mut weights {
            *weight = match dice.below(6) {
                0 => 0,
                1 => *weight * 3,
                _ => *weight,
            };
        }
        // Without deliveries, calls and answers there is no run.
        for (at, least) in [(0, 20), (14, 10), (15, 8)] {
            weights[at] = weights[at].max(least);
        }
        let overtakes = dice.pick(&[1_000_000, 8, 3, 1]);
        Self { dice, weights, overtakes, next }
    }

    /// What happens next.
    pub fn next(&mut self, world: &World) -> Action {
        if let Some(action) = self.next.pop_front() {
            return action;
        }
        if let Some(device) = self.one_in_quiet(world).filter(|_| self.dice.one_in(2)) {
            return self.while_quiet(world, device);
        }
        let shows_two = |of: &Device| of.screen.calls.len() > 1 && of.ringing().is_some();
        if world.devices.iter().any(shows_two) && self.dice.one_in(5) {
            return self.answer_one_of_two(world);
        }
        let is_ringing = world.truth.attempts.values().any(Attempt::rings);
        if is_ringing && self.dice.one_in(15) {
            return self.answer_one_of_two(world);
        }
        if Self::rings_twice(world) && self.dice.one_in(30) {
            return self.change_rules(world);
        }
        if is_ringing && self.dice.one_in(60) {
            return self.change_audience();
        }
        if is_ringing && self.dice.one_in(150) {
            return self.erase(world);
        }
        if self.dice.one_in(8) {
            if let Some(action) = self.call_after_waiting(world) {
                return action;
            }
        }
        if !world.truth.expected.is_empty() && self.dice.one_in(60) {
            return self.erase(world);
        }
        if !world.truth.expected.is_empty() && self.dice.one_in(6) {
            if let Some(action) = self.while_expected(world) {
                return action;
            }
        }
        let is_join = |packet: &Packet| matches!(packet.body, Body::Enter { .. });
        if world.flight.iter().any(is_join) && self.dice.one_in(12) {
            return self.join_fails(world);
        }
        let devices = world.devices.len();
        let device = self.dice.below(devices);
        match self.dice.weighted(&self.weights) {
            0 => self.deliver(world),
            1 => Action::Flush {},
            2 => self.drop(world),
            3 => self.duplicate(world),
            4 => Action::Together { device, packets: 2 + self.dice.below(5) },
            5 => self.pass(),
            6 => self.cut(device),
            7 => self.connect(world),
            8 => self.kill(device),
            9 => Action::Restart { device },
            10 => Action::Reinstall { device },
            11 => self.set_clock(world),
            12 => Action::Snapshot {},
            13 => Action::KillSwitchboard {},
            14 => self.answer(world),
            15 => self.call(world),
            16 => self.withdraw(world, true),
            17 => self.withdraw(world, false),
            18 => self.room(world),
            19 => self.enter(world, device),
            20 => self.leave(world),
            21 => self.depart(world),
            22 => Action::List { room: self.dice.below(ROOMS.len()) },
            23 => self.remove(world),
            24 => self.call_for(world),
            25 => self.revoke_all(),
            27 => self.quieten(world),
            28 => self.occupy(world),
            29 => self.sign_out(world),
            30 => self.set(world),
            31 => self.join_fails(world),
            32 => self.answer_one_of_two(world),
            33 => self.lose_state(world),
            34 => self.change_rules(world),
            35 => self.call_in_vain(world),
            36 => self.look_at_the_log(world),
            37 => self.refuse(world),
            38 => self.erase(world),
            _ => self.revive(world),
        }
    }

    fn packet(&mut self, world: &World) -> usize {
        self.dice.below(world.flight.len())
    }

    fn deliver(&mut self, world: &World) -> Action {
        if self.dice.one_in(self.overtakes) {
            return Action::Deliver { packet: self.packet(world) };
        }
        if let Some(fact) = self.fact(world).filter(|_| self.dice.one_in(3)) {
            return Action::Deliver { packet: fact };
        }
        // Strays take their time.
        let next = world.flight.iter().position(|packet| !packet.late);
        Action::Deliver { packet: next.unwrap_or_default() }
    }

    /// A fact in flight, not always the oldest.
    fn fact(&mut self, world: &World) -> Option<usize> {
        let is_fact = |(_, packet): &(usize, &Packet)| matches!(packet.body, Body::Fact { .. });
        let facts = world.flight.iter().enumerate().filter(is_fact).map(|(at, _)| at);
        let facts: Vec<usize> = facts.collect();
        let choices = match self.dice.below(6) {
            0 => facts.get(facts.len().saturating_sub(1)..),
            1..=3 => Some(&facts[..facts.len().min(8)]),
            _ => facts.get(..1),
        };
        choices.filter(|facts| !facts.is_empty()).map(|facts| self.dice.pick(facts))
    }

    fn drop(&mut self, world: &World) -> Action {
        let fact = self.fact(world).filter(|_| self.dice.one_in(4));
        Action::Drop { packet: fact.unwrap_or_else(|| self.packet(world)) }
    }

    /// Often of a ring or a snapshot, which must not bring back what is over.
    fn duplicate(&mut self, world: &World) -> Action {
        if let Some(fact) = self.fact(world).filter(|_| self.dice.one_in(2)) {
            return Action::Duplicate { packet: fact };
        }
        let rings = |packet: &Packet| match &packet.body {
            Body::Notice(event) => matches!(event, Event::CallReceived { .. }),
            Body::Reply(reply) => matches!(reply.answer, Ok(Answer::GetMyCalls(_))),
            Body::Push { .. } => true,
            Body::Request { .. } | Body::Enter { .. } | Body::Fact { .. } => false,
        };
        let ring = world.flight.iter().position(rings).filter(|_| !self.dice.one_in(3));
        Action::Duplicate { packet: ring.unwrap_or_else(|| self.packet(world)) }
    }

    /// A few packets arrive soon.
    fn soon(&mut self, most: usize) {
        for _ in 0..self.dice.below(most) {
            self.next.push_back(Action::Deliver { packet: 0 });
        }
    }

    fn pass(&mut self) -> Action {
        let ms = self.dice.pick(&[1, 250, 300, 500, 700, 999, 1_000, 1_500, 2_000, 5_000, 30_000]);
        if ms < 5_000 || self.dice.one_in(8) {
            return Action::Pass { ms };
        }
        // Otherwise most of what happens is that somebody asks again.
        self.next.push_back(Action::Pass { ms });
        Action::Flush {}
    }

    fn cut(&mut self, device: usize) -> Action {
        if self.dice.one_in(2) {
            self.next.push_back(Action::Heal { device });
        }
        Action::Cut { device, late: self.dice.one_in(2) }
    }

    /// Often one that has no connection.
    fn connect(&mut self, world: &World) -> Action {
        let down = world.devices.iter().position(|device| device.alive && !device.up);
        let device = self.dice.below(world.devices.len());
        Action::Heal { device: down.unwrap_or(device) }
    }

    fn kill(&mut self, device: usize) -> Action {
        if self.dice.one_in(2) {
            self.soon(3);
            self.next.push_back(Action::Restart { device });
        }
        Action::Kill { device }
    }

    fn revive(&mut self, world: &World) -> Action {
        match world.devices.iter().position(|device| !device.alive) {
            Some(device) => {
                self.next.push_back(Action::Heal { device });
                Action::Restart { device }
            }
            None => self.connect(world),
        }
    }

    /// Often back to the last snapshot, soon again, and devices connect again.
    fn lose_state(&mut self, world: &World) -> Action {
        let copies = world.copies.len();
        if copies == 1 && !self.dice.one_in(4) {
            return Action::Snapshot {};
        }
        let copy = if self.dice.one_in(3) { self.dice.below(copies) } else { copies - 1 };
        self.next.extend((0..world.devices.len()).map(|device| Action::Heal { device }));
        if self.dice.one_in(3) {
            let copy = self.dice.below(copies);
            self.soon(6);
            self.next.push_back(Action::LoseState { copy, late: self.dice.one_in(2) });
        }
        Action::LoseState { copy, late: self.dice.one_in(2) }
    }

    /// Often of one that rings.
    fn set_clock(&mut self, world: &World) -> Action {
        let device = self.one_that_rings(world);
        let ms = self.dice.pick(&[-1, 1, 900, -900, 3_000, -3_000, 60_000, -60_000, 4_000_000]);
        Action::ClockJump { device, ms }
    }

    /// Somebody whose screen shows a call answers, and often another device of that user, too.
    fn answer(&mut self, world: &World) -> Action {
        let rings = |at: &usize| !world.devices[*at].screen.calls.is_empty();
        let ringing: Vec<usize> = (0..world.devices.len()).filter(rings).collect();
        if ringing.is_empty() {
            return self.call(world);
        }
        let device = self.dice.pick(&ringing);
        let user = &world.devices[device].plan.user;
        let same = |at: &&usize| **at != device && world.devices[**at].plan.user == *user;
        if let (Some(other), true) = (ringing.iter().find(same), self.dice.one_in(2)) {
            let tap = self.tap(*other);
            self.next.push_back(tap);
        }
        match self.dice.below(8) {
            0 => self.next.push_back(Action::Cut { device, late: true }),
            1 => self.next.push_back(Action::Cut { device, late: false }),
            2 => self.next.push_back(Action::Restart { device }),
            3 => self.next.push_back(Action::Flush {}),
            _ => self.soon(4),
        }
        self.tap(device)
    }

    fn tap(&mut self, device: usize) -> Action {
        let call = self.dice.below(3);
        if self.dice.below(10) < 7 {
            return Action::Accept { device, call };
        }
        let reason = self.dice.pick(&CallRejectionReason::ALL);
        Action::Reject { device, call, reason }
    }

    fn call(&mut self, world: &World) -> Action {
        let inside = |at: &usize| world.devices[*at].room.is_some();
        let inside: Vec<usize> = (0..world.devices.len()).filter(inside).collect();
        let device = if inside.is_empty() || self.dice.one_in(8) {
            self.dice.below(world.devices.len())
        } else {
            self.dice.pick(&inside)
        };
        let room = match &world.devices[device].room {
            Some(room) => ROOMS.iter().position(|name| name == room).unwrap_or_default(),
            None => self.dice.below(ROOMS.len()),
        };
        let count = 1 + self.dice.below(2);
        let users = (0..count).map(|_| self.dice.below(world.users.len())).collect();
        self.soon(6);
        let timeout = self.dice.pick(&[1, 2, 3, 5, 5, 30, 30, 0]);
        Action::Call { device, room, users, timeout }
    }

    /// Often of a call that this device made.
    fn withdraw(&mut self, world: &World, cancel: bool) -> Action {
        let rings = |at: &usize| {
            let mut progress = world.devices[*at].screen.progress.values();
            progress.any(|(_, stands)| {
                matches!(stands, Progress::Calling | Progress::Ringing | Progress::Asking)
            })
        };
        let ringing: Vec<usize> = (0..world.devices.len()).filter(rings).collect();
        let device = match ringing.is_empty() {
            true => self.dice.below(world.devices.len()),
            false => self.dice.pick(&ringing),
        };
        let room = self.dice.below(ROOMS.len()) * self.dice.below(2);
        let users = (0..world.users.len()).collect();
        match (cancel, self.dice.one_in(3)) {
            (true, _) => Action::Cancel { device, room, users },
            (false, true) => Action::BackendRevoke { room, users },
            (false, false) => Action::Revoke { device, room, users },
        }
    }
}
