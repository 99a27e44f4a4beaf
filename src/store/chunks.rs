//! A list that never moves what is in it once it is long: it grows by chunks, so that no single
//! addition takes long. What was made room for ahead lies in one piece.

use alloc::vec::Vec;

/// Things of one chunk.
const CHUNK: usize = 1_024;

/// Things by index.
#[derive(Clone, Debug)]
pub(crate) struct Chunks<T> {
    /// The first ones: as many as were made room for, and at least a chunk of them.
    first: Vec<T>,
    /// How many those will be in the end.
    most: usize,
    /// All others. All chunks but the last that has something are full.
    further: Vec<Vec<T>>,
    len: usize,
}

impl<T> Chunks<T> {
    pub(crate) const fn new() -> Self {
        Self { first: Vec::new(), most: CHUNK, further: Vec::new(), len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Makes room for `more` things in one piece, exactly, as long as there are no further chunks.
    pub(crate) fn reserve(&mut self, more: usize) {
        if self.further.is_empty() {
            self.first.reserve_exact(more);
            self.most = self.len.saturating_add(more).max(CHUNK);
        }
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        match self.first.get(at) {
            None => self.get_further(at),
            found => found,
        }
    }

    /// Apart, to keep the usual way short.
    #[cold]
    #[inline(never)]
    fn get_further(&self, at: usize) -> Option<&T> {
        let at = at.checked_sub(self.first.len())?;
        self.further.get(at / CHUNK)?.get(at % CHUNK)
    }

    /// The same with no call in it: where there is no other, the usual way is shorter for that.
    #[inline]
    pub(crate) fn get_inline(&self, at: usize) -> Option<&T> {
        match at.checked_sub(self.first.len()) {
            None => self.first.get(at),
            Some(at) => self.further.get(at / CHUNK)?.get(at % CHUNK),
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        if at < self.first.len() { self.first.get_mut(at) } else { self.get_mut_further(at) }
    }

    #[cold]
    #[inline(never)]
    fn get_mut_further(&mut self, at: usize) -> Option<&mut T> {
        let at = at.checked_sub(self.first.len())?;
        self.further.get_mut(at / CHUNK)?.get_mut(at % CHUNK)
    }

    /// Adds a thing at the end.
    pub(crate) fn push(&mut self, thing: T) {
        let further = self.len.saturating_sub(self.first.len());
        self.len = self.len.saturating_add(1);
        if self.first.len() < self.most {
            self.first.push(thing);
            return;
        }
        // A chunk that was emptied is there still.
        if further / CHUNK >= self.further.len() {
            self.further.push(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.further.get_mut(further / CHUNK) {
            chunk.push(thing);
        }
    }

    /// Takes the last thing off.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let last = self.len.checked_sub(1)?;
        self.len = last;
        match last.checked_sub(self.first.len()) {
            Some(further) => self.further.get_mut(further / CHUNK)?.pop(),
            None => self.first.pop(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(self.further.iter().flatten())
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.first.iter_mut().chain(self.further.iter_mut().flatten())
    }
}

impl<T> From<Vec<T>> for Chunks<T> {
    fn from(first: Vec<T>) -> Self {
        let len = first.len();
        Self { first, most: len.max(CHUNK), further: Vec::new(), len }
    }
}

#[cfg(test)]
mod tests;
