//! State that was lost (F-18). Numbers are counted on from a base that is above all that was told, so
//! that what clients know of the lost life stays true.
//!
//! ```text
//! told before     1 ... 41 | lost
//! backup          1 ... 17 |
//! recovered                          base, base + 1, ...   attempts, openings and the revision
//! ```

use super::facts::Decided;
use super::plan::{Change, Plan};
use super::state::{Cause, State};
use crate::domain::input::Actor;
use crate::domain::numbers::{LAST_BASE, LEAP};
use crate::domain::rule::Rule;

impl State {
    /// What was live is revoked, and a new life begins.
    #[cold]
    #[inline(never)]
    pub(super) fn recovered(&self, floor: u64, plan: &mut Plan) -> Decided {
        let base = self.next_base(floor);
        if base > LAST_BASE {
            return Err(Rule::F18);
        }
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

    /// From where numbers are counted when all live calls have been revoked.
    fn next_base(&self, floor: u64) -> u64 {
        let revision = self.calls.revision().saturating_add(u64::from(self.calls.live_count()));
        let told = revision.max(self.rooms.openings());
        if floor > told { floor } else { told.saturating_add(LEAP) }
    }

    /// Nobody is in a room, and what is open is opened anew.
    #[cold]
    #[inline(never)]
    pub(super) fn begin_life(&mut self, base: u64) {
        let Self { members, names, clock, calls, rooms, .. } = self;
        members.clear_presence(names, *clock);
        calls.begin_life(base);
        rooms.open_again(base);
    }
}
