//! What really became of each attempt, from the effects of the switchboard.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{Dismissal, Progress};
use roomcall::protocol::{
    Actor, Audience, Command, Effect, Event, Fact, Input, NamedCall, Outcome, Record,
};
use roomcall::{CallRejectionReason, EndingKind, OutcomesTo, Rule};

use super::{Checked, violation};
use crate::hosting;
use expected::{Expectations, Rules};
use rates::Rates;
use told::{is_as_given, is_told};

mod erased;
pub mod expected;
mod logged;
pub mod rates;
mod rung;
mod told;

/// How an attempt ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ended {
    /// The kind of ending.
    pub how: EndingKind,
    /// The device of the callee that decided.
    pub device: Option<String>,
    /// The operator of a revoke.
    pub operator: Option<String>,
    /// What a rejected caller was told.
    pub reason: Option<CallRejectionReason>,
    /// Whether that operator was erased since (F-20).
    pub is_operator_erased: bool,
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Into which room.
    pub room: String,
    /// Who called.
    pub caller: String,
    /// On which device; `None` if the backend called on behalf of the caller (P-11).
    pub device: Option<String>,
    /// Who was called.
    pub callee: String,
    /// How it ended; `None` while it rings, or if it is lost.
    pub ended: Option<Ended>,
    /// How it ended in lives of the switchboard that were lost (F-18).
    pub before: Vec<Ended>,
    /// The device of the callee that said first that it rings (C-14).
    pub rung_on: Option<String>,
    /// The policy by which its caller was told last: when it was made, when it rang first, or when it ended (P-06).
    pub told_by: OutcomesTo,
    /// Whether the device that accepted it went in.
    pub joined: bool,
    /// Whether it rang when the state was set back to one in which it does not: nobody learns how it ended.
    pub is_lost: bool,
    /// Whether it was made in a life of the switchboard that is lost: other lives may have known nothing of it.
    pub is_of_lost_life: bool,
    /// Whether its callee or its caller was erased since (F-20).
    pub is_erased: bool,
}

impl Attempt {
    /// Whether it rings.
    pub const fn rings(&self) -> bool {
        self.ended.is_none() && !self.is_lost
    }

    /// How it ended: more than once, if it rang in the state that the switchboard was set back to.
    pub fn endings(&self) -> impl Iterator<Item = &Ended> {
        self.before.iter().chain(&self.ended)
    }

    /// Whether a caller's picture does not contradict what became of it.
    pub fn allows(&self, progress: &Progress) -> bool {
        self.endings().any(|ended| ended.allows(progress))
    }
}

/// Everything that the switchboard did.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Every attempt that was made.
    pub attempts: BTreeMap<u64, Attempt>,
    /// Who accepted, and is expected.
    pub expected: Expectations,
    /// How fast users call.
    pub rates: Rates,
    /// Numbered calls that made an attempt: requester, number, callee.
    made: BTreeSet<(String, u64, String)>,
    /// How often a caller called somebody into a room in vain, because another call rang.
    tries: BTreeMap<(String, String, String), u64>,
    /// The same at most, until one of the two was erased.
    tries_before: BTreeMap<(String, String, String), u64>,
    /// Who was ever erased.
    pub erased: BTreeSet<String>,
    /// Up to where users have seen their logs.
    marks: BTreeSet<(String, u64)>,
    /// How often a device called somebody into a room.
    taps: BTreeMap<(String, String, String), i64>,
    /// How often it did, less the attempts that this made in the present life of the switchboard.
    calls: BTreeMap<(String, String, String), i64>,
}

impl Truth {
    /// Somebody tapped.
    pub fn tapped(&mut self, device: &str, room: &str, users: &[String]) {
        for user in users {
            let of = (device.to_owned(), room.to_owned(), user.clone());
            *self.taps.entry(of.clone()).or_default() += 1;
            *self.calls.entry(of).or_default() += 1;
        }
    }

    /// What somebody tapped is not sent, and never will be (D-18, D-20).
    pub fn not_sent(&mut self, device: &str, command: &Command) {
        if let Command::CallUserToRoom { room, users, .. } = command {
            for user in users {
                let of = (device.to_owned(), room.clone(), user.clone());
                *self.taps.entry(of.clone()).or_default() -= 1;
                *self.calls.entry(of).or_default() -= 1;
            }
        }
    }

    /// The switchboard was set back to a state in which these attempts ring. What was asked of the lost life may be asked
    /// of the new one again (F-18).
    pub fn set_back(&mut self, live: &BTreeSet<u64>) {
        for (number, attempt) in &mut self.attempts {
            attempt.is_of_lost_life = true;
            attempt.is_lost |= attempt.ended.is_none() && !live.contains(number);
            if live.contains(number) {
                attempt.is_lost = false;
                attempt.before.extend(attempt.ended.take());
            }
        }
        self.made.clear();
        self.calls.clone_from(&self.taps);
    }

