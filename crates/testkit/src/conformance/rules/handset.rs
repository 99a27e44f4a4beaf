//! The rules that a step of a handset shows.

use std::collections::BTreeSet;

use roomcall::Rule;
use roomcall::handset::{Dismissal, Effect, Input, Link, ReportReason, Tap};
use roomcall::protocol::{Answer, Command, Event, Query, Reply, Request};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Rules;
use crate::conformance::case::Step;
use crate::conformance::testee::HandsetLine;

/// What a handset says to its inputs.
#[derive(Deserialize)]
struct Expected {
    effects: Vec<Box<RawValue>>,
}

/// Reads the steps of a case in order.
#[derive(Debug)]
pub struct HandsetRules {
    user: String,
    device: String,
    clock: u64,
    is_signed_out: bool,
    in_room: bool,
    /// The attempts of which an ending came.
    over: BTreeSet<u64>,
    /// The requests that were sent, and those that were answered.
    sent: BTreeSet<u64>,
    answered: BTreeSet<u64>,
    /// The requests that answer a call.
    answers: BTreeSet<u64>,
}

impl HandsetRules {
    /// Of a device of a user.
    pub fn new(user: &str, device: &str) -> Self {
        Self {
            user: user.to_owned(),
            device: device.to_owned(),
            clock: 0,
            is_signed_out: false,
            in_room: false,
            over: BTreeSet::new(),
            sent: BTreeSet::new(),
            answered: BTreeSet::new(),
            answers: BTreeSet::new(),
        }
    }

    /// The rules of the next step.
    ///
    /// # Errors
    ///
    /// It is malformed.
    pub fn step(&mut self, step: &Step) -> Result<Rules, String> {
        let wrong = |error: serde_json::Error| error.to_string();
        let line: HandsetLine = serde_json::from_str(step.send.get()).map_err(wrong)?;
        let expected: Expected = serde_json::from_str(step.expect.get()).map_err(wrong)?;
        let read = |line: &RawValue| Effect::read(line.get()).map_err(|e| e.to_string());
        let lines = expected.effects.iter().map(|line| &**line);
        let effects: Vec<Effect> = lines.map(read).collect::<Result<_, _>>()?;
        Ok(self.outcome(&line, &effects))
    }

    /// As [`step`](Self::step).
    pub fn outcome(&mut self, line: &HandsetLine, effects: &[Effect]) -> Rules {
        let mut rules: Rules = effects.iter().map(Effect::rule).collect();
        rules.extend((effects.len() > 1).then_some(Rule::D03));
        match line {
            HandsetLine::Restart { .. } => {
                self.clock = 0;
                self.in_room = false;
                rules.insert(Rule::D25);
                // It is drawn anew, and nothing is dismissed.
                rules.insert(Rule::D09);
            }
            HandsetLine::Inputs { at, inputs } => {
                let is_due =
                    inputs.iter().all(|input| *input == Input::Tick) && !effects.is_empty();
                rules.extend((*at < self.clock || is_due).then_some(Rule::D02));
                rules.extend((inputs.len() > 1).then_some(Rule::D26));
                self.clock = *at;
                for input in inputs {
                    self.input(input, effects, &mut rules);
                }
            }
        }
        self.effects(effects, &mut rules);
        rules
    }

    fn input(&mut self, input: &Input, effects: &[Effect], rules: &mut Rules) {
        if self.is_signed_out {
            rules.insert(Rule::D33);
        }
        match input {
            Input::Notice(event) => self.event(event, effects, rules),
            Input::Push { event, .. } => {
                rules.insert(Rule::D29);
                self.event(event, effects, rules);
            }
            Input::Reply(reply) => self.reply(reply, rules),
            Input::Tap(Tap::Accept { .. } | Tap::Reject { .. }) => drop(rules.insert(Rule::D11)),
            Input::Tap(Tap::Silence { .. } | Tap::RejectHere { .. }) => {
                rules.insert(Rule::D30);
            }
            Input::Tap(Tap::MarkSeen { .. }) => drop(rules.insert(Rule::D36)),
            Input::Tap(_) => drop(rules.insert(Rule::D20)),
            Input::Link(Link::Up) => rules.extend([Rule::D15, Rule::D16]),
            Input::InRoom(room) => {
                self.in_room = room.is_some();
                rules.insert(Rule::D08);
            }
            Input::JoinFailed => drop(rules.insert(Rule::D32)),
            Input::Occupied(_) => drop(rules.insert(Rule::D31)),
            Input::Settings(_) => drop(rules.insert(Rule::D34)),
            Input::SignedOut => {
                self.is_signed_out = true;
                rules.insert(Rule::D33);
            }
            _ => {}
        }
    }

