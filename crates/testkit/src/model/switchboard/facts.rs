//! Facts (rules F). None is refused; an ignored one gives the rule that ignores it.

use roomcall::protocol::{Actor, Fact};
use roomcall::{CallStatus, CallerLeft, InOtherRoom, Role, Rule};

use super::endings::End;
use super::{Model, Room, fits};

impl Model {
    pub(super) fn fact(&mut self, fact: &Fact) -> Result<(), Rule> {
        if !self.fact_has_ids(fact) {
            return Err(Rule::L01);
        }
        match fact {
            Fact::RoomOpened { room, owner } => self.opened(room, owner),
            Fact::RoomDissolved { room, by } => self.dissolved(room, by),
            Fact::UserEntered { room, user, device } => self.entered(room, user, device),
            Fact::UserLeft { room, user } => self.left(room, user),
            Fact::RoleSet { room, user, role } => self.role_set(room, user, *role),
        }
    }

    /// L-01
    fn fact_has_ids(&self, fact: &Fact) -> bool {
        match fact {
            Fact::RoomOpened { room, owner: user }
            | Fact::UserLeft { room, user }
            | Fact::RoleSet { room, user, .. } => self.is_id(room) && self.is_id(user),
            Fact::RoomDissolved { room, .. } => self.is_id(room),
            Fact::UserEntered { room, user, device } => {
                self.is_id(room) && self.is_id(user) && self.is_id(device)
            }
        }
    }

    fn opened(&mut self, name: &str, owner: &str) -> Result<(), Rule> {
        // F-03, then L-09
        if self.room(name).is_some() {
            return Err(Rule::F03);
        }
        if !fits(self.rooms.len().saturating_add(1), self.limits.rooms) {
            return Err(Rule::L09);
        }
        // F-02
        self.openings = self.openings.saturating_add(1);
        self.rooms.push(Room {
            name: name.to_owned(),
            opening: self.openings,
            inside: Vec::new(),
            roles: vec![(owner.to_owned(), Role::Owner)],
            kept: Vec::new(),
            endings: Vec::new(),
        });
        Ok(())
    }

    fn dissolved(&mut self, name: &str, by: &Actor) -> Result<(), Rule> {
        // F-01
        if self.room(name).is_none() {
            return Err(Rule::F01);
        }
        // F-11: callee and caller are told, but there is no room left to tell or to remember.
        let operator = match by {
            Actor::Device { user, device } if self.is_actor(by) => {
                Some((user.clone(), device.clone()))
            }
            // Nobody is named, or not by good ids.
            Actor::Device { .. } | Actor::Backend => None,
        };
        let end = End::Revoked { operator };
        for attempt in self.attempts_of(name, |_| true) {
            let Some(place) = self.live.iter().position(|call| call.attempt == attempt) else {
                continue;
            };
            let call = self.live.remove(place);
            self.tell_parties(&call, &end, Rule::F11);
            self.ended = self.ended.saturating_add(1);
        }
        self.rooms.retain(|room| room.name != name);
        Ok(())
    }

    fn entered(&mut self, name: &str, user: &str, device: &str) -> Result<(), Rule> {
        let limits = self.limits;
        // F-01, F-05, then L-10
        let room = self.room_mut(name).ok_or(Rule::F01)?;
        if room.has_inside(user) {
            return Err(Rule::F05);
        }
        if !fits(room.inside.len().saturating_add(1), limits.participants_per_room) {
            return Err(Rule::L10);
        }
        // F-04
        room.inside.push(user.to_owned());
        // O-01: in attempt order, where the record that goes counts by its attempt.
        let removed = room.take_kept(user);
        let mut touched: Vec<u64> = removed.iter().map(|kept| kept.call.attempt).collect();
        touched.extend(self.live.iter().filter(|call| call.callee == user).map(|c| c.attempt));
        touched.sort_unstable();
        for attempt in touched {
            if let Some(kept) = removed.as_ref().filter(|kept| kept.call.attempt == attempt) {
                // K-02
                self.notify_room(&kept.call, CallStatus::None, Rule::K02);
            } else if self.live_call(name, user).is_some_and(|call| call.attempt == attempt) {
                // E-07
                self.end(attempt, &End::Entered { device: device.to_owned() }, Rule::E07);
            } else if self.policy.in_other_room == InOtherRoom::Reject {
                // E-03; under ring it rings on (C-09).
                self.end(attempt, &End::InOtherRoom, Rule::E03);
            }
        }
        Ok(())
    }

    fn left(&mut self, name: &str, user: &str) -> Result<(), Rule> {
        // F-01, F-06
        let room = self.room_mut(name).ok_or(Rule::F01)?;
        if !room.has_inside(user) {
            return Err(Rule::F06);
        }
        room.inside.retain(|inside| inside != user);
        let empty = room.inside.is_empty();
        match self.policy.caller_left {
            CallerLeft::KeepRinging => {}
            // F-07
            CallerLeft::CancelCalls => {
                let calls = self.attempts_of(name, |caller| caller == user);
                self.cancel_for_their_callers(&calls, Rule::F07);
            }
            // F-08
            CallerLeft::CancelIfRoomEmpty => {
                if empty {
                    let calls = self.attempts_of(name, |_| true);
                    self.cancel_for_their_callers(&calls, Rule::F08);
                }
            }
        }
        Ok(())
    }

    /// Ends attempts as cancelled, each by its caller and the device that called (F-07, F-08).
    fn cancel_for_their_callers(&mut self, attempts: &[u64], because: Rule) {
        for attempt in attempts {
            self.end(*attempt, &End::CallerLeft, because);
        }
    }

    /// The live attempts of a room whose caller is wanted, in attempt order.
    fn attempts_of(&self, room: &str, wanted: impl Fn(&str) -> bool) -> Vec<u64> {
        let calls = self.live.iter().filter(|call| call.room == room && wanted(&call.caller));
        calls.map(|call| call.attempt).collect()
    }

    fn role_set(&mut self, name: &str, user: &str, role: Role) -> Result<(), Rule> {
        let limits = self.limits;
        // F-01, F-10, then L-11
        let room = self.room_mut(name).ok_or(Rule::F01)?;
        if room.role(user) == role {
            return Err(Rule::F10);
        }
        let admins = room.roles.iter().filter(|(_, role)| *role == Role::Admin).count();
        if role == Role::Admin && !fits(admins.saturating_add(1), limits.admins_per_room) {
            return Err(Rule::L11);
        }
        // F-09: one role a user, one owner a room; a participant is whoever has no other role.
        room.roles.retain(|(who, _)| who != user);
        match role {
            Role::Owner => {
                room.roles.retain(|(_, role)| *role != Role::Owner);
                room.roles.push((user.to_owned(), Role::Owner));
            }
            Role::Admin => room.roles.push((user.to_owned(), Role::Admin)),
            Role::Participant => {}
        }
        Ok(())
    }
}
