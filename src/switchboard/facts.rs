//! The second phase for facts: pure, `&self`. A fact is never refused; one that means nothing is
//! ignored, and the rule says why (F-01).

use super::commit::Change;
use super::find::Open;
use super::state::{Call, Cause, Phase, role};
use super::{Outcome, Switchboard, is_within};
use crate::{Actor, Answer, CallerLeft, DeviceId, Fact, InOtherRoom, Role, RoomId, Rule, UserId};

/// The plan is made, or the rule by which there is none.
type Applied = Result<(), Rule>;

impl Switchboard {
    pub(super) fn take_note(&self, fact: &Fact, step: &mut Outcome) -> Answer {
        let noted = match *fact {
            Fact::RoomOpened { room, owner } => self.room_opened(room, owner, step),
            Fact::RoomDissolved { room, by } => self.room_dissolved(room, by, step),
            Fact::UserEntered { room, user, device } => self.user_entered(room, user, device, step),
            Fact::UserLeft { room, user } => self.user_left(room, user, step),
            Fact::RoleSet { room, user, role } => self.role_set(room, user, role, step),
        };
        match noted {
            Ok(()) => Answer::Applied,
            Err(rule) => Answer::Ignored(rule),
        }
    }

    fn room_opened(&self, room: RoomId, owner: UserId, step: &mut Outcome) -> Applied {
        self.room_is_named(room)?;
        self.user_is_named(owner)?;
        if self.opened(room).is_some() {
            return Err(Rule::F03);
        }
        if self.open_rooms >= self.limits.rooms {
            return Err(Rule::L09);
        }
        step.plan.push(Change::OpenRoom { room, owner });
        Ok(())
    }

    pub(super) fn room_dissolved(&self, room: RoomId, by: Actor, step: &mut Outcome) -> Applied {
        self.room_is_named(room)?;
        self.open(room)?;
        // F-11: whoever it was, the room is gone.
        let by = if self.known(by).is_ok() { by } else { Actor::Backend };
        step.plan.push(Change::Dissolve { room, by });
        Ok(())
    }

    /// F-04, F-05
    fn user_entered(
        &self,
        room: RoomId,
        user: UserId,
        device: DeviceId,
        step: &mut Outcome,
    ) -> Applied {
        self.room_is_named(room)?;
        self.user_is_named(user)?;
        self.names.devices.get(device.0).map(|_| ()).ok_or(Rule::N01)?;
        let entered = self.open(room)?;
        if self.is_present(entered.at, user.0.slot()) {
            return Err(Rule::F05);
        }
        let is_full = entered.room.present >= self.limits.participants_per_room;
        if is_full || !self.seats.arena.fits(1) {
            return Err(Rule::L10);
        }
        step.plan.push(Change::Enter { room, user });
        if let Some((call, record)) = self.record(entered.at, user.0.slot()) {
            let attempt = record.number();
            step.plan.push(if record.is_live() {
                let ending = Cause::Entered { device };
                Change::End { attempt, call, ending, because: Rule::E07 }
            } else {
                Change::Remove { attempt, call, because: Rule::K02 }
            });
        }
        self.called_elsewhere(user, entered, step);
        // O-01: the entering itself counts as before all attempts.
        step.plan.sort_unstable_by_key(Change::attempt);
        Ok(())
    }

    /// E-03: the live attempts that end because their callee enters a room.
    fn called_elsewhere(&self, user: UserId, entered: Open<'_>, step: &mut Outcome) {
        if self.policy.in_other_room == InOtherRoom::Ring {
            return;
        }
        let live = self.user(user.0.slot()).live.iter(&self.calls.arena, Call::TO_CALLEE);
        let elsewhere = live.filter(|(_, call)| call.room != entered.at);
        step.plan.extend(elsewhere.map(|(at, call)| {
            let (attempt, ending) = (call.number(), Cause::InOtherRoom);
            Change::End { attempt, call: at, ending, because: Rule::E03 }
        }));
    }

    /// F-06, F-07, F-08
    fn user_left(&self, room: RoomId, user: UserId, step: &mut Outcome) -> Applied {
        self.room_is_named(room)?;
        self.user_is_named(user)?;
        let left = self.open(room)?;
        if !self.is_present(left.at, user.0.slot()) {
            return Err(Rule::F06);
        }
        step.plan.push(Change::Leave { room, user });
        let (because, caller) = match self.policy.caller_left {
            CallerLeft::CancelCalls => (Rule::F07, Some(user.0.slot())),
            CallerLeft::CancelIfRoomEmpty if left.room.present == 1 => (Rule::F08, None),
            CallerLeft::KeepRinging | CallerLeft::CancelIfRoomEmpty => return Ok(()),
        };
        let listed = left.room.list.iter(&self.calls.arena, Call::IN_ROOM);
        let is_cancelled = |call: &Call| {
            call.phase == Phase::Live && caller.is_none_or(|caller| caller == call.caller)
        };
        step.plan.extend(listed.filter(|(_, call)| is_cancelled(call)).map(|(at, call)| {
            let device = DeviceId(self.names.devices.handle(call.device));
            let (attempt, ending) = (call.number(), Cause::Cancelled { device });
            Change::End { attempt, call: at, ending, because }
        }));
        Ok(())
    }

    /// F-09, F-10
    fn role_set(&self, room: RoomId, user: UserId, new: Role, step: &mut Outcome) -> Applied {
        self.room_is_named(room)?;
        self.user_is_named(user)?;
        let target = self.open(room)?;
        let seat = self.seat(target.at, user.0.slot()).map(|(_, seat)| seat);
        if role(target.room, user.0.slot(), seat) == new {
            return Err(Rule::F10);
        }
        let admins = usize::try_from(target.room.admins).unwrap_or(usize::MAX).saturating_add(1);
        let is_full = !is_within(admins, self.limits.admins_per_room);
        if new == Role::Admin && (is_full || !self.seats.arena.fits(1)) {
            return Err(Rule::L11);
        }
        step.plan.push(Change::SetRole { room, user, role: new });
        Ok(())
    }

    /// F-01
    fn open(&self, room: RoomId) -> Result<Open<'_>, Rule> {
        self.opened(room).ok_or(Rule::F01)
    }

    /// N-01
    fn room_is_named(&self, room: RoomId) -> Result<(), Rule> {
        self.names.rooms.get(room.0).map(|_| ()).ok_or(Rule::N01)
    }

    /// N-01
    fn user_is_named(&self, user: UserId) -> Result<(), Rule> {
        self.names.users.get(user.0).map(|_| ()).ok_or(Rule::N01)
    }
}
