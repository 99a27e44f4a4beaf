//! What a person does (D-11, D-18, D-20).

use alloc::string::String;
use alloc::vec::Vec;

use super::DeviceTick;
use super::Handset;
use super::effect::{Effect, NotSentReason, Stage};
use super::input::Tap;
use super::requests::Requests;
use super::screen::Step;
use super::unanswered::Unanswered;
use crate::protocol::Command;

impl Handset {
    pub(super) fn on_tap(&mut self, tap: Tap, step: &mut Step) {
        match tap {
            Tap::Accept { attempt } => {
                let is_accepting =
                    |call: &super::call::Call| call.stage() == Some(Stage::Accepting);
                if !self.calls.iter().any(|(_, call)| is_accepting(call)) {
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
            Tap::Silence { attempt } => {
                if let Some(call) =
                    self.calls.get_mut(attempt).filter(|call| call.stage().is_some())
                {
                    call.mute();
                }
            }
            Tap::RejectHere { attempt } => {
                let call = self.calls.get_mut(attempt);
                if let Some(call) = call.filter(|call| call.is_unanswered()) {
                    call.hide();
                }
            }
            Tap::Call { room, users, timeout, extension } => {
                self.call(room, users, timeout, extension, step);
            }
            Tap::Cancel { room, users } => {
                let attempt = |user: &String| {
                    let attempt = self.outgoing.attempt(&room, user)?;
                    Some((user.clone(), attempt))
                };
                let attempts = users.iter().filter_map(attempt).collect();
                let command = Command::CancelCall { room, users };
                let valid_until = self.valid_until();
                self.request(Unanswered::cancel(command, attempts, valid_until), step);
            }
            Tap::Revoke { room, users } => {
                let command = Command::RevokeCall { room, users };
                self.request(Unanswered::revoke(command, self.valid_until()), step);
            }
            Tap::MarkSeen { up_to } if up_to > self.log.seen() => {
                self.request(Unanswered::command(Command::MarkCallsSeen { up_to }), step);
            }
            Tap::MarkSeen { .. } => {}
        }
    }

    /// D-11
    fn answer(&mut self, attempt: u64, step: &mut Step, command: impl FnOnce(String) -> Command) {
        let call = self.calls.get(attempt);
        if let Some(room) = call.filter(|call| call.is_unanswered()).map(|call| call.room().into())
        {
            self.request(Unanswered::command(command(room)), step);
        }
    }

    /// D-20
    fn call(
        &mut self,
        room: String,
        users: Vec<String>,
        timeout: u32,
        extension: String,
        step: &mut Step,
    ) {
        let before = self.progress_before(&room, &users);
        let timeout_ms = u64::from(timeout).saturating_mul(1_000);
        let expires_at = (timeout > 0).then(|| self.clock.plus(timeout_ms));
        let valid_until = self.valid_until();
        let command = Command::CallUserToRoom {
            room: room.clone(),
            users: users.clone(),
            timeout,
            extension,
            caller: None,
        };
        if self.request(Unanswered::call(command, expires_at, valid_until), step) {
            users.iter().for_each(|user| self.outgoing.clear_tap_result(&room, user));
            self.report_progress(before, step);
        }
    }

    /// Until when what is tapped now may be sent (D-20).
    const fn valid_until(&self) -> DeviceTick {
        self.clock.plus(self.settings.valid_for)
    }

    /// Sends a command, as soon as it may be sent, unless too many are unanswered (D-18).
    fn request(&mut self, unanswered: Unanswered, step: &mut Step) -> bool {
        let has_capacity = self.requests.has_capacity(self.settings.requests);
        if has_capacity {
            self.requests.add(unanswered, self.gate(), &mut step.effects);
        } else {
            report_not_sent(&unanswered, NotSentReason::TooMany, step);
        }
        has_capacity
    }
}

/// An accept or reject of a call that is over, silenced or in this room is pointless; the person
/// hears of one that was never sent (D-08, D-11).
pub(super) fn abandon_answers(requests: &mut Requests, attempt: u64, step: &mut Step) {
    while let Some(answer) = requests.take_answer(attempt) {
        if answer.sent().is_none() {
            report_not_sent(&answer, NotSentReason::Over, step);
        }
    }
}

/// The person hears of a command that is not sent (D-11, D-18, D-20).
pub(super) fn report_not_sent(unanswered: &Unanswered, why: NotSentReason, step: &mut Step) {
    let command = unanswered.as_command().cloned();
    step.effects.extend(command.map(|command| Effect::NotSent { command, why }));
}
