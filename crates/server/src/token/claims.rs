//! What a token says, and its form in a JWT.

use serde::{Deserialize, Deserializer, Serialize};

use super::{TenantName, TokenError};

/// What a good token says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Claims {
    /// The tenant whose keys signed it.
    pub tenant: TenantName,
    /// Whom it stands for.
    pub who: Who,
    /// When it was issued, in seconds since 1970: of one device only the newest that was seen is good.
    pub iat: u64,
    /// Until when it is valid as it says itself, in seconds since 1970.
    pub exp: u64,
    /// Until when it is taken here: the clock of who issued it may be behind.
    pub until: u64,
}

/// Whom a token stands for.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
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

impl Who {
    /// One device of one user.
    pub fn device(user: &str, device: &str) -> Self {
        Self::Device { user: user.to_owned(), device: device.to_owned() }
    }

    /// Whether its ids are ids, of at most so many bytes (L-01): with others nothing can be done.
    ///
    /// # Errors
    ///
    /// One is not.
    pub fn has_ids(&self, most: u32) -> Result<(), TokenError> {
        match self {
            Self::Device { user, device } if !is_id(user, most) || !is_id(device, most) => {
                Err(TokenError::Id(most))
            }
            Self::Device { .. } | Self::Backend => Ok(()),
        }
    }
}

/// Whether somebody or something can be called so, where an id has at most so many bytes (L-01).
pub(crate) const fn is_id(id: &str, most: u32) -> bool {
    !id.is_empty() && id.len() <= most as usize
}

impl Claims {
    /// Whether a token is good for no longer than `life` seconds.
    ///
    /// # Errors
    ///
    /// It is.
    pub fn within(&self, life: u64) -> Result<(), TokenError> {
        if self.exp > self.iat.saturating_add(life) {
            Err(TokenError::TooLong(life))
        } else {
            Ok(())
        }
    }
}

/// The role of a backend.
const BACKEND: &str = "backend";

/// The claims of a JWT that are read. What else is in it is nobody's business here: tokens of identity
/// providers carry more.
#[derive(Debug, Deserialize)]
pub(super) struct Read {
    sub: Option<String>,
    device: Option<String>,
    /// Of whatever form: applications have roles of their own.
    role: Option<serde_json::Value>,
    #[serde(deserialize_with = "seconds")]
    iat: u64,
    #[serde(deserialize_with = "seconds")]
    exp: u64,
    #[serde(default, deserialize_with = "seconds")]
    nbf: u64,
}

impl Read {
    /// The claims, if they are of now.
    pub(super) fn claims(
        self,
        tenant: &TenantName,
        now: u64,
        leeway: u64,
    ) -> Result<Claims, TokenError> {
        let Self { sub, device, role, iat, exp, nbf } = self;
        let is_backend = role.is_some_and(|role| role == BACKEND);
        let who = match (sub, device) {
            (Some(user), Some(device)) if !is_backend => Who::Device { user, device },
            (None, None) if is_backend => Who::Backend,
            _ => return Err(TokenError::Claims),
        };
        let until = exp.saturating_add(leeway);
        if until <= now {
            return Err(TokenError::Expired);
        }
        // It is not remembered either: otherwise one of them would lock out its device until that time.
        if iat.max(nbf) > now.saturating_add(leeway) {
            return Err(TokenError::Future(leeway));
        }
        Ok(Claims { tenant: tenant.clone(), who, iat, exp, until })
    }
}

/// A `NumericDate` (RFC 7519, section 2), which may have a fraction.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let fraction = || number.as_f64().filter(|it| (0.0..1e15).contains(it)).map(|it| it as u64);
    let seconds = number.as_u64().or_else(fraction);
    seconds.ok_or_else(|| serde::de::Error::custom("no time in seconds since 1970"))
}

/// The claims of a JWT that is signed here.
#[derive(Debug, Serialize)]
pub(super) struct Written<'a> {
    pub(super) iss: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    iat: u64,
    exp: u64,
}

