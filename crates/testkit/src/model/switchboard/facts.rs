//! Facts (rules F). None is refused; an ignored one gives the rule that ignores it.

use roomcall::protocol::{Actor, ExceededLimit, Fact, FactAnswer, LimitName, Present};
use roomcall::{Role, Rule};

use super::endings::End;
use super::{Call, LAST_NUMBER, Model, Room, fits};

impl Model {
    pub(super) fn fact(&mut self, fact: &Fact) -> Result<(), Rule> {
        // F-01: the order of the reasons.
        if !self.fact_has_ids(fact) {
            return Err(Rule::L01);
        }
        if let Fact::RoomOpened { room, owner } = fact {
            return self.opened(room, owner);
        }
        let name = match (fact, fact.room()) {
            (Fact::RulesChanged { policy, limits }, _) => {
                return self.rules_changed(*policy, *limits);
            }
            (Fact::Recovered { floor }, _) => return self.recovered(*floor),
            (Fact::UserErased { user }, _) => {
                self.erased(user);
                return Ok(());
            }
            (_, Some(name)) => name,
            (_, None) => panic!("no rule of the model is about {fact:?}"),
        };
        let open = self.room(name).ok_or(Rule::F01)?;
        // F-14
        if named_opening(fact).is_some_and(|opening| opening != open.opening) {
            return Err(Rule::F14);
        }
        let present = |user: &String, device: &Option<String>, session: &Option<String>| Present {
            user: user.clone(),
            device: device.clone(),
            session: session.clone(),
        };
        match fact {
            Fact::RoomOpened { .. }
            | Fact::UserErased { .. }
            | Fact::RulesChanged { .. }
            | Fact::Recovered { .. } => {}
            Fact::RoomDissolved { room, by, .. } => self.dissolved(room, by),
            Fact::UserEntered { room, user, device, session, .. } => {
                self.entered(room, &present(user, device, session))?;
            }
            Fact::UserLeft { room, user, device, session, .. } => {
                self.left(room, &present(user, device, session))?;
            }
            Fact::PresenceListed { room, present, .. } => self.listed(room, present)?,
            Fact::UserRemoved { room, user, by, .. } => self.removed(room, user, by)?,
            Fact::RoleSet { room, user, role, .. } => self.role_set(room, user, *role)?,
        }
        // F-13
        let (limit, now) = (self.limits.participants_per_room, self.clock);
        if let Some(room) = self.room_mut(name) {
            room.forget_sessions(limit, now);
        }
        Ok(())
    }

    /// F-17
    pub(super) fn fact_answer(&self, fact: &Fact, ignored: Option<Rule>) -> FactAnswer {
        let limits = self.limits;
        let limit = match ignored {
            Some(Rule::L01) => Some((LimitName::IdBytes, limits.id_bytes)),
            Some(Rule::L09) => Some((LimitName::Rooms, limits.rooms)),
            Some(Rule::L10) => Some((LimitName::ParticipantsPerRoom, limits.participants_per_room)),
            Some(Rule::L11) => Some((LimitName::AdminsPerRoom, limits.admins_per_room)),
            _ => None,
        };
        FactAnswer {
            opening: fact.room().and_then(|room| self.room(room)).map(|room| room.opening),
            ignored,
            limit: limit.map(|(name, value)| ExceededLimit { name, value }),
        }
    }

    /// L-01; not for the dissolver of a room (F-11) and who removed a user (F-16).
    fn fact_has_ids(&self, fact: &Fact) -> bool {
        let is_id = |name: &String| self.is_id(name);
        let are_ids = |user: &String, device: &Option<String>, session: &Option<String>| {
            is_id(user) && device.iter().all(is_id) && session.iter().all(is_id)
        };
        let others_are = match fact {
            Fact::RoomDissolved { .. } | Fact::RulesChanged { .. } | Fact::Recovered { .. } => true,
            Fact::RoomOpened { owner: user, .. }
            | Fact::UserRemoved { user, .. }
            | Fact::RoleSet { user, .. }
            | Fact::UserErased { user } => is_id(user),
            Fact::UserEntered { user, device, session, .. }
            | Fact::UserLeft { user, device, session, .. } => are_ids(user, device, session),
            Fact::PresenceListed { present, .. } => {
                present.iter().all(|entry| are_ids(&entry.user, &entry.device, &entry.session))
            }
        };
        fact.room().is_none_or(is_id) && others_are
    }

    fn opened(&mut self, name: &str, owner: &str) -> Result<(), Rule> {
        // F-03, then L-09, then L-16
        if self.room(name).is_some() {
            return Err(Rule::F03);
        }
        if !fits(self.rooms.len().saturating_add(1), self.limits.rooms) {
            return Err(Rule::L09);
        }
        if self.last_opening() >= LAST_NUMBER {
            return Err(Rule::L16);
        }
        // F-02
        self.opened += 1;
        self.rooms.push(Room {
            name: name.to_owned(),
            opening: self.last_opening(),
            inside: Vec::new(),
            presences: Vec::new(),
            sessions: Vec::new(),
            outside: Vec::new(),
            roles: vec![(owner.to_owned(), Role::Owner)],
            kept: Vec::new(),
            endings: Vec::new(),
        });
        Ok(())
    }

    fn dissolved(&mut self, name: &str, by: &Actor) {
        // F-11: callee and caller are told, but there is no room left to tell or to remember.
        let end = End::Revoked { operator: self.operator(by) };
        for attempt in self.attempts_of(name, |_| true) {
            let Some(place) = self.live.iter().position(|call| call.attempt == attempt) else {
                continue;
            };
            let call = self.live.remove(place);
            self.tell_parties(&call, &end, Rule::F11);
            self.ended = self.ended.saturating_add(1);
            // H-01: the log outlives the room.
            self.log_ending(name, &end.of(&call));
        }
        self.expect_nobody_in(name);
        self.rooms.retain(|room| room.name != name);
    }

    /// Whose revoke it is where a fact is one (F-11, F-16).
    pub(super) fn operator(&self, by: &Actor) -> Option<(String, String)> {
        match by {
            Actor::Device { user, device } if self.is_actor(by) => {
                Some((user.clone(), device.clone()))
            }
            // Nobody is named, or not by good ids.
            Actor::Device { .. } | Actor::Backend => None,
        }
    }

    /// The live attempts of a room that are wanted, in attempt order.
    pub(super) fn attempts_of(&self, room: &str, wanted: impl Fn(&Call) -> bool) -> Vec<u64> {
        let calls = self.live.iter().filter(|call| call.room == room && wanted(call));
        calls.map(|call| call.attempt).collect()
    }

    fn role_set(&mut self, name: &str, user: &str, role: Role) -> Result<(), Rule> {
        let limits = self.limits;
        // F-10, then L-11
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

/// The opening that a fact names (F-14).
fn named_opening(fact: &Fact) -> Option<u64> {
    match fact {
        Fact::RoomOpened { .. }
        | Fact::UserErased { .. }
        | Fact::RulesChanged { .. }
        | Fact::Recovered { .. } => None,
        Fact::RoomDissolved { opening, .. }
        | Fact::UserEntered { opening, .. }
        | Fact::UserLeft { opening, .. }
        | Fact::PresenceListed { opening, .. }
        | Fact::UserRemoved { opening, .. }
        | Fact::RoleSet { opening, .. } => *opening,
    }
}
