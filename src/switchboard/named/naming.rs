//! Handles to names.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::WithdrawResult;
use crate::protocol::{
    Answer, Audience as NamedAudience, Command, Effect, EndedCall, Event, IncomingCall, NamedCall,
    PendingCall, Refused,
};
use crate::switchboard::Switchboard;
use crate::{Audience, CallResult, DeviceId, Ending, Operator, Outcome, Refusal, RoomId, UserId};

/// Within a step every handle has its name (N-03).
impl Switchboard {
    fn user_text(&self, user: UserId) -> String {
        let name = self.user_name(user);
        debug_assert!(name.is_some(), "N-03: within its step a user has its name");
        name.unwrap_or_default().into()
    }

    fn room_text(&self, room: RoomId) -> String {
        let name = self.room_name(room);
        debug_assert!(name.is_some(), "N-03: within its step a room has its name");
        name.unwrap_or_default().into()
    }

    fn device_text(&self, device: DeviceId) -> String {
        let name = self.device_name(device);
        debug_assert!(name.is_some(), "N-03: within its step a device has its name");
        name.unwrap_or_default().into()
    }

    pub(super) fn name_refusal(&self, refusal: Refusal) -> Refused {
        let (code, rule, message) = (refusal.code(), refusal.rule(), refusal.to_string());
        let ended = refusal.ended().map(|ended| self.name_ended(&ended));
        Refused { code, rule, message, ended }
    }

    fn name_ended(&self, ended: &Ending) -> crate::protocol::Ending {
        crate::protocol::Ending {
            how: ended.how,
            attempt: ended.attempt.get(),
            user: ended.user.map(|user| self.user_text(user)),
            device: ended.device.map(|device| self.device_text(device)),
        }
    }

    pub(super) fn name_answer(
        &self,
        command: &Command,
        answer: crate::Answer,
        step: &Outcome,
    ) -> Answer {
        let withdrawn = || {
            let named =
                step.withdrawn.iter().map(|(user, result)| (self.user_text(*user), result.told()));
            named.collect()
        };
        let called = || {
            let named = step.called.iter().map(|(user, result)| (self.user_text(*user), *result));
            named.collect()
        };
        match (command, answer) {
            (Command::CallUserToRoom { .. }, _) => Answer::CallUserToRoom(called()),
            (Command::CancelCall { .. }, _) => Answer::CancelCall(withdrawn()),
            (Command::RevokeCall { .. }, _) => Answer::RevokeCall(withdrawn()),
            (Command::AcceptCall { .. }, answer) => Answer::AcceptCall { attempt: decided(answer) },
            (Command::RejectCall { .. }, answer) => Answer::RejectCall { attempt: decided(answer) },
        }
    }

    /// the attempt that each result of a numbered request is about.
    pub(super) fn name_attempts(
        &self,
        command: &Command,
        step: &Outcome,
        made: u64,
    ) -> Vec<(String, u64)> {
        let successes = step.called.iter().filter(|(_, result)| *result == CallResult::Success);
        let called = successes
            .zip(made.saturating_add(1)..)
            .map(|((user, _), request_id)| (*user, request_id));
        let withdrawn = step.withdrawn.iter().filter_map(|(user, result)| match result {
            WithdrawResult::Cancelled | WithdrawResult::Revoked => {
                // Its own effect tells: an ending need not be remembered (E-18).
                let is_its = |effect: &&crate::Effect| {
                    effect.to == Audience::User(*user) && effect.because == result.rule()
                };
                step.effects.iter().find(is_its).map(|effect| (*user, effect.attempt.get()))
            }
            WithdrawResult::Already(_) => {
                let room = self.lookup_room(command.room())?;
                let ended = self.last_ending(room, *user)?;
                Some((*user, ended.attempt.get()))
            }
            WithdrawResult::NotCalling | WithdrawResult::NotYours => None,
        });
        called
            .chain(withdrawn)
            .map(|(user, request_id)| (self.user_text(user), request_id))
            .collect()
    }

    pub(super) fn name_pending(
        &self,
        pending: &crate::switchboard::PendingCall<'_>,
    ) -> PendingCall {
        PendingCall {
            caller: self.user_text(pending.call.caller),
            callee: self.user_text(pending.call.callee),
            status: pending.call.status,
            attempt: pending.attempt.get(),
            time_left: pending.time_left,
            extension: pending.extension.map(Into::into),
        }
    }

    pub(super) fn name_incoming(
        &self,
        incoming: &crate::switchboard::IncomingCall<'_>,
    ) -> IncomingCall {
        IncomingCall {
            room: self.room_text(incoming.room),
            caller: self.user_text(incoming.call.caller),
            callee: self.user_text(incoming.call.callee),
            attempt: incoming.attempt.get(),
            time_left: incoming.time_left,
            extension: incoming.extension.into(),
        }
    }

    pub(super) fn name_ended_call(&self, call: &crate::switchboard::EndedCall) -> EndedCall {
        EndedCall {
            room: self.room_text(call.room),
            caller: self.user_text(call.caller),
            ended: self.name_ended(&call.ended),
        }
    }

    fn name_audience(&self, to: Audience) -> NamedAudience {
        match to {
            Audience::User(user) => NamedAudience::User(self.user_text(user)),
            Audience::Device { user, device } => NamedAudience::Device {
                user: self.user_text(user),
                device: self.device_text(device),
            },
            Audience::OtherDevices { user, than } => NamedAudience::OtherDevices {
                user: self.user_text(user),
                than: self.device_text(than),
            },
            Audience::Room(room) => NamedAudience::Room(self.room_text(room)),
        }
    }

    pub(super) fn name_effect(&self, effect: &crate::Effect) -> Effect {
        let attempt = effect.attempt.get();
        let call = NamedCall {
            room: self.room_text(effect.room),
            caller: self.user_text(effect.call.caller),
            callee: self.user_text(effect.call.callee),
            status: effect.call.status,
            attempt,
        };
        let event = match effect.event {
            crate::Event::CallReceived { time_left } => {
                let extension =
                    self.extension(effect.call.callee, effect.attempt).unwrap_or_default().into();
                Event::CallReceived { call, extension, time_left }
            }
            crate::Event::CallCancelled => Event::CallCancelled(call),
            crate::Event::CallRevokedByAdmin { operator } => {
                let operator = match operator {
                    Operator::User(user) => Some(self.user_text(user)),
                    Operator::Backend => None,
                };
                Event::CallRevokedByAdmin { call, operator }
            }
            crate::Event::CallTimeout => Event::CallTimeout(call),
            crate::Event::CallAccepted => Event::CallAccepted(call),
            crate::Event::CallRejected { reason } => Event::CallRejected { call, reason },
            crate::Event::CallHandledByOtherDevice { is_accepted, device } => {
                let device = device.map(|device| self.device_text(device));
                let room = call.room;
                Event::CallHandledByOtherDevice { room, is_accepted, attempt, device }
            }
            crate::Event::PendingCallChanged => Event::PendingCallChanged(call),
            crate::Event::PendingCallRemoved => Event::PendingCallRemoved(call),
        };
        Effect { to: self.name_audience(effect.to), event, because: effect.because }
    }
}

/// The attempt that an accept or reject decided.
fn decided(answer: crate::Answer) -> u64 {
    match answer {
        crate::Answer::Accepted { attempt, .. } | crate::Answer::Rejected { attempt, .. } => {
            attempt.get()
        }
        crate::Answer::Applied
        | crate::Answer::Ignored(_)
        | crate::Answer::Called
        | crate::Answer::Withdrawn => {
            debug_assert!(false, "an accept or reject names its attempt");
            0
        }
    }
}
