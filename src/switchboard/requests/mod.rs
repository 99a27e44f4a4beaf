//! The memory of numbered requests (rules X): a request that is sent again is answered again, and
//! nothing happens twice. All other requests are judged as if there were no memory.
//!
//! A device numbers its requests upward from 1 and sends one again, with its number, until it has
//! the reply. Of each request a digest of the command and its results are remembered; the names in
//! them come from the request that is repeated. So a request takes at most 256 bytes, and 16 more for
//! each callee, or for each attempt that a `revokeUserCalls` ended.

mod digest;
mod reply;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use hashbrown::HashTable;

use super::outcome::Outcome;
use super::state::Names;
use crate::collections::{Links, List, Slab, linked};
use crate::domain::id::{Id, UserId};
use crate::domain::input::Actor;
use crate::domain::limits::{Limits, is_within};
use crate::domain::numbers::{LAST, LEAP};
use crate::domain::refusal::Refusal;
use crate::registry::HashKey;

pub(super) use digest::Digest;
pub(super) use reply::{Remembered, Request, Results};
use reply::{release_ending, retain_ending};

/// What is remembered of numbered requests.
#[derive(Clone, Debug)]
pub(super) struct Requests {
    key: HashKey,
    requesters: Slab<Requester>,
    by_actor: HashTable<u32>,
    /// The requesters, by when their last request was judged.
    order: List<Order>,
    /// The highest number that was evicted with its requester.
    passed: Option<u64>,
}

/// Who numbers requests. At least one of them is remembered. The names of the actor are used.
#[derive(Clone, Debug)]
pub(super) struct Requester {
    actor: Actor,
    /// `Requests::passed` when it began: it may have been evicted before.
    since: Option<u64>,
    /// By number, without gaps being filled.
    requests: VecDeque<Request>,
    order: Links,
}

/// What the memory has of a numbered request.
pub(super) enum Recalled<'a> {
    /// It was not judged before.
    Fresh,
    /// It was, with this outcome.
    Repeated(&'a Request),
    /// It is another request, or may have been evicted.
    Refused(Refusal),
}

/// The list of requesters by their last request.
#[derive(Debug)]
pub(super) struct Order;

linked! { Requester { Order: order } }

impl Requester {
    fn highest(&self) -> Option<u64> {
        self.requests.back().map(|request| request.id)
    }

    /// The lowest number that is remembered once `highest` is.
    fn lowest(highest: u64, window: u32) -> u64 {
        highest.saturating_sub(u64::from(window).saturating_sub(1))
    }
}

/// With 0 of either nothing is remembered.
pub(super) const fn remembers(limits: &Limits) -> bool {
    limits.requests_per_requester > 0 && limits.requesters > 0
}

impl Requests {
    pub(super) const fn new(key: HashKey) -> Self {
        Self {
            key,
            requesters: Slab::new(),
            by_actor: HashTable::new(),
            order: List::EMPTY,
            passed: None,
        }
    }

    fn hash(key: HashKey, actor: Actor) -> u64 {
        match actor {
            Actor::Backend => 0,
            Actor::Device { user, device } => key.hash_pair(user.slot(), device.slot()),
        }
    }

    fn position(&self, actor: Actor) -> Option<u32> {
        let is_it = |at: &u32| self.requesters.get(*at).is_some_and(|it| it.actor == actor);
        self.by_actor.find(Self::hash(self.key, actor), is_it).copied()
    }

    fn requester(&self, actor: Option<Actor>) -> Option<&Requester> {
        self.requesters.get(self.position(actor?)?)
    }

