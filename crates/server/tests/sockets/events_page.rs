//! The requests of `docs/events.md`, as an endpoint gets them, and its check of a signature, as Python runs it.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use roomcall::journal::Header;
use roomcall::{Limits, Policy};
use roomcall_schema::validate::Schema;
use roomcall_schema::webhook::events as schema;
use roomcall_server::events::event::{Event, EventId};
use roomcall_server::events::signature::Secret;
use roomcall_server::events::store::{EventStore, Retention};
use roomcall_server::events::webhook::{Endpoint, Pace, Presence, Transport, Webhook};
use roomcall_server::log::{Batch, Entry};
use roomcall_server::state::{State, Unseen};
use roomcall_testkit::repository::root;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use crate::backend::WEBHOOK_SECRET;
use crate::rig::{PATIENCE, seed};
use crate::walk::with_block;

/// When it begins, in milliseconds since 1970.
const BEGIN: u64 = 1_764_492_000_000;

/// What happens, each so many milliseconds after the beginning: every kind of event comes of it.
const LOG: [(u64, &str); 21] = [
    (0, r#""fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}"#),
    (0, r#""fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}"#),
    (0, r#""fact":{"roomOpened":{"roomID":"retro","owner":"ivy"}}"#),
    (0, r#""fact":{"userEntered":{"roomID":"retro","userID":"ivy","deviceID":"mac"}}"#),
    (
        1_000,
        concat!(
            r#""requestID":1,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","#,
            r#""userIDList":["bo"],"timeout":30,"extensionInfo":"about lunch"}}"#,
        ),
    ),
    (4_200, r#""by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"standup"}}"#),
    (5_000, r#""fact":{"userEntered":{"roomID":"standup","userID":"bo","deviceID":"phone"}}"#),
    (
        6_000,
        r#""requestID":2,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["cy"],"timeout":30}}"#,
    ),
    (7_000, r#""by":{"user":"cy","device":"phone"},"command":{"rejectCall":{"roomID":"standup"}}"#),
    (
        8_000,
        r#""requestID":3,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["cy"],"timeout":1}}"#,
    ),
    (9_000, r#""tick":{}"#),
    (
        10_000,
        r#""requestID":4,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["cy"],"timeout":30}}"#,
    ),
    (
        11_000,
        r#""requestID":5,"by":{"user":"ana","device":"mac"},"command":{"cancelCall":{"roomID":"standup","userIDList":["cy"]}}"#,
    ),
    (
        12_000,
        r#""requestID":6,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["cy"],"timeout":30}}"#,
    ),
    (13_000, r#""by":"backend","command":{"revokeCall":{"roomID":"standup","userIDList":["cy"]}}"#),
    (
        14_000,
        r#""requestID":7,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["cy"],"timeout":30}}"#,
    ),
    (
        15_000,
        r#""by":{"user":"cy","device":"phone"},"command":{"acceptCall":{"roomID":"standup"}}"#,
    ),
    (25_000, r#""tick":{}"#),
    (
        26_000,
        r#""requestID":8,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["dee"],"timeout":0}}"#,
    ),
    (27_000, r#""fact":{"userEntered":{"roomID":"retro","userID":"dee","deviceID":"phone"}}"#),
    (28_000, r#""tick":{}"#),
];

/// The events of the log.
fn events() -> Vec<Event> {
    let (mut state, mut events) = (State::new(seed()), Vec::new());
    let policy = Policy { join_grace: 10, ..Policy::DEFAULT };
    let opened = Entry::Opened(Header::new(Limits::DEFAULT, policy));
    state.apply(1, Batch { at: BEGIN, entries: vec![opened] }, &mut Unseen, &mut events);
    for (sequence, (after, line)) in (2..).zip(LOG) {
        let at = BEGIN + after;
        let record = serde_json::from_str(&format!("{{\"at\":{at},{line}}}")).expect(line);
        let batch = Batch { at, entries: vec![Entry::Record(record)] };
        state.apply(sequence, batch, &mut Unseen, &mut events);
    }
    events
}

/// Takes whatever is sent.
#[derive(Default)]
struct Taken(Mutex<Vec<Request<Bytes>>>);

impl Transport for Taken {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<StatusCode, String>> {
        self.0.lock().unwrap().push(request);
        async { Ok(StatusCode::NO_CONTENT) }.boxed()
    }
}

/// A tablet is connected.
struct Tablet;

impl Presence for Tablet {
    fn connected<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Vec<String>> {
        async { vec!["tablet".to_owned()] }.boxed()
    }
}

/// Each event as it is sent at once.
async fn sent(events: &[Event]) -> Vec<Request<Bytes>> {
    let folder = tempfile::tempdir().expect("there is room");
    let store = EventStore::open(&folder.path().join("events.redb"), Retention::default());
    let store = Arc::new(store.expect("there is room"));
    let (now, taken) = (Arc::new(AtomicU64::new(0)), Arc::new(Taken::default()));
    let (acknowledged, mut entries) = mpsc::channel(1_000);
    let clock = Arc::clone(&now);
    let webhook = Webhook {
        tenant: "default".to_owned(),
        endpoint: Endpoint {
            name: "backend".to_owned(),
            url: "https://backend.example/events".parse().expect("a URL"),
            secrets: vec![WEBHOOK_SECRET.parse::<Secret>().expect("a secret")],
            kinds: None,
        },
        pace: Pace { report: Duration::ZERO, ..Pace::default() },
        store: Arc::clone(&store),
        transport: taken.clone(),
        presence: Arc::new(Tablet),
        now: Arc::new(move || clock.load(Ordering::SeqCst)),
        acknowledged,
    };
    let (stop, stopped) = watch::channel(false);
    let runs = tokio::spawn(async move { webhook.run(EventId::default(), stopped).await });
    for event in events {
        now.store(event.at, Ordering::SeqCst);
        store.put("default", std::slice::from_ref(event)).expect("there is room");
        let is_sent = async {
            while taken.0.lock().unwrap().last().is_none_or(|it| {
                it.headers()["webhook-id"].to_str().ok() != Some(&event.id.to_string())
            }) {
                sleep(Duration::from_millis(1)).await;
            }
            entries.recv().await
        };
        timeout(PATIENCE, is_sent).await.expect("it is sent");
    }
    drop(stop);
    runs.await.expect("it does not panic").expect("the events can be read");
    std::mem::take(&mut taken.0.lock().unwrap())
}

/// The first request, with its headers.
fn request(request: &Request<Bytes>) -> String {
    let mut text = format!("POST {} HTTP/1.1\n", request.uri().path());
    for name in ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"] {
        let value = request.headers()[name].to_str().expect("it is text");
        text.push_str(&format!("{name}: {value}\n"));
    }
    format!("```http\n{text}\n{}\n```\n", std::str::from_utf8(request.body()).expect("it is text"))
}

fn body(request: &Request<Bytes>) -> Value {
    serde_json::from_slice(request.body()).expect("it is JSON")
}

/// One event of each kind, as it is in the stream.
fn one_of_each(events: &[Event]) -> String {
    let mut kinds = Vec::new();
    let mut text = String::new();
    for event in events {
        if !kinds.contains(&event.kind()) {
            kinds.push(event.kind());
            let event = serde_json::to_string(event).expect("it is JSON");
            text.push_str(&event);
            text.push('\n');
        }
    }
    assert_eq!(kinds.len(), 8, "every kind happens");
    format!("```json\n{text}```\n")
}

fn push(requests: &[Request<Bytes>], kind: &str) -> String {
    let pushed = requests.iter().map(body).find(|body| body["type"] == kind).expect("it happens");
    format!("```json\n{:#}\n```\n", pushed["data"]["push"])
}

/// `UPDATE_TABLES=1` writes the requests anew.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_backends_has_the_requests_that_are_sent() {
    let events = events();
    let requests = sent(&events).await;
    let schema = Schema(schema());
    for request in &requests {
        let body = body(request);
        schema.kind("Webhook", &body).unwrap_or_else(|why| panic!("{body}: {why}"));
    }
    for event in &events {
        let event = serde_json::to_value(event).expect("it is JSON");
        schema.kind("Event", &event).unwrap_or_else(|why| panic!("{event}: {why}"));
    }
    let no_room = serde_json::json!({"id": "1-0", "at": 1, "kind": "missed"});
    assert!(schema.kind("Event", &no_room).is_err());
    let path = root().join("docs/events.md");
    let page = std::fs::read_to_string(&path).expect("it can be read");
    let mut newest = page.clone();
    for (name, content) in [
        ("request", request(&requests[0])),
        ("events", one_of_each(&events)),
        ("push of a ring", push(&requests, "ring")),
        ("push of an ending", push(&requests, "accepted")),
    ] {
        newest = with_block(&newest, name, &content);
    }
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, &newest).expect("it can be written");
    }
    assert!(
        page == newest || std::env::var_os("UPDATE_TABLES").is_some(),
        "{} is old: run with UPDATE_TABLES=1",
        path.display()
    );
}

/// What Python says to a check of the page, with these arguments.
fn python(check: &str, arguments: [&str; 6]) -> bool {
    let calls =
        "\nimport sys\nverify(*sys.argv[1:5], sys.argv[5].encode(), now=int(sys.argv[6]))\n";
    let mut command = Command::new("python3");
    command.arg("-").args(arguments).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("there is Python");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(format!("{check}{calls}").as_bytes()).expect("it reads");
    drop(input);
    let ended = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success() || said.contains("ValueError"), "{said}");
    ended.status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_in_python_takes_what_is_sent_and_nothing_else() {
    let page = std::fs::read_to_string(root().join("docs/events.md")).expect("it can be read");
    let (_, check) = page.split_once("```python\n").expect("there is a check");
    let (check, _) = check.split_once("```").expect("it has an end");
    let request = sent(&events()[..1]).await.remove(0);
    let header = |name: &str| request.headers()[name].to_str().expect("it is text").to_owned();
    let (id, time) = (header("webhook-id"), header("webhook-timestamp"));
    let signed = header("webhook-signature");
    let rotated = format!("v1,AAAA {signed}");
    let body = std::str::from_utf8(request.body()).expect("it is text");
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let late = (time.parse::<u64>().expect("a number") + 301).to_string();
    for (is_good, arguments) in [
        (true, [WEBHOOK_SECRET, &id, &time, &signed, body, &time]),
        (true, [WEBHOOK_SECRET, &id, &time, &rotated, body, &time]),
        (false, [other, &id, &time, &signed, body, &time]),
        (false, [WEBHOOK_SECRET, "9-9", &time, &signed, body, &time]),
        (false, [WEBHOOK_SECRET, &id, &late, &signed, body, &late]),
        (false, [WEBHOOK_SECRET, &id, &time, &signed, "{}", &time]),
        (false, [WEBHOOK_SECRET, &id, &time, &signed, body, &late]),
    ] {
        assert_eq!(python(check, arguments), is_good, "{arguments:?}");
    }
}
