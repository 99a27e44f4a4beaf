//! Reading a snapshot: nothing is believed. Lists grow with the bytes that are really there.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::image::{CallImage, RoomImage, SeatImage, UserImage};
use super::{MAGIC, RestoreError, VERSION, counter};
use crate::domain::id::Handle;
use crate::names::{Image, Named, Names};
use crate::store::{Arena, Checksum, HashKey, Record};
use crate::switchboard::Switchboard;
use crate::switchboard::directory::Capacity;
use crate::switchboard::state::{Call, Device, Room, Seat, User};
use crate::{
    ActiveCalls, Actor, CallerLeft, DeviceId, InOtherRoom, Limits, MayCall, OutcomesTo, Policy,
    RoomId, Tick, UserId,
};

pub(super) fn restore(snapshot: &[u8]) -> Result<Switchboard, RestoreError> {
    let payload = payload(snapshot)?;
    let mut reader = Reader { rest: payload };
    let board = reader.switchboard().filter(|_| reader.rest.is_empty());
    let at = payload.len().saturating_sub(reader.rest.len());
    let mut board = board.ok_or(RestoreError::Impossible { at })?;
    board.derive()?;
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
    let is_whole = reader.rest.is_empty() && Checksum::of(payload) == sum;
    if is_whole { Ok(payload) } else { Err(RestoreError::Damaged) }
}

/// What is read of whom a name stands for.
trait Read: Named {
    fn read(reader: &mut Reader<'_>) -> Option<Self>
    where
        Self: Sized;
}

impl Read for User {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let image: UserImage = reader.words()?;
        Some(Self::of(image))
    }
}

impl Read for Room {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let image: RoomImage = reader.words()?;
        Some(Self::of(image))
    }
}

impl Read for Device {
    fn read(_: &mut Reader<'_>) -> Option<Self> {
        Some(Self)
    }
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

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*bytes)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn len(&mut self) -> Option<usize> {
        usize::try_from(self.u64()?).ok()
    }

    #[inline]
    fn words<const N: usize>(&mut self) -> Option<[u32; N]> {
        let bytes = self.bytes(const { N.saturating_mul(4) })?;
        let mut words = bytes.chunks_exact(4).filter_map(|word| word.first_chunk());
        Some(core::array::from_fn(|_| words.next().map_or(0, |word| u32::from_le_bytes(*word))))
    }

    fn text(&mut self, length: usize) -> Option<&'a str> {
        core::str::from_utf8(self.bytes(length)?).ok()
    }

    /// A list of things of `size` bytes each: only as many as can be there are made room for.
    fn list<T>(
        &mut self,
        size: usize,
        mut one: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = self.len()?;
        if count > self.rest.len().checked_div(size)? {
            return None;
        }
        let mut list = Vec::with_capacity(count);
        for _ in 0..count {
            list.push(one(self)?);
        }
        Some(list)
    }

    fn word<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.u8()?)).copied()
    }

    fn handle(&mut self) -> Option<Handle> {
        let slot = self.u32()?;
        Some(Handle::new(slot, NonZeroU32::new(self.u32()?)?))
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

    fn names<T: Read, const N: usize>(
        &mut self,
        names: &mut Names<T, N>,
        limit: u32,
    ) -> Option<()> {
        let count = self.len()?;
        // A slot has eight bytes or more.
        if count > self.rest.len() / 8 {
            return None;
        }
        let count = u32::try_from(count).ok().filter(|count| *count < u32::MAX)?;
        names.restore(count, || self.named::<T, N>(limit))?;
        let free = self.list(4, Self::u32)?;
        let (fading, faded) = (self.list(8, Self::handle)?, self.list(8, Self::handle)?);
        names.restore_lists(free, fading, faded)
    }

    #[inline]
    fn named<T: Read, const N: usize>(&mut self, limit: u32) -> Option<Image<'a, T>> {
        let (generation, length) = (NonZeroU32::new(self.u32()?)?, self.u32()?);
        if length == 0 {
            return Some(Image { generation, name: "", state: T::NOTHING });
        }
        // L-01
        if length > limit {
            return None;
        }
        let name = self.name::<N>(usize::try_from(length).ok()?)?;
        Some(Image { generation, name, state: T::read(self)? })
    }

    /// A short name is filled up with zeros to `N` bytes.
    fn name<const N: usize>(&mut self, length: usize) -> Option<&'a str> {
        let Some(more) = N.checked_sub(length) else {
            return self.text(length);
        };
        let name = self.text(length)?;
        let is_filled_up = self.bytes(more)?.iter().all(|byte| *byte == 0);
        is_filled_up.then_some(name)
    }

    fn switchboard(&mut self) -> Option<Switchboard> {
        let (limits, policy) = (self.limits()?, self.policy()?);
        let key = HashKey::new(u128::from_le_bytes(self.array()?));
        let mut board = Switchboard::sized(limits, policy, key, Capacity::default());
        board.clock = Tick::from_millis(counter(self.u64()?)?);
        board.attempts = counter(self.u64()?)?;
        board.endings = counter(self.u64()?)?;
        board.openings = counter(self.u64()?)?;
        board.is_behind = self.word(&[false, true])?;
        board.dissolving = self.dissolving()?;
        self.names(&mut board.names.users, board.limits.id_bytes)?;
        self.names(&mut board.names.rooms, board.limits.id_bytes)?;
        self.names(&mut board.names.devices, board.limits.id_bytes)?;
        board.calls.arena = self.arena(|reader| {
            let image: CallImage = reader.words()?;
            Call::of(image)
        })?;
        self.texts(&mut board)?;
        board.seats.arena = self.arena(|reader| {
            let image: SeatImage = reader.words()?;
            Seat::of(image)
        })?;
        Some(board)
    }

    fn dissolving(&mut self) -> Option<Option<(RoomId, Actor)>> {
        let kind = self.u8()?;
        if kind == 0 {
            return Some(None);
        }
        let room = RoomId(self.handle()?);
        let by = match kind {
            1 => Actor::Backend,
            2 => Actor::Device { user: UserId(self.handle()?), device: DeviceId(self.handle()?) },
            _ => return None,
        };
        Some(Some((room, by)))
    }

    fn arena<T: Record>(&mut self, one: impl FnMut(&mut Self) -> Option<T>) -> Option<Arena<T>> {
        let free = self.u32()?;
        // An image has sixteen bytes or more.
        Arena::restored(self.list(16, one)?, free)
    }

    fn texts(&mut self, board: &mut Switchboard) -> Option<()> {
        let mut least = 0;
        for _ in 0..self.len()? {
            let at = self.u32().filter(|at| *at >= least)?;
            least = at.checked_add(1)?;
            let length = self.len().filter(|length| *length > 0)?;
            let text = self.text(length)?;
            let call = board.calls.arena.get_mut(at).filter(|call| call.is_live())?;
            call.extension = board.texts.insert(text)?;
        }
        Some(())
    }
}
