//! The part of `commit` that is about calls that have ended: kept (K-01 to K-03) and remembered
//! (E-18). A record lies where it was made until it is neither.

use alloc::vec::Vec;

use crate::store::{Arena, Lanes as _, NONE, Walk};
use crate::switchboard::Switchboard;
use crate::switchboard::state::{Call, Cause, Phase, Room, User};
use crate::switchboard::tell;
use crate::{Audience, CallStatus, Effect, Rule};

impl Switchboard {
    /// K-01, E-18: the attempt is no longer live. Its record is kept, or goes from the room's list;
    /// and its ending, the last one of the room, is remembered.
    #[inline]
    pub(super) fn settle_record(
        &mut self,
        at: u32,
        call: &Call,
        ending: Cause,
        status: CallStatus,
    ) {
        let (calls, is_kept) = (&mut self.calls.arena, status != CallStatus::None);
        if let Some(room) = self.names.rooms.state_mut(call.room) {
            room.live = room.live.saturating_sub(1);
            if !is_kept {
                room.unlist(calls, at, call);
            }
            room.end(calls, at, is_kept);
        }
        if let Some(user) = self.names.users.state_mut(call.callee) {
            user.end(calls, at, call.attempt);
        }
        let (user, device) = ending.by(call);
        if let Some(record) = calls.get_mut(at) {
            record.ended(ending.how(), (user, device));
            if is_kept {
                (record.phase, record.device) = (Phase::Kept, call.device);
            }
        }
        if !is_kept {
            self.names.devices.release(call.device);
        }
        if user != NONE {
            self.names.users.retain(user);
        }
        if device != NONE {
            self.names.devices.retain(device);
        }
    }

    /// E-18: of the endings of a callee in a room only the last is remembered, and so many of a room.
    #[inline]
    pub(super) fn forget_former(&mut self, room: u32, former: Option<u32>) {
        if let Some(former) = former {
            self.forget(former);
        }
        let limit = self.limits.ended_per_room;
        if let Some(room) = self.names.rooms.state(room).filter(|room| room.remembered > limit) {
            self.forget(room.oldest_remembered);
        }
    }

    /// An ending is remembered no more.
    pub(super) fn forget(&mut self, at: u32) {
        let calls = &mut self.calls.arena;
        let Some(record) = calls.get_mut(at) else { return };
        let call = *record;
        record.forgotten();
        let is_gone = call.phase == Phase::Gone;
        if let Some(room) = self.names.rooms.state_mut(call.room) {
            room.remembered = room.remembered.saturating_sub(1);
            if room.oldest_remembered == at {
                room.oldest_remembered = next(calls, at, |ended| ended.is_remembered);
            }
            if is_gone {
                room.ended.remove(calls, Call::IN_ORDER, at);
            }
        }
        if is_gone {
            self.drop_record(at, &call);
        }
        let (user, device) = call.by();
        if user != NONE {
            self.names.users.release(user);
        }
        if device != NONE {
            self.names.devices.release(device);
        }
    }

    /// K-03
    #[inline]
    pub(super) fn evict(&mut self, room: u32, effects: &mut Vec<Effect>) {
        let limit = self.limits.kept_per_room;
        if let Some(room) = self.names.rooms.state(room).filter(|room| room.kept > limit) {
            self.remove_kept(room.oldest_kept, Rule::K03, effects);
        }
    }

    /// K-02, K-03
    pub(super) fn remove_kept(&mut self, at: u32, because: Rule, effects: &mut Vec<Effect>) {
        let Some(call) = self.call(at).copied() else { return };
        let parties = self.parties(&call);
        let (room, attempt, call) = (parties.room, parties.attempt, parties.told(CallStatus::None));
        let (to, event) = (Audience::Room(room), tell::room(call));
        effects.push(Effect { to, room, attempt, call, event, because });
        self.unkeep(at);
    }

    /// Takes a kept record out of the room's list, and lets go of the device that called: nobody asks
    /// for it any more.
    pub(super) fn unkeep(&mut self, at: u32) {
        let calls = &mut self.calls.arena;
        let Some(record) = calls.get_mut(at) else { return };
        let call = *record;
        (record.phase, record.device) = (Phase::Gone, NONE);
        if let Some(room) = self.names.rooms.state_mut(call.room) {
            room.unlist(calls, at, &call);
            room.kept = room.kept.saturating_sub(1);
            if room.oldest_kept == at {
                room.oldest_kept = next(calls, at, |ended| ended.phase == Phase::Kept);
            }
            if !call.is_remembered {
                room.ended.remove(calls, Call::IN_ORDER, at);
            }
        }
        self.names.devices.release(call.device);
        if !call.is_remembered {
            self.drop_record(at, &call);
        }
    }

    /// A record that is neither kept nor remembered is nothing; the room has let go of it.
    fn drop_record(&mut self, at: u32, call: &Call) {
        if let Some(user) = self.names.users.state_mut(call.callee) {
            self.calls.untied(user.calls(), at);
            user.ended.remove(&mut self.calls.arena, Call::TO_CALLEE, at);
            user.calls = user.calls.saturating_sub(1);
        }
        self.calls.arena.remove(at);
        self.names.users.release(call.callee);
        self.names.users.release(call.caller);
    }
}

impl Room {
    /// Takes a record out of the list.
    #[inline]
    fn unlist(&mut self, calls: &mut Arena<Call>, at: u32, call: &Call) {
        if call.is_fence {
            self.fences.moved(calls, at);
        }
        self.list.remove(calls, Call::IN_ROOM, at);
        self.listed = self.listed.saturating_sub(1);
    }

    /// The record is the last of those that have ended.
    #[inline]
    fn end(&mut self, calls: &mut Arena<Call>, at: u32, is_kept: bool) {
        self.ended.push(calls, Call::IN_ORDER, at);
        self.remembered = self.remembered.saturating_add(1);
        if self.oldest_remembered == NONE {
            self.oldest_remembered = at;
        }
        if is_kept {
            self.kept = self.kept.saturating_add(1);
            if self.oldest_kept == NONE {
                self.oldest_kept = at;
            }
        }
    }
}

impl User {
    /// The attempt is no longer among the live ones, but among those that have ended.
    #[inline]
    fn end(&mut self, calls: &mut Arena<Call>, at: u32, attempt: u64) {
        self.live.remove(calls, Call::TO_CALLEE, at);
        // In attempt order: it is the last, but where calls of several rooms ring at once.
        let mut prev = self.ended.last;
        while let Some(before) = calls.get(prev).filter(|other| other.attempt > attempt) {
            prev = before.links(Call::TO_CALLEE).prev;
        }
        self.ended.insert(calls, Call::TO_CALLEE, prev, at);
    }
}

/// The first of the endings behind one that is such a one.
fn next(calls: &Arena<Call>, at: u32, is: impl Fn(&Call) -> bool) -> u32 {
    let after = calls.get(at).map_or(NONE, |call| call.links(Call::IN_ORDER).next);
    let mut walk = Walk::from(calls, Call::IN_ORDER, after);
    walk.find(|(_, call)| is(call)).map_or(NONE, |(at, _)| at)
}
