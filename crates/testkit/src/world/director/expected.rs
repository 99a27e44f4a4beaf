//! What happens while somebody who accepted is expected in a room.

use roomcall::protocol::{LimitsChange, PolicyChange};

use super::super::simulation::World;
use super::super::{Action, ROOMS};
use super::Director;

impl Director {
    /// The callee is called again, there or elsewhere, or put out, or does not come, or something else befalls the room.
    pub(super) fn while_expected(&mut self, world: &World) -> Option<Action> {
        let expected: Vec<_> = world.truth.expected.keys().collect();
        if expected.is_empty() {
            return None;
        }
        let (name, callee) = self.dice.pick(&expected);
        let room = ROOMS.iter().position(|room| room == name)?;
        let user = world.users.iter().position(|user| user == callee)?;
        let is_there = |device: &usize| world.devices[*device].room.as_ref() == Some(name);
        let inside = (0..world.devices.len()).find(is_there);
        let elsewhere =
            (0..world.devices.len()).find(|at| world.devices[*at].room.is_some() && !is_there(at));
        Some(match self.dice.below(10) {
            0..=1 => {
                let device = inside?;
                self.next.push_back(Action::Flush {});
                Action::Call { device, room, users: vec![user], timeout: 30 }
            }
            2 => {
                let room = 1 - room % 2;
                let call = |device| Action::Call { device, room, users: vec![user], timeout: 30 };
                if let Some(device) = elsewhere {
                    self.next.push_back(Action::Flush {});
                    return Some(call(device));
                }
                // Somebody else goes there first.
                let is_free = |device: &usize| {
                    world.is_in_use(*device) && world.devices[*device].plan.user != *callee
                };
                let device = (0..world.devices.len()).rfind(is_free)?;
                let enter = Action::Enter { device, room };
                self.next.extend([enter, Action::Flush {}, call(device), Action::Flush {}]);
                Action::Open { room, owner: 0 }
            }
            3 => Action::Remove { user, room, by: inside.filter(|_| self.dice.one_in(2)) },
            4 => {
                self.next.push_back(Action::Open { room, owner: user });
                Action::Dissolve { room }
            }
            5 => {
                let join_grace = Some(self.dice.pick(&[0, 1, 4, 30]));
                let policy = PolicyChange { join_grace, ..PolicyChange::default() };
                Action::ChangeRules { policy, limits: LimitsChange::default() }
            }
            6 if world.copies.len() > 1 => self.lose_state(world),
            6 => Action::Snapshot {},
            7 => Action::KillSwitchboard {},
            _ => Action::Pass { ms: self.dice.pick(&[999, 1_000, 2_000, 5_000]) },
        })
    }
}
