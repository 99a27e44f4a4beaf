//! A device at the other end of the socket: what an author of an SDK would write around
//! [`Handset`].
//!
//! One task owns the handset. It connects, and again when the connection is gone; brings what it hears
//! and what the person taps to the handset; and does what the handset says.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use roomcall::handset::{DeviceTick, Effect, Handset, Input, Link, Settings, Tap};
use roomcall::protocol::{Body, Frame, Output, lines};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::close_code::CloseCode;

/// Makes the address to connect to, with a token that is valid now.
pub type Address = Arc<dyn Fn() -> String + Send + Sync>;

/// What a device is told to do.
#[derive(Clone, Debug)]
pub enum Order {
    /// The person taps.
    Tap(Tap),
    /// The device is in this room now, or in none.
    InRoom(Option<String>),
    /// The connection breaks; the device connects again.
    Cut,
    /// The device is switched off.
    Stop,
}

/// What a device tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Told {
    /// It is connected.
    Connected,
    /// It is not connected any more: the close code, if there was one.
    Disconnected(Option<u16>),
    /// What the handset says, but for what is sent.
    Effect(Effect),
    /// It will not connect again: the server's reason.
    Over(String),
}

/// Whoever uses a device has this end of it.
#[derive(Clone, Debug)]
pub struct Device {
    orders: mpsc::UnboundedSender<Order>,
}

impl Device {
    /// Switches a device on. `told` hears everything, with the moment at which it happened.
    pub fn start(
        handset: Handset,
        address: Address,
        told: mpsc::UnboundedSender<(Instant, String, String, Told)>,
    ) -> Self {
        let (orders, given) = mpsc::unbounded_channel();
        let names = (handset.user().to_owned(), handset.device().to_owned());
        let told = move |it| {
            // Nobody need listen.
            let _ = told.send((Instant::now(), names.0.clone(), names.1.clone(), it));
        };
        let task = Task { handset, address, orders: given, told, start: Instant::now() };
        tokio::spawn(task.run());
        Self { orders }
    }

    /// A device that was never signed in before, with the usual settings.
    pub fn new(
        user: &str,
        device: &str,
        address: Address,
        told: mpsc::UnboundedSender<(Instant, String, String, Told)>,
    ) -> Self {
        Self::start(Handset::new(user, device, Settings::DEFAULT), address, told)
    }

    /// Gives an order. One to a device that is over is not heard.
    pub fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// Gives the order to tap.
    pub fn tap(&self, tap: Tap) {
        self.order(Order::Tap(tap));
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How long a device waits at most before it connects again, in milliseconds: longer each time, up to
/// a bound.
const PAUSES: [u64; 5] = [20, 100, 300, 1_000, 3_000];

/// At least half of that, and the rest is left to chance: when a server is back, its devices do not
/// all come at one moment.
fn pause(failures: usize) -> Duration {
    let most = PAUSES[failures.min(PAUSES.len() - 1)];
    let chance = RandomState::new().hash_one(failures) % (most / 2 + 1);
    Duration::from_millis(most / 2 + chance)
}

/// How long connecting and sending may take.
const PATIENCE: Duration = Duration::from_secs(10);

struct Task<T> {
    handset: Handset,
    address: Address,
    orders: mpsc::UnboundedReceiver<Order>,
    told: T,
    start: Instant,
}

/// Why a connection is over.
enum Gone {
    /// It broke, or was closed with this code.
    Closed(Option<u16>),
    /// The device was switched off.
    Stopped,
}

impl<T: Fn(Told) + Send> Task<T> {
    async fn run(mut self) {
        let mut failures = 0;
        loop {
            match self.connect().await {
                Ok(socket) => {
                    (self.told)(Told::Connected);
                    let began = Instant::now();
                    let gone = self.talk(socket).await;
                    // Not connected, nothing is sent.
                    let _ = self.apply([Input::Link(Link::Down)]);
                    let Gone::Closed(code) = gone else { return };
                    (self.told)(Told::Disconnected(code));
                    if let Some(why) = code.and_then(for_good) {
                        (self.told)(Told::Over(why.reason().to_owned()));
                        return;
                    }
                    if began.elapsed() > PATIENCE {
                        failures = 0;
                    }
                }
                // The server said no, which it will again.
                Err(Error::Http(answer))
                    if answer.status().is_client_error() && answer.status() != 429 =>
                {
                    let body = answer.into_body().unwrap_or_default();
                    (self.told)(Told::Over(String::from_utf8_lossy(&body).into_owned()));
                    return;
                }
                Err(_) => {}
            }
            let pause = pause(failures);
            failures += 1;
            if self.rest(pause).await {
                return;
            }
        }
    }

    async fn connect(&self) -> Result<Socket, Error> {
        let config = WebSocketConfig::default();
        let connected = connect_async_with_config((self.address)(), Some(config), true);
        match timeout(PATIENCE, connected).await {
            Ok(connected) => Ok(connected?.0),
            Err(_) => Err(Error::Io(std::io::ErrorKind::TimedOut.into())),
        }
    }

    /// Waits with no connection; what is tapped meanwhile is not lost. Whether it is switched off.
    async fn rest(&mut self, pause: Duration) -> bool {
        let over = sleep(pause);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return false,
                order = self.orders.recv() => match order {
                    Some(Order::Stop) | None => return true,
                    Some(Order::Cut) => {}
                    Some(order) => self.show(order.input()),
                },
            }
        }
    }

