//! Names in an open-addressed table whose slots are the records themselves: one cache line for the
//! name and for what is known of it.

/// The longest name.
pub const LONGEST: usize = 24;

/// A name of at most 24 bytes, as words: overlapping reads and the length, so that the length
/// decides one branch only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Key([u64; 4]);

impl Key {
    /// The key of a name of 1 to 24 bytes.
    #[inline]
    pub fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let length = bytes.len();
        let first = bytes.first_chunk::<8>();
        let last = bytes.last_chunk::<8>();
        if let (Some(first), Some(last)) = (first, last) {
            let middle = match bytes.get(8..16) {
                Some(middle) if length > 16 => word(middle),
                _ => 0,
            };
            let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            return Self([first, last, middle, length as u64]);
        }
        Self([word(bytes), 0, 0, length as u64])
    }

    /// Word by word: a wider read of what was just written would stall.
    #[inline]
    const fn is(&self, other: &Self) -> bool {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        (a ^ e) | (b ^ f) | (c ^ g) | (d ^ h) == 0
    }

    /// Whether it is the name of nothing.
    #[inline]
    const fn is_empty(&self) -> bool {
        self.0[3] == 0
    }

    /// Where it belongs among so many slots.
    #[inline]
    pub(super) fn slot(&self, slots: usize) -> usize {
        (((self.hash() >> 32) * slots as u64) >> 32) as usize
    }

    /// A hash of it, which stands for a device name.
    #[inline]
    pub(super) fn hash(&self) -> u64 {
        let [a, b, c, d] = self.0;
        let hash = fold(a ^ 0x243f_6a88_85a3_08d3, b ^ 0x1319_8a2e_0370_7344)
            ^ fold(c ^ 0xa409_3822_299f_31d0, d ^ 0x082e_fa98_ec4e_6c89);
        hash.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Up to eight bytes as a word.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[inline]
const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// A record that has its name in it.
pub trait Keyed {
    /// Its name; the default if the slot is free.
    fn key(&self) -> &Key;
}

/// The slot of a name, or the free one that it would go to.
#[inline]
pub fn lookup<T: Keyed>(slots: &[T], key: &Key) -> usize {
    let mut at = key.slot(slots.len());
    loop {
        let Some(slot) = slots.get(at) else {
            at = 0;
            continue;
        };
        if slot.key().is(key) || slot.key().is_empty() {
            return at;
        }
        at += 1;
    }
}

/// Slots for so many records.
pub const fn slots_for(records: usize) -> usize {
    records * 4 + 1
}
