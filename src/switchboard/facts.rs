//! The second phase for facts: pure. A fact is never refused; one that means nothing is ignored, and
//! the rule says why (F-01). A list of all who are present is several steps: this is its first, the
//! others are in `listed.rs`.

use super::plan::{Change, Plan};
use super::state::{Call, Cause, Presence, Room, State};
use super::{Outcome, Switchboard};
use crate::domain::id::{DeviceId, RoomId, UserId};
use crate::domain::input::{Actor, Fact, Input, Role};
use crate::domain::numbers::LAST;
use crate::domain::output::Answer;
use crate::domain::policy::{CallerLeft, InOtherRoom};
use crate::domain::rule::Rule;

impl Fact<'_> {
    /// Whether it does more than what is planned at once.
    #[inline(always)]
    pub(super) const fn has_more_steps(&self) -> bool {
        matches!(
            self,
            Self::PresenceListed { .. }
                | Self::UserErased { .. }
                | Self::RulesChanged { .. }
                | Self::Recovered { .. }
        )
    }
}

impl Switchboard {
    /// Commits what was planned for a fact, and does the rest of it. Whether the state has changed.
    #[cold]
    #[inline(never)]
    pub(super) fn commit_steps(&mut self, fact: &Fact<'_>, outcome: &mut Outcome) -> bool {
        let (input, window) = (Input::Fact(*fact), self.state.limits.requests_per_requester);
        let has_changed = self.commit_plan(&input, outcome);
        if outcome.answer != Ok(Answer::Applied) {
            return has_changed;
        }
        match *fact {
            Fact::PresenceListed { room, present, .. } => {
                return self.enter_listed(room, present, &input, outcome);
            }
            Fact::UserErased { user } => self.requests.erase(&mut self.state.names, user),
            Fact::Recovered { .. } => self.requests.clear(&mut self.state.names),
            Fact::RulesChanged { .. } => {
                let State { limits, names, .. } = &mut self.state;
                self.requests.change_limits(names, window, limits);
            }
            Fact::RoomOpened { .. }
            | Fact::RoomDissolved { .. }
            | Fact::UserEntered { .. }
            | Fact::UserLeft { .. }
            | Fact::UserRemoved { .. }
            | Fact::RoleSet { .. } => {}
        }
        has_changed
    }
}

/// The plan is complete, or this rule ignores the fact.
pub(super) type Decided = Result<(), Rule>;

impl State {
    pub(super) fn decide_fact(&self, fact: &Fact<'_>, plan: &mut Plan) -> Answer {
        let decided = match *fact {
            Fact::RoomOpened { room, owner } => self.room_opened(room, owner, plan),
            Fact::RoomDissolved { by, .. } => self.room_dissolved(fact, by, plan),
            Fact::UserEntered { user, device, session, .. } => {
                self.user_entered(fact, user, Presence { device, session }, plan)
            }
            Fact::UserLeft { user, device, session, .. } => {
                self.user_left(fact, user, Presence { device, session }, plan)
            }
            Fact::PresenceListed { present, .. } => self.unlisted_end(fact, present, plan),
            Fact::UserRemoved { user, by, .. } => self.user_removed(fact, user, by, plan),
            Fact::RoleSet { user, role, .. } => self.role_set(fact, user, role, plan),
            Fact::UserErased { user } => self.user_erased(user, plan),
            Fact::RulesChanged { policy, limits } => self.rules_changed(&policy, &limits, plan),
            Fact::Recovered { floor } => self.recovered(floor, plan),
        };
        match decided {
            Ok(()) => Answer::Applied,
            Err(rule) => Answer::Ignored(rule),
        }
    }

    fn room_opened(&self, room: RoomId, owner: UserId, plan: &mut Plan) -> Decided {
        self.is_named(Some(room), owner, None)?;
        if self.rooms.get(room).is_some() {
            return Err(Rule::F03);
        }
        if self.rooms.open_count() >= self.limits.rooms {
            return Err(Rule::L09);
        }
        if self.rooms.openings() >= LAST {
            return Err(Rule::L16);
        }
        plan.changes.push(Change::OpenRoom { room, owner });
        Ok(())
    }

    fn room_dissolved(&self, fact: &Fact<'_>, by: Actor, plan: &mut Plan) -> Decided {
        self.is_room_named(fact.room())?;
        let room = self.target(fact)?.id;
        plan.changes.push(Change::Dissolve { room, by: self.operator(by) });
        Ok(())
    }

