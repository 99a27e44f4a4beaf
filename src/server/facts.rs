//! The second phase for facts: pure, `&self`. A fact is never refused; one that means nothing is
//! ignored, and the rule says why (F-01).

use alloc::vec;
use alloc::vec::Vec;

use super::commit::Change;
use super::decide::Decision;
use super::state::{Call, Ending, Room};
use super::{Switchboard, is_within};
use crate::{Actor, Answer, CallerLeft, DeviceId, Fact, InOtherRoom, Role, RoomId, Rule, UserId};

/// What is to happen, or the rule by which nothing does.
type Noted = Result<Vec<Change<'static>>, Rule>;

impl Switchboard {
    pub(super) fn take_note(&self, fact: Fact) -> Decision<'static> {
        let noted = match fact {
            Fact::RoomOpened { room, owner } => self.room_opened(room, owner),
            Fact::RoomDissolved { room, by } => self.room_dissolved(room, by),
            Fact::UserEntered { room, user, device } => self.user_entered(room, user, device),
            Fact::UserLeft { room, user } => self.user_left(room, user),
            Fact::RoleSet { room, user, role } => self.role_set(room, user, role),
        };
        match noted {
            Ok(changes) => Decision { answer: Answer::Noted, changes },
            Err(rule) => Decision::unchanged(Answer::Ignored(rule)),
        }
    }

    fn room_opened(&self, room: RoomId, owner: UserId) -> Noted {
        self.is_named(self.room_name(room))?;
        self.is_named(self.user_name(owner))?;
        if self.rooms.contains_key(&room) {
            return Err(Rule::F03);
        }
        if !is_within(self.rooms.len().saturating_add(1), self.limits.rooms) {
            return Err(Rule::L09);
        }
        Ok(vec![Change::OpenRoom { room, owner }])
    }

    fn room_dissolved(&self, room: RoomId, by: Actor) -> Noted {
        self.is_named(self.room_name(room))?;
        self.open(room)?;
        // F-11: whoever it was, the room is gone.
        let by = if self.known(by).is_ok() { by } else { Actor::Backend };
        Ok(vec![Change::Dissolve { room, by }])
    }

    /// F-04, F-05
    fn user_entered(&self, room: RoomId, user: UserId, device: DeviceId) -> Noted {
        self.is_named(self.room_name(room))?;
        self.is_named(self.user_name(user))?;
        self.is_named(self.device_name(device))?;
        let entered = self.open(room)?;
        if entered.present.contains(&user) {
            return Err(Rule::F05);
        }
        let present = entered.present.len().saturating_add(1);
        if !is_within(present, self.limits.participants_per_room) {
            return Err(Rule::L10);
        }
        let mut over = Vec::new();
        if let Some(&attempt) = entered.records.get(&user) {
            let is_live = self.calls.get(&attempt).is_some_and(Call::is_live);
            let change = if is_live {
                let ending = Ending::Entered { device };
                Change::End { attempt, ending, because: Rule::E07 }
            } else {
                Change::Remove { attempt, because: Rule::K02 }
            };
            over.push((attempt, change));
        }
        over.extend(self.called_elsewhere(user, room));
        // O-01
        over.sort_unstable_by_key(|(attempt, _)| *attempt);
        let enter = Change::Enter { room, user };
        Ok(core::iter::once(enter).chain(over.into_iter().map(|(_, change)| change)).collect())
    }

    /// E-03: the live attempts that end because their callee enters `room`.
    fn called_elsewhere(
        &self,
        user: UserId,
        room: RoomId,
    ) -> impl Iterator<Item = (crate::Attempt, Change<'static>)> {
        let live = match self.policy.in_other_room {
            InOtherRoom::Reject => self.users.get(&user).map(|user| &user.live),
            InOtherRoom::Ring => None,
        };
        let elsewhere = move |attempt: &&crate::Attempt| {
            self.calls.get(attempt).is_some_and(|call| call.room != room)
        };
        live.into_iter().flatten().filter(elsewhere).map(|&attempt| {
            (attempt, Change::End { attempt, ending: Ending::InOtherRoom, because: Rule::E03 })
        })
    }

    /// F-06, F-07, F-08
    fn user_left(&self, room: RoomId, user: UserId) -> Noted {
        self.is_named(self.room_name(room))?;
        self.is_named(self.user_name(user))?;
        let left = self.open(room)?;
        if !left.present.contains(&user) {
            return Err(Rule::F06);
        }
        let mut changes = vec![Change::Leave { room, user }];
        let (because, caller) = match self.policy.caller_left {
            CallerLeft::CancelCalls => (Rule::F07, Some(user)),
            CallerLeft::CancelIfRoomEmpty if left.present.len() == 1 => (Rule::F08, None),
            CallerLeft::KeepRinging | CallerLeft::CancelIfRoomEmpty => return Ok(changes),
        };
        changes.extend(left.list.iter().filter_map(|&attempt| {
            let call = self.calls.get(&attempt).filter(|call| call.is_live())?;
            let is_cancelled = caller.is_none_or(|caller| caller == call.caller);
            let ending = Ending::Cancelled { device: call.device };
            is_cancelled.then_some(Change::End { attempt, ending, because })
        }));
        Ok(changes)
    }

    /// F-09, F-10
    fn role_set(&self, room: RoomId, user: UserId, role: Role) -> Noted {
        self.is_named(self.room_name(room))?;
        self.is_named(self.user_name(user))?;
        let target = self.open(room)?;
        if target.role(user) == role {
            return Err(Rule::F10);
        }
        let admins = target.admins.len().saturating_add(1);
        if role == Role::Admin && !is_within(admins, self.limits.admins_per_room) {
            return Err(Rule::L11);
        }
        Ok(vec![Change::SetRole { room, user, role }])
    }

    /// F-01
    fn open(&self, room: RoomId) -> Result<&Room, Rule> {
        self.rooms.get(&room).ok_or(Rule::F01)
    }

    /// N-01
    fn is_named(&self, name: Option<&str>) -> Result<(), Rule> {
        name.map(|_| ()).ok_or(Rule::N01)
    }
}
