//! Reading a snapshot: nothing is believed. Lists grow with the bytes that are really there.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::{MAGIC, RestoreError, VERSION, counter};
use crate::id::Handle;
use crate::names::{Directory, Names};
use crate::server::Switchboard;
use crate::server::hash::checksum;
use crate::server::state::{Call, CallState, Remembered, Room};
use crate::{
    ActiveCalls, Attempt, CallStatus, CallerLeft, DeviceId, Ended, How, InOtherRoom, Limits,
    MayCall, OutcomesTo, Policy, RoomId, Tick, UserId,
};

pub(super) fn restore(snapshot: &[u8]) -> Result<Switchboard, RestoreError> {
    let payload = payload(snapshot)?;
    let mut reader = Reader { rest: payload };
    let board = reader.switchboard().filter(|_| reader.rest.is_empty());
    let at = payload.len().saturating_sub(reader.rest.len());
    let board = board.ok_or(RestoreError::Impossible { at })?;
    board.check()?;
    Ok(board)
}

/// The payload, once everything around it fits.
fn payload(snapshot: &[u8]) -> Result<&[u8], RestoreError> {
    let rest = snapshot.strip_prefix(MAGIC).ok_or(RestoreError::Foreign)?;
    let mut reader = Reader { rest };
    let version = reader.u16().ok_or(RestoreError::Damaged)?;
    if version != VERSION {
        return Err(RestoreError::Version { version });
    }
    let length = reader.len().ok_or(RestoreError::Damaged)?;
    let payload = reader.bytes(length).ok_or(RestoreError::Damaged)?;
    let sum = reader.u64().ok_or(RestoreError::Damaged)?;
    let is_whole = reader.rest.is_empty() && checksum(payload) == sum;
    if is_whole { Ok(payload) } else { Err(RestoreError::Damaged) }
}

