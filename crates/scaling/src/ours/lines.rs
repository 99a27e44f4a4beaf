//! Inputs by name as a journal has them, in strings that are used again and again.

use roomcall::CallRejectionReason;
use roomcall::protocol::{Actor, Command, Fact, Input, Record};

use crate::names::{self, device_of};
use crate::workload::{Act, RINGS_S, Verb, room_of};

/// The lines of a chunk, and those of chunks before, by verb, for their memory.
#[derive(Debug, Default)]
pub struct Lines {
    lines: Vec<Record>,
    verbs: Vec<Verb>,
    spare: [Vec<Record>; Verb::ALL.len()],
}

impl Lines {
    /// Writes the lines of a chunk.
    pub fn stage(&mut self, acts: &[Act]) {
        for (line, verb) in self.lines.drain(..).zip(self.verbs.drain(..)) {
            self.spare[verb as usize].push(line);
        }
        for act in acts {
            let spare = self.spare[act.verb as usize].pop();
            let mut line = spare.unwrap_or_else(|| empty(act.verb));
            write(&mut line, act);
            self.lines.push(line);
            self.verbs.push(act.verb);
        }
    }

    /// The lines of the chunk.
    pub fn get(&self) -> &[Record] {
        &self.lines
    }
}

/// The line of an input.
pub fn line(act: &Act) -> Record {
    let mut line = empty(act.verb);
    write(&mut line, act);
    line
}

/// A line of a verb without names.
fn empty(verb: Verb) -> Record {
    let [room, user, device] = [const { String::new() }; 3];
    let by = Actor::Device { user: String::new(), device: String::new() };
    let (attempt, reason) = (None, CallRejectionReason::Rejected);
    let users = vec![String::new()];
    let input = match verb {
        Verb::Call => {
            let (timeout, extension) = (RINGS_S, String::new());
            Input::Ask { by, command: Command::CallUserToRoom { room, users, timeout, extension } }
        }
        Verb::Accept => Input::Ask { by, command: Command::AcceptCall { room, attempt } },
        Verb::Reject => Input::Ask { by, command: Command::RejectCall { room, attempt, reason } },
        Verb::Cancel => Input::Ask { by, command: Command::CancelCall { room, users } },
        Verb::Enter => Input::Fact(Fact::UserEntered { room, user, device }),
        Verb::Leave => Input::Fact(Fact::UserLeft { room, user }),
    };
    Record { at: 0, request_id: None, input }
}

/// Writes the names into a line of the same verb.
fn write(line: &mut Record, act: &Act) {
    line.at = act.at;
    match &mut line.input {
        Input::Ask { by, command } => {
            write_actor(by, act);
            write_command(command, act);
        }
        Input::Fact(Fact::UserEntered { room, user, device }) => {
            names::room(room, room_of(act.callee));
            names::user(user, act.callee);
            write_device(device, act.verb);
        }
        Input::Fact(Fact::UserLeft { room, user }) => {
            names::room(room, room_of(act.callee));
            names::user(user, act.callee);
        }
        Input::Fact(
            Fact::RoomOpened { .. } | Fact::RoomDissolved { .. } | Fact::RoleSet { .. },
        )
        | Input::Tick
        | Input::Query { .. } => {}
    }
}

fn write_actor(by: &mut Actor, act: &Act) {
    let Actor::Device { user, device } = by else { return };
    match act.verb {
        Verb::Call | Verb::Cancel => names::host(user, room_of(act.callee)),
        Verb::Accept | Verb::Reject | Verb::Enter | Verb::Leave => names::user(user, act.callee),
    }
    write_device(device, act.verb);
}

fn write_device(device: &mut String, verb: Verb) {
    device.clear();
    device.push_str(device_of(verb));
}

fn write_command(command: &mut Command, act: &Act) {
    match command {
        Command::CallUserToRoom { room, users, .. }
        | Command::CancelCall { room, users }
        | Command::RevokeCall { room, users } => {
            names::room(room, room_of(act.callee));
            for user in users {
                names::user(user, act.callee);
            }
        }
        Command::AcceptCall { room, .. } | Command::RejectCall { room, .. } => {
            names::room(room, room_of(act.callee));
        }
    }
}
