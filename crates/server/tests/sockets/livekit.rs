//! Webhooks of LiveKit over HTTP: signed, or not taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jsonwebtoken::{EncodingKey, Header, encode};
use roomcall_server::livekit::LiveKit;
use roomcall_server::livekit::rooms::Scheme;
use roomcall_server::livekit::signature::Keys;
use roomcall_server::token::now;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::call;
use crate::http;
use crate::rig::{Rig, memory, parts};

const KEY: &str = "APItests";
const SECRET: &str = "a secret of an API key of the tests";

/// A server that takes webhooks.
async fn rig() -> Rig {
    let keys = Keys::read(&format!("{KEY}: {SECRET}")).expect("it is a key");
    let livekit = Some(LiveKit::new(keys, Scheme::default()));
    let mut parts = parts(memory());
    parts.tenants[0].livekit = livekit;
    Rig::start(parts).await
}

/// The token that signs a body.
fn signed(body: &str, secret: &str) -> String {
    let hash = BASE64.encode(Sha256::digest(body));
    let claims = json!({"iss": KEY, "nbf": now(), "exp": now() + 300, "sha256": hash});
    let key = EncodingKey::from_secret(secret.as_bytes()).expect("it is a key");
    encode(&Header::default(), &claims, &key).expect("it can be signed")
}

fn sample(name: &str) -> String {
    let path = format!("{}/samples/livekit/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("it can be read")
}

async fn post(rig: &Rig, body: &str) -> (u16, Value) {
    http::post(rig.address, "/v1/livekit", Some(&signed(body, SECRET)), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn livekit_says_who_is_there() {
    let rig = rig().await;
    let (mut ana, mut bo) = (rig.connect("ana", "mac").await, rig.connect("bo", "phone").await);
    assert_eq!(post(&rig, &sample("room-started")).await.0, 200);
    let (status, said) = post(&rig, &sample("joined-ana")).await;
    assert_eq!((status, &said[0]["answer"]["fact"]), (200, &json!({"opening": 1})));
    let called = ana.reply(call("standup", &["bo"], 60)).await;
    assert_eq!(called["answer"]["callUserToRoom"]["bo"], "success");
    assert!(bo.hear().await["event"].get("onCallReceived").is_some());
    let (status, said) = post(&rig, &sample("track-published")).await;
    assert_eq!((status, said), (200, json!([])), "it means nothing, and is not sent again");
    assert_eq!(post(&rig, &sample("joined-bo")).await.0, 200);
    ana.until("onCallAccepted").await;
    let (status, said) = post(&rig, &sample("joined-bo")).await;
    assert_eq!((status, &said[0]["answer"]["fact"]["ignored"]), (200, &json!("F-05")), "repeated");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn livekit_has_to_sign() {
    let rig = rig().await;
    let (body, path) = (sample("joined-ana"), "/v1/livekit");
    let forged = signed(&body, "another secret, which is long enough");
    for token in [None, Some("no token"), Some(&*forged), Some(&*signed("{}", SECRET))] {
        let (status, said) = http::post(rig.address, path, token, &body).await;
        assert_eq!(status, 401, "{token:?}: {said}");
        assert!(said["error"].is_string(), "{said}");
    }
    let nameless = body.replace("RM_hT4vPz8QmKdA", "");
    for (body, field) in [(&*nameless, "room.sid"), ("{", "EOF"), ("{}", "event")] {
        let (status, said) = post(&rig, body).await;
        assert_eq!(status, 400, "{said}");
        assert!(said["error"].as_str().is_some_and(|why| why.contains(field)), "{said}");
    }
    assert_eq!(post(&rig, &"x".repeat((1 << 20) + 1)).await.0, 413);
    // Nothing of it was stated.
    let opened = rig.fact(json!({"roomOpened": {"roomID": "standup", "owner": "ana"}})).await;
    assert_eq!(opened["answer"]["fact"], json!({"opening": 1}));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn livekit_is_not_taken_where_it_is_not_set_up() {
    let rig = Rig::start(parts(memory())).await;
    let (status, said) = post(&rig, &sample("joined-ana")).await;
    assert_eq!(status, 404, "{said}");
    assert!(said["error"].as_str().is_some_and(|why| why.contains("--livekit-key-file")), "{said}");
    rig.stop().await;
}
