//! A server that drains: no call begins any more, everything else goes on, and it ends when nothing rings.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::child::{self, PROGRAM, Server};
use crate::client::{Client, accept, call, cancel};
use crate::http;
use crate::rig::{self, Rig, device_token, lines, memory, parts};

fn refused_for_load(said: &Value) {
    assert_eq!(said["refused"]["rule"], "L-15", "{said}");
    assert_eq!(said["refused"]["code"], -2, "{said}");
    assert!(said["refused"]["retryAfter"].as_u64() > Some(0), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_drains_begins_no_call_and_ends_when_nothing_rings() {
    let store = memory();
    let rig = Rig::start(parts(store.clone())).await;
    rig.open("standup", "ana", "phone").await;
    let (mut ana, mut bo) = (rig.connect("ana", "phone").await, rig.connect("bo", "phone").await);
    ana.reply(call("standup", &["bo", "cy"], 60)).await;
    assert_eq!(http::get(rig.address, "/readyz").await, (200, "ok\n".to_owned()));

    assert!(rig.drain.begin());
    assert_eq!(http::get(rig.address, "/readyz").await, (503, "draining\n".to_owned()));
    assert_eq!(http::get(rig.address, "/livez").await, (200, "ok\n".to_owned()));
    // It may take a moment until the engine knows.
    let before = lines(&store).len();
    sleep(Duration::from_millis(200)).await;
    refused_for_load(&ana.reply(call("standup", &["dee"], 30)).await);
    let by_backend = json!({"roomID": "standup", "userIDList": ["dee"], "timeout": 30});
    let by_backend = json!({"command": {"callUserToRoom": by_backend}});
    let (status, said) = rig.post("/v1/requests", &by_backend).await;
    assert_eq!(status, 200);
    refused_for_load(&said);
    assert_eq!(lines(&store).len(), before, "nothing of it is in the log");
    http::metrics_say(rig.address, "roomcall_refusals_total{rule=\"L-15\"} 2").await;

    // Everything else goes on: who comes hears what rings, answers it, and enters; and facts are taken.
    let mut tablet = rig.connect("bo", "tablet").await;
    let mine = tablet.reply(json!({"query": {"getIncomingCalls": {}}})).await;
    assert!(mine.to_string().contains("standup"), "{mine}");
    assert!(bo.reply(accept("standup")).await["answer"].is_object());
    rig.enter("standup", "bo", "phone").await;
    assert!(ana.reply(cancel("standup", &["cy"])).await["answer"].is_object());
    assert_eq!(ana.closes().await, Some(1001), "nothing rings, so it ends");
    rig.ends().await.expect("it ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rings_on_is_not_waited_for_for_ever() {
    let store = memory();
    let mut short = parts(store.clone());
    short.drain = Duration::from_millis(300);
    let rig = Rig::start(short).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let first = call("standup", &["bo"], 60);
    ana.reply(first.clone()).await;
    rig.drain.begin();
    assert_eq!(ana.closes().await, Some(1001));
    rig.ends().await.expect("it ends well");

    // The next server is not told to drain: it rings on there, and calls begin.
    let rig = Rig::start(parts(store)).await;
    let mut ana = Client::connect(rig.address, &device_token("ana", "phone")).await.unwrap();
    ana.request_id = 1;
    let said = ana.reply(call("standup", &["cy"], 30)).await;
    assert!(said["attempts"]["cy"].is_u64(), "{said}");
    let mut bo = rig.connect("bo", "phone").await;
    let mine = bo.reply(json!({"query": {"getIncomingCalls": {}}})).await;
    assert!(mine.to_string().contains("standup"), "{mine}");
    rig.stop().await;
}

/// A server in a process of its own, in which a call rings.
async fn ringing(store: &std::path::Path) -> (Server, Client) {
    let arguments = ["--drain", "600", "--log", "info"];
    let server = Server::start(&mut child::serve(PROGRAM, store, &arguments));
    for fact in [
        json!({"roomOpened": {"roomID": "standup", "owner": "ana"}}),
        json!({"userEntered": {"roomID": "standup", "userID": "ana", "deviceID": "phone"}}),
    ] {
        rig::fact(server.address, &fact).await;
    }
    let mut ana = Client::connect(server.address, &device_token("ana", "phone")).await.unwrap();
    ana.reply(call("standup", &["bo"], 60)).await;
    (server, ana)
}

async fn drains(server: &Server) {
    server.stop();
    let start = std::time::Instant::now();
    while http::get(server.address, "/readyz").await.0 != 503 {
        assert!(start.elapsed() < crate::rig::PATIENCE, "it does not drain");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_drains_and_any_other_signal_stops_at_once() {
    let folder = tempfile::tempdir().expect("there is room");
    for (index, second) in ["TERM", "INT"].into_iter().enumerate() {
        let (server, mut ana) = ringing(&folder.path().join(index.to_string())).await;
        drains(&server).await;
        ana.settle().await;
        server.tell(second);
        assert_eq!(ana.closes().await, Some(1001), "at once, though something rings");
        let (status, said) = server.ends();
        assert!(status.success() && said.contains("stopping at once"), "{said}");
    }
    let (server, mut ana) = ringing(&folder.path().join("quiet")).await;
    drains(&server).await;
    ana.reply(cancel("standup", &["bo"])).await;
    assert_eq!(ana.closes().await, Some(1001));
    let (status, said) = server.ends();
    assert!(status.success() && said.contains("nothing rings any more"), "{said}");
    // An interrupt alone waits for nothing.
    let (server, mut ana) = ringing(&folder.path().join("interrupted")).await;
    server.tell("INT");
    assert_eq!(ana.closes().await, Some(1001));
    assert!(server.ends().0.success());
}
