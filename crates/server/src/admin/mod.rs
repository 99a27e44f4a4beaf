//! What whoever runs a server sees of it and tells it, on a listener of its own, with a token of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONNECTION;
use axum::http::request::Parts as Head;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::drain::Drain;
use crate::engine::{Job, ask};
use crate::http::{Reached, bearer, problem};
use crate::metrics::Counts;
use crate::token::TenantName;

pub mod backup;
mod calls;
mod connections;
mod rules;
mod token;

pub use token::{AdminToken, AdminTokenError, NewToken};

/// Somebody asks that keys and the admin token are read again: told which changed settings wait for a restart,
/// or why nothing was changed.
pub type Reload = oneshot::Sender<Result<Vec<String>, String>>;

/// How a server is administered.
#[derive(Clone, Debug)]
pub struct AdminParts {
    /// Where it listens for that; port 0 is any that is free.
    pub listen: SocketAddr,
    /// What has to be shown.
    pub token: Arc<AdminToken>,
    /// To whoever can read the configuration again.
    pub reload: mpsc::Sender<Reload>,
}

/// What the handlers share.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    pub(crate) tenants: Arc<BTreeMap<TenantName, Reached>>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) drain: Drain,
    pub(crate) token: Arc<AdminToken>,
    pub(crate) reload: mpsc::Sender<Reload>,
    /// Taken while a backup is made.
    pub(crate) backup: Arc<Mutex<()>>,
}

/// The routes.
pub(crate) fn routes(admin: Admin) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/admin/v1/connections", get(connections::list).delete(connections::kick))
        .route("/admin/v1/calls", get(calls::list))
        .route("/admin/v1/drain", post(drain))
        .route("/admin/v1/backup", post(backup::make))
        .route("/admin/v1/rules", patch(rules::change))
        .route("/admin/v1/reload", post(reload))
        .layer(from_fn_with_state(admin.clone(), authenticate))
        .with_state(admin)
}

/// Why a request is not answered.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("this needs `Authorization: Bearer` with the token of administration")]
    Token,
    #[error("there are several tenants: say which by `tenant`")]
    WhichTenant,
    #[error("there is no tenant {0:?}")]
    NoTenant(String),
    #[error("{0}")]
    Malformed(String),
    #[error("a backup is being made: wait until it is")]
    Busy,
    #[error("no backup was made: {0}")]
    Backup(String),
    #[error("nothing was changed: {0}")]
    Reload(String),
    #[error("the server stops: whether it was done is not known")]
    Stopping,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::WhichTenant | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::NoTenant(_) => StatusCode::NOT_FOUND,
            Self::Busy => StatusCode::CONFLICT,
            Self::Backup(_) | Self::Reload(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        problem(status, self)
    }
}

async fn authenticate(State(admin): State<Admin>, request: Request, next: Next) -> Response {
    if bearer(request.headers()).is_some_and(|token| admin.token.is(token)) {
        next.run(request).await
    } else {
        // Whoever has no token does not occupy one of the few connections.
        ([(CONNECTION, "close")], Problem::Token).into_response()
    }
}

/// The tenant that a request is about.
struct About(Reached);

#[derive(Deserialize)]
struct Named {
    tenant: Option<String>,
}

impl FromRequestParts<Admin> for About {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Head, admin: &Admin) -> Result<Self, Problem> {
        let named = Query::<Named>::from_request_parts(head, admin).await;
        let Query(Named { tenant }) = named.map_err(|why| Problem::Malformed(why.body_text()))?;
        let Some(name) = tenant else {
            let mut all = admin.tenants.values();
            return match (all.next(), all.next()) {
                (Some(one), None) => Ok(Self(one.clone())),
                _ => Err(Problem::WhichTenant),
            };
        };
        let named = admin.tenants.iter().find(|(it, _)| it.as_str() == name);
        named.map(|(_, tenant)| Self(tenant.clone())).ok_or(Problem::NoTenant(name))
    }
}

impl About {
    /// What the engine answers to a job.
    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, Problem> {
        ask(&self.0.jobs, job).await.ok_or(Problem::Stopping)
    }
}

async fn metrics(State(admin): State<Admin>) -> Response {
    admin.counts.response()
}

async fn drain(State(admin): State<Admin>) -> (StatusCode, Json<Value>) {
    let is_new = admin.drain.begin();
    (StatusCode::ACCEPTED, Json(json!({ "draining": true, "new": is_new })))
}

async fn reload(State(admin): State<Admin>) -> Result<Json<Value>, Problem> {
    let (answered, answer) = oneshot::channel();
    admin.reload.send(answered).await.map_err(|_| Problem::Stopping)?;
    let reloaded = answer.await.map_err(|_| Problem::Stopping)?;
    Ok(Json(json!({ "needRestart": reloaded.map_err(Problem::Reload)? })))
}
