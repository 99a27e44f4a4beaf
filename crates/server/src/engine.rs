//! The one task that owns the switchboard.
//!
//! It takes what has come in, all of it at once; makes that durable with one commit; and only then
//! applies it and tells people. So nobody knows of anything that a crash could undo, and the state
//! in memory is never ahead of the journal. Queries change nothing and are not in the journal; what
//! the passing of time ends is a tick in it.

use std::time::{Duration, Instant};

use axum::extract::ws::Utf8Bytes;
use roomcall::protocol::{
    Actor, Body, Command, Fact, Input, LimitsChange, Output, PolicyChange, Record,
};
use roomcall::switchboard::Switchboard;
use roomcall::{Attempt, Limits, Policy};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::clock::Clock;
use crate::close_code::CloseCode;
use crate::hub::{self, Full, Hub, Number};
use crate::metrics::Metrics;
use crate::recover::Recovered;
use crate::server::ServeError;
use crate::store::{Sequence, Store, StoreError};
use crate::token::{self, Claims, TokenError, Who};
use crate::token_replay::{TokenEntry, TokenReplay};

/// Something for the engine to do.
#[derive(Debug)]
pub enum Job {
    /// A device connects, with a token that is valid as far as it says itself.
    Connect {
        /// What the token says.
        claims: Claims,
        /// Where the connection goes.
        accepted: oneshot::Sender<Result<(Number, hub::Line), NotConnected>>,
    },
    /// A connection is gone.
    Disconnect {
        /// Whose.
        user: String,
        /// Which.
        number: Number,
    },
    /// A request of a connected device.
    Request {
        /// The user.
        user: String,
        /// Which connection.
        number: Number,
        /// The number of the request.
        request_id: Option<u64>,
        /// What.
        input: Input,
    },
    /// An input of the backend.
    Backend {
        /// The number of the request.
        request_id: Option<u64>,
        /// What.
        input: Input,
        /// Where the answer goes, once it is durable.
        answered: oneshot::Sender<Option<Output>>,
    },
    /// Facts that the backend states together: nothing comes between them.
    Facts {
        /// What.
        facts: Vec<Fact>,
        /// Where the answers go, in the order of the facts, once all are durable.
        answered: oneshot::Sender<Vec<Output>>,
    },
    /// The backend revokes a device: its tokens are refused from now on, it is closed, and it is in no room
    /// any longer.
    RevokeDevice {
        /// Whose.
        user: String,
        /// Which; all of the user if there is none.
        device: Option<String>,
        /// Told once it is durable.
        answered: oneshot::Sender<()>,
    },
    /// Stop, once everything before this is done.
    Stop,
}

/// Why a device is not connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotConnected {
    /// Its token is no longer valid, or not for this.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There are as many connections as there may be.
    #[error(transparent)]
    Full(#[from] Full),
}

/// How the engine works.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The most inputs in one commit.
    pub batch: usize,
    /// A snapshot is stored after so many inputs.
    pub snapshot_every: u64,
    /// The longest that a token is valid, in seconds.
    pub token_life: u64,
}

/// The switchboard, its store, and who is connected.
#[derive(Debug)]
pub struct Engine {
    switchboard: Switchboard,
    store: Box<dyn Store>,
    token_replay: TokenReplay,
    hub: Hub,
    clock: Clock,
    metrics: Metrics,
    pace: Pace,
    /// The sequence number of the last input in the journal.
    last: Sequence,
    /// The sequence number of the last input that is in a snapshot.
    saved: Sequence,
    /// The sequence numbers of snapshots that could not be read.
    unread: Vec<Sequence>,
}

impl Engine {
    /// An engine that goes on from what was recovered of the store.
    pub fn new(
        recovered: Recovered,
        store: Box<dyn Store>,
        hub: Hub,
        clock: Clock,
        metrics: Metrics,
        pace: Pace,
    ) -> Self {
        let Recovered { switchboard, last, saved, tokens, unread } = recovered;
        let token_replay = TokenReplay::of(tokens, pace.token_life);
        let unread = unread.into_iter().map(|it| it.sequence).collect();
        Self { switchboard, store, token_replay, hub, clock, metrics, pace, last, saved, unread }
    }

