//! Laws about those who accepted and are not there yet (E-20, E-21), by what was told alone.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roomcall::protocol::{
    Actor, Answer, Audience, Command, Effect, Event, Fact, Input, NamedCall, Outcome, Record,
};
use roomcall::{ActiveCalls, CallResult, CallStatus, OutcomesTo, Policy, Rule};

use roomcall_testkit::play::{board, live, tick};
use roomcall_testkit::strategies::journal::Journal;

/// Somebody who accepted, and is expected in a room.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Expected {
    pub(crate) attempt: u64,
    room: String,
    pub(crate) caller: String,
    callee: String,
    pub(crate) deadline: u64,
}

/// What ended that somebody is expected, but for its deadline.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum End {
    Entered,
    Removed,
    Dissolved,
    Erased,
    Recovered,
}

/// Who is expected, by what was told.
#[derive(Debug)]
pub(crate) struct Expecting {
    /// What the rules are by now (F-19).
    pub(crate) policy: Policy,
    /// On which device each attempt was called, if on one (P-11).
    devices: BTreeMap<u64, Option<String>>,
    pub(crate) expected: Vec<Expected>,
}

impl Expecting {
    pub(crate) fn of(journal: &Journal) -> Self {
        let (devices, expected) = (BTreeMap::new(), Vec::new());
        Self { policy: journal.policy, devices, expected }
    }

    /// The accepted call because of which somebody is expected in a room.
    pub(crate) fn find(&self, room: &str, callee: &str) -> Option<&Expected> {
        self.expected.iter().find(|it| it.room == room && it.callee == callee)
    }

    /// E-21, T-03: whose time is up, in order. That comes before all else that a line does.
    pub(crate) fn due(&mut self, at: u64) -> Vec<Expected> {
        let (mut due, left): (Vec<_>, Vec<_>) =
            self.expected.drain(..).partition(|it| it.deadline <= at);
        self.expected = left;
        due.sort_by_key(|it| (it.deadline, it.attempt));
        due
    }

    /// P-06, P-11
    pub(crate) fn caller(&self, attempt: u64, caller: &str) -> Audience {
        let user = caller.to_owned();
        match (self.policy.outcomes_to, self.devices[&attempt].clone()) {
            (OutcomesTo::CallingDevice, Some(device)) => Audience::Device { user, device },
            (OutcomesTo::CallingDevice, None) | (OutcomesTo::AllDevices, _) => Audience::User(user),
        }
    }

    /// E-21: what caller and room are told.
    fn told(&self, it: &Expected) -> [Effect; 2] {
        let call = NamedCall {
            room: it.room.clone(),
            caller: it.caller.clone(),
            callee: it.callee.clone(),
            status: CallStatus::None,
            attempt: it.attempt,
        };
        [self.caller(it.attempt, &it.caller), Audience::Room(it.room.clone())].map(|to| Effect {
            to,
            event: Event::CallNotJoined(call.clone()),
            because: Rule::E21,
        })
    }

    /// What a line does after that: whom it lets be expected no more, and whom from then on.
    pub(crate) fn hear(&mut self, line: &Record, outcome: &Outcome) -> Vec<(Expected, End)> {
        let mut ended = Vec::new();
        match (&line.input, &outcome.answer) {
            (Input::Ask { by, .. }, Some(Ok(Answer::CallUserToRoom(_)))) => {
                let device = match by {
                    Actor::Device { device, .. } => Some(device.clone()),
                    Actor::Backend => None,
                };
                let made = outcome.effects.iter().filter(|effect| effect.because == Rule::C01);
                self.devices.extend(made.map(|effect| (effect.event.attempt(), device.clone())));
            }
            (Input::Ask { .. }, Some(Ok(Answer::AcceptCall { attempt }))) => {
                self.accepted(*attempt, outcome);
            }
            (Input::Fact(fact), _) if outcome.unchanged.is_none() => {
                if let Fact::RulesChanged { policy: Some(change), .. } = fact {
                    self.policy = change.of(self.policy);
                }
                self.expected.retain(|it| match end(it, fact) {
                    Some(end) => {
                        ended.push((it.clone(), end));
                        false
                    }
                    None => true,
                });
            }
            _ => {}
        }
        ended
    }

