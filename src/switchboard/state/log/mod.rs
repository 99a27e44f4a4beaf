//! The call logs of all users (H-01, H-02): what became of the calls to each, for longer than rooms
//! remember.
//!
//! An entry is in three lists, each by number: of its user; of its caller, if it is of an attempt; and
//! of all. Later entries have higher numbers and times that are not earlier, so what is too old comes
//! first. Attempts do not end in their order: each entry of a caller has a bound on the attempts up to
//! it, so that who looks for those above one need not look at all.

mod entry;
mod verify;

use alloc::vec::Vec;

use super::call::By;
use super::calls::grow;
use super::names::Names;
use crate::collections::{Links, List, NONE, Slab, index};
use crate::domain::id::{Attempt, Id, RoomId, UserId};
use crate::domain::limits::Limits;
use crate::domain::output::LogState;
use crate::domain::time::Tick;

pub(crate) use entry::{Entry, What};
use entry::{InAll, OfCaller, OfUser};

/// How many entries of others one that is logged evicts at most, if they are too old (H-02).
const EVICTED: u32 = 2;

/// The log of one user, and what is logged of the calls that the user made.
#[derive(Clone, Copy, Debug)]
struct UserLog {
    /// By number.
    entries: List<OfUser>,
    len: u32,
    /// Up to which entry the user has seen them (H-04).
    seen: u64,
    /// The entries of calls by the user, by number.
    by: List<OfCaller>,
}

impl UserLog {
    const EMPTY: Self = Self { entries: List::EMPTY, len: 0, seen: 0, by: List::EMPTY };
}

/// All logs. Each entry uses its names.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    slab: Slab<Entry>,
    /// By the slot of the user.
    by_user: Vec<UserLog>,
    all: List<InAll>,
}

/// Whether anything is logged (H-02).
#[inline]
pub(crate) const fn is_logging(limits: &Limits) -> bool {
    limits.logged_per_user > 0 && limits.logged_calls > 0
}

/// Whether what was at a time is too old at another one (H-02).
fn is_too_old(at: Tick, now: Tick, limits: &Limits) -> bool {
    at.until(now) > u64::from(limits.logged_for).saturating_mul(1_000)
}

/// What can be asked.
impl Log {
    pub(crate) const fn new() -> Self {
        Self { slab: Slab::new(), by_user: Vec::new(), all: List::EMPTY }
    }

    fn of(&self, user: UserId) -> &UserLog {
        self.by_user.get(index(user.slot())).unwrap_or(&UserLog::EMPTY)
    }

    /// The entries of a user that are not too old, the newest first.
    fn newest(&self, user: UserId, now: Tick, limits: Limits) -> impl Iterator<Item = &Entry> {
        let entries = self.of(user).entries.iter_back(&self.slab).map(|(_, entry)| entry);
        entries.take_while(move |entry| !is_too_old(entry.at, now, &limits))
    }

    /// The entries of a user above a number that are not too old, by number (H-03).
    pub(crate) fn since(
        &self,
        user: UserId,
        since: u64,
        now: Tick,
        limits: Limits,
    ) -> impl Iterator<Item = &Entry> {
        let mut newest: Vec<&Entry> =
            self.newest(user, now, limits).take_while(|entry| entry.number > since).collect();
        newest.reverse();
        newest.into_iter()
    }

    /// How far the log of a user goes; `None` where nothing is logged.
    pub(crate) fn state(&self, user: UserId, now: Tick, limits: &Limits) -> Option<LogState> {
        let last = self.newest(user, now, *limits).next().map(|entry| entry.number);
        let seen = last.map_or(0, |_| self.of(user).seen);
        is_logging(limits).then(|| LogState { last_logged: last.unwrap_or_default(), seen })
    }

    /// The entry that a mark up to a number moves it to; `None` if it does not move (H-04).
    pub(crate) fn to_mark(
        &self,
        user: UserId,
        up_to: u64,
        now: Tick,
        limits: &Limits,
    ) -> Option<&Entry> {
        let newest = self.newest(user, now, *limits).find(|entry| entry.number <= up_to);
        newest.filter(|entry| entry.number > self.of(user).seen)
    }

    /// The entry that a late answer of a user into a room means (H-05).
    pub(crate) fn meant(
        &self,
        (room, user): (RoomId, UserId),
        attempt: Option<Attempt>,
        now: Tick,
        limits: &Limits,
    ) -> Option<&Entry> {
        self.newest(user, now, *limits).find(|entry| {
            let of = entry.attempt();
            entry.room == room && of.is_some() && (attempt.is_none() || of == attempt)
        })
    }

