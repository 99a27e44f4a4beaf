//! The directory: names in, handles out (N-01 to N-04).
//!
//! A name is *used* as often as the state refers to it, and *held* as often as the host asked for
//! it. A name with neither is forgotten, at the second change of state after that, so that the
//! effects of the step that dropped it can still be named (N-03).

#[cfg(feature = "serde")]
mod borrow;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::Rule;
use crate::id::Handle;

/// Why a name cannot be held.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum NameError {
    /// The name is empty or too long (L-01).
    #[error("an id is empty or longer than {limit} bytes")]
    BadName {
        /// The longest name, in bytes.
        limit: u32,
    },
    /// The host holds as many names of this kind as it may (L-12).
    #[error("{limit} names are held, which is the limit: release some first")]
    TooManyHeld {
        /// The most held names of one kind.
        limit: u32,
    },
}

impl NameError {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::BadName { .. } => Rule::L01,
            Self::TooManyHeld { .. } => Rule::L12,
        }
    }
}

/// The names of one kind: users, rooms or devices.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Names {
    slots: Vec<Slot>,
    /// Slots without a name, the next to be taken last.
    free: Vec<u32>,
    index: BTreeMap<Box<str>, u32>,
    /// The names of the input at hand, in order, each pinned by a use.
    #[cfg(feature = "serde")]
    borrowed: Vec<borrow::Borrowed>,
    /// Names that came to be neither used nor held since the last change of state.
    fading: Vec<Handle>,
    /// The same, before the last change of state.
    faded: Vec<Handle>,
    held: u32,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Slot {
    pub(crate) generation: NonZeroU32,
    pub(crate) entry: Option<Entry>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: Box<str>,
    /// How often the state refers to it.
    pub(crate) uses: u64,
    /// How often the host asked for it.
    pub(crate) holds: u64,
    /// Whether it stands in `Names::fading`.
    is_fading: bool,
    /// Whether it stands in `Names::faded`.
    is_faded: bool,
}

impl Entry {
    const fn new(name: Box<str>) -> Self {
        Self { name, uses: 0, holds: 0, is_fading: false, is_faded: false }
    }

    const fn is_idle(&self) -> bool {
        self.uses == 0 && self.holds == 0
    }

    /// Whether a snapshot has it: the host does not survive there (S-01).
    pub(crate) const fn outlives_the_host(&self) -> bool {
        self.uses > 0 || self.waits()
    }

    const fn waits(&self) -> bool {
        self.is_fading || self.is_faded
    }
}

