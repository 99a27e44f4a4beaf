//! Webhooks: each event is sent to the endpoints of its tenant until they acknowledge it.
//!
//! By the Standard Webhooks specification: at least once, with the id of the event by which an endpoint
//! knows what it has had. The events of one call come in order; a call whose events are not taken does not
//! hold up others.

mod body;
mod client;
mod queues;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, StatusCode, Uri, header};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use self::body::body;
use self::queues::{Next, Queues};
use super::event::{Event, EventId, Kind};
use super::signature::{ID, SIGNATURE, Secret, TIMESTAMP, signatures};
use super::store::{EventStore, EventStoreError, Page};

pub use self::client::{Client, Transport};

/// Where events of a tenant are sent.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its name, which acknowledged positions go by.
    pub name: String,
    /// Its address, `http` or `https`.
    pub url: Uri,
    /// What signs: more than one while a secret is replaced.
    pub secrets: Vec<Secret>,
    /// Which events it wants; `None` for all.
    pub kinds: Option<BTreeSet<Kind>>,
}

/// What an endpoint has come to. They are entries of the log, in this order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Acknowledgement {
    /// All up to this event is done: acknowledged, not wanted, or a dead letter.
    Position {
        /// The name of the endpoint.
        endpoint: String,
        /// The event.
        position: EventId,
    },
    /// An event that is not sent any more.
    DeadLetter {
        /// The name of the endpoint.
        endpoint: String,
        /// The event.
        event: EventId,
        /// How often it was sent, since the server started.
        tries: u32,
        /// What came of it the last time.
        why: String,
    },
    /// The endpoint says that it is gone (410): nothing is sent to it until the server starts again.
    Gone {
        /// The name of the endpoint.
        endpoint: String,
    },
}

/// Who is connected.
pub trait Presence: Send + Sync + 'static {
    /// The devices of a user that are connected now.
    fn connected<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Vec<String>>;
}

/// How webhooks are sent.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The most that are on the way to an endpoint at once.
    pub parallel: usize,
    /// How long an endpoint may take to answer.
    pub timeout: Duration,
    /// How long until one is sent again for the first time. It doubles with each time, and up to half of
    /// it is left away by chance, so that not all come at once.
    pub first_wait: Duration,
    /// The longest that it becomes.
    pub longest_wait: Duration,
    /// One that is older than this is not sent again, but becomes a dead letter.
    pub give_up: Duration,
    /// The most events that wait in memory for an endpoint. Nothing more is read until some are done.
    pub waiting: usize,
    /// How often an acknowledged position is given out at most.
    pub report: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            parallel: 16,
            timeout: Duration::from_secs(10),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(900),
            give_up: Duration::from_secs(86_400),
            waiting: 10_000,
            report: Duration::from_secs(1),
        }
    }
}

