//! What can be wrong with a configuration.

use std::path::PathBuf;

use crate::admin::AdminTokenError;
use crate::events::store::EventStoreError;
use crate::log::StoreError;
use crate::token::{SourceError, TenantError, TenantName};
/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the file {0}: {1}")]
    File(PathBuf, String),
    /// There is no secret.
    #[error(
        "a secret is needed, with which tokens are signed: make one with\n  \
         roomcall-server secret --out secret.txt\nand give it with --secret-file secret.txt"
    )]
    NoSecret,
    /// There are several.
    #[error("of `secret`, `secret-file` and `keys` only one can be given: leave out the others")]
    SeveralSecrets,
    /// There are settings of one tenant, and tenants.
    #[error(
        "there are `[[tenant]]` tables, and `{0}` besides them, which is of a server with one tenant: \
         give it in the tables"
    )]
    Besides(&'static str),
    /// A key or secret.
    #[error(transparent)]
    Keys(#[from] SourceError),
    /// A tenant.
    #[error(transparent)]
    Tenants(#[from] TenantError),
    /// Nobody could administer it.
    #[error(
        "`admin` needs `admin-token-file`: make one with `roomcall-server secret --out admin-token.txt`"
    )]
    NoAdminToken,
    /// The token of administration.
    #[error(transparent)]
    AdminToken(#[from] AdminTokenError),
    /// A number is too small or too large.
    #[error("{0} is {1}, and has to be from 1 to {2}")]
    Range(&'static str, u64, u64),
    /// A number is too large.
    #[error("{0} is {1}, and may be {2} at most")]
    Above(&'static str, u64, u64),
    /// An endpoint of webhooks cannot be one.
    #[error("the webhook {0}: {1}")]
    Webhook(String, String),
    /// A webhook of LiveKit could be of either tenant.
    #[error(
        "the tenants {0} and {1} have the same API key of LiveKit, {2}: whose room a webhook is about is not known. \
         Give each a key of its own"
    )]
    SharedKey(TenantName, TenantName, String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The events.
    #[error(transparent)]
    Events(#[from] EventStoreError),
    /// The system has no certificates by which it could trust an endpoint.
    #[error("webhooks cannot be sent: {0}")]
    Client(std::io::Error),
}
