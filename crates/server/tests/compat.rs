//! A store that an earlier version wrote is opened for ever, or upgraded: the files in `tests/compat`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that goes wrong should stop")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use futures_util::FutureExt as _;
use roomcall::protocol::Record;
use roomcall_server::log::{Batch, Embedded, Entry, Store as _};
use roomcall_server::recover::{any_seed, from_zero, recover};
use roomcall_server::server::TENANT;
use roomcall_server::state::{Inputs, Unseen};
use roomcall_testkit::compat::{hash, outputs, versions};
use roomcall_testkit::repository;

const HOW: &str = "the forms changed: write a new folder, as tests/compat/README.md says";

/// The store of a version, made into one of now: it was one file.
fn upgraded(folder: &Path, temporary: &Path) -> PathBuf {
    let (kept, copy) = (folder.join("store/store.redb"), temporary.join("store.redb"));
    fs::copy(&kept, &copy)
        .unwrap_or_else(|why| panic!("{}: {why}; see tests/compat/README.md", kept.display()));
    let before = fs::read(&copy).expect("it can be read");
    let new = temporary.join("store");
    let mut upgrade = Command::new(env!("CARGO_BIN_EXE_roomcall-server"));
    let output = upgrade.arg("upgrade").arg(&copy).arg(&new).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read(&copy).expect("it can be read") == before, "the old store is as it was");
    new
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
        let store = Embedded::existing(&upgraded(&folder, temporary.path()))
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
        let board = recovered.state.switchboard().clone();
        assert_eq!(&board, whole.switchboard(), "{}", folder.display());
        if Some(&folder) == newest.as_ref() {
            assert_eq!(header.limits, now.limits, "{}: {HOW}", folder.display());
            assert_eq!(hash(&board), kept("state-hash.txt"), "{}: {HOW}", folder.display());
            assert_eq!(outputs(&outcomes), kept("outputs.ndjson"), "{}: {HOW}", folder.display());
        }
    }
}
