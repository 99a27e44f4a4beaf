//! The lists (INV-04): each is joined as it must be, has what it must have and nothing else, and
//! every record is in the lists that it must be in.

use super::{Broken, require};
use crate::Rule;
use crate::server::Switchboard;
use crate::server::state::{Call, Phase, Room, Seat, User};
use crate::store::{Arena, Chain, Lanes, NONE};

/// Walks along a list of at most `most` records and gives how many there are, once each link is
/// answered by its neighbour and `is` holds of each record and the one before.
fn walk<T: Lanes>(
    arena: &Arena<T>,
    lane: usize,
    chain: Chain,
    mut is: impl FnMut(u32, &T, Option<&T>) -> bool,
) -> Result<u32, Broken> {
    let (mut count, mut prev, mut at) = (0_u32, NONE, chain.first);
    while at != NONE {
        let Some(record) = arena.get(at).filter(|_| count < arena.len()) else {
            return Err(Broken(Rule::Inv04));
        };
        let links = record.links(lane);
        let is_joined = record.next_free().is_none() && links.prev == prev;
        require(is_joined && is(at, record, arena.get(prev)), Rule::Inv04)?;
        count = count.saturating_add(1);
        (prev, at) = (at, links.next);
    }
    require(chain.last == prev, Rule::Inv04)?;
    Ok(count)
}

/// Records that were met on walks.
#[derive(Default)]
struct Met {
    listed: u32,
    ended: u32,
    seats: u32,
    live: u32,
    calls: u32,
    seated: u32,
    far: usize,
}

impl Switchboard {
    pub(super) fn check_lists(&self) -> Result<(), Broken> {
        let mut met = Met::default();
        for (slot, at) in self.names.rooms.slots().iter().zip(0_u32..) {
            self.check_room_lists(at, &slot.state, &mut met)?;
            require(slot.is_taken() || !slot.state.is_open(), Rule::Inv04)?;
        }
        for (slot, at) in self.names.users.slots().iter().zip(0_u32..) {
            let state = &slot.state;
            let chains = [state.live, state.ended, state.seats];
            let is_nothing = (state.calls, state.seated) == (0, 0);
            if is_nothing && chains == [Chain::EMPTY; 3] {
                continue;
            }
            require(slot.is_taken(), Rule::Inv04)?;
            self.check_user_lists(at, state, &mut met)?;
        }
        let (live, kept) =
            self.calls.arena.iter().fold((0_u32, 0_u32), |(live, kept), (_, call)| {
                let is_kept = call.phase == Phase::Kept;
                (
                    live.saturating_add(u32::from(call.is_live())),
                    kept.saturating_add(u32::from(is_kept)),
                )
            });
        let calls = self.calls.arena.len();
        let is_all = met.listed == live.saturating_add(kept)
            && met.ended.saturating_add(live) == calls
            && (met.live, met.calls) == (live, calls)
            && (met.seats, met.seated) == (self.seats.arena.len(), self.seats.arena.len())
            && met.far == self.calls.far();
        require(is_all, Rule::Inv04)
    }

    fn check_room_lists(&self, at: u32, room: &Room, met: &mut Met) -> Result<(), Broken> {
        let calls = &self.calls.arena;
        let (mut live, mut gap) = (0_u32, 0_u32);
        let mut fences = room.fences.iter();
        let mut is_fenced = true;
        let listed = walk(calls, Call::IN_ROOM, room.list, |position, call, before| {
            live = live.saturating_add(u32::from(call.is_live()));
            gap = gap.saturating_add(1);
            if call.is_fence {
                is_fenced &= fences.next() == Some((call.attempt, position));
                gap = 0;
            }
            is_fenced &= gap <= crate::server::fences::GAP;
            let is_later = before.is_none_or(|before| before.attempt < call.attempt);
            call.room == at && call.is_listed() && is_later
        })?;
        require(is_fenced && fences.next().is_none(), Rule::Inv04)?;
        let (mut kept, mut remembered) = (0_u32, 0_u32);
        let (mut oldest_kept, mut oldest_remembered) = (NONE, NONE);
        let ended = walk(calls, Call::IN_ORDER, room.ended, |position, call, _| {
            let is_kept = call.phase == Phase::Kept;
            if is_kept {
                kept = kept.saturating_add(1);
                oldest_kept = if kept == 1 { position } else { oldest_kept };
            }
            if call.is_remembered {
                remembered = remembered.saturating_add(1);
                oldest_remembered = if remembered == 1 { position } else { oldest_remembered };
            }
            call.room == at && !call.is_live() && (is_kept || call.is_remembered)
        })?;
        let is_counted = (room.listed, room.live) == (listed, live)
            && (room.kept, room.remembered) == (kept, remembered)
            && (room.oldest_kept, room.oldest_remembered) == (oldest_kept, oldest_remembered);
        require(is_counted, Rule::Inv04)?;
        let seats = self.check_room_seats(at, room)?;
        let is_nothing = listed == 0 && ended == 0 && seats == 0;
        require(room.is_open() || is_nothing, Rule::Inv04)?;
        met.listed = met.listed.saturating_add(listed);
        met.ended = met.ended.saturating_add(ended);
        met.seats = met.seats.saturating_add(seats);
        Ok(())
    }

    fn check_room_seats(&self, at: u32, room: &Room) -> Result<u32, Broken> {
        let (mut present, mut admins) = (0_u32, 0_u32);
        let seats = walk(&self.seats.arena, Seat::OF_ROOM, room.seats, |_, seat, _| {
            present = present.saturating_add(u32::from(seat.is_present));
            admins = admins.saturating_add(u32::from(seat.is_admin));
            let is_owner_only = !(seat.is_admin && seat.user == room.owner);
            seat.room == at && is_owner_only && (seat.is_present || seat.is_admin)
        })?;
        require((room.present, room.admins) == (present, admins), Rule::Inv04)?;
        let is_owned = room.owner == NONE
            || room.is_open()
                && self.names.users.at(room.owner).is_some_and(crate::names::Slot::is_taken);
        require(is_owned, Rule::Inv04)?;
        Ok(seats)
    }

    fn check_user_lists(&self, at: u32, user: &User, met: &mut Met) -> Result<(), Broken> {
        let calls = &self.calls.arena;
        let is_later =
            |call: &Call, before: Option<&Call>| before.is_none_or(|it| it.attempt < call.attempt);
        let live = walk(calls, Call::TO_CALLEE, user.live, |_, call, before| {
            call.callee == at && call.is_live() && is_later(call, before)
        })?;
        let ended = walk(calls, Call::TO_CALLEE, user.ended, |_, call, before| {
            call.callee == at && !call.is_live() && is_later(call, before)
        })?;
        let seated =
            walk(&self.seats.arena, Seat::OF_USER, user.seats, |position, seat, before| {
                let is_first = !seat.is_present || before.is_none_or(|it| it.is_present);
                let found = self.seat(seat.room, at).map(|(found, _)| found);
                let is_found = self.seats.is_found(user.seated, position);
                seat.user == at && is_first && found == Some(position) && is_found
            })?;
        let count = live.saturating_add(ended);
        require((user.calls, user.seated) == (count, seated), Rule::Inv04)?;
        met.live = met.live.saturating_add(live);
        met.calls = met.calls.saturating_add(count);
        met.seated = met.seated.saturating_add(seated);
        met.far = met.far.saturating_add(self.calls.far_of(count));
        Ok(())
    }
}
