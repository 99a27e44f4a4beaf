//! The floor by name, one input at a time.

use std::cell::RefCell;
use std::rc::Rc;

use super::index::{Key, find, find_from, short, slots_for};
use super::{Core, NONE, Room, User};
use crate::count::Counts;
use crate::engine::Engine;
use crate::names::{self, Named, PHONE, Staged, TABLET, named};
use crate::workload::{Act, Verb, rooms};

/// The floor, asked by name.
#[derive(Clone, Debug)]
pub struct FloorByString {
    pub(super) core: Rc<RefCell<Core>>,
    staged: Staged,
}

/// What the names of an input stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) room: u32,
    pub(super) user: u32,
    pub(super) device: u8,
    pub(super) callee: u32,
}

/// A name, and where it belongs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sought {
    key: Key,
    pub(super) place: usize,
}

impl Sought {
    #[inline]
    pub(super) fn of(name: &str, slots: usize) -> Self {
        let key = Key::of(name);
        Self { key, place: key.place(slots) }
    }
}

impl FloorByString {
    /// With so many callees.
    pub fn new(callees: u32) -> Self {
        let free = User { call: NONE, room: NONE, ..User::default() };
        let mut users = vec![free; slots_for((callees + rooms(callees)) as usize)];
        let devices = [short(PHONE), short(TABLET)];
        let hosts = (0..rooms(callees)).map(|host| named(names::host, host));
        for name in (0..callees).map(|user| named(names::user, user)).chain(hosts) {
            let key = Key::of(&name);
            let place = find(&users, &key);
            users[place] = User { key, devices, ..free };
        }
        let free = Room { first: NONE, last: NONE, ..Room::default() };
        let mut open = vec![free; slots_for(rooms(callees) as usize)];
        for name in (0..rooms(callees)).map(|room| named(names::room, room)) {
            let key = Key::of(&name);
            let place = find(&open, &key);
            open[place] = Room { key, ..free };
        }
        let core = Rc::new(RefCell::new(Core::new(users, open, callees)));
        Self { core, staged: Staged::default() }
    }
}

impl Core {
    #[inline]
    pub(super) fn find(&self, input: &Named) -> Found {
        let seek = |name: &str, slots| Sought::of(name, slots);
        let user = seek(&input.user, self.users.len());
        let room = seek(&input.room, self.rooms.len());
        let callee = match input.verb {
            Verb::Call | Verb::Cancel => Some(seek(&input.callee, self.users.len())),
            Verb::Accept | Verb::Reject | Verb::Enter | Verb::Leave => None,
        };
        self.look(&input.device, &user, &room, callee.as_ref())
    }

    /// What the names stand for, if it is known where they belong.
    #[inline]
    pub(super) fn look(
        &self,
        device: &str,
        user: &Sought,
        room: &Sought,
        callee: Option<&Sought>,
    ) -> Found {
        let user = find_from(&self.users, &user.key, user.place);
        let room = find_from(&self.rooms, &room.key, room.place) as u32;
        let callee = callee.map_or(user, |it| find_from(&self.users, &it.key, it.place)) as u32;
        let device = u8::from(self.users[user].devices[0] != short(device));
        Found { room, user: user as u32, device, callee }
    }

    #[inline]
    pub(super) fn apply(&mut self, input: &Named, found: Found) {
        let Found { room, user, device, callee } = found;
        match input.verb {
            Verb::Call => self.call(input.at, room, user, device, callee),
            Verb::Accept => self.accept(user, device),
            Verb::Reject => self.reject(user, device),
            Verb::Cancel => self.cancel(callee),
            Verb::Enter => self.enter(room, user),
            Verb::Leave => self.leave(room, user),
        }
    }
}

impl Engine for FloorByString {
    fn name(&self) -> &'static str {
        "floor by string"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.stage(acts);
    }

    fn play(&mut self, counts: &mut Counts) {
        let core = &mut *self.core.borrow_mut();
        for input in self.staged.inputs() {
            let found = core.find(input);
            core.apply(input, found);
            core.count(counts);
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        let core = &mut *self.core.borrow_mut();
        core.expire(at);
        core.count(counts);
    }
}
