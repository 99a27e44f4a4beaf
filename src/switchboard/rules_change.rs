//! Another policy and other limits, in mid-life (F-19): what is only remembered is evicted to the new
//! limits, and what the new policy does not let ring ends.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::facts::Decided;
use super::plan::{Change, Plan};
use super::state::{Cause, State};
use crate::domain::id::RoomId;
use crate::domain::input::Actor;
use crate::domain::limits::Limits;
use crate::domain::output::Effect;
use crate::domain::policy::{ActiveCalls, InOtherRoom, Policy};
use crate::domain::rule::Rule;

impl State {
    /// The new rules hold, and then what they do not let ring ends: first what is for somebody who is
    /// in another room, then all but the first call to each user.
    #[cold]
    #[inline(never)]
    pub(super) fn rules_changed(
        &self,
        policy: &Policy,
        limits: &Limits,
        plan: &mut Plan,
    ) -> Decided {
        if !limits.may_follow(&self.limits) || (policy, limits) == (&self.policy, &self.limits) {
            return Err(Rule::F19);
        }
        plan.changes.push(Change::SetRules);
        let rejects = |policy: &Policy| policy.in_other_room == InOtherRoom::Reject;
        let is_single = |policy: &Policy| policy.active_calls == ActiveCalls::PerUser;
        let ends_elsewhere = rejects(policy) && !rejects(&self.policy);
        let (mut called, mut revoked) = (BTreeSet::new(), Vec::new());
        for (position, call) in self.calls.all_live_positions() {
            let attempt = call.attempt;
            if ends_elsewhere && self.members.is_elsewhere(call.room, call.callee) {
                let (cause, because) = (Cause::InOtherRoom, Rule::E03);
                plan.changes.push(Change::End { position, attempt, cause, because });
            } else if is_single(policy) && !called.insert(call.callee) {
                let (cause, because) = (Cause::Revoked { by: Actor::Backend }, Rule::F19);
                revoked.push(Change::End { position, attempt, cause, because });
            }
        }
        plan.changes.append(&mut revoked);
        Ok(())
    }

    /// Evicts what is remembered in rooms, and of callers, beyond the new limits.
    #[cold]
    #[inline(never)]
    pub(super) fn change_rules(
        &mut self,
        policy: &Policy,
        limits: &Limits,
        effects: &mut Vec<Effect>,
    ) {
        let before = core::mem::replace(&mut self.limits, *limits);
        self.policy = *policy;
        self.greatest = self.greatest.max(limits);
        let mut rooms: Vec<(u64, RoomId)> =
            self.rooms.iter().map(|room| (room.opening, room.id)).collect();
        rooms.sort_unstable();
        for (_, room) in rooms {
            while let Some(oldest) = self.calls.over_kept(room, limits.kept_per_room) {
                self.unlist(oldest, Rule::K03, effects);
            }
            self.calls.forget_over(&mut self.names, room, limits.ended_per_room);
            self.members.evict(&mut self.names, room, limits.participants_per_room);
        }
        self.rates.shrink(&mut self.names, limits);
        self.log.shrink(&mut self.names, &before, limits, self.clock);
    }
}
