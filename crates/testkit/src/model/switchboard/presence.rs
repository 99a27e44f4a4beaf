//! Who is in a room, and which sessions are over (rules F-04 to F-08, F-13, F-15, F-16).

use roomcall::protocol::{Actor, Present};
use roomcall::{CallStatus, CallerLeft, InOtherRoom, Role, Rule};

use super::endings::End;
use super::{Call, Model, Room, fits};

/// The presences that a user has at most in a room (F-05).
const PRESENCES: usize = 16;

/// The sessions that are remembered of a user in a room (F-13).
const SESSIONS: usize = 8;

impl Model {
    pub(super) fn entered(&mut self, name: &str, entering: &Present) -> Result<(), Rule> {
        let limits = self.limits;
        let room = self.room_mut(name).ok_or(Rule::F01)?;
        // F-13
        if entering.session.as_ref().is_some_and(|session| room.is_over(&entering.user, session)) {
            return Err(Rule::F13);
        }
        // L-10: who is in the room does not come into it.
        let comes_in = !room.has_inside(&entering.user);
        let inside = room.inside.len();
        if comes_in && !fits(inside.saturating_add(1), limits.participants_per_room) {
            return Err(Rule::L10);
        }
        // F-05
        if !room.enter(entering) {
            return Err(Rule::F05);
        }
        if comes_in {
            self.came_into(name, entering);
        }
        Ok(())
    }

    /// Ends what rings for somebody who has come into a room, and that they are expected there (F-04).
    fn came_into(&mut self, name: &str, entering: &Present) {
        let user = &entering.user;
        self.expect_no_more(name, user);
        // O-01: in attempt order, where the record that goes counts by its attempt.
        let removed = self.room_mut(name).and_then(|room| room.take_kept(user));
        let mut touched: Vec<u64> = removed.iter().map(|kept| kept.call.attempt).collect();
        touched.extend(self.live.iter().filter(|call| call.callee == *user).map(|c| c.attempt));
        touched.sort_unstable();
        for attempt in touched {
            if let Some(kept) = removed.as_ref().filter(|kept| kept.call.attempt == attempt) {
                // K-02
                self.notify_room(&kept.call, CallStatus::None, Rule::K02);
            } else if self.live_call(name, user).is_some_and(|call| call.attempt == attempt) {
                // E-07
                let device = entering.device.clone();
                self.end(attempt, &End::Entered { device }, Rule::E07);
            } else if self.policy.in_other_room == InOtherRoom::Reject {
                // E-03; under ring it rings on (C-09).
                self.end(attempt, &End::InOtherRoom, Rule::E03);
            }
        }
    }

    pub(super) fn left(&mut self, name: &str, leaving: &Present) -> Result<(), Rule> {
        let room = self.room_mut(name).ok_or(Rule::F01)?;
        let user = &leaving.user;
        let was_inside = room.has_inside(user);
        let session = leaving.session.as_ref();
        let was_over = session.is_some_and(|session| room.is_over(user, session));
        let ends = room.end_presences(|presence| matches(presence, leaving));
        let is_new = session.is_some_and(|it| !was_over && !room.is_in_session(user, it));
        // F-06
        if !ends && !is_new {
            return Err(Rule::F06);
        }
        // F-13: also a session in which nobody is.
        if let Some(session) = session {
            room.remember(user, session);
        }
        if was_inside && !room.has_inside(user) {
            self.have_left(name, std::slice::from_ref(user));
        }
        Ok(())
    }

    /// Ends what does not ring on without those who are no longer in a room.
    fn have_left(&mut self, name: &str, users: &[String]) {
        match self.policy.caller_left {
            CallerLeft::KeepRinging => {}
            // F-07
            CallerLeft::CancelCalls => {
                let calls = self.attempts_of(name, |call| users.contains(&call.caller));
                self.cancel_for_their_callers(&calls, Rule::F07);
            }
            // F-08
            CallerLeft::CancelIfRoomEmpty => {
                if self.room(name).is_some_and(|room| room.inside.is_empty()) {
                    let calls = self.attempts_of(name, |_| true);
                    self.cancel_for_their_callers(&calls, Rule::F08);
                }
            }
        }
    }

