//! The key that names are hashed with.

use core::fmt;

use siphasher::sip::SipHasher13;

/// The key of the hash tables of a switchboard (N-06).
///
/// Clients choose names. A host gives the key random bits, once, from its configuration, so that
/// nobody who does not know them can choose names that collide. The key is part of the
/// configuration and of snapshots, and is never taken from the operating system, so that a
/// switchboard stays a pure function of its inputs. Nothing observable depends on it but the time
/// that a step takes.
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct HashKey(u128);

impl HashKey {
    /// The key of these bits.
    pub const fn new(key: u128) -> Self {
        Self(key)
    }

    /// Its bits.
    pub const fn get(self) -> u128 {
        self.0
    }

    /// SipHash-1-3 of a name, its low half.
    #[inline]
    pub(super) fn hash(self, name: &str) -> u32 {
        let [low, high] = self.halves();
        truncate(SipHasher13::new_with_keys(low, high).hash(name.as_bytes()))
    }

    /// SipHash-1-3 of two numbers, its low half.
    pub(crate) fn hash_pair(self, a: u32, b: u32) -> u64 {
        let [low, high] = self.halves();
        let pair = u64::from(a) << 32 | u64::from(b);
        SipHasher13::new_with_keys(low, high).hash(&pair.to_le_bytes())
    }

    #[expect(clippy::as_conversions, reason = "both halves are wanted")]
    const fn halves(self) -> [u64; 2] {
        [self.0 as u64, (self.0 >> 64) as u64]
    }
}

#[expect(clippy::as_conversions, reason = "the low half is wanted")]
const fn truncate(hash: u64) -> u32 {
    hash as u32
}

/// The key is a secret, and is not shown.
impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(..)")
    }
}
