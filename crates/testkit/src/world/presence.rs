//! What the switchboard was told of who is where, and what it must make of it: nothing of an opening or of a session that is over
//! (F-13, F-14), and the truth once all of it has come, or is listed (F-15).

use std::collections::{BTreeMap, BTreeSet};

use roomcall::Rule;
use roomcall::protocol::{Answer, Fact, Outcome};

use super::media_server::{Names, Session};
use super::simulation::World;
use super::{Checked, ROOMS, violation};

/// So many ended sessions of a user in a room are remembered at least (F-13).
const REMEMBERED: usize = 8;

/// What the switchboard was told of who is where.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    /// The present opening of each open room.
    pub openings: BTreeMap<String, u64>,
    /// How many sessions there were.
    pub made: u64,
    /// What the switchboard was told of each session in the present opening of its room.
    told: BTreeMap<u64, Told>,
    /// Rooms and users of whom facts were lost, or came in an order that says something else.
    unsure: BTreeSet<(String, String)>,
    /// Who is in which room, and on which device, where there is no media server.
    pub inside: BTreeSet<(String, String, Option<String>)>,
}

/// What the switchboard was told of a session.
#[derive(Clone, Debug)]
struct Told {
    room: String,
    user: String,
    device: usize,
    has_entered: bool,
    has_left: bool,
    /// Whether it was put out, and the facts of it are stale.
    was_removed: bool,
}

impl Presence {
    /// Something that the switchboard is to know of a user in a room may stay unknown to it.
    pub fn doubt(&mut self, session: &Session, user: &str) {
        self.unsure.insert((session.room.clone(), user.to_owned()));
    }

    /// The switchboard has forgotten whatever it was told (F-18).
    pub(super) fn set_back(&mut self) {
        self.told.clear();
    }

    /// A host that knows at once who is in a room states it.
    pub(super) fn stated(&mut self, fact: &Fact) {
        match fact {
            Fact::UserEntered { room, user, device, .. } if self.openings.contains_key(room) => {
                self.inside.insert((room.clone(), user.clone(), device.clone()));
            }
            Fact::UserLeft { room, user, device, .. } => {
                let is_meant = |on: &Option<String>| device.is_none() || device == on;
                self.inside.retain(|(of, who, on)| of != room || who != user || !is_meant(on));
            }
            Fact::UserRemoved { room, user, .. } => {
                self.inside.retain(|(of, who, _)| of != room || who != user);
            }
            Fact::UserErased { user } => {
                self.inside.retain(|(_, who, _)| who != user);
                self.told.retain(|_, told| told.user != *user);
            }
            Fact::RoomDissolved { room, .. } => {
                self.told.retain(|_, told| told.room != *room);
                self.unsure.retain(|(of, _)| of != room);
                self.inside.retain(|(of, _, _)| of != room);
            }
            Fact::UserEntered { .. }
            | Fact::RoomOpened { .. }
            | Fact::PresenceListed { .. }
            | Fact::RoleSet { .. }
            | Fact::RulesChanged { .. }
            | Fact::Recovered { .. } => {}
        }
    }

    /// Whether more sessions of a user in a room have been than are remembered.
    fn is_too_long_ago(&self, room: &str, user: &str) -> bool {
        let of = self.told.values().filter(|told| told.room == room && told.user == user);
        of.count() > REMEMBERED
    }
}

impl World {
    /// What the switchboard makes of the facts about a room is not what they say.
    pub(super) fn doubt_all(&mut self, room: &str) {
        let all = self.users.iter().map(|user| (room.to_owned(), user.clone()));
        self.presence.unsure.extend(all);
    }

    /// A fact of the media server arrives.
    pub fn hear(&mut self, device: usize, fact: Fact, session: &Session) -> Checked {
        let user = self.devices[device].plan.user.clone();
        let is_meant = self.opening(&session.room) == Some(session.opening);
        let names_openings = self.names_openings();
        let has_left = matches!(fact, Fact::UserLeft { .. });
        let was_over = self.presence.told.get(&session.number).cloned();
        let was_inside = self.is_inside(&user, &session.room);
        let outcome = self.state(fact)?;
        let ignored = rule_of(&outcome);
        if !is_meant {
            let is_open = self.opening(&session.room).is_some();
            self.sometimes(is_open, "a fact of an opening before");
            let is_ignored = ignored == Some(if is_open { Rule::F14 } else { Rule::F01 });
            if (names_openings || !is_open) && !is_ignored {
                let message = format!("{session:?} of {user}: {outcome:?}");
                return violation("an opening that is over is over", message);
            }
            if !names_openings && is_open {
                self.presence.doubt(session, &user);
            }
            return Ok(());
        }
        self.stays_over(&user, session, (has_left, was_over), (was_inside, ignored))?;
        self.told(device, session, has_left, ignored.is_none());
        Ok(())
    }

    /// F-13: an entering in a session that has ended, as far as the switchboard was told, is ignored.
    fn stays_over(
        &mut self,
        user: &str,
        session: &Session,
        (has_left, told): (bool, Option<Told>),
        (was_inside, ignored): (bool, Option<Rule>),
    ) -> Checked {
        let Some(told) = told.filter(|told| told.has_left) else { return Ok(()) };
        let names_sessions = self.media_server.is_some_and(|server| server.names != Names::Device);
        let is_remembered = !self.presence.is_too_long_ago(&session.room, user);
        let is_late = !has_left && names_sessions;
        self.sometimes(is_late, "an entering after its leaving");
        self.sometimes(is_late && told.was_removed, "an entering of somebody who was removed");
        let is_inside = self.is_inside(user, &session.room);
        let comes_back = !was_inside && is_inside;
        if is_late && is_remembered && (comes_back || ignored != Some(Rule::F13)) {
            let message = format!("{session:?} of {user} is over, and {ignored:?} of its entering");
            return violation("a session that is over is over", message);
        }
        Ok(())
    }

