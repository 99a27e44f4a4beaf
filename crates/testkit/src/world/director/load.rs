//! What makes people and devices wait: a host that has too much to do (L-15), and a rate of calls (L-14).

use roomcall::protocol::{LimitsChange, PolicyChange};

use super::super::simulation::{Body, Packet, World};
use super::super::{Action, ROOMS};
use super::Director;

impl Director {
    /// The host refuses what somebody asks; often that is heard, and time passes, or another connection comes.
    pub(super) fn refuse(&mut self, world: &World) -> Action {
        let is_request =
            |(_, packet): &(usize, &Packet)| matches!(packet.body, Body::Request { .. });
        let flight = world.flight.iter().enumerate();
        let requests: Vec<_> = flight.filter(is_request).collect();
        if requests.is_empty() {
            return self.call(world);
        }
        let (packet, request) = self.dice.pick(&requests);
        let device = request.device;
        let retry_after = self.dice.pick(&[0, 1, 500, 2_000, 3_000, 10_000]);
        // What is sent now is the last that is in flight.
        let last = world.flight.len().saturating_sub(1);
        let reply = Action::Deliver { packet: last };
        match self.dice.below(8) {
            0 => self.soon(4),
            1 => self.next.extend([reply, Action::Heal { device }]),
            2 => self.next.extend([reply, Action::Restart { device }, Action::Heal { device }]),
            3 => {
                let again = Action::Refuse { packet: last, retry_after };
                self.next.extend([reply, Action::Pass { ms: retry_after.max(2_000) }, again]);
            }
            4 => self.next.extend([reply, Action::Duplicate { packet: last }]),
            _ => {
                self.next.extend([reply, Action::Pass { ms: retry_after.max(2_000) }]);
                self.next.push_back(Action::Flush {});
            }
        }
        Action::Refuse { packet, retry_after }
    }

    /// Who called too fast waits, sometimes not long enough, and tries again; or the rate is lifted, and holds again.
    pub(super) fn call_after_waiting(&mut self, world: &World) -> Option<Action> {
        let (user, wait) = world.truth.rates.waits.first_key_value()?;
        let is_theirs = |device: &usize| world.devices[*device].plan.user == *user;
        let device = (0..world.devices.len()).find(|at| is_theirs(at) && world.is_in_use(*at))?;
        let room = ROOMS.iter().position(|room| *room == wait.room)?;
        let index = |name: &String| world.users.iter().position(|user| user == name);
        let users: Vec<usize> = wait.callees.iter().filter_map(index).collect();
        let call = Action::Call { device, room, users, timeout: self.dice.pick(&[5, 30, 0]) };
        if self.dice.one_in(4) {
            let per_minute = world.switchboard.limits().calls_per_minute;
            self.next.extend([another_rate(per_minute), call, Action::Flush {}]);
            return Some(another_rate(0));
        }
        self.next.extend([call, Action::Flush {}]);
        let ms = wait.from.saturating_sub(world.now);
        Some(Action::Pass { ms: ms.saturating_sub(self.dice.pick(&[0, 0, 0, 1])) })
    }
}

fn another_rate(per_minute: u32) -> Action {
    let limits = LimitsChange { calls_per_minute: Some(per_minute), ..LimitsChange::default() };
    Action::ChangeRules { policy: PolicyChange::default(), limits }
}