    /// E-20: not by an answer that is given again (E-08).
    fn accepted(&mut self, attempt: u64, outcome: &Outcome) {
        let grace = u64::from(self.policy.join_grace) * 1_000;
        for effect in outcome.effects.iter().filter(|effect| effect.because == Rule::E01) {
            if let Event::CallAccepted(call) = &effect.event {
                assert_eq!(call.attempt, attempt, "{outcome:?}");
                let NamedCall { room, caller, callee, .. } = call.clone();
                if grace > 0 {
                    let deadline = outcome.at + grace;
                    self.expected.push(Expected { attempt, room, caller, callee, deadline });
                }
            }
        }
    }
}

/// Whether a fact that changed something ends that somebody is expected.
fn end(it: &Expected, fact: &Fact) -> Option<End> {
    let is_here = fact.room() == Some(&it.room);
    let end = match fact {
        Fact::Recovered { .. } => return Some(End::Recovered),
        Fact::UserErased { user } => {
            return [&it.callee, &it.caller].contains(&user).then_some(End::Erased);
        }
        Fact::RoomDissolved { .. } => End::Dissolved,
        Fact::UserEntered { user, .. } if *user == it.callee => End::Entered,
        Fact::PresenceListed { present, .. } if present.iter().any(|of| of.user == it.callee) => {
            End::Entered
        }
        Fact::UserRemoved { user, .. } if *user == it.callee => End::Removed,
        _ => return None,
    };
    is_here.then_some(end)
}

/// C-05: who is called already, and because of what.
fn calls_are_answered(
    expecting: &Expecting,
    ticked: &roomcall::switchboard::Switchboard,
    room: &str,
    results: &[(String, CallResult)],
) -> Result<(), TestCaseError> {
    for (callee, result) in results {
        let is_expected = expecting.find(room, callee).is_some();
        let rings = live(ticked).into_iter().any(|(of, call)| {
            let counts = expecting.policy.active_calls == ActiveCalls::PerUser || of == room;
            counts && call.callee == *callee
        });
        prop_assert!(!is_expected || *result == CallResult::AlreadyInCalling, "{}", callee);
        let is_called = *result == CallResult::AlreadyInCalling;
        prop_assert!(!is_called || is_expected || rings, "{} is not called", callee);
    }
    Ok(())
}

laws! {
    // E-20, E-21, C-05, F-16, INV-01, INV-02
    fn who_accepts_is_expected(journal) {
        let (mut board, mut expecting) = (board(journal), Expecting::of(journal));
        for line in &journal.lines {
            let mut ticked = board.clone();
            let outcome = board.apply_record(line);
            let _ = tick(&mut ticked, line.at);
            // Who is not there at the deadline is told of, and nobody else is.
            let due = expecting.due(outcome.at);
            let due: Vec<Effect> = due.iter().flat_map(|it| expecting.told(it)).collect();
            let is_of_it = |effect: &&Effect| {
                effect.because == Rule::E21 || matches!(effect.event, Event::CallNotJoined(_))
            };
            let told: Vec<Effect> = outcome.effects.iter().filter(is_of_it).cloned().collect();
            prop_assert_eq!(told, due);
            if let (
                Input::Ask { command: Command::CallUserToRoom { room, .. }, .. },
                Some(Ok(Answer::CallUserToRoom(results))),
            ) = (&line.input, &outcome.answer) {
                calls_are_answered(&expecting, &ticked, room, results)?;
            }
            if outcome.unchanged == Some(Rule::F16) {
                let Input::Fact(Fact::UserRemoved { room, user, .. }) = &line.input else { panic!("{line:?}") };
                prop_assert_eq!(expecting.find(room, user), None);
            }
            let _ = expecting.hear(line, &outcome);
            prop_assert_eq!(&expecting.policy, board.policy());
            let live = live(&board);
            for it in &expecting.expected {
                // Neither a moment sooner nor later.
                let next = board.next_deadline().map(|next| next.as_millis());
                prop_assert!(next.is_some_and(|next| next <= it.deadline), "{:?} {:?}", next, it);
                let is_told = |at: u64| {
                    let effects = tick(&mut board.clone(), at).effects;
                    effects.iter().any(|effect| effect.because == Rule::E21 && effect.event.attempt() == it.attempt)
                };
                prop_assert!(!is_told(it.deadline - 1) && is_told(it.deadline), "{:?}", it);
                let rings = live.iter().any(|(room, call)| *room == it.room && call.callee == it.callee);
                prop_assert!(!rings, "{:?} rings", it);
            }
        }
    }
}
