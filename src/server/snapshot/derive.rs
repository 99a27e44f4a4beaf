//! What is not in a snapshot, because it follows from what is: counts, the order of deadlines, and
//! the index of users who are tied to many rooms.

use alloc::vec::Vec;

use crate::names::{Named, Names};
use crate::server::Switchboard;
use crate::server::fences::Fences;
use crate::server::state::{Call, Phase};
use crate::store::NONE;

impl Switchboard {
    /// `None` if a record speaks of a name that is not there.
    pub(super) fn derive(&mut self) -> Option<()> {
        self.count_calls()?;
        self.count_seats()?;
        self.tie_far();
        self.set_deadlines();
        for at in 0..self.names.rooms.slots().len() {
            self.find_oldest(u32::try_from(at).ok()?)?;
        }
        Some(())
    }

    fn count_calls(&mut self) -> Option<()> {
        let (names, mut fences) = (&mut self.names, Vec::new());
        for (at, call) in self.calls.arena.iter() {
            is_there(&names.users, call.caller)?;
            if call.is_listed() {
                is_there(&names.devices, call.device)?;
            } else if call.device != NONE {
                return None;
            }
            if call.is_remembered {
                let (user, device) = call.by();
                is_there(&names.users, user).or((user == NONE).then_some(()))?;
                is_there(&names.devices, device).or((device == NONE).then_some(()))?;
            }
            is_there(&names.rooms, call.room).and(is_there(&names.users, call.callee))?;
            let room = names.rooms.state_mut(call.room).filter(|room| room.is_open())?;
            room.listed = room.listed.saturating_add(u32::from(call.is_listed()));
            room.live = room.live.saturating_add(u32::from(call.is_live()));
            room.kept = room.kept.saturating_add(u32::from(call.phase == Phase::Kept));
            room.remembered = room.remembered.saturating_add(u32::from(call.is_remembered));
            if call.is_fence {
                fences.push((call.room, call.attempt, at));
            }
            let user = names.users.state_mut(call.callee)?;
            user.calls = user.calls.saturating_add(1);
            self.live = self.live.saturating_add(u32::from(call.is_live()));
        }
        fences.sort_unstable();
        for of_room in fences.chunk_by(|(a, ..), (b, ..)| a == b) {
            let (room, ..) = of_room.first()?;
            let room = names.rooms.state_mut(*room)?;
            room.fences =
                Fences::restored(of_room.iter().map(|(_, call, at)| (*call, *at)).collect());
        }
        Some(())
    }

    fn count_seats(&mut self) -> Option<()> {
        for (_, seat) in self.seats.arena.iter() {
            let names = &mut self.names;
            is_there(&names.rooms, seat.room).and(is_there(&names.users, seat.user))?;
            let room = names.rooms.state_mut(seat.room).filter(|room| room.is_open())?;
            room.present = room.present.saturating_add(u32::from(seat.is_present));
            room.admins = room.admins.saturating_add(u32::from(seat.is_admin));
            let user = names.users.state_mut(seat.user)?;
            user.seated = user.seated.saturating_add(1);
        }
        let rooms = self.names.rooms.slots().iter().filter(|slot| slot.state.is_open());
        self.open_rooms = u32::try_from(rooms.count()).ok()?;
        Some(())
    }

    fn tie_far(&mut self) {
        let users = &self.names.users;
        let calls: Vec<u32> = self
            .calls
            .arena
            .iter()
            .filter(|(_, call)| users.state(call.callee).is_some_and(|user| user.calls().is_far()))
            .map(|(at, _)| at)
            .collect();
        let seats: Vec<u32> = self
            .seats
            .arena
            .iter()
            .filter(|(_, seat)| users.state(seat.user).is_some_and(|user| user.seats().is_far()))
            .map(|(at, _)| at)
            .collect();
        calls.into_iter().for_each(|at| self.calls.restore(at));
        seats.into_iter().for_each(|at| self.seats.restore(at));
    }

    fn set_deadlines(&mut self) {
        let mut due: Vec<_> = self
            .calls
            .arena
            .iter()
            .filter_map(|(at, call)| Some((call.deadline()?, call.attempt, at)))
            .collect();
        due.sort_unstable();
        self.due.restore(&mut self.calls.arena, due.into_iter().map(|(.., at)| at));
    }

    fn find_oldest(&mut self, at: u32) -> Option<()> {
        if is_there(&self.names.rooms, at).is_none() {
            return Some(());
        }
        let room = self.names.rooms.state_mut(at)?;
        let most = usize::try_from(room.kept.saturating_add(room.remembered)).ok()?;
        // A circle is no longer than that many, and is refused later.
        let ended = || room.ended.iter(&self.calls.arena, Call::IN_ORDER).take(most);
        let kept = ended().find(|(_, call)| call.phase == Phase::Kept);
        let remembered = ended().find(|(_, call)| call.is_remembered);
        let place = |found: Option<(u32, &Call)>| found.map_or(NONE, |(at, _)| at);
        (room.oldest_kept, room.oldest_remembered) = (place(kept), place(remembered));
        Some(())
    }
}

fn is_there<T: Named, const N: usize>(names: &Names<T, N>, at: u32) -> Option<()> {
    names.at(at).filter(|slot| slot.is_taken()).map(|_| ())
}
