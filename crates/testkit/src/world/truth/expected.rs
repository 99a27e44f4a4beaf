//! Who accepted, and is expected in the room (E-20), until the callee comes, or did not come in time (E-21).

use std::collections::{BTreeMap, BTreeSet};

use roomcall::protocol::{Answer, Audience, Command, Effect, Event, Fact, Input, Outcome, Record};
use roomcall::{ActiveCalls, CallResult, CallStatus, OutcomesTo, Rule};

use super::super::{Violation, violation};
use super::rung::is_for_caller;
use super::{Attempt, Truth};

/// Room and callee.
type Place = (String, String);

/// Somebody who accepted.
#[derive(Clone, Debug)]
pub struct Expected {
    /// What was accepted.
    pub attempt: u64,
    /// When the caller is told that nobody came.
    pub until: u64,
}

/// Who is expected in which room.
pub type Expectations = BTreeMap<Place, Expected>;

/// What the switchboard's host knows when a line is applied.
#[allow(missing_debug_implementations, reason = "it has a closure")]
pub struct Rules<'a> {
    /// The policy `joinGrace` before the line, in seconds.
    pub grace: u32,
    /// The policy `activeCalls` before the line.
    pub active_calls: ActiveCalls,
    /// The policy `outcomesTo` before the line.
    pub outcomes_to: OutcomesTo,
    /// The same after the line: another one only if that is what it says (F-19).
    pub outcomes_now: OutcomesTo,
    /// The limit `callsPerMinute` before the line.
    pub calls_per_minute: u32,
    /// Whether a user is in a room, after the line.
    pub is_inside: &'a dyn Fn(&str, &str) -> bool,
}

fn not_joined(effect: &Effect) -> Option<u64> {
    matches!(effect.event, Event::CallNotJoined(_)).then(|| effect.event.attempt())
}

