//! A store that an earlier version wrote is opened for ever: the files in `tests/compat`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that goes wrong should stop")]

use std::fs;
use std::path::{Path, PathBuf};

use roomcall::journal::Header;
use roomcall::switchboard::Switchboard;
use roomcall_server::recover::{any_key, from_zero, read, recover};
use roomcall_server::store::{Embedded, Store};
use roomcall_testkit::compat::{hash, is_writing, outputs, played, versions};
use roomcall_testkit::repository;

/// A copy of the store of a version: what a program writes when it opens one does not reach the kept file.
fn copy(folder: &Path, temporary: &Path) -> PathBuf {
    let (kept, copy) = (folder.join("store/store.redb"), temporary.join("store.redb"));
    if !kept.exists() && is_writing() {
        make(folder, &kept);
    }
    fs::copy(&kept, &copy)
        .unwrap_or_else(|why| panic!("{}: {why}; see tests/compat/README.md", kept.display()));
    copy
}

/// The journal of a version in a store, with a snapshot in the middle.
fn make(folder: &Path, path: &Path) {
    let (header, journal) = repository::read(&folder.join("journal.ndjson"));
    let write = |record| serde_json::to_vec(record).expect("a record has a form");
    let inputs: Vec<_> = journal.lines.iter().map(write).collect();
    let mut store = Embedded::open(path, &header, true).expect("it is new");
    store.append(1, &inputs, &[]).expect("there is room");
    let middle = inputs.len() / 2;
    let mut board = Switchboard::new(header.limits, header.policy);
    for record in &journal.lines[..middle] {
        let _ = board.apply_record(record);
    }
    let sequence = u64::try_from(middle).expect("it is small");
    store.save(sequence, &board.snapshot(), 0).expect("there is room");
    drop(store);
    let mut file = redb::Database::open(path).expect("it is good");
    file.compact().expect("it is small");
}

/// A store of any version opens, has the state that it had, and its inputs bring about what they did.
#[test]
fn stores_open() {
    for folder in versions() {
        let temporary = tempfile::tempdir().expect("there is room");
        let path = copy(&folder, temporary.path());
        let kept =
            |name| fs::read_to_string(folder.join(name)).expect("tests/it/compat.rs wrote it");
        let (header, journal): (Header, _) = repository::read(&folder.join("journal.ndjson"));
        let store = Embedded::open(&path, &header, true)
            .unwrap_or_else(|why| panic!("{}: {why}", folder.display()));

        let recovered = recover(&store, any_key()).expect("it is whole");
        assert!(recovered.unread.is_empty(), "{:?}", recovered.unread);
        assert!(recovered.saved > 0, "a snapshot is used");
        assert_eq!(recovered.last, journal.lines.len() as u64, "{}", folder.display());
        assert_eq!(hash(&recovered.switchboard), kept("state-hash.txt"), "{}", folder.display());
        let (board, _) = from_zero(&store, any_key()).expect("it is whole");
        assert_eq!(hash(&board), kept("state-hash.txt"), "{}", folder.display());

        let mut board = Switchboard::new(header.limits, header.policy);
        let mut outcomes = Vec::new();
        store
            .replay(1, &mut |sequence, input| {
                outcomes.push(board.apply_record(&read(sequence, input)?));
                Ok(())
            })
            .expect("it is whole");
        assert_eq!(outputs(&outcomes), kept("outputs.ndjson"), "{}", folder.display());
        assert_eq!(outputs(&played(&folder).2), kept("outputs.ndjson"), "{}", folder.display());
    }
}
