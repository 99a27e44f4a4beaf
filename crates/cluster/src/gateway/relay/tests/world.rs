//! A relay, devices, a processor that dies and is replaced, and a network between them that loses, delays and repeats.

use std::collections::{BTreeMap, VecDeque};

use roomcall::protocol::{Actor, Body, Command, Fact, Input, Output, Query, Record};
use roomcall_server::close_code::CloseCode;
use roomcall_server::engine::{Connector, Job, NotConnected};
use roomcall_server::hub::{HubLimits, Number, Outgoing, actor};
use roomcall_server::log::Sequence;
use roomcall_server::text::All;
use roomcall_server::token::{Claims, TenantName, Who};
use tokio::sync::oneshot;

use super::super::Heard;
use super::super::state::Relay;
use super::processor::{GATEWAY, PARTITION, Processor, effects};
use crate::wire::{Epoch, Line, ToActive, ToGateway, read, write};

/// What may happen.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Connect(usize),
    Leave(usize),
    Ask(usize, u8, bool),
    State(u8),
    AskAsBackend(u8, bool),
    StateElsewhere(u8),
    Up(usize),
    Down(usize),
    LoseUp,
    LoseDown,
    RepeatDown,
    Beat,
    Wait(u64),
    /// It dies, what it sent last is lost, and the next one tells again what came of the last batches; it may not wait
    /// for announcements.
    Die {
        lost: usize,
        back: usize,
        waits: bool,
    },
}

const DEVICES: [(&str, &str); 4] =
    [("ana", "phone"), ("ana", "tablet"), ("bo", "phone"), ("cy", "phone")];

type Accepted = oneshot::Receiver<Result<(Number, Outgoing), NotConnected>>;

/// A connection that a device has, or had.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) claims: Claims,
    pub(super) number: Number,
    outgoing: Outgoing,
    pub(super) since: Sequence,
    /// The lines that it got.
    pub(super) lines: Vec<String>,
    /// The numbers that it asked with, and how many requests without one.
    pub(super) numbered: Vec<u64>,
    pub(super) unnumbered: usize,
    pub(super) closed: Option<CloseCode>,
}

impl Held {
    /// What it was told, in its order, without answers.
    pub(super) fn effects(&self) -> Vec<&String> {
        let is_effect = |line: &&String| matches!(output(line).body, Body::Effect(_));
        self.lines.iter().filter(is_effect).collect()
    }

    /// How often it was answered with a number.
    pub(super) fn answers(&self, number: Option<u64>) -> usize {
        let request_id = |line: &String| match output(line).body {
            Body::Reply(reply) => Some(Some(reply.request_id)),
            Body::Effect(_) => None,
            _ => Some(None),
        };
        self.lines.iter().filter_map(request_id).filter(|it| *it == number).count()
    }
}

fn output(line: &str) -> Output {
    serde_json::from_str(line).unwrap()
}

#[derive(Debug)]
pub(super) struct World {
    now: u64,
    pub(super) relay: Relay,
    jobs: VecDeque<Job>,
    up: VecDeque<ToActive>,
    down: VecDeque<Heard>,
    /// The last frame that came.
    before: Option<ToGateway>,
    log: Vec<Record>,
    processor: Processor,
    epoch: Epoch,
    waiting: Vec<(usize, Accepted)>,
    /// After which batch connections were let in.
    since: BTreeMap<Number, Sequence>,
    pub(super) held: Vec<Held>,
    /// Those of the devices.
    present: BTreeMap<usize, usize>,
    request_ids: [u64; 5],
    /// Who waits for facts, or for what the backend has asked.
    pub(super) facts: Vec<oneshot::Receiver<Vec<Output>>>,
    pub(super) asked: Vec<(bool, oneshot::Receiver<Option<Output>>)>,
}

impl World {
    pub(super) fn new() -> Self {
        let relay = Relay::new(GATEWAY.to_owned(), 0, HubLimits::default(), All::default());
        let facts = [
            Fact::RoomOpened { room: "r".to_owned(), owner: "ana".to_owned() },
            entered("ana"),
            entered("cy"),
        ];
        let records = facts.map(|it| Record { at: 0, request_id: None, input: Input::Fact(it) });
        let log = Vec::from(records);
        let processor = Processor::claim(1, &log, 0);
        Self {
            now: 1_000,
            relay,
            jobs: VecDeque::new(),
            up: VecDeque::new(),
            down: VecDeque::new(),
            before: None,
            log,
            processor,
            epoch: 1,
            waiting: Vec::new(),
            since: BTreeMap::new(),
            held: Vec::new(),
            present: BTreeMap::new(),
            request_ids: [0; 5],
            facts: Vec::new(),
            asked: Vec::new(),
        }
    }

