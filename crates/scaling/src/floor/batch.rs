//! The floor by name, 32 inputs at a time: where names belong first, then a touch of what is
//! there, then the work in order. Cache misses of different inputs overlap.

use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

use super::by_string::{FloorByString, Found, Sought};
use super::{Core, NONE};
use crate::count::Counts;
use crate::engine::Engine;
use crate::names::{Named, Staged};
use crate::workload::{Act, Verb};

/// Inputs in a batch.
pub const BATCH: usize = 32;

/// The floor, asked by name, in batches.
#[derive(Clone, Debug)]
pub struct FloorBatch {
    core: Rc<RefCell<Core>>,
    staged: Staged,
}

impl FloorBatch {
    /// On the same floor as another.
    pub fn sharing(floor: &FloorByString) -> Self {
        Self { core: Rc::clone(&floor.core), staged: Staged::default() }
    }
}

/// The names of an input, and where they belong.
#[derive(Clone, Copy, Debug, Default)]
struct Names {
    user: Sought,
    room: Sought,
    callee: Option<Sought>,
}

impl Core {
    /// Where the names of an input belong. It reads what is there, and nothing waits for that.
    #[inline]
    fn seek(&self, input: &Named, sum: &mut u32) -> Names {
        let user = Sought::of(&input.user, self.users.len());
        let room = Sought::of(&input.room, self.rooms.len());
        let callee = match input.verb {
            Verb::Call | Verb::Cancel => Some(Sought::of(&input.callee, self.users.len())),
            Verb::Accept | Verb::Reject | Verb::Enter | Verb::Leave => None,
        };
        *sum ^= self.users[user.place].call ^ self.rooms[room.place].last;
        if let Some(callee) = &callee {
            *sum ^= self.users[callee.place].call;
        }
        Names { user, room, callee }
    }

    /// Reads the record that an input is about.
    #[inline]
    fn touch_record(&self, found: Found) -> u32 {
        match self.users[found.callee as usize].call {
            NONE => self.rooms[found.room as usize].last,
            id => self.calls[id as usize].sooner,
        }
    }

    /// Reads its neighbours in the queue of deadlines and in the list of the room.
    #[inline]
    fn touch_neighbours(&self, found: Found) -> u64 {
        let read = |id: u32| self.calls.get(id as usize).map_or(0, |call| call.deadline);
        match self.calls.get(self.users[found.callee as usize].call as usize) {
            None => read(self.rooms[found.room as usize].last),
            Some(call) => {
                read(call.sooner) ^ read(call.later) ^ read(call.before) ^ read(call.after)
            }
        }
    }
}

impl Engine for FloorBatch {
    fn name(&self) -> &'static str {
        "floor by string, batches"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.stage(acts);
    }

    fn play(&mut self, counts: &mut Counts) {
        let core = &mut *self.core.borrow_mut();
        let mut all = [Found { room: 0, user: 0, device: 0, callee: 0 }; BATCH];
        let mut names = [Names::default(); BATCH];
        for batch in self.staged.inputs().chunks(BATCH) {
            let mut sum = 0;
            for (names, input) in names.iter_mut().zip(batch) {
                *names = core.seek(input, &mut sum);
            }
            black_box(sum);
            for ((found, names), input) in all.iter_mut().zip(&names).zip(batch) {
                let Names { user, room, callee } = names;
                *found = core.look(&input.device, user, room, callee.as_ref());
            }
            let found = &all[..batch.len()];
            black_box(found.iter().fold(0, |sum, found| sum ^ core.touch_record(*found)));
            black_box(found.iter().fold(0, |sum, found| sum ^ core.touch_neighbours(*found)));
            for (found, input) in found.iter().zip(batch) {
                core.apply(input, *found);
                core.count(counts);
            }
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        let core = &mut *self.core.borrow_mut();
        core.expire(at);
        core.count(counts);
    }
}