    /// The switchboard did something. Gives the endings that it made of attempts, and what else is worth counting.
    pub fn observe(
        &mut self,
        line: &Record,
        outcome: &Outcome,
        rules: &Rules<'_>,
    ) -> Result<(Vec<Rule>, Vec<&'static str>), super::Violation> {
        let mut ended = Vec::new();
        let had_rung = self.had_rung(line);
        self.log_is_made(line, outcome);
        for effect in &outcome.effects {
            if matches!(effect.event, Event::CallsSeen { .. }) {
                continue;
            }
            if effect.because == Rule::C01 && self.attempts.contains_key(&effect.event.attempt()) {
                return violation("no number comes back", format!("{effect:?}"));
            }
            if let Some(call) = effect.event.call() {
                if !self.attempts.contains_key(&call.attempt) {
                    self.make(line, call, rules)?;
                }
            }
            let Some(attempt) = self.attempts.get_mut(&effect.event.attempt()) else {
                let message = format!("{effect:?} is of no attempt that was made");
                return violation("effects are of attempts", message);
            };
            let Some(how) = hosting::ending(effect.because) else {
                self.it_rings(line, effect, rules.outcomes_to)?;
                continue;
            };
            let is_over = attempt.ended.is_some()
                && !ended.iter().any(|(number, _)| *number == effect.event.attempt());
            erased::goes_with_its_user(line, effect, attempt, is_over)?;
            if is_over && effect.because == Rule::F20 {
                continue;
            }
            if !is_told(how, &effect.event) {
                return violation("an ending is told as what it is", format!("{effect:?}"));
            }
            if !is_as_given(line, effect) {
                return violation(
                    "a caller is told the reason that was given",
                    format!("{effect:?}"),
                );
            }
            if attempt.ended.is_none() {
                ended.push((effect.event.attempt(), effect.because));
            }
            end(attempt, how, line, effect);
        }
        let mut seen = self.callers_are_told(line, outcome, rules, &ended)?;
        seen.extend(self.who_is_expected(line, outcome, rules)?);
        seen.extend(self.calls_are_in_time(line, outcome, rules)?);
        seen.extend(self.ringing_is_answered(line, outcome, had_rung)?);
        if let (Input::Fact(Fact::UserErased { user }), None) = (&line.input, outcome.unchanged) {
            self.erase(user);
        }
        Ok((ended.into_iter().map(|(_, because)| because).collect(), seen))
    }

    /// a numbered call makes one attempt for each callee, and a tap not more than that.
    fn make(&mut self, line: &Record, call: &NamedCall, rules: &Rules<'_>) -> Checked {
        let (room, callee) = (call.room.clone(), call.callee.clone());
        if let Input::Ask { by: Actor::Device { user, device }, command } = &line.input {
            debug_assert!(matches!(command, Command::CallUserToRoom { .. }));
            let by = format!("{user}/{device}");
            if let Some(request_id) = line.request_id {
                if !self.made.insert((by.clone(), request_id, callee.clone())) {
                    let message =
                        format!("{by}'s request {request_id} made two attempts for {callee}");
                    return violation("a request has one effect", message);
                }
                let left =
                    self.calls.entry((by.clone(), room.clone(), callee.clone())).or_default();
                *left -= 1;
                if *left < 0 {
                    let message = format!("{by} called {callee} more often than somebody tapped");
                    return violation("a tap calls once", message);
                }
            }
        }
        let caller = call.caller.clone();
        let device = match &line.input {
            Input::Ask { by: Actor::Device { device, .. }, .. } => Some(device.clone()),
            _ => None,
        };
        let new = Attempt {
            room,
            caller,
            device,
            callee,
            ended: None,
            rung_on: None,
            told_by: rules.outcomes_to,
            joined: false,
            before: Vec::new(),
            is_lost: false,
            is_of_lost_life: false,
            is_erased: false,
        };
        self.attempts.insert(call.attempt, new);
        Ok(())
    }

    /// How many calls ring for a user.
    pub fn live(&self, user: &str) -> usize {
        let rings = |attempt: &&Attempt| attempt.callee == user && attempt.rings();
        self.attempts.values().filter(rings).count()
    }

    /// D-12: whether a device may join a room; if so, it has done so for one attempt.
    pub fn join(&mut self, user: &str, device: &str, room: &str) -> Checked {
        let mine = |attempt: &&mut Attempt| {
            attempt.room == room
                && attempt.callee == user
                && attempt.endings().any(|ended| ended.is_accepted_on(device))
        };
        let mut attempts: Vec<_> = self.attempts.values_mut().filter(mine).collect();
        if attempts.is_empty() {
            let message = format!("{user}/{device} joins {room}, and its accept won nothing there");
            return violation("the loser does not join", message);
        }
        match attempts.iter_mut().find(|attempt| !attempt.joined) {
            Some(attempt) => attempt.joined = true,
            None => {
                let message = format!("{user}/{device} joins {room} more often than it accepted");
                return violation("an accept joins once", message);
            }
        }
        Ok(())
    }

