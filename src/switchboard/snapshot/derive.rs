//! What is not in a snapshot, because it follows from what is: counts, the order of deadlines, and
//! the index of those who are tied to many rooms. What is counted on is verified on the same walk,
//! because it is far from near to memory: after this all invariants hold.

use alloc::vec::Vec;

use crate::Rule;
use crate::store::Chain;
use crate::switchboard::Switchboard;
use crate::switchboard::check::{Broken, Met, Uses, require};
use crate::switchboard::fences::Fences;
use crate::switchboard::state::User;
use crate::switchboard::ties::{Bond, Bonds};

impl Switchboard {
    /// Makes the rest of a switchboard from the records and names of a snapshot.
    ///
    /// # Errors
    ///
    /// The first invariant that does not hold.
    pub(super) fn derive(&mut self) -> Result<(), Broken> {
        let tally = self.tally()?;
        self.live = tally.live;
        let mut met = Met::default();
        for at in 0..count(self.names.rooms.slots().len()) {
            self.derive_room(at, &mut met)?;
        }
        for at in 0..count(self.names.users.slots().len()) {
            self.derive_user(at, &mut met)?;
        }
        self.check_met(&met, &tally)?;
        self.check_totals(&tally)?;
        self.check_numbers()?;
        self.set_deadlines()?;
        let is_counted = Uses::of(self).is_some_and(|uses| uses.restore(&mut self.names));
        require(is_counted, Rule::Inv06)
    }

    fn derive_room(&mut self, at: u32, met: &mut Met) -> Result<(), Broken> {
        let Some(slot) = self.names.rooms.at(at).filter(|slot| slot.is_taken()) else {
            return Ok(());
        };
        let found = self.walk_room(at, &slot.state, met)?;
        let fences = if found.fences > 0 { self.marked(&slot.state).collect() } else { Vec::new() };
        let Some(room) = self.names.rooms.state_mut(at) else { return Ok(()) };
        found.store(room);
        room.fences = Fences::restored(fences);
        self.open_rooms = self.open_rooms.saturating_add(u32::from(room.is_open()));
        self.names.rooms.state(at).map_or(Ok(()), |room| self.check_room(room))
    }

    fn derive_user(&mut self, at: u32, met: &mut Met) -> Result<(), Broken> {
        let slot = self.names.users.at(at).filter(|slot| slot.is_taken() && !slot.state.is_idle());
        let Some(stored) = slot.map(|slot| slot.state) else { return Ok(()) };
        let (calls, seated) = self.walk_user(at, &stored, met)?;
        let user = User { calls, seated, ..stored };
        if let Some(state) = self.names.users.state_mut(at) {
            *state = user;
        }
        if user.calls().is_far() {
            tie(&mut self.calls, user.live);
            tie(&mut self.calls, user.ended);
        }
        if user.seats().is_far() {
            tie(&mut self.seats, user.seats);
        }
        self.check_user(at, &user)
    }

    fn set_deadlines(&mut self) -> Result<(), Broken> {
        let deadlines = self.calls.arena.iter().filter_map(|(at, call)| {
            let deadline = call.deadline()?;
            Some((deadline, call.attempt, at))
        });
        let mut due: Vec<_> = deadlines.collect();
        due.sort_unstable();
        // No two attempts have one number.
        let is_in_order = due.is_sorted_by(|(a, one, _), (b, other, _)| (a, one) < (b, other));
        require(is_in_order, Rule::Inv03)?;
        self.due.restore(&mut self.calls.arena, due.iter().map(|(.., at)| *at));
        Ok(())
    }
}

/// Brings the records of a user who has many to where they are found.
fn tie<T: Bond>(ties: &mut Bonds<T>, list: Chain) {
    let mut at = list.first;
    while let Some(record) = ties.arena.get(at) {
        let next = record.links(T::OF_USER).next;
        ties.restore(at);
        at = next;
    }
}

/// Slots of names are no more than positions.
fn count(slots: usize) -> u32 {
    u32::try_from(slots).unwrap_or(u32::MAX)
}
