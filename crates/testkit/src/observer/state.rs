//! What an observer remembers, and how it forgets.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use roomcall::Rule;

use super::attempt::{Attempt, Mark, Peer, Said, Told};
use super::laws::retries::Requester;
use super::lru::Lru;
use super::{Memory, Settings, Vantage, Violation};

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) peer: Arc<Peer>,
    pub(super) opened: Mark,
    pub(super) is_open: bool,
    /// Whether state was lost since it was opened.
    pub(super) is_stale: bool,
    /// The attempts that rang on it and are not over there.
    pub(super) rings: BTreeSet<u64>,
    /// The last attempt that rang on it.
    pub(super) last_ring: Said<u64>,
    /// The highest revision that it was told.
    pub(super) revision: Said<u64>,
}

/// A user.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// The user's connections that are open.
    pub(super) connections: BTreeSet<u64>,
    /// The attempts to or by the user of which something may be owed.
    pub(super) attempts: BTreeSet<u64>,
    /// The others that are remembered.
    pub(super) settled: BTreeSet<u64>,
}

/// Something that is to be judged later.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Due {
    /// Whether everybody rings.
    Rings,
    /// Whether it has ended by itself.
    Deadline,
    /// Whether everybody was told that it is over.
    Over,
    /// Whether the caller was told that nobody came.
    Joined,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: Settings,
    /// The present line.
    pub(super) now: Mark,
    pub(super) connections: BTreeMap<u64, Connection>,
    closed: VecDeque<u64>,
    pub(super) people: BTreeMap<Box<str>, Person>,
    pub(super) attempts: BTreeMap<u64, Attempt>,
    settled: BTreeSet<u64>,
    /// Attempts up to this number are not judged: they were dropped, or are of a life that was lost.
    pub(super) forgotten: u64,
    /// Attempts up to this number are of a life that was lost.
    pub(super) lost: u64,
    pub(super) requesters: Lru<Arc<Peer>, Requester>,
    /// The highest attempt that was told, and the highest revision.
    pub(super) highest: Option<(u64, Mark)>,
    pub(super) revision: Option<(u64, Mark)>,
    /// When state was lost last.
    lost_at: Option<Mark>,
    /// When the rules were changed last.
    pub(super) rules: Option<Mark>,
    /// Whether the rules are those from before a loss, or those after a change that was lost.
    is_rules_doubted: bool,
    /// When a room was dissolved last, and when a user was erased.
    pub(super) dissolved: Option<Mark>,
    pub(super) erased: Option<Mark>,
    /// Whether what is told may still name a user who was erased: it was on its way then (F-20).
    pub(super) may_name_erased: bool,
    /// Who was ever in which room; `None` if that is not known.
    pub(super) visits: Option<BTreeSet<(Box<str>, Box<str>)>>,
    due: BTreeSet<(u64, u64, Due)>,
    pub(super) found: Vec<Violation>,
}

