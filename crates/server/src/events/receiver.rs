//! A sample of the other end: a backend that takes webhooks, and plays Apple's and Google's push services.
//!
//! It checks signatures, refuses what was sent long ago, knows by its id what it has had, and shows what each
//! device would show. It is for tests and to try the server, and keeps little.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::event::{Event, EventId, Kind};
use super::signature::{Secret, verify};
use super::webhook::Now;

/// How far the time of sending may be from now, in seconds.
const TOLERANCE: u64 = 300;

/// How many ids, events and calls it remembers.
const REMEMBERED: usize = 10_000;

/// The longest body, in bytes.
const BODY_BYTES: usize = 1 << 20;

/// A backend.
pub struct Receiver {
    secret: Secret,
    now: Now,
    had: Mutex<Had>,
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

/// What it has had.
#[derive(Debug, Default)]
struct Had {
    ids: BTreeSet<EventId>,
    events: VecDeque<Event>,
    pushed: VecDeque<Pushed>,
}

/// A call for which devices were woken.
#[derive(Debug)]
struct Pushed {
    event: Event,
    /// Who was connected, and needed no push.
    connected: BTreeSet<String>,
    push: Value,
    ended: Option<Kind>,
}

/// A webhook as it is sent.
#[derive(Deserialize)]
struct Body {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    event: Event,
    #[serde(default)]
    connected: BTreeSet<String>,
    push: Option<Value>,
}

impl Receiver {
    /// One that has had nothing, with the secret of its endpoint and a clock.
    pub fn new(secret: Secret, now: Now) -> Self {
        Self { secret, now, had: Mutex::default() }
    }

    /// Its routes: `POST /events` for the server, `GET /events` and `GET /devices/{user}/{device}` for
    /// whoever looks.
    pub fn routes(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/events", post(take).layer(DefaultBodyLimit::max(BODY_BYTES)).get(events))
            .route("/devices/{user}/{device}", get(device))
            .with_state(Arc::clone(self))
    }

    /// The events that it has had, each once, in the order in which they came.
    pub fn events(&self) -> Vec<Event> {
        self.had().events.iter().cloned().collect()
    }

    /// What a device of a user would show because of pushes: each call that rang for it, and whether it
    /// rings still.
    pub fn shown(&self, user: &str, device: &str) -> Value {
        let had = self.had();
        let pushed = had.pushed.iter().filter(|it| it.event.callee == user);
        let pushed = pushed.filter(|it| !it.connected.contains(device));
        let calls = pushed.map(|it| {
            let Event { room, caller, attempt, .. } = &it.event;
            let shows = if it.ended.is_some() { "ended" } else { "rings" };
            json!({
                "attempt": attempt, "roomID": room, "caller": caller, "shows": shows,
                "ended": it.ended, "push": it.push,
            })
        });
        json!({ "calls": calls.collect::<Vec<_>>() })
    }

    fn had(&self) -> std::sync::MutexGuard<'_, Had> {
        self.had.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), (StatusCode, String)> {
        let id = verify(&self.secret, headers, body, (self.now)() / 1_000, TOLERANCE)
            .map_err(|why| (StatusCode::UNAUTHORIZED, why.to_string()))?;
        let malformed = |why: String| (StatusCode::BAD_REQUEST, why);
        let body: Body = serde_json::from_slice(body).map_err(|why| malformed(why.to_string()))?;
        let Data { event, connected, push } = body.data;
        if event.id.to_string() != id {
            return Err(malformed("the header has another id than the event".to_owned()));
        }
        let mut had = self.had();
        if !had.ids.insert(event.id) {
            tracing::info!(%id, "had before");
            return Ok(());
        }
        let (kind, attempt) = (event.kind(), event.attempt);
        tracing::info!(%id, kind = kind.name(), attempt, ?connected, "an event");
        had.note(event, connected, push);
        Ok(())
    }
}

impl Had {
    fn note(&mut self, event: Event, connected: BTreeSet<String>, push: Option<Value>) {
        let is_this = |it: &&mut Pushed| it.event.attempt == event.attempt;
        match (event.kind(), push) {
            (Kind::Ring, Some(push)) => {
                let pushed = Pushed { event: event.clone(), connected, push, ended: None };
                self.pushed.push_back(pushed);
            }
            (kind, _) if kind.is_ending() => {
                if let Some(pushed) = self.pushed.iter_mut().find(is_this) {
                    pushed.ended = Some(kind);
                }
            }
            _ => {}
        }
        self.events.push_back(event);
        while self.ids.len() > REMEMBERED {
            self.ids.pop_first();
        }
        while self.events.len() > REMEMBERED {
            self.events.pop_front();
        }
        while self.pushed.len() > REMEMBERED {
            self.pushed.pop_front();
        }
    }
}

