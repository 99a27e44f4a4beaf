//! Hashes: keyed ones for the tables, and the checksum of a snapshot.
//!
//! Nothing that leaves the library depends on the keyed ones: they say only where in a table
//! something lies. All are pure functions, the same on every platform.

#[cfg(test)]
mod tests;

use core::fmt;

// Constants without structure: the digits of pi after the point, made odd.
const FIRST: u64 = 0x243f_6a88_85a3_08d3;
const SECOND: u64 = 0x1319_8a2e_0370_7345;
const THIRD: u64 = 0xa409_3822_299f_31d1;
const FOURTH: u64 = 0x082e_fa98_ec4e_6c89;
const FIFTH: u64 = 0x4528_21e6_38d0_1377;

/// What the lanes of a checksum begin with: the digits after those.
const LANES: [u64; 4] =
    [0xbe54_66cf_34e9_0c6d, 0xc0ac_29b7_c97c_50dd, 0x3f84_d5b5_b547_0917, 0x9216_d5d9_8979_fb1b];

/// Bytes that the lanes of a checksum take together.
const BLOCK: usize = 64;

/// The key of the hash tables of a switchboard.
///
/// A host that lets strangers choose names gives it random bits, so that nobody can choose names
/// that all hash alike. It is part of the configuration and of snapshots, and is never taken from
/// the operating system, so that a switchboard stays a pure function of its inputs. Nothing that
/// can be observed depends on it, but the time that a step takes.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct HashKey {
    /// The low half, mixed with a constant, because a key of 0 should be as good as another.
    low: u64,
    /// The high half, in the same way.
    high: u64,
}

impl HashKey {
    /// The key of these bits.
    pub const fn new(key: u128) -> Self {
        let (low, high) = halves(key);
        Self { low: low ^ FIRST, high: high ^ SECOND }
    }

    /// Its bits.
    pub const fn get(self) -> u128 {
        joined(self.low ^ FIRST, self.high ^ SECOND)
    }

    /// The hash of a text. Its high bits are the better ones.
    #[inline]
    pub(crate) fn text(self, text: &str) -> u32 {
        match Short::new(text.as_bytes()) {
            Some(short) => self.short(short),
            None => self.long(text.as_bytes()),
        }
    }

    /// The hash of a short text.
    #[inline]
    pub(crate) fn short(self, Short { ends, len }: Short) -> u32 {
        self.finished(ends, len)
    }

    fn long(self, bytes: &[u8]) -> u32 {
        // Two lanes in turn, so that one need not wait for the other. Both factors depend on the
        // key, because whoever knows one can make it 0, and with it the product.
        let (mut one, mut other) = (self.low, self.high ^ THIRD);
        let mut rest = bytes;
        while rest.len() > Short::MOST {
            let Some((head, tail)) = rest.split_first_chunk::<16>() else { break };
            let lane = folded(word(head, 0) ^ one, word(head, 8) ^ self.high);
            (one, other, rest) = (other, lane, tail);
        }
        let last = bytes.len().saturating_sub(16);
        let ends = (word(bytes, last), word(bytes, last.saturating_add(8)));
        // The rest as if it were all, with the key that the lanes have come to.
        Self { low: one, high: other }.finished(ends, bytes.len())
    }

    #[inline]
    fn finished(self, (from, to): (u64, u64), len: usize) -> u32 {
        // The length keeps texts apart that have the same ends.
        let (low, high) = halves(product(from ^ self.low, to ^ self.high));
        top(folded(low ^ FOURTH ^ length(len), high ^ FIFTH))
    }

    /// The hash of two numbers in this order.
    #[inline]
    pub(crate) fn pair(self, a: u32, b: u32) -> u32 {
        self.wide(u64::from(a) | (u64::from(b) << 32))
    }

    /// The hash of a number.
    #[inline]
    pub(crate) fn number(self, n: u32) -> u32 {
        self.wide(u64::from(n))
    }

    #[inline]
    fn wide(self, n: u64) -> u32 {
        // No key makes the factor 0, and with it every product.
        top(folded(folded(n ^ self.low, self.high | 1), FOURTH))
    }
}

/// A text of at most 16 bytes, as two words and its length. Equal ones are of equal texts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Short {
    ends: (u64, u64),
    len: usize,
}

impl Short {
    pub(crate) const MOST: usize = 16;

    /// `None` if the text is longer.
    #[inline]
    pub(crate) fn new(text: &[u8]) -> Option<Self> {
        (text.len() <= Self::MOST).then(|| Self { ends: ends(text), len: text.len() })
    }