impl<'a> Written<'a> {
    pub(super) fn new(
        iss: &'a str,
        aud: Option<&'a str>,
        who: &'a Who,
        (iat, exp): (u64, u64),
    ) -> Self {
        let (sub, device, role) = match who {
            Who::Device { user, device } => (Some(&user[..]), Some(&device[..]), None),
            Who::Backend => (None, None, Some(BACKEND)),
        };
        Self { iss, aud, sub, device, role, iat, exp }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(more: &Value) -> Result<Claims, TokenError> {
        let mut claims = json!({"iat": 1_000, "exp": 2_000});
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let read: Read = serde_json::from_value(claims).map_err(|_| TokenError::Claims)?;
        read.claims(&TenantName::default(), 1_500, 60)
    }

    #[test]
    fn a_token_is_of_a_device_or_of_the_backend() {
        let who = |more| read(&more).map(|it| it.who);
        let device = Ok(Who::device("ana", "phone"));
        assert_eq!(who(json!({"sub": "ana", "device": "phone"})), device);
        assert_eq!(who(json!({"sub": "ana", "device": "phone", "role": ["x"], "azp": 1})), device);
        assert_eq!(who(json!({"role": "backend"})), Ok(Who::Backend));
        for neither in [
            json!({}),
            json!({"sub": "ana"}),
            json!({"device": "phone"}),
            json!({"role": "admin"}),
            json!({"role": "backend", "sub": "ana"}),
            json!({"role": "backend", "device": "phone"}),
            json!({"role": "backend", "sub": "ana", "device": "phone"}),
            json!({"sub": 7, "device": "phone"}),
        ] {
            assert_eq!(who(neither.clone()), Err(TokenError::Claims), "{neither}");
        }
    }

    #[test]
    fn times_are_in_seconds_and_may_be_off_by_the_leeway() {
        let at = |more: Value| {
            let mut claims = json!({"role": "backend"});
            for (name, value) in more.as_object().unwrap() {
                claims[name] = value.clone();
            }
            read(&claims).map(|it| (it.iat, it.exp))
        };
        assert_eq!(at(json!({"iat": 1_000.9, "exp": 2e3})), Ok((1_000, 2_000)));
        for (name, value, expected) in [
            ("exp", json!(1_441), Ok((1_000, 1_441))),
            ("exp", json!(1_440), Err(TokenError::Expired)),
            ("iat", json!(1_560), Ok((1_560, 2_000))),
            ("iat", json!(1_561), Err(TokenError::Future(60))),
            ("nbf", json!(1_560), Ok((1_000, 2_000))),
            ("nbf", json!(1_561), Err(TokenError::Future(60))),
            ("iat", json!(u64::MAX), Err(TokenError::Future(60))),
            ("iat", json!(-1), Err(TokenError::Claims)),
            ("iat", json!("1000"), Err(TokenError::Claims)),
            ("exp", json!(1e300), Err(TokenError::Claims)),
            ("exp", json!(null), Err(TokenError::Claims)),
        ] {
            assert_eq!(at(json!({ name: value })), expected, "{name} {value}");
        }
    }

    #[test]
    fn none_is_good_for_too_long() {
        let judged = |iat, exp| {
            let (tenant, who) = (TenantName::default(), Who::Backend);
            Claims { tenant, who, iat, exp, until: exp }.within(1_000)
        };
        assert_eq!(judged(500, 1_500), Ok(()));
        for (iat, exp) in [(500, 1_501), (0, u64::MAX)] {
            assert_eq!(judged(iat, exp), Err(TokenError::TooLong(1_000)), "{iat}, {exp}");
        }
    }

    #[test]
    fn ids_are_not_empty_and_not_too_long() {
        let long = "x".repeat(65);
        for (user, device, expected) in [
            ("ana", &long[..64], Ok(())),
            ("", "phone", Err(TokenError::Id(64))),
            ("ana", "", Err(TokenError::Id(64))),
            (&long, "phone", Err(TokenError::Id(64))),
            ("ana", &long, Err(TokenError::Id(64))),
        ] {
            assert_eq!(Who::device(user, device).has_ids(64), expected, "{user}, {device}");
        }
    }
}
