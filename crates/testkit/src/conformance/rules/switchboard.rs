//! The rules that a step of a switchboard shows.

use roomcall::protocol::{
    Actor, Answer, Audience, Body, Command, Effect, Ending, Event, Fact, Input, Output, Query,
    Record, Refused, Reply,
};
use roomcall::{CallResult, CallStatus, Rule};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Rules;
use crate::conformance::case::Step;

/// What a switchboard says to an input.
#[derive(Deserialize)]
struct Expected {
    outputs: Vec<Box<RawValue>>,
}

/// Reads the steps of a case in order.
#[derive(Debug, Default)]
pub struct SwitchboardRules {
    clock: u64,
}

impl SwitchboardRules {
    /// The rules of the next step.
    ///
    /// # Errors
    ///
    /// It is malformed.
    pub fn step(&mut self, step: &Step) -> Result<Rules, String> {
        let text = step.send.get();
        let record: Record = Record::read(text).map_err(|error| error.to_string())?;
        let expected: Expected =
            serde_json::from_str(step.expect.get()).map_err(|error| error.to_string())?;
        let read = |line: &RawValue| Output::read(line.get()).map_err(|e| e.to_string());
        let lines = expected.outputs.iter().map(|line| &**line);
        let outputs: Vec<Output> = lines.map(read).collect::<Result<_, _>>()?;
        let mut rules = self.outcome(&record, &outputs);
        if serde_json::to_string(&record).is_ok_and(|written| written != text) {
            rules.insert(Rule::J04);
        }
        Ok(rules)
    }

    /// As [`step`](Self::step), but for the spelling.
    pub fn outcome(&mut self, record: &Record, outputs: &[Output]) -> Rules {
        let mut rules = of_outcome(record, outputs);
        rules.extend((self.clock > record.at).then_some(Rule::T02));
        self.clock = self.clock.max(record.at);
        rules
    }
}

fn of_outcome(record: &Record, outputs: &[Output]) -> Rules {
    let mut rules = Rules::new();
    let mut effects = Vec::new();
    for output in outputs {
        match &output.body {
            Body::Effect(effect) => effects.push(effect),
            Body::Answer(answer) => of_answer(&record.input, answer, &mut rules),
            Body::Refused(refused) => of_refusal(&record.input, refused, &mut rules),
            Body::Reply(reply) => of_reply(&record.input, reply, &mut rules),
            _ => {}
        }
    }
    for effect in &effects {
        of_effect(effect, &mut rules);
    }
    let is_tick = matches!(record.input, Input::Tick);
    let is_due = |effect: &&Effect| matches!(effect.because, Rule::E04 | Rule::E21);
    if !is_tick && effects.iter().any(is_due) {
        rules.insert(Rule::T03);
        let is_ask = matches!(record.input, Input::Ask { .. });
        rules.extend(is_ask.then_some(Rule::T04));
    }
    if !effects.is_empty() {
        rules.insert(Rule::O02);
        rules.extend((!is_tick).then_some(Rule::J05));
        rules.extend((effects.len() > 1).then_some(Rule::O01));
    }
    rules
}

fn of_effect(effect: &Effect, rules: &mut Rules) {
    rules.insert(effect.because);
    match &effect.event {
        Event::CallReceived { extension, time_left, .. } => {
            rules.extend((!extension.is_empty()).then_some(Rule::C11));
            rules.insert(if time_left.is_some() { Rule::T10 } else { Rule::T06 });
        }
        Event::CallTimeout(_) => drop(rules.insert(Rule::T05)),
        Event::PendingCallChanged(call) if call.status != CallStatus::Calling => {
            rules.insert(Rule::K01);
        }
        _ => {}
    }
    match (&effect.to, &effect.event) {
        (Audience::Device { .. }, _) => drop(rules.insert(Rule::P06)),
        (_, Event::CallHandledByOtherDevice { .. }) => {
            rules.extend([Rule::E17, Rule::P08]);
        }
        (Audience::User(_), Event::CallCancelled(_) | Event::CallTimeout(_)) => {
            rules.insert(Rule::E17);
        }
        _ => {}
    }
}