    /// Bytes of the text.
    pub(crate) const fn len(self) -> usize {
        self.len
    }
}

/// The key of 0.
impl Default for HashKey {
    fn default() -> Self {
        Self::new(0)
    }
}

/// Without the key, which whoever reads a log should not learn.
impl fmt::Debug for HashKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("HashKey(..)")
    }
}

/// A checksum of bytes: 64 bits, without a key, against accidents and not against forgers.
///
/// Four lanes, each begun with a constant of its own, take pairs of words of 8 bytes, little-endian,
/// in turn: `lane = folded(lane ^ first, constant ^ second)`. The end is filled up with zeros to 64
/// bytes, and then the length and the lanes are folded in the same way.
///
/// It can be taken piece by piece, while the bytes are near.
#[derive(Debug)]
pub(crate) struct Checksum {
    lanes: [u64; 4],
    /// How many bytes were taken in.
    length: u64,
}

impl Checksum {
    /// That of no bytes yet.
    pub(crate) const fn new() -> Self {
        Self { lanes: LANES, length: 0 }
    }

    /// The checksum of all these bytes.
    pub(crate) fn of(bytes: &[u8]) -> u64 {
        let mut sum = Self::new();
        let rest = sum.take(bytes);
        sum.end(rest)
    }

    /// Takes in the next bytes but for the last ones, which fill no block and are given back.
    pub(crate) fn take<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let mut rest = bytes;
        while let Some((block, tail)) = rest.split_first_chunk() {
            self.block(block);
            rest = tail;
        }
        self.length =
            self.length.wrapping_add(length(bytes.len()).wrapping_sub(length(rest.len())));
        rest
    }

    /// The checksum, given the last bytes, which fill no block.
    pub(crate) fn end(mut self, rest: &[u8]) -> u64 {
        if !rest.is_empty() {
            let mut block = [0; BLOCK];
            block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.block(&block);
        }
        let length = self.length.wrapping_add(length(rest.len()));
        self.lanes.iter().fold(folded(length ^ FIRST, SECOND), |sum, lane| {
            folded(sum.rotate_left(1) ^ lane, THIRD)
        })
    }

    #[inline]
    fn block(&mut self, block: &[u8; BLOCK]) {
        let [one, two, three, four] = &mut self.lanes;
        *one = pair(*one, FIRST, block, 0);
        *two = pair(*two, SECOND, block, 16);
        *three = pair(*three, THIRD, block, 32);
        *four = pair(*four, FOURTH, block, 48);
    }
}

/// What a lane becomes when it takes in the pair of words that begins there. Callers see to it
/// that there is one.
#[inline]
fn pair(lane: u64, constant: u64, block: &[u8; BLOCK], at: usize) -> u64 {
    let pair = block.get(at..).and_then(|bytes| bytes.first_chunk());
    let pair = pair.map_or(0, |pair| u128::from_le_bytes(*pair));
    let (first, second) = halves(pair ^ joined(lane, constant));
    folded(first, second)
}

/// Two words that together have all of at most 16 bytes, and 0 where there are none.
#[inline]
fn ends(bytes: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    let at = |at| bytes.get::<usize>(at).map_or(0, |byte| u64::from(*byte));
    (at(0) | (at(1) << 8), at(2))
}

/// The word of 8 bytes that begins there. Callers see to it that there is one.
#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    let word = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    word.map_or(0, |word| u64::from_le_bytes(*word))
}

#[inline]
fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The two halves of the product, one upon the other: each bit of it depends on nearly all of
/// both factors.
#[inline]
const fn folded(a: u64, b: u64) -> u64 {
    let (low, high) = halves(product(a, b));
    low ^ high
}

/// Two factors of 64 bits cannot overflow 128.
#[inline]
const fn product(a: u64, b: u64) -> u128 {
    joined(a, 0).wrapping_mul(joined(b, 0))
}

#[inline]
const fn top(word: u64) -> u32 {
    #[expect(clippy::as_conversions, reason = "the upper half fits, and `From` is not const")]
    let top = (word >> 32) as u32;
    top
}

#[inline]
const fn halves(wide: u128) -> (u64, u64) {
    #[expect(clippy::as_conversions, reason = "the low half is wanted, and `From` is not const")]
    let halves = (wide as u64, (wide >> 64) as u64);
    halves
}

#[inline]
const fn joined(low: u64, high: u64) -> u128 {
    #[expect(clippy::as_conversions, reason = "lossless, and `From` is not const")]
    let joined = low as u128 | ((high as u128) << 64);
    joined
}
