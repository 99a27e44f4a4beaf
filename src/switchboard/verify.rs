//! The invariants, verified from scratch (INV-01 to INV-06), in time and memory proportional to the
//! state.

use alloc::vec::Vec;

use super::Switchboard;
use super::state::{Call, Expectation, State};
use crate::collections::index;
use crate::domain::call::EndingKind;
use crate::domain::id::Id;
use crate::domain::input::Actor;
use crate::domain::limits::{is_id, is_within};
use crate::domain::policy::{ActiveCalls, InOtherRoom};
use crate::domain::rule::Rule;
use crate::domain::time::{Seconds, Tick, Timeout};
use crate::registry::Registry;

/// An invariant that does not hold. It is a bug of this crate, or a snapshot made by hand.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[error("the state breaks {0} ({title})", title = .0.title())]
pub struct Broken(pub Rule);

fn require(holds: bool, rule: Rule) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(rule)) }
}

impl Switchboard {
    /// Verifies the invariants, in time proportional to the state. With the feature `check` this is
    /// done after each step.
    ///
    /// # Errors
    ///
    /// The first invariant that does not hold.
    pub fn verify(&self) -> Result<(), Broken> {
        let state = &self.state;
        require(state.clock <= Tick::LAST, Rule::Inv03)?;
        let counted = (state.calls.last_attempt(), state.calls.revision());
        require(
            state.rooms.verify(state.calls.base())
                && state.members.verify()
                && state.calls.verify()
                && state.expected.verify()
                && state.log.verify(counted, state.clock),
            Rule::Inv04,
        )?;
        require(state.calls.rooms().all(|room| state.rooms.get(room).is_some()), Rule::Inv04)?;
        for call in state.calls.iter() {
            state.verify_call(call)?;
        }
        let is_single = state.policy.active_calls == ActiveCalls::PerRoom
            || state.calls.most_live_of_a_user() <= 1;
        require(is_single, Rule::Inv01)?;
        for expectation in state.expected.iter() {
            state.verify_expectation(expectation)?;
        }
        require(state.are_expected_ones_accepted(), Rule::Inv04)?;
        state.verify_bounds()?;
        require(self.requests.verify(&state.limits, &state.greatest), Rule::Inv05)?;
        require(self.are_names_counted(), Rule::Inv06)
    }

    /// INV-06
    fn are_names_counted(&self) -> bool {
        let State { names, rooms, calls, .. } = &self.state;
        let (mut users, mut devices) = (Uses::new(&names.users), Uses::new(&names.devices));
        let mut named_rooms = Uses::new(&names.rooms);
        for room in rooms.iter() {
            named_rooms.add(room.id);
            room.owner.into_iter().for_each(|owner| users.add(owner));
            let members = &self.state.members;
            for member in members.all_members(room.id) {
                users.add(member.user);
                let on = members.presences(member).filter_map(|presence| presence.device);
                on.for_each(|device| devices.add(device));
            }
        }
        for call in calls.iter() {
            users.add(call.callee);
            users.add(call.caller);
            if call.is_listed() {
                call.device.into_iter().for_each(|device| devices.add(device));
            }
            if let Some((_, by)) = call.remembered() {
                by.user.into_iter().for_each(|user| users.add(user));
                by.device.into_iter().for_each(|device| devices.add(device));
            }
        }
        for expectation in self.state.expected.iter() {
            named_rooms.add(expectation.room);
            users.add(expectation.callee);
            users.add(expectation.caller);
            expectation.device.into_iter().for_each(|device| devices.add(device));
        }
        for entry in self.state.log.iter() {
            named_rooms.add(entry.room);
            users.add(entry.user);
            users.add(entry.caller);
            entry.operator().into_iter().for_each(|user| users.add(user));
            let device = entry.ended().and_then(|(_, by)| by.device);
            device.into_iter().for_each(|device| devices.add(device));
        }
        self.state.rates.iter().for_each(|(user, _)| users.add(user));
        for requester in self.requests.requesters() {
            if let Actor::Device { user, device } = requester.actor() {
                users.add(user);
                devices.add(device);
            }
            for ending in requester.requests().filter_map(super::requests::Request::ending) {
                ending.user.into_iter().for_each(|user| users.add(user));
                ending.device.into_iter().for_each(|device| devices.add(device));
            }
        }
        let are_counted = users.are_counted() && devices.are_counted() && named_rooms.are_counted();
        are_counted && names.users.verify() && names.rooms.verify() && names.devices.verify()
    }
}

impl State {
    /// INV-02, INV-03, INV-05: one call by itself.
    fn verify_call(&self, call: &Call) -> Result<(), Broken> {
        if call.is_listed() {
            // K-02
            require(!self.members.is_present(call.room, call.callee), Rule::Inv02)?;
        }
        if !call.is_live() {
            return Ok(());
        }
        let is_elsewhere = self.policy.in_other_room == InOtherRoom::Reject
            && self.members.is_elsewhere(call.room, call.callee);
        require(!is_elsewhere, Rule::Inv02)?;
        match call.deadline() {
            Some(deadline) => {
                let longest = Seconds::new(self.greatest.timeout_max).map(Timeout::After);
                let last = longest.and_then(|longest| self.clock.deadline(longest));
                require(self.is_behind || deadline > self.clock, Rule::Inv03)?;
                require(Some(deadline) <= last, Rule::Inv03)?;
            }
            None => require(self.greatest.never, Rule::Inv03)?,
        }
        let length = self.calls.extension(call).len();
        require(is_within(length, self.limits.extension_bytes), Rule::Inv05)
    }

