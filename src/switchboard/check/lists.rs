//! The lists (INV-04): each is joined as it must be, has what it must have and nothing else, and
//! every record is in the lists that it must be in. What is counted on the way is compared with
//! what is stored, and is what a restored switchboard stores.

use super::{Broken, Tally, require};
use crate::Rule;
use crate::store::{Arena, Chain, Lanes, NONE};
use crate::switchboard::Switchboard;
use crate::switchboard::fences::GAP;
use crate::switchboard::state::{Call, Phase, Room, Seat, User};

/// Walks along a list of at most as many records as there are and gives how many it has, once each
/// link is answered by its neighbour and `is` holds of each record and the one before.
#[inline]
fn walk<T: Lanes>(
    arena: &Arena<T>,
    lane: usize,
    chain: Chain,
    mut is: impl FnMut(u32, &T, Option<&T>) -> bool,
) -> Result<u32, Broken> {
    let (mut count, mut prev, mut at, mut before) = (0_u32, NONE, chain.first, None);
    while at != NONE {
        let Some(record) = arena.get(at).filter(|_| count < arena.len()) else {
            return Err(Broken(Rule::Inv04));
        };
        let links = record.links(lane);
        let is_joined = record.next_free().is_none() && links.prev == prev;
        require(is_joined && is(at, record, before), Rule::Inv04)?;
        count = count.saturating_add(1);
        (prev, at, before) = (at, links.next, Some(record));
    }
    require(chain.last == prev, Rule::Inv04)?;
    Ok(count)
}

/// Records that were met on walks.
#[derive(Default)]
pub(in crate::switchboard) struct Met {
    listed: u32,
    ended: u32,
    seats: u32,
    live: u32,
    calls: u32,
    seated: u32,
}

/// What is counted of a room on its lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::switchboard) struct OfRoom {
    live: u32,
    listed: u32,
    pub(in crate::switchboard) fences: usize,
    kept: u32,
    oldest_kept: u32,
    remembered: u32,
    oldest_remembered: u32,
    present: u32,
    admins: u32,
}

impl OfRoom {
    const NOTHING: Self = Self {
        live: 0,
        listed: 0,
        fences: 0,
        kept: 0,
        oldest_kept: NONE,
        remembered: 0,
        oldest_remembered: NONE,
        present: 0,
        admins: 0,
    };

    /// What the room says.
    fn stored(room: &Room) -> Self {
        Self {
            live: room.live,
            listed: room.listed,
            fences: room.fences.iter().count(),
            kept: room.kept,
            oldest_kept: room.oldest_kept,
            remembered: room.remembered,
            oldest_remembered: room.oldest_remembered,
            present: room.present,
            admins: room.admins,
        }
    }

    /// The room is told all of it but its fences.
    pub(in crate::switchboard) fn store(self, room: &mut Room) {
        (room.live, room.listed) = (self.live, self.listed);
        (room.kept, room.oldest_kept) = (self.kept, self.oldest_kept);
        (room.remembered, room.oldest_remembered) = (self.remembered, self.oldest_remembered);
        (room.present, room.admins) = (self.present, self.admins);
    }
}

/// What is counted of a user: calls, and seats.
type OfUser = (u32, u32);

/// Verifying what is stored.
impl Switchboard {
    pub(super) fn check_lists(&self, tally: &Tally) -> Result<(), Broken> {
        let mut met = Met::default();
        for (slot, at) in self.names.rooms.slots().iter().zip(0_u32..) {
            let room = &slot.state;
            let found = self.walk_room(at, room, &mut met)?;
            require(found == OfRoom::stored(room), Rule::Inv04)?;
            require(self.marked(room).eq(room.fences.iter()), Rule::Inv04)?;
            require(slot.is_taken() || !room.is_open(), Rule::Inv04)?;
            self.check_room(room)?;
        }
        let mut far = 0_usize;
        for (slot, at) in self.names.users.slots().iter().zip(0_u32..) {
            let user = &slot.state;
            if (user.calls, user.seated) == (0, 0) && user.is_idle() {
                continue;
            }
            require(slot.is_taken(), Rule::Inv04)?;
            let found = self.walk_user(at, user, &mut met)?;
            require(found == (user.calls, user.seated), Rule::Inv04)?;
            self.check_user(at, user)?;
            self.check_index(user)?;
            far = far.saturating_add(self.calls.far_of(user.calls));
        }
        require(far == self.calls.far(), Rule::Inv04)?;
        self.check_met(&met, tally)
    }

    /// Whether the records of a user are in the index of those who have many, and only those.
    fn check_index(&self, user: &User) -> Result<(), Broken> {
        let (calls, seats) = (&self.calls, &self.seats);
        let mut all_calls = [user.live, user.ended]
            .into_iter()
            .flat_map(|list| list.iter(&calls.arena, Call::TO_CALLEE));
        let mut all_seats = user.seats.iter(&seats.arena, Seat::OF_USER);
        let are_found = all_calls.all(|(at, _)| calls.is_found(user.calls, at))
            && all_seats.all(|(at, _)| seats.is_found(user.seated, at));
        require(are_found, Rule::Inv04)
    }
}

