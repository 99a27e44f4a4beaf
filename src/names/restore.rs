//! What `check` and snapshots see of a directory.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use core::num::NonZeroU32;

use super::{Named, Names, Slot, place};
use crate::domain::id::Handle;
use crate::store::HashKey;

/// A slot of a snapshot.
#[derive(Debug)]
pub(crate) struct Image<'a, T> {
    pub(crate) generation: NonZeroU32,
    /// Empty if there is none.
    pub(crate) name: &'a str,
    pub(crate) state: T,
}

impl<T: Named, const N: usize> Names<T, N> {
    pub(crate) fn free(&self) -> &[u32] {
        &self.free
    }

    /// The name in a slot; empty if there is none.
    pub(crate) fn name_in<'a>(&'a self, slot: &'a Slot<T, N>) -> &'a str {
        slot.name(&self.long)
    }

    /// The name in the slot at a position; empty if there is none.
    pub(crate) fn name_at(&self, at: u32) -> &str {
        self.at(at).map_or("", |slot| slot.name(&self.long))
    }

    /// The length and the bytes of a name as a snapshot has them.
    pub(crate) fn stored_name<'a>(&'a self, slot: &'a Slot<T, N>) -> (u32, &'a [u8]) {
        slot.stored(&self.long)
    }

    /// The key that it hashes with.
    pub(crate) const fn key(&self) -> HashKey {
        self.key
    }

    /// Names that wait to be forgotten, and those that waited at the last change already.
    pub(crate) fn waiting(&self) -> (&[Handle], &[Handle]) {
        (&self.fading, &self.faded)
    }

    /// Whether the index, the free slots and the names that wait agree with the slots, and every
    /// name that nobody uses waits to be forgotten (INV-06).
    pub(crate) fn agree(&self) -> bool {
        let is_indexed = |(slot, at): (&Slot<T, N>, u32)| {
            let name = slot.name(&self.long);
            let found = self.index.find(self.key.text(name), |other| other == at);
            found.is_some()
        };
        let mut taken = self.slots.iter().zip(0_u32..).filter(|(slot, _)| slot.is_taken());
        self.index.len() == place(self.named) && taken.all(is_indexed) && self.are_counted()
    }

    /// The same, but that the index is taken for granted.
    fn are_counted(&self) -> bool {
        let (mut named, mut held, mut fading, mut faded) = (0_u32, 0_u32, 0_usize, 0_usize);
        for slot in self.slots.iter().filter(|slot| slot.is_taken()) {
            named = named.saturating_add(1);
            held = held.saturating_add(u32::from(slot.holds > 0));
            fading = fading.saturating_add(usize::from(slot.waits.is_fading()));
            faded = faded.saturating_add(usize::from(slot.waits.is_faded()));
            if slot.is_idle() && !slot.waits.at_all() {
                return false;
            }
        }
        let is_there = |handle: &Handle| self.get(*handle).is_some();
        named == self.named
            && held == self.held
            && (fading, faded) == (self.fading.len(), self.faded.len())
            && self.fading.iter().chain(&self.faded).all(is_there)
            && self.is_settled()
            && self.free.iter().all(|at| self.at(*at).is_some_and(|slot| !slot.is_taken()))
    }

    /// Whether there is no name of an input to let go.
    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.borrowed.is_empty()
    }

    /// Takes in so many slots of a snapshot, with no use counted yet. `None` if one is missing, or
    /// two have one name. Whoever counts has seen that there are bytes for that many.
    pub(crate) fn restore<'a>(
        &mut self,
        count: u32,
        mut next: impl FnMut() -> Option<Image<'a, T>>,
    ) -> Option<()> {
        let mut slots: Vec<Slot<T, N>> = Vec::with_capacity(place(count));
        self.index.reserve(count);
        for at in 0..count {
            let image = next()?;
            let mut slot = Slot::vacant(image.generation);
            if !image.name.is_empty() {
                let (hash, long) = (self.key.text(image.name), &self.long);
                let is_it =
                    |at| slots.get(place(at)).is_some_and(|it| it.is_named(image.name, long));
                self.index.insert_new(hash, at, is_it)?;
                slot.take(image.name, &mut self.long)?;
                slot.state = image.state;
                self.named = self.named.saturating_add(1);
            }
            slots.push(slot);
        }
        self.slots = slots.into();
        Some(())
    }

    /// The lists of a snapshot, once all its slots are there. `None` if they do not agree with
    /// these.
    pub(crate) fn restore_lists(
        &mut self,
        free: Vec<u32>,
        fading: Vec<Handle>,
        faded: Vec<Handle>,
    ) -> Option<()> {
        let mut is_free = alloc::vec![false; self.slots.len()];
        for at in &free {
            let seen = is_free.get_mut(place(*at))?;
            if core::mem::replace(seen, true) || self.at(*at)?.is_taken() {
                return None;
            }
        }
        for handle in &fading {
            let slot = self.get_mut(*handle).filter(|slot| !slot.waits.is_fading())?;
            slot.waits = slot.waits.fading();
        }
        for handle in &faded {
            let slot = self.get_mut(*handle).filter(|slot| !slot.waits.is_faded())?;
            slot.waits = slot.waits.faded();
        }
        (self.free, self.fading, self.faded) = (free, fading, faded);
        Some(())
    }

    /// Counts the uses of the slots of a snapshot. Whether each that is used has a name, and each
    /// name that nobody uses waits to be forgotten (INV-06).
    pub(crate) fn restore_uses(&mut self, uses: &[u32]) -> bool {
        self.slots.iter_mut().zip(uses).all(|(slot, uses)| {
            slot.uses = *uses;
            if slot.is_taken() { *uses > 0 || slot.waits.at_all() } else { *uses == 0 }
        })
    }

    /// An empty directory with room for so many names.
    pub(crate) fn sized(key: HashKey, names: u32) -> Self {
        let mut sized = Self::new(key);
        if names > 0 {
            sized.reserve(names);
        }
        sized
    }
}

/// Equal are two directories that give the same handles, for ever: which key they hash with does
/// not matter, and what is known of whom the names stand for is compared elsewhere.
impl<T: Named, const N: usize> PartialEq for Names<T, N> {
    fn eq(&self, other: &Self) -> bool {
        let told = |slot: &Slot<T, N>| (slot.generation, slot.uses, slot.holds, slot.waits);
        let is_same = |(a, b): (&Slot<T, N>, &Slot<T, N>)| {
            told(a) == told(b) && a.name(&self.long) == b.name(&other.long)
        };
        self.slots.len() == other.slots.len()
            && self.free == other.free
            && self.waiting() == other.waiting()
            && self.slots.iter().zip(other.slots.iter()).all(is_same)
    }
}

impl<T: Named, const N: usize> Eq for Names<T, N> {}

impl<T: Named, const N: usize> Hash for Names<T, N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.free, &self.fading, &self.faded).hash(state);
        for slot in self.slots.iter() {
            (slot.generation, slot.uses, slot.holds, slot.waits).hash(state);
            slot.name(&self.long).hash(state);
        }
    }
}
