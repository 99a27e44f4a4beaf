//! State that was lost (F-18). Numbers are counted on from a base that is above all that was told, so
//! that what clients know of the lost life stays true.
//!
//! ```text
//! told before     1 ... 41 | lost
//! backup          1 ... 17 |
//! recovered                          base, base + 1, ...   attempts, openings and the revision
//! ```

use super::Switchboard;
use super::facts::Decided;
use super::outcome::Outcome;
use super::plan::{Change, Plan};
use super::state::{Cause, State};
use crate::domain::input::Actor;
use crate::domain::numbers::{LAST_BASE, LEAP};
use crate::domain::rule::Rule;
use crate::domain::time::Tick;

impl State {
    /// What was live is revoked, and a new life begins.
    #[cold]
    #[inline(never)]
    pub(super) fn recovered(&self, floor: u64, plan: &mut Plan) -> Decided {
        if !self.begins_life(floor) {
            return Err(Rule::F18);
        }
        let base = self.next_base(floor);
        let cause = Cause::Revoked { by: Actor::Backend };
        let revoked = self.calls.all_live_positions().map(|(position, call)| Change::End {
            position,
            attempt: call.attempt,
            cause,
            because: Rule::F18,
        });
        plan.changes.extend(revoked);
        plan.changes.push(Change::BeginLife { base });
        Ok(())
    }

    /// Whether the fact is not ignored. What ends when the clock moves does not change it.
    fn begins_life(&self, floor: u64) -> bool {
        self.next_base(floor) <= LAST_BASE
    }

    /// From where numbers are counted when all live calls have been revoked.
    fn next_base(&self, floor: u64) -> u64 {
        let revision = self.calls.revision().saturating_add(u64::from(self.calls.live_count()));
        let told = revision.max(self.rooms.openings());
        if floor > told { floor } else { told.saturating_add(LEAP) }
    }

    /// Nobody is in a room or expected there, and what is open is opened anew.
    #[cold]
    #[inline(never)]
    pub(super) fn begin_life(&mut self, base: u64) {
        let Self { members, names, clock, calls, rooms, expected, .. } = self;
        members.clear_presence(names, *clock);
        expected.clear(names);
        calls.begin_life(base);
        rooms.open_again(base);
    }
}

impl Switchboard {
    /// What is overdue when state was lost ends as ever, and is not logged.
    #[cold]
    #[inline(never)]
    pub(super) fn elapse_lost(&mut self, at: Tick, floor: u64, outcome: &mut Outcome) {
        let logged_per_user = self.state.limits.logged_per_user;
        if self.state.begins_life(floor) {
            self.state.limits.logged_per_user = 0;
        }
        self.elapse(at, outcome);
        self.state.limits.logged_per_user = logged_per_user;
    }
}