    /// The entries of the calls that a user made, of attempts above `since`, that are not too old
    /// those of the lowest attempts, at most so many, by attempt.
    pub(crate) fn by(
        &self,
        caller: UserId,
        since: Attempt,
        (now, limits): (Tick, &Limits),
        most: usize,
    ) -> impl Iterator<Item = &Entry> + use<'_> {
        let entries = self.of(caller).by.iter_back(&self.slab).map(|(_, entry)| entry);
        let given =
            |entry: &&Entry| entry.attempt() > Some(since) && !is_too_old(entry.at, now, limits);
        let mut later: Vec<&Entry> =
            entries.take_while(|entry| entry.highest > since).filter(given).collect();
        let attempt = |entry: &&Entry| entry.attempt();
        if later.len() > most {
            let _ = later.select_nth_unstable_by_key(most, attempt);
            later.truncate(most);
        }
        later.sort_unstable_by_key(attempt);
        later.into_iter()
    }

    /// The refused try of a caller into a room, if it is not too old (H-01).
    fn tried(&self, new: &Entry, limits: &Limits) -> Option<(u32, u64)> {
        let entries = self.of(new.user).entries.iter_back(&self.slab);
        let mut entries = entries.take_while(|(_, it)| !is_too_old(it.at, new.at, limits));
        let is_it = |it: &Entry| (it.room, it.caller) == (new.room, new.caller);
        entries.find_map(|(at, entry)| match entry.what {
            What::Tried { count } if is_it(entry) => Some((at, count)),
            What::Tried { .. } | What::Ended { .. } => None,
        })
    }

    /// All entries, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.all.iter(&self.slab).map(|(_, entry)| entry)
    }

    /// The marks of users that were moved, whether or not they are told, by their first entries.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (UserId, u64)> {
        let firsts = self.iter().filter(|entry| entry.of_user.prev == NONE);
        let marks = firsts.map(|entry| (entry.user, self.of(entry.user).seen));
        marks.filter(|(_, seen)| *seen > 0)
    }
}

/// What changes.
impl Log {
    /// Logs a refused try, in the place of the one before of the same caller and room (H-01).
    #[cold]
    pub(crate) fn add_try(&mut self, names: &mut Names, limits: &Limits, mut new: Entry) {
        self.evict_old(names, limits, &new);
        let former = self.tried(&new, limits);
        new.what = What::Tried { count: former.map_or(1, |(_, count)| count.saturating_add(1)) };
        self.insert(names, new);
        // After that, so that the log is not empty meanwhile, and the mark stays.
        if let Some((former, _)) = former {
            self.remove(names, former);
        }
        self.evict_over(names, limits, new.user);
    }

    /// Logs an attempt that ended (H-01).
    #[inline]
    pub(crate) fn add(&mut self, names: &mut Names, limits: &Limits, mut new: Entry) {
        if !is_logging(limits) {
            return;
        }
        self.evict_old(names, limits, &new);
        if let Some(attempt) = new.attempt() {
            (new.of_caller, new.highest) = self.join_caller(attempt, new.caller);
        }
        self.insert(names, new);
        self.evict_over(names, limits, new.user);
    }

    /// Stores an entry, the newest of all, which is in the list of its caller.
    #[inline(always)]
    fn insert(&mut self, names: &mut Names, mut new: Entry) {
        new.retain(names);
        let position = self.slab.next_position();
        new.in_all = self.all.join_back(&mut self.slab, position);
        let user = index(new.user.slot());
        grow(&mut self.by_user, user, UserLog::EMPTY);
        if let Some(log) = self.by_user.get_mut(user) {
            new.of_user = log.entries.join_back(&mut self.slab, position);
            log.len = log.len.saturating_add(1);
        }
        self.slab.insert(new);
    }

    /// Puts the next entry, of an attempt, into the list of its caller; gives its links there, and the
    /// bound on the attempts up to it.
    #[inline(always)]
    fn join_caller(&mut self, attempt: Attempt, caller: UserId) -> (Links, Attempt) {
        let (caller, position) = (index(caller.slot()), self.slab.next_position());
        grow(&mut self.by_user, caller, UserLog::EMPTY);
        let Some(log) = self.by_user.get_mut(caller) else { return (Links::NONE, attempt) };
        let links = log.by.join_back(&mut self.slab, position);
        let before = self.slab.get(links.prev);
        (links, before.map_or(attempt, |before| before.highest.max(attempt)))
    }

