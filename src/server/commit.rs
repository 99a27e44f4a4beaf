//! The third phase: the only code that changes calls, and the only place that makes effects.

mod rooms;

use alloc::vec::Vec;

use super::Switchboard;
use super::state::{Call, CallState, Ending, Remembered};
use super::tell;
use crate::protection::{Protection, holds};
use crate::{
    Actor, Attempt, CallStatus, DeviceId, Effect, Event, Role, RoomId, Rule, Timeout, UserId,
};

/// One thing that `decide` found is to happen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change<'a> {
    OpenRoom {
        room: RoomId,
        owner: UserId,
    },
    Dissolve {
        room: RoomId,
        by: Actor,
    },
    Enter {
        room: RoomId,
        user: UserId,
    },
    Leave {
        room: RoomId,
        user: UserId,
    },
    SetRole {
        room: RoomId,
        user: UserId,
        role: Role,
    },
    /// A new attempt that rings.
    Ring(NewCall<'a>),
    /// A new attempt that ends at once, since its callee is in another room.
    RejectAtOnce(NewCall<'a>),
    End {
        attempt: Attempt,
        ending: Ending,
        because: Rule,
    },
    /// A kept record goes.
    Remove {
        attempt: Attempt,
        because: Rule,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) struct NewCall<'a> {
    pub(super) room: RoomId,
    pub(super) callee: UserId,
    pub(super) caller: UserId,
    pub(super) device: DeviceId,
    pub(super) timeout: Timeout,
    pub(super) extension: &'a str,
}

/// Who is told of an ending besides the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    CalleeAndRoom,
    /// It never rang (C-08).
    Room,
    /// There is no room left (F-11).
    Callee,
}

impl Switchboard {
    pub(super) fn commit(&mut self, change: Change<'_>, effects: &mut Vec<Effect>) {
        match change {
            Change::OpenRoom { room, owner } => self.open_room(room, owner),
            Change::Dissolve { room, by } => self.dissolve(room, by, effects),
            Change::Enter { room, user } => self.enter(room, user),
            Change::Leave { room, user } => self.leave(room, user),
            Change::SetRole { room, user, role } => self.set_role(room, user, role),
            Change::Ring(call) => self.ring(call, effects),
            Change::RejectAtOnce(call) => {
                let (attempt, _) = self.make(call);
                self.end(attempt, Ending::InOtherRoom, Rule::C08, Told::Room, effects);
            }
            Change::End { attempt, ending, because } => {
                self.end(attempt, ending, because, Told::CalleeAndRoom, effects);
            }
            Change::Remove { attempt, because } => self.remove_kept(attempt, because, effects),
        }
    }

    /// C-01, C-02, C-10
    fn ring(&mut self, new: NewCall<'_>, effects: &mut Vec<Effect>) {
        let (attempt, replaced) = self.make(new);
        let Some(call) = self.calls.get(&attempt) else {
            return;
        };
        let CallState::Live { deadline, .. } = call.state else {
            return;
        };
        let time_left = deadline.map(|deadline| self.clock.until(deadline));
        let told = Effect {
            to: crate::Audience::User(new.callee),
            room: new.room,
            attempt,
            call: call.told(CallStatus::Calling),
            event: Event::CallReceived { time_left },
            because: Rule::C01,
        };
        let because = if replaced { Rule::C10 } else { Rule::C02 };
        let to = crate::Audience::Room(new.room);
        let listed = Effect { to, event: tell::room(told.call), because, ..told };
        effects.extend([told, listed]);
    }

    /// Makes a live attempt (C-06), in the place of a kept record if there is one (C-10), and says
    /// whether there was.
    fn make(&mut self, new: NewCall<'_>) -> (Attempt, bool) {
        self.attempts = self.attempts.saturating_add(1);
        let attempt = Attempt::new(self.attempts);
        let deadline = self.clock.deadline(new.timeout);
        let kept =
            self.rooms.get(&new.room).and_then(|room| room.records.get(&new.callee).copied());
        let call = Call {
            room: new.room,
            callee: new.callee,
            caller: new.caller,
            device: new.device,
            state: CallState::Live { deadline, extension: new.extension.into() },
        };
        self.retain_call(&call);
        self.calls.insert(attempt, call);
        if let Some(kept) = kept {
            debug_assert!(!self.calls.get(&kept).is_some_and(Call::is_live), "C-05");
            self.take_record(kept);
        }
        if let Some(room) = self.rooms.get_mut(&new.room) {
            room.records.insert(new.callee, attempt);
            room.list.insert(attempt);
            room.live = room.live.saturating_add(1);
        }
        self.users.entry(new.callee).or_default().live.insert(attempt);
        self.due.extend(deadline.map(|deadline| (deadline, attempt)));
        self.live = self.live.saturating_add(1);
        (attempt, kept.is_some())
    }

    /// T-01, E-15: ends one live attempt, once; of one that is not live there is nothing to end.
    fn end(
        &mut self,
        attempt: Attempt,
        ending: Ending,
        because: Rule,
        told: Told,
        effects: &mut Vec<Effect>,
    ) {
        let live = self.calls.get(&attempt).filter(|call| call.is_live()).cloned();
        let (Some(call), Some(status)) = (live, CallStatus::Calling.after(ending.how())) else {
            debug_assert!(false, "only a live attempt ends");
            return;
        };
        self.endings = self.endings.saturating_add(1);
        self.stop(attempt, &call);
        self.remember(attempt, ending, &call);
        self.tell(attempt, ending, because, told, &call, status, effects);
        match status {
            CallStatus::None => self.take_record(attempt),
            CallStatus::Calling | CallStatus::Timeout | CallStatus::Rejected => {
                self.keep(attempt, call.room, status, effects);
            }
        }
    }

