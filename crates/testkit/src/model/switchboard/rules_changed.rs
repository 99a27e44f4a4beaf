//! Other rules in mid-life (F-19).

use roomcall::protocol::{LimitsChange, PolicyChange};
use roomcall::{ActiveCalls, CallStatus, InOtherRoom, Limits, Policy, Rule};

use super::endings::End;
use super::{Call, Kept, Model, fits};

impl Model {
    /// The limits and the policy that are in force (F-19).
    pub fn rules(&self) -> (&Limits, &Policy) {
        (&self.limits, &self.policy)
    }

    pub(super) fn rules_changed(
        &mut self,
        policy: Option<PolicyChange>,
        limits: Option<LimitsChange>,
    ) -> Result<(), Rule> {
        let (old_policy, old_limits) = (self.policy, self.limits);
        let policy = policy.unwrap_or_default().of(old_policy);
        let limits = limits.unwrap_or_default().of(old_limits);
        let changes_nothing = policy == old_policy && limits == old_limits;
        if changes_nothing || has_smaller_size(&limits, &old_limits) {
            return Err(Rule::F19);
        }
        // From now on, also for what follows.
        self.policy = policy;
        self.limits = limits;
        self.evict_in_rooms();
        self.evict_arrivals();
        self.evict_logged();
        let becomes_reject = policy.in_other_room == InOtherRoom::Reject
            && old_policy.in_other_room != InOtherRoom::Reject;
        if becomes_reject {
            // E-03; what is kept of it may evict (K-03).
            for attempt in self.live_attempts(|model, call| model.is_in_other_room(call)) {
                self.end(attempt, &End::InOtherRoom, Rule::E03);
            }
        }
        let becomes_per_user = policy.active_calls == ActiveCalls::PerUser
            && old_policy.active_calls != ActiveCalls::PerUser;
        if becomes_per_user {
            for attempt in self.live_attempts(|model, call| !model.is_lowest(call)) {
                self.end(attempt, &End::Revoked { operator: None }, Rule::F19);
            }
        }
        Ok(())
    }

    /// What is remembered in rooms, beyond the limits: in the order of openings.
    fn evict_in_rooms(&mut self) {
        let (limits, now) = (self.limits, self.clock);
        self.rooms.sort_unstable_by_key(|room| room.opening);
        let mut removed: Vec<Kept> = Vec::new();
        for room in &mut self.rooms {
            // K-03: the one that ended first goes first.
            while !fits(room.kept.len(), limits.kept_per_room) {
                removed.push(room.kept.remove(0));
            }
            // E-18
            while !fits(room.endings.len(), limits.ended_per_room) {
                room.endings.remove(0);
            }
            // F-13
            room.forget_sessions(limits.participants_per_room, now);
        }
        // Nothing else in a room has effects.
        for kept in removed {
            self.notify_room(&kept.call, CallStatus::None, Rule::K03);
        }
    }

    /// L-14: with `callsPerMinute` 0 nothing is kept.
    fn evict_arrivals(&mut self) {
        if self.limits.calls_per_minute == 0 {
            self.arrivals.clear();
        }
        while !fits(self.arrivals.len(), self.limits.rated_users) {
            self.arrivals.remove(0);
        }
    }

    /// The live attempts that are meant, in attempt order.
    fn live_attempts(&self, is_meant: impl Fn(&Self, &Call) -> bool) -> Vec<u64> {
        let meant = self.live.iter().filter(|call| is_meant(self, call));
        let mut attempts: Vec<u64> = meant.map(|call| call.attempt).collect();
        attempts.sort_unstable();
        attempts
    }

    /// Whether the callee is in another room.
    fn is_in_other_room(&self, call: &Call) -> bool {
        self.rooms.iter().any(|room| room.name != call.room && room.has_inside(&call.callee))
    }

    /// Whether no live attempt to its callee has a lower number.
    fn is_lowest(&self, call: &Call) -> bool {
        let theirs = self.live.iter().filter(|other| other.callee == call.callee);
        theirs.map(|other| other.attempt).min() == Some(call.attempt)
    }
}

/// Those that cannot become smaller: names, texts and answers that are there would be too long.
fn has_smaller_size(new: &Limits, old: &Limits) -> bool {
    new.id_bytes < old.id_bytes
        || new.extension_bytes < old.extension_bytes
        || new.page_size < old.page_size
}
