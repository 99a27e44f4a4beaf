//! Numbered requests (rules X). Everything that was judged is kept; what a switchboard remembers of it
//! is worked out from the list each time.

use roomcall::protocol::{Actor, Command, Fact, Input, Outcome, Query, Record, Reply};
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
}

impl NumberedModel {
    /// Nothing is remembered.
    pub fn new(limits: Limits, policy: Policy) -> Self {
        Self { model: Model::new(limits, policy), judged: Vec::new() }
    }

    /// Applies one record.
    pub fn apply(&mut self, line: &Record) -> Outcome {
        match (&line.input, line.request_id) {
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
            let repeated = unchanged.is_some();
            let attempts = if repeated { reply.attempts } else { Vec::new() };
            let tick =
                self.model.apply(&Record { at: line.at, request_id: None, input: Input::Tick });
            return Outcome {
                request_id: Some(request_id),
                answer: Some(answer),
                attempts,
                repeated,
                unchanged,
                ..tick
            };
        }
        //
        let has_passed = match (self.highest(by), self.since(by)) {
            (Some(highest), since) => {
                highest.saturating_sub(request_id) >= window || Some(request_id) <= since
            }
            (None, since) => Some(request_id) <= since,
        };
        let remembers = window > 0 && self.model.limits.requesters > 0;
        let leaps = request_id >= self.since(by).unwrap_or(0) + LEAP || request_id > LAST_NUMBER;
        if has_passed || (remembers && leaps) {
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
        self.judged.push(Judged { by, command, reply, passed, is_forgotten: false });
        // Each requester once, the one whose last command is longest ago first.
        let mut requesters: Vec<Actor> = Vec::new();
        for judged in self.judged.iter().filter(|judged| !judged.is_forgotten) {
            requesters.retain(|by| *by != judged.by);
            requesters.push(judged.by.clone());
        }
        if !fits(requesters.len(), limits.requesters) {
            for judged in &mut self.judged {
                judged.is_forgotten |= judged.by == requesters[0];
            }
        }
    }

    /// What is remembered: of each requester the numbers less than the window below the highest.
    fn remembered(&self) -> impl Iterator<Item = &Judged> {
        let window = u64::from(self.model.limits.requests_per_requester);
        self.judged.iter().filter(move |judged| {
            let highest = self.highest(&judged.by).unwrap_or(0);
            !judged.is_forgotten && highest.saturating_sub(judged.reply.request_id) < window
        })
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