    /// F-05, F-13
    fn user_entered(
        &self,
        fact: &Fact<'_>,
        user: UserId,
        presence: Presence,
        plan: &mut Plan,
    ) -> Decided {
        let room = self.about(fact, user, presence.device)?.id;
        let member = self.members.member(room, user);
        if member.is_some_and(|member| self.members.has_ended(member, presence.session)) {
            return Err(Rule::F13);
        }
        self.enter(room, user, presence, plan)
    }

    /// F-04, F-05
    pub(super) fn enter(
        &self,
        room: RoomId,
        user: UserId,
        presence: Presence,
        plan: &mut Plan,
    ) -> Decided {
        let found = self.members.find(room, user);
        let member = found.map(|(position, _)| position);
        let entering = Change::Enter { room, user, member, presence };
        let present = found.map(|(_, member)| member).filter(|member| member.is_present());
        if present.is_some_and(|member| !self.members.is_changed_by(member, presence)) {
            return Err(Rule::F05);
        }
        let comes_in = present.is_none();
        let is_full = comes_in && self.members.present(room) >= self.limits.participants_per_room;
        if is_full || !self.members.fits_one() {
            return Err(Rule::L10);
        }
        plan.changes.push(entering);
        if !comes_in {
            return Ok(());
        }
        if self.expected.find(room, user).is_some() {
            plan.changes.push(Change::EndExpectation { room, user });
        }
        if let Some((position, call)) = self.calls.listed(room, user) {
            let attempt = call.attempt;
            plan.changes.push(if call.is_live() {
                let cause = Cause::Entered { device: presence.device };
                Change::End { position, attempt, cause, because: Rule::E07 }
            } else {
                Change::Unlist { position, attempt, because: Rule::K02 }
            });
        }
        // E-03
        if self.policy.in_other_room == InOtherRoom::Reject {
            let elsewhere = self.calls.live_of(user).filter(|(_, call)| call.room != room);
            plan.changes.extend(elsewhere.map(|(position, call)| Change::End {
                position,
                attempt: call.attempt,
                cause: Cause::InOtherRoom,
                because: Rule::E03,
            }));
        }
        // O-01: entering itself counts as before all attempts.
        plan.changes.sort_unstable_by_key(Change::attempt);
        Ok(())
    }

    /// F-06
    fn user_left(
        &self,
        fact: &Fact<'_>,
        user: UserId,
        presence: Presence,
        plan: &mut Plan,
    ) -> Decided {
        let room = self.about(fact, user, presence.device)?.id;
        let found = self.members.find(room, user);
        let (mut ends, mut stays) = (false, false);
        // F-13: whether the session that is named is remembered or goes on, and whether one ends.
        let (mut is_known, mut ends_session) = (false, false);
        if let Some((_, member)) = found {
            for other in self.members.presences(member) {
                if presence.matches(other) {
                    (ends, ends_session) = (true, ends_session || other.session.is_some());
                } else {
                    (stays, is_known) = (true, is_known || other.session == presence.session);
                }
            }
            is_known = is_known || self.members.has_ended(member, presence.session);
            ends_session = ends_session || member.remembers();
        }
        let session = presence.session.filter(|_| !is_known && self.members.fits_one());
        if !ends && session.is_none() {
            return Err(Rule::F06);
        }
        if let Some((member, _)) = found.filter(|_| ends) {
            plan.changes.push(Change::Leave { member, presence });
        }
        if let Some(session) = session {
            plan.changes.push(Change::EndSession { room, user, session });
        }
        if ends_session || session.is_some() {
            plan.changes.push(Change::EvictGone { room });
        }
        if ends && !stays {
            self.cancel_left(room, |left| left == user, self.members.present(room) == 1, plan);
        }
        Ok(())
    }

    /// What ends because callers are no longer in a room, or nobody is (F-07, F-08).
    pub(super) fn cancel_left(
        &self,
        room: RoomId,
        has_left: impl Fn(UserId) -> bool,
        is_empty: bool,
        plan: &mut Plan,
    ) {
        if self.policy.caller_left == CallerLeft::KeepRinging {
            return;
        }
        let listed = self.calls.list_of(room);
        let cancelled = listed.filter_map(|(position, call)| {
            let because = self.cancels(call, &has_left, is_empty)?;
            let cause = Cause::CallerLeft { device: call.device };
            Some(Change::End { position, attempt: call.attempt, cause, because })
        });
        plan.changes.extend(cancelled);
    }

