//! Keys in the form of RFC 7517: what a file of keys has, and what is wrong with one.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use p256::pkcs8::EncodePrivateKey as _;
use serde::{Deserialize, Serialize};

/// The shortest secret, in bytes.
pub const SECRET_BYTES: usize = 32;

/// The longest name of a key, in bytes.
const KID_BYTES: usize = 128;

/// What is wrong with a key, or a set of them.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// It is no JWK set.
    #[error(
        "this is no JWK set, as in {{\"keys\":[..]}} (RFC 7517): {0}. `roomcall-server keys` makes one"
    )]
    Form(String),
    /// There is no key.
    #[error("there is no key in it: nobody could connect. `roomcall-server keys` makes one")]
    Empty,
    /// Two keys have one name.
    #[error("two keys have the kid {0:?}: give each a kid of its own")]
    Twice(String),
    /// Something is wrong with one key.
    #[error("key {0} {1}")]
    Key(String, String),
    /// The secret is too short.
    #[error(
        "the secret has {0} bytes, and needs at least {SECRET_BYTES}: `roomcall-server secret` makes one"
    )]
    ShortSecret(usize),
}

/// A key as a file has it. What else is in it is ignored (RFC 7517, section 4).
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Jwk {
    pub(super) kty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alg: Option<String>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) y: Option<String>,
    /// The private part of a pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) d: Option<String>,
    /// A secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) k: Option<String>,
}

/// Without what is secret.
impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.kty)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The bytes of a key, of a kind that is known.
pub(super) enum Material {
    /// A secret that who signs and this server share.
    Secret(Vec<u8>),
    /// Ed25519.
    Edwards(ed25519_dalek::VerifyingKey),
    /// P-256.
    Curve(p256::PublicKey),
}

impl Material {
    /// The only algorithm of which a signature with this key is good.
    pub(super) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Secret(_) => Algorithm::HS256,
            Self::Edwards(_) => Algorithm::EdDSA,
            Self::Curve(_) => Algorithm::ES256,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Secret(_) => "HS256",
            Self::Edwards(_) => "EdDSA",
            Self::Curve(_) => "ES256",
        }
    }

    /// The key that checks signatures; `None` where the library does not take it.
    pub(super) fn checks(&self) -> Option<DecodingKey> {
        match self {
            Self::Secret(secret) => DecodingKey::from_secret(secret).ok(),
            Self::Edwards(key) => DecodingKey::from_ed_components(&BASE64.encode(key)).ok(),
            Self::Curve(key) => Some(DecodingKey::from_ec_der(&key.to_sec1_bytes())),
        }
    }
}

impl Jwk {
    /// How it is called in messages: by its name, or else by its place in the set.
    pub(super) fn called(&self, index: usize) -> String {
        self.kid.as_ref().map_or_else(|| format!("number {}", index + 1), |kid| format!("{kid:?}"))
    }

    /// The key without its private part, if it has one that can be left out.
    pub(super) fn public(&self) -> Self {
        Self { d: None, ..self.clone() }
    }

    /// The bytes.
    ///
    /// # Errors
    ///
    /// In words that go on from `key ..`.
    pub(super) fn material(&self) -> Result<Material, String> {
        let material = match (&self.kty[..], self.crv.as_deref()) {
            ("oct", _) => {
                let secret = part(&self.k, "k")?;
                if secret.len() < SECRET_BYTES {
                    let length = secret.len();
                    return Err(format!(
                        "has {length} bytes, and needs at least {SECRET_BYTES}: `roomcall-server keys` makes one"
                    ));
                }
                Material::Secret(secret)
            }
            ("OKP", Some("Ed25519")) => {
                let key = <[u8; 32]>::try_from(part(&self.x, "x")?).ok();
                let key = key.and_then(|it| ed25519_dalek::VerifyingKey::from_bytes(&it).ok());
                let key = key.filter(|it| !it.is_weak());
                Material::Edwards(key.ok_or("has an `x` that is no public key of Ed25519")?)
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (part(&self.x, "x")?, part(&self.y, "y")?);
                let point = [&[4], &x[..], &y[..]].concat();
                let key = p256::PublicKey::from_sec1_bytes(&point).ok();
                let key = key.filter(|_| x.len() == 32 && y.len() == 32);
                Material::Curve(key.ok_or("has an `x` and `y` that are no public key of P-256")?)
            }
            (kty, crv) => {
                return Err(format!(
                    "is of kty {kty:?} and crv {crv:?}: there may be oct (HS256), OKP with Ed25519 (EdDSA), \
                     and EC with P-256 (ES256). Make one with `roomcall-server keys`"
                ));
            }
        };
        let name = material.name();
        if self.alg.as_ref().is_some_and(|alg| alg != name) {
            return Err(format!("is for {name}, and says another `alg`: leave that out"));
        }
        if self.usage.as_ref().is_some_and(|usage| usage != "sig") {
            return Err("has a `use` that is not sig: it is not for signatures".to_owned());
        }
        if let Some(kid) = &self.kid
            && (kid.is_empty() || kid.len() > KID_BYTES)
        {
            return Err(format!("has a kid that does not have from 1 to {KID_BYTES} bytes"));
        }
        Ok(material)
    }

    /// The key that signs.
    ///
    /// # Errors
    ///
    /// In words that go on from `key ..`.
    pub(super) fn signs(&self) -> Result<EncodingKey, String> {
        let whole = "has no `d`, or one that is not of its public part: give the private key";
        match self.material()? {
            Material::Secret(secret) => {
                EncodingKey::from_secret(&secret).map_err(|why| why.to_string())
            }
            Material::Edwards(public) => {
                let seed = <[u8; 32]>::try_from(part(&self.d, "d")?).map_err(|_| whole)?;
                let key = ed25519_dalek::SigningKey::from_bytes(&seed);
                let der = key.to_pkcs8_der().ok().filter(|_| key.verifying_key() == public);
                Ok(EncodingKey::from_ed_der(der.ok_or(whole)?.as_bytes()))
            }
            Material::Curve(public) => {
                let key = p256::SecretKey::from_slice(&part(&self.d, "d")?).map_err(|_| whole)?;
                let der = key.to_pkcs8_der().ok().filter(|_| key.public_key() == public);
                Ok(EncodingKey::from_ec_der(der.ok_or(whole)?.as_bytes()))
            }
        }
    }
}

fn part(text: &Option<String>, name: &str) -> Result<Vec<u8>, String> {
    let text = text.as_ref().ok_or_else(|| format!("has no `{name}`"))?;
    BASE64.decode(text).map_err(|_| format!("has a `{name}` that is not in base64url"))
}
