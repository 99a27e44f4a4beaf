//! One call at a time (C-07): to a user, or to a user in each room, as the policy has it. Neither does a snapshot list two,
//! nor does a device that was told to ring for the next one hear later that the one before stops.
//!
//! It cannot see two calls of which no device is told both.

use roomcall::protocol::LiveCall;
use roomcall::{ActiveCalls, Rule};

use super::super::claims::How;
use super::super::state::State;

impl State {
    /// A snapshot lists the calls to a user.
    pub(super) fn are_single(&mut self, calls: &[LiveCall]) {
        if !self.knows_rules() {
            return;
        }
        let per_user = self.settings.policy.active_calls == ActiveCalls::PerUser;
        for (nth, call) in calls.iter().enumerate() {
            let other = calls.iter().take(nth).find(|other| per_user || other.room == call.room);
            if let Some(other) = other {
                let message = format!("attempts {} and {} both ring", other.attempt, call.attempt);
                self.wrong(Rule::C07, message, vec![self.now.line]);
            }
        }
    }

    /// A connection rings: for the last call of all, and whatever rang there before is over.
    pub(super) fn rings_alone(&mut self, number: u64, connection: u64) {
        let line = self.now.line;
        let Some(of) = self.connections.get_mut(&connection) else { return };
        let last = of.last_ring.replace((number, line));
        let before: Vec<u64> = of.rings.iter().copied().collect();
        of.rings.insert(number);
        let is_apart = !self.is_at_authority();
        if let Some((last, at)) = last.filter(|(last, _)| is_apart && *last > number) {
            let message = format!("connection {connection} rings for {last}, then for {number}");
            return self.wrong(Rule::C06, message, vec![at, line]);
        }
        if !self.knows_rules() {
            return;
        }
        let per_user = self.settings.policy.active_calls == ActiveCalls::PerUser;
        let room = |state: &Self, number| {
            state
                .attempts
                .get(&number)
                .and_then(|it| it.room.as_ref().map(|(room, _)| room.clone()))
        };
        let of_call = room(self, number);
        for earlier in before.into_iter().filter(|earlier| *earlier != number) {
            if per_user || of_call.is_some() && room(self, earlier) == of_call {
                if let Some(told) = self.told(earlier, connection) {
                    told.overtaken.get_or_insert(line);
                }
                if let Some(of) = self.connections.get_mut(&connection) {
                    of.rings.remove(&earlier);
                }
                self.is_over(earlier, &How::SOMEHOW);
            }
        }
    }
}
