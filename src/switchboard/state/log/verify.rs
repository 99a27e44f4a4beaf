//! Whether the lists agree, and nothing is over its bound (INV-04, INV-05).

use super::{Entry, Log, UserLog, What, is_logging};
use crate::collections::index;
use crate::domain::id::{Attempt, Id};
use crate::domain::limits::Limits;
use crate::domain::time::Tick;
use crate::switchboard::state::calls::is_ending;

impl Log {
    /// INV-04: the lists agree, entries are by number and time, and marks are of logs.
    pub(crate) fn verify(&self, (made, revision): (Attempt, u64), clock: Tick) -> bool {
        let (mut of_users, mut by_callers) = (0_u32, 0_u32);
        for (log, slot) in self.by_user.iter().zip(0_u32..) {
            let lens = (log.entries.verify(&self.slab), log.by.verify(&self.slab));
            let (Some(entries), Some(by)) = lens else { return false };
            of_users = of_users.saturating_add(entries);
            by_callers = by_callers.saturating_add(by);
            // F-20: the entry that a mark is at may be gone.
            let is_mark = log.seen == 0 || (log.len > 0 && log.seen <= revision);
            if entries != log.len || !is_mark || !self.is_log(log, slot) {
                return false;
            }
        }
        let attempts = self.iter().filter(|entry| entry.attempt().is_some()).count();
        self.all.verify(&self.slab) == Some(self.slab.len())
            && of_users == self.slab.len()
            && index(by_callers) == attempts
            && self.iter().is_sorted_by(|a, b| a.number < b.number && a.at <= b.at)
            && self.iter().all(|entry| entry.number >= 1 && entry.number <= revision)
            && self.iter().all(|entry| entry.at <= clock && entry.is_possible(made))
    }

    fn is_log(&self, log: &UserLog, slot: u32) -> bool {
        let entries = || log.entries.iter(&self.slab).map(|(_, entry)| entry);
        let by = || log.by.iter(&self.slab).map(|(_, entry)| entry);
        entries().all(|entry| entry.user.slot() == slot)
            && entries().is_sorted_by(|a, b| a.number < b.number)
            && by().all(|entry| entry.caller.slot() == slot && entry.attempt().is_some())
            && by().is_sorted_by(|a, b| a.number < b.number && a.highest <= b.highest)
            && by().all(|entry| entry.attempt() <= Some(entry.highest))
    }

    /// INV-05: there are not too many entries, of each user and of all.
    pub(crate) fn is_bounded(&self, limits: &Limits) -> bool {
        let is_empty = self.slab.len() == 0;
        (is_logging(limits) || is_empty)
            && self.slab.len() <= limits.logged_calls
            && self.by_user.iter().all(|log| log.len <= limits.logged_per_user)
    }
}

impl Entry {
    /// Whether what it says can be (E-09, H-01).
    fn is_possible(&self, made: Attempt) -> bool {
        match self.what {
            What::Ended { attempt, kind, by } => {
                attempt >= Attempt::new(1)
                    && attempt <= made
                    && is_ending((self.user, self.caller), kind, by)
            }
            What::Tried { count } => count >= 1,
        }
    }
}
