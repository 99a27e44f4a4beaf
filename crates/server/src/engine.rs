//! The one task that owns the state of a tenant.
//!
//! It takes what has come in, as much of it as one turn may cost; appends that to the log as one batch; and only when that
//! is durable applies it and tells people. So nobody knows of anything that a crash could undo, and the
//! state in memory is never ahead of the log. Queries change nothing and are not in the log; what the
//! passing of time ends is a tick in it. Snapshots are the [follower](crate::follower)'s.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use roomcall::journal::Header;
use roomcall::protocol::{Body, Fact, Input, LimitsChange, Outcome, Output, PolicyChange, Record};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::clock::Clock;
use crate::close_code::CloseCode;
use crate::cost::Costs;
use crate::hub::{Hub, Number};
use crate::log::{Appended, Batch, Entry, Log, Sequence, StoreError};
use crate::metrics::Metrics;
use crate::observe::Tap;
use crate::sink::Place;
use crate::state::{State, erased};
use crate::token::{self, Claims, TokenError, Who};

mod admit;
mod catch_up;
mod draining;
mod job;

pub use job::{Connector, Job, NotConnected};
pub(crate) use job::{ask, erases};

use draining::Draining;
use job::Planned;

/// The state of a tenant, its log, and who is connected.
#[derive(Debug)]
pub struct Engine {
    state: State,
    log: Arc<dyn Log>,
    hub: Hub,
    clock: Clock,
    metrics: Metrics,
    costs: Costs,
    /// The most jobs in one batch.
    most: usize,
    draining: Draining,
    /// Which output of the log comes next.
    next: Place,
    /// The last batch that was applied, and whose outputs were sent.
    applied: watch::Sender<Sequence>,
}

impl Engine {
    /// An engine that goes on from the end of a log. A batch is of `most` jobs.
    pub fn new(
        state: State,
        log: Arc<dyn Log>,
        hub: Hub,
        clock: Clock,
        metrics: Metrics,
        costs: Costs,
        most: usize,
    ) -> Self {
        let (draining, next) = (Draining::default(), Place::last_of(state.last()));
        let applied = watch::Sender::new(state.last());
        Self { state, log, hub, clock, metrics, costs, most, draining, next, applied }
    }

    /// The policy and limits of the state.
    pub fn rules(&self) -> Header {
        let board = self.state.switchboard();
        Header::new(*board.limits(), *board.policy())
    }

    /// The last batch whose outputs the hub was given, as it grows.
    pub fn applied(&self) -> watch::Receiver<Sequence> {
        self.applied.subscribe()
    }

    /// Has all that it is sent and sends judged by the rules, from now on. A new log begins with these.
    ///
    /// # Errors
    ///
    /// The system gives it no thread.
    pub fn observe(&mut self, new: &Header) -> io::Result<()> {
        let is_new = self.state.last() == 0;
        let rules = if is_new { new.clone() } else { self.rules() };
        self.hub.observe(Tap::start(&rules, is_new, self.metrics.observed())?);
        Ok(())
    }

    /// States what has to be known before anybody connects: with which rules an empty log begins; that the
    /// state may be older than what was told (F-18); and then the rules from now on, if they are others
    /// (F-19). No number that a server told is above the time then, in milliseconds since 1970, times 2^10:
    /// so that is the floor.
    ///
    /// # Errors
    ///
    /// The log cannot be written.
    pub async fn begin(&mut self, is_old: bool, rules: &Header) -> Result<(), StoreError> {
        let board = self.state.switchboard();
        let was = (*board.policy(), *board.limits());
        let is_new = self.state.last() == 0;
        let mut facts = Vec::new();
        if is_old {
            let floor = self.clock.now().saturating_mul(1 << 10);
            tracing::info!(floor, "the state may be older than what was told");
            facts.push(Fact::Recovered { floor });
        }
        if !is_new && was != (rules.policy, rules.limits) {
            let policy = Some(PolicyChange::between(&was.0, &rules.policy));
            let limits = Some(LimitsChange::between(&was.1, &rules.limits));
            tracing::info!(?policy, ?limits, "the configuration has other rules than the log");
            facts.push(Fact::RulesChanged { policy, limits });
        }
        let mut entries = Vec::new();
        if is_new {
            entries.push(Entry::Opened(rules.clone()));
        }
        // Nobody waits for the answers.
        let answered = oneshot::channel().0;
        let mut jobs = VecDeque::new();
        if !facts.is_empty() {
            jobs.push_back(Job::Facts { facts, answered });
        }
        self.turn(entries, &mut jobs).await?;
        Ok(())
    }

    /// Works until it is told to stop, or the log cannot be written: then what came in is neither durable
    /// nor answered, and everybody is cut off, to ask again when there is a server again.
    ///
    /// # Errors
    ///
    /// The log cannot be written.
    pub async fn run(mut self, mut jobs: mpsc::Receiver<Job>) -> Result<(), StoreError> {
        let worked = self.work(&mut jobs).await;
        self.hub.close(CloseCode::GoingAway);
        worked?;
        self.note_time().await
    }

