//! Texts, each behind a small id, for records that are all of one size.

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

/// Buffers of the first size have so many bytes; those of each further one twice as many.
const LEAST: usize = 16;

/// The id of a text in [`Texts`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TextId(u32);

impl TextId {
    /// The empty text, which is not stored.
    pub(crate) const EMPTY: Self = Self(0);

    /// Where the text is, if it is not the empty one.
    #[inline]
    fn index(self) -> Option<usize> {
        usize::try_from(self.0.checked_sub(1)?).ok()
    }
}

/// Texts by id.
///
/// Ids and buffers that were freed are used again, for texts that need a buffer of that size, the
/// latest first. So a steady state allocates nothing, and no short text keeps a long buffer.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    /// Id 1 is the first. The empty ones are free, because the empty text is not stored.
    texts: Vec<Text>,
    /// By size, as many as are needed.
    sizes: Vec<Size>,
    used: usize,
}

/// The buffers of one size.
#[derive(Clone, Debug)]
struct Size {
    /// The free ids, the next to be taken last.
    free: Vec<TextId>,
    /// How many there are, free or not.
    all: usize,
}

#[derive(Clone, Debug)]
struct Text {
    /// The size of its buffer.
    size: usize,
    text: String,
}

impl Texts {
    /// No texts, which allocates nothing.
    pub(crate) const fn new() -> Self {
        Self { texts: Vec::new(), sizes: Vec::new(), used: 0 }
    }

    /// How many texts there are, without the empty one.
    pub(crate) const fn len(&self) -> usize {
        self.used
    }

    /// Stores a text. There is no id if all are in use.
    #[inline]
    pub(crate) fn insert(&mut self, text: &str) -> Option<TextId> {
        if text.is_empty() { Some(TextId::EMPTY) } else { self.insert_some(text) }
    }

    fn insert_some(&mut self, text: &str) -> Option<TextId> {
        let size = size(text.len());
        let at = match self.sizes.get_mut(size).and_then(|size| size.free.pop()) {
            Some(at) => at,
            None => self.add(size, text.len())?,
        };
        let buffer = &mut self.texts.get_mut(at.index()?)?.text;
        buffer.push_str(text);
        self.used = self.used.saturating_add(1);
        Some(at)
    }

    /// An id with a buffer that was never used.
    fn add(&mut self, size: usize, bytes: usize) -> Option<TextId> {
        let at = u32::try_from(self.texts.len()).ok()?.checked_add(1)?;
        let room = bytes.checked_next_power_of_two().unwrap_or(bytes);
        let text = String::with_capacity(room.max(LEAST));
        self.texts.push(Text { size, text });
        while self.sizes.len() <= size {
            self.sizes.push(Size { free: Vec::new(), all: 0 });
        }
        let size = self.sizes.get_mut(size)?;
        size.all = size.all.saturating_add(1);
        // There is room to free them all, so that to remove a text never allocates.
        size.free.reserve(size.all.saturating_sub(size.free.len()));
        Some(TextId(at))
    }

    /// The text with this id, and the empty one if there is none.
    #[inline]
    pub(crate) fn get(&self, id: TextId) -> &str {
        id.index().and_then(|index| self.texts.get(index)).map_or("", |text| &text.text)
    }

    /// Frees an id, if it is in use.
    #[inline]
    pub(crate) fn remove(&mut self, id: TextId) {
        let text = id.index().and_then(|index| self.texts.get_mut(index));
        let Some(text) = text.filter(|text| !text.text.is_empty()) else { return };
        text.text.clear();
        self.used = self.used.saturating_sub(1);
        if let Some(size) = self.sizes.get_mut(text.size) {
            size.free.push(id);
        }
    }
}

/// The size of the buffer for a text of so many bytes.
fn size(bytes: usize) -> usize {
    let buffers = bytes.div_ceil(LEAST).checked_next_power_of_two();
    buffers.and_then(usize::checked_ilog2).and_then(|size| usize::try_from(size).ok()).unwrap_or(0)
}
