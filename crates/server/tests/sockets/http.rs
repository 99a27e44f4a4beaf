//! As much of HTTP as the tests need.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::rig::PATIENCE;

/// Posts a body, and gives status and answer; status 0 is a connection that broke.
pub(crate) async fn post(
    address: SocketAddr,
    path: &str,
    token: Option<&str>,
    body: &str,
) -> (u16, Value) {
    send(address, "POST", path, token, body).await
}

/// Sends a request, and gives status and answer.
pub(crate) async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &str,
) -> (u16, Value) {
    let token = token.map_or(String::new(), |it| format!("Authorization: Bearer {it}\r\n"));
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: test\r\n{token}Content-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    let (status, text) = exchange(address, &request).await;
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    exchange(address, &format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"))
        .await
}

async fn exchange(address: SocketAddr, request: &str) -> (u16, String) {
    let exchanged = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let exchanged = timeout(PATIENCE, exchanged).await.expect("the server answers");
    let answer = String::from_utf8(exchanged.unwrap_or_default()).expect("it is text");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or(0), body.to_owned())
}

/// The metrics come to have this text in them.
pub(crate) async fn metrics_say(address: SocketAddr, text: &str) {
    let start = Instant::now();
    loop {
        let (_, metrics) = get(address, "/metrics").await;
        if metrics.contains(text) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{text} is not in {metrics}");
        sleep(Duration::from_millis(20)).await;
    }
}
