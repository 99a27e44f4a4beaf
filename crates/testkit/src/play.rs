//! Playing journals, and looking at what came of it.

use roomcall::protocol::{
    Actor, Answer, Command, Fact, Input, Outcome, PendingCall, Query, Record,
};
use roomcall::switchboard::Switchboard;
use roomcall::{CallStatus, Limits, Policy};

use crate::strategies::journal::{DEVICES, Journal, LONG, ROOMS, USERS};

/// The switchboard of a journal, before its first line.
pub fn board(journal: &Journal) -> Switchboard {
    Switchboard::new(journal.limits, journal.policy)
}

/// The whole journal: the state it leads to and what each line brought about.
pub fn play(journal: &Journal) -> (Switchboard, Vec<Outcome>) {
    let mut switchboard = Switchboard::new(journal.limits, journal.policy);
    let outcomes = journal.lines.iter().map(|line| switchboard.apply_record(line)).collect();
    (switchboard.clone(), outcomes)
}

/// A look at the clock.
pub fn tick(board: &mut Switchboard, at: u64) -> Outcome {
    board.apply_record(&Record { at, request_id: None, input: Input::Tick })
}

/// A line at the board's own time.
pub fn now(board: &Switchboard, input: Input) -> Record {
    Record { at: board.clock().as_millis(), request_id: None, input }
}

/// A device as an actor.
pub fn device(user: &str, device: &str) -> Actor {
    Actor::Device { user: user.into(), device: device.into() }
}

/// A command of a device.
pub fn ask(user: &str, on: &str, command: Command) -> Input {
    Input::Ask { by: device(user, on), command }
}

/// A command that calls users without an extension text.
pub fn call(room: &str, users: &[&str], timeout: u32) -> Command {
    let users = users.iter().map(|user| user.to_string()).collect();
    let (room, extension) = (room.into(), String::new());
    Command::CallUserToRoom { room, users, timeout, extension, caller: None }
}

/// A switchboard with the usual limits, on which `ana` is alone in her own room `standup`.
pub fn meeting(policy: Policy) -> Switchboard {
    let mut board = Switchboard::new(Limits { never: true, ..Limits::DEFAULT }, policy);
    let journal = [
        r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#,
        r#"{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"phone"}}}"#,
    ];
    for line in journal {
        let _ = board.apply_record(&serde_json::from_str(line).unwrap());
    }
    board
}

/// The whole list of a room, as the backend reads it; empty if there is no room.
pub fn list(board: &Switchboard, room: &str) -> Vec<PendingCall> {
    let mut copy = board.clone();
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        assert!(all.len() < 1_000, "the walk through {room} does not end");
        let count = board.limits().page_size;
        let query = Query::GetPendingCalls { room: room.into(), cursor, count, status: None };
        let line = now(board, Input::Query { by: Actor::Backend, query });
        match copy.apply_record(&line).answer {
            Some(Ok(Answer::GetPendingCalls { calls, next_cursor, .. })) => {
                all.extend(calls);
                if next_cursor.is_empty() {
                    return all;
                }
                cursor = Some(next_cursor);
            }
            _ => return all,
        }
    }
}

/// What is live: room and record.
pub fn live(board: &Switchboard) -> Vec<(&'static str, PendingCall)> {
    let records = |room| list(board, room).into_iter().map(move |call| (room, call));
    let is_live = |call: &(_, PendingCall)| call.1.status == CallStatus::Calling;
    ROOMS.into_iter().chain([LONG]).flat_map(records).filter(is_live).collect()
}

/// Questions about everything that random journals can be about.
pub fn questions(at: u64, page: u32) -> Vec<Record> {
    let lists = ROOMS.into_iter().chain([LONG]).map(|room| Input::Query {
        by: Actor::Backend,
        query: Query::GetPendingCalls {
            room: room.into(),
            cursor: None,
            count: page,
            status: None,
        },
    });
    let incoming = USERS.into_iter().zip([None, Some(0), Some(1), Some(0)]).map(|(user, since)| {
        Input::Query { by: device(user, "phone"), query: Query::GetIncomingCalls { since } }
    });
    let mine = USERS.into_iter().zip([0, 0, 1, 2]).map(|(user, since)| {
        let by = device(user, DEVICES[usize::from(since % 2 == 1)]);
        Input::Query { by, query: Query::GetMyCalls { since } }
    });
    // Whole, and page by page.
    let pages = [(0, page), (0, 1), (3, 1), (6, 2)];
    let logs = USERS.into_iter().flat_map(|user| pages.map(|page| (user, page)));
    let logs = logs.map(|(user, (since, count))| Input::Query {
        by: device(user, DEVICES[usize::from(since > 0)]),
        query: Query::GetCallLog { since, count },
    });
    let outside = USERS.into_iter().zip(ROOMS.into_iter().cycle()).map(|(user, room)| {
        let (room, cursor, status) = (room.into(), None, None);
        let query = Query::GetPendingCalls { room, cursor, count: page, status };
        Input::Query { by: device(user, "phone"), query }
    });
    let live = Query::GetLiveCalls { cursor: None, page_size: page };
    let live = std::iter::once(Input::Query { by: Actor::Backend, query: live });
    let theirs =
        USERS.map(|user| Query::GetUserCalls { user: user.into(), cursor: None, page_size: page });
    let theirs = theirs.into_iter().map(|query| Input::Query { by: Actor::Backend, query });
    let queries =
        lists.chain(incoming).chain(mine).chain(outside).chain(live).chain(theirs).chain(logs);
    queries.map(|input| Record { at, request_id: None, input }).collect()
}

/// Whether a state can be told from another by more than its handles.
pub fn is_equal(a: &Switchboard, b: &Switchboard) -> bool {
    a.state_hash() == b.state_hash()
}

/// An example, which `cargo test` builds beside the tests.
pub fn example_binary(name: &str) -> std::path::PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.parent().and_then(std::path::Path::parent).unwrap();
    let binary = target.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(binary.exists(), "build it with: cargo build --example {name}");
    binary
}

/// Who is in which room: users and rooms.
pub fn inside(board: &Switchboard) -> Vec<(String, String)> {
    let mut inside = Vec::new();
    for name in ROOMS.into_iter().chain([LONG]) {
        let Some(room) = board.lookup_room(name) else { continue };
        let users = board.participants(room).filter_map(|user| board.user_name(user));
        inside.extend(users.map(|user| (user.to_owned(), name.to_owned())));
    }
    inside
}

/// Where a fact about one room may name its opening (F-14).
pub const fn opening_mut(fact: &mut Fact) -> Option<&mut Option<u64>> {
    match fact {
        Fact::RoomOpened { .. }
        | Fact::UserErased { .. }
        | Fact::RulesChanged { .. }
        | Fact::Recovered { .. } => None,
        Fact::RoomDissolved { opening, .. }
        | Fact::UserEntered { opening, .. }
        | Fact::UserLeft { opening, .. }
        | Fact::PresenceListed { opening, .. }
        | Fact::UserRemoved { opening, .. }
        | Fact::RoleSet { opening, .. } => Some(opening),
    }
}
