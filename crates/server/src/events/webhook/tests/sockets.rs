//! Over the network.

use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use super::rig::SECRET;
use super::*;

type Came = mpsc::UnboundedSender<(HeaderMap, Bytes)>;

async fn endpoint(routes: Router) -> Uri {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    format!("http://{address}/events").parse().unwrap()
}

/// HMAC-SHA256 as RFC 2104 writes it, by a hash alone.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|it| it ^ 0x36)).chain_update(text).finalize();
    let outer = Sha256::new().chain_update(block.map(|it| it ^ 0x5c)).chain_update(inner);
    outer.finalize().into()
}

#[tokio::test]
async fn an_event_is_signed_and_sent() {
    let (came, mut comes) = mpsc::unbounded_channel();
    let take = |headers: HeaderMap, body: Bytes, came: Came| async move {
        came.send((headers, body)).unwrap();
        StatusCode::NO_CONTENT
    };
    let take = move |headers, body| take(headers, body, came.clone());
    let url = endpoint(Router::new().route("/events", post(take))).await;
    let client = Arc::new(Client::new().unwrap());
    let rig = Rig::over(client, url, Pace::default()).go_on(EventId::default()).await;
    rig.put(&[ring(12, 3, 7)]);
    let came = timeout(10 * SECOND, comes.recv()).await;
    let (headers, body) = came.expect("it comes").expect("the endpoint is there");
    let header = |name: &str| headers[name].to_str().unwrap();
    assert_eq!(header("webhook-id"), "12-3");
    assert_eq!(header("content-type"), "application/json");
    let timestamp = header("webhook-timestamp");
    assert_eq!(timestamp, (rig::START / 1_000).to_string());
    let signed = [b"12-3.", timestamp.as_bytes(), b".", &body].concat();
    let key = BASE64.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let expected = format!("v1,{}", BASE64.encode(hmac(&key, &signed)));
    assert_eq!(header("webhook-signature"), expected);
    assert_eq!(rig.position().await, "12-3");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_error_is_tried_again() {
    let (came, mut comes) = mpsc::unbounded_channel();
    let followed = came.clone();
    let mut times = 0;
    let times = Arc::new(std::sync::Mutex::new(move || {
        times += 1;
        times
    }));
    let take = move || {
        let times = rig::lock(&times)();
        came.send(times).unwrap();
        async move {
            match times {
                1 => Redirect::temporary("/elsewhere").into_response(),
                2 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                _ => StatusCode::OK.into_response(),
            }
        }
    };
    let elsewhere = move || {
        followed.send(99).unwrap();
        async { StatusCode::OK }
    };
    let routes = Router::new().route("/events", post(take)).route("/elsewhere", post(elsewhere));
    let url = endpoint(routes).await;
    let pace = Pace {
        first_wait: Duration::from_millis(10),
        report: Duration::from_millis(10),
        ..Pace::default()
    };
    let client = Arc::new(Client::new().unwrap());
    let rig = Rig::over(client, url, pace).go_on(EventId::default()).await;
    rig.put(&[ring(1, 0, 7)]);
    for expected in 1..=3 {
        assert_eq!(timeout(10 * SECOND, comes.recv()).await, Ok(Some(expected)));
    }
    assert_eq!(rig.position().await, "1-0");
}
