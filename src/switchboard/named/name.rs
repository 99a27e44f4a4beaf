//! Handles to names.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::distinct;
use crate::domain::call::Ending;
use crate::domain::id::{Attempt, DeviceId, RoomId, UserId};
use crate::domain::output::{self, Answer, Audience, CalleeResult, Operator};
use crate::domain::refusal::Refusal;
use crate::protocol::{
    self, Command, Effect, EndedCall, Event, LiveCall, NamedCall, PendingCall, Refused,
};
use crate::switchboard::state::State;
use crate::switchboard::{CallLog, LogEntry, LoggedCall, MyCalls, MyEnding, Outcome, query};

/// The answer to a command. The names in its results are those of the command.
pub(super) fn answer<'a, S: AsRef<str>>(
    command: &'a Command<S>,
    answer: Answer,
    outcome: &Outcome,
) -> protocol::Answer<&'a str> {
    match command {
        Command::CallUserToRoom { users, .. } => {
            let results = results(users, &outcome.called, |result| result);
            protocol::Answer::CallUserToRoom(results)
        }
        Command::CancelCall { users, .. } => {
            let results = results(users, &outcome.withdrawn, output::WithdrawResult::told);
            protocol::Answer::CancelCall(results)
        }
        Command::RevokeCall { users, .. } => {
            let results = results(users, &outcome.withdrawn, output::WithdrawResult::told);
            protocol::Answer::RevokeCall(results)
        }
        Command::AcceptCall { .. } => protocol::Answer::AcceptCall { attempt: decided(answer) },
        Command::RejectCall { .. } => protocol::Answer::RejectCall { attempt: decided(answer) },
        Command::RevokeUserCalls { .. } => {
            let attempts = outcome.withdrawn.iter().filter_map(|it| it.attempt);
            protocol::Answer::RevokeUserCalls {
                attempts: attempts.map(Attempt::get).collect(),
                more: matches!(answer, Answer::UserCallsRevoked { more: true }),
            }
        }
        Command::MarkCallsSeen { .. } => protocol::Answer::MarkCallsSeen { seen: seen(answer) },
        Command::Ringing { attempt } => {
            let rung = matches!(answer, Answer::Ringing { rung: true, .. });
            protocol::Answer::Ringing { attempt: *attempt, rung }
        }
    }
}

fn results<'a, R: Copy>(
    users: &'a [impl AsRef<str>],
    results: &[CalleeResult<R>],
    shown: impl Fn(R) -> R,
) -> Vec<(&'a str, R)> {
    let names = distinct(users, results.len());
    names.zip(results).map(|(user, it)| (user, shown(it.result))).collect()
}

/// the attempt that each result of a numbered request is about.
pub(super) fn attempts<'a, S: AsRef<str>>(
    command: &'a Command<S>,
    outcome: &Outcome,
) -> Vec<(&'a str, u64)> {
    let called = outcome.called.iter().map(|it| it.attempt);
    let withdrawn = outcome.withdrawn.iter().map(|it| it.attempt);
    let attempts = called.chain(withdrawn);
    let names = distinct(command.users(), outcome.called.len().max(outcome.withdrawn.len()));
    names.zip(attempts).filter_map(|(user, it)| Some((user, it?.get()))).collect()
}

/// The mark of a call log after an answer about it.
const fn seen(answer: Answer) -> u64 {
    if let Answer::CallsSeen { seen } = answer { seen } else { 0 }
}

/// The attempt that an accept or reject decided.
fn decided(answer: Answer) -> u64 {
    match answer {
        Answer::Accepted { attempt, .. } | Answer::Rejected { attempt, .. } => attempt.get(),
        Answer::Applied
        | Answer::Ignored(_)
        | Answer::Called
        | Answer::Withdrawn
        | Answer::UserCallsRevoked { .. }
        | Answer::CallsSeen { .. }
        | Answer::Ringing { .. } => {
            debug_assert!(false, "an accept or reject names its attempt");
            0
        }
    }
}

/// Within a step every handle has its name (N-03).
impl State {
    fn user_text(&self, user: UserId) -> &str {
        let name = self.names.users.name(user);
        debug_assert!(name.is_some(), "N-03: within its step a user has its name");
        name.unwrap_or_default()
    }

    fn room_text(&self, room: RoomId) -> &str {
        let name = self.names.rooms.name(room);
        debug_assert!(name.is_some(), "N-03: within its step a room has its name");
        name.unwrap_or_default()
    }

    fn device_text(&self, device: DeviceId) -> &str {
        let name = self.names.devices.name(device);
        debug_assert!(name.is_some(), "N-03: within its step a device has its name");
        name.unwrap_or_default()
    }

    pub(super) fn name_refusal(&self, refusal: Refusal) -> Refused<&str> {
        let (code, rule, message) = (refusal.code(), refusal.rule(), refusal.to_string());
        let ended = refusal.ended().map(|ended| self.name_ended(&ended));
        Refused { code, rule, message, ended, retry_after: refusal.retry_after() }
    }

    fn name_ended(&self, ended: &Ending) -> protocol::Ending<&str> {
        protocol::Ending {
            how: ended.how,
            attempt: ended.attempt.get(),
            user: ended.user.map(|user| self.user_text(user)),
            device: ended.device.map(|device| self.device_text(device)),
        }
    }

