//! The life of a partition in a processor.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::{Client, Subscriber};
use futures_util::StreamExt as _;
use roomcall::journal::Header;
use roomcall_server::clock::Clock;
use roomcall_server::cost::Costs;
use roomcall_server::engine::{Engine, Job};
use roomcall_server::follower::Follower;
use roomcall_server::hub::Hub;
use roomcall_server::log::{Appended, Batch, Entry, Log as _, Sequence, StoreError};
use roomcall_server::metrics::Metrics;
use roomcall_server::recover::Recovered;
use roomcall_server::state::State;
use roomcall_server::token::TenantName;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{interval, sleep, timeout};

use super::ProcessorParts;
use super::beats::Beats;
use super::intake::{Heard, Intake};
use super::links::{Links, Told};
use super::peers::Peers;
use super::rules;
use crate::log::{Released, StreamLog};
use crate::wire::{self, ToActive};

/// Waits until the processor is told to stop.
async fn stopped(stops: &mut watch::Receiver<bool>) {
    // Who tells it is there as long as it works.
    let _ = stops.wait_for(|stops| *stops).await;
}

/// How often it looks whether it is to claim.
const LOOK: Duration = Duration::from_millis(20);

/// How long the gateways that live have to announce themselves to who has claimed.
const ANNOUNCE: Duration = Duration::from_millis(300);

/// So long ago something has to have been sent for it to be sure that who did not get it has noticed.
const LAG: Duration = Duration::from_secs(1);

/// How often it notes what was sent.
const NOTE: Duration = Duration::from_millis(100);

/// A partition, and what it shares with others.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) name: TenantName,
    pub(super) rules: Header,
    pub(super) log: StreamLog,
    pub(super) client: Client,
    pub(super) parts: Arc<ProcessorParts>,
    pub(super) peers: Peers,
    pub(super) beats: Beats,
    pub(super) metrics: Metrics,
    pub(super) stops: watch::Receiver<bool>,
}

/// A claim that succeeded.
struct Claimed {
    /// The state from which all is said again that may not have been heard.
    state: State,
    messages: Subscriber,
}

impl Partition {
    /// Follows, and serves whenever the partition is its own, until it is told to stop.
    pub(super) async fn run(mut self, recovered: Recovered) -> Result<(), StoreError> {
        let released = Arc::new(Released::new(self.log.clone()));
        let (copies, asked) = mpsc::channel(1);
        let follower = Follower::new(released, recovered, self.parts.snapshots, None);
        // What is not stored when it is dropped is stored by another one.
        let (_follows, stop) = oneshot::channel();
        let follower = tokio::spawn(follower.with_copies(asked).run(stop));
        tokio::pin!(follower);
        loop {
            tokio::select! {
                ended = &mut follower => {
                    return ended.unwrap_or_else(|why| Err(StoreError::Write(why.to_string())));
                }
                is_due = self.is_due() => if !is_due {
                    follower.abort();
                    return Ok(());
                },
            }
            let Some(claimed) = self.claim(&copies).await else {
                sleep(LOOK).await;
                continue;
            };
            tracing::info!(partition = %self.name.as_str(), epoch = self.log.epoch(), "active");
            let served = self.serve(claimed).await;
            self.beats.end(self.name.as_str(), served.is_ok());
            match served {
                Ok(()) => {
                    follower.abort();
                    return Ok(());
                }
                Err(why) => tracing::warn!(partition = %self.name.as_str(), %why, "not active"),
            }
        }
    }

    /// Waits until the partition is to be claimed. Not if it is told to stop.
    async fn is_due(&mut self) -> bool {
        let mut tail = self.log.follow();
        let mut heard = Instant::now();
        loop {
            if timeout(LOOK, stopped(&mut self.stops)).await.is_ok() {
                return false;
            }
            let name = self.name.as_str();
            if self.peers.is_moved_here(name) {
                return true;
            }
            if tail.has_changed().unwrap_or(false) {
                tail.mark_unchanged();
                heard = Instant::now();
            }
            let last = match self.peers.active_elsewhere(name) {
                // It was left: the first one claims it at once.
                Some(None) if self.peers.is_first(name) => return true,
                Some(Some(at)) => heard.max(at),
                Some(None) | None => heard,
            };
            let patience = if self.peers.is_first(name) {
                self.parts.takeover
            } else {
                2 * self.parts.takeover
            };
            if last.elapsed() >= patience {
                return true;
            }
        }
    }

    /// Claims the partition; not if somebody else was faster.
    async fn claim(&self, copies: &mpsc::Sender<oneshot::Sender<State>>) -> Option<Claimed> {
        let claimed = self.try_claim(copies).await;
        claimed.inspect_err(|why| tracing::warn!(partition = %self.name.as_str(), %why)).ok()
    }

    async fn try_claim(
        &self,
        copies: &mpsc::Sender<oneshot::Sender<State>>,
    ) -> Result<Claimed, StoreError> {
        let broken = |why: &dyn std::fmt::Display| StoreError::Write(why.to_string());
        let (copy, state) = oneshot::channel();
        copies.send(copy).await.map_err(|why| broken(&why))?;
        let state = state.await.map_err(|why| broken(&why))?;
        let last = self.log.last().await?;
        // The epoch is that of the last batch.
        let mut read = state.last();
        while let Some((sequence, _)) = self.log.read(read).await?.last() {
            read = *sequence;
        }
        // Who announces itself is heard from now on.
        let subject = wire::of_partition(self.name.as_str());
        let messages = self.client.subscribe(subject).await.map_err(|why| broken(&why))?;
        self.client.flush().await.map_err(|why| broken(&why))?;
        let mut batch = Batch::new(self.parts.time.wall().max(state.clock()));
        if last == 0 {
            batch.entries.push(Entry::Opened(self.rules.clone()));
        }
        match self.log.claim(last, batch.write()).await {
            Appended::At(_) => Ok(Claimed { state, messages }),
            Appended::Conflict(last) => Err(StoreError::Conflict(last)),
            Appended::Unknown(why) => Err(why),
        }
    }

