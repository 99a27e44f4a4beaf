//! Tokens: who is connecting, on which device, and until when.
//!
//! A token is `v1.CLAIMS.MAC`: the claims as JSON and their HMAC-SHA-256, both in base64url. Another
//! way to know people is another [`Verifier`].

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use roomcall::protocol::read;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::{SystemClock, Time as _};

/// The shortest secret, in bytes.
pub const SECRET_BYTES: usize = 32;

/// The longest token that is looked at, in bytes.
pub const LONGEST: usize = 2_048;

/// What a token says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Whose token it is.
    pub who: Who,
    /// When it was issued, in seconds since 1970: of one device only the newest that was seen is good.
    pub iat: u64,
    /// Until when it is valid, in seconds since 1970.
    pub exp: u64,
}

/// Whom a token stands for.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Who {
    /// One device of one user.
    Device {
        /// The user.
        user: String,
        /// The device.
        device: String,
    },
    /// The application's own backend, which states facts and acts for nobody.
    Backend,
}

/// Why a token is not good.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenError {
    /// There is none.
    #[error("a token is needed: `Authorization: Bearer TOKEN`, or for a browser `?token=TOKEN`")]
    Missing,
    /// It is not of the form `v1.CLAIMS.MAC`.
    #[error("this is not a token of version 1")]
    Malformed,
    /// It was not signed with the secret of this server.
    #[error("the token was not signed by who may sign tokens for this server")]
    Forged,
    /// Its time is over.
    #[error("the token has expired: ask for a new one")]
    Expired,
    /// It is valid for longer than the server allows, in seconds.
    #[error("the token is valid for more than {0} s, the most that is allowed: sign one for less")]
    TooLong(u64),
    /// The device has used a newer one.
    #[error("a newer token of this device was used: this one is no longer valid")]
    Replayed,
    /// It stands for somebody who may not do this.
    #[error("this token is not for this: devices use the socket, the backend uses the HTTP API")]
    NotForThis,
}

/// By how much a clock may be ahead, in seconds: that of who signs, or the server's own.
pub(crate) const AHEAD: u64 = 86_400;

impl Claims {
    /// Whether a token is good for no longer than `life` seconds.
    ///
    /// # Errors
    ///
    /// It is.
    pub fn within(&self, life: u64, now: u64) -> Result<(), TokenError> {
        let (own, latest) = (self.iat.saturating_add(life), now.saturating_add(AHEAD + life));
        if self.exp > own.min(latest) { Err(TokenError::TooLong(life)) } else { Ok(()) }
    }
}

/// Tells whom a token stands for.
pub trait Verifier: Send + Sync + fmt::Debug {
    /// The claims of a good token. `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// It is not good.
    fn verify(&self, token: &str, now: u64) -> Result<Claims, TokenError>;
}

/// Tokens that are signed with one secret that the issuer and this server share.
#[derive(Clone)]
pub struct SharedSecret {
    mac: Hmac<Sha256>,
}

impl SharedSecret {
    /// With this secret; `None` if it is shorter than [`SECRET_BYTES`].
    pub fn new(secret: &[u8]) -> Option<Self> {
        if secret.len() < SECRET_BYTES {
            return None;
        }
        Some(Self { mac: Hmac::new_from_slice(secret).ok()? })
    }

    /// A signed token.
    pub fn sign(&self, claims: &Claims) -> String {
        let claims = BASE64.encode(serde_json::to_vec(claims).unwrap_or_default());
        let mac = self.mac.clone().chain_update(&claims).finalize().into_bytes();
        format!("v1.{claims}.{}", BASE64.encode(mac))
    }
}

impl Verifier for SharedSecret {
    fn verify(&self, token: &str, now: u64) -> Result<Claims, TokenError> {
        if token.len() > LONGEST {
            return Err(TokenError::Malformed);
        }
        let (version, rest) = token.split_once('.').ok_or(TokenError::Malformed)?;
        let (claims, mac) = rest.split_once('.').ok_or(TokenError::Malformed)?;
        let mac = BASE64.decode(mac).map_err(|_| TokenError::Malformed)?;
        if version != "v1" {
            return Err(TokenError::Malformed);
        }
        // In constant time, and before anything of the claims is believed.
        let signed = self.mac.clone().chain_update(claims);
        signed.verify_slice(&mac).map_err(|_| TokenError::Forged)?;
        let claims = BASE64.decode(claims).map_err(|_| TokenError::Malformed)?;
        let claims: Claims = read(&claims, "claims").map_err(|_| TokenError::Malformed)?;
        if claims.exp <= now { Err(TokenError::Expired) } else { Ok(claims) }
    }
}

/// Without the secret.
impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}

/// Seconds since 1970, by the wall clock: tokens are made elsewhere.
pub fn now() -> u64 {
    SystemClock::new().wall() / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(exp: u64) -> Claims {
        let who = Who::Device { user: "ana".to_owned(), device: "phone".to_owned() };
        Claims { who, iat: 1, exp }
    }

    #[test]
    fn a_token_is_good_until_it_expires() {
        let secret = SharedSecret::new(&[7; SECRET_BYTES]).unwrap();
        let token = secret.sign(&claims(100));
        assert_eq!(secret.verify(&token, 99), Ok(claims(100)));
        assert_eq!(secret.verify(&token, 100), Err(TokenError::Expired));
    }

    #[test]
    fn none_is_good_for_too_long() {
        let judged = |iat, exp| Claims { iat, ..claims(exp) }.within(1_000, 600);
        assert_eq!((judged(500, 1_500), judged(5_000, 6_000)), (Ok(()), Ok(())));
        for (iat, exp) in [(500, 1_501), (0, 1_500), (u64::MAX, u64::MAX), (90_000, 91_000)] {
            assert_eq!(judged(iat, exp), Err(TokenError::TooLong(1_000)), "{iat}, {exp}");
        }
    }

    #[test]
    fn nobody_else_can_make_one() {
        let secret = SharedSecret::new(&[7; SECRET_BYTES]).unwrap();
        let other = SharedSecret::new(&[8; SECRET_BYTES]).unwrap();
        assert_eq!(secret.verify(&other.sign(&claims(100)), 0), Err(TokenError::Forged));
        let token = secret.sign(&claims(100));
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] ^= 1;
            let forged = String::from_utf8(forged).unwrap();
            assert!(secret.verify(&forged, 0).is_err(), "byte {at}");
        }
        assert_eq!(secret.verify("", 0), Err(TokenError::Malformed));
        assert!(SharedSecret::new(b"short").is_none());
    }
}
