//! Numbered requests (rules X). Everything that was judged is kept; what a switchboard remembers of it
//! is worked out from the list each time.

use roomcall::protocol::{Actor, Command, Fact, Input, Outcome, Query, Record, Refused, Reply};
use roomcall::{Limits, Policy, Rule};

use super::{LAST_NUMBER, LEAP, Model, fits, refuse};

/// The rules of spec/rules.md with those of numbered requests.
#[derive(Clone, Debug)]
pub struct NumberedModel {
    /// What it decides without numbers.
    pub model: Model,
    /// In the order in which they were judged.
    judged: Vec<Judged>,
}

/// A numbered command that was judged.
#[derive(Clone, Debug)]
struct Judged {
    by: Actor,
    command: Command,
    reply: Reply,
    /// What `NumberedModel::passed` was before it.
    passed: Option<u64>,
    /// Its requester has been forgotten since.
    is_forgotten: bool,
    /// It has left the window of its requester.
    has_left: bool,
    /// The number of its requester up to which all have passed by F-19.
    narrowed: Option<u64>,
}

impl NumberedModel {
    /// Nothing is remembered.
    pub fn new(limits: Limits, policy: Policy) -> Self {
        Self { model: Model::new(limits, policy), judged: Vec::new() }
    }

    /// Applies one record.
    pub fn apply(&mut self, line: &Record) -> Outcome {
        match (&line.input, line.request_id) {
            // it has no part in the memory.
            (Input::Ask { command: Command::Ringing { .. }, .. }, _) => self.model.apply(line),
            (Input::Ask { by, command }, Some(request_id)) => {
                self.request(line, by, request_id, command)
            }
            (Input::Query { by, query }, Some(_)) if tells_next(query) => {
                let mut outcome = self.model.apply(line);
                //
                if matches!(outcome.answer, Some(Ok(_))) {
                    let highest = self.highest(by).max(self.since(by)).unwrap_or(0);
                    outcome.next_request_id = Some(highest.saturating_add(1));
                }
                outcome
            }
            (Input::Fact(Fact::Recovered { .. }), _) => {
                let outcome = self.model.apply(line);
                // F-18: all of it, also the numbers that were evicted.
                if outcome.unchanged.is_none() {
                    self.judged.clear();
                }
                outcome
            }
            (Input::Fact(Fact::RulesChanged { .. }), _) => {
                let window = self.model.limits.requests_per_requester;
                let outcome = self.model.apply(line);
                if outcome.unchanged.is_none() {
                    self.change_window(window);
                }
                outcome
            }
            (Input::Fact(Fact::UserErased { user }), _) => {
                self.forget_user(user);
                self.model.apply(line)
            }
            //
            _ => self.model.apply(line),
        }
    }

    fn request(
        &mut self,
        line: &Record,
        by: &Actor,
        request_id: u64,
        command: &Command,
    ) -> Outcome {
        let window = u64::from(self.model.limits.requests_per_requester);
        let before = self
            .remembered()
            .find(|judged| judged.by == *by && judged.reply.request_id == request_id);
        if let Some(Judged { command: first, reply, .. }) = before.cloned() {
            //
            let (answer, unchanged) = if first == *command {
                (reply.answer, Some(Rule::X02))
            } else {
                (Err(refuse(-1001, Rule::X03)), None)
            };
            let attempts = if unchanged.is_some() { reply.attempts } else { Vec::new() };
            let tick =
                self.model.apply(&Record { at: line.at, request_id: None, input: Input::Tick });
            return Outcome {
                request_id: Some(request_id),
                answer: Some(answer),
                attempts,
                unchanged,
                ..tick
            };
        }
        // X-04; X-05: with 0 of either no number is refused, whatever was evicted before (F-19).
        let is_below =
            self.highest(by).is_some_and(|highest| highest.saturating_sub(request_id) >= window);
        let passed = self.since(by).max(self.narrowed(by));
        let has_passed = is_below || Some(request_id) <= passed;
        let remembers = window > 0 && self.model.limits.requesters > 0;
        let leaps = request_id >= passed.unwrap_or(0) + LEAP || request_id > LAST_NUMBER;
        if remembers && (has_passed || leaps) {
            let tick =
                self.model.apply(&Record { at: line.at, request_id: None, input: Input::Tick });
            let answer = Some(Err(refuse(-1001, Rule::X04)));
            return Outcome { request_id: Some(request_id), answer, ..tick };
        }
        let outcome = self.model.apply(line);
        self.remember(by, command, &outcome);
        outcome
    }

