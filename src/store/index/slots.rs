//! The array of an index: see there.
//!
//! A slot is the complement of an entry, which has its hash in the high half and its position in
//! the low one. A gap is 0, which so is the complement of what is greater than all entries.

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

/// For so many entries there is one home more, so that searches and shifts stay short.
const DENSITY: usize = 4;

/// How many slots lie after the last home, at most. With four of five slots in use, that the
/// entries of a good hash reach so far is less likely than 10^-12; should they, slots are added.
pub(super) const TAIL: usize = 128;

/// How many slots a search looks at together. It seldom needs more, and each costs time.
const TOGETHER: usize = 4;

/// From how many slots that were taken off on their memory is given back: 64 KiB.
pub(super) const SPARE: usize = 8_192;

/// A sorted array with gaps.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    /// What is past its end is as good as a gap.
    slots: Vec<u64>,
    homes: u32,
}

impl Slots {
    pub(super) const NONE: Self = Self { slots: Vec::new(), homes: 0 };

    /// Gaps with room for so many entries.
    pub(super) fn with_room(entries: usize) -> Self {
        let homes = homes(entries);
        Self { slots: vec![0; length(homes)], homes }
    }

    /// The same, but the gaps are still to be written.
    pub(super) fn unwritten(entries: usize) -> Self {
        let homes = homes(entries);
        Self { slots: Vec::with_capacity(length(homes)), homes }
    }

    /// Writes so many gaps, and returns whether that were all.
    pub(super) fn write(&mut self, gaps: usize) -> bool {
        let (written, all) = (self.slots.len(), length(self.homes));
        // The room is there already, but not in a clone.
        self.slots.reserve_exact(all.saturating_sub(written));
        self.slots.resize(written.saturating_add(gaps).min(all), 0);
        self.slots.len() >= all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(super) const fn has_homes(&self) -> bool {
        self.homes != 0
    }

    /// Takes the last slot off.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<u64> {
        self.slots.pop()
    }

    /// Gives back the memory of slots that were taken off, a little at a time: that of a whole
    /// array takes long.
    #[inline]
    pub(super) fn trim(&mut self) {
        if self.slots.capacity().saturating_sub(self.slots.len()) >= SPARE {
            self.slots.shrink_to_fit();
        }
    }

    #[inline]
    pub(super) fn peek(&self, hash: u32) -> u64 {
        self.slots.get(self.home(hash)).copied().unwrap_or(0)
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        let entries = self.slots.iter().filter(|slot| **slot != 0);
        entries.map(|slot| (hash(*slot), position(*slot)))
    }

    #[inline]
    fn home(&self, hash: u32) -> usize {
        let home = u64::from(hash).wrapping_mul(u64::from(self.homes)) >> 32;
        usize::try_from(home).unwrap_or(usize::MAX)
    }

    /// The slots that begin with the first one, from the home of a hash on, that has this hash, a
    /// greater one, or a gap.
    #[inline]
    fn reached(&self, wanted: u32) -> &[u64] {
        let greatest = entry(wanted, 0);
        let slots = self.slots.get(self.home(wanted)..).unwrap_or_default();
        // Near the end there are too few to look at together.
        without_lesser(slots, greatest).unwrap_or_else(|rest| {
            let lesser = rest.iter().take_while(|slot| **slot > greatest).count();
            rest.get(lesser..).unwrap_or_default()
        })
    }

    /// Where those begin.
    #[inline]
    fn reach(&self, wanted: u32) -> usize {
        self.slots.len().saturating_sub(self.reached(wanted).len())
    }

    /// The position with this hash that is the one.
    #[inline]
    pub(super) fn find(&self, wanted: u32, is: &mut impl FnMut(u32) -> bool) -> Option<u32> {
        let slots = self.reached(wanted).iter();
        slots.map_while(|slot| position_of(wanted, *slot)).find(|position| is(*position))
    }

    /// The first position with this hash. It may miss one at the end of the array.
    #[inline]
    pub(super) fn first(&self, wanted: u32) -> Option<u32> {
        let slots = self.slots.get(self.home(wanted)..)?;
        let slot = without_lesser(slots, entry(wanted, 0)).ok()?.first()?;
        position_of(wanted, *slot)
    }

    /// Puts an entry before those with its hash or a greater one, and moves them up to the next gap
    /// by a slot.
    #[inline]
    pub(super) fn insert(&mut self, entry: u64) {
        self.insert_at(self.reach(hash(entry)), entry);
    }

