//! Stores that cannot be written, and stores that are damaged: nothing is acknowledged that is not
//! durable, the error says what is wrong, and a file that cannot be used is left as it is.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use roomcall::protocol::{Fact, Input};
use roomcall_server::log::{Embedded, StoreError};
use roomcall_server::server::ServeError;

use serde_json::json;

use crate::child::{self, PROGRAM};
use crate::client::{Client, call};
use crate::directory::{contents, is_as_it_was};
use crate::http;
use crate::rig::{self, Rig, device_token, lines, memory, parts};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_acknowledges_nothing() {
    let store = memory();
    let rig = Rig::start(parts(store.clone())).await;
    rig.open("standup", "ana", "phone").await;
    let (mut ana, mut bo) = (rig.connect("ana", "phone").await, rig.connect("bo", "phone").await);
    let before = lines(&store).len();
    store.fill(true);
    let mut frame = call("standup", &["bo"], 30);
    frame["requestID"] = json!(1);
    ana.send(frame.to_string()).await;
    assert_eq!(ana.next().await, Err(Some(1001)), "no answer, and the server goes");
    assert_eq!(bo.next().await, Err(Some(1001)), "nothing rings");
    let address = rig.address;
    let ended = rig.ends().await;
    assert!(matches!(ended, Err(ServeError::Store(StoreError::Write(_)))), "{ended:?}");
    assert_eq!(lines(&store).len(), before, "nothing was stored");
    let (status, _) = http::get(address, "/readyz").await;
    assert_ne!(status, 200, "it is not well");

    // There is room again: the request that nobody answered is sent again, and rings.
    store.fill(false);
    let rig = Rig::start(parts(store)).await;
    let (mut ana, mut bo) = (rig.connect("ana", "phone").await, rig.connect("bo", "phone").await);
    assert_eq!(ana.reply(call("standup", &["bo"], 30)).await["attempts"], json!({"bo": 1}));
    assert!(bo.hear().await["event"]["onCallReceived"].is_object());
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backend_is_not_told_that_anything_was_done() {
    let store = memory();
    let rig = Rig::start(parts(store.clone())).await;
    store.fill(true);
    let opened = json!({"roomOpened": {"roomID": "standup", "owner": "ana"}});
    let (status, said) = rig.post("/v1/facts", &opened).await;
    assert_eq!(status, 503, "{said}");
    assert!(said["error"].to_string().contains("send it again"), "{said}");
    assert!(rig.ends().await.is_err());
    assert!(lines(&store).is_empty());
}

/// The operating system refuses to let the file grow, as on a full disk.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_grow_ends_the_process_with_1() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("small");
    // A new store has to fit, a few hundred inputs of 2 KB do not.
    child::Server::start(&mut child::serve(PROGRAM, &path, &[])).kill();
    let log = path.join("log.redb");
    let blocks = std::fs::metadata(log).expect("it is there").len() / 512 + 64;
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut limited = Command::new("sh");
    limited.args(["-c", &script, "sh", PROGRAM]);
    child::with_arguments(&mut limited, &path, &["--rate", "1000000", "--burst", "1000000"]);
    let server = child::Server::start(&mut limited);
    let token = device_token("ana", "phone");
    let mut ana = Client::connect(server.address, &token).await.expect("it is up");
    let mut acknowledged = 0;
    let text = "x".repeat(2_000);
    let last = loop {
        let mut frame = call("standup", &["bo"], 30);
        frame["command"]["callUserToRoom"]["extensionInfo"] = json!(text);
        frame["requestID"] = json!(acknowledged + 1);
        ana.send(frame.to_string()).await;
        match ana.next().await {
            Ok(reply) => acknowledged = reply["requestID"].as_u64().expect("it is a reply"),
            Err(code) => break code,
        }
        assert!(acknowledged < 20_000, "the file grows all the same");
    };
    assert_eq!(last, Some(1001), "everybody is told that the server goes");
    let (status, said) = server.ends();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("the store cannot be written"), "{said}");

    // With room again everything that was acknowledged is there, and the next number is taken.
    let server = child::Server::start(&mut child::serve(PROGRAM, &path, &[]));
    let mut ana = Client::connect(server.address, &token).await.expect("it is up");
    let reply = ana.reply(json!({"query": {"getIncomingCalls": {}}})).await;
    assert!(reply["nextRequestID"].as_u64() > Some(acknowledged), "{reply}, {acknowledged}");
    server.kill();
}

