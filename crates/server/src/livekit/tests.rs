//! Webhooks in the recorded shape, as they come and as they should not, and what the switchboard makes
//! of them.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use proptest::prelude::*;
use roomcall::protocol::{Actor, Fact, Input, Output, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::rooms::{Rooms, Scheme};
use super::signature::Keys;
use super::webhook::{Webhook, WebhookError};
use super::{LiveKit, Problem, Reached, stated};
use crate::engine::Job;
use crate::log::{Memory, Store as _};

/// The memory of webhooks, and the switchboard that is told.
struct Stage {
    rooms: Rooms,
    board: Switchboard,
    at: u64,
}

impl Stage {
    fn new() -> Self {
        let board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
        Self { rooms: Rooms::new(Scheme::default()), board, at: 0 }
    }

    /// What is answered and told when a webhook comes, one line each.
    fn hears(&mut self, webhook: &Value) -> Vec<String> {
        let webhook = Webhook::read(webhook.to_string().as_bytes()).unwrap();
        let facts = self.rooms.facts(&webhook).unwrap();
        facts.into_iter().flat_map(|fact| self.applies(Input::Fact(fact))).collect()
    }

    fn applies(&mut self, input: Input) -> Vec<String> {
        self.at += 1_000;
        let outcome = self.board.apply_record(&Record { at: self.at, request_id: None, input });
        outcome.outputs().map(|output| word(&output)).collect()
    }

    fn calls(&mut self, caller: &str, callee: &str) -> Vec<String> {
        let line = json!({
            "at": self.at, "by": {"user": caller, "device": "mac"},
            "command": {"callUserToRoom": {"roomID": "standup", "userIDList": [callee], "timeout": 60}},
        });
        self.applies(Record::read(&line.to_string()).unwrap().input)
    }

    fn present(&self) -> BTreeSet<String> {
        let Some(room) = self.board.lookup_room("standup") else { return BTreeSet::new() };
        let name = |user| self.board.user_name(user).unwrap().to_owned();
        self.board.participants(room).map(name).collect()
    }
}

/// A tenant that takes webhooks, whose engine has stopped if nothing takes the jobs.
fn tenant() -> (Reached, mpsc::Receiver<Job>) {
    let keys = Keys::read("APItests: a secret of an API key of the tests").unwrap();
    let (jobs, waiting) = mpsc::channel(8);
    let livekit = Some(LiveKit::new(keys, Scheme::default()));
    let log = Memory::new().log("default").expect("it is empty");
    (Reached { jobs, livekit, events: None, log: Some(log) }, waiting)
}

/// What may not have become durable is answered with 503, so that LiveKit sends it again.
#[tokio::test]
async fn livekit_is_asked_to_send_again_where_the_server_stops() {
    let webhook = Webhook::read(sample("joined-ana").to_string().as_bytes()).unwrap();
    let status = |why: Problem| why.into_response().status();
    let (stopped, waiting) = tenant();
    drop(waiting);
    let said = stated(&stopped, &webhook).await;
    assert_eq!(said.map_err(status), Err(StatusCode::SERVICE_UNAVAILABLE));
    // It stops between taking the facts and making them durable.
    let (stops, mut waiting) = tenant();
    let (said, job) = tokio::join!(stated(&stops, &webhook), async { drop(waiting.recv().await) });
    assert_eq!((said.map_err(status), job), (Err(StatusCode::SERVICE_UNAVAILABLE), ()));
}

/// An answer to a fact as the rule that ignored it, and an event as its name and for whom it is.
fn word(output: &Output) -> String {
    let output = json!(output);
    let name = |value: &Value| value.as_object().unwrap().keys().next().unwrap().clone();
    match (output["answer"].get("fact"), output.get("event")) {
        (Some(fact), _) => fact["ignored"].as_str().unwrap_or("done").to_owned(),
        (_, Some(event)) => {
            let to = &output["to"];
            let to = to["user"].as_str().or(to["room"].as_str()).unwrap();
            format!("{} to {to}", name(event))
        }
        _ => name(&output),
    }
}

fn sample(name: &str) -> Value {
    let path = format!("{}/samples/livekit/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).expect(&path)).expect(&path)
}

fn set(users: &[&str]) -> BTreeSet<String> {
    users.iter().map(|&user| user.to_owned()).collect()
}

/// Joined, joined again, back with a new `sid` before the old one is said to have left, finished after
/// the room began anew, and much that means nothing in between.
#[test]
fn livekit_a_meeting_as_it_is_told() {
    let mut stage = Stage::new();
    // The participant is told of before the room.
    assert_eq!(stage.hears(&sample("joined-ana")), ["done", "done"]);
    assert_eq!(stage.hears(&sample("room-started")), ["F-03"]);
    assert_eq!(stage.hears(&sample("joined-ana")), ["F-05"], "repeated");
    assert_eq!(stage.hears(&sample("track-published")), [""; 0]);
    assert_eq!(stage.hears(&sample("joined-recorder")), [""; 0]);
    stage.calls("ana", "bo");
    let told = stage.hears(&sample("joined-bo"));
    assert_eq!(told[0], "done");
    assert!(told.contains(&"onCallAccepted to ana".to_owned()), "{told:?}");
    assert_eq!(stage.present(), set(&["ana", "bo"]));
    assert_eq!(
        stage.hears(&sample("aborted-cy")),
        ["done"],
        "a late entering of cy is ignored now"
    );

    assert_eq!(stage.hears(&sample("joined-ana-again")), ["done"]);
    assert_eq!(stage.hears(&sample("left-ana-late")), ["done"]);
    assert_eq!(stage.present(), set(&["ana", "bo"]), "of ana only the old session is over");
    assert_eq!(stage.hears(&sample("joined-ana")), ["F-13"], "the old session, late");
    assert_eq!(stage.hears(&sample("left-bo")), ["done"]);
    assert_eq!(stage.hears(&sample("left-bo")), ["F-06"], "repeated");
    assert_eq!(stage.hears(&sample("left-ana")), ["done"]);
    assert_eq!(stage.present(), set(&[]));

    // The room begins anew, before anybody has said that it was finished.
    assert_eq!(stage.hears(&sample("room-started-anew")), ["done", "done"]);
    assert_eq!(stage.hears(&sample("joined-ana-anew")), ["done"]);
    stage.calls("ana", "bo");
    for late in ["room-finished-late", "left-ana", "joined-bo", "room-started", "egress-ended"] {
        assert_eq!(stage.hears(&sample(late)), [""; 0], "{late}");
    }
    assert_eq!(stage.present(), set(&["ana"]));
    assert_eq!(stage.board.live_count(), 1, "the call of the new meeting rings on");

    assert_eq!(stage.hears(&sample("left-ana-snake-case")), ["done"]);
    let told = stage.hears(&sample("room-finished-anew"));
    assert!(told.contains(&"onCallRevokedByAdmin to bo".to_owned()), "{told:?}");
    assert_eq!(stage.hears(&sample("room-finished-anew")), [""; 0], "repeated");
    assert_eq!(
        stage.hears(&sample("joined-ana-anew")),
        [""; 0],
        "nobody opens a room that is over"
    );
    let dissolved = Fact::room_dissolved("standup".to_owned(), Actor::Backend);
    assert_eq!(stage.applies(Input::Fact(dissolved)), ["F-01"]);
}

/// A server that was started anew remembers no life of a room. It opens it if it is not, and believes
/// its end.
#[test]
fn livekit_without_memory_the_next_word_is_believed() {
    let mut stage = Stage::new();
    stage.hears(&sample("room-started"));
    stage.hears(&sample("joined-ana"));
    stage.rooms = Rooms::new(Scheme::default());
    assert_eq!(stage.hears(&sample("joined-bo")), ["F-03", "done"]);
    assert_eq!(stage.present(), set(&["ana", "bo"]));
    stage.rooms = Rooms::new(Scheme::default());
    assert_eq!(stage.hears(&sample("left-bo")), ["done"]);
    assert_eq!(stage.hears(&sample("room-finished-late")), ["done"]);
    assert_eq!(stage.present(), set(&[]));
}

#[test]
fn livekit_an_identity_is_a_user_and_perhaps_a_device() {
    let user = |separator: &str, identity: &str| {
        let scheme = Scheme { separator: separator.to_owned(), owner: "host".to_owned() };
        let mut webhook = sample("joined-ana");
        webhook["participant"]["identity"] = json!(identity);
        let webhook = Webhook::read(webhook.to_string().as_bytes()).unwrap();
        let facts = Rooms::new(scheme).facts(&webhook)?;
        let [Fact::RoomOpened { owner, .. }, Fact::UserEntered { user, device: None, .. }] =
            &facts[..]
        else {
            panic!("{facts:?}");
        };
        assert_eq!(owner, "host");
        Ok::<_, WebhookError>(user.clone())
    };
    assert_eq!(user("/", "ana/mac").as_deref(), Ok("ana"));
    assert_eq!(user("/", "ana").as_deref(), Ok("ana"));
    assert_eq!(user("--", "ana--mac--2").as_deref(), Ok("ana"));
    assert_eq!(user("", "ana/mac").as_deref(), Ok("ana/mac"));
    assert_eq!(user("/", "/mac"), Err(WebhookError::NoUser));
    assert_eq!(user("/", ""), Err(WebhookError::Missing("participant.identity")));
}

/// A webhook about one of the lives of a room, and about which session it is.
#[derive(Clone, Debug)]
struct Word {
    body: Value,
    session: Option<String>,
}

const USERS: [&str; 2] = ["ana", "bo"];

/// What happens in a life of a room, in order: two sessions of each user, of whom some leave.
fn life(number: u64, left: [[bool; 2]; 2], is_finished: bool) -> Vec<Word> {
    let room = json!({"sid": format!("RM_{number}"), "name": "standup", "creationTime": number.to_string()});
    let of_room = |event: &str| Word { body: json!({"event": event, "room": room}), session: None };
    let mut words = vec![of_room("room_started")];
    for (user, left) in USERS.iter().zip(left) {
        for (count, left) in left.into_iter().enumerate() {
            let sid = format!("PA_{number}{user}{count}");
            let of_session = |event: &str| {
                let participant = json!({"sid": sid, "identity": format!("{user}/phone")});
                let body = json!({"event": event, "room": room, "participant": participant});
                Word { body, session: Some(sid.clone()) }
            };
            words.push(of_session("participant_joined"));
            words.push(of_session("track_published"));
            words.extend(left.then(|| of_session("participant_left")));
        }
    }
    words.extend(is_finished.then(|| of_room("room_finished")));
    words
}

/// Each session has joined before anything else is said of it.
fn joined_first(words: &mut [Word]) {
    for at in 0..words.len() {
        let Some(session) = words[at].session.clone() else { continue };
        let is_of_it = |word: &Word| word.session.as_ref() == Some(&session);
        if words[..at].iter().any(is_of_it) {
            continue;
        }
        let joined = words
            .iter()
            .position(|word| is_of_it(word) && word.body["event"] == "participant_joined");
        words.swap(at, joined.unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// In whatever order and however often the webhooks of three meetings in one room come, those are
    /// present who have not left the last one.
    #[test]
    fn livekit_webhooks_come_in_any_order(
        (lives, mut words) in proptest::collection::vec(any::<([[bool; 2]; 2], bool)>(), 3)
            .prop_flat_map(|lives| {
                let told = |(number, &(left, over)): (u64, &_)| life(number, left, over);
                let words: Vec<_> = (1..).zip(&lives).flat_map(told).collect();
                let again = proptest::sample::subsequence(words.clone(), 0..=words.len());
                (Just(lives), (Just(words), again).prop_map(|(words, again)| [words, again].concat()).prop_shuffle())
            }),
    ) {
        joined_first(&mut words);
        let mut stage = Stage::new();
        for word in &words {
            stage.hears(&word.body);
        }
        let (left, is_finished) = lives[2];
        let stays = |(_, left): &(&&str, [bool; 2])| !is_finished && left.contains(&false);
        let expected: Vec<_> = USERS.iter().zip(left).filter(stays).map(|(user, _)| *user).collect();
        prop_assert_eq!(stage.present(), set(&expected));
    }
}
