//! What is remembered of tokens: the newest that each device has used, so that an older one, which somebody
//! may have kept, is no longer valid; and what was revoked. The state is that to which a list of entries
//! leads, each of which was made durable first, so that none of it is forgotten when the server is killed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::token::{Claims, TokenError, Who};

/// An entry. Times are in seconds since 1970.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenEntry {
    /// A device has used a token.
    Token(Used),
    /// Tokens were revoked.
    Revoked(Revoked),
}

/// A device has used a token.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
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

/// The tokens of a device, or of all devices of a user, that were issued until then are no longer valid.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Revoked {
    /// Whose.
    pub user: String,
    /// Which device; all of the user if there is none.
    #[serde(default)]
    pub device: Option<String>,
    /// The last second of issue that is revoked.
    pub at: u64,
}

impl TokenEntry {
    /// When it came about.
    const fn at(&self) -> u64 {
        match self {
            Self::Token(used) => used.at,
            Self::Revoked(revoked) => revoked.at,
        }
    }
}

/// By how much the clock of the server may be ahead, in seconds, before it forgets what it needs once it is
/// right. It covers what the clock of an issuer may differ, too.
const AHEAD: u64 = 86_400;

/// When a token was issued, and when it was used first.
type Times = (u64, u64);

#[derive(Clone, Debug, Default)]
struct OfDevice {
    newest: Option<Times>,
    revoked: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct OfUser {
    devices: BTreeMap<String, OfDevice>,
    revoked: Option<u64>,
}

/// What is remembered of tokens.
#[derive(Clone, Debug)]
pub struct TokenReplay {
    users: BTreeMap<String, OfUser>,
    /// The longest that a token is valid, in seconds.
    life: u64,
    /// How many devices there are.
    devices: usize,
    /// When there are so many, those are removed that have no token that is valid.
    swept_at: usize,
}

impl TokenReplay {
    /// As a store has them. A token is valid for `life` seconds at most, so that a device can be
    /// forgotten some day.
    pub fn of(entries: impl IntoIterator<Item = TokenEntry>, life: u64) -> Self {
        let mut state = Self { users: BTreeMap::new(), life, devices: 0, swept_at: 0 };
        entries.into_iter().for_each(|entry| state.apply(entry));
        state
    }

    /// Where an entry is about tokens that were issued before that, none of them is valid any longer at
    /// `now`; even if the clock is ahead by `AHEAD`.
    pub fn oldest(&self, now: u64) -> u64 {
        now.saturating_sub(self.life.saturating_add(AHEAD))
    }

    /// Applies an entry. In whatever order they come, and however often, the newest of each kind counts.
    pub fn apply(&mut self, entry: TokenEntry) {
        self.sweep(entry.at());
        match entry {
            TokenEntry::Token(Used { user, device, issued, at }) => {
                let of = self.device(user, device);
                if of.newest.is_none_or(|(known, _)| known < issued) {
                    of.newest = Some((issued, at));
                }
            }
            TokenEntry::Revoked(Revoked { user, device: Some(device), at }) => {
                let of = self.device(user, device);
                of.revoked = of.revoked.max(Some(at));
            }
            TokenEntry::Revoked(Revoked { user, device: None, at }) => {
                let of = self.users.entry(user).or_default();
                of.revoked = of.revoked.max(Some(at));
            }
        }
    }

    fn device(&mut self, user: String, device: String) -> &mut OfDevice {
        let devices = &mut self.users.entry(user).or_default().devices;
        self.devices += usize::from(!devices.contains_key(&device));
        devices.entry(device).or_default()
    }

    /// Judges a token at `now`. A newer one that was used *after* now does not stand in its way: the
    /// clock was set back, and whoever signs tokens goes on from there. What was revoked stays revoked.
    ///
    /// # Errors
    ///
    /// The device has used a newer one, or was revoked.
    pub fn judge(&self, claims: &Claims, now: u64) -> Result<(), TokenError> {
        let Who::Device { user, device } = &claims.who else { return Ok(()) };
        let Some(of) = self.users.get(user) else { return Ok(()) };
        let is_revoked = |at: Option<u64>| at.is_some_and(|at| claims.iat <= at);
        let device = of.devices.get(device);
        if is_revoked(of.revoked) || is_revoked(device.and_then(|it| it.revoked)) {
            return Err(TokenError::Revoked);
        }
        match device.and_then(|it| it.newest) {
            Some((issued, at)) if claims.iat < issued && at <= now => Err(TokenError::Replayed),
            _ => Ok(()),
        }
    }

    /// What has to be durable before a device is let in with a token that was judged to be good: nothing, if
    /// it is not the newest so far.
    pub fn newer(&self, claims: &Claims, now: u64) -> Option<Used> {
        let Who::Device { user, device } = &claims.who else { return None };
        let known = self.users.get(user).and_then(|it| it.devices.get(device)?.newest);
        if known.is_some_and(|(known, _)| claims.iat <= known) {
            return None;
        }
        let (user, device) = (user.clone(), device.clone());
        Some(Used { user, device, issued: claims.iat, at: now })
    }

    /// What has to be durable before all tokens of a device, or of all devices of a user, are revoked that
    /// were issued until `now`, and all that were used: the clock of who signs may be a little ahead.
    pub fn revoked(&self, user: &str, device: Option<&str>, now: u64) -> Revoked {
        let issued = |it: &OfDevice| it.newest.map(|(issued, _)| issued);
        let newest = self.users.get(user).and_then(|of| match device {
            Some(device) => of.devices.get(device).and_then(issued),
            None => of.devices.values().filter_map(issued).max(),
        });
        let at = now.max(newest.unwrap_or(0));
        Revoked { user: user.to_owned(), device: device.map(str::to_owned), at }
    }

    /// Everything that is remembered, as entries that lead to it.
    pub fn entries(&self) -> impl Iterator<Item = TokenEntry> {
        self.users.iter().flat_map(|(user, of)| {
            let revoked = |device: Option<&String>, at| {
                let (user, device) = (user.clone(), device.cloned());
                TokenEntry::Revoked(Revoked { user, device, at })
            };
            let devices = of.devices.iter().flat_map(move |(device, of)| {
                let used = of.newest.map(|(issued, at)| {
                    let (user, device) = (user.clone(), device.clone());
                    TokenEntry::Token(Used { user, device, issued, at })
                });
                used.into_iter().chain(of.revoked.map(|at| revoked(Some(device), at)))
            });
            devices.chain(of.revoked.map(|at| revoked(None, at)))
        })
    }

    /// Forgets what is about tokens that are valid no longer, when there is much.
    fn sweep(&mut self, now: u64) {
        if self.devices.max(self.users.len()) <= self.swept_at {
            return;
        }
        let oldest = self.oldest(now);
        let is_needed = |at: Option<u64>| at.is_some_and(|at| at >= oldest);
        self.users.retain(|_, user| {
            user.devices.retain(|_, it| {
                is_needed(it.newest.map(|(issued, _)| issued)) || is_needed(it.revoked)
            });
            !user.devices.is_empty() || is_needed(user.revoked)
        });
        self.devices = self.users.values().map(|it| it.devices.len()).sum();
        self.swept_at = (2 * self.devices.max(self.users.len())).max(1_024);
    }
}

#[cfg(test)]
mod tests;