/// What is left to read. `None` means that it cannot be.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(bytes)
    }

    fn u8(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.bytes(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }

    fn len(&mut self) -> Option<usize> {
        usize::try_from(self.u64()?).ok()
    }

    fn is_some(&mut self) -> Option<bool> {
        match self.u8()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn option<T>(&mut self, one: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.is_some()? { one(self).map(Some) } else { Some(None) }
    }

    fn text(&mut self) -> Option<Box<str>> {
        let length = self.len()?;
        core::str::from_utf8(self.bytes(length)?).ok().map(Into::into)
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut list = Vec::new();
        for _ in 0..self.len()? {
            list.push(one(self)?);
        }
        Some(list)
    }

    fn word<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.u8()?)).copied()
    }

    fn handle(&mut self) -> Option<Handle> {
        let slot = self.u32()?;
        Some(Handle { slot, generation: NonZeroU32::new(self.u32()?)? })
    }

    fn user(&mut self, names: &mut Directory) -> Option<UserId> {
        let handle = self.handle()?;
        names.users.name(handle)?;
        names.users.retain(handle);
        Some(UserId(handle))
    }

    fn room_id(&mut self, names: &Directory) -> Option<RoomId> {
        let handle = self.handle()?;
        names.rooms.name(handle)?;
        Some(RoomId(handle))
    }

    fn device(&mut self, names: &mut Directory) -> Option<DeviceId> {
        let handle = self.handle()?;
        names.devices.name(handle)?;
        names.devices.retain(handle);
        Some(DeviceId(handle))
    }

    fn limits(&mut self) -> Option<Limits> {
        Some(Limits {
            callees: self.u32()?,
            timeout_max: self.u32()?,
            never: match self.u32()? {
                0 => false,
                1 => true,
                _ => return None,
            },
            extension_bytes: self.u32()?,
            live_calls_per_room: self.u32()?,
            kept_per_room: self.u32()?,
            ended_per_room: self.u32()?,
            live_calls: self.u32()?,
            id_bytes: self.u32()?,
            page_size: self.u32()?,
            rooms: self.u32()?,
            participants_per_room: self.u32()?,
            admins_per_room: self.u32()?,
            held_names: self.u32()?,
            requests_per_requester: self.u32()?,
            requesters: self.u32()?,
        })
    }

    fn policy(&mut self) -> Option<Policy> {
        Some(Policy {
            active_calls: self.word(ActiveCalls::ALL)?,
            in_other_room: self.word(InOtherRoom::ALL)?,
            caller_left: self.word(CallerLeft::ALL)?,
            may_call: self.word(MayCall::ALL)?,
            outcomes_to: self.word(OutcomesTo::ALL)?,
        })
    }

    fn names(&mut self) -> Option<Names> {
        let slots = self.list(|reader| {
            let generation = NonZeroU32::new(reader.u32()?)?;
            let name = reader.text()?;
            Some((generation, Some(name).filter(|name| !name.is_empty())))
        })?;
        let free = self.list(Self::u32)?;
        let (fading, faded) = (self.list(Self::handle)?, self.list(Self::handle)?);
        Names::restored(slots, free, fading, faded)
    }

    fn switchboard(&mut self) -> Option<Switchboard> {
        let mut board = Switchboard::new(self.limits()?, self.policy()?);
        board.clock = Tick::from_millis(counter(self.u64()?)?);
        board.attempts = counter(self.u64()?)?;
        board.endings = counter(self.u64()?)?;
        board.openings = counter(self.u64()?)?;
        board.names =
            Directory { users: self.names()?, rooms: self.names()?, devices: self.names()? };
        for _ in 0..self.len()? {
            let id = self.room_id(&board.names)?;
            board.names.rooms.retain(id.0);
            let room = self.room(&mut board.names)?;
            for user in &room.present {
                board.users.entry(*user).or_default().rooms.insert(id);
            }
            for (callee, remembered) in &room.ended {
                let user = board.users.entry(*callee).or_default();
                if user.ended.insert(remembered.ended.attempt, id).is_some() {
                    return None;
                }
            }
            if board.rooms.insert(id, room).is_some() {
                return None;
            }
        }
        for _ in 0..self.len()? {
            let attempt = Attempt::new(self.u64()?);
            let call = self.call(&mut board.names)?;
            board.admit(attempt, call)?;
        }
        Some(board)
    }

    fn room(&mut self, names: &mut Directory) -> Option<Room> {
        let opening = self.u64()?;
        let owner = self.option(|reader| reader.user(names))?;
        let admins = self.set(names)?;
        let present = self.set(names)?;
        let (mut ended, mut ended_order) = (BTreeMap::new(), BTreeMap::new());
        for _ in 0..self.len()? {
            let callee = self.user(names)?;
            let remembered = self.remembered(names)?;
            let is_new = ended_order.insert(remembered.order, callee).is_none();
            if ended.insert(callee, remembered).is_some() || !is_new {
                return None;
            }
        }
        Some(Room { opening, owner, admins, present, ended, ended_order, ..Room::EMPTY })
    }

    fn set(&mut self, names: &mut Directory) -> Option<BTreeSet<UserId>> {
        let mut set = BTreeSet::new();
        for _ in 0..self.len()? {
            let is_new = set.insert(self.user(names)?);
            if !is_new {
                return None;
            }
        }
        Some(set)
    }

    fn remembered(&mut self, names: &mut Directory) -> Option<Remembered> {
        let order = self.u64()?;
        let caller = self.user(names)?;
        let how = self.word(&How::ALL)?;
        let attempt = Attempt::new(self.u64()?);
        let user = self.option(|reader| reader.user(names))?;
        let device = self.option(|reader| reader.device(names))?;
        Some(Remembered { ended: Ended { how, attempt, user, device }, caller, order })
    }

    fn call(&mut self, names: &mut Directory) -> Option<Call> {
        let room = self.room_id(names)?;
        let (callee, caller) = (self.user(names)?, self.user(names)?);
        let device = self.device(names)?;
        let state = match self.word(&CallStatus::ALL)? {
            CallStatus::None => return None,
            CallStatus::Calling => CallState::Live {
                deadline: self.option(Self::u64)?.map(Tick::stored),
                extension: self.text()?,
            },
            status @ (CallStatus::Timeout | CallStatus::Rejected) => {
                CallState::Kept { status, order: self.u64()? }
            }
        };
        Some(Call { room, callee, caller, device, state })
    }
}

impl Switchboard {
    /// Puts a record of a snapshot in every place where it belongs.
    fn admit(&mut self, attempt: Attempt, call: Call) -> Option<()> {
        let room = self.rooms.get_mut(&call.room)?;
        room.list.insert(attempt);
        let mut is_new = room.records.insert(call.callee, attempt).is_none();
        match call.state {
            CallState::Live { deadline, .. } => {
                room.live = room.live.saturating_add(1);
                self.live = self.live.saturating_add(1);
                self.due.extend(deadline.map(|deadline| (deadline, attempt)));
                self.users.entry(call.callee).or_default().live.insert(attempt);
            }
            CallState::Kept { order, .. } => is_new &= room.kept.insert(order, attempt).is_none(),
        }
        is_new &= self.calls.insert(attempt, call).is_none();
        is_new.then_some(())
    }
}
