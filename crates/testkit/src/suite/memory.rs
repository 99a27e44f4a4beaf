//! The smallest host: a switchboard in this process, with a journal and a clock of its own. It is a
//! [`Transport`] to copy from, and what the suite itself is tested on.

use std::collections::{BTreeMap, VecDeque};

use roomcall::protocol::{
    Actor, Answer, Audience, Body, Command, Fact, Frame, Input, Record, Refused,
};
use roomcall::switchboard::Switchboard;

use super::transport::{Capabilities, Rules, Transport, TransportError};
use crate::hosting::is_recipient;

/// A host in memory.
#[derive(Debug)]
pub struct Memory {
    rules: Rules,
    /// The switchboard.
    pub board: Switchboard,
    /// What a restart has of it.
    pub journal: Vec<Record>,
    now: u64,
    passed: u64,
    /// How many messages may wait for a connection that is not read, before it is ended.
    pub waiting: usize,
    /// Whether it ends what is due by itself, unless a test wants it wrong.
    pub has_timer: bool,
    /// Whether an effect is for a user's device: [`is_recipient`], unless a test wants it wrong.
    pub is_recipient: fn(&Switchboard, &Audience, (&str, &str)) -> bool,
    connections: BTreeMap<u64, Line>,
    last: u64,
}

/// A connection at the host.
#[derive(Debug)]
struct Line {
    actor: Actor,
    sent: VecDeque<Body>,
    /// Whether effects are not sent on it: see [`Memory::forget`].
    is_forgotten: bool,
}

impl Memory {
    const WAITING: usize = 32;

    /// A host with nothing in it.
    pub fn new(rules: Rules) -> Self {
        let board = Switchboard::new(rules.limits, rules.policy);
        let (journal, connections) = (Vec::new(), BTreeMap::new());
        Self {
            rules,
            board,
            journal,
            now: 0,
            passed: 0,
            waiting: Self::WAITING,
            has_timer: true,
            is_recipient,
            connections,
            last: 0,
        }
    }

    /// Stores an input, applies it, and then sends what comes of it: the answer to who asked, each event to
    /// its audience.
    fn apply(&mut self, asker: u64, request_id: Option<u64>, input: Input) -> Option<Body> {
        // Queries move the clock of the switchboard, and are not in the journal: so a journal whose times go back would lead
        // to another state.
        let at = self.now.max(self.board.clock().as_millis());
        let record = Record { at, request_id, input };
        if let Input::Query { .. } = record.input {
            // It changes nothing but what the passing of time does.
            self.tick();
        } else {
            self.journal.push(record.clone());
        }
        let mut answer = None;
        for output in self.board.apply_record(&record).outputs() {
            match &output.body {
                Body::Effect(effect) => self.deliver(&effect.to, &output.body),
                body => match self.connections.get_mut(&asker) {
                    Some(line) => line.sent.push_back(body.clone()),
                    None => answer = Some(output.body),
                },
            }
        }
        // Whoever reads too slowly connects again, and asks what rings: nothing may be left out.
        self.connections.retain(|_, line| line.sent.len() <= self.waiting);
        answer
    }

    fn deliver(&mut self, to: &Audience, body: &Body) {
        for line in self.connections.values_mut().filter(|line| !line.is_forgotten) {
            let Actor::Device { user, device } = &line.actor else { continue };
            if (self.is_recipient)(&self.board, to, (user, device)) {
                line.sent.push_back(body.clone());
            }
        }
    }

    /// Ends what is due.
    fn tick(&mut self) {
        while self.board.next_deadline().is_some_and(|deadline| deadline.as_millis() <= self.now) {
            self.apply(0, None, Input::Tick);
        }
    }

    /// How many messages wait for a connection; 0 if it is over.
    pub fn unread(&self, (number, _): &(u64, Actor)) -> usize {
        self.connections.get(number).map_or(0, |line| line.sent.len())
    }

    /// Sends no effects to the connections of a device any more, as a host that takes them for gone.
    pub fn forget(&mut self, device: &Actor) {
        let lines = self.connections.values_mut().filter(|line| line.actor == *device);
        lines.for_each(|line| line.is_forgotten = true);
    }
}

impl Transport for Memory {
    /// Its number, and whose it is.
    type Connection = (u64, Actor);

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            virtual_time: true,
            durable: true,
            backend: true,
            clock: true,
            slow_reader: true,
            lossy: true,
            rules: true,
            erasure: true,
        }
    }

    async fn connect(&mut self, user: &str, device: &str) -> Result<(u64, Actor), TransportError> {
        self.last += 1;
        let actor = Actor::Device { user: user.to_owned(), device: device.to_owned() };
        let line = Line { actor: actor.clone(), sent: VecDeque::new(), is_forgotten: false };
        self.connections.insert(self.last, line);
        Ok((self.last, actor))
    }

    async fn disconnect(&mut self, (number, _): (u64, Actor)) -> Result<(), TransportError> {
        // This one, and no other of its device.
        self.connections.remove(&number);
        Ok(())
    }

    async fn send(
        &mut self,
        (number, actor): &mut (u64, Actor),
        frame: Frame,
    ) -> Result<(), TransportError> {
        if self.connections.contains_key(number) {
            let input = frame.request.input(actor.clone());
            self.apply(*number, frame.request_id, input);
        }
        Ok(())
    }

    async fn receive(
        &mut self,
        (number, _): &mut (u64, Actor),
    ) -> Result<Option<Body>, TransportError> {
        match self.connections.get_mut(number) {
            Some(line) => Ok(Some(line.sent.pop_front().ok_or("nothing is sent any more")?)),
            None => Ok(None),
        }
    }

    async fn state(&mut self, fact: Fact) -> Result<(), TransportError> {
        self.apply(0, None, Input::Fact(fact));
        Ok(())
    }

    async fn advance(&mut self, millis: u64) -> Result<(), TransportError> {
        self.now += millis;
        self.passed += millis;
        if self.has_timer {
            self.tick();
        }
        Ok(())
    }

    fn elapsed(&self) -> u64 {
        self.passed
    }

    async fn command(
        &mut self,
        command: Command,
    ) -> Result<Result<Answer, Refused>, TransportError> {
        match self.apply(0, None, Input::Ask { by: Actor::Backend, command }) {
            Some(Body::Answer(answer)) => Ok(Ok(answer)),
            Some(Body::Refused(refused)) => Ok(Err(refused)),
            other => Err(format!("the backend is answered {other:?}").into()),
        }
    }

    async fn restart(&mut self) -> Result<(), TransportError> {
        self.connections.clear();
        self.board = Switchboard::new(self.rules.limits, self.rules.policy);
        for record in &self.journal {
            let _ = self.board.apply_record(record);
        }
        Ok(())
    }

    fn behind(&self) -> u64 {
        self.passed - self.now
    }

    async fn set_back(&mut self, millis: u64) -> Result<(), TransportError> {
        self.now = self.now.saturating_sub(millis);
        Ok(())
    }
}
