//! Another policy and other limits in mid-life (F-19).

use std::collections::BTreeSet;

use proptest::prelude::*;
use roomcall::protocol::{Fact, Input, PendingCall, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{ActiveCalls, InOtherRoom, Limits, Policy, Rule};

use roomcall_testkit::play::{board, inside, live};
use roomcall_testkit::strategies::journal::{Journal, journal, limits, policy, settings};

/// What ends by another policy, by attempt: first what is for somebody who is elsewhere, then all but the
/// first call to each user.
fn ends(board: &Switchboard, policy: Policy) -> Vec<(Rule, u64)> {
    let was = board.policy();
    let mut calls: Vec<(&str, PendingCall)> = live(board);
    calls.sort_by_key(|(_, call)| call.attempt);
    let becomes_reject =
        policy.in_other_room == InOtherRoom::Reject && was.in_other_room == InOtherRoom::Ring;
    let becomes_single =
        policy.active_calls == ActiveCalls::PerUser && was.active_calls == ActiveCalls::PerRoom;
    let is_elsewhere = |(room, call): &(&str, PendingCall)| {
        becomes_reject && inside(board).iter().any(|(who, at)| at != room && *who == call.callee)
    };
    let (elsewhere, rest): (Vec<_>, Vec<_>) = calls.into_iter().partition(is_elsewhere);
    let mut called = BTreeSet::new();
    let second =
        rest.into_iter().filter(|(_, call)| !called.insert(call.callee.clone()) && becomes_single);
    let second: Vec<_> = second.collect();
    let ended = elsewhere.into_iter().map(|(_, call)| (Rule::E03, call.attempt));
    ended.chain(second.into_iter().map(|(_, call)| (Rule::F19, call.attempt))).collect()
}

fn changes(
    journal: &Journal,
    at: usize,
    policy: Policy,
    limits: Limits,
) -> Result<(), TestCaseError> {
    let mut board = board(journal);
    for line in journal.lines.iter().take(at) {
        let _ = board.apply_record(line);
    }
    let was = *board.limits();
    let limits = Limits {
        id_bytes: was.id_bytes,
        extension_bytes: was.extension_bytes,
        page_size: was.page_size,
        ..limits
    };
    let policy_of = serde_json::from_value(serde_json::to_value(policy).unwrap()).unwrap();
    let limits_of = serde_json::from_value(serde_json::to_value(limits).unwrap()).unwrap();
    let fact = Fact::RulesChanged { policy: Some(policy_of), limits: Some(limits_of) };
    let now = board.clock().as_millis();
    let tick = Record { at: now, request_id: None, input: Input::Tick };
    let _ = board.apply_record(&tick);
    let (before, expected) = (live(&board), ends(&board, policy));
    let is_same = (*board.policy(), *board.limits()) == (policy, limits);
    let outcome =
        board.apply_record(&Record { at: now, request_id: None, input: Input::Fact(fact) });
    prop_assert_eq!(outcome.unchanged, is_same.then_some(Rule::F19));
    prop_assert_eq!((*board.policy(), *board.limits()), (policy, limits));
    prop_assert_eq!(board.verify(), Ok(()));
    // Each end is told; nothing else is, but for records that are too many.
    let mut told: Vec<(Rule, u64)> =
        outcome.effects.iter().map(|effect| (effect.because, effect.event.attempt())).collect();
    told.retain(|(because, _)| *because != Rule::K03);
    told.dedup();
    prop_assert_eq!(&told, &expected);
    // What does not end is as it was.
    let ended: BTreeSet<u64> = expected.iter().map(|(_, attempt)| *attempt).collect();
    let left: Vec<_> = before.into_iter().filter(|(_, it)| !ended.contains(&it.attempt)).collect();
    prop_assert_eq!(live(&board), left);
    // And a snapshot has all of it (S-01).
    let mut restored = Switchboard::restore(&board.snapshot()).unwrap();
    for line in journal.lines.iter().skip(at) {
        prop_assert_eq!(restored.apply_record(line), board.apply_record(line));
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings())]

    /// F-19, E-15, INV-01 to INV-06
    #[test]
    fn rules_change_in_mid_life(
        journal in journal(),
        at in any::<prop::sample::Index>(),
        policy in policy(),
        limits in limits(),
    ) {
        changes(&journal, at.index(journal.lines.len().max(1)), policy, limits)?;
    }
}
