//! Laws about attempts: single, ended once, told to the end.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use roomcall::protocol::{
    Actor, Answer, Audience, Command, Effect, Event, Fact, Input, NamedCall, Outcome, PendingCall,
    Record,
};
use roomcall::{ActiveCalls, CallResult, CallStatus, InOtherRoom, Rule};

use roomcall_testkit::play::{board, inside, live, tick};

/// Callee, caller, room: the order within one attempt (O-01). A callee is told as a user or as a
/// user's other devices, a caller only of outcomes.
fn place(effect: &Effect, callee: Option<&String>) -> u8 {
    match &effect.to {
        Audience::Room(_) => 2,
        Audience::OtherDevices { .. } => 0,
        Audience::User(user) if Some(user) == callee => 0,
        Audience::User(_) | Audience::Device { .. } => 1,
    }
}

/// Whether a device of a user acts on the calls to that user by this line.
fn acts(line: &Record, user: &str, device: &str) -> bool {
    match &line.input {
        Input::Ask { by: Actor::Device { user: by, device: on }, .. }
        | Input::Fact(Fact::UserEntered { user: by, device: Some(on), .. }) => {
            (&**by, &**on) == (user, device)
        }
        Input::Fact(Fact::PresenceListed { present, .. }) => {
            // The first entry of a user is the one by which the user comes into the room.
            let entry = present.iter().find(|it| it.user == user);
            entry.is_some_and(|it| it.device.as_deref() == Some(device))
        }
        _ => false,
    }
}

/// Where an ending stands in its step (O-01): those of a list come leaving by leaving, then entering by
/// entering.
fn part(line: &Record, effect: &Effect, callee: Option<&String>) -> usize {
    let callee = effect.event.call().map(|call| &call.callee).or(callee);
    match &line.input {
        Input::Fact(Fact::PresenceListed { present, .. })
            if !matches!(effect.because, Rule::F07 | Rule::F08) =>
        {
            let entry = present.iter().position(|it| Some(&it.user) == callee);
            entry.map_or(0, |entry| entry + 1)
        }
        _ => 0,
    }
}

/// What the audiences of one attempt have heard so far.
#[derive(Clone, Debug, Default)]
struct Heard {
    callee: String,
    rang: bool,
    stopped: bool,
    outcomes: usize,
    listed: Vec<CallStatus>,
}

/// Checks each effect against what was heard before: E-17 and T-01.
fn hear(
    heard: &mut BTreeMap<u64, Heard>,
    line: &Record,
    effect: &Effect,
) -> Result<(), TestCaseError> {
    // That is about a log, and no attempt (H-04).
    if let Event::CallsSeen { .. } = effect.event {
        return Ok(());
    }
    let input = heard.entry(effect.event.attempt()).or_default();
    match &effect.event {
        Event::CallReceived { call, .. } => {
            prop_assert!(!input.rang && input.listed.is_empty(), "it rings once, and first");
            prop_assert_eq!(&effect.to, &Audience::User(call.callee.clone()));
            input.rang = true;
            input.callee = call.callee.clone();
        }
        Event::PendingCallChanged(call) => input.listed.push(call.status),
        Event::PendingCallRemoved(_) => input.listed.push(CallStatus::None),
        Event::CallAccepted(_) | Event::CallRejected { .. } => input.outcomes += 1,
        // C-14, E-21: the callee hears neither.
        Event::CallRinging(call) => {
            prop_assert!(input.rang && !input.stopped, "it rings: {:?}", effect);
            prop_assert!(is_for_caller(effect, call), "{:?}", effect);
        }
        Event::CallNotJoined(call) => {
            prop_assert!(input.stopped && input.outcomes == 1, "it was accepted: {:?}", effect);
            let is_for_room = effect.to == Audience::Room(call.room.clone());
            prop_assert!(is_for_room || is_for_caller(effect, call), "{:?}", effect);
        }
        Event::CallHandledByOtherDevice { .. } => stop(input, line, effect)?,
        Event::CallTimeout(call)
        | Event::CallCancelled(call)
        | Event::CallRevokedByAdmin { call, .. } => {
            // Callee and caller hear the same event; the callee first.
            if input.rang && !input.stopped {
                prop_assert_eq!(&effect.to, &Audience::User(call.callee.clone()));
                stop(input, line, effect)?;
            } else {
                input.outcomes += 1;
            }
        }
        event => panic!("no law is about {event:?}"),
    }
    prop_assert!(input.outcomes <= 1, "the caller hears one outcome of {:?}", effect);
    Ok(())
}

fn is_for_caller(effect: &Effect, call: &NamedCall) -> bool {
    match &effect.to {
        Audience::User(user) | Audience::Device { user, .. } => *user == call.caller,
        Audience::OtherDevices { .. } | Audience::Room(_) => false,
    }
}

