//! What is remembered of tokens: the newest that each device has used, so that an older one, which somebody
//! may have kept, is no longer valid; and what was revoked. The state is that to which a list of entries
//! leads, each of which was made durable first, so that none of it is forgotten when the server is killed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::token::{Claims, TokenError, Who};

/// An entry. Times are in seconds since 1970.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenEntry {
    /// A device has used a token.
    Token(Used),
    /// Tokens were revoked.
    Revoked(Revoked),
    /// A user was erased, with all tokens.
    Erased(Erased),
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

/// The tokens of a user who was erased (F-20) that were issued until then are no longer valid. Only a digest is
/// remembered of who it was, so that the name is nowhere.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Erased {
    /// The batch of the log that has it: no two digests of one name are the same.
    pub sequence: u64,
    /// Of that and the name.
    pub digest: [u8; 16],
    /// The last second of issue that is revoked.
    pub at: u64,
}

impl Erased {
    fn new(sequence: u64, user: &str, at: u64) -> Self {
        Self { sequence, digest: digest(sequence, user), at }
    }

    fn is_of(&self, user: &str) -> bool {
        self.digest == digest(self.sequence, user)
    }
}

fn digest(sequence: u64, user: &str) -> [u8; 16] {
    let whole =
        Sha256::new_with_prefix(b"roomcall erased user").chain_update(sequence.to_le_bytes());
    let whole = whole.chain_update(user).finalize();
    let mut half = [0; 16];
    half.copy_from_slice(&whole[..16]);
    half
}

impl TokenEntry {
    /// When it came about.
    const fn at(&self) -> u64 {
        match self {
            Self::Token(used) => used.at,
            Self::Revoked(revoked) => revoked.at,
            Self::Erased(erased) => erased.at,
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
    /// Those who were erased, as long as tokens of theirs may be valid.
    erased: Vec<Erased>,
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
        let (users, erased) = (BTreeMap::new(), Vec::new());
        // Nothing is swept meanwhile: these are those that were left, whenever they came about.
        let mut state = Self { users, erased, life, devices: 0, swept_at: usize::MAX };
        for entry in entries {
            match entry {
                TokenEntry::Erased(erased) => state.erased.push(erased),
                entry => state.apply(entry),
            }
        }
        state.sweep_later();
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
            TokenEntry::Erased(erased) => {
                let oldest = self.oldest(erased.at);
                self.erased.retain(|it| it.at >= oldest && it.digest != erased.digest);
                self.erased.push(erased);
            }
        }
    }

    /// Forgets a user whom a batch erases: the tokens that were issued until then, and those that were used, are
    /// no longer valid. When that is, an entry says that revokes all of them before; `at` is by the clock of
    /// the engine, which may be another one than that by which tokens are issued, and is taken without one.
    pub fn erase(&mut self, sequence: u64, user: &str, at: u64) {
        let revoked = self.users.get(user).and_then(|of| of.revoked);
        let at = self.revoked(user, None, revoked.unwrap_or(at)).at;
        if let Some(of) = self.users.remove(user) {
            self.devices = self.devices.saturating_sub(of.devices.len());
        }
        self.apply(TokenEntry::Erased(Erased::new(sequence, user, at)));
    }

    /// The last batch in which a user was erased, 0 if nobody was of whom tokens may be valid.
    pub fn last_erasure(&self) -> u64 {
        self.erased.iter().map(|erased| erased.sequence).max().unwrap_or(0)
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
        if self.erased.iter().any(|it| claims.iat <= it.at && it.is_of(user)) {
            return Err(TokenError::Revoked);
        }
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
        let erased = self.erased.iter().map(|erased| TokenEntry::Erased(*erased));
        let users = self.users.iter().flat_map(|(user, of)| {
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
        });
        users.chain(erased)
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
        self.erased.retain(|it| it.at >= oldest);
        self.sweep_later();
    }

    /// The next time is when there is twice as much.
    fn sweep_later(&mut self) {
        self.swept_at = (2 * self.devices.max(self.users.len())).max(1_024);
    }
}

#[cfg(test)]
mod tests;
