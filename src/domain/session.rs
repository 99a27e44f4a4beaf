//! Sessions: one connection of a user to a room.

use core::hash::Hasher;
use core::num::NonZeroU64;

use siphasher::sip::SipHasher13;

/// One connection of a user to a room, as a digest of the name that the host gives it (F-04, F-13).
///
/// The name is not stored: sessions are compared with the few others of the same user in the same room,
/// and nothing tells one.
///
/// ```
/// use roomcall::Session;
/// assert_eq!(Session::new("4f1c"), Session::new("4f1c"));
/// assert_ne!(Session::new("4f1c"), Session::new("88d0"));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Session(NonZeroU64);

impl Session {
    /// The session of this name, which is opaque bytes, like an id. Its length is the host's to
    /// bound; by name it is bounded by L-01. The time is in proportion to it.
    pub fn new(name: &str) -> Self {
        let mut hasher = SipHasher13::new();
        hasher.write(name.as_bytes());
        Self::stored(hasher.finish())
    }

    /// The session of a digest: 0 stands for 1.
    pub(crate) const fn stored(digest: u64) -> Self {
        match NonZeroU64::new(digest) {
            Some(digest) => Self(digest),
            None => Self(NonZeroU64::MIN),
        }
    }

    pub(crate) const fn digest(self) -> u64 {
        self.0.get()
    }
}
