//! The directory: names in, handles out (N-01 to N-04), and with each name what is known of whom it
//! stands for.
//!
//! A name is *used* as often as the state refers to it, and *held* as often as the host asked for
//! it. A name with neither is forgotten, at the second change of state after that, so that the
//! effects of the step that dropped it can still be named (N-03).

mod borrow;
mod restore;
mod slot;

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::Rule;
use crate::domain::id::Handle;
use crate::store::{Chunks, HashKey, Index, Texts};

pub(crate) use restore::Image;
pub(crate) use slot::{Named, Slot};

pub(crate) use borrow::Found;

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

/// The names of one kind: users, rooms or devices. `T` is what is known of one, and a name of up
/// to `N` bytes lies beside it.
#[derive(Clone, Debug)]
pub(crate) struct Names<T: Named, const N: usize> {
    key: HashKey,
    slots: Chunks<Slot<T, N>>,
    /// Slots without a name, the next to be taken last.
    free: Vec<u32>,
    /// Names in use.
    named: u32,
    index: Index,
    /// Names that do not fit into a slot.
    long: Texts,
    /// The names of the input at hand that nothing else keeps, in order.
    borrowed: Vec<borrow::Borrowed>,
    /// Names that came to be neither used nor held since the last change of state.
    fading: Vec<Handle>,
    /// The same, before the last change of state.
    faded: Vec<Handle>,
    held: u32,
}

impl<T: Named, const N: usize> Names<T, N> {
    pub(crate) const fn new(key: HashKey) -> Self {
        Self {
            key,
            slots: Chunks::new(),
            free: Vec::new(),
            named: 0,
            index: Index::new(),
            long: Texts::new(),
            borrowed: Vec::new(),
            fading: Vec::new(),
            faded: Vec::new(),
            held: 0,
        }
    }

    /// Makes room for `more` names, exactly.
    pub(crate) fn reserve(&mut self, more: u32) {
        self.slots.reserve(place(more));
        self.index.reserve(more);
    }

    /// The handle of a name that is known.
    #[inline]
    pub(crate) fn find(&self, name: &str) -> Option<Handle> {
        self.find_hashed(self.key.text(name), name)
    }

    #[inline]
    pub(crate) fn find_hashed(&self, hash: u32, name: &str) -> Option<Handle> {
        let slot = self.find_slot(hash, name)?;
        Some(Handle::new(slot, self.at(slot)?.generation))
    }

    #[inline]
    fn find_slot(&self, hash: u32, name: &str) -> Option<u32> {
        let is_it = |at| self.at(at).is_some_and(|slot| slot.is_named(name, &self.long));
        self.index.find(hash, is_it)
    }

    /// The name that a handle stands for; `None` if it was forgotten.
    pub(crate) fn name(&self, handle: Handle) -> Option<&str> {
        self.get(handle).map(|slot| slot.name(&self.long))
    }

    /// The state refers to the name once more.
    #[inline]
    pub(crate) fn retain(&mut self, at: u32) {
        match self.at_mut(at) {
            Some(slot) => slot.uses = slot.uses.saturating_add(1),
            None => debug_assert!(false, "the state refers to a forgotten name"),
        }
    }

    /// The state refers to the name once less.
    #[inline]
    pub(crate) fn release(&mut self, at: u32) {
        let Some(slot) = self.at_mut(at) else {
            debug_assert!(false, "the state referred to a forgotten name");
            return;
        };
        // A name that is used as often as can be counted is used for ever.
        if slot.uses < u32::MAX {
            slot.uses = slot.uses.saturating_sub(1);
        }
        // Also a name that the host holds: it may let go before it has named the effects.
        if slot.uses == 0 {
            self.fade(at);
        }
    }

    fn fade(&mut self, at: u32) {
        let Some(slot) = self.at_mut(at).filter(|slot| !slot.waits.is_fading()) else {
            return;
        };
        slot.waits = slot.waits.fading();
        let generation = slot.generation;
        self.fading.push(Handle::new(at, generation));
    }

    /// The host asks for a name, and holds it until it is let go as often.
    pub(crate) fn hold(&mut self, name: &str, limit: u32) -> Result<Handle, NameError> {
        let hash = self.key.text(name);
        let known = self.find_hashed(hash, name);
        let is_held = known.and_then(|handle| self.get(handle)).is_some_and(|slot| slot.holds > 0);
        let error = NameError::TooManyHeld { limit };
        if !is_held {
            if self.held >= limit {
                return Err(error);
            }
            self.held = self.held.saturating_add(1);
        }
        let handle = known.or_else(|| self.insert(hash, name)).ok_or(error)?;
        if let Some(slot) = self.at_mut(handle.slot()) {
            slot.holds = slot.holds.saturating_add(1);
        }
        Ok(handle)
    }

