//! Names for the length of one input: what nothing comes to use leaves no trace (N-02).

use super::{Named, Names};
use crate::id::Handle;

/// A name of the input at hand, pinned.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Borrowed {
    handle: Handle,
    origin: Origin,
}

/// Where its slot came from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Origin {
    /// The name was there.
    Known,
    /// A free slot took it.
    Free,
    /// A slot was added for it.
    Added,
}

/// What an earlier look for a name came to; it may have been forgotten or made since.
pub(crate) type Found = Option<Handle>;

impl<T: Named, const N: usize> Names<T, N> {
    /// The handle of a name, which nothing forgets before [`settle`](Self::settle), which must
    /// follow. `found` is what an earlier [`find`](Self::find) of the name gave, if there was one.
    #[inline]
    pub(crate) fn borrow(&mut self, name: &str, found: Found) -> Option<Handle> {
        let is_still = |handle: &Handle| {
            self.at(handle.slot).is_some_and(|slot| slot.is_named(name, &self.long))
        };
        let slot = match found.filter(is_still) {
            Some(handle) => handle.slot,
            None => {
                let hash = self.key.text(name);
                match self.find_slot(hash, name) {
                    Some(slot) => slot,
                    None => return self.bring(hash, name),
                }
            }
        };
        let known = self.at(slot)?;
        let handle = Handle { slot, generation: known.generation };
        // What is used or held waits before it is forgotten (N-03).
        if known.is_idle() && !known.waits.is_pinned() {
            self.pin(handle, Origin::Known);
        }
        Some(handle)
    }

    /// Takes a name in that is not known.
    #[cold]
    fn bring(&mut self, hash: u32, name: &str) -> Option<Handle> {
        let origin = if self.free.is_empty() { Origin::Added } else { Origin::Free };
        let handle = self.insert(hash, name)?;
        self.pin(handle, origin);
        Some(handle)
    }

    #[cold]
    fn pin(&mut self, handle: Handle, origin: Origin) {
        if let Some(slot) = self.get_mut(handle) {
            slot.waits = slot.waits.pinned();
            self.borrowed.push(Borrowed { handle, origin });
        }
    }

    /// Lets the names of the input go, last first. Where the state did not come to use a name that
    /// the input brought along, free slots and their order are what they were.
    #[inline]
    pub(crate) fn settle(&mut self) {
        while let Some(borrowed) = self.borrowed.pop() {
            self.unpin(borrowed);
        }
    }

    /// Whether a name of the input at hand is there after it has settled.
    pub(crate) fn is_kept(&self, handle: Handle) -> bool {
        self.get(handle).is_some_and(|slot| !slot.is_idle() || slot.waits.at_all())
    }

    fn unpin(&mut self, Borrowed { handle, origin }: Borrowed) {
        let Some(slot) = self.get_mut(handle) else { return };
        slot.waits = slot.waits.not_pinned();
        if !slot.is_idle() || slot.waits.at_all() {
            return;
        }
        match origin {
            Origin::Known => self.fade(handle.slot),
            Origin::Free => {
                self.clear(handle.slot);
                self.free.push(handle.slot);
            }
            Origin::Added => self.take_away(handle.slot),
        }
    }

    /// Takes an added slot away again. If the state came to use a name in a later slot, it stays
    /// in its place as a free one.
    fn take_away(&mut self, at: u32) {
        self.clear(at);
        if u32::try_from(self.slots.len()) == Ok(at.saturating_add(1)) {
            self.slots.pop();
        } else {
            self.free.push(at);
        }
    }
}
