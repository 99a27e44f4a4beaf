//! Whatever comes and goes, a page has little to skip.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

use proptest::prelude::*;

use super::{Fences, GAP};
use crate::store::{Arena, Chain, Walk};
use crate::switchboard::state::Call;
use crate::{Attempt, Tick};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_first_after_any_attempt_is_near(
        steps in prop::collection::vec((any::<u16>(), 0..5_u8), 0..900),
        churn in 1..5_u8,
    ) {
        let (mut calls, mut chain, mut fences) = (Arena::new(), Chain::EMPTY, Fences::EMPTY);
        let (mut listed, mut attempts) = (Vec::new(), 0_u64);
        for (which, kind) in steps {
            if kind >= churn || listed.is_empty() {
                attempts += 1;
                let attempt = Attempt::new(attempts);
                let at = calls.insert(Call::ringing(attempt, Some(Tick::LAST), (0, 0), (0, 0), 0));
                chain.push(&mut calls, Call::IN_ROOM, at);
                listed.push((attempts, at));
                fences.listed(&mut calls, at, listed.len() as u32);
                continue;
            }
            // The last one goes often: what was fenced by it must not be forgotten.
            let nth = if which % 3 == 0 { listed.len() - 1 } else { usize::from(which) % listed.len() };
            let (_, at) = listed.remove(nth);
            if calls.get(at).unwrap().is_fence {
                fences.moved(&mut calls, at);
            }
            chain.remove(&mut calls, Call::IN_ROOM, at);
            calls.remove(at);
        }
        for after in 0..=attempts {
            let start = fences.before(after).unwrap_or(chain.first);
            let skipped = Walk::from(&calls, Call::IN_ROOM, start)
                .take_while(|(_, call)| call.attempt <= after)
                .count();
            prop_assert!(skipped <= GAP as usize, "{skipped} after {after}");
            let found = Walk::from(&calls, Call::IN_ROOM, start).nth(skipped).map(|(at, _)| at);
            let expected = listed.iter().find(|(attempt, _)| *attempt > after).map(|(_, at)| *at);
            prop_assert_eq!(found, expected);
        }
    }
}

/// A list that grows by what is left of each span when its fence goes: the last of it, each time.
#[test]
fn a_fence_that_goes_last_is_made_up_for() {
    let (mut calls, mut chain, mut fences) = (Arena::new(), Chain::EMPTY, Fences::EMPTY);
    let mut listed = 0;
    for attempt in 1..5_000 {
        let call = Call::ringing(Attempt::new(attempt), None, (0, 0), (0, 0), 0);
        let at = calls.insert(call);
        chain.push(&mut calls, Call::IN_ROOM, at);
        fences.listed(&mut calls, at, listed + 1);
        if attempt % 100 > 0 && calls.get(at).unwrap().is_fence {
            fences.moved(&mut calls, at);
            chain.remove(&mut calls, Call::IN_ROOM, at);
            calls.remove(at);
        } else {
            listed += 1;
        }
    }
    let mut gap = 0;
    for (_, call) in chain.iter(&calls, Call::IN_ROOM) {
        gap = if call.is_fence { 0 } else { gap + 1 };
        assert!(gap <= GAP, "{gap} before attempt {}", call.attempt);
    }
}
