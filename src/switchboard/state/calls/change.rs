//! How calls are made, end, and go.

use super::{CalleeCalls, Calls, NewCall, RoomCalls, grow};
use crate::collections::{Links, List, NONE, Slab, TextId, index};
use crate::domain::call::{CallStatus, EndingKind};
use crate::domain::id::{Attempt, Id};
use crate::domain::limits::Limits;
use crate::domain::time::{Tick, Timeout};
use crate::switchboard::state::call::{By, ByTime, Call, Cause, Phase};
use crate::switchboard::state::names::Names;
use crate::switchboard::state::pairs::FEW;

impl Calls {
    /// Makes a live call (C-06), in the place of a kept one if `replaced` is one of its callee in its
    /// room (C-10), and gives its position and whether it was.
    #[inline]
    pub(crate) fn ring(
        &mut self,
        names: &mut Names,
        now: Tick,
        new: &NewCall,
        extension: &str,
        replaced: Option<u32>,
    ) -> (u32, bool) {
        let &NewCall { room, callee, caller, device, timeout } = new;
        names.users.retain(callee);
        names.users.retain(caller);
        names.devices.retain(device);
        let is_replaced =
            |call: &Call| call.is_kept() && call.room == room && call.callee == callee;
        let replaced = replaced.filter(|at| self.slab.get(*at).is_some_and(is_replaced));
        if let Some(position) = replaced {
            self.unlist(names, position);
        }
        self.made = self.made.saturating_add(1);
        let deadline = now.deadline(timeout);
        // The limits keep their number below that of the texts there can be.
        let extension = self.texts.insert(extension).unwrap_or(TextId::EMPTY);
        let attempt = Attempt::new(self.made);
        let phase = Phase::Live { deadline, queue: NONE, extension };
        let position = self.insert(Call {
            attempt,
            room,
            callee,
            caller,
            device,
            phase,
            in_room: Links::NONE,
            of_callee: Links::NONE,
            by_time: Links::NONE,
        });
        if let Timeout::After(length) = timeout {
            let queue = self.timers.insert(&mut self.slab, position, length.get());
            self.set_queue(position, queue);
        }
        (position, replaced.is_some())
    }

    pub(super) fn set_queue(&mut self, position: u32, number: u32) {
        if let Some(Call { phase: Phase::Live { queue, .. }, .. }) = self.slab.get_mut(position) {
            *queue = number;
        }
    }

    /// Stores a call, the last attempt of all, and puts it into the lists of its room and its callee,
    /// but not into one by time.
    #[inline]
    pub(super) fn insert(&mut self, call: Call) -> u32 {
        let (room, callee) = (index(call.room.slot()), index(call.callee.slot()));
        let (is_live, is_listed) = (call.is_live(), call.is_listed());
        let position = self.slab.insert(call);
        self.live = self.live.saturating_add(u32::from(is_live));
        grow(&mut self.by_room, room, RoomCalls::NONE);
        if let Some(room) = self.by_room.get_mut(room) {
            if is_listed {
                room.listed.push_back(&mut self.slab, position);
            }
            room.live = room.live.saturating_add(u32::from(is_live));
        }
        grow(&mut self.by_callee, callee, CalleeCalls::NONE);
        if let Some(callee) = self.by_callee.get_mut(callee) {
            let list = if is_live { &mut callee.live } else { &mut callee.ended };
            list.push_back(&mut self.slab, position);
            callee.len = callee.len.saturating_add(1);
            if callee.len > FEW {
                self.many.joined(&self.slab, position, callee.len, (callee.live, callee.ended));
            }
        }
        position
    }

    /// Ends a live call (T-01), and no other one's (E-15): its deadline and its text go; it is kept, or leaves the room's list
    /// (K-01); its ending is remembered in the place of the one before of the same callee and room,
    /// as long as it is among the newest of the room (E-18). Gives the call as it was, and its
    /// status; `None` of a call that is not live.
    #[inline]
    pub(crate) fn end(
        &mut self,
        names: &mut Names,
        limits: &Limits,
        position: u32,
        cause: Cause,
    ) -> Option<(Call, CallStatus)> {
        let call = self.slab.get(position)?.clone();
        let status = CallStatus::Calling.after(cause.kind())?;
        let Phase::Live { deadline, queue, extension } = call.phase else { return None };
        let former = self.remembered(call.room, call.callee).map(|(former, _)| former);
        if deadline.is_some() {
            self.timers.remove(&mut self.slab, position, queue);
        }
        if extension != TextId::EMPTY {
            self.texts.remove(extension);
        }
        self.live = self.live.saturating_sub(1);
        self.ended = self.ended.saturating_add(1);
        let is_kept = status != CallStatus::None;
        let by = cause.by(call.caller, call.callee);
        self.settle(position, &call, cause.kind(), is_kept, by);
        if !is_kept {
            names.devices.release(call.device);
        }
        retain(names, by);
        if let Some(former) = former {
            self.forget(names, former);
        }
        let room = self.of_room(call.room);
        if room.remembered > limits.ended_per_room {
            let oldest = room.oldest_remembered;
            self.forget(names, oldest);
        }
        Some((call, status))
    }

