use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::Query;
use axum::http::{HeaderValue, Request};
use axum::routing::get;
use futures_util::StreamExt as _;
use roomcall::Rule;
use tokio::time::{Instant, timeout};

use super::*;
use crate::events::event::{Event, What};
use crate::events::store::Retention;

fn event(sequence: u64) -> Event {
    Event {
        id: EventId { sequence, index: 0 },
        at: sequence,
        what: What::Ring { extension_info: "x".repeat(1_000), time_left: None },
        room: "standup".into(),
        caller: "ana".into(),
        callee: "bo".into(),
        attempt: sequence,
        because: Rule::C01,
    }
}

/// A reader whose token is valid for longer than any test takes.
const MOST: Duration = Duration::from_secs(600);

struct Kept {
    _folder: tempfile::TempDir,
    store: Arc<EventStore>,
}

fn kept(retention: Retention) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let store = EventStore::open(&folder.path().join("events.redb"), retention).unwrap();
    Kept { _folder: folder, store: Arc::new(store) }
}

impl Kept {
    fn put(&self, sequences: std::ops::RangeInclusive<u64>) {
        self.store.put("a", &sequences.map(event).collect::<Vec<_>>()).unwrap();
    }

    async fn get(&self, after: Option<&str>, last: Option<&'static str>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(last) = last {
            headers.insert("last-event-id", HeaderValue::from_static(last));
        }
        let after = After { after: after.map(str::to_owned) };
        events(Arc::clone(&self.store), "a", &after, &headers, MOST).await
    }

    async fn open(&self, after: Option<&str>) -> Reading {
        let response = self.get(after, None).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Reading { body: response.into_body().into_data_stream(), text: String::new() }
    }
}

/// What a reader does with the stream.
struct Reading {
    body: BodyDataStream,
    text: String,
}

impl Reading {
    /// The next message or comment, as lines; `None` at the end.
    async fn message(&mut self) -> Option<String> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let (message, rest) = (message.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(message);
            }
            let more = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    async fn id(&mut self) -> u64 {
        let message = self.message().await.expect("the stream goes on");
        let field = |name: &str| {
            let mut lines = message.lines().filter_map(|line| line.strip_prefix(name));
            lines.next().unwrap_or_else(|| panic!("{name} {message}")).trim_start().to_owned()
        };
        let id: EventId = field("id:").parse().unwrap();
        assert_eq!(field("event:"), "ring");
        let data: Event = serde_json::from_str(&field("data:")).unwrap();
        assert_eq!(data, event(id.sequence));
        id.sequence
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_cut_off_goes_on_with_no_gap_and_none_twice() {
    let kept = kept(Retention::default());
    // More than a page.
    kept.put(1..=200);
    let (mut seen, mut put) = (Vec::new(), 200);
    let mut after = None;
    while seen.len() < 400 {
        let mut reading = kept.open(after.as_deref()).await;
        for _ in 0..17 {
            if put < 400 && seen.len() as u64 + 3 > put {
                put += 1;
                kept.put(put..=put);
            }
            if seen.len() == 400 {
                break;
            }
            seen.push(reading.id().await);
        }
        after = seen.last().map(|last| format!("{last}-0"));
    }
    assert_eq!(seen, (1..=400).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn events_come_as_they_happen_and_comments_meanwhile() {
    let kept = kept(Retention::default());
    let mut reading = kept.open(None).await;
    let start = Instant::now();
    assert_eq!(reading.message().await.unwrap(), ":");
    assert_eq!(start.elapsed(), HEARTBEAT);
    kept.put(1..=1);
    assert_eq!(reading.id().await, 1);
    assert_eq!(start.elapsed(), HEARTBEAT);
    kept.store.close();
    assert_eq!(reading.message().await, None, "the server stops");
}

#[tokio::test(start_paused = true)]
async fn the_header_says_more_than_the_address() {
    let kept = kept(Retention::default());
    kept.put(1..=5);
    let response = kept.get(Some("1-0"), Some("4-0")).await;
    let mut reading =
        Reading { body: response.into_body().into_data_stream(), text: String::new() };
    assert_eq!(reading.id().await, 5);
    assert_eq!(kept.open(Some("")).await.id().await, 1);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_what_was_dropped_is_told_what_is_there() {
    let kept = kept(Retention { unread: Duration::from_secs(1), ..Retention::default() });
    kept.put(1..=10);
    // A page and more: the reader has not got to the tenth when it goes.
    let mut slow = kept.open(None).await;
    assert_eq!(slow.id().await, 1);
    kept.put(11..=400);
    kept.store.trim("a", None, 1_300).unwrap();
    let gone = kept.get(Some("299-0"), None).await;
    assert_eq!(gone.status(), StatusCode::GONE);
    let body = axum::body::to_bytes(gone.into_body(), 1_000).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["oldest"], "301-0");
    assert_eq!(kept.open(Some("300-0")).await.id().await, 301);
    assert_eq!(kept.open(None).await.id().await, 301);
    for expected in 2..=10 {
        assert_eq!(slow.id().await, expected);
    }
    let told = slow.message().await.unwrap();
    assert!(told.contains("event: gone") && told.contains("301-0"), "{told}");
    assert_eq!(slow.message().await, None);
}

#[tokio::test]
async fn what_is_no_id_is_refused() {
    let kept = kept(Retention::default());
    kept.put(1..=20);
    let store = Arc::clone(&kept.store);
    let handler = move |Query(after): Query<After>, headers: HeaderMap| {
        let store = Arc::clone(&store);
        async move { events(store, "a", &after, &headers, MOST).await }
    };
    let mut routes = Router::new().route("/v1/events", get(handler));
    for (address, expected) in [
        ("/v1/events", StatusCode::OK),
        ("/v1/events?after=12-0", StatusCode::OK),
        ("/v1/events?after=yesterday", StatusCode::BAD_REQUEST),
        // Of before a backup was restored: what comes from now on would never be after it.
        ("/v1/events?after=21-0", StatusCode::GONE),
    ] {
        let request = Request::get(address).body(Body::empty()).unwrap();
        let response = tower_call(&mut routes, request).await;
        assert_eq!(response.status(), expected, "{address}");
    }
    assert_eq!(kept.get(None, Some("?")).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_token_of_its_reader() {
    let kept = kept(Retention::default());
    kept.put(1..=2);
    let (after, begun) = (After::default(), Instant::now());
    let most = Duration::from_secs(100);
    let response = events(Arc::clone(&kept.store), "a", &after, &HeaderMap::new(), most).await;
    let mut reading =
        Reading { body: response.into_body().into_data_stream(), text: String::new() };
    assert_eq!((reading.id().await, reading.id().await), (1, 2));
    while reading.message().await.is_some() {}
    assert_eq!(begun.elapsed(), most);
}

async fn tower_call(routes: &mut Router, request: Request<Body>) -> Response {
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;
    let service = TowerToHyperService::new(routes.clone());
    let answer = timeout(Duration::from_secs(5), service.call(request)).await;
    answer.expect("at once").expect("a router answers")
}
