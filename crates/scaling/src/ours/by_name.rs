//! By name, one input at a time.

use roomcall::protocol::{Input, Record};

use super::lines::Lines;
use super::{Shared, tally};
use crate::count::Counts;
use crate::engine::Engine;
use crate::workload::Act;

/// The switchboard by name.
#[derive(Debug)]
pub struct ByName {
    desk: Shared,
    staged: Lines,
}

impl ByName {
    /// On a board.
    pub fn new(desk: Shared) -> Self {
        Self { desk, staged: Lines::default() }
    }
}

impl Engine for ByName {
    fn name(&self) -> &'static str {
        "roomcall by string"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.stage(acts);
    }

    fn play(&mut self, counts: &mut Counts) {
        let desk = &mut *self.desk.borrow_mut();
        for line in self.staged.get() {
            play(desk, line, counts);
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        let line = Record { at, request_id: None, input: Input::Tick };
        play(&mut self.desk.borrow_mut(), &line, counts);
    }
}

#[inline]
fn play(desk: &mut super::desk::Desk, line: &Record, counts: &mut Counts) {
    desk.board.apply_record_into(line, &mut desk.step);
    tally::step(&desk.step, counts);
}
