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
    /// As a store has them.
    pub fn of(tokens: impl IntoIterator<Item = Claims>) -> Self {
        let mut newest = Self::default();
        for claims in tokens {
            newest.note(&claims, 0);
        }
        newest
    }

    /// A device comes with a token, at `now`, in seconds since 1970. Whether it is the newest so far:
    /// then that has to be durable before the device is let in.
    pub fn note(&mut self, claims: &Claims, now: u64) -> bool {
        let Who::Device { user, device } = &claims.who else { return false };
        if self.by_device.len() > self.swept_at {
            self.by_device.retain(|_, (_, exp)| *exp > now);
            self.swept_at = (2 * self.by_device.len()).max(1_024);
        }
        let known = self.by_device.entry((user.clone(), device.clone())).or_default();
        let now_known = (claims.iat.max(known.0), claims.exp.max(known.1));
        let is_news = claims.iat >= known.0 && now_known != *known;
        if is_news {
            *known = now_known;
        }
        is_news
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
        assert!(newest.note(&old, 30));
        assert!(newest.note(&new, 30));
        assert!(!newest.note(&old, 30) && !newest.note(&new, 30), "that is known");
        assert_eq!(newest.judge(&old), Err(TokenError::Replayed));
        assert_eq!(newest.judge(&new), Ok(()));
        assert!(newest.note(&token("tablet", 1, 900), 30), "another device has its own");
        // Of one that was used once the older is bad for as long as it would be good by itself.
        for device in 0..5_000 {
            newest.note(&token(&device.to_string(), 1, 2), 850);
        }
        assert_eq!(newest.judge(&old), Err(TokenError::Replayed));
        let again = Newest::of([old.clone(), new, old.clone()]);
        assert_eq!(again.judge(&old), Err(TokenError::Replayed));
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
