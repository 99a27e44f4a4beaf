//! Who gets in, and who does not.

use roomcall_server::token::{Signer, Who, now};
use serde_json::json;

use crate::child::{self, PROGRAM};
use crate::client::Client;
use crate::http;
use crate::rig::{self, Rig, backend_token, device_token, memory, parts, signer};

fn token(iat: u64, exp: u64) -> String {
    signer().sign(&Who::device("ana", "phone"), iat, exp)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_token_connects() {
    let rig = Rig::start(parts(memory())).await;
    let other = Signer::of_secret(&[9; 32]).expect("it is long enough");
    let now = now();
    let phone = |signer: &Signer, iat, exp| signer.sign(&Who::device("ana", "phone"), iat, exp);
    let long = "x".repeat(65);
    let of = |user: &str, device: &str| signer().sign(&Who::device(user, device), now, now + 9);
    let of_another = signer().issuer("https://example.com");
    let cases = [
        ("none", String::new(), 401, "a token is needed"),
        ("no token at all", "hello".to_owned(), 401, "not a token"),
        ("expired", token(now - 200, now - 61), 401, "has expired"),
        ("of the future", token(now + 90, now + 100), 401, "of the future, by more than the 60 s"),
        ("forged", phone(&other, now, now + 100), 401, "not signed"),
        ("of another issuer", phone(&of_another, now, now + 9), 401, "no tenant of this server"),
        ("the backend's", backend_token(), 403, "not for this"),
        ("good for ever", token(now, 1 << 40), 401, "valid for more than 86400 s"),
        ("far too long", "x".repeat(5_000), 401, "not a token"),
        ("of nobody", of("", "phone"), 400, "from 1 to 64 bytes"),
        ("of no device", of("ana", ""), 400, "from 1 to 64 bytes"),
        ("of a long name", of(&long, "phone"), 400, "from 1 to 64 bytes"),
        ("of a device with a long name", of("ana", &long), 400, "from 1 to 64 bytes"),
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
    let (old, new) = (token(now() - 50, now() + 900), token(now() - 10, now() + 900));
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
    let (old, new) = (token(now() - 50, now() + 900), token(now() - 10, now() + 800));
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
    rig::fact(server.address, &json!({"roomOpened": {"roomID": "standup", "owner": "ana"}})).await;
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
    // Until its time is over by the clock of who issued it, which may be behind.
    let token = token(now() - 100, now() - 58);
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
    let expired = signer().sign(&Who::Backend, 1, now() - 61);
    let other = Signer::of_secret(&[9; 32]).expect("it is long enough");
    let forged = other.sign(&Who::Backend, now(), now() + 100);
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
