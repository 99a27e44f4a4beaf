//! A store that an earlier version wrote is opened for ever, or upgraded: the files in `tests/compat`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that goes wrong should stop")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use futures_util::FutureExt as _;
use roomcall::protocol::Record;
use roomcall_server::events::event::EventId;
use roomcall_server::events::webhook::Acknowledgement;
use roomcall_server::log::{Appended, Batch, Before, Embedded, Entry, Store as _};
use roomcall_server::recover::{any_seed, from_zero, recover};
use roomcall_server::server::TENANT;
use roomcall_server::state::{Inputs, State, Unseen};
use roomcall_server::token_replay::{Revoked, Used};
use roomcall_testkit::compat::{hash, is_writing, outputs, versions};
use roomcall_testkit::repository;

const HOW: &str = "the forms changed: write a new folder, as tests/compat/README.md says";

/// A copy of the store of a version, made into one of now if it was one file.
fn copy(folder: &Path, temporary: &Path) -> PathBuf {
    let (kept, new) = (folder.join("store"), temporary.join("store"));
    if !kept.exists() && is_writing() {
        make(folder, &kept);
    }
    if kept.join("log.redb").exists() {
        copy_all(&kept, &new);
    } else {
        upgrade(&kept.join("store.redb"), &temporary.join("store.redb"), &new);
    }
    new
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("there is room");
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("it can be read");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("there is room");
        }
    }
}

fn upgrade(kept: &Path, copy: &Path, new: &Path) {
    fs::copy(kept, copy)
        .unwrap_or_else(|why| panic!("{}: {why}; see tests/compat/README.md", kept.display()));
    let before = fs::read(copy).expect("it can be read");
    let mut upgrade = Command::new(env!("CARGO_BIN_EXE_roomcall-server"));
    let output = upgrade.arg("upgrade").arg(copy).arg(new).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read(copy).expect("it can be read") == before, "the old store is as it was");
}

/// The journal of a version in a store, a batch each, with a snapshot in the middle and something of
/// each other kind of entry.
fn make(folder: &Path, store: &Path) {
    let (header, journal) = repository::read(&folder.join("journal.ndjson"));
    let mut batches = vec![vec![Entry::Opened(header)]];
    batches.extend(journal.lines.into_iter().map(|record| vec![Entry::Record(record)]));
    batches[1].extend(others());
    let opened = Embedded::open(store, true).expect("it is new");
    opened.begin().expect("there is room");
    let log = opened.log(TENANT).expect("it is there");
    let mut state = State::new(any_seed());
    let middle = batches.len() / 2;
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it can wait");
    runtime.block_on(async {
        for entries in batches {
            let batch = Batch { at: 0, entries };
            let appended = log.append(state.last(), batch.write()).await;
            let Appended::At(sequence) = appended else { panic!("{appended:?}") };
            state.apply(sequence, batch, &mut Unseen, &mut Vec::new());
            if sequence == middle as u64 {
                log.save(sequence, state.snapshot(), Before::One { unread: Vec::new() })
                    .await
                    .expect("there is room");
            }
        }
    });
    drop((log, opened));
    let mut file = redb::Database::open(store.join("log.redb")).expect("it is good");
    file.compact().expect("it is small");
}

fn others() -> Vec<Entry> {
    let [user, device, endpoint] = ["ana", "phone", "backend"].map(str::to_owned);
    let position = EventId { sequence: 1, index: 0 };
    vec![
        Entry::Token(Used { user: user.clone(), device: device.clone(), issued: 10, at: 11 }),
        Entry::Revoked(Revoked { user, device: Some(device), at: 12 }),
        Entry::Delivery(Acknowledgement::Position { endpoint, position }),
    ]
}

/// S-01, J-01: a store of any version opens under the rules that are in it, and has the inputs of its journal
/// and shows what these lead to. Only the newest is as it is written now: an older one has the limits that were
/// the defaults then, and may have been told otherwise.
#[test]
fn stores_open() {
    let newest = versions().pop();
    for folder in versions() {
        let temporary = tempfile::tempdir().expect("there is room");
        let kept =
            |name| fs::read_to_string(folder.join(name)).expect("tests/it/compat.rs wrote it");
        let (now, journal) = repository::read(&folder.join("journal.ndjson"));
        let store = Embedded::existing(&copy(&folder, temporary.path()))
            .unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
        let log = store.log(TENANT).expect("it is there");
        let first = log.read(0).now_or_never().expect("nothing is waited for");
        let (_, first) = first.expect("it is whole").swap_remove(0);
        let first = Batch::read(1, &first).expect("it is a batch").entries.swap_remove(0);
        let Entry::Opened(header) = first else { panic!("it begins with {first:?}") };
        let (mut records, mut outcomes) = (Vec::new(), Vec::new());
        let mut seen = Inputs(|_, record: &Record, outcome| {
            records.push(record.clone());
            outcomes.push(outcome);
        });
        let whole = from_zero(&*log, any_seed(), &mut seen).now_or_never();
        let whole = whole.expect("nothing is waited for").expect("it is whole");
        assert_eq!(records, journal.lines, "{}", folder.display());
        let recovered = recover(&*log, any_seed(), &mut Unseen).now_or_never();
        let recovered = recovered.expect("nothing is waited for").expect("it is whole");
        assert!(
            folder.join("store/store.redb").exists() || recovered.saved > 1,
            "a snapshot is used"
        );
        assert_eq!(recovered.state, whole, "{}", folder.display());
        let board = recovered.state.switchboard();
        if Some(&folder) == newest.as_ref() {
            assert_eq!(header.limits, now.limits, "{}: {HOW}", folder.display());
            assert_eq!(hash(board), kept("state-hash.txt"), "{}: {HOW}", folder.display());
            assert_eq!(outputs(&outcomes), kept("outputs.ndjson"), "{}: {HOW}", folder.display());
        }
    }
}
