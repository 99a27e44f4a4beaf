//! People who call each other as fast as they can until their server is gone, and what they know then.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use roomcall::protocol::{Actor, Fact, Input, Outcome, Record};
use roomcall_server::log::Log;
use roomcall_server::recover::from_zero;
use roomcall_server::state::{Inputs, State};
use serde_json::{Value, json};

use crate::client::Client;
use crate::http;
use crate::journal::Rng;
use crate::rig::{self, backend_token, device_token, seed};

pub(crate) const CALLERS: [&str; 3] = ["ana", "bo", "cy"];
/// Rings all the time, and takes a call now and then.
pub(crate) const CALLEES: [&str; 3] = ["dee", "eli", "fay"];

/// What the people at the other end know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Replies by who asked and the number.
    pub(crate) replies: BTreeMap<(String, u64), Value>,
    /// Everything else that somebody was told.
    pub(crate) told: Vec<Value>,
    /// Facts that were taken, by the guest that they are about.
    guests: Vec<u64>,
    /// What each was asking when the server went.
    open: BTreeMap<String, (u64, Value)>,
}

pub(crate) type Shared = Arc<Mutex<Known>>;

pub(crate) fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |it| it.parse().expect(name))
}

pub(crate) async fn open_room(address: SocketAddr) {
    let mut facts = vec![json!({"roomOpened": {"roomID": "standup", "owner": "ana"}})];
    facts.extend(CALLERS.map(
        |user| json!({"userEntered": {"roomID": "standup", "userID": user, "deviceID": "phone"}}),
    ));
    for fact in facts {
        rig::fact(address, &fact).await;
    }
}

/// Asks one thing after another until the server is gone.
pub(crate) async fn person(address: SocketAddr, user: &'static str, known: Shared, mut rng: Rng) {
    let connected = Client::connect(address, &device_token(user, "phone")).await;
    // It may be killed as early as that.
    let Ok(mut client) = connected else { return };
    let unanswered = known.lock().unwrap().open.remove(user);
    let last = known.lock().unwrap().replies.keys().filter(|it| it.0 == user).map(|it| it.1).max();
    let mut next = unanswered.unwrap_or_else(|| (last.unwrap_or(0) + 1, request(user, &mut rng)));
    loop {
        let (request_id, frame) = &next;
        client
            .send(frame.to_string().replacen('{', &format!("{{\"requestID\":{request_id},"), 1))
            .await;
        loop {
            let Ok(heard) = client.next().await else {
                known.lock().unwrap().open.insert(user.to_owned(), next);
                return;
            };
            let mut known = known.lock().unwrap();
            if heard["requestID"] == json!(request_id) {
                known.replies.insert((user.to_owned(), *request_id), heard);
                break;
            }
            known.told.push(heard);
        }
        next = (next.0 + 1, request(user, &mut rng));
    }
}

fn request(user: &str, rng: &mut Rng) -> Value {
    if CALLEES.contains(&user) {
        let answer = rng.one(&["acceptCall", "rejectCall"]);
        return json!({"command": {answer: {"roomID": "standup"}}});
    }
    let users = json!([rng.one(&CALLEES), rng.one(&CALLEES)]);
    match rng.below(3) {
        0 => json!({"command": {"cancelCall": {"roomID": "standup", "userIDList": users}}}),
        _ => {
            let call = json!({"roomID": "standup", "userIDList": users, "timeout": 1});
            json!({"command": {"callUserToRoom": call}})
        }
    }
}

/// Guests come in, each another one.
pub(crate) async fn backend(address: SocketAddr, known: Shared) {
    let token = backend_token();
    loop {
        let guest = known.lock().unwrap().guests.last().map_or(0, |it| it + 1);
        let (user, device) = (format!("guest-{guest}"), "phone");
        let entered = json!({"roomID": "standup", "userID": user, "deviceID": device});
        let fact = json!({"userEntered": entered}).to_string();
        let (status, _) = http::post(address, "/v1/facts", Some(&token), &fact).await;
        if status != 200 {
            return;
        }
        known.lock().unwrap().guests.push(guest);
    }
}

/// Holds what people know to a whole log, and gives the state to which it leads and the number of its inputs.
pub(crate) async fn hold(known: &Known, log: &dyn Log, which: &str) -> (State, u64) {
    let mut replies = BTreeMap::new();
    let (mut told, mut guests) = (BTreeSet::new(), BTreeSet::new());
    let mut inputs = 0;
    let mut seen = Inputs(|_, line: &Record, turn: Outcome| {
        inputs += 1;
        if let Input::Fact(Fact::UserEntered { user, .. }) = &line.input {
            guests.insert(user.clone());
        }
        for output in turn.outputs() {
            let (said, by) = (json!(output), &line.input);
            match (by, line.request_id) {
                (Input::Ask { by: Actor::Device { user, .. }, .. }, Some(request_id))
                    if said.get("requestID").is_some() =>
                {
                    // What is sent again is answered as it was, at another time.
                    let (at, body) = answered(said);
                    let first =
                        replies.entry((user.clone(), request_id)).or_insert((vec![], body.clone()));
                    assert_eq!(first.1, body, "{user}, request {request_id}: one answer");
                    first.0.push(at);
                }
                _ => {
                    told.insert(said.to_string());
                }
            }
        }
    });
    let whole = from_zero(log, seed(), &mut seen).await.expect("the log is whole");
    for ((user, request_id), reply) in &known.replies {
        let (at, body) = answered(reply.clone());
        let stored = replies.get(&(user.clone(), *request_id));
        let is_stored = stored.is_some_and(|(times, it)| times.contains(&at) && *it == body);
        assert!(is_stored, "{which}: {user} was told {reply}, and stored is {stored:?}");
    }
    for it in &known.told {
        assert!(told.contains(&it.to_string()), "{which}: {it} was told, and never happened");
    }
    for guest in &known.guests {
        assert!(guests.contains(&format!("guest-{guest}")), "{which}: guest {guest} is lost");
    }
    (whole, inputs)
}

/// When something was said, and what, the first time or again.
fn answered(mut said: Value) -> (u64, Value) {
    let at = said.as_object_mut().and_then(|it| {
        it.remove("repeated");
        it.remove("at")
    });
    (at.and_then(|at| at.as_u64()).expect("it has a time"), said)
}
