//! The part of `commit` that is about calls that have ended: kept (K-01 to K-03) and remembered
//! (E-18). A record lies where it was made until it is neither.

use alloc::vec::Vec;

use crate::server::Switchboard;
use crate::server::state::{Call, Ending, Phase, Room};
use crate::server::tell;
use crate::store::{Arena, Lanes as _, NONE, Walk};
use crate::{Audience, CallStatus, Effect, Rule};

impl Switchboard {
    /// K-01: the record of an attempt that ended is kept, or goes from the room's list. It is the
    /// last of the room's endings.
    #[inline]
    pub(super) fn settle_record(
        &mut self,
        at: u32,
        call: &Call,
        ending: Ending,
        status: CallStatus,
    ) {
        let is_kept = status != CallStatus::None;
        if !is_kept {
            self.unlist(at, call);
        }
        let calls = &mut self.calls.arena;
        if let Some(record) = calls.get_mut(at) {
            record.ended(ending.how(), ending.by(call));
            if is_kept {
                (record.phase, record.device) = (Phase::Kept, call.device);
            }
        }
        if let Some(room) = self.names.rooms.state_mut(call.room) {
            room.ended.push(calls, Call::IN_ORDER, at);
            if is_kept {
                room.kept = room.kept.saturating_add(1);
                if room.oldest_kept == NONE {
                    room.oldest_kept = at;
                }
            }
        }
        let Some(user) = self.names.users.state_mut(call.callee) else { return };
        // In attempt order: it is the last, but where calls of several rooms ring at once.
        let mut prev = user.ended.last;
        while let Some(before) = calls.get(prev).filter(|other| other.attempt > call.attempt) {
            prev = before.links(Call::TO_CALLEE).prev;
        }
        user.ended.insert(calls, Call::TO_CALLEE, prev, at);
    }

    /// E-18
    #[inline]
    pub(super) fn remember(&mut self, at: u32, call: &Call, ending: Ending) {
        let former = self.remembered(call.room, call.callee).map(|(former, _)| former);
        let (user, device) = ending.by(call);
        if user != NONE {
            self.names.users.retain(user);
        }
        if device != NONE {
            self.names.devices.retain(device);
        }
        if let Some(record) = self.calls.arena.get_mut(at) {
            record.is_remembered = true;
        }
        let limit = self.limits.ended_per_room;
        let Some(room) = self.names.rooms.state_mut(call.room) else { return };
        room.remembered = room.remembered.saturating_add(1);
        if room.oldest_remembered == NONE {
            room.oldest_remembered = at;
        }
        if let Some(former) = former {
            self.forget(former);
        }
        let room = self.names.rooms.state(call.room);
        if let Some(room) = room.filter(|room| room.remembered > limit) {
            self.forget(room.oldest_remembered);
        }
    }

    /// An ending is remembered no more.
    pub(super) fn forget(&mut self, at: u32) {
        let Some(record) = self.calls.arena.get_mut(at) else { return };
        let call = *record;
        record.forgotten();
        if let Some(room) = self.names.rooms.state_mut(call.room) {
            room.remembered = room.remembered.saturating_sub(1);
            if room.oldest_remembered == at {
                room.oldest_remembered = next(&self.calls.arena, at, |ended| ended.is_remembered);
            }
        }
        if call.phase == Phase::Gone {
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

    /// Takes a kept record out of the room's list.
    pub(super) fn unkeep(&mut self, at: u32) {
        let Some(call) = self.call(at).copied() else { return };
        self.unlist(at, &call);
        if let Some(record) = self.calls.arena.get_mut(at) {
            (record.phase, record.device) = (Phase::Gone, NONE);
        }
        if let Some(room) = self.names.rooms.state_mut(call.room) {
            room.kept = room.kept.saturating_sub(1);
            if room.oldest_kept == at {
                let is_kept = |ended: &Call| ended.phase == Phase::Kept;
                room.oldest_kept = next(&self.calls.arena, at, is_kept);
            }
        }
        if !call.is_remembered {
            self.drop_record(at, &call);
        }
    }

    /// Takes a record out of the room's list, and lets go of the device that called: nobody asks
    /// for it any more.
    #[inline]
    fn unlist(&mut self, at: u32, call: &Call) {
        let calls = &mut self.calls.arena;
        if let Some(room) = self.names.rooms.state_mut(call.room) {
            if call.is_fence {
                room.fences.moved(calls, at);
            }
            room.list.remove(calls, Call::IN_ROOM, at);
            room.listed = room.listed.saturating_sub(1);
        }
        self.names.devices.release(call.device);
    }

    /// A record that is neither kept nor remembered is nothing.
    fn drop_record(&mut self, at: u32, call: &Call) {
        if let Some(Room { ended, .. }) = self.names.rooms.state_mut(call.room) {
            ended.remove(&mut self.calls.arena, Call::IN_ORDER, at);
        }
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

/// The first of the endings behind one that is such a one.
fn next(calls: &Arena<Call>, at: u32, is: impl Fn(&Call) -> bool) -> u32 {
    let after = calls.get(at).map_or(NONE, |call| call.links(Call::IN_ORDER).next);
    let mut walk = Walk::from(calls, Call::IN_ORDER, after);
    walk.find(|(_, call)| is(call)).map_or(NONE, |(at, _)| at)
}
