//! Names for the length of one input: what nothing comes to use leaves no trace (N-02).

use super::{Named, Names, place};
use crate::domain::id::Handle;
use crate::store::Short;

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
    #[inline(always)]
    pub(crate) fn borrow(&mut self, name: &str, found: Found) -> Option<Handle> {
        match found {
            None => self.look_up(name),
            Some(handle) => self.look_again(name, handle),
        }
    }

    /// Most names are short and in use, and this takes the shortest way to those. It is a function
    /// of its own, because by itself it needs few registers.
    #[inline(never)]
    fn look_up(&mut self, name: &str) -> Option<Handle> {
        let short = Short::new(name.as_bytes());
        let first = |name| self.in_use_at(self.index.first(self.key.short(name))?, name);
        match short.and_then(first) {
            None => self.look_harder(name),
            handle => handle,
        }
    }

    /// The same where the name was found before.
    fn look_again(&mut self, name: &str, found: Handle) -> Option<Handle> {
        let short = Short::new(name.as_bytes());
        match short.and_then(|name| self.in_use_at(found.slot(), name)) {
            None => self.look_harder(name),
            handle => handle,
        }
    }

    /// The handle of the slot there, if it has this name, and it is used or held: then it waits
    /// before it is forgotten (N-03), and nothing need be done to keep it.
    #[inline]
    fn in_use_at(&self, at: u32, name: Short) -> Option<Handle> {
        let slot = self.slots.get_inline(place(at))?;
        let is_it = slot.is_short(name) && !slot.is_idle();
        is_it.then_some(Handle::new(at, slot.generation))
    }

    /// Finds any name, or takes it in.
    #[inline(never)]
    fn look_harder(&mut self, name: &str) -> Option<Handle> {
        let hash = self.key.text(name);
        let Some(handle) = self.find_hashed(hash, name) else { return self.bring(hash, name) };
        if self.get(handle).is_some_and(|known| known.is_idle() && !known.waits.is_pinned()) {
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
            Origin::Known => self.fade(handle.slot()),
            Origin::Free => {
                self.clear(handle.slot());
                self.free.push(handle.slot());
            }
            Origin::Added => self.take_away(handle.slot()),
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