/// A callee is told to stop.
fn stop(input: &mut Heard, line: &Record, effect: &Effect) -> Result<(), TestCaseError> {
    prop_assert!(input.rang, "who is told to stop was told to ring: {:?}", effect);
    prop_assert!(!input.stopped, "and only once: {:?}", effect);
    input.stopped = true;
    match &effect.to {
        Audience::User(user) => prop_assert_eq!(user, &input.callee),
        Audience::OtherDevices { user, than } => {
            prop_assert_eq!(user, &input.callee);
            prop_assert!(acts(line, user, than), "the device left out acted: {:?}", effect);
        }
        other => prop_assert!(false, "not the callee: {:?}", other),
    }
    Ok(())
}

/// C-07: whether no user has more live attempts than there may be.
fn is_single(active: &BTreeMap<u64, (String, String)>, policy: ActiveCalls) -> bool {
    let counted = active.values().map(|(room, callee)| match policy {
        ActiveCalls::PerUser => (None, callee),
        ActiveCalls::PerRoom => (Some(room), callee),
    });
    counted.collect::<BTreeSet<_>>().len() == active.len()
}

/// What a deadline brings about, but for evictions.
fn is_of_clock(effect: &Effect) -> bool {
    matches!(effect.because, Rule::E04 | Rule::E21)
}

/// F-19: evictions, of which some may be of the clock's endings before; then what ends as in another room, in attempt
/// order, each with what its record evicts; then what is revoked, in attempt order.
fn changes_come_in_order(effects: &[Effect]) -> Result<(), TestCaseError> {
    let of_change = effects.iter().filter(|effect| !is_of_clock(effect));
    let of_change: Vec<_> = of_change.skip_while(|effect| effect.because == Rule::K03).collect();
    let keys: Vec<_> = of_change
        .iter()
        .filter(|effect| effect.because != Rule::K03)
        .map(|effect| (effect.because, effect.event.attempt()))
        .collect();
    let is_known = |(rule, _): &(Rule, u64)| matches!(rule, Rule::E03 | Rule::F19);
    prop_assert!(keys.iter().all(is_known), "{:?}", keys);
    let mut sorted = keys.clone();
    sorted.sort_by_key(|(rule, attempt)| (*rule == Rule::F19, *attempt));
    prop_assert_eq!(keys, sorted);
    for pair in of_change.windows(2) {
        if let [cause, Effect { because: Rule::K03, .. }] = pair {
            let is_after =
                matches!(cause.event, Event::PendingCallChanged(_) | Event::PendingCallRemoved(_));
            prop_assert!(is_after && cause.because != Rule::F19, "{:?}", pair);
        }
    }
    Ok(())
}