    /// The switchboard was told of a session in the present opening.
    fn told(&mut self, device: usize, session: &Session, has_left: bool, is_applied: bool) {
        let user = self.devices[device].plan.user.clone();
        let names = self.media_server.map(|server| server.names);
        let number = session.number;
        let told = &mut self.presence.told;
        let is_on = |told: &Told| told.device == device && told.room == session.room;
        let (mut knows_before, mut is_overtaken) = (false, false);
        if !has_left && names != Some(Names::Session) {
            let is_new = told.get(&number).is_none_or(|told| !told.has_entered && !told.has_left);
            let newer = told.range(number + 1..);
            is_overtaken = is_new && newer.clone().any(|(_, told)| is_on(told) && told.has_entered);
            // F-05: a session on the same device ends the one before.
            for (_, before) in told.range_mut(..number) {
                let goes_on = is_applied && is_on(before) && before.has_entered && !before.has_left;
                knows_before |= goes_on;
                before.has_left |= goes_on;
            }
        }
        let room = session.room.clone();
        let (has_entered, was_removed) = (false, false);
        let new =
            Told { room, user: user.clone(), device, has_entered, has_left: false, was_removed };
        let told = told.entry(number).or_insert(new);
        let is_swapped = has_left && !told.has_entered && !told.has_left;
        told.has_entered |= !has_left;
        told.has_left |= has_left;
        if is_overtaken || names == Some(Names::Device) {
            self.presence.doubt(session, &user);
        }
        self.sometimes(knows_before, "a device enters again before it has left");
        self.sometimes(is_overtaken, "an entering after that of a later session");
        self.sometimes(is_swapped, "a leaving before its entering");
    }

    /// Nothing of a user who was put out of a room comes back.
    pub(super) fn told_removed(&mut self, room: &str, user: &str) {
        let of = self.presence.told.values_mut().filter(|it| it.room == room && it.user == user);
        for told in of.filter(|told| told.has_entered) {
            told.was_removed |= !told.has_left;
            told.has_left = true;
        }
    }

    /// A list was stated: sessions that are in it were entered, others that were entered are over (F-15).
    pub(super) fn after_list(&mut self, room: &str) {
        for device in 0..self.devices.len() {
            let session = self.devices[device].session.clone();
            if let Some(session) = session.filter(|it| it.room == room && !it.is_over) {
                self.told(device, &session, false, true);
            }
        }
        let live: BTreeSet<u64> = self.devices.iter().filter_map(Self::live_session).collect();
        for (number, told) in &mut self.presence.told {
            told.has_left |= told.room == room && told.has_entered && !live.contains(number);
        }
        if !self.is_told_of(room) {
            self.presence.unsure.retain(|(of, _)| of != room);
        }
    }

    fn live_session(of: &super::Device) -> Option<u64> {
        of.session.as_ref().filter(|session| !session.is_over).map(|session| session.number)
    }

    /// F-13: once all facts of the sessions of a user in a room have come, in whatever order and however often, the user is there
    /// if a session is.
    pub(super) fn facts_come_to_the_truth(&mut self, room: &str) -> Checked {
        if self.is_told_of(room) || self.media_server.is_none_or(|it| it.names == Names::Device) {
            return Ok(());
        }
        let participants = self.participants(room);
        let present: BTreeSet<String> = self.present(room).into_iter().map(|it| it.user).collect();
        for user in self.users.clone() {
            let of = (room.to_owned(), user.clone());
            if self.presence.unsure.contains(&of) || self.presence.is_too_long_ago(room, &user) {
                continue;
            }
            let (is_there, is_known) = (present.contains(&user), participants.contains(&user));
            self.sometimes(is_there, "all facts of somebody who is there came");
            if is_there != is_known {
                let message = format!("{user} in {room}: {is_there}, as the facts say: {is_known}");
                return violation("the facts of a session come to the same", message);
            }
        }
        Ok(())
    }

    /// After a list, and at rest: who is in a room, and nobody else, is in it.
    pub(super) fn presence_agrees(&self, room: &str) -> Checked {
        let present: BTreeSet<String> = self.present(room).into_iter().map(|it| it.user).collect();
        let participants = self.participants(room);
        if present == participants {
            return Ok(());
        }
        violation(
            "presence is the truth",
            format!("{present:?} are in {room}, the switchboard says {participants:?}"),
        )
    }

    /// At rest: as [`presence_agrees`](Self::presence_agrees), in every room.
    pub(super) fn all_presence_agrees(&self) -> Checked {
        if !self.is_at_rest {
            return Ok(());
        }
        ROOMS.iter().try_for_each(|room| self.presence_agrees(room))
    }
}

/// The rule that ignored a fact.
fn rule_of(outcome: &Outcome) -> Option<Rule> {
    match &outcome.answer {
        Some(Ok(Answer::Fact(answer))) => answer.ignored,
        _ => None,
    }
}
