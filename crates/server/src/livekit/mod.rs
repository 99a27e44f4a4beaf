//! LiveKit as the room server: its webhooks become facts.
//!
//! [`signature`] says whether a webhook is LiveKit's, [`webhook`] reads it, and [`rooms`] says what it
//! means. Set-up, and what is mapped and what is not: `docs/livekit.md`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use roomcall::protocol::{Answer, Body, Output};
use tokio::sync::oneshot;

use crate::engine::Job;
use crate::http::{Reached, Shared, body, problem};
use crate::redact::Redacted;

pub mod rooms;
pub mod signature;
pub mod webhook;

#[cfg(test)]
mod tests;

use rooms::{Rooms, Scheme};
use signature::{Keys, Signature, SignatureError};
use webhook::{Webhook, WebhookError};

/// The longest body, in bytes: a participant's metadata is in it.
pub(crate) const BODY_BYTES: usize = 1 << 20;

/// What is known of LiveKit.
#[derive(Debug)]
pub struct LiveKit {
    keys: Keys,
    rooms: Mutex<Rooms>,
}

impl LiveKit {
    /// The names of its API keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.names()
    }

    /// Webhooks that are signed with one of these keys, and how their names are read.
    pub fn new(keys: Keys, scheme: Scheme) -> Arc<Self> {
        Arc::new(Self { keys, rooms: Mutex::new(Rooms::new(scheme)) })
    }
}

/// Why a webhook is not taken.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("this server takes no webhooks of LiveKit: start it with --livekit-key-file")]
    NotSetUp,
    #[error(transparent)]
    Unsigned(#[from] SignatureError),
    #[error(transparent)]
    Malformed(#[from] WebhookError),
    #[error("the server stops or cannot write its store: send it again")]
    Stopping,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotSetUp => StatusCode::NOT_FOUND,
            Self::Unsigned(_) => StatusCode::UNAUTHORIZED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            // LiveKit tries again after a status from 500 on, and after no other.
            Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        problem(status, self)
    }
}

/// Takes a webhook: `POST /v1/livekit`.
pub(crate) async fn receive(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Response, Response> {
    let (tenant, webhook) = signed(&shared, request).await?;
    let answers = stated(tenant, &webhook).await.map_err(Problem::into_response)?;
    for (rule, limit) in answers.iter().filter_map(over_a_limit) {
        let room = Redacted(webhook.room_name());
        tracing::warn!(%room, %rule, limit, "a webhook of LiveKit is over a limit: it changed nothing");
    }
    Ok(Json(answers).into_response())
}

/// The webhook of a request. Not a byte of the body is read before the signature is judged.
async fn signed(shared: &Shared, request: Request) -> Result<(&Reached, Webhook), Response> {
    let token = request.headers().get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let (tenant, signature) =
        signer(shared, token.unwrap_or_default()).map_err(|why| why.into_response())?;
    let refused = |why: BytesRejection| (why.status(), why.body_text());
    let body: Bytes = body(request, shared, refused).await?;
    signature.is_of(&body).map_err(|why| Problem::from(why).into_response())?;
    let webhook = Webhook::read(&body).map_err(|why| Problem::from(why).into_response())?;
    if webhook.dropped > 0 {
        let room = Redacted(webhook.room_name());
        tracing::warn!(%room, count = webhook.dropped, "LiveKit has dropped webhooks: list who is present");
    }
    Ok((tenant, webhook))
}

/// The tenant with whose key a webhook is signed. Each key is one tenant's.
fn signer<'a>(shared: &'a Shared, token: &str) -> Result<(&'a Reached, Signature), Problem> {
    let mut why = Problem::NotSetUp;
    for tenant in shared.tenants.values() {
        let Some(livekit) = &tenant.livekit else { continue };
        match livekit.keys.signature(token) {
            Ok(signature) => return Ok((tenant, signature)),
            Err(unsigned) => why = unsigned.into(),
        }
    }
    Err(why)
}

/// States what a webhook means, and waits until it is durable.
async fn stated(tenant: &Reached, webhook: &Webhook) -> Result<Vec<Output>, Problem> {
    let livekit = tenant.livekit.as_ref().ok_or(Problem::NotSetUp)?;
    // Between what is remembered and what is sent nobody may stop: a permit first.
    let permit = tenant.jobs.reserve().await.map_err(|_| Problem::Stopping)?;
    let answers = {
        // In the order in which they are remembered, they are sent.
        let mut rooms = livekit.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let facts = rooms.facts(webhook)?;
        if facts.is_empty() {
            return Ok(Vec::new());
        }
        let (answered, answers) = oneshot::channel();
        permit.send(Job::Facts { facts, answered });
        answers
    };
    answers.await.map_err(|_| Problem::Stopping)
}

/// The rule and the value of the limit that a fact was over.
fn over_a_limit(output: &Output) -> Option<(roomcall::Rule, u32)> {
    match &output.body {
        Body::Answer(Answer::Fact(answer)) => {
            answer.ignored.zip(answer.limit.map(|limit| limit.value))
        }
        _ => None,
    }
}
