//! Names in, handles out (N-01 to N-04, N-06).
//!
//! A name is *used* as often as the state refers to it, and *interned* as often as the host asked
//! for it. A name with neither is evicted, at the second change of state after that, so that the
//! effects of the step that dropped it can still be named (N-03). Names of the current input
//! are *pinned* until it is done; what nothing uses then leaves no trace (N-02).
//!
//! Names come from clients, so they are hashed by SipHash-1-3 with a key of the configuration: who
//! does not know the key cannot choose names that collide. The hash is stored with the name, so
//! that growing the table hashes nothing again; growing is done at once, by the input that needs
//! it.

mod error;
mod key;
mod name;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::marker::PhantomData;
use core::num::NonZeroU32;

use hashbrown::HashTable;

use crate::collections::{NONE, index};
use crate::domain::id::{Handle, Id};

pub use error::NameError;
pub use key::HashKey;
use name::Name;

/// The names of one kind: users, rooms or devices.
#[derive(Clone, Debug)]
pub(crate) struct Registry<I> {
    key: HashKey,
    slots: Vec<Slot>,
    /// Slots without a name, the next to be taken last.
    vacant: Vec<u32>,
    by_name: HashTable<u32>,
    /// Names that are interned, once each.
    interned: u32,
    /// Names of the current input that nothing else keeps.
    pinned: Vec<I>,
    /// Names that came to be idle since the last change of state.
    idle: Vec<I>,
    /// Names that came to be idle before that: if they still are, the next change evicts them.
    evictable: Vec<I>,
    kind: PhantomData<I>,
}

/// A place for a name, and what keeps the name there.
#[derive(Clone, Debug)]
struct Slot {
    name: Name,
    hash: u32,
    /// Distinguishes the name from the one that was here before.
    generation: NonZeroU32,
    /// How often the state refers to the name.
    uses: u32,
    /// How often the host asked for it.
    interned: u32,
    /// Whether it stands in `Registry::idle`.
    is_idle_listed: bool,
    /// Whether it stands in `Registry::evictable`.
    is_evictable: bool,
    is_pinned: bool,
}

impl Slot {
    const fn vacant() -> Self {
        Self {
            name: Name::NONE,
            hash: 0,
            generation: NonZeroU32::MIN,
            uses: 0,
            interned: 0,
            is_idle_listed: false,
            is_evictable: false,
            is_pinned: false,
        }
    }

    const fn is_idle(&self) -> bool {
        self.uses == 0 && self.interned == 0
    }

    /// Whether it is to be evicted by a later change of state.
    const fn waits(&self) -> bool {
        self.is_idle_listed || self.is_evictable
    }
}

impl<I: Id> Registry<I> {
    pub(crate) fn with_capacity(key: HashKey, names: u32) -> Self {
        Self {
            key,
            slots: Vec::with_capacity(index(names)),
            vacant: Vec::new(),
            by_name: HashTable::with_capacity(index(names)),
            interned: 0,
            pinned: Vec::new(),
            idle: Vec::new(),
            evictable: Vec::new(),
            kind: PhantomData,
        }
    }

    /// The handle of a name that is known.
    #[inline]
    pub(crate) fn lookup(&self, name: &str) -> Option<I> {
        let hash = self.key.hash(name);
        let slot = self.slot_named(hash, name)?;
        Some(self.id_at(slot, self.slots.get(index(slot))?.generation))
    }

    #[inline]
    fn slot_named(&self, hash: u32, name: &str) -> Option<u32> {
        let is_it = |slot: &u32| {
            let slot = self.slots.get(index(*slot));
            slot.is_some_and(|slot| slot.hash == hash && slot.name.is(name))
        };
        self.by_name.find(widen(hash), is_it).copied()
    }

    #[inline]
    fn id_at(&self, slot: u32, generation: NonZeroU32) -> I {
        I::new(Handle::new(slot, generation))
    }

    /// The name that a handle stands for; `None` if it was evicted.
    #[inline]
    pub(crate) fn name(&self, id: I) -> Option<&str> {
        self.slot(id).map(|slot| slot.name.as_str())
    }

    /// Whether a handle stands for a name.
    #[inline(always)]
    pub(crate) fn contains(&self, id: I) -> bool {
        self.slot(id).is_some()
    }

