//! The law of what is told when it rings (C-14).

use std::collections::BTreeSet;

use proptest::prelude::*;
use roomcall::protocol::{
    Actor, Answer, Command, Effect, Event, Input, LiveCall, MyCalls, NamedCall, Query,
};
use roomcall::switchboard::Switchboard;
use roomcall::{Attempt, CallStatus, Rule};

use super::expected::Expecting;
use roomcall_testkit::play::{board, device, live, now, tick};
use roomcall_testkit::strategies::journal::USERS;

fn my_calls(board: &mut Switchboard, user: &str) -> MyCalls {
    let (by, query) = (device(user, "phone"), Query::GetMyCalls { since: u64::MAX });
    let line = now(board, Input::Query { by, query });
    match board.apply_record(&line).answer {
        Some(Ok(Answer::GetMyCalls(calls))) => calls,
        answer => panic!("{answer:?}"),
    }
}

laws! {
    // C-14, P-06, Q-06, Q-07, Q-11: numbered or not.
    fn it_rings_once(journal) {
        for is_numbered in [false, true] {
            let (mut board, mut expecting) = (board(journal), Expecting::of(journal));
            let mut rung = BTreeSet::new();
            for (line, number) in journal.lines.iter().zip(1..) {
                let is_ringing = matches!(line.input, Input::Ask { command: Command::Ringing { .. }, .. });
                let mut line = line.clone();
                line.request_id = (is_numbered && is_ringing).then_some(number % 3);
                let (mut ticked, asked) = (board.clone(), board.clone());
                let outcome = board.apply_record(&line);
                let is_told = |effect: &Effect| {
                    effect.because == Rule::C14 || matches!(effect.event, Event::CallRinging(_))
                };
                let Input::Ask { by, command: Command::Ringing { attempt } } = &line.input else {
                    prop_assert!(!outcome.effects.iter().any(is_told), "{:?}", outcome);
                    let _ = expecting.hear(&line, &outcome);
                    continue;
                };
                let mut effects = tick(&mut ticked, line.at).effects;
                prop_assert_eq!(outcome.request_id, line.request_id);
                prop_assert_eq!(outcome.unchanged, None);
                // The live attempt that is meant.
                let user = match by {
                    Actor::Device { user, .. } => Some(user),
                    Actor::Backend => None,
                };
                let mut rings = live(&ticked).into_iter();
                let call = rings.find(|(_, call)| call.attempt == *attempt && Some(&call.callee) == user);
                let is_refused = matches!(outcome.answer, Some(Err(_)));
                match outcome.answer {
                    Some(Err(refused)) => {
                        let expected = if user.is_some() { Rule::L01 } else { Rule::P04 };
                        prop_assert_eq!(refused.rule, expected);
                    }
                    answer => {
                        let rung = call.is_some();
                        prop_assert_eq!(answer, Some(Ok(Answer::Ringing { attempt: *attempt, rung })));
                    }
                }
                let first = call.filter(|_| !is_refused && rung.insert(*attempt));
                let is_first = first.is_some();
                // What a host asks before it journals: of one that may be live later it says no. It does not ask about a
                // device whose id is refused.
                if let Some(user) = user.filter(|_| !is_refused).and_then(|user| asked.lookup_user(user)) {
                    let attempt = Attempt::new(*attempt);
                    let is_made = attempt <= asked.last_attempt();
                    let changes_nothing = ticked.ringing_changes_nothing(user, attempt);
                    prop_assert_eq!(changes_nothing, is_made && !is_first);
                    let before = asked.ringing_changes_nothing(user, attempt);
                    prop_assert!(!before || board == ticked, "{:?}", line);
                }
                if let Some((room, call)) = first {
                    let to = expecting.caller(*attempt, &call.caller);
                    let (room, status) = (room.to_owned(), CallStatus::Calling);
                    let (caller, callee, attempt) = (call.caller, call.callee, *attempt);
                    let call = NamedCall { room, caller, callee, status, attempt };
                    effects.push(Effect { to, event: Event::CallRinging(call), because: Rule::C14 });
                }
                prop_assert_eq!(&outcome.effects, &effects);
                // Any other one is like a query: even what is remembered of requests stays.
                prop_assert_eq!(board == ticked, !is_first);
                prop_assert_eq!(board.state_hash() == ticked.state_hash(), !is_first);
                prop_assert!(is_first || board.known_names() == ticked.known_names());
                for user in USERS {
                    let (before, after) = (my_calls(&mut ticked, user), my_calls(&mut board, user));
                    prop_assert_eq!(after.revision, before.revision + u64::from(is_first));
                    let has_rung = |call: &LiveCall| call.rung == rung.contains(&call.attempt);
                    prop_assert!(after.incoming.iter().all(has_rung), "{:?} of {:?}", after, rung);
                    prop_assert!(after.outgoing.iter().all(has_rung), "{:?} of {:?}", after, rung);
                }
            }
        }
    }
}
