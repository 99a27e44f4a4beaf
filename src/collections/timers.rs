//! Queues of deadlines, one for each timeout in use.
//!
//! The clock never goes back, so deadlines that are set with one timeout are set in order, and a
//! queue of them is a list. The earliest of all is the first of one of the queues; a heap of the
//! queues finds it. To set a deadline and to take it away does not depend on how many there are, but for
//! those at one time that are not set in the order of their numbers.

use alloc::vec::Vec;

use super::{Linked, Links, List, NONE, Slab, index};
use crate::Tick;

/// Queues that stay, though they are empty, for the next deadline with their timeout.
const SPARE: usize = 64;

/// A deadline, and the number that orders equal ones.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Deadline {
    pub(crate) at: Tick,
    pub(crate) attempt: u64,
}

/// A record that has a deadline, and the links of a list `L` for it.
pub(crate) trait Timed<L>: Linked<L> {
    fn deadline(&self) -> Option<Deadline>;
}

/// The deadlines that were set with one timeout.
#[derive(Clone, Debug)]
struct Queue<L> {
    /// The timeout; 0 if the queue is for no new deadline.
    seconds: u32,
    list: List<L>,
    /// Where it is in the heap; [`NONE`] if it is empty.
    heap_index: u32,
}

/// The deadlines of records in a slab.
#[derive(Clone, Debug)]
pub(crate) struct Timers<L> {
    queues: Vec<Queue<L>>,
    /// Queues that are for no timeout.
    unused: Vec<u32>,
    /// The queues that are for a timeout, by it.
    by_timeout: Vec<(u32, u32)>,
    /// The queue that was used last: most deadlines have the timeout of the one before.
    latest: u32,
    /// The queues that are not empty, by their first deadlines.
    heap: Vec<(Deadline, u32)>,
}

impl<L> Timers<L> {
    pub(crate) const fn new() -> Self {
        Self {
            queues: Vec::new(),
            unused: Vec::new(),
            by_timeout: Vec::new(),
            latest: NONE,
            heap: Vec::new(),
        }
    }

    /// The earliest deadline.
    #[inline]
    pub(crate) fn first(&self) -> Option<Deadline> {
        self.heap.first().map(|(deadline, _)| *deadline)
    }

    /// The record with the earliest deadline, if `now` has reached it: at the deadline it has (T-04).
    #[inline]
    pub(crate) fn due(&self, now: Tick) -> Option<u32> {
        let (deadline, queue) = self.heap.first()?;
        if deadline.at > now {
            return None;
        }
        self.queues.get(index(*queue)).map(|queue| queue.list.first())
    }

    /// Sets the deadline of the record at `position`, which is `seconds` after the present, and gives
    /// the queue that it is in from now on and the links that it has there: the caller stores them.
    #[inline]
    pub(crate) fn insert<T: Timed<L>>(
        &mut self,
        slab: &mut Slab<T>,
        position: u32,
        seconds: u32,
        deadline: Deadline,
    ) -> (u32, Links) {
        let number = match self.queues.get(index(self.latest)) {
            Some(queue) if queue.seconds == seconds => self.latest,
            _ => self.queue_for(seconds),
        };
        (number, self.append(slab, number, position, deadline))
    }

    /// As [`insert`](Self::insert), of records that are not set in the order of their numbers at one time. It takes
    /// time for each one at that time with a greater number.
    pub(crate) fn insert_sorted<T: Timed<L>>(
        &mut self,
        slab: &mut Slab<T>,
        position: u32,
        seconds: u32,
        deadline: Deadline,
    ) -> (u32, Links) {
        let number = self.queue_for(seconds);
        let Some(queue) = self.queues.get_mut(index(number)) else { return (NONE, Links::NONE) };
        if queue.list.is_empty() {
            return (number, self.append(slab, number, position, deadline));
        }
        let is_before = |other: &T| other.deadline() < Some(deadline);
        let links = queue.list.join_sorted(slab, position, is_before);
        if links.prev == NONE {
            let at = index(queue.heap_index);
            if let Some(entry) = self.heap.get_mut(at) {
                entry.0 = deadline;
            }
            self.sift_up(at);
        }
        (number, links)
    }

    #[inline]
    fn append<T: Timed<L>>(
        &mut self,
        slab: &mut Slab<T>,
        number: u32,
        position: u32,
        deadline: Deadline,
    ) -> Links {
        let Some(queue) = self.queues.get_mut(index(number)) else { return Links::NONE };
        let was_empty = queue.list.is_empty();
        let links = queue.list.join_back(slab, position);
        if was_empty {
            self.heap.push((deadline, number));
            self.sift_up(self.heap.len().saturating_sub(1));
        }
        links
    }

    /// Takes the deadline of a record away, which is in this queue and has these links there.
    #[inline]
    pub(crate) fn remove<T: Timed<L>>(&mut self, slab: &mut Slab<T>, links: Links, number: u32) {
        let Some(queue) = self.queues.get_mut(index(number)) else { return };
        let was_first = links.prev == NONE;
        queue.list.leave(slab, links);
        if was_first {
            self.first_removed(slab, number);
        }
    }

