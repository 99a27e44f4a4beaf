//! Writing a snapshot.

use alloc::vec::Vec;

use super::image::{RoomImage, UserImage};
use super::{MAGIC, VERSION, limit_numbers, policy_numbers};
use crate::id::Handle;
use crate::names::{Named, Names};
use crate::server::Switchboard;
use crate::server::state::{Call, Device, Room, Seat, User};
use crate::store::Checksum;
use crate::{Actor, RoomId};

pub(super) fn snapshot(board: &Switchboard, snapshot: &mut Vec<u8>) {
    snapshot.clear();
    snapshot.reserve(expected(board));
    let mut out = Writer(snapshot);
    out.0.extend_from_slice(MAGIC);
    out.0.extend_from_slice(&VERSION.to_le_bytes());
    out.u64(0);
    let head = out.0.len();
    out.payload(board);
    let payload = out.0.get(head..).unwrap_or_default();
    let (length, sum) = (u64::try_from(payload.len()).unwrap_or(u64::MAX), Checksum::of(payload));
    let place = head.checked_sub(8).and_then(|start| out.0.get_mut(start..head));
    if let Some(place) = place {
        place.copy_from_slice(&length.to_le_bytes());
    }
    out.u64(sum);
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

struct Writer<'a>(&'a mut Vec<u8>);

impl Writer<'_> {
    fn u8(&mut self, number: u8) {
        self.0.push(number);
    }

    fn u32(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn len(&mut self, len: usize) {
        self.u64(u64::try_from(len).unwrap_or(u64::MAX));
    }

    #[inline]
    fn words<const N: usize>(&mut self, words: [u32; N]) {
        self.0.extend_from_slice(words.map(u32::to_le_bytes).as_flattened());
    }

    fn handle(&mut self, handle: Handle) {
        self.words([handle.slot(), handle.generation()]);
    }

    fn payload(&mut self, board: &Switchboard) {
        self.words(limit_numbers(&board.limits));
        self.0.extend_from_slice(&policy_numbers(&board.policy));
        self.0.extend_from_slice(&board.names.users.key().get().to_le_bytes());
        for number in [board.clock.as_millis(), board.attempts, board.endings, board.openings] {
            self.u64(number);
        }
        self.u8(u8::from(board.is_behind));
        self.dissolving(board.dissolving);
        self.names(&board.names.users);
        self.names(&board.names.rooms);
        self.names(&board.names.devices);
        let calls = &board.calls.arena;
        self.u32(calls.first_free());
        self.len(calls.positions());
        for (_, call) in calls.slots() {
            self.words(call.image());
        }
        self.texts(board);
        self.u32(board.seats.arena.first_free());
        self.len(board.seats.arena.positions());
        for (_, seat) in board.seats.arena.slots() {
            self.words(Seat::image(seat));
        }
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
            self.0.extend_from_slice(text.as_bytes());
        }
    }

    /// Most names are short: then all of it is one small piece of a known length.
    #[inline]
    fn named<const M: usize>(&mut self, generation: u32, len: u32, name: &[u8], state: [u32; M]) {
        const SHORT: usize = 24;
        let mut image = [0; 8 + SHORT + 36];
        let words = state.map(u32::to_le_bytes);
        let (head, rest) = image.split_at_mut(8);
        let state = words.as_flattened();
        if name.len() > SHORT || state.len() > 36 {
            self.words([generation, len]);
            self.0.extend_from_slice(name);
            self.0.extend_from_slice(state);
            return;
        }
        head.copy_from_slice([generation, len].map(u32::to_le_bytes).as_flattened());
        let (place, rest) = rest.split_at_mut(name.len());
        place.copy_from_slice(name);
        if let Some(place) = rest.get_mut(..state.len()) {
            place.copy_from_slice(state);
        }
        let all = name.len().saturating_add(state.len()).saturating_add(8);
        self.0.extend_from_slice(image.get(..all).unwrap_or_default());
    }

    /// A name that only the host holds is left out as if it were released and forgotten.
    fn names<T: Imaged<M>, const N: usize, const M: usize>(&mut self, names: &Names<T, N>) {
        let mut released = Vec::new();
        self.len(names.slots().len());
        for (slot, at) in names.slots().iter().zip(0_u32..) {
            if slot.outlives_the_host() {
                let (length, name) = names.stored_name(slot);
                self.named(slot.generation.get(), length, name, slot.state.words());
                continue;
            }
            let next = if slot.is_taken() { slot.generation.checked_add(1) } else { None };
            released.extend(next.map(|_| at));
            self.words([next.unwrap_or(slot.generation).get(), 0]);
        }
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
