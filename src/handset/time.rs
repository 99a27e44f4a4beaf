//! The time of one device, which is not that of the switchboard.

use crate::Tick;

/// A point in time by the clock of one device, in milliseconds since an instant that its host
/// chooses once and keeps while the process lives.
///
/// It is a type of its own, because the clocks of a device and of the switchboard have nothing in
/// common: what the two tell each other of time is lengths. So a [`Tick`] of the switchboard cannot
/// be given to a handset by mistake. Points above [`DeviceTick::LAST`] are clamped to it (T-09).
///
/// ```
/// use roomcall::handset::DeviceTick;
/// assert_eq!(DeviceTick::from_millis(1_500).as_millis(), 1_500);
/// assert_eq!(DeviceTick::from_millis(u64::MAX), DeviceTick::LAST);
/// ```
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    Eq,
    Hash,
    Ord,
    PartialEq,
    PartialOrd,
    serde::Deserialize,
    serde::Serialize,
)]
#[serde(transparent)]
pub struct DeviceTick(Tick);

impl DeviceTick {
    /// The first point: 0 ms, where the clock of a new or restarted handset stands.
    pub const START: Self = Self(Tick::START);
    /// The last point that a host can give: 2^53 - 1 ms (T-09).
    pub const LAST: Self = Self(Tick::from_millis((1 << 53) - 1));
    /// The last point that a handset can know. Its own clock never goes back, so that it is ahead of
    /// the host's by as much as that was set back; the room is for a thousand lives of a clock.
    pub(super) const END: Self = Self(Tick::LAST);

    /// The point `millis` milliseconds after the host's zero, clamped to [`DeviceTick::LAST`]
    /// (T-09).
    pub const fn from_millis(millis: u64) -> Self {
        if millis > Self::LAST.as_millis() { Self::LAST } else { Self::known(millis) }
    }

    /// The point `millis` milliseconds after the zero of the handset's own clock, clamped to
    /// [`END`](Self::END).
    pub(super) const fn known(millis: u64) -> Self {
        Self(Tick::from_millis(millis))
    }

    /// Milliseconds since the host's zero.
    pub const fn as_millis(self) -> u64 {
        self.0.as_millis()
    }

    /// The point `millis` milliseconds later, at most [`END`](Self::END).
    pub(super) const fn plus(self, millis: u64) -> Self {
        Self(self.0.plus(millis))
    }

    /// Milliseconds from `self` until `later`, 0 if that is not later.
    pub(super) const fn until(self, later: Self) -> u64 {
        self.0.until(later.0)
    }
}
