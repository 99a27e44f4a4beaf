//! New keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

use super::jwk::{Jwk, KeyError};
use super::{KeySet, Signer};

/// What kind of key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A pair for EdDSA.
    Ed25519,
    /// A pair for ES256.
    P256,
    /// A secret for HS256.
    Secret,
}

/// A key that nobody else has.
#[derive(Debug)]
pub struct Made {
    key: Jwk,
}

impl Made {
    /// A key of 32 bytes that nobody can guess; `None` where these bytes are no key of this kind, which is
    /// as good as never.
    pub fn of(kind: Kind, bytes: &[u8; 32], kid: &str) -> Option<Self> {
        let text = |bytes: &[u8]| Some(BASE64.encode(bytes));
        let name = |name: &str| Some(name.to_owned());
        let mut key = match kind {
            Kind::Ed25519 => {
                let public = ed25519_dalek::SigningKey::from_bytes(bytes).verifying_key();
                let (kty, crv) = ("OKP".to_owned(), name("Ed25519"));
                Jwk { kty, crv, x: text(public.as_bytes()), d: text(bytes), ..Jwk::default() }
            }
            Kind::P256 => {
                let public = p256::SecretKey::from_slice(bytes).ok()?.public_key();
                let point = public.to_sec1_bytes();
                // One byte says that it is not compressed.
                let (x, y) = point.get(1..)?.split_at_checked(32)?;
                let (kty, crv) = ("EC".to_owned(), name("P-256"));
                Jwk { kty, crv, x: text(x), y: text(y), d: text(bytes), ..Jwk::default() }
            }
            Kind::Secret => Jwk { kty: "oct".to_owned(), k: text(bytes), ..Jwk::default() },
        };
        key.alg = name(key.material().ok()?.name());
        (key.kid, key.usage) = (name(kid), name("sig"));
        Some(Self { key })
    }

    /// The key that signs, as a JWK.
    pub fn private(&self) -> String {
        serde_json::to_string_pretty(&self.key).unwrap_or_default()
    }

    /// The key that checks, as a JWK: of a pair the public part.
    pub fn public(&self) -> String {
        serde_json::to_string_pretty(&self.key.public()).unwrap_or_default()
    }

    /// A signer with it.
    ///
    /// # Errors
    ///
    /// It cannot be used.
    pub fn signer(&self) -> Result<Signer, KeyError> {
        Signer::of_jwk(self.private().as_bytes())
    }
}

/// The text of a JWK set.
#[derive(Debug)]
pub struct SetText {
    /// As it is in a file.
    pub text: String,
    /// Whether whoever reads it can sign: one of the keys is a secret.
    pub is_secret: bool,
}

/// A JWK set with one key more. What else is in the set stays as it is.
///
/// # Errors
///
/// What results is no set that a server takes.
pub fn added(set: Option<&[u8]>, made: &Made) -> Result<SetText, KeyError> {
    let form = |why: serde_json::Error| KeyError::Form(why.to_string());
    let mut value =
        set.map_or_else(|| Ok(json!({"keys": []})), serde_json::from_slice).map_err(form)?;
    let key: Value = serde_json::to_value(made.key.public()).map_err(form)?;
    let keys = value.get_mut("keys").and_then(Value::as_array_mut);
    keys.ok_or_else(|| KeyError::Form("it has no `keys`".to_owned()))?.push(key);
    let text = serde_json::to_string_pretty(&value).map_err(form)?;
    let is_secret = KeySet::of_jwks(text.as_bytes())?.is_secret();
    Ok(SetText { text, is_secret })
}