/// The time, in milliseconds since 1970.
pub type Now = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What sends the events of a tenant to one endpoint.
#[derive(Clone)]
pub struct Webhook {
    /// The tenant.
    pub tenant: String,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// How.
    pub pace: Pace,
    /// Where the events are.
    pub store: Arc<EventStore>,
    /// How requests go out.
    pub transport: Arc<dyn Transport>,
    /// Who is connected.
    pub presence: Arc<dyn Presence>,
    /// The clock.
    pub now: Now,
    /// To the log.
    pub acknowledged: mpsc::Sender<Acknowledgement>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// The most bytes that are read of the store at once.
const PAGE_BYTES: usize = 1 << 18;

/// What an event has about, in bytes.
const EVENT_BYTES: usize = 512;

/// So many in a row that are not acknowledged say that the endpoint is away, and not that an event is wrong.
const OUTAGE: u32 = 16;

/// What came of sending one.
enum Sent {
    Acknowledged,
    Gone,
    Failed(String),
}

/// What goes on while events are sent.
struct State {
    queues: Queues,
    last: watch::Receiver<EventId>,
    /// The last position that was given out, and when another one may be.
    reported: EventId,
    report: Instant,
    /// How many were not acknowledged since the last one that was.
    fails: u32,
}

impl Webhook {
    /// Sends the events after the position `after` until `stop` is true or nobody can set it any more, the
    /// store is closed, nobody takes acknowledgements any more, or the endpoint is gone. What is on the way
    /// then is sent again when it runs again.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn run(
        &self,
        after: EventId,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), EventStoreError> {
        let last = self.store.watch(&self.tenant)?;
        let (queues, report) = (Queues::after(after), Instant::now());
        let mut state = State { queues, last, reported: after, report, fails: 0 };
        let mut on_the_way = FuturesUnordered::new();
        loop {
            self.fill(&mut state).await?;
            while on_the_way.len() < self.pace.parallel
                && let Some(next) = state.queues.next((self.now)())
            {
                on_the_way.push(self.send(next));
            }
            if !self.report(&mut state, false).await {
                return Ok(());
            }
            let is_full = state.queues.len() >= self.pace.waiting;
            let (retry, report) = (state.queues.next_try(), state.due_report());
            tokio::select! {
                () = stopped(&mut stop) => break,
                Some((event, sent)) = on_the_way.next() => {
                    if !self.settle(&mut state, &event, sent).await {
                        return Ok(());
                    }
                }
                changed = state.last.changed(), if !is_full => if changed.is_err() {
                    break;
                },
                () = until(retry) => state.queues.wake(Instant::now()),
                () = until(report) => {}
            }
        }
        self.report(&mut state, true).await;
        Ok(())
    }

