//! By handle, one input at a time.

use roomcall::{Input, Tick};

use super::Shared;
use super::handles::Handles;
use super::tally;
use crate::count::Counts;
use crate::engine::Engine;
use crate::workload::Act;

/// The switchboard by handle.
#[derive(Debug)]
pub struct ByHandle<'a> {
    fixture: Shared,
    handles: &'a Handles,
    staged: Vec<(Tick, Input<'a>)>,
}

impl<'a> ByHandle<'a> {
    /// On a board whose names have these handles.
    pub const fn new(fixture: Shared, handles: &'a Handles) -> Self {
        Self { fixture, handles, staged: Vec::new() }
    }
}

impl Engine for ByHandle<'_> {
    fn name(&self) -> &'static str {
        "roomcall by handle"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.clear();
        self.staged.extend(acts.iter().map(|act| self.handles.input(act)));
    }

    fn play(&mut self, counts: &mut Counts) {
        let fixture = &mut *self.fixture.borrow_mut();
        for &(at, input) in &self.staged {
            fixture.apply(at, input);
            tally::outcome(&fixture.outcome, counts);
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        let fixture = &mut *self.fixture.borrow_mut();
        fixture.apply(Tick::from_millis(at), Input::Tick);
        tally::outcome(&fixture.outcome, counts);
    }
}
