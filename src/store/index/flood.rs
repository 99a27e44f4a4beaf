#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

//! N-06: names that are chosen to hash alike under one key do not under another.

use std::collections::BTreeMap;

use super::Index;
use crate::store::HashKey;

const NAMES: u32 = 20_000;

/// The key of which a stranger knows this much: what the names of [`chosen`] begin with.
///
/// The halves of a name of 16 bytes are mixed with the halves of the key and multiplied. Whoever
/// knows one half of the key can make a factor 0, and with it the product, whatever the other is.
fn known() -> HashKey {
    // The low half of a key is kept mixed with a constant.
    HashKey::new(u128::from(u64::from_le_bytes(*b"aaaaaaaa") ^ 0x243f_6a88_85a3_08d3))
}

fn chosen() -> impl Iterator<Item = String> {
    (0..NAMES).map(|n| format!("aaaaaaaa{n:08}"))
}

fn secrets() -> impl Iterator<Item = HashKey> {
    (1..=16_u128).map(|n| HashKey::new(n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834)))
}

/// How many of these names have the same hash, at most.
fn alike(key: HashKey, names: impl Iterator<Item = String>) -> usize {
    let mut hashes = BTreeMap::<u32, usize>::new();
    names.for_each(|name| *hashes.entry(key.text(&name)).or_default() += 1);
    hashes.into_values().max().unwrap_or(0)
}

/// How many entries a search for one of these names asks about, at most.
fn asked(key: HashKey, names: &[String]) -> usize {
    let mut index = Index::new();
    for (name, at) in names.iter().zip(0..) {
        index.insert(key.text(name), at);
    }
    index.finish();
    index.new.check();
    let asked = names.iter().zip(0..).map(|(name, at)| {
        let mut asked = 0;
        let found = index.find(key.text(name), |position| {
            asked += 1;
            position == at
        });
        assert_eq!(found, Some(at));
        asked
    });
    asked.max().unwrap_or(0)
}

/// How far the farthest of these names lies from its home when seven of eight homes are in use,
/// which are as many as ever are.
fn farthest(key: HashKey, names: &[String]) -> u64 {
    let homes = names.len() as u64 * 8 / 7;
    let mut hashes: Vec<u32> = names.iter().map(|name| key.text(name)).collect();
    hashes.sort_unstable();
    let (mut free, mut farthest) = (0, 0);
    for hash in hashes {
        let home = (u64::from(hash) * homes) >> 32;
        let slot = home.max(free);
        (free, farthest) = (slot + 1, farthest.max(slot - home));
    }
    farthest
}

#[test]
fn who_knows_the_key_can_choose_names_that_hash_alike() {
    assert_eq!(alike(known(), chosen()), NAMES as usize);
}

#[test]
fn who_does_not_know_it_cannot() {
    for key in secrets() {
        // By chance 20,000 of 2^32 have a pair about once in twenty keys, and hardly ever three.
        assert!(alike(key, chosen()) <= 3);
    }
}

/// Names that were chosen are found with no more searching than any others.
#[test]
fn chosen_names_lie_as_near_their_homes_as_others() {
    let chosen: Vec<String> = chosen().collect();
    let others: Vec<String> = (0..NAMES).map(|n| format!("user-{n}")).collect();
    for key in secrets() {
        let asked = asked(key, &chosen);
        assert!(asked <= 3, "{asked} entries asked about");
        let (far, usual) = (farthest(key, &chosen), farthest(key, &others));
        assert!(far < 128 && usual < 128, "{far} slots from home, and {usual} for others");
    }
    // The test sees what it must.
    assert_eq!(asked(known(), &chosen[..1_000]), 1_000);
    assert!(farthest(known(), &chosen[..1_000]) >= 999 - 1_000 / 7);
}
