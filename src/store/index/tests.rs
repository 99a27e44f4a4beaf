#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

//! An index is a set of pairs, whatever is done to it, and no step of it takes long.

use std::collections::BTreeSet;

use super::slots::{SPARE, TAIL};
use super::{Index, MOVED, WRITTEN};
use crate::store::HashKey;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    Insert(u32),
    /// Takes the nth entry, or one that is not there.
    Remove(prop::sample::Index),
    RemoveOther(u32),
    Reserve(u32),
    Clone,
}

fn ops(hash: impl Strategy<Value = u32> + 'static) -> impl Strategy<Value = Vec<Op>> {
    let hash = hash.boxed();
    let op = prop_oneof![
        30 => hash.clone().prop_map(Op::Insert),
        10 => any::<prop::sample::Index>().prop_map(Op::Remove),
        5 => hash.prop_map(Op::RemoveOther),
        1 => (0..50_u32).prop_map(Op::Reserve),
        1 => Just(Op::Clone),
    ];
    prop::collection::vec(op, 1..1_500)
}

/// The index, and what should be in it.
#[derive(Default)]
struct Both {
    index: Option<Index>,
    model: BTreeSet<(u32, u32)>,
    /// How many entries there were ever.
    ever: u32,
}

impl Both {
    fn index(&mut self) -> &mut Index {
        self.index.get_or_insert(Index::new())
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::Insert(hash) => {
                // From both ends of what positions can be.
                let n = self.ever;
                let position = if n % 2 == 0 { n } else { u32::MAX - n };
                self.index().insert(*hash, position);
                self.model.insert((*hash, position));
                self.ever += 1;
            }
            Op::Remove(nth) if !self.model.is_empty() => {
                let entry = *self.model.iter().nth(nth.index(self.model.len())).unwrap();
                assert!(self.index().remove(entry.0, entry.1));
                self.model.remove(&entry);
            }
            Op::Remove(_) => assert!(!self.index().remove(0, 0)),
            Op::RemoveOther(hash) => assert!(!self.index().remove(*hash, 1 << 31)),
            Op::Reserve(entries) => self.index().reserve(*entries),
            Op::Clone => self.index = Some(self.index().clone()),
        }
    }

    fn check(&mut self) {
        let model = self.model.clone();
        let index = self.index();
        index.new.check();
        index.old.check();
        assert_eq!(index.len(), model.len());
        assert_eq!(index.iter().count(), model.len());
        assert_eq!(&index.iter().collect::<BTreeSet<_>>(), &model);
        let hashes: BTreeSet<u32> = model.iter().map(|entry| entry.0).collect();
        for hash in hashes.iter().flat_map(|hash| [hash.wrapping_sub(1), *hash, !hash]) {
            let mut asked = BTreeSet::new();
            assert_eq!(index.find(hash, |position| !asked.insert((hash, position))), None);
            let there = model.range((hash, 0)..=(hash, u32::MAX)).copied().collect();
            assert_eq!(asked, there, "asked about all of {hash}, and each once");
        }
        for (hash, position) in &model {
            assert_eq!(index.find(*hash, |other| other == *position), Some(*position));
        }
    }
}

fn agrees(ops: &[Op]) {
    let mut both = Both::default();
    for (n, op) in ops.iter().enumerate() {
        both.apply(op);
        // Often while it is small and grows often.
        if n < 100 || n % 64 == 0 {
            both.check();
        }
    }
    both.check();
}

/// All near the end, where there is no room.
fn last_hashes() -> impl Strategy<Value = u32> {
    (0..20_u32).prop_map(|n| u32::MAX - n)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_set(ops in ops(any::<u32>())) {
        agrees(&ops);
    }

    #[test]
    fn agrees_with_a_set_when_hashes_are_alike(ops in ops(0..20_u32)) {
        agrees(&ops);
    }

    #[test]
    fn agrees_with_a_set_at_its_end(ops in ops(last_hashes())) {
        agrees(&ops);
    }

    #[test]
    fn agrees_with_a_set_when_hashes_crowd(
        ops in ops(prop_oneof![any::<u32>(), 0..9_u32, last_hashes(), (0..64_u32).prop_map(|n| n << 26)])
    ) {
        agrees(&ops);
    }

    #[test]
    fn has_room_for_what_was_asked_for(entries in 0..3_000_u32, more in 0..3_000_u32) {
        let mut index = Index::with_capacity(entries);
        let before = index.new.length();
        (0..entries).for_each(|n| index.insert(HashKey::default().number(n), n));
        prop_assert_eq!(index.new.length(), before);
        prop_assert!(!index.is_growing());
        index.reserve(more);
        let before = index.new.length();
        (0..more).for_each(|n| index.insert(HashKey::default().number(n), entries + n));
        prop_assert_eq!(index.new.length(), before);
        prop_assert!(!index.is_growing());
    }
}