    /// Serves until it is told to stop, which is no error, or somebody else has claimed.
    async fn serve(&mut self, claimed: Claimed) -> Result<(), StoreError> {
        let Claimed { state, mut messages } = claimed;
        let (parts, name) = (self.parts.clone(), self.name.as_str().to_owned());
        let covered = state.last();
        let clock = Clock::new(parts.time.clone(), state.clock());
        let hub = Hub::new(parts.hub, self.metrics.queued());
        let costs = Costs::new(&parts.costs);
        let log = Arc::new(self.log.clone());
        let metrics = self.metrics.clone();
        let mut engine = Engine::new(state, log, hub, clock, metrics, costs, parts.batch);
        let links = Links::default();
        let told = Told::new(&name, self.log.epoch(), engine.applied(), links.clone());
        self.beats.serve(told.clone());
        let mut intake = Intake::new(self.client.clone(), &name, self.log.epoch(), links.clone());
        let early = self.announced(&mut messages, &mut intake, &mut engine, covered).await;
        engine.catch_up().await?;
        let rules = engine.rules();
        let (jobs, waiting) = mpsc::channel(4 * parts.batch);
        let mut works = tokio::spawn(async move {
            let mut waiting = waiting;
            engine.work(&mut waiting).await
        });
        let ended = tokio::select! {
            ended = &mut works => ended,
            () = self.hear(&mut messages, &mut intake, &jobs, early, &told, rules) => {
                let _ = jobs.send(Job::Stop).await;
                works.await
            }
        };
        links.close();
        ended.unwrap_or_else(|why| Err(StoreError::Write(why.to_string())))
    }

    /// Waits until the gateways that live have named their connections, which are let in. Gives the jobs of what else they
    /// say.
    async fn announced(
        &self,
        messages: &mut Subscriber,
        intake: &mut Intake,
        engine: &mut Engine,
        covered: Sequence,
    ) -> VecDeque<Job> {
        let mut early = VecDeque::new();
        let all = async {
            while !self.peers.gateways().iter().all(|it| intake.has_announced(it)) {
                let Some(message) = messages.next().await else { return };
                let Some(frame) = wire::read::<ToActive>(&message.payload) else { continue };
                let Heard { again, jobs } = intake.hear(frame, covered);
                for (claims, accepted) in again {
                    engine.connect(&claims, accepted);
                }
                early.extend(jobs);
            }
        };
        let _ = timeout(ANNOUNCE, all).await;
        early
    }

    /// Gives to the engine what comes, and notes what was sent, until it is told to stop.
    async fn hear(
        &self,
        messages: &mut Subscriber,
        intake: &mut Intake,
        jobs: &mpsc::Sender<Job>,
        mut early: VecDeque<Job>,
        told: &Told,
        mut rules: Header,
    ) {
        let mut stops = self.stops.clone();
        let mut notes = interval(NOTE);
        let mut sent: VecDeque<(Instant, Sequence)> = VecDeque::new();
        loop {
            for job in early.drain(..) {
                if jobs.send(job).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                biased;
                () = stopped(&mut stops) => return,
                _ = notes.tick() => {
                    self.note(told, &mut sent).await;
                    early.extend(self.gone(intake));
                    early.extend(self.changed(&mut rules));
                }
                Some(message) = messages.next() => {
                    if let Some(frame) = wire::read::<ToActive>(&message.payload) {
                        let covered = *told.applied.borrow();
                        let Heard { again, jobs } = intake.hear(frame, covered);
                        let again = again.into_iter();
                        early.extend(again.map(|(claims, accepted)| Job::Connect { claims, accepted }));
                        early.extend(jobs);
                    }
                }
            }
        }
    }

    /// What was given to the network long enough ago was heard, or its loss was noticed.
    async fn note(&self, told: &Told, sent: &mut VecDeque<(Instant, Sequence)>) {
        let now = Instant::now();
        let last = told.sent();
        if sent.back().is_none_or(|(_, before)| *before < last)
            && matches!(timeout(NOTE, self.client.flush()).await, Ok(Ok(())))
        {
            sent.push_back((now, last));
        }
        while let Some((at, last)) = sent.front().copied()
            && at.elapsed() >= LAG
        {
            self.log.release(last);
            sent.pop_front();
        }
    }

    /// The connections of gateways that live no more.
    fn gone(&self, intake: &mut Intake) -> Vec<Job> {
        let live = self.peers.gateways();
        let gone = intake.gateways().filter(|it| !live.contains(it)).collect::<Vec<_>>();
        gone.iter().flat_map(|it| intake.forget(it)).collect()
    }

    /// That the rules are others, once all processors are set up with them.
    fn changed(&self, rules: &mut Header) -> Option<Job> {
        let fact = rules::change(rules, &self.rules)?;
        if !self.peers.all_have(self.name.as_str(), rules::digest(&self.rules)) {
            return None;
        }
        *rules = self.rules.clone();
        // Nobody waits for the answer.
        Some(Job::Facts { facts: vec![fact], answered: oneshot::channel().0 })
    }
}
