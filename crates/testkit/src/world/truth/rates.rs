//! How fast users call (L-14), as a caller knows it who keeps to a rate: each call takes its part of a minute, and who is
//! more than a minute ahead of the time waits.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::protocol::{Actor, Answer, Command, Fact, Input, Outcome, Record, Refused};
use roomcall::{CallResult, Rule};

use super::super::{Violation, violation};
use super::Truth;
use super::expected::Rules;

/// In milliseconds.
const MINUTE: u64 = 60_000;

/// How fast users have called.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// By user, until when the calls so far take.
    arrivals: BTreeMap<String, u64>,
    /// By user, the call that was last refused, if nothing came between that its caller did.
    pub waits: BTreeMap<String, Wait>,
}

/// A call that was refused, and may be made again.
#[derive(Clone, Debug)]
pub struct Wait {
    /// Into which room.
    pub room: String,
    /// Who was called.
    pub callees: Vec<String>,
    /// How many of them would have been.
    count: u64,
    /// From when on it may be made.
    pub from: u64,
}

impl Rates {
    /// A new life of the switchboard begins (F-18): what was promised in another one need not hold.
    pub fn forget_who_waits(&mut self) {
        self.waits.clear();
    }

    /// F-20: a user was erased, and whoever has the name later has called nobody.
    fn forget(&mut self, user: &str) {
        self.arrivals.remove(user);
        self.waits.remove(user);
    }

    /// Until when the calls of a user take, with so many more.
    fn with(&self, user: &str, count: u64, per_minute: u32, at: u64) -> u64 {
        let arrival = self.arrivals.get(user).copied().unwrap_or_default().max(at);
        arrival + (count * MINUTE).div_ceil(u64::from(per_minute))
    }

    /// F-19: with another rate another time is to wait, and without one nothing is counted.
    fn rules_change(&mut self, per_minute: Option<u32>) -> Option<&'static str> {
        let somebody_waits = !self.waits.is_empty();
        self.waits.clear();
        if per_minute == Some(0) {
            self.arrivals.clear();
        }
        (somebody_waits && per_minute.is_some()).then_some("another rate while somebody waits")
    }
}

impl Truth {
    /// After a line: who calls too fast is refused, and nobody else is; and what is worth counting.
    pub(super) fn calls_are_in_time(
        &mut self,
        line: &Record,
        outcome: &Outcome,
        rules: &Rules<'_>,
    ) -> Result<Option<&'static str>, Violation> {
        if outcome.unchanged.is_some() {
            return Ok(None);
        }
        let refused = match &outcome.answer {
            Some(Err(refused)) if refused.rule == Rule::L14 => Some(refused),
            _ => None,
        };
        match (&line.input, &outcome.answer, refused) {
            (Input::Fact(Fact::RulesChanged { limits: Some(limits), .. }), _, _) => {
                Ok(self.rates.rules_change(limits.calls_per_minute))
            }
            (Input::Fact(Fact::UserErased { user }), _, _) => {
                self.rates.forget(user);
                Ok(None)
            }
            (
                Input::Ask {
                    by: Actor::Device { user, .. },
                    command: Command::CallUserToRoom { room, users, .. },
                },
                _,
                Some(refused),
            ) => {
                let is_made = |because| matches!(because, Rule::C01 | Rule::C02 | Rule::C08);
                if outcome.effects.iter().any(|effect| is_made(effect.because)) {
                    let message = format!("{line:?}: {outcome:?}");
                    return violation("a call that is refused calls nobody", message);
                }
                self.is_too_fast((user, room, users), refused, outcome.at, rules).map(Some)
            }
            (
                Input::Ask {
                    by: Actor::Device { user, .. },
                    command: Command::CallUserToRoom { room, users, .. },
                },
                Some(Ok(Answer::CallUserToRoom(results))),
                None,
            ) => {
                let is_made = |(_, it): &&(String, CallResult)| *it == CallResult::Success;
                let count = results.iter().filter(is_made).count() as u64;
                self.is_in_time((user, room, users), count, outcome.at, rules)
            }
            // P-11: nobody else is held to a rate.
            (_, _, Some(_)) => {
                violation("who calls too fast is refused", format!("{line:?}: {outcome:?}"))
            }
            _ => Ok(None),
        }
    }

    /// A call was made, of so many.
    fn is_in_time(
        &mut self,
        (user, room, callees): (&String, &String, &Vec<String>),
        count: u64,
        at: u64,
        rules: &Rules<'_>,
    ) -> Result<Option<&'static str>, Violation> {
        if rules.calls_per_minute == 0 || count == 0 {
            return Ok(None);
        }
        let until = self.rates.with(user, count, rules.calls_per_minute, at);
        if until > at + MINUTE {
            let message = format!("{user} calls {count} at {at}: {:?}", self.rates);
            return violation("nobody calls faster than the rate", message);
        }
        self.rates.arrivals.insert(user.clone(), until);
        let waited = self.rates.waits.remove(user);
        let is_same =
            |wait: &Wait| wait.room == *room && wait.callees == *callees && wait.from <= at;
        Ok(waited.filter(is_same).map(|_| "who has waited calls"))
    }

    /// A call was refused as too fast.
    fn is_too_fast(
        &mut self,
        (user, room, callees): (&String, &String, &Vec<String>),
        refused: &Refused,
        at: u64,
        rules: &Rules<'_>,
    ) -> Result<&'static str, Violation> {
        let distinct: BTreeSet<&String> = callees.iter().collect();
        let can_be_called = |callee: &&&String| self.can_be_called(callee, room, rules);
        let count = distinct.iter().filter(can_be_called).count() as u64;
        let per_minute = rules.calls_per_minute;
        let is_limited = per_minute > 0 && count > 0;
        let over = is_limited
            .then(|| self.rates.with(user, count, per_minute, at))
            .and_then(|until| until.checked_sub(at + MINUTE))
            .filter(|over| *over > 0);
        let is_too_many = count > u64::from(per_minute);
        let retry_after = over.filter(|_| !is_too_many);
        if over.is_none() || refused.retry_after != retry_after || refused.code != -2 {
            let message = format!("{user} calls {count} at {at}, {retry_after:?}: {refused:?}");
            return violation("who calls too fast is refused", message);
        }
        let Some(wait) = retry_after else { return Ok("a call is refused as above the rate") };
        let before = self.rates.waits.get(user);
        let has_waited = before.is_some_and(|before| {
            before.room == *room
                && before.callees == *callees
                && before.count == count
                && before.from <= at
        });
        if has_waited {
            let message = format!("{user} at {at}: {before:?}, and then {refused:?}");
            return violation("who has waited may call", message);
        }
        let (room, callees, from) = (room.clone(), callees.clone(), at + wait);
        self.rates.waits.insert(user.clone(), Wait { room, callees, count, from });
        Ok("a call is refused as too fast")
    }
}