    /// INV-01 to INV-04: one expectation by itself (E-20).
    fn verify_expectation(&self, expectation: &Expectation) -> Result<(), Broken> {
        let &Expectation { attempt, room, callee, caller, deadline, .. } = expectation;
        let calls = &self.calls;
        require(calls.live(room, callee).is_none(), Rule::Inv01)?;
        require(!self.members.is_present(room, callee), Rule::Inv02)?;
        require(self.is_behind || deadline > self.clock, Rule::Inv03)?;
        let longest = Seconds::new(u32::MAX).map(Timeout::After);
        let last = longest.and_then(|longest| self.clock.deadline(longest));
        require(Some(deadline) <= last, Rule::Inv03)?;
        // Of an open room, and of an attempt of this life by somebody else.
        let is_made = attempt.get() > calls.base() && attempt <= calls.last_attempt();
        require(is_made && callee != caller && self.rooms.get(room).is_some(), Rule::Inv04)
    }

    /// INV-04: each expectation is of an attempt that no other is of, and that is in no list; if its ending is
    /// remembered, its callee accepted it.
    fn are_expected_ones_accepted(&self) -> bool {
        if self.expected.is_empty() {
            return true;
        }
        let mut calls: Vec<&Call> = self.calls.iter().collect();
        calls.sort_unstable_by_key(|call| call.attempt);
        let is_accepted = |one: &Expectation| {
            let found = calls.binary_search_by_key(&one.attempt, |call| call.attempt).ok();
            found.and_then(|at| calls.get(at)).is_none_or(|call| {
                let parties = (call.room, call.callee, call.caller);
                let is_it = parties == (one.room, one.callee, one.caller) && !call.is_listed();
                is_it && matches!(call.remembered(), Some((EndingKind::Accepted, _)))
            })
        };
        let mut attempts: Vec<_> = self.expected.iter().map(|one| one.attempt).collect();
        attempts.sort_unstable();
        attempts.is_sorted_by(|a, b| a < b) && self.expected.iter().all(is_accepted)
    }

    /// INV-05
    fn verify_bounds(&self) -> Result<(), Broken> {
        let State { limits, greatest, rooms, calls, expected, members, names, rates, log, .. } =
            self;
        require(rates.verify(limits) && log.is_bounded(limits), Rule::Inv05)?;
        let all = calls.live_count().saturating_add(expected.len());
        require(all <= greatest.live_calls, Rule::Inv05)?;
        require(rooms.open_count() <= greatest.rooms, Rule::Inv05)?;
        for room in rooms.iter() {
            let of_room = calls.of_room(room.id);
            let is_bounded = members.present(room.id) <= greatest.participants_per_room
                && members.admins(room.id) <= greatest.admins_per_room
                && members.gone_count(room.id) <= limits.participants_per_room
                && of_room.kept() <= limits.kept_per_room
                && of_room.remembered() <= limits.ended_per_room
                && of_room.live().saturating_add(expected.count(room.id))
                    <= greatest.live_calls_per_room;
            require(is_bounded, Rule::Inv05)?;
        }
        let are_ids = are_ids(&names.users, limits.id_bytes)
            && are_ids(&names.rooms, limits.id_bytes)
            && are_ids(&names.devices, limits.id_bytes);
        require(are_ids, Rule::Inv05)
    }
}

/// L-01
fn are_ids<I: Id>(registry: &Registry<I>, limit: u32) -> bool {
    registry.iter().all(|(_, name, _)| is_id(name, limit))
}

/// How often the state refers to each name of a kind.
struct Uses<'a, I> {
    registry: &'a Registry<I>,
    counts: Vec<u32>,
    /// Whether every handle stood for a name.
    are_known: bool,
}

impl<'a, I: Id> Uses<'a, I> {
    const fn new(registry: &'a Registry<I>) -> Self {
        Self { registry, counts: Vec::new(), are_known: true }
    }

    fn add(&mut self, id: I) {
        let slot = index(id.slot());
        self.are_known &= self.registry.contains(id);
        if !self.are_known {
            return;
        }
        if slot >= self.counts.len() {
            self.counts.resize(slot.saturating_add(1), 0);
        }
        if let Some(count) = self.counts.get_mut(slot) {
            *count = count.saturating_add(1);
        }
    }

    fn are_counted(&self) -> bool {
        let count = |id: I| self.counts.get(index(id.slot())).copied().unwrap_or_default();
        self.are_known && self.registry.iter().all(|(id, _, uses)| count(id) == uses)
    }
}
