//! Killed at a random moment, again and again on one store: whatever somebody was told of a call, the backend
//! is told, too.
//!
//! `ROOMCALL_KILLS` says how often, `ROOMCALL_SEED` where it begins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use axum::http::StatusCode;
use roomcall_server::events::event::{Event, EventId};
use roomcall_server::log::{Embedded, Store as _, StoreError};
use roomcall_server::recover::from_zero;
use roomcall_server::server::TENANT;
use roomcall_server::state::Seen;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::backend::{Backend, WEBHOOK_SECRET};
use crate::child::{self, PROGRAM, Server};
use crate::client::{Client, call, cancel};
use crate::journal::Rng;
use crate::people::{CALLEES, CALLERS, Shared, number, open_room, person};
use crate::rig::{device_token, seed};

/// A server with an endpoint, set up by a file.
struct Setup {
    store: PathBuf,
    config: PathBuf,
}

impl Setup {
    fn new(folder: &Path, backend: &Backend) -> Self {
        let (config, secret) = (folder.join("roomcall.toml"), folder.join("webhook-secret.txt"));
        std::fs::write(&secret, WEBHOOK_SECRET).expect("there is room");
        let webhook = format!(
            "[policy]\njoinGrace = 1\n\
             [[webhook]]\nname = \"backend\"\nurl = \"{}\"\nsecret-files = [{:?}]\n",
            backend.url, secret
        );
        std::fs::write(&config, webhook).expect("there is room");
        Self { store: folder.join("store"), config }
    }

    fn start(&self) -> Server {
        let config = self.config.to_str().expect("it is text");
        let more = ["--keep-journal", "--snapshot-bytes", "10000", "--rate", "100000"];
        let more = [&more[..], &["--burst", "100000", "--config", config]].concat();
        let mut command: Command = child::serve(PROGRAM, &self.store, &more);
        Server::start(&mut command)
    }

    /// All events that follow from the log.
    async fn events(&self) -> Vec<Event> {
        let store = Embedded::existing(&self.store).expect("a killed server leaves a good store");
        let log = store.log(TENANT).expect("it is there");
        let mut all = All::default();
        from_zero(&*log, seed(), &mut all).await.expect("the log is whole");
        all.0
    }
}

#[derive(Default)]
struct All(Vec<Event>);

impl Seen for All {
    fn events(&mut self, mut events: Vec<Event>) -> Result<(), StoreError> {
        self.0.append(&mut events);
        Ok(())
    }
}

/// What somebody was told, as the kind of an event.
const TOLD: [(&str, &str); 7] = [
    ("onCallReceived", "ring"),
    ("onCallAccepted", "accepted"),
    ("onCallRejected", "rejected"),
    ("onCallTimeout", "missed"),
    ("onCallCancelled", "cancelled"),
    ("onCallRevokedByAdmin", "revoked"),
    ("onCallNotJoined", "notJoined"),
];

