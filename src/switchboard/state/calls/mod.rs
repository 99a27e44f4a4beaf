//! All calls: those that ring, and those that have ended and are kept (K-01) or remembered (E-18).
//!
//! Each call is found by its room, by its callee, by its caller and by time; this type keeps these lists, and the
//! uses of the names in them, in agreement (INV-04, INV-06). What the lists are for:
//!
//! ```text
//!                  InRoom       OfCallee       OfCaller          ByTime
//! live             room.listed  callee.live    caller.by.live    the queue of its timeout
//! ended, kept      room.listed  callee.ended   caller.by.ended   room.ended
//! ended, not kept  -            callee.ended   caller.by.ended   room.ended   while it is remembered
//! ```
//!
//! All live calls are in one more list, by attempt.

mod change;
mod live;
mod numbers;
mod restore;
mod verify;

use alloc::vec::Vec;

use super::call::{ByTime, Call, InLive, InRoom, OfCallee, OfCaller};
use super::names::Capacity;
use super::pairs::{FEW, Pair, PairIndex};
use crate::collections::{Deadline, Linked, List, NONE, Slab, Texts, Timers, index};
use crate::domain::call::CallStatus;
use crate::domain::id::{Attempt, DeviceId, Id, RoomId, UserId};
use crate::domain::time::{Tick, Timeout};
use crate::registry::HashKey;

pub(super) use verify::is_ending;

pub(crate) use restore::{Counts, Restored, RestoredEnded, RestoredLive};

/// The calls to and by one user.
#[derive(Clone, Copy, Debug)]
struct UserCalls {
    /// The live ones to the user, by attempt.
    live: List<OfCallee>,
    /// Those to the user that have ended, by attempt.
    ended: List<OfCallee>,
    /// Both together.
    len: u32,
    /// Those that the user made.
    by: CallsBy,
}

/// The calls that one user made.
#[derive(Clone, Copy, Debug)]
struct CallsBy {
    /// The live ones, by attempt.
    live: List<OfCaller>,
    /// Those that have ended, by attempt.
    ended: List<OfCaller>,
}

impl UserCalls {
    const NONE: Self = Self {
        live: List::EMPTY,
        ended: List::EMPTY,
        len: 0,
        by: CallsBy { live: List::EMPTY, ended: List::EMPTY },
    };
}

/// The calls into one room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoomCalls {
    /// The pending list: live and kept ones, by attempt (Q-01).
    listed: List<InRoom>,
    /// Those that have ended, by the order of their endings.
    ended: List<ByTime>,
    live: u32,
    kept: u32,
    /// The kept one that ended first; [`NONE`] if none is kept.
    oldest_kept: u32,
    remembered: u32,
    /// The remembered one that ended first; [`NONE`] if none is remembered.
    oldest_remembered: u32,
}

impl RoomCalls {
    const NONE: Self = Self {
        listed: List::EMPTY,
        ended: List::EMPTY,
        live: 0,
        kept: 0,
        oldest_kept: NONE,
        remembered: 0,
        oldest_remembered: NONE,
    };

    /// Live calls.
    pub(crate) const fn live(&self) -> u32 {
        self.live
    }

    /// Kept calls.
    pub(crate) const fn kept(&self) -> u32 {
        self.kept
    }

    /// Remembered endings.
    pub(crate) const fn remembered(&self) -> u32 {
        self.remembered
    }
}

/// A new call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCall {
    pub(crate) room: RoomId,
    pub(crate) callee: UserId,
    pub(crate) caller: UserId,
    /// The device that calls; none on behalf of the caller (P-11).
    pub(crate) device: Option<DeviceId>,
    pub(crate) timeout: Timeout,
}

/// A call that was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    pub(crate) position: u32,
    pub(crate) attempt: Attempt,
    pub(crate) deadline: Option<Tick>,
    /// Whether a kept call made place for it (C-10).
    pub(crate) has_replaced: bool,
}

/// A call that has just ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) attempt: Attempt,
    pub(crate) room: RoomId,
    pub(crate) callee: UserId,
    pub(crate) caller: UserId,
    /// The device that called, if one did.
    pub(crate) device: Option<DeviceId>,
    /// The status that the ending gave it.
    pub(crate) status: CallStatus,
    /// When it was to time out, none for never.
    pub(crate) deadline: Option<Tick>,
}

