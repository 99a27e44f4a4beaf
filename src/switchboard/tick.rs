//! The first phase of every input: the clock moves, and the deadlines that it passes end their attempts
//! (T-02, T-03); and a tick that does so incrementally (T-11).

use super::Switchboard;
use super::outcome::{Outcome, Work};
use crate::domain::time::Tick;

impl Switchboard {
    /// A tick that ends at most `budget` attempts and expectations, at least one (T-11). Asked until it is
    /// [`Done`](Work::Done) it has the effects of [`Input::Tick`](crate::Input::Tick), in the same
    /// order. Whatever else is applied meanwhile finishes it first.
    ///
    /// ```
    /// use roomcall::switchboard::{Switchboard, Work};
    /// use roomcall::{Limits, Outcome, Policy, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (now, mut outcome) = (Tick::from_millis(1_000), Outcome::new());
    /// while board.tick_within(now, 1_000, &mut outcome) == Work::Left {
    ///     // Deliver outcome.effects, and look after connections.
    /// }
    /// ```
    pub fn tick_within(&mut self, at: Tick, budget: u32, outcome: &mut Outcome) -> Work {
        outcome.clear();
        let state = &mut self.state;
        state.clock = state.clock.max(at);
        let mut left = budget.max(1);
        while left > 0 && state.fire(&mut outcome.effects) {
            left = left.saturating_sub(1);
        }
        state.is_behind = state.next_deadline().is_some_and(|at| at <= state.clock);
        let is_behind = state.is_behind;
        self.debug_verify();
        if is_behind { Work::Left } else { Work::Done }
    }

    /// The first phase: the clock, and what it ends, in (deadline, attempt) order (T-02, T-03).
    #[inline]
    pub(super) fn elapse(&mut self, at: Tick, outcome: &mut Outcome) {
        outcome.clear();
        let state = &mut self.state;
        state.clock = state.clock.max(at);
        while state.fire(&mut outcome.effects) {}
        state.is_behind = false;
    }
}