impl Names {
    const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            index: BTreeMap::new(),
            #[cfg(feature = "serde")]
            borrowed: Vec::new(),
            fading: Vec::new(),
            faded: Vec::new(),
            held: 0,
        }
    }

    /// The handle of a name that is known.
    pub(crate) fn find(&self, name: &str) -> Option<Handle> {
        let slot = *self.index.get(name)?;
        let generation = self.slot(slot)?.generation;
        Some(Handle { slot, generation })
    }

    /// The name that a handle stands for; `None` if it was forgotten.
    pub(crate) fn name(&self, handle: Handle) -> Option<&str> {
        self.entry(handle).map(|entry| &*entry.name)
    }

    /// The state refers to the name once more.
    pub(crate) fn retain(&mut self, handle: Handle) {
        match self.entry_mut(handle) {
            Some(entry) => entry.uses = entry.uses.saturating_add(1),
            None => debug_assert!(false, "the state refers to a forgotten name"),
        }
    }

    /// The state refers to the name once less.
    pub(crate) fn release(&mut self, handle: Handle) {
        let Some(entry) = self.entry_mut(handle) else {
            debug_assert!(false, "the state referred to a forgotten name");
            return;
        };
        entry.uses = entry.uses.saturating_sub(1);
        // Also a name that the host holds: it may let go before it has named the effects.
        if entry.uses == 0 {
            self.fade(handle);
        }
    }

    fn fade(&mut self, handle: Handle) {
        if let Some(entry) = self.entry_mut(handle).filter(|entry| !entry.is_fading) {
            entry.is_fading = true;
            self.fading.push(handle);
        }
    }

    /// The host asks for a name, and holds it until it is let go as often.
    pub(crate) fn hold(&mut self, name: &str, limit: u32) -> Result<Handle, NameError> {
        let known = self.find(name);
        let is_held =
            known.and_then(|handle| self.entry(handle)).is_some_and(|entry| entry.holds > 0);
        let error = NameError::TooManyHeld { limit };
        if !is_held {
            if self.held >= limit {
                return Err(error);
            }
            self.held = self.held.saturating_add(1);
        }
        let handle = known.or_else(|| self.insert(name)).ok_or(error)?;
        if let Some(entry) = self.entry_mut(handle) {
            entry.holds = entry.holds.saturating_add(1);
        }
        Ok(handle)
    }

    /// The host lets a name go that it holds; nothing if it does not.
    pub(crate) fn let_go(&mut self, handle: Handle) {
        let Some(entry) = self.entry_mut(handle) else {
            return;
        };
        if entry.holds == 0 {
            return;
        }
        entry.holds = entry.holds.saturating_sub(1);
        let (is_held, is_forgotten) = (entry.holds > 0, entry.is_idle() && !entry.waits());
        if !is_held {
            self.held = self.held.saturating_sub(1);
        }
        // No effect can name it, or it would wait: there is nobody to keep it for.
        if is_forgotten {
            self.forget(handle);
        }
    }

    /// The state has changed: names that faded before the last change are forgotten.
    pub(crate) fn turn(&mut self) {
        let mut forgotten = core::mem::take(&mut self.faded);
        for handle in forgotten.drain(..) {
            let Some(entry) = self.entry_mut(handle) else {
                continue;
            };
            entry.is_faded = false;
            if entry.is_idle() && !entry.is_fading {
                self.forget(handle);
            }
        }
        self.faded = core::mem::replace(&mut self.fading, forgotten);
        for place in 0..self.faded.len() {
            let handle = self.faded.get(place).copied();
            if let Some(entry) = handle.and_then(|handle| self.entry_mut(handle)) {
                entry.is_fading = false;
                entry.is_faded = true;
            }
        }
    }

    /// Makes the slot ready for another name, of the next generation.
    fn forget(&mut self, handle: Handle) {
        self.clear(handle.slot);
        // The last generation of a slot is its last name: a handle must never mean another.
        let Some(next) = handle.generation.checked_add(1) else {
            return;
        };
        if let Some(slot) = self.slot_mut(handle.slot) {
            slot.generation = next;
            self.free.push(handle.slot);
        }
    }

    fn insert(&mut self, name: &str) -> Option<Handle> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                let slot = u32::try_from(self.slots.len()).ok()?;
                self.slots.push(Slot { generation: NonZeroU32::MIN, entry: None });
                slot
            }
        };
        self.index.insert(name.into(), slot);
        let taken = self.slot_mut(slot)?;
        taken.entry = Some(Entry::new(name.into()));
        Some(Handle { slot, generation: taken.generation })
    }

    fn clear(&mut self, slot: u32) {
        if let Some(entry) = self.slot_mut(slot).and_then(|slot| slot.entry.take()) {
            self.index.remove(&entry.name);
        }
    }

    fn slot(&self, slot: u32) -> Option<&Slot> {
        self.slots.get(usize::try_from(slot).ok()?)
    }

    fn slot_mut(&mut self, slot: u32) -> Option<&mut Slot> {
        self.slots.get_mut(usize::try_from(slot).ok()?)
    }

    fn entry(&self, handle: Handle) -> Option<&Entry> {
        let slot = self.slot(handle.slot)?;
        slot.entry.as_ref().filter(|_| slot.generation == handle.generation)
    }

    fn entry_mut(&mut self, handle: Handle) -> Option<&mut Entry> {
        let slot = self.slot_mut(handle.slot)?;
        slot.entry.as_mut().filter(|_| slot.generation == handle.generation)
    }
}

