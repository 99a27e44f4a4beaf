//! Records, each known by its position.

use alloc::vec::Vec;

use super::{Chunks, NONE};

/// What can lie in an arena.
pub(crate) trait Record: Copy {
    /// A record that stands for nothing, before the free one at `next`.
    fn free(next: u32) -> Self;

    /// If it stands for nothing, the next free one.
    fn next_free(&self) -> Option<u32>;
}

/// Records by position. A position that was given back is the first to be given out again.
#[derive(Clone, Debug)]
pub(crate) struct Arena<T> {
    slots: Chunks<T>,
    /// The first free position; [`NONE`] if all are taken.
    free: u32,
    used: u32,
}

impl<T: Record> Arena<T> {
    /// The most records: positions above are for other uses of a link.
    pub(crate) const MOST: u32 = NONE >> 1;

    /// An arena without records, which allocates nothing yet.
    pub(crate) const fn new() -> Self {
        Self { slots: Chunks::new(), free: NONE, used: 0 }
    }

    /// Makes room for `more` records, exactly.
    pub(crate) fn reserve(&mut self, more: u32) {
        self.slots.reserve(usize::try_from(more).unwrap_or(usize::MAX));
    }

    /// Records in use.
    pub(crate) const fn len(&self) -> u32 {
        self.used
    }

    /// Whether `more` records fit.
    pub(crate) const fn fits(&self, more: u32) -> bool {
        self.used.saturating_add(more) <= Self::MOST
    }

    #[inline]
    pub(crate) fn get(&self, at: u32) -> Option<&T> {
        // Most of what is not there is the end of a list.
        if at > Self::MOST { None } else { self.slots.get(usize::try_from(at).ok()?) }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        if at > Self::MOST { None } else { self.slots.get_mut(usize::try_from(at).ok()?) }
    }

    /// Puts a record in. The position is [`NONE`] if none [`fits`](Self::fits).
    #[inline]
    pub(crate) fn insert(&mut self, record: T) -> u32 {
        let at = self.free;
        if let Some(slot) = self.get_mut(at) {
            let next = slot.next_free();
            *slot = record;
            self.free = next.unwrap_or(NONE);
        } else {
            return self.push(record);
        }
        self.used = self.used.saturating_add(1);
        at
    }

    fn push(&mut self, record: T) -> u32 {
        let Some(at) = u32::try_from(self.slots.len()).ok().filter(|at| *at < Self::MOST) else {
            debug_assert!(false, "who inserts asks first whether it fits");
            return NONE;
        };
        self.slots.push(record);
        self.used = self.used.saturating_add(1);
        at
    }

    /// Gives a position back.
    #[inline]
    pub(crate) fn remove(&mut self, at: u32) {
        let free = self.free;
        let Some(slot) = self.get_mut(at).filter(|slot| slot.next_free().is_none()) else {
            debug_assert!(false, "only what is there can be removed");
            return;
        };
        *slot = T::free(free);
        self.free = at;
        self.used = self.used.saturating_sub(1);
    }

    /// Positions that were ever given out.
    pub(crate) const fn positions(&self) -> usize {
        self.slots.len()
    }

    /// Every slot in order, free ones too.
    pub(crate) fn slots(&self) -> impl Iterator<Item = &T> {
        self.slots.iter()
    }

    /// Every record with its position.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(self.slots.iter()).filter(|(_, slot)| slot.next_free().is_none())
    }

    /// The first free position.
    pub(crate) const fn first_free(&self) -> u32 {
        self.free
    }

    /// The arena of a snapshot. `None` if the free positions are not one list of all of them.
    pub(crate) fn restored(slots: Vec<T>, free: u32) -> Option<Self> {
        u32::try_from(slots.len()).ok().filter(|len| *len <= Self::MOST)?;
        let vacant = slots.iter().filter(|slot| slot.next_free().is_some()).count();
        let used = u32::try_from(slots.len().checked_sub(vacant)?).ok()?;
        let arena = Self { slots: slots.into(), free, used };
        let mut at = free;
        // Each step leaves one behind: a circle would be longer than all of them.
        for _ in 0..vacant {
            at = arena.get(at)?.next_free()?;
        }
        (at == NONE).then_some(arena)
    }
}

#[cfg(test)]
mod tests;
