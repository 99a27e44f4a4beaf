//! What a step of a switchboard shows.

use std::collections::BTreeMap;

use roomcall::protocol::{
    Actor, Answer, Audience, Command, Effect, Event, Input, LogEntry, LoggedCall, Outcome, Output,
    Record, Refused,
};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};
use roomcall_testkit::conformance::case::{Begin, Step};
use roomcall_testkit::conformance::rules::{SwitchboardRules, tag};
use roomcall_testkit::conformance::testee::Testee;
use roomcall_testkit::model::compare_switchboard;
use roomcall_testkit::strategies::journal::{DEVICES, Journal, USERS};

use crate::coverage::{Key, Keys, key, rule_key};
use crate::select::History;

impl History for Journal {
    fn len(&self) -> usize {
        self.lines.len()
    }

    fn part(&self, keeps: &[bool]) -> Self {
        let lines = self.lines.iter().zip(keeps).filter(|(_, keeps)| **keeps);
        Self { lines: lines.map(|(line, _)| line.clone()).collect(), ..self.clone() }
    }

    fn plainer(&self) -> Vec<Self> {
        let limits = Limits { never: self.limits.never, ..Limits::DEFAULT };
        vec![Self { limits, ..self.clone() }, Self { policy: Policy::DEFAULT, ..self.clone() }]
    }

    fn keys(&self) -> Vec<Keys> {
        let mut board = Switchboard::new(self.limits, self.policy);
        let (mut rules, mut inboxes) = (SwitchboardRules::default(), Inboxes::default());
        let mut step = |record: &Record| {
            let outcome = board.apply_record(record);
            let mut keys = of_outcome(record, &outcome);
            keys.extend(inboxes.step(record, &outcome));
            let outputs: Vec<Output> = outcome.outputs().collect();
            keys.extend(rules.outcome(record, &outputs).into_iter().map(rule_key));
            keys
        };
        self.lines.iter().map(&mut step).collect()
    }

    fn written(&self) -> (Begin, Vec<Step>) {
        let begin = Begin::Switchboard { policy: self.policy, limits: self.limits };
        let lines = self.lines.iter().map(|line| serde_json::to_string(line).unwrap());
        let steps = written(&begin, lines);
        (begin, steps)
    }