    /// Evicts what is too old at the time of a new entry (H-02).
    #[inline]
    fn evict_old(&mut self, names: &mut Names, limits: &Limits, new: &Entry) {
        let oldest = self.slab.get(self.all.first());
        if oldest.is_some_and(|oldest| is_too_old(oldest.at, new.at, limits)) {
            self.evict_oldest(names, limits, new);
        }
    }

    #[cold]
    #[inline(never)]
    fn evict_oldest(&mut self, names: &mut Names, limits: &Limits, new: &Entry) {
        let is_old = |entry: &Entry| is_too_old(entry.at, new.at, limits);
        while let Some((first, _)) = self.first_of(new.user).filter(|(_, it)| is_old(it)) {
            self.remove(names, first);
        }
        for _ in 0..EVICTED {
            let first = self.all.first();
            if self.slab.get(first).is_some_and(is_old) {
                self.remove(names, first);
            }
        }
    }

    /// Evicts what is one too many, of a user and of all (H-02).
    #[inline]
    fn evict_over(&mut self, names: &mut Names, limits: &Limits, user: UserId) {
        if self.of(user).len > limits.logged_per_user {
            self.remove(names, self.of(user).entries.first());
        }
        if self.slab.len() > limits.logged_calls {
            self.remove(names, self.all.first());
        }
    }

    /// Logs an entry of a snapshot, after those before it. Nothing of it is verified yet.
    pub(crate) fn restore(&mut self, names: &mut Names, mut entry: Entry) {
        if let Some(attempt) = entry.attempt() {
            (entry.of_caller, entry.highest) = self.join_caller(attempt, entry.caller);
        }
        self.insert(names, entry);
    }

    /// The mark of a user of a snapshot; `None` of a user who has no log, or has one.
    pub(crate) fn restore_mark(&mut self, user: UserId, number: u64) -> Option<()> {
        let log = self.by_user.get_mut(index(user.slot()))?;
        let is_new = log.len > 0 && log.seen == 0 && number > 0;
        log.seen = number;
        is_new.then_some(())
    }

    fn first_of(&self, user: UserId) -> Option<(u32, &Entry)> {
        let first = self.of(user).entries.first();
        Some((first, self.slab.get(first)?))
    }

    /// Moves the mark of a user (H-04).
    pub(crate) fn set_mark(&mut self, user: UserId, number: u64) {
        if let Some(log) = self.by_user.get_mut(index(user.slot())) {
            log.seen = number;
        }
    }

    /// Evicts what is beyond other limits, or too old by them or by those before (F-19).
    pub(crate) fn shrink(
        &mut self,
        names: &mut Names,
        before: &Limits,
        limits: &Limits,
        now: Tick,
    ) {
        let (all, of_each) =
            if is_logging(limits) { (limits.logged_calls, limits.logged_per_user) } else { (0, 0) };
        let is_old = |it: &Entry| is_too_old(it.at, now, before) || is_too_old(it.at, now, limits);
        let mut next = self.all.first();
        while let Some(entry) = self.slab.get(next) {
            let goes = self.of(entry.user).len > of_each || is_old(entry);
            let at = core::mem::replace(&mut next, entry.in_all.next);
            if goes {
                self.remove(names, at);
            }
        }
        while self.slab.len() > all {
            self.remove(names, self.all.first());
        }
    }

    /// Forgets the entries of a user and of the calls by the user, and that the user revoked those of
    /// others (F-20).
    pub(crate) fn erase(&mut self, names: &mut Names, user: UserId) {
        let mut next = self.all.first();
        while let Some(entry) = self.slab.get_mut(next) {
            let at = core::mem::replace(&mut next, entry.in_all.next);
            if entry.user == user || entry.caller == user {
                self.remove(names, at);
            } else if entry.operator() == Some(user) {
                entry.release(names);
                entry.set_operator(By::BACKEND);
                entry.retain(names);
            }
        }
    }

    /// An entry goes. A log that is empty has no mark.
    #[inline]
    fn remove(&mut self, names: &mut Names, position: u32) {
        let Some(entry) = self.slab.get(position) else { return };
        let Entry { user, caller, of_user, of_caller, in_all, .. } = *entry;
        let is_of_attempt = entry.attempt().is_some();
        let entry = *entry;
        entry.release(names);
        self.all.leave(&mut self.slab, in_all);
        if let Some(log) = self.by_user.get_mut(index(caller.slot())).filter(|_| is_of_attempt) {
            log.by.leave(&mut self.slab, of_caller);
        }
        if let Some(log) = self.by_user.get_mut(index(user.slot())) {
            log.entries.leave(&mut self.slab, of_user);
            log.len = log.len.saturating_sub(1);
            if log.len == 0 {
                log.seen = 0;
            }
        }
        self.slab.remove(position);
    }
}
