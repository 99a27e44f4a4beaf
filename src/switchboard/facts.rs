//! The second phase for facts: pure. A fact is never refused; one that means nothing is ignored, and
//! the rule says why (F-01).

use super::plan::{Change, Plan};
use super::state::{Call, Cause, Room, State};
use crate::domain::id::{DeviceId, RoomId, UserId};
use crate::domain::input::{Actor, Fact, Role};
use crate::domain::output::Answer;
use crate::domain::policy::{CallerLeft, InOtherRoom};
use crate::domain::rule::Rule;

/// The plan is complete, or this rule ignores the fact.
type Decided = Result<(), Rule>;

impl State {
    pub(super) fn decide_fact(&self, fact: &Fact, plan: &mut Plan) -> Answer {
        let decided = match *fact {
            Fact::RoomOpened { room, owner } => self.room_opened(room, owner, plan),
            Fact::RoomDissolved { room, by } => self.room_dissolved(room, by, plan),
            Fact::UserEntered { room, user, device } => self.user_entered(room, user, device, plan),
            Fact::UserLeft { room, user } => self.user_left(room, user, plan),
            Fact::RoleSet { room, user, role } => self.role_set(room, user, role, plan),
        };
        match decided {
            Ok(()) => Answer::Applied,
            Err(rule) => Answer::Ignored(rule),
        }
    }

    fn room_opened(&self, room: RoomId, owner: UserId, plan: &mut Plan) -> Decided {
        self.is_named(room, owner)?;
        if self.rooms.get(room).is_some() {
            return Err(Rule::F03);
        }
        if self.rooms.open_count() >= self.limits.rooms {
            return Err(Rule::L09);
        }
        plan.changes.push(Change::OpenRoom { room, owner });
        Ok(())
    }

    fn room_dissolved(&self, room: RoomId, by: Actor, plan: &mut Plan) -> Decided {
        if !self.names.rooms.contains(room) {
            return Err(Rule::N01);
        }
        self.opened(room)?;
        // F-11: whoever it was, the room is gone.
        let by = if self.knows(by) { by } else { Actor::Backend };
        plan.changes.push(Change::Dissolve { room, by });
        Ok(())
    }

    /// F-04, F-05
    fn user_entered(
        &self,
        room: RoomId,
        user: UserId,
        device: DeviceId,
        plan: &mut Plan,
    ) -> Decided {
        self.is_named(room, user)?;
        if !self.names.devices.contains(device) {
            return Err(Rule::N01);
        }
        self.opened(room)?;
        let member = self.presence.find(room, user);
        if member.is_some_and(|(_, member)| member.is_present) {
            return Err(Rule::F05);
        }
        let is_full = self.presence.present(room) >= self.limits.participants_per_room;
        if is_full || !self.presence.fits_one() {
            return Err(Rule::L10);
        }
        let member = member.map(|(position, _)| position);
        plan.changes.push(Change::Enter { room, user, member });
        if let Some((position, call)) = self.calls.listed(room, user) {
            let attempt = call.attempt;
            plan.changes.push(if call.is_live() {
                let cause = Cause::Entered { device };
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

    /// F-06, F-07, F-08
    fn user_left(&self, room: RoomId, user: UserId, plan: &mut Plan) -> Decided {
        self.is_named(room, user)?;
        self.opened(room)?;
        let present = self.presence.find(room, user).filter(|(_, member)| member.is_present);
        let Some((member, _)) = present else { return Err(Rule::F06) };
        plan.changes.push(Change::Leave { member });
        let (because, caller) = match self.policy.caller_left {
            CallerLeft::CancelCalls => (Rule::F07, Some(user)),
            CallerLeft::CancelIfRoomEmpty if self.presence.present(room) == 1 => (Rule::F08, None),
            CallerLeft::KeepRinging | CallerLeft::CancelIfRoomEmpty => return Ok(()),
        };
        let is_cancelled =
            |call: &Call| call.is_live() && caller.is_none_or(|caller| caller == call.caller);
        let cancelled = self.calls.list_of(room).filter(|(_, call)| is_cancelled(call));
        plan.changes.extend(cancelled.map(|(position, call)| Change::End {
            position,
            attempt: call.attempt,
            cause: Cause::CallerLeft { device: call.device },
            because,
        }));
        Ok(())
    }

    /// F-09, F-10
    fn role_set(&self, room: RoomId, user: UserId, role: Role, plan: &mut Plan) -> Decided {
        self.is_named(room, user)?;
        let target = self.opened(room)?;
        if self.role(target, user) == role {
            return Err(Rule::F10);
        }
        let is_full = self.presence.admins(room) >= self.limits.admins_per_room;
        if role == Role::Admin && (is_full || !self.presence.fits_one()) {
            return Err(Rule::L11);
        }
        plan.changes.push(Change::SetRole { room, user, role });
        Ok(())
    }

    /// F-01
    fn opened(&self, room: RoomId) -> Result<&Room, Rule> {
        self.rooms.get(room).ok_or(Rule::F01)
    }

    /// N-01
    fn is_named(&self, room: RoomId, user: UserId) -> Decided {
        let is_named = self.names.rooms.contains(room) && self.names.users.contains(user);
        if is_named { Ok(()) } else { Err(Rule::N01) }
    }
}
