//! Users who are erased (F-20): closed, kept out with old tokens, and in nothing that is stored.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use roomcall_server::log::{Embedded, Store as _};
use roomcall_server::token::{Who, now};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::child::{self, PROGRAM};
use crate::client::{Client, call};
use crate::http::{post, send};
use crate::rig::{Rig, backend_token, device_token, memory, parts, signer};

const ERASED: &str = "erased-user";

async fn erase(address: SocketAddr, user: &str) -> (u16, Value) {
    send(address, "DELETE", &format!("/v1/users/{user}"), Some(&backend_token()), "").await
}

fn token(user: &str, iat: u64) -> String {
    signer().sign(&Who::device(user, "phone"), iat, now() + 900)
}

async fn state(address: SocketAddr, fact: Value) {
    let (status, said) =
        post(address, "/v1/facts", Some(&backend_token()), &fact.to_string()).await;
    assert_eq!((status, &said["answer"]["fact"]["ignored"]), (200, &Value::Null), "{said}");
}

/// A room with both of them in it, and calls in both directions: one that is over, and one that rings.
async fn talk(address: SocketAddr) -> (Client, Client) {
    state(address, json!({"roomOpened": {"roomID": "standup", "owner": ERASED}})).await;
    let old = token(ERASED, now() - 50);
    let mut phone = Client::connect(address, &old).await.expect("it is good");
    let bo = token("bo", now() - 50);
    let mut bo = Client::connect(address, &bo).await.expect("it is good");
    for (user, session) in [(ERASED, "s1"), ("cy", "s2")] {
        let entered =
            json!({"roomID": "standup", "userID": user, "deviceID": "phone", "sessionID": session});
        state(address, json!({"userEntered": entered})).await;
    }
    phone.reply(call("standup", &["bo"], 30)).await;
    bo.until("onCallReceived").await;
    bo.reply(json!({"command": {"rejectCall": {"roomID": "standup"}}})).await;
    phone.reply(call("standup", &["bo"], 30)).await;
    bo.until("onCallReceived").await;
    (phone, bo)
}

