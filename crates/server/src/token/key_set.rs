//! Which keys may have signed a token, and whether one of them has.

use std::collections::BTreeSet;
use std::fmt;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use super::TokenError;
use super::claims::Read;
use super::jwk::{Jwk, KeyError, Material, SECRET_BYTES};

/// The keys of one tenant.
#[derive(Clone)]
pub struct KeySet {
    keys: Vec<Key>,
    /// Whether whoever reads the file can sign.
    is_secret: bool,
}

#[derive(Clone)]
struct Key {
    kid: Option<String>,
    /// The only algorithm for which it is used, whatever a token says.
    algorithm: Algorithm,
    checks: DecodingKey,
}

/// A JWK set (RFC 7517, section 5).
#[derive(Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

impl KeySet {
    /// The one key that is this secret, for HS256.
    ///
    /// # Errors
    ///
    /// It is shorter than [`SECRET_BYTES`].
    pub fn of_secret(secret: &[u8]) -> Result<Self, KeyError> {
        let short = KeyError::ShortSecret(secret.len());
        if secret.len() < SECRET_BYTES {
            return Err(short);
        }
        let checks = DecodingKey::from_secret(secret).map_err(|_| short)?;
        let keys = Vec::from([Key { kid: None, algorithm: Algorithm::HS256, checks }]);
        Ok(Self { keys, is_secret: true })
    }

    /// The keys of a JWK set: `oct` for HS256, `OKP` with `Ed25519` for EdDSA, `EC` with `P-256` for ES256.
    ///
    /// # Errors
    ///
    /// There is none, or one of them cannot be used.
    pub fn of_jwks(text: &[u8]) -> Result<Self, KeyError> {
        let set: Set =
            serde_json::from_slice(text).map_err(|why| KeyError::Form(why.to_string()))?;
        if set.keys.is_empty() {
            return Err(KeyError::Empty);
        }
        let mut kids = BTreeSet::new();
        let mut of = Self { keys: Vec::new(), is_secret: false };
        for (index, jwk) in set.keys.into_iter().enumerate() {
            let wrong = |why: String| KeyError::Key(jwk.called(index), why);
            let material = jwk.material().map_err(wrong)?;
            if jwk.d.is_some() {
                let why =
                    "has its private part `d`, which only who signs needs: give the public key";
                return Err(wrong(why.to_owned()));
            }
            if let Some(kid) = jwk.kid.as_ref().filter(|kid| !kids.insert((*kid).clone())) {
                return Err(KeyError::Twice(kid.clone()));
            }
            let checks = material.checks().ok_or_else(|| wrong("cannot be used".to_owned()))?;
            of.is_secret |= matches!(material, Material::Secret(_));
            of.keys.push(Key { algorithm: material.algorithm(), checks, kid: jwk.kid });
        }
        Ok(of)
    }

    /// Whether whoever knows these keys can sign tokens: one of them is a secret.
    pub const fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// What a token says, if one of the keys has signed it, for this issuer and audience. Of its times
    /// nothing is looked at.
    pub(super) fn read(
        &self,
        token: &str,
        issuer: &str,
        audience: Option<&str>,
    ) -> Result<Read, TokenError> {
        let head = decode_header(token).map_err(|_| TokenError::Malformed)?;
        // What the head says selects among the keys, and nothing else: each is used for its own algorithm only.
        let is_meant = |key: &&Key| match &head.kid {
            Some(kid) => key.kid.as_ref() == Some(kid),
            None => key.algorithm == head.alg,
        };
        let mut why = TokenError::Forged;
        for key in self.keys.iter().filter(is_meant) {
            let rules = rules(key.algorithm, issuer, audience);
            match decode::<Read>(token, &key.checks, &rules) {
                Ok(read) => return Ok(read.claims),
                // Another key may have signed it.
                Err(error) => why = reason(error.kind()),
            }
            if why != TokenError::Forged {
                break;
            }
        }
        Err(why)
    }
}

fn rules(algorithm: Algorithm, issuer: &str, audience: Option<&str>) -> Validation {
    let mut rules = Validation::new(algorithm);
    rules.set_issuer(&[issuer]);
    match audience {
        Some(audience) => {
            rules.set_audience(&[audience]);
            rules.set_required_spec_claims(&["iss", "exp", "aud"]);
        }
        None => {
            rules.validate_aud = false;
            rules.set_required_spec_claims(&["iss", "exp"]);
        }
    }
    // By the clock of the server, which is not asked for here.
    rules.validate_exp = false;
    rules
}

/// Every way in which a signature is none is one: who forges learns nothing of how far they came.
fn reason(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidIssuer => TokenError::Issuer,
        ErrorKind::InvalidAudience => TokenError::Audience,
        ErrorKind::MissingRequiredClaim(claim) if claim == "aud" => TokenError::Audience,
        ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::Json(_) => TokenError::Claims,
        _ => TokenError::Forged,
    }
}

/// Without the keys.
impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| (&key.kid, key.algorithm))).finish()
    }
}
