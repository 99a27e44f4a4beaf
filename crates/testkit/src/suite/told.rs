//! What a device was told of the calls to its user: what it may show, and what it may say of a push.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::protocol::{Event, MyCalls};

/// What a device was told of the calls to its user, in milliseconds of the world.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Those that ring, or once did.
    heard: BTreeSet<u64>,
    /// Those that are over, by something that no device ignores.
    ended: BTreeSet<u64>,
    /// Those that a snapshot does not list.
    gone: BTreeSet<u64>,
    /// Those that a snapshot lists.
    listed: BTreeSet<u64>,
    /// The last attempt of a snapshot.
    covered: u64,
    /// Until when they ring; those that ring without end are not here.
    until: BTreeMap<u64, u64>,
    /// Those that had less time left than the device wants when it was told of them.
    short: BTreeSet<u64>,
}

impl Told {
    /// A call rings for so long.
    pub(super) fn ring(&mut self, attempt: u64, left: Option<u64>, min_ring: u64, now: u64) {
        self.heard.insert(attempt);
        let until = left.map(|left| now + left);
        let before = self.until.get(&attempt).copied();
        self.lasts(attempt, until.into_iter().chain(before).min(), now + min_ring);
    }

    fn lasts(&mut self, attempt: u64, until: Option<u64>, least: u64) {
        let Some(until) = until else { return };
        self.until.insert(attempt, until);
        if until < least {
            self.short.insert(attempt);
        }
    }

    /// Something happened to a call to the user, as an event says that all devices of the user are told, or the others.
    pub(super) fn event(&mut self, event: &Event, user: &str) {
        match event {
            Event::CallCancelled(call)
            | Event::CallTimeout(call)
            | Event::CallRevokedByAdmin { call, .. }
                if call.callee == user =>
            {
                self.ended(call.attempt);
            }
            Event::CallHandledByOtherDevice { attempt, .. } => self.ended(*attempt),
            _ => {}
        }
    }

    /// A call to the user is over.
    pub(super) fn ended(&mut self, attempt: u64) {
        self.ended.insert(attempt);
    }

    /// A snapshot, which was requested at this time. What it lists with enough time left rings again, if it was silenced.
    pub(super) fn snapshot(&mut self, mine: &MyCalls, asked: Option<u64>, min_ring: u64, now: u64) {
        let listed: BTreeSet<u64> = mine.incoming.iter().map(|call| call.attempt).collect();
        let gone = self.heard.iter().filter(|it| **it <= mine.last_attempt && !listed.contains(it));
        self.gone.extend(gone);
        for call in &mine.incoming {
            let until = call.time_left.map(|left| asked.unwrap_or(now) + left);
            if asked.is_some() && until.is_none_or(|until| until >= now + min_ring) {
                self.short.remove(&call.attempt);
                self.until.remove(&call.attempt);
            }
            self.ring(call.attempt, until.map(|until| until.saturating_sub(now)), min_ring, now);
        }
        self.listed.extend(listed);
        self.covered = self.covered.max(mine.last_attempt);
    }

    /// Whether it was told of a call.
    pub(super) fn has_heard(&self, attempt: u64) -> bool {
        self.heard.contains(&attempt)
    }

    /// Whether it was told that a call is over, in a way that it must not ignore.
    pub(super) fn has_ended(&self, attempt: u64) -> bool {
        self.ended.contains(&attempt)
    }

    /// Whether it may take a call for over: it was told so, or a snapshot did not list it.
    pub(super) fn may_be_over(&self, attempt: u64) -> bool {
        let is_unlisted = attempt <= self.covered && !self.listed.contains(&attempt);
        is_unlisted || self.ended.contains(&attempt) || self.gone.contains(&attempt)
    }

    /// Whether a call had less time left than the device wants when it was told of it.
    pub(super) fn is_short(&self, attempt: u64) -> bool {
        self.short.contains(&attempt)
    }

    /// Whether so much time has passed since a call rings no more.
    pub(super) fn is_past(&self, attempt: u64, grace: u64, now: u64) -> bool {
        self.until.get(&attempt).is_some_and(|until| until.saturating_add(grace) <= now)
    }

    /// How many others it may follow.
    pub(super) fn others(&self, attempt: u64) -> usize {
        self.heard.iter().filter(|it| **it != attempt && !self.ended.contains(it)).count()
    }
}
