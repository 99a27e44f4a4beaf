//! The third phase: the only code that changes calls, and the only place that makes effects.

mod ended;
mod rooms;

use alloc::vec::Vec;

use super::Switchboard;
use super::state::{Call, Cause, Parties};
use super::tell;
use crate::{
    Actor, Attempt, Audience, CallStatus, Command, DeviceId, Effect, Event, Input, Role, RoomId,
    Rule, Timeout, UserId,
};

/// One thing that `decide` found is to happen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Change {
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
    Ring {
        callee: UserId,
    },
    /// A new attempt that ends at once, since its callee is in another room.
    RejectAtOnce {
        callee: UserId,
    },
    End {
        attempt: Attempt,
        /// Where it is stored.
        call: u32,
        ending: Cause,
        because: Rule,
    },
    /// A kept record goes.
    Remove {
        attempt: Attempt,
        /// Where it is stored.
        call: u32,
        because: Rule,
    },
}

impl Change {
    /// The attempt that it is about, by which changes are ordered (O-01); number 0 if about none.
    pub(super) const fn attempt(&self) -> Attempt {
        match self {
            Self::End { attempt, .. } | Self::Remove { attempt, .. } => *attempt,
            Self::OpenRoom { .. }
            | Self::Dissolve { .. }
            | Self::Enter { .. }
            | Self::Leave { .. }
            | Self::SetRole { .. }
            | Self::Ring { .. }
            | Self::RejectAtOnce { .. } => Attempt::new(0),
        }
    }
}

/// What the new calls of one input have in common.
#[derive(Clone, Copy, Debug)]
struct Calling<'a> {
    room: RoomId,
    caller: UserId,
    device: DeviceId,
    timeout: Timeout,
    extension: &'a str,
}

impl<'a> Calling<'a> {
    /// `None` of an input that is no call by a device: then nobody is called.
    #[inline]
    const fn of(input: &Input<'a>) -> Option<Self> {
        let Input::Ask { by: Actor::Device { user: caller, device }, command } = *input else {
            return None;
        };
        let Command::CallUserToRoom { room, timeout, extension, .. } = command else {
            return None;
        };
        Some(Self { room, caller, device, timeout, extension })
    }
}

/// Who is told of an ending besides the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Told {
    CalleeAndRoom,
    /// It never rang (C-08).
    Room,
    /// There is no room left (F-11).
    Callee,
}

impl Switchboard {
    #[inline]
    pub(super) fn commit(&mut self, change: &Change, input: &Input<'_>, effects: &mut Vec<Effect>) {
        match *change {
            Change::Ring { callee } => {
                if let Some(calling) = Calling::of(input) {
                    self.ring(callee, &calling, effects);
                }
            }
            Change::RejectAtOnce { callee } => {
                if let Some(calling) = Calling::of(input) {
                    let (at, _) = self.make(callee, &calling);
                    self.end(at, Cause::InOtherRoom, Rule::C08, Told::Room, effects);
                }
            }
            Change::End { attempt, call, ending, because } => {
                debug_assert_eq!(self.call(call).map(Call::number), Some(attempt), "as planned");
                self.end(call, ending, because, Told::CalleeAndRoom, effects);
            }
            Change::Remove { attempt, call, because } => {
                debug_assert_eq!(self.call(call).map(Call::number), Some(attempt), "as planned");
                self.remove_kept(call, because, effects);
            }
            Change::OpenRoom { room, owner } => self.open_room(room, owner),
            Change::Dissolve { room, by } => self.dissolve(room, by, effects),
            Change::Enter { room, user } => self.enter(room, user),
            Change::Leave { room, user } => self.leave(room, user),
            Change::SetRole { room, user, role } => self.set_role(room, user, role),
        }
    }

    /// C-01, C-02, C-10
    #[inline]
    fn ring(&mut self, callee: UserId, calling: &Calling<'_>, effects: &mut Vec<Effect>) {
        let (at, replaced) = self.make(callee, calling);
        let Some(call) = self.call(at) else {
            return;
        };
        let room = calling.room;
        let time_left = call.deadline().map(|deadline| self.clock.until(deadline));
        let status = CallStatus::Calling;
        let told = Effect {
            to: Audience::User(callee),
            room,
            attempt: call.number(),
            call: crate::RoomCall { caller: calling.caller, callee, status },
            event: Event::CallReceived { time_left },
            because: Rule::C01,
        };
        let because = if replaced { Rule::C10 } else { Rule::C02 };
        let listed =
            Effect { to: Audience::Room(room), event: tell::room(told.call), because, ..told };
        effects.push(told);
        effects.push(listed);
    }