impl State {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            now: Mark { line: 0, at: 0, connection: 0 },
            connections: BTreeMap::new(),
            closed: VecDeque::new(),
            people: BTreeMap::new(),
            attempts: BTreeMap::new(),
            settled: BTreeSet::new(),
            forgotten: 0,
            lost: 0,
            lost_at: None,
            requesters: Lru::new(settings.bounds.devices),
            highest: None,
            revision: None,
            rules: None,
            is_rules_doubted: false,
            dissolved: None,
            erased: None,
            may_name_erased: false,
            visits: settings.sees_backend.then(BTreeSet::new),
            due: BTreeSet::new(),
            found: Vec::new(),
        }
    }

    pub(super) fn memory(&self) -> Memory {
        Memory {
            attempts: self.attempts.len(),
            told: self.attempts.values().map(|attempt| attempt.told.len()).sum(),
            connections: self.connections.len(),
            devices: self.requesters.len(),
            requests: self.requesters.values().map(Requester::len).sum(),
            visits: self.visits.as_ref().map_or(0, BTreeSet::len),
            people: self.people.len(),
            due: self.due.len(),
        }
    }

    pub(super) fn is_at_authority(&self) -> bool {
        self.settings.vantage == Vantage::Authority
    }

    /// Whether what is sent on a connection arrives once and in order.
    pub(super) fn is_ordered(&self) -> bool {
        self.settings.is_ordered || self.is_at_authority()
    }

    /// Whether the policy and the limits of what is told now are known.
    pub(super) fn knows_rules(&self) -> bool {
        !self.is_rules_doubted && (self.is_at_authority() || self.rules.is_none())
    }

    /// Whether one line was surely before another, as the authority sees it.
    pub(super) fn is_before(&self, one: Mark, other: Mark) -> bool {
        if self.is_at_authority() {
            return one.line < other.line;
        }
        let is_stream = self.settings.is_ordered && one.connection == other.connection;
        is_stream && one.line < other.line || one.at.saturating_add(self.settings.slack) < other.at
    }

    /// Something is wrong.
    pub(super) fn wrong(&mut self, rule: Rule, what: String, mut lines: Vec<u64>) {
        lines.sort_unstable();
        lines.dedup();
        self.found.push(Violation { rule, at: self.now.at, what, lines });
    }

    /// A name that is short enough to be remembered.
    pub(super) fn name(&self, text: &str) -> Option<Box<str>> {
        (text.len() <= self.settings.limits.id_bytes as usize).then(|| text.into())
    }

    pub(super) fn open(&mut self, connection: u64, user: &str, device: &str) {
        self.close(connection);
        let Some((user, device)) = self.name(user).zip(self.name(device)) else { return };
        // A number that comes again is a mistake of the log, and seldom: else nothing is searched here.
        if self.connections.contains_key(&connection) {
            self.closed.retain(|closed| *closed != connection);
        }
        let bound = self.settings.bounds.connections;
        if self.connections.len() >= bound {
            let oldest = self.closed.front().or_else(|| self.connections.keys().next()).copied();
            let Some(oldest) = oldest else { return };
            self.close(oldest);
            // The first of those that are closed, or the only one, if it was open until now.
            self.closed.pop_front();
            self.connections.remove(&oldest);
        }
        self.people.entry(user.clone()).or_default().connections.insert(connection);
        let peer = Arc::new(Peer { user, device });
        let opened = Mark { connection, ..self.now };
        let new = Connection {
            peer,
            opened,
            is_open: true,
            // It may be one that was opened before.
            is_stale: self.lost_at.is_some_and(|lost| !self.is_before(lost, opened)),
            rings: BTreeSet::new(),
            last_ring: None,
            revision: None,
        };
        self.connections.insert(connection, new);
    }

    pub(super) fn close(&mut self, connection: u64) {
        let Some(of) = self.connections.get_mut(&connection).filter(|of| of.is_open) else {
            return;
        };
        of.is_open = false;
        of.rings.clear();
        let peer = of.peer.clone();
        self.closed.push_back(connection);
        if let Some(person) = self.people.get_mut(&peer.user) {
            person.connections.remove(&connection);
        }
        self.leave(&peer.user);
    }

    /// A user of whom nothing is known any more is dropped.
    fn leave(&mut self, user: &str) {
        let is_nobody = |it: &Person| {
            it.connections.is_empty() && it.attempts.is_empty() && it.settled.is_empty()
        };
        if self.people.get(user).is_some_and(is_nobody) {
            self.people.remove(user);
        }
    }

    /// An attempt, which may be new; `None` if it is not to be judged.
    pub(super) fn attempt(&mut self, number: u64) -> Option<&mut Attempt> {
        if !self.attempts.contains_key(&number) {
            if number <= self.forgotten {
                return None;
            }
            if self.attempts.len() >= self.settings.bounds.attempts {
                let settled = self.settled.first().copied();
                let lowest = self.attempts.keys().next().copied();
                self.drop_attempt(settled.or(lowest)?);
                if number <= self.forgotten {
                    return None;
                }
            }
            self.attempts.insert(number, Attempt::default());
        }
        self.attempts.get_mut(&number)
    }

    fn drop_attempt(&mut self, number: u64) {
        self.settle(number);
        self.settled.remove(&number);
        self.forgotten = self.forgotten.max(number);
        let Some(attempt) = self.attempts.remove(&number) else { return };
        if let Some(expected) = attempt.expected {
            self.owes_no_more(expected.until(), number, Due::Joined);
        }
        for (user, _) in [attempt.caller, attempt.callee].into_iter().flatten() {
            if let Some(person) = self.people.get_mut(&user) {
                person.settled.remove(&number);
            }
            self.leave(&user);
        }
    }

    /// Nothing more is owed of an attempt.
    pub(super) fn settle(&mut self, number: u64) {
        let Some(attempt) = self.attempts.get_mut(&number) else { return };
        attempt.is_settled = true;
        self.settled.insert(number);
        let names: Vec<Box<str>> = [&attempt.caller, &attempt.callee]
            .into_iter()
            .flatten()
            .map(|it| it.0.clone())
            .collect();
        for connection in attempt.told.keys() {
            if let Some(of) = self.connections.get_mut(connection) {
                of.rings.remove(&number);
            }
        }
        let deadline = attempt.deadline.and_then(|(deadline, _)| deadline);
        let due = self.due_of(number, deadline);
        due.iter().for_each(|due| _ = self.due.remove(due));
        for user in names {
            if let Some(person) = self.people.get_mut(&user) {
                person.attempts.remove(&number);
                person.settled.insert(number);
            }
        }
    }

    /// All that may be due of an attempt.
    fn due_of(&self, number: u64, deadline: Option<u64>) -> Vec<(u64, u64, Due)> {
        let slack = self.settings.slack;
        let Some(attempt) = self.attempts.get(&number) else { return Vec::new() };
        let born = attempt.born.map(|born| (born.at.saturating_add(slack), number, Due::Rings));
        let over = attempt.over.as_ref().map(|over| over.first.at.saturating_add(slack));
        let ends = deadline.map(|at| (at.saturating_add(slack), number, Due::Deadline));
        born.into_iter().chain(ends).chain(over.map(|at| (at, number, Due::Over))).collect()
    }

    /// Something is judged when the slack after `at` has passed.
    pub(super) fn owe(&mut self, at: u64, number: u64, due: Due) {
        self.due.insert((at.saturating_add(self.settings.slack), number, due));
    }

    pub(super) fn owes_no_more(&mut self, at: u64, number: u64, due: Due) {
        self.due.remove(&(at.saturating_add(self.settings.slack), number, due));
    }

    /// The next thing that is due before `at`.
    pub(super) fn next_due(&mut self, at: u64) -> Option<(u64, Due)> {
        let first = self.due.first().copied().filter(|(due, ..)| *due < at)?;
        self.due.remove(&first);
        Some((first.1, first.2))
    }

    /// What a connection was told of an attempt; `None` if that is not remembered.
    pub(super) fn told(&mut self, number: u64, connection: u64) -> Option<&mut Told> {
        let bound = self.settings.bounds.told;
        let attempt = self.attempts.get_mut(&number)?;
        if attempt.told.len() >= bound && !attempt.told.contains_key(&connection) {
            attempt.is_crowded = true;
            return None;
        }
        Some(attempt.told.entry(connection).or_default())
    }

    /// The connections of a user that are open now, and were before a line.
    pub(super) fn open_since(&self, user: &str, mark: Mark) -> Vec<u64> {
        let Some(person) = self.people.get(user) else { return Vec::new() };
        let was_open = |number: &u64| {
            let of = self.connections.get(number);
            of.is_some_and(|of| of.is_open && !of.is_stale && self.is_before(of.opened, mark))
        };
        person.connections.iter().copied().filter(was_open).collect()
    }

    /// A user was erased (F-20). What devices sent and heard may have been on its way then.
    pub(super) fn erase(&mut self, user: &str) {
        let is_at_authority = self.is_at_authority();
        self.erased = Some(self.now);
        self.may_name_erased |= !is_at_authority;
        for over in self.attempts.values_mut().filter_map(|attempt| attempt.over.as_mut()) {
            let by = over.operator.as_ref().and_then(|(by, _)| by.as_deref());
            over.is_operator_erased |= by == Some(user);
        }
        if is_at_authority {
            self.requesters.retain(|peer| *peer.user != *user);
            self.visits.iter_mut().for_each(|visits| visits.retain(|(_, who)| **who != *user));
        }
        for (peer, requester) in self.requesters.iter_mut() {
            if *peer.user == *user {
                requester.forget();
            } else {
                requester.erase(user, is_at_authority);
            }
        }
    }

    /// State was lost: what was told of it counts no more, but that numbers do not come back.
    pub(super) fn lose(&mut self) {
        for number in self.attempts.keys().copied().collect::<Vec<_>>() {
            self.settle(number);
        }
        self.attempts.clear();
        self.settled.clear();
        self.due.clear();
        self.people.values_mut().for_each(|person| person.settled.clear());
        self.people.retain(|_, person| !person.connections.is_empty());
        self.lost_at = Some(self.now);
        self.lost = self.highest.map_or(0, |(highest, _)| highest);
        self.forgotten = self.forgotten.max(self.lost);
        self.is_rules_doubted |= self.rules.is_some();
        self.requesters.clear();
        self.visits = self.settings.sees_backend.then(BTreeSet::new);
        for of in self.connections.values_mut() {
            of.is_stale = true;
            of.rings.clear();
        }
    }
}
