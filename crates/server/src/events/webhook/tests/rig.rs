//! An endpoint in memory, and what sends to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use roomcall::Rule;
use serde_json::Value;
use tokio::task::JoinHandle;

use super::*;
use crate::events::event::What;
use crate::events::store::Retention;

pub(super) const START: u64 = 1_700_000_000_000;
pub(super) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What the endpoint answers.
pub(super) enum Answer {
    Status(u16),
    /// Nothing, for ever.
    Never,
    /// The connection breaks.
    Broken,
}

/// What the endpoint was sent.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
    /// Whether it was acknowledged.
    pub(super) is_taken: bool,
}

impl Heard {
    pub(super) fn is(&self, kind: &str) -> bool {
        self.body["type"] == kind
    }

    pub(super) fn attempt(&self) -> u64 {
        self.body["data"]["attempt"].as_u64().unwrap()
    }

    pub(super) fn id(&self) -> EventId {
        self.headers[ID].to_str().unwrap().parse().unwrap()
    }
}

type Judge = Mutex<Box<dyn FnMut(&Heard) -> Answer + Send>>;

#[derive(Default)]
struct Said {
    heard: Mutex<Vec<Heard>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

struct InMemory {
    said: Arc<Said>,
    judge: Judge,
}

impl Transport for InMemory {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<StatusCode, String>> {
        let (headers, body) = (request.headers().clone(), request.into_body());
        let body = serde_json::from_slice(&body).unwrap();
        let mut heard = Heard { headers, body, is_taken: false };
        let answer = lock(&self.judge)(&heard);
        heard.is_taken = matches!(answer, Answer::Status(200..=299));
        lock(&self.said.heard).push(heard);
        let guard = AtOnce::new(&self.said);
        Box::pin(async move {
            let _guard = guard;
            tokio::time::sleep(Duration::from_millis(5)).await;
            match answer {
                Answer::Status(status) => Ok(StatusCode::from_u16(status).unwrap()),
                Answer::Never => std::future::pending().await,
                Answer::Broken => Err("the connection was reset".to_owned()),
            }
        })
    }
}

struct AtOnce<'a>(&'a Said);

impl<'a> AtOnce<'a> {
    fn new(said: &'a Said) -> Self {
        let now = said.at_once.fetch_add(1, Ordering::Relaxed) + 1;
        said.most_at_once.fetch_max(now, Ordering::Relaxed);
        Self(said)
    }
}

impl Drop for AtOnce<'_> {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(super) struct Phones;

impl Presence for Phones {
    fn connected<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move { vec![format!("{user}'s phone")] })
    }
}

/// What sends, to what, and what it told.
pub(super) struct Rig {
    folder: tempfile::TempDir,
    webhook: Webhook,
    said: Arc<Said>,
    told: Mutex<(mpsc::Receiver<Acknowledgement>, Vec<Acknowledgement>)>,
    running: Option<(watch::Sender<bool>, JoinHandle<()>)>,
}

impl Rig {
    pub(super) fn stopped(judge: impl FnMut(&Heard) -> Answer + Send + 'static) -> Self {
        Self::made(Pace::default(), None, judge)
    }

    pub(super) async fn start(judge: impl FnMut(&Heard) -> Answer + Send + 'static) -> Self {
        Self::paced(Pace::default(), judge).await
    }

    pub(super) async fn paced(
        pace: Pace,
        judge: impl FnMut(&Heard) -> Answer + Send + 'static,
    ) -> Self {
        Self::made(pace, None, judge).go_on(EventId::default()).await
    }

    pub(super) async fn wanting(
        kinds: Option<BTreeSet<Kind>>,
        judge: impl FnMut(&Heard) -> Answer + Send + 'static,
    ) -> Self {
        Self::made(Pace::default(), kinds, judge).go_on(EventId::default()).await
    }

    fn made(
        pace: Pace,
        kinds: Option<BTreeSet<Kind>>,
        judge: impl FnMut(&Heard) -> Answer + Send + 'static,
    ) -> Self {
        let said = Arc::new(Said::default());
        let judge: Judge = Mutex::new(Box::new(judge));
        let transport = Arc::new(InMemory { said: Arc::clone(&said), judge });
        Self::sending_by(pace, kinds, transport, said, Uri::from_static("http://endpoint/events"))
    }

