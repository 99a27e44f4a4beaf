//! Devices that are revoked: closed, out of their rooms, and kept out.

use roomcall::{CallerLeft, Limits, Policy};
use roomcall_server::token::{Who, now};
use serde_json::{Value, json};

use crate::child::{self, PROGRAM};
use crate::client::{Client, call};
use crate::http::send;
use crate::rig::{self, Rig, backend_token, device_token, memory, parts, parts_with, signer};

fn token(device: &str, iat: u64) -> String {
    signer().sign(&Who::device("ana", device), iat, now() + 900)
}

async fn revoke(address: std::net::SocketAddr, path: &str) -> u16 {
    let path = format!("/v1/users/{path}");
    send(address, "DELETE", &path, Some(&backend_token()), "").await.0
}

async fn refused(address: std::net::SocketAddr, token: &str) -> Option<(u16, String)> {
    Client::connect(address, token).await.err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_closed_and_kept_out() {
    let rig = Rig::start(parts(memory())).await;
    let (old, kept) = (token("phone", now() - 50), token("phone", now() - 60));
    let mut phone = Client::connect(rig.address, &old).await.expect("it is good");
    let mut laptop = rig.connect("ana", "laptop").await;
    assert_eq!(revoke(rig.address, "ana/devices/phone").await, 204);
    assert_eq!(phone.closes().await, Some(4403));
    assert_eq!(laptop.settle().await, Vec::<Value>::new());
    for token in [&old, &kept] {
        let refused = refused(rig.address, token).await;
        assert!(refused.as_ref().is_some_and(|it| it.0 == 401 && it.1.contains("was revoked")));
    }
    // It is done already, or there was nothing to do.
    assert_eq!(revoke(rig.address, "ana/devices/phone").await, 204);
    assert_eq!(revoke(rig.address, "nobody/devices/none").await, 204);
    // Who signs in again gets a new token.
    assert!(refused(rig.address, &token("phone", now() + 30)).await.is_none());
    // All devices of the user.
    assert_eq!(revoke(rig.address, "ana/devices").await, 204);
    assert_eq!(laptop.closes().await, Some(4403));
    for device in ["phone", "laptop", "unseen"] {
        assert!(refused(rig.address, &token(device, now() - 1)).await.is_some(), "{device}");
    }
    assert!(refused(rig.address, &device_token("bo", "phone")).await.is_none());
    rig.stop().await;
}

/// Ids are bytes: in a path they are percent-encoded.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_in_a_path_is_whole() {
    let rig = Rig::start(parts(memory())).await;
    let mut one = rig.connect("ana/é x", "a%2Fb").await;
    let mut other = rig.connect("ana", "é x").await;
    assert_eq!(revoke(rig.address, "ana%2F%C3%A9%20x/devices/a%252Fb").await, 204);
    assert_eq!(one.closes().await, Some(4403));
    assert_eq!(other.settle().await, Vec::<Value>::new());
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_backend_revokes() {
    let rig = Rig::start(parts(memory())).await;
    let mut phone = rig.connect("ana", "phone").await;
    for (token, expected) in [(None, 401), (Some(device_token("ana", "phone")), 403)] {
        for path in ["/v1/users/ana/devices/phone", "/v1/users/ana/devices"] {
            let token = token.as_deref();
            assert_eq!(send(rig.address, "DELETE", path, token, "").await.0, expected, "{path}");
        }
    }
    assert_eq!(phone.settle().await, Vec::<Value>::new());
    rig.stop().await;
}

/// A revoked device is in no room any longer, with what follows by the rules: here its calls end (F-07).
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_in_no_room() {
    let policy = Policy { caller_left: CallerLeft::CancelCalls, ..Policy::DEFAULT };
    let rig = Rig::start(parts_with(Limits::DEFAULT, policy)).await;
    rig.open("standup", "ana", "phone").await;
    rig.enter("standup", "cy", "phone").await;
    let mut phone = rig.connect("ana", "phone").await;
    let (mut bo, mut cy) = (rig.connect("bo", "phone").await, rig.connect("cy", "phone").await);
    phone.reply(call("standup", &["bo"], 30)).await;
    bo.until("onCallReceived").await;
    // Another device of hers is in no room: nothing happens to the call.
    assert_eq!(revoke(rig.address, "ana/devices/laptop").await, 204);
    assert_eq!(bo.settle().await, Vec::<Value>::new());
    assert_eq!(revoke(rig.address, "ana/devices/phone").await, 204);
    bo.until("onCallCancelled").await;
    let told = cy.settle().await;
    assert!(told.iter().any(|it| it["to"]["room"] == "standup"), "the room is told: {told:?}");
    let left = rig.fact(json!({"userLeft": {"roomID": "standup", "userID": "ana"}})).await;
    assert_eq!(left["answer"]["fact"]["ignored"], "F-06", "she has left: {left}");
    rig.stop().await;
}

/// It is durable when it is answered, and outlives snapshots.
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_kept_out_after_a_crash() {
    let folder = tempfile::tempdir().expect("there is room");
    let store = folder.path().join("revoked.redb");
    let start =
        || child::Server::start(&mut child::serve(PROGRAM, &store, &["--snapshot-bytes", "1"]));
    let old = token("phone", now() - 50);
    let server = start();
    assert!(refused(server.address, &old).await.is_none());
    for fact in [
        json!({"roomOpened": {"roomID": "standup", "owner": "ana"}}),
        json!({"userEntered": {"roomID": "standup", "userID": "ana", "deviceID": "phone"}}),
    ] {
        let said = rig::fact(server.address, &fact).await;
        assert_eq!(said["answer"]["fact"]["ignored"], Value::Null, "{said}");
    }
    assert_eq!(revoke(server.address, "ana/devices/phone").await, 204);
    assert_eq!(revoke(server.address, "bo/devices").await, 204);
    server.kill();
    for _ in 0..2 {
        let server = start();
        let was = refused(server.address, &old).await;
        assert!(was.as_ref().is_some_and(|it| it.1.contains("was revoked")), "{was:?}");
        let bo = signer().sign(&Who::device("bo", "any"), now() - 50, now() + 900);
        assert!(refused(server.address, &bo).await.is_some());
        let left = json!({"userLeft": {"roomID": "standup", "userID": "ana"}});
        let left = rig::fact(server.address, &left).await;
        assert_eq!(left["answer"]["fact"]["ignored"], "F-06", "{left}");
        server.stop();
        assert!(server.ends().0.success());
    }
}
