//! Whether a webhook is LiveKit's: its `Authorization` is a JWT, signed with an API key, that has the
//! hash of the body.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The shortest secret of an API key, in bytes, as LiveKit asks for.
pub const SECRET_BYTES: usize = 32;

/// By how much the clocks of LiveKit and of this server may differ, in seconds.
const LEEWAY: u64 = 60;

/// API keys of LiveKit, with their secrets.
pub struct Keys(Vec<(String, DecodingKey)>);

/// What is wrong with a file of keys.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeysError {
    /// A line is not of the form `KEY: SECRET`.
    #[error("line {0} is not of the form `KEY: SECRET`")]
    Form(usize),
    /// A secret is too short.
    #[error("the secret in line {0} has {1} bytes, and needs at least {SECRET_BYTES}")]
    Short(usize, usize),
    /// There is no key.
    #[error("there is no key in it: write a line `KEY: SECRET`")]
    Empty,
}

/// Why a webhook is not believed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignatureError {
    /// It has no `Authorization`, or one that is no JWT with what it has to say.
    #[error(
        "the `Authorization` of a webhook has to be a JWT of LiveKit, with `iss`, `exp` and `sha256`"
    )]
    Malformed,
    /// It is signed with none of the keys.
    #[error(
        "the webhook is not signed with a key of this server: see `webhook.api_key` of LiveKit"
    )]
    Forged,
    /// It came too late, or the clocks differ.
    #[error("the signature has expired or is of the future: do the clocks agree?")]
    Expired,
    /// The body is not what was signed.
    #[error("the body is not the one that was signed")]
    OtherBody,
}

/// The hash of the body that was signed.
#[derive(Clone, Copy, Debug)]
pub struct Signature([u8; 32]);

/// What of the claims is looked at here; `iss`, `exp` and `nbf` are judged with the signature.
#[derive(Deserialize)]
struct Claims {
    sha256: String,
}

impl Keys {
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &name[..])
    }

    /// Reads keys in the form of LiveKit's own key files: a line `KEY: SECRET` each. Empty lines and
    /// those that begin with `#` say nothing. Of several keys each is good, so that one can be replaced
    /// by another.
    ///
    /// # Errors
    ///
    /// There is none, or a line is of another form, or has a secret that is too short.
    pub fn read(text: &str) -> Result<Self, KeysError> {
        let mut keys = Vec::new();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, secret) = line.split_once(':').ok_or(KeysError::Form(number))?;
            let (key, secret) = (key.trim(), secret.trim().trim_matches('"'));
            if key.is_empty() {
                return Err(KeysError::Form(number));
            }
            if secret.len() < SECRET_BYTES {
                return Err(KeysError::Short(number, secret.len()));
            }
            let secret = DecodingKey::from_secret(secret.as_bytes());
            keys.push((key.to_owned(), secret.map_err(|_| KeysError::Form(number))?));
        }
        if keys.is_empty() { Err(KeysError::Empty) } else { Ok(Self(keys)) }
    }

    /// What a token, which may be after `Bearer`, has signed.
    ///
    /// # Errors
    ///
    /// It is not good at this time.
    pub fn signature(&self, token: &str) -> Result<Signature, SignatureError> {
        let token = token.strip_prefix("Bearer ").unwrap_or(token).trim();
        let mut why = SignatureError::Malformed;
        for (name, key) in &self.0 {
            let mut validation = Validation::new(Algorithm::HS256);
            validation.leeway = LEEWAY;
            validation.validate_nbf = true;
            validation.validate_aud = false;
            validation.set_issuer(&[name]);
            validation.set_required_spec_claims(&["exp", "iss"]);
            match decode::<Claims>(token, key, &validation) {
                Ok(token) => {
                    let hash = BASE64.decode(token.claims.sha256).ok();
                    let hash = hash.and_then(|hash| hash.try_into().ok());
                    return hash.map(Signature).ok_or(SignatureError::Malformed);
                }
                Err(error) => match reason(error.kind()) {
                    // Another key may have signed it.
                    SignatureError::Forged => why = SignatureError::Forged,
                    known => return Err(known),
                },
            }
        }
        Err(why)
    }
}