    /// An actor without handles was never remembered.
    pub(super) fn recall(
        &self,
        limits: &Limits,
        actor: Option<Actor>,
        id: u64,
        digest: Digest,
    ) -> Recalled<'_> {
        if !remembers(limits) {
            return Recalled::Fresh;
        }
        let requester = self.requester(actor);
        let known = requester.and_then(|requester| {
            let found = requester.requests.binary_search_by_key(&id, |request| request.id).ok()?;
            requester.requests.get(found)
        });
        // X-02; another command with its number: X-03
        match known {
            Some(request) if request.is_of(digest) => return Recalled::Repeated(request),
            Some(_) => return Recalled::Refused(Refusal::RequestIdReused { id }),
            None => {}
        }
        let passed = requester.map_or(self.passed, |requester| requester.since);
        let above = passed.map_or(0, |passed| passed.saturating_add(1));
        let highest = requester.and_then(Requester::highest);
        let window =
            highest.map_or(0, |highest| Requester::lowest(highest, limits.requests_per_requester));
        let lowest = above.max(window);
        // The highest number of all cannot be followed by another.
        if id < lowest || passed == Some(id) {
            return Recalled::Refused(Refusal::RequestIdPassed { id, lowest });
        }
        // the leap of one requester must not let the numbers of others pass.
        let end = passed.unwrap_or_default().saturating_add(LEAP).min(LAST.saturating_add(1));
        if id < end {
            Recalled::Fresh
        } else {
            Recalled::Refused(Refusal::RequestIdTooHigh { id, end })
        }
    }

    /// The lowest number that a new request may have.
    pub(super) fn next_id(&self, actor: Option<Actor>) -> u64 {
        let known = |requester: &Requester| requester.highest().max(requester.since);
        self.requester(actor).map_or(self.passed, known).unwrap_or_default().saturating_add(1)
    }

    /// Remembers a request that was judged for the first time.
    pub(super) fn remember(
        &mut self,
        limits: &Limits,
        names: &mut Names,
        (actor, id): (Actor, u64),
        digest: Digest,
        outcome: &Outcome,
    ) {
        let position = match self.position(actor) {
            Some(position) => {
                self.order.remove(&mut self.requesters, position);
                position
            }
            None => self.insert(names, actor),
        };
        self.order.push_back(&mut self.requesters, position);
        retain_ending(names, outcome.answer);
        if let Some(requester) = self.requesters.get_mut(position) {
            requester.add(limits, names, (id, digest), outcome);
        }
        if !is_within(self.by_actor.len(), limits.requesters) {
            self.forget_eldest(names);
        }
    }

    fn insert(&mut self, names: &mut Names, actor: Actor) -> u32 {
        if let Actor::Device { user, device } = actor {
            names.users.retain(user);
            names.devices.retain(device);
        }
        let (since, requests) = (self.passed, VecDeque::with_capacity(1));
        let requester = Requester { actor, since, requests, order: Links::NONE };
        let position = self.requesters.insert(requester);
        let (key, requesters) = (self.key, &self.requesters);
        let hash_of = |at: &u32| requesters.get(*at).map_or(0, |it| Self::hash(key, it.actor));
        self.by_actor.insert_unique(Self::hash(key, actor), position, hash_of);
        position
    }

    /// Forgets all requests and requesters, and that there were any (F-18).
    pub(super) fn clear(&mut self, names: &mut Names) {
        while !self.by_actor.is_empty() {
            self.forget_eldest(names);
        }
        self.passed = None;
    }

    /// Evicts the devices of a user, and forgets the endings that name the user (F-20).
    pub(super) fn erase(&mut self, names: &mut Names, user: UserId) {
        let positions: Vec<u32> = self.order.iter(&self.requesters).map(|(at, _)| at).collect();
        for position in positions {
            let Some(requester) = self.requesters.get_mut(position) else { continue };
            match requester.actor {
                Actor::Device { user: of, .. } if of == user => self.forget(names, position),
                Actor::Device { .. } | Actor::Backend => {
                    requester.requests.iter_mut().for_each(|it| it.erase(names, user));
                }
            }
        }
    }

    /// Evicts what is beyond other limits; `window` requests of a requester were remembered before. The
    /// refusals that are remembered name the limits of now (F-19).
    pub(super) fn change_limits(&mut self, names: &mut Names, window: u32, limits: &Limits) {
        let most = if remembers(limits) { limits.requesters } else { 0 };
        while !is_within(self.by_actor.len(), most) {
            self.forget_eldest(names);
        }
        let positions: Vec<u32> = self.order.iter(&self.requesters).map(|(at, _)| at).collect();
        for position in positions {
            if let Some(requester) = self.requesters.get_mut(position) {
                requester.change_limits(names, window, limits);
            }
        }
    }

    fn forget_eldest(&mut self, names: &mut Names) {
        self.forget(names, self.order.first());
    }

    fn forget(&mut self, names: &mut Names, position: u32) {
        self.order.remove(&mut self.requesters, position);
        let Some(requester) = self.requesters.take(position) else { return };
        let hash = Self::hash(self.key, requester.actor);
        if let Ok(entry) = self.by_actor.find_entry(hash, |at| *at == position) {
            entry.remove();
        }
        self.passed = self.passed.max(requester.highest());
        for request in requester.requests {
            release_ending(names, request.answer);
        }
        if let Actor::Device { user, device } = requester.actor {
            names.users.release(user);
            names.devices.release(device);
        }
    }
}

