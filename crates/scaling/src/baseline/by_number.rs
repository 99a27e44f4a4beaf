//! The baseline by number.

use super::{Core, NONE, Room, User};
use crate::count::Counts;
use crate::engine::Engine;
use crate::workload::{Act, Verb, room_of, rooms};

/// The baseline, by number: callees come first, then hosts.
#[derive(Clone, Debug)]
pub struct BaselineByNumber {
    core: Core,
    staged: Vec<Input>,
}

/// An input by number.
#[derive(Clone, Copy, Debug)]
struct Input {
    at: u64,
    room: u32,
    user: u32,
    callee: u32,
    device: u8,
    verb: Verb,
}

impl BaselineByNumber {
    /// With so many callees.
    pub fn new(callees: u32) -> Self {
        let user = User { call: NONE, room: NONE, ..User::default() };
        let users = vec![user; (callees + rooms(callees)) as usize];
        let room = Room { first: NONE, last: NONE, ..Room::default() };
        let rooms = vec![room; rooms(callees) as usize];
        Self { core: Core::new(users, rooms, callees), staged: Vec::new() }
    }
}

impl Engine for BaselineByNumber {
    fn name(&self) -> &'static str {
        "baseline by number"
    }

    fn stage(&mut self, acts: &[Act]) {
        let callees = self.core.calls.len() as u32;
        self.staged.clear();
        self.staged.extend(acts.iter().map(|act| {
            let (callee, room) = (act.callee, room_of(act.callee));
            let user = match act.verb {
                Verb::Call | Verb::Cancel => callees + room,
                Verb::Accept | Verb::Reject | Verb::Enter | Verb::Leave => callee,
            };
            let device = u8::from(matches!(act.verb, Verb::Accept | Verb::Enter | Verb::Leave));
            Input { at: act.at, room, user, callee, device, verb: act.verb }
        }));
    }

    fn play(&mut self, counts: &mut Counts) {
        for input in &self.staged {
            let &Input { at, room, user, callee, device, verb } = input;
            match verb {
                Verb::Call => self.core.call(at, room, user, device, callee),
                Verb::Accept => self.core.accept(user, device),
                Verb::Reject => self.core.reject(user, device),
                Verb::Cancel => self.core.cancel(callee),
                Verb::Enter => self.core.enter(room, user),
                Verb::Leave => self.core.leave(room, user),
            }
            self.core.count(counts);
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        self.core.expire(at);
        self.core.count(counts);
    }
}