    /// States what has to be known before anybody connects: that the state may be older than what was
    /// told (F-18), and then the rules from now on, if they are others (F-19). No number that a server
    /// told is above the time then, in milliseconds since 1970, times 2^10: so that is the floor.
    ///
    /// # Errors
    ///
    /// The store cannot be written, or the rules may not be these: then nothing was changed.
    pub fn begin(
        &mut self,
        is_old: bool,
        rules: Option<(Policy, Limits)>,
    ) -> Result<(), ServeError> {
        let was = (*self.switchboard.policy(), *self.switchboard.limits());
        let rules = rules.filter(|rules| *rules != was);
        if rules.is_some_and(|(_, limits)| !limits.may_follow(&was.1)) {
            return Err(ServeError::Rules);
        }
        if is_old {
            let floor = self.clock.now().saturating_mul(1 << 10);
            tracing::info!(floor, "the state may be older than what was told");
            self.state(Fact::Recovered { floor })?;
        }
        if let Some((policy, limits)) = rules {
            let policy = Some(PolicyChange::between(&was.0, &policy));
            let limits = Some(LimitsChange::between(&was.1, &limits));
            tracing::info!(?policy, ?limits, "the configuration has other rules than the store");
            self.state(Fact::RulesChanged { policy, limits })?;
        }
        Ok(())
    }

    /// A fact that the server states itself: nobody waits for the answer.
    fn state(&mut self, fact: Fact) -> Result<(), StoreError> {
        let (answered, _) = oneshot::channel();
        self.turn(&mut Vec::from([Job::Facts { facts: Vec::from([fact]), answered }]))?;
        Ok(())
    }

