//! The push service of a random world: what the host has told of calls to each user, for devices that it has not told.

use std::collections::BTreeMap;

use roomcall::CallStatus;
use roomcall::protocol::{
    Audience, Body, Command, Effect, Event, Frame, Input, NamedCall, Output, Record, Request,
};

use super::action::Pushed;
use crate::observer::What;

/// What may be pushed of calls, by attempt.
#[derive(Debug, Default)]
pub(super) struct PushService {
    /// How long the last call rings, in seconds, and its text.
    asked: Option<(u32, String)>,
    rings: BTreeMap<u64, Ring>,
    /// The endings of which all devices of the callee were told.
    ends: BTreeMap<u64, Ring>,
}

/// What a push says, and when the host said it.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    pub(super) event: Event,
    pub(super) at: u64,
    callee: String,
}

impl PushService {
    /// Something passed.
    pub(super) fn see(&mut self, what: &What, at: u64) {
        match what {
            What::Sent { frame: Frame { request: Request::Command(command), .. }, .. }
            | What::Backend(Record { input: Input::Ask { command, .. }, .. }) => {
                if let Command::CallUserToRoom { timeout, extension, .. } = command {
                    self.asked = Some((*timeout, extension.clone()));
                }
            }
            What::Received { output: Output { body: Body::Effect(effect), .. }, .. } => {
                self.hear(effect, at);
            }
            _ => {}
        }
    }

    fn hear(&mut self, Effect { to, event, .. }: &Effect, at: u64) {
        let ring = |callee: &str| Ring { event: event.clone(), at, callee: callee.to_owned() };
        match event {
            Event::CallReceived { call, .. } => {
                self.rings.insert(call.attempt, ring(&call.callee));
            }
            // No device of the callee is connected, but somebody is in the room.
            Event::PendingCallChanged(call) if call.status == CallStatus::Calling => {
                let Some((timeout, extension)) = self.asked.clone() else { return };
                let time_left = (timeout > 0).then(|| u64::from(timeout) * 1_000);
                let event = Event::CallReceived { call: call.clone(), extension, time_left };
                let ring = Ring { event, ..ring(&call.callee) };
                self.rings.entry(call.attempt).or_insert(ring);
            }
            Event::CallCancelled(call)
            | Event::CallTimeout(call)
            | Event::CallRevokedByAdmin { call, .. }
                if is_to_callee(to, call) =>
            {
                self.ends.insert(call.attempt, ring(&call.callee));
            }
            _ => {}
        }
    }

    /// A push for a user, `back` before the last one that says this.
    pub(super) fn push(&self, user: &str, what: Pushed, back: usize) -> Option<&Ring> {
        let of = if what == Pushed::End { &self.ends } else { &self.rings };
        let is_for = |ring: &&Ring| (ring.callee == user) == (what != Pushed::Stray);
        of.values().rev().filter(is_for).nth(back)
    }
}

fn is_to_callee(to: &Audience, call: &NamedCall) -> bool {
    matches!(to, Audience::User(user) if *user == call.callee)
}
