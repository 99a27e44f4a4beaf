#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

//! The hashes spread, and the checksum finds accidents.

use std::collections::BTreeSet;

use super::{Checksum, FIRST, HashKey, SECOND};
use proptest::prelude::*;

const KEYS: [u128; 4] = [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210];

/// How unevenly hashes fall into 1024 places by their high bits: about 1023 for random ones, with
/// a standard deviation of 45. Evener is well.
fn unevenness(hashes: impl Iterator<Item = u32>) -> u64 {
    let mut places = vec![0_u64; 1024];
    for hash in hashes {
        let place = usize::try_from(hash >> 22).unwrap_or(0);
        places.iter_mut().skip(place).take(1).for_each(|place| *place = place.saturating_add(1));
    }
    let all: u64 = places.iter().sum();
    let squares: u64 = places.iter().map(|n| n.saturating_mul(*n)).sum();
    squares.saturating_mul(1024).checked_div(all).map_or(0, |sum| sum.saturating_sub(all))
}

/// Names as hosts make them: the same but for a number somewhere.
fn shapes() -> Vec<fn(u32) -> String> {
    vec![
        |n| format!("{n}"),
        |n| format!("u{n:04x}"),
        |n| format!("{n:08}"),
        |n| format!("user-{n}"),
        |n| format!("{n:05}-laptop"),
        |n| format!("{n:016}"),
        |n| format!("room-{n:06}-standup-of-team"),
        |n| format!("{n:08x}-0000-4000-8000-000000000000"),
        |n| format!("00000000-0000-4000-8000-{n:012x}"),
        |n| format!("00000000-{:04x}-4000-{:04x}-000000000000", n >> 8, n & 0xff),
    ]
}

#[test]
fn texts_that_are_alike_spread() {
    for key in KEYS.map(HashKey::new) {
        for shape in shapes() {
            let found = unevenness((0..50_000).map(|n| key.text(&shape(n))));
            assert!(found < 1_300, "{found} for {}", shape(0));
        }
    }
}

#[test]
fn numbers_that_are_alike_spread() {
    for key in KEYS.map(HashKey::new) {
        for shift in [0, 4, 8, 16] {
            let found = unevenness((0..50_000_u32).map(|n| key.number(n << shift)));
            assert!(found < 1_300, "{found} for numbers shifted by {shift}");
            let pair = |n: u32| key.pair((n & 0xff) << shift, (n >> 8) << shift);
            let found = unevenness((0..50_000).map(pair));
            assert!(found < 1_300, "{found} for pairs shifted by {shift}");
        }
    }
}

/// Every bit of a name of any length, and of the key, has a part in about half of the bits.
#[test]
fn a_bit_changes_half_of_the_hash() {
    for length in 1..40 {
        let bytes: Vec<u8> = (0..length).map(|at| b'a'.wrapping_add(at % 16)).collect();
        let hash = |key, bytes: &[u8]| HashKey::new(key).text(std::str::from_utf8(bytes).unwrap());
        let (mut changed, mut flips) = (0, 0);
        for key in (0_u128..16).map(|key| key.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_0c4f)) {
            let before = hash(key, &bytes);
            for at in 0..bytes.len() {
                for bit in 0..4 {
                    let mut bytes = bytes.clone();
                    bytes[at] ^= 1 << bit;
                    let differ = (before ^ hash(key, &bytes)).count_ones();
                    assert!(differ > 0, "bit {bit} of byte {at} of {length}");
                    (changed, flips) = (changed + differ, flips + 1);
                }
            }
            for bit in 0..128 {
                let differ = (before ^ hash(key ^ (1 << bit), &bytes)).count_ones();
                (changed, flips) = (changed + differ, flips + 1);
            }
        }
        let tenths = changed * 10 / flips;
        assert!((155..=165).contains(&tenths), "{tenths} tenths of bits for length {length}");
    }
}

#[test]
fn neither_the_length_nor_the_order_is_lost() {
    let key = HashKey::default();
    let same: BTreeSet<u32> = (0..100).map(|n| key.text(&"a".repeat(n))).collect();
    assert_eq!(same.len(), 100);
    let zeros: BTreeSet<u32> = (0..100).map(|n| key.text(&"\0".repeat(n))).collect();
    assert_eq!(zeros.len(), 100);
    assert_ne!(key.pair(1, 2), key.pair(2, 1));
    let (a, b, c) = ("0123456789abcdef", "fedcba9876543210", "zzzzzzzzzzzzzzzz");
    let all = [[a, b, c], [b, a, c], [a, c, b], [c, a, b], [b, c, a], [c, b, a]];
    assert_eq!(all.map(|all| key.text(&all.concat())).iter().collect::<BTreeSet<_>>().len(), 6);
}

