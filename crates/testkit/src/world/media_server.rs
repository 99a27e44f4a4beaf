//! The media server: who really is in which room, and the facts by which the host learns of it, which are late, lost, doubled and
//! overtaken like everything else in flight (F-04 to F-06, F-13, F-14).

use roomcall::protocol::{Answer, Fact, Input, Outcome, Present};
use serde::{Deserialize, Serialize};

use super::Checked;
use super::simulation::{Body, World};
use crate::hosting;

/// A media server that tells the host of each session. Without one the host states at once that a user is in a room,
/// or not in it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MediaServer {
    /// Whether its facts come after everything else that is in flight.
    pub is_slow: bool,
    /// What its facts name.
    pub names: Names,
    /// Whether they name the opening of the room.
    pub names_openings: bool,
}

/// What a fact says of a connection (F-05).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Names {
    /// The device and the session.
    Both,
    /// The session.
    Session,
    /// The device.
    Device,
}

/// One connection of a device to a room.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// To which room.
    pub room: String,
    /// In which of its openings.
    pub opening: u64,
    /// Its number: no two connections have one.
    pub number: u64,
    /// Whether the media server ended it, and the device, which is away, has yet to learn of it.
    pub is_over: bool,
}

impl Session {
    /// Its name.
    pub fn name(&self) -> String {
        format!("s{}", self.number)
    }
}

impl MediaServer {
    /// What it says of a session of this user on this device.
    fn present(self, user: &str, device: &str, session: &Session) -> Present {
        Present {
            user: user.to_owned(),
            device: (self.names != Names::Session).then(|| device.to_owned()),
            session: (self.names != Names::Device).then(|| session.name()),
        }
    }
}

impl World {
    /// The number of the present opening of a room, as the switchboard answered; `None` if it is not open.
    pub fn opening(&self, room: &str) -> Option<u64> {
        self.presence.openings.get(room).copied()
    }

    /// A fact, which is about the opening that its answer names (F-17).
    pub fn state(&mut self, fact: Fact) -> Result<Outcome, super::Violation> {
        let outcome = self.apply(None, Input::Fact(fact.clone()))?;
        self.notify(&outcome.effects);
        self.presence.stated(&fact);
        if let (Some(room), Some(Ok(Answer::Fact(answer)))) = (fact.room(), &outcome.answer) {
            match answer.opening {
                Some(opening) => self.presence.openings.insert(room.clone(), opening),
                None => self.presence.openings.remove(room),
            };
        }
        Ok(outcome)
    }

    /// A device connects to a room, in a new session; one that it had ends.
    pub(super) fn connect(&mut self, device: usize, room: String) -> Checked {
        let Some(opening) = self.opening(&room) else { return Ok(()) };
        self.presence.made += 1;
        let session = Session { room, opening, number: self.presence.made, is_over: false };
        let before = self.devices[device].session.take();
        // Of a connection that breaks the media server learns after the next one was made.
        let moves = before.as_ref().is_some_and(|before| before.room != session.room);
        let is_in_order = moves || self.is_at_rest;
        let before = before.filter(|before| !before.is_over);
        if let Some(before) = before.as_ref().filter(|_| is_in_order) {
            self.tell(device, before, true);
        }
        self.tell(device, &session, false);
        if let Some(before) = before.as_ref().filter(|_| !is_in_order) {
            self.sometimes(true, "a device connects again");
            self.tell(device, before, true);
        }
        let room = session.room.clone();
        self.devices[device].session = Some(session);
        let here = |other: &&super::Device| {
            other.plan.user == self.devices[device].plan.user
                && other.session.as_ref().is_some_and(|it| it.room == room && !it.is_over)
        };
        let count = self.devices.iter().filter(here).count();
        self.sometimes(count > 1, "two devices of a user in one room");
        self.go(device, Some(room))
    }

    /// A device is in no room any more, as far as the media server is concerned.
    pub(super) fn disconnect(&mut self, device: usize) {
        if let Some(session) = self.devices[device].session.take().filter(|it| !it.is_over) {
            self.tell(device, &session, true);
        }
    }

    /// A device leaves the room that it is in; others of its user stay.
    pub(super) fn depart(&mut self, device: usize) -> Checked {
        let of = &self.devices[device];
        let Some(room) = of.room.clone().filter(|_| of.alive) else { return Ok(()) };
        if self.media_server.is_none() {
            let (user, session, opening) = (of.plan.user.clone(), None, None);
            let on = Some(of.plan.device.clone());
            self.fact(Fact::UserLeft { room, user, device: on, session, opening })?;
        }
        self.disconnect(device);
        self.go(device, None)
    }

