//! Who gets in, and who does not.

use roomcall_server::token::{Claims, SharedSecret, Who, now};
use serde_json::json;

use crate::child::{self, PROGRAM};
use crate::client::Client;
use crate::http;
use crate::rig::{Rig, backend_token, device_token, memory, parts, secret};

fn claims(iat: u64, exp: u64) -> Claims {
    let who = Who::Device { user: "ana".to_owned(), device: "phone".to_owned() };
    Claims { who, iat, exp }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_token_connects() {
    let rig = Rig::start(parts(memory())).await;
    let other = SharedSecret::new(&[9; 32]).expect("it is long enough");
    let now = now();
    let mut changed = device_token("ana", "phone").into_bytes();
    changed[8] ^= 1;
    let cases = [
        ("none", String::new(), 401, "a token is needed"),
        ("no token at all", "hello".to_owned(), 401, "not a token"),
        ("expired", secret().sign(&claims(now - 100, now - 1)), 401, "has expired"),
        ("forged", other.sign(&claims(now, now + 100)), 401, "not signed"),
        ("changed", String::from_utf8(changed).expect("ASCII"), 401, "not signed"),
        ("the backend's", backend_token(), 403, "not for this"),
        (
            "good for ever",
            secret().sign(&claims(now, u64::MAX)),
            401,
            "valid for more than 86400 s",
        ),
        ("far too long", "x".repeat(5_000), 401, "not a token"),
    ];
    for (what, token, status, said) in cases {
        let Err(refused) = Client::connect(rig.address, &token).await else {
            panic!("{what}: it connects");
        };
        assert_eq!(refused.0, status, "{what}: {}", refused.1);
        assert!(refused.1.contains(said), "{what}: {}", refused.1);
    }
    assert!(Client::connect(rig.address, &device_token("ana", "phone")).await.is_ok());
    rig.stop().await;
}

/// What somebody has kept of a device is no longer valid once the device has a newer one. The newest
/// itself is good again and again: a device connects with it whenever its connection breaks.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_token_is_good_no_more() {
    let rig = Rig::start(parts(memory())).await;
    let (old, new) = (claims(now() - 50, now() + 900), claims(now() - 10, now() + 900));
    let (old, new) = (secret().sign(&old), secret().sign(&new));
    assert!(Client::connect(rig.address, &old).await.is_ok());
    assert!(Client::connect(rig.address, &new).await.is_ok());
    let mut phone = Client::connect(rig.address, &new).await.expect("it is the newest");
    let Err(refused) = Client::connect(rig.address, &old).await else { panic!("it connects") };
    assert!(refused.0 == 401 && refused.1.contains("newer token"), "{refused:?}");
    // Whoever tried did not cut off the device.
    assert_eq!(phone.settle().await, Vec::<serde_json::Value>::new());
    // Another device has tokens of its own.
    assert!(Client::connect(rig.address, &device_token("ana", "laptop")).await.is_ok());
    rig.stop().await;
}

/// The server remembers it: stopped, or killed, on a store on the disk.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_token_is_good_no_more_after_a_crash() {
    let folder = tempfile::tempdir().expect("there is room");
    let store = folder.path().join("tokens.redb");
    let start =
        || child::Server::start(&mut child::serve(PROGRAM, &store, &["--snapshot-bytes", "1"]));
    let (old, new) = (claims(now() - 50, now() + 900), claims(now() - 10, now() + 800));
    let (old, new) = (secret().sign(&old), secret().sign(&new));
    let server = start();
    assert!(Client::connect(server.address, &old).await.is_ok());
    assert!(Client::connect(server.address, &new).await.is_ok());
    server.kill();
    let is_refused = async |server: &child::Server| {
        let refused = Client::connect(server.address, &old).await.err();
        refused.is_some_and(|it| it.0 == 401 && it.1.contains("newer token"))
    };
    let server = start();
    assert!(is_refused(&server).await, "after a kill");
    // A snapshot is stored, which removes tokens that have expired: it has not.
    let fact = json!({"roomOpened": {"roomID": "standup", "owner": "ana"}}).to_string();
    assert_eq!(http::post(server.address, "/v1/facts", Some(&backend_token()), &fact).await.0, 200);
    server.stop();
    assert!(server.ends().0.success());
    let server = start();
    assert!(is_refused(&server).await, "after a stop");
    assert!(Client::connect(server.address, &new).await.is_ok());
    server.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_with_its_token() {
    let rig = Rig::start(parts(memory())).await;
    let token = secret().sign(&claims(now(), now() + 2));
    let mut phone = Client::connect(rig.address, &token).await.expect("it is good still");
    assert_eq!(phone.closes().await, Some(4401));
    let Err(refused) = Client::connect(rig.address, &token).await else { panic!("it connects") };
    assert_eq!(refused.0, 401);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_backend_uses_its_api() {
    let rig = Rig::start(parts(memory())).await;
    let opened = json!({"roomOpened": {"roomID": "standup", "owner": "eve"}}).to_string();
    let revoked =
        json!({"requestID": 1, "command": {"revokeCall": {"roomID": "r", "userIDList": ["bo"]}}});
    let device = device_token("eve", "phone");
    let expired = secret().sign(&Claims { who: Who::Backend, iat: 1, exp: now() - 1 });
    let other = SharedSecret::new(&[9; 32]).expect("it is long enough");
    let forged = other.sign(&Claims { who: Who::Backend, iat: now(), exp: now() + 100 });
    for (path, body) in [("/v1/facts", opened), ("/v1/requests", revoked.to_string())] {
        for (token, expected) in
            [(None, 401), (Some(&device), 403), (Some(&expired), 401), (Some(&forged), 401)]
        {
            let (status, said) =
                http::post(rig.address, path, token.map(String::as_str), &body).await;
            assert_eq!(status, expected, "{path}, {token:?}: {said}");
            assert!(said["error"].is_string(), "{said}");
        }
        // A token in the address ends up in logs: the backend's is not read there.
        let path = format!("{path}?token={}", backend_token());
        assert_eq!(http::post(rig.address, &path, None, &body).await.0, 401);
    }
    let asked = rig.post("/v1/facts", &json!({"roomOpened": {"roomID": "x"}})).await;
    assert_eq!(asked.0, 400, "{}", asked.1);
    rig.stop().await;
}
