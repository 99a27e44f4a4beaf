//! A model of an active processor: a real switchboard and a real hub, on a log that outlives it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use roomcall::protocol::{Actor, Body, Fact, Input, Output, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};
use roomcall_server::close_code::CloseCode;
use roomcall_server::hub::{Hub, HubLimits};
use roomcall_server::log::Sequence;
use roomcall_server::sink::{Place, Sink};
use roomcall_server::text::Text;
use roomcall_server::token::{Claims, Who};

use crate::wire::{Active, Connection, Epoch, Item, Line, Link, Question, ToActive, ToGateway};

pub(super) const PARTITION: &str = "default";
pub(super) const GATEWAY: &str = "g";

/// A connection, as the hub of a processor sends to it.
#[derive(Debug)]
struct Port {
    connection: Connection,
    since: Place,
    lines: Arc<Mutex<Vec<Line>>>,
    is_gone: AtomicBool,
}

impl Port {
    fn say(&self, line: Line) -> bool {
        self.lines.lock().unwrap().push(line);
        false
    }

    fn is_for_it(&self, text: &Text) -> bool {
        text.place().is_none_or(|place| place > self.since)
    }
}

impl Sink for Port {
    fn add(&self, text: &Text) -> bool {
        let (to, place, text_) = (vec![self.connection], text.place(), text.as_str().to_owned());
        self.is_for_it(text) && self.say(Line::Text { to, place, text: text_ })
    }

    fn answer(&self, text: &Text, request_id: Option<u64>) -> bool {
        let (to, place, text_) = (self.connection, text.place(), text.as_str().to_owned());
        self.is_for_it(text) && self.say(Line::Answer { to, request_id, place, text: text_ })
    }

    fn end_step(&self) {}

    fn cut(&self, why: CloseCode) {
        self.is_gone.store(true, Ordering::Relaxed);
        self.say(Line::Cut { connection: self.connection, why });
    }

    fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed)
    }

    fn pressure(&self) -> Option<(Duration, usize)> {
        None
    }
}

fn device(claims: &Claims) -> (String, String) {
    match &claims.who {
        Who::Device { user, device } => (user.clone(), device.clone()),
        Who::Backend => unreachable!("it connects no backend"),
    }
}

/// What it knows of the gateway.
#[derive(Debug)]
struct Known {
    link: Link,
    in_sync: Sequence,
    again: Vec<(Connection, Claims, Place)>,
    /// Of which user they are, and which number they have here.
    connections: BTreeMap<Connection, (String, String, u64)>,
}

/// The model.
#[derive(Debug)]
pub(super) struct Processor {
    pub(super) epoch: Epoch,
    board: Switchboard,
    hub: Hub,
    applied: Sequence,
    /// Whether it has replayed the log, and takes requests.
    serves: bool,
    /// After which batch the gateway may have been sent something.
    told: Sequence,
    known: Option<Known>,
    lines: Arc<Mutex<Vec<Line>>>,
    last: u64,
}

impl Processor {
    /// One that has claimed, and tells again what came of what is behind `released`.
    pub(super) fn claim(epoch: Epoch, log: &[Record], released: usize) -> Self {
        let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
        let mut hub = Hub::new(HubLimits::default(), Default::default());
        for record in &log[..released] {
            let _ = board.apply_record(record);
            if let Input::Fact(fact) = &record.input {
                hub.note(fact);
            }
        }
        let applied = released as Sequence;
        let lines = Arc::default();
        Self {
            epoch,
            board,
            hub,
            applied,
            serves: false,
            told: applied,
            known: None,
            lines,
            last: 0,
        }
    }

    pub(super) fn beat(&self) -> Active {
        Active {
            partition: PARTITION.to_owned(),
            epoch: self.epoch,
            applied: self.applied,
            gateways: self.known.iter().map(|it| it.link.clone()).collect(),
        }
    }

    /// Nobody has announced in time.
    pub(super) fn serve(&mut self, log: &[Record]) -> Option<ToGateway> {
        if !self.serves {
            self.catch_up(log);
        }
        self.flush()
    }

