//! What happened to calls, end to end: from what people do over their sockets to what the backend takes as
//! webhooks, and reads as a stream.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use roomcall::{Limits, Policy};
use roomcall_server::events::event::{Event, EventId, Kind, Operator, What};
use roomcall_server::events::sending::Events;
use roomcall_server::events::store::{EventStore, Retention};
use roomcall_server::events::webhook::{Client as Sender, Endpoint, Pace};
use roomcall_server::server::Parts;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::backend::{Backend, Stream, WEBHOOK_SECRET, kinds};
use crate::client::{Client, accept, call, cancel};
use crate::http;
use crate::rig::{Rig, backend_token, device_token, parts_with};

/// No test waits long for what is sent again.
const PACE: fn() -> Pace = || Pace {
    first_wait: Duration::from_millis(20),
    longest_wait: Duration::from_millis(200),
    ..Pace::default()
};

/// The events of a tenant, in a folder, for these endpoints.
fn events(folder: &Path, retention: Retention, endpoints: &[&Backend]) -> Events {
    let endpoints = endpoints.iter().enumerate().map(|(number, backend)| Endpoint {
        name: format!("endpoint-{number}"),
        url: backend.url.parse().expect("it is a URL"),
        secrets: vec![WEBHOOK_SECRET.parse().expect("it is a secret")],
        kinds: None,
    });
    let store = EventStore::open(&folder.join("events.redb"), retention).expect("there is room");
    Events {
        store: Arc::new(store),
        endpoints: endpoints.collect(),
        pace: PACE(),
        transport: Some(Arc::new(Sender::new().expect("the system has certificates"))),
    }
}

/// Who accepts is expected for a second.
fn parts(events: Events) -> Parts {
    let policy = Policy { join_grace: 1, ..Policy::DEFAULT };
    let mut parts = parts_with(Limits::DEFAULT, policy);
    parts.tenants[0].events = Some(events);
    parts
}

/// Ana, who is in her room.
async fn ana(rig: &Rig) -> Client {
    rig.open("standup", "ana", "mac").await;
    rig.connect("ana", "mac").await
}

/// Ana calls somebody, whose device rings, if it is there.
async fn rings(ana: &mut Client, user: &str, callee: Option<&mut Client>, seconds: u32) {
    let called = ana.reply(call("standup", &[user], seconds)).await;
    assert_eq!(called["answer"]["callUserToRoom"][user], "success", "{called}");
    if let Some(callee) = callee {
        callee.until("onCallReceived").await;
    }
}

/// Everything that can become of a call, each with another callee.
pub(crate) async fn every_ending(rig: &Rig, ana: &mut Client) {
    let mut bo = rig.connect("bo", "phone").await;
    rings(ana, "bo", Some(&mut bo), 30).await;
    bo.reply(accept("standup")).await;
    rig.enter("standup", "bo", "phone").await;

    let mut cy = rig.connect("cy", "phone").await;
    rings(ana, "cy", Some(&mut cy), 30).await;
    cy.reply(json!({"command": {"rejectCall": {"roomID": "standup"}}})).await;

    rings(ana, "dee", None, 1).await;
    ana.until("onCallTimeout").await;

    rings(ana, "eli", None, 30).await;
    ana.reply(cancel("standup", &["eli"])).await;

    rings(ana, "fay", None, 30).await;
    let revoke = json!({"command": {"revokeCall": {"roomID": "standup", "userIDList": ["fay"]}}});
    assert_eq!(rig.post("/v1/requests", &revoke).await.0, 200);

    let mut gil = rig.connect("gil", "phone").await;
    rings(ana, "gil", Some(&mut gil), 30).await;
    gil.reply(accept("standup")).await;
    ana.until("onCallNotJoined").await;

    rings(ana, "hal", None, 30).await;
    rig.enter("standup", "hal", "phone").await;
}

