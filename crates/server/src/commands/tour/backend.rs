//! The backend of the tour: it takes what the server tells it of calls.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use roomcall::EndingKind;
use roomcall_server::clock::{SystemClock, Time as _};
use roomcall_server::events::event::{Event, EventId, Kind};
use roomcall_server::events::signature::{Secret, verify};
use roomcall_server::log::{Log, StoreError};
use roomcall_server::recover::from_zero;
use roomcall_server::state::{Seed, Seen};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::check::Check;
use super::child::Folder;
use super::pushed::Phones;
use super::replay::Replayed;

/// How long nothing has to come until there is nothing more.
const QUIET: Duration = Duration::from_secs(2);
/// How long it may take until then.
const PATIENCE: Duration = Duration::from_secs(120);
/// How far the time of sending may be from now, in seconds.
const TOLERANCE: u64 = 300;

/// An endpoint of webhooks.
#[derive(Clone, Debug)]
pub(super) struct Backend(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    secret: Secret,
    taken: Mutex<Taken>,
}

/// What it was told.
#[derive(Debug, Default)]
struct Taken {
    events: BTreeMap<EventId, Event>,
    /// The last event of each call.
    last: BTreeMap<u64, EventId>,
    posts: u64,
    wrong: Vec<String>,
    /// Those that are off.
    phones: Phones,
    /// Rings of which the call was over when they were posted.
    late: u64,
}

#[derive(Deserialize)]
struct Body {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    event: Event,
    push: Option<Value>,
    #[serde(default)]
    over: bool,
}

