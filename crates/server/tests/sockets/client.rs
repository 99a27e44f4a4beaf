//! A connection that sends and hears exactly what a test says, good or bad.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use roomcall::protocol::lines;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::rig::PATIENCE;

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    /// The number of the last request.
    pub(crate) request_id: u64,
    /// What came in one message with what was heard last.
    pub(crate) heard: VecDeque<Value>,
}

impl Client {
    /// Connects with a token; an error is the status and what the server said.
    pub(crate) async fn connect(address: SocketAddr, token: &str) -> Result<Self, (u16, String)> {
        Self::over(TcpStream::connect(address).await.expect("it listens"), token).await
    }

    /// Connects over a stream that is there.
    pub(crate) async fn over(stream: TcpStream, token: &str) -> Result<Self, (u16, String)> {
        let address = stream.peer_addr().expect("it is connected");
        let query = if token.is_empty() { String::new() } else { format!("?token={token}") };
        let url = format!("ws://{address}/v1/socket{query}");
        match timeout(PATIENCE, client_async(url, stream)).await.expect("the server answers") {
            Ok((socket, _)) => Ok(Self { socket, request_id: 0, heard: VecDeque::new() }),
            Err(Error::Http(answer)) => {
                let said = answer.body().clone().unwrap_or_default();
                Err((answer.status().as_u16(), String::from_utf8_lossy(&said).into_owned()))
            }
            // The server was gone, or went while it answered.
            Err(why @ (Error::Io(_) | Error::Protocol(ProtocolError::HandshakeIncomplete))) => {
                Err((0, why.to_string()))
            }
            Err(why) => panic!("no WebSocket: {why}"),
        }
    }

    /// Sends a text. A connection that is gone does not hear it.
    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        let _ = self.socket.send(Message::text(text.into())).await;
    }

    /// The next line; `Err` with the close code when it is over.
    pub(crate) async fn next(&mut self) -> Result<Value, Option<u16>> {
        timeout(PATIENCE, self.wait()).await.expect("something comes")
    }

    async fn wait(&mut self) -> Result<Value, Option<u16>> {
        loop {
            if let Some(line) = self.heard.pop_front() {
                return Ok(line);
            }
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let read = |line| serde_json::from_slice(line).expect("it is JSON");
                    self.heard.extend(lines(text.as_bytes()).map(read));
                }
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|it| it.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The next line, on a connection that lives.
    pub(crate) async fn hear(&mut self) -> Value {
        self.next().await.expect("the connection lives")
    }

    /// The close code, after whatever came before it.
    pub(crate) async fn closes(&mut self) -> Option<u16> {
        let over = async {
            loop {
                if let Err(code) = self.next().await {
                    return code;
                }
            }
        };
        timeout(PATIENCE, over).await.expect("it is closed")
    }

    /// Lines up to the next that has this in it, which is the last of them.
    pub(crate) async fn until(&mut self, what: &str) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            let next = self.hear().await;
            let is_it = next.to_string().contains(what);
            heard.push(next);
            if is_it {
                return heard;
            }
        }
    }

    /// Sends a numbered request, as `{"command":..}` or `{"query":..}`, and waits for the reply.
    /// What else is heard meanwhile comes first.
    pub(crate) async fn ask(&mut self, request: Value) -> (Vec<Value>, Value) {
        self.request_id += 1;
        let mut frame = request;
        frame["requestID"] = json!(self.request_id);
        self.send(frame.to_string()).await;
        let mut heard = Vec::new();
        loop {
            let next = self.hear().await;
            if next["requestID"] == json!(self.request_id) {
                return (heard, next);
            }
            heard.push(next);
        }
    }

    /// The reply to a request, and nothing else.
    pub(crate) async fn reply(&mut self, request: Value) -> Value {
        self.ask(request).await.1
    }

    /// Everything that was sent to this connection so far and not heard yet.
    pub(crate) async fn settle(&mut self) -> Vec<Value> {
        self.ask(json!({"query": {"getIncomingCalls": {}}})).await.0
    }
}

pub(crate) fn call(room: &str, users: &[&str], timeout: u32) -> Value {
    let call = json!({"roomID": room, "userIDList": users, "timeout": timeout});
    json!({"command": {"callUserToRoom": call}})
}

pub(crate) fn cancel(room: &str, users: &[&str]) -> Value {
    json!({"command": {"cancelCall": {"roomID": room, "userIDList": users}}})
}

pub(crate) fn accept(room: &str) -> Value {
    json!({"command": {"acceptCall": {"roomID": room}}})
}
