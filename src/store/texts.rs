//! Texts by number, for records that are all of one size.

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

/// Up to so many bytes a buffer is kept, whatever is put into it.
const SMALL: usize = 256;

/// Above that, it is kept for what fills a part of it that is not less than one in so many.
const PARTS: usize = 4;

/// Texts by number. 0 is the empty text.
///
/// Numbers and buffers that were given back are used again, the latest first, so that a steady
/// state allocates nothing.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    /// Number 1 is the first. The empty ones are free, because the empty text lies nowhere.
    texts: Vec<String>,
    /// The free numbers, the next to be taken last.
    free: Vec<u32>,
}

impl Texts {
    /// No texts, which allocates nothing.
    pub(crate) const fn new() -> Self {
        Self { texts: Vec::new(), free: Vec::new() }
    }

    /// How many texts there are, without the empty one.
    pub(crate) fn len(&self) -> usize {
        self.texts.len().saturating_sub(self.free.len())
    }

    /// Puts a text in. There is no number if all are in use.
    #[inline]
    pub(crate) fn insert(&mut self, text: &str) -> Option<u32> {
        if text.is_empty() { Some(0) } else { self.insert_some(text) }
    }

    fn insert_some(&mut self, text: &str) -> Option<u32> {
        let Some(at) = self.free.pop() else { return self.push(text) };
        let buffer = self.get_mut(at)?;
        if buffer.capacity() > SMALL.max(text.len().saturating_mul(PARTS)) {
            buffer.shrink_to(text.len());
        }
        buffer.push_str(text);
        Some(at)
    }

    fn push(&mut self, text: &str) -> Option<u32> {
        let at = u32::try_from(self.texts.len()).ok()?.checked_add(1)?;
        self.texts.push(text.into());
        // There is room to free them all, so that to remove a text never allocates.
        self.free.reserve(self.texts.len());
        Some(at)
    }

    /// The text with this number, and the empty one if there is none.
    #[inline]
    pub(crate) fn get(&self, at: u32) -> &str {
        index(at).and_then(|index| self.texts.get(index)).map_or("", String::as_str)
    }

    /// Gives a number back, if it is in use.
    #[inline]
    pub(crate) fn remove(&mut self, at: u32) {
        let Some(text) = self.get_mut(at).filter(|text| !text.is_empty()) else { return };
        text.clear();
        self.free.push(at);
    }

    #[inline]
    fn get_mut(&mut self, at: u32) -> Option<&mut String> {
        self.texts.get_mut(index(at)?)
    }
}

/// Where the text with this number lies, if it is not the empty one.
#[inline]
fn index(at: u32) -> Option<usize> {
    usize::try_from(at.checked_sub(1)?).ok()
}