async fn take(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> Response {
    match receiver.take(&headers, &body) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err((status, why)) => {
            tracing::warn!(%status, why, "refused");
            (status, Json(json!({ "error": why }))).into_response()
        }
    }
}

async fn events(State(receiver): State<Arc<Receiver>>) -> Response {
    for_every_page(json!(receiver.events()))
}

async fn device(
    State(receiver): State<Arc<Receiver>>,
    Path((user, device)): Path<(String, String)>,
) -> Response {
    for_every_page(receiver.shown(&user, &device))
}

/// An answer that a page of another origin may read.
fn for_every_page(answer: Value) -> Response {
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(answer)).into_response()
}

#[cfg(test)]
mod tests {
    use roomcall::Rule;

    use super::*;
    use crate::events::event::What;
    use crate::events::push::push;
    use crate::events::signature::{ID, SIGNATURE, TIMESTAMP};

    const AT: u64 = 1_700_000_000_000;
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn receiver() -> Receiver {
        Receiver::new(SECRET.parse().unwrap(), Arc::new(|| AT))
    }

    fn event(sequence: u64, what: What) -> Event {
        Event {
            id: EventId { sequence, index: 0 },
            at: AT,
            what,
            room: "standup".into(),
            caller: "ana".into(),
            callee: "bo".into(),
            attempt: 9,
            because: Rule::C01,
        }
    }

    fn sent(event: &Event, connected: &[&str], at: u64) -> (HeaderMap, Vec<u8>) {
        let mut data = json!(event);
        data["connected"] = json!(connected);
        data["push"] = json!(push(event, AT));
        let body = json!({ "type": event.kind().name(), "data": data }).to_string().into_bytes();
        let (id, timestamp) = (event.id.to_string(), at / 1_000);
        let mut headers = HeaderMap::new();
        let secret: Secret = SECRET.parse().unwrap();
        headers.insert(SIGNATURE, secret.sign(&id, timestamp, &body).parse().unwrap());
        headers.insert(ID, id.parse().unwrap());
        headers.insert(TIMESTAMP, timestamp.into());
        (headers, body)
    }

    #[test]
    fn a_device_that_is_not_connected_rings_until_the_call_ends() {
        let receiver = receiver();
        let take = |event: &Event, connected: &[&str]| {
            let (headers, body) = sent(event, connected, AT);
            receiver.take(&headers, &body).unwrap();
        };
        let shows = |device| {
            let shown = receiver.shown("bo", device);
            let calls = shown["calls"].as_array().unwrap();
            calls.iter().map(|call| call["shows"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let ring = event(1, What::Ring { extension_info: "hi".into(), time_left: Some(30_000) });
        take(&ring, &["tablet"]);
        // At least once.
        take(&ring, &[]);
        assert_eq!(shows("phone"), ["rings"]);
        assert_eq!(shows("tablet"), [""; 0], "it is connected");
        assert_eq!(receiver.shown("ana", "phone"), json!({ "calls": [] }));
        take(&event(2, What::Accepted { device: Some("tablet".into()) }), &[]);
        assert_eq!(shows("phone"), ["ended"]);
        assert_eq!(receiver.events().len(), 2);
    }

    #[test]
    fn what_is_old_or_by_somebody_else_is_refused() {
        let receiver = receiver();
        let refused =
            |(headers, body): (HeaderMap, Vec<u8>)| receiver.take(&headers, &body).unwrap_err().0;
        let missed = event(1, What::Missed);
        assert_eq!(refused(sent(&missed, &[], AT - 301_000)), StatusCode::UNAUTHORIZED);
        let (headers, mut body) = sent(&missed, &[], AT);
        body.push(b' ');
        assert_eq!(refused((headers, body)), StatusCode::UNAUTHORIZED);
        let (headers, _) = sent(&missed, &[], AT);
        assert_eq!(refused((headers, Vec::new())), StatusCode::UNAUTHORIZED);
        assert_eq!(receiver.events(), []);
        let (headers, body) = sent(&missed, &[], AT);
        receiver.take(&headers, &body).unwrap();
    }
}