    /// Until the connection is over.
    async fn talk(&mut self, mut socket: Socket) -> Gone {
        let mut waiting = self.apply([Input::Link(Link::Up)]);
        loop {
            for frame in waiting.drain(..) {
                let text = serde_json::to_string(&frame).unwrap_or_default();
                let sent = timeout(PATIENCE, socket.send(Message::text(text))).await;
                if !matches!(sent, Ok(Ok(()))) {
                    return Gone::Closed(None);
                }
            }
            let due = self
                .handset
                .next_deadline()
                .map(|at| self.start + Duration::from_millis(at.as_millis()));
            let timer = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let inputs = tokio::select! {
                biased;
                order = self.orders.recv() => match order {
                    Some(Order::Stop) | None => {
                        // Who does not take it is gone.
                        let _ = timeout(PATIENCE, socket.close(None)).await;
                        return Gone::Stopped;
                    }
                    Some(Order::Cut) => return Gone::Closed(None),
                    Some(order) => vec![order.input()],
                },
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => heard(&text),
                    Some(Ok(Message::Close(frame))) => {
                        return Gone::Closed(frame.map(|frame| frame.code.into()));
                    }
                    Some(Ok(_)) => continue,
                    Some(Err(_)) | None => return Gone::Closed(None),
                },
                () = timer => vec![Input::Tick],
            };
            waiting = self.apply(inputs);
        }
    }

    /// Applies inputs that came together (D-26), reports what there is to report, and gives what is to
    /// be sent.
    fn apply(&mut self, inputs: impl IntoIterator<Item = Input>) -> Vec<Frame> {
        let passed = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let effects = self.handset.apply_all(DeviceTick::from_millis(passed), inputs);
        let mut frames = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send { request_id, request } => {
                    frames.push(Frame { request_id, request });
                }
                effect => (self.told)(Told::Effect(effect)),
            }
        }
        frames
    }

    /// The same where there is no connection: the handset sends nothing then.
    fn show(&mut self, input: Input) {
        let frames = self.apply([input]);
        debug_assert!(frames.is_empty(), "nothing is sent without a connection (D-16)");
    }
}

impl Order {
    fn input(self) -> Input {
        match self {
            Self::Tap(tap) => Input::Tap(tap),
            Self::InRoom(room) => Input::InRoom(room),
            Self::Cut | Self::Stop => Input::Tick,
        }
    }
}

/// What the lines of a message say.
fn heard(text: &str) -> Vec<Input> {
    lines(text.as_bytes()).filter_map(input).collect()
}

