//! One connected device: its messages in, what it is told out, and every reason to cut it off.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use roomcall::protocol::{Frame, lines};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;

use crate::allowance::{Allowance, Rate};
use crate::close_code::CloseCode;
use crate::engine::Job;
use crate::hub::{self, Number, Outgoing};
use crate::malformed::Malformed;
use crate::progress::Progress;
use crate::queue::Next;
use crate::redact::Redacted;
use crate::unknown;

/// What is allowed on one connection.
#[derive(Clone, Copy, Debug)]
pub struct SocketLimits {
    /// The longest message, in bytes.
    pub message_bytes: usize,
    /// Requests a second, in the long run; so is each ping that nobody asked for, and a line that is no
    /// request is five.
    pub rate: u32,
    /// Requests at once, after a pause.
    pub burst: u32,
    /// A ping is sent this often; where nothing is heard for twice as long, the connection is closed.
    pub ping: Duration,
    /// Where nothing is taken of what is sent for so long, too; where much waits, for a quarter of it.
    pub stall: Duration,
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

/// A line that is no request counts as so many.
const MALFORMED: u64 = 5;

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
pub(crate) async fn serve(
    mut socket: WebSocket,
    who: Device,
    limits: SocketLimits,
    jobs: mpsc::Sender<Job>,
    (number, outgoing): (Number, Outgoing),
    progress: Progress,
) -> Option<CloseCode> {
    let allowance = Allowance::new(limits.messages());
    let (asked, refused) = (VecDeque::new(), None);
    let mut connection = Connection {
        who,
        number,
        limits,
        outgoing,
        progress,
        allowance,
        asked,
        refused,
        has_warned: false,
    };
    let why = connection.talk(&mut socket, &jobs).await;
    let Connection { who: Device { user, .. }, outgoing, .. } = connection;
    tracing::debug!(user = %Redacted(&user), why = why.map(CloseCode::word), "a connection is over");
    // The engine may have stopped: then it has forgotten the connection already.
    let _ = jobs.send(Job::Disconnect { user, number }).await;
    if why.is_none() {
        // A closing that the other side began is answered with the next look.
        let _ = timeout(LINGER, socket.recv()).await;
    }
    if why == Some(CloseCode::GoingAway) {
        // What it was told before the server stopped it still hears.
        let rest = async {
            while let Some(text) = outgoing.take()
                && socket.send(Message::Text(text)).await.is_ok()
            {}
        };
        // Who does not take it is gone, and gets no other word.
        let _ = timeout(limits.ping, rest).await;
    }
    drop(outgoing);
    if let Some(why) = why {
        let frame = CloseFrame { code: why.code(), reason: why.reason().into() };
        let patience = if why == CloseCode::TooSlow { LINGER } else { limits.ping };
        // Who does not take it is gone.
        let _ = timeout(patience, socket.send(Message::Close(Some(frame)))).await;
    }
    why
}

struct Connection {
    who: Device,
    number: Number,
    limits: SocketLimits,
    outgoing: Outgoing,
    progress: Progress,
    /// Of messages.
    allowance: Allowance,
    /// The lines of the last message that are not with the engine yet. As long as there are any, nothing
    /// more is read.
    asked: VecDeque<Bytes>,
    /// Said once those before it are answered; until then no further line is looked at.
    refused: Option<Malformed>,
    /// Whether it was logged that there are fields that are not known: once is enough.
    has_warned: bool,
}

impl Connection {
    /// Until one side has enough; `None` if the other closed it.
    async fn talk(
        &mut self,
        socket: &mut WebSocket,
        jobs: &mpsc::Sender<Job>,
    ) -> Option<CloseCode> {
        let mut pings = interval(self.limits.ping);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut heard, mut is_owed) = (Instant::now(), false);
        let until = sleep_until(self.who.until);
        tokio::pin!(until);
        loop {
            if let Some(why) = self.outgoing.close_code() {
                return Some(why);
            }
            if self.outgoing.is_answered()
                && let Some(refused) = self.refused.take()
            {
                self.outgoing.add_line(refused.output(self.outgoing.clock()));
            }
            let is_read = self.asked.is_empty() && self.refused.is_none();
            let may_ask =
                !self.asked.is_empty() && self.refused.is_none() && self.outgoing.may_ask();
            tokio::select! {
                biased;
                () = &mut until => return Some(CloseCode::Expired),
                _ = pings.tick() => {
                    // Who takes what had to wait is there, even if the last pong waits behind it.
                    if heard.max(self.progress.read()).elapsed() > self.limits.ping * 2 {
                        return Some(CloseCode::Stalled);
                    }
                    is_owed = true;
                    if let Err(why) = self.send(socket, Message::Ping(Default::default())).await {
                        return why;
                    }
                }
                next = self.outgoing.next() => match next {
                    Next::Close(why) => return Some(why),
                    Next::Send(text) => {
                        if let Err(why) = self.send(socket, Message::Text(text)).await {
                            return why;
                        }
                        self.outgoing.sent();
                    }
                },
                room = jobs.reserve(), if may_ask => match room {
                    Ok(room) => if let Err(why) = self.submit(room) {
                        return Some(why);
                    },
                    Err(_) => return Some(CloseCode::GoingAway),
                },
                message = socket.recv(), if is_read => {
                    heard = Instant::now();
                    match message {
                        None | Some(Ok(Message::Close(_))) => return None,
                        Some(Err(error)) => return reason(error),
                        Some(Ok(Message::Text(text))) => {
                            if let Err(why) = self.on_message(text) {
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

    /// Sends a message, unless nothing of it is taken for too long or the connection is to be closed
    /// meanwhile.
    async fn send(
        &self,
        socket: &mut WebSocket,
        message: Message,
    ) -> Result<(), Option<CloseCode>> {
        let began = Instant::now();
        let sending = socket.send(message);
        tokio::pin!(sending);
        loop {
            let taken = self.progress.taken().max(began);
            let stalls = taken + self.outgoing.patience(self.limits.stall);
            tokio::select! {
                // What can be sent is, before the connection is closed.
                biased;
                sent = &mut sending => return sent.map_err(reason),
                () = self.outgoing.news() => {
                    if let Some(why) = self.outgoing.close_code() {
                        return Err(Some(why));
                    }
                }
                () = sleep_until(stalls) => {
                    if self.progress.taken().max(began) == taken {
                        return Err(Some(CloseCode::TooSlow));
                    }
                }
            }
        }
    }

    /// A message was heard: it holds requests, one a line.
    fn on_message(&mut self, text: Utf8Bytes) -> Result<(), CloseCode> {
        let message = Bytes::from(text);
        if !self.allowance.take(lines(&message).count() as u64) {
            return Err(CloseCode::TooFast);
        }
        self.asked.extend(lines(&message).map(|line| message.slice_ref(line)));
        Ok(())
    }

    /// Logs once that requests have fields that are not known.
    fn warn(&mut self, ignored: &[String]) {
        if !ignored.is_empty() && !self.has_warned {
            let user = Redacted(&self.who.user);
            tracing::warn!(%user, ?ignored, "a request has fields that are not known: they are ignored");
            self.has_warned = true;
        }
    }

    /// Gives the next request to the engine, which has room for it.
    fn submit(&mut self, room: mpsc::Permit<'_, Job>) -> Result<(), CloseCode> {
        let Some(line) = self.asked.pop_front() else { return Ok(()) };
        match unknown::read(&line) {
            Ok((Frame { request_id, request }, ignored)) => {
                self.warn(&ignored);
                let (user, number) = (self.who.user.clone(), self.number);
                let input = request.input(hub::actor(&self.who.user, &self.who.device));
                self.outgoing.submitted();
                room.send(Job::Request { user, number, request_id, input });
            }
            Err(why) => {
                if !self.allowance.take(MALFORMED - 1) {
                    return Err(CloseCode::TooFast);
                }
                let (user, place) = (Redacted(&self.who.user), why.place());
                tracing::debug!(%user, place, "a line is no request");
                self.refused = Some(Malformed::new(&line, &why));
            }
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