    pub(super) fn step(&mut self, step: Step) {
        match step {
            Step::Connect(device) => self.connect(device),
            Step::Leave(device) => {
                if let Some(index) = self.present.remove(&device) {
                    let held = &mut self.held[index];
                    held.closed.get_or_insert(CloseCode::Stalled);
                    let (user, number) = (DEVICES[device].0.to_owned(), held.number);
                    self.jobs.push_back(Job::Disconnect { user, number });
                }
            }
            Step::Ask(device, what, is_numbered) => self.ask(device, what, is_numbered),
            Step::State(what) => {
                let (answered, answer) = oneshot::channel();
                self.facts.push(answer);
                self.jobs.push_back(Job::Facts { facts: vec![fact(what)], answered });
            }
            Step::AskAsBackend(what, is_numbered) => {
                let (answered, answer) = oneshot::channel();
                let request_id = self.request_id(4, is_numbered);
                let input = input(what, Actor::Backend);
                let may_be_done = is_numbered || matches!(input, Input::Query { .. });
                self.asked.push((may_be_done, answer));
                self.jobs.push_back(Job::Backend { request_id, input, answered });
            }
            Step::StateElsewhere(what) => {
                let frame = self.processor.state(self.now, fact(what), &mut self.log);
                self.send(frame);
            }
            Step::Up(count) => self.deliver_up(count),
            Step::Down(count) => self.deliver_down(count),
            Step::LoseUp => drop(self.up.pop_front()),
            Step::LoseDown => drop(self.down.pop_front()),
            Step::RepeatDown => {
                if let Some(frame) = self.before.clone() {
                    self.relay.hear(self.now, frame);
                }
            }
            Step::Beat => self.down.push_back(Heard::Beat(self.processor.beat())),
            Step::Wait(length) => self.now += length,
            Step::Die { lost, back, waits } => {
                let left = self.down.len().saturating_sub(lost);
                self.down.truncate(left);
                self.epoch += 1;
                let released = self.log.len().saturating_sub(back);
                self.processor = Processor::claim(self.epoch, &self.log, released);
                if !waits {
                    let frame = self.processor.serve(&self.log);
                    self.send(frame);
                }
            }
        }
        self.settle();
    }

    /// Nothing breaks any more, until nothing moves.
    pub(super) fn calm(&mut self) {
        for _ in 0..40 {
            self.now += 100;
            self.step(Step::Beat);
            self.step(Step::Down(usize::MAX));
            self.step(Step::Up(usize::MAX));
            self.step(Step::Down(usize::MAX));
        }
        assert!(self.jobs.is_empty() && self.up.is_empty() && self.down.is_empty());
        assert!(self.waiting.is_empty(), "who waits to be let in is answered");
        assert!(self.relay.is_answered(), "nothing else waits for an answer");
    }

    /// Who waits to be let in does not wait any more.
    pub(super) fn give_up(&mut self) {
        self.waiting.clear();
    }

    /// An active processor of another epoch takes itself for the one to which the relay is announced, and closes a
    /// connection.
    pub(super) fn cut_by(&mut self, epoch: Epoch, connection: Number) {
        let link = self.processor.beat().gateways.remove(0);
        let lines = vec![Line::Cut { connection, why: CloseCode::Revoked }];
        let (incarnation, number, received) = (link.incarnation, link.sent + 1, link.received);
        let partition = PARTITION.to_owned();
        self.relay
            .hear(self.now, ToGateway { partition, epoch, incarnation, number, received, lines });
        self.settle();
    }

    /// What a connection is told where nothing breaks.
    pub(super) fn expected(&self, held: &Held) -> Vec<String> {
        effects(&self.log, &held.claims, held.since)
    }

    /// Takes what jobs can be taken, and looks what came of it.
    fn settle(&mut self) {
        while self.relay.may_take()
            && let Some(job) = self.jobs.pop_front()
        {
            self.relay.take(job);
            self.collect_frames();
        }
        self.collect_frames();
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain_mut(|(device, accepted)| match accepted.try_recv() {
            Ok(result) => {
                let (number, outgoing) = result.unwrap();
                self.accepted(*device, number, outgoing);
                false
            }
            Err(why) => why == oneshot::error::TryRecvError::Empty,
        });
        self.waiting = waiting;
        for held in &mut self.held {
            while let Some(text) = held.outgoing.take() {
                held.lines.extend(text.lines().map(str::to_owned));
            }
            held.closed = held.closed.or(held.outgoing.close_code());
        }
        self.present.retain(|_, index| self.held[*index].closed.is_none());
    }

