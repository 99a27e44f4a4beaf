//! A host that uses the form by handle: lines of a journal in handles.

use roomcall::protocol::{self, Input as NamedInput, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{
    Actor, Attempt, Command, DeviceId, Fact, Input, NameError, Present, RoomId, Session, Tick,
    Timeout, UserId,
};

/// An input in handles, with the lists that it borrows.
#[derive(Debug)]
pub struct Owned<'a> {
    at: Tick,
    input: Handles<'a>,
    callees: Vec<UserId>,
    listed: Vec<Present>,
}

/// An input without its lists.
#[derive(Clone, Copy, Debug)]
enum Handles<'a> {
    Tick,
    Fact(Fact<'static>),
    Ask(Actor, About, &'a protocol::Command),
}

/// What a command is about, in handles.
#[derive(Clone, Copy, Debug)]
enum About {
    /// A room, and whom the backend names as the caller.
    Room(RoomId, Option<UserId>),
    /// The calls of a user.
    User(UserId),
    /// The asking user's call log.
    Nothing,
}

impl<'a> Owned<'a> {
    fn tick(line: &Record) -> Self {
        let at = Tick::from_millis(line.at);
        Self { at, input: Handles::Tick, callees: Vec::new(), listed: Vec::new() }
    }

    /// The time and the input, borrowed from this.
    pub fn input(&self) -> (Tick, Input<'_>) {
        let input = match self.input {
            Handles::Tick => Input::Tick,
            Handles::Fact(Fact::PresenceListed { room, opening, .. }) => {
                Input::Fact(Fact::PresenceListed { room, present: &self.listed, opening })
            }
            Handles::Fact(fact) => Input::Fact(fact),
            Handles::Ask(by, about, command) => {
                Input::Ask { by, request_id: None, command: self.command(about, command) }
            }
        };
        (self.at, input)
    }

    fn command<'b>(&'b self, about: About, command: &'b protocol::Command) -> Command<'b> {
        let callees = &self.callees[..];
        let (room, caller) = match (about, command) {
            (About::User(user), protocol::Command::RevokeUserCalls { which, .. }) => {
                return Command::RevokeUserCalls { user, which: *which };
            }
            (About::Nothing, protocol::Command::MarkCallsSeen { up_to }) => {
                return Command::MarkCallsSeen { up_to: *up_to };
            }
            (About::Nothing, protocol::Command::Ringing { attempt }) => {
                return Command::Ringing { attempt: Attempt::new(*attempt) };
            }
            (About::Room(room, caller), _) => (room, caller),
            (About::User(_) | About::Nothing, _) => {
                unreachable!("every other command is about a room")
            }
        };
        match command {
            protocol::Command::CallUserToRoom { timeout, extension, .. } => {
                let timeout = Timeout::from_seconds(*timeout);
                Command::CallUserToRoom { room, callees, timeout, extension, caller }
            }
            protocol::Command::CancelCall { .. } => Command::CancelCall { room, callees },
            protocol::Command::RevokeCall { .. } => Command::RevokeCall { room, callees },
            protocol::Command::AcceptCall { attempt, .. } => {
                Command::AcceptCall { room, attempt: attempt.map(Attempt::new) }
            }
            protocol::Command::RejectCall { attempt, reason, .. } => {
                let attempt = attempt.map(Attempt::new);
                Command::RejectCall { room, attempt, reason: *reason }
            }
            protocol::Command::RevokeUserCalls { .. }
            | protocol::Command::MarkCallsSeen { .. }
            | protocol::Command::Ringing { .. } => {
                unreachable!("it is about no room")
            }
        }
    }
}

/// A host that holds the names of a batch, and perhaps lets go of them before the batch is applied:
/// then those that the state does not use are stale, and others become so on the way.
#[derive(Debug)]
pub struct Host {
    /// The switchboard.
    pub board: Switchboard,
    users: Vec<UserId>,
    rooms: Vec<RoomId>,
    devices: Vec<DeviceId>,
}

type Named<T> = Result<T, NameError>;

impl Host {
    /// A host of this switchboard, which has interned nothing.
    pub fn of(board: Switchboard) -> Self {
        Self { board, users: Vec::new(), rooms: Vec::new(), devices: Vec::new() }
    }

    fn user(&mut self, id: &str) -> Named<UserId> {
        let user = self.board.intern_user(id)?;
        self.users.push(user);
        Ok(user)
    }

    fn room(&mut self, id: &str) -> Named<RoomId> {
        let room = self.board.intern_room(id)?;
        self.rooms.push(room);
        Ok(room)
    }

    fn device(&mut self, id: &str) -> Named<DeviceId> {
        let device = self.board.intern_device(id)?;
        self.devices.push(device);
        Ok(device)
    }

    fn actor(&mut self, by: &protocol::Actor) -> Named<Actor> {
        Ok(match by {
            protocol::Actor::Backend => Actor::Backend,
            protocol::Actor::Device { user, device } => {
                Actor::Device { user: self.user(user)?, device: self.device(device)? }
            }
        })
    }

    /// Who dissolved a room or removed a user: a host that has no good name says that it was the
    /// backend (F-11, F-16).
    fn operator(&mut self, by: &protocol::Actor) -> Actor {
        self.actor(by).unwrap_or(Actor::Backend)
    }

    fn present(&mut self, present: &protocol::Present) -> Named<Present> {
        let protocol::Present { user, device, session } = present;
        // L-01: a session by handle is a digest of its id, whose bound is the host's to see to.
        let limit = self.board.limits().id_bytes;
        if session.iter().any(|id| id.is_empty() || id.len() > limit as usize) {
            return Err(NameError::BadName { limit });
        }
        Ok(Present {
            user: self.user(user)?,
            device: device.as_ref().map(|device| self.device(device)).transpose()?,
            session: session.as_deref().map(Session::new),
        })
    }

    /// A fact without its list, and the list.
    fn fact(&mut self, fact: &protocol::Fact) -> Named<(Fact<'static>, Vec<Present>)> {
        let mut listed = Vec::new();
        match *fact {
            protocol::Fact::Recovered { floor } => return Ok((Fact::Recovered { floor }, listed)),
            protocol::Fact::RulesChanged { policy, limits } => {
                let policy = policy.unwrap_or_default().of(*self.board.policy());
                let limits = limits.unwrap_or_default().of(*self.board.limits());
                return Ok((Fact::RulesChanged { policy, limits }, listed));
            }
            protocol::Fact::UserErased { ref user } => {
                return Ok((Fact::UserErased { user: self.user(user)? }, listed));
            }
            _ => {}
        }
        let Some(room) = fact.room() else { unreachable!("all others are about a room") };
        let room = self.room(room)?;
        let fact = match fact.clone() {
            protocol::Fact::RoomOpened { owner, .. } => {
                Fact::RoomOpened { room, owner: self.user(&owner)? }
            }
            protocol::Fact::RoomDissolved { by, opening, .. } => {
                Fact::RoomDissolved { room, by: self.operator(&by), opening }
            }
            protocol::Fact::UserEntered { user, device, session, opening, .. } => {
                let Present { user, device, session } =
                    self.present(&protocol::Present { user, device, session })?;
                Fact::UserEntered { room, user, device, session, opening }
            }
            protocol::Fact::UserLeft { user, device, session, opening, .. } => {
                let Present { user, device, session } =
                    self.present(&protocol::Present { user, device, session })?;
                Fact::UserLeft { room, user, device, session, opening }
            }
            protocol::Fact::PresenceListed { present, opening, .. } => {
                for it in &present {
                    listed.push(self.present(it)?);
                }
                Fact::PresenceListed { room, present: &[], opening }
            }
            protocol::Fact::UserRemoved { user, by, opening, .. } => {
                let user = self.user(&user)?;
                Fact::UserRemoved { room, user, by: self.operator(&by), opening }
            }
            protocol::Fact::RoleSet { user, role, opening, .. } => {
                Fact::RoleSet { room, user: self.user(&user)?, role, opening }
            }
            protocol::Fact::UserErased { .. }
            | protocol::Fact::RulesChanged { .. }
            | protocol::Fact::Recovered { .. } => {
                unreachable!("it is about no room")
            }
        };
        Ok((fact, listed))
    }

    fn about(&mut self, command: &protocol::Command) -> Named<About> {
        Ok(match command {
            protocol::Command::CallUserToRoom { room, caller, .. } => {
                let caller = caller.as_ref().map(|caller| self.user(caller)).transpose()?;
                About::Room(self.room(room)?, caller)
            }
            protocol::Command::CancelCall { room, .. }
            | protocol::Command::RevokeCall { room, .. }
            | protocol::Command::AcceptCall { room, .. }
            | protocol::Command::RejectCall { room, .. } => About::Room(self.room(room)?, None),
            protocol::Command::RevokeUserCalls { user, .. } => About::User(self.user(user)?),
            protocol::Command::MarkCallsSeen { .. } | protocol::Command::Ringing { .. } => {
                About::Nothing
            }
        })
    }

    fn owned<'a>(&mut self, line: &'a Record) -> Named<Owned<'a>> {
        let (mut callees, mut listed) = (Vec::new(), Vec::new());
        let input = match &line.input {
            NamedInput::Tick | NamedInput::Query { .. } => Handles::Tick,
            NamedInput::Fact(fact) => {
                let (fact, present) = self.fact(fact)?;
                listed = present;
                Handles::Fact(fact)
            }
            NamedInput::Ask { by, command } => {
                for user in callees_of(command) {
                    callees.push(self.user(user)?);
                }
                Handles::Ask(self.actor(by)?, self.about(command)?, command)
            }
        };
        Ok(Owned { at: Tick::from_millis(line.at), input, callees, listed })
    }

    /// The inputs of a batch. A line with a bad name is a tick: no host can make its handles.
    pub fn batch<'a>(&mut self, lines: &'a [Record]) -> Vec<Owned<'a>> {
        let owned = |line| self.owned(line).unwrap_or_else(|_| Owned::tick(line));
        lines.iter().map(owned).collect()
    }

    /// Releases every name that was interned since the last call.
    pub fn let_go(&mut self) {
        self.users.drain(..).for_each(|user| self.board.release_user(user));
        self.rooms.drain(..).for_each(|room| self.board.release_room(room));
        self.devices.drain(..).for_each(|device| self.board.release_device(device));
    }
}

fn callees_of(command: &protocol::Command) -> &[String] {
    match command {
        protocol::Command::CallUserToRoom { users, .. }
        | protocol::Command::CancelCall { users, .. }
        | protocol::Command::RevokeCall { users, .. } => users,
        protocol::Command::AcceptCall { .. }
        | protocol::Command::RejectCall { .. }
        | protocol::Command::RevokeUserCalls { .. }
        | protocol::Command::MarkCallsSeen { .. }
        | protocol::Command::Ringing { .. } => &[],
    }
}
