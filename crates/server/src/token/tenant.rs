//! Tenants: each with a switchboard and keys of its own, chosen by the issuer of a token.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::ErrorKind;
use roomcall::{Limits, Policy};
use serde::{Deserialize, Serialize};

use super::{
    Claims, ISSUER, KeySet, KeySource, LEEWAY, LONGEST, SourceError, TokenError, Verifier,
};

/// The name of a tenant: 1 to 64 of `a` to `z`, `0` to `9` and `-`. It may be the name of a file.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantName(Arc<str>);

/// What is wrong with tenants.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TenantError {
    /// A name is none.
    #[error("the tenant {0:?}: a name has from 1 to 64 characters, each of a to z, 0 to 9 and -")]
    Name(String),
    /// An issuer is none.
    #[error("the tenant {0} has an empty issuer: its tokens could not be told from others")]
    Issuer(TenantName),
    /// Two have one name.
    #[error("two tenants have the name {0}: give each its own")]
    SameName(TenantName),
    /// Two have one issuer.
    #[error("the tenants {0} and {1} have one issuer, which chooses the tenant: give each its own")]
    SameIssuer(TenantName, TenantName),
}

impl TenantName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The one tenant of a server that has no others.
impl Default for TenantName {
    fn default() -> Self {
        Self(Arc::from(crate::server::TENANT))
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TenantName {
    type Err = TenantError;

    fn from_str(text: &str) -> Result<Self, TenantError> {
        let is_good = |it: &u8| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if (1..=64).contains(&text.len()) && text.as_bytes().iter().all(is_good) {
            return Ok(Self(Arc::from(text)));
        }
        Err(TenantError::Name(text.to_owned()))
    }
}

impl TryFrom<String> for TenantName {
    type Error = TenantError;

    fn try_from(text: String) -> Result<Self, TenantError> {
        text.parse()
    }
}

impl From<TenantName> for String {
    fn from(name: TenantName) -> Self {
        name.as_str().to_owned()
    }
}

/// Whose switchboard it is, and who signs for it.
#[derive(Debug)]
pub struct Tenant {
    /// Its name.
    pub name: TenantName,
    /// The issuer (`iss`) of its tokens.
    pub issuer: String,
    /// The audience (`aud`) that its tokens name; where there is none they may name any.
    pub audience: Option<String>,
    /// By how many seconds the clock of the issuer may differ.
    pub leeway: u64,
    /// Its policy.
    pub policy: Policy,
    /// Its limits.
    pub limits: Limits,
    source: KeySource,
    keys: RwLock<Arc<KeySet>>,
}

impl Tenant {
    /// A tenant with the keys of `source` as they are now, the issuer [`ISSUER`], any audience, and the
    /// usual leeway, policy and limits.
    ///
    /// # Errors
    ///
    /// The keys cannot be read, or not be used.
    pub fn new(name: TenantName, source: KeySource) -> Result<Self, SourceError> {
        Ok(Self {
            name,
            issuer: ISSUER.to_owned(),
            audience: None,
            leeway: LEEWAY,
            policy: Policy::DEFAULT,
            limits: Limits::DEFAULT,
            keys: RwLock::new(Arc::new(source.load()?)),
            source,
        })
    }

    fn keys(&self) -> Arc<KeySet> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn verify(&self, token: &str, now: u64) -> Result<Claims, TokenError> {
        let read = self.keys().read(token, &self.issuer, self.audience.as_deref())?;
        read.claims(&self.name, now, self.leeway)
    }
}

/// All tenants of a server.
#[derive(Debug)]
pub struct Tenants {
    all: Vec<Tenant>,
    by_issuer: HashMap<String, usize>,
}

/// The claim that is read before anything is believed: it selects whose keys are tried.
#[derive(Deserialize)]
struct Unverified {
    iss: String,
}

impl Tenants {
    /// These.
    ///
    /// # Errors
    ///
    /// Two have one name or issuer.
    pub fn new(all: Vec<Tenant>) -> Result<Self, TenantError> {
        let (mut names, mut by_issuer) = (BTreeSet::new(), HashMap::new());
        for (index, tenant) in all.iter().enumerate() {
            let name = || tenant.name.clone();
            if tenant.issuer.is_empty() {
                return Err(TenantError::Issuer(name()));
            }
            if !names.insert(&tenant.name) {
                return Err(TenantError::SameName(name()));
            }
            if let Some(before) = by_issuer.insert(tenant.issuer.clone(), index) {
                let before = all.get(before).map_or_else(name, |it: &Tenant| it.name.clone());
                return Err(TenantError::SameIssuer(before, name()));
            }
        }
        Ok(Self { all, by_issuer })
    }

    /// The one tenant `default`, whose tokens are signed with this secret by the issuer [`ISSUER`].
    ///
    /// # Errors
    ///
    /// The secret is too short.
    pub fn of_secret(secret: &[u8]) -> Result<Self, SourceError> {
        let tenant = Tenant::new(TenantName::default(), KeySource::Secret(secret.to_vec()))?;
        let by_issuer = HashMap::from([(tenant.issuer.clone(), 0)]);
        Ok(Self { all: Vec::from([tenant]), by_issuer })
    }

    /// All, in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Tenant> {
        self.all.iter()
    }

    /// Reads the keys of all tenants again, and takes all of them or, if those of one are wrong, none. Tokens
    /// that were good before are judged by the new keys when they are shown again; who is connected stays.
    ///
    /// # Errors
    ///
    /// Keys cannot be read, or not be used: those from before stay.
    pub fn reload(&self) -> Result<(), SourceError> {
        let load = |tenant: &Tenant| tenant.source.load().map(Arc::new);
        let loaded = self.all.iter().map(load).collect::<Result<Vec<_>, _>>()?;
        for (tenant, keys) in self.all.iter().zip(loaded) {
            *tenant.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        }
        Ok(())
    }
}

impl Verifier for Tenants {
    fn verify(&self, token: &str, now: u64) -> Result<Claims, TokenError> {
        if token.len() > LONGEST {
            return Err(TokenError::Malformed);
        }
        let unverified = insecure_decode_claims::<Unverified>(token);
        let Unverified { iss } = unverified.map_err(|why| match why.kind() {
            ErrorKind::Json(_) => TokenError::Claims,
            _ => TokenError::Malformed,
        })?;
        let tenant = self.by_issuer.get(&iss).and_then(|index| self.all.get(*index));
        tenant.ok_or(TokenError::Issuer)?.verify(token, now)
    }
}
