//! One input by name in, everything it brings about by name out.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::named::{
    Actor, Answer, Command, Effect, EndedBy, Entry, Event, Fact, IncomingCall, Line, NamedCall,
    PendingCall, Query, Refused, To, Turn,
};
use crate::names::Directory;
use crate::server::{Page, Switchboard, is_id, is_within};
use crate::{
    Again, Attempt, Audience, DeviceId, Input, Limits, Operator, Refusal, RoomId, Rule, Step, Tick,
    Timeout, UserId,
};

impl Switchboard {
    /// Applies one line of a journal: resolves its names, applies it, and answers in names. A
    /// refused line leaves no name behind (N-02).
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::wire::Line;
    /// use roomcall::{Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let line: Line = serde_json::from_str(
    ///     r#"{"at":5,"by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"x"}}}"#,
    /// )?;
    /// let refused = board.apply_named(&line).answer.unwrap().unwrap_err();
    /// assert_eq!(refused.code, 100004);
    /// assert_eq!(board.known_names(), 0);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn apply_named(&mut self, line: &Line) -> Turn {
        let mut step = Step::new();
        self.elapse(Tick::from_millis(line.at), &mut step);
        let (answer, unchanged) = match &line.entry {
            Entry::Tick => (None, None),
            Entry::Fact(fact) => (None, self.note(fact, &mut step)),
            Entry::Ask { by, command } => {
                let answer = self.ask_named(by, command, &mut step);
                (Some(answer), repeated(&step))
            }
            Entry::Query { by, query } => (Some(self.query_named(by, query)), None),
        };
        let effects = step.effects.iter().map(|effect| self.name_effect(effect)).collect();
        self.names_mut().settle();
        debug_assert_eq!(self.check(), Ok(()));
        Turn { at: self.clock().as_millis(), answer, effects, unchanged }
    }

    fn note(&mut self, fact: &Fact, step: &mut Step) -> Option<Rule> {
        let Some(fact) = self.resolver().fact(fact) else {
            return Some(Rule::L01);
        };
        self.judge(Input::Fact(fact), step);
        match step.answer {
            Ok(crate::Answer::Ignored(rule)) => Some(rule),
            _ => None,
        }
    }

    fn ask_named(
        &mut self,
        by: &Actor,
        command: &Command,
        step: &mut Step,
    ) -> Result<Answer, Refused> {
        let mut callees = Vec::new();
        let limit = self.limits().id_bytes;
        let mut resolver = self.resolver();
        let resolved =
            resolver.actor(by).and_then(|by| Some((by, resolver.command(command, &mut callees)?)));
        let Some((by, command_by_handle)) = resolved else {
            return Err(self.name_refusal(Refusal::BadName { limit }));
        };
        self.judge(Input::Ask { by, command: command_by_handle }, step);
        match step.answer {
            Err(refusal) => Err(self.name_refusal(refusal)),
            Ok(answer) => Ok(self.name_answer(command, answer, step)),
        }
    }

    fn query_named(&mut self, by: &Actor, query: &Query) -> Result<Answer, Refused> {
        let limit = self.limits().id_bytes;
        let bad_name = Refusal::BadName { limit };
        let mut resolver = self.resolver();
        let answer = match query {
            Query::GetPendingCalls { room, cursor, count, status } => {
                let names = resolver.actor(by).zip(resolver.room(room));
                let cursor = cursor.as_deref().filter(|cursor| !cursor.is_empty());
                let page = Page { cursor, count: *count, status: *status };
                names.ok_or(bad_name).and_then(|(by, room)| {
                    let list = self.pending_calls(by, room, page)?;
                    let calls = list.calls.iter().map(|call| self.name_pending(call)).collect();
                    let next_cursor = list.next.map(|next| next.to_string()).unwrap_or_default();
                    Ok(Answer::GetPendingCalls { calls, next_cursor })
                })
            }
            Query::GetIncomingCalls { since: _ } => {
                let by = resolver.actor(by).ok_or(bad_name);
                by.and_then(|by| self.incoming_calls(by)).map(|incoming| {
                    let calls = incoming.calls.iter().map(|call| self.name_incoming(call));
                    let calls = calls.collect();
                    Answer::GetIncomingCalls { calls, revision: incoming.revision, endings: None }
                })
            }
        };
        answer.map_err(|refusal| self.name_refusal(refusal))
    }

    fn resolver(&mut self) -> Resolver<'_> {
        let limits = *self.limits();
        Resolver { names: self.names_mut(), limits }
    }
}

/// The attempt that an accept or reject decided.
fn decided(answer: crate::Answer) -> u64 {
    match answer {
        crate::Answer::Accepted { attempt, .. } | crate::Answer::Rejected { attempt, .. } => {
            attempt.get()
        }
        crate::Answer::Noted
        | crate::Answer::Ignored(_)
        | crate::Answer::Called
        | crate::Answer::Withdrawn => {
            debug_assert!(false, "an accept or reject names its attempt");
            0
        }
    }
}

/// E-08
fn repeated(step: &Step) -> Option<Rule> {
    match step.answer {
        Ok(
            crate::Answer::Accepted { again: Again::Repeat, .. }
            | crate::Answer::Rejected { again: Again::Repeat, .. },
        ) => Some(Rule::E08),
        _ => None,
    }
}

/// Names to handles, for the length of one input (N-02). `None` is a bad name (L-01).
struct Resolver<'a> {
    names: &'a mut Directory,
    limits: Limits,
}