    /// Moves a call from the lists of live ones to those of ended ones.
    #[inline]
    fn settle(&mut self, position: u32, call: &Call, kind: EndingKind, is_kept: bool, by: By) {
        let slab = &mut self.slab;
        if let Some(room) = self.by_room.get_mut(index(call.room.slot())) {
            room.live = room.live.saturating_sub(1);
            if !is_kept {
                room.listed.remove(slab, position);
            }
            room.add_ended(slab, position, is_kept, true);
        }
        if let Some(callee) = self.by_callee.get_mut(index(call.callee.slot())) {
            callee.live.remove(slab, position);
            let attempt = call.attempt;
            callee.ended.insert_sorted(slab, position, |other| other.attempt < attempt);
        }
        if let Some(record) = slab.get_mut(position) {
            record.phase = Phase::Ended { kind, is_kept, remembered: Some(by) };
        }
    }

    /// A kept call leaves the room's list.
    pub(crate) fn unlist(&mut self, names: &mut Names, position: u32) {
        let slab = &mut self.slab;
        let Some(call) = slab.get_mut(position) else { return };
        let Phase::Ended { is_kept, remembered, .. } = &mut call.phase else { return };
        *is_kept = false;
        let is_dropped = remembered.is_none();
        let (room, device) = (call.room, call.device);
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
            room.listed.remove(slab, position);
            room.kept = room.kept.saturating_sub(1);
            if room.oldest_kept == position {
                room.oldest_kept = next(slab, position, Call::is_kept);
            }
        }
        names.devices.release(device);
        if is_dropped {
            self.drop_call(names, position);
        }
    }

    /// The ending of a call is no longer remembered.
    pub(crate) fn forget(&mut self, names: &mut Names, position: u32) {
        let slab = &mut self.slab;
        let Some(call) = slab.get_mut(position) else { return };
        let Phase::Ended { is_kept, remembered, .. } = &mut call.phase else { return };
        let (by, is_dropped) = (remembered.take(), !*is_kept);
        let room = call.room;
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
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

    /// A call that is neither kept nor remembered goes.
    fn drop_call(&mut self, names: &mut Names, position: u32) {
        let Some(call) = self.slab.get(position) else { return };
        let (room, callee, caller) = (call.room, call.callee, call.caller);
        if let Some(room) = self.by_room.get_mut(index(room.slot())) {
            room.ended.remove(&mut self.slab, position);
        }
        if let Some(of_callee) = self.by_callee.get_mut(index(callee.slot())) {
            if of_callee.len > FEW {
                let lists = (of_callee.live, of_callee.ended);
                self.many.leaves(&self.slab, position, of_callee.len, lists);
            }
            of_callee.ended.remove(&mut self.slab, position);
            of_callee.len = of_callee.len.saturating_sub(1);
        }
        self.slab.remove(position);
        names.users.release(callee);
        names.users.release(caller);
    }
}

impl RoomCalls {
    /// A call has ended, the last one of the room.
    #[inline]
    pub(super) fn add_ended(
        &mut self,
        slab: &mut Slab<Call>,
        position: u32,
        is_kept: bool,
        is_remembered: bool,
    ) {
        self.ended.push_back(slab, position);
        self.kept = self.kept.saturating_add(u32::from(is_kept));
        if is_kept && self.oldest_kept == NONE {
            self.oldest_kept = position;
        }
        self.remembered = self.remembered.saturating_add(u32::from(is_remembered));
        if is_remembered && self.oldest_remembered == NONE {
            self.oldest_remembered = position;
        }
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
    if let Some(device) = by.device {
        names.devices.retain(device);
    }
}

fn release(names: &mut Names, by: By) {
    if let Some(user) = by.user {
        names.users.release(user);
    }
    if let Some(device) = by.device {
        names.devices.release(device);
    }
}