    /// Ends attempts as cancelled, each by its caller and the device that called (F-07, F-08).
    fn cancel_for_their_callers(&mut self, attempts: &[u64], because: Rule) {
        for attempt in attempts {
            self.end(*attempt, &End::CallerLeft, because);
        }
    }

    pub(super) fn listed(&mut self, name: &str, list: &[Present]) -> Result<(), Rule> {
        let limits = self.limits;
        let mut named: Vec<&str> = Vec::new();
        for entry in list {
            if !named.contains(&entry.user.as_str()) {
                named.push(&entry.user);
            }
        }
        // L-10
        if !fits(named.len(), limits.participants_per_room) {
            return Err(Rule::L10);
        }
        let room = self.room_mut(name).ok_or(Rule::F01)?;
        // F-15: what the list does not have is over, and all who are not named leave together.
        let mut leaving = room.inside.clone();
        leaving.retain(|user| !named.contains(&user.as_str()));
        let staying: Vec<String> =
            room.inside.iter().filter(|user| !leaving.contains(user)).cloned().collect();
        let mut changes =
            room.end_presences(|presence| !list.iter().any(|entry| matches(presence, entry)));
        // Who is named stays, whatever presence is over.
        room.inside.clone_from(&staying);
        if !leaving.is_empty() {
            self.have_left(name, &leaving);
        }
        // F-15: then each that is named enters, in a session that is not over.
        for entry in list {
            let room = self.room_mut(name).ok_or(Rule::F01)?;
            let comes_in = !room.has_inside(&entry.user);
            changes |= room.forget(entry);
            changes |= room.enter(entry);
            if comes_in {
                self.came_into(name, entry);
            }
        }
        if changes { Ok(()) } else { Err(Rule::F15) }
    }

    pub(super) fn removed(&mut self, name: &str, user: &str, by: &Actor) -> Result<(), Rule> {
        let is_theirs = |call: &Call| call.callee == user || call.caller == user;
        let theirs = self.attempts_of(name, is_theirs);
        let is_expected = self.expectation(name, user).is_some();
        let room = self.room_mut(name).ok_or(Rule::F01)?;
        // F-06
        let leaves = room.end_presences(|presence| presence.user == user);
        let leaves_it_empty = leaves && room.inside.is_empty();
        // F-16
        if theirs.is_empty() && !leaves && !is_expected {
            return Err(Rule::F16);
        }
        self.expect_no_more(name, user);
        let end = End::Revoked { operator: self.operator(by) };
        let cancels = leaves_it_empty && self.policy.caller_left == CallerLeft::CancelIfRoomEmpty;
        // O-01: in attempt order, whatever the rule. F-07 finds none that is left.
        for attempt in self.attempts_of(name, |_| true) {
            if theirs.contains(&attempt) {
                self.end(attempt, &end, Rule::F16);
            } else if cancels {
                self.end(attempt, &End::CallerLeft, Rule::F08);
            }
        }
        Ok(())
    }
}

impl Room {
    pub(super) fn has_inside(&self, user: &str) -> bool {
        self.inside.iter().any(|inside| inside == user)
    }

    /// Whether a session of a user is remembered as ended (F-13).
    fn is_over(&self, user: &str, session: &str) -> bool {
        self.sessions.iter().any(|(who, ended)| who == user && ended == session)
    }

    /// Whether a presence of a user is in a session (F-13).
    fn is_in_session(&self, user: &str, session: &str) -> bool {
        self.presences.iter().any(|it| it.user == user && it.session.as_deref() == Some(session))
    }

