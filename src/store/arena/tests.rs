//! An arena is a map from positions to records.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

use alloc::collections::BTreeMap;

use proptest::prelude::*;

use super::{Arena, Record};
use crate::store::NONE;

/// A number, or the next free position.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Thing {
    Free(u32),
    Number(u16),
}

impl Record for Thing {
    fn free(next: u32) -> Self {
        Self::Free(next)
    }

    fn next_free(&self) -> Option<u32> {
        match self {
            Self::Free(next) => Some(*next),
            Self::Number(_) => None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn an_arena_is_a_map(steps in prop::collection::vec((any::<u16>(), any::<bool>()), 0..200)) {
        let (mut arena, mut model) = (Arena::new(), BTreeMap::new());
        let mut given_back = Vec::new();
        for (number, is_new) in steps {
            let chosen = model.keys().nth(usize::from(number) % model.len().max(1)).copied();
            match chosen {
                Some(at) if !is_new => {
                    model.remove(&at);
                    arena.remove(at);
                    given_back.push(at);
                }
                _ => {
                    let at = arena.insert(Thing::Number(number));
                    prop_assert_eq!(model.insert(at, Thing::Number(number)), None);
                    if let Some(last) = given_back.pop() {
                        prop_assert_eq!(at, last, "what was given back last is given out first");
                    }
                }
            }
            prop_assert_eq!(arena.len() as usize, model.len());
            let all: BTreeMap<_, _> = arena.iter().map(|(at, thing)| (at, *thing)).collect();
            prop_assert_eq!(&all, &model);
        }
        let slots: Vec<Thing> = arena.slots().copied().collect();
        let restored = Arena::restored(slots.clone(), arena.first_free()).unwrap();
        prop_assert_eq!(restored.len(), arena.len());
        if let Some(at) = given_back.last() {
            prop_assert!(Arena::restored(slots.clone(), NONE).is_none(), "free ones are missing");
            let mut circle = slots;
            circle[given_back[0] as usize] = Thing::Free(*at);
            prop_assert!(Arena::restored(circle, arena.first_free()).is_none(), "a circle");
        }
    }
}