    /// Makes a live attempt (C-06), in the place of a kept record if there is one (C-10), and says
    /// where it is and whether there was.
    #[inline]
    fn make(&mut self, callee: UserId, calling: &Calling<'_>) -> (u32, bool) {
        let (room, callee) = (calling.room.0.slot(), callee.0.slot());
        let (caller, device) = (calling.caller.0.slot(), calling.device.0.slot());
        self.attempts = self.attempts.saturating_add(1);
        let attempt = Attempt::new(self.attempts);
        let deadline = self.clock.deadline(calling.timeout);
        // The limits keep their number below that of the texts there can be.
        let extension = self.texts.insert(calling.extension).unwrap_or_default();
        self.names.users.retain(callee);
        self.names.users.retain(caller);
        self.names.devices.retain(device);
        let kept = self.kept(room, callee);
        if let Some(kept) = kept {
            debug_assert!(!self.call(kept).is_some_and(Call::is_live), "C-05");
            self.unkeep(kept);
        }
        let call = Call::ringing(attempt, deadline, (room, callee), (caller, device), extension);
        let at = self.calls.arena.insert(call);
        if let Timeout::After(length) = calling.timeout {
            self.due.insert(&mut self.calls.arena, at, length.get());
        }
        if let Some(room) = self.names.rooms.state_mut(room) {
            room.list.push(&mut self.calls.arena, Call::IN_ROOM, at);
            room.listed = room.listed.saturating_add(1);
            room.live = room.live.saturating_add(1);
            room.fences.listed(&mut self.calls.arena, at, room.listed);
        }
        if let Some(user) = self.names.users.state_mut(callee) {
            user.live.push(&mut self.calls.arena, Call::TO_CALLEE, at);
            user.calls = user.calls.saturating_add(1);
            self.calls.tied(user.calls(), at);
        }
        self.live = self.live.saturating_add(1);
        (at, kept.is_some())
    }

    /// T-01, E-15: ends one live attempt, once (E-01 to E-07); of one that is not live there is nothing to
    /// end.
    #[inline]
    pub(super) fn end(
        &mut self,
        at: u32,
        ending: Cause,
        because: Rule,
        told: Told,
        effects: &mut Vec<Effect>,
    ) {
        let live = self.call(at).filter(|call| call.is_live()).copied();
        let (Some(call), Some(status)) = (live, CallStatus::Calling.after(ending.how())) else {
            debug_assert!(false, "only a live attempt ends");
            return;
        };
        let parties = self.parties(&call);
        let former = self.remembered(call.room, call.callee).map(|(former, _)| former);
        self.stop(at, &call);
        self.settle_record(at, &call, ending, status);
        self.forget_former(call.room, former);
        self.tell(ending, because, told, &parties, status, effects);
        if status != CallStatus::None {
            self.evict(call.room, effects);
        }
    }

    /// The attempt is no longer live: its deadline and its text go.
    #[inline]
    fn stop(&mut self, at: u32, call: &Call) {
        if call.deadline().is_some() {
            self.due.remove(&mut self.calls.arena, at);
        }
        if call.extension > 0 {
            self.texts.remove(call.extension);
        }
        self.live = self.live.saturating_sub(1);
        self.endings = self.endings.saturating_add(1);
    }

    /// O-01: callee, caller, room.
    #[inline]
    fn tell(
        &self,
        ending: Cause,
        because: Rule,
        told: Told,
        call: &Parties,
        status: CallStatus,
        effects: &mut Vec<Effect>,
    ) {
        let (room, attempt, call_told) = (call.room, call.attempt, call.told(status));
        let mut say = |to, event| {
            effects.push(Effect { to, room, attempt, call: call_told, event, because });
        };
        if told != Told::Room {
            let (to, event) = tell::callee(ending, call);
            say(to, event);
        }
        if let Some(event) = tell::caller(ending) {
            say(tell::outcome_audience(self.policy.outcomes_to, call), event);
        }
        if told != Told::Callee {
            say(Audience::Room(room), tell::room(call_told));
        }
    }
}