    /// Works until it is told to stop, or the store cannot be written: then what came in is neither
    /// durable nor answered, and everybody is cut off, to ask again when there is a server again.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub async fn run(mut self, mut jobs: mpsc::Receiver<Job>) -> Result<(), StoreError> {
        let worked = self.work(&mut jobs).await;
        self.hub.close(CloseCode::GoingAway);
        worked?;
        self.note_time()?;
        self.save()
    }

    async fn work(&mut self, jobs: &mut mpsc::Receiver<Job>) -> Result<(), StoreError> {
        let mut batch = Vec::new();
        // What passed while there was no server.
        self.turn(&mut batch)?;
        loop {
            let received = match self.wait() {
                Some(length) => timeout(length, jobs.recv_many(&mut batch, self.pace.batch)).await,
                None => Ok(jobs.recv_many(&mut batch, self.pace.batch).await),
            };
            if received == Ok(0) || self.turn(&mut batch)? {
                return Ok(());
            }
        }
    }

    /// How long until the next deadline.
    fn wait(&self) -> Option<Duration> {
        let deadline = self.switchboard.next_deadline()?;
        Some(Duration::from_millis(deadline.as_millis().saturating_sub(self.clock.now())))
    }

    /// Does what came in, at one moment. Whether it is told to stop.
    fn turn(&mut self, batch: &mut Vec<Job>) -> Result<bool, StoreError> {
        let at = self.clock.now();
        let deadline = self.switchboard.next_deadline().map(|deadline| deadline.as_millis());
        let is_due = deadline.is_some_and(|deadline| deadline <= at);
        let tick = is_due.then_some(Record { at, request_id: None, input: Input::Tick });
        let left: Vec<Record> =
            batch.iter().flat_map(|job| job.left(at, &self.switchboard)).collect();
        let inputs = batch.iter().flat_map(|job| job.inputs(at, &self.switchboard));
        let inputs = tick.iter().chain(&left).cloned().chain(inputs);
        let inputs: Vec<Vec<u8>> = inputs.map(|line| written(&line)).collect();
        let news = self.news(batch);
        if !inputs.is_empty() || !news.is_empty() {
            let start = Instant::now();
            self.store.append(self.last + 1, &inputs, &news)?;
            self.last += inputs.len() as Sequence;
            self.metrics.commit(inputs.len(), start.elapsed());
        }
        if let Some(tick) = tick {
            self.metrics.lag(Duration::from_millis(at.saturating_sub(deadline.unwrap_or(at))));
            self.apply(&tick, None);
        }
        for line in &left {
            let _ = self.apply(line, None);
        }
        let mut stops = false;
        for job in batch.drain(..) {
            stops |= self.does(job, at);
        }
        self.metrics.stand(self.switchboard.live_count(), self.hub.len());
        if self.last - self.saved >= self.pace.snapshot_every {
            self.save()?;
        }
        Ok(stops)
    }

    fn does(&mut self, job: Job, at: u64) -> bool {
        match job {
            Job::Connect { claims, accepted } => {
                let connection = self.connect(&claims);
                let number = connection.as_ref().map(|(number, _)| *number).ok();
                // Who has gone meanwhile is not connected.
                if let (Err(_), Some(number), Who::Device { user, .. }) =
                    (accepted.send(connection), number, &claims.who)
                {
                    self.hub.disconnect(user, number);
                }
            }
            Job::Disconnect { user, number } => self.hub.disconnect(&user, number),
            Job::Request { user, number, request_id, input } => {
                // The answer comes before what it brings about (J-05).
                let _ = self.apply(&Record { at, request_id, input }, Some((&user, number)));
            }
            Job::Backend { request_id, input, answered } => {
                let answer = self.apply(&Record { at, request_id, input }, None);
                // Who does not wait for the answer does not get it.
                let _ = answered.send(answer);
            }
            Job::Facts { facts, answered } => {
                let state = |fact| self.apply(&stated(at, fact), None);
                let _ = answered.send(facts.into_iter().filter_map(state).collect());
            }
            Job::RevokeDevice { user, device, answered } => {
                self.hub.cut(&user, device.as_deref(), CloseCode::Revoked);
                let _ = answered.send(());
            }
            Job::Stop => return true,
        }
        false
    }

    fn connect(&mut self, claims: &Claims) -> Result<(Number, hub::Line), NotConnected> {
        let Who::Device { user, device } = &claims.who else {
            return Err(TokenError::NotForThis.into());
        };
        self.admits(claims, token::now())?;
        Ok(self.hub.connect(user, device)?)
    }

    /// Whether a device may connect: with ids that are none it could do nothing.
    fn admits(&self, claims: &Claims, now: u64) -> Result<(), TokenError> {
        claims.who.has_ids(self.switchboard.limits().id_bytes)?;
        self.token_replay.judge(claims, now)
    }

    /// What has to be durable of tokens: of those who connect, and what is revoked.
    fn news(&mut self, batch: &[Job]) -> Vec<TokenEntry> {
        let now = token::now();
        let mut news = Vec::new();
        for job in batch {
            match job {
                Job::Connect { claims, .. } if self.admits(claims, now).is_ok() => {
                    news.extend(self.token_replay.note(claims, now));
                }
                Job::RevokeDevice { user, device, .. } => {
                    news.push(self.token_replay.revoke(user, device.as_deref(), now));
                }
                _ => {}
            }
        }
        news
    }

    /// Applies an input that is durable, and tells people: the connection that asked first. What the
    /// backend is answered is given back.
    fn apply(&mut self, line: &Record, asked: Option<(&str, Number)>) -> Option<Output> {
        let turn = self.switchboard.apply_record(line);
        self.metrics.turn(&line.input, &turn);
        let is_new_life =
            matches!(line.input, Input::Fact(Fact::Recovered { .. })) && turn.unchanged.is_none();
        let mut answer = None;
        for output in turn.outputs() {
            match (&output.body, asked) {
                (Body::Effect(effect), _) => {
                    self.hub.tell(&self.switchboard, &effect.to, &said(&output));
                }
                (_, Some((user, number))) => self.hub.answer(user, number, &said(&output)),
                (_, None) => answer = Some(output),
            }
        }
        if is_new_life {
            self.hub.close(CloseCode::GoingAway);
        }
        answer
    }

    /// Puts the clock into the journal, which queries may have moved since the last input: so the
    /// snapshot that follows has the state to which the journal leads, too.
    fn note_time(&mut self) -> Result<(), StoreError> {
        if self.last > self.saved {
            let at = self.switchboard.clock().as_millis();
            // What was due by then has happened: it changes nothing else.
            let tick = Record { at, request_id: None, input: Input::Tick };
            self.store.append(self.last + 1, &[written(&tick)], &[])?;
            self.last += 1;
        }
        Ok(())
    }

    /// Stores a snapshot.
    fn save(&mut self) -> Result<(), StoreError> {
        if self.last > self.saved {
            // A snapshot that cannot be read must not count as one that is kept, or a good one would be evicted for it.
            self.store.forget(&self.unread)?;
            self.unread.clear();
            let oldest = self.token_replay.oldest(token::now());
            self.store.save(self.last, &self.switchboard.snapshot(), oldest)?;
            self.saved = self.last;
        }
        Ok(())
    }
}

