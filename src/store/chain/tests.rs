//! A chain is a list, in each lane by itself.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

use proptest::prelude::*;

use super::{Chain, Lanes, Links};
use crate::store::{Arena, NONE, Record};

/// A record that is only in lists; a free one has no first links.
#[derive(Clone, Copy, Debug)]
struct Bead {
    is_free: bool,
    links: [Links; 2],
}

impl Record for Bead {
    fn free(next: u32) -> Self {
        Self { is_free: true, links: [Links { prev: NONE, next }, Links::NONE] }
    }

    fn next_free(&self) -> Option<u32> {
        self.is_free.then_some(self.links[0].next)
    }
}

impl Lanes for Bead {
    fn links(&self, lane: usize) -> Links {
        self.links[lane]
    }

    fn links_mut(&mut self, lane: usize) -> Option<&mut Links> {
        self.links.get_mut(lane)
    }
}

const BEADS: u32 = 12;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_chain_is_a_list(steps in prop::collection::vec((0..BEADS, any::<u8>(), 0..2_usize), 0..150)) {
        let mut arena = Arena::new();
        for _ in 0..BEADS {
            arena.insert(Bead { is_free: false, links: [Links::NONE; 2] });
        }
        let (mut chains, mut model) = ([Chain::EMPTY; 2], [Vec::new(), Vec::new()]);
        for (bead, place, lane) in steps {
            let (chain, list) = (&mut chains[lane], &mut model[lane]);
            if let Some(at) = list.iter().position(|it| *it == bead) {
                list.remove(at);
                chain.remove(&mut arena, lane, bead);
            } else if place % 3 == 0 {
                list.push(bead);
                chain.push(&mut arena, lane, bead);
            } else {
                let at = usize::from(place) % (list.len() + 1);
                let prev = at.checked_sub(1).map_or(NONE, |before| list[before]);
                list.insert(at, bead);
                chain.insert(&mut arena, lane, prev, bead);
            }
            for (lane, (chain, list)) in chains.iter().zip(&model).enumerate() {
                let walked: Vec<u32> = chain.iter(&arena, lane).map(|(at, _)| at).collect();
                prop_assert_eq!(&walked, list);
                prop_assert_eq!(chain.is_empty(), list.is_empty());
                prop_assert_eq!(chain.last, list.last().copied().unwrap_or(NONE));
            }
        }
    }
}