    /// Puts the clock into the log, which queries may have moved since the last input: where the wall clock
    /// is set back before there is a server again, time goes on from there (T-02).
    async fn note_time(&mut self) -> Result<(), StoreError> {
        let at = self.clock.now();
        // It passes the deadlines, too: a turn would add a second tick for these.
        let mut batch = Batch::new(at);
        batch.entries.push(tick(at));
        self.append(&batch).await?;
        for entry in batch.entries {
            self.apply(entry, None);
        }
        Ok(())
    }

    /// As [`run`](Self::run), but nobody is cut off at its end, and the log is left to whoever goes on.
    ///
    /// # Errors
    ///
    /// The log cannot be written, or somebody else writes it.
    pub async fn work(&mut self, jobs: &mut mpsc::Receiver<Job>) -> Result<(), StoreError> {
        let (mut received, mut waiting) = (Vec::new(), VecDeque::new());
        // What passed while there was no server.
        self.turn(Vec::new(), &mut waiting).await?;
        loop {
            // What a turn left comes before what comes in.
            if waiting.is_empty() {
                let count = match self.wait() {
                    Some(length) => timeout(length, jobs.recv_many(&mut received, self.most)).await,
                    None => Ok(jobs.recv_many(&mut received, self.most).await),
                };
                if count == Ok(0) {
                    return Ok(());
                }
                waiting.extend(received.drain(..));
            }
            if self.turn(Vec::new(), &mut waiting).await? {
                return Ok(());
            }
        }
    }

    /// How long until the next deadline.
    fn wait(&self) -> Option<Duration> {
        let deadline = self.state.switchboard().next_deadline()?;
        Some(Duration::from_millis(deadline.as_millis().saturating_sub(self.clock.now())))
    }

    /// Does what came in, at one moment, after some entries; as much of it as may cost one turn. Whether it is
    /// told to stop.
    async fn turn(
        &mut self,
        first: Vec<Entry>,
        jobs: &mut VecDeque<Job>,
    ) -> Result<bool, StoreError> {
        let at = self.clock.now();
        let mut batch = Batch { at, entries: first };
        let deadline = self.state.switchboard().next_deadline().map(|it| it.as_millis());
        let is_lost = jobs.front().is_some_and(Job::begins_with_loss);
        if let Some(deadline) = deadline.filter(|deadline| *deadline <= at && !is_lost) {
            self.metrics.lag(Duration::from_millis(at.saturating_sub(deadline)));
            batch.entries.push(tick(at));
        }
        let before = batch.entries.len();
        let planned = self.plan(at, jobs, &mut batch.entries);
        // What is said of a state has to be true of it now, whoever else may have appended.
        if !batch.entries.is_empty() || !planned.is_empty() && !self.log.is_current() {
            self.append(&batch).await?;
            self.next = Place::first_of(self.state.last());
        }
        let mut entries = batch.entries.into_iter();
        for entry in entries.by_ref().take(before) {
            self.apply(entry, None);
        }
        let mut stops = false;
        for planned in planned {
            stops |= self.carry_out(planned, &mut entries);
        }
        let live = self.state.switchboard().live_count();
        self.metrics.stand(live, self.hub.len());
        self.draining.ring(live);
        self.applied.send_replace(self.state.last());
        Ok(stops)
    }

    /// Makes a batch durable.
    async fn append(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let start = Instant::now();
        match self.log.append(self.state.last(), batch.write()).await {
            Appended::At(sequence) => self.state.begin(sequence),
            Appended::Conflict(last) => return Err(StoreError::Conflict(last)),
            Appended::Unknown(why) => return Err(why),
        }
        self.metrics.commit(batch.records().count(), start.elapsed());
        Ok(())
    }