    /// The host lets a name go that it holds; nothing if it does not.
    pub(crate) fn let_go(&mut self, handle: Handle) {
        let Some(slot) = self.get_mut(handle) else {
            return;
        };
        if slot.holds == 0 || slot.holds == u32::MAX {
            return;
        }
        slot.holds = slot.holds.saturating_sub(1);
        let (is_held, is_forgotten) = (slot.holds > 0, slot.is_idle() && !slot.waits.at_all());
        if !is_held {
            self.held = self.held.saturating_sub(1);
        }
        // No effect can name it, or it would wait: there is nobody to keep it for.
        if is_forgotten {
            self.forget(handle);
        }
    }

    /// The state has changed: names that faded before the last change are forgotten.
    #[inline]
    pub(crate) fn turn(&mut self) {
        if !self.fading.is_empty() || !self.faded.is_empty() {
            self.turn_over();
        }
    }

    fn turn_over(&mut self) {
        let mut forgotten = core::mem::take(&mut self.faded);
        for handle in forgotten.drain(..) {
            let Some(slot) = self.get_mut(handle) else {
                continue;
            };
            slot.waits = slot.waits.not_faded();
            if slot.is_idle() && !slot.waits.is_fading() && !slot.waits.is_pinned() {
                self.forget(handle);
            }
        }
        self.faded = core::mem::replace(&mut self.fading, forgotten);
        for place in 0..self.faded.len() {
            let handle = self.faded.get(place).copied();
            if let Some(slot) = handle.and_then(|handle| self.get_mut(handle)) {
                slot.waits = slot.waits.turned();
            }
        }
    }

    /// Makes the slot ready for another name, of the next generation.
    fn forget(&mut self, handle: Handle) {
        self.clear(handle.slot());
        // The last generation of a slot is its last name: a handle must never mean another.
        let Some(next) = NonZeroU32::new(handle.generation().wrapping_add(1)) else {
            return;
        };
        if let Some(slot) = self.slots.get_mut(place(handle.slot())) {
            slot.generation = next;
            self.free.push(handle.slot());
        }
    }

    fn insert(&mut self, hash: u32, name: &str) -> Option<Handle> {
        let at = match self.free.pop() {
            Some(at) => at,
            None => {
                let at = u32::try_from(self.slots.len()).ok().filter(|at| *at < u32::MAX)?;
                self.slots.push(Slot::vacant(NonZeroU32::MIN));
                at
            }
        };
        let slot = self.slots.get_mut(place(at))?;
        slot.take(name, &mut self.long)?;
        self.index.insert(hash, at);
        self.named = self.named.saturating_add(1);
        Some(Handle::new(at, slot.generation))
    }

    /// Takes the name out of a slot.
    fn clear(&mut self, at: u32) {
        let Some(slot) = self.slots.get_mut(place(at)).filter(|slot| slot.is_taken()) else {
            return;
        };
        let hash = self.key.text(slot.name(&self.long));
        self.index.remove(hash, at);
        slot.give_up(&mut self.long);
        self.named = self.named.saturating_sub(1);
    }

    /// The slot of a name that is known to be there.
    #[inline]
    pub(crate) fn at(&self, at: u32) -> Option<&Slot<T, N>> {
        self.slots.get(place(at))
    }

    #[inline]
    fn at_mut(&mut self, at: u32) -> Option<&mut Slot<T, N>> {
        let slot = self.slots.get_mut(place(at));
        debug_assert!(slot.as_ref().is_none_or(|slot| slot.is_taken()), "who asks has seen a name");
        slot
    }

    /// The slot that a handle stands for.
    #[inline]
    pub(crate) fn get(&self, handle: Handle) -> Option<&Slot<T, N>> {
        let slot = self.at(handle.slot())?;
        (slot.generation.get() == handle.generation() && slot.is_taken()).then_some(slot)
    }

    #[inline]
    fn get_mut(&mut self, handle: Handle) -> Option<&mut Slot<T, N>> {
        let slot = self.slots.get_mut(place(handle.slot()))?;
        (slot.generation.get() == handle.generation() && slot.is_taken()).then_some(slot)
    }

    /// The present handle of a slot.
    #[inline]
    pub(crate) fn handle(&self, at: u32) -> Handle {
        let generation = self.at(at).map_or(NonZeroU32::MIN, |slot| slot.generation);
        Handle::new(at, generation)
    }

    /// What is known of whom the name in a slot stands for.
    #[inline]
    pub(crate) fn state(&self, at: u32) -> Option<&T> {
        self.at(at).map(|slot| &slot.state)
    }

    #[inline]
    pub(crate) fn state_mut(&mut self, at: u32) -> Option<&mut T> {
        self.at_mut(at).map(|slot| &mut slot.state)
    }

    /// Names in use.
    pub(crate) fn len(&self) -> usize {
        place(self.named)
    }

    pub(crate) const fn slots(&self) -> &Chunks<Slot<T, N>> {
        &self.slots
    }
}

/// What reading ahead needs.
impl<T: Named, const N: usize> Names<T, N> {
    /// The hash of a name, and what lies where it leads to: it means nothing, and has been read.
    #[inline]
    pub(crate) fn peek(&self, name: &str) -> (u32, u64) {
        let hash = self.key.text(name);
        (hash, self.index.peek(hash))
    }
}

/// A position as an index.
#[inline]
pub(super) fn place(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
