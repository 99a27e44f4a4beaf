//! The invariants, verified from scratch (INV-01 to INV-06).

use alloc::collections::{BTreeMap, BTreeSet};

use super::Switchboard;
use super::state::{Call, CallState, Remembered, Room};
use super::{is_id, is_within};
use crate::names::Names;
use crate::{ActiveCalls, Attempt, How, InOtherRoom, RoomId, Rule, Tick, Timeout, UserId};

/// An invariant that does not hold. It is a bug of this crate, or a snapshot made by hand.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[error("the state breaks {0} ({title})", title = .0.title())]
pub struct Broken(pub Rule);

fn require(holds: bool, rule: Rule) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(rule)) }
}

impl Switchboard {
    /// Verifies the invariants, in time proportional to the state. Debug builds do so after each
    /// step; a release build may do so whenever it likes.
    ///
    /// # Errors
    ///
    /// The first invariant that does not hold.
    pub fn check(&self) -> Result<(), Broken> {
        self.check_calls()?;
        self.check_clock()?;
        self.check_users()?;
        self.rooms.iter().try_for_each(|(room, state)| self.check_room(*room, state))?;
        self.check_bounds()?;
        self.check_names()
    }

    /// INV-01, INV-02, and that the counters are not behind.
    fn check_calls(&self) -> Result<(), Broken> {
        let (mut keys, mut callees) = (BTreeSet::new(), BTreeSet::new());
        for (attempt, call) in &self.calls {
            require(attempt.get() >= 1 && attempt.get() <= self.attempts, Rule::Inv04)?;
            require(keys.insert((call.room, call.callee)), Rule::Inv01)?;
            if call.is_live() {
                let is_first = callees.insert(call.callee);
                let is_single = self.policy.active_calls == ActiveCalls::PerRoom || is_first;
                require(is_single, Rule::Inv01)?;
                require(!self.is_where_it_must_not_ring(call), Rule::Inv02)?;
            }
        }
        let live = self.calls.values().filter(|call| call.is_live()).count();
        require(usize::try_from(self.live) == Ok(live), Rule::Inv04)?;
        // T-01: what was made rings or has ended.
        let made = self.endings.checked_add(u64::from(self.live));
        require(made == Some(self.attempts), Rule::Inv04)
    }

    fn is_where_it_must_not_ring(&self, call: &Call) -> bool {
        let Some(user) = self.users.get(&call.callee) else {
            return false;
        };
        match self.policy.in_other_room {
            InOtherRoom::Ring => user.rooms.contains(&call.room),
            InOtherRoom::Reject => !user.rooms.is_empty(),
        }
    }

    /// INV-03, and that no deadline is farther off than the limits allow (L-04, L-05).
    fn check_clock(&self) -> Result<(), Broken> {
        let furthest = self.clock.deadline(Timeout::from_seconds(self.limits.timeout_max));
        let is_near = |deadline: Option<Tick>| match (deadline, furthest) {
            (Some(deadline), Some(furthest)) => deadline <= furthest,
            (Some(_), None) => false,
            (None, _) => self.limits.never,
        };
        let is_allowed = self.calls.values().all(|call| match call.state {
            CallState::Live { deadline, .. } => is_near(deadline),
            CallState::Kept { .. } => true,
        });
        require(is_allowed, Rule::Inv05)?;
        let due: BTreeSet<_> = self
            .calls
            .iter()
            .filter_map(|(attempt, call)| match call.state {
                CallState::Live { deadline, .. } => Some((deadline?, *attempt)),
                CallState::Kept { .. } => None,
            })
            .collect();
        let is_ahead = due.iter().all(|(deadline, _)| *deadline > self.clock);
        require(is_ahead && due == self.due, Rule::Inv03)
    }

    /// INV-04: what users have is what rooms and calls say.
    fn check_users(&self) -> Result<(), Broken> {
        let mut rooms: BTreeMap<UserId, BTreeSet<RoomId>> = BTreeMap::new();
        let mut live: BTreeMap<UserId, BTreeSet<Attempt>> = BTreeMap::new();
        let mut ended: BTreeMap<UserId, BTreeMap<Attempt, RoomId>> = BTreeMap::new();
        for (room, state) in &self.rooms {
            for user in &state.present {
                rooms.entry(*user).or_default().insert(*room);
            }
            for (callee, remembered) in &state.ended {
                let attempt = remembered.ended.attempt;
                let former = ended.entry(*callee).or_default().insert(attempt, *room);
                require(former.is_none(), Rule::Inv04)?;
            }
        }
        for (attempt, call) in self.calls.iter().filter(|(_, call)| call.is_live()) {
            live.entry(call.callee).or_default().insert(*attempt);
        }
        for (id, user) in &self.users {
            let has_rooms = rooms.remove(id).unwrap_or_default() == user.rooms;
            let has_live = live.remove(id).unwrap_or_default() == user.live;
            let has_ended = ended.remove(id).unwrap_or_default() == user.ended;
            let has_all = has_rooms && has_live && has_ended;
            require(has_all && !user.is_idle(), Rule::Inv04)?;
        }
        require(rooms.is_empty() && live.is_empty() && ended.is_empty(), Rule::Inv04)
    }

