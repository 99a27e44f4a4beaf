//! Signatures of webhooks, by the Standard Webhooks specification: HMAC-SHA256 over the id, the time of
//! sending and the body.

use std::fmt;
use std::io;
use std::str::FromStr;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::private_file::random_bytes;

/// The header with the id of the event, which stays the same when it is sent again.
pub const ID: &str = "webhook-id";
/// The header with the time of sending, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures, separated by spaces.
pub const SIGNATURE: &str = "webhook-signature";

/// The fewest bytes of a key.
const KEY_BYTES: usize = 24;

/// What the server and an endpoint both know. It is written `whsec_` and its bytes in base64.
#[derive(Clone)]
pub struct Secret(Hmac<Sha256>);

/// It is not shown.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A text that is no secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a secret of a webhook is whsec_ and at least {KEY_BYTES} bytes in base64")]
pub struct NoSecret;

impl FromStr for Secret {
    type Err = NoSecret;

    fn from_str(text: &str) -> Result<Self, NoSecret> {
        let key = text.trim().strip_prefix("whsec_").ok_or(NoSecret)?;
        let key = BASE64.decode(key).map_err(|_| NoSecret)?;
        if key.len() < KEY_BYTES {
            return Err(NoSecret);
        }
        Hmac::new_from_slice(&key).map(Self).map_err(|_| NoSecret)
    }
}

impl Secret {
    /// The text of a secret that nobody else has.
    ///
    /// # Errors
    ///
    /// The operating system gives no random bytes.
    pub fn random() -> io::Result<String> {
        Ok(format!("whsec_{}", BASE64.encode(random_bytes()?)))
    }

    /// The signature of a body that is sent at `timestamp`, in seconds since 1970: `v1,BASE64`.
    pub fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> String {
        let code = self.mac(id, &timestamp.to_string(), body).finalize().into_bytes();
        format!("v1,{}", BASE64.encode(code))
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac
    }

    fn has_signed(&self, id: &str, timestamp: &str, body: &[u8], signature: &str) -> bool {
        let code = signature.strip_prefix("v1,").and_then(|code| BASE64.decode(code).ok());
        // It takes the same time for every code.
        code.is_some_and(|code| self.mac(id, timestamp, body).verify_slice(&code).is_ok())
    }
}

/// The signatures of several secrets, of which an endpoint has to know one.
pub fn signatures(secrets: &[Secret], id: &str, timestamp: u64, body: &[u8]) -> String {
    let all: Vec<_> = secrets.iter().map(|secret| secret.sign(id, timestamp, body)).collect();
    all.join(" ")
}

/// Why a webhook is not believed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotVerified {
    /// A header is missing, or not text.
    #[error("there is no header {0}")]
    Header(&'static str),
    /// The time of sending is too far from now: it may have been recorded and sent again.
    #[error("it was sent too long ago, or not yet")]
    Time,
    /// No signature is by the secret.
    #[error("no signature is right")]
    Signature,
}

/// Checks a webhook that came at `now`, in seconds since 1970, and gives its id. `tolerance` is how far
/// the time of sending may be from that, in seconds.
///
/// # Errors
///
/// It is not by whoever has the secret, or not of now.
pub fn verify<'a>(
    secret: &Secret,
    headers: &'a HeaderMap,
    body: &[u8],
    now: u64,
    tolerance: u64,
) -> Result<&'a str, NotVerified> {
    let header = |name: &'static str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or(NotVerified::Header(name))
    };
    let (id, timestamp, signatures) = (header(ID)?, header(TIMESTAMP)?, header(SIGNATURE)?);
    if !signatures.split(' ').any(|it| secret.has_signed(id, timestamp, body, it)) {
        return Err(NotVerified::Signature);
    }
    let sent: u64 = timestamp.parse().map_err(|_| NotVerified::Time)?;
    if sent.abs_diff(now) > tolerance { Err(NotVerified::Time) } else { Ok(id) }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// The example of the libraries of Standard Webhooks.
    const ID_OF_EXAMPLE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIME: u64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn secret() -> Secret {
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap()
    }

    fn other() -> Secret {
        format!("whsec_{}", BASE64.encode([7; 32])).parse().unwrap()
    }

    fn headers(signatures: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ID, HeaderValue::from_static(ID_OF_EXAMPLE));
        headers.insert(TIMESTAMP, HeaderValue::from(TIME));
        headers.insert(SIGNATURE, signatures.parse().unwrap());
        headers
    }

    #[test]
    fn the_signature_is_that_of_the_standard() {
        assert_eq!(secret().sign(ID_OF_EXAMPLE, TIME, BODY), SIGNED);
    }

    #[test]
    fn a_webhook_is_believed_if_one_signature_is_right_and_it_is_of_now() {
        let check = |headers: &HeaderMap, body: &[u8], now| {
            verify(&secret(), headers, body, now, 300).map(str::to_owned)
        };
        let good = Ok(ID_OF_EXAMPLE.to_owned());
        assert_eq!(check(&headers(SIGNED), BODY, TIME), good);
        let rotated = signatures(&[other(), secret()], ID_OF_EXAMPLE, TIME, BODY);
        assert_eq!(check(&headers(&rotated), BODY, TIME), good);
        for now in [TIME - 300, TIME + 300] {
            assert_eq!(check(&headers(SIGNED), BODY, now), good);
        }
        for now in [TIME - 301, TIME + 301] {
            assert_eq!(check(&headers(SIGNED), BODY, now), Err(NotVerified::Time));
        }
        let by_other = other().sign(ID_OF_EXAMPLE, TIME, BODY);
        assert_eq!(check(&headers(&by_other), BODY, TIME), Err(NotVerified::Signature));
        assert_eq!(check(&headers(SIGNED), b"{}", TIME), Err(NotVerified::Signature));
        let mut another = headers(SIGNED);
        another.insert(TIMESTAMP, HeaderValue::from(TIME + 1));
        assert_eq!(check(&another, BODY, TIME), Err(NotVerified::Signature));
        another.remove(TIMESTAMP);
        assert_eq!(check(&another, BODY, TIME), Err(NotVerified::Header(TIMESTAMP)));
    }

    #[test]
    fn a_secret_is_long_and_not_shown() {
        for text in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_?"] {
            assert_eq!(text.parse::<Secret>().unwrap_err(), NoSecret, "{text}");
        }
        assert_eq!(format!("{:?}", secret()), "Secret");
        let new = Secret::random().unwrap();
        assert!(new.parse::<Secret>().is_ok() && new != Secret::random().unwrap());
    }
}