    #[inline(always)]
    fn slot(&self, id: I) -> Option<&Slot> {
        let handle = id.handle();
        let slot = self.slots.get(index(handle.slot()))?;
        (slot.generation.get() == handle.generation()).then_some(slot)
    }

    #[inline(always)]
    fn slot_mut(&mut self, id: I) -> Option<&mut Slot> {
        let handle = id.handle();
        let slot = self.slots.get_mut(index(handle.slot()))?;
        (slot.generation.get() == handle.generation()).then_some(slot)
    }

    /// The state refers to the name once more.
    #[inline]
    pub(crate) fn retain(&mut self, id: I) {
        match self.slot_mut(id) {
            Some(slot) => slot.uses = slot.uses.saturating_add(1),
            None => debug_assert!(false, "the state refers to an evicted name"),
        }
    }

    /// The state refers to the name once less.
    #[inline]
    pub(crate) fn release(&mut self, id: I) {
        let Some(slot) = self.slot_mut(id) else {
            debug_assert!(false, "the state referred to an evicted name");
            return;
        };
        // A name that is used as often as can be counted is never evicted.
        if slot.uses < u32::MAX {
            slot.uses = slot.uses.saturating_sub(1);
        }
        // Also a name that is interned: the host may release it before it has named the effects.
        if slot.uses == 0 && !slot.is_idle_listed {
            slot.is_idle_listed = true;
            self.idle.push(id);
        }
    }

    /// The host asks for a name, which stays until it is released as often.
    pub(crate) fn intern(&mut self, name: &str, limit: u32) -> Result<I, NameError> {
        let hash = self.key.hash(name);
        let known = self.slot_named(hash, name);
        let error = NameError::TooManyInterned { limit };
        let is_interned = known.and_then(|slot| self.slots.get(index(slot)));
        if is_interned.is_none_or(|slot| slot.interned == 0) {
            if self.interned >= limit {
                return Err(error);
            }
            self.interned = self.interned.saturating_add(1);
        }
        let slot = known.or_else(|| self.insert(hash, name)).ok_or(error)?;
        let Some(interned) = self.slots.get_mut(index(slot)) else { return Err(error) };
        interned.interned = interned.interned.saturating_add(1);
        Ok(I::new(Handle::new(slot, interned.generation)))
    }

    /// The host releases a name that it interned; nothing if it did not.
    pub(crate) fn release_interned(&mut self, id: I) {
        let Some(slot) = self.slot_mut(id) else { return };
        if slot.interned == 0 || slot.interned == u32::MAX {
            return;
        }
        slot.interned = slot.interned.saturating_sub(1);
        let is_evicted = slot.is_idle() && !slot.waits() && !slot.is_pinned;
        let is_last = slot.interned == 0;
        if is_last {
            self.interned = self.interned.saturating_sub(1);
        }
        // No effect can name it, or it would wait.
        if is_evicted {
            self.evict(id);
        }
    }

    /// The handle of a name of the current input, which nothing evicts before
    /// [`unpin`](Self::unpin), which must follow. `None` if there is no slot left.
    #[inline]
    pub(crate) fn resolve(&mut self, name: &str) -> Option<I> {
        let hash = self.key.hash(name);
        let Some(slot) = self.slot_named(hash, name) else {
            return self.insert_pinned(hash, name);
        };
        let known = self.slots.get(index(slot))?;
        let id = self.id_at(slot, known.generation);
        if known.is_idle() && !known.is_pinned {
            self.pin(id);
        }
        Some(id)
    }

    #[cold]
    fn insert_pinned(&mut self, hash: u32, name: &str) -> Option<I> {
        let slot = self.insert(hash, name)?;
        let id = self.id_at(slot, self.slots.get(index(slot))?.generation);
        self.pin(id);
        Some(id)
    }

    #[cold]
    fn pin(&mut self, id: I) {
        if let Some(slot) = self.slot_mut(id) {
            slot.is_pinned = true;
            self.pinned.push(id);
        }
    }

    /// Whether a name of the current input stays after [`unpin`](Self::unpin).
    pub(crate) fn outlives_input(&self, id: I) -> bool {
        self.slot(id).is_some_and(|slot| !slot.is_idle() || slot.waits())
    }

    /// Releases the names of the input, last first (N-02).
    #[inline(always)]
    pub(crate) fn unpin(&mut self) {
        if !self.pinned.is_empty() {
            self.unpin_some();
        }
    }

