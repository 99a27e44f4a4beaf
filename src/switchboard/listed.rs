//! A list of all who are in a room, which is several steps, each decided and committed by itself
//! (F-15): what it does not have ends, and those who are named enter one by one.

use alloc::vec::Vec;

use super::facts::Decided;
use super::plan::{Change, Plan};
use super::state::{Presence, State};
use super::{Outcome, Switchboard};
use crate::domain::id::{RoomId, UserId};
use crate::domain::input::{Fact, Input, Present};
use crate::domain::limits::is_within;
use crate::domain::output::Answer;
use crate::domain::rule::Rule;

impl Present {
    const fn presence(&self) -> Presence {
        Presence { device: self.device, session: self.session }
    }
}

impl State {
    /// The first step: the presences that match nothing of the list end, and all who are not named leave
    /// together.
    pub(super) fn unlisted_end(
        &self,
        fact: &Fact<'_>,
        listed: &[Present],
        plan: &mut Plan,
    ) -> Decided {
        self.is_room_named(fact.room())?;
        for it in listed {
            self.is_named(fact.room(), it.user, it.device)?;
        }
        let room = self.target(fact)?.id;
        let mut by_user: Vec<&Present> = listed.iter().collect();
        by_user.sort_by_key(|it| it.user);
        let users = by_user.chunk_by(|one, other| one.user == other.user).count();
        if !is_within(users, self.limits.participants_per_room) {
            return Err(Rule::L10);
        }
        let entries = |user: UserId| {
            let first = by_user.partition_point(|it| it.user < user);
            by_user.iter().skip(first).take_while(move |it| it.user == user)
        };
        let is_named = |user| entries(user).next().is_some();
        for (member, it) in self.members.present_members(room) {
            let is_listed =
                |presence: Presence| entries(it.user).any(|it| it.presence().matches(presence));
            let ended = self.members.presences(it).filter(|presence| !is_listed(*presence));
            plan.changes.extend(ended.map(|presence| Change::Leave { member, presence }));
        }
        let present = || self.members.present_members(room).map(|(_, it)| it.user);
        if present().any(|user| !is_named(user)) {
            let has_left = |caller| self.members.is_present(room, caller) && !is_named(caller);
            self.cancel_left(room, has_left, !present().any(is_named), plan);
        }
        Ok(())
    }
}

impl Switchboard {
    /// The steps after the first one, which was applied: those who are named enter. Whether the list has
    /// changed anything.
    pub(super) fn enter_listed(
        &mut self,
        room: RoomId,
        listed: &[Present],
        input: &Input<'_>,
        outcome: &mut Outcome,
    ) -> bool {
        let mut has_changed = !self.plan.changes.is_empty();
        for it in listed {
            self.plan.clear();
            let Self { state, plan, .. } = self;
            let entered = state.enter(room, it.user, it.presence(), plan);
            debug_assert_ne!(
                entered,
                Err(Rule::L10),
                "there is a place for everybody who is named"
            );
            has_changed |= self.commit_plan(input, outcome);
        }
        if !has_changed {
            (outcome.answer, outcome.unchanged) = (Ok(Answer::Ignored(Rule::F15)), Some(Rule::F15));
            return false;
        }
        // F-13: who is named and has no presence for a moment is not one of the gone.
        self.plan.clear();
        self.plan.changes.push(Change::EvictGone { room });
        self.commit_plan(input, outcome)
    }
}