laws! {
    // E-17
    fn everyone_told_to_ring_is_told_to_stop(journal) {
        let mut board = board(journal);
        let mut heard = BTreeMap::new();
        for line in &journal.lines {
            for effect in board.apply_record(line).effects {
                hear(&mut heard, line, &effect)?;
            }
            let live: BTreeSet<u64> = live(&board).into_iter().map(|(_, call)| call.attempt).collect();
            let ringing = heard.iter().filter(|(_, h)| h.rang && !h.stopped).map(|(a, _)| *a);
            prop_assert_eq!(live, ringing.collect::<BTreeSet<_>>(), "who rings is live");
        }
        let end = Record { at: u64::MAX, request_id: None, input: Input::Tick };
        for effect in board.apply_record(&end).effects {
            hear(&mut heard, &end, &effect)?;
        }
        let ringing = heard.values().filter(|heard| heard.rang && !heard.stopped).count();
        prop_assert_eq!(ringing, board.live_count() as usize);
    }

    // T-01, C-06, F-18
    fn attempts_end_once(journal) {
        let mut board = board(journal);
        let (mut made, mut heard) = (0, BTreeMap::new());
        for line in &journal.lines {
            let Outcome { answer, effects, unchanged, .. } = board.apply_record(line);
            for effect in &effects {
                hear(&mut heard, line, effect)?;
            }
            // A life begins: its attempts are counted from its base.
            if let (Input::Fact(Fact::Recovered { floor }), None) = (&line.input, unchanged) {
                let base = board.last_attempt().get();
                prop_assert!(base > made && base >= *floor, "{} after {}", base, made);
                made = base;
            }
            if let Some(Ok(Answer::CallUserToRoom(results))) = &answer {
                let new = results.iter().filter(|(_, r)| *r == CallResult::Success).count();
                let seen: BTreeSet<u64> = effects
                    .iter()
                    .filter(|effect| matches!(effect.because, Rule::C01 | Rule::C08))
                    .map(|effect| effect.event.attempt())
                    .collect();
                let numbers = made + 1..=made + new as u64;
                prop_assert_eq!(seen, numbers.collect::<BTreeSet<_>>());
                made += new as u64;
            }
        }
        for (attempt, heard) in heard {
            // The list shows it calling at most once, at first; then one status, then it goes.
            let listed = heard.listed.strip_prefix(&[CallStatus::Calling]).unwrap_or(&heard.listed);
            let is_once = matches!(
                listed,
                [] | [CallStatus::None]
                    | [CallStatus::Timeout | CallStatus::Rejected]
                    | [CallStatus::Timeout | CallStatus::Rejected, CallStatus::None]
            );
            prop_assert!(is_once, "attempt {}: {:?}", attempt, heard);
        }
    }

    // C-07
    fn single_active_call(journal) {
        let mut board = board(journal);
        // By what is told, not by what is listed: the list has one place for each callee.
        let mut active: BTreeMap<u64, (String, String)> = BTreeMap::new();
        for line in &journal.lines {
            for effect in board.apply_record(line).effects {
                let attempt = effect.event.attempt();
                if let Event::CallReceived { call, .. } = effect.event {
                    active.insert(attempt, (call.room, call.callee));
                } else if !matches!(effect.because, Rule::C02 | Rule::C10 | Rule::C14) {
                    active.remove(&attempt);
                }
                // No line makes calls and changes the policy (F-19).
                let is_change = matches!(line.input, Input::Fact(Fact::RulesChanged { .. }));
                prop_assert!(is_change || is_single(&active, board.policy().active_calls), "{:?}", active);
            }
            prop_assert!(is_single(&active, board.policy().active_calls), "{:?}", active);
            prop_assert_eq!(active.len(), board.live_count() as usize);
        }
    }

    // F-04, C-09
    fn nobody_rings_where_they_are(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let _ = board.apply_record(line);
            let inside = inside(&board);
            for (room, call) in live(&board) {
                let is_there = |(user, place): &(String, String)| {
                    let counts = match board.policy().in_other_room {
                        InOtherRoom::Reject => true,
                        InOtherRoom::Ring => place == room,
                    };
                    counts && *user == call.callee
                };
                prop_assert!(!inside.iter().any(is_there), "{:?} rings for {}", call, room);
            }
        }
    }

    // E-15
    fn one_ending_touches_one_callee(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let _ = tick(&mut board, line.at);
            let before = live(&board);
            let turn = board.apply_record(line);
            let touched: Vec<&String> = match &line.input {
                Input::Ask { command: Command::CancelCall { users, .. }, .. }
                | Input::Ask { command: Command::RevokeCall { users, .. }, .. } => users.iter().collect(),
                Input::Ask { by: Actor::Device { user, .. }, command: Command::AcceptCall { .. } }
                | Input::Ask { by: Actor::Device { user, .. }, command: Command::RejectCall { .. } }
                | Input::Fact(Fact::UserEntered { user, .. }) => vec![user],
                Input::Ask { command: Command::RevokeUserCalls { user, .. }, .. } => {
                    let is_of = |call: &&PendingCall| call.callee == *user || call.caller == *user;
                    before.iter().map(|(_, call)| call).filter(is_of).map(|call| &call.callee).collect()
                }
                Input::Fact(
                    Fact::UserLeft { .. }
                    | Fact::PresenceListed { .. }
                    | Fact::UserRemoved { .. }
                    | Fact::UserErased { .. }
                    | Fact::RoomDissolved { .. }
                    | Fact::RulesChanged { .. }
                    | Fact::Recovered { .. },
                ) => continue,
                _ => Vec::new(),
            };
            let after = live(&board);
            for it in &before {
                if !touched.contains(&&it.1.callee) {
                    prop_assert!(after.contains(it), "{:?} by {:?}", it, turn);
                }
            }
        }
    }

    // O-01, K-03
    fn effects_come_in_order(journal) {
        let mut board = board(journal);
        let (mut deadlines, mut callees) = (BTreeMap::new(), BTreeMap::new());
        for line in &journal.lines {
            let mut turn = board.apply_record(line);
            if let Input::Fact(Fact::RulesChanged { .. }) = line.input {
                changes_come_in_order(&turn.effects)?;
                // What the clock ended before is like any other step (T-08).
                let clock = turn.effects.iter().rposition(is_of_clock).map_or(0, |at| at + 1);
                turn.effects.truncate(clock);
            }
            for effect in &turn.effects {
                if let Event::CallReceived { call, time_left, .. } = &effect.event {
                    deadlines.insert(call.attempt, time_left.map(|left| turn.at + left));
                    callees.insert(call.attempt, call.callee.clone());
                }
            }
            // An eviction follows the room's effect of the ending that caused it.
            for pair in turn.effects.windows(2) {
                if pair[1].because == Rule::K03 {
                    prop_assert!(matches!(pair[0].event, Event::PendingCallChanged(_)), "{:?}", pair);
                }
            }
            prop_assert!(turn.effects.first().is_none_or(|effect| effect.because != Rule::K03));
            let keys: Vec<_> = turn
                .effects
                .iter()
                .filter(|effect| effect.because != Rule::K03)
                .map(|effect| {
                    let attempt = effect.event.attempt();
                    let order = place(effect, callees.get(&attempt));
                    if is_of_clock(effect) {
                        (0, deadlines[&attempt], 0, attempt, order)
                    } else {
                        let part = part(line, effect, callees.get(&attempt));
                        (1, None, part, attempt, order)
                    }
                })
                .collect();
            prop_assert!(keys.is_sorted(), "{:?}\n{:?}", keys, turn);
            // E-20: from now on it has another deadline, if it has one.
            if let (Some(Ok(Answer::AcceptCall { attempt })), None) = (&turn.answer, turn.unchanged) {
                let grace = u64::from(board.policy().join_grace) * 1_000;
                deadlines.insert(*attempt, Some(turn.at + grace));
            }
        }
    }
}
