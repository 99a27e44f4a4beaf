//! What is told, in names: what two switchboards say can be compared, whatever their handles are.

use roomcall::switchboard::Switchboard;
use roomcall::{
    Audience, CallResult, CalleeResult, DeviceId, Effect, Event, Operator, Outcome, RoomId, UserId,
    WithdrawResult,
};

/// Instead of a name that is gone too early (N-03).
const FORGOTTEN: &str = "(forgotten)";

/// Names the handles of a step of a switchboard, before the next.
pub(super) struct Teller<'a>(pub(super) &'a Switchboard);

impl Teller<'_> {
    pub(super) fn user(&self, user: UserId) -> &str {
        self.0.user_name(user).unwrap_or(FORGOTTEN)
    }

    fn room(&self, room: RoomId) -> &str {
        self.0.room_name(room).unwrap_or(FORGOTTEN)
    }

    fn device(&self, device: DeviceId) -> &str {
        self.0.device_name(device).unwrap_or(FORGOTTEN)
    }

    fn audience(&self, to: Audience) -> String {
        match to {
            Audience::User(user) => self.user(user).to_owned(),
            Audience::Device { user, device } => {
                format!("{} on {}", self.user(user), self.device(device))
            }
            Audience::OtherDevices { user, than } => {
                format!("{} but on {}", self.user(user), self.device(than))
            }
            Audience::Room(room) => format!("room {}", self.room(room)),
        }
    }

    /// What an event says besides its name.
    fn details(&self, effect: &Effect) -> String {
        let callee = effect.call.callee;
        match effect.event {
            Event::CallReceived { time_left } => {
                format!("{time_left:?} {:?}", self.0.extension(callee, effect.attempt))
            }
            Event::CallRevokedByAdmin { operator: Operator::User(user) } => {
                format!("by {}", self.user(user))
            }
            Event::CallHandledByOtherDevice { is_accepted, device } => {
                format!("{is_accepted} {:?}", device.map(|device| self.device(device)))
            }
            Event::CallRejected { reason } => format!("{reason:?}"),
            Event::CallRevokedByAdmin { operator: Operator::Backend }
            | Event::CallCancelled
            | Event::CallTimeout
            | Event::CallRinging
            | Event::CallNotJoined
            | Event::CallAccepted
            | Event::PendingCallChanged
            | Event::PendingCallRemoved => String::new(),
            Event::CallsSeen { up_to } => format!("{up_to}"),
        }
    }

    pub(super) fn effect(&self, effect: &Effect) -> String {
        let call = effect.call;
        format!(
            "{}: {} {} of {} to {} is {:?} in {} ({}) {}",
            self.audience(effect.to),
            effect.attempt.get(),
            event(&effect.event),
            self.user(call.caller),
            self.user(call.callee),
            call.status,
            self.room(effect.room),
            effect.because,
            self.details(effect),
        )
    }

    pub(super) fn effects(&self, step: &Outcome) -> Vec<String> {
        step.effects.iter().map(|effect| self.effect(effect)).collect()
    }

    /// The answer, with its results.
    pub(super) fn answers(&self, step: &Outcome) -> Vec<String> {
        let called =
            |it: &CalleeResult<CallResult>| format!("{} {:?}", self.user(it.callee), it.result);
        let withdrawn = |it: &CalleeResult<WithdrawResult>| match it.result {
            // An input by name leaves no name of a stranger behind (N-02).
            WithdrawResult::NotCalling => format!("{:?}", it.result),
            _ => format!("{} {:?}", self.user(it.callee), it.result),
        };
        let mut told = vec![self.answer(step)];
        told.extend(step.called.iter().map(called));
        told.extend(step.withdrawn.iter().map(withdrawn));
        told
    }

    fn answer(&self, step: &Outcome) -> String {
        let Some((refusal, ended)) = step.answer.err().and_then(|it| Some((it, it.ended()?)))
        else {
            return format!("{:?}", step.answer);
        };
        let user = ended.user.map(|user| self.user(user));
        let device = ended.device.map(|device| self.device(device));
        let (rule, how, attempt) = (refusal.rule(), ended.how, ended.attempt.get());
        format!("{rule} {how:?} {attempt} by {user:?} on {device:?}")
    }
}

const fn event(event: &Event) -> &'static str {
    match event {
        Event::CallReceived { .. } => "received",
        Event::CallCancelled => "cancelled",
        Event::CallRevokedByAdmin { .. } => "revoked",
        Event::CallTimeout => "timed out",
        Event::CallRinging => "ringing",
        Event::CallNotJoined => "not joined",
        Event::CallAccepted => "accepted",
        Event::CallRejected { .. } => "rejected",
        Event::CallHandledByOtherDevice { .. } => "handled",
        Event::PendingCallChanged => "changed",
        Event::PendingCallRemoved => "removed",
        Event::CallsSeen { .. } => "seen",
    }
}