    /// The queue has another first deadline, or none.
    fn first_removed<T: Timed<L>>(&mut self, slab: &Slab<T>, number: u32) {
        let Some(queue) = self.queues.get_mut(index(number)) else { return };
        let at = index(queue.heap_index);
        if let Some(deadline) = slab.get(queue.list.first()).and_then(T::deadline) {
            if let Some(entry) = self.heap.get_mut(at) {
                entry.0 = deadline;
            }
            return self.sift_down(at);
        }
        queue.heap_index = NONE;
        let seconds = queue.seconds;
        if at < self.heap.len() {
            self.heap.swap_remove(at);
        }
        if at < self.heap.len() {
            self.sift_down(at);
            self.sift_up(at);
        }
        if seconds == 0 || self.by_timeout.len() > SPARE {
            self.retire(number, seconds);
        }
    }

    #[cold]
    fn queue_for(&mut self, seconds: u32) -> u32 {
        self.latest = match self.by_timeout.binary_search_by_key(&seconds, |(timeout, _)| *timeout)
        {
            Ok(found) => self.by_timeout.get(found).map_or(NONE, |(_, number)| *number),
            Err(place) => {
                let number = self.new_queue(seconds);
                self.by_timeout.insert(place, (seconds, number));
                number
            }
        };
        self.latest
    }

    fn new_queue(&mut self, seconds: u32) -> u32 {
        let queue = Queue { seconds, list: List::EMPTY, heap_index: NONE };
        match self.unused.pop() {
            Some(number) => {
                if let Some(unused) = self.queues.get_mut(index(number)) {
                    *unused = queue;
                }
                number
            }
            None => {
                self.queues.push(queue);
                u32::try_from(self.queues.len().saturating_sub(1)).unwrap_or(NONE)
            }
        }
    }

    /// The queue is for no timeout any more.
    fn retire(&mut self, number: u32, seconds: u32) {
        let found = self.by_timeout.binary_search_by_key(&seconds, |(timeout, _)| *timeout);
        if let Ok(place) = found {
            self.by_timeout.remove(place);
        }
        if let Some(queue) = self.queues.get_mut(index(number)) {
            queue.seconds = 0;
        }
        self.unused.push(number);
    }

    /// Sets the deadlines of restored records, in order, and gives the queue that they are in: no
    /// new deadline joins it.
    pub(crate) fn restore<T: Timed<L>>(&mut self, slab: &mut Slab<T>, in_order: &[u32]) -> u32 {
        let number = self.new_queue(0);
        for position in in_order {
            if let Some(deadline) = slab.get(*position).and_then(T::deadline) {
                let links = self.append(slab, number, *position, deadline);
                List::store(slab, *position, links);
            }
        }
        number
    }
}

/// The heap.
impl<L> Timers<L> {
    fn sift_up(&mut self, mut at: usize) {
        while let Some(parent) = at.checked_sub(1).map(|below| below >> 1) {
            if self.heap.get(parent) <= self.heap.get(at) {
                break;
            }
            self.heap.swap(parent, at);
            self.place(at);
            at = parent;
        }
        self.place(at);
    }

    fn sift_down(&mut self, mut at: usize) {
        loop {
            let left = at.saturating_mul(2).saturating_add(1);
            let right = left.saturating_add(1);
            let is_right = self.heap.get(right).is_some_and(|it| Some(it) < self.heap.get(left));
            let child = if is_right { right } else { left };
            if child >= self.heap.len() || self.heap.get(at) <= self.heap.get(child) {
                break;
            }
            self.heap.swap(at, child);
            self.place(at);
            at = child;
        }
        self.place(at);
    }

    /// Notes where in the heap a queue is.
    fn place(&mut self, at: usize) {
        let number = self.heap.get(at).map(|(_, number)| index(*number));
        if let Some(queue) = number.and_then(|number| self.queues.get_mut(number)) {
            queue.heap_index = u32::try_from(at).unwrap_or(NONE);
        }
    }

    /// Whether queues and heap are as they must be, with `count` deadlines in all. A record says
    /// itself in which queue it is.
    pub(crate) fn verify<T: Timed<L>>(
        &self,
        slab: &Slab<T>,
        count: u32,
        queue_of: impl Fn(&T) -> Option<u32>,
    ) -> bool {
        let (mut found, mut filled) = (0_u32, 0_usize);
        for (queue, number) in self.queues.iter().zip(0_u32..) {
            let Some(len) = queue.list.verify(slab) else { return false };
            found = found.saturating_add(len);
            filled = filled.saturating_add(usize::from(len > 0));
            let mut records = queue.list.iter(slab).map(|(_, record)| record);
            if !records.all(|record| queue_of(record) == Some(number)) {
                return false;
            }
            let deadlines = queue.list.iter(slab).map(|(_, record)| record.deadline());
            let first = slab.get(queue.list.first()).and_then(T::deadline);
            let entry = self.heap.get(index(queue.heap_index)).copied();
            if !deadlines.is_sorted_by(|a, b| a < b) || entry != first.map(|it| (it, number)) {
                return false;
            }
        }
        let parent = |at: usize| self.heap.get(at.saturating_sub(1) >> 1);
        let mut heap = self.heap.iter().enumerate();
        let is_heap = heap.all(|(at, it)| parent(at).is_none_or(|above| above <= it));
        found == count && filled == self.heap.len() && is_heap
    }
}

#[cfg(test)]
mod tests;
