//! Many devices at once: `ROOMCALL_DEVICES` says how many.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::child::{self, PROGRAM};
use crate::client::{Client, call};
use crate::http;
use crate::rig::{self, device_token};

/// Two devices of each user, on a server in a process of its own: one process alone could not open
/// both ends of so many connections.
#[tokio::test(flavor = "multi_thread")]
async fn one_call_rings_among_many_devices() {
    let devices = std::env::var("ROOMCALL_DEVICES");
    let devices = devices.map_or(200, |it| it.parse::<usize>().expect("ROOMCALL_DEVICES"));
    let folder = tempfile::tempdir().expect("there is room");
    let store = folder.path().join("many.redb");
    // Nobody answers pings while all the others connect.
    let server = child::Server::start(&mut child::serve(PROGRAM, &store, &["--ping", "600"]));
    let (address, start) = (server.address, Instant::now());
    let at_once = Arc::new(Semaphore::new(64));
    let mut connecting = JoinSet::new();
    for number in 0..devices {
        let at_once = at_once.clone();
        connecting.spawn(async move {
            let _turn = at_once.acquire_owned().await.expect("it is never closed");
            let (user, device) = (format!("user-{}", number / 2), ["phone", "laptop"][number % 2]);
            let client = Client::connect(address, &device_token(&user, device)).await;
            (user, client.expect("it connects"))
        });
    }
    let mut clients = connecting.join_all().await;
    println!("{devices} devices connected in {:?}", start.elapsed());
    // The last ones are counted a moment after they are answered.
    http::metrics_say(address, &format!("connections{{tenant=\"default\"}} {devices}\n")).await;

    let entered = json!({"roomID": "standup", "userID": "user-0", "deviceID": "phone"});
    for fact in [
        json!({"roomOpened": {"roomID": "standup", "owner": "user-0"}}),
        json!({"userEntered": entered}),
    ] {
        rig::fact(address, &fact).await;
    }
    let callee = format!("user-{}", devices / 4);
    let caller = clients.iter_mut().find(|(user, _)| user == "user-0");
    let start = Instant::now();
    let reply = caller.expect("it is there").1.reply(call("standup", &[&callee], 30)).await;
    assert_eq!(reply["answer"]["callUserToRoom"][&callee], "success", "{reply}");
    let mut rung = 0;
    for (_, client) in clients.iter_mut().filter(|(user, _)| *user == callee) {
        assert!(client.hear().await["event"]["onCallReceived"].is_object());
        rung += 1;
    }
    println!("both devices of {callee} rang after {:?}", start.elapsed());
    assert_eq!(rung, 2);
    // Of the others, who are outside, nobody heard of it.
    let others = clients.iter_mut().filter(|(user, _)| *user != callee && user != "user-0");
    for (user, client) in others.take(100) {
        assert_eq!(client.settle().await, Vec::<Value>::new(), "{user}");
    }
    server.kill();
}
