//! When two switchboards are the same: if they do the same for ever, with the same handles. Where
//! records lie, how names are hashed and what memory there is has no part in it.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use super::Switchboard;
use super::state::{Call, Phase, Room, Seat};
use crate::store::NONE;

impl Switchboard {
    /// Everything but the names, as words, in an order that depends on handles and attempts alone.
    fn words(&self) -> Vec<u64> {
        let mut words = Vec::new();
        words.extend([self.clock.as_millis(), self.attempts, self.endings, self.openings]);
        words.push(u64::from(self.is_behind));
        let rooms = self.names.rooms.slots().iter().zip(0_u64..);
        for (slot, at) in rooms.filter(|(slot, _)| slot.state.is_open()) {
            words.push(at);
            self.room_words(&slot.state, &mut words);
        }
        words
    }

    fn room_words(&self, room: &Room, words: &mut Vec<u64>) {
        words.extend([room.opening, u64::from(room.owner)]);
        let seats = room.seats.iter(&self.seats.arena, Seat::OF_ROOM);
        let mut seats: Vec<_> =
            seats.map(|(_, it)| (it.user, it.is_present, it.is_admin)).collect();
        seats.sort_unstable();
        words.extend(seats.into_iter().map(|(user, is_present, is_admin)| {
            u64::from(user) << 2 | u64::from(is_present) << 1 | u64::from(is_admin)
        }));
        words.push(u64::from(NONE) << 2);
        for (_, call) in room.list.iter(&self.calls.arena, Call::IN_ROOM) {
            self.call_words(call, words);
        }
        words.push(u64::MAX);
        for (_, call) in room.ended.iter(&self.calls.arena, Call::IN_ORDER) {
            self.call_words(call, words);
        }
        words.push(u64::MAX);
    }

    fn call_words(&self, call: &Call, words: &mut Vec<u64>) {
        words.extend([call.attempt, call.when_or_who()]);
        words.push(u64::from(call.callee) << 32 | u64::from(call.caller));
        let kind = match call.phase {
            Phase::Free | Phase::Live => 0,
            // Nobody asks for its device any more.
            Phase::Gone => 1,
            Phase::Kept => 2,
        };
        let how = u64::from(super::hash::how_number(call.how));
        words.push(how << 8 | u64::from(call.is_remembered) << 4 | kind);
        if call.phase != Phase::Gone {
            words.push(u64::from(call.device));
        }
        if call.is_live() {
            let text = self.texts.get(call.extension);
            words.push(u64::try_from(text.len()).unwrap_or(u64::MAX));
            words.extend(text.bytes().map(u64::from));
        }
    }
}

impl PartialEq for Switchboard {
    fn eq(&self, other: &Self) -> bool {
        (self.limits, self.policy, self.dissolving)
            == (other.limits, other.policy, other.dissolving)
            && self.names == other.names
            && self.words() == other.words()
    }
}

impl Eq for Switchboard {}

impl Hash for Switchboard {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.limits, self.policy, self.dissolving).hash(state);
        self.names.hash(state);
        self.words().hash(state);
    }
}