    /// Reads what there is, as far as there is room.
    async fn fill(&self, state: &mut State) -> Result<(), EventStoreError> {
        while state.queues.len() < self.pace.waiting {
            let read = state.queues.read();
            if *state.last.borrow_and_update() <= read {
                break;
            }
            // No more than there is room for, about.
            let room = self.pace.waiting - state.queues.len();
            let bytes = PAGE_BYTES.min(room.saturating_mul(EVENT_BYTES));
            let events = match self.store.page(&self.tenant, read, bytes).await? {
                Page::Events(events) => events,
                Page::Gone { oldest } => {
                    let endpoint = &self.endpoint.name;
                    let oldest = oldest.map(|oldest| oldest.to_string());
                    tracing::warn!(endpoint, %read, oldest, "events were dropped before they were sent");
                    state.queues.skip(EventId::default());
                    continue;
                }
            };
            if events.is_empty() {
                break;
            }
            for stored in events {
                // What there is no room for is read again.
                if state.queues.len() >= self.pace.waiting {
                    break;
                }
                match stored.event() {
                    Ok(event) => {
                        let kinds = self.endpoint.kinds.as_ref();
                        let is_wanted = kinds.is_none_or(|kinds| kinds.contains(&event.kind()));
                        state.queues.push(event, is_wanted);
                    }
                    Err(why) => {
                        tracing::error!(event = %stored.id, %why, "an event cannot be read");
                        state.queues.skip(stored.id);
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends one, once.
    async fn send(&self, next: Next) -> (Event, Sent) {
        let Next { event, is_over } = next;
        let rings = event.kind() == Kind::Ring && !is_over;
        let connected =
            if rings { Some(self.presence.connected(&event.callee).await) } else { None };
        let now = (self.now)();
        let body = body(&event, connected, is_over, now);
        let sent = match self.request(event.id, body, now) {
            Ok(request) => {
                let answer = timeout(self.pace.timeout, self.transport.send(request)).await;
                match answer {
                    Ok(Ok(status)) if status.is_success() => Sent::Acknowledged,
                    Ok(Ok(StatusCode::GONE)) => Sent::Gone,
                    Ok(Ok(status)) => Sent::Failed(format!("the answer was {status}")),
                    Ok(Err(why)) => Sent::Failed(why),
                    Err(_) => Sent::Failed(format!("no answer in {:?}", self.pace.timeout)),
                }
            }
            Err(why) => Sent::Failed(why.to_string()),
        };
        (event, sent)
    }

    fn request(
        &self,
        id: EventId,
        body: Vec<u8>,
        now: u64,
    ) -> Result<Request<Bytes>, axum::http::Error> {
        let (id, timestamp) = (id.to_string(), now / 1_000);
        let signatures = signatures(&self.endpoint.secrets, &id, timestamp, &body);
        Request::post(self.endpoint.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("roomcall-server/", env!("CARGO_PKG_VERSION")))
            .header(ID, id)
            .header(TIMESTAMP, timestamp)
            .header(SIGNATURE, signatures)
            .body(Bytes::from(body))
    }

    /// Takes note of what came of one. Whether it goes on.
    async fn settle(&self, state: &mut State, event: &Event, sent: Sent) -> bool {
        let endpoint = &self.endpoint.name;
        let why = match sent {
            Sent::Acknowledged => {
                let fails = std::mem::take(&mut state.fails);
                if fails > 0 {
                    tracing::info!(endpoint, "the endpoint takes events again");
                }
                if fails >= OUTAGE {
                    // They have failed since it was away, and are in the way of new ones.
                    state.queues.wake_all();
                }
                state.queues.done(event.attempt);
                return true;
            }
            Sent::Gone => {
                tracing::warn!(endpoint, "the endpoint is gone: nothing is sent to it any more");
                self.report(state, true).await;
                let gone = Acknowledgement::Gone { endpoint: endpoint.clone() };
                // It is over in either case.
                let _ = self.acknowledged.send(gone).await;
                return false;
            }
            Sent::Failed(why) => why,
        };
        state.fails = state.fails.saturating_add(1);
        if state.fails == 1 {
            tracing::warn!(endpoint, event = %event.id, why, "the endpoint does not take an event");
        }
        let (tries, now) = (state.queues.tries(event.attempt), (self.now)());
        let wait = self.wait(tries);
        let age = Duration::from_millis(now.saturating_sub(event.at));
        if age.saturating_add(wait) < self.pace.give_up {
            state.queues.failed(event.attempt, Instant::now() + wait, now);
            return true;
        }
        tracing::error!(endpoint, event = %event.id, tries, why, "an event is a dead letter");
        let (endpoint, id) = (endpoint.clone(), event.id);
        let letter = Acknowledgement::DeadLetter { endpoint, event: id, tries, why };
        // Before the position passes it.
        let is_taken = self.acknowledged.send(letter).await.is_ok();
        state.queues.done(event.attempt);
        is_taken
    }

    /// How long until one is sent again that was sent so often.
    fn wait(&self, tries: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
        let most = self.pace.first_wait.saturating_mul(doubled).min(self.pace.longest_wait);
        most.mul_f64(0.5 + fastrand::f64() / 2.0)
    }

    /// Gives the position out, if it is another one and it is time, or in any case. Whether anybody takes it.
    async fn report(&self, state: &mut State, in_any_case: bool) -> bool {
        let (position, now) = (state.queues.position(), Instant::now());
        if position <= state.reported || !in_any_case && now < state.report {
            return true;
        }
        (state.reported, state.report) = (position, now + self.pace.report);
        let endpoint = self.endpoint.name.clone();
        self.acknowledged.send(Acknowledgement::Position { endpoint, position }).await.is_ok()
    }
}

impl State {
    /// When the position is to be given out, if it is another one.
    fn due_report(&self) -> Option<Instant> {
        (self.queues.position() > self.reported).then_some(self.report)
    }
}

/// Waits until it is to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Nobody can stop it any more: so it stops.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Waits until then, or for ever.
async fn until(then: Option<Instant>) {
    match then {
        Some(then) => sleep_until(then).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
