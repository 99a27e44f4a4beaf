//! The names of many inputs, found before the first of them is judged (O-03).
//!
//! It goes in rounds over all names, so that what one look-up waits for is read while others wait:
//! hashes and the places that they lead to, then the names themselves, then what these stand for.

use alloc::vec::Vec;
use core::hint::black_box;

use super::{Directory, Switchboard};
use crate::names::Found;
use crate::protocol::{Actor, Command, Fact, Input, Record};

/// What is known ahead of some inputs, and memory for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ahead {
    /// What was found of each name, in the order in which they are resolved.
    pub(crate) found: Vec<Found>,
    /// Where those of each input end.
    pub(crate) ends: Vec<usize>,
    hashes: Vec<u32>,
    /// The user whose calls an input is about, and its room.
    about: Vec<(u32, u32)>,
}

impl Ahead {
    pub(crate) const EMPTY: Self =
        Self { found: Vec::new(), ends: Vec::new(), hashes: Vec::new(), about: Vec::new() };

    pub(crate) fn clear(&mut self) {
        self.found.clear();
        self.ends.clear();
        self.hashes.clear();
        self.about.clear();
    }

    /// Looks ahead of these lines.
    pub(crate) fn look(&mut self, board: &Switchboard, lines: &[Record]) {
        self.clear();
        if !board.is_worth_it(lines.len()) {
            self.ends.extend(lines.iter().map(|_| 0));
            return;
        }
        let (names, mut near) = (board.names(), 0);
        for line in lines {
            names_of(&line.input, &mut |kind, name| {
                let (hash, read) = kind.hash(names, name);
                self.hashes.push(hash);
                near ^= read;
            });
        }
        black_box(near);
        let mut hashes = self.hashes.iter();
        for line in lines {
            let (mut user, mut room) = (u32::MAX, u32::MAX);
            names_of(&line.input, &mut |kind, name| {
                let found = hashes.next().and_then(|hash| kind.find(names, *hash, name));
                let slot = found.map_or(u32::MAX, |handle| handle.slot());
                match kind {
                    Kind::User => user = slot,
                    Kind::Room => room = slot,
                    Kind::Device => {}
                }
                self.found.push(found);
            });
            self.ends.push(self.found.len());
            self.about.push((user, room));
        }
        board.found_near(&self.about);
    }
}

/// What a name is the name of.
#[derive(Clone, Copy)]
enum Kind {
    User,
    Room,
    Device,
}

impl Kind {
    #[inline]
    fn hash(self, names: &Directory, name: &str) -> (u32, u64) {
        match self {
            Self::User => names.users.peek(name),
            Self::Room => names.rooms.peek(name),
            Self::Device => names.devices.peek(name),
        }
    }

    #[inline]
    fn find(self, names: &Directory, hash: u32, name: &str) -> Found {
        match self {
            Self::User => names.users.find_hashed(hash, name),
            Self::Room => names.rooms.find_hashed(hash, name),
            Self::Device => names.devices.find_hashed(hash, name),
        }
    }
}

/// The names of an input, in the order in which they are resolved.
#[inline]
fn names_of<'a>(input: &'a Input, one: &mut impl FnMut(Kind, &'a str)) {
    match input {
        Input::Tick | Input::Query { .. } => {}
        Input::Fact(fact) => match fact {
            Fact::RoomOpened { room, owner: user }
            | Fact::UserLeft { room, user }
            | Fact::RoleSet { room, user, .. } => {
                one(Kind::Room, room);
                one(Kind::User, user);
            }
            Fact::RoomDissolved { room, by } => {
                actor(by, one);
                one(Kind::Room, room);
            }
            Fact::UserEntered { room, user, device } => {
                one(Kind::Room, room);
                one(Kind::User, user);
                one(Kind::Device, device);
            }
        },
        Input::Ask { by, command } => {
            actor(by, one);
            match command {
                Command::CallUserToRoom { room, users, .. }
                | Command::CancelCall { room, users }
                | Command::RevokeCall { room, users } => {
                    one(Kind::Room, room);
                    users.iter().for_each(|user| one(Kind::User, user));
                }
                Command::AcceptCall { room, .. } | Command::RejectCall { room, .. } => {
                    one(Kind::Room, room);
                }
            }
        }
    }
}

#[inline]
fn actor<'a>(by: &'a Actor, one: &mut impl FnMut(Kind, &'a str)) {
    if let Actor::Device { user, device } = by {
        one(Kind::User, user);
        one(Kind::Device, device);
    }
}
