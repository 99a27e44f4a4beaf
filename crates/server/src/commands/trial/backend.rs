//! The sample backend: it signs tokens for everybody, states who is in which room, and plays a push service.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use roomcall::Limits;
use roomcall::protocol::{Answer, Body, Fact, FactAnswer, Output};
use roomcall_server::clock::{SystemClock, Time as _};
use roomcall_server::engine::Job;
use roomcall_server::events::event::EventId;
use roomcall_server::events::push::push;
use roomcall_server::events::store::{Page, Stored};
use roomcall_server::http::Reached;
use roomcall_server::server::TENANT;
use roomcall_server::token::{Signer, Who, now};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// For how long a token is valid, in seconds: a page asks for another one for each connection.
const VALID: u64 = 3_600;

/// How long somebody waits for a push.
const WAIT: Duration = Duration::from_secs(25);

/// The most bytes of events that are read at once.
const PAGE_BYTES: usize = 1 << 16;

/// The backend of an app, as small as it can be.
pub(super) struct Backend {
    signer: Signer,
    tenant: OnceLock<Reached>,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}

/// A device of a user.
#[derive(Deserialize)]
struct Device {
    user: String,
    device: String,
}

/// A device that is in a room, by one connection to it.
#[derive(Deserialize)]
struct Session {
    user: String,
    device: String,
    session: String,
}

/// From where on pushes are wanted.
#[derive(Deserialize)]
struct After {
    after: Option<EventId>,
}

/// Why something was not done.
struct Problem(StatusCode, String);

impl axum::response::IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl Backend {
    pub(super) const fn new(signer: Signer) -> Self {
        Self { signer, tenant: OnceLock::new() }
    }

    /// The server is there.
    pub(super) fn begin(&self, tenant: Reached) {
        // It is so once only.
        let _ = self.tenant.set(tenant);
    }

    pub(super) fn routes(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/try/token", post(token))
            .route("/try/rooms/{room}/enter", post(enter))
            .route("/try/rooms/{room}/leave", post(leave))
            .route("/try/push/{user}/{device}", get(pushed))
            .layer(from_fn(from_this_machine))
            .with_state(self.clone())
    }

    fn tenant(&self) -> Result<&Reached, Problem> {
        self.tenant.get().ok_or_else(stopping)
    }

    /// States a fact, and waits until it is durable.
    async fn state(&self, fact: Fact) -> Result<(), Problem> {
        let (answered, answers) = oneshot::channel();
        let job = Job::Facts { facts: vec![fact], answered };
        self.tenant()?.jobs.send(job).await.map_err(|_| stopping())?;
        let answers = answers.await.map_err(|_| stopping())?;
        match answers.first() {
            Some(Output {
                body: Body::Answer(Answer::Fact(FactAnswer { limit: Some(limit), .. })),
                ..
            }) => Err(Problem(
                StatusCode::BAD_REQUEST,
                format!("the limit {:?} is {}", limit.name, limit.value),
            )),
            _ => Ok(()),
        }
    }
}

/// A page of somebody else's must not come here by a name of its own that leads to this machine.
async fn from_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_loopback = |name: &str| name.parse().is_ok_and(|it: IpAddr| it.is_loopback());
    if name == "localhost" || is_loopback(name.trim_matches(['[', ']'])) {
        return next.run(request).await;
    }
    let why = "this backend believes every name, so it answers under localhost and 127.0.0.1 only";
    Problem(StatusCode::FORBIDDEN, why.to_owned()).into_response()
}

fn stopping() -> Problem {
    Problem(StatusCode::SERVICE_UNAVAILABLE, "the server stops".to_owned())
}

async fn token(
    State(backend): State<Arc<Backend>>,
    Json(Device { user, device }): Json<Device>,
) -> Result<Response, Problem> {
    let who = Who::device(&user, &device);
    let wrong = |why| Problem(StatusCode::BAD_REQUEST, format!("{why}"));
    who.has_ids(Limits::DEFAULT.id_bytes).map_err(wrong)?;
    let token = backend.signer.sign(&who, now(), now() + VALID);
    Ok(Json(json!({ "token": token })).into_response())
}

async fn enter(
    State(backend): State<Arc<Backend>>,
    Path(room): Path<String>,
    Json(Session { user, device, session }): Json<Session>,
) -> Result<StatusCode, Problem> {
    // It is ignored where the room is open (F-03).
    backend.state(Fact::RoomOpened { room: room.clone(), owner: user.clone() }).await?;
    let (device, session) = (Some(device), Some(session));
    backend.state(Fact::UserEntered { room, user, device, session, opening: None }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn leave(
    State(backend): State<Arc<Backend>>,
    Path(room): Path<String>,
    Json(Session { user, device, session }): Json<Session>,
) -> Result<StatusCode, Problem> {
    let (device, session) = (Some(device), Some(session));
    backend.state(Fact::UserLeft { room, user, device, session, opening: None }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The next push for a device that is not connected, as Google's service would bring it; 204 if there is none for
/// a while.
async fn pushed(
    State(backend): State<Arc<Backend>>,
    Path((user, _device)): Path<(String, String)>,
    Query(After { after }): Query<After>,
) -> Result<Response, Problem> {
    let failed = |why: &dyn ToString| Problem(StatusCode::SERVICE_UNAVAILABLE, why.to_string());
    let store = backend.tenant()?.events.as_ref().ok_or_else(stopping)?;
    let mut last = store.watch(TENANT).map_err(|why| failed(&why))?;
    let until = Instant::now() + WAIT;
    let mut after = after.unwrap_or(*last.borrow_and_update());
    loop {
        let page = store.page(TENANT, after, PAGE_BYTES).await.map_err(|why| failed(&why))?;
        let events = match page {
            Page::Events(events) => events,
            Page::Gone { .. } => {
                after = EventId::default();
                continue;
            }
        };
        for stored in &events {
            after = stored.id;
            if let Some(data) = of(stored, &user) {
                return Ok(Json(json!({ "id": stored.id, "data": data })).into_response());
            }
        }
        if events.is_empty() && !matches!(timeout_at(until, last.changed()).await, Ok(Ok(()))) {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
}

/// What is pushed to a user because of an event, if anything is.
fn of(stored: &Stored, user: &str) -> Option<serde_json::Value> {
    let event = stored.event().ok().filter(|event| event.callee == user)?;
    let mut push = push(&event, SystemClock::new().wall())?;
    Some(push["fcm"]["message"]["data"].take())
}
