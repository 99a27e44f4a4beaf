//! Records at positions that do not change while they are stored.

use alloc::vec::Vec;
use core::mem;

/// No position.
pub(crate) const NONE: u32 = u32::MAX;

/// Records, each at a position below [`NONE`]. A position is used again once its record is removed,
/// the latest first.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    entries: Vec<Entry<T>>,
    /// The vacant position that is taken next; [`NONE`] if all are occupied.
    vacant: u32,
    len: u32,
}

#[derive(Clone, Debug)]
enum Entry<T> {
    Occupied(T),
    /// The vacant position after this one.
    Vacant(u32),
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), vacant: NONE, len: 0 }
    }

    /// Without records, and with memory for so many.
    pub(crate) fn with_capacity(records: u32) -> Self {
        Self { entries: Vec::with_capacity(index(records)), ..Self::new() }
    }

    /// Records in it.
    pub(crate) const fn len(&self) -> u32 {
        self.len
    }

    /// Whether `more` records have positions left.
    pub(crate) const fn fits(&self, more: u32) -> bool {
        more < NONE.saturating_sub(self.len)
    }

    #[inline(always)]
    pub(crate) fn get(&self, position: u32) -> Option<&T> {
        match self.entries.get(index(position)) {
            Some(Entry::Occupied(record)) => Some(record),
            Some(Entry::Vacant(_)) | None => None,
        }
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self, position: u32) -> Option<&mut T> {
        match self.entries.get_mut(index(position)) {
            Some(Entry::Occupied(record)) => Some(record),
            Some(Entry::Vacant(_)) | None => None,
        }
    }

    /// The position that the next record is stored at.
    #[inline]
    pub(crate) fn next_position(&self) -> u32 {
        if self.vacant == NONE {
            u32::try_from(self.entries.len()).unwrap_or(NONE)
        } else {
            self.vacant
        }
    }

    /// Stores a record. The caller sees to it that it [`fits`](Self::fits).
    #[inline]
    pub(crate) fn insert(&mut self, record: T) -> u32 {
        self.len = self.len.saturating_add(1);
        let position = self.next_position();
        match self.entries.get_mut(index(position)) {
            Some(entry) => {
                if let Entry::Vacant(next) = *entry {
                    self.vacant = next;
                }
                *entry = Entry::Occupied(record);
            }
            None => self.entries.push(Entry::Occupied(record)),
        }
        position
    }

    /// Removes a record, and drops it where it is: [`take`](Self::take) would copy it first.
    #[inline]
    pub(crate) fn remove(&mut self, position: u32) {
        if let Some(entry @ Entry::Occupied(_)) = self.entries.get_mut(index(position)) {
            *entry = Entry::Vacant(self.vacant);
            self.vacant = position;
            self.len = self.len.saturating_sub(1);
        }
    }

    /// Takes a record out.
    pub(crate) fn take(&mut self, position: u32) -> Option<T> {
        let entry = self.entries.get_mut(index(position))?;
        match mem::replace(entry, Entry::Vacant(self.vacant)) {
            Entry::Occupied(record) => {
                self.vacant = position;
                self.len = self.len.saturating_sub(1);
                Some(record)
            }
            vacant @ Entry::Vacant(_) => {
                *entry = vacant;
                None
            }
        }
    }

    /// All records with their positions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.entries.iter().zip(0_u32..).filter_map(|(entry, position)| match entry {
            Entry::Occupied(record) => Some((position, record)),
            Entry::Vacant(_) => None,
        })
    }

    /// All records.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().filter_map(|entry| match entry {
            Entry::Occupied(record) => Some(record),
            Entry::Vacant(_) => None,
        })
    }
}

/// A position as an index.
#[inline(always)]
pub(crate) fn index(position: u32) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_stable_and_used_again() {
        let mut slab = Slab::new();
        let (a, b, c) = (slab.insert('a'), slab.insert('b'), slab.insert('c'));
        assert_eq!((a, b, c, slab.len()), (0, 1, 2, 3));
        assert_eq!((slab.take(b), slab.take(b), slab.take(NONE)), (Some('b'), None, None));
        slab.remove(b);
        assert_eq!(slab.len(), 2);
        assert_eq!((slab.get(a), slab.get(b), slab.get(c)), (Some(&'a'), None, Some(&'c')));
        assert_eq!((slab.next_position(), slab.insert('d')), (1, 1));
        assert_eq!((slab.next_position(), slab.insert('e'), slab.len()), (3, 3, 4));
        assert!(slab.iter().eq([(0, &'a'), (1, &'d'), (2, &'c'), (3, &'e')]));
        slab.remove(a);
        assert_eq!((slab.get(a), slab.next_position(), slab.len()), (None, 0, 3));
    }
}
