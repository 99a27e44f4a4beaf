//! What queries say of a state: `Picture` of `spec/scopes/graph.tla`.

use roomcall::protocol::{Actor, Answer, Input, LiveCall, PendingCall, Query, Record};
use roomcall::switchboard::Switchboard;
use serde_json::{Map, Value, json};

use super::plain::ending;

/// Sets are lists in the order of their members' texts.
pub fn diagram(board: &Switchboard, users: &[&str], rooms: &[&str]) -> Value {
    let (open, inside, pending) = of_rooms(board, users, rooms);
    let (mut incoming, mut ended, mut revision) = (Map::new(), Map::new(), 0);
    for &user in users {
        let by = Actor::Device { user: user.into(), device: "phone".into() };
        let query = Query::GetIncomingCalls { since: Some(0) };
        let Some(Answer::GetIncomingCalls { calls, endings, revision: at }) = ask(board, by, query)
        else {
            panic!("{user} may ask what rings");
        };
        revision = at;
        let attempts: Vec<u64> = calls.iter().map(|call: &LiveCall| call.attempt).collect();
        incoming.insert(user.to_owned(), json!(attempts));
        let known = endings.unwrap().calls.into_iter().map(|call| {
            let mut known = ending(&call.ended);
            (known["roomID"], known["caller"]) = (json!(call.room), json!(call.caller));
            known
        });
        ended.insert(user.to_owned(), known.collect());
    }
    let made = board.last_attempt().get();
    json!({
        "made": made, "over": revision - made, "open": open, "inside": inside,
        "pending": pending, "incoming": incoming, "ended": ended,
    })
}

fn of_rooms(board: &Switchboard, users: &[&str], rooms: &[&str]) -> (Value, Value, Value) {
    let (mut open, mut inside, mut pending) = (Vec::new(), Map::new(), Map::new());
    for &name in rooms {
        let room = board.lookup_room(name).filter(|room| board.is_open(*room));
        open.extend(room.map(|_| json!(name)));
        let is_inside = |user: &&&str| {
            let both = room.zip(board.lookup_user(user));
            both.is_some_and(|(room, user)| board.is_inside(room, user))
        };
        inside.insert(name.to_owned(), set(users.iter().filter(is_inside).map(|user| json!(user))));
        pending.insert(name.to_owned(), list(board, name).into_iter().map(record).collect());
    }
    (set(open), Value::Object(inside), Value::Object(pending))
}

fn record(call: PendingCall) -> Value {
    json!({
        "attempt": call.attempt, "caller": call.caller, "callee": call.callee,
        "status": call.status, "timeLeft": call.time_left,
    })
}

/// The list of a room, which is short enough for one page.
fn list(board: &Switchboard, room: &str) -> Vec<PendingCall> {
    let (room, count) = (room.to_owned(), board.limits().page_size);
    let query = Query::GetPendingCalls { room, cursor: None, count, status: None };
    match ask(board, Actor::Backend, query) {
        Some(Answer::GetPendingCalls { calls, next_cursor, .. }) => {
            assert_eq!(next_cursor, "", "a list of more than a page");
            calls
        }
        _ => Vec::new(),
    }
}

fn ask(board: &Switchboard, by: Actor, query: Query) -> Option<Answer> {
    let line = Record {
        at: board.clock().as_millis(),
        request_id: None,
        input: Input::Query { by, query },
    };
    board.clone().apply_record(&line).answer?.ok()
}

/// A set, as it is known.
pub fn set(members: impl IntoIterator<Item = Value>) -> Value {
    let mut members: Vec<Value> = members.into_iter().collect();
    members.sort_by_key(Value::to_string);
    Value::Array(members)
}