    /// Whether facts name the opening of their room.
    pub(super) fn names_openings(&self) -> bool {
        self.media_server.is_some_and(|server| server.names_openings)
    }

    /// The media server ends the sessions of a user in a room, or of all users. Devices that are away learn of it later.
    pub(super) fn end_sessions(&mut self, room: &str, user: Option<&str>) -> Checked {
        for device in 0..self.devices.len() {
            let of = &self.devices[device];
            let is_meant = user.is_none_or(|user| of.plan.user == user);
            let session = of.session.as_ref().filter(|it| is_meant && it.room == room);
            let Some(session) = session.filter(|it| !it.is_over).cloned() else { continue };
            let is_away = !of.up;
            self.tell(device, &session, true);
            self.sometimes(is_away, "a session ends while its device is away");
            let of = &mut self.devices[device];
            if is_away {
                of.session = Some(Session { is_over: true, ..session });
            } else {
                of.session = None;
                self.go(device, None)?;
            }
        }
        Ok(())
    }

    /// A device that was away learns that its session is over: if the room was opened anew, it goes in again.
    pub(super) fn come_back(&mut self, device: usize) -> Checked {
        let Some(session) = self.devices[device].session.clone().filter(|it| it.is_over) else {
            return Ok(());
        };
        self.devices[device].session = None;
        let is_new = self.opening(&session.room).is_some_and(|opening| opening != session.opening);
        self.sometimes(is_new, "a room was opened again while a device was away");
        if is_new { self.connect(device, session.room) } else { self.go(device, None) }
    }

    /// A fact is on its way to the host.
    fn tell(&mut self, device: usize, session: &Session, has_left: bool) {
        let (Some(server), of) = (self.media_server, &self.devices[device].plan) else { return };
        let Present { user, device: on, session: name } =
            server.present(&of.user, &of.device, session);
        let (room, opening) =
            (session.room.clone(), server.names_openings.then_some(session.opening));
        let fact = if has_left {
            Fact::UserLeft { room, user, device: on, session: name, opening }
        } else {
            Fact::UserEntered { room, user, device: on, session: name, opening }
        };
        let is_late = server.is_slow && !self.is_at_rest;
        let count = self.flight.len();
        self.send(device, is_late, Body::Fact { fact, session: session.clone() });
        if self.flight.len() == count {
            self.presence.doubt(session, &self.devices[device].plan.user);
        }
    }

    /// Everybody who really is in a room.
    pub fn present(&self, room: &str) -> Vec<Present> {
        let Some(server) = self.media_server else {
            let of_room = self.presence.inside.iter().filter(|(of, _, _)| of == room);
            let present = |user: &String, device: &Option<String>| Present {
                user: user.clone(),
                device: device.clone(),
                session: None,
            };
            return of_room.map(|(_, user, device)| present(user, device)).collect();
        };
        let here = self.devices.iter().filter_map(|of| {
            let session = of.session.as_ref().filter(|it| it.room == room && !it.is_over)?;
            Some(server.present(&of.plan.user, &of.plan.device, session))
        });
        here.collect()
    }

    /// The host states everybody who is in a room (F-15).
    pub fn list_presence(&mut self, room: &str) -> Checked {
        let Some(opening) = self.opening(room) else { return Ok(()) };
        self.facts_come_to_the_truth(room)?;
        let opening = Some(opening).filter(|_| self.names_openings());
        let present = self.present(room);
        let fact = Fact::PresenceListed { room: room.to_owned(), present, opening };
        let before = self.participants(room);
        self.fact(fact)?;
        self.sometimes(true, "a list");
        let changes = before != self.participants(room);
        self.sometimes(changes && !self.is_at_rest, "a list corrects who is in a room");
        self.sometimes(changes && self.is_at_rest, "the last list corrects who is in a room");
        self.after_list(room);
        self.presence_agrees(room)
    }

    /// Whether a fact is in flight about a room.
    pub(super) fn is_told_of(&self, room: &str) -> bool {
        let is_of = |body: &Body| matches!(body, Body::Fact { fact, .. } if fact.room().is_some_and(|of| of == room));
        self.flight.iter().any(|packet| is_of(&packet.body))
    }

    /// Who is in a room, as the switchboard has it.
    pub fn participants(&self, room: &str) -> std::collections::BTreeSet<String> {
        hosting::participants(&self.switchboard, room)
    }
}