/// The attempt and the kind of the event that somebody was told of.
fn told(said: &Value) -> Option<(u64, &'static str)> {
    let (name, kind) = TOLD.into_iter().find(|(name, _)| said["event"].get(name).is_some())?;
    Some((said["event"][name]["attempt"].as_u64().expect("it has an attempt"), kind))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_somebody_was_told_the_backend_is_told() {
    let (kills, seed) = (number("ROOMCALL_KILLS", 5), number("ROOMCALL_SEED", 1));
    let mut rng = Rng(seed);
    let folder = tempfile::tempdir().expect("there is room");
    let backend = Backend::start().await;
    let (setup, known) = (Setup::new(folder.path(), &backend), Shared::default());
    for kill in 1..=kills {
        let server = setup.start();
        let mut participants = JoinSet::new();
        if kill == 1 {
            open_room(server.address).await;
        }
        for user in CALLERS.into_iter().chain(CALLEES) {
            let (known, rng) = (known.clone(), Rng(rng.below(u64::MAX)));
            participants.spawn(person(server.address, user, known, rng));
        }
        sleep(Duration::from_millis(100 + rng.below(1_400))).await;
        server.kill();
        while let Some(ended) = participants.join_next().await {
            ended.expect("nobody hears what cannot be");
        }
        let events = backend.receiver.events().len();
        println!("kill {kill} of {kills}, seed {seed}: {events} events came so far");
    }
    // Nobody answers any more, and it is killed when the caller is told so.
    let server = setup.start();
    let token = device_token("ana", "phone");
    let mut ana = Client::connect(server.address, &token).await.expect("it connects");
    ana.request_id = 1_000_000;
    // What rings still, and who is expected, is over in a second.
    sleep(Duration::from_millis(2_500)).await;
    let called = ana.reply(call("standup", &["dee"], 1)).await;
    assert_eq!(called["answer"]["callUserToRoom"]["dee"], "success", "{called}");
    let heard = ana.until("onCallTimeout").await;
    server.kill();
    known.lock().unwrap().told.extend(heard);
    // One more sends what is missing.
    let server = setup.start();
    let all = all_is_sent(&setup, &backend, server).await;
    check(&all, &backend);
    let kinds: BTreeSet<_> = all.iter().map(|event| (event.attempt, event.kind().name())).collect();
    let told: BTreeSet<_> = known.lock().unwrap().told.iter().filter_map(told).collect();
    let missing: Vec<_> = told.difference(&kinds).collect();
    assert!(missing.is_empty(), "somebody was told, and the backend is not: {missing:?}");
    assert!(told.len() as u64 > 10 * kills, "it was at work: {}", told.len());
}

/// Waits until the server has sent all, and kills it. Gives all that there is to send.
async fn all_is_sent(setup: &Setup, backend: &Backend, server: Server) -> Vec<Event> {
    // Nothing happens any more: a second in which nothing comes is the end.
    let mut before = 0;
    while std::mem::replace(&mut before, backend.posts().len()) != backend.posts().len() {
        sleep(Duration::from_secs(1)).await;
    }
    server.kill();
    setup.events().await
}

/// Holds what came to what follows from the log: each at least once, always the same, and in order.
fn check(all: &[Event], backend: &Backend) {
    let posts = backend.posts();
    let refused = posts.iter().find(|(status, _)| *status != StatusCode::NO_CONTENT);
    assert!(refused.is_none(), "{refused:?}");
    let mut came: BTreeMap<EventId, Event> = BTreeMap::new();
    // The last event of each call.
    let mut last: BTreeMap<u64, EventId> = BTreeMap::new();
    for (_, body) in &posts {
        let event: Event = serde_json::from_value(body["data"].clone()).expect("an event");
        if let Some(first) = came.get(&event.id) {
            assert_eq!(*first, event, "one id is one event");
            continue;
        }
        let last = last.entry(event.attempt).or_default();
        assert!(*last < event.id, "{event:?} came after {last}");
        *last = event.id;
        came.insert(event.id, event);
    }
    let came: Vec<Event> = came.into_values().collect();
    assert_eq!(came, all, "each event of the log came, as it is there, and nothing else");
    println!("{} events, sent {} times", all.len(), posts.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_not_sent_again_after_a_restart() {
    let folder = tempfile::tempdir().expect("there is room");
    let backend = Backend::start().await;
    let setup = Setup::new(folder.path(), &backend);
    let mut calls = 0;
    for _ in 0..3 {
        let server = setup.start();
        if calls == 0 {
            open_room(server.address).await;
        }
        let token = device_token("ana", "phone");
        let mut ana = Client::connect(server.address, &token).await.expect("it connects");
        // A number that was used stands for the call from then.
        ana.request_id = 2 * calls as u64;
        for _ in 0..20 {
            ana.reply(call("standup", &["dee"], 30)).await;
            ana.reply(cancel("standup", &["dee"])).await;
            calls += 1;
        }
        backend.until(|events| events.len() == 2 * calls).await;
        assert_eq!(backend.posts().len(), 2 * calls, "each was sent once");
        // What was acknowledged is in the log within a second.
        sleep(Duration::from_millis(1_500)).await;
        server.kill();
    }
    let server = setup.start();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(backend.posts().len(), 2 * calls, "nothing is left to send");
    server.kill();
}