/// What snapshots and the check need.
impl Requests {
    /// The requesters, by their last request.
    pub(super) fn requesters(&self) -> impl Iterator<Item = &Requester> {
        self.order.iter(&self.requesters).map(|(_, requester)| requester)
    }

    pub(super) const fn passed(&self) -> Option<u64> {
        self.passed
    }

    pub(super) const fn set_passed(&mut self, passed: Option<u64>) {
        self.passed = passed;
    }

    /// A requester of a snapshot, the latest so far; `None` if it is there already.
    pub(super) fn restore(
        &mut self,
        names: &mut Names,
        actor: Actor,
        since: Option<u64>,
        requests: Vec<Request>,
    ) -> Option<()> {
        if self.position(actor).is_some() {
            return None;
        }
        let position = self.insert(names, actor);
        self.order.push_back(&mut self.requesters, position);
        let requester = self.requesters.get_mut(position)?;
        for request in &requests {
            retain_ending(names, request.answer);
        }
        (requester.since, requester.requests) = (since, requests.into());
        Some(())
    }

    /// Whether the memory is within its bounds and in order.
    pub(super) fn verify(&self, limits: &Limits, greatest: &Limits) -> bool {
        (remembers(limits) || self.by_actor.is_empty())
            && is_within(self.by_actor.len(), limits.requesters)
            && self.order.verify(&self.requesters) == Some(self.requesters.len())
            && usize::try_from(self.requesters.len()) == Ok(self.by_actor.len())
            && self.requesters.iter().all(|(position, requester)| {
                self.position(requester.actor) == Some(position)
                    && requester.since <= self.passed.max(requester.highest())
                    && requester.verify(limits, greatest)
            })
    }
}

impl Requester {
    pub(super) const fn actor(&self) -> Actor {
        self.actor
    }

    pub(super) const fn since(&self) -> Option<u64> {
        self.since
    }

    /// What is remembered, by number.
    pub(super) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter()
    }

    fn verify(&self, limits: &Limits, greatest: &Limits) -> bool {
        let lowest = |highest| Self::lowest(highest, limits.requests_per_requester);
        let lowest = self.highest().map(lowest);
        lowest.is_some_and(|lowest| self.requests.iter().all(|request| request.id >= lowest))
            && self.requests.iter().is_sorted_by(|a, b| a.id < b.id)
            && self.requests.iter().all(|request| is_within(request.len(), request.most(greatest)))
    }

    /// Evicts the numbers that are too low by other limits. What is too low by these or those before has
    /// passed, also by a greater limit later (F-19).
    fn change_limits(&mut self, names: &mut Names, window: u32, limits: &Limits) {
        if window != limits.requests_per_requester {
            let window = window.min(limits.requests_per_requester);
            let lowest = self.highest().map_or(0, |highest| Self::lowest(highest, window));
            self.since = self.since.max(lowest.checked_sub(1));
            while self.requests.front().is_some_and(|request| request.id < lowest) {
                if let Some(request) = self.requests.pop_front() {
                    release_ending(names, request.answer);
                }
            }
        }
        self.requests.iter_mut().for_each(|request| request.renew(limits));
    }

    /// Adds a request, and evicts those whose numbers are too low then.
    fn add(
        &mut self,
        limits: &Limits,
        names: &mut Names,
        (id, digest): (u64, Digest),
        outcome: &Outcome,
    ) {
        let highest = self.highest().map_or(id, |highest| highest.max(id));
        let lowest = Self::lowest(highest, limits.requests_per_requester);
        let mut memory = Results::None;
        while self.requests.front().is_some_and(|request| request.id < lowest) {
            if let Some(request) = self.requests.pop_front() {
                release_ending(names, request.answer);
                memory = request.results;
            }
        }
        let results = Results::of(outcome, memory);
        let digest = digest.hash();
        let request = Request { id, digest, answer: outcome.answer, results };
        let place = self.requests.partition_point(|other| other.id < id);
        self.requests.insert(place, request);
        // Many are evicted at once by a number that leaps.
        if self.requests.capacity() >= self.requests.len().saturating_mul(2) {
            self.requests.shrink_to_fit();
        }
    }
}
