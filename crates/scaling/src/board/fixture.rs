//! A switchboard, and the outcome that all its inputs share.

use roomcall::switchboard::{Capacity, Switchboard};
use roomcall::{HashKey, Input, Limits, Outcome, Policy, Tick};

use crate::workload::rooms;

/// Limits that no workload reaches.
pub const LIMITS: Limits = Limits {
    live_calls: 100_000_000,
    rooms: 10_000_000,
    held_names: 100_000_000,
    ..Limits::DEFAULT
};

/// A switchboard, and the outcome that all its inputs share.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The switchboard.
    pub board: Switchboard,
    /// What the last input brought about.
    pub outcome: Outcome,
}

impl Fixture {
    /// A switchboard that grows as it has to, which is what users have.
    pub fn grown() -> Self {
        Self::of(Switchboard::new(LIMITS, Policy::DEFAULT))
    }

    /// A switchboard that reserves memory for so much.
    pub fn with_capacity(capacity: Capacity) -> Self {
        Self::of(Switchboard::with_capacity(LIMITS, Policy::DEFAULT, HashKey::default(), capacity))
    }

    /// This switchboard.
    pub const fn of(board: Switchboard) -> Self {
        Self { board, outcome: Outcome::new() }
    }

    /// Applies one input.
    #[inline]
    pub fn apply(&mut self, at: Tick, input: Input<'_>) {
        self.board.apply_into(at, input, &mut self.outcome);
    }
}

/// What the workload needs.
pub const fn capacity(callees: u32) -> Capacity {
    let rooms = rooms(callees);
    // While a callee rings, the ending of the call before is remembered.
    let calls = callees * 2;
    Capacity { users: callees + rooms, rooms, devices: callees * 2 + rooms, calls }
}
