//! The rules that hold agreement together, each of which a test can take away.
//!
//! Outside tests they always hold. A test build can switch one off in the running thread, to see
//! that the exhaustive search then finds a run that goes wrong; `spec/tables/mutants.md` lists
//! these runs.

/// A rule that protects agreement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "the exchange has one of them"))]
pub(crate) enum Protection {
    /// E-17: everyone who was told to ring is told to stop.
    StopReachesAll,
    /// T-05: a deadline is its attempt's.
    TimerOfAttempt,
    /// T-04: an accept finds the attempt live only before its deadline.
    AcceptChecksDeadline,
    /// E-11: an accept that names an attempt means that one.
    AttemptInAccept,
    /// T-01: an attempt ends once.
    EndsOnce,
    /// E-09: the loser is told who won, and on which device.
    LoserIsTold,
    /// a request that is sent again has one effect.
    OneEffect,
    /// D-05: the acting device tells an own echo from another device.
    ActingDevice,
    /// D-14: what is over stays over.
    Tombstone,
    /// D-24: a stale snapshot is ignored.
    Revision,
    /// D-06: a ring below the floor does not ring.
    Floor,
    /// D-17: a request keeps its number.
    SameNumber,
    /// D-13: a device's own deadline silences it.
    OwnDeadline,
}

/// Whether a protection holds.
#[cfg(not(test))]
pub(crate) const fn holds(_: Protection) -> bool {
    true
}

#[cfg(test)]
std::thread_local! {
    static REMOVED: core::cell::Cell<Option<Protection>> = const { core::cell::Cell::new(None) };
}

/// Whether a protection holds in this thread.
#[cfg(test)]
pub(crate) fn holds(protection: Protection) -> bool {
    REMOVED.get() != Some(protection)
}

/// Whether all of them hold: the state is only then checked after each step.
#[cfg(not(test))]
pub(crate) const fn all_hold() -> bool {
    true
}

/// Whether all of them hold in this thread.
#[cfg(test)]
pub(crate) fn all_hold() -> bool {
    REMOVED.get().is_none()
}

/// Takes one away, or puts all back.
#[cfg(test)]
pub(crate) fn remove(protection: Option<Protection>) {
    REMOVED.set(protection);
}

#[cfg(test)]
mod tests;