/// Everything of a store that a program can read of it has these bytes somewhere.
fn is_stored(store: &Path, name: &str) -> Vec<String> {
    let has = |bytes: &[u8]| bytes.windows(name.len()).any(|it| it == name.as_bytes());
    let mut found = Vec::new();
    let opened = Embedded::existing(store).expect("it is whole");
    let log = opened.log("default").expect("it is whole");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it starts");
    let first = opened.first("default").expect("it is whole");
    let mut after = first.map_or_else(|| *log.follow().borrow(), |first| first - 1);
    loop {
        let batches = runtime.block_on(log.read(after)).expect("it is whole");
        let Some((last, _)) = batches.last() else { break };
        after = *last;
        let named = batches.iter().filter(|(_, batch)| has(batch));
        found.extend(named.map(|(sequence, _)| format!("batch {sequence}")));
    }
    for snapshot in fs::read_dir(store.join("snapshots/default")).expect("there are some") {
        let path = snapshot.expect("it can be listed").path();
        if has(&fs::read(&path).expect("it can be read")) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_user_is_closed_and_nobody_remembers() {
    let rig = Rig::start(parts(memory())).await;
    let (mut phone, mut bo) = talk(rig.address).await;
    let mut cy = rig.connect("cy", "phone").await;
    assert_eq!(erase(rig.address, ERASED).await.0, 204);
    let heard = bo.until("onCallRevokedByAdmin").await;
    let told = heard.last().expect("it is the last one");
    assert_eq!(told["because"], "F-20");
    assert_eq!(told["event"]["onCallRevokedByAdmin"]["operator"], "backend");
    assert_eq!(phone.closes().await, Some(4403));
    let told = cy.settle().await;
    let told: Vec<_> = told.iter().map(|it| &it["because"]).collect();
    assert_eq!(told, ["F-20"], "the room's list is told");
    let log = bo.reply(json!({"query": {"getCallLog": {"since": 0, "count": 20}}})).await;
    assert_eq!(log["answer"]["getCallLog"]["entries"], json!([]), "{log}");
    // With old tokens nobody comes in, and with a new one a new user.
    for iat in [now() - 60, now() - 50] {
        let refused = Client::connect(rig.address, &token(ERASED, iat)).await.err();
        assert!(refused.is_some_and(|it| it.0 == 401 && it.1.contains("was revoked")));
    }
    assert!(Client::connect(rig.address, &token("other-user", now() - 60)).await.is_ok());
    let mut again =
        Client::connect(rig.address, &token(ERASED, now() + 30)).await.expect("it is new");
    let calls = again.reply(json!({"query": {"getMyCalls": {"since": 0}}})).await;
    assert_eq!(calls["answer"]["getMyCalls"]["endings"], json!([]), "{calls}");
    rig.stop().await;
}

/// What was under way when a user was erased does not bring the name back: requests that wait behind it, and
/// a token that was not used before.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_behind_an_erasure_is_not_done() {
    for round in 0..10 {
        let folder = tempfile::tempdir().expect("there is room");
        let store = folder.path().join("store");
        let more = ["--rate", "1000000", "--burst", "1000000"];
        let server = child::Server::start(&mut child::serve(PROGRAM, &store, &more));
        let address = server.address;
        let (mut phone, _bo) = talk(address).await;
        let lines = (1..=2_000).map(|number| {
            let command = json!({"markCallsSeen": {"upTo": number}});
            json!({"requestID": 100 + number, "command": command}).to_string()
        });
        let lines: Vec<String> = lines.collect();
        let flood = tokio::spawn(async move {
            for line in lines {
                phone.send(line).await;
            }
        });
        sleep(Duration::from_millis(3 * round)).await;
        let fresh = signer().sign(&Who::device(ERASED, "tablet"), now() - 20, now() + 900);
        let connects = tokio::spawn(async move { Client::connect(address, &fresh).await.err() });
        assert_eq!(erase(address, ERASED).await.0, 204);
        let _ = (flood.await, connects.await);
        wait_for_snapshot(&store).await;
        server.kill();
        assert_eq!(is_stored_in_thread(store.clone()).await, Vec::<String>::new(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_stands_alone() {
    let rig = Rig::start(parts(memory())).await;
    let erased = json!({"userErased": {"userID": ERASED}});
    let (status, why) = rig.post("/v1/facts", &json!([erased, erased])).await;
    assert_eq!(status, 400, "{why}");
    assert!(why["error"].as_str().is_some_and(|why| why.contains("stands alone")), "{why}");
    assert_eq!(rig.post("/v1/facts", &json!([erased])).await.0, 200);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_backend_erases_and_only_who_can_be() {
    let rig = Rig::start(parts(memory())).await;
    let path = format!("/v1/users/{ERASED}");
    for (token, expected) in [(None, 401), (Some(device_token(ERASED, "phone")), 403)] {
        assert_eq!(send(rig.address, "DELETE", &path, token.as_deref(), "").await.0, expected);
    }
    // Nothing shows whether somebody was known.
    assert_eq!(erase(rig.address, "nobody").await.0, 204);
    let (status, why) = erase(rig.address, &"x".repeat(65)).await;
    assert_eq!(status, 400);
    assert!(why["error"].as_str().is_some_and(|why| why.contains("1 to 64 bytes")), "{why}");
    rig.stop().await;
}

/// Within a few seconds nothing that is stored has the name, also where the whole log was to be kept; what
/// others had is there, and a token from before is still refused after a crash.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_user_is_in_nothing_that_is_stored() {
    for (keeps, crashes) in [(false, false), (true, false), (false, true)] {
        let folder = tempfile::tempdir().expect("there is room");
        let store = folder.path().join("store");
        let more: &[&str] = if keeps { &["--keep-journal"] } else { &["--snapshot-bytes", "1"] };
        let start = || child::Server::start(&mut child::serve(PROGRAM, &store, more));
        let server = start();
        let (_phone, _bo) = talk(server.address).await;
        assert_eq!(erase(server.address, ERASED).await.0, 204);
        if crashes {
            // What was not done is done by the next one.
            server.kill();
            let server = start();
            wait_for_snapshot(&store).await;
            server.kill();
        } else {
            wait_for_snapshot(&store).await;
            server.kill();
        }
        assert_eq!(
            is_stored_in_thread(store.clone()).await,
            Vec::<String>::new(),
            "{keeps} {crashes}"
        );
        let server = start();
        let was = Client::connect(server.address, &token(ERASED, now() - 50)).await.err();
        assert!(was.as_ref().is_some_and(|it| it.1.contains("was revoked")), "{was:?}");
        let entered = json!({"userEntered": {"roomID": "standup", "userID": "cy", "deviceID": "phone", "sessionID": "s2"}});
        let (_, said) =
            post(server.address, "/v1/facts", Some(&backend_token()), &entered.to_string()).await;
        assert_eq!(said["answer"]["fact"]["ignored"], "F-05", "cy is still there: {said}");
        server.stop();
        assert!(server.ends().0.success());
        // Who is forgotten is so once: what came after that is kept again.
        let first = || {
            let opened = Embedded::existing(&store).expect("it is whole");
            opened.first("default").expect("it is whole")
        };
        let before = first();
        assert!(before.is_some());
        let server = start();
        server.stop();
        assert!(server.ends().0.success());
        assert!(!keeps || first() == before, "{before:?}, {:?}", first());
    }
}

/// Until there is one snapshot only, and it is a new one.
async fn wait_for_snapshot(store: &Path) {
    let until = Instant::now() + Duration::from_secs(20);
    let names = || -> Vec<_> {
        let all = fs::read_dir(store.join("snapshots/default")).into_iter().flatten();
        all.filter_map(|it| it.ok()?.file_name().to_str()?.parse::<u64>().ok()).collect()
    };
    while names().len() != 1 {
        assert!(Instant::now() < until, "{:?}", names());
        sleep(Duration::from_millis(20)).await;
    }
    // The log is trimmed after that.
    sleep(Duration::from_millis(1_500)).await;
}

async fn is_stored_in_thread(store: std::path::PathBuf) -> Vec<String> {
    tokio::task::spawn_blocking(move || is_stored(&store, ERASED)).await.expect("it ends")
}