/// All calls. A position is that of a record of its slab.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    slab: Slab<Call>,
    /// By the slot of the user.
    by_user: Vec<UserCalls>,
    /// By the slot of the room.
    by_room: Vec<RoomCalls>,
    /// The calls of callees with more than [`FEW`].
    many: PairIndex,
    /// All live calls, by attempt.
    all_live: List<InLive>,
    timers: Timers<ByTime>,
    texts: Texts,
    /// From where this life of the switchboard counts: 0, or by F-18.
    base: u64,
    /// The last attempt made, or the base if none was (C-06).
    made: u64,
    /// Attempts ended in this life.
    ended: u64,
    /// Attempts that have rung in this life (C-14).
    rung: u64,
    /// What else the revision counts in this life: refused tries and moved marks (Q-07).
    noted: u64,
    live: u32,
}

impl Pair for Call {
    #[inline]
    fn pair(&self) -> (u32, u32) {
        (self.callee.slot(), self.room.slot())
    }
}

/// What can be asked.
impl Calls {
    pub(crate) fn with_capacity(key: HashKey, capacity: &Capacity) -> Self {
        Self {
            slab: Slab::with_capacity(capacity.calls),
            by_user: Vec::with_capacity(index(capacity.users)),
            by_room: Vec::with_capacity(index(capacity.rooms)),
            many: PairIndex::new(key),
            all_live: List::EMPTY,
            timers: Timers::new(),
            texts: Texts::new(),
            base: 0,
            made: 0,
            ended: 0,
            rung: 0,
            noted: 0,
            live: 0,
        }
    }

    /// Live calls in all rooms.
    pub(crate) const fn live_count(&self) -> u32 {
        self.live
    }

    /// Whether there are positions for `more` calls.
    pub(crate) const fn fits(&self, more: u32) -> bool {
        self.slab.fits(more)
    }

    #[inline]
    pub(crate) fn get(&self, position: u32) -> Option<&Call> {
        self.slab.get(position)
    }

