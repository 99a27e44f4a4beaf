//! What a person does (D-11, D-18, D-20).

use alloc::string::String;

use super::input::Tap;
use super::output::{Effect, Request, Stage};
use super::requests::Open;
use super::{Handset, Step};
use crate::protocol::Command;

impl Handset {
    pub(super) fn tap(&mut self, tap: Tap, step: &mut Step) {
        match tap {
            Tap::Accept { attempt } => {
                let is_accepting =
                    self.calls.screen.values().any(|stage| *stage == Stage::Accepting);
                if !is_accepting {
                    self.answer(attempt, step, |room| Command::AcceptCall {
                        room,
                        attempt: Some(attempt),
                    });
                }
            }
            Tap::Reject { attempt, reason } => {
                self.answer(attempt, step, |room| Command::RejectCall {
                    room,
                    attempt: Some(attempt),
                    reason,
                });
            }
            Tap::Call { room, users, timeout, extension } => {
                self.call(room, users, timeout, extension, step);
            }
            Tap::Cancel { room, users } => {
                let attempt = |user: &String| {
                    let attempt = self.outgoing.attempt(&room, user)?;
                    Some((user.clone(), attempt))
                };
                let about = users.iter().filter_map(attempt).collect();
                let command = Command::CancelCall { room, users };
                self.request(Open { about, ..Open::new(Request::Command(command)) }, step);
            }
            Tap::Revoke { room, users } => {
                let command = Command::RevokeCall { room, users };
                self.request(Open::new(Request::Command(command)), step);
            }
        }
    }

    /// D-11
    fn answer(&mut self, attempt: u64, step: &mut Step, command: impl FnOnce(String) -> Command) {
        let stage = self.calls.screen.get(&attempt);
        let is_open = matches!(stage, Some(Stage::Ringing | Stage::Waiting));
        let call = self.calls.known.get(&attempt).filter(|_| is_open);
        if let Some(room) = call.map(|call| call.room.clone()) {
            self.request(Open::new(Request::Command(command(room))), step);
        }
    }

    /// D-20
    fn call(
        &mut self,
        room: String,
        users: alloc::vec::Vec<String>,
        timeout: u32,
        extension: String,
        step: &mut Step,
    ) {
        let before = self.standing(&room, &users);
        let command = Command::CallUserToRoom {
            room: room.clone(),
            users: users.clone(),
            timeout,
            extension,
        };
        let length = u64::from(timeout).saturating_mul(1_000);
        let expires = (timeout > 0).then(|| self.clock.plus(length));
        let is_sent = self.request(Open { expires, ..Open::new(Request::Command(command)) }, step);
        if is_sent {
            users.iter().for_each(|user| self.outgoing.tapped(&room, user));
            self.tell_progress(before, step);
        }
    }

    /// D-18: makes a request of a command and sends it if it may be sent now.
    fn request(&mut self, open: Open, step: &mut Step) -> bool {
        let has_room = self.requests.has_room(self.settings.requests);
        if !has_room {
            self.not_sent(&open, step);
            return false;
        }
        let request_id = self.requests.add(open);
        self.send(request_id, step);
        true
    }

    /// The person hears of a command that is not sent.
    pub(super) fn not_sent(&self, open: &Open, step: &mut Step) {
        let command = open.command().cloned();
        step.effects.extend(command.map(|command| Effect::NotSent { command }));
    }
}
