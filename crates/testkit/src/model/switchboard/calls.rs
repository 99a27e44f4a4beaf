//! Calling (rules C). The checks stand in the order of R-01.

use roomcall::protocol::{Actor, Audience, Event, Refused};
use roomcall::{
    ActiveCalls, CallRejectionReason, CallResult, CallStatus, InOtherRoom, MayCall, Role, Rule,
};

use super::endings::End;
use super::{Call, LAST_NUMBER, Model, Room, fits, refuse};

/// What a caller asks for besides the callees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ring<'a> {
    pub(super) room: &'a str,
    pub(super) timeout: u32,
    pub(super) extension: &'a str,
    /// On whose behalf (P-10).
    pub(super) caller: Option<&'a str>,
}

/// Whose call it is, and the device that made it, if one did (P-11).
fn caller<'a>(
    by: &'a Actor,
    named: Option<&'a str>,
) -> Result<(&'a str, Option<&'a str>), Refused> {
    match (by, named) {
        (Actor::Device { .. }, Some(_)) => Err(refuse(-2310, Rule::P10)),
        (Actor::Device { user, device }, None) => Ok((user, Some(device))),
        (Actor::Backend, Some(user)) => Ok((user, None)),
        (Actor::Backend, None) => Err(refuse(-2101, Rule::P01)),
    }
}

impl Model {
    pub(super) fn call(
        &mut self,
        by: &Actor,
        users: &[String],
        ring: Ring<'_>,
    ) -> Result<Vec<(String, CallResult)>, Refused> {
        self.check_ids(by, ring.room, users)?;
        if let Some(caller) = ring.caller {
            self.check_user(by, caller)?;
        }
        let callees = self.distinct(users)?;
        // L-04, L-05, L-06
        if ring.timeout > self.limits.timeout_max {
            return Err(refuse(-1001, Rule::L04));
        }
        if ring.timeout == 0 && !self.limits.never {
            return Err(refuse(-1001, Rule::L05));
        }
        if !fits(ring.extension.len(), self.limits.extension_bytes) {
            return Err(refuse(-1001, Rule::L06));
        }
        let room = self.open_room(ring.room)?;
        // P-10, P-01
        let (user, device) = caller(by, ring.caller)?;
        if !room.has_inside(user) {
            return Err(refuse(-2101, Rule::P01));
        }
        // P-02: the backend may call on behalf of every participant.
        let is_participant = room.role(user) == Role::Participant;
        if device.is_some() && self.policy.may_call == MayCall::Admins && is_participant {
            return Err(refuse(-2301, Rule::P02));
        }
        let mut results = Vec::new();
        for callee in callees {
            let result = self.call_result(room, &callee);
            results.push((callee, result));
        }
        // L-16, L-07, L-08, L-14; C-12: until all four are judged nothing has changed.
        let new = results.iter().filter(|(_, result)| *result == CallResult::Success).count();
        // L-16: each refused try that would be logged counts, too.
        let is_logged = |(callee, result): &&(String, CallResult)| {
            *result == CallResult::AlreadyInCalling && self.logs_try(&room.name, user, callee)
        };
        let tries = results.iter().filter(is_logged).count();
        let to_come = self.revision_to_come(new as u64) + tries as u64;
        if new + tries > 0 && to_come > LAST_NUMBER {
            return Err(refuse(-2, Rule::L16));
        }
        // E-20: who is expected counts as what is live.
        let in_room = self.live_in(ring.room) + self.expected_in(ring.room) + new;
        if new > 0 && !fits(in_room, self.limits.live_calls_per_room) {
            return Err(refuse(-2, Rule::L07));
        }
        let in_all = self.live.len() + self.expected.len() + new;
        if new > 0 && !fits(in_all, self.limits.live_calls) {
            return Err(refuse(-2, Rule::L08));
        }
        // P-11: what no device made is neither counted nor refused.
        if device.is_some() {
            let sum = self.check_rate(user, new)?;
            self.count_calls(user, sum);
        }
        // C-13: one after another.
        for (callee, result) in &results {
            match result {
                CallResult::Success => self.start(ring, user, device, callee),
                CallResult::AlreadyInCalling => self.log_try(ring.room, user, callee),
                CallResult::AlreadyInRoom => {}
            }
        }
        Ok(results)
    }

    fn call_result(&self, room: &Room, callee: &str) -> CallResult {
        // C-04
        if room.has_inside(callee) {
            return CallResult::AlreadyInRoom;
        }
        // C-05
        if self.called_already(&room.name, callee).next().is_some() {
            return CallResult::AlreadyInCalling;
        }
        // C-06
        CallResult::Success
    }

    /// The attempts by which a callee is being called already, or is expected in a room (C-05, E-20).
    pub(super) fn called_already(&self, room: &str, callee: &str) -> impl Iterator<Item = &Call> {
        self.counted(room, callee).chain(self.expectation(room, callee))
    }

    /// The live attempts that the policy counts for a call of a callee into a room (C-07).
    fn counted(&self, room: &str, callee: &str) -> impl Iterator<Item = &Call> {
        let counts = move |call: &&Call| match self.policy.active_calls {
            ActiveCalls::PerUser => call.callee == callee,
            ActiveCalls::PerRoom => call.callee == callee && call.room == room,
        };
        self.live.iter().filter(counts)
    }

    /// A new attempt (C-06).
    fn start(&mut self, ring: Ring<'_>, user: &str, device: Option<&str>, callee: &str) {
        self.made += 1;
        // T-05, T-06
        let length = u64::from(ring.timeout).saturating_mul(1000);
        let deadline = (ring.timeout > 0).then(|| self.clock.saturating_add(length));
        let call = Call {
            attempt: self.last_attempt(),
            room: ring.room.to_owned(),
            caller: user.to_owned(),
            device: device.map(str::to_owned),
            callee: callee.to_owned(),
            deadline,
            extension: ring.extension.to_owned(),
            rung: false,
        };
        // C-10
        let replaced = self.room_mut(ring.room).and_then(|room| room.take_kept(callee)).is_some();
        let elsewhere =
            self.rooms.iter().any(|room| room.name != ring.room && room.has_inside(callee));
        if elsewhere && self.policy.in_other_room == InOtherRoom::Reject {
            // C-08
            let reason = CallRejectionReason::InOtherRoom;
            let rejected = Event::CallRejected { call: call.named(CallStatus::Rejected), reason };
            self.notify_caller(&call, rejected, Rule::C08);
            self.notify_room(&call, CallStatus::Rejected, Rule::C08);
            self.settle(call, &End::InOtherRoom);
            return;
        }
        // C-01
        let received = Event::CallReceived {
            call: call.named(CallStatus::Calling),
            extension: call.extension.clone(),
            time_left: call.time_left(self.clock),
        };
        self.notify(Audience::User(callee.to_owned()), received, Rule::C01);
        // C-02
        let because = if replaced { Rule::C10 } else { Rule::C02 };
        self.notify_room(&call, CallStatus::Calling, because);
        self.live.push(call);
    }
}