impl Resolver<'_> {
    fn user(&mut self, id: &str) -> Option<UserId> {
        let is_good = is_id(id, self.limits.id_bytes);
        is_good.then(|| self.names.users.borrow(id)).flatten().map(UserId)
    }

    fn room(&mut self, id: &str) -> Option<RoomId> {
        let is_good = is_id(id, self.limits.id_bytes);
        is_good.then(|| self.names.rooms.borrow(id)).flatten().map(RoomId)
    }

    fn device(&mut self, id: &str) -> Option<DeviceId> {
        let is_good = is_id(id, self.limits.id_bytes);
        is_good.then(|| self.names.devices.borrow(id)).flatten().map(DeviceId)
    }

    fn actor(&mut self, by: &Actor) -> Option<crate::Actor> {
        match by {
            Actor::Backend => Some(crate::Actor::Backend),
            Actor::Device { user, device } => {
                let (user, device) = (self.user(user)?, self.device(device)?);
                Some(crate::Actor::Device { user, device })
            }
        }
    }

    fn fact(&mut self, fact: &Fact) -> Option<crate::Fact> {
        Some(match fact {
            Fact::RoomOpened { room, owner } => {
                crate::Fact::RoomOpened { room: self.room(room)?, owner: self.user(owner)? }
            }
            Fact::RoomDissolved { room, by } => {
                // F-11: whoever it was, the room is gone.
                let by = self.actor(by).unwrap_or(crate::Actor::Backend);
                crate::Fact::RoomDissolved { room: self.room(room)?, by }
            }
            Fact::UserEntered { room, user, device } => crate::Fact::UserEntered {
                room: self.room(room)?,
                user: self.user(user)?,
                device: self.device(device)?,
            },
            Fact::UserLeft { room, user } => {
                crate::Fact::UserLeft { room: self.room(room)?, user: self.user(user)? }
            }
            Fact::RoleSet { room, user, role } => {
                let (room, user) = (self.room(room)?, self.user(user)?);
                crate::Fact::RoleSet { room, user, role: *role }
            }
        })
    }

    fn command<'a>(
        &mut self,
        command: &'a Command,
        callees: &'a mut Vec<UserId>,
    ) -> Option<crate::Command<'a>> {
        match command {
            Command::CallUserToRoom { room, users, timeout, extension } => {
                let room = self.users(room, users, callees)?;
                let timeout = Timeout::from_seconds(*timeout);
                Some(crate::Command::CallUserToRoom { room, callees, timeout, extension })
            }
            Command::CancelCall { room, users } => {
                let room = self.users(room, users, callees)?;
                Some(crate::Command::CancelCall { room, callees })
            }
            Command::RevokeCall { room, users } => {
                let room = self.users(room, users, callees)?;
                Some(crate::Command::RevokeCall { room, callees })
            }
            Command::AcceptCall { room, attempt } => {
                let (room, attempt) = (self.room(room)?, attempt.map(Attempt::new));
                Some(crate::Command::AcceptCall { room, attempt })
            }
            Command::RejectCall { room, attempt, reason } => {
                let (room, attempt) = (self.room(room)?, attempt.map(Attempt::new));
                Some(crate::Command::RejectCall { room, attempt, reason: *reason })
            }
        }
    }

    fn users(&mut self, room: &str, users: &[String], callees: &mut Vec<UserId>) -> Option<RoomId> {
        let room = self.room(room)?;
        if !users.iter().all(|user| is_id(user, self.limits.id_bytes)) {
            return None;
        }
        // L-03: one more than the limit is enough to refuse, and no more names are looked at.
        let mut distinct = BTreeSet::new();
        for user in users {
            if !is_within(distinct.len(), self.limits.callees) {
                break;
            }
            distinct.insert(user);
            callees.push(self.user(user)?);
        }
        Some(room)
    }
}

/// Handles to names. Within a step every handle has its name (N-03).
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

    fn name_refusal(&self, refusal: Refusal) -> Refused {
        let (code, rule, message) = (refusal.code(), refusal.rule(), refusal.to_string());
        let ended = refusal.ended().map(|ended| EndedBy {
            how: ended.how,
            attempt: ended.attempt.get(),
            user: ended.user.map(|user| self.user_text(user)),
            device: ended.device.map(|device| self.device_text(device)),
        });
        Refused { code, rule, message, ended }
    }

    fn name_answer(&self, command: &Command, answer: crate::Answer, step: &Step) -> Answer {
        let withdrawn = || {
            let named =
                step.withdrawn.iter().map(|(user, result)| (self.user_text(*user), *result));
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

    fn name_pending(&self, pending: &crate::server::PendingCall<'_>) -> PendingCall {
        PendingCall {
            caller: self.user_text(pending.call.caller),
            callee: self.user_text(pending.call.callee),
            status: pending.call.status,
            attempt: pending.attempt.get(),
            time_left: pending.time_left,
            extension: pending.extension.map(Into::into),
        }
    }

    fn name_incoming(&self, incoming: &crate::server::IncomingCall<'_>) -> IncomingCall {
        IncomingCall {
            room: self.room_text(incoming.room),
            caller: self.user_text(incoming.call.caller),
            callee: self.user_text(incoming.call.callee),
            attempt: incoming.attempt.get(),
            time_left: incoming.time_left,
            extension: incoming.extension.into(),
        }
    }

    fn name_audience(&self, to: Audience) -> To {
        match to {
            Audience::User(user) => To::User(self.user_text(user)),
            Audience::Device { user, device } => {
                To::Device { user: self.user_text(user), device: self.device_text(device) }
            }
            Audience::OtherDevices { user, than } => {
                To::OtherDevices { user: self.user_text(user), than: self.device_text(than) }
            }
            Audience::Room(room) => To::Room(self.room_text(room)),
        }
    }

    fn name_effect(&self, effect: &crate::Effect) -> Effect {
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
                let extension = self.extension(effect.attempt).unwrap_or_default().into();
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