    /// Ends and begins presences as by F-05; whether there was any to end or to begin.
    fn enter(&mut self, entering: &Present) -> bool {
        let is_over = |presence: &Present| {
            presence.user == entering.user
                && presence.device.is_some()
                && presence.device == entering.device
                && differ(presence.session.as_ref(), entering.session.as_ref())
        };
        let mut left = self.presences.iter().filter(|presence| !is_over(presence));
        let begins = !left.any(|presence| matches(presence, entering));
        // Whoever was in the room stays in it: so it begins before the others end.
        if begins && !self.has_inside(&entering.user) {
            self.inside.push(entering.user.clone());
        }
        if begins {
            self.presences.push(entering.clone());
        }
        let ends = self.end_presences(is_over);
        let theirs = |presence: &&Present| presence.user == entering.user;
        if self.presences.iter().filter(theirs).count() > PRESENCES {
            let first = self.presences.iter().find(theirs).cloned();
            self.end_presences(|presence| Some(presence) == first.as_ref());
        }
        begins || ends
    }

    /// Ends presences, and remembers their sessions (F-13); whether there was any.
    pub(super) fn end_presences(&mut self, is_over: impl Fn(&Present) -> bool) -> bool {
        let mut has_ended = false;
        while let Some(place) = self.presences.iter().position(&is_over) {
            let Present { user, session, .. } = self.presences.remove(place);
            if let Some(session) = session {
                self.remember(&user, &session);
            }
            has_ended = true;
        }
        // F-06: of whom none is left, is not in the room.
        self.inside.retain(|user| self.presences.iter().any(|presence| presence.user == *user));
        has_ended
    }

    /// Remembers a session that has ended: one that is remembered already keeps its place (F-13).
    fn remember(&mut self, user: &str, session: &str) {
        if self.is_over(user, session) || self.is_in_session(user, session) {
            return;
        }
        self.sessions.push((user.to_owned(), session.to_owned()));
        if self.sessions.iter().filter(|(who, _)| who == user).count() > SESSIONS {
            let oldest = self.sessions.iter().position(|(who, _)| who == user);
            oldest.map(|place| self.sessions.remove(place));
        }
    }

    /// Forgets that the session of an entry of a list has ended (F-15); whether it was remembered.
    fn forget(&mut self, entry: &Present) -> bool {
        let before = self.sessions.len();
        self.sessions.retain(|(user, session)| {
            *user != entry.user || Some(session) != entry.session.as_ref()
        });
        self.sessions.len() < before
    }

    /// Forgets the sessions of those who became somebody who is neither in the room nor an admin of it at the
    /// earliest point of time, all of them, if there are too many of those (F-13).
    pub(super) fn forget_sessions(&mut self, limit: u32, now: u64) {
        let Self { inside, roles, sessions, outside, .. } = self;
        let is_outside = |user: &String| {
            !inside.contains(user)
                && roles.iter().all(|(who, role)| who != user || *role != Role::Admin)
        };
        outside.retain(|(user, _)| is_outside(user));
        for (user, _) in sessions.iter() {
            if is_outside(user) && outside.iter().all(|(other, _)| other != user) {
                outside.push((user.clone(), now));
            }
        }
        while !fits(outside.len(), limit) {
            let earliest = outside.iter().map(|(_, since)| *since).min();
            sessions.retain(|(user, _)| {
                outside.iter().all(|(other, since)| other != user || Some(*since) != earliest)
            });
            outside.retain(|(_, since)| Some(*since) != earliest);
        }
    }
}

/// F-05: whether two presences, or a presence and a fact, match.
fn matches(one: &Present, other: &Present) -> bool {
    one.user == other.user
        && !differ(one.device.as_ref(), other.device.as_ref())
        && !differ(one.session.as_ref(), other.session.as_ref())
}

/// F-05: what is left out differs from nothing.
fn differ(one: Option<&String>, other: Option<&String>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}
