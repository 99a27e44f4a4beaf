//! The logs of a snapshot.

use alloc::vec::Vec;

use super::{Entry, Log, OfCaller, UserLog};
use crate::collections::{List, index};
use crate::domain::id::{Attempt, Id, UserId};
use crate::switchboard::state::calls::grow;
use crate::switchboard::state::names::Names;

impl Log {
    /// Puts the entries of a snapshot in, by their numbers. Nothing of them is verified yet.
    pub(crate) fn restore(&mut self, names: &mut Names, entries: Vec<Entry>) {
        let mut by_attempt: Vec<(Attempt, UserId, u32)> = Vec::new();
        for entry in entries {
            let position = self.insert(names, entry);
            by_attempt.extend(entry.attempt().map(|attempt| (attempt, entry.caller, position)));
        }
        by_attempt.sort_unstable_by_key(|(attempt, ..)| *attempt);
        for (_, caller, position) in by_attempt {
            let caller = index(caller.slot());
            grow(&mut self.by_user, caller, UserLog::EMPTY);
            if let Some(log) = self.by_user.get_mut(caller) {
                let links = log.by.join_back(&mut self.slab, position);
                List::<OfCaller>::store(&mut self.slab, position, links);
            }
        }
    }

    /// The mark of a user of a snapshot; `None` of a user who has no log, or has one.
    pub(crate) fn restore_mark(&mut self, user: UserId, number: u64) -> Option<()> {
        let log = self.by_user.get_mut(index(user.slot()))?;
        let is_new = log.len > 0 && log.seen == 0 && number > 0;
        log.seen = number;
        is_new.then_some(())
    }
}
