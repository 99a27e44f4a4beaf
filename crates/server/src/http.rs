//! What the server answers over HTTP: the socket, the backend's API, health, metrics, and a page.

mod users;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::Router;
use axum::extract::rejection::StringRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use roomcall::protocol::{Actor, Fact, Frame};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use crate::drain::Drain;
use crate::engine::{Connector, Job, NotConnected, ask, erases};
use crate::events::store::EventStore;
use crate::events::stream;
use crate::hub::Full;
use crate::livekit::{self, LiveKit};
use crate::log::Log;
use crate::metrics::Counts;
use crate::partition::Partition;
use crate::permit::Permit;
use crate::progress::Progress;
use crate::socket::{self, Device, SocketLimits};
use crate::token::{Claims, TenantName, TokenError, Verifier, Who, now};

/// What is read of a connection at once, in bytes: each has as much memory all the time.
const READ_BUFFER: usize = 2_048;

/// What the handlers share.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The tenants.
    pub tenants: Arc<BTreeMap<TenantName, Reached>>,
    /// Who is who.
    pub verifier: Arc<dyn Verifier>,
    /// What is counted, for whoever reads it.
    pub counts: Arc<Counts>,
    /// Whether the metrics are on the listener of administration, and not here.
    pub is_administered: bool,
    /// Whether nobody should be sent here any more.
    pub drain: Drain,
    /// What is allowed on a connection.
    pub limits: SocketLimits,
    /// The longest that a token may be good, in seconds.
    pub token_life: u64,
    /// How long a body may take to come.
    pub patience: Duration,
}

/// A tenant, as the handlers reach it.
#[derive(Clone, Debug)]
pub struct Reached {
    /// To the engine.
    pub jobs: mpsc::Sender<Job>,
    /// LiveKit, if its webhooks are taken.
    pub livekit: Option<Arc<LiveKit>>,
    /// The events of calls, if they are kept.
    pub events: Option<Arc<EventStore>>,
    /// Its log, if it is here.
    pub log: Option<Arc<dyn Log>>,
}

impl Reached {
    pub(crate) fn of(partition: &Partition) -> Self {
        let Partition { tenant, jobs, log, .. } = partition;
        let events = tenant.events.as_ref().map(|it| it.store.clone());
        Self { jobs: jobs.clone(), livekit: tenant.livekit.clone(), events, log: Some(log.clone()) }
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, Problem> {
        ask(&self.jobs, job).await.ok_or(Problem::Stopping)
    }
}

/// The routes, and below them those of pages.
pub fn routes(shared: Shared, pages: Router) -> Router {
    let body = DefaultBodyLimit::max(shared.limits.message_bytes);
    Router::new()
        .route("/v1/socket", get(connect))
        .route("/v1/facts", post(facts).layer(DefaultBodyLimit::max(FACTS_BYTES)))
        .route("/v1/requests", post(request).layer(body))
        .route(
            "/v1/livekit",
            post(livekit::receive).layer(DefaultBodyLimit::max(livekit::BODY_BYTES)),
        )
        .route("/v1/events", get(events))
        .route("/v1/users/{id}", delete(users::erase))
        .route("/v1/users/{id}/devices", delete(users::revoke_user))
        .route("/v1/users/{id}/devices/{device}", delete(users::revoke_device))
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(shared.clone())
        .merge(pages)
        .layer(from_fn_with_state(shared, unauthenticated_leave))
}

/// Whoever is neither a device nor the backend may make one request.
async fn unauthenticated_leave(
    State(shared): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let shown = Shown(shared.claims(bearer(request.headers())));
    request.extensions_mut().insert(shown);
    let is_backend = backend(request.extensions()).is_ok();
    let mut response = next.run(request).await;
    if !is_backend && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What the token of the header says, or why it is not valid.
#[derive(Clone)]
struct Shown(Result<Claims, TokenError>);

/// Of which tenant the backend is that a request is of, or why it is of none.
fn backend(request: &Extensions) -> Result<TenantName, TokenError> {
    let claims = request.get().map_or(Err(TokenError::Missing), |Shown(it)| it.clone())?;
    match claims.who {
        Who::Backend => Ok(claims.tenant),
        Who::Device { .. } => Err(TokenError::NotForThis),
    }
}

/// Why a request over HTTP is not answered.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Full(Full),
    #[error("{0}")]
    Malformed(String),
    #[error("this server keeps no events: it was started with --no-events")]
    NoEvents,
    #[error(
        "the server stops or cannot write its store: whether it was done is not known, send it again"
    )]
    Stopping,
}

