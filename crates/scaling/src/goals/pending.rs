//! A board on which many calls ring.

use roomcall::{Input, NameError, Tick};

use crate::count::Wrong;
use crate::ours::desk::{self, Desk, Handles};
use crate::workload::{Act, RINGS_S, Random, Verb};

/// Over how long calls are spread.
pub const SPREAD_MS: u64 = 10_000;
/// How long each rings.
pub const RINGS_MS: u64 = RINGS_S as u64 * 1_000;

/// A board, and when its calls come.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The board.
    pub desk: Desk,
    /// The handles of its names.
    pub handles: Handles,
    /// Whom to call, in order.
    order: Vec<u32>,
    /// When, after the beginning, in order.
    times: Vec<u64>,
}

/// A name that was refused is an engine that is wrong.
pub fn refused(why: NameError) -> Wrong {
    Wrong::new("roomcall", why.to_string())
}

impl Pending {
    /// A board with its names, on which nobody rings yet.
    ///
    /// # Errors
    ///
    /// A name is refused.
    pub fn new(callees: u32) -> Result<Self, Wrong> {
        let mut desk = Desk::new(desk::sized(desk::LIMITS, desk::Size::of(callees)));
        let handles = Handles::open(&mut desk, callees).map_err(refused)?;
        let mut random = Random::new(callees.into());
        let mut order: Vec<_> = (0..callees).collect();
        random.shuffle(&mut order);
        let mut times: Vec<_> =
            (0..callees).map(|_| u64::from(random.below(SPREAD_MS as u32))).collect();
        times.sort_unstable();
        Ok(Self { desk, handles, order, times })
    }

    /// Calls everybody, from `start` on.
    ///
    /// # Errors
    ///
    /// Not everybody rings then.
    pub fn call_all(&mut self, start: u64) -> Result<(), Wrong> {
        let Self { desk, handles, order, times } = self;
        for (&callee, &after) in order.iter().zip(&*times) {
            let (at, input) = handles.input(&Act { at: start + after, callee, verb: Verb::Call });
            desk.apply(at, input);
        }
        self.rings(self.order.len())
    }

    /// Lets everything end that still rings.
    ///
    /// # Errors
    ///
    /// Something rings on.
    pub fn end_all(&mut self, start: u64) -> Result<(), Wrong> {
        self.desk.apply(Tick::from_millis(start + SPREAD_MS + RINGS_MS), Input::Tick);
        self.rings(0)
    }

    /// Holds the number of calls that ring to what it must be.
    fn rings(&self, expected: usize) -> Result<(), Wrong> {
        let live = self.desk.board.live_calls() as usize;
        if live == expected {
            return Ok(());
        }
        Err(Wrong::new("roomcall", format!("{live} calls ring, and {expected} must")))
    }
}
