//! By name, one input at a time.

use roomcall::protocol::{Input, Record};

use super::fixture::Fixture;
use super::records::Records;
use super::{Shared, tally};
use crate::count::Counts;
use crate::engine::Engine;
use crate::names::Names;
use crate::workload::Act;

/// The switchboard by name.
#[derive(Debug)]
pub struct ByName {
    fixture: Shared,
    staged: Records,
}

impl ByName {
    /// On a board whose names have this length.
    pub fn new(fixture: Shared, names: Names) -> Self {
        Self { fixture, staged: Records::new(names) }
    }
}

impl Engine for ByName {
    fn name(&self) -> &'static str {
        "roomcall by name"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.stage(acts);
    }

    fn play(&mut self, counts: &mut Counts) {
        let fixture = &mut *self.fixture.borrow_mut();
        for record in self.staged.get() {
            play(fixture, record, counts);
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        let record = Record { at, request_id: None, input: Input::Tick };
        play(&mut self.fixture.borrow_mut(), &record, counts);
    }
}

#[inline]
fn play(fixture: &mut Fixture, record: &Record, counts: &mut Counts) {
    fixture.board.apply_record_into(record, &mut fixture.outcome);
    tally::outcome(&fixture.outcome, counts);
}
