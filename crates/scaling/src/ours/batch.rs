//! Batches of 32 inputs, by handle and by name.

use roomcall::{Input, Tick};

use super::desk::Handles;
use super::lines::Lines;
use super::{Shared, tally};
use crate::count::Counts;
use crate::engine::Engine;
use crate::workload::Act;

/// Inputs in a batch.
pub const BATCH: usize = 32;

/// The switchboard by handle, in batches.
#[derive(Debug)]
pub struct BatchByHandle<'a> {
    desk: Shared,
    handles: &'a Handles,
    staged: Vec<(Tick, Input<'a>)>,
}

impl<'a> BatchByHandle<'a> {
    /// On a board whose names have these handles.
    pub const fn new(desk: Shared, handles: &'a Handles) -> Self {
        Self { desk, handles, staged: Vec::new() }
    }
}

impl Engine for BatchByHandle<'_> {
    fn name(&self) -> &'static str {
        "roomcall by handle, batches"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.clear();
        self.staged.extend(acts.iter().map(|act| self.handles.input(act)));
    }

    fn play(&mut self, counts: &mut Counts) {
        let desk = &mut *self.desk.borrow_mut();
        for batch in self.staged.chunks(BATCH) {
            desk.board.apply_batch(batch, &mut desk.step, |_, step| tally::step(step, counts));
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        let desk = &mut *self.desk.borrow_mut();
        desk.apply(Tick::from_millis(at), Input::Tick);
        tally::step(&desk.step, counts);
    }
}

/// The switchboard by name, in batches.
#[derive(Debug)]
pub struct BatchByName {
    desk: Shared,
    staged: Lines,
}

impl BatchByName {
    /// On a board.
    pub fn new(desk: Shared) -> Self {
        Self { desk, staged: Lines::default() }
    }
}

impl Engine for BatchByName {
    fn name(&self) -> &'static str {
        "roomcall by string, batches"
    }

    fn stage(&mut self, acts: &[Act]) {
        self.staged.stage(acts);
    }

    fn play(&mut self, counts: &mut Counts) {
        let desk = &mut *self.desk.borrow_mut();
        for batch in self.staged.get().chunks(BATCH) {
            desk.board.apply_records(batch, &mut desk.step, |_, step| tally::step(step, counts));
        }
    }

    fn tick(&mut self, at: u64, counts: &mut Counts) {
        let desk = &mut *self.desk.borrow_mut();
        desk.apply(Tick::from_millis(at), Input::Tick);
        tally::step(&desk.step, counts);
    }
}
