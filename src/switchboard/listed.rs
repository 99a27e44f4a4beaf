//! A list of all who are in a room, which is several steps, each decided and committed by itself
//! (F-15): those who are not named leave, those who are named enter one by one, and their other presences
//! end.

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
    /// The first step: all who are not named leave together.
    pub(super) fn others_leave(
        &self,
        fact: &Fact<'_>,
        present: &[Present],
        plan: &mut Plan,
    ) -> Decided {
        if !self.names.rooms.contains(fact.room()) {
            return Err(Rule::N01);
        }
        for it in present {
            self.is_named(fact.room(), it.user, it.device)?;
        }
        let room = self.target(fact)?.id;
        let mut named: Vec<UserId> = present.iter().map(|it| it.user).collect();
        named.sort_unstable();
        named.dedup();
        if !is_within(named.len(), self.limits.participants_per_room) {
            return Err(Rule::L10);
        }
        let is_named = |user| named.binary_search(&user).is_ok();
        let presence = Presence::ANY;
        for (member, it) in self.members.present_members(room) {
            if !is_named(it.user) {
                plan.changes.push(Change::Leave { member, presence });
            }
        }
        if plan.changes.is_empty() {
            return Ok(());
        }
        plan.changes.push(Change::EvictGone { room });
        let is_empty = !self.members.present_members(room).any(|(_, it)| is_named(it.user));
        let has_left = |caller| self.members.is_present(room, caller) && !is_named(caller);
        self.cancel_left(room, has_left, is_empty, plan);
        Ok(())
    }

    /// The last step: the presences that match nothing of the list end.
    fn end_unlisted(&self, room: RoomId, listed: &[Present], plan: &mut Plan) {
        let mut by_user: Vec<&Present> = listed.iter().collect();
        by_user.sort_by_key(|it| it.user);
        for of_user in by_user.chunk_by(|one, other| one.user == other.user) {
            let Some(user) = of_user.first().map(|it| it.user) else { continue };
            let Some((member, found)) = self.members.find(room, user) else { continue };
            let is_listed = |other: Presence| of_user.iter().any(|it| it.presence().matches(other));
            let ended = self.members.presences(found).filter(|other| !is_listed(*other));
            plan.changes.extend(ended.map(|presence| Change::Leave { member, presence }));
        }
    }
}

impl Switchboard {
    /// The steps after the first one, which was applied. Whether the list has changed anything.
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
        self.plan.clear();
        self.state.end_unlisted(room, listed, &mut self.plan);
        has_changed |= self.commit_plan(input, outcome);
        if !has_changed {
            (outcome.answer, outcome.unchanged) = (Ok(Answer::Ignored(Rule::F15)), Some(Rule::F15));
        }
        has_changed
    }
}