    fn event(&mut self, event: &Event, effects: &[Effect], rules: &mut Rules) {
        let attempt = event.attempt();
        let ours = |call: &roomcall::protocol::NamedCall| {
            [&call.caller, &call.callee].contains(&&self.user)
        };
        if event.call().is_some_and(|call| !ours(call)) {
            rules.insert(Rule::D01);
        }
        match event {
            Event::CallReceived { .. } => {
                let shows = |effect: &Effect| matches!(effect, Effect::Show { call, .. } if call.attempt == attempt);
                let is_shown = effects.iter().any(shows);
                rules.insert(Rule::D06);
                if self.over.contains(&attempt) && !is_shown {
                    rules.insert(Rule::D14);
                }
            }
            Event::CallHandledByOtherDevice { .. }
            | Event::CallTimeout(_)
            | Event::CallCancelled(_)
            | Event::CallRevokedByAdmin { .. } => {
                rules.insert(Rule::D05);
                rules.insert(if self.over.insert(attempt) { Rule::D14 } else { Rule::D04 });
                if self.is_answered_elsewhere(event) {
                    rules.insert(Rule::D32);
                }
            }
            Event::CallsSeen { .. } => drop(rules.insert(Rule::D36)),
            Event::PendingCallChanged(_) | Event::PendingCallRemoved(_) => {
                rules.insert(Rule::D22);
            }
            _ => drop(rules.insert(Rule::D21)),
        }
    }

    fn is_answered_elsewhere(&self, event: &Event) -> bool {
        matches!(event, Event::CallHandledByOtherDevice { is_accepted: true, device, .. }
            if device.as_deref() != Some(&*self.device))
    }

    fn reply(&mut self, reply: &Reply, rules: &mut Rules) {
        let id = reply.request_id;
        if !self.sent.contains(&id) || !self.answered.insert(id) {
            rules.insert(Rule::D17);
        }
        match &reply.answer {
            Ok(Answer::GetMyCalls(_)) => drop(rules.insert(Rule::D24)),
            Ok(Answer::GetPendingCalls { .. }) => drop(rules.insert(Rule::D23)),
            Ok(Answer::GetCallLog(_)) => drop(rules.insert(Rule::D35)),
            Ok(Answer::AcceptCall { .. } | Answer::RejectCall { .. }) => {
                rules.insert(Rule::D12);
            }
            Ok(_) => drop(rules.insert(Rule::D20)),
            Err(refused) => {
                match refused.rule {
                    Rule::L15 => rules.extend([Rule::L15, Rule::D17]),
                    Rule::X03 | Rule::X04 => drop(rules.insert(Rule::D15)),
                    _ => {}
                }
                rules.extend(self.answers.contains(&id).then_some(Rule::D12));
            }
        }
    }

    fn effects(&mut self, effects: &[Effect], rules: &mut Rules) {
        for effect in effects {
            match effect {
                Effect::Send { request_id: Some(id), request } => {
                    if !self.sent.insert(*id) {
                        rules.insert(Rule::D17);
                    }
                    if let Request::Command(
                        Command::AcceptCall { .. } | Command::RejectCall { .. },
                    ) = request
                    {
                        self.answers.insert(*id);
                    }
                    if matches!(request, Request::Query(Query::GetPendingCalls { .. })) {
                        rules.insert(Rule::D23);
                    }
                }
                Effect::Show { .. } | Effect::Dismiss { .. } => {
                    rules.insert(Rule::D09);
                    let is_here = matches!(effect, Effect::Dismiss { why, .. } if *why == Dismissal::AnsweredHere);
                    rules.extend((is_here && self.in_room).then_some(Rule::D08));
                }
                Effect::Join { .. } => drop(rules.insert(Rule::D32)),
                Effect::Report { why: ReportReason::TooMany, .. } => {
                    rules.insert(Rule::D19);
                }
                Effect::Report { why: ReportReason::Over { .. }, .. } => {
                    rules.insert(Rule::D14);
                }
                _ => {}
            }
        }
    }
}
