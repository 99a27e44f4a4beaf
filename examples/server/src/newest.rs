//! The newest token that each device has used: an older one, which somebody may have kept, is good no
//! more, not even after the server was killed.

use std::collections::HashMap;

use crate::token::{Claims, TokenError, Who};

/// When the newest token of a device was issued, and until when any of its tokens is good.
type Times = (u64, u64);

/// The newest tokens of all devices.
#[derive(Debug, Default)]
pub struct Newest {
    by_device: HashMap<(String, String), Times>,
    /// When it has so many, those that have expired go.
    swept_at: usize,
}

impl Newest {
    /// As a store has them; of one device the last.
    pub fn of(tokens: impl IntoIterator<Item = Claims>) -> Self {
        let mut newest = Self::default();
        for Claims { who, iat, exp } in tokens {
            if let Who::Device { user, device } = who {
                newest.by_device.insert((user, device), (iat, exp));
            }
        }
        newest
    }

    /// A device comes with a token, at `now`, in seconds since 1970. If it is the newest so far, gives
    /// what has to be durable before the device is let in.
    ///
    /// One that was issued after `now` does not stand in the way: a clock was set back, and whoever
    /// signs tokens goes on from there.
    pub fn note(&mut self, claims: &Claims, now: u64) -> Option<Claims> {
        let Who::Device { user, device } = &claims.who else { return None };
        if self.by_device.len() > self.swept_at {
            self.by_device.retain(|_, (_, exp)| *exp > now);
            self.swept_at = (2 * self.by_device.len()).max(1_024);
        }
        let known = self.by_device.entry((user.clone(), device.clone())).or_default();
        let (iat, exp) = (claims.iat, claims.exp.max(known.1));
        let is_replayed = iat < known.0 && known.0 <= now;
        if is_replayed || *known == (iat, exp) {
            return None;
        }
        *known = (iat, exp);
        Some(Claims { exp, ..claims.clone() })
    }

    /// Judges a token that was noted.
    ///
    /// # Errors
    ///
    /// The device has used a newer one.
    pub fn judge(&self, claims: &Claims) -> Result<(), TokenError> {
        let Who::Device { user, device } = &claims.who else { return Ok(()) };
        match self.by_device.get(&(user.clone(), device.clone())) {
            Some((iat, _)) if claims.iat < *iat => Err(TokenError::Replayed),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(device: &str, iat: u64, exp: u64) -> Claims {
        let who = Who::Device { user: "ana".to_owned(), device: device.to_owned() };
        Claims { who, iat, exp }
    }

    #[test]
    fn an_older_one_is_good_no_more_until_all_have_expired() {
        let mut newest = Newest::default();
        let (old, new) = (token("phone", 10, 900), token("phone", 20, 800));
        assert_eq!(newest.note(&old, 30), Some(old.clone()));
        let kept = newest.note(&new, 30).unwrap();
        assert_eq!((kept.iat, kept.exp), (20, 900), "for as long as the older one would be good");
        assert_eq!((newest.note(&old, 30), newest.note(&new, 30)), (None, None), "that is known");
        assert_eq!(newest.judge(&old), Err(TokenError::Replayed));
        assert_eq!(newest.judge(&new), Ok(()));
        assert!(newest.note(&token("tablet", 1, 900), 30).is_some(), "another has its own");
        // Of one that was used once the older is bad for as long as it would be good by itself.
        for device in 0..5_000 {
            newest.note(&token(&device.to_string(), 1, 2), 850);
        }
        assert_eq!(newest.judge(&old), Err(TokenError::Replayed));
        assert_eq!(Newest::of([kept]).judge(&old), Err(TokenError::Replayed));
    }

    #[test]
    fn nobody_is_locked_out_by_a_clock_that_was_set_back() {
        let mut newest = Newest::default();
        let (future, good) = (token("phone", 5_000, 9_000), token("phone", 1_500, 2_000));
        newest.note(&future, 1_400);
        assert!(newest.note(&good, 1_500).is_some());
        assert_eq!(newest.judge(&good), Ok(()));
        let old = token("phone", 1_000, 2_000);
        assert_eq!(newest.note(&old, 1_600), None);
        assert_eq!(newest.judge(&old), Err(TokenError::Replayed));
    }

    #[test]
    fn who_has_expired_is_forgotten() {
        let mut newest = Newest::default();
        for device in 0..50_000u64 {
            newest.note(&token(&device.to_string(), device, device + 10), device);
        }
        assert!(newest.by_device.len() < 3_000, "{}", newest.by_device.len());
    }
}