impl Truth {
    /// What a line came to for those who are expected, and what of it is worth counting.
    pub(super) fn who_is_expected(
        &mut self,
        line: &Record,
        outcome: &Outcome,
        rules: &Rules<'_>,
    ) -> Result<Vec<&'static str>, Violation> {
        let mut seen = self.who_did_not_come(outcome, rules)?;
        self.called_again(line, outcome, rules, &mut seen)?;
        let is_done = outcome.unchanged.is_none();
        match &line.input {
            Input::Fact(Fact::UserRemoved { room, user, .. }) if is_done => {
                let place = (room.clone(), user.clone());
                if self.expected.remove(&place).is_some() {
                    seen.push("somebody who is expected is removed");
                }
            }
            Input::Fact(Fact::RoomDissolved { room, .. }) if is_done => {
                let before = self.expected.len();
                self.expected.retain(|(of, _), _| of != room);
                if self.expected.len() < before {
                    seen.push("a room is dissolved in which somebody is expected");
                }
            }
            Input::Fact(Fact::UserErased { user }) if is_done => {
                let attempts = &self.attempts;
                self.expected.retain(|(_, callee), expected| {
                    callee != user && attempts[&expected.attempt].caller != *user
                });
            }
            Input::Fact(Fact::Recovered { .. }) if is_done => {
                if !self.expected.is_empty() {
                    seen.push("state is lost while somebody is expected");
                }
                self.expected.clear();
            }
            Input::Fact(Fact::RulesChanged { policy: Some(policy), .. })
                if is_done && policy.join_grace.is_some() && !self.expected.is_empty() =>
            {
                seen.push("another grace while somebody is expected");
            }
            _ => {}
        }
        let before = self.expected.len();
        self.expected.retain(|(room, callee), _| !(rules.is_inside)(callee, room));
        if self.expected.len() < before {
            seen.push("somebody who is expected comes in time");
        }
        self.who_accepts(outcome, rules);
        Ok(seen)
    }

    /// E-21: who did not come is told of once, at its time, to the caller and the room, and nobody else is.
    fn who_did_not_come(
        &mut self,
        outcome: &Outcome,
        rules: &Rules<'_>,
    ) -> Result<Vec<&'static str>, Violation> {
        let is_due = |expected: &&Expected| expected.until <= outcome.at;
        let due = self.expected.values().filter(is_due).map(|expected| expected.attempt);
        let due: BTreeSet<u64> = due.collect();
        let told = outcome.effects.iter().filter_map(not_joined);
        if due != told.clone().collect::<BTreeSet<u64>>() || told.count() != 2 * due.len() {
            let message = format!("{due:?} did not come by {}: {outcome:?}", outcome.at);
            return violation("who did not come is told of", message);
        }
        let mut order = BTreeSet::new();
        for effect in outcome.effects.iter().filter(|effect| not_joined(effect).is_some()) {
            let about = &self.attempts[&effect.event.attempt()];
            let is_right = effect.because == Rule::E21
                && effect.event.call().is_some_and(|call| {
                    call.status == CallStatus::None
                        && (&call.room, &call.caller, &call.callee)
                            == (&about.room, &about.caller, &about.callee)
                });
            let is_for_room = effect.to == Audience::Room(about.room.clone());
            let is_for = is_for_room || is_for_caller(&effect.to, about, rules.outcomes_to);
            // O-01: the caller before the room, each once.
            let is_new = order.insert((effect.event.attempt(), is_for_room));
            let is_in_order =
                is_for_room == order.contains(&(effect.event.attempt(), false)) || !is_for_room;
            if !is_right || !is_for || !is_new || !is_in_order {
                let message = format!("{effect:?} of {about:?}");
                return violation("who did not come is told of as that", message);
            }
        }
        self.expected.retain(|_, expected| expected.until > outcome.at);
        Ok(if due.is_empty() { Vec::new() } else { vec!["somebody who is expected does not come"] })
    }

    /// C-05: who is expected in a room is called there already, and nowhere else.
    fn called_again(
        &self,
        line: &Record,
        outcome: &Outcome,
        rules: &Rules<'_>,
        seen: &mut Vec<&'static str>,
    ) -> Result<(), Violation> {
        let (
            Input::Ask { command: Command::CallUserToRoom { room, .. }, .. },
            Some(Ok(Answer::CallUserToRoom(results))),
            None,
        ) = (&line.input, &outcome.answer, outcome.unchanged)
        else {
            return Ok(());
        };
        for (callee, result) in results {
            let is_expected = self.expected.contains_key(&(room.clone(), callee.clone()));
            let is_elsewhere = self.expected.keys().any(|(of, user)| of != room && user == callee);
            let is_called = *result == CallResult::AlreadyInCalling;
            let is_rung = || self.rings_at(callee, room, rules);
            if is_expected && !is_called || is_called && !is_expected && !is_rung() {
                let message = format!("{callee} ({is_expected}) in {room}: {result:?}");
                return violation("who is expected is called already", message);
            }
            if is_expected {
                seen.push("somebody who is expected is called again");
            }
            if is_elsewhere && *result == CallResult::Success {
                seen.push("somebody who is expected is called into another room");
            }
        }
        Ok(())
    }

    /// C-07: whether a call rings for somebody that counts where a call into this room would.
    fn rings_at(&self, callee: &str, room: &str, rules: &Rules<'_>) -> bool {
        let is_counted =
            |it: &Attempt| rules.active_calls == ActiveCalls::PerUser || it.room == *room;
        self.attempts.values().any(|it| it.callee == *callee && it.rings() && is_counted(it))
    }

    /// Whether a call of somebody into a room would be a `success` (C-04 to C-06).
    pub(super) fn can_be_called(&self, callee: &str, room: &str, rules: &Rules<'_>) -> bool {
        let is_expected = self.expected.contains_key(&(room.to_owned(), callee.to_owned()));
        !(rules.is_inside)(callee, room) && !is_expected && !self.rings_at(callee, room, rules)
    }

    /// E-20: from the accept on.
    fn who_accepts(&mut self, outcome: &Outcome, rules: &Rules<'_>) {
        for effect in &outcome.effects {
            let Some(call) = effect.event.call().filter(|_| effect.because == Rule::E01) else {
                continue;
            };
            if rules.grace > 0 {
                let until = outcome.at + u64::from(rules.grace) * 1_000;
                let place = (call.room.clone(), call.callee.clone());
                self.expected.insert(place, Expected { attempt: call.attempt, until });
            }
        }
    }
}
