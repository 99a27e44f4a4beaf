//! Killed at a random moment, again and again on one store: whatever was acknowledged is there.
//!
//! `ROOMCALL_KILLS` says how often, `ROOMCALL_SEED` where it begins.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use roomcall::protocol::{Actor, Fact, Input, Outcome, Record};
use roomcall_server::log::{Embedded, Store as _};
use roomcall_server::recover::{from_zero, recover};
use roomcall_server::server::TENANT;
use roomcall_server::state::{Inputs, Unseen};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::child::{self, PROGRAM};
use crate::client::Client;
use crate::http;
use crate::journal::Rng;
use crate::rig::{backend_token, device_token, seed};

pub(crate) const CALLERS: [&str; 3] = ["ana", "bo", "cy"];
/// Rings all the time, and takes a call now and then.
pub(crate) const CALLEES: [&str; 3] = ["dee", "eli", "fay"];

/// What the people at the other end know.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Replies by who asked and the number.
    replies: BTreeMap<(String, u64), Value>,
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

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost() {
    let (kills, seed) = (number("ROOMCALL_KILLS", 3), number("ROOMCALL_SEED", 1));
    let mut rng = Rng(seed);
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("kills.redb");
    let known = Shared::default();
    for kill in 1..=kills {
        let more = ["--keep-journal", "--snapshot-bytes", "10000", "--rate", "100000"];
        let more = [&more[..], &["--burst", "100000"]].concat();
        let server = child::Server::start(&mut child::serve(PROGRAM, &path, &more));
        let mut participants = JoinSet::new();
        if kill == 1 {
            open_room(server.address).await;
        }
        for user in CALLERS.into_iter().chain(CALLEES) {
            let (known, rng) = (known.clone(), Rng(rng.below(u64::MAX)));
            participants.spawn(person(server.address, user, known, rng));
        }
        participants.spawn(backend(server.address, known.clone()));
        tokio::time::sleep(Duration::from_millis(100 + rng.below(400))).await;
        server.kill();
        while let Some(ended) = participants.join_next().await {
            ended.expect("nobody hears what cannot be");
        }
        let count = known.lock().unwrap().replies.len();
        let heard = std::mem::take(&mut *known.lock().unwrap());
        let inputs = check(&path, &heard).await;
        *known.lock().unwrap() = heard;
        println!(
            "kill {kill} of {kills}, seed {seed}: {count} replies, {inputs} inputs, none lost"
        );
    }
    assert!(known.lock().unwrap().replies.len() as u64 > 10 * kills, "it was at work");
}

pub(crate) async fn open_room(address: SocketAddr) {
    let mut facts = vec![json!({"roomOpened": {"roomID": "standup", "owner": "ana"}})];
    facts.extend(CALLERS.map(
        |user| json!({"userEntered": {"roomID": "standup", "userID": user, "deviceID": "phone"}}),
    ));
    for fact in facts {
        let token = backend_token();
        let done = http::post(address, "/v1/facts", Some(&token), &fact.to_string()).await;
        assert_eq!(done.0, 200, "{}", done.1);
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
async fn backend(address: SocketAddr, known: Shared) {
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

/// Holds what people know to what the store has, and gives the number of inputs in it.
async fn check(path: &Path, known: &Known) -> u64 {
    let store = Embedded::existing(path).expect("a killed server leaves a good store");
    let log = store.log(TENANT).expect("it is there");
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
    let whole = from_zero(&*log, seed(), &mut seen).await.expect("the log is whole");
    for ((user, request_id), reply) in &known.replies {
        let (at, body) = answered(reply.clone());
        let stored = replies.get(&(user.clone(), *request_id));
        let is_stored = stored.is_some_and(|(times, it)| times.contains(&at) && *it == body);
        assert!(is_stored, "{user} was told {reply}, and stored is {stored:?}");
    }
    for it in &known.told {
        assert!(told.contains(&it.to_string()), "somebody was told {it}, which never happened");
    }
    for guest in &known.guests {
        assert!(guests.contains(&format!("guest-{guest}")), "guest {guest} is lost");
    }
    let recovered = recover(&*log, seed(), &mut Unseen).await.expect("it is good");
    assert_eq!(recovered.state, whole, "snapshot and log agree");
    inputs
}

/// When something was said, and what, the first time or again.
fn answered(mut said: Value) -> (u64, Value) {
    let at = said.as_object_mut().and_then(|it| {
        it.remove("repeated");
        it.remove("at")
    });
    (at.and_then(|at| at.as_u64()).expect("it has a time"), said)
}
