//! How calls are made, end, and go.

use alloc::vec::Vec;

use super::{Calls, Ended, Made, NewCall, RoomCalls, UserCalls, grow};
use crate::collections::{Deadline, Linked, Links, List, NONE, Slab, TextId, index};
use crate::domain::call::CallStatus;
use crate::domain::id::{Attempt, DeviceId, Id, RoomId, UserId};
use crate::domain::limits::Limits;
use crate::domain::time::{Tick, Timeout};
use crate::switchboard::state::call::{By, ByTime, Call, Cause, InLive, Phase};
use crate::switchboard::state::names::Names;
use crate::switchboard::state::pairs::FEW;

impl Calls {
    /// No call is live, and numbers are counted from `base` (F-18).
    pub(crate) fn begin_life(&mut self, base: u64) {
        debug_assert_eq!(self.live, 0, "all live calls were revoked");
        (self.base, self.made) = (base, base);
        (self.ended, self.rung, self.noted) = (0, 0, 0);
    }

    /// Makes a live call (C-06), in the place of a kept one if `replaced` is one of its callee in its
    /// room (C-10).
    #[inline]
    pub(crate) fn ring(
        &mut self,
        names: &mut Names,
        now: Tick,
        new: &NewCall,
        extension: &str,
        replaced: Option<u32>,
    ) -> Made {
        let &NewCall { room, callee, caller, device, timeout } = new;
        names.users.retain(callee);
        names.users.retain(caller);
        retain_device(names, device);
        let is_replaced =
            |call: &Call| call.is_kept() && call.room == room && call.callee == callee;
        let replaced = replaced.filter(|at| self.slab.get(*at).is_some_and(is_replaced));
        if let Some(position) = replaced {
            self.unlist(names, position);
        }
        self.made = self.made.saturating_add(1);
        let attempt = Attempt::new(self.made);
        let deadline = now.deadline(timeout);
        // The limits keep their number below that of the texts there can be.
        let extension = self.texts.insert(extension).unwrap_or(TextId::EMPTY);
        let position = self.slab.next_position();
        let (queue, by_time) = match (timeout, deadline) {
            (Timeout::After(length), Some(at)) => {
                let deadline = Deadline { at, attempt: self.made };
                self.timers.insert(&mut self.slab, position, length.get(), deadline)
            }
            (Timeout::After(_) | Timeout::Never, _) => (NONE, Links::NONE),
        };
        let phase = Phase::live(deadline, queue, extension, false);
        let call = Call::unlisted((attempt, room), (callee, caller), device, phase);
        self.insert(Call { by_time, ..call });
        Made { position, attempt, deadline, has_replaced: replaced.is_some() }
    }

    /// A live call has rung: gives it, unless it had before or is none (C-14).
    pub(crate) fn set_rung(&mut self, position: u32) -> Option<&Call> {
        let call = self.slab.get_mut(position)?;
        let Phase::Live { has_rung: has_rung @ false, .. } = &mut call.phase else { return None };
        *has_rung = true;
        self.rung = self.rung.saturating_add(1);
        self.slab.get(position)
    }

    pub(super) fn set_queue(&mut self, position: u32, number: u32) {
        if let Some(Call { phase: Phase::Live { queue, .. }, .. }) = self.slab.get_mut(position) {
            *queue = number;
        }
    }

    /// Stores a call, the last attempt of all, and puts it into the lists of its room, its callee and
    /// its caller; not into one by time.
    #[inline]
    pub(super) fn insert(&mut self, mut call: Call) -> u32 {
        let (room, callee) = (index(call.room.slot()), index(call.callee.slot()));
        let caller = index(call.caller.slot());
        let is_live = call.is_live();
        let position = self.slab.next_position();
        self.live = self.live.saturating_add(u32::from(is_live));
        if let Some(in_live) = Linked::<InLive>::links_mut(&mut call) {
            *in_live = self.all_live.join_back(&mut self.slab, position);
        }
        grow(&mut self.by_room, room, RoomCalls::NONE);
        if let Some(room) = self.by_room.get_mut(room) {
            if call.is_listed() {
                call.in_room = room.listed.join_back(&mut self.slab, position);
            }
            room.live = room.live.saturating_add(u32::from(is_live));
        }
        grow(&mut self.by_user, callee.max(caller), UserCalls::NONE);
        if let Some(UserCalls { by, .. }) = self.by_user.get_mut(caller) {
            let list = if is_live { &mut by.live } else { &mut by.ended };
            call.of_caller = list.join_back(&mut self.slab, position);
        }
        let Some(callee) = self.by_user.get_mut(callee) else { return NONE };
        let list = if is_live { &mut callee.live } else { &mut callee.ended };
        call.of_callee = list.join_back(&mut self.slab, position);
        callee.len = callee.len.saturating_add(1);
        self.slab.insert(call);
        if callee.len > FEW {
            self.many.joined(&self.slab, position, callee.len, (callee.live, callee.ended));
        }
        position
    }

