//! What the backend does to a user: revokes devices, and erases.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use roomcall::protocol::{Answer, Body, Fact, FactAnswer};

use super::{ByBackend, Problem, Shared};
use crate::engine::Job;
use crate::token::TenantName;

/// Revokes a device.
pub(super) async fn revoke_device(
    State(shared): State<Shared>,
    ByBackend(tenant): ByBackend,
    Path((user, device)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    shared.revoke(&tenant, user, Some(device)).await
}

/// Revokes all devices of a user.
pub(super) async fn revoke_user(
    State(shared): State<Shared>,
    ByBackend(tenant): ByBackend,
    Path(user): Path<String>,
) -> Result<StatusCode, Problem> {
    shared.revoke(&tenant, user, None).await
}

/// Erases a user (F-20). It is done when this says so, but for what the follower forgets after that.
pub(super) async fn erase(
    State(shared): State<Shared>,
    ByBackend(tenant): ByBackend,
    Path(user): Path<String>,
) -> Result<StatusCode, Problem> {
    let facts = vec![Fact::UserErased { user }];
    let answers = shared.tenant(&tenant)?.ask(|answered| Job::Facts { facts, answered }).await?;
    match answers.first().map(|output| &output.body) {
        Some(Body::Answer(Answer::Fact(FactAnswer { limit: Some(limit), .. }))) => {
            let most = limit.value;
            Err(Problem::Malformed(format!("the id of a user has 1 to {most} bytes (L-01)")))
        }
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

impl Shared {
    /// Revokes a device, or all of a user. It is done when this says so, and stays done.
    async fn revoke(
        &self,
        tenant: &TenantName,
        user: String,
        device: Option<String>,
    ) -> Result<StatusCode, Problem> {
        let tenant = self.tenant(tenant)?;
        tenant.ask(|answered| Job::RevokeDevice { user, device, answered }).await?;
        Ok(StatusCode::NO_CONTENT)
    }
}