    /// One that sends over the network.
    pub(super) fn over(transport: Arc<dyn Transport>, url: Uri, pace: Pace) -> Self {
        Self::sending_by(pace, None, transport, Arc::default(), url)
    }

    fn sending_by(
        pace: Pace,
        kinds: Option<BTreeSet<Kind>>,
        transport: Arc<dyn Transport>,
        said: Arc<Said>,
        url: Uri,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.redb");
        let store = Arc::new(EventStore::open(&path, Retention::default()).unwrap());
        let (acknowledged, told) = mpsc::channel(100_000);
        let begin = std::sync::OnceLock::new();
        let now = move || {
            let begin = begin.get_or_init(Instant::now);
            START + begin.elapsed().as_millis() as u64
        };
        // Outside of a runtime there is no paused clock, and nobody asks.
        if tokio::runtime::Handle::try_current().is_ok() {
            assert_eq!(now(), START, "time begins here");
        }
        let webhook = Webhook {
            tenant: "default".into(),
            endpoint: Endpoint {
                name: "main".into(),
                url,
                secrets: vec![SECRET.parse().unwrap()],
                kinds,
            },
            pace,
            store,
            transport,
            presence: Arc::new(Phones),
            now: Arc::new(now),
            acknowledged,
        };
        Self { folder, webhook, said, told: Mutex::new((told, Vec::new())), running: None }
    }

    /// Sends from a position on.
    pub(super) async fn go_on(mut self, after: EventId) -> Self {
        let (stop, stopped) = watch::channel(false);
        let webhook = self.webhook.clone();
        let running = tokio::spawn(async move { webhook.run(after, stopped).await.unwrap() });
        self.running = Some((stop, running));
        // The first look at the store.
        tokio::time::sleep(Duration::from_millis(1)).await;
        self
    }

    /// Stops, and waits until it has.
    pub(super) async fn stop(&mut self) {
        let (stop, running) = self.running.take().unwrap();
        stop.send(true).unwrap();
        running.await.unwrap();
    }

    /// Is cut off, as by a kill.
    pub(super) async fn kill(&mut self) {
        let (_stop, running) = self.running.take().unwrap();
        running.abort();
        let _ = running.await;
    }

    pub(super) fn put(&self, events: &[Event]) {
        let now = (self.webhook.now)();
        let at = |event: &Event| Event { at: now, ..event.clone() };
        let events: Vec<_> = events.iter().map(at).collect();
        self.webhook.store.put("default", &events).unwrap();
    }

    pub(super) fn webhook(&self) -> &Webhook {
        assert!(self.folder.path().exists());
        &self.webhook
    }

    pub(super) fn heard(&self) -> Vec<Heard> {
        lock(&self.said.heard).clone()
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.heard().iter().map(|heard| heard.id().to_string()).collect()
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.said.most_at_once.load(Ordering::Relaxed)
    }

    pub(super) fn told(&self) -> Vec<Acknowledgement> {
        let (incoming, told) = &mut *lock(&self.told);
        while let Ok(acknowledgement) = incoming.try_recv() {
            told.push(acknowledgement);
        }
        told.clone()
    }

    pub(super) fn reported(&self) -> Vec<String> {
        let position = |it| match it {
            Acknowledgement::Position { position, .. } => Some(position.to_string()),
            _ => None,
        };
        self.told().into_iter().filter_map(position).collect()
    }

    /// The last position, once it may be given out.
    pub(super) async fn position(&self) -> String {
        tokio::time::sleep(2 * SECOND).await;
        self.reported().pop().unwrap_or_default()
    }
}

pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn event(sequence: u64, index: u32, attempt: u64, what: What) -> Event {
    Event {
        id: EventId { sequence, index },
        at: START,
        what,
        room: "standup".into(),
        caller: "ana".into(),
        callee: "bo".into(),
        attempt,
        because: Rule::C01,
    }
}

pub(super) fn ring(sequence: u64, index: u32, attempt: u64) -> Event {
    let what = What::Ring { extension_info: "hi".into(), time_left: Some(30_000) };
    event(sequence, index, attempt, what)
}

pub(super) fn accepted(sequence: u64, index: u32, attempt: u64) -> Event {
    event(sequence, index, attempt, What::Accepted { device: None })
}

pub(super) fn joined(sequence: u64, index: u32, attempt: u64) -> Event {
    event(sequence, index, attempt, What::Joined { device: None })
}
