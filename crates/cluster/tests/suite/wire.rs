//! A client of the server: WebSockets of devices, and requests of the backend.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use roomcall::protocol::lines;
use roomcall_server::token::{Signer, Who, now};
use roomcall_testkit::suite::TransportError;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::serve::{PATIENCE, SECRET};

/// The status of a token with ids that are none.
const NO_ID: u16 = 400;

/// A device's connection, and what was heard on it and not received yet: a message has several lines.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: WebSocketStream<TcpStream>,
    heard: VecDeque<String>,
}

impl Connection {
    /// Connects a device, with a token that was issued at a second since 1970; `None` if nobody can be called so.
    pub(crate) async fn open(
        address: SocketAddr,
        user: &str,
        device: &str,
        issued: u64,
    ) -> Result<Option<Self>, TransportError> {
        let token = token(&Who::device(user, device), issued);
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{address}/v1/socket?token={token}");
        match timeout(PATIENCE, client_async(url, stream)).await? {
            Ok((socket, _)) => Ok(Some(Self { socket, heard: VecDeque::new() })),
            Err(Error::Http(answer)) if answer.status().as_u16() == NO_ID => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a line. What is wrong with the connection shows when it is read.
    pub(crate) async fn send(&mut self, line: String) {
        let _ = self.socket.send(Message::text(line)).await;
    }

    /// The next line; `None` if the server has ended the connection.
    pub(crate) async fn next(&mut self) -> Result<Option<String>, TransportError> {
        loop {
            if let Some(line) = self.heard.pop_front() {
                return Ok(Some(line));
            }
            match timeout(PATIENCE, self.socket.next()).await? {
                Some(Ok(Message::Text(text))) => {
                    let lines = lines(text.as_bytes()).map(String::from_utf8_lossy);
                    self.heard.extend(lines.map(Cow::into_owned));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Closes it, and waits until it is closed.
    pub(crate) async fn close(mut self) -> Result<(), TransportError> {
        // The server may have ended it already.
        let _ = self.socket.close(None).await;
        while let Some(Ok(_)) = timeout(PATIENCE, self.socket.next()).await? {}
        Ok(())
    }
}

/// Posts to the backend's API, and gives the answer.
pub(crate) async fn post(
    address: SocketAddr,
    path: &str,
    body: String,
) -> Result<String, TransportError> {
    let url = format!("http://{address}{path}");
    let token = format!("Bearer {}", token(&Who::Backend, now()));
    let answer = tokio::task::spawn_blocking(move || {
        ureq::post(url).header("Authorization", token).send(body)?.body_mut().read_to_string()
    });
    Ok(answer.await??)
}

fn token(who: &Who, issued: u64) -> String {
    let signer = Signer::of_secret(SECRET).expect("it is long enough");
    signer.sign(who, issued, issued + 3_600)
}
