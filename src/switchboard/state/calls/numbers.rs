//! What is counted: attempts, and what else the revision counts (C-06, Q-07, F-18, L-16).

use super::Calls;
use crate::domain::id::Attempt;
use crate::domain::numbers::LAST;

impl Calls {
    /// The last attempt made, or the base if none was: 0 before F-18.
    pub(crate) const fn last_attempt(&self) -> Attempt {
        Attempt::new(self.made)
    }

    /// The base, and what was made, has ended and rung, and was noted since.
    #[inline]
    pub(crate) const fn revision(&self) -> u64 {
        self.made.saturating_add(self.ended).saturating_add(self.rung).saturating_add(self.noted)
    }

    /// From where this life counts (F-18).
    pub(crate) const fn base(&self) -> u64 {
        self.base
    }

    /// Whether numbers are left for `more` calls and all before them to ring and end, and for so many
    /// notes (L-16).
    #[inline]
    pub(crate) fn has_numbers(&self, more: u32, notes: u32) -> bool {
        let made = self.made.saturating_add(u64::from(more));
        let noted = self.noted.saturating_add(u64::from(notes));
        let of_life = made.saturating_sub(self.base);
        made.saturating_add(of_life.saturating_mul(2)).saturating_add(noted) <= LAST
    }

    /// Attempts that have rung in this life (C-14).
    pub(crate) const fn attempts_rung(&self) -> u64 {
        self.rung
    }

    /// What the revision counts besides attempts in this life.
    pub(crate) const fn noted(&self) -> u64 {
        self.noted
    }

    /// The revision after something else that it counts.
    pub(crate) const fn note(&mut self) -> u64 {
        self.noted = self.noted.saturating_add(1);
        self.revision()
    }

    /// Attempts ended in this life.
    pub(crate) const fn attempts_ended(&self) -> u64 {
        self.ended
    }
}