fn of_answer(input: &Input, answer: &Answer, rules: &mut Rules) {
    match answer {
        Answer::Fact(fact) => {
            rules.insert(Rule::F17);
            rules.extend(fact.ignored);
            if let (Input::Fact(fact), None) = (input, fact.ignored) {
                rules.extend(of_fact(fact));
            }
        }
        Answer::CallUserToRoom(results) => {
            rules.extend(results.iter().map(|(_, result)| result.rule()));
            rules.extend((results.len() > 1).then_some(Rule::C03));
            let success = |(_, result): &&(String, CallResult)| *result == CallResult::Success;
            rules.extend((results.iter().filter(success).count() > 1).then_some(Rule::C13));
            let in_calling = |(_, result): &_| *result == CallResult::AlreadyInCalling;
            rules.extend(results.iter().any(in_calling).then_some(Rule::C07));
            let by_backend = matches!(input, Input::Ask { by: Actor::Backend, .. });
            rules.extend(by_backend.then_some(Rule::P11));
        }
        Answer::CancelCall(results) | Answer::RevokeCall(results) => {
            rules.extend(results.iter().map(|(_, result)| result.rule()));
            rules.extend((results.len() > 1).then_some(Rule::E12));
        }
        Answer::AcceptCall { .. } | Answer::RejectCall { .. } => rules.extend(of_answering(input)),
        Answer::GetPendingCalls { next_cursor, .. } => {
            rules.extend([Rule::Q01, Rule::P09]);
            rules.extend((!next_cursor.is_empty() || has_cursor(input)).then_some(Rule::Q02));
        }
        Answer::GetIncomingCalls { endings, .. } => {
            rules.extend([Rule::Q06, Rule::Q07]);
            rules.extend(endings.as_ref().map(|_| Rule::Q09));
        }
        Answer::GetMyCalls(mine) => {
            rules.extend([Rule::Q11, Rule::Q07]);
            rules.extend((!mine.endings.is_empty()).then_some(Rule::P08));
        }
        Answer::GetCallLog(log) => {
            rules.extend([Rule::H03, Rule::Q07]);
            rules.extend((!log.entries.is_empty()).then_some(Rule::H01));
        }
        Answer::MarkCallsSeen { .. } => drop(rules.insert(Rule::H04)),
        Answer::Ringing { .. } => drop(rules.insert(Rule::C14)),
        Answer::RevokeUserCalls { .. } => drop(rules.insert(Rule::E19)),
        Answer::GetUserCalls { .. } => rules.extend([Rule::Q12, Rule::Q07]),
        Answer::GetLiveCalls { .. } => rules.extend([Rule::Q13, Rule::Q07]),
        _ => {}
    }
    rules.extend(matches!(input, Input::Query { .. }).then_some(Rule::Q08));
}

/// What a fact that counts shows without an effect.
const fn of_fact(fact: &Fact) -> Option<Rule> {
    Some(match fact {
        Fact::RoomOpened { .. } => Rule::F02,
        Fact::UserEntered { .. } => Rule::F04,
        Fact::UserLeft { .. } => Rule::F06,
        Fact::RoleSet { .. } => Rule::F09,
        Fact::RoomDissolved { .. } => Rule::F11,
        Fact::PresenceListed { .. } => Rule::F15,
        Fact::UserRemoved { .. } => Rule::F16,
        Fact::Recovered { .. } => Rule::F18,
        Fact::RulesChanged { .. } => Rule::F19,
        Fact::UserErased { .. } => Rule::F20,
    })
}

fn has_cursor(input: &Input) -> bool {
    matches!(input, Input::Query { query: Query::GetPendingCalls { cursor: Some(_), .. }, .. })
}

/// Which attempt an answer means.
fn of_answering(input: &Input) -> Option<Rule> {
    let Input::Ask { command, .. } = input else { return None };
    let names_one = matches!(
        command,
        Command::AcceptCall { attempt: Some(_), .. } | Command::RejectCall { attempt: Some(_), .. }
    );
    names_one.then_some(Rule::E11)
}

fn of_refusal(input: &Input, refused: &Refused, rules: &mut Rules) {
    rules.extend([refused.rule, Rule::R01, Rule::R03]);
    if matches!(input, Input::Ask { command: Command::CallUserToRoom { .. }, .. }) {
        rules.insert(Rule::C12);
    }
    if matches!(refused.rule, Rule::P01 | Rule::P02 | Rule::P03 | Rule::P04 | Rule::P05 | Rule::P10)
    {
        rules.insert(Rule::P07);
    }
    if let Some(Ending { user, .. }) = &refused.ended {
        rules.insert(Rule::E18);
        rules.extend(user.as_ref().map(|_| Rule::P08));
        rules.insert(if refused.rule == Rule::E09 { Rule::T01 } else { Rule::H05 });
        rules.extend(of_answering(input));
    }
}

fn of_reply(input: &Input, reply: &Reply, rules: &mut Rules) {
    rules.insert(Rule::X01);
    rules.extend(reply.next_request_id.map(|_| Rule::X06));
    rules.insert(if reply.repeated { Rule::X02 } else { Rule::X07 });
    match &reply.answer {
        Ok(answer) => of_answer(input, answer, rules),
        Err(refused) => of_refusal(input, refused, rules),
    }
}
