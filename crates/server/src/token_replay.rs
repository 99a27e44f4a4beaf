//! The newest token that each device has used: an older one, which somebody may have kept, is no
//! longer valid, not even after the server was killed.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::token::{AHEAD, Claims, TokenError, Who};

/// A device has used a token. Times are in seconds since 1970.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Used {
    /// Whose device it is.
    pub user: String,
    /// Which.
    pub device: String,
    /// When the token was issued, as it says itself.
    pub issued: u64,
    /// When it was used first.
    pub at: u64,
}

/// When a token was issued, and when it was used first.
type Times = (u64, u64);

/// The newest token of each device, by which the replay of an older one is refused.
#[derive(Clone, Debug)]
pub struct TokenReplay {
    by_device: HashMap<(String, String), Times>,
    /// The longest that a token is valid, in seconds.
    life: u64,
    /// When it has so many, those are removed whose device has no older token that is valid.
    swept_at: usize,
}

impl TokenReplay {
    /// As a store has them. A token is valid for `life` seconds at most, so that a device can be
    /// forgotten some day.
    pub fn of(used: impl IntoIterator<Item = Used>, life: u64) -> Self {
        let input = |it: Used| ((it.user, it.device), (it.issued, it.at));
        Self { by_device: used.into_iter().map(input).collect(), life, swept_at: 0 }
    }

    /// Where the newest token of a device was issued before that, none of its tokens is valid any longer
    /// at `now`; even if the clock is ahead by `AHEAD`.
    pub fn oldest(&self, now: u64) -> u64 {
        now.saturating_sub(self.life.saturating_add(AHEAD))
    }

    /// Judges a token at `now`. A newer one that was used *after* now does not stand in its way: the
    /// clock was set back, and whoever signs tokens goes on from there.
    ///
    /// # Errors
    ///
    /// The device has used a newer one.
    pub fn judge(&self, claims: &Claims, now: u64) -> Result<(), TokenError> {
        let Who::Device { user, device } = &claims.who else { return Ok(()) };
        match self.by_device.get(&(user.clone(), device.clone())) {
            Some((issued, at)) if claims.iat < *issued && *at <= now => Err(TokenError::Replayed),
            _ => Ok(()),
        }
    }

    /// What has to be durable before a device is let in with a valid token: nothing, if it is not newer than
    /// those before.
    pub fn newer(&self, claims: &Claims, now: u64) -> Option<Used> {
        let Who::Device { user, device } = &claims.who else { return None };
        let key = (user.clone(), device.clone());
        if self.by_device.get(&key).is_some_and(|(known, _)| claims.iat <= *known) {
            return None;
        }
        Some(Used { user: key.0, device: key.1, issued: claims.iat, at: now })
    }

    /// A device has used a token.
    pub fn apply(&mut self, used: Used) {
        let oldest = self.oldest(used.at);
        if self.by_device.len() > self.swept_at {
            self.by_device.retain(|_, (issued, _)| *issued >= oldest);
            self.swept_at = (2 * self.by_device.len()).max(1_024);
        }
        let newest = self.by_device.entry((used.user, used.device)).or_insert((0, 0));
        if used.issued > newest.0 {
            *newest = (used.issued, used.at);
        }
    }

    /// The newest token of each device, in the order of their names.
    pub fn all(&self) -> Vec<Used> {
        let used = self.by_device.iter().map(|((user, device), (issued, at))| {
            let (user, device) = (user.clone(), device.clone());
            Used { user, device, issued: *issued, at: *at }
        });
        let mut all: Vec<Used> = used.collect();
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(device: &str, iat: u64, exp: u64) -> Claims {
        let who = Who::Device { user: "ana".to_owned(), device: device.to_owned() };
        Claims { who, iat, exp }
    }

    fn used(issued: u64, at: u64) -> Option<Used> {
        Some(Used { user: "ana".to_owned(), device: "phone".to_owned(), issued, at })
    }

    /// A device comes with a token that is valid.
    fn note(newest: &mut TokenReplay, claims: &Claims, now: u64) -> Option<Used> {
        let used = newest.newer(claims, now);
        used.clone().into_iter().for_each(|used| newest.apply(used));
        used
    }

    const REPLAYED: Result<(), TokenError> = Err(TokenError::Replayed);

    #[test]
    fn an_older_token_is_refused_until_it_expires() {
        let mut newest = TokenReplay::of([], 1_000);
        let (old, new) = (token("phone", 10, 1_010), token("phone", 20, 40));
        assert_eq!((newest.judge(&new, 30), note(&mut newest, &new, 30)), (Ok(()), used(20, 30)));
        assert_eq!(
            (note(&mut newest, &old, 30), note(&mut newest, &new, 30)),
            (None, None),
            "that is known"
        );
        assert_eq!((newest.judge(&old, 30), newest.judge(&new, 30)), (REPLAYED, Ok(())));
        assert!(note(&mut newest, &token("tablet", 1, 900), 30).is_some(), "another has its own");
        // The newer one has long expired, and many others come.
        for device in 0..5_000 {
            note(&mut newest, &token(&device.to_string(), 1_000, 1_100), 1_009);
        }
        assert_eq!(newest.judge(&old, 1_009), REPLAYED);
        assert!(newest.oldest(1_009) <= 20);
        assert_eq!(TokenReplay::of(used(20, 30), 1_000).judge(&old, 1_009), REPLAYED);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_and_nothing_is_forgotten() {
        let mut newest = TokenReplay::of([], 100_000);
        note(&mut newest, &token("phone", 5_000, 9_000), 5_010);
        // An hour back, whoever signs, too.
        let good = token("phone", 1_420, 9_000);
        assert_eq!((newest.judge(&good, 1_425), note(&mut newest, &good, 1_425)), (Ok(()), None));
        // When the clock has caught up.
        assert_eq!(newest.judge(&good, 5_010), REPLAYED);
        assert_eq!(newest.judge(&token("phone", 5_000, 9_000), 5_010), Ok(()));
    }

    #[test]
    fn a_clock_of_who_signs_that_is_ahead_saves_no_older_one() {
        let mut newest = TokenReplay::of([], 100_000);
        let (old, new) = (token("phone", 3_600, 9_000), token("phone", 5_400, 9_000));
        assert_eq!(note(&mut newest, &new, 1_800), used(5_400, 1_800));
        assert_eq!((newest.judge(&old, 1_900), newest.judge(&new, 1_900)), (REPLAYED, Ok(())));
    }

    #[test]
    fn who_came_long_ago_is_forgotten() {
        let mut newest = TokenReplay::of([], 10);
        for device in 0..500_000u64 {
            note(&mut newest, &token(&device.to_string(), device, device + 10), device);
        }
        assert!(newest.by_device.len() < 200_000, "{}", newest.by_device.len());
    }
}
