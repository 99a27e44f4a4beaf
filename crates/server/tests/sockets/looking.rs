//! `replay`, `explain` and `inspect`: what a store has, without touching it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::child::{self, PROGRAM};
use crate::client::{Client, accept, call, cancel};
use crate::directory::{contents, is_as_it_was};
use crate::rig::{self, PATIENCE, device_token};

fn look(arguments: &[&str], store: &Path) -> Output {
    let mut command = Command::new(PROGRAM);
    command.arg(arguments[0]).arg(store).args(&arguments[1..]);
    command.output().expect("the program starts")
}

/// What a command prints, which leaves the store as it is.
fn printed(arguments: &[&str], store: &Path) -> String {
    let before = contents(store);
    let output = look(arguments, store);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    is_as_it_was(store, &before, &[], &format!("{arguments:?}"));
    String::from_utf8(output.stdout).expect("it is text")
}

/// A store with two calls to bo and one to cy, of a server that is running still.
async fn made(folder: &Path, more: &[&str]) -> (PathBuf, child::Server, u64) {
    let store = folder.join("looked-at.redb");
    let server = child::Server::start(&mut child::serve(PROGRAM, &store, more));
    let entered = json!({"roomID": "standup", "userID": "ana", "deviceID": "phone"});
    for fact in [
        json!({"roomOpened": {"roomID": "standup", "owner": "ana"}}),
        json!({"roomOpened": {"roomID": "retro", "owner": "ana"}}),
        json!({"userEntered": entered}),
    ] {
        rig::fact(server.address, &fact).await;
    }
    let [ana, bo] = ["ana", "bo"].map(|user| device_token(user, "phone"));
    let mut ana = Client::connect(server.address, &ana).await.expect("it connects");
    let mut bo = Client::connect(server.address, &bo).await.expect("it connects");
    let first = ana.reply(call("standup", &["bo", "cy"], 300)).await["attempts"]["bo"].as_u64();
    bo.reply(accept("standup")).await;
    ana.reply(cancel("standup", &["cy"])).await;
    ana.reply(call("standup", &["bo"], 300)).await;
    (store, server, first.expect("bo rings"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_use_is_not_looked_at() {
    let folder = tempfile::tempdir().expect("there is room");
    let (store, server, _) = made(folder.path(), &[]).await;
    for command in ["replay", "explain", "inspect"] {
        let output = look(&[command], &store);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("another process has it open"), "{said}");
    }
    server.kill();
}

/// Whether a line is an input, and not what comes of one.
fn is_input(line: &Value) -> bool {
    line.get("by").or(line.get("fact")).is_some()
}

/// Killed in the middle, a file is to be put in order by whoever opens it: not by these.
#[tokio::test(flavor = "multi_thread")]
async fn the_store_of_a_killed_server_is_shown_and_not_touched() {
    let folder = tempfile::tempdir().expect("there is room");
    let more = ["--keep-journal", "--snapshot-bytes", "300"];
    let (store, server, first) = made(folder.path(), &more).await;
    server.kill();

    let replayed = printed(&["replay"], &store);
    let lines: Vec<Value> =
        replayed.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    assert_eq!(lines.iter().filter(|line| is_input(line)).count(), 8, "{replayed}");
    let is_call =
        |line: &Value| line["command"]["callUserToRoom"]["userIDList"] == json!(["bo", "cy"]);
    let call = lines.iter().position(is_call).expect("the first call is there");
    assert_eq!(
        lines[call + 1]["attempts"],
        json!({"bo": first, "cy": first + 1}),
        "its answer is below it"
    );

    let words = printed(&["explain"], &store);
    for rule in ["C-01", "E-01", "E-05", "F-02"] {
        assert!(words.contains(&format!("({rule} ")), "{rule} is not in {words}");
    }
    let said = printed(&["inspect"], &store);
    for part in ["all of them kept", "replayed", "live calls  1\n", "from the first batch on"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }

    // The server puts it in order, and everything is there.
    child::Server::start(&mut child::serve(PROGRAM, &store, &["--keep-journal"])).kill();
    assert_eq!(printed(&["replay"], &store), replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_asked_for_is_shown() {
    let folder = tempfile::tempdir().expect("there is room");
    let (store, server, first) = made(folder.path(), &[]).await;
    server.kill();
    let inputs = |arguments: &[&str]| {
        let replayed = printed(&[&["replay"], arguments].concat(), &store);
        let lines = replayed.lines().map(|line| serde_json::from_str(line).expect("it is JSON"));
        lines.filter(is_input).collect::<Vec<Value>>()
    };
    let [second, third] = [1, 2].map(|more| (first + more).to_string());
    assert_eq!(inputs(&["--call", &second]).len(), 2, "the call and the cancel");
    assert_eq!(inputs(&["--call", &third]).len(), 1);
    assert_eq!(inputs(&["--call", "99"]).len(), 0);
    assert_eq!(inputs(&["--room", "retro"]).len(), 1);
    assert_eq!(inputs(&["--user", "cy"]).len(), 2);
    assert_eq!(inputs(&["--user", "bo"]).len(), 3);
    assert_eq!(inputs(&["--user", "bo", "--call", &third]).len(), 1);
    let words = printed(&["explain", "--call", &second], &store);
    let (is_there, other) = (format!("attempt {second}, cy"), format!("attempt {third}"));
    assert!(words.contains(&is_there) && !words.contains(&other), "{words}");
}

/// The last batch in the oldest snapshot that is stored.
fn oldest(store: &Path) -> Option<u64> {
    let snapshots = std::fs::read_dir(store.join("snapshots/default")).ok()?;
    // Another name is of one that is being written.
    snapshots.filter_map(|it| it.ok()?.file_name().to_str()?.parse().ok()).min()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_not_whole_begins_with_a_snapshot() {
    let folder = tempfile::tempdir().expect("there is room");
    let (store, server, _) = made(folder.path(), &["--snapshot-bytes", "300"]).await;
    // With the second snapshot the log before the first is removed, a moment later. The rooms are opened in the
    // first three batches.
    let (start, mut guests) = (Instant::now(), 0);
    while oldest(&store) <= Some(3) {
        assert!(start.elapsed() < PATIENCE, "it stores no snapshots");
        guests += 1;
        let entered = json!({"roomID": "standup", "userID": format!("guest-{guests}")});
        rig::fact(server.address, &json!({"userEntered": entered})).await;
        sleep(Duration::from_millis(20)).await;
    }
    // One more snapshot may have it, and not the one before that.
    let last = json!({"roomID": "standup", "userID": "the-last-one"});
    rig::fact(server.address, &json!({"userEntered": last})).await;
    sleep(Duration::from_millis(500)).await;
    server.kill();
    let output = look(&["replay"], &store);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("are not kept: from the snapshot on"), "{said}");
    let replayed = String::from_utf8_lossy(&output.stdout);
    assert!(!replayed.contains("roomOpened") && replayed.contains("the-last-one"), "{replayed}");
    let said = printed(&["inspect"], &store);
    assert!(said.contains("kept from"), "{said}");
    // Two are kept; a server that was killed while it stored the next one has three.
    assert!((2..=3).contains(&said.matches("snapshot ").count()), "{said}");
}
