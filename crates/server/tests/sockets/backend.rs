//! A backend of the application: it takes webhooks, and reads the stream of events.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use roomcall_server::clock::{SystemClock, Time as _};
use roomcall_server::events::event::{Event, EventId};
use roomcall_server::events::receiver::Receiver;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::rig::PATIENCE;

/// What signs the webhooks of the tests.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Everything that came to an endpoint: how it was answered, and the body.
#[derive(Debug, Default)]
struct Came {
    is_down: AtomicBool,
    posts: Mutex<Vec<(StatusCode, Value)>>,
}

/// An endpoint: the sample receiver, behind one who notes what comes and may refuse it.
pub(crate) struct Backend {
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) url: String,
    came: Arc<Came>,
}

impl Backend {
    pub(crate) async fn start() -> Self {
        let secret = WEBHOOK_SECRET.parse().expect("it is a secret");
        let receiver = Arc::new(Receiver::new(secret, Arc::new(|| SystemClock::new().wall())));
        let came = Arc::new(Came::default());
        let routes: Router = receiver.routes().layer(from_fn_with_state(Arc::clone(&came), noted));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let address = listener.local_addr().expect("it listens");
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { receiver, url: format!("http://{address}/events"), came }
    }

    /// From now on it refuses everything, or nothing.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.came.is_down.store(is_down, Ordering::SeqCst);
    }

    /// All that came, how it was answered, in the order in which that was.
    pub(crate) fn posts(&self) -> Vec<(StatusCode, Value)> {
        self.came.posts.lock().unwrap().clone()
    }

    /// Waits until events are as is asked for, and gives them in the order in which they came.
    pub(crate) async fn until(&self, enough: impl Fn(&[Event]) -> bool) -> Vec<Event> {
        let start = Instant::now();
        loop {
            let events = self.receiver.events();
            if enough(&events) {
                return events;
            }
            assert!(start.elapsed() < PATIENCE, "there is more to come than {events:#?}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// What came of the event.
    pub(crate) fn data(&self, event: &Event) -> Value {
        let id = event.id.to_string();
        let posts = self.posts();
        let taken = posts.iter().find(|(_, body)| body["data"]["id"] == id);
        taken.expect("it came").1["data"].clone()
    }
}

async fn noted(State(came): State<Arc<Came>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("it comes");
    let note = serde_json::from_slice(&body).unwrap_or_default();
    let is_post = head.method == Method::POST;
    let response = if is_post && came.is_down.load(Ordering::SeqCst) {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    } else {
        next.run(Request::from_parts(head, Body::from(body))).await
    };
    if is_post {
        came.posts.lock().unwrap().push((response.status(), note));
    }
    response
}

/// The kinds of the events of each callee, in order.
pub(crate) fn kinds(events: &[Event]) -> BTreeMap<&str, Vec<&'static str>> {
    let mut kinds: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for event in events {
        kinds.entry(&event.callee).or_default().push(event.kind().name());
    }
    kinds
}

/// A reader of the stream of events.
pub(crate) struct Stream {
    reader: BufReader<TcpStream>,
}

impl Stream {
    /// Asks for the events after one; an error is the status and what the server said.
    pub(crate) async fn open(
        address: SocketAddr,
        token: Option<&str>,
        query: &str,
        last: Option<EventId>,
    ) -> Result<Self, (u16, Value)> {
        let stream = TcpStream::connect(address).await.expect("it listens");
        let mut reader = BufReader::new(stream);
        let token = token.map_or(String::new(), |it| format!("Authorization: Bearer {it}\r\n"));
        let last = last.map_or(String::new(), |it| format!("Last-Event-ID: {it}\r\n"));
        // The first version of HTTP has no chunks.
        let asks = format!("GET /v1/events{query} HTTP/1.0\r\nHost: test\r\n{token}{last}\r\n");
        reader.write_all(asks.as_bytes()).await.expect("it is sent");
        let mut stream = Self { reader };
        let status = stream.line().await.expect("it answers");
        let status = status.split(' ').nth(1).expect("it has a status").parse().expect("a number");
        while !stream.line().await.expect("a head has an end").is_empty() {}
        if status == 200 {
            return Ok(stream);
        }
        let mut said = String::new();
        stream.reader.read_to_string(&mut said).await.expect("it is text");
        Err((status, serde_json::from_str(&said).expect("it is JSON")))
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(PATIENCE, self.reader.read_line(&mut line)).await;
        let count = read.expect("something comes").expect("it is text");
        (count > 0).then(|| line.trim_end().to_owned())
    }

    /// The next event; `None` when the stream is over. That it lives is not enough.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        timeout(PATIENCE, self.wait()).await.expect("an event comes")
    }

    async fn wait(&mut self) -> Option<Event> {
        let mut fields = BTreeMap::new();
        loop {
            let line = self.line().await?;
            if let Some((name, value)) = line.split_once(": ") {
                fields.insert(name.to_owned(), value.to_owned());
            }
            if line.is_empty() && fields.contains_key("data") {
                let event: Event = serde_json::from_str(&fields["data"]).expect("an event");
                assert_eq!(fields["id"], event.id.to_string());
                assert_eq!(fields["event"], event.kind().name());
                return Some(event);
            }
        }
    }

    /// So many events.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<Event> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.next().await.expect("the stream goes on"));
        }
        events
    }
}
