//! What a step of a handset shows.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{DeviceTick, Effect, Handset, Input, Request, Settings, Stage, Tap};
use roomcall::protocol::{Command, Event, Reply};
use roomcall_testkit::conformance::case::{Begin, Step};
use roomcall_testkit::conformance::rules::{HandsetRules, tag};
use roomcall_testkit::conformance::testee::{HandsetLine, Restart};
use roomcall_testkit::model::compare_handset;
use roomcall_testkit::strategies::handset::{DEVICE, Journal, Move, USER};

use crate::coverage::{Key, Keys, key, rule_key};
use crate::select::History;
use crate::switchboard::written;

impl History for Journal {
    fn len(&self) -> usize {
        self.moves.iter().map(inputs).sum()
    }

    fn part(&self, keeps: &[bool]) -> Self {
        let mut keeps = keeps.iter().copied();
        let mut moves = Vec::new();
        for play in &self.moves {
            let kept: Vec<bool> = keeps.by_ref().take(inputs(play)).collect();
            match play {
                Move::Apply { at, inputs } => {
                    let inputs = inputs.iter().zip(&kept).filter(|(_, keeps)| **keeps);
                    let inputs: Vec<Input> = inputs.map(|(input, _)| input.clone()).collect();
                    if !inputs.is_empty() {
                        moves.push(Move::Apply { at: *at, inputs });
                    }
                }
                Move::Restart { dead } if kept == [true] => {
                    moves.push(Move::Restart { dead: *dead })
                }
                Move::Restart { .. } => {}
            }
        }
        Self { moves, settings: self.settings }
    }

    fn plainer(&self) -> Vec<Self> {
        let with = |settings| Self { settings, ..self.clone() };
        vec![with(Settings { refresh: None, ..Settings::DEFAULT }), with(Settings::DEFAULT)]
    }

    fn keys(&self) -> Vec<Keys> {
        let handset = Handset::new(USER, DEVICE, self.settings);
        let mut reader = Reader::new(handset, USER, DEVICE);
        self.moves.iter().map(|play| reader.step(&line(play))).collect()
    }

    fn written(&self) -> (Begin, Vec<Step>) {
        let (user, device) = (USER.to_owned(), DEVICE.to_owned());
        let begin = Begin::Handset { user, device, settings: self.settings };
        let lines = self.moves.iter().map(|play| serde_json::to_string(&line(play)).unwrap());
        let steps = written(&begin, lines);
        (begin, steps)
    }

    /// Whether each reply is of the kind of its request.
    fn is_possible(&self) -> bool {
        let mut handset = Handset::new(USER, DEVICE, self.settings);
        let mut asked: BTreeMap<u64, String> = BTreeMap::new();
        self.moves.iter().all(|play| {
            let (effects, is_possible) = match play {
                Move::Restart { dead } => {
                    handset = handset.clone().restart(*dead);
                    (Vec::new(), true)
                }
                Move::Apply { at, inputs } => {
                    let is_possible = inputs.iter().all(|input| is_of_kind(input, &asked));
                    (handset.apply_all(DeviceTick::from_millis(*at), inputs.clone()), is_possible)
                }
            };
            for effect in effects {
                if let Effect::Send { request_id: Some(id), request } = effect {
                    asked.insert(id, tag_of(&request));
                }
            }
            is_possible
        })
    }