/// What `check` and snapshots see.
impl Names {
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(crate) fn free(&self) -> &[u32] {
        &self.free
    }

    /// Names that wait to be forgotten, and those that waited at the last change already.
    pub(crate) fn waiting(&self) -> (&[Handle], &[Handle]) {
        (&self.fading, &self.faded)
    }

    /// Whether the index, the free slots and the names that wait agree with the slots, and every
    /// name that nobody uses waits to be forgotten (INV-06).
    pub(crate) fn agree(&self) -> bool {
        let (mut named, mut held, mut fading, mut faded) = (0_usize, 0_u32, 0_usize, 0_usize);
        for (slot, at) in self.slots.iter().zip(0_u32..) {
            let Some(entry) = &slot.entry else { continue };
            named = named.saturating_add(1);
            held = held.saturating_add(u32::from(entry.holds > 0));
            fading = fading.saturating_add(usize::from(entry.is_fading));
            faded = faded.saturating_add(usize::from(entry.is_faded));
            if self.index.get(&entry.name) != Some(&at) || (entry.is_idle() && !entry.waits()) {
                return false;
            }
        }
        let is_there = |handle: &Handle| self.entry(*handle).is_some();
        (named, held) == (self.index.len(), self.held)
            && (fading, faded) == (self.fading.len(), self.faded.len())
            && self.fading.iter().chain(&self.faded).all(is_there)
            && self.is_settled()
            && self.free.iter().all(|slot| self.slot(*slot).is_some_and(|s| s.entry.is_none()))
    }

    fn is_settled(&self) -> bool {
        #[cfg(feature = "serde")]
        return self.borrowed.is_empty();
        #[cfg(not(feature = "serde"))]
        true
    }

    /// The names of a snapshot, with no use counted yet. `None` if a name is there twice or a
    /// list does not agree with the slots.
    pub(crate) fn restored(
        slots: Vec<(NonZeroU32, Option<Box<str>>)>,
        free: Vec<u32>,
        fading: Vec<Handle>,
        faded: Vec<Handle>,
    ) -> Option<Self> {
        let mut names = Self::new();
        for (generation, name) in slots {
            let slot = u32::try_from(names.slots.len()).ok()?;
            if let Some(name) = &name {
                if names.index.insert(name.clone(), slot).is_some() {
                    return None;
                }
            }
            names.slots.push(Slot { generation, entry: name.map(Entry::new) });
        }
        let mut is_free = alloc::vec![false; names.slots.len()];
        for slot in &free {
            let seen = is_free.get_mut(usize::try_from(*slot).ok()?)?;
            if core::mem::replace(seen, true) || names.slot(*slot)?.entry.is_some() {
                return None;
            }
        }
        for handle in &fading {
            names.entry_mut(*handle).filter(|entry| !entry.is_fading)?.is_fading = true;
        }
        for handle in &faded {
            names.entry_mut(*handle).filter(|entry| !entry.is_faded)?.is_faded = true;
        }
        Some(Self { free, fading, faded, ..names })
    }
}

/// The three kinds of names.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Directory {
    pub(crate) users: Names,
    pub(crate) rooms: Names,
    pub(crate) devices: Names,
}

impl Directory {
    pub(crate) const fn new() -> Self {
        Self { users: Names::new(), rooms: Names::new(), devices: Names::new() }
    }

    #[cfg(feature = "serde")]
    pub(crate) fn settle(&mut self) {
        self.users.settle();
        self.rooms.settle();
        self.devices.settle();
    }

    pub(crate) fn turn(&mut self) {
        self.users.turn();
        self.rooms.turn();
        self.devices.turn();
    }

    pub(crate) fn agree(&self) -> bool {
        self.users.agree() && self.rooms.agree() && self.devices.agree()
    }
}