/// Runs the server on a store that is damaged, and gives what it says.
pub(crate) fn refused(command: &mut Command) -> String {
    let (status, said) = child::run(command);
    assert_eq!(status.code(), Some(1), "{said}");
    let last = said.lines().last();
    assert!(last.is_some_and(|it| it.starts_with("roomcall-server: ")), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("file");
    std::fs::write(&file, "a file").expect("it can be written");
    for path in [file.join("below/a"), PathBuf::from("/proc/no-such/a")] {
        let said = refused(&mut child::serve(PROGRAM, &path, &[]));
        assert!(said.contains(&path.display().to_string()), "{said}");
        assert!(said.contains("cannot open the store"), "{said}");
    }
}

/// Files that are not writable are written by root all the same: root becomes somebody else.
#[test]
fn a_read_only_file_is_refused() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("kept");
    child::Server::start(&mut child::serve(PROGRAM, &path, &[])).kill();
    let log = path.join("log.redb");
    let before = contents(&path);
    let mode = |path: &Path, mode: u32| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(path, permissions).expect("it is ours");
    };
    // Somebody else may not come to where the program was built.
    let program = folder.path().join("program");
    std::fs::copy(PROGRAM, &program).expect("there is room");
    mode(&log, 0o444);
    mode(&path, 0o555);
    mode(folder.path(), 0o555);
    let mut command = child::serve(program, &path, &[]);
    if std::fs::OpenOptions::new().append(true).open(&log).is_ok() {
        command.uid(65_534).gid(65_534);
    }
    let said = refused(&mut command);
    mode(folder.path(), 0o755);
    mode(&path, 0o755);
    assert!(said.contains("kept") && said.contains("ermission"), "{said}");
    is_as_it_was(&path, &before, &[], &said);
}

/// Who calls whom is nobody's business but the server's.
#[test]
fn nobody_else_can_read_a_store() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("made/store");
    let server = child::Server::start(&mut child::serve(PROGRAM, &path, &[]));
    server.stop();
    assert!(server.ends().0.success());
    let mode = |path: &Path| {
        let metadata = std::fs::metadata(path).unwrap_or_else(|why| panic!("{path:?}: {why}"));
        std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777
    };
    assert_eq!((mode(&path), mode(&path.join("log.redb"))), (0o700, 0o600));
    let snapshots = snapshots(&path);
    assert!(!snapshots.is_empty() && snapshots.iter().all(|path| mode(path) == 0o600));
}

/// A store with a room, a call and a snapshot, from a server that was stopped in good order.
pub(crate) async fn good_store(folder: &Path, more: &[&str]) -> PathBuf {
    let path = folder.join("good");
    let arguments = [&["--snapshot-bytes", "300"], more].concat();
    let server = child::Server::start(&mut child::serve(PROGRAM, &path, &arguments));
    for guest in 0..20 {
        let fact = if guest == 0 {
            json!({"roomOpened": {"roomID": "standup", "owner": "ana"}})
        } else {
            let user = format!("guest-{guest}");
            json!({"userEntered": {"roomID": "standup", "userID": user, "deviceID": "phone"}})
        };
        rig::fact(server.address, &fact).await;
    }
    server.stop();
    let (status, said) = server.ends();
    assert!(status.success(), "{said}");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = good_store(folder.path(), &[]).await;
    let log = path.join("log.redb");
    let good = std::fs::read(&log).expect("it can be read");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        (
            "garbage",
            (0..100_000u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 9) as u8).collect(),
        ),
        ("another file", b"{\"journal\":1}\n".to_vec()),
        ("truncated to the header", good[..4_096].to_vec()),
        ("truncated in the middle", good[..good.len() / 2].to_vec()),
        ("without its last byte", good[..good.len() - 1].to_vec()),
        ("zeroes after the header", [&good[..4_096], &vec![0; good.len() - 4_096]].concat()),
    ];
    for (what, bytes) in &cases {
        std::fs::write(&log, bytes).expect("it can be written");
        let before = contents(&path);
        let said = refused(&mut child::serve(PROGRAM, &path, &[]));
        assert!(said.contains("Nothing in it was changed"), "{what}: {said}");
        is_as_it_was(&path, &before, &[], &format!("{what}: {said}"));
    }
    std::fs::write(&log, &good).expect("it can be written");
    // Another version may know better what is in it than what is before it.
    let newest = &snapshots(&path)[0];
    let mut bytes = std::fs::read(newest).expect("it can be read");
    bytes[15] += 1;
    std::fs::write(newest, &bytes).expect("it can be written");
    let before = contents(&path);
    let said = refused(&mut child::serve(PROGRAM, &path, &[]));
    assert!(said.contains("another version"), "{said}");
    is_as_it_was(&path, &before, &[], &said);
}

/// Writes nonsense where the newest snapshots were.
fn spoil(path: &Path, how_many: usize) {
    for snapshot in snapshots(path).into_iter().take(how_many) {
        std::fs::write(&snapshot, b"nonsense").expect("it can be written");
    }
}

/// The state of a store, as `inspect` says it.
fn state(path: &Path) -> (String, String) {
    let output =
        Command::new(PROGRAM).arg("inspect").arg(path).output().expect("the program starts");
    let said = String::from_utf8(output.stdout).expect("it is text");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let state = said.lines().find_map(|line| line.strip_prefix("state ")).expect("it says it");
    (state.trim().split(',').next().unwrap_or_default().to_owned(), said)
}

