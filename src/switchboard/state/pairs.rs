//! What ties a user to a room, found by both. A user has few such records, and a look along them is
//! the fastest; the records of a user with many are in an index.

use hashbrown::HashTable;

use crate::collections::{Linked, List, Slab};
use crate::registry::HashKey;

/// The records of a user with at most so many are found without the index.
pub(super) const FEW: u32 = 8;

/// A record that ties a user to a room.
pub(super) trait Pair {
    /// The slots of the user and the room.
    fn pair(&self) -> (u32, u32);
}

/// The positions of records, by user and room.
#[derive(Clone, Debug)]
pub(super) struct PairIndex {
    key: HashKey,
    positions: HashTable<u32>,
}

impl PairIndex {
    pub(super) const fn new(key: HashKey) -> Self {
        Self { key, positions: HashTable::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.positions.len()
    }

    fn hash(&self, (user, room): (u32, u32)) -> u64 {
        self.key.hash_pair(user, room)
    }

    /// The record of a user and a room of which `is` holds.
    pub(super) fn find<T: Pair>(
        &self,
        slab: &Slab<T>,
        pair: (u32, u32),
        is: impl Fn(&T) -> bool,
    ) -> Option<u32> {
        let is_it =
            |at: &u32| slab.get(*at).is_some_and(|record| record.pair() == pair && is(record));
        self.positions.find(self.hash(pair), is_it).copied()
    }

    /// A record has joined the lists of its user, who has now `len` records, more than [`FEW`].
    #[cold]
    pub(super) fn joined<T: Pair + Linked<L>, L>(
        &mut self,
        slab: &Slab<T>,
        position: u32,
        len: u32,
        lists: (List<L>, List<L>),
    ) {
        if len > FEW.saturating_add(1) {
            return self.insert(slab, position);
        }
        for (position, _) in lists.0.iter(slab).chain(lists.1.iter(slab)) {
            self.insert(slab, position);
        }
    }

    /// A record is about to leave the lists of its user, who has still `len`, more than [`FEW`].
    #[cold]
    pub(super) fn leaves<T: Pair + Linked<L>, L>(
        &mut self,
        slab: &Slab<T>,
        position: u32,
        len: u32,
        lists: (List<L>, List<L>),
    ) {
        if len > FEW.saturating_add(1) {
            return self.remove(slab, position);
        }
        for (position, _) in lists.0.iter(slab).chain(lists.1.iter(slab)) {
            self.remove(slab, position);
        }
    }

    pub(super) fn insert<T: Pair>(&mut self, slab: &Slab<T>, position: u32) {
        let Some(pair) = slab.get(position).map(T::pair) else { return };
        let (hash, key) = (self.hash(pair), self.key);
        let hash_of = |at: &u32| {
            let (user, room) = slab.get(*at).map_or((0, 0), T::pair);
            key.hash_pair(user, room)
        };
        self.positions.insert_unique(hash, position, hash_of);
    }

    pub(super) fn remove<T: Pair>(&mut self, slab: &Slab<T>, position: u32) {
        let Some(pair) = slab.get(position).map(T::pair) else { return };
        if let Ok(entry) = self.positions.find_entry(self.hash(pair), |at| *at == position) {
            entry.remove();
        }
    }
}