/// How many events that is.
const EVERY: usize = 17;

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_is_told_what_became_of_each_call_in_order() {
    let folder = tempfile::tempdir().expect("there is room");
    let backend = Backend::start().await;
    let rig = Rig::start(parts(events(folder.path(), Retention::default(), &[&backend]))).await;
    let mut ana = ana(&rig).await;
    every_ending(&rig, &mut ana).await;
    let came = backend.until(|events| events.len() >= EVERY).await;
    let expected: [(&str, &[&str]); 7] = [
        ("bo", &["ring", "accepted", "joined"]),
        ("cy", &["ring", "rejected"]),
        ("dee", &["ring", "missed"]),
        ("eli", &["ring", "cancelled"]),
        ("fay", &["ring", "revoked"]),
        ("gil", &["ring", "accepted", "notJoined"]),
        ("hal", &["ring", "accepted", "joined"]),
    ];
    assert_eq!(kinds(&came), expected.map(|(user, kinds)| (user, kinds.to_vec())).into());
    let phone = Some("phone".to_owned());
    let has = |callee: &str, what: &What| {
        came.iter().any(|event| event.callee == callee && event.what == *what)
    };
    assert!(has("bo", &What::Accepted { device: phone.clone() }), "{came:#?}");
    assert!(has("bo", &What::Joined { device: phone.clone() }), "{came:#?}");
    assert!(has("hal", &What::Joined { device: phone }), "{came:#?}");
    assert!(has("fay", &What::Revoked { operator: Operator::Backend }), "{came:#?}");
    assert!(came.iter().all(|event| event.caller == "ana" && event.room == "standup"));
    let posts = backend.posts();
    assert!(posts.iter().all(|(status, _)| *status == StatusCode::NO_CONTENT), "{posts:#?}");
    assert_eq!(posts.len(), EVERY, "each was sent once");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_names_who_is_connected_and_wakes_who_is_not() {
    let folder = tempfile::tempdir().expect("there is room");
    let backend = Backend::start().await;
    let rig = Rig::start(parts(events(folder.path(), Retention::default(), &[&backend]))).await;
    let mut ana = ana(&rig).await;
    let mut phone = rig.connect("bo", "phone").await;
    let tablet = rig.connect("bo", "tablet").await;
    rings(&mut ana, "bo", Some(&mut phone), 30).await;
    let first = backend.until(|events| events.len() == 1).await.remove(0);
    assert_eq!(backend.data(&first)["connected"], json!(["phone", "tablet"]));
    let shown = |device: &str| {
        let shown = backend.receiver.shown("bo", device);
        let calls = shown["calls"].as_array().expect("a list");
        calls.iter().map(|call| call["shows"].as_str().expect("a word").to_owned()).collect()
    };
    let nothing: [String; 0] = [];
    assert_eq!((shown("phone"), shown("watch")), (nothing.to_vec(), vec!["rings".to_owned()]));
    let push = &backend.data(&first)["push"]["apns"]["payload"]["roomcall"];
    assert!(push["timeLeft"].as_u64().is_some_and(|left| left > 20_000), "{push}");
    phone.reply(json!({"command": {"rejectCall": {"roomID": "standup"}}})).await;
    backend.until(|events| events.len() == 2).await;
    assert_eq!(shown("watch"), ["ended"]);

    // The tablet has gone: from now on it needs a push.
    drop(tablet);
    http::metrics_say(rig.address, "roomcall_connections{tenant=\"default\"} 2").await;
    rings(&mut ana, "bo", Some(&mut phone), 30).await;
    let third = backend.until(|events| events.len() == 3).await.remove(2);
    assert_eq!(backend.data(&third)["connected"], json!(["phone"]));
    assert_eq!(shown("tablet"), ["rings"]);
    ana.reply(cancel("standup", &["bo"])).await;
    backend.until(|events| events.len() == 4).await;
    assert_eq!((shown("phone"), shown("tablet")), (nothing.to_vec(), vec!["ended".to_owned()]));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_has_the_same_events_and_goes_on_where_it_was_cut_off() {
    let folder = tempfile::tempdir().expect("there is room");
    let backend = Backend::start().await;
    let rig = Rig::start(parts(events(folder.path(), Retention::default(), &[&backend]))).await;
    let token = backend_token();
    let open = async |query: &str, last| {
        Stream::open(rig.address, Some(&token), query, last).await.map_err(|(status, _)| status)
    };
    for (token, status) in
        [(None, 401), (Some(device_token("ana", "mac")), 403), (Some("x.y.z".to_owned()), 401)]
    {
        let refused = Stream::open(rig.address, token.as_deref(), "", None).await;
        assert_eq!(refused.err().map(|(status, _)| status), Some(status));
    }
    assert_eq!(open("?after=x", None).await.err(), Some(400));

    // One is there from the beginning, and others come later.
    let mut live = open("", None).await.expect("it is the backend");
    let mut ana = ana(&rig).await;
    every_ending(&rig, &mut ana).await;
    let all = live.take(EVERY).await;
    let mut came = backend.until(|events| events.len() == EVERY).await;
    came.sort_by_key(|event| event.id);
    assert_eq!(all, came, "webhooks and the stream have the same");
    assert!(all.is_sorted_by(|one, other| one.id < other.id));
    for cut in [1, 7, EVERY] {
        let mut first = open("", None).await.expect("it is the backend");
        let mut read = first.take(cut).await;
        drop(first);
        let last = read.last().map(|event| event.id);
        // Who sends both goes on from the later one.
        let (query, last) = match last.filter(|_| cut == 7) {
            Some(_) => ("?after=0-0".to_owned(), last),
            None => (format!("?after={}", read[cut - 1].id), None),
        };
        let mut rest = open(&query, last).await.expect("it is the backend");
        read.extend(rest.take(EVERY - cut).await);
        assert_eq!(read, all);
        // It waits for what is next.
        rings(&mut ana, "ida", None, 30).await;
        ana.reply(cancel("standup", &["ida"])).await;
        let next = live.take(2).await;
        if cut == EVERY {
            let missed = open(&format!("?after={}", all[EVERY - 1].id), None).await;
            assert_eq!(missed.expect("it is the backend").take(6).await.len(), 6);
        } else {
            let kinds: Vec<_> = next.iter().map(Event::kind).collect();
            assert_eq!(kinds, [Kind::Ring, Kind::Cancelled]);
        }
    }
    rig.stop().await;
    assert_eq!(live.next().await, None, "the stream ends with the server");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_what_was_dropped_is_told() {
    let folder = tempfile::tempdir().expect("there is room");
    let retention = Retention { bytes: 1_500, ..Retention::default() };
    let rig = Rig::start(parts(events(folder.path(), retention, &[]))).await;
    let (token, mut ana) = (backend_token(), ana(&rig).await);
    rings(&mut ana, "bo", None, 30).await;
    ana.reply(cancel("standup", &["bo"])).await;
    let mut stream = Stream::open(rig.address, Some(&token), "", None).await.expect("it is there");
    let first = stream.next().await.expect("it rings").id;
    for _ in 0..10 {
        rings(&mut ana, "bo", None, 30).await;
        ana.reply(cancel("standup", &["bo"])).await;
    }
    let gone = loop {
        let query = format!("?after={first}");
        match Stream::open(rig.address, Some(&token), &query, None).await {
            Ok(_) => sleep(Duration::from_millis(100)).await,
            Err(gone) => break gone,
        }
    };
    assert_eq!(gone.0, 410, "{}", gone.1);
    let oldest: EventId = gone.1["oldest"].as_str().expect("an id").parse().expect("an id");
    assert!(oldest > first);
    let mut stream = Stream::open(rig.address, Some(&token), "", None).await.expect("it is there");
    assert_eq!(stream.next().await.map(|event| event.id), Some(oldest));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_was_down_gets_all_that_it_missed() {
    let folder = tempfile::tempdir().expect("there is room");
    let (backend, other) = (Backend::start().await, Backend::start().await);
    let kept = events(folder.path(), Retention::default(), &[&backend, &other]);
    let rig = Rig::start(parts(kept)).await;
    let mut ana = ana(&rig).await;
    backend.set_down(true);
    every_ending(&rig, &mut ana).await;
    // The other one does not wait for it.
    let all = other.until(|events| events.len() == EVERY).await;
    assert_eq!(backend.receiver.events(), []);
    backend.set_down(false);
    // A ring that was not taken is not sent again once the call is over.
    let mut late = backend.until(|events| events.len() >= EVERY - 7).await;
    late.retain(|event| event.kind() != Kind::Ring);
    late.sort_by_key(|event| event.id);
    let mut expected: Vec<Event> =
        all.into_iter().filter(|event| event.kind() != Kind::Ring).collect();
    expected.sort_by_key(|event| event.id);
    assert_eq!(late, expected);
    for (_, kinds) in kinds(&backend.receiver.events()) {
        assert!(!kinds[1..].contains(&"ring"), "in order");
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_by_somebody_else_is_not_taken() {
    let folder = tempfile::tempdir().expect("there is room");
    let backend = Backend::start().await;
    let mut kept = events(folder.path(), Retention::default(), &[&backend]);
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    kept.endpoints[0].secrets = vec![other.parse().expect("it is a secret")];
    let rig = Rig::start(parts(kept)).await;
    let mut ana = ana(&rig).await;
    rings(&mut ana, "bo", None, 30).await;
    while backend.posts().is_empty() {
        sleep(Duration::from_millis(10)).await;
    }
    let refused: Vec<(StatusCode, Value)> = backend.posts();
    assert_eq!(refused[0].0, StatusCode::UNAUTHORIZED);
    assert_eq!(backend.receiver.events(), []);
    rig.stop().await;
}
