//! A registry is a map from names to handles; names that nothing refers to are evicted in time.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{HashKey, NameError, Registry};
use crate::UserId;

/// Names of every kind of length: inline, and longer than that.
fn name(nth: usize) -> String {
    format!("{nth}-{}", "x".repeat(nth * 7 % 60))
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Intern(usize),
    Release(usize),
    Use(usize),
    Drop(usize),
    Resolve(usize),
    Unpin,
    Sweep,
}

fn op() -> impl Strategy<Value = Op> {
    let nth = || 0..24_usize;
    prop_oneof![
        nth().prop_map(Op::Intern),
        nth().prop_map(Op::Release),
        nth().prop_map(Op::Use),
        nth().prop_map(Op::Drop),
        nth().prop_map(Op::Resolve),
        Just(Op::Unpin),
        Just(Op::Sweep),
    ]
}

/// What keeps a name: interned, used, and since how many sweeps it is idle.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    interned: u32,
    used: u32,
    is_pinned: bool,
    /// Sweeps since the last use was dropped, at most 2.
    idle_for: Option<u32>,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    // N-01, N-02, N-03
    #[test]
    fn a_registry_is_a_map(ops in prop::collection::vec(op(), 0..200), key in any::<u128>()) {
        let mut registry = Registry::<UserId>::with_capacity(HashKey::new(key), 0);
        let mut model = BTreeMap::<String, (UserId, Kept)>::new();
        let mut gone = Vec::<UserId>::new();
        for op in ops {
            match op {
                Op::Intern(nth) => {
                    let id = registry.intern(&name(nth), 1_000).unwrap();
                    model.entry(name(nth)).or_insert((id, Kept::default())).1.interned += 1;
                }
                Op::Resolve(nth) => {
                    let id = registry.resolve(&name(nth)).unwrap();
                    let kept = &mut model.entry(name(nth)).or_insert((id, Kept::default())).1;
                    kept.is_pinned |= kept.interned == 0 && kept.used == 0;
                }
                Op::Release(nth) => if let Some((id, kept)) = model.get_mut(&name(nth)) {
                    registry.release_interned(*id);
                    kept.interned = kept.interned.saturating_sub(1);
                },
                Op::Use(nth) => if let Some((id, kept)) = model.get_mut(&name(nth)) {
                    registry.retain(*id);
                    kept.used += 1;
                },
                Op::Drop(nth) => if let Some((id, kept)) = model.get_mut(&name(nth)) {
                    if kept.used > 0 {
                        registry.release(*id);
                        kept.used -= 1;
                        if kept.used == 0 {
                            kept.idle_for = Some(0);
                        }
                    }
                },
                Op::Unpin => {
                    registry.unpin();
                    model.values_mut().for_each(|(_, kept)| kept.is_pinned = false);
                }
                Op::Sweep => {
                    // A sweep comes when an input is done, and its names are let go before the next.
                    registry.unpin();
                    model.values_mut().for_each(|(_, kept)| kept.is_pinned = false);
                    registry.sweep();
                    for (_, kept) in model.values_mut() {
                        kept.idle_for = kept.idle_for.map(|sweeps| sweeps + 1).filter(|it| *it < 2);
                    }
                }
            }
            let is_gone = |kept: &Kept| {
                kept.interned == 0 && kept.used == 0 && !kept.is_pinned && kept.idle_for.is_none()
            };
            // A pinned name waits for the input to be done, and others may be evicted meanwhile.
            gone.extend(model.values().filter(|(_, kept)| is_gone(kept)).map(|(id, _)| *id));
            model.retain(|_, (_, kept)| !is_gone(kept));
            prop_assert!(registry.verify());
            prop_assert_eq!(registry.len(), model.len());
            for (name, (id, _)) in &model {
                prop_assert_eq!(registry.lookup(name), Some(*id));
                prop_assert_eq!(registry.name(*id), Some(&**name));
            }
            for id in &gone {
                prop_assert_eq!(registry.name(*id), None, "a handle never means another name");
            }
        }
    }
}

// L-12
#[test]
fn interning_is_bounded() {
    let mut registry = Registry::<UserId>::with_capacity(HashKey::new(1), 0);
    let ana = registry.intern("ana", 1).unwrap();
    assert_eq!(registry.intern("ana", 1), Ok(ana));
    let error = registry.intern("bo", 1).unwrap_err();
    assert_eq!(error, NameError::TooManyInterned { limit: 1 });
    assert_eq!(
        error.to_string(),
        "1 names of one kind are interned, which is the limit: release some first"
    );
}

// N-06: what SipHash-1-3 is, from its reference implementation with the key 00 01 .. 0f.
#[test]
fn names_are_hashed_by_siphash() {
    let key = HashKey::new(0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100);
    let of = |bytes: &[u8]| {
        let hasher = siphasher::sip::SipHasher13::new_with_keys(
            0x0706_0504_0302_0100,
            0x0f0e_0d0c_0b0a_0908,
        );
        hasher.hash(bytes) & u64::from(u32::MAX)
    };
    for name in ["", "a", "ana-000000000000017"] {
        assert_eq!(u64::from(key.hash(name)), of(name.as_bytes()), "{name}");
    }
    assert_ne!(key.hash("ana"), HashKey::new(0).hash("ana"));
}