/// What a line says; one of a kind that came after this client was written says nothing to it.
fn input(line: &[u8]) -> Option<Input> {
    let output: Output = Output::read(line).ok()?;
    match output.body {
        Body::Reply(reply) => Some(Input::Reply(reply)),
        Body::Effect(effect) => Some(Input::Notice(effect.event)),
        // A handset numbers what it asks.
        Body::Answer(_) | Body::Refused(_) => None,
        // Of a kind that came after this client was written.
        _ => None,
    }
}

/// The reasons for which connecting again is of no use.
fn for_good(code: u16) -> Option<CloseCode> {
    let hopeless = [
        CloseCode::NoWebSocket,
        CloseCode::NotText,
        CloseCode::TooLarge,
        CloseCode::Malformed,
        CloseCode::Replaced,
        CloseCode::Revoked,
    ];
    hopeless.into_iter().find(|why| why.code() == code)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::{SinkExt, StreamExt};
    use roomcall::protocol::{Actor, Frame, Record};
    use roomcall::switchboard::Switchboard;
    use roomcall::{Limits, Policy};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;
    use tokio_tungstenite::accept_async;
    use tokio_tungstenite::tungstenite::Message;

    use super::{Device, Effect, Told, heard};

    #[test]
    fn a_message_may_say_several_things() {
        let line = concat!(
            r#"{"at":1,"to":{"user":"bo"},"event":{"onCallTimeout":{"roomID":"standup","#,
            r#""call":{"caller":"ana","callee":"bo","status":"timeout"},"attempt":9}},"because":"E-04"}"#,
        );
        assert_eq!(heard(line).len(), 1);
        assert_eq!(heard(&format!("{line}\n{{\"later\":{{}}}}\r\n{line}\n")).len(), 2);
    }

    /// What a switchboard says to a device that asks what rings, is called, and is called no more: all
    /// in one message.
    fn called_and_cancelled(asked: &Frame) -> String {
        let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
        let ana = r#""by":{"user":"ana","device":"mac"}"#;
        let request = asked.request.clone();
        let by = Actor::Device { user: "bo".into(), device: "phone".into() };
        let asks = Record { at: 0, request_id: asked.request_id, input: request.input(by) };
        let read = |line: String| Record::read(&line).unwrap();
        let records = [
            read(r#"{"at":0,"fact":{"roomOpened":{"roomID":"x","owner":"ana"}}}"#.to_owned()),
            read(
                r#"{"at":0,"fact":{"userEntered":{"roomID":"x","userID":"ana","deviceID":"mac"}}}"#
                    .to_owned(),
            ),
            asks,
            read(format!(
                r#"{{"at":0,{ana},"command":{{"callUserToRoom":{{"roomID":"x","userIDList":["bo"],"timeout":30}}}}}}"#
            )),
            read(format!(
                r#"{{"at":0,{ana},"command":{{"cancelCall":{{"roomID":"x","userIDList":["bo"]}}}}}}"#
            )),
        ];
        let mut lines = String::new();
        for record in &records {
            for output in board.apply_record(record).outputs() {
                lines += &serde_json::to_string(&output).unwrap();
                lines += "\n";
            }
        }
        lines
    }

    // D-26: a call that ended in the message that it came in does not ring.
    #[tokio::test]
    async fn a_ring_and_its_end_in_one_message_make_no_sound() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("ws://{}", listener.local_addr().unwrap());
        let (told, mut heard) = mpsc::unbounded_channel();
        let _device = Device::new("bo", "phone", Arc::new(move || address.clone()), told);
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = accept_async(stream).await.unwrap();
        let asked = socket.next().await.unwrap().unwrap().into_text().unwrap();
        let message = called_and_cancelled(&Frame::read(asked.as_str()).unwrap());
        assert!(message.contains("onCallReceived") && message.contains("onCallCancelled"));
        socket.send(Message::text(message)).await.unwrap();
        socket.close(None).await.unwrap();
        while let Some((_, _, _, told)) = heard.recv().await {
            assert!(!matches!(told, Told::Effect(Effect::Show { .. })), "it rings: {told:?}");
            if matches!(told, Told::Disconnected(_)) {
                return;
            }
        }
        panic!("the device is gone");
    }
}
