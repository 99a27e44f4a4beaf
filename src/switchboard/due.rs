//! The deadlines, each in the list of those that were set with the same timeout. The clock never
//! goes back, so each list is in order by itself, and the earliest of all is the first of one of
//! them. To set one and to take one away costs the same however many there are, and no tick does
//! anything but what it fires (T-03).

use alloc::vec::Vec;

use super::state::Call;
use crate::store::{Arena, HashKey, Index, Lanes, Links, NONE};
use crate::{Attempt, Tick};

/// Empty lists that are kept for the next deadline with their timeout.
const SPARE: usize = 64;
/// A link that leaves a list says which list it leaves: positions of records are below.
const END: u32 = 1 << 31;

/// A deadline, and whose it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Deadline {
    pub(super) at: Tick,
    pub(super) attempt: Attempt,
}

/// The deadlines that were set with one timeout.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct List {
    /// The timeout; 0 if it is for no new deadline: a restored one, or a free list.
    pub(super) seconds: u32,
    pub(super) first: u32,
    pub(super) last: u32,
    /// Its place in the heap; [`NONE`] if it is empty.
    place: u32,
}

/// The deadlines of live attempts.
#[derive(Clone, Debug)]
pub(super) struct Due {
    lists: Vec<List>,
    /// Lists that are for no timeout.
    free: Vec<u32>,
    by_seconds: Index,
    key: HashKey,
    /// The list that was used last.
    latest: u32,
    /// The lists that are not empty, as a heap by their first deadlines.
    heap: Vec<(Deadline, u32)>,
}

impl Due {
    pub(super) const fn new(key: HashKey) -> Self {
        Self {
            lists: Vec::new(),
            free: Vec::new(),
            by_seconds: Index::new(),
            key,
            latest: NONE,
            heap: Vec::new(),
        }
    }

    /// The earliest deadline.
    #[inline]
    pub(super) fn first(&self) -> Option<Deadline> {
        self.heap.first().map(|(first, _)| *first)
    }

    /// The attempt with the earliest deadline.
    pub(super) fn first_call(&self) -> Option<u32> {
        let (_, list) = self.heap.first()?;
        self.lists.get(place(*list)).map(|list| list.first)
    }

    /// Sets the deadline of the live attempt at `at`, whose timeout is `seconds`: it is later than
    /// all that were set with that timeout.
    #[inline]
    pub(super) fn insert(&mut self, calls: &mut Arena<Call>, at: u32, seconds: u32) {
        let number = self.list_for(seconds);
        self.append(calls, number, at);
    }

    fn append(&mut self, calls: &mut Arena<Call>, number: u32, at: u32) {
        let Some(list) = self.lists.get_mut(place(number)) else { return };
        let end = END | number;
        let prev = core::mem::replace(&mut list.last, at);
        let is_first = list.first == NONE;
        if is_first {
            list.first = at;
        }
        let links = Links { prev: if is_first { end } else { prev }, next: end };
        let deadline = match calls.get_mut(at) {
            Some(call) => {
                set(call, links);
                deadline(call)
            }
            None => return,
        };
        if is_first {
            self.heap.push((deadline, number));
            self.rise(self.heap.len().saturating_sub(1));
        } else if let Some(call) = calls.get_mut(prev) {
            let before = call.links(Call::IN_ORDER).prev;
            set(call, Links { prev: before, next: at });
        }
    }

    /// Takes the deadline of the live attempt at `at` away.
    #[inline]
    pub(super) fn remove(&mut self, calls: &mut Arena<Call>, at: u32) {
        let Some(call) = calls.get_mut(at) else { return };
        let Links { prev, next } = call.links(Call::IN_ORDER);
        set(call, Links::NONE);
        if let Some(call) = calls.get_mut(prev) {
            let before = call.links(Call::IN_ORDER).prev;
            set(call, Links { prev: before, next });
        }
        if let Some(call) = calls.get_mut(next) {
            let after = call.links(Call::IN_ORDER).next;
            set(call, Links { prev, next: after });
        } else if let Some(list) = self.lists.get_mut(place(next & !END)) {
            list.last = if prev & END == 0 { prev } else { NONE };
        }
        if prev & END != 0 {
            self.first_has_gone(calls, prev & !END, next);
        }
    }

    fn first_has_gone(&mut self, calls: &Arena<Call>, number: u32, next: u32) {
        let Some(list) = self.lists.get_mut(place(number)) else { return };
        let at = place(list.place);
        if let Some(call) = calls.get(next) {
            list.first = next;
            if let Some(top) = self.heap.get_mut(at) {
                top.0 = deadline(call);
            }
            self.sink(at);
            return;
        }
        (list.first, list.last, list.place) = (NONE, NONE, NONE);
        let seconds = list.seconds;
        self.leave_heap(at);
        if seconds == 0 || self.lists.len().saturating_sub(self.free.len()) > SPARE {
            self.give_up(number, seconds);
        }
    }

    /// The list for a timeout.
    #[inline]
    fn list_for(&mut self, seconds: u32) -> u32 {
        match self.lists.get(place(self.latest)) {
            Some(list) if list.seconds == seconds => self.latest,
            _ => self.other_list_for(seconds),
        }
    }

    fn other_list_for(&mut self, seconds: u32) -> u32 {
        let hash = self.key.number(seconds);
        let lists = &self.lists;
        let is_it = |at| lists.get(place(at)).is_some_and(|list| list.seconds == seconds);
        self.latest = match self.by_seconds.find(hash, is_it) {
            Some(number) => number,
            None => {
                let number = self.new_list(seconds);
                self.by_seconds.insert(hash, number);
                number
            }
        };
        self.latest
    }

