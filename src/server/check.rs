//! The invariants, verified from scratch (INV-01 to INV-06), in time and memory proportional to the
//! state: lists are walked, and everything in them is looked up where it must be found.

mod lists;
mod uses;

use alloc::vec::Vec;

use super::Switchboard;
use super::is_within;
use super::state::{Call, Room};
use crate::names::{Named, Names};
use crate::store::NONE;
use crate::{ActiveCalls, How, InOtherRoom, Rule, Tick, Timeout};

pub(super) use uses::Uses;

/// An invariant that does not hold. It is a bug of this crate, or a snapshot made by hand.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[error("the state breaks {0} ({title})", title = .0.title())]
pub struct Broken(pub Rule);

pub(super) fn require(holds: bool, rule: Rule) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(rule)) }
}

impl Switchboard {
    /// Verifies the invariants, in time proportional to the state. Debug builds do so after each
    /// step; a release build may do so whenever it likes.
    ///
    /// # Errors
    ///
    /// The first invariant that does not hold.
    pub fn check(&self) -> Result<(), Broken> {
        self.check_state()?;
        let uses = Uses::of(self);
        require(uses.are_counted(&self.names) && self.names.agree(), Rule::Inv06)
    }

    /// All but how often names are used.
    pub(super) fn check_state(&self) -> Result<(), Broken> {
        self.check_lists()?;
        self.calls.arena.iter().try_for_each(|(at, call)| self.check_call(at, call))?;
        self.check_totals()?;
        self.check_clock()?;
        self.names.rooms.slots().iter().try_for_each(|slot| self.check_room(&slot.state))?;
        self.check_ids()
    }

    /// INV-01, INV-02, INV-04: one call, wherever it is stored.
    fn check_call(&self, at: u32, call: &Call) -> Result<(), Broken> {
        let (room, callee) = (call.room, call.callee);
        require(call.attempt >= 1 && call.attempt <= self.attempts, Rule::Inv04)?;
        if call.is_listed() {
            let found = self.record(room, callee).map(|(found, _)| found);
            require(found == Some(at), Rule::Inv01)?;
            // K-02
            require(!self.is_present(room, callee), Rule::Inv02)?;
        }
        if call.is_remembered {
            let found = self.remembered(room, callee).map(|(found, _)| found);
            require(found == Some(at) && is_memory(call), Rule::Inv04)?;
        }
        if call.is_live() {
            let live = self.user(callee).live;
            let is_single = self.policy.active_calls == ActiveCalls::PerRoom;
            require(is_single || live.first == live.last, Rule::Inv01)?;
            let is_away =
                self.policy.in_other_room == InOtherRoom::Reject && self.is_somewhere(callee);
            require(!is_away, Rule::Inv02)?;
            let extension = self.texts.get(call.extension);
            require(is_within(extension.len(), self.limits.extension_bytes), Rule::Inv05)?;
        }
        require(self.calls.is_found(self.user(callee).calls, at), Rule::Inv04)
    }

    fn is_somewhere(&self, user: u32) -> bool {
        let first = self.seats.arena.get(self.user(user).seats.first);
        first.is_some_and(|seat| seat.is_present)
    }

    /// INV-04, INV-05: what is counted of all rooms together.
    fn check_totals(&self) -> Result<(), Broken> {
        let live = self.calls.arena.iter().filter(|(_, call)| call.is_live());
        let (count, texts) = live.fold((0_u32, 0_usize), |(live, texts), (_, call)| {
            let has_text = usize::from(call.extension > 0);
            (live.saturating_add(1), texts.saturating_add(has_text))
        });
        require(count == self.live && texts == self.texts.len(), Rule::Inv04)?;
        // T-01: what was made rings or has ended.
        let made = self.endings.checked_add(u64::from(self.live));
        require(made == Some(self.attempts), Rule::Inv04)?;
        let rooms = self.names.rooms.slots().iter().map(|slot| &slot.state);
        let mut openings: Vec<u64> = rooms.filter(|r| r.is_open()).map(|r| r.opening).collect();
        let open = openings.len();
        openings.sort_unstable();
        openings.dedup();
        let is_counted = u32::try_from(open) == Ok(self.open_rooms) && openings.len() == open;
        let is_made = openings.last().is_none_or(|last| *last <= self.openings);
        require(is_counted && is_made, Rule::Inv04)?;
        let is_dissolving =
            self.dissolving.is_none_or(|(room, by)| self.is_open(room) && self.known(by).is_ok());
        require(is_dissolving, Rule::Inv04)?;
        let limits = &self.limits;
        let is_bounded = self.live <= limits.live_calls && is_within(open, limits.rooms);
        require(is_bounded, Rule::Inv05)
    }

    /// INV-03
    fn check_clock(&self) -> Result<(), Broken> {
        require(self.clock <= Tick::LAST, Rule::Inv03)?;
        let longest = crate::Seconds::new(self.limits.timeout_max).map(Timeout::After);
        let last = longest.and_then(|longest| self.clock.deadline(longest));
        let mut count = 0_u32;
        for (_, call) in self.calls.arena.iter().filter(|(_, call)| call.is_live()) {
            let Some(deadline) = call.deadline() else {
                require(self.limits.never, Rule::Inv03)?;
                continue;
            };
            count = count.saturating_add(1);
            require(self.is_behind || deadline > self.clock, Rule::Inv03)?;
            require(Some(deadline) <= last, Rule::Inv03)?;
        }
        require(self.due.agrees(&self.calls.arena, count), Rule::Inv03)
    }

    /// INV-05
    fn check_room(&self, room: &Room) -> Result<(), Broken> {
        let limits = &self.limits;
        let is_bounded = room.present <= limits.participants_per_room
            && room.admins <= limits.admins_per_room
            && room.kept <= limits.kept_per_room
            && room.remembered <= limits.ended_per_room
            && room.live <= limits.live_calls_per_room;
        require(is_bounded, Rule::Inv05)
    }

    /// L-01
    fn check_ids(&self) -> Result<(), Broken> {
        let limit = self.limits.id_bytes;
        let are_ids = are_ids(&self.names.users, limit)
            && are_ids(&self.names.rooms, limit)
            && are_ids(&self.names.devices, limit);
        require(are_ids, Rule::Inv05)
    }
}

fn are_ids<T: Named, const N: usize>(names: &Names<T, N>, limit: u32) -> bool {
    let mut taken = names.slots().iter().filter(|slot| slot.is_taken());
    taken.all(|slot| (1..=limit).contains(&names.stored_name(slot).0))
}

/// Whether an ending is one that can be remembered (E-09).
fn is_memory(call: &Call) -> bool {
    let (user, device) = call.by();
    let (has_user, has_device) = (user != NONE, device != NONE);
    match call.how {
        How::Accepted | How::Rejected | How::Entered => user == call.callee && has_device,
        How::InOtherRoom => user == call.callee && !has_device,
        How::TimedOut => !has_user && !has_device,
        How::Cancelled => user == call.caller && has_device,
        How::Revoked => has_user == has_device,
    }
}
