//! Inputs by name as a journal has them, in strings whose memory is reused.

use roomcall::CallRejectionReason;
use roomcall::protocol::{Actor, Command, Fact, Input, Record};

use crate::names::Names;
use crate::workload::{Act, RINGS_S, Verb, room_of, rooms};

/// The records of a chunk, and those of earlier chunks, by verb, for their memory.
#[derive(Debug)]
pub struct Records {
    names: Names,
    records: Vec<Record>,
    verbs: Vec<Verb>,
    spare: [Vec<Record>; Verb::ALL.len()],
}

impl Records {
    /// No records yet; their names will have this length.
    pub fn new(names: Names) -> Self {
        Self { names, records: Vec::new(), verbs: Vec::new(), spare: Default::default() }
    }

    /// Writes the records of a chunk.
    pub fn stage(&mut self, acts: &[Act]) {
        for (record, verb) in self.records.drain(..).zip(self.verbs.drain(..)) {
            self.spare[verb as usize].push(record);
        }
        for act in acts {
            let spare = self.spare[act.verb as usize].pop();
            let mut record = spare.unwrap_or_else(|| empty(act.verb));
            write(&mut record, act, self.names);
            self.records.push(record);
            self.verbs.push(act.verb);
        }
    }

    /// The records of the chunk.
    pub fn get(&self) -> &[Record] {
        &self.records
    }
}

/// The record of an input.
pub fn record(act: &Act, names: Names) -> Record {
    let mut record = empty(act.verb);
    write(&mut record, act, names);
    record
}

/// The records that open the rooms of so many callees, and let their hosts enter.
pub fn opening(callees: u32, names: Names) -> impl Iterator<Item = Record> {
    (0..rooms(callees)).flat_map(move |number| {
        let name = |write| crate::names::named(write, names, number);
        let (room, owner) = (name(Names::room), name(Names::host));
        let (user, device) = (owner.clone(), name(Names::desktop));
        let opened = Fact::RoomOpened { room: room.clone(), owner };
        [opened, Fact::user_entered(room, user, device)].map(|fact| Record {
            at: 0,
            request_id: None,
            input: Input::Fact(fact),
        })
    })
}

/// A record of a verb without names.
fn empty(verb: Verb) -> Record {
    let [room, user, device] = [const { String::new() }; 3];
    let by = Actor::Device { user: String::new(), device: String::new() };
    let (attempt, reason) = (None, CallRejectionReason::Rejected);
    let users = vec![String::new()];
    let input = match verb {
        Verb::Call => {
            let (timeout, extension) = (RINGS_S, String::new());
            Input::Ask {
                by,
                command: Command::CallUserToRoom { room, users, timeout, extension, caller: None },
            }
        }
        Verb::Accept => Input::Ask { by, command: Command::AcceptCall { room, attempt } },
        Verb::Reject => Input::Ask { by, command: Command::RejectCall { room, attempt, reason } },
        Verb::Cancel => Input::Ask { by, command: Command::CancelCall { room, users } },
        Verb::Enter => Input::Fact(Fact::user_entered(room, user, device)),
        Verb::Leave => Input::Fact(Fact::user_left(room, user)),
    };
    Record { at: 0, request_id: None, input }
}

/// Writes the names into a record of the same verb.
fn write(record: &mut Record, act: &Act, names: Names) {
    record.at = act.at;
    match &mut record.input {
        Input::Ask { by, command } => {
            if let Actor::Device { user, device } = by {
                names.actor(user, act);
                names.device(device, act);
            }
            write_command(command, act, names);
        }
        Input::Fact(Fact::UserEntered { room, user, device: Some(device), .. }) => {
            names.room(room, room_of(act.callee));
            names.user(user, act.callee);
            names.device(device, act);
        }
        Input::Fact(Fact::UserLeft { room, user, .. }) => {
            names.room(room, room_of(act.callee));
            names.user(user, act.callee);
        }
        // A verb makes no other fact.
        Input::Fact(_) | Input::Tick | Input::Query { .. } => {}
    }
}

fn write_command(command: &mut Command, act: &Act, names: Names) {
    match command {
        Command::CallUserToRoom { room, users, .. }
        | Command::CancelCall { room, users }
        | Command::RevokeCall { room, users } => {
            names.room(room, room_of(act.callee));
            for user in users {
                names.user(user, act.callee);
            }
        }
        Command::AcceptCall { room, .. } | Command::RejectCall { room, .. } => {
            names.room(room, room_of(act.callee));
        }
        Command::RevokeUserCalls { user, .. } => names.user(user, act.callee),
        Command::MarkCallsSeen { .. } | Command::Ringing { .. } => {}
    }
}