    fn new_list(&mut self, seconds: u32) -> u32 {
        let list = List { seconds, first: NONE, last: NONE, place: NONE };
        if let Some(number) = self.free.pop() {
            if let Some(free) = self.lists.get_mut(place(number)) {
                *free = list;
            }
            return number;
        }
        self.lists.push(list);
        u32::try_from(self.lists.len().saturating_sub(1)).unwrap_or(NONE)
    }

    /// A list is for no timeout any more.
    fn give_up(&mut self, number: u32, seconds: u32) {
        if seconds > 0 {
            self.by_seconds.remove(self.key.number(seconds), number);
        }
        if let Some(list) = self.lists.get_mut(place(number)) {
            list.seconds = 0;
        }
        self.free.push(number);
    }
}

/// The heap.
impl Due {
    fn leave_heap(&mut self, at: usize) {
        if at >= self.heap.len() {
            return;
        }
        self.heap.swap_remove(at);
        if at < self.heap.len() {
            self.sink(at);
            self.rise(at);
        }
    }

    fn rise(&mut self, mut at: usize) {
        while let Some(parent) = at.checked_sub(1).map(|below| below >> 1) {
            if self.heap.get(parent) <= self.heap.get(at) {
                break;
            }
            self.heap.swap(parent, at);
            self.stands(at);
            at = parent;
        }
        self.stands(at);
    }

    fn sink(&mut self, mut at: usize) {
        loop {
            let left = at.saturating_mul(2).saturating_add(1);
            let right = left.saturating_add(1);
            let is_right = self.heap.get(right).is_some_and(|it| Some(it) < self.heap.get(left));
            let child = if is_right { right } else { left };
            if child >= self.heap.len() || self.heap.get(at) <= self.heap.get(child) {
                break;
            }
            self.heap.swap(at, child);
            self.stands(at);
            at = child;
        }
        self.stands(at);
    }

    /// A list learns its place in the heap.
    fn stands(&mut self, at: usize) {
        let list = self.heap.get(at).map(|(_, list)| place(*list));
        if let Some(list) = list.and_then(|list| self.lists.get_mut(list)) {
            list.place = u32::try_from(at).unwrap_or(NONE);
        }
    }
}

/// What `check` and snapshots see.
impl Due {
    /// Takes in the live attempts of a snapshot, in (deadline, attempt) order: one list, to which
    /// nothing is added any more.
    pub(super) fn restore(&mut self, calls: &mut Arena<Call>, in_order: impl Iterator<Item = u32>) {
        let mut in_order = in_order.peekable();
        let Some(first) = in_order.peek().copied() else { return };
        let number = self.new_list(0);
        let (mut last, end) = (END | number, END | number);
        while let Some(at) = in_order.next() {
            let next = in_order.peek().copied().unwrap_or(end);
            if let Some(call) = calls.get_mut(at) {
                set(call, Links { prev: last, next });
            }
            last = at;
        }
        if let (Some(list), Some(call)) = (self.lists.get_mut(place(number)), calls.get(first)) {
            (list.first, list.last) = (first, last);
            self.heap.push((deadline(call), number));
            self.rise(self.heap.len().saturating_sub(1));
        }
    }

    /// Whether the lists are in order and joined as they must be, the heap is one, and there are
    /// `count` deadlines in all.
    pub(super) fn agrees(&self, calls: &Arena<Call>, count: u32) -> bool {
        let (mut found, mut filled) = (0_u32, 0_usize);
        for (list, number) in self.lists.iter().zip(0_u32..) {
            let (mut at, mut prev, mut before) = (list.first, END | number, None);
            filled = filled.saturating_add(usize::from(list.first != NONE));
            while let Some(call) = calls.get(at).filter(|_| found <= count) {
                let links = call.links(Call::IN_ORDER);
                let here = Some(deadline(call));
                if !call.is_live() || links.prev != prev || before >= here {
                    return false;
                }
                found = found.saturating_add(1);
                (before, prev, at) = (here, at, links.next);
            }
            let (first, last) = match (list.first, prev) {
                (NONE, _) => (NONE, NONE),
                (first, last) => (first, last),
            };
            let is_closed = first == NONE || at == END | number;
            if !is_closed || list.last != last || !self.is_placed(calls, list, number) {
                return false;
            }
        }
        found == count && filled == self.heap.len() && self.heap_is_one()
    }

    fn is_placed(&self, calls: &Arena<Call>, list: &List, number: u32) -> bool {
        let expected = calls.get(list.first).map(|call| (deadline(call), number));
        self.heap.get(place(list.place)).copied() == expected
    }

    fn heap_is_one(&self) -> bool {
        let parent = |at: usize| self.heap.get(at.saturating_sub(1) >> 1);
        self.heap.iter().enumerate().all(|(at, it)| parent(at).is_none_or(|above| above <= it))
    }
}

/// The deadline of a live attempt that has one.
fn deadline(call: &Call) -> Deadline {
    Deadline { at: call.deadline().unwrap_or(Tick::LAST), attempt: call.number() }
}

#[inline]
fn set(call: &mut Call, links: Links) {
    if let Some(place) = call.links_mut(Call::IN_ORDER) {
        *place = links;
    }
}

/// A number as an index.
#[inline]
fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
