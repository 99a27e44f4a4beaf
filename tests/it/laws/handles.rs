//! The form by handle and the form by name are one machine (N-01, N-03): a host that holds the
//! names it uses sees the same answers and effects, and can name everything in them.

use proptest::prelude::*;
use roomcall::protocol::{self, Input as NamedInput, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{
    Actor, Answer, Attempt, Audience, Command, DeviceId, Event, Fact, Input, NameError, Operator,
    Outcome, Present, RoomId, Rule, Session, Tick, Timeout, UserId,
};

use roomcall_testkit::play::board;

/// A host: it holds every name that it meets, for as long as one input.
struct Host {
    board: Switchboard,
    held: (Vec<UserId>, Vec<RoomId>, Vec<DeviceId>),
}

type Named<T> = Result<T, NameError>;

impl Host {
    fn user(&mut self, id: &str) -> Named<UserId> {
        let user = self.board.intern_user(id)?;
        self.held.0.push(user);
        Ok(user)
    }

    fn room(&mut self, id: &str) -> Named<RoomId> {
        let room = self.board.intern_room(id)?;
        self.held.1.push(room);
        Ok(room)
    }

    fn device(&mut self, id: &str) -> Named<DeviceId> {
        let device = self.board.intern_device(id)?;
        self.held.2.push(device);
        Ok(device)
    }

    fn let_go(&mut self) {
        let (users, rooms, devices) = std::mem::take(&mut self.held);
        users.into_iter().for_each(|user| self.board.release_user(user));
        rooms.into_iter().for_each(|room| self.board.release_room(room));
        devices.into_iter().for_each(|device| self.board.release_device(device));
    }

    fn actor(&mut self, by: &protocol::Actor) -> Named<Actor> {
        Ok(match by {
            protocol::Actor::Backend => Actor::Backend,
            protocol::Actor::Device { user, device } => {
                Actor::Device { user: self.user(user)?, device: self.device(device)? }
            }
        })
    }

    /// A session by handle is a digest of its id, whose bound is the host's to see to (L-01).
    fn present(
        &mut self,
        user: &str,
        device: &Option<String>,
        session: &Option<String>,
    ) -> Named<Present> {
        let limit = self.board.limits().id_bytes;
        let is_id = |id: &String| !id.is_empty() && id.len() <= limit as usize;
        if !session.iter().all(is_id) {
            return Err(NameError::BadName { limit });
        }
        Ok(Present {
            user: self.user(user)?,
            device: device.as_ref().map(|device| self.device(device)).transpose()?,
            session: session.as_deref().map(Session::new),
        })
    }

    fn fact<'a>(&mut self, fact: &protocol::Fact, listed: &'a mut Vec<Present>) -> Named<Fact<'a>> {
        Ok(match fact {
            protocol::Fact::RoomOpened { room, owner } => {
                Fact::RoomOpened { room: self.room(room)?, owner: self.user(owner)? }
            }
            protocol::Fact::RoomDissolved { room, by, opening } => {
                // F-11: a host that has no good name for the dissolver says that it was the backend.
                let by = self.actor(by).unwrap_or(Actor::Backend);
                Fact::RoomDissolved { room: self.room(room)?, by, opening: *opening }
            }
            protocol::Fact::UserEntered { room, user, device, session, opening } => {
                let (room, opening) = (self.room(room)?, *opening);
                let Present { user, device, session } = self.present(user, device, session)?;
                Fact::UserEntered { room, user, device, session, opening }
            }
            protocol::Fact::UserLeft { room, user, device, session, opening } => {
                let (room, opening) = (self.room(room)?, *opening);
                let Present { user, device, session } = self.present(user, device, session)?;
                Fact::UserLeft { room, user, device, session, opening }
            }
            protocol::Fact::PresenceListed { room, present, opening } => {
                let room = self.room(room)?;
                for protocol::Present { user, device, session } in present {
                    listed.push(self.present(user, device, session)?);
                }
                Fact::PresenceListed { room, present: listed, opening: *opening }
            }
            protocol::Fact::UserRemoved { room, user, by, opening } => {
                // F-16: likewise.
                let by = self.actor(by).unwrap_or(Actor::Backend);
                let (room, user) = (self.room(room)?, self.user(user)?);
                Fact::UserRemoved { room, user, by, opening: *opening }
            }
            protocol::Fact::RoleSet { room, user, role, opening } => {
                let (room, user) = (self.room(room)?, self.user(user)?);
                Fact::RoleSet { room, user, role: *role, opening: *opening }
            }
        })
    }

    fn users(&mut self, users: &[String]) -> Named<Vec<UserId>> {
        users.iter().map(|user| self.user(user)).collect()
    }

    fn ask(
        &mut self,
        at: Tick,
        by: &protocol::Actor,
        command: &protocol::Command,
    ) -> Named<Outcome> {
        let by = self.actor(by)?;
        let (callees, command) = match command {
            protocol::Command::CallUserToRoom { room, users, timeout, extension, caller } => {
                let caller = caller.as_ref().map(|caller| self.user(caller)).transpose()?;
                let (room, callees) = (self.room(room)?, self.users(users)?);
                let timeout = Timeout::from_seconds(*timeout);
                let call =
                    Command::CallUserToRoom { room, callees: &callees, timeout, extension, caller };
                return Ok(self
                    .board
                    .apply(at, Input::Ask { by, request_id: None, command: call }));
            }
            protocol::Command::CancelCall { room, users } => {
                let (room, callees) = (self.room(room)?, self.users(users)?);
                (callees, Command::CancelCall { room, callees: &[] })
            }
            protocol::Command::RevokeCall { room, users } => {
                let (room, callees) = (self.room(room)?, self.users(users)?);
                (callees, Command::RevokeCall { room, callees: &[] })
            }
            protocol::Command::AcceptCall { room, attempt } => {
                let (room, attempt) = (self.room(room)?, attempt.map(Attempt::new));
                (Vec::new(), Command::AcceptCall { room, attempt })
            }
            protocol::Command::RejectCall { room, attempt, reason } => {
                let (room, attempt) = (self.room(room)?, attempt.map(Attempt::new));
                (Vec::new(), Command::RejectCall { room, attempt, reason: *reason })
            }
            protocol::Command::RevokeUserCalls { user, which } => {
                (Vec::new(), Command::RevokeUserCalls { user: self.user(user)?, which: *which })
            }
        };
        let callees = &callees[..];
        let command = match command {
            Command::CancelCall { room, .. } => Command::CancelCall { room, callees },
            Command::RevokeCall { room, .. } => Command::RevokeCall { room, callees },
            other => other,
        };
        Ok(self.board.apply(at, Input::Ask { by, request_id: None, command }))
    }

    fn apply(&mut self, line: &Record) -> Named<Outcome> {
        let at = Tick::from_millis(line.at);
        match &line.input {
            NamedInput::Fact(fact) => {
                let mut listed = Vec::new();
                let fact = self.fact(fact, &mut listed)?;
                Ok(self.board.apply(at, Input::Fact(fact)))
            }
            NamedInput::Ask { by, command } => self.ask(at, by, command),
            NamedInput::Tick | NamedInput::Query { .. } => Ok(self.board.apply(at, Input::Tick)),
        }
    }

    fn name_user(&self, user: UserId) -> String {
        self.board.user_name(user).expect("an effect can be named").to_owned()
    }

    fn name_device(&self, device: DeviceId) -> String {
        self.board.device_name(device).expect("an effect can be named").to_owned()
    }

    fn name_room(&self, room: RoomId) -> String {
        self.board.room_name(room).expect("an effect can be named").to_owned()
    }

    fn name(&self, effect: &roomcall::Effect) -> protocol::Effect {
        let to = match effect.to {
            Audience::User(user) => protocol::Audience::User(self.name_user(user)),
            Audience::Device { user, device } => protocol::Audience::Device {
                user: self.name_user(user),
                device: self.name_device(device),
            },
            Audience::OtherDevices { user, than } => protocol::Audience::OtherDevices {
                user: self.name_user(user),
                than: self.name_device(than),
            },
            Audience::Room(room) => protocol::Audience::Room(self.name_room(room)),
        };
        let (attempt, room) = (effect.attempt.get(), self.name_room(effect.room));
        let call = protocol::NamedCall {
            room: room.clone(),
            caller: self.name_user(effect.call.caller),
            callee: self.name_user(effect.call.callee),
            status: effect.call.status,
            attempt,
        };
        let event = match effect.event {
            Event::CallReceived { time_left } => {
                let extension = self
                    .board
                    .extension(effect.call.callee, effect.attempt)
                    .expect("it is live")
                    .into();
                protocol::Event::CallReceived { call, extension, time_left }
            }
            Event::CallCancelled => protocol::Event::CallCancelled(call),
            Event::CallRevokedByAdmin { operator } => {
                let operator = match operator {
                    Operator::User(user) => Some(self.name_user(user)),
                    Operator::Backend => None,
                };
                protocol::Event::CallRevokedByAdmin { call, operator }
            }
            Event::CallTimeout => protocol::Event::CallTimeout(call),
            Event::CallAccepted => protocol::Event::CallAccepted(call),
            Event::CallRejected { reason } => protocol::Event::CallRejected { call, reason },
            Event::CallHandledByOtherDevice { is_accepted, device } => {
                let device = device.map(|device| self.name_device(device));
                protocol::Event::CallHandledByOtherDevice { room, is_accepted, attempt, device }
            }
            Event::PendingCallChanged => protocol::Event::PendingCallChanged(call),
            Event::PendingCallRemoved => protocol::Event::PendingCallRemoved(call),
        };
        protocol::Effect { to, event, because: effect.because }
    }

    /// The answer as text, with its results by name.
    fn answered(&self, step: &Outcome) -> String {
        let named = |user: &UserId| self.name_user(*user);
        let called = step.called.iter().map(|it| format!("{} {:?}", named(&it.callee), it.result));
        let withdrawn =
            step.withdrawn.iter().map(|it| format!("{} {}", named(&it.callee), it.result.word()));
        let results: Vec<String> = called.chain(withdrawn).collect();
        match step.answer {
            Ok(Answer::Accepted { attempt, .. } | Answer::Rejected { attempt, .. }) => {
                format!("attempt {}", attempt.get())
            }
            Ok(Answer::UserCallsRevoked { more }) => {
                let attempts = step.withdrawn.iter().filter_map(|it| it.attempt);
                revoked(&attempts.map(Attempt::get).collect::<Vec<_>>(), more)
            }
            // F-17: the opening and the limit are of the form by name.
            Ok(Answer::Ignored(rule)) => format!("ignored by {rule}"),
            Ok(_) => results.join(", "),
            Err(refusal) => format!("{} {}", refusal.code(), refusal.rule()),
        }
    }
}

