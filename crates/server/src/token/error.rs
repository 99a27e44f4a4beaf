//! Why a token is not good. Nothing that the token says is in the words: whoever sent it chose that.

use serde::{Deserialize, Serialize};

/// Why a token is not good.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
pub enum TokenError {
    /// There is none.
    #[error("a token is needed: `Authorization: Bearer TOKEN`, or for a browser `?token=TOKEN`")]
    Missing,
    /// It cannot be read.
    #[error("this is not a token: a JWT, signed with HS256, EdDSA or ES256, is expected")]
    Malformed,
    /// What it says is not complete, or contradicts itself.
    #[error(
        "the token needs the claims `iss`, `iat` and `exp`, and either `sub`, the user, and `device`, or \
         `\"role\":\"backend\"` without these two"
    )]
    Claims,
    /// Its issuer is none of a tenant.
    #[error("no tenant of this server has the issuer that the token names")]
    Issuer,
    /// It is for others.
    #[error("the token is not for this server: its audience is another")]
    Audience,
    /// No key of its tenant has signed it.
    #[error("the token was not signed with a key of who may sign tokens for this server")]
    Forged,
    /// Its time is over.
    #[error("the token has expired: ask for a new one")]
    Expired,
    /// Its time has not come: who issued it has a clock that is ahead by more than this many seconds, the most
    /// that is allowed.
    #[error(
        "the token is of the future, by more than the {0} s that are allowed: the clock that issued it is ahead"
    )]
    Future(u64),
    /// It is valid for longer than the server allows, in seconds.
    #[error("the token is valid for more than {0} s, the most that is allowed: sign one for less")]
    TooLong(u64),
    /// An id in it is none.
    #[error("the ids of user and device have from 1 to {0} bytes: the token has another")]
    Id(u32),
    /// The device has used a newer one.
    #[error("a newer token of this device was used: this one is no longer valid")]
    Replayed,
    /// The device was revoked after it was issued.
    #[error("the device was revoked: sign in again for a new token")]
    Revoked,
    /// It stands for somebody who may not do this.
    #[error("this token is not for this: devices use the socket, the backend uses the HTTP API")]
    NotForThis,
}
