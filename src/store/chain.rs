//! Lists that run through the records of an arena.

use super::{Arena, NONE, Record};

/// The neighbours of a record in one list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Links {
    pub(crate) prev: u32,
    pub(crate) next: u32,
}

impl Links {
    /// In no list, or alone in one.
    pub(crate) const NONE: Self = Self { prev: NONE, next: NONE };
}

/// A record that can be in several lists at once: one a lane.
pub(crate) trait Lanes: Record {
    fn links(&self, lane: usize) -> Links;
    fn links_mut(&mut self, lane: usize) -> Option<&mut Links>;
}

/// The two ends of a list. It does not know its lane: whoever has it does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Chain {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl Chain {
    /// A list of nothing.
    pub(crate) const EMPTY: Self = Self { first: NONE, last: NONE };

    /// Whether there is nothing in it.
    pub(crate) const fn is_empty(self) -> bool {
        self.first == NONE
    }

    /// Puts a record at the end.
    #[inline]
    pub(crate) fn push<T: Lanes>(&mut self, arena: &mut Arena<T>, lane: usize, at: u32) {
        self.insert(arena, lane, self.last, at);
    }

    /// Puts a record behind the one at `prev`, or first if there is none.
    #[inline]
    pub(crate) fn insert<T: Lanes>(
        &mut self,
        arena: &mut Arena<T>,
        lane: usize,
        prev: u32,
        at: u32,
    ) {
        let next = match arena.get_mut(prev).and_then(|record| record.links_mut(lane)) {
            Some(links) => core::mem::replace(&mut links.next, at),
            None => core::mem::replace(&mut self.first, at),
        };
        match arena.get_mut(next).and_then(|record| record.links_mut(lane)) {
            Some(links) => links.prev = at,
            None => self.last = at,
        }
        if let Some(links) = arena.get_mut(at).and_then(|record| record.links_mut(lane)) {
            *links = Links { prev, next };
        }
    }

    /// Takes a record out, which must be in it.
    #[inline]
    pub(crate) fn remove<T: Lanes>(&mut self, arena: &mut Arena<T>, lane: usize, at: u32) {
        let Some(links) = arena.get_mut(at).and_then(|record| record.links_mut(lane)) else {
            return;
        };
        let Links { prev, next } = core::mem::replace(links, Links::NONE);
        match arena.get_mut(prev).and_then(|record| record.links_mut(lane)) {
            Some(links) => links.next = next,
            None => self.first = next,
        }
        match arena.get_mut(next).and_then(|record| record.links_mut(lane)) {
            Some(links) => links.prev = prev,
            None => self.last = prev,
        }
    }

    /// The positions in it, in order.
    #[inline]
    pub(crate) fn iter<T: Lanes>(self, arena: &Arena<T>, lane: usize) -> Walk<'_, T> {
        Walk { arena, lane, at: self.first }
    }
}

/// A walk along a list.
#[derive(Debug)]
pub(crate) struct Walk<'a, T> {
    arena: &'a Arena<T>,
    lane: usize,
    at: u32,
}

impl<'a, T: Lanes> Walk<'a, T> {
    /// A walk that begins with the record at `at`.
    #[inline]
    pub(crate) const fn from(arena: &'a Arena<T>, lane: usize, at: u32) -> Self {
        Self { arena, lane, at }
    }
}

impl<'a, T: Lanes> Iterator for Walk<'a, T> {
    type Item = (u32, &'a T);

    #[inline]
    fn next(&mut self) -> Option<(u32, &'a T)> {
        let at = self.at;
        let record = self.arena.get(at)?;
        self.at = record.links(self.lane).next;
        Some((at, record))
    }
}

#[cfg(test)]
mod tests;