impl Backend {
    /// Begins to listen, and writes the configuration of a server that tells it.
    pub(super) async fn start(folder: &Folder) -> io::Result<Self> {
        let text = Secret::random()?;
        let secret = text.parse().map_err(io::Error::other)?;
        let backend = Self(Arc::new(Shared { secret, taken: Mutex::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        folder.configure(&format!("http://{}/events", listener.local_addr()?), &text)?;
        let routes = Router::new().route("/events", post(take)).with_state(backend.clone());
        tokio::spawn(async move {
            if let Err(why) = axum::serve(listener, routes).await {
                println!("  the backend is gone: {why}");
            }
        });
        Ok(backend)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nothing comes any more.
    pub(super) async fn rest(&self) {
        let start = Instant::now();
        let mut before = (self.taken().posts, start);
        while before.1.elapsed() < QUIET && start.elapsed() < PATIENCE {
            sleep(Duration::from_millis(50)).await;
            let posts = self.taken().posts;
            if posts != before.0 {
                before = (posts, Instant::now());
            }
        }
    }

    /// How many endings of each call it was told.
    fn endings(&self) -> BTreeMap<u64, Vec<Kind>> {
        let mut endings: BTreeMap<u64, Vec<Kind>> = BTreeMap::new();
        for event in self.taken().events.values() {
            let of_call = endings.entry(event.attempt).or_default();
            if event.kind().is_ending() {
                of_call.push(event.kind());
            }
        }
        endings
    }

    /// Each call has ended for it as the replayed log says.
    pub(super) fn of_calls(&self, replayed: &Replayed) -> Check {
        let told = self.endings();
        let wrong = replayed.attempts.iter().filter_map(|(attempt, endings)| {
            let expected: Vec<Kind> = endings.iter().map(|ending| kind(ending.how)).collect();
            let told = told.get(attempt);
            (told != Some(&expected)).then(|| format!("call {attempt}: {told:?}, not {expected:?}"))
        });
        ("each call ended for the backend as it did in the log".to_owned(), wrong.collect())
    }

    /// What it was told is what the log says.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub(super) async fn checks(
        &self,
        log: &dyn Log,
        seed: Seed,
    ) -> Result<(String, Vec<Check>), StoreError> {
        let mut all = All::default();
        from_zero(log, seed, &mut all).await?;
        let taken = self.taken();
        let missing = all.0.iter().filter(|event| taken.events.get(&event.id) != Some(event));
        let missing =
            missing.map(|it| format!("{} of call {}, {}", it.kind().name(), it.attempt, it.id));
        let missing: Vec<String> = missing.collect();
        let more = taken.events.len().saturating_sub(all.0.len());
        let more = (more > 0).then(|| format!("{more} events that the log does not have"));
        let again = taken.posts - taken.events.len() as u64;
        let said = format!(
            "{} events of calls were posted to the backend, {again} of them again; {} pushes rang phones that were off",
            taken.events.len(),
            taken.phones.rang,
        );
        let rings = taken.events.values().filter(|event| event.kind() == Kind::Ring).count() as u64;
        let unpushed = rings.saturating_sub(taken.phones.rang + taken.late);
        let unpushed = (unpushed > 0).then(|| format!("{unpushed} rings were not pushed"));
        let checks = vec![
            (
                "each event of a call in the log is at the backend, as it is there".to_owned(),
                missing.into_iter().chain(more).collect(),
            ),
            (
                "they are signed, those of a call are in order, an id is one event".to_owned(),
                taken.wrong.clone(),
            ),
            (
                "each ring rang a phone that was off, unless its call was over already".to_owned(),
                taken.phones.wrong.iter().cloned().chain(unpushed).collect(),
            ),
        ];
        Ok((said, checks))
    }
}

/// The kind of the event of an ending.
const fn kind(how: EndingKind) -> Kind {
    match how {
        EndingKind::Accepted | EndingKind::Entered => Kind::Accepted,
        EndingKind::Rejected | EndingKind::InOtherRoom => Kind::Rejected,
        EndingKind::TimedOut => Kind::Missed,
        EndingKind::Cancelled => Kind::Cancelled,
        EndingKind::Revoked => Kind::Revoked,
    }
}

/// All events that follow from a log.
#[derive(Default)]
struct All(Vec<Event>);

impl Seen for All {
    fn events(&mut self, mut events: Vec<Event>) -> Result<(), StoreError> {
        self.0.append(&mut events);
        Ok(())
    }
}

async fn take(State(backend): State<Backend>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let now = SystemClock::new().wall() / 1_000;
    let verified = verify(&backend.0.secret, &headers, &body, now, TOLERANCE);
    let data = serde_json::from_slice(&body).map(|body: Body| body.data);
    let mut taken = backend.taken();
    match (verified, data) {
        (Ok(_), Ok(Data { event, push, over })) => {
            if event.kind() == Kind::Ring && !taken.events.contains_key(&event.id) {
                match push {
                    Some(push) => taken.phones.ring(&push),
                    None if over => taken.late += 1,
                    None => {}
                }
            }
            taken.note(event);
        }
        (Err(why), _) => taken.wrong.push(why.to_string()),
        (_, Err(why)) => taken.wrong.push(why.to_string()),
    }
    StatusCode::NO_CONTENT
}

impl Taken {
    fn note(&mut self, event: Event) {
        self.posts += 1;
        let Event { id, attempt, .. } = event;
        if let Some(first) = self.events.get(&id) {
            if *first != event {
                self.wrong.push(format!("{id} is {first:?}, and then {event:?}"));
            }
            return;
        }
        let last = self.last.entry(attempt).or_default();
        if *last > id {
            self.wrong.push(format!("{id} of call {attempt} came after {last}"));
        }
        *last = id;
        self.events.insert(id, event);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(sequence: u64, attempt: u64, kind: &str) -> Event {
        serde_json::from_value(json!({
            "id": format!("{sequence}-0"), "at": 1, "kind": kind, "roomID": "standup", "caller": "ana",
            "callee": "bo", "attempt": attempt, "because": "E-04",
        }))
        .unwrap()
    }

    #[test]
    fn what_comes_again_is_the_same_and_what_is_new_is_in_order() {
        let mut taken = Taken::default();
        for event in [event(2, 1, "missed"), event(2, 1, "missed"), event(1, 2, "missed")] {
            taken.note(event);
        }
        assert_eq!((taken.posts, taken.events.len(), taken.wrong.len()), (3, 2, 0));
        taken.note(event(2, 1, "cancelled"));
        assert_eq!(taken.wrong.len(), 1, "another event with that id");
        taken.note(event(4, 3, "missed"));
        taken.note(event(3, 3, "missed"));
        assert_eq!(taken.wrong.len(), 2, "{:?}", taken.wrong);
    }
}
