//! What makes call logs, and who looks at them.

use roomcall::ActiveCalls;

use super::super::simulation::World;
use super::super::truth::Attempt;
use super::super::{Action, ROOMS};
use super::Director;

impl Director {
    /// Somebody calls whoever rings already, into whatever room counts.
    pub(super) fn call_in_vain(&mut self, world: &World) -> Action {
        let is_per_user = world.switchboard.policy().active_calls == ActiveCalls::PerUser;
        let mut live = world.truth.attempts.values().filter(|it| it.rings());
        let can_call = |device: usize, call: &Attempt| {
            let of = &world.devices[device];
            let is_other = of.plan.user != call.caller && of.plan.user != call.callee;
            let is_counted = is_per_user || of.room.as_ref() == Some(&call.room);
            is_other && of.room.is_some() && is_counted
        };
        let found = live.clone().find_map(|call| {
            let device = (0..world.devices.len()).find(|device| can_call(*device, call))?;
            Some((device, call))
        });
        if let Some((device, call)) = found {
            let room = world.devices[device].room.as_deref();
            let room = ROOMS.iter().position(|it| Some(*it) == room).unwrap_or_default();
            let callee = world.users.iter().position(|it| *it == call.callee).unwrap_or_default();
            // Some try again.
            let action = Action::Call { device, room, users: vec![callee], timeout: 30 };
            if self.dice.one_in(3) {
                self.next.push_back(action.clone());
            }
            self.soon(4);
            return action;
        }
        // Somebody else comes in, and can.
        let Some(call) = live.next() else { return self.call(world) };
        let is_free = |device: &usize| {
            let of = &world.devices[*device];
            of.room.is_none() && of.plan.user != call.caller && of.plan.user != call.callee
        };
        let Some(device) = (0..world.devices.len()).find(is_free) else { return self.call(world) };
        let room = ROOMS.iter().position(|it| *it == call.room).unwrap_or_default();
        Action::Enter { device, room }
    }

    /// Mostly of what is new on a device; now and then of what is old.
    pub(super) fn look_at_the_log(&mut self, world: &World) -> Action {
        let has_new = |device: &usize| {
            let log = &world.devices[*device].log;
            log.entries.last_key_value().is_some_and(|(last, _)| *last > log.seen)
        };
        let devices: Vec<usize> = (0..world.devices.len()).filter(has_new).collect();
        let device = match devices.is_empty() {
            true => self.dice.below(world.devices.len()),
            false => self.dice.pick(&devices),
        };
        let back = if self.dice.one_in(3) { self.dice.below(4) } else { 0 };
        self.soon(3);
        Action::MarkSeen { device, back }
    }
}
