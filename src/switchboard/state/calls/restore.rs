//! Calls as a snapshot has them, and how they are put in.

use alloc::vec::Vec;

use super::Calls;
use super::change::{retain, retain_device};
use crate::collections::{List, NONE, TextId, index};
use crate::domain::call::EndingKind;
use crate::domain::id::{Attempt, DeviceId, Id, RoomId, UserId};
use crate::domain::time::Tick;
use crate::switchboard::state::call::{By, ByTime, Call, Phase};
use crate::switchboard::state::names::Names;

/// A live call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestoredLive<'a> {
    pub(crate) attempt: Attempt,
    pub(crate) room: RoomId,
    pub(crate) callee: UserId,
    pub(crate) caller: UserId,
    /// The device that called, if one did (P-11).
    pub(crate) device: Option<DeviceId>,
    pub(crate) deadline: Option<Tick>,
    pub(crate) extension: &'a str,
    pub(crate) has_rung: bool,
}

/// A call that has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestoredEnded {
    pub(crate) attempt: Attempt,
    pub(crate) room: RoomId,
    pub(crate) callee: UserId,
    pub(crate) caller: UserId,
    pub(crate) kind: EndingKind,
    pub(crate) is_kept: bool,
    /// The device that called, of a kept call, if one did.
    pub(crate) device: Option<DeviceId>,
    pub(crate) remembered: Option<By>,
}

/// All calls of a snapshot; of each room those that have ended are in the order of their endings.
#[derive(Debug, Default)]
pub(crate) struct Restored<'a> {
    live: Vec<RestoredLive<'a>>,
    ended: Vec<RestoredEnded>,
}

impl<'a> Restored<'a> {
    pub(crate) fn add_live(&mut self, call: RestoredLive<'a>) {
        self.live.push(call);
    }

    pub(crate) fn add_ended(&mut self, call: RestoredEnded) {
        self.ended.push(call);
    }
}

/// From where numbers are counted, and how many were (F-18, Q-07).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) base: u64,
    pub(crate) made: u64,
    pub(crate) ended: u64,
    pub(crate) rung: u64,
    pub(crate) noted: u64,
}

impl Calls {
    /// Puts the calls of a snapshot in, by attempt. Nothing of it is verified yet.
    pub(crate) fn restore(
        &mut self,
        names: &mut Names,
        Restored { mut live, ended }: Restored<'_>,
        counts: Counts,
    ) {
        let Counts { base, made, ended: all_ended, rung, noted } = counts;
        (self.base, self.made, self.ended) = (base, made, all_ended);
        (self.rung, self.noted) = (rung, noted);
        live.sort_unstable_by_key(|call| call.attempt);
        let mut by_attempt: Vec<(Attempt, usize)> =
            ended.iter().map(|call| call.attempt).zip(0..).collect();
        by_attempt.sort_unstable();
        let mut positions: Vec<u32> = Vec::new();
        positions.resize(ended.len(), NONE);
        let mut live = live.into_iter().peekable();
        let mut timed = Vec::new();
        for (attempt, place) in by_attempt {
            while let Some(call) = live.next_if(|call| call.attempt < attempt) {
                timed.extend(self.restore_live(names, &call));
            }
            if let (Some(call), Some(position)) = (ended.get(place), positions.get_mut(place)) {
                *position = self.restore_ended(names, call);
            }
        }
        for call in live {
            timed.extend(self.restore_live(names, &call));
        }
        for position in positions {
            self.restore_ending(position);
        }
        timed.sort_unstable();
        let in_order: Vec<u32> = timed.into_iter().map(|(_, _, position)| position).collect();
        self.restore_timers(&in_order);
    }

    /// Gives the deadline of the call, if it has one.
    fn restore_live(
        &mut self,
        names: &mut Names,
        live: &RestoredLive<'_>,
    ) -> Option<(Tick, Attempt, u32)> {
        let &RestoredLive { attempt, room, callee, caller, device, deadline, extension, has_rung } =
            live;
        names.users.retain(callee);
        names.users.retain(caller);
        retain_device(names, device);
        let extension = self.insert_text(extension);
        let phase = Phase::live(deadline, NONE, extension, has_rung);
        let position =
            self.insert(Call::unlisted((attempt, room), (callee, caller), device, phase));
        Some((deadline?, attempt, position))
    }

    fn restore_ended(&mut self, names: &mut Names, ended: &RestoredEnded) -> u32 {
        let &RestoredEnded { attempt, room, callee, caller, kind, is_kept, device, remembered } =
            ended;
        names.users.retain(callee);
        names.users.retain(caller);
        retain_device(names, device);
        if let Some(by) = remembered {
            retain(names, by);
        }
        let phase = Phase::Ended { kind, is_kept, remembered };
        self.insert(Call::unlisted((attempt, room), (callee, caller), device, phase))
    }

    fn insert_text(&mut self, text: &str) -> TextId {
        self.texts.insert(text).unwrap_or(TextId::EMPTY)
    }

    /// A call that has ended is the last one of its room.
    fn restore_ending(&mut self, position: u32) {
        let Some(call) = self.slab.get(position) else { return };
        let (is_kept, is_remembered) = (call.is_kept(), call.remembered().is_some());
        if let Some(room) = self.by_room.get_mut(index(call.room.slot())) {
            let links = room.add_ended(&mut self.slab, position, is_kept, is_remembered);
            List::<ByTime>::store(&mut self.slab, position, links);
        }
    }

    /// The live calls with a deadline, in the order of deadlines.
    fn restore_timers(&mut self, in_order: &[u32]) {
        let queue = self.timers.restore(&mut self.slab, in_order);
        for position in in_order {
            self.set_queue(*position, queue);
        }
    }
}
