use std::sync::atomic::{AtomicBool, Ordering};

use roomcall::HashKey;
use serde_json::{Value, json};

use super::*;
use crate::events::event::EventId;
use crate::events::store::{Page, Retention};
use crate::log::{Appended, Memory, Store as _};
use crate::recover::recover;

const SEED: Seed = Seed { key: HashKey::new(1), token_life: 1_000 };

fn batch(entries: Value) -> Vec<u8> {
    let batch: Batch = serde_json::from_value(json!({"at": 5, "entries": entries})).unwrap();
    batch.write()
}

fn record(record: Value) -> Value {
    let mut record = record;
    record["at"] = json!(5);
    json!({ "record": record })
}

/// A call that is cancelled at once: two events.
fn call() -> Vec<u8> {
    let ask = |command: Value| {
        record(json!({"by": {"user": "ana", "device": "mac"}, "command": command}))
    };
    let users = json!({"roomID": "a", "userIDList": ["bo"]});
    batch(json!([ask(json!({"callUserToRoom": users})), ask(json!({"cancelCall": users}))]))
}

/// What is done each second is done, too, while there is something in the log all the time.
#[tokio::test(flavor = "multi_thread")]
async fn events_are_dropped_under_load() {
    let folder = tempfile::tempdir().unwrap();
    // Whatever is there is too old.
    let retention = Retention { unread: Duration::ZERO, ..Retention::default() };
    let store = EventStore::open(&folder.path().join("events.redb"), retention).unwrap();
    let kept = Kept { store: Arc::new(store), tenant: "default".to_owned(), endpoints: Vec::new() };
    let events = kept.store.clone();
    let memory = Memory::default();
    memory.begin().unwrap();
    let log = memory.log("default").unwrap();
    let first = json!([
        record(json!({"fact": {"roomOpened": {"roomID": "a", "owner": "ana"}}})),
        record(json!({"fact": {"userEntered": {"roomID": "a", "userID": "ana"}}})),
    ]);
    assert!(matches!(log.append(0, batch(first)).await, Appended::At(1)));
    let recovered = recover(&*log, SEED, &mut Unseen).await.unwrap();
    let pace = SnapshotPace { log_bytes: u64::MAX };
    let (stop, stopped) = oneshot::channel();
    let following =
        tokio::spawn(Follower::new(log.clone(), recovered, pace, Some(kept)).run(stopped));
    let is_over = Arc::new(AtomicBool::new(false));
    let appends = tokio::spawn({
        let is_over = is_over.clone();
        async move {
            let mut last = 1;
            while !is_over.load(Ordering::Relaxed) {
                assert!(matches!(log.append(last, call()).await, Appended::At(_)));
                last += 1;
                // More than the follower can apply.
                tokio::task::yield_now().await;
            }
        }
    });
    let until = Instant::now() + Duration::from_secs(10);
    let is_dropped = || match events.read("default", EventId::default(), 1).unwrap() {
        Page::Events(page) => page.first().is_some_and(|it| it.id.sequence > 2),
        Page::Gone { .. } => false,
    };
    while !is_dropped() && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(is_dropped(), "nothing is dropped while calls come");
    is_over.store(true, Ordering::Relaxed);
    appends.await.unwrap();
    drop(stop);
    following.await.unwrap().unwrap();
}
