//! What is measured, one part after another.

pub mod compare;
mod growth;
mod instructions;
mod json;
mod memory;
mod page;
mod replay;

use clap::ValueEnum;

use crate::clock::CpuClock;
use crate::count::Wrong;
use crate::report::Row;

/// A part of the measurements.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Part {
    /// The time of a call beside the other engines.
    Compare,
    /// The instructions of a call: half a minute; needs valgrind and Python.
    Instructions,
    /// JSON lines in, JSON lines out.
    Json,
    /// A journal replayed.
    Replay,
    /// The longest input while everything grows.
    Growth,
    /// A page of a room's list.
    Page,
    /// Heap bytes and allocations.
    Memory,
}

impl Part {
    /// Measures it.
    ///
    /// # Errors
    ///
    /// An engine is wrong.
    pub fn rows(self, is_quick: bool, clock: &CpuClock) -> Result<Vec<Row>, Wrong> {
        match self {
            Self::Compare => compare::rows(is_quick, clock),
            Self::Instructions => instructions::rows(),
            Self::Json => json::rows(is_quick, clock),
            Self::Replay => replay::rows(is_quick, clock),
            Self::Growth => growth::rows(is_quick),
            Self::Page => page::rows(clock),
            Self::Memory => memory::rows(),
        }
    }
}
