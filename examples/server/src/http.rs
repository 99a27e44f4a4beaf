//! What the server answers over HTTP: the socket, the backend's API, health, metrics, and a page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use roomcall::named::{Actor, Entry, Fact};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::clock::{SystemClock, Time as _};
use crate::engine::{Done, Job};
use crate::frame::{Frame, strict};
use crate::metrics::Metrics;
use crate::socket::{self, Device, SocketLimits};
use crate::token::{Claims, TokenError, Verifier, Who};

/// What the handlers share.
#[derive(Clone, Debug)]
pub struct Shared {
    /// To the engine.
    pub jobs: mpsc::Sender<Job>,
    /// Who is who.
    pub verifier: Arc<dyn Verifier>,
    /// What is counted.
    pub metrics: Arc<Mutex<Metrics>>,
    /// What is allowed on a connection.
    pub limits: SocketLimits,
    /// The newest token of each device.
    pub newest: Arc<Mutex<Newest>>,
    /// Of which every connection has a clone until it is over.
    pub alive: mpsc::Sender<()>,
}

/// The routes.
pub fn routes(shared: Shared) -> Router {
    let body = DefaultBodyLimit::max(shared.limits.message_bytes);
    Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/v1/socket", get(connect))
        .route("/v1/facts", post(fact).layer(body))
        .route("/v1/requests", post(request).layer(body))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .with_state(shared)
}

/// Why a request over HTTP is not answered.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("{0}")]
    Full(crate::hub::Full),
    #[error("{0}")]
    Malformed(String),
    #[error(
        "the server stops or cannot write its store: whether it was done is not known, send it again"
    )]
    Stopping,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Token(TokenError::NotForThis) => StatusCode::FORBIDDEN,
            Self::Token(_) => StatusCode::UNAUTHORIZED,
            Self::Full(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}

async fn connect(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let claims = shared.claims(&headers, query.get("token"))?;
    let Who::Device { user, device } = &claims.who else {
        return Err(TokenError::NotForThis.into());
    };
    let (user, device) = (user.clone(), device.clone());
    shared.newest.lock().unwrap_or_else(PoisonError::into_inner).see(&claims, now())?;
    let left = Duration::from_secs(claims.exp.saturating_sub(now()));
    let until = Instant::now() + left.min(Duration::from_secs(366 * 86_400));
    let (accepted, answer) = oneshot::channel();
    let job = Job::Connect { user: user.clone(), device: device.clone(), accepted };
    shared.jobs.send(job).await.map_err(|_| Problem::Stopping)?;
    let connection = answer.await.map_err(|_| Problem::Stopping)?.map_err(Problem::Full)?;
    let limit = shared.limits.message_bytes;
    let upgrade = upgrade.max_message_size(limit).max_frame_size(limit);
    let (gone, number) = (shared.jobs.clone(), connection.0);
    let name = user.clone();
    let upgrade = upgrade.on_failed_upgrade(move |_| {
        tokio::spawn(async move { gone.send(Job::Disconnect { user: name, number }).await });
    });
    // It goes with the connection: a stop waits until the last one is gone.
    let alive = shared.alive.clone();
    Ok(upgrade.on_upgrade(move |socket| async move {
        let _alive = alive;
        let who = Device { user, device, until };
        let why = socket::serve(socket, who, shared.limits, shared.jobs, connection).await;
        if let Some(why) = why {
            shared.metrics.lock().unwrap_or_else(PoisonError::into_inner).closed(why);
        }
    }))
}

async fn fact(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Problem> {
    shared.is_backend(&headers)?;
    let fact: Fact = strict(&body).map_err(|why| {
        Problem::Malformed(format!("expected a fact like {{\"userLeft\":{{..}}}}: {why}"))
    })?;
    let done = shared.do_for_backend(None, Entry::Fact(fact)).await?;
    Ok(Json(json!({ "at": done.at, "unchanged": done.unchanged })).into_response())
}

async fn request(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Problem> {
    shared.is_backend(&headers)?;
    let frame = Frame::read(&body).map_err(|why| Problem::Malformed(why.to_string()))?;
    let (no, entry) = (frame.no, frame.entry(Actor::Backend));
    let done = shared.do_for_backend(no, entry).await?;
    Ok(Json(done.answer).into_response())
}

async fn health(State(shared): State<Shared>) -> (StatusCode, &'static str) {
    if shared.jobs.is_closed() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else {
        (StatusCode::OK, "ok\n")
    }
}

async fn metrics(State(shared): State<Shared>) -> Response {
    let text = shared.metrics.lock().unwrap_or_else(PoisonError::into_inner).text();
    let form = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, form)], text).into_response()
}

impl Shared {
    fn claims(&self, headers: &HeaderMap, query: Option<&String>) -> Result<Claims, TokenError> {
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = header.and_then(|value| value.strip_prefix("Bearer "));
        let token = bearer.or(query.map(String::as_str)).ok_or(TokenError::Missing)?;
        self.verifier.verify(token, now())
    }

    fn is_backend(&self, headers: &HeaderMap) -> Result<(), TokenError> {
        match self.claims(headers, None)?.who {
            Who::Backend => Ok(()),
            Who::Device { .. } => Err(TokenError::NotForThis),
        }
    }

    async fn do_for_backend(&self, no: Option<u64>, entry: Entry) -> Result<Done, Problem> {
        let (answered, answer) = oneshot::channel();
        let job = Job::Backend { no, entry, answered };
        self.jobs.send(job).await.map_err(|_| Problem::Stopping)?;
        answer.await.map_err(|_| Problem::Stopping)
    }
}

/// The newest token that each device has used: an older one that somebody kept is good no more.
#[derive(Debug, Default)]
pub struct Newest {
    by_device: HashMap<(String, String), (u64, u64)>,
    /// When it has so many, those that have expired go.
    swept_at: usize,
}

impl Newest {
    /// A device uses a token.
    ///
    /// # Errors
    ///
    /// It has used a newer one.
    pub fn see(&mut self, claims: &Claims, now: u64) -> Result<(), TokenError> {
        let Who::Device { user, device } = &claims.who else { return Ok(()) };
        if self.by_device.len() > self.swept_at {
            self.by_device.retain(|_, (_, exp)| *exp > now);
            self.swept_at = (2 * self.by_device.len()).max(1_024);
        }
        let newest = self.by_device.entry((user.clone(), device.clone())).or_default();
        if claims.iat < newest.0 {
            return Err(TokenError::Replayed);
        }
        *newest = (claims.iat, claims.exp.max(newest.1));
        Ok(())
    }
}

/// Seconds since 1970, by the wall clock: tokens are made elsewhere.
fn now() -> u64 {
    SystemClock::new().wall() / 1_000
}
