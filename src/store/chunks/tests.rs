//! Chunks are a list.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

use proptest::prelude::*;

use super::{CHUNK, Chunks};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunks_are_a_list(
        reserved in prop::option::of(0..3 * CHUNK),
        steps in prop::collection::vec((any::<bool>(), 0..2 * CHUNK), 0..12),
    ) {
        let (mut chunks, mut list) = (Chunks::new(), Vec::new());
        if let Some(more) = reserved {
            chunks.reserve(more);
        }
        for (is_more, count) in steps {
            for n in 0..count {
                if is_more {
                    chunks.push(n);
                    list.push(n);
                } else {
                    prop_assert_eq!(chunks.pop(), list.pop());
                }
            }
            prop_assert_eq!(chunks.len(), list.len());
            prop_assert!(chunks.iter().eq(&list));
            for at in 0..list.len() + 2 {
                prop_assert_eq!(chunks.get(at), list.get(at));
                if let Some(thing) = chunks.get_mut(at) {
                    *thing += 1;
                    list[at] += 1;
                }
            }
        }
        let duplicate = Chunks::from(list.clone());
        prop_assert!(duplicate.iter().eq(&list));
    }
}

/// What is there stays where it is.
#[test]
fn nothing_moves_once_it_is_long() {
    let mut chunks = Chunks::new();
    (0..CHUNK).for_each(|n| chunks.push(n));
    let (first, further) = (chunks.get(0).map(std::ptr::from_ref), CHUNK + 1);
    (0..5 * CHUNK).for_each(|n| chunks.push(n));
    let place = chunks.get(further).map(std::ptr::from_ref);
    (0..50 * CHUNK).for_each(|n| chunks.push(n));
    assert_eq!(chunks.get(0).map(std::ptr::from_ref), first);
    assert_eq!(chunks.get(further).map(std::ptr::from_ref), place);
}
