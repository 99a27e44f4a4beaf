//! Tokens: who is connecting, on which device, and until when.
//!
//! A token is a JWT (RFC 7519). Its issuer, which is believed only as far as it is looked up, chooses the
//! [`Tenant`]; the keys of that tenant decide whether it is good. A key is of one algorithm, and what the
//! head of a token says of algorithms decides nothing. Another way to know people is another [`Verifier`].

use std::fmt;

use crate::clock::{SystemClock, Time as _};

mod claims;
mod error;
mod jwk;
mod key_set;
mod make;
mod signer;
mod source;
mod tenant;

pub(crate) use claims::is_id;
pub use claims::{Claims, Who};
pub use error::TokenError;
pub use jwk::{KeyError, SECRET_BYTES};
pub use key_set::KeySet;
pub use make::{Kind, Made, SetText, added};
pub use signer::Signer;
pub use source::{KeySource, SourceError};
pub use tenant::{Tenant, TenantError, TenantName, Tenants};

/// The longest token that is looked at, in bytes.
pub const LONGEST: usize = 4_096;

/// The issuer of tokens where the configuration names none.
pub const ISSUER: &str = "roomcall";

/// By how many seconds a clock that signs may differ from this server's, where the configuration says nothing.
pub const LEEWAY: u64 = 60;

/// Tells whom a token stands for.
pub trait Verifier: Send + Sync + fmt::Debug {
    /// The claims of a good token. `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// It is not good.
    fn verify(&self, token: &str, now: u64) -> Result<Claims, TokenError>;
}

/// Seconds since 1970, by the wall clock: tokens are made elsewhere.
pub fn now() -> u64 {
    SystemClock::new().wall() / 1_000
}

#[cfg(test)]
mod tests;