    /// The attempt is no longer live: its deadline and its place among the live ones go.
    fn stop(&mut self, attempt: Attempt, call: &Call) {
        if let CallState::Live { deadline: Some(deadline), .. } = call.state {
            if holds(Protection::TimerOfAttempt) {
                self.due.remove(&(deadline, attempt));
            }
        }
        self.live = self.live.saturating_sub(1);
        if let Some(room) = self.rooms.get_mut(&call.room) {
            room.live = room.live.saturating_sub(1);
        }
        if let Some(user) = self.users.get_mut(&call.callee) {
            user.live.remove(&attempt);
        }
        self.drop_idle_user(call.callee);
    }

    /// E-18
    fn remember(&mut self, attempt: Attempt, ending: Ending, call: &Call) {
        let limit = self.limits.ended_per_room;
        let order = self.endings;
        let new = Remembered { ended: ending.ended(attempt, call), caller: call.caller, order };
        self.retain_remembered(call.callee, &new);
        let Some(room) = self.rooms.get_mut(&call.room) else {
            return;
        };
        let former = room.ended.insert(call.callee, new);
        if let Some(former) = &former {
            room.ended_order.remove(&former.order);
        }
        room.ended_order.insert(order, call.callee);
        self.users.entry(call.callee).or_default().ended.insert(attempt, call.room);
        let mut oldest = None;
        if !super::is_within(room.ended.len(), limit) {
            oldest = room
                .ended_order
                .pop_first()
                .and_then(|(_, callee)| Some((callee, room.ended.remove(&callee)?)));
        }
        if let Some(former) = former {
            self.forget(call.callee, &former);
        }
        if let Some((callee, oldest)) = oldest {
            self.forget(callee, &oldest);
        }
    }

    /// What an ending that a room remembers no more leaves behind elsewhere.
    fn forget(&mut self, callee: UserId, remembered: &Remembered) {
        if let Some(user) = self.users.get_mut(&callee) {
            user.ended.remove(&remembered.ended.attempt);
        }
        self.drop_idle_user(callee);
        self.release_remembered(callee, remembered);
    }

    /// O-01: callee, caller, room.
    #[expect(clippy::too_many_arguments, reason = "an ending and everything that is told of it")]
    fn tell(
        &self,
        attempt: Attempt,
        ending: Ending,
        because: Rule,
        told: Told,
        call: &Call,
        status: CallStatus,
        effects: &mut Vec<Effect>,
    ) {
        let (room, call_told) = (call.room, call.told(status));
        let mut say = |to, event| {
            effects.push(Effect { to, room, attempt, call: call_told, event, because });
        };
        if told != Told::Room && holds(Protection::StopReachesAll) {
            let (to, event) = tell::callee(ending, call);
            say(to, event);
        }
        if let Some(event) = tell::caller(ending) {
            say(tell::outcome_audience(self.policy.outcomes_to, call), event);
        }
        if told != Told::Callee {
            say(crate::Audience::Room(room), tell::room(call_told));
        }
    }

    /// K-01, K-03
    fn keep(
        &mut self,
        attempt: Attempt,
        room: RoomId,
        status: CallStatus,
        effects: &mut Vec<Effect>,
    ) {
        let order = self.endings;
        if let Some(call) = self.calls.get_mut(&attempt) {
            call.state = CallState::Kept { status, order };
        }
        let limit = self.limits.kept_per_room;
        let Some(room) = self.rooms.get_mut(&room) else {
            return;
        };
        room.kept.insert(order, attempt);
        if super::is_within(room.kept.len(), limit) {
            return;
        }
        if let Some((_, &oldest)) = room.kept.first_key_value() {
            self.remove_kept(oldest, Rule::K03, effects);
        }
    }

    /// K-02, K-03
    fn remove_kept(&mut self, attempt: Attempt, because: Rule, effects: &mut Vec<Effect>) {
        let Some(call) = self.calls.get(&attempt) else {
            return;
        };
        let (room, told) = (call.room, call.told(CallStatus::None));
        let (to, event) = (crate::Audience::Room(room), tell::room(told));
        effects.push(Effect { to, room, attempt, call: told, event, because });
        self.take_record(attempt);
    }

    /// Takes a record that is not live, or no longer, out of the room's list.
    fn take_record(&mut self, attempt: Attempt) {
        let Some(call) = self.calls.remove(&attempt) else {
            return;
        };
        if let Some(room) = self.rooms.get_mut(&call.room) {
            room.list.remove(&attempt);
            if room.records.get(&call.callee) == Some(&attempt) {
                room.records.remove(&call.callee);
            }
            if let CallState::Kept { order, .. } = call.state {
                room.kept.remove(&order);
            }
        }
        self.release_call(&call);
    }
}

/// The names that records refer to (N-03).
impl Switchboard {
    fn retain_call(&mut self, call: &Call) {
        self.names.users.retain(call.callee.0);
        self.names.users.retain(call.caller.0);
        self.names.devices.retain(call.device.0);
    }

    fn release_call(&mut self, call: &Call) {
        self.names.users.release(call.callee.0);
        self.names.users.release(call.caller.0);
        self.names.devices.release(call.device.0);
    }

    fn retain_remembered(&mut self, callee: UserId, remembered: &Remembered) {
        for user in remembered.users(callee) {
            self.names.users.retain(user.0);
        }
        if let Some(device) = remembered.ended.device {
            self.names.devices.retain(device.0);
        }
    }

    fn release_remembered(&mut self, callee: UserId, remembered: &Remembered) {
        for user in remembered.users(callee) {
            self.names.users.release(user.0);
        }
        if let Some(device) = remembered.ended.device {
            self.names.devices.release(device.0);
        }
    }
}