    /// Ends a live call (T-01), and no other one's (E-15): its deadline and its text go; it is kept, or
    /// leaves the room's list (K-01); its ending is remembered in the place of the one before of the
    /// same callee and room, as long as it is among the newest of the room (E-18). `None` of a call
    /// that is not live.
    #[inline]
    pub(crate) fn end(
        &mut self,
        names: &mut Names,
        limits: &Limits,
        position: u32,
        cause: Cause,
    ) -> Option<Ended> {
        let call = self.slab.get(position)?;
        let Phase::Live { deadline, queue, extension, in_live, .. } = call.phase else {
            return None;
        };
        let &Call {
            attempt,
            room,
            callee,
            caller,
            device,
            in_room,
            of_callee,
            of_caller,
            by_time,
            ..
        } = call;
        let kind = cause.kind();
        let status = CallStatus::Calling.after(kind)?;
        let is_kept = status != CallStatus::None;
        let former = self.remembered(room, callee).map(|(former, _)| former);
        if deadline.is_some() {
            self.timers.remove(&mut self.slab, by_time, queue);
        }
        if extension != TextId::EMPTY {
            self.texts.remove(extension);
        }
        self.all_live.leave(&mut self.slab, in_live);
        self.live = self.live.saturating_sub(1);
        self.ended = self.ended.saturating_add(1);
        let of_room = self.by_room.get_mut(index(room.slot()))?;
        of_room.live = of_room.live.saturating_sub(1);
        if !is_kept {
            of_room.listed.leave(&mut self.slab, in_room);
        }
        let by_time = of_room.add_ended(&mut self.slab, position, is_kept, true);
        let is_over = of_room.remembered > limits.ended_per_room;
        let is_before = |other: &Call| other.attempt < attempt;
        let UserCalls { by: calls, .. } = self.by_user.get_mut(index(caller.slot()))?;
        calls.live.leave(&mut self.slab, of_caller);
        let of_caller = calls.ended.join_sorted(&mut self.slab, position, is_before);
        let calls = self.by_user.get_mut(index(callee.slot()))?;
        calls.live.leave(&mut self.slab, of_callee);
        let of_callee = calls.ended.join_sorted(&mut self.slab, position, is_before);
        let by = cause.by(caller, callee);
        let call = self.slab.get_mut(position)?;
        call.phase = Phase::Ended { kind, is_kept, remembered: Some(by) };
        (call.of_callee, call.of_caller, call.by_time) = (of_callee, of_caller, by_time);
        if !is_kept {
            release_device(names, device);
        }
        retain(names, by);
        match former {
            _ if cause == Cause::Erased => self.forget(names, position),
            Some(former) => self.forget(names, former),
            None if is_over => self.forget_oldest(names, room),
            None => {}
        }
        let deadline = deadline.map(|at| Tick::stored(at.get()));
        Some(Ended { attempt, room, callee, caller, device, status, deadline })
    }