    pub(super) fn name_pending<'a>(
        &'a self,
        pending: &crate::switchboard::PendingCall<'a>,
    ) -> PendingCall<&'a str> {
        PendingCall {
            caller: self.user_text(pending.call.caller),
            callee: self.user_text(pending.call.callee),
            status: pending.call.status,
            attempt: pending.attempt.get(),
            time_left: pending.time_left,
            extension: pending.extension,
        }
    }

    pub(super) fn name_live<'a>(&'a self, incoming: &query::LiveCall<'a>) -> LiveCall<&'a str> {
        LiveCall {
            room: self.room_text(incoming.room),
            caller: self.user_text(incoming.call.caller),
            callee: self.user_text(incoming.call.callee),
            attempt: incoming.attempt.get(),
            time_left: incoming.time_left,
            extension: incoming.extension,
            rung: incoming.rung,
        }
    }

    pub(super) fn name_ended_call(&self, call: &query::EndedCall) -> EndedCall<&str> {
        EndedCall {
            room: self.room_text(call.room),
            caller: self.user_text(call.caller),
            ended: self.name_ended(&call.ended),
        }
    }

    pub(super) fn name_my_calls<'a>(&'a self, mine: &MyCalls<'a>) -> protocol::MyCalls<&'a str> {
        protocol::MyCalls {
            incoming: mine.incoming.iter().map(|call| self.name_live(call)).collect(),
            outgoing: mine.outgoing.iter().map(|call| self.name_live(call)).collect(),
            endings: mine.endings.iter().map(|ending| self.name_my_ending(ending)).collect(),
            more: mine.more,
            since: mine.since.get(),
            last_attempt: mine.last_attempt.get(),
            revision: mine.revision,
            log: mine.log,
        }
    }

    pub(super) fn name_call_log(&self, log: &CallLog) -> protocol::CallLog<&str> {
        let &CallLog { ref entries, more, since, last_logged, seen, revision } = log;
        let entries = entries.iter().map(|entry| self.name_log_entry(entry)).collect();
        protocol::CallLog { entries, more, since, last_logged, seen, revision }
    }

    fn name_log_entry(&self, entry: &LogEntry) -> protocol::LogEntry<&str> {
        let &LogEntry { number, room, caller, age, ref what } = entry;
        let what = match what {
            LoggedCall::Ended(ended) => protocol::LoggedCall::Ended(self.name_ended(ended)),
            LoggedCall::Tried { count } => protocol::LoggedCall::Tried { count: *count },
        };
        let (room, caller) = (self.room_text(room), self.user_text(caller));
        protocol::LogEntry { number, room, caller, age, what }
    }

    fn name_my_ending(&self, ending: &MyEnding) -> protocol::MyEnding<&str> {
        protocol::MyEnding {
            room: self.room_text(ending.room),
            caller: self.user_text(ending.caller),
            callee: self.user_text(ending.callee),
            ended: self.name_ended(&ending.ended),
            reason: ending.reason,
        }
    }

    fn name_audience(&self, to: Audience) -> protocol::Audience<&str> {
        match to {
            Audience::User(user) => protocol::Audience::User(self.user_text(user)),
            Audience::Device { user, device } => protocol::Audience::Device {
                user: self.user_text(user),
                device: self.device_text(device),
            },
            Audience::OtherDevices { user, than } => protocol::Audience::OtherDevices {
                user: self.user_text(user),
                than: self.device_text(than),
            },
            Audience::Room(room) => protocol::Audience::Room(self.room_text(room)),
        }
    }

    pub(super) fn name_effect(&self, effect: &output::Effect) -> Effect<&str> {
        let attempt = effect.attempt.get();
        let call = NamedCall {
            room: self.room_text(effect.room),
            caller: self.user_text(effect.call.caller),
            callee: self.user_text(effect.call.callee),
            status: effect.call.status,
            attempt,
        };
        let event = match effect.event {
            output::Event::CallReceived { time_left } => {
                let mut live = self.calls.live_of(effect.call.callee);
                let call_there = live.find(|(_, call)| call.attempt == effect.attempt);
                let extension = call_there.map_or("", |(_, call)| self.calls.extension(call));
                Event::CallReceived { call, extension, time_left }
            }
            output::Event::CallCancelled => Event::CallCancelled(call),
            output::Event::CallRevokedByAdmin { operator } => {
                let operator = match operator {
                    Operator::User(user) => Some(self.user_text(user)),
                    Operator::Backend => None,
                };
                Event::CallRevokedByAdmin { call, operator }
            }
            output::Event::CallTimeout => Event::CallTimeout(call),
            output::Event::CallRinging => Event::CallRinging(call),
            output::Event::CallNotJoined => Event::CallNotJoined(call),
            output::Event::CallAccepted => Event::CallAccepted(call),
            output::Event::CallRejected { reason } => Event::CallRejected { call, reason },
            output::Event::CallHandledByOtherDevice { is_accepted, device } => {
                let device = device.map(|device| self.device_text(device));
                let room = call.room;
                Event::CallHandledByOtherDevice { room, is_accepted, attempt, device }
            }
            output::Event::PendingCallChanged => Event::PendingCallChanged(call),
            output::Event::PendingCallRemoved => Event::PendingCallRemoved(call),
            output::Event::CallsSeen { up_to } => Event::CallsSeen { up_to },
        };
        Effect { to: self.name_audience(effect.to), event, because: effect.because }
    }
}
