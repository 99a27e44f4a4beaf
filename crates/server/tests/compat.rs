//! A store that an earlier version wrote is opened for ever: the files in `tests/compat`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that goes wrong should stop")]

use std::fs;
use std::path::{Path, PathBuf};

use roomcall::switchboard::Switchboard;
use roomcall_server::recover::{any_key, from_zero, read, recover};
use roomcall_server::store::{Embedded, Store};
use roomcall_testkit::compat::{hash, is_writing, outputs, seen, seen_to_ring, versions};
use roomcall_testkit::repository;

const HOW: &str = "the forms changed: write a new folder, as tests/compat/README.md says";

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

/// S-01, J-01: a store of any version opens under the rules that are in it, and has the inputs of its journal
/// and shows what these lead to: a snapshot may not have what later versions keep. Only the newest is as it is
/// written now: an older one has the limits that were the defaults then, and may have been told otherwise.
#[test]
fn stores_open() {
    let newest = versions().pop();
    for folder in versions() {
        let temporary = tempfile::tempdir().expect("there is room");
        let path = copy(&folder, temporary.path());
        let kept =
            |name| fs::read_to_string(folder.join(name)).expect("tests/it/compat.rs wrote it");
        let (now, journal) = repository::read(&folder.join("journal.ndjson"));
        let looked_at =
            Embedded::existing(&path).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
        let header = looked_at.header().expect("it is whole");
        drop(looked_at);
        let store = Embedded::open(&path, &header, true)
            .unwrap_or_else(|why| panic!("{}: {why}", folder.display()));

        let recovered = recover(&store, any_key()).expect("it is whole");
        assert!(recovered.unread.is_empty(), "{:?}", recovered.unread);
        assert!(recovered.saved > 0, "a snapshot is used");
        assert_eq!(recovered.last, journal.lines.len() as u64, "{}", folder.display());
        let (board, _) = from_zero(&store, any_key()).expect("it is whole");
        let recovered = recovered.switchboard;
        let version = folder.file_name().and_then(|name| name.to_str()?.parse().ok());
        let shown = |board| {
            let seen = if version < Some(7) { seen_to_ring } else { seen };
            seen(board, &journal.lines)
        };
        assert_eq!(shown(&recovered), shown(&board), "{}", folder.display());

        let (mut records, mut outcomes) = (Vec::new(), Vec::new());
        let mut board = Switchboard::new(header.limits, header.policy);
        store
            .replay(1, &mut |sequence, input| {
                let record = read(sequence, input)?;
                outcomes.push(board.apply_record(&record));
                records.push(record);
                Ok(())
            })
            .expect("it is whole");
        assert_eq!(records, journal.lines, "{}", folder.display());
        assert_eq!(shown(&recovered), shown(&board), "{}", folder.display());
        if Some(&folder) == newest.as_ref() {
            assert_eq!(recovered, board, "{}", folder.display());
            assert_eq!(header.limits, now.limits, "{}: {HOW}", folder.display());
            assert_eq!(hash(&board), kept("state-hash.txt"), "{}: {HOW}", folder.display());
            assert_eq!(outputs(&outcomes), kept("outputs.ndjson"), "{}: {HOW}", folder.display());
        }
    }
}
