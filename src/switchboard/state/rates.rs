//! How fast users call, if that is limited (L-14): of each a theoretical arrival time, which is the clock
//! plus the time that the calls so far take at the rate that is allowed (GCRA).

use alloc::vec::Vec;

use super::names::Names;
use crate::collections::{Links, List, NONE, Slab, index, linked};
use crate::domain::id::{Id, UserId};
use crate::domain::limits::Limits;
use crate::domain::refusal::Refusal;
use crate::domain::time::Tick;

/// The time in which `calls_per_minute` calls may be made, in milliseconds.
const MINUTE: u64 = 60_000;

/// The arrival times of the users who called last.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    slab: Slab<Rate>,
    /// The position of each user's, by the slot of the user.
    by_user: Vec<u32>,
    /// By the last call, the one that is longest ago first.
    order: List<ByLastCall>,
}

#[derive(Clone, Debug)]
struct Rate {
    user: UserId,
    arrival: Tick,
    order: Links,
}

/// The list of all.
#[derive(Debug)]
struct ByLastCall;

linked! { Rate { ByLastCall: order } }

impl Rates {
    pub(crate) const fn new() -> Self {
        Self { slab: Slab::new(), by_user: Vec::new(), order: List::EMPTY }
    }

    fn position(&self, user: UserId) -> Option<u32> {
        let position = self.by_user.get(index(user.slot())).copied()?;
        (position != NONE).then_some(position)
    }

    pub(crate) fn contains(&self, user: UserId) -> bool {
        self.position(user).is_some()
    }

    /// The arrival time after `calls` more.
    fn next(&self, limits: &Limits, clock: Tick, user: UserId, calls: u32) -> Tick {
        let last = self.position(user).and_then(|position| self.slab.get(position));
        let arrival = last.map_or(clock, |rate| rate.arrival.max(clock));
        let time = u64::from(calls).saturating_mul(MINUTE);
        arrival.later(time.div_ceil(u64::from(limits.calls_per_minute.max(1))))
    }

    /// Whether a user may make so many calls now, and the arrival time after them; none if nothing is
    /// counted.
    pub(crate) fn allow(
        &self,
        limits: &Limits,
        clock: Tick,
        user: UserId,
        calls: u32,
    ) -> Result<Option<Tick>, Refusal> {
        let limit = limits.calls_per_minute;
        if limit == 0 || calls == 0 {
            return Ok(None);
        }
        let arrival = self.next(limits, clock, user, calls);
        match clock.until(arrival).checked_sub(MINUTE) {
            None | Some(0) => Ok(Some(arrival)),
            Some(over) => {
                let retry_after = (calls <= limit).then_some(over);
                Err(Refusal::TooManyCalls { limit, retry_after })
            }
        }
    }

    /// Counts calls that are made now, by the arrival time after them, and evicts whom that makes one
    /// too many, or whose time has come.
    pub(crate) fn count(
        &mut self,
        names: &mut Names,
        limits: &Limits,
        clock: Tick,
        user: UserId,
        arrival: Tick,
    ) {
        self.insert(names, user, arrival);
        while let Some(first) = self.slab.get(self.order.first()) {
            if first.arrival > clock && self.slab.len() <= limits.rated_users {
                return;
            }
            self.evict_first(names);
        }
    }

    /// Stores the arrival time of the user who called last.
    pub(crate) fn insert(&mut self, names: &mut Names, user: UserId, arrival: Tick) {
        let position = match self.position(user) {
            Some(position) => {
                self.order.remove(&mut self.slab, position);
                position
            }
            None => {
                names.users.retain(user);
                let order = Links::NONE;
                let position = self.slab.insert(Rate { user, arrival, order });
                super::calls::grow(&mut self.by_user, index(user.slot()), NONE);
                if let Some(of_user) = self.by_user.get_mut(index(user.slot())) {
                    *of_user = position;
                }
                position
            }
        };
        if let Some(rate) = self.slab.get_mut(position) {
            rate.arrival = arrival;
        }
        self.order.push_back(&mut self.slab, position);
    }

    /// Evicts those beyond other limits, who called longest ago, or all where nothing is counted (F-19).
    pub(crate) fn shrink(&mut self, names: &mut Names, limits: &Limits) {
        while self.slab.len() > most(limits) {
            self.evict_first(names);
        }
    }

    /// Forgets how fast a user calls (F-20).
    pub(crate) fn erase(&mut self, names: &mut Names, user: UserId) {
        if let Some(position) = self.position(user) {
            self.remove(names, position);
        }
    }

    fn evict_first(&mut self, names: &mut Names) {
        self.remove(names, self.order.first());
    }

    fn remove(&mut self, names: &mut Names, position: u32) {
        self.order.remove(&mut self.slab, position);
        let Some(rate) = self.slab.take(position) else { return };
        if let Some(of_user) = self.by_user.get_mut(index(rate.user.slot())) {
            *of_user = NONE;
        }
        names.users.release(rate.user);
    }

    /// The users and their arrival times, by their last call.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (UserId, Tick)> {
        self.order.iter(&self.slab).map(|(_, rate)| (rate.user, rate.arrival))
    }

    /// INV-04, INV-05: the list and the positions agree, and there are not too many.
    pub(crate) fn verify(&self, limits: &Limits) -> bool {
        let positions = self.by_user.iter().filter(|position| **position != NONE).count();
        self.order.verify(&self.slab) == Some(self.slab.len())
            && positions == index(self.slab.len())
            && self.slab.len() <= most(limits)
            && self.slab.iter().all(|(at, rate)| self.position(rate.user) == Some(at))
    }
}

/// How many callers are kept: none where nothing is counted (L-14).
const fn most(limits: &Limits) -> u32 {
    if limits.calls_per_minute == 0 { 0 } else { limits.rated_users }
}