/// Walking.
impl Switchboard {
    /// Every record was met, and none in two lists of one kind.
    pub(in crate::switchboard) fn check_met(&self, met: &Met, tally: &Tally) -> Result<(), Broken> {
        let calls = self.calls.arena.len();
        let is_all = met.listed == tally.live.saturating_add(tally.kept)
            && met.ended.saturating_add(tally.live) == calls
            && (met.live, met.calls) == (tally.live, calls)
            && (met.seats, met.seated) == (self.seats.arena.len(), self.seats.arena.len());
        require(is_all, Rule::Inv04)
    }

    /// The records of a room's list that are fences, as the room has them.
    pub(in crate::switchboard) fn marked(&self, room: &Room) -> impl Iterator<Item = (u64, u32)> {
        let list = room.list.iter(&self.calls.arena, Call::IN_ROOM);
        list.filter(|(_, call)| call.is_fence).map(|(at, call)| (call.attempt, at))
    }

    pub(in crate::switchboard) fn walk_room(
        &self,
        at: u32,
        room: &Room,
        met: &mut Met,
    ) -> Result<OfRoom, Broken> {
        let (calls, mut of) = (&self.calls.arena, OfRoom::NOTHING);
        let (mut gap, mut widest) = (0_u32, 0);
        of.listed = walk(calls, Call::IN_ROOM, room.list, |_, call, before| {
            of.live = of.live.saturating_add(u32::from(call.is_live()));
            of.fences = of.fences.saturating_add(usize::from(call.is_fence));
            gap = if call.is_fence { 0 } else { gap.saturating_add(1) };
            widest = gap.max(widest);
            let is_later = before.is_none_or(|before| before.attempt < call.attempt);
            call.room == at && call.is_listed() && is_later
        })?;
        let ended = walk(calls, Call::IN_ORDER, room.ended, |position, call, _| {
            let is_kept = call.phase == Phase::Kept;
            if is_kept {
                of.kept = of.kept.saturating_add(1);
                of.oldest_kept = if of.kept == 1 { position } else { of.oldest_kept };
            }
            if call.is_remembered {
                of.remembered = of.remembered.saturating_add(1);
                let is_oldest = of.remembered == 1;
                of.oldest_remembered = if is_oldest { position } else { of.oldest_remembered };
            }
            call.room == at && !call.is_live() && (is_kept || call.is_remembered)
        })?;
        let seats = walk(&self.seats.arena, Seat::OF_ROOM, room.seats, |_, seat, _| {
            of.present = of.present.saturating_add(u32::from(seat.is_present));
            of.admins = of.admins.saturating_add(u32::from(seat.is_admin));
            let is_owner_only = !(seat.is_admin && seat.user == room.owner);
            seat.room == at && is_owner_only && (seat.is_present || seat.is_admin)
        })?;
        let is_named = || self.names.users.at(room.owner).is_some_and(crate::names::Slot::is_taken);
        let is_owned = room.owner == NONE || room.is_open() && is_named();
        let is_nothing = of.listed == 0 && ended == 0 && seats == 0;
        let is_sound = widest <= GAP && is_owned && (room.is_open() || is_nothing);
        require(is_sound, Rule::Inv04)?;
        met.listed = met.listed.saturating_add(of.listed);
        met.ended = met.ended.saturating_add(ended);
        met.seats = met.seats.saturating_add(seats);
        Ok(of)
    }

    pub(in crate::switchboard) fn walk_user(
        &self,
        at: u32,
        user: &User,
        met: &mut Met,
    ) -> Result<OfUser, Broken> {
        let calls = &self.calls.arena;
        let is_later =
            |call: &Call, before: Option<&Call>| before.is_none_or(|it| it.attempt < call.attempt);
        let live = walk(calls, Call::TO_CALLEE, user.live, |_, call, before| {
            call.callee == at && call.is_live() && is_later(call, before)
        })?;
        let ended = walk(calls, Call::TO_CALLEE, user.ended, |_, call, before| {
            call.callee == at && !call.is_live() && is_later(call, before)
        })?;
        let seated = walk(&self.seats.arena, Seat::OF_USER, user.seats, |_, seat, before| {
            let is_first = !seat.is_present || before.is_none_or(|it| it.is_present);
            seat.user == at && is_first
        })?;
        let count = live.saturating_add(ended);
        met.live = met.live.saturating_add(live);
        met.calls = met.calls.saturating_add(count);
        met.seated = met.seated.saturating_add(seated);
        Ok((count, seated))
    }

    /// What ties a user to rooms, once the lists are sound: each is found, and so is the only one of
    /// its kind.
    pub(in crate::switchboard) fn check_user(&self, at: u32, user: &User) -> Result<(), Broken> {
        for (position, seat) in user.seats.iter(&self.seats.arena, Seat::OF_USER) {
            let found = self.seat(seat.room, at).map(|(found, _)| found);
            require(found == Some(position), Rule::Inv04)?;
        }
        for list in [user.live, user.ended] {
            let mut calls = list.iter(&self.calls.arena, Call::TO_CALLEE);
            calls.try_for_each(|(position, call)| self.check_call(position, call, user))?;
        }
        Ok(())
    }
}

impl User {
    /// Whether the lists are empty.
    pub(in crate::switchboard) fn is_idle(&self) -> bool {
        [self.live, self.ended, self.seats] == [Chain::EMPTY; 3]
    }
}
