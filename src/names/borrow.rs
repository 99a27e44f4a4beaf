//! Names for the length of one input: what nothing comes to use leaves no trace (N-02).

use super::Names;
use crate::id::Handle;

/// A name of the input at hand, pinned by a use.
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

impl Names {
    /// The handle of a name, pinned so that nothing forgets it. [`settle`](Self::settle) must
    /// follow.
    pub(crate) fn borrow(&mut self, name: &str) -> Option<Handle> {
        let known = self.find(name);
        let origin = match known {
            Some(_) => Origin::Known,
            None if self.free.is_empty() => Origin::Added,
            None => Origin::Free,
        };
        let handle = known.or_else(|| self.insert(name))?;
        self.retain(handle);
        self.borrowed.push(Borrowed { handle, origin });
        Some(handle)
    }

    /// Lets the names of the input go, last first. Where the state did not come to use a name that
    /// the input brought along, free slots and their order are what they were.
    pub(crate) fn settle(&mut self) {
        while let Some(Borrowed { handle, origin }) = self.borrowed.pop() {
            let Some(entry) = self.entry_mut(handle) else { continue };
            entry.uses = entry.uses.saturating_sub(1);
            if !entry.is_idle() || entry.waits() {
                continue;
            }
            match origin {
                Origin::Known => self.fade(handle),
                Origin::Free => {
                    self.clear(handle.slot);
                    self.free.push(handle.slot);
                }
                Origin::Added => self.take_away(handle.slot),
            }
        }
    }

    /// Takes an added slot away again. If the state came to use a name in a later slot, it stays
    /// in its place as a free one.
    fn take_away(&mut self, slot: u32) {
        self.clear(slot);
        if u32::try_from(self.slots.len()) == Ok(slot.saturating_add(1)) {
            self.slots.pop();
        } else {
            self.free.push(slot);
        }
    }
}
