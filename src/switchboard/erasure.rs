//! A user is forgotten (F-20): calls end as if the backend revoked them, and then whatever names the
//! user goes, in every part of the state. The part for requests is in `requests/`.

use super::facts::Decided;
use super::plan::{Change, Plan};
use super::state::{Cause, State};
use crate::domain::id::UserId;
use crate::domain::input::Which;
use crate::domain::rule::Rule;

impl State {
    /// What ends, in attempt order, and after that what is forgotten.
    #[cold]
    #[inline(never)]
    pub(super) fn user_erased(&self, user: UserId, plan: &mut Plan) -> Decided {
        self.is_named(None, user, None)?;
        let because = Rule::F20;
        let live = self.calls.live_with(user, Which::Both);
        plan.changes.extend(live.map(|(position, call)| {
            let (attempt, cause) = (call.attempt, Cause::Erased);
            Change::End { position, attempt, cause, because }
        }));
        let kept = self.calls.ended_with(user).filter(|(_, call)| call.is_kept());
        plan.changes.extend(kept.map(|(position, call)| {
            let attempt = call.attempt;
            Change::Unlist { position, attempt, because }
        }));
        for (room, member) in self.members.members_of(user) {
            let is_last = member.is_present() && self.members.present(room) == 1;
            self.cancel_left(room, |_| false, is_last, plan);
        }
        // The user's own calls end by this rule, also in a room that is empty now.
        plan.changes.sort_by_key(Change::attempt);
        plan.changes.dedup_by_key(|change| change.attempt());
        plan.changes.push(Change::Erase { user });
        Ok(())
    }

    /// Nothing of the state refers to the user any more, but for requests.
    #[cold]
    #[inline(never)]
    pub(super) fn erase(&mut self, user: UserId) {
        let Self { names, rooms, members, calls, expected, rates, log, .. } = self;
        members.erase(names, user);
        rooms.erase(names, user);
        calls.erase(names, user);
        expected.erase(names, user);
        rates.erase(names, user);
        log.erase(names, user);
    }
}