    /// All calls, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Call> {
        self.slab.iter().map(|(_, call)| call)
    }

    #[inline]
    pub(crate) fn of_room(&self, room: RoomId) -> &RoomCalls {
        self.by_room.get(index(room.slot())).unwrap_or(&RoomCalls::NONE)
    }

    #[inline]
    fn of_user(&self, user: UserId) -> &UserCalls {
        self.by_user.get(index(user.slot())).unwrap_or(&UserCalls::NONE)
    }

    /// Whether a user has a live call.
    #[inline]
    pub(crate) fn rings(&self, callee: UserId) -> bool {
        !self.of_user(callee).live.is_empty()
    }

    /// The live call of a callee for a room.
    #[inline]
    pub(crate) fn live(&self, room: RoomId, callee: UserId) -> Option<(u32, &Call)> {
        let calls = self.of_user(callee);
        if calls.len > FEW {
            return self.find_many(room, callee, Call::is_live);
        }
        calls.live.iter(&self.slab).find(|(_, call)| call.room == room)
    }

    /// The call of a callee in a room's list, live or kept.
    #[inline]
    pub(crate) fn listed(&self, room: RoomId, callee: UserId) -> Option<(u32, &Call)> {
        let live = self.live(room, callee);
        if live.is_some() { live } else { self.kept(room, callee) }
    }

    /// The kept call of a callee in a room's list.
    #[inline]
    pub(crate) fn kept(&self, room: RoomId, callee: UserId) -> Option<(u32, &Call)> {
        self.find_ended(room, callee, Call::is_kept)
    }

    /// The call of a callee in a room whose ending is remembered (E-18).
    #[inline]
    pub(crate) fn remembered(&self, room: RoomId, callee: UserId) -> Option<(u32, &Call)> {
        self.find_ended(room, callee, |call| call.remembered().is_some())
    }

    #[inline]
    fn find_ended(
        &self,
        room: RoomId,
        callee: UserId,
        is: impl Fn(&Call) -> bool,
    ) -> Option<(u32, &Call)> {
        let calls = self.of_user(callee);
        if calls.len > FEW {
            return self.find_many(room, callee, is);
        }
        calls.ended.iter(&self.slab).find(|(_, call)| call.room == room && is(call))
    }

    #[cold]
    fn find_many(
        &self,
        room: RoomId,
        callee: UserId,
        is: impl Fn(&Call) -> bool,
    ) -> Option<(u32, &Call)> {
        let position = self.many.find(&self.slab, (callee.slot(), room.slot()), is)?;
        Some((position, self.slab.get(position)?))
    }

    /// The calls to a user that have ended, the last attempt first.
    pub(crate) fn ended_of(&self, callee: UserId) -> impl Iterator<Item = &Call> {
        self.of_user(callee).ended.iter_back(&self.slab).map(|(_, call)| call)
    }

    /// The calls to a user that have ended, of attempts above `since`, by attempt.
    pub(crate) fn ended_to(&self, callee: UserId, since: Attempt) -> impl Iterator<Item = &Call> {
        after(self.of_user(callee).ended, &self.slab, since)
    }

    /// The calls by a user that have ended, of attempts above `since`, by attempt.
    pub(crate) fn ended_by(&self, caller: UserId, since: Attempt) -> impl Iterator<Item = &Call> {
        after(self.of_user(caller).by.ended, &self.slab, since)
    }

    /// The calls to a user that have ended, and those by the user, in no order that means anything.
    pub(crate) fn ended_with(&self, user: UserId) -> impl Iterator<Item = (u32, &Call)> {
        let calls = self.of_user(user);
        calls.ended.iter(&self.slab).chain(calls.by.ended.iter(&self.slab))
    }

    /// A room's pending list, by attempt (Q-01).
    pub(crate) fn list_of(&self, room: RoomId) -> impl Iterator<Item = (u32, &Call)> {
        self.of_room(room).listed.iter(&self.slab)
    }

    /// The calls of a room that have ended, by the order of their endings.
    pub(crate) fn endings_of(&self, room: RoomId) -> impl Iterator<Item = (u32, &Call)> {
        self.of_room(room).ended.iter(&self.slab)
    }

    /// The extension text of a live call, and the empty one of another.
    #[inline]
    pub(crate) fn extension(&self, call: &Call) -> &str {
        call.extension().map_or("", |text| self.texts.get(text))
    }

    /// The earliest deadline (T-07).
    #[inline]
    pub(crate) fn first_deadline(&self) -> Option<Deadline> {
        self.timers.first()
    }

    /// The live call with the earliest deadline, if `now` has reached it (T-04).
    #[inline]
    pub(crate) fn due(&self, now: Tick) -> Option<u32> {
        self.timers.due(now)
    }

    /// The first call in a room's list, and whether it is live.
    pub(crate) fn first_listed(&self, room: RoomId) -> Option<(u32, bool)> {
        self.list_of(room).next().map(|(position, call)| (position, call.is_live()))
    }

    /// The call of a room that ended first.
    pub(crate) fn first_ended(&self, room: RoomId) -> Option<u32> {
        self.endings_of(room).next().map(|(position, _)| position)
    }

    /// The kept call of a room that ended first, if there are more than `limit` (K-03).
    #[inline]
    pub(crate) fn over_kept(&self, room: RoomId, limit: u32) -> Option<u32> {
        let calls = self.of_room(room);
        (calls.kept > limit).then_some(calls.oldest_kept)
    }
}

/// The calls of a list that is by attempt, of attempts above `since`.
fn after<L>(list: List<L>, slab: &Slab<Call>, since: Attempt) -> impl Iterator<Item = &Call>
where
    Call: Linked<L>,
{
    let later = list.iter_back(slab).take_while(|(_, call)| call.attempt > since);
    let first = later.last().map_or(NONE, |(position, _)| position);
    List::<L>::iter_from(slab, first).map(|(_, call)| call)
}

/// Makes a vector long enough for an index.
#[inline]
pub(super) fn grow<T: Copy>(all: &mut Vec<T>, index: usize, none: T) {
    if index >= all.len() {
        all.resize(index.saturating_add(1), none);
    }
}