    fn check(&self) {
        compare_handset(self).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Whether an input is no answer, or one to such a request.
fn is_of_kind(input: &Input, asked: &BTreeMap<u64, String>) -> bool {
    let Input::Reply(Reply { request_id, answer: Ok(answer), .. }) = input else { return true };
    asked.get(request_id).is_some_and(|kind| *kind == tag(answer))
}

/// How many inputs a move has.
fn inputs(play: &Move) -> usize {
    match play {
        Move::Apply { inputs, .. } => inputs.len(),
        Move::Restart { .. } => 1,
    }
}

fn line(play: &Move) -> HandsetLine {
    match play {
        Move::Apply { at, inputs } => HandsetLine::Inputs { at: *at, inputs: inputs.clone() },
        Move::Restart { dead } => HandsetLine::Restart { restart: Restart { dead: *dead } },
    }
}

/// A handset, and what is needed to say what its steps show.
pub(crate) struct Reader {
    pub(crate) handset: Handset,
    rules: HandsetRules,
    /// The commands that were sent and not answered.
    unanswered: BTreeMap<u64, Command>,
    sent: BTreeSet<u64>,
}

impl Reader {
    pub(crate) fn new(handset: Handset, user: &str, device: &str) -> Self {
        let rules = HandsetRules::new(user, device);
        Self { handset, rules, unanswered: BTreeMap::new(), sent: BTreeSet::new() }
    }

    pub(crate) fn step(&mut self, line: &HandsetLine) -> Keys {
        self.played(line).0
    }

    /// What a step shows, and what it brings about.
    pub(crate) fn played(&mut self, line: &HandsetLine) -> (Keys, Vec<Effect>) {
        let before: BTreeMap<u64, Stage> = self.handset.screen().collect();
        let due = self.handset.next_deadline().map(DeviceTick::as_millis);
        let effects = match line {
            HandsetLine::Inputs { at, inputs } => {
                self.handset.apply_all(DeviceTick::from_millis(*at), inputs.clone())
            }
            HandsetLine::Restart { restart } => {
                self.handset = self.handset.clone().restart(restart.dead);
                self.handset.redraw()
            }
        };
        let mut keys: Keys = self.rules.outcome(line, &effects).into_iter().map(rule_key).collect();
        if let HandsetLine::Inputs { at, inputs } = line {
            let is_due = due.is_some_and(|due| due <= *at);
            for input in inputs {
                keys.extend(self.input(input, &before));
            }
            // Of several inputs, and of time besides, nobody knows which one an effect is of.
            if let ([input], false) = (&inputs[..], is_due && inputs != &[Input::Tick]) {
                keys.extend(effects.iter().map(|effect| by_input(effect, input)));
            }
        }
        for effect in &effects {
            keys.extend(self.effect(effect, &before));
        }
        (keys, effects)
    }

    fn input(&mut self, input: &Input, before: &BTreeMap<u64, Stage>) -> Keys {
        let mut keys = Keys::new();
        let kind = kind(input);
        if let Some(attempt) = attempt(input) {
            let stage = before.get(&attempt).map_or("off the screen".to_owned(), tag);
            let title = format!("{}, of a call that is {stage}", words(&kind));
            let id = format!("{kind}-{}", stage.replace(' ', "-"));
            keys.insert(key("inputs at each stage", id, title));
        }
        if let Input::Notice(event) | Input::Push { event, .. } = input {
            let crossed = self.unanswered.values().filter(|command| is_about(command, event));
            keys.extend(crossed.map(|command| crossing(command, event)));
        }
        if let Input::Reply(Reply { request_id, answer, .. }) = input {
            if let (Some(command), Err(refused)) = (self.unanswered.remove(request_id), answer) {
                let (command, rule) = (tag(&command), refused.rule);
                let title = format!("{command} is refused by {rule} ({})", rule.title());
                keys.insert(key("refusals that come", format!("{rule}-{command}"), title));
            }
        }
        keys
    }

    fn effect(&mut self, effect: &Effect, before: &BTreeMap<u64, Stage>) -> Option<Key> {
        Some(match effect {
            Effect::Dismiss { attempt, why } => {
                let stage = before.get(attempt).map_or("new".to_owned(), tag);
                let why = tag(why);
                let title = format!("a call that is {stage} is dismissed: {why}");
                key("dismissals at each stage", format!("dismiss-{stage}-{why}"), title)
            }
            Effect::Learned { why, .. } => {
                let why = tag(why);
                let title = format!("a call that is not on the screen is over: {why}");
                key("endings that are learned", format!("learned-{why}"), title)
            }
            Effect::Report { why, .. } => {
                let why = tag(why);
                let title = format!("a push, or a late ring, is reported: {why}");
                key("reports", format!("report-{why}"), title)
            }
            Effect::NotSent { command, why } => {
                let (command, why) = (tag(command), tag(why));
                let title = format!("{command} is not sent: {why}");
                key("commands that are not sent", format!("notSent-{command}-{why}"), title)
            }
            Effect::Send { request_id: Some(id), request } => {
                if let Request::Command(command) = request {
                    self.unanswered.insert(*id, command.clone());
                }
                let (is_new, request) = (self.sent.insert(*id), tag_of(request));
                if is_new {
                    return None;
                }
                let title = format!("{request} is sent again with its number");
                key("requests that are sent again", format!("again-{request}"), title)
            }
            _ => return None,
        })
    }
}

fn tag_of(request: &Request) -> String {
    match request {
        Request::Command(command) => tag(command),
        Request::Query(query) => tag(query),
    }
}

/// A kind as it is read.
fn words(kind: &str) -> String {
    kind.replace('-', " ")
}

/// What kind of input it is.
fn kind(input: &Input) -> String {
    match input {
        Input::Notice(event) => event.name().to_owned(),
        Input::Push { event, .. } => format!("push-of-{}", event.name()),
        Input::Reply(Reply { answer: Ok(answer), .. }) => format!("answer-to-{}", tag(answer)),
        Input::Reply(Reply { answer: Err(_), .. }) => "refusal".to_owned(),
        Input::Tap(tap) => format!("tap-{}", tag(tap)),
        Input::Link(link) => format!("link-{}", tag(link)),
        Input::InRoom(room) => if room.is_some() { "in-a-room" } else { "in-no-room" }.to_owned(),
        Input::Occupied(is) => if *is { "occupied" } else { "not-occupied" }.to_owned(),
        other => tag(other),
    }
}

/// Of which call it is.
fn attempt(input: &Input) -> Option<u64> {
    match input {
        Input::Notice(event) | Input::Push { event, .. } => {
            Some(event.attempt()).filter(|attempt| *attempt > 0)
        }
        Input::Tap(
            Tap::Accept { attempt }
            | Tap::Reject { attempt, .. }
            | Tap::Silence { attempt }
            | Tap::RejectHere { attempt },
        ) => Some(*attempt),
        _ => None,
    }
}

fn by_input(effect: &Effect, input: &Input) -> Key {
    let (kind, word) = (kind(input), tag(effect));
    let word = match effect {
        Effect::Send { request, .. } => format!("send-{}", tag_of(request)),
        Effect::Progress { progress, .. } => format!("progress-{}", tag(progress)),
        Effect::Listed { status, .. } => format!("listed-{}", tag(status)),
        _ => word,
    };
    let title = format!("{} makes {}", words(&kind), words(&word));
    key("effects of each input", format!("{kind}-{word}"), title)
}

fn crossing(command: &Command, event: &Event) -> Key {
    let (command, event) = (tag(command), event.name());
    let title = format!("{event} comes while {command} is unanswered");
    key("commands that cross an event", format!("{command}-x-{event}"), title)
}

/// Whether a command is about the call that an event tells of.
fn is_about(command: &Command, event: &Event) -> bool {
    match command {
        Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. } => {
            *attempt == Some(event.attempt())
        }
        Command::MarkCallsSeen { .. } => matches!(event, Event::CallsSeen { .. }),
        _ => {
            let is_named = event.call().is_some_and(|call| command.users().contains(&call.callee));
            command.room() == event.room() && is_named
        }
    }
}