impl Job {
    /// Who is revoked is in no room any longer: these facts come before all other inputs of the turn.
    fn left(&self, at: u64, switchboard: &Switchboard) -> Vec<Record> {
        let Self::RevokeDevice { user, device, .. } = self else { return Vec::new() };
        let Some(known) = switchboard.lookup_user(user) else { return Vec::new() };
        let on = device.as_deref().map(|device| switchboard.lookup_device(device));
        // A device that is not known is in no room.
        let rooms = match on {
            Some(None) => Vec::new(),
            Some(Some(device)) => switchboard.rooms_of(known, Some(device)).collect(),
            None => switchboard.rooms_of(known, None).collect(),
        };
        let left = |room: &str| Fact::UserLeft {
            room: room.to_owned(),
            user: user.clone(),
            device: device.clone(),
            session: None,
            opening: None,
        };
        let rooms = rooms.into_iter().filter_map(|room| switchboard.room_name(room));
        rooms.map(|room| stated(at, left(room))).collect()
    }

    /// What is to be made durable of it.
    fn inputs(&self, at: u64, switchboard: &Switchboard) -> Vec<Record> {
        match self {
            Self::Request { input, .. } if changes_nothing(input, switchboard) => Vec::new(),
            Self::Request { input: Input::Query { .. }, .. }
            | Self::Backend { input: Input::Query { .. }, .. }
            | Self::Connect { .. }
            | Self::Disconnect { .. }
            | Self::RevokeDevice { .. }
            | Self::Stop => Vec::new(),
            Self::Request { request_id, input, .. } | Self::Backend { request_id, input, .. } => {
                vec![Record { at, request_id: *request_id, input: input.clone() }]
            }
            Self::Facts { facts, .. } => {
                facts.iter().map(|fact| stated(at, fact.clone())).collect()
            }
        }
    }
}

/// Whether it says that a call rings, and changes nothing: it is answered like a query (C-14).
fn changes_nothing(input: &Input, switchboard: &Switchboard) -> bool {
    let Input::Ask { by: Actor::Device { user, .. }, command: Command::Ringing { attempt } } =
        input
    else {
        return false;
    };
    let attempt = Attempt::new(*attempt);
    // Of a user who is not known nothing is live, but an attempt of the same turn may be.
    let is_of_nobody = attempt <= switchboard.last_attempt();
    let user = switchboard.lookup_user(user);
    user.map_or(is_of_nobody, |user| switchboard.ringing_changes_nothing(user, attempt))
}

/// A fact as an input.
const fn stated(at: u64, fact: Fact) -> Record {
    Record { at, request_id: None, input: Input::Fact(fact) }
}

/// A line of the journal.
fn written(line: &Record) -> Vec<u8> {
    serde_json::to_vec(line).unwrap_or_default()
}

/// A message.
fn said(output: &Output) -> Utf8Bytes {
    serde_json::to_string(output).unwrap_or_default().into()
}
