//! What a run knows of the state, from what was said: enough to aim at it.

use std::collections::BTreeMap;

use roomcall::protocol::{
    Actor, Audience, Command, Event, Fact, Input, NamedCall, Outcome, Record,
};
use roomcall::{CallStatus, Role};

/// How much of what is over is kept in mind.
const PAST: usize = 10;

/// An attempt that rang.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    pub(super) call: NamedCall,
    pub(super) deadline: Option<u64>,
}

/// An open room.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// Who was last heard to be the owner.
    pub(super) owner: String,
    /// Who is in it, and on which device.
    pub(super) inside: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Sketch {
    pub(super) clock: u64,
    pub(super) made: u64,
    /// The open rooms.
    pub(super) rooms: BTreeMap<String, Place>,
    pub(super) ringing: Vec<Ring>,
    /// For how long who accepts is expected (E-20), and until when some are, or were.
    pub(super) grace: u64,
    pub(super) expected: Vec<u64>,
    /// Calls that are over, the last ones.
    pub(super) past: Vec<NamedCall>,
    /// Accepts and rejects that were answered with success, the last ones.
    pub(super) decided: Vec<(Actor, Command)>,
}

impl Sketch {
    pub(super) fn note(&mut self, line: &Record, turn: &Outcome) {
        self.clock = turn.at;
        for effect in &turn.effects {
            self.made = self.made.max(effect.event.attempt());
            self.hear(&effect.to, &effect.event);
        }
        match &line.input {
            Input::Fact(fact) if turn.unchanged.is_none() => self.happened(fact),
            Input::Ask { by, command } if matches!(turn.answer, Some(Ok(_))) => {
                if matches!(command, Command::AcceptCall { .. } | Command::RejectCall { .. }) {
                    push(&mut self.decided, (by.clone(), command.clone()));
                }
            }
            Input::Tick | Input::Fact(_) | Input::Ask { .. } | Input::Query { .. } => {}
        }
    }

    fn hear(&mut self, to: &Audience, event: &Event) {
        if let Event::CallReceived { call, time_left, .. } = event {
            let deadline = time_left.map(|left| self.clock.saturating_add(left));
            self.ringing.push(Ring { call: call.clone(), deadline });
            return;
        }
        if matches!(event, Event::CallAccepted(_)) && self.grace > 0 {
            push(&mut self.expected, self.clock.saturating_add(self.grace));
        }
        if event.call().is_some_and(|call| call.status == CallStatus::Calling) {
            return;
        }
        let attempt = event.attempt();
        let index = self.ringing.iter().position(|ring| ring.call.attempt == attempt);
        if let Some(index) = index {
            let ring = self.ringing.remove(index);
            push(&mut self.past, ring.call);
        } else if let (Audience::Room(_), Event::PendingCallChanged(call)) = (to, event) {
            // It ended at once (C-08).
            if self.past.iter().all(|past| past.attempt != attempt) {
                push(&mut self.past, call.clone());
            }
        }
    }

    fn happened(&mut self, fact: &Fact) {
        match fact {
            Fact::RoomOpened { room, owner } => {
                let place = Place { owner: owner.clone(), inside: BTreeMap::new() };
                self.rooms.insert(room.clone(), place);
            }
            Fact::RoomDissolved { room, .. } => {
                self.rooms.remove(room);
            }
            Fact::UserEntered { room, user, device, .. } => {
                let inside = &mut self.rooms.entry(room.clone()).or_default().inside;
                inside.entry(user.clone()).or_insert_with(|| device.clone().unwrap_or_default());
            }
            Fact::UserLeft { room, user, .. } => {
                self.rooms.entry(room.clone()).or_default().inside.remove(user);
            }
            // The runs of the specifications have no list, no removal, forget nobody and lose no state
            // (F-15, F-16, F-18, F-20).
            Fact::PresenceListed { .. }
            | Fact::UserRemoved { .. }
            | Fact::UserErased { .. }
            | Fact::RulesChanged { .. }
            | Fact::Recovered { .. } => {}
            Fact::RoleSet { room, user, role: Role::Owner, .. } => {
                self.rooms.entry(room.clone()).or_default().owner.clone_from(user);
            }
            Fact::RoleSet { role: Role::Admin | Role::Participant, .. } => {}
        }
    }

    /// Everybody who is in a room, with it.
    pub(super) fn present(&self) -> Vec<(&String, &String)> {
        let rooms = self.rooms.iter();
        rooms.flat_map(|(room, place)| place.inside.keys().map(move |user| (room, user))).collect()
    }
}

fn push<T>(list: &mut Vec<T>, new: T) {
    if list.len() == PAST {
        list.remove(0);
    }
    list.push(new);
}