    #[cold]
    fn unpin_some(&mut self) {
        while let Some(id) = self.pinned.pop() {
            let Some(slot) = self.slot_mut(id) else { continue };
            slot.is_pinned = false;
            if slot.is_idle() && !slot.waits() {
                self.evict(id);
            }
        }
    }

    /// Whether a sweep has something to do.
    #[inline(always)]
    pub(crate) fn has_waiting(&self) -> bool {
        self.idle.len() | self.evictable.len() != 0
    }

    /// The state has changed: names that were idle before the last change are evicted (N-03).
    pub(crate) fn sweep(&mut self) {
        let mut evictable = core::mem::take(&mut self.evictable);
        for id in evictable.drain(..) {
            let Some(slot) = self.slot_mut(id) else { continue };
            slot.is_evictable = false;
            if slot.is_idle() && !slot.is_idle_listed && !slot.is_pinned {
                self.evict(id);
            }
        }
        self.evictable = core::mem::replace(&mut self.idle, evictable);
        for id in &self.evictable {
            let slot = self.slots.get_mut(index(id.handle().slot()));
            if let Some(slot) = slot {
                (slot.is_idle_listed, slot.is_evictable) = (false, true);
            }
        }
    }

    /// Takes the name out of its slot, which is ready for another of the next generation.
    fn evict(&mut self, id: I) {
        let number = id.handle().slot();
        let Some(slot) = self.slot_mut(id) else { return };
        // A handle must never mean another name, so the last generation of a slot stays.
        let Some(generation) = slot.generation.checked_add(1) else { return };
        let hash = slot.hash;
        *slot = Slot { generation, ..Slot::vacant() };
        self.vacant.push(number);
        if let Ok(entry) = self.by_name.find_entry(widen(hash), |slot| *slot == number) {
            entry.remove();
        }
    }

    fn insert(&mut self, hash: u32, name: &str) -> Option<u32> {
        let number = match self.vacant.pop() {
            Some(number) => number,
            None => {
                let number = u32::try_from(self.slots.len()).ok().filter(|slot| *slot < NONE)?;
                self.slots.push(Slot::vacant());
                number
            }
        };
        let slot = self.slots.get_mut(index(number))?;
        (slot.name, slot.hash) = (Name::new(name), hash);
        let slots = &self.slots;
        let hash_of = |slot: &u32| slots.get(index(*slot)).map_or(0, |slot| widen(slot.hash));
        self.by_name.insert_unique(widen(hash), number, hash_of);
        Some(number)
    }

    /// Names known.
    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// The key that names are hashed with.
    pub(crate) const fn key(&self) -> HashKey {
        self.key
    }

    /// Every name that is known, with its handle and how often the state refers to it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (I, &str, u32)> {
        self.slots.iter().zip(0_u32..).filter(|(slot, _)| !slot.name.is_none()).map(
            |(slot, number)| (self.id_at(number, slot.generation), slot.name.as_str(), slot.uses),
        )
    }

    /// Whether the lists and the table agree with the slots, and each name without a reference
    /// waits to be evicted (INV-04, INV-06).
    pub(crate) fn verify(&self) -> bool {
        let mut names = self.iter();
        let is_listed = |list: &[I], is: fn(&Slot) -> bool| {
            list.iter().all(|id| self.slots.get(index(id.handle().slot())).is_some_and(is))
        };
        let interned = self.slots.iter().filter(|slot| slot.interned > 0).count();
        names.all(|(id, name, _)| {
            let is_kept = self.slot(id).is_some_and(|slot| {
                slot.hash == self.key.hash(name)
                    && (!slot.is_idle()
                        || slot.waits()
                        || slot.is_pinned
                        || slot.generation == NonZeroU32::MAX)
            });
            is_kept && self.lookup(name) == Some(id)
        }) && self.iter().count() == self.len()
            && is_listed(&self.idle, |slot| slot.is_idle_listed)
            && is_listed(&self.evictable, |slot| slot.is_evictable)
            && u32::try_from(interned) == Ok(self.interned)
            && self.slots.iter().filter(|slot| slot.is_idle_listed).count() == self.idle.len()
            && self.slots.iter().filter(|slot| slot.is_evictable).count() == self.evictable.len()
    }
}

/// The table asks for 64 bits, and takes the lowest and the highest of them.
#[inline(always)]
fn widen(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}
