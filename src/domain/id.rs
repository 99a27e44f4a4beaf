//! Small opaque handles for names, and attempt numbers.

use core::fmt;
use core::num::{NonZeroU32, NonZeroU64};

/// A slot of a name table and the generation of the name that is in it (N-01). The generation
/// distinguishes a name from the one that had the slot before.
///
/// One word, the generation above the slot: handles are copied more than anything else.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Handle(NonZeroU64);

impl Handle {
    #[inline]
    pub(crate) fn new(slot: u32, generation: NonZeroU32) -> Self {
        let word = u64::from(generation.get()) << 32 | u64::from(slot);
        // It is never 0, because the generation is not.
        Self(NonZeroU64::new(word).unwrap_or(NonZeroU64::MIN))
    }

    #[inline]
    pub(crate) const fn slot(self) -> u32 {
        #[expect(
            clippy::as_conversions,
            reason = "the low half is wanted, and `From` is not const"
        )]
        let slot = self.0.get() as u32;
        slot
    }

    #[inline]
    pub(crate) const fn generation(self) -> u32 {
        #[expect(clippy::as_conversions, reason = "the upper half fits, and `From` is not const")]
        let generation = (self.0.get() >> 32) as u32;
        generation
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.slot(), self.generation())
    }
}

/// As its `Debug` form, for a log: there is nothing to read it back for, as it means nothing elsewhere.
impl serde::Serialize for Handle {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

/// A handle of one kind.
pub(crate) trait Id: Copy + Eq + fmt::Debug {
    fn new(handle: Handle) -> Self;
    fn handle(self) -> Handle;

    /// Where what is known of it is stored.
    #[inline(always)]
    fn slot(self) -> u32 {
        self.handle().slot()
    }
}

macro_rules! id {
    ($($name:ident)+) => {
        $(impl Id for $name {
            #[inline(always)]
            fn new(handle: Handle) -> Self {
                Self(handle)
            }

            #[inline(always)]
            fn handle(self) -> Handle {
                self.0
            }
        })+
    };
}

id! { UserId RoomId DeviceId }

/// A user, as a handle minted by one switchboard for a name (N-01). Nothing observable depends
/// on its value (N-04); it means nothing to another switchboard.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(transparent)]
pub struct UserId(pub(crate) Handle);

impl UserId {
    /// A handle that stands for no name, ever.
    pub(crate) const NONE: Self = Self(Handle(NonZeroU64::MAX));
}

impl DeviceId {
    /// A handle that stands for no name, ever.
    pub(crate) const NONE: Self = Self(Handle(NonZeroU64::MAX));
}

/// A room, as a handle minted by one switchboard for a name (N-01).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(transparent)]
pub struct RoomId(pub(crate) Handle);

impl RoomId {
    /// A handle that stands for no name, ever.
    pub(crate) const NONE: Self = Self(Handle(NonZeroU64::MAX));
}

/// A device's name, as a handle minted by one switchboard (N-01). A device is named together
/// with its user: two users may both have a `phone`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(transparent)]
pub struct DeviceId(pub(crate) Handle);

/// One ringing of one callee for one room. All attempts of a switchboard are numbered by one
/// counter, from 1, and no number is used twice (C-06).
///
/// ```
/// use roomcall::Attempt;
/// assert!(Attempt::new(1) < Attempt::new(2));
/// assert_eq!(Attempt::new(7).get(), 7);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(transparent)]
pub struct Attempt(u64);

impl Attempt {
    /// The attempt with this number, whether or not it was ever made: clients name attempts, and
    /// the switchboard judges what they name (E-11).
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}
