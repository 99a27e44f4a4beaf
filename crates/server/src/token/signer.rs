//! Who signs tokens: the application's backend, and here what tries a server out.

use std::fmt;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use super::claims::Written;
use super::jwk::{Jwk, KeyError, SECRET_BYTES};
use super::{ISSUER, Who};

/// Signs tokens with one key.
#[derive(Clone)]
pub struct Signer {
    key: EncodingKey,
    header: Header,
    issuer: String,
    audience: Option<String>,
}

impl Signer {
    /// With a secret, by HS256, as the issuer [`ISSUER`].
    ///
    /// # Errors
    ///
    /// It is shorter than [`SECRET_BYTES`].
    pub fn of_secret(secret: &[u8]) -> Result<Self, KeyError> {
        let short = KeyError::ShortSecret(secret.len());
        if secret.len() < SECRET_BYTES {
            return Err(short);
        }
        let key = EncodingKey::from_secret(secret).map_err(|_| short)?;
        Ok(Self::new(key, Header::new(Algorithm::HS256)))
    }

    /// With a private key as a JWK, by the algorithm of the key, as the issuer [`ISSUER`].
    ///
    /// # Errors
    ///
    /// It is none, or has no private part.
    pub fn of_jwk(text: &[u8]) -> Result<Self, KeyError> {
        let jwk: Jwk =
            serde_json::from_slice(text).map_err(|why| KeyError::Form(why.to_string()))?;
        let wrong = |why| KeyError::Key(jwk.called(0), why);
        let key = jwk.signs().map_err(wrong)?;
        let mut header = Header::new(jwk.material().map_err(wrong)?.algorithm());
        header.kid.clone_from(&jwk.kid);
        Ok(Self::new(key, header))
    }

    fn new(key: EncodingKey, header: Header) -> Self {
        Self { key, header, issuer: ISSUER.to_owned(), audience: None }
    }

    /// As this issuer, which chooses the tenant.
    #[must_use]
    pub fn issuer(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.issuer);
        self
    }

    /// For this audience.
    #[must_use]
    pub fn audience(mut self, audience: &str) -> Self {
        self.audience = Some(audience.to_owned());
        self
    }

    /// A token that was issued at `iat` and is good until `exp`, in seconds since 1970.
    pub fn sign(&self, who: &Who, iat: u64, exp: u64) -> String {
        let claims = Written::new(&self.issuer, self.audience.as_deref(), who, (iat, exp));
        // The key was found to be one when it was read.
        encode(&self.header, &claims, &self.key).unwrap_or_default()
    }
}

/// Without the key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("alg", &self.header.alg)
            .field("kid", &self.header.kid)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
