//! The scenarios as cases: of a switchboard as they stand, and of each of their devices.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use roomcall::handset::{
    DeviceTick, Effect, Handset, Input as DeviceInput, Link, Request, Settings, Tap,
};
use roomcall::protocol::{Actor, Audience, Command, Event, Fact, Input, Outcome, Record};
use roomcall::switchboard::Switchboard;
use roomcall_testkit::conformance::case::{Begin, Case, Step};
use roomcall_testkit::conformance::testee::HandsetLine;
use roomcall_testkit::model::handset::ModelHandset;
use roomcall_testkit::repository::{files, journal_of, read, rules_and_story};
use roomcall_testkit::strategies::journal::Journal;

use crate::coverage::{Coverage, Keys};
use crate::handset::Reader;
use crate::select::{History, case, is_portable};
use crate::switchboard::written;

/// What a file is called.
fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Every scenario, as it is spelled, whose numbers every language can read.
pub(crate) fn scenarios(coverage: &mut Coverage) -> Vec<Case> {
    let mut cases = Vec::new();
    for path in files("spec/scenarios") {
        let (header, journal) = read(&path);
        let (rules, title) = rules_and_story(&header.title);
        let begin = Begin::Switchboard { policy: header.policy, limits: header.limits };
        let text = journal_of(&fs::read_to_string(&path).unwrap());
        let steps = written(&begin, text.lines().skip(1).map(str::to_owned));
        if !is_portable(&steps) {
            continue;
        }
        coverage.add(journal.keys().into_iter().flatten());
        coverage.name(&rules);
        cases.push(case(&name(&path), title, begin, steps, &rules));
    }
    cases
}

/// The devices of all scenarios.
pub(crate) fn devices() -> Vec<(String, String, Story)> {
    let mut stories = Vec::new();
    for path in files("spec/scenarios") {
        let (header, journal) = read(&path);
        let mut devices = BTreeSet::new();
        for record in &journal.lines {
            if let Input::Ask { by: Actor::Device { user, device }, .. } = &record.input {
                devices.insert((user.clone(), device.clone()));
            }
        }
        for (user, device) in devices {
            let title = format!("{user}'s {device}, where {}", rules_and_story(&header.title).1);
            let id = format!("{}-{user}-{device}", name(&path));
            stories.push((id, title, Story::of(&journal, &user, &device)));
        }
    }
    stories
}

/// What one device heard and did in a scenario.
pub(crate) struct Story {
    user: String,
    device: String,
    lines: Vec<HandsetLine>,
    keys: Vec<Keys>,
}

impl History for Story {
    fn len(&self) -> usize {
        self.lines.len()
    }

    fn part(&self, _: &[bool]) -> Self {
        unreachable!("stories are kept whole")
    }

    fn plainer(&self) -> Vec<Self> {
        Vec::new()
    }

    fn keys(&self) -> Vec<Keys> {
        self.keys.clone()
    }

    fn written(&self) -> (Begin, Vec<Step>) {
        let (user, device) = (self.user.clone(), self.device.clone());
        let begin = Begin::Handset { user, device, settings: Settings::DEFAULT };
        let lines = self.lines.iter().map(|line| serde_json::to_string(line).unwrap());
        let steps = written(&begin, lines);
        (begin, steps)
    }

    fn check(&self) {
        let mut handset = Handset::new(&self.user, &self.device, Settings::DEFAULT);
        let mut model = ModelHandset::new(&self.user, &self.device, Settings::DEFAULT);
        for line in &self.lines {
            let HandsetLine::Inputs { at, inputs } = line else { continue };
            let at = DeviceTick::from_millis(*at);
            let (ours, wanted) =
                (handset.apply_all(at, inputs.clone()), model.apply_all(at, inputs.clone()));
            assert_eq!(ours, wanted, "left is the handset, right the model; {line:?}");
        }
    }
}

impl Story {
    fn of(journal: &Journal, user: &str, device: &str) -> Self {
        let mut host = Host::new(journal, user, device);
        let first = journal.lines.first().map_or(0, |record| record.at);
        host.give(first, vec![DeviceInput::Link(Link::Up)]);
        for record in &journal.lines {
            host.follow(record);
        }
        let Host { lines, keys, .. } = host;
        Self { user: user.into(), device: device.into(), lines, keys }
    }
}

/// The host of the device, over a network that loses nothing.
struct Host {
    me: Actor,
    user: String,
    device: String,
    board: Switchboard,
    reader: Reader,
    room: Option<String>,
    /// The attempts that rang here, by room.
    rang: BTreeMap<String, u64>,
    lines: Vec<HandsetLine>,
    keys: Vec<Keys>,
}