impl From<NotConnected> for Problem {
    fn from(why: NotConnected) -> Self {
        match why {
            NotConnected::Token(why) => Self::Token(why),
            NotConnected::Full(why) => Self::Full(why),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Token(TokenError::NotForThis) => StatusCode::FORBIDDEN,
            // Another token of the same device would be no better.
            Self::Token(TokenError::Id(_)) => StatusCode::BAD_REQUEST,
            Self::Token(_) => StatusCode::UNAUTHORIZED,
            Self::Full(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::NoEvents => StatusCode::NOT_FOUND,
            Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        problem(status, self)
    }
}

/// An answer that says what is wrong.
pub(crate) fn problem(status: StatusCode, why: impl ToString) -> Response {
    (status, Json(json!({ "error": why.to_string() }))).into_response()
}

/// The body of a request, which has to come in time.
pub(crate) async fn body<T, R>(
    request: Request,
    shared: &Shared,
    refused: impl FnOnce(R) -> (StatusCode, String),
) -> Result<T, Response>
where
    T: FromRequest<Shared, Rejection = R>,
{
    match timeout(shared.patience, T::from_request(request, shared)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(why)) => {
            let (status, why) = refused(why);
            Err(problem(status, why))
        }
        Err(_) => {
            let why = "the body did not come in time: send it in one go";
            Err(problem(StatusCode::REQUEST_TIMEOUT, why))
        }
    }
}

async fn connect(
    State(shared): State<Shared>,
    Extension(Shown(shown)): Extension<Shown>,
    Query(query): Query<HashMap<String, String>>,
    Extension(permit): Extension<Permit>,
    Extension(progress): Extension<Progress>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let claims = match shown {
        // A browser cannot send the header.
        Err(TokenError::Missing) => shared.claims(query.get("token").map(String::as_str)),
        shown => shown,
    }?;
    let Who::Device { user, device } = &claims.who else {
        return Err(TokenError::NotForThis.into());
    };
    let (user, device) = (user.clone(), device.clone());
    let jobs = shared.tenant(&claims.tenant)?.jobs.clone();
    let left = Duration::from_secs(claims.until.saturating_sub(now()));
    let until = Instant::now() + left.min(Duration::from_secs(366 * 86_400));
    let connection = ask(&jobs, |accepted| {
        let accepted = Connector::Socket(accepted);
        Job::Connect { claims, accepted }
    })
    .await;
    let connection = connection.ok_or(Problem::Stopping)??;
    connection.1.attach(&progress);
    if !permit.authenticate() {
        let gone = Job::Disconnect { user, number: connection.0 };
        jobs.send(gone).await.map_err(|_| Problem::Stopping)?;
        return Err(Problem::Full(Full::Leaving));
    }
    let limit = shared.limits.message_bytes;
    let upgrade = upgrade.max_message_size(limit).max_frame_size(limit);
    let upgrade = upgrade.read_buffer_size(READ_BUFFER);
    let (gone, number) = (jobs.clone(), connection.0);
    let name = user.clone();
    let upgrade = upgrade.on_failed_upgrade(move |_| {
        tokio::spawn(async move { gone.send(Job::Disconnect { user: name, number }).await });
    });
    Ok(upgrade.on_upgrade(move |socket| async move {
        let who = Device { user, device, until };
        let why = socket::serve(socket, who, shared.limits, jobs, connection, progress).await;
        if let Some(why) = why {
            shared.counts.closed(why);
        }
    }))
}

/// The body of a request of the backend, of which not a byte is read for anybody else.
struct OfBackend(TenantName, String);

impl FromRequest<Shared> for OfBackend {
    type Rejection = Response;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Response> {
        let tenant = backend(request.extensions());
        let tenant = tenant.map_err(|why| Problem::from(why).into_response())?;
        let refused = |why: StringRejection| (why.status(), why.body_text());
        Ok(Self(tenant, body(request, shared, refused).await?))
    }
}

/// The longest body of facts, as the longest line of a journal (J-03): a room's list names everybody. Nobody
/// but the backend is read.
const FACTS_BYTES: usize = 1 << 23;

/// Facts in one list. They are applied at one go, and nobody else is served meanwhile.
const MOST_FACTS: usize = 1_000;

async fn facts(
    State(shared): State<Shared>,
    OfBackend(tenant, body): OfBackend,
) -> Result<Response, Problem> {
    let is_list = body.trim_start().starts_with('[');
    let facts =
        if is_list { Fact::read_list(&body) } else { Fact::read(&body).map(|fact| vec![fact]) };
    let facts = facts.map_err(|why| Problem::Malformed(why.to_string()))?;
    if facts.len() > MOST_FACTS {
        let many = facts.len();
        let why = format!("a list has at most {MOST_FACTS} facts, this one has {many}: split it");
        return Err(Problem::Malformed(why));
    }
    if facts.len() > 1 && erases(&facts) {
        let why = "userErased stands alone, since it looks at everything that is known: post it by itself, \
                   or send DELETE /v1/users/{id}";
        return Err(Problem::Malformed(why.to_owned()));
    }
    let tenant = shared.tenant(&tenant)?;
    let mut answers = tenant.ask(|answered| Job::Facts { facts, answered }).await?;
    // A fact is answered as it was stated: by itself, or in a list.
    let response = match answers.pop() {
        Some(answer) if !is_list => Json(answer).into_response(),
        last => {
            answers.extend(last);
            Json(answers).into_response()
        }
    };
    Ok(response)
}

async fn request(
    State(shared): State<Shared>,
    OfBackend(tenant, body): OfBackend,
) -> Result<Response, Problem> {
    let frame = Frame::read(&body).map_err(|why| Problem::Malformed(why.to_string()))?;
    let (request_id, input) = (frame.request_id, frame.request.input(Actor::Backend));
    let tenant = shared.tenant(&tenant)?;
    let answer = tenant.ask(|answered| Job::Backend { request_id, input, answered }).await?;
    Ok(Json(answer).into_response())
}

async fn events(
    State(shared): State<Shared>,
    ByBackend(tenant): ByBackend,
    Extension(Shown(claims)): Extension<Shown>,
    Query(after): Query<stream::After>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let store = shared.tenant(&tenant)?.events.clone().ok_or(Problem::NoEvents)?;
    let left = Duration::from_secs(claims?.until.saturating_sub(now()));
    Ok(stream::events(store, tenant.as_str(), &after, &headers, left).await)
}

/// A request of the backend that has no body to speak of: whatever comes with it is not read.
struct ByBackend(TenantName);

impl FromRequestParts<Shared> for ByBackend {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        Ok(Self(backend(&parts.extensions)?))
    }
}

/// Whether the process works: while it drains or stops it does.
async fn live() -> &'static str {
    "ok\n"
}

/// Whether somebody should be sent here.
async fn ready(State(shared): State<Shared>) -> (StatusCode, &'static str) {
    if shared.drain.has_begun() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if shared.tenants.values().any(|tenant| tenant.jobs.is_closed()) {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else {
        (StatusCode::OK, "ok\n")
    }
}

async fn metrics(State(shared): State<Shared>) -> Response {
    if shared.is_administered {
        return StatusCode::NOT_FOUND.into_response();
    }
    shared.counts.response()
}

/// The token of `Authorization: Bearer TOKEN`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, token) = header.split_once(' ').filter(|it| it.0.eq_ignore_ascii_case("bearer"))?;
    Some(token.trim())
}

impl Shared {
    fn claims(&self, token: Option<&str>) -> Result<Claims, TokenError> {
        let token = token.ok_or(TokenError::Missing)?;
        let claims = self.verifier.verify(token, now())?;
        claims.within(self.token_life)?;
        Ok(claims)
    }

    /// The tenant of a token that is good.
    fn tenant(&self, name: &TenantName) -> Result<&Reached, TokenError> {
        self.tenants.get(name).ok_or(TokenError::Issuer)
    }
}
