//! What queries say of a state, and what the screens show: `Picture` of `spec/scopes/graph.tla`.

use roomcall::wire::{Actor, Answer, Entry, IncomingCall, Line, Query};
use serde_json::{Map, Value, json};

use super::handsets::stage;
use super::scopes::Scope;
use super::system::System;
use crate::plain::ending;
use crate::play::{device, list};

pub(super) fn picture(system: &System, scope: &Scope) -> Value {
    let board = system.exchange.board();
    let made = board.last_attempt().get();
    let (open, inside, pending) = rooms(system, scope);
    let (mut incoming, mut ended, mut revision) = (Map::new(), Map::new(), 0);
    for &user in scope.users {
        let query = Query::GetIncomingCalls { since: Some(0) };
        let entry = Entry::Query { by: device(user, "phone"), query };
        let line = Line { at: board.clock().as_millis(), no: None, entry };
        let answer = board.clone().apply_named(&line).answer;
        let Some(Ok(Answer::GetIncomingCalls { calls, endings, revision: at })) = answer else {
            panic!("{user} may ask what rings: {answer:?}");
        };
        revision = at;
        let attempts: Vec<u64> = calls.iter().map(|call: &IncomingCall| call.attempt).collect();
        incoming.insert(user.to_owned(), json!(attempts));
        let told = endings.unwrap().calls.into_iter().map(|call| {
            let mut told = ending(&call.ended);
            (told["roomID"], told["caller"]) = (json!(call.room), json!(call.caller));
            told
        });
        ended.insert(user.to_owned(), told.collect());
    }
    json!({
        "made": made, "over": revision - made, "open": open, "inside": inside,
        "pending": pending, "incoming": incoming, "ended": ended, "screens": screens(system),
    })
}

fn rooms(system: &System, scope: &Scope) -> (Value, Value, Value) {
    let board = system.exchange.board();
    let (mut open, mut inside, mut pending) = (Vec::new(), Map::new(), Map::new());
    for &name in scope.rooms {
        let room = board.find_room(name).filter(|room| board.is_open(*room));
        open.extend(room.map(|_| json!(name)));
        let is_inside = |user: &&&str| {
            let both = room.zip(board.find_user(user));
            both.is_some_and(|(room, user)| board.is_inside(room, user))
        };
        inside.insert(name.to_owned(), set(scope.users.iter().filter(is_inside)));
        let records = list(board, name).into_iter().map(|call| {
            json!({
                "attempt": call.attempt, "caller": call.caller, "callee": call.callee,
                "status": call.status, "timeLeft": call.time_left,
            })
        });
        pending.insert(name.to_owned(), records.collect());
    }
    (set(open), Value::Object(inside), Value::Object(pending))
}

fn screens(system: &System) -> Value {
    let shown = system.handsets.iter().flat_map(|handset| {
        handset.screen().map(|(attempt, at)| (handset.user(), handset.device(), attempt, stage(at)))
    });
    set(shown)
}

/// A set is told in the order of its members' texts.
fn set<T: serde::Serialize>(members: impl IntoIterator<Item = T>) -> Value {
    let mut members: Vec<Value> = members.into_iter().map(|member| json!(member)).collect();
    members.sort_by_key(Value::to_string);
    Value::Array(members)
}

/// The asker of a handset's request.
pub(super) fn is_of(by: &Actor, (user, on): (&str, &str)) -> bool {
    *by == device(user, on)
}