fn answered_by_name(answer: Option<Result<protocol::Answer, protocol::Refused>>) -> String {
    let join = |results: Vec<String>| results.join(", ");
    match answer {
        None => String::new(),
        Some(Err(refused)) => format!("{} {}", refused.code, refused.rule),
        Some(Ok(
            protocol::Answer::AcceptCall { attempt } | protocol::Answer::RejectCall { attempt },
        )) => {
            format!("attempt {attempt}")
        }
        Some(Ok(protocol::Answer::CallUserToRoom(results))) => {
            join(results.iter().map(|(user, result)| format!("{user} {result:?}")).collect())
        }
        Some(Ok(protocol::Answer::CancelCall(results) | protocol::Answer::RevokeCall(results))) => {
            join(results.iter().map(|(user, result)| format!("{user} {}", result.word())).collect())
        }
        Some(Ok(protocol::Answer::Fact(answer))) => fact(answer),
        Some(Ok(protocol::Answer::RevokeUserCalls { attempts, more })) => revoked(&attempts, more),
        Some(Ok(other)) => format!("{other:?}"),
    }
}

fn fact(answer: protocol::FactAnswer) -> String {
    answer.ignored.map_or(String::new(), |rule| format!("ignored by {rule}"))
}

fn revoked(attempts: &[u64], more: bool) -> String {
    format!("revoked {attempts:?}, more: {more}")
}

laws! {
    // N-01, N-03
    fn handles_are_names(journal) {
        let mut by_name = board(journal);
        let mut host = Host { board: board(journal), held: Default::default() };
        for line in &journal.lines {
            if matches!(line.input, NamedInput::Query { .. }) {
                continue;
            }
            // A host cannot make a handle of a bad name; the form by name refuses it (L-01).
            let step = match host.apply(line) {
                Ok(step) => step,
                Err(_) => host.board.apply(Tick::from_millis(line.at), Input::Tick),
            };
            let turn = by_name.apply_record(line);
            let is_bad_name = match &turn.answer {
                Some(Err(refused)) => refused.rule == Rule::L01,
                _ => turn.unchanged == Some(Rule::L01),
            };
            if !is_bad_name {
                prop_assert_eq!(host.answered(&step), answered_by_name(turn.answer));
            }
            // What is let go can still be named until the next change but one.
            host.let_go();
            let effects: Vec<_> = step.effects.iter().map(|effect| host.name(effect)).collect();
            prop_assert_eq!(effects, turn.effects);
            prop_assert_eq!(host.board.state_hash(), by_name.state_hash());
            prop_assert_eq!(host.board.verify(), Ok(()));
        }
    }
}
