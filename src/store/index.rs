//! An index: from a hash to the position of a record that lies elsewhere.
//!
//! It is a sorted array with gaps. The *home* of a hash is `hash * homes / 2^32`, so homes are in
//! the order of hashes. An entry lies at its home or after it, with no gap between, and all entries
//! lie in ascending order of hashes. So a search begins at the home and ends at the first gap or
//! greater hash, whether or not there is what it looks for, and a removal leaves no tombstone.
//! There is no wrap around the end, which would break the order: some slots lie after the last
//! home instead.
//!
//! No single step may take long, so a full index grows to twice its size little by little, with
//! each insertion and removal doing its part. At first they write the gaps of the next array, which
//! is not in use until that is done. Then it is the one that entries go into, and the slots of the
//! old one are taken off its end, and what they hold is moved. What is left of the old one is a
//! valid array at every moment, because where an entry is found depends only on slots before it.

#[cfg(test)]
mod flood;
mod slots;
#[cfg(test)]
mod tests;

use core::mem;

use slots::{Slots, entry};

/// How many entries the first array has room for.
const FIRST: usize = 4;

/// How many gaps of the next array an insertion or removal writes. When there are `n` entries, the
/// next array is written after at most `n / 56 + 2` more, so the present one takes them, too.
const WRITTEN: usize = 128;

/// How many slots of the old array an insertion or removal takes off. It is empty after at most
/// `n / 14 + 8`, so both are done long before there are `n` more entries and it grows again.
const MOVED: usize = 16;

/// From hashes of 32 bits to positions below `u32::MAX`. Several entries may have the same hash.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// Where entries go.
    new: Slots,
    /// What is still to be moved from there, after growth.
    old: Slots,
    /// What comes in the place of `new` when all its gaps are written.
    next: Slots,
    len: usize,
    /// How many entries there may be before it grows.
    limit: usize,
}

impl Index {
    /// An empty one, which allocates nothing.
    pub(crate) const fn new() -> Self {
        Self { new: Slots::NONE, old: Slots::NONE, next: Slots::NONE, len: 0, limit: 0 }
    }

    /// One with room for so many entries.
    #[cfg(test)]
    pub(crate) fn with_capacity(entries: u32) -> Self {
        let mut index = Self::new();
        index.reserve(entries);
        index
    }

    /// How many entries there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Makes room for so many entries more. It moves everything there is at once, because it is
    /// for when a large number is known in advance.
    pub(crate) fn reserve(&mut self, entries: u32) {
        let limit = self.len.saturating_add(usize::try_from(entries).unwrap_or(usize::MAX));
        if limit > self.limit {
            self.finish();
            self.old = mem::replace(&mut self.new, Slots::with_room(limit));
            self.limit = limit;
            self.finish();
        }
    }

    /// The position with this hash that is the one.
    #[inline]
    pub(crate) fn find(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let found = self.new.find(hash, &mut is);
        if found.is_some() || self.old.is_empty() {
            return found;
        }
        self.find_old(hash, is)
    }

    /// Apart, to keep the usual way short.
    #[cold]
    fn find_old(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.old.find(hash, &mut is)
    }

    /// A position with this hash, which nearly always is the only one, by the shortest way. Where it
    /// is not the one that is looked for, or there is none, [`find`](Self::find) has to be asked.
    #[inline]
    pub(crate) fn first(&self, hash: u32) -> Option<u32> {
        self.new.first(hash)
    }

    /// Adds an entry that is not there.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u32, position: u32) {
        if self.len >= self.limit {
            self.grow();
        }
        self.advance();
        self.new.insert(entry(hash, position));
        self.len = self.len.saturating_add(1);
    }

    /// Adds an entry, unless there is one with its hash that is the one: then `None`.
    #[inline]
    pub(crate) fn insert_new(
        &mut self,
        hash: u32,
        position: u32,
        mut is: impl FnMut(u32) -> bool,
    ) -> Option<()> {
        if self.len >= self.limit || self.is_growing() {
            // Seldom: who knows that many are to come has made room for them.
            if self.find(hash, is).is_some() {
                return None;
            }
            self.insert(hash, position);
            return Some(());
        }
        self.new.insert_new(entry(hash, position), &mut is)?;
        self.len = self.len.saturating_add(1);
        Some(())
    }

    /// Removes an entry, and returns whether it was there.
    #[inline]
    pub(crate) fn remove(&mut self, hash: u32, position: u32) -> bool {
        self.advance();
        let entry = entry(hash, position);
        let was_there = self.new.remove(entry) || self.old.remove(entry);
        self.len = self.len.saturating_sub(usize::from(was_there));
        was_there
    }

    /// What lies at the home of a hash. It means nothing, but to have read it brings near what a
    /// search will read.
    #[inline]
    pub(crate) fn peek(&self, hash: u32) -> u64 {
        self.new.peek(hash)
    }

    /// All hashes and positions, in no order. It takes as long as the array is, so it is for
    /// checks.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.new.iter().chain(self.old.iter())
    }

    /// Begins to grow to twice the size.
    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        // There is nothing to finish: see `WRITTEN` and `MOVED`.
        self.finish();
        self.limit = self.limit.saturating_mul(2).max(FIRST);
        self.next = Slots::unwritten(self.limit);
    }

    /// Does a part of the growth, if there is one.
    #[inline]
    fn advance(&mut self) {
        if self.is_growing() {
            self.step();
        }
    }

    fn is_growing(&self) -> bool {
        !self.old.is_empty() || self.next.has_homes()
    }

    #[inline(never)]
    fn step(&mut self) {
        if self.next.has_homes() {
            if self.next.write(WRITTEN) {
                self.old = mem::replace(&mut self.new, mem::replace(&mut self.next, Slots::NONE));
            }
            return;
        }
        for _ in 0..MOVED {
            match self.old.pop() {
                Some(0) => {}
                Some(entry) => self.new.insert(entry),
                None => break,
            }
        }
        self.old.trim();
        if self.old.is_empty() {
            self.old = Slots::NONE;
        }
    }

    fn finish(&mut self) {
        while self.is_growing() {
            self.step();
        }
    }
}