    /// Whether an ending that a device of `user` shows is the true one. `Err` says which is.
    pub fn is_so(&self, attempt: u64, why: &Dismissal, on: &str) -> Result<(), String> {
        let Some(about) = self.attempts.get(&attempt) else { return Err("there is none".into()) };
        let says_nothing = matches!(why, Dismissal::Silenced | Dismissal::Gone);
        if about.is_of_lost_life && says_nothing
            || about.endings().any(|ended| ended.is_so(why, on))
        {
            return Ok(());
        }
        Err(format!("it ended as {about:?}"))
    }
}

impl Ended {
    /// Whether an ending that a device `on` shows is this one.
    fn is_so(&self, why: &Dismissal, on: &str) -> bool {
        let elsewhere = |device: &Option<String>| {
            device.is_none() || (*device == self.device && device.as_deref() != Some(on))
        };
        match (why, self.how) {
            (Dismissal::Silenced | Dismissal::Gone, _)
            | (Dismissal::TimedOut, EndingKind::TimedOut)
            | (Dismissal::Cancelled, EndingKind::Cancelled)
            | (Dismissal::InOtherRoom, EndingKind::InOtherRoom) => true,
            (Dismissal::Revoked { operator }, EndingKind::Revoked) => {
                *operator == self.operator || operator.is_none() && self.is_operator_erased
            }
            (Dismissal::RejectedElsewhere { device }, EndingKind::Rejected)
            | (
                Dismissal::AnsweredElsewhere { device },
                EndingKind::Accepted | EndingKind::Entered,
            ) => elsewhere(device),
            (Dismissal::RejectedHere, EndingKind::Rejected)
            | (Dismissal::AnsweredHere, EndingKind::Accepted | EndingKind::Entered) => {
                self.is_answered_on(on)
            }
            _ => false,
        }
    }

    /// Whether this device of the callee answered, or went into a room.
    pub(super) fn is_answered_on(&self, device: &str) -> bool {
        self.how != EndingKind::Revoked && self.device.as_deref() == Some(device)
    }

    /// Whether this device of the callee accepted, or went into the room.
    fn is_accepted_on(&self, device: &str) -> bool {
        matches!(self.how, EndingKind::Accepted | EndingKind::Entered)
            && self.is_answered_on(device)
    }

    /// Whether a caller's picture does not contradict it.
    pub fn allows(&self, progress: &Progress) -> bool {
        match progress {
            Progress::TimedOut => self.how == EndingKind::TimedOut,
            Progress::Rejected { reason } => {
                matches!(self.how, EndingKind::Rejected | EndingKind::InOtherRoom)
                    && (reason.is_none() || *reason == self.reason)
            }
            Progress::Cancelled => self.how == EndingKind::Cancelled,
            Progress::Revoked { operator } => {
                // `alreadyRevoked` does not say by whom, and no operator is the backend, too.
                self.how == EndingKind::Revoked
                    && (operator.is_none() || *operator == self.operator)
            }
            Progress::Accepted => matches!(self.how, EndingKind::Accepted | EndingKind::Entered),
            Progress::Unknown
            | Progress::Asking
            | Progress::AlreadyInRoom
            | Progress::AlreadyInCalling
            | Progress::Refused { .. }
            | Progress::NotSent
            | Progress::Calling
            | Progress::Ringing => false,
            _ => panic!("a variant that this test does not know"),
        }
    }
}

/// One effect of an ending: each tells a part of it. That a callee revoked the call, only the input tells.
fn end(attempt: &mut Attempt, how: EndingKind, line: &Record, effect: &Effect) {
    let (device, operator, reason, is_operator_erased) = (None, None, None, false);
    let unknown = Ended { how, device, operator, reason, is_operator_erased };
    let ended = attempt.ended.get_or_insert(unknown);
    if let Audience::OtherDevices { than, .. } = &effect.to {
        ended.device = Some(than.clone());
    }
    if how == EndingKind::Revoked {
        ended.device = device_of(&line.input, &attempt.callee).map(Into::into);
    }
    match &effect.event {
        Event::CallRevokedByAdmin { operator, .. } => ended.operator.clone_from(operator),
        Event::CallRejected { reason, .. } => ended.reason = Some(*reason),
        _ => {}
    }
}

/// On which device of `user` an input was made, if on one.
fn device_of<'a>(input: &'a Input, user: &str) -> Option<&'a str> {
    match input {
        Input::Ask { by: Actor::Device { user: by, device }, .. }
        | Input::Fact(
            Fact::RoomDissolved { by: Actor::Device { user: by, device }, .. }
            | Fact::UserRemoved { by: Actor::Device { user: by, device }, .. },
        ) if by == user => Some(device),
        _ => None,
    }
}