    ///
    fn remember(&mut self, by: &Actor, command: &Command, outcome: &Outcome) {
        let limits = self.model.limits;
        let is_bad = matches!(&outcome.answer, Some(Err(refused)) if refused.rule == Rule::L01);
        if is_bad || limits.requests_per_requester == 0 || limits.requesters == 0 {
            return;
        }
        let Some(reply) = outcome.reply() else {
            return;
        };
        let (by, command) = (by.clone(), command.clone());
        let passed = self.passed();
        self.judged.push(Judged {
            by,
            command,
            reply,
            passed,
            is_forgotten: false,
            has_left: false,
            narrowed: None,
        });
        self.leave_windows();
        self.forget_requesters();
    }

    /// what is not less than the window below the highest of its requester. It does not come back with a greater
    /// window (F-19).
    fn leave_windows(&mut self) {
        let window = u64::from(self.model.limits.requests_per_requester);
        let leaves = |judged: &Judged| {
            let highest = self.highest(&judged.by).unwrap_or(0);
            !judged.has_left && highest.saturating_sub(judged.reply.request_id) >= window
        };
        let places = 0..self.judged.len();
        let leaving: Vec<usize> = places.filter(|place| leaves(&self.judged[*place])).collect();
        for place in &leaving {
            self.judged[*place].has_left = true;
        }
    }

    /// F-19, X-05: what is beyond the limits of now, and what has passed by the smaller window.
    fn change_window(&mut self, before: u32) {
        let now = self.model.limits.requests_per_requester;
        if now == 0 {
            // Of nobody a number is left: so each requester goes, whole.
            self.judged.iter_mut().for_each(|judged| judged.is_forgotten = true);
        }
        if now != before {
            let window = u64::from(now.min(before));
            for place in 0..self.judged.len() {
                let highest = self.highest(&self.judged[place].by);
                let passed = highest.and_then(|highest| highest.checked_sub(window));
                let narrowed = &mut self.judged[place].narrowed;
                *narrowed = (*narrowed).max(passed);
            }
        }
        self.leave_windows();
        self.forget_requesters();
    }

    /// the requesters whose last command is longest ago, each whole.
    fn forget_requesters(&mut self) {
        // Each requester once, the one whose last command is longest ago first.
        let mut requesters: Vec<Actor> = Vec::new();
        for judged in self.judged.iter().filter(|judged| !judged.is_forgotten) {
            requesters.retain(|by| *by != judged.by);
            requesters.push(judged.by.clone());
        }
        while !fits(requesters.len(), self.model.limits.requesters) {
            let first = requesters.remove(0);
            for judged in &mut self.judged {
                judged.is_forgotten |= judged.by == first;
            }
        }
    }

    /// F-20: each device of a user goes as a requester, whole; of their order nothing is left but which number is the
    /// highest. In what is remembered of others no refusal says any more that it was the user.
    fn forget_user(&mut self, user: &str) {
        for judged in self.judged.iter_mut().filter(|judged| !judged.is_forgotten) {
            if matches!(&judged.by, Actor::Device { user: who, .. } if who == user) {
                judged.is_forgotten = true;
            } else if let Err(Refused { ended: Some(ended), .. }) = &mut judged.reply.answer {
                let names_them = ended.user.as_deref() == Some(user);
                if names_them && !judged.has_left {
                    ended.user = None;
                    ended.device = None;
                }
            }
        }
    }

    /// What is remembered: of each requester the numbers less than the window below the highest.
    fn remembered(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|judged| !judged.is_forgotten && !judged.has_left)
    }

    /// The remembered commands, as they would be sent again.
    pub fn retries(&self, at: u64) -> Vec<Record> {
        let retry = |judged: &Judged| {
            let (by, command) = (judged.by.clone(), judged.command.clone());
            Record {
                at,
                request_id: Some(judged.reply.request_id),
                input: Input::Ask { by, command },
            }
        };
        self.remembered().map(retry).collect()
    }

    fn highest(&self, by: &Actor) -> Option<u64> {
        let known = self.judged.iter().filter(|judged| !judged.is_forgotten && judged.by == *by);
        known.map(|judged| judged.reply.request_id).max()
    }

    /// up to which number of a requester all have passed by F-19.
    fn narrowed(&self, by: &Actor) -> Option<u64> {
        let mine = self.judged.iter().filter(|judged| !judged.is_forgotten && judged.by == *by);
        mine.filter_map(|judged| judged.narrowed).max()
    }

    /// The highest number that had been forgotten with its requester when this one began to be
    /// remembered, or by now.
    fn since(&self, by: &Actor) -> Option<u64> {
        let mine = |judged: &&Judged| !judged.is_forgotten && judged.by == *by;
        self.judged.iter().find(mine).map_or(self.passed(), |judged| judged.passed)
    }

    /// The highest number that was forgotten with its requester.
    fn passed(&self) -> Option<u64> {
        let forgotten = self.judged.iter().filter(|judged| judged.is_forgotten);
        forgotten.map(|judged| judged.reply.request_id).max()
    }
}

///
fn tells_next(query: &Query) -> bool {
    matches!(query, Query::GetIncomingCalls { .. } | Query::GetMyCalls { .. })
}
