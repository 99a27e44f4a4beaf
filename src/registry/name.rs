//! A name, inline if it is short: ids of real systems have 17 to 36 bytes.

use alloc::boxed::Box;

/// Names of up to so many bytes are inline.
const INLINE: usize = 32;

/// A name, or none.
#[derive(Clone, Debug)]
pub(super) enum Name {
    /// The first `len` bytes; the rest is zeros. No name if `len` is 0.
    Inline {
        len: u8,
        bytes: [u8; INLINE],
    },
    Heap(Box<str>),
}

impl Name {
    pub(super) const NONE: Self = Self::Inline { len: 0, bytes: [0; INLINE] };

    pub(super) fn new(name: &str) -> Self {
        let mut bytes = [0; INLINE];
        match (bytes.get_mut(..name.len()), u8::try_from(name.len())) {
            (Some(inline), Ok(len)) => {
                inline.copy_from_slice(name.as_bytes());
                Self::Inline { len, bytes }
            }
            _ => Self::Heap(name.into()),
        }
    }

    pub(super) const fn is_none(&self) -> bool {
        matches!(self, Self::Inline { len: 0, .. })
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Inline { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Heap(name) => name.as_bytes(),
        }
    }

    #[inline]
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Inline { .. } => core::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Self::Heap(name) => name,
        }
    }

    #[inline]
    pub(super) fn is(&self, name: &str) -> bool {
        self.as_bytes() == name.as_bytes()
    }
}
