//! Starts that are refused, which leave the store as it is, and what a start finds and removes.

use crate::child::{self, PROGRAM};
use crate::directory::{contents, is_as_it_was};
use crate::stores::{good_store, one_more_fact, refused};

/// Names in a store may be longer than those that the configuration allows.
#[tokio::test(flavor = "multi_thread")]
async fn smaller_sizes_are_refused() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = good_store(folder.path(), &["--keep-journal"]).await;
    let before = contents(&path);
    let config = folder.path().join("server.toml");
    std::fs::write(&config, "[limits]\nidBytes = 8\n").expect("it can be written");
    let mut command = child::serve(PROGRAM, &path, &["--config"]);
    let (status, said) = child::run(command.arg(&config));
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("may only grow"), "{said}");
    is_as_it_was(&path, &before, &[], &said);
}

/// Whoever cannot listen has changed nothing, also where something was to be stated at the start.
#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_leaves_the_store_as_it_is() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = good_store(folder.path(), &["--keep-journal"]).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = taken.local_addr().expect("it has one").to_string();
    let token = folder.path().join("token.txt");
    roomcall_server::private_file::write_new(&token, &"t".repeat(40)).expect("it can be written");
    let token = token.to_str().expect("it is text");
    let before = contents(&path);
    for more in [&["--listen", &address][..], &["--admin", &address, "--admin-token-file", token]] {
        let more = [&["--old-store"], more].concat();
        let said = refused(&mut child::serve(PROGRAM, &path, &more));
        assert!(said.contains("cannot listen on"), "{said}");
        is_as_it_was(&path, &before, &[], &said);
    }
}

/// Events follow from the log: where their file is damaged, it is said that it may be removed.
#[tokio::test(flavor = "multi_thread")]
async fn damaged_events_are_found_at_the_start() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = good_store(folder.path(), &[]).await;
    let events = path.join("events.redb");
    let good = std::fs::read(&events).expect("it can be read");
    for bytes in [&good[..good.len() / 2], &b"nonsense"[..], &[]] {
        std::fs::write(&events, bytes).expect("it can be written");
        let said = refused(&mut child::serve(PROGRAM, &path, &[]));
        assert!(said.contains("events.redb") && said.contains("may be removed"), "{said}");
    }
    std::fs::remove_file(&events).expect("it is there");
    one_more_fact(&path, &[]).await;
}

/// What was being written when a server was killed is removed by the next one.
#[tokio::test(flavor = "multi_thread")]
async fn unfinished_snapshots_are_removed() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = good_store(folder.path(), &[]).await;
    let unfinished = path.join("snapshots/default/.new-abcdef");
    std::fs::write(&unfinished, b"half of it").expect("it can be written");
    one_more_fact(&path, &[]).await;
    assert!(!unfinished.exists());
}
