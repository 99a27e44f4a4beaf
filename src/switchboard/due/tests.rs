//! The deadlines are an ordered set, whatever timeouts they were set with.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::Due;
use crate::store::{Arena, HashKey};
use crate::switchboard::state::Call;
use crate::{Attempt, Tick};

/// What happens: a deadline is set so many seconds ahead, one is taken away, or time passes.
#[derive(Clone, Copy, Debug)]
enum Op {
    Set(u32),
    Take(usize),
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (1..4_u32).prop_map(Op::Set),
        1 => (1..200_u32).prop_map(Op::Set),
        3 => any::<usize>().prop_map(Op::Take),
        2 => (0..3_000_u64).prop_map(Op::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    // T-03, T-07
    #[test]
    fn deadlines_are_an_ordered_set(ops in prop::collection::vec(op(), 0..300)) {
        let (mut due, mut calls) = (Due::new(HashKey::new(1)), Arena::new());
        let (mut model, mut now, mut attempts) = (BTreeMap::new(), Tick::START, 0);
        for op in ops {
            match op {
                Op::Set(seconds) => {
                    attempts += 1;
                    let deadline = now.plus(u64::from(seconds) * 1_000);
                    let attempt = Attempt::new(attempts);
                    let call = Call::ringing(attempt, Some(deadline), (0, 0), (0, 0), 0);
                    let at = calls.insert(call);
                    due.insert(&mut calls, at, seconds);
                    model.insert((deadline, attempt), at);
                }
                Op::Take(which) => {
                    let nth = which.checked_rem(model.len()).and_then(|nth| model.keys().nth(nth));
                    if let Some(key) = nth.copied() {
                        let at = model.remove(&key).unwrap();
                        due.remove(&mut calls, at);
                        calls.remove(at);
                    }
                }
                Op::Pass(millis) => {
                    now = now.plus(millis);
                    while let Some(entry) = model.first_entry().filter(|it| it.key().0 <= now) {
                        let first = due.first().unwrap();
                        prop_assert_eq!((first.at, first.attempt), *entry.key());
                        let at = entry.remove();
                        prop_assert_eq!(due.first_call(), Some(at));
                        due.remove(&mut calls, at);
                        calls.remove(at);
                    }
                }
            }
            let first = due.first().map(|first| (first.at, first.attempt));
            prop_assert_eq!(first, model.keys().next().copied());
            prop_assert!(due.agrees(&calls, calls.len()));
        }
        // In order, as a snapshot brings them back, they are the same.
        let mut restored = Due::new(HashKey::new(2));
        restored.restore(&mut calls, model.values().copied());
        prop_assert!(restored.agrees(&calls, calls.len()));
        prop_assert_eq!(restored.first(), due.first());
    }
}

/// Lists for timeouts that are in use no more are given up.
#[test]
fn many_timeouts_leave_little_behind() {
    let (mut due, mut calls) = (Due::new(HashKey::new(1)), Arena::new());
    for seconds in 1..10_000 {
        let deadline = Some(Tick::START.plus(u64::from(seconds) * 1_000));
        let attempt = Attempt::new(u64::from(seconds));
        let at = calls.insert(Call::ringing(attempt, deadline, (0, 0), (0, 0), 0));
        due.insert(&mut calls, at, seconds);
        due.remove(&mut calls, at);
        calls.remove(at);
    }
    assert!(due.lists.len() <= super::SPARE + 2, "{}", due.lists.len());
    assert!(due.agrees(&calls, 0));
}