/// A snapshot is a way not to replay the whole journal. Where one cannot be read, there is another way.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_is_no_good_is_gone_around() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = good_store(folder.path(), &[]).await;
    let (good, _) = state(&path);
    spoil(&path, 1);
    let (gone_around, said) = state(&path);
    assert_eq!(gone_around, good);
    assert!(said.contains("DAMAGED"), "{said}");
    // The server says so, and removes nothing that it needed until there are two good ones again.
    let said = one_more_fact(&path, &[]).await;
    assert!(said.contains("the store is damaged"), "{said}");
    let (good, said) = state(&path);
    assert!(!said.contains("DAMAGED") && said.matches("snapshot ").count() == 2, "{said}");
    spoil(&path, 1);
    assert_eq!(state(&path).0, good, "the older one is as good as before");
    // None is any good, and the first inputs are not there any more.
    spoil(&path, 2);
    let before = contents(&path);
    let said = refused(&mut child::serve(PROGRAM, &path, &[]));
    assert!(said.contains("the snapshot after batch 2"), "{said}");
    is_as_it_was(&path, &before, &[], &said);
}

/// The journal alone is enough, and is not cut off where it was all that there was.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_journal_needs_no_snapshot() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = good_store(folder.path(), &["--keep-journal"]).await;
    let (good, _) = state(&path);
    spoil(&path, 2);
    assert_eq!(state(&path).0, good, "from the first input on");
    one_more_fact(&path, &[]).await;
    let (good, said) = state(&path);
    assert!(said.contains("all of them kept"), "{said}");
    spoil(&path, 1);
    assert_eq!(state(&path).0, good, "from the first input on again");
}

/// A server that takes one more fact and stops in good order: what it says.
pub(crate) async fn one_more_fact(path: &Path, more: &[&str]) -> String {
    let server = child::Server::start(&mut child::serve(PROGRAM, path, more));
    let left = json!({"userLeft": {"roomID": "standup", "userID": "guest-1"}});
    rig::fact(server.address, &left).await;
    server.stop();
    let (status, said) = server.ends();
    assert!(status.success(), "{said}");
    said
}

#[test]
fn a_store_that_cannot_be_made_leaves_nothing() {
    let folder = tempfile::tempdir().expect("there is room");
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh", PROGRAM]);
    child::with_arguments(&mut limited, &folder.path().join("new"), &[]);
    let said = refused(&mut limited);
    assert!(said.contains("cannot open the store"), "{said}");
    let left = std::fs::read_dir(folder.path().join("new")).expect("it is there").count();
    assert_eq!(left, 0, "{said}");
}

/// The files of the snapshots of a store, newest first.
fn snapshots(store: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(store.join("snapshots/default")).expect("there are some");
    let mut all: Vec<PathBuf> = entries.map(|it| it.expect("it can be read").path()).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    all
}

/// The configuration is what holds (F-19): a store that was made with other rules has them from the next start on.
#[tokio::test(flavor = "multi_thread")]
async fn other_rules_hold_from_the_next_start_on() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = good_store(folder.path(), &["--keep-journal"]).await;
    let config = folder.path().join("server.toml");
    std::fs::write(&config, "[policy]\nmayCall = \"admins\"\n[limits]\nrooms = 1\n")
        .expect("it is written");
    for _ in 0..2 {
        let mut command = child::serve(PROGRAM, &path, &["--keep-journal", "--config"]);
        let server = child::Server::start(command.arg(&config));
        let fact = json!({"roomOpened": {"roomID": "retro", "owner": "ana"}});
        let said = rig::fact(server.address, &fact).await;
        let limit = json!({"name": "rooms", "value": 1});
        assert_eq!(said["answer"]["fact"], json!({"ignored": "L-09", "limit": limit}));
        server.stop();
        let _ = server.ends();
    }
    let store = Embedded::existing(&path).expect("it is good");
    let changes = lines(&store).into_iter().filter_map(|line| match line.input {
        Input::Fact(fact @ Fact::RulesChanged { .. }) => Some(json!(fact)),
        _ => None,
    });
    let change = json!({"policy": {"mayCall": "admins"}, "limits": {"rooms": 1}});
    assert_eq!(changes.collect::<Vec<_>>(), [json!({"rulesChanged": change})], "once");
}

#[test]
fn two_first_starts_make_one_store() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new");
        let open = || Embedded::open(&path, false);
        let (one, other) = std::thread::scope(|scope| {
            let other = scope.spawn(open);
            (open(), other.join().expect("it ends"))
        });
        assert!(one.is_err() || other.is_err(), "both have it");
        drop((one, other));
        assert!(open().is_ok(), "it is whole");
        let files = std::fs::read_dir(&path).expect("it is there").count();
        assert_eq!(files, 1, "nothing is left beside it");
    }
}