impl Host {
    fn new(journal: &Journal, user: &str, device: &str) -> Self {
        let handset = Handset::new(user, device, Settings::DEFAULT);
        Self {
            me: Actor::Device { user: user.into(), device: device.into() },
            user: user.into(),
            device: device.into(),
            board: Switchboard::new(journal.limits, journal.policy),
            reader: Reader::new(handset, user, device),
            room: None,
            rang: BTreeMap::new(),
            lines: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Inputs come to the device, and what it sends to the switchboard.
    fn give(&mut self, at: u64, inputs: Vec<DeviceInput>) {
        if inputs.is_empty() {
            return;
        }
        let line = HandsetLine::Inputs { at, inputs };
        let (keys, effects) = self.reader.played(&line);
        self.lines.push(line);
        self.keys.push(keys);
        for effect in effects {
            if let Effect::Send { request_id, request } = effect {
                let input = match request {
                    Request::Command(command) => Input::Ask { by: self.me.clone(), command },
                    Request::Query(query) => Input::Query { by: self.me.clone(), query },
                };
                self.apply(&Record { at, request_id, input });
            }
        }
    }

    /// A record comes to the switchboard, and what follows to the device.
    fn apply(&mut self, record: &Record) {
        let outcome = self.board.apply_record(record);
        let is_mine = matches!(&record.input,
            Input::Ask { by, .. } | Input::Query { by, .. } if *by == self.me);
        let reply = outcome.reply().filter(|_| is_mine).map(DeviceInput::Reply);
        let at = outcome.at;
        let inputs = reply.into_iter().chain(self.notices(outcome)).collect();
        self.give(at, inputs);
    }

    fn notices(&mut self, outcome: Outcome) -> Vec<DeviceInput> {
        let mut notices = Vec::new();
        for effect in outcome.effects {
            let is_told = match &effect.to {
                Audience::User(user) => *user == self.user,
                Audience::Device { user, device } => (user, device) == (&self.user, &self.device),
                Audience::OtherDevices { user, than } => *user == self.user && *than != self.device,
                Audience::Room(room) => self.room.as_ref() == Some(room),
            };
            if let (true, Event::CallReceived { call, .. }) = (is_told, &effect.event) {
                self.rang.insert(call.room.clone(), call.attempt);
            }
            notices.extend(is_told.then_some(DeviceInput::Notice(effect.event)));
        }
        notices
    }

    /// What the scenario says, as the device does it.
    fn follow(&mut self, record: &Record) {
        match &record.input {
            Input::Ask { by, command } if *by == self.me => match self.tap(command) {
                Some(tap) => self.give(record.at, vec![DeviceInput::Tap(tap)]),
                None => self.apply(record),
            },
            Input::Fact(fact) => {
                self.apply(record);
                let room = self.room_after(fact);
                if room != self.room {
                    self.room.clone_from(&room);
                    self.give(record.at, vec![DeviceInput::InRoom(room)]);
                }
            }
            Input::Tick => {
                self.apply(record);
                self.give(record.at, vec![DeviceInput::Tick]);
            }
            Input::Ask { .. } | Input::Query { .. } => self.apply(record),
        }
    }

    fn tap(&self, command: &Command) -> Option<Tap> {
        let rang = |room: &String, attempt: &Option<u64>| attempt.or(self.rang.get(room).copied());
        Some(match command.clone() {
            Command::CallUserToRoom { room, users, timeout, extension, .. } => {
                Tap::Call { room, users, timeout, extension }
            }
            Command::CancelCall { room, users } => Tap::Cancel { room, users },
            Command::RevokeCall { room, users } => Tap::Revoke { room, users },
            Command::AcceptCall { room, attempt } => {
                Tap::Accept { attempt: rang(&room, &attempt)? }
            }
            Command::RejectCall { room, attempt, reason } => {
                Tap::Reject { attempt: rang(&room, &attempt)?, reason }
            }
            Command::MarkCallsSeen { up_to } => Tap::MarkSeen { up_to },
            Command::RevokeUserCalls { .. } | Command::Ringing { .. } => return None,
        })
    }

    /// Where the device is after a fact.
    fn room_after(&self, fact: &Fact) -> Option<String> {
        let is_here = |room: &String| self.room.as_ref() == Some(room);
        let is_me = |user: &String, device: &Option<String>| {
            *user == self.user && device.as_ref().is_none_or(|device| *device == self.device)
        };
        match fact {
            Fact::UserEntered { room, user, device, .. }
                if *user == self.user && device.as_ref() == Some(&self.device) =>
            {
                Some(room.clone())
            }
            Fact::UserLeft { room, user, device, .. } if is_here(room) && is_me(user, device) => {
                None
            }
            Fact::UserRemoved { room, user, .. } if is_here(room) && *user == self.user => None,
            Fact::RoomDissolved { room, .. } if is_here(room) => None,
            _ => self.room.clone(),
        }
    }
}
