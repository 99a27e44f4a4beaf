//! The deadlines are an ordered set, whatever timeouts they were set with.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Deadline, SPARE, Timed, Timers};
use crate::Tick;
use crate::collections::{Linked, Links, Slab};

/// A record with nothing but a deadline.
struct Timer {
    deadline: Deadline,
    queue: u32,
    links: Links,
}

impl Linked<()> for Timer {
    fn links(&self) -> Links {
        self.links
    }

    fn links_mut(&mut self) -> Option<&mut Links> {
        Some(&mut self.links)
    }
}

impl Timed<()> for Timer {
    fn deadline(&self) -> Option<Deadline> {
        Some(self.deadline)
    }
}

/// How a deadline is set.
type Insert = fn(&mut Timers<()>, &mut Slab<Timer>, u32, u32, Deadline) -> (u32, Links);

#[derive(Default)]
struct Set {
    timers: Option<Timers<()>>,
    slab: Option<Slab<Timer>>,
    attempts: u64,
}

impl Set {
    fn new() -> Self {
        Self { timers: Some(Timers::new()), slab: Some(Slab::new()), attempts: 0 }
    }

    fn parts(&mut self) -> (&mut Timers<()>, &mut Slab<Timer>) {
        (self.timers.as_mut().unwrap(), self.slab.as_mut().unwrap())
    }

    fn set(&mut self, at: Tick, seconds: u32) -> (Deadline, u32) {
        self.attempts += 2;
        let deadline = Deadline { at, attempt: self.attempts };
        self.insert(deadline, seconds, Timers::insert)
    }

    /// With the number before that of the last one, after which it is set.
    fn set_late(&mut self, at: Tick, seconds: u32) -> (Deadline, u32) {
        self.attempts += 2;
        let deadline = |attempt| Deadline { at, attempt };
        let (first, last) = (deadline(self.attempts - 1), deadline(self.attempts));
        let (_, position) = self.insert(last, seconds, Timers::insert_sorted);
        let late = self.insert(first, seconds, Timers::insert_sorted);
        self.take(position);
        late
    }

    fn insert(&mut self, deadline: Deadline, seconds: u32, insert: Insert) -> (Deadline, u32) {
        let (timers, slab) = self.parts();
        let position = slab.insert(Timer { deadline, queue: 0, links: Links::NONE });
        let (queue, links) = insert(timers, slab, position, seconds, deadline);
        let timer = slab.get_mut(position).unwrap();
        (timer.queue, timer.links) = (queue, links);
        (deadline, position)
    }

    fn take(&mut self, position: u32) {
        let (timers, slab) = self.parts();
        let Timer { queue, links, .. } = *slab.get(position).unwrap();
        timers.remove(slab, links, queue);
        slab.remove(position);
    }

    fn is_sound(&mut self) -> bool {
        let (timers, slab) = self.parts();
        timers.verify(slab, slab.len(), |timer| Some(timer.queue))
    }
}

/// What happens: a deadline is set so many seconds ahead, in the order of numbers or not, one is taken away,
/// or time passes.
#[derive(Clone, Copy, Debug)]
enum Op {
    Set(u32),
    SetLate(u32),
    Take(usize),
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (1..4_u32).prop_map(Op::Set),
        1 => (1..200_u32).prop_map(Op::Set),
        2 => (1..4_u32).prop_map(Op::SetLate),
        3 => any::<usize>().prop_map(Op::Take),
        2 => (0..3_000_u64).prop_map(Op::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    // T-03, T-07
    #[test]
    fn deadlines_are_an_ordered_set(ops in prop::collection::vec(op(), 0..300)) {
        let (mut set, mut model, mut now) = (Set::new(), BTreeMap::new(), Tick::START);
        for op in ops {
            match op {
                Op::Set(seconds) => {
                    let (deadline, position) = set.set(now.plus(u64::from(seconds) * 1_000), seconds);
                    model.insert(deadline, position);
                }
                Op::SetLate(seconds) => {
                    let at = now.plus(u64::from(seconds) * 1_000);
                    let (deadline, position) = set.set_late(at, seconds);
                    prop_assert!(set.is_sound());
                    model.insert(deadline, position);
                }
                Op::Take(which) => {
                    let nth = which.checked_rem(model.len()).and_then(|nth| model.keys().nth(nth));
                    if let Some(deadline) = nth.copied() {
                        set.take(model.remove(&deadline).unwrap());
                    }
                }
                Op::Pass(millis) => {
                    now = now.plus(millis);
                    while let Some(entry) = model.first_entry().filter(|it| it.key().at <= now) {
                        let position = entry.remove();
                        prop_assert_eq!(set.parts().0.due(now), Some(position));
                        set.take(position);
                    }
                    prop_assert_eq!(set.parts().0.due(now), None);
                }
            }
            let first = model.keys().next().copied();
            prop_assert_eq!(set.parts().0.first(), first);
            prop_assert!(set.is_sound());
        }
        // In order, as a snapshot brings them back, they are the same.
        let first = set.parts().0.first();
        let in_order: Vec<u32> = model.values().copied().collect();
        set.timers = Some(Timers::new());
        let (timers, slab) = set.parts();
        for position in &in_order {
            slab.get_mut(*position).unwrap().links = Links::NONE;
        }
        let queue = timers.restore(slab, &in_order);
        for position in &in_order {
            slab.get_mut(*position).unwrap().queue = queue;
        }
        prop_assert_eq!(set.parts().0.first(), first);
        prop_assert!(set.is_sound());
    }
}

/// Queues for timeouts that are no longer in use are retired.
#[test]
fn many_timeouts_leave_little_behind() {
    let mut set = Set::new();
    for seconds in 1..10_000 {
        let (_, position) = set.set(Tick::START.plus(u64::from(seconds) * 1_000), seconds);
        set.take(position);
    }
    let queues = set.parts().0.queues.len();
    assert!(queues <= SPARE + 2, "{queues}");
    assert!(set.is_sound());
}
