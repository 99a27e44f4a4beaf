//! Points and lengths of time. The crate reads no clock: every input says when it is (T-01).

use core::num::NonZeroU32;

/// A point in time, in milliseconds since an instant that the host chooses once and keeps.
///
/// Points above [`Tick::LAST`] are clamped to it (T-09), so that adding a timeout never overflows.
///
/// ```
/// use roomcall::Tick;
/// assert_eq!(Tick::from_millis(1_500).as_millis(), 1_500);
/// assert_eq!(Tick::from_millis(u64::MAX), Tick::LAST);
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
pub struct Tick(u64);

impl Tick {
    /// The first point: 0 ms, where a new switchboard's clock stands.
    pub const START: Self = Self(0);
    /// The last point: 2^63 - 1 ms (T-09).
    pub const LAST: Self = Self(u64::MAX >> 1);

    /// The point `millis` milliseconds after the host's zero, clamped to [`Tick::LAST`] (T-09).
    pub const fn from_millis(millis: u64) -> Self {
        if millis > Self::LAST.0 { Self::LAST } else { Self(millis) }
    }

    /// Milliseconds since the host's zero.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The deadline of an attempt that begins here (T-05); `None` for [`Timeout::Never`] (T-06).
    /// It is later than `self` in any case: [`Tick::LAST`] leaves room for every timeout.
    pub(crate) const fn deadline(self, timeout: Timeout) -> Option<Self> {
        match timeout {
            Timeout::After(length) => Some(self.later(length.as_millis())),
            Timeout::Never => None,
        }
    }

    /// The point `millis` milliseconds later: unlike a clock reading it may lie past the last point.
    pub(crate) const fn later(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Such a point as a snapshot stores it.
    pub(crate) const fn stored(millis: u64) -> Self {
        Self(millis)
    }

    /// The point `millis` milliseconds later, at most the last one.
    pub(crate) const fn plus(self, millis: u64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Milliseconds from `self` until `later`, 0 if that is not later.
    pub(crate) const fn until(self, later: Self) -> u64 {
        later.0.saturating_sub(self.0)
    }
}

/// A length of time, in whole seconds, at least one.
///
/// ```
/// use roomcall::Seconds;
/// assert_eq!(Seconds::new(30).map(Seconds::get), Some(30));
/// assert_eq!(Seconds::new(0), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Seconds(NonZeroU32);

impl Seconds {
    /// A length of `seconds` seconds; `None` for 0, which is not a length.
    pub const fn new(seconds: u32) -> Option<Self> {
        match NonZeroU32::new(seconds) {
            Some(seconds) => Some(Self(seconds)),
            None => None,
        }
    }

    /// The length in seconds.
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    const fn as_millis(self) -> u64 {
        // Lossless, and `From` is not const.
        #[expect(clippy::as_conversions, reason = "u32 to u64 in a const fn")]
        let seconds = self.0.get() as u64;
        seconds.saturating_mul(1_000)
    }
}

/// How long a call rings before it times out.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Timeout {
    /// It rings for this long (T-05).
    After(Seconds),
    /// It rings until somebody ends it (T-06). Allowed only if the limits say so (L-05).
    Never,
}

impl Timeout {
    /// The seed's default, 30 seconds: that of a request by name that does not say (J-04).
    ///
    /// ```
    /// use roomcall::Timeout;
    /// assert_eq!(Timeout::DEFAULT, Timeout::from_seconds(30));
    /// ```
    pub const DEFAULT: Self = Self::from_seconds(30);

    /// The seed's form: whole seconds, 0 for never.
    ///
    /// ```
    /// use roomcall::Timeout;
    /// assert_eq!(Timeout::from_seconds(0), Timeout::Never);
    /// assert!(matches!(Timeout::from_seconds(30), Timeout::After(s) if s.get() == 30));
    /// ```
    pub const fn from_seconds(seconds: u32) -> Self {
        match Seconds::new(seconds) {
            Some(length) => Self::After(length),
            None => Self::Never,
        }
    }

    /// As [`from_seconds`](Self::from_seconds) takes it.
    pub(crate) const fn as_seconds(self) -> u32 {
        match self {
            Self::After(length) => length.get(),
            Self::Never => 0,
        }
    }
}