#[test]
fn an_empty_one_allocates_nothing_and_a_small_one_little() {
    let mut index = Index::new();
    assert_eq!(index.new.room(), 0);
    assert_eq!((index.find(7, |_| true), index.peek(7), index.len()), (None, 0, 0));
    index.insert(7, 7);
    assert!(index.new.room() <= 10, "{}", index.new.room());
    assert!(Index::with_capacity(8_000).new.room() <= 10_000 + TAIL);
}

/// What it does at once is bounded, and growth is over long before the next one.
#[test]
fn grows_little_by_little() {
    let mut index = Index::new();
    let mut growing = 0_usize;
    for n in 0..300_000_u32 {
        let (written, left) = (index.next.length(), index.old.length());
        let (was_growing, limit) = (index.is_growing(), index.limit);
        index.insert(HashKey::default().number(n), n);
        let begun = index.limit != limit;
        assert!(!(begun && was_growing), "still growing with {n} entries");
        growing = if begun { 0 } else { growing + usize::from(was_growing) };
        assert!(growing <= limit / 8 + 3, "with {n} entries for {growing}");
        if index.next.length() > 0 {
            assert!(index.next.length() - written <= WRITTEN);
            assert_eq!(index.old.length(), 0);
        } else if left > 0 {
            assert!(left - index.old.length() <= MOVED);
        }
        assert!(index.old.room() - index.old.length() < SPARE, "memory is given back at {n}");
        assert!(n < 40 || index.new.length() > index.len() * 9 / 8, "too dense with {n}");
    }
    assert!(index.limit >= 300_000);
}

/// Removals do their part, too.
#[test]
fn growth_is_over_even_if_nothing_is_added() {
    let mut index = Index::with_capacity(3_000);
    let hash = |n| HashKey::default().number(n);
    (0..3_001).for_each(|n| index.insert(hash(n), n));
    assert!(index.is_growing());
    (0..3_001 / 8).for_each(|n| assert!(index.remove(hash(n), n)));
    assert!(!index.is_growing());
    assert_eq!(index.old.room(), 0);
}

/// The worst that there can be takes no more memory than it must.
#[test]
fn like_hashes_at_the_end_lie_after_it() {
    let mut index = Index::with_capacity(1_000);
    (0..1_000).for_each(|n| index.insert(u32::MAX, n));
    assert_eq!(index.iter().count(), 1_000);
    assert!(index.new.room() < 2_250 + TAIL, "{}", index.new.room());
    assert!(!index.is_growing());
}

/// Entries come and go, and no array is as much as made longer.
#[test]
fn a_steady_state_allocates_nothing() {
    for size in [1, 4, 100, 3_000_u32] {
        let mut index = Index::with_capacity(size);
        let hash = |n| HashKey::new(9).number(n);
        (0..size).for_each(|n| index.insert(hash(n), n));
        let room = index.new.room();
        for n in size..size + 100_000 {
            assert!(index.remove(hash(n - size), n - size));
            index.insert(hash(n), n);
            assert!(!index.is_growing());
        }
        assert_eq!(index.new.room(), room);
        index.new.check();
    }
}

#[test]
fn a_clone_in_the_middle_of_growth_goes_on_with_it() {
    let mut index = Index::new();
    for n in 0..3_000_u32 {
        index.insert(HashKey::default().number(n), n);
        if index.is_growing() {
            let mut clone = index.clone();
            clone.finish();
            clone.new.check();
            assert!(clone.new.length() > clone.limit);
            assert_eq!(clone.iter().count(), clone.len());
        }
    }
}

#[test]
fn peek_reads_the_home() {
    let mut index = Index::with_capacity(100);
    assert_eq!(index.peek(u32::MAX), 0);
    index.insert(u32::MAX, 3);
    assert_eq!(index.peek(u32::MAX), super::entry(u32::MAX, 3));
}
