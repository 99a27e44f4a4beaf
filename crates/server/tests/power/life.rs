//! A server at work: while its disk is recorded, and after a cut.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use roomcall_server::events::event::{Event, EventId};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::backend::{Backend, WEBHOOK_SECRET};
use crate::child::{self, PROGRAM, Server};
use crate::client::Client;
use crate::disk::Recorded;
use crate::history::Cut;
use crate::journal::Rng;
use crate::people::{CALLEES, CALLERS, Known, Shared, backend, open_room, person};
use crate::rig::{PATIENCE, device_token};

pub(crate) const ENDPOINT: &str = "backend";

/// Servers that are killed one after the other.
const LIVES: u32 = 3;
const LIFE: Duration = Duration::from_secs(5);
const BETWEEN: Duration = Duration::from_millis(80);

/// What people were told by a moment, and how long the record was after that.
pub(crate) struct Moment {
    pub(crate) known: Known,
    /// Of the events so many had come.
    pub(crate) posts: usize,
    pub(crate) recorded: u64,
}

/// What is left of some servers.
pub(crate) struct Lived {
    pub(crate) moments: Vec<Moment>,
    pub(crate) posts: Vec<Event>,
    pub(crate) record: PathBuf,
}

fn start(folder: &Path, store: &Path, url: &str) -> Server {
    let [config, secret] = ["roomcall.toml", "webhook-secret.txt"].map(|it| folder.join(it));
    fs::write(&secret, WEBHOOK_SECRET).expect("there is room");
    let text = format!(
        "[policy]\njoinGrace = 1\n\
         [[webhook]]\nname = \"{ENDPOINT}\"\nurl = \"{url}\"\nsecret-files = [{secret:?}]\n"
    );
    fs::write(&config, text).expect("there is room");
    let config = config.to_str().expect("it is text");
    let more = ["--snapshot-bytes", "10000", "--rate", "100000", "--burst", "100000"];
    let mut command: Command =
        child::serve(PROGRAM, store, &[&more[..], &["--config", config]].concat());
    Server::start(&mut command)
}

/// Some servers live on a recorded disk, one after the other.
pub(crate) async fn live(folder: &Path, base: &Path, rng: &mut Rng) -> Lived {
    let disk = Recorded::new(folder, base);
    let (told, known) = (Backend::start().await, Shared::default());
    let mut moments = Vec::new();
    let mut note = || {
        // In this order: what was told by then is in the record by then.
        let known = known.lock().expect("nobody panicked").clone();
        let posts = told.posts().len();
        moments.push(Moment { known, posts, recorded: disk.recorded() });
    };
    note();
    for life in 0..LIVES {
        let server = start(folder, &disk.store(), &told.url);
        let mut participants = JoinSet::new();
        if life == 0 {
            open_room(server.address).await;
        }
        for user in CALLERS.into_iter().chain(CALLEES) {
            let (known, rng) = (known.clone(), Rng(rng.below(u64::MAX)));
            participants.spawn(person(server.address, user, known, rng));
        }
        participants.spawn(backend(server.address, known.clone()));
        let start = Instant::now();
        while start.elapsed() < LIFE {
            note();
            sleep(BETWEEN).await;
        }
        server.kill();
        while let Some(ended) = participants.join_next().await {
            ended.expect("nobody hears what cannot be");
        }
    }
    note();
    let posts = events(&told);
    Lived { moments, posts, record: disk.record().to_owned() }
}

/// The events that came to a backend, in order.
fn events(backend: &Backend) -> Vec<Event> {
    let taken = backend.posts().into_iter().map(|(status, body)| {
        assert_eq!(status, StatusCode::NO_CONTENT, "{body}");
        serde_json::from_value(body["data"].clone()).expect("an event")
    });
    taken.collect()
}

/// A server goes on from a disk: the backend has been told, or is told, each event that follows from its log, once
/// and again as it was; `posts` came before, those up to the beginning of `range` before the cut and those up to
/// its end perhaps.
pub(crate) async fn goes_on(
    store: &Path,
    posts: &[Event],
    range: Range<usize>,
    cut: &Cut,
    which: &str,
) {
    for event in &posts[..range.start] {
        assert_eq!(cut.events.get(&event.id), Some(event), "{which}: it was told, and is lost");
    }
    let before: BTreeMap<EventId, &Event> =
        posts[..range.end.min(posts.len())].iter().map(|event| (event.id, event)).collect();
    let (acknowledged, open): (Vec<&Event>, Vec<&Event>) =
        cut.events.values().partition(|event| event.id <= cut.position);
    for event in acknowledged {
        assert_eq!(before.get(&event.id), Some(&event), "{which}: nobody acknowledged it");
    }
    let folder = tempfile::tempdir().expect("there is room");
    let told = Backend::start().await;
    let server = start(folder.path(), store, &told.url);
    let token = device_token("ana", "phone");
    let mut ana = Client::connect(server.address, &token).await.expect("it connects");
    ana.request_id = 1_000_000;
    let asked: Value = ana.reply(json!({"query": {"getMyCalls": {"since": 0}}})).await;
    assert!(asked["answer"]["getMyCalls"].is_object(), "{which}: {asked}");
    let start = Instant::now();
    loop {
        let came: BTreeMap<EventId, Event> =
            events(&told).into_iter().map(|event| (event.id, event)).collect();
        let missing: Vec<&&Event> =
            open.iter().filter(|event| came.get(&event.id) != Some(**event)).collect();
        if missing.is_empty() {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "{which}: the backend is not told {missing:?}");
        sleep(Duration::from_millis(20)).await;
    }
    server.kill();
}
