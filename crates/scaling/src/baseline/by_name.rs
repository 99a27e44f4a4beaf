//! The baseline by name.

use super::index::{Key, lookup, slots_for};
use super::{Core, NONE, Room, User};
use crate::count::Counts;
use crate::engine::Engine;
use crate::names::{Named, Names, Staged, named};
use crate::workload::{Act, Verb, rooms};

/// The baseline, by name: the slots of two open-addressed tables are the records.
#[derive(Clone, Debug)]
pub struct BaselineByName {
    core: Core,
    staged: Staged,
}

impl BaselineByName {
    /// With so many callees.
    pub fn new(callees: u32) -> Self {
        let name = |write, number| Key::of(&named(write, Names::USUAL, number));
        let free = User { call: NONE, room: NONE, ..User::default() };
        let mut users = vec![free; slots_for((callees + rooms(callees)) as usize)];
        let mut add = |key, devices| {
            let slot = lookup(&users, &key);
            users[slot] = User { key, devices, ..free };
        };
        for callee in 0..callees {
            let devices = [name(Names::phone, callee), name(Names::tablet, callee)];
            add(name(Names::user, callee), devices.map(|device| device.hash()));
        }
        for room in 0..rooms(callees) {
            add(name(Names::host, room), [name(Names::desktop, room).hash(); 2]);
        }
        let free = Room { first: NONE, last: NONE, ..Room::default() };
        let mut open = vec![free; slots_for(rooms(callees) as usize)];
        for key in (0..rooms(callees)).map(|room| name(Names::room, room)) {
            let slot = lookup(&open, &key);
            open[slot] = Room { key, ..free };
        }
        Self { core: Core::new(users, open, callees), staged: Staged::default() }
    }
}

impl Core {
    #[inline]
    fn apply(&mut self, input: &Named) {
        let user = lookup(&self.users, &Key::of(&input.user));
        let room = lookup(&self.rooms, &Key::of(&input.room)) as u32;
        let device = Key::of(&input.device).hash();
        let device = u8::from(self.users[user].devices[0] != device);
        let callee = |core: &Self| lookup(&core.users, &Key::of(&input.callee)) as u32;
        let user = user as u32;
        match input.verb {
            Verb::Call => self.call(input.at, room, user, device, callee(self)),
            Verb::Accept => self.accept(user, device),
            Verb::Reject => self.reject(user, device),
            Verb::Cancel => self.cancel(callee(self)),
            Verb::Enter => self.enter(room, user),
            Verb::Leave => self.leave(room, user),
        }
    }
}

impl Engine for BaselineByName {
    fn name(&self) -> &'static str {
        "baseline by name"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.stage(acts);
    }

    fn play(&mut self, counts: &mut Counts) {
        for input in self.staged.inputs() {
            self.core.apply(input);
            self.core.count(counts);
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        self.core.expire(at);
        self.core.count(counts);
    }
}
