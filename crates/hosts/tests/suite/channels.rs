//! The host by handle, as the suite drives it.

use std::collections::VecDeque;
use std::time::Duration;

use roomcall::protocol::{Actor, Body, Effect, Fact, Frame, Input, Record};
use roomcall::switchboard::Switchboard;
use roomcall_hosts::channels::{Host, Job, ask, run};
use roomcall_testkit::host::Host as Names;
use roomcall_testkit::suite::{Capabilities, Rules, Transport, TransportError};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// How many events may wait for a device before it is cut off.
const WAITING: usize = 32;

/// A task that owns a switchboard.
pub(crate) struct Channels {
    jobs: Sender<Job>,
}

/// A connection to it.
pub(crate) struct Connection {
    number: u64,
    actor: Actor,
    events: Receiver<Effect>,
    came: VecDeque<Body>,
}

impl Connection {
    /// Takes what has come.
    fn take(&mut self) {
        while let Ok(effect) = self.events.try_recv() {
            self.came.push_back(Body::Effect(effect));
        }
    }
}

impl Channels {
    pub(crate) fn new(rules: &Rules) -> Self {
        let (jobs, inbox) = mpsc::channel(16);
        tokio::spawn(run(Host::new(Switchboard::new(rules.limits, rules.policy)), inbox));
        Self { jobs }
    }

    async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Host) -> T + Send + 'static,
    ) -> Result<T, TransportError> {
        ask(&self.jobs, job).await.ok_or_else(|| "the task has ended".into())
    }
}

/// Applies an input in handles, and gives the answer by name.
fn apply(host: &mut Host, record: &Record) -> Option<Body> {
    if let Input::Query { .. } = record.input {
        // What is due by now is delivered; a query itself brings nothing about.
        let _ = host.apply(roomcall::Input::Tick);
        let record = Record { at: host.board.clock().as_millis(), ..record.clone() };
        return host.board.apply_record(&record).outputs().next().map(|output| output.body);
    }
    let mut names = Names::of(std::mem::replace(&mut host.board, empty()));
    let batch = names.batch(std::slice::from_ref(record));
    std::mem::swap(&mut host.board, &mut names.board);
    let input = match batch.first().expect("one for each line").input().1 {
        roomcall::Input::Ask { by, command, .. } => {
            roomcall::Input::Ask { by, request_id: record.request_id, command }
        }
        input => input,
    };
    let outcome = host.apply(input);
    let named = host.board.name(record, &outcome).into_owned();
    std::mem::swap(&mut host.board, &mut names.board);
    names.let_go();
    host.board = names.board;
    named.outputs().next().map(|output| output.body).filter(|it| !matches!(it, Body::Effect(_)))
}

fn empty() -> Switchboard {
    Switchboard::new(roomcall::Limits::DEFAULT, roomcall::Policy::DEFAULT)
}

impl Transport for Channels {
    type Connection = Connection;

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            virtual_time: true,
            slow_reader: true,
            rules: true,
            erasure: true,
            ..Capabilities::default()
        }
    }

    async fn connect(&mut self, user: &str, device: &str) -> Result<Connection, TransportError> {
        let (outbox, events) = mpsc::channel(WAITING);
        let (user, device) = (user.to_owned(), device.to_owned());
        let actor = Actor::Device { user: user.clone(), device: device.clone() };
        let connect = move |host: &mut Host| host.connect(&user, &device, outbox);
        let (number, _) = self.ask(connect).await??;
        Ok(Connection { number, actor, events, came: VecDeque::new() })
    }

    async fn disconnect(&mut self, connection: Connection) -> Result<(), TransportError> {
        self.ask(move |host| host.disconnect(connection.number)).await
    }

    async fn send(
        &mut self,
        connection: &mut Connection,
        frame: Frame,
    ) -> Result<(), TransportError> {
        connection.take();
        if connection.events.is_closed() {
            return Ok(());
        }
        let record = frame.record(0, connection.actor.clone());
        let answer = self.ask(move |host| apply(host, &record)).await?;
        connection.came.extend(answer);
        Ok(())
    }

    async fn receive(
        &mut self,
        connection: &mut Connection,
    ) -> Result<Option<Body>, TransportError> {
        connection.take();
        let is_over = connection.events.is_closed();
        match connection.came.pop_front() {
            None if !is_over => Err("nothing is sent any more".into()),
            next => Ok(next),
        }
    }

    async fn state(&mut self, fact: Fact) -> Result<(), TransportError> {
        let record = Record { at: 0, request_id: None, input: Input::Fact(fact) };
        self.ask(move |host| drop(apply(host, &record))).await
    }

    fn elapsed(&self) -> u64 {
        // Its time is virtual: nobody asks.
        0
    }

    async fn advance(&mut self, millis: u64) -> Result<(), TransportError> {
        tokio::time::advance(Duration::from_millis(millis)).await;
        // Its timer is due; when it answers this, it has seen to that.
        self.ask(|_| ()).await
    }
}