    /// A fact that another gateway has brought.
    pub(super) fn state(
        &mut self,
        at: u64,
        fact: Fact,
        log: &mut Vec<Record>,
    ) -> Option<ToGateway> {
        if self.serves {
            self.append(Record { at, request_id: None, input: Input::Fact(fact) }, None, log);
        }
        self.flush()
    }

    /// A frame of the gateway has come.
    pub(super) fn hear(
        &mut self,
        at: u64,
        frame: ToActive,
        log: &mut Vec<Record>,
    ) -> Option<ToGateway> {
        let begins = matches!(frame.items.first(), Some(Item::Announce { .. }));
        let is_newer = self.known.as_ref().is_none_or(|it| it.link.incarnation < frame.incarnation);
        if is_newer && begins && frame.number == 0 {
            self.forget();
            let (gateway, incarnation) = (frame.gateway.clone(), frame.incarnation);
            let link = Link { gateway, incarnation, sent: 0, received: 0 };
            self.known =
                Some(Known { link, in_sync: 0, again: vec![], connections: BTreeMap::new() });
        }
        let known = self.known.as_mut()?;
        if known.link.incarnation != frame.incarnation || known.link.received != frame.number {
            return None;
        }
        known.link.received += 1;
        for item in frame.items {
            self.item(at, item, log);
        }
        self.flush()
    }

    /// Its connections are no more; what they have asked is not done.
    fn forget(&mut self) {
        for (user, _, number) in
            self.known.take().into_iter().flat_map(|it| it.connections.into_values())
        {
            self.hub.disconnect(&user, number);
        }
    }

    fn item(&mut self, at: u64, item: Item, log: &mut Vec<Record>) {
        let Some(known) = &mut self.known else { return };
        match item {
            Item::Announce { in_sync, .. } => known.in_sync = in_sync,
            Item::Again { connection, claims, since } => {
                known.again.push((connection, claims, since));
            }
            Item::Announced => self.announced(log),
            Item::Connect { connection, claims } => {
                let since = Place::last_of(self.applied);
                self.add(connection, &claims, since);
                self.say(Line::Connected { connection, result: Ok(since) });
            }
            Item::Disconnect { connection } => {
                if let Some((user, _, number)) = known.connections.remove(&connection) {
                    self.hub.disconnect(&user, number);
                }
            }
            Item::Request { connection, record } => {
                if let Some((user, _, number)) = known.connections.get(&connection).cloned() {
                    let record = Record { at, ..Record::read(&record).unwrap() };
                    self.append(record, Some((&user, number)), log);
                }
            }
            Item::Ask { call, question } => {
                let answer = self.question(at, question, log);
                self.say(Line::Answered { call, answer: Some(answer) });
            }
        }
    }

    fn question(&mut self, at: u64, question: Question, log: &mut Vec<Record>) -> String {
        match question {
            Question::Backend(record) => {
                let record = Record { at, ..Record::read(&record).unwrap() };
                serde_json::to_string(&self.append(record, None, log)).unwrap()
            }
            Question::Facts(facts) => {
                let facts: Vec<Fact> = serde_json::from_str(&facts).unwrap();
                let inputs = facts.into_iter().map(Input::Fact);
                let records = inputs.map(|input| Record { at, request_id: None, input });
                let answers = records.filter_map(|it| self.append(it, None, log));
                serde_json::to_string(&answers.collect::<Vec<_>>()).unwrap()
            }
            other => unreachable!("{other:?} is not asked"),
        }
    }

    /// All connections were named: they go on, if they have all that came before what is told from now on.
    fn announced(&mut self, log: &[Record]) {
        let Some(known) = &mut self.known else { return };
        let again = std::mem::take(&mut known.again);
        if known.in_sync >= self.told {
            for (connection, claims, since) in again {
                self.add(connection, &claims, since);
            }
        } else if !again.is_empty() {
            self.say(Line::Reset);
        }
        if !self.serves {
            self.catch_up(log);
        }
    }

