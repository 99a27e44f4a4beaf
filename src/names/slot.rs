//! One name, how often it is used and held, and what is known of whom it stands for.

use core::num::NonZeroU32;

use crate::store::{Short, Texts};

/// What is known of whom a name stands for.
pub(crate) trait Named {
    /// Of what the slots are multiples: a type of no more than its alignment.
    type Line: Copy + core::fmt::Debug;
    /// Nothing is known.
    const NOTHING: Self;
}

/// Whether a name waits to be forgotten.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Waits(u8);

impl Waits {
    const NO: Self = Self(0);
    /// It stands in `Names::fading`.
    const FADING: Self = Self(1);
    /// It stands in `Names::faded`.
    const FADED: Self = Self(2);
    const PINNED: Self = Self(4);

    pub(crate) const fn is_fading(self) -> bool {
        self.0 & Self::FADING.0 != 0
    }

    pub(crate) const fn is_faded(self) -> bool {
        self.0 & Self::FADED.0 != 0
    }

    pub(crate) const fn at_all(self) -> bool {
        self.is_fading() || self.is_faded()
    }

    /// Whether the input at hand speaks of it, so that it cannot be forgotten yet.
    pub(crate) const fn is_pinned(self) -> bool {
        self.0 & Self::PINNED.0 != 0
    }

    pub(super) const fn pinned(self) -> Self {
        Self(self.0 | Self::PINNED.0)
    }

    pub(super) const fn not_pinned(self) -> Self {
        Self(self.0 & !Self::PINNED.0)
    }

    pub(crate) const fn fading(self) -> Self {
        Self(self.0 | Self::FADING.0)
    }

    pub(crate) const fn faded(self) -> Self {
        Self(self.0 | Self::FADED.0)
    }

    pub(crate) const fn not_faded(self) -> Self {
        Self(self.0 & !Self::FADED.0)
    }

    /// What was fading has faded.
    pub(super) const fn turned(self) -> Self {
        Self(self.0 & !Self::FADING.0 | Self::FADED.0)
    }
}

/// A place for a name.
#[derive(Clone, Debug)]
pub(crate) struct Slot<T: Named, const N: usize> {
    pub(crate) generation: NonZeroU32,
    /// How often the state refers to the name.
    pub(crate) uses: u32,
    /// How often the host asked for it.
    pub(crate) holds: u32,
    pub(crate) waits: Waits,
    /// Bytes of a name that lies here; or one of the two below.
    len: u8,
    bytes: [u8; N],
    pub(crate) state: T,
    /// Takes no place, and makes the slot begin at a multiple of it.
    _line: [T::Line; 0],
}

/// There is no name here.
const VACANT: u8 = 255;
/// The name is a text, whose number lies here.
const LONG: u8 = 254;

impl<T: Named, const N: usize> Slot<T, N> {
    pub(super) const fn vacant(generation: NonZeroU32) -> Self {
        const { assert!(N >= Short::MOST && N < 254, "a name lies here, or the number of one") };
        Self {
            generation,
            uses: 0,
            holds: 0,
            waits: Waits::NO,
            len: VACANT,
            bytes: [0; N],
            state: T::NOTHING,
            _line: [],
        }
    }

    #[inline]
    pub(crate) const fn is_taken(&self) -> bool {
        self.len != VACANT
    }

    /// Neither used nor held.
    pub(super) const fn is_idle(&self) -> bool {
        self.uses == 0 && self.holds == 0
    }

    /// Whether a snapshot has it: the host does not survive there (S-01).
    pub(crate) const fn outlives_the_host(&self) -> bool {
        self.is_taken() && (self.uses > 0 || self.waits.at_all())
    }

    /// The number of a long name.
    fn number(&self) -> u32 {
        self.bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    fn as_bytes<'a>(&'a self, long: &'a Texts) -> &'a [u8] {
        match self.len {
            VACANT => &[],
            LONG => long.get(self.number()).as_bytes(),
            len => self.bytes.get(..usize::from(len)).unwrap_or_default(),
        }
    }

    /// The name; empty if there is none.
    pub(crate) fn name<'a>(&'a self, long: &'a Texts) -> &'a str {
        core::str::from_utf8(self.as_bytes(long)).unwrap_or_default()
    }

    /// Whether the name is this short one.
    #[inline]
    pub(super) fn is_short(&self, name: Short) -> bool {
        usize::from(self.len) == name.len()
            && self.bytes.get(..name.len()).and_then(Short::new) == Some(name)
    }

    #[inline]
    pub(super) fn is_named(&self, name: &str, long: &Texts) -> bool {
        match Short::new(name.as_bytes()) {
            Some(name) => self.is_short(name),
            None => self.as_bytes(long) == name.as_bytes(),
        }
    }

    /// The length of the name, and its bytes as a snapshot has them: a short one is filled up with
    /// zeros to `N`.
    pub(super) fn stored<'a>(&'a self, long: &'a Texts) -> (u32, &'a [u8]) {
        if self.len == LONG {
            let name = self.as_bytes(long);
            return (u32::try_from(name.len()).unwrap_or(u32::MAX), name);
        }
        (u32::from(self.len), &self.bytes)
    }

    /// Takes a name in, of which nothing is known. `None` if there is no number left for a long one.
    pub(super) fn take(&mut self, name: &str, long: &mut Texts) -> Option<()> {
        debug_assert!(!self.is_taken(), "one name a slot");
        self.bytes = [0; N];
        let short = self.bytes.get_mut(..name.len());
        if let (Some(bytes), Ok(len)) = (short, u8::try_from(name.len())) {
            bytes.copy_from_slice(name.as_bytes());
            self.len = len;
        } else {
            let number = long.insert(name)?;
            *self.bytes.first_chunk_mut()? = number.to_le_bytes();
            self.len = LONG;
        }
        Some(())
    }

    /// Gives the name up.
    pub(super) fn give_up(&mut self, long: &mut Texts) {
        if self.len == LONG {
            long.remove(self.number());
        }
        self.len = VACANT;
        (self.uses, self.holds, self.waits) = (0, 0, Waits::NO);
    }
}
