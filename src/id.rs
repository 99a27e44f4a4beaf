//! Small opaque handles for names, and attempt numbers.

use core::num::NonZeroU32;

/// A slot of a name table and the generation of the name that is in it (N-01). The generation
/// tells a name from the one that had the slot before.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Handle {
    pub(crate) slot: u32,
    pub(crate) generation: NonZeroU32,
}

/// A user, as a handle minted by one switchboard for a name (N-01). Nothing observable depends
/// on its value (N-04); it means nothing to another switchboard.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UserId(pub(crate) Handle);

impl UserId {
    /// A handle that stands for no name, ever.
    #[cfg(feature = "serde")]
    pub(crate) const NOBODY: Self = Self(Handle { slot: u32::MAX, generation: NonZeroU32::MIN });
}

/// A room, as a handle minted by one switchboard for a name (N-01).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RoomId(pub(crate) Handle);

/// A device's name, as a handle minted by one switchboard (N-01). A device is named together
/// with its user: two users may both have a `phone`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DeviceId(pub(crate) Handle);

/// One ringing of one callee for one room. All attempts of a switchboard are numbered by one
/// counter, from 1, and no number is used twice (C-06).
///
/// ```
/// use roomcall::Attempt;
/// assert!(Attempt::new(1) < Attempt::new(2));
/// assert_eq!(Attempt::new(7).get(), 7);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
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
