use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use roomcall::Rule;
use tokio::time::timeout;

use super::*;
use crate::events::event::What;

const DAY: u64 = 86_400_000;

fn event(sequence: u64, index: u32, at: u64) -> Event {
    Event {
        id: EventId { sequence, index },
        at,
        what: What::Missed,
        room: "standup".into(),
        caller: "ana".into(),
        callee: "bo".into(),
        attempt: sequence,
        because: Rule::E04,
    }
}

fn opened(folder: &tempfile::TempDir, retention: Retention) -> EventStore {
    EventStore::open(&folder.path().join("events.redb"), retention).unwrap()
}

fn ids(store: &EventStore, tenant: &str, after: EventId, bytes: usize) -> Vec<(u64, u32)> {
    match store.read(tenant, after, bytes).unwrap() {
        Page::Events(events) => events.iter().map(|it| (it.id.sequence, it.id.index)).collect(),
        Page::Gone { oldest } => panic!("gone, the oldest is {oldest:?}"),
    }
}

const START: EventId = EventId { sequence: 0, index: 0 };

#[test]
fn events_are_read_in_order_by_tenant_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder, Retention::default());
    let all = [event(1, 0, 5), event(1, 1, 5), event(3, 0, 6)];
    store.put("a", &all).unwrap();
    store.put("b", &[event(2, 0, 5)]).unwrap();
    // Derived again.
    store.put("a", &all[1..]).unwrap();
    assert_eq!(ids(&store, "a", START, 1 << 20), [(1, 0), (1, 1), (3, 0)]);
    assert_eq!(ids(&store, "a", all[0].id, 1 << 20), [(1, 1), (3, 0)]);
    assert_eq!(ids(&store, "a", all[2].id, 1 << 20), []);
    assert_eq!(ids(&store, "b", START, 1 << 20), [(2, 0)]);
    let Page::Events(page) = store.read("a", START, 1).unwrap() else { panic!("it is there") };
    assert_eq!(page.len(), 1, "at least one, however few bytes");
    assert_eq!(page[0].event().unwrap(), all[0]);
    let size = page[0].json.len();
    assert_eq!(ids(&store, "a", START, 2 * size), [(1, 0), (1, 1)]);
}

#[test]
fn what_was_flushed_outlives_the_process_and_is_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder, Retention::default());
    store.put("a", &[event(1, 0, 5)]).unwrap();
    store.flush().unwrap();
    let copy = folder.path().join("copy.redb");
    std::fs::copy(folder.path().join("events.redb"), &copy).unwrap();
    // As after a kill: the file as it is on the disk.
    let copied = EventStore::open(&copy, Retention::default()).unwrap();
    assert_eq!(ids(&copied, "a", START, 1 << 20), [(1, 0)]);
    drop(store);
    let store = opened(&folder, Retention::default());
    assert_eq!(*store.watch("a").unwrap().borrow(), event(1, 0, 5).id);
    let file = std::fs::metadata(folder.path().join("events.redb")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_all_have_read_goes_and_the_rest_after_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention { read: Duration::from_secs(60), ..Retention::default() };
    let store = opened(&folder, retention);
    let all: Vec<_> = (1..=5).map(|it| event(it, 0, it * 1_000)).collect();
    store.put("a", &all).unwrap();
    let acknowledged = Some(all[2].id);
    assert_eq!(store.trim("a", acknowledged, 60_999).unwrap(), Trimmed::default());
    let trimmed = store.trim("a", acknowledged, 62_000).unwrap();
    assert_eq!(trimmed, Trimmed { read: 2, unread: 0 });
    let trimmed = store.trim("a", acknowledged, 70_000).unwrap();
    assert_eq!(trimmed, Trimmed { read: 1, unread: 0 }, "nobody has read the fourth");
    let trimmed = store.trim("a", acknowledged, DAY + 4_999).unwrap();
    assert_eq!(trimmed, Trimmed { read: 0, unread: 1 });
    assert_eq!(ids(&store, "a", START, 1 << 20), [(5, 0)]);
    // It was dropped: it does not come back, and who has not read it is told.
    store.put("a", &all[3..4]).unwrap();
    let gone = Page::Gone { oldest: Some(all[4].id) };
    assert_eq!(store.read("a", all[2].id, 1).unwrap(), gone);
    assert_eq!(ids(&store, "a", all[3].id, 1 << 20), [(5, 0)]);
    assert_eq!(store.trim("a", None, DAY + 5_000).unwrap(), Trimmed { read: 1, unread: 0 });
    assert_eq!(store.read("a", all[2].id, 1).unwrap(), Page::Gone { oldest: None });
}

#[test]
fn the_oldest_go_when_there_are_too_many_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let size = serde_json::to_vec(&event(1, 0, 5)).unwrap().len() as u64;
    let store = opened(&folder, Retention { bytes: 3 * size, ..Retention::default() });
    for sequence in 1..=5 {
        store.put("a", &[event(sequence, 0, 5)]).unwrap();
        store.put("b", &[event(sequence, 0, 5)]).unwrap();
    }
    let trimmed = store.trim("a", Some(event(1, 0, 5).id), 5).unwrap();
    assert_eq!(trimmed, Trimmed { read: 1, unread: 1 });
    assert_eq!(ids(&store, "a", START, 1 << 20), [(3, 0), (4, 0), (5, 0)]);
    assert_eq!(ids(&store, "b", START, 1 << 20).len(), 5, "another tenant's are its own");
    assert_eq!(store.trim("a", None, 5).unwrap(), Trimmed::default());
}

#[test]
fn a_log_that_is_a_backup_takes_events_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder, Retention::default());
    store.put("a", &(1..=5).map(|it| event(it, 0, 5)).collect::<Vec<_>>()).unwrap();
    store.rewind("a", 3).unwrap();
    assert_eq!(ids(&store, "a", START, 1 << 20), [(1, 0), (2, 0), (3, 0)]);
    store.put("a", &[event(4, 0, 9), event(4, 1, 9)]).unwrap();
    assert_eq!(ids(&store, "a", event(3, 0, 5).id, 1 << 20), [(4, 0), (4, 1)]);
    store.rewind("a", 4).unwrap();
    assert_eq!(ids(&store, "a", START, 1 << 20).len(), 5, "nothing is after the end");
}

#[tokio::test(start_paused = true)]
async fn who_waits_hears_of_the_next_event_and_of_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder, Retention::default());
    let mut last = store.watch("a").unwrap();
    assert_eq!(*last.borrow_and_update(), START);
    store.put("a", &[event(1, 0, 5)]).unwrap();
    last.changed().await.unwrap();
    assert_eq!(*last.borrow_and_update(), event(1, 0, 5).id);
    // Nothing new.
    store.put("a", &[event(1, 0, 5)]).unwrap();
    assert!(!last.has_changed().unwrap());
    store.close();
    let ended = timeout(Duration::from_secs(1), last.changed()).await;
    assert!(ended.expect("at once").is_err());
}

#[test]
fn what_is_on_the_disk_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder, Retention::default());
    let written = || std::fs::metadata(folder.path().join("events.redb")).unwrap().modified();
    store.put("a", &[event(1, 0, 5)]).unwrap();
    store.flush().unwrap();
    let before = written().unwrap();
    std::thread::sleep(Duration::from_millis(20));
    store.trim("a", None, 5).unwrap();
    store.flush().unwrap();
    assert_eq!(written().unwrap(), before, "a server that has nothing to do lets the disk rest");
    store.put("a", &[event(2, 0, 5)]).unwrap();
    store.flush().unwrap();
    assert_ne!(written().unwrap(), before);
}