#[test]
fn a_key_is_what_it_was_made_of_and_is_not_printed() {
    for key in KEYS {
        assert_eq!(HashKey::new(key).get(), key);
        assert_eq!(format!("{:?}", HashKey::new(key)), "HashKey(..)");
    }
    assert_eq!(HashKey::default(), HashKey::new(0));
}

/// Snapshots have checksums in them. The others are pinned because they, too, should be the same on
/// every platform.
#[test]
fn the_functions_stay_the_same() {
    let bytes: Vec<u8> = (0..100).collect();
    assert_eq!(Checksum::of(b""), 0xe112_397c_df83_80c5);
    assert_eq!(Checksum::of(b"roomcall"), 0xb64c_18bb_09ac_0265);
    assert_eq!(Checksum::of(&bytes), 0xbfc3_1496_2424_b4cc);
    let key = HashKey::new(KEYS[3]);
    assert_eq!(key.text("ana"), 0xb70f_9de3);
    assert_eq!(key.text("00000000-0000-4000-8000-000000000000"), 0x87ee_04ee);
    assert_eq!((key.pair(1, 2), key.number(3)), (0xb2ec_2e3e, 0xe9fb_458b));
}

// N-06: not even the one with which a factor would be 0.
#[test]
fn no_key_makes_all_alike() {
    for key in
        [u128::from(SECOND) << 64, u128::from(FIRST), u128::from(SECOND) << 64 | u128::from(FIRST)]
    {
        let key = HashKey::new(key);
        let numbers: BTreeSet<u32> = (0..1_000).map(|n| key.number(n)).collect();
        let pairs: BTreeSet<u32> = (0..1_000).map(|n| key.pair(n, 7)).collect();
        assert!(numbers.len() > 990 && pairs.len() > 990, "{} {}", numbers.len(), pairs.len());
    }
}

#[test]
fn a_checksum_finds_every_flipped_bit_and_every_truncation() {
    for filling in [0, 0xff, 0x5a] {
        for length in [0, 1, 7, 8, 31, 32, 33, 64, 100, 256] {
            let bytes = vec![filling; length];
            let mut sums = BTreeSet::from([Checksum::of(&bytes)]);
            let mut others = 0;
            for bit in 0..length * 8 {
                let mut bytes = bytes.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                sums.insert(Checksum::of(&bytes));
                others += 1;
            }
            for length in 0..length {
                sums.insert(Checksum::of(&bytes[..length]));
                others += 1;
            }
            for more in 1..40 {
                sums.insert(Checksum::of(&[bytes.clone(), vec![0; more]].concat()));
                others += 1;
            }
            assert_eq!(sums.len(), others + 1, "{length} bytes of {filling}");
        }
    }
}

/// Flipped top bits are what plain products are blind to.
#[test]
fn a_checksum_finds_every_pair_of_flipped_bits() {
    let bytes: Vec<u8> = (0..96).map(|n: u8| n.wrapping_mul(37)).collect();
    let mut sums = BTreeSet::from([Checksum::of(&bytes)]);
    let mut others = 0;
    for one in 0..bytes.len() * 8 {
        for other in 0..one {
            let mut bytes = bytes.clone();
            bytes[one / 8] ^= 1 << (one % 8);
            bytes[other / 8] ^= 1 << (other % 8);
            sums.insert(Checksum::of(&bytes));
            others += 1;
        }
    }
    assert_eq!(sums.len(), others + 1);
}

proptest! {
    #[test]
    fn a_checksum_finds_changes_and_swaps(
        bytes in prop::collection::vec(any::<u8>(), 1..400),
        change in (any::<prop::sample::Index>(), 1..=u8::MAX),
        swap in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..40_usize),
    ) {
        let sum = Checksum::of(&bytes);
        prop_assert_eq!(sum, Checksum::of(&bytes.clone()));
        let mut changed = bytes.clone();
        changed[change.0.index(bytes.len())] ^= change.1;
        prop_assert_ne!(sum, Checksum::of(&changed));
        let chunks: Vec<&[u8]> = bytes.chunks(swap.2).collect();
        let mut swapped = chunks.clone();
        swapped.swap(swap.0.index(chunks.len()), swap.1.index(chunks.len()));
        prop_assert_eq!(swapped == chunks, Checksum::of(&swapped.concat()) == sum);
    }

    #[test]
    fn hashes_depend_on_nothing_but_text_and_key(key in any::<u128>(), text in ".{0,60}") {
        // A copy, so that what lies around it differs.
        let copy = format!("x{text}y");
        let hash = HashKey::new(key).text(&text);
        prop_assert_eq!(hash, HashKey::new(key).text(&copy[1..copy.len() - 1]));
    }
}