    /// The same, unless one with its hash is the one: then `None`.
    #[inline]
    pub(super) fn insert_new(
        &mut self,
        entry: u64,
        is: &mut impl FnMut(u32) -> bool,
    ) -> Option<()> {
        let at = self.reach(hash(entry));
        let like = self.slots.get(at..).unwrap_or_default().iter();
        let mut like = like.take_while(|slot| **slot != 0 && hash(**slot) == hash(entry));
        if like.any(|slot| is(position(*slot))) {
            return None;
        }
        self.insert_at(at, entry);
        Some(())
    }

    #[inline]
    fn insert_at(&mut self, at: usize, entry: u64) {
        let mut carried = entry;
        for slot in self.slots.get_mut(at..).unwrap_or_default() {
            carried = mem::replace(slot, carried);
            if carried == 0 {
                return;
            }
        }
        self.extend(carried);
    }

    #[cold]
    #[inline(never)]
    fn extend(&mut self, entry: u64) {
        if self.slots.len() == self.slots.capacity() {
            // Not in proportion: after so many like hashes there will be little else.
            self.slots.reserve_exact(TAIL);
        }
        self.slots.push(entry);
    }

    /// Takes an entry out, and moves those that follow back by a slot, up to a gap or to one that
    /// lies at its home. Returns whether it was there.
    #[inline]
    pub(super) fn remove(&mut self, entry: u64) -> bool {
        let from = self.reach(hash(entry));
        let mut like = self.slots.get(from..).unwrap_or_default().iter();
        let like = like.position(|slot| *slot == entry || *slot == 0 || hash(*slot) != hash(entry));
        let mut at = from.saturating_add(like.unwrap_or(0));
        if self.slots.get(at) != Some(&entry) {
            return false;
        }
        loop {
            let after = at.saturating_add(1);
            let next = self.slots.get(after).copied().unwrap_or(0);
            let stays = next == 0 || self.home(hash(next)) == after;
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = if stays { 0 } else { next };
            }
            if stays {
                return true;
            }
            at = after;
        }
    }
}

fn homes(entries: usize) -> u32 {
    u32::try_from(entries.saturating_add(entries.div_ceil(DENSITY))).unwrap_or(u32::MAX)
}

fn length(homes: u32) -> usize {
    let homes = usize::try_from(homes).unwrap_or(usize::MAX);
    homes.saturating_add(homes.clamp(TOGETHER, TAIL))
}

/// What is in the slot of an entry. Positions end before `u32::MAX`, or it could be a gap.
#[inline]
pub(super) fn entry(hash: u32, position: u32) -> u64 {
    !((u64::from(hash) << 32) | u64::from(position))
}

#[inline]
fn hash(slot: u64) -> u32 {
    #[expect(clippy::as_conversions, reason = "the upper half fits")]
    let high = (slot >> 32) as u32;
    !high
}

#[inline]
fn position(slot: u64) -> u32 {
    #[expect(clippy::as_conversions, reason = "the low half is wanted")]
    let low = slot as u32;
    !low
}

/// The slots from the first one on that is not greater, as the complements of lesser entries are.
/// When there are too few left to look at together, these.
///
/// It counts, several at a time, because to ask one after the other is to guess wrong, nearly
/// always, when to stop. Those of lesser entries are the first ones: what lies behind a gap has its
/// home behind that gap, and so a greater hash.
#[inline]
fn without_lesser(mut slots: &[u64], greatest: u64) -> Result<&[u64], &[u64]> {
    while let Some(some) = slots.first_chunk::<TOGETHER>() {
        let lesser = some.iter().map(|slot| usize::from(*slot > greatest)).sum();
        slots = slots.get(lesser..).unwrap_or_default();
        if lesser < TOGETHER {
            return Ok(slots);
        }
    }
    Err(slots)
}

/// The position in a slot; `None` if it has another hash, or is a gap.
#[inline]
fn position_of(wanted: u32, slot: u64) -> Option<u32> {
    // One question for both: positions end before that.
    let above = entry(wanted, 0).wrapping_sub(slot);
    (above < u64::from(u32::MAX)).then(|| position(slot))
}

#[cfg(test)]
impl Slots {
    /// How many slots there are.
    pub(super) const fn length(&self) -> usize {
        self.slots.len()
    }

    /// How many slots there is memory for.
    pub(super) const fn room(&self) -> usize {
        self.slots.capacity()
    }

    /// Entries are in order, and reached from their homes without a gap.
    pub(super) fn check(&self) {
        let (mut last, mut gap) = (0, None);
        for (at, slot) in self.slots.iter().enumerate() {
            if *slot == 0 {
                gap = Some(at);
                continue;
            }
            let (hash, home) = (hash(*slot), self.home(hash(*slot)));
            assert!(last <= hash, "not in order at {at}");
            assert!(home <= at, "before its home at {at}");
            assert!(gap < Some(home), "not reached at {at}");
            last = hash;
        }
    }
}
