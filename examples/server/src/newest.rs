//! The newest token that each device has used: an older one, which somebody may have kept, is good no
//! more, not even after the server was killed.

use std::collections::HashMap;

use crate::token::{Claims, TokenError, Who};

/// A device has used a token that was issued then, in seconds since 1970.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Used {
    /// Whose device it is.
    pub user: String,
    /// Which.
    pub device: String,
    /// When the token was issued, or used, if it says that it was issued after that.
    pub issued: u64,
}

/// The newest tokens of all devices.
#[derive(Debug)]
pub struct Newest {
    by_device: HashMap<(String, String), u64>,
    /// The longest that a token is good, in seconds.
    life: u64,
    /// When it has so many, those go than which no older one is good.
    swept_at: usize,
}

impl Newest {
    /// As a store has them. A token is good for `life` seconds at most, so that a device can be
    /// forgotten some day.
    pub fn of(used: impl IntoIterator<Item = Used>, life: u64) -> Self {
        let by_device = used.into_iter().map(|it| ((it.user, it.device), it.issued)).collect();
        Self { by_device, life, swept_at: 0 }
    }

    /// Tokens that were issued before that are good no more at `now`, in seconds since 1970.
    pub fn oldest(&self, now: u64) -> u64 {
        now.saturating_sub(self.life)
    }

    /// A device comes with a token at `now`. If it is the newest so far, gives what has to be durable
    /// before the device is let in.
    ///
    /// One that was issued or used after `now` does not stand in the way: a clock was set back, and
    /// whoever signs tokens goes on from there.
    pub fn note(&mut self, claims: &Claims, now: u64) -> Option<Used> {
        let Who::Device { user, device } = &claims.who else { return None };
        let oldest = self.oldest(now);
        if self.by_device.len() > self.swept_at {
            self.by_device.retain(|_, issued| *issued >= oldest);
            self.swept_at = (2 * self.by_device.len()).max(1_024);
        }
        let issued = claims.iat.min(now);
        let key = (user.clone(), device.clone());
        let is_known = |known: &u64| issued <= *known && *known <= now;
        if self.by_device.get(&key).is_some_and(is_known) {
            return None;
        }
        self.by_device.insert(key, issued);
        Some(Used { user: user.clone(), device: device.clone(), issued })
    }

    /// Judges a token that was noted, at `now`.
    ///
    /// # Errors
    ///
    /// The device has used a newer one, or it is good for too long.
    pub fn judge(&self, claims: &Claims, now: u64) -> Result<(), TokenError> {
        if claims.exp > claims.iat.min(now).saturating_add(self.life) {
            return Err(TokenError::TooLong(self.life));
        }
        let Who::Device { user, device } = &claims.who else { return Ok(()) };
        match self.by_device.get(&(user.clone(), device.clone())) {
            Some(newest) if claims.iat < *newest && *newest <= now => Err(TokenError::Replayed),
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

    fn used(issued: u64) -> Option<Used> {
        Some(Used { user: "ana".to_owned(), device: "phone".to_owned(), issued })
    }

    #[test]
    fn an_older_one_is_good_no_more_for_as_long_as_it_would_be_good() {
        let mut newest = Newest::of([], 1_000);
        let (old, new) = (token("phone", 10, 1_010), token("phone", 20, 40));
        assert_eq!(newest.note(&new, 30), used(20));
        assert_eq!((newest.note(&old, 30), newest.note(&new, 30)), (None, None), "that is known");
        assert_eq!(newest.judge(&old, 30), Err(TokenError::Replayed));
        assert_eq!(newest.judge(&new, 30), Ok(()));
        assert!(newest.note(&token("tablet", 1, 900), 30).is_some(), "another has its own");
        // The newer one has long expired, and many others come.
        for device in 0..5_000 {
            newest.note(&token(&device.to_string(), 1_000, 1_100), 1_009);
        }
        assert_eq!(newest.judge(&old, 1_009), Err(TokenError::Replayed));
        assert!(newest.oldest(1_009) <= 20);
        assert_eq!(Newest::of(used(20), 1_000).judge(&old, 1_009), Err(TokenError::Replayed));
    }

    #[test]
    fn none_is_good_for_too_long() {
        let newest = Newest::of([], 1_000);
        assert_eq!(newest.judge(&token("phone", 500, 1_500), 600), Ok(()));
        for (iat, exp) in [(500, 1_501), (0, 1_500), (u64::MAX, u64::MAX), (900, 1_900)] {
            let judged = newest.judge(&token("phone", iat, exp), 600);
            assert_eq!(judged, Err(TokenError::TooLong(1_000)), "{iat}, {exp}");
        }
    }

    #[test]
    fn nobody_is_locked_out_by_a_clock_that_was_set_back() {
        let mut newest = Newest::of([], 100_000);
        // Of whoever signs: the token is as if it were of the moment when it is used.
        assert_eq!(newest.note(&token("phone", 5_000, 9_000), 1_400), used(1_400));
        let good = token("phone", 1_450, 2_000);
        assert_eq!((newest.note(&good, 1_500), newest.judge(&good, 1_500)), (used(1_450), Ok(())));
        // Of the server, too.
        let good = token("phone", 450, 900);
        assert_eq!((newest.note(&good, 500), newest.judge(&good, 500)), (used(450), Ok(())));
        let old = token("phone", 400, 900);
        assert_eq!(
            (newest.note(&old, 510), newest.judge(&old, 510)),
            (None, Err(TokenError::Replayed))
        );
    }

    #[test]
    fn who_came_long_ago_is_forgotten() {
        let mut newest = Newest::of([], 10);
        for device in 0..50_000u64 {
            newest.note(&token(&device.to_string(), device, device + 10), device);
        }
        assert!(newest.by_device.len() < 3_000, "{}", newest.by_device.len());
    }
}
