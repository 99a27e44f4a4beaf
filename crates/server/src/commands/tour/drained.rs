//! A server that is told to go while somebody rings: it begins no call any more, and waits for the one.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::check::Check;
use super::child::Running;
use crate::commands::load::backend::Http;

/// For how long it is looked whether the server waits.
const LOOKS: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(50);

/// The backend rings bo for ana, who is still in the room; then comes SIGTERM; then it rings eve, in vain; then it ends the call of bo. What was not
/// as it has to be, and how the server ended.
pub(super) async fn drained(
    mut server: Running,
    http: &mut Http,
) -> io::Result<(Check, ExitStatus)> {
    let mut wrong = Vec::new();
    let rang = call(http, "bo").await?;
    if rang["answer"]["callUserToRoom"]["bo"] != "success" {
        return Err(io::Error::other(format!("bo does not ring: {rang}")));
    }
    println!("  the backend calls bo, who rings; then comes SIGTERM");
    server.terminate()?;
    let mut is_ready = true;
    for _ in 0..LOOKS {
        sleep(BETWEEN).await;
        is_ready = http.exchange("GET", "/readyz", "").await?.0 == 200;
        if !is_ready {
            break;
        }
    }
    if is_ready {
        wrong.push("it says that it is ready".to_owned());
    }
    let refused = call(http, "eve").await?;
    match refused["refused"]["rule"].as_str() {
        Some("L-15") => println!("  a call of eve is refused (L-15), and the one of bo rings on"),
        _ => wrong.push(format!("a call is begun while it drains: {refused}")),
    }
    if let Some(status) = server.has_ended()? {
        wrong.push(format!("it did not wait for the call: {status}"));
    }
    let users = json!({"roomID": "standup", "userIDList": ["bo"]});
    let ended = ask(http, json!({"revokeCall": users})).await?;
    if ended["answer"]["revokeCall"]["bo"] != "revoked" {
        wrong.push(format!("the call of bo is not ended: {ended}"));
    }
    let status = server.wait().await?;
    Ok((("while it drained, it began no call and ended none".to_owned(), wrong), status))
}

async fn call(http: &mut Http, user: &str) -> io::Result<Value> {
    let call = json!({"roomID": "standup", "userIDList": [user], "timeout": 60, "caller": "ana"});
    ask(http, json!({"callUserToRoom": call})).await
}

async fn ask(http: &mut Http, command: Value) -> io::Result<Value> {
    let request = json!({ "command": command }).to_string();
    let (_, body) = http.exchange("POST", "/v1/requests", &request).await?;
    serde_json::from_str(&body).map_err(io::Error::other)
}
