//! The invariants, verified from scratch (INV-01 to INV-06), in time and memory proportional to the
//! state: lists are walked, and everything in them is looked up where it must be found.

mod lists;
mod uses;

use alloc::vec::Vec;

use super::Switchboard;
use super::is_within;
use super::state::{Call, Phase, Room, User};
use crate::names::{Named, Names};
use crate::store::NONE;
use crate::{ActiveCalls, EndingKind, InOtherRoom, Rule, Tick, Timeout};

pub(super) use lists::Met;
pub(super) use uses::Uses;

/// An invariant that does not hold. It is a bug of this crate, or a snapshot made by hand.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[error("the state breaks {0} ({title})", title = .0.title())]
pub struct Broken(pub Rule);

pub(super) fn require(holds: bool, rule: Rule) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(rule)) }
}

/// What is counted of all calls.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) live: u32,
    kept: u32,
    /// Live ones that have a deadline.
    timed: u32,
    /// Live ones that have a text.
    texts: usize,
}

impl Switchboard {
    /// Verifies the invariants, in time proportional to the state. Debug builds do so after each
    /// step; a release build may do so whenever it likes.
    ///
    /// # Errors
    ///
    /// The first invariant that does not hold.
    pub fn check(&self) -> Result<(), Broken> {
        let tally = self.tally()?;
        self.check_lists(&tally)?;
        self.check_totals(&tally)?;
        require(self.due.agrees(&self.calls.arena, tally.timed), Rule::Inv03)?;
        self.check_numbers()?;
        self.check_ids()?;
        let is_counted = Uses::of(self).is_some_and(|uses| uses.are_counted(&self.names));
        require(is_counted && self.names.agree(), Rule::Inv06)
    }

    /// INV-03, INV-04, INV-05: each call by itself.
    pub(super) fn tally(&self) -> Result<Tally, Broken> {
        require(self.clock <= Tick::LAST, Rule::Inv03)?;
        let longest = crate::Seconds::new(self.limits.timeout_max).map(Timeout::After);
        let last = longest.and_then(|longest| self.clock.deadline(longest));
        let mut tally = Tally { live: 0, kept: 0, timed: 0, texts: 0 };
        for (_, call) in self.calls.arena.iter() {
            require(call.attempt >= 1 && call.attempt <= self.attempts, Rule::Inv04)?;
            tally.kept = tally.kept.saturating_add(u32::from(call.phase == Phase::Kept));
            if !call.is_live() {
                continue;
            }
            tally.live = tally.live.saturating_add(1);
            match call.deadline() {
                Some(deadline) => {
                    tally.timed = tally.timed.saturating_add(1);
                    require(self.is_behind || deadline > self.clock, Rule::Inv03)?;
                    require(Some(deadline) <= last, Rule::Inv03)?;
                }
                None => require(self.limits.never, Rule::Inv03)?,
            }
            if call.extension > 0 {
                tally.texts = tally.texts.saturating_add(1);
                let length = self.texts.get(call.extension).len();
                require(is_within(length, self.limits.extension_bytes), Rule::Inv05)?;
            }
        }
        Ok(tally)
    }

    /// INV-04: no two attempts have one number (C-06). In each list they are in order, but nobody has
    /// a list of all.
    pub(super) fn check_numbers(&self) -> Result<(), Broken> {
        let mut numbers: Vec<u64> = self.calls.arena.iter().map(|(_, call)| call.attempt).collect();
        numbers.sort_unstable();
        require(numbers.is_sorted_by(|a, b| a < b), Rule::Inv04)
    }

    /// INV-01, INV-02, INV-04: a call in the lists of its callee, which are sound.
    fn check_call(&self, at: u32, call: &Call, callee: &User) -> Result<(), Broken> {
        if call.is_listed() {
            let found = self.record(call.room, call.callee).map(|(found, _)| found);
            require(found == Some(at), Rule::Inv01)?;
            // K-02
            require(!self.is_present(call.room, call.callee), Rule::Inv02)?;
        }
        if call.is_remembered {
            let found = self.remembered(call.room, call.callee).map(|(found, _)| found);
            require(found == Some(at) && is_memory(call), Rule::Inv04)?;
        }
        if call.is_live() {
            let is_single = self.policy.active_calls == ActiveCalls::PerRoom;
            require(is_single || callee.live.first == callee.live.last, Rule::Inv01)?;
            let first = self.seats.arena.get(callee.seats.first);
            let is_somewhere = first.is_some_and(|seat| seat.is_present);
            let is_away = self.policy.in_other_room == InOtherRoom::Reject && is_somewhere;
            require(!is_away, Rule::Inv02)?;
        }
        Ok(())
    }

    /// INV-04, INV-05: what is counted of all rooms together.
    pub(super) fn check_totals(&self, tally: &Tally) -> Result<(), Broken> {
        require(tally.live == self.live && tally.texts == self.texts.len(), Rule::Inv04)?;
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

    /// INV-05
    pub(super) fn check_room(&self, room: &Room) -> Result<(), Broken> {
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
        EndingKind::Accepted | EndingKind::Rejected | EndingKind::Entered => {
            user == call.callee && has_device
        }
        EndingKind::InOtherRoom => user == call.callee && !has_device,
        EndingKind::TimedOut => !has_user && !has_device,
        EndingKind::Cancelled => user == call.caller && has_device,
        EndingKind::Revoked => has_user == has_device,
    }
}
