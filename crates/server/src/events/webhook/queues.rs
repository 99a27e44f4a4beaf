//! Which event of which call is sent next to an endpoint, without sending it.
//!
//! The events of a call are sent one after another; calls do not wait for each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tokio::time::Instant;

use crate::events::event::{Event, EventId, Kind};

/// What an endpoint has not acknowledged, of what was read for it.
#[derive(Debug)]
pub(super) struct Queues {
    calls: BTreeMap<u64, Call>,
    ready: VecDeque<u64>,
    waiting: BTreeSet<(Instant, u64)>,
    /// The events that are not done, each with the one that was read before it.
    pending: BTreeMap<EventId, EventId>,
    /// The last event that was read.
    read: EventId,
}

#[derive(Debug)]
struct Call {
    /// In order; the first one is sent or waits.
    events: VecDeque<Event>,
    /// How often the first one was sent.
    tries: u32,
    /// Whether the call has ended, by what was read.
    is_over: bool,
    /// When it is tried again.
    waits: Option<Instant>,
}

impl Call {
    /// Whether the first event is not sent again: it rings, and the call is over.
    fn is_obsolete(&self, now: u64) -> bool {
        let first = self.events.front().filter(|first| first.kind() == Kind::Ring);
        first.is_some_and(|ring| self.tries > 0 && (self.is_over || is_past(ring, now)))
    }
}

fn is_past(ring: &Event, now: u64) -> bool {
    ring.deadline().is_some_and(|deadline| deadline <= now)
}

/// An event that is to be sent.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) event: Event,
    /// Whether its call is over already.
    pub(super) is_over: bool,
}

impl Queues {
    /// Nothing was read after this event.
    pub(super) fn after(read: EventId) -> Self {
        let (calls, ready, waiting) = (BTreeMap::new(), VecDeque::new(), BTreeSet::new());
        Self { calls, ready, waiting, pending: BTreeMap::new(), read }
    }

    /// How many events are not done.
    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// The last event that was read.
    pub(super) const fn read(&self) -> EventId {
        self.read
    }

    /// Up to where all is done.
    pub(super) fn position(&self) -> EventId {
        self.pending.first_key_value().map_or(self.read, |(_, before)| *before)
    }

    /// An event was read that the endpoint is not told of as it is.
    pub(super) fn skip(&mut self, id: EventId) {
        self.read = id;
    }

    /// An event was read, which the endpoint wants to hear of or not.
    pub(super) fn push(&mut self, event: Event, is_wanted: bool) {
        let (id, attempt) = (event.id, event.attempt);
        let before = std::mem::replace(&mut self.read, id);
        let is_ending = event.kind().is_ending();
        if is_wanted {
            self.pending.insert(id, before);
            let call = self.calls.entry(attempt).or_insert_with(|| {
                self.ready.push_back(attempt);
                Call { events: VecDeque::new(), tries: 0, is_over: false, waits: None }
            });
            call.events.push_back(event);
        }
        let Some(call) = self.calls.get_mut(&attempt).filter(|_| is_ending) else { return };
        call.is_over = true;
        let rings = call.events.front().is_some_and(|first| first.kind() == Kind::Ring);
        // The ending does not wait for a ring that is not sent again.
        if let Some(waits) = call.waits.take_if(|_| rings) {
            self.waiting.remove(&(waits, attempt));
            self.ready.push_back(attempt);
        }
    }

    /// What is to be sent at `now`, in milliseconds since 1970.
    pub(super) fn next(&mut self, now: u64) -> Option<Next> {
        loop {
            let attempt = self.ready.pop_front()?;
            let Some(call) = self.calls.get_mut(&attempt) else { continue };
            if call.is_obsolete(now) {
                self.done(attempt);
                continue;
            }
            let Some(event) = call.events.front().cloned() else { continue };
            call.tries = call.tries.saturating_add(1);
            let is_over = call.is_over || is_past(&event, now);
            return Some(Next { event, is_over });
        }
    }

    /// The first event of a call is done: the next one may be sent.
    pub(super) fn done(&mut self, attempt: u64) {
        let Some(call) = self.calls.get_mut(&attempt) else { return };
        if let Some(event) = call.events.pop_front() {
            self.pending.remove(&event.id);
        }
        call.tries = 0;
        if call.events.is_empty() {
            self.calls.remove(&attempt);
        } else {
            self.ready.push_back(attempt);
        }
    }

    /// How often the first event of a call was sent.
    pub(super) fn tries(&self, attempt: u64) -> u32 {
        self.calls.get(&attempt).map_or(0, |call| call.tries)
    }

    /// The first event of a call was not taken: it is sent again at `again`, or not if it need not be.
    pub(super) fn failed(&mut self, attempt: u64, again: Instant, now: u64) {
        let Some(call) = self.calls.get_mut(&attempt) else { return };
        if call.is_obsolete(now) {
            self.ready.push_back(attempt);
        } else {
            call.waits = Some(again);
            self.waiting.insert((again, attempt));
        }
    }

    /// When the next one is tried again.
    pub(super) fn next_try(&self) -> Option<Instant> {
        self.waiting.first().map(|(again, _)| *again)
    }

    /// All that wait to be tried again are ready.
    pub(super) fn wake_all(&mut self) {
        while let Some((again, _)) = self.waiting.last().copied() {
            self.wake(again);
        }
    }

    /// Those that are to be tried again by now are ready.
    pub(super) fn wake(&mut self, now: Instant) {
        while let Some((again, attempt)) = self.waiting.pop_first() {
            if again > now {
                self.waiting.insert((again, attempt));
                return;
            }
            if let Some(call) = self.calls.get_mut(&attempt) {
                call.waits = None;
            }
            self.ready.push_back(attempt);
        }
    }
}