/// Why a token is not good for a key.
const fn reason(kind: &ErrorKind) -> SignatureError {
    match kind {
        ErrorKind::InvalidSignature | ErrorKind::InvalidIssuer => SignatureError::Forged,
        ErrorKind::ExpiredSignature | ErrorKind::ImmatureSignature => SignatureError::Expired,
        _ => SignatureError::Malformed,
    }
}

/// Without the secrets.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Signature {
    /// Whether it is that of this body.
    ///
    /// # Errors
    ///
    /// It is of another.
    pub fn is_of(&self, body: &[u8]) -> Result<(), SignatureError> {
        let is_it = Sha256::digest(body).as_slice().ct_eq(&self.0);
        if is_it.into() { Ok(()) } else { Err(SignatureError::OtherBody) }
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};

    use super::*;
    use crate::token::now;

    const SECRET: &str = "a secret of the tests, long enough";
    const BODY: &[u8] = br#"{"event":"room_started"}"#;

    fn keys() -> Keys {
        Keys::read(&format!("# of the tests\nAPIold: {SECRET}, once\nAPInew: {SECRET}\n")).unwrap()
    }

    fn claims() -> Value {
        let hash = BASE64.encode(Sha256::digest(BODY));
        json!({"iss": "APInew", "nbf": now(), "exp": now() + 300, "sha256": hash})
    }

    fn judged(secret: &str, algorithm: Algorithm, claims: &Value) -> Result<(), SignatureError> {
        let key = EncodingKey::from_secret(secret.as_bytes()).unwrap();
        let token = encode(&Header::new(algorithm), claims, &key).unwrap();
        keys().signature(&token)?.is_of(BODY)
    }

    fn with(name: &str, value: Value) -> Result<(), SignatureError> {
        let mut claims = claims();
        claims[name] = value;
        judged(SECRET, Algorithm::HS256, &claims)
    }

    #[test]
    fn what_is_signed_with_a_key_of_the_file_is_believed() {
        assert_eq!(judged(SECRET, Algorithm::HS256, &claims()), Ok(()));
        let mut old = claims();
        old["iss"] = json!("APIold");
        assert_eq!(judged(&format!("{SECRET}, once"), Algorithm::HS256, &old), Ok(()));
        // A clock may be ahead or behind by a minute.
        assert_eq!(with("nbf", json!(now() + 30)), Ok(()));
        assert_eq!(with("exp", json!(now() - 30)), Ok(()));
    }

    #[test]
    fn what_is_not_is_not() {
        use SignatureError::{Expired, Forged, Malformed, OtherBody};
        assert_eq!(
            judged("another secret, which is long enough", Algorithm::HS256, &claims()),
            Err(Forged)
        );
        assert_eq!(judged(SECRET, Algorithm::HS384, &claims()), Err(Malformed));
        assert_eq!(with("iss", json!("APIother")), Err(Forged));
        // Of a key that is there, by the secret of another.
        assert_eq!(with("iss", json!("APIold")), Err(Forged));
        assert_eq!(with("exp", json!(now() - 90)), Err(Expired));
        assert_eq!(with("nbf", json!(now() + 90)), Err(Expired));
        assert_eq!(with("exp", Value::Null), Err(Malformed));
        assert_eq!(with("sha256", Value::Null), Err(Malformed));
        assert_eq!(with("sha256", json!("AAAA")), Err(Malformed));
        let other = BASE64.encode(Sha256::digest(b"{}"));
        assert_eq!(with("sha256", json!(other)), Err(OtherBody));
        for token in ["", "Bearer", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
            assert_eq!(keys().signature(token).map(|_| ()), Err(Malformed), "{token}");
        }
    }

    #[test]
    fn a_file_of_keys_is_read_or_says_what_is_wrong() {
        let wrong = |text: &str| Keys::read(text).map(|_| ());
        assert_eq!(wrong("# none\n"), Err(KeysError::Empty));
        assert_eq!(wrong("\nAPInew\n"), Err(KeysError::Form(2)));
        assert_eq!(wrong("devkey: secret"), Err(KeysError::Short(1, 6)));
        assert_eq!(format!("{:?}", keys()), r#"["APIold", "APInew"]"#);
    }
}
