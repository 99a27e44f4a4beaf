//! A host by handle: one task owns the switchboard, and other tasks of the process send it jobs.

use std::collections::BTreeMap;
use std::time::Duration;

use roomcall::protocol::{self, Effect, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{Actor, Audience, Input, NameError, Outcome, Tick};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

/// The owner of the switchboard.
#[derive(Debug)]
pub struct Host {
    /// The switchboard. Only [`Host::apply`] delivers the effects of an input.
    pub board: Switchboard,
    /// When this process started, and the clock of the switchboard then: it goes on from there.
    started: (Instant, Tick),
    /// By number: a device may connect again before its old connection is gone.
    connections: BTreeMap<u64, (Actor, mpsc::Sender<Effect>)>,
    last: u64,
}

impl Host {
    /// A host of a new or a restored switchboard.
    pub fn new(board: Switchboard) -> Self {
        let started = (Instant::now(), board.clock());
        Self { board, started, connections: BTreeMap::new(), last: 0 }
    }

    /// Applies an input now, and delivers its effects.
    pub fn apply(&mut self, input: Input<'_>) -> Outcome {
        let outcome = self.board.apply(self.now(), input);
        let slow = self.deliver(&outcome);
        // A connection that missed an event has to be made again, and to ask what rings.
        slow.into_iter().for_each(|number| self.disconnect(number));
        outcome
    }

    /// Sends each event to its audience, and returns the connections that take no more. Names and
    /// extension texts are copied here, since the next input may evict them.
    fn deliver(&self, outcome: &Outcome) -> Vec<u64> {
        let mut slow = Vec::new();
        let tick = Record { at: 0, request_id: None, input: protocol::Input::<&str>::Tick };
        let named = self.board.name(&tick, outcome).into_owned();
        for (effect, named) in outcome.effects.iter().zip(named.effects) {
            for (number, (actor, outbox)) in &self.connections {
                if self.is_for(effect.to, *actor) && outbox.try_send(named.clone()).is_err() {
                    slow.push(*number);
                }
            }
        }
        slow
    }

    fn is_for(&self, to: Audience, actor: Actor) -> bool {
        let Actor::Device { user, device } = actor else { return false };
        match to {
            Audience::User(callee) => callee == user,
            Audience::Device { user: caller, device: on } => (caller, on) == (user, device),
            Audience::OtherDevices { user: callee, than } => callee == user && than != device,
            Audience::Room(room) => self.board.is_inside(room, user),
        }
    }

    /// Connects a device. The caller then asks [`Switchboard::my_calls`] in the same job.
    pub fn connect(
        &mut self,
        user: &str,
        device: &str,
        outbox: mpsc::Sender<Effect>,
    ) -> Result<(u64, Actor), NameError> {
        let _ = self.apply(Input::Tick);
        let (user, device) = self.board.resolve(user, device)?;
        self.last += 1;
        self.connections.insert(self.last, (Actor::Device { user, device }, outbox));
        Ok((self.last, Actor::Device { user, device }))
    }

    /// Removes this connection and no other of its device, and releases the names that it interned.
    pub fn disconnect(&mut self, number: u64) {
        if let Some((Actor::Device { user, device }, _)) = self.connections.remove(&number) {
            self.board.release_user(user);
            self.board.release_device(device);
        }
    }

    fn now(&self) -> Tick {
        let (started, clock) = self.started;
        let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Tick::from_millis(clock.as_millis().saturating_add(elapsed))
    }
}

/// Something that the owner does for another task.
pub type Job = Box<dyn FnOnce(&mut Host) + Send>;

/// Runs jobs and deadlines until nobody can send a job.
pub async fn run(mut host: Host, mut jobs: mpsc::Receiver<Job>) {
    loop {
        let deadline = host.board.next_deadline().map_or(u64::MAX, Tick::as_millis);
        let left = Duration::from_millis(deadline.saturating_sub(host.now().as_millis()));
        tokio::select! {
            job = jobs.recv() => match job { Some(job) => job(&mut host), None => return },
            () = sleep(left) => drop(host.apply(Input::Tick)),
        }
    }
}

/// Has the owner do `job`; `None` if the owner has ended.
pub async fn ask<T: Send + 'static>(
    jobs: &mpsc::Sender<Job>,
    job: impl FnOnce(&mut Host) -> T + Send + 'static,
) -> Option<T> {
    let (reply, answer) = oneshot::channel();
    jobs.send(Box::new(move |host| drop(reply.send(job(host))))).await.ok()?;
    answer.await.ok()
}