    /// The rule by which a call ends because of who has left, if one does (F-07, F-08).
    fn cancels(
        &self,
        call: &Call,
        has_left: impl Fn(UserId) -> bool,
        is_empty: bool,
    ) -> Option<Rule> {
        match self.policy.caller_left {
            _ if !call.is_live() => None,
            CallerLeft::CancelCalls => has_left(call.caller).then_some(Rule::F07),
            CallerLeft::CancelIfRoomEmpty => is_empty.then_some(Rule::F08),
            CallerLeft::KeepRinging => None,
        }
    }

    /// F-16
    fn user_removed(&self, fact: &Fact<'_>, user: UserId, by: Actor, plan: &mut Plan) -> Decided {
        let room = self.about(fact, user, None)?.id;
        let present = self.members.find(room, user).filter(|(_, member)| member.is_present());
        if let Some((member, _)) = present {
            plan.changes.push(Change::Leave { member, presence: Presence::ANY });
            plan.changes.push(Change::EvictGone { room });
        }
        if self.expected.find(room, user).is_some() {
            plan.changes.push(Change::EndExpectation { room, user });
        }
        let is_empty = present.is_some() && self.members.present(room) == 1;
        let ended = self.calls.list_of(room).filter_map(|(position, call)| {
            let is_of_user = call.is_live() && (call.callee == user || call.caller == user);
            let (cause, because) = if is_of_user {
                (Cause::Revoked { by: self.operator(by) }, Rule::F16)
            } else {
                let because = self.cancels(call, |_| false, is_empty)?;
                (Cause::CallerLeft { device: call.device }, because)
            };
            Some(Change::End { position, attempt: call.attempt, cause, because })
        });
        plan.changes.extend(ended);
        if plan.changes.is_empty() { Err(Rule::F16) } else { Ok(()) }
    }

    /// F-09, F-10
    fn role_set(&self, fact: &Fact<'_>, user: UserId, role: Role, plan: &mut Plan) -> Decided {
        let target = self.about(fact, user, None)?;
        if self.role(target, user) == role {
            return Err(Rule::F10);
        }
        let room = target.id;
        let is_full = self.members.admins(room) >= self.limits.admins_per_room;
        if role == Role::Admin && (is_full || !self.members.fits_one()) {
            return Err(Rule::L11);
        }
        plan.changes.push(Change::SetRole { room, user, role });
        // F-13: somebody who is no admin any more may be one of those.
        plan.changes.push(Change::EvictGone { room });
        Ok(())
    }

    /// As [`target`](Self::target), of a fact about a user, perhaps on a device (N-01).
    fn about(
        &self,
        fact: &Fact<'_>,
        user: UserId,
        device: Option<DeviceId>,
    ) -> Result<&Room, Rule> {
        self.is_named(fact.room(), user, device)?;
        self.target(fact)
    }

    /// The room that a fact is about, in the opening that it means (F-01, F-14).
    pub(super) fn target(&self, fact: &Fact<'_>) -> Result<&Room, Rule> {
        let room = fact.room().and_then(|room| self.rooms.get(room)).ok_or(Rule::F01)?;
        let is_meant = fact.opening().is_none_or(|opening| opening == room.opening);
        if is_meant { Ok(room) } else { Err(Rule::F14) }
    }

    /// N-01
    pub(super) fn is_room_named(&self, room: Option<RoomId>) -> Decided {
        let is_named = room.is_none_or(|room| self.names.rooms.contains(room));
        if is_named { Ok(()) } else { Err(Rule::N01) }
    }

    /// N-01
    pub(super) fn is_named(
        &self,
        room: Option<RoomId>,
        user: UserId,
        device: Option<DeviceId>,
    ) -> Decided {
        self.is_room_named(room)?;
        let is_named = self.names.users.contains(user)
            && device.is_none_or(|device| self.names.devices.contains(device));
        if is_named { Ok(()) } else { Err(Rule::N01) }
    }

    /// Who dissolved a room or removed a user: whoever it was, it has happened (F-11, F-16).
    fn operator(&self, by: Actor) -> Actor {
        if self.knows(by) { by } else { Actor::Backend }
    }
}