    fn add(&mut self, connection: Connection, claims: &Claims, since: Place) {
        self.last += 1;
        let (user, device) = device(claims);
        let (lines, is_gone) = (self.lines.clone(), AtomicBool::new(false));
        let port = Arc::new(Port { connection, since, lines, is_gone });
        self.hub.add(&user, &device, self.last, port).unwrap();
        let known = self.known.as_mut().unwrap();
        known.connections.retain(|_, it| (&it.0, &it.1) != (&user, &device));
        known.connections.insert(connection, (user, device, self.last));
    }

    fn catch_up(&mut self, log: &[Record]) {
        for record in &log[self.applied as usize..] {
            self.applied += 1;
            let asker = match &record.input {
                Input::Ask { by: Actor::Device { user, device }, .. } => {
                    let all = self.known.iter().flat_map(|it| it.connections.values());
                    let mut of_it = all.filter(|it| (&it.0, &it.1) == (user, device));
                    of_it.next().map(|it| (it.0.clone(), it.2))
                }
                _ => None,
            };
            self.apply(record, asker.as_ref().map(|(user, number)| (&user[..], *number)));
        }
        (self.serves, self.told) = (true, self.applied);
    }

    fn append(
        &mut self,
        mut record: Record,
        asked: Option<(&str, u64)>,
        log: &mut Vec<Record>,
    ) -> Option<Output> {
        record.at = record.at.max(log.last().map_or(0, |it| it.at));
        if matches!(record.input, Input::Query { .. }) {
            // It moves no clock that is not in the log.
            record.at = log.last().map_or(0, |it| it.at);
        } else {
            log.push(record.clone());
            self.applied += 1;
            self.told = self.applied;
        }
        self.apply(&record, asked)
    }

    fn apply(&mut self, record: &Record, asked: Option<(&str, u64)>) -> Option<Output> {
        if let Input::Fact(fact) = &record.input {
            self.hub.note(fact);
        }
        let is_logged = !matches!(record.input, Input::Query { .. });
        let mut answer = None;
        for (index, output) in (0..).zip(self.board.apply_record(record).outputs()) {
            let place = is_logged.then_some(Place { sequence: self.applied, index });
            match (&output.body, asked) {
                (Body::Effect(effect), _) => {
                    self.hub.notify(&self.board, &effect.to, &output, place)
                }
                (_, Some((user, number))) => self.hub.answer(user, number, &output, place),
                (_, None) => answer = Some(output),
            }
        }
        self.hub.end_step(record.at);
        answer
    }

    fn say(&self, line: Line) {
        self.lines.lock().unwrap().push(line);
    }

    /// What was said, as a frame.
    fn flush(&mut self) -> Option<ToGateway> {
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        let link = &mut self.known.as_mut()?.link;
        if lines.is_empty() {
            return None;
        }
        link.sent += 1;
        let (incarnation, number, received) = (link.incarnation, link.sent, link.received);
        Some(ToGateway {
            partition: PARTITION.to_owned(),
            epoch: self.epoch,
            incarnation,
            number,
            received,
            lines,
        })
    }
}

/// The effects for a device that was connected after a batch, as nothing breaks.
pub(super) fn effects(log: &[Record], claims: &Claims, since: Sequence) -> Vec<String> {
    let mut it = Processor::claim(0, log, since as usize);
    let link = Link { gateway: GATEWAY.to_owned(), incarnation: 1, sent: 0, received: 0 };
    it.known = Some(Known { link, in_sync: 0, again: vec![], connections: BTreeMap::new() });
    it.add(1, claims, Place::last_of(since));
    for record in &log[since as usize..] {
        it.applied += 1;
        it.apply(record, None);
    }
    let lines = std::mem::take(&mut *it.lines.lock().unwrap());
    let texts = lines.into_iter().filter_map(|line| match line {
        Line::Text { text, .. } => Some(text),
        _ => None,
    });
    texts.collect()
}
