//! Looking things up: rooms, and what ties a user to one. It changes nothing.

use super::Switchboard;
use super::state::{Call, Parties, Phase, Room, Seat, User, role};
use super::ties::Knot;
use crate::names::Named as _;
use crate::store::NONE;
use crate::{ActiveCalls, Actor, DeviceId, Membership, Refusal, RoomId, UserId};

/// A room that is open, and the slot of its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open<'a> {
    pub(super) at: u32,
    pub(super) room: &'a Room,
}

/// Of whom nothing is known.
static NOBODY: User = User::NOTHING;

impl User {
    #[inline]
    pub(super) const fn calls(&self) -> Knot {
        Knot { heads: [self.live.first, self.ended.first], count: self.calls }
    }

    /// Of the same knot the live ones.
    #[inline]
    const fn live_calls(&self) -> Knot {
        Knot { heads: [self.live.first, NONE], count: self.calls }
    }

    /// Of the same knot those that have ended.
    #[inline]
    const fn ended_calls(&self) -> Knot {
        Knot { heads: [self.ended.first, NONE], count: self.calls }
    }

    #[inline]
    pub(super) const fn seats(&self) -> Knot {
        Knot { heads: [self.seats.first, NONE], count: self.seated }
    }
}

impl Switchboard {
    ///
    #[inline]
    pub(super) fn room(&self, room: RoomId) -> Result<Open<'_>, Refusal> {
        self.opened(room).ok_or(Refusal::NoSuchRoom)
    }

    #[inline]
    pub(super) fn opened(&self, room: RoomId) -> Option<Open<'_>> {
        let slot = self.names.rooms.get(room.0)?;
        slot.state.is_open().then_some(Open { at: room.0.slot(), room: &slot.state })
    }

    /// What is known of the user whose name is in a slot.
    #[inline]
    pub(super) fn user(&self, user: u32) -> &User {
        self.names.users.state(user).unwrap_or(&NOBODY)
    }

    #[inline]
    pub(super) fn call(&self, at: u32) -> Option<&Call> {
        self.calls.arena.get(at)
    }

    /// The live attempt of a callee for a room.
    #[inline]
    pub(super) fn live_call(&self, room: u32, callee: u32) -> Option<(u32, &Call)> {
        let user = self.user(callee);
        // C-07: then there is no other.
        if self.policy.active_calls == ActiveCalls::PerUser {
            let call = self.call(user.live.first).filter(|call| call.room == room)?;
            return Some((user.live.first, call));
        }
        self.tied(callee, room, user.live_calls(), Call::is_live)
    }

    /// The record of a callee in a room's list.
    #[inline]
    pub(super) fn record(&self, room: u32, callee: u32) -> Option<(u32, &Call)> {
        self.tied(callee, room, self.user(callee).calls(), Call::is_listed)
    }

    /// The last ending of a callee in a room, if it is remembered (E-18).
    #[inline]
    pub(super) fn remembered(&self, room: u32, callee: u32) -> Option<(u32, &Call)> {
        self.tied(callee, room, self.user(callee).ended_calls(), |call| call.is_remembered)
    }

    /// The kept record of a callee in a room's list.
    #[inline]
    pub(super) fn kept(&self, room: u32, callee: u32) -> Option<u32> {
        let is_kept = |call: &Call| call.phase == Phase::Kept;
        self.calls.find(self.user(callee).ended_calls(), callee, room, is_kept)
    }

    #[inline]
    fn tied(
        &self,
        callee: u32,
        room: u32,
        knot: Knot,
        is: impl Fn(&Call) -> bool,
    ) -> Option<(u32, &Call)> {
        let at = self.calls.find(knot, callee, room, is)?;
        Some((at, self.call(at)?))
    }

    /// What a user is in a room, if anything.
    #[inline(always)]
    pub(super) fn seat(&self, room: u32, user: u32) -> Option<(u32, &Seat)> {
        // Most people are in no room, and most others in one.
        let seats = self.user(user).seats();
        if seats.count == 0 {
            return None;
        }
        let first = self.seats.arena.get(seats.heads[0]).filter(|seat| seat.room == room);
        match first {
            Some(seat) => Some((seats.heads[0], seat)),
            None => self.further_seat(seats, room, user),
        }
    }

    #[cold]
    fn further_seat(&self, seats: Knot, room: u32, user: u32) -> Option<(u32, &Seat)> {
        let at = self.seats.find(seats, user, room, |_| true)?;
        Some((at, self.seats.arena.get(at)?))
    }

    #[inline]
    pub(super) fn is_present(&self, room: u32, user: u32) -> bool {
        self.seat(room, user).is_some_and(|(_, seat)| seat.is_present)
    }

    #[inline]
    pub(super) fn standing(&self, open: Open<'_>, by: Actor) -> Membership {
        let Actor::Device { user, .. } = by else {
            return Membership::Backend;
        };
        let seat = self.seat(open.at, user.0.slot()).map(|(_, seat)| seat);
        let role = role(open.room, user.0.slot(), seat);
        match seat {
            Some(Seat { is_present: true, .. }) => Membership::Inside(role),
            _ => Membership::Outside(role),
        }
    }

    /// The call in handles.
    #[inline]
    pub(super) fn parties(&self, call: &Call) -> Parties {
        Parties {
            attempt: call.number(),
            room: RoomId(self.names.rooms.handle(call.room)),
            callee: UserId(self.names.users.handle(call.callee)),
            caller: UserId(self.names.users.handle(call.caller)),
            device: DeviceId(self.names.devices.handle(call.device)),
        }
    }
}
