//! Who is erased, and who comes back by that name.

use roomcall::Role;

use super::super::simulation::World;
use super::super::truth::Attempt;
use super::super::{Action, ROOMS};
use super::Director;

impl Director {
    /// Mostly somebody who rings, calls, is expected, or did so; often somebody new comes by the name, with the same device.
    pub(super) fn erase(&mut self, world: &World) -> Action {
        if self.dice.one_in(4) {
            if let Some(action) = self.erase_who_revokes(world) {
                return action;
            }
        }
        let attempts = || world.truth.attempts.values();
        let both = |it: &Attempt| [it.callee.clone(), it.caller.clone()];
        let live: Vec<String> = attempts().filter(|it| it.rings()).flat_map(both).collect();
        let expected = world.truth.expected.keys().map(|(_, callee)| callee.clone()).collect();
        let past = attempts().flat_map(both).collect();
        let mut all: Vec<Vec<String>> = vec![live, expected, past, world.users.clone()];
        all.retain(|names| !names.is_empty());
        let names = &all[self.dice.below(all.len())];
        let name = &names[self.dice.below(names.len())];
        let user = world.users.iter().position(|it| it == name).unwrap_or_default();
        self.comes_back(world, user);
        Action::Erase { user, late: self.dice.one_in(2) }
    }

    /// Somebody revokes a call of others, and is erased while they may know who it was, or not yet.
    fn erase_who_revokes(&mut self, world: &World) -> Option<Action> {
        let live: Vec<&Attempt> = world.truth.attempts.values().filter(|it| it.rings()).collect();
        let call = (!live.is_empty()).then(|| live[self.dice.below(live.len())])?;
        let can_revoke = |device: &usize| {
            let of = &world.devices[*device];
            let is_other = of.plan.user != call.callee && of.plan.user != call.caller;
            is_other && of.up && world.is_in_use(*device)
        };
        let device = (0..world.devices.len()).find(can_revoke)?;
        let index = |name: &String| world.users.iter().position(|it| it == name);
        let user = index(&world.devices[device].plan.user)?;
        let room = ROOMS.iter().position(|it| *it == call.room)?;
        let users = vec![index(&call.callee)?];
        // What is sent now is the last that is in flight.
        let request = Action::Deliver { packet: world.flight.len() };
        self.next.extend([Action::Revoke { device, room, users }, request]);
        match self.dice.below(3) {
            0 => self.next.push_back(Action::Flush {}),
            1 => self.soon(4),
            _ => {}
        }
        self.next.push_back(Action::Erase { user, late: self.dice.one_in(2) });
        self.comes_back(world, user);
        Some(Action::SetRole { user, room, role: Role::Admin })
    }

    /// Often somebody new comes by the name of who is erased, with a device that was the user's.
    fn comes_back(&mut self, world: &World, user: usize) {
        let is_theirs = |device: &usize| {
            let of = &world.devices[*device];
            of.plan.user == world.users[user] && !of.state.is_replaced
        };
        let theirs: Vec<usize> = (0..world.devices.len()).filter(is_theirs).collect();
        if theirs.is_empty() || self.dice.one_in(3) {
            return;
        }
        self.soon(5);
        let device = self.dice.pick(&theirs);
        let new = world.devices.len();
        self.next.extend([Action::SignIn { device }, Action::Heal { device: new }]);
        self.soon(5);
        if self.dice.one_in(2) {
            let room = self.dice.below(ROOMS.len());
            self.next.extend([Action::Enter { device: new, room }, Action::Flush {}]);
        }
    }
}
