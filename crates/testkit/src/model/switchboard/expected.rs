//! Who accepted, and is not there yet (rules E-20, E-21).

use roomcall::protocol::{Audience, Event};
use roomcall::{CallStatus, Rule};

use super::{Call, Model};

impl Model {
    /// E-20: the callee of what was accepted is expected in its room.
    pub(super) fn expect(&mut self, accepted: Call) {
        // F-19: the policy of now, whatever it becomes.
        let grace = u64::from(self.policy.join_grace).saturating_mul(1000);
        if grace > 0 {
            let deadline = Some(self.clock.saturating_add(grace));
            self.expected.push(Call { deadline, ..accepted });
        }
    }

    /// The accepted attempt because of which a user is expected in a room, if there is one.
    pub(super) fn expectation(&self, room: &str, user: &str) -> Option<&Call> {
        self.expected.iter().find(|call| call.room == room && call.callee == user)
    }

    pub(super) fn expected_in(&self, room: &str) -> usize {
        self.expected.iter().filter(|call| call.room == room).count()
    }

    /// E-20: a user came into a room or was removed from it. Nobody hears of it.
    pub(super) fn expect_no_more(&mut self, room: &str, user: &str) {
        self.expected.retain(|call| call.room != room || call.callee != user);
    }

    /// E-20: a room is gone.
    pub(super) fn expect_nobody_in(&mut self, room: &str) {
        self.expected.retain(|call| call.room != room);
    }

    /// E-21: it is no ending, so nothing is counted, logged or remembered.
    pub(super) fn not_joined(&mut self, attempt: u64) {
        let Some(place) = self.expected.iter().position(|call| call.attempt == attempt) else {
            return;
        };
        let call = self.expected.remove(place);
        let event = Event::CallNotJoined(call.named(CallStatus::None));
        // O-01: caller, room.
        self.notify_caller(&call, event.clone(), Rule::E21);
        self.notify(Audience::Room(call.room), event, Rule::E21);
    }
}