    fn check(&self) {
        compare_switchboard(self).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The lines with what this crate says to each.
pub(crate) fn written(begin: &Begin, lines: impl Iterator<Item = String>) -> Vec<Step> {
    let mut testee = Testee::new(begin);
    let step = |line: String| {
        let expect = testee.step(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let expect: Box<serde_json::value::RawValue> = serde_json::from_str(&expect).unwrap();
        Step { send: serde_json::from_str(&line).unwrap(), expect }
    };
    lines.map(step).collect()
}

/// What kind of input it is.
fn kind(input: &Input) -> String {
    match input {
        Input::Tick => "tick".to_owned(),
        Input::Fact(fact) => tag(fact),
        Input::Ask { command, .. } => tag(command),
        Input::Query { query, .. } => tag(query),
    }
}

fn of_outcome(record: &Record, outcome: &Outcome) -> Keys {
    let kind = kind(&record.input);
    let mut keys = Keys::new();
    for effect in &outcome.effects {
        let (event, because) = (effect.event.name(), effect.because);
        let to = audience(&effect.to);
        let title = format!("{event} to {to} by {because} ({}), with {kind}", because.title());
        keys.insert(key("events", format!("{because}-{event}-{to}-{kind}"), title));
    }
    if outcome.is_repeated() {
        let how =
            if outcome.answer.as_ref().is_some_and(Result::is_ok) { "answer" } else { "refusal" };
        let title = format!("{kind} is sent again with its number, and has the same {how}");
        keys.insert(key("repeated requests", format!("X-02-{kind}-{how}"), title));
        return keys;
    }
    match &outcome.answer {
        Some(Err(refused)) => keys.extend(of_refusal(&kind, record, refused)),
        Some(Ok(answer)) => keys.extend(of_answer(&kind, answer)),
        None => {}
    }
    keys
}

const fn audience(to: &Audience) -> &'static str {
    match to {
        Audience::User(_) => "user",
        Audience::Device { .. } => "device",
        Audience::OtherDevices { .. } => "otherDevices",
        Audience::Room(_) => "room",
    }
}

fn of_refusal(kind: &str, record: &Record, refused: &Refused) -> Keys {
    let (rule, why) = (refused.rule, refused.rule.title());
    let mut keys = Keys::from([key(
        "refusals of each kind of request",
        format!("{rule}-{kind}"),
        format!("{kind} is refused by {rule} ({why})"),
    )]);
    if let Some(ended) = &refused.ended {
        let how = tag(&ended.how);
        let by = match (&record.input, &ended.device) {
            (_, Some(_)) => "-on-a-device",
            _ => "",
        };
        let title = format!("{kind} comes too late, by {rule} ({why}): {how}");
        keys.insert(key("endings that are told", format!("{rule}-{kind}-{how}{by}"), title));
    }
    keys
}

fn of_answer(kind: &str, answer: &Answer) -> Keys {
    let results = |words: Vec<String>| {
        let result = |word: String| {
            let title = format!("a result of {kind}: {word}");
            key("results", format!("{kind}-{word}"), title)
        };
        words.into_iter().map(result).collect()
    };
    match answer {
        Answer::Fact(fact) => {
            let ignored = |rule: roomcall::Rule| {
                let title = format!("{kind} is ignored by {rule} ({})", rule.title());
                key("facts that are ignored", format!("{rule}-{kind}"), title)
            };
            fact.ignored.map(ignored).into_iter().collect()
        }
        Answer::CallUserToRoom(all) => results(all.iter().map(|(_, it)| tag(it)).collect()),
        Answer::CancelCall(all) | Answer::RevokeCall(all) => {
            results(all.iter().map(|(_, it)| tag(it)).collect())
        }
        other => of_list(kind, other),
    }
}

/// What is in the answer to a query.
fn of_list(kind: &str, answer: &Answer) -> Keys {
    let mut words: Vec<String> = Vec::new();
    let mut has = |word: &str, is: bool| words.extend(is.then(|| word.to_owned()));
    match answer {
        Answer::GetPendingCalls { calls, next_cursor, scope } => {
            has("more", !next_cursor.is_empty());
            has("own", scope.is_some());
            let statuses: Vec<String> = calls.iter().map(|call| tag(&call.status)).collect();
            statuses.iter().for_each(|status| has(status, true));
        }
        Answer::GetIncomingCalls { calls, endings, .. } => {
            has("rung", calls.iter().any(|call| call.rung));
            let endings = endings.iter().flat_map(|endings| &endings.calls);
            let endings: Vec<String> = endings.map(|over| tag(&over.ended.how)).collect();
            endings.iter().for_each(|how| has(how, true));
        }
        Answer::GetMyCalls(mine) => {
            has("more", mine.more);
            has("incoming", !mine.incoming.is_empty());
            has("outgoing", !mine.outgoing.is_empty());
            has("rung", mine.outgoing.iter().any(|call| call.rung));
            has("without-a-log", mine.log.is_none());
            let endings: Vec<String> = mine.endings.iter().map(|it| tag(&it.ended.how)).collect();
            endings.iter().for_each(|how| has(how, true));
        }
        Answer::GetCallLog(log) => {
            has("more", log.more);
            let is_tried = |entry: &LogEntry| matches!(entry.what, LoggedCall::Tried { .. });
            has("tries", log.entries.iter().any(is_tried));
            has("endings", log.entries.iter().any(|entry| !is_tried(entry)));
        }
        Answer::GetUserCalls { calls, next_cursor, .. }
        | Answer::GetLiveCalls { calls, next_cursor, .. } => {
            has("some", !calls.is_empty());
            has("more", !next_cursor.is_empty());
        }
        Answer::RevokeUserCalls { attempts, more } => {
            has("some", !attempts.is_empty());
            has("more", *more);
        }
        Answer::Ringing { rung, .. } => has("rung", *rung),
        _ => {}
    }
    let named = |word: String| {
        let title = format!("an answer to {kind}: {word}");
        key("answers", format!("{kind}-{word}"), title)
    };
    words.into_iter().map(named).collect()
}

/// What devices were told since they last asked: what they asked may have crossed that.
struct Inboxes(BTreeMap<(String, String), Vec<Event>>);

impl Default for Inboxes {
    fn default() -> Self {
        let of_user = |user: &'static str| DEVICES.map(|device| (user.into(), device.into()));
        Self(USERS.into_iter().flat_map(of_user).map(|device| (device, Vec::new())).collect())
    }
}

impl Inboxes {
    fn step(&mut self, record: &Record, outcome: &Outcome) -> Keys {
        let mut keys = Keys::new();
        if let Input::Ask { by: Actor::Device { user, device }, command } = &record.input {
            let inbox = self.0.insert((user.clone(), device.clone()), Vec::new());
            let crossed = inbox.iter().flatten().filter(|event| is_about(command, event));
            keys.extend(crossed.map(|event| crossing(command, event)));
        }
        for effect in &outcome.effects {
            self.tell(effect);
        }
        keys
    }

    fn tell(&mut self, Effect { to, event, .. }: &Effect) {
        for ((user, device), inbox) in &mut self.0 {
            let is_told = match to {
                Audience::User(of) => of == user,
                Audience::Device { user: of, device: on } => of == user && on == device,
                Audience::OtherDevices { user: of, than } => of == user && than != device,
                Audience::Room(_) => false,
            };
            if is_told {
                inbox.push(event.clone());
            }
        }
    }
}

fn crossing(command: &Command, event: &Event) -> Key {
    let (command, event) = (tag(command), event.name());
    let title = format!("{command} crosses {event}");
    key("commands that cross an event", format!("{command}-x-{event}"), title)
}

/// Whether a command is about the call that an event tells of.
fn is_about(command: &Command, event: &Event) -> bool {
    match command {
        Command::Ringing { attempt } => *attempt == event.attempt(),
        Command::MarkCallsSeen { .. } => true,
        // Of a device it is refused, whatever there is.
        Command::RevokeUserCalls { .. } => false,
        _ => {
            let users = command.users();
            let is_named =
                event.call().is_none_or(|call| users.is_empty() || users.contains(&call.callee));
            command.room() == event.room() && is_named
        }
    }
}
