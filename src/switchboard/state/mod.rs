//! What a switchboard remembers. Each part owns its fields and its invariants.

mod call;
mod calls;
mod expected;
mod log;
mod members;
mod names;
mod pairs;
mod rates;
mod rooms;

use crate::domain::id::{RoomId, UserId};
use crate::domain::input::{Actor, Role};
use crate::domain::limits::Limits;
use crate::domain::policy::{Membership, Policy};
use crate::domain::time::Tick;
use crate::registry::HashKey;

pub(crate) use call::{By, Call, Cause, Phase};
pub(crate) use calls::{Calls, Counts, Ended, NewCall, Restored, RestoredEnded, RestoredLive};
pub(crate) use expected::{Expectation, Expected};
pub(crate) use log::{Entry, Log, What, is_logging};
pub(crate) use members::{Member, Members, Presence};
pub use names::Capacity;
pub(crate) use names::Names;
pub(crate) use rates::Rates;
pub(crate) use rooms::{Room, Rooms};

/// The state that inputs are decided in.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) limits: Limits,
    /// The greatest value that each limit had: what is not evicted is within it (F-19, INV-05).
    pub(crate) greatest: Limits,
    pub(crate) policy: Policy,
    /// The latest time that was seen (T-02).
    pub(crate) clock: Tick,
    /// Whether a tick with a budget left deadlines that have passed (T-11).
    pub(crate) is_behind: bool,
    pub(crate) names: Names,
    pub(crate) rooms: Rooms,
    pub(crate) members: Members,
    pub(crate) calls: Calls,
    pub(crate) expected: Expected,
    pub(crate) rates: Rates,
    pub(crate) log: Log,
}

impl State {
    pub(crate) fn new(limits: Limits, policy: Policy, key: HashKey, capacity: &Capacity) -> Self {
        Self {
            limits,
            greatest: limits,
            policy,
            clock: Tick::START,
            is_behind: false,
            names: Names::with_capacity(key, capacity),
            rooms: Rooms::with_capacity(capacity),
            members: Members::with_capacity(key, capacity),
            calls: Calls::with_capacity(key, capacity),
            expected: Expected::new(key),
            rates: Rates::new(),
            log: Log::new(),
        }
    }

    /// Whether the handles of an actor stand for names (N-01).
    #[inline]
    pub(crate) fn knows(&self, by: Actor) -> bool {
        match by {
            Actor::Backend => true,
            Actor::Device { user, device } => {
                self.names.users.contains(user) && self.names.devices.contains(device)
            }
        }
    }

    /// What an actor is in a room.
    #[inline]
    pub(crate) fn membership(&self, room: &Room, by: Actor) -> Membership {
        match by {
            Actor::Backend => Membership::Backend,
            Actor::Device { user, .. } => self.standing(room, user),
        }
    }

    /// What a user is in a room.
    #[inline]
    pub(crate) fn standing(&self, room: &Room, user: UserId) -> Membership {
        let member = self.members.member(room.id, user);
        let is_admin = member.is_some_and(|member| member.is_admin);
        let role = role(room, user, is_admin);
        match member {
            Some(member) if member.is_present() => Membership::Inside(role),
            Some(_) | None => Membership::Outside(role),
        }
    }

    /// A user's role in a room (F-09).
    pub(crate) fn role(&self, room: &Room, user: UserId) -> Role {
        let member = self.members.member(room.id, user);
        role(room, user, member.is_some_and(|member| member.is_admin))
    }

    /// Gives a user another role in a room (F-09).
    pub(crate) fn set_role(&mut self, room: RoomId, user: UserId, role: Role) {
        let Self { names, rooms, members, clock, .. } = self;
        // A user who loses a role is not evicted before the new role is set.
        names.users.retain(user);
        if rooms.get(room).is_some_and(|room| room.owner == Some(user)) {
            rooms.set_owner(names, room, None);
        }
        members.set_admin(names, room, user, role == Role::Admin, *clock);
        if role == Role::Owner {
            rooms.set_owner(names, room, Some(user));
        }
        names.users.release(user);
    }
}

#[inline]
fn role(room: &Room, user: UserId, is_admin: bool) -> Role {
    if room.owner == Some(user) {
        Role::Owner
    } else if is_admin {
        Role::Admin
    } else {
        Role::Participant
    }
}