    /// A kept call leaves the room's list.
    pub(crate) fn unlist(&mut self, names: &mut Names, position: u32) {
        let slab = &mut self.slab;
        let Some(call) = slab.get_mut(position) else { return };
        let Phase::Ended { is_kept, remembered, .. } = &mut call.phase else { return };
        *is_kept = false;
        let is_dropped = remembered.is_none();
        let (room, device, in_room) = (call.room, call.device, call.in_room);
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
            room.listed.leave(slab, in_room);
            room.kept = room.kept.saturating_sub(1);
            if room.oldest_kept == position {
                room.oldest_kept = next(slab, position, Call::is_kept);
            }
        }
        release_device(names, device);
        if is_dropped {
            self.drop_call(names, position);
        }
    }

    /// More endings of a room are remembered than may be (E-18).
    #[cold]
    fn forget_oldest(&mut self, names: &mut Names, room: RoomId) {
        let oldest = self.of_room(room).oldest_remembered;
        self.forget(names, oldest);
    }

    /// Forgets the oldest endings of a room beyond another limit (F-19).
    pub(crate) fn forget_over(&mut self, names: &mut Names, room: RoomId, most: u32) {
        while self.of_room(room).remembered > most {
            self.forget_oldest(names, room);
        }
    }

    /// The ending of a call is no longer remembered.
    pub(crate) fn forget(&mut self, names: &mut Names, position: u32) {
        let slab = &mut self.slab;
        let Some(call) = slab.get_mut(position) else { return };
        let Phase::Ended { is_kept, remembered, .. } = &mut call.phase else { return };
        let (by, is_dropped) = (remembered.take(), !*is_kept);
        if let Some(room) = self.by_room.get_mut(index(call.room.slot())) {
            room.remembered = room.remembered.saturating_sub(1);
            if room.oldest_remembered == position {
                let is_remembered = |call: &Call| call.remembered().is_some();
                room.oldest_remembered = next(slab, position, is_remembered);
            }
        }
        if is_dropped {
            self.drop_call(names, position);
        }
        if let Some(by) = by {
            release(names, by);
        }
    }

    /// Forgets a user (F-20), by or to whom no call is live or kept: the endings of all calls by and to
    /// the user, and that the user revoked those of others.
    pub(crate) fn erase(&mut self, names: &mut Names, user: UserId) {
        let endings: Vec<u32> = self.ended_with(user).map(|(position, _)| position).collect();
        for position in endings {
            self.forget(names, position);
        }
        for call in self.slab.iter_mut() {
            if let Phase::Ended { remembered: Some(by), .. } = &mut call.phase {
                if by.user == Some(user) {
                    release(names, core::mem::replace(by, By::BACKEND));
                }
            }
        }
    }

    /// A call that is neither kept nor remembered goes.
    #[inline]
    fn drop_call(&mut self, names: &mut Names, position: u32) {
        let Some(call) = self.slab.get(position) else { return };
        let &Call { room, callee, caller, by_time, of_callee, of_caller, .. } = call;
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
            room.ended.leave(&mut self.slab, by_time);
        }
        if let Some(UserCalls { by: calls, .. }) = self.by_user.get_mut(index(caller.slot())) {
            calls.ended.leave(&mut self.slab, of_caller);
        }
        if let Some(calls) = self.by_user.get_mut(index(callee.slot())) {
            if calls.len > FEW {
                let lists = (calls.live, calls.ended);
                self.many.leaves(&self.slab, position, calls.len, lists);
            }
            calls.ended.leave(&mut self.slab, of_callee);
            calls.len = calls.len.saturating_sub(1);
        }
        self.slab.remove(position);
        names.users.release(callee);
        names.users.release(caller);
    }
}

impl RoomCalls {
    /// A call has ended, the last one of the room. Gives its links by time.
    #[inline]
    pub(super) fn add_ended(
        &mut self,
        slab: &mut Slab<Call>,
        position: u32,
        is_kept: bool,
        is_remembered: bool,
    ) -> Links {
        let links = self.ended.join_back(slab, position);
        self.kept = self.kept.saturating_add(u32::from(is_kept));
        if is_kept && self.oldest_kept == NONE {
            self.oldest_kept = position;
        }
        self.remembered = self.remembered.saturating_add(u32::from(is_remembered));
        if is_remembered && self.oldest_remembered == NONE {
            self.oldest_remembered = position;
        }
        links
    }
}

/// The first ended call after the one at `position` of which `is` holds.
fn next(slab: &Slab<Call>, position: u32, is: impl Fn(&Call) -> bool) -> u32 {
    let mut after = List::<ByTime>::iter_from(slab, position).skip(1);
    after.find(|(_, call)| is(call)).map_or(NONE, |(found, _)| found)
}

/// The ending of a call refers to these names.
#[inline]
pub(super) fn retain(names: &mut Names, by: By) {
    if let Some(user) = by.user {
        names.users.retain(user);
    }
    retain_device(names, by.device);
}

fn release(names: &mut Names, by: By) {
    if let Some(user) = by.user {
        names.users.release(user);
    }
    release_device(names, by.device);
}

#[inline]
pub(super) fn retain_device(names: &mut Names, device: Option<DeviceId>) {
    if let Some(device) = device {
        names.devices.retain(device);
    }
}

#[inline]
fn release_device(names: &mut Names, device: Option<DeviceId>) {
    if let Some(device) = device {
        names.devices.release(device);
    }
}
