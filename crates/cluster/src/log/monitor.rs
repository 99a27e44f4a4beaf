//! What a server of NATS says of itself over its monitoring port.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server answers at once, or something is wrong with it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks for a page: `http://127.0.0.1:8222` and `/varz`, say.
pub(super) async fn ask(url: &str, page: &str) -> Result<Value, String> {
    let answered = timeout(PATIENCE, answer(url, page)).await;
    let answered = answered.map_err(|_| format!("no answer within {PATIENCE:?}"));
    answered.and_then(|it| it).map_err(|why| format!("{url}{page}: {why}"))
}

async fn answer(url: &str, page: &str) -> Result<Value, String> {
    let host = url.strip_prefix("http://").map(|it| it.trim_end_matches('/'));
    let host = host.ok_or("the URL of a monitoring port has the form http://host:port")?;
    let text = |why: std::io::Error| why.to_string();
    let mut stream = TcpStream::connect(host).await.map_err(text)?;
    // By the older version of HTTP an answer is as it is, and ends with the connection.
    let request = format!("GET {page} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.map_err(text)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map_err(text)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("it is no answer of HTTP")?;
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        return Err(format!("{status}: {}", body.trim()));
    }
    serde_json::from_str(body).map_err(|why| why.to_string())
}