    fn collect_frames(&mut self) {
        while let Some(frame) = self.relay.frame_to_send() {
            self.up.push_back(read(&write(&frame)).unwrap());
        }
    }

    fn accepted(&mut self, device: usize, number: Number, outgoing: Outgoing) {
        let claims = claims(device);
        let since = self.since[&number];
        let (lines, numbered) = (Vec::new(), Vec::new());
        let held =
            Held { claims, number, outgoing, since, lines, numbered, unnumbered: 0, closed: None };
        self.present.insert(device, self.held.len());
        self.held.push(held);
    }

    fn connect(&mut self, device: usize) {
        let (accepted, answer) = oneshot::channel();
        self.waiting.push((device, answer));
        let accepted = Connector::Socket(accepted);
        self.jobs.push_back(Job::Connect { claims: claims(device), accepted });
    }

    fn ask(&mut self, device: usize, what: u8, is_numbered: bool) {
        let Some(index) = self.present.get(&device).copied() else { return };
        let request_id = self.request_id(device, is_numbered);
        let held = &mut self.held[index];
        match request_id {
            Some(request_id) => held.numbered.push(request_id),
            None => held.unnumbered += 1,
        }
        let (user, number) = (DEVICES[device].0.to_owned(), held.number);
        let input = input(what, actor(DEVICES[device].0, DEVICES[device].1));
        self.jobs.push_back(Job::Request { user, number, request_id, input });
    }

    fn request_id(&mut self, of: usize, is_numbered: bool) -> Option<u64> {
        self.request_ids[of] += u64::from(is_numbered);
        is_numbered.then_some(self.request_ids[of])
    }

    fn send(&mut self, frame: Option<ToGateway>) {
        self.down.extend(frame.map(|it| Heard::Frame(read(&write(&it)).unwrap())));
    }

    fn deliver_up(&mut self, count: usize) {
        for _ in 0..count.min(self.up.len()) {
            let Some(frame) = self.up.pop_front() else { return };
            let frame = self.processor.hear(self.now, frame, &mut self.log);
            self.send(frame);
        }
    }

    fn deliver_down(&mut self, count: usize) {
        for _ in 0..count.min(self.down.len()) {
            match self.down.pop_front() {
                Some(Heard::Beat(active)) => self.relay.beat(self.now, &active),
                Some(Heard::Frame(frame)) => {
                    for line in &frame.lines {
                        if let Line::Connected { connection, result: Ok(since) } = line {
                            self.since.insert(*connection, since.sequence);
                        }
                    }
                    self.before = Some(frame.clone());
                    self.relay.hear(self.now, frame);
                }
                None => {}
            }
            self.settle();
        }
    }
}

fn claims(device: usize) -> Claims {
    let who = Who::device(DEVICES[device].0, DEVICES[device].1);
    Claims { tenant: TenantName::default(), who, iat: 0, exp: 9, until: 9 }
}

fn entered(user: &str) -> Fact {
    let (room, user) = ("r".to_owned(), user.to_owned());
    Fact::UserEntered { room, user, device: None, session: None, opening: None }
}

fn fact(what: u8) -> Fact {
    let user = ["ana", "bo", "cy"][usize::from(what % 3)];
    if what < 6 {
        return entered(user);
    }
    let (room, user) = ("r".to_owned(), user.to_owned());
    Fact::UserLeft { room, user, device: None, session: None, opening: None }
}

fn input(what: u8, by: Actor) -> Input {
    let (room, users) = ("r".to_owned(), vec!["bo".to_owned(), "cy".to_owned()]);
    let command = match what {
        0..4 => {
            let (timeout, extension, caller) = (60, String::new(), None);
            Command::CallUserToRoom { room, users, timeout, extension, caller }
        }
        4 => Command::CancelCall { room, users },
        5 => Command::AcceptCall { room, attempt: None },
        6 => Command::RejectCall { room, attempt: None, reason: Default::default() },
        7 => Command::RevokeCall { room, users },
        _ => return Input::Query { by, query: Query::GetMyCalls { since: 0 } },
    };
    Input::Ask { by, command }
}
