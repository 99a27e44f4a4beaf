//! The state hash (S-03) and equality: by name, so that handles, and names that only the host refers
//! to, have no part in them.

use core::hash::{Hash, Hasher};

use siphasher::sip::SipHasher13;

use super::Switchboard;
use crate::domain::time::Tick;

impl Switchboard {
    /// A hash of the state, equal in every process and on every machine that applied the same
    /// inputs, however ticks were interspersed (S-03). Replicas compare it. It takes time and memory
    /// in proportion to the state.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Limits, Policy};
    ///
    /// let (a, mut b) = (
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    /// );
    /// let _ = b.intern_user("ana");
    /// assert_eq!(a.state_hash(), b.state_hash());
    /// ```
    pub fn state_hash(&self) -> u64 {
        SipHasher13::new().hash(&self.canonical(Tick::START))
    }

    /// As [`state_hash`](Self::state_hash), with the time that is left until each deadline in the
    /// place of the clock and the deadlines: equal for two switchboards that differ only in when
    /// they live, which no output shows (T-10). A search of states takes such two
    /// for one.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Input, Limits, Policy, Tick};
    ///
    /// let (a, mut b) = (
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    /// );
    /// let _ = b.apply(Tick::from_millis(5_000), Input::Tick);
    /// assert_ne!(a.state_hash(), b.state_hash());
    /// assert_eq!(a.relative_state_hash(), b.relative_state_hash());
    /// ```
    pub fn relative_state_hash(&self) -> u64 {
        SipHasher13::new().hash(&self.canonical(self.clock()))
    }
}

impl PartialEq for Switchboard {
    fn eq(&self, other: &Self) -> bool {
        self.canonical(Tick::START) == other.canonical(Tick::START)
    }
}

impl Eq for Switchboard {}

impl Hash for Switchboard {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical(Tick::START).hash(state);
    }
}
