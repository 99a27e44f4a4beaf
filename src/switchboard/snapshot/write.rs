//! Writing a snapshot.

use alloc::vec::Vec;

use super::image::{RoomImage, UserImage};
use super::{MAGIC, VERSION, limit_numbers, policy_numbers};
use crate::domain::id::Handle;
use crate::names::{Named, Names};
use crate::store::{Arena, Checksum, Record};
use crate::switchboard::Switchboard;
use crate::switchboard::state::{Call, Device, Room, Seat, User};
use crate::{Actor, RoomId};

pub(super) fn snapshot(board: &Switchboard, snapshot: &mut Vec<u8>) {
    snapshot.clear();
    snapshot.reserve(expected(board));
    snapshot.extend_from_slice(MAGIC);
    snapshot.extend_from_slice(&VERSION.to_le_bytes());
    snapshot.extend_from_slice(&[0; 8]);
    let mut out = Writer { bytes: snapshot, sum: Checksum::new(), summed: HEAD };
    out.payload(board);
    let sum = out.finish();
    let length = snapshot.len().saturating_sub(HEAD);
    if let Some(place) = snapshot.get_mut(HEAD.saturating_sub(8)..HEAD) {
        place.copy_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_le_bytes());
    }
    snapshot.extend_from_slice(&sum.to_le_bytes());
}

/// How long a snapshot will be, if most names are short.
fn expected(board: &Switchboard) -> usize {
    let names = &board.names;
    let parts = [
        (names.users.slots().len(), 52),
        (names.rooms.slots().len(), 68),
        (names.devices.slots().len(), 28),
        (board.calls.arena.positions(), 60),
        (board.seats.arena.positions(), 28),
    ];
    parts.iter().fold(1_024, |sum, (count, size)| count.saturating_mul(*size).saturating_add(sum))
}

/// What is written of whom a name stands for.
pub(super) trait Imaged<const M: usize>: Named {
    fn words(&self) -> [u32; M];
}

impl Imaged<6> for User {
    fn words(&self) -> UserImage {
        self.image()
    }
}

impl Imaged<9> for Room {
    fn words(&self) -> RoomImage {
        self.image()
    }
}

impl Imaged<0> for Device {
    fn words(&self) -> [u32; 0] {
        []
    }
}

/// What stands before the payload: [`MAGIC`], the version and the length.
const HEAD: usize = 18;

/// How many bytes are written before they are summed up, while they are near.
const NEAR: usize = 8_192;

struct Writer<'a> {
    bytes: &'a mut Vec<u8>,
    /// That of the payload up to `summed`.
    sum: Checksum,
    summed: usize,
}

impl Writer<'_> {
    /// Sums up what was written, if it is enough.
    #[inline]
    fn keep_up(&mut self) {
        if self.bytes.len().wrapping_sub(self.summed) >= NEAR {
            self.sum_up();
        }
    }

    #[inline(never)]
    fn sum_up(&mut self) {
        let rest = self.sum.take(self.bytes.get(self.summed..).unwrap_or_default());
        self.summed = self.bytes.len().saturating_sub(rest.len());
    }

    /// The checksum of all that was written.
    fn finish(mut self) -> u64 {
        self.sum_up();
        self.sum.end(self.bytes.get(self.summed..).unwrap_or_default())
    }

    fn u8(&mut self, number: u8) {
        self.bytes.push(number);
    }

    fn u32(&mut self, number: u32) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn len(&mut self, len: usize) {
        self.u64(u64::try_from(len).unwrap_or(u64::MAX));
    }

    #[inline]
    fn words<const N: usize>(&mut self, words: [u32; N]) {
        self.bytes.extend_from_slice(words.map(u32::to_le_bytes).as_flattened());
    }

    fn handle(&mut self, handle: Handle) {
        self.words([handle.slot(), handle.generation()]);
    }

    fn payload(&mut self, board: &Switchboard) {
        self.words(limit_numbers(&board.limits));
        self.bytes.extend_from_slice(&policy_numbers(&board.policy));
        self.bytes.extend_from_slice(&board.names.users.key().get().to_le_bytes());
        for number in [board.clock.as_millis(), board.attempts, board.endings, board.openings] {
            self.u64(number);
        }
        self.u8(u8::from(board.is_behind));
        self.dissolving(board.dissolving);
        self.names(&board.names.users);
        self.names(&board.names.rooms);
        self.names(&board.names.devices);
        self.records(&board.calls.arena, Call::image);
        self.texts(board);
        self.records(&board.seats.arena, Seat::image);
    }

    /// Apart from all else, to keep the way of a record short.
    #[inline(never)]
    fn records<T: Record, const N: usize>(
        &mut self,
        arena: &Arena<T>,
        image: impl Fn(&T) -> [u32; N],
    ) {
        self.u32(arena.first_free());
        self.len(arena.positions());
        arena.slots().for_each(|record| {
            self.words(image(record));
            self.keep_up();
        });
    }

    fn dissolving(&mut self, dissolving: Option<(RoomId, Actor)>) {
        let Some((room, by)) = dissolving else {
            self.u8(0);
            return;
        };
        self.u8(match by {
            Actor::Backend => 1,
            Actor::Device { .. } => 2,
        });
        self.handle(room.0);
        if let Actor::Device { user, device } = by {
            self.handle(user.0);
            self.handle(device.0);
        }
    }

    /// The texts of live attempts, with where these are, as few as have one.
    fn texts(&mut self, board: &Switchboard) {
        self.len(board.texts.len());
        if board.texts.len() == 0 {
            return;
        }
        let with_text = |call: &Call| call.is_live() && call.extension > 0;
        for (at, call) in board.calls.arena.iter().filter(|(_, call)| with_text(call)) {
            let text = board.texts.get(call.extension);
            self.u32(at);
            self.len(text.len());
            self.bytes.extend_from_slice(text.as_bytes());
        }
    }

    #[inline]
    fn named<const N: usize, const M: usize>(
        &mut self,
        head: [u32; 2],
        name: &[u8],
        state: [u32; M],
    ) {
        self.words(head);
        // Most names are short, and a length that is known is copied in no time.
        match <&[u8; N]>::try_from(name) {
            Ok(short) => self.bytes.extend_from_slice(short),
            Err(_) => self.bytes.extend_from_slice(name),
        }
        self.words(state);
    }

    /// A name that only the host holds is left out as if it were released and forgotten.
    #[inline(never)]
    fn names<T: Imaged<M>, const N: usize, const M: usize>(&mut self, names: &Names<T, N>) {
        let (mut released, mut at) = (Vec::new(), 0_u32);
        self.len(names.slots().len());
        names.slots().iter().for_each(|slot| {
            if slot.outlives_the_host() {
                let (length, name) = names.stored_name(slot);
                self.named::<N, M>([slot.generation.get(), length], name, slot.state.words());
            } else {
                let next = if slot.is_taken() { slot.generation.checked_add(1) } else { None };
                released.extend(next.map(|_| at));
                self.words([next.unwrap_or(slot.generation).get(), 0]);
            }
            self.keep_up();
            at = at.wrapping_add(1);
        });
        self.len(names.free().len().saturating_add(released.len()));
        for at in names.free().iter().chain(&released) {
            self.u32(*at);
        }
        let (fading, faded) = names.waiting();
        for handles in [fading, faded] {
            self.len(handles.len());
            handles.iter().for_each(|handle| self.handle(*handle));
        }
    }
}