    /// Does a job whose entries are durable: they are the next. Whether it is told to stop.
    fn carry_out(&mut self, planned: Planned, entries: &mut impl Iterator<Item = Entry>) -> bool {
        match planned {
            Planned::Connect { claims, accepted, is_new } => {
                if is_new && let Some(entry) = entries.next() {
                    self.apply(entry, None);
                }
                self.connect(&claims, accepted);
            }
            Planned::Disconnect { user, number } => self.hub.disconnect(&user, number),
            Planned::Request { user, number } => {
                if let Some(entry) = entries.next() {
                    // The answer comes before what it brings about (J-05).
                    let _ = self.apply(entry, Some((&user, number)));
                }
            }
            Planned::Refused { user, number, record, output } => {
                if let Some(tap) = self.hub.tap() {
                    tap.asked(self.state.switchboard(), &record, Some(number));
                }
                self.hub.answer(&user, number, &output, None);
                self.hub.end_step(output.at);
            }
            Planned::Query { user, number, query } => {
                let outcome = self.state.query(&query);
                self.notify(&query, outcome, Some((&user, number)), false);
            }
            // Who does not wait for an answer does not get it.
            Planned::Backend { answered } => {
                let answer = entries.next().and_then(|entry| self.apply(entry, None));
                let _ = answered.send(answer);
            }
            Planned::BackendQuery { query, answered } => {
                let outcome = self.state.query(&query);
                let _ = answered.send(self.notify(&query, outcome, None, false));
            }
            Planned::BackendRefused { output, answered } => {
                let _ = answered.send(Some(*output));
            }
            Planned::Facts { count, answered } => {
                let facts = entries.by_ref().take(count);
                let answers = facts.filter_map(|entry| self.apply(entry, None)).collect();
                let _ = answered.send(answers);
            }
            Planned::Delivery => {
                if let Some(entry) = entries.next() {
                    let _ = self.apply(entry, None);
                }
            }
            Planned::Connected { user, answered } => {
                let _ = answered.send(self.hub.devices(&user).map(str::to_owned).collect());
            }
            Planned::Revoke { user, device, count, answered } => {
                for entry in entries.by_ref().take(count) {
                    let _ = self.apply(entry, None);
                }
                self.hub.cut(&user, device.as_deref(), CloseCode::Revoked);
                let _ = answered.send(());
            }
            Planned::Connections { user, after, count, answered } => {
                let _ = answered.send(self.hub.page(user.as_deref(), after.as_ref(), count));
            }
            Planned::Kick { user, device, answered } => {
                let cut = self.hub.cut(&user, device.as_deref(), CloseCode::GoingAway);
                let _ = answered.send(cut);
            }
            Planned::Drain => {}
            Planned::Stop => return true,
        }
        false
    }

    /// Lets a device in, or says why not.
    pub fn connect(&mut self, claims: &Claims, accepted: Connector) {
        let hub = &mut self.hub;
        let admitted = self.state.admits(claims, token::now());
        let admitted = admitted.and_then(|()| match &claims.who {
            Who::Device { user, device } => Ok((&user[..], &device[..])),
            Who::Backend => Err(TokenError::NotForThis),
        });
        let admitted = admitted.map_err(NotConnected::from);
        match accepted {
            Connector::Socket(accepted) => {
                let connection =
                    admitted.and_then(|(user, device)| Ok((user, hub.connect(user, device)?)));
                let number = connection.as_ref().map(|(user, (number, _))| (*user, *number)).ok();
                let sent = accepted.send(connection.map(|(_, connection)| connection));
                // Who has gone meanwhile is not connected.
                if let (Err(_), Some((user, number))) = (sent, number) {
                    hub.disconnect(user, number);
                }
            }
            Connector::Sink(number, sink) => {
                let connected = admitted
                    .and_then(|(user, device)| Ok(hub.add(user, device, number, sink.clone())?));
                sink.connected(connected.map(|()| self.next.before()));
            }
        }
    }

    /// Applies an entry that is durable, and tells people. What the backend is answered is given back.
    fn apply(&mut self, entry: Entry, asked: Option<(&str, Number)>) -> Option<Output> {
        let (record, outcome) = self.state.apply_entry(entry)?;
        self.notify(&record, outcome, asked, true)
    }

    /// Tells people what comes of an input: the connection that asked first. What the backend is answered
    /// is given back. What is not logged has no place in the log.
    fn notify(
        &mut self,
        record: &Record,
        outcome: Outcome,
        asked: Option<(&str, Number)>,
        is_logged: bool,
    ) -> Option<Output> {
        self.metrics.turn(&record.input, &outcome);
        if let Input::Fact(fact) = &record.input {
            self.hub.note(fact);
        }
        let clock = outcome.at;
        let is_new_life = matches!(record.input, Input::Fact(Fact::Recovered { .. }))
            && outcome.unchanged.is_none();
        let erased = erased(record, &outcome);
        if let Some(tap) = self.hub.tap() {
            tap.asked(self.state.switchboard(), record, asked.map(|(_, number)| number));
        }
        let mut answer = None;
        for output in outcome.outputs() {
            let place = is_logged.then_some(self.next);
            match (&output.body, asked) {
                (Body::Effect(effect), _) => {
                    self.hub.notify(self.state.switchboard(), &effect.to, &output, place);
                }
                (_, Some((user, number))) => self.hub.answer(user, number, &output, place),
                (_, None) => {
                    self.hub.tap().into_iter().for_each(|tap| tap.answered(&output));
                    answer = Some(output);
                }
            }
            self.next.index += u32::from(is_logged);
        }
        self.hub.end_step(clock);
        if is_new_life {
            self.hub.close(CloseCode::GoingAway);
        }
        if let Some(user) = erased {
            self.hub.cut(user, None, CloseCode::Revoked);
        }
        answer
    }
}

/// Time passes.
const fn tick(at: u64) -> Entry {
    Entry::Record(Record { at, request_id: None, input: Input::Tick })
}