    /// INV-04: the lists of one room.
    fn check_room(&self, id: RoomId, room: &Room) -> Result<(), Broken> {
        let listed: BTreeSet<Attempt> = room.records.values().copied().collect();
        require(listed == room.list, Rule::Inv04)?;
        let mut kept = BTreeMap::new();
        for (callee, attempt) in &room.records {
            let call = self.calls.get(attempt);
            let Some(call) = call.filter(|call| (call.room, call.callee) == (id, *callee)) else {
                return Err(Broken(Rule::Inv04));
            };
            // K-02, INV-02
            require(!room.present.contains(callee), Rule::Inv02)?;
            if let CallState::Kept { order, .. } = call.state {
                require(order >= 1 && order <= self.endings, Rule::Inv04)?;
                kept.insert(order, *attempt);
            }
        }
        let live = room.list.len().saturating_sub(kept.len());
        require(usize::try_from(room.live) == Ok(live) && kept == room.kept, Rule::Inv04)?;
        let by_order: BTreeMap<_, _> = room.ended.iter().map(|(c, r)| (r.order, *c)).collect();
        require(by_order == room.ended_order, Rule::Inv04)?;
        let orders = by_order.keys().all(|order| *order >= 1 && *order <= self.endings);
        let is_true = room.ended.iter().all(|(callee, ended)| self.is_memory(*callee, ended));
        let is_owner_only = room.owner.is_none_or(|owner| !room.admins.contains(&owner));
        let opening = room.opening >= 1 && room.opening <= self.openings;
        require(orders && is_true && is_owner_only && opening, Rule::Inv04)
    }

    /// Whether an ending is one that can be remembered of a callee (E-09).
    fn is_memory(&self, callee: UserId, remembered: &Remembered) -> bool {
        let ended = remembered.ended;
        let is_live = self.calls.get(&ended.attempt).is_some_and(Call::is_live);
        let is_made = ended.attempt.get() >= 1 && ended.attempt.get() <= self.attempts;
        let (by_callee, by_caller) =
            (ended.user == Some(callee), ended.user == Some(remembered.caller));
        let is_told = match ended.how {
            How::Accepted | How::Rejected | How::Entered => by_callee && ended.device.is_some(),
            How::InOtherRoom => by_callee && ended.device.is_none(),
            How::TimedOut => ended.user.is_none() && ended.device.is_none(),
            How::Cancelled => by_caller && ended.device.is_some(),
            How::Revoked => ended.user.is_some() == ended.device.is_some(),
        };
        is_made && !is_live && is_told
    }

    /// INV-05
    fn check_bounds(&self) -> Result<(), Broken> {
        let limits = &self.limits;
        let listed = self.rooms.values().fold(0_usize, |sum, r| sum.saturating_add(r.list.len()));
        require(listed == self.calls.len(), Rule::Inv04)?;
        require(self.live <= limits.live_calls, Rule::Inv05)?;
        require(is_within(self.rooms.len(), limits.rooms), Rule::Inv05)?;
        let openings: BTreeSet<u64> = self.rooms.values().map(|room| room.opening).collect();
        require(openings.len() == self.rooms.len(), Rule::Inv04)?;
        let is_short = self.calls.values().all(|call| match &call.state {
            CallState::Live { extension, .. } => is_within(extension.len(), limits.extension_bytes),
            CallState::Kept { .. } => true,
        });
        require(is_short, Rule::Inv05)?;
        for room in self.rooms.values() {
            let bounds = is_within(room.present.len(), limits.participants_per_room)
                && is_within(room.admins.len(), limits.admins_per_room)
                && is_within(room.kept.len(), limits.kept_per_room)
                && is_within(room.ended.len(), limits.ended_per_room)
                && room.live <= limits.live_calls_per_room;
            require(bounds, Rule::Inv05)?;
        }
        Ok(())
    }

    /// INV-06
    fn check_names(&self) -> Result<(), Broken> {
        let mut uses = Uses::default();
        for (id, room) in &self.rooms {
            uses.room(*id);
            room.owner.iter().chain(&room.admins).chain(&room.present).for_each(|u| uses.user(*u));
            for (callee, remembered) in &room.ended {
                remembered.users(*callee).for_each(|user| uses.user(user));
                remembered.ended.device.into_iter().for_each(|device| uses.device(device));
            }
        }
        for call in self.calls.values() {
            uses.user(call.callee);
            uses.user(call.caller);
            uses.device(call.device);
        }
        let names = [&self.names.users, &self.names.rooms, &self.names.devices];
        let entries = names.into_iter().flat_map(Names::slots).filter_map(|s| s.entry.as_ref());
        let mut names = entries.map(|entry| &entry.name);
        require(names.all(|name| is_id(name, self.limits.id_bytes)), Rule::Inv05)?;
        let counted = counts(&self.names.users) == uses.users
            && counts(&self.names.rooms) == uses.rooms
            && counts(&self.names.devices) == uses.devices;
        require(counted && self.names.agree(), Rule::Inv06)
    }
}

/// Uses of slots, counted from the state.
#[derive(Default)]
struct Uses {
    users: BTreeMap<u32, u64>,
    rooms: BTreeMap<u32, u64>,
    devices: BTreeMap<u32, u64>,
}

impl Uses {
    fn user(&mut self, user: UserId) {
        count(&mut self.users, user.0.slot);
    }

    fn room(&mut self, room: RoomId) {
        count(&mut self.rooms, room.0.slot);
    }

    fn device(&mut self, device: crate::DeviceId) {
        count(&mut self.devices, device.0.slot);
    }
}

fn count(counts: &mut BTreeMap<u32, u64>, slot: u32) {
    let uses = counts.entry(slot).or_default();
    *uses = uses.saturating_add(1);
}

/// Uses of slots, as the directory counted them.
fn counts(names: &Names) -> BTreeMap<u32, u64> {
    let slots = names.slots().iter().zip(0_u32..);
    slots
        .filter_map(|(slot, at)| Some((at, slot.entry.as_ref()?.uses)))
        .filter(|(_, uses)| *uses > 0)
        .collect()
}
