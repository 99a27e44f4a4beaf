//! What waits to be sent to a gateway, and a connection of a gateway as the hub sends to it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::Client;
use roomcall_server::close_code::CloseCode;
use roomcall_server::engine::NotConnected;
use roomcall_server::sink::{Place, Sink};
use roomcall_server::text::Text;
use tokio::sync::Notify;

use crate::wire::{self, Connection, Epoch, Incarnation, Line, ToGateway};

/// A frame has about so many bytes of lines at most: a broker bounds its messages.
const FRAME_BYTES: usize = 1 << 20;

/// What the active processor of a partition says to one incarnation of a gateway. Clones are of one.
#[derive(Clone, Debug)]
pub(super) struct Outbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    partition: String,
    gateway: String,
    epoch: Epoch,
    incarnation: Incarnation,
    waiting: Mutex<Waiting>,
    news: Notify,
    /// The frames that were sent, and the lines in them.
    sent: AtomicU64,
    sent_lines: AtomicU64,
    /// The frames of the gateway that have come.
    received: AtomicU64,
    is_closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<Line>,
    /// The last of them, if it may be for further connections.
    last: Option<Text>,
    /// How many lines there were in all.
    count: u64,
}

impl Outbox {
    /// To an incarnation of a gateway, from who is active in an epoch.
    pub(super) fn new(
        partition: &str,
        gateway: &str,
        epoch: Epoch,
        incarnation: Incarnation,
    ) -> Self {
        Self(Arc::new(Shared {
            partition: partition.to_owned(),
            gateway: gateway.to_owned(),
            epoch,
            incarnation,
            waiting: Mutex::default(),
            news: Notify::new(),
            sent: AtomicU64::new(0),
            sent_lines: AtomicU64::new(0),
            received: AtomicU64::new(0),
            is_closed: AtomicBool::new(false),
        }))
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line. Whether none waited.
    fn push(&self, line: Line) -> bool {
        let mut waiting = self.waiting();
        let was_empty = waiting.lines.is_empty();
        waiting.last = None;
        waiting.count += 1;
        waiting.lines.push(line);
        was_empty
    }

    /// Adds a line, which is sent soon.
    pub(super) fn say(&self, line: Line) {
        self.push(line);
        self.0.news.notify_one();
    }

    /// Adds a text for a connection, which is sent once for all to which it goes. Whether none waited.
    fn add(&self, to: Connection, text: &Text) -> bool {
        let mut waiting = self.waiting();
        let is_last = waiting.last.as_ref().is_some_and(|last| last.is(text));
        if is_last && let Some(Line::Text { to: all, .. }) = waiting.lines.last_mut() {
            all.push(to);
            return false;
        }
        let was_empty = waiting.lines.is_empty();
        let line = Line::Text { to: vec![to], place: text.place(), text: text.as_str().to_owned() };
        waiting.count += 1;
        waiting.lines.push(line);
        waiting.last = Some(text.clone());
        was_empty
    }

    /// A frame of the gateway has come: so many have, in all.
    pub(super) fn hear(&self, count: u64) {
        self.0.received.store(count, Ordering::Relaxed);
    }

    /// Nothing is sent any more.
    pub(super) fn close(&self) {
        self.0.is_closed.store(true, Ordering::Relaxed);
        self.0.news.notify_one();
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed.load(Ordering::Relaxed)
    }

    /// How many lines there were until now.
    pub(super) fn count(&self) -> u64 {
        self.waiting().count
    }

    /// Whether so many lines were sent.
    pub(super) fn has_sent(&self, count: u64) -> bool {
        self.0.sent_lines.load(Ordering::Relaxed) >= count
    }

    /// How far it has come.
    pub(super) fn link(&self) -> wire::Link {
        wire::Link {
            gateway: self.0.gateway.clone(),
            incarnation: self.0.incarnation,
            sent: self.0.sent.load(Ordering::Relaxed),
            received: self.0.received.load(Ordering::Relaxed),
        }
    }

    /// Sends what there is, until it is closed and nothing waits.
    pub(super) async fn run(self, client: Client) {
        let subject = wire::of_gateway(&self.0.gateway);
        loop {
            while let Some(frame) = self.frame() {
                // It fails only where the client has ended, and then the whole process has.
                let _ = client.publish(subject.clone(), wire::write(&frame).into()).await;
                self.0.sent.store(frame.number, Ordering::Relaxed);
                self.0.sent_lines.fetch_add(frame.lines.len() as u64, Ordering::Relaxed);
            }
            if self.is_closed() {
                return;
            }
            self.0.news.notified().await;
        }
    }

    /// The next frame, if anything waits.
    fn frame(&self) -> Option<ToGateway> {
        let mut waiting = self.waiting();
        if waiting.lines.is_empty() {
            return None;
        }
        let mut bytes = 0;
        let is_within = |line: &Line| {
            bytes += length(line);
            bytes <= FRAME_BYTES
        };
        let count = waiting.lines.iter().map(is_within).take_while(|it| *it).count().max(1);
        let lines = if count == waiting.lines.len() {
            waiting.last = None;
            std::mem::take(&mut waiting.lines)
        } else {
            waiting.lines.drain(..count).collect()
        };
        let Shared { partition, epoch, incarnation, sent, received, .. } = &*self.0;
        Some(ToGateway {
            partition: partition.clone(),
            epoch: *epoch,
            incarnation: *incarnation,
            number: sent.load(Ordering::Relaxed) + 1,
            received: received.load(Ordering::Relaxed),
            lines,
        })
    }
}

/// About how many bytes a line has in a frame.
fn length(line: &Line) -> usize {
    match line {
        Line::Text { to, text, .. } => text.len() + 10 * to.len() + 24,
        Line::Answer { text, .. } => text.len() + 40,
        Line::Answered { answer, .. } => answer.as_ref().map_or(0, String::len) + 16,
        Line::Reset | Line::Connected { .. } | Line::Cut { .. } => 48,
    }
}

/// A connection of a gateway.
#[derive(Debug)]
pub(super) struct Remote {
    outbox: Outbox,
    connection: Connection,
    is_gone: AtomicBool,
}

impl Remote {
    pub(super) fn new(outbox: Outbox, connection: Connection) -> Self {
        Self { outbox, connection, is_gone: AtomicBool::new(false) }
    }
}

impl Sink for Remote {
    fn connected(&self, result: Result<Place, NotConnected>) {
        self.is_gone.fetch_or(result.is_err(), Ordering::Relaxed);
        self.outbox.say(Line::Connected { connection: self.connection, result });
    }

    fn add(&self, text: &Text) -> bool {
        self.outbox.add(self.connection, text)
    }

    fn answer(&self, text: &Text, request_id: Option<u64>) -> bool {
        self.outbox.push(Line::Answer {
            to: self.connection,
            request_id,
            place: text.place(),
            text: text.as_str().to_owned(),
        })
    }

    fn end_step(&self) {
        self.outbox.0.news.notify_one();
    }

    fn cut(&self, why: CloseCode) {
        if !self.is_gone.swap(true, Ordering::Relaxed) {
            self.outbox.say(Line::Cut { connection: self.connection, why });
        }
    }

    fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed) || self.outbox.is_closed()
    }

    /// The gateway looks after its sockets.
    fn pressure(&self) -> Option<(Duration, usize)> {
        None
    }
}
