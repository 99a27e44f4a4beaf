//! A store that an earlier version wrote is opened for ever, or upgraded: the files in `tests/compat`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that goes wrong should stop")]

use std::fs;
use std::path::Path;
use std::process::Command;

use futures_util::FutureExt as _;
use redb::TableDefinition;
use roomcall::protocol::Record;
use roomcall::switchboard::Switchboard;
use roomcall_server::events::event::EventId;
use roomcall_server::events::webhook::Acknowledgement;
use roomcall_server::log::{Appended, Batch, Before, Embedded, Entry, Store as _};
use roomcall_server::recover::{Recovered, any_seed, from_zero, recover};
use roomcall_server::server::TENANT;
use roomcall_server::state::{Inputs, State, Unseen};
use roomcall_server::token_replay::{Revoked, Used};
use roomcall_testkit::compat::{hash, is_writing, outputs, seen, seen_to_ring, versions};
use roomcall_testkit::repository;

const HOW: &str = "the forms changed: write a new folder, as tests/compat/README.md says";

/// The first version of the files whose store is a directory.
const FIRST_DIRECTORY: u32 = 9;
/// The first version of the files whose snapshots have call logs.
const FIRST_LOGS: u32 = 7;

fn number(folder: &Path) -> u32 {
    let name = folder.file_name().expect("it has a name").to_string_lossy();
    name.parse().expect("it is named by a number")
}

/// A copy of the store of a version, made into one of now if it was one file.
fn copy(folder: &Path, temporary: &Path) -> Embedded {
    let (kept, new) = (folder.join("store"), temporary.join("store"));
    if !kept.exists() && is_writing() {
        make(folder, &kept);
    }
    if number(folder) < FIRST_DIRECTORY {
        let old = temporary.join("store.redb");
        copy_file(&kept.join("store.redb"), &old);
        upgrade(&old, &new);
    } else {
        copy_all(&kept, &new);
    }
    existing(&new)
}

fn existing(store: &Path) -> Embedded {
    Embedded::existing(store).unwrap_or_else(|why| panic!("{}: {why}", store.display()))
}

/// The store of a version that was one file, of which the inputs before the first snapshot were removed, made
/// into one of now.
fn copy_trimmed(folder: &Path, temporary: &Path) -> Embedded {
    let (old, new) = (temporary.join("trimmed.redb"), temporary.join("trimmed"));
    copy_file(&folder.join("store/store.redb"), &old);
    trim(&old).expect("it is a store of format 1");
    upgrade(&old, &new);
    existing(&new)
}

fn trim(store: &Path) -> Result<(), redb::Error> {
    const JOURNAL: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("journal");
    const SNAPSHOTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("snapshots");
    let change = redb::Database::open(store)?.begin_write()?;
    {
        use redb::ReadableTable as _;
        let first = change.open_table(SNAPSHOTS)?.first()?.map(|(sequence, _)| sequence.value());
        let saved = first.expect("it has a snapshot");
        change.open_table(JOURNAL)?.retain(|sequence, _| sequence > saved)?;
    }
    Ok(change.commit()?)
}

fn copy_file(from: &Path, to: &Path) {
    fs::copy(from, to)
        .unwrap_or_else(|why| panic!("{}: {why}; see tests/compat/README.md", from.display()));
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

fn upgrade(old: &Path, new: &Path) {
    let before = fs::read(old).expect("it can be read");
    let mut upgrade = Command::new(env!("CARGO_BIN_EXE_roomcall-server"));
    let output = upgrade.arg("upgrade").arg(old).arg(new).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read(old).expect("it can be read") == before, "the old store is as it was");
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

fn recovered(store: &Embedded) -> Recovered {
    let log = store.log(TENANT).expect("it is there");
    let recovered = recover(&*log, any_seed(), &mut Unseen).now_or_never();
    let recovered = recovered.expect("nothing is waited for").expect("it is whole");
    assert!(recovered.unread.is_empty(), "{:?}", recovered.unread);
    recovered
}

fn batch(store: &Embedded, sequence: u64) -> Batch {
    let log = store.log(TENANT).expect("it is there");
    let read = log.read(sequence - 1).now_or_never().expect("nothing is waited for");
    let (_, batch) = read.expect("it is whole").swap_remove(0);
    Batch::read(sequence, &batch).expect("it is a batch")
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
        let store = copy(&folder, temporary.path());
        let log = store.log(TENANT).expect("it is there");
        let first = batch(&store, 1).entries.swap_remove(0);
        let Entry::Opened(header) = first else { panic!("it begins with {first:?}") };
        let (mut records, mut outcomes) = (Vec::new(), Vec::new());
        let mut seen = Inputs(|_, record: &Record, outcome| {
            records.push(record.clone());
            outcomes.push(outcome);
        });
        let whole = from_zero(&*log, any_seed(), &mut seen).now_or_never();
        let whole = whole.expect("nothing is waited for").expect("it is whole");
        assert_eq!(records, journal.lines, "{}", folder.display());
        let recovered = recovered(&store);
        assert_eq!(recovered.state, whole, "{}", folder.display());
        if number(&folder) >= FIRST_DIRECTORY {
            assert!(recovered.saved > 1, "{}: a snapshot is used", folder.display());
            assert_eq!(batch(&store, 2).entries[1..], others(), "{}", folder.display());
        }
        let board = recovered.state.switchboard();
        if Some(&folder) == newest.as_ref() {
            assert_eq!(header.limits, now.limits, "{}: {HOW}", folder.display());
            assert_eq!(hash(board), kept("state-hash.txt"), "{}: {HOW}", folder.display());
            assert_eq!(outputs(&outcomes), kept("outputs.ndjson"), "{}: {HOW}", folder.display());
        }
    }
}

/// S-01: where only a snapshot and what came after it were left of an old store, it shows the same as the whole one.
#[test]
fn trimmed_stores_open() {
    for folder in versions().into_iter().filter(|folder| number(folder) < FIRST_DIRECTORY) {
        let temporary = tempfile::tempdir().expect("there is room");
        let (_, journal) = repository::read(&folder.join("journal.ndjson"));
        let whole = recovered(&copy(&folder, temporary.path()));
        let trimmed = recovered(&copy_trimmed(&folder, temporary.path()));
        assert!(trimmed.saved > 1, "{}: a snapshot is used", folder.display());
        let see = if number(&folder) < FIRST_LOGS { seen_to_ring } else { seen };
        let shown = |it: &Recovered| {
            let board: &Switchboard = it.state.switchboard();
            (board.clock(), *board.limits(), *board.policy(), see(board, &journal.lines))
        };
        assert_eq!(shown(&trimmed), shown(&whole), "{}", folder.display());
    }
}
