//! One connected device: its messages in, what it is told out, and every reason to cut it off.

use std::io::ErrorKind;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use roomcall::protocol::lines;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;

use crate::allowance::{Allowance, Rate};
use crate::close_code::CloseCode;
use crate::engine::Job;
use crate::hub::{self, Number};
use crate::redact::Redacted;
use crate::unknown;

/// What is allowed on one connection.
#[derive(Clone, Copy, Debug)]
pub struct SocketLimits {
    /// The longest message, in bytes.
    pub message_bytes: usize,
    /// Requests a second, in the long run; so is each ping that nobody asked for.
    pub rate: u32,
    /// Requests at once, after a pause.
    pub burst: u32,
    /// A ping is sent this often; where nothing is heard for twice as long, or something cannot be
    /// sent for as long, the connection is closed.
    pub ping: Duration,
}

impl SocketLimits {
    /// The rate of messages.
    pub fn messages(&self) -> Rate {
        Rate { each_second: self.rate.into(), at_once: self.burst.into() }
    }

    /// The rate of bytes: as many as messages can have. It also limits frames that are none.
    pub fn bytes(&self) -> Rate {
        // A frame has a head.
        let each = (self.message_bytes as u64).saturating_add(14);
        let Rate { each_second, at_once } = self.messages();
        Rate {
            each_second: each_second.saturating_mul(each),
            at_once: at_once.saturating_mul(each),
        }
    }
}

/// How long a closing that the other side began may take.
const LINGER: Duration = Duration::from_secs(2);

/// Who is connected, by a token that was good.
#[derive(Clone, Debug)]
pub struct Device {
    /// The user.
    pub user: String,
    /// The device.
    pub device: String,
    /// When the token expires.
    pub until: Instant,
}

/// Serves a connection to its end.
pub async fn serve(
    mut socket: WebSocket,
    who: Device,
    limits: SocketLimits,
    jobs: mpsc::Sender<Job>,
    (number, mut line): (Number, hub::Line),
) -> Option<CloseCode> {
    let allowance = Allowance::new(limits.messages());
    let mut connection = Connection { who, number, limits, jobs, allowance, has_warned: false };
    let why = connection.talk(&mut socket, &mut line).await;
    let user = connection.who.user.clone();
    tracing::debug!(user = %Redacted(&user), why = why.map(CloseCode::word), "a connection is over");
    // The engine may have stopped: then it has forgotten the connection already.
    let _ = connection.jobs.send(Job::Disconnect { user, number }).await;
    if why.is_none() {
        // A closing that the other side began is answered with the next look.
        let _ = timeout(LINGER, socket.recv()).await;
    }
    if why == Some(CloseCode::GoingAway) {
        // What it was told before the server stopped it still hears.
        while let Ok(text) = line.messages.try_recv() {
            let sent = timeout(limits.ping, socket.send(Message::Text(text))).await;
            if !matches!(sent, Ok(Ok(()))) {
                break;
            }
        }
    }
    if let Some(why) = why {
        let frame = CloseFrame { code: why.code(), reason: why.reason().into() };
        // Who does not take it is gone.
        let _ = timeout(limits.ping, socket.send(Message::Close(Some(frame)))).await;
    }
    why
}

struct Connection {
    who: Device,
    number: Number,
    limits: SocketLimits,
    jobs: mpsc::Sender<Job>,
    /// Of messages.
    allowance: Allowance,
    /// Whether it was logged that there are fields that are not known: once is enough.
    has_warned: bool,
}

impl Connection {
    /// Until one side has enough; `None` if the other closed it.
    async fn talk(&mut self, socket: &mut WebSocket, line: &mut hub::Line) -> Option<CloseCode> {
        let mut pings = interval(self.limits.ping);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut heard, mut is_owed) = (Instant::now(), false);
        let until = sleep_until(self.who.until);
        tokio::pin!(until);
        loop {
            tokio::select! {
                biased;
                why = &mut line.close_code => return Some(why.unwrap_or(CloseCode::GoingAway)),
                () = &mut until => return Some(CloseCode::Expired),
                _ = pings.tick() => {
                    if heard.elapsed() > self.limits.ping * 2 {
                        return Some(CloseCode::Stalled);
                    }
                    is_owed = true;
                    if let Err(why) = self.send(socket, Message::Ping(Default::default()), &mut line.close_code).await {
                        return why;
                    }
                }
                message = line.messages.recv() => {
                    let text = message.unwrap_or_default();
                    if let Err(why) = self.send(socket, Message::Text(text), &mut line.close_code).await {
                        return why;
                    }
                }
                message = socket.recv() => {
                    heard = Instant::now();
                    match message {
                        None | Some(Ok(Message::Close(_))) => return None,
                        Some(Err(error)) => return reason(error),
                        Some(Ok(Message::Text(text))) => {
                            if let Err(why) = self.requests(&text).await {
                                return Some(why);
                            }
                        }
                        Some(Ok(Message::Binary(_))) => return Some(CloseCode::Malformed),
                        // What the server has asked for is not counted.
                        Some(Ok(Message::Pong(_))) if is_owed => is_owed = false,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                            if !self.allowance.take(1) {
                                return Some(CloseCode::TooFast);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Sends a message, unless it takes too long or the connection is to be closed meanwhile.
    async fn send(
        &self,
        socket: &mut WebSocket,
        message: Message,
        close_code: &mut oneshot::Receiver<CloseCode>,
    ) -> Result<(), Option<CloseCode>> {
        tokio::select! {
            // What can be sent is, before the connection is closed.
            biased;
            sent = timeout(self.limits.ping, socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(reason(error)),
                Err(_) => Err(Some(CloseCode::Stalled)),
            },
            why = close_code => Err(Some(why.unwrap_or(CloseCode::GoingAway))),
        }
    }

    /// The requests of a message, one a line: of a message that is malformed, none.
    async fn requests(&mut self, text: &Utf8Bytes) -> Result<(), CloseCode> {
        let mut frames = Vec::new();
        for line in lines(text.as_bytes()) {
            if !self.allowance.take(1) {
                return Err(CloseCode::TooFast);
            }
            let (frame, ignored) = unknown::read(line).map_err(|why| {
                let (user, why) = (Redacted(&self.who.user), why.place());
                tracing::debug!(%user, why, "a line is no request");
                CloseCode::Malformed
            })?;
            if !ignored.is_empty() && !self.has_warned {
                let user = Redacted(&self.who.user);
                tracing::warn!(%user, ?ignored, "a request has fields that are not known: they are ignored");
                self.has_warned = true;
            }
            frames.push(frame);
        }
        for frame in frames {
            let (user, number, request_id) = (self.who.user.clone(), self.number, frame.request_id);
            let input = frame.request.input(hub::actor(&self.who.user, &self.who.device));
            let job = Job::Request { user, number, request_id, input };
            self.jobs.send(job).await.map_err(|_| CloseCode::GoingAway)?;
        }
        Ok(())
    }
}

/// Why a connection is closed on which no message could be read or sent; `None` if it broke.
fn reason(error: axum::Error) -> Option<CloseCode> {
    match *error.into_inner().downcast::<Error>().ok()? {
        Error::Capacity(_) => Some(CloseCode::TooLarge),
        Error::Utf8(_) => Some(CloseCode::NotText),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some(CloseCode::NoWebSocket),
        Error::Io(why) if why.kind() == ErrorKind::QuotaExceeded => Some(CloseCode::TooFast),
        _ => None,
    }
}
