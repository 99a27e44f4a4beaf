//! What people and hosts do to a device while calls ring on it.

use roomcall::ActiveCalls;
use roomcall::handset::{Settings, Stage};

use super::super::random_plan::settings;
use super::super::simulation::{Body, Packet, World};
use super::super::{Action, ROOMS};
use super::Director;

impl Director {
    /// One of these devices, if there is any.
    fn one_of(&mut self, world: &World, is: impl Fn(usize) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..world.devices.len()).filter(|device| is(*device)).collect();
        if all.is_empty() { None } else { Some(self.dice.pick(&all)) }
    }

    /// Often one that rings.
    pub(super) fn one_that_rings(&mut self, world: &World) -> usize {
        let rings = |device: usize| world.devices[device].screen.at(Stage::Ringing) > 0;
        let device = self.one_of(world, rings).filter(|_| !self.dice.one_in(3));
        device.unwrap_or_else(|| self.dice.below(world.devices.len()))
    }

    /// Somebody does not want to hear a call on a device; often they answer it there all the same, or on another one, or it is
    /// pushed again, asked for or lost.
    pub(super) fn quieten(&mut self, world: &World) -> Action {
        let shows = |device: usize| !world.devices[device].screen.calls.is_empty();
        let Some(device) = self.one_of(world, shows) else { return self.call(world) };
        let call = self.dice.below(3);
        let user = &world.devices[device].plan.user;
        let is_other = |other: usize| other != device && world.devices[other].plan.user == *user;
        let other = self.one_of(world, |other| is_other(other) && shows(other));
        let is_push =
            |packet: &Packet| packet.device == device && matches!(packet.body, Body::Push { .. });
        if let Some(packet) = world.flight.iter().position(is_push) {
            self.next.push_back(Action::Deliver { packet });
        }
        match self.dice.below(6) {
            0 => self.next.push_back(Action::Accept { device, call }),
            1 => self.next.push_back(Action::Accept { device: other.unwrap_or(device), call }),
            2 => self.next.push_back(Action::Restart { device }),
            3 => self.next.push_back(Action::Heal { device }),
            _ => self.soon(4),
        }
        if self.dice.one_in(2) {
            return Action::Silence { device, call };
        }
        Action::RejectHere { device, call }
    }

    /// Often one that rings, and for a while.
    pub(super) fn occupy(&mut self, world: &World) -> Action {
        let is_occupied = |device: usize| world.devices[device].state.is_occupied;
        if let Some(device) = self.one_of(world, is_occupied).filter(|_| self.dice.one_in(2)) {
            return Action::Occupied { device, is_occupied: false };
        }
        let device = self.one_that_rings(world);
        if self.dice.one_in(2) {
            self.soon(4);
            self.next.push_back(Action::Occupied { device, is_occupied: false });
        }
        Action::Occupied { device, is_occupied: true }
    }

    /// Often while a push is on its way to the device, or something else is about to come.
    pub(super) fn sign_out(&mut self, world: &World) -> Action {
        let is_gone = |device: usize| {
            let state = &world.devices[device].state;
            state.is_signed_out && !state.is_replaced
        };
        if let Some(device) = self.one_of(world, is_gone).filter(|_| self.dice.one_in(2)) {
            self.next.push_back(Action::Heal { device: world.devices.len() });
            return Action::SignIn { device };
        }
        let is_push = |packet: &&Packet| matches!(packet.body, Body::Push { .. });
        let pushed = world.flight.iter().find(is_push).map(|packet| packet.device);
        let device = pushed.unwrap_or_else(|| self.dice.below(world.devices.len()));
        if let Some(at) = world.flight.iter().position(|packet| is_push(&packet)) {
            self.next.push_back(Action::Deliver { packet: at });
        }
        match self.dice.below(4) {
            0 => self.next.push_back(Action::Restart { device }),
            1 => self.next.push_back(Action::Heal { device }),
            2 => self.next.push_back(Action::Enter { device, room: self.dice.below(ROOMS.len()) }),
            _ => self.soon(4),
        }
        Action::SignOut { device, late: !self.dice.one_in(3) }
    }

    /// The host gives it other settings.
    pub(super) fn set(&mut self, world: &World) -> Action {
        let device = self.dice.below(world.devices.len());
        Action::Settings { device, settings: settings(&mut self.dice) }
    }

    /// Somebody who is on the way into a room, if anybody is, or the room is not there any more.
    pub(super) fn join_fails(&mut self, world: &World) -> Action {
        let join = |(at, packet): (usize, &Packet)| match &packet.body {
            Body::Enter { room } => {
                Some((at, packet.device, ROOMS.iter().position(|name| name == room)?))
            }
            _ => None,
        };
        let Some((packet, device, room)) = world.flight.iter().enumerate().find_map(join) else {
            return self.answer(world);
        };
        if self.dice.one_in(2) {
            return Action::JoinFails { device };
        }
        self.next.push_back(Action::Deliver { packet });
        Action::Dissolve { room }
    }

    /// A device on which a call waits for the end of quiet.
    pub(super) fn one_in_quiet(&mut self, world: &World) -> Option<usize> {
        let mut devices = 0..world.devices.len();
        devices.find(|device| world.devices[*device].state.waits)
    }

    /// What ends the quiet of a device, begins it anew, or must not end it.
    pub(super) fn while_quiet(&mut self, world: &World, device: usize) -> Action {
        match self.dice.below(14) {
            0 | 9 | 12 | 13 => {
                let settings = Settings {
                    join_quiet: self.dice.pick(&[0, 0, 1_000]),
                    settle: 0,
                    ..settings(&mut self.dice)
                };
                Action::Settings { device, settings }
            }
            1 => Action::JoinFails { device },
            2 => Action::Restart { device },
            3 => Action::Heal { device },
            4 => {
                Action::ClockJump { device, ms: self.dice.pick(&[-60_000, -1_000, 1_000, 60_000]) }
            }
            5 => Action::Occupied { device, is_occupied: self.dice.one_in(2) },
            6 | 10 | 11 => Action::Pass { ms: self.dice.pick(&[1_000, 2_000, 5_000, 15_000]) },
            7 => Action::Together { device, packets: 2 + self.dice.below(5) },
            8 => self.call_again(world),
            _ => Action::Flush {},
        }
    }

    /// Where two calls ring for a user, one is answered, and the other rings on or waits.
    pub(super) fn answer_one_of_two(&mut self, world: &World) -> Action {
        if world.switchboard.policy().active_calls == ActiveCalls::PerUser {
            return self.answer(world);
        }
        let shows_two = |device: usize| world.devices[device].screen.calls.len() > 1;
        let user = |device: usize| &world.devices[device].plan.user;
        let shares = |device: usize| {
            let is_other = |other: &usize| *other != device && user(*other) == user(device);
            (0..world.devices.len()).filter(is_other).any(shows_two)
        };
        let device = self.one_of(world, |device| shows_two(device) && shares(device));
        let device = device.or_else(|| self.one_of(world, shows_two));
        let Some(device) = device else { return self.call_again(world) };
        let call = self.dice.pick(&[0, 1, 1]);
        self.next.push_back(Action::Flush {});
        Action::Accept { device, call }
    }

    /// Somebody in another room calls whoever rings, or has just answered.
    fn call_again(&mut self, world: &World) -> Action {
        let mut last = world.truth.attempts.values().rev();
        let Some(call) = last.next() else { return self.call(world) };
        let is_elsewhere = |device: usize| {
            world.devices[device].room.as_ref().is_some_and(|room| *room != call.room)
        };
        let Some(device) = self.one_of(world, is_elsewhere) else { return self.call(world) };
        let of = world.devices[device].room.as_deref();
        let room = ROOMS.iter().position(|room| Some(*room) == of).unwrap_or_default();
        let callee = world.users.iter().position(|user| *user == call.callee).unwrap_or_default();
        self.soon(6);
        Action::Call { device, room, users: vec![callee], timeout: self.dice.pick(&[5, 30, 30, 0]) }
    }
}
