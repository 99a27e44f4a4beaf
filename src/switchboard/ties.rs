//! What ties a user to a room, found by both: a short walk for a user who is tied to few rooms, and
//! an index for one who is tied to many.

use crate::store::{Arena, HashKey, Index, Lanes, Walk};

use super::state::{Call, Seat};

/// A user with at most so many records is found by a walk along them.
const NEAR: u32 = 8;

/// A record that ties a user to a room.
pub(super) trait Bond: Lanes {
    /// The lane of the records of one user.
    const OF_USER: usize;
    fn user(&self) -> u32;
    fn room(&self) -> u32;
}

impl Bond for Call {
    const OF_USER: usize = Self::TO_CALLEE;

    #[inline]
    fn user(&self) -> u32 {
        self.callee
    }

    #[inline]
    fn room(&self) -> u32 {
        self.room
    }
}

impl Bond for Seat {
    const OF_USER: usize = Self::OF_USER;

    #[inline]
    fn user(&self) -> u32 {
        self.user
    }

    #[inline]
    fn room(&self) -> u32 {
        self.room
    }
}

/// All records of one user: the first of each list, and how many there are in all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knot {
    pub(super) heads: [u32; 2],
    pub(super) count: u32,
}

/// Records that tie users to rooms.
#[derive(Clone, Debug)]
pub(super) struct Bonds<T> {
    pub(super) arena: Arena<T>,
    /// The records of users with more than [`NEAR`], by user and room.
    far: Index,
    key: HashKey,
}

impl<T: Bond> Bonds<T> {
    pub(super) const fn new(key: HashKey) -> Self {
        Self { arena: Arena::new(), far: Index::new(), key }
    }

    /// The record of a user and a room of which `is` holds. Only the user's records are in the
    /// lists that the knot holds.
    #[inline]
    pub(super) fn find(
        &self,
        knot: Knot,
        user: u32,
        room: u32,
        is: impl Fn(&T) -> bool,
    ) -> Option<u32> {
        if knot.is_far() {
            return self.find_far(user, room, is);
        }
        let [first, second] = knot.heads;
        let found = self.walk(first, room, &is);
        if found.is_some() { found } else { self.walk(second, room, &is) }
    }

    #[inline]
    fn walk(&self, head: u32, room: u32, is: impl Fn(&T) -> bool) -> Option<u32> {
        let mut ties = Walk::from(&self.arena, T::OF_USER, head);
        ties.find(|(_, tie)| tie.room() == room && is(tie)).map(|(at, _)| at)
    }

    #[cold]
    fn find_far(&self, user: u32, room: u32, is: impl Fn(&T) -> bool) -> Option<u32> {
        let is_it = |at| {
            let tie = self.arena.get(at);
            tie.is_some_and(|tie| tie.user() == user && tie.room() == room && is(tie))
        };
        self.far.find(self.key.pair(user, room), is_it)
    }

    /// The record at `at` is in one of the lists of a user now, and counted.
    #[inline]
    pub(super) fn tied(&mut self, knot: Knot, at: u32) {
        if knot.is_far() {
            self.tied_far(knot, at);
        }
    }

    #[cold]
    fn tied_far(&mut self, knot: Knot, at: u32) {
        if knot.count > NEAR.saturating_add(1) {
            self.put(at);
            return;
        }
        self.each(knot, Self::put);
    }

    /// The record at `at` is about to leave the lists of a user, where it is counted still.
    #[inline]
    pub(super) fn untied(&mut self, knot: Knot, at: u32) {
        if knot.is_far() {
            self.untied_far(knot, at);
        }
    }

    #[cold]
    fn untied_far(&mut self, knot: Knot, at: u32) {
        if knot.count > NEAR.saturating_add(1) {
            self.take(at);
            return;
        }
        self.each(knot, Self::take);
    }

    fn each(&mut self, knot: Knot, one: fn(&mut Self, u32)) {
        for head in knot.heads {
            let mut at = head;
            while let Some(tie) = self.arena.get(at) {
                let next = tie.links(T::OF_USER).next;
                one(self, at);
                at = next;
            }
        }
    }

    fn put(&mut self, at: u32) {
        let hash = self.hash(at);
        self.far.insert(hash, at);
    }

    fn take(&mut self, at: u32) {
        let hash = self.hash(at);
        let was_there = self.far.remove(hash, at);
        debug_assert!(was_there, "the records of a user with many are in the index");
    }

    fn hash(&self, at: u32) -> u32 {
        let tie = self.arena.get(at);
        tie.map_or(0, |tie| self.key.pair(tie.user(), tie.room()))
    }

    /// Whether a record is where it can be found, given how many its user has.
    pub(super) fn is_found(&self, count: u32, at: u32) -> bool {
        let found = self.far.find(self.hash(at), |other| other == at);
        found.is_some() == (count > NEAR)
    }

    /// Records in the index.
    pub(super) fn far(&self) -> usize {
        self.far.len()
    }

    /// How many of the records of a user with `count` are in the index.
    pub(super) fn far_of(&self, count: u32) -> usize {
        if count > NEAR { usize::try_from(count).unwrap_or(usize::MAX) } else { 0 }
    }

    /// Brings a record of a snapshot, of a user who has many, to where it is found.
    pub(super) fn restore(&mut self, at: u32) {
        self.put(at);
    }
}

impl Knot {
    /// Whether its records are found by the index.
    pub(super) const fn is_far(self) -> bool {
        self.count > NEAR
    }
}
