//! The load: one task that has all devices, taps on them, and hears what they are told.

use std::collections::BTreeMap;
use std::time::Duration;

use roomcall::handset::Tap;
use roomcall::protocol::Fact;
use roomcall_server::client::{Device, Order, Told};
use roomcall_server::token::Signer;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::backend::{Backend, Outcome, address_of};
use super::call::{Call, Will};
use super::dice::Dice;
use super::effort::Watch;
use super::plan::{LoadError, Plan, Standing, Until};
use super::report::Report;
use super::timers::{Timer, Timers};

/// The devices of each user.
pub(crate) const DEVICES: [&str; 2] = ["phone", "tablet"];

/// How many users belong to a room, its host included.
const ROOM: usize = 8;

/// How many devices connect at once.
const AT_ONCE: usize = 100;

/// How long everything may take to connect, and to come to rest.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often it is told how things stand.
const TELL: Duration = Duration::from_millis(100);

/// A user of the load.
#[derive(Debug)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) devices: Vec<Device>,
    pub(super) room: usize,
    /// The call to this user that is not over.
    pub(super) call: Option<u64>,
    /// Whether the user is in the room, goes there, or leaves.
    pub(super) is_away: bool,
}

/// A room: its host is the first of its users.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) name: String,
    pub(super) users: std::ops::Range<usize>,
}

pub(super) type Heard = (Instant, String, String, Told);

/// A load that goes on.
#[derive(Debug)]
pub(crate) struct Load {
    plan: Plan,
    pub(super) dice: Dice,
    pub(super) users: Vec<User>,
    pub(super) by_name: BTreeMap<String, usize>,
    pub(super) rooms: Vec<Room>,
    pub(super) calls: BTreeMap<u64, Call>,
    pub(super) timers: Timers,
    pub(super) backend: Backend,
    pub(super) report: Report,
    /// Facts that are not stated yet.
    pub(super) unstated: usize,
    pub(super) connected: usize,
    told: mpsc::UnboundedReceiver<Heard>,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    standing: watch::Sender<Standing>,
    /// When the next call is to be made.
    next: Instant,
    /// When the calls were counted last, and how many there were.
    counted: (Instant, u64),
    start: Instant,
    end: Option<Instant>,
}

impl Load {
    /// Switches all devices on, opens the rooms, and lets the hosts in.
    ///
    /// # Errors
    ///
    /// There is no server, or it does not let them in.
    pub(crate) async fn start(plan: Plan, signer: &Signer) -> Result<Self, LoadError> {
        let url = plan.url.trim_end_matches('/').to_owned();
        let address = url.strip_prefix("ws://").filter(|it| it.contains(':'));
        let address = address.ok_or_else(|| LoadError::Url(plan.url.clone()))?.to_owned();
        let nobody = |why| LoadError::Nobody(address.clone(), why);
        TcpStream::connect(&address).await.map_err(nobody)?;
        let (tells, told) = mpsc::unbounded_channel();
        let (states, outcomes) = mpsc::unbounded_channel();
        let now = Instant::now();
        let mut load = Self {
            dice: Dice::new(plan.seed),
            users: Vec::new(),
            by_name: BTreeMap::new(),
            rooms: Vec::new(),
            calls: BTreeMap::new(),
            timers: Timers::default(),
            backend: Backend::start(&address, signer, &states),
            report: Report { devices: plan.users * DEVICES.len(), ..Report::default() },
            unstated: 0,
            connected: 0,
            told,
            outcomes,
            standing: watch::Sender::new(Standing::default()),
            next: now,
            counted: (now, 0),
            start: now,
            end: None,
            plan,
        };
        for index in 0..load.plan.users {
            let name = format!("u{}-{index}", load.plan.seed);
            let switch_on = |device: &&str| {
                Device::new(&name, device, address_of(&url, signer, &name, device), tells.clone())
            };
            let devices: Vec<Device> = DEVICES.iter().map(switch_on).collect();
            load.by_name.insert(name.clone(), index);
            let room = index / ROOM;
            load.users.push(User { name, devices, room, call: None, is_away: false });
            if (index + 1) % (AT_ONCE / DEVICES.len()) == 0 {
                load.all_connected((index + 1) * DEVICES.len()).await?;
            }
        }
        load.all_connected(load.report.devices).await?;
        load.open_rooms().await?;
        Ok(load)
    }

    async fn all_connected(&mut self, devices: usize) -> Result<(), LoadError> {
        let deadline = Instant::now() + PATIENCE;
        while self.connected < devices {
            if !self.step(Some(deadline)).await? && Instant::now() >= deadline {
                let seconds = PATIENCE.as_secs();
                return Err(LoadError::Connect(self.connected, devices, seconds));
            }
        }
        Ok(())
    }

    async fn open_rooms(&mut self) -> Result<(), LoadError> {
        for first in (0..self.plan.users).step_by(ROOM) {
            let users = first..(first + ROOM).min(self.plan.users);
            let name = format!("r{}-{}", self.plan.seed, first / ROOM);
            let (owner, room) = (self.users[first].name.clone(), name.clone());
            self.rooms.push(Room { name, users });
            self.state(first / ROOM, Fact::RoomOpened { room, owner });
            self.enter(first, 0);
        }
        let deadline = Instant::now() + PATIENCE;
        while self.unstated > 0 && Instant::now() < deadline {
            self.step(Some(deadline)).await?;
        }
        Ok(())
    }

    /// How things stand, from now on.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Makes calls for as long as it was planned, and waits until all of them are over.
    ///
    /// # Errors
    ///
    /// The server does not let somebody in any more.
    pub(crate) async fn run(&mut self) -> Result<(), LoadError> {
        self.start = Instant::now();
        (self.next, self.counted) = (self.start, (self.start, 0));
        self.timers.set(self.start, Timer::Call);
        self.timers.set(self.start, Timer::Tell);
        let watch = Watch::start();
        while self.end.is_none() {
            self.step(None).await?;
        }
        let Report { late, calls, skipped, .. } = &self.report;
        self.report.effort = Some(watch.end(late, *calls, *skipped));
        let deadline = Instant::now() + PATIENCE;
        while !self.is_quiet() && Instant::now() < deadline {
            self.step(Some(deadline)).await?;
        }
        // What was said last may still be on its way.
        let last = Instant::now() + Duration::from_millis(300);
        while Instant::now() < last {
            self.step(Some(last)).await?;
        }
        for (id, call) in self.calls.iter().take(20) {
            let seconds = PATIENCE.as_secs();
            self.report
                .restless
                .push(format!("after {seconds} s call c{id} is not over: {call:?}"));
        }
        self.tell();
        self.standing.send_modify(|it| it.is_quiet = true);
        Ok(())
    }

    fn is_quiet(&self) -> bool {
        self.calls.is_empty() && self.unstated == 0 && self.connected == self.report.devices
    }

    /// Waits until every device knows that the server is gone.
    ///
    /// # Errors
    ///
    /// The server told somebody not to come back.
    pub(crate) async fn see_it_go(&mut self) -> Result<(), LoadError> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.connected > 0 && Instant::now() < deadline {
            self.step(Some(deadline)).await?;
        }
        Ok(())
    }

    /// Switches all devices off. What came of it all.
    pub(crate) async fn finish(mut self) -> Report {
        for device in self.users.iter().flat_map(|user| &user.devices) {
            device.order(Order::Stop);
        }
        // They close their connections, and then nobody is left who tells anything.
        let rest = async {
            while let Some((_, user, device, told)) = self.told.recv().await {
                self.report.witness.hear(&user, &device, &told);
            }
        };
        // Who is not off by then has nothing to tell.
        let _ = timeout(Duration::from_secs(5), rest).await;
        self.report
    }

    /// Waits for something and deals with it, and with all that is due. Whether there was something
    /// before the deadline.
    async fn step(&mut self, deadline: Option<Instant>) -> Result<bool, LoadError> {
        let next = [self.timers.next(), deadline].into_iter().flatten().min();
        let until = next.unwrap_or_else(|| Instant::now() + PATIENCE);
        let is_something = tokio::select! {
            Some(heard) = self.told.recv() => {
                self.hear(heard)?;
                true
            }
            Some(outcome) = self.outcomes.recv() => {
                self.stated(outcome.map_err(LoadError::Fact)?);
                true
            }
            () = sleep_until(until) => false,
        };
        let now = Instant::now();
        while let Some(timer) = self.timers.due(now) {
            self.does(timer, now);
        }
        Ok(is_something)
    }

    fn does(&mut self, timer: Timer, now: Instant) {
        match timer {
            Timer::Call => self.call_next(now),
            Timer::Act(id) => self.act(id, now),
            Timer::Settle(id) => self.settle(id, true),
            Timer::Leave(user) => self.leave(user),
            Timer::Tell => {
                self.tell();
                self.timers.set(now + TELL, Timer::Tell);
            }
        }
    }

    fn tell(&mut self) {
        let passed = self.start.elapsed();
        let done = match self.plan.until {
            Until::Calls(_) => self.report.calls,
            Until::Passed(_) => u64::try_from(passed.as_millis()).unwrap_or(u64::MAX),
        };
        let (calls, open) = (self.report.calls, self.calls.len());
        let (connected, devices) = (self.connected, self.report.devices);
        let broken = self.report.witness.disconnected;
        let (since, before) = self.counted;
        let seconds = since.elapsed().as_secs_f64();
        self.standing.send_modify(|it| {
            let (mut rate, is_quiet) = (it.rate, false);
            if seconds >= 1.0 {
                rate = ((calls - before) as f64 / seconds).round() as u64;
                self.counted = (Instant::now(), calls);
            }
            *it = Standing { done, calls, rate, open, connected, devices, broken, is_quiet };
        });
    }

    /// Somebody calls somebody, if it is not time to end.
    fn call_next(&mut self, now: Instant) {
        let is_done = match self.plan.until {
            Until::Calls(calls) => self.report.calls >= calls,
            Until::Passed(length) => now.duration_since(self.start) >= length,
        };
        if is_done {
            self.end = Some(now);
            self.report.seconds = now.duration_since(self.start).as_secs_f64();
            return;
        }
        self.report.late.add(now.saturating_duration_since(self.next));
        // A call that is late makes the next one no later.
        self.next += Duration::from_secs(1) / self.plan.rate;
        self.timers.set(self.next, Timer::Call);
        // Where everybody is busy, nobody is called.
        for _ in 0..10 {
            let callee = self.dice.below(self.users.len());
            let user = &self.users[callee];
            let is_host = self.rooms[user.room].users.start == callee;
            if !is_host && !user.is_away && user.call.is_none() {
                return self.call(callee, now);
            }
        }
        self.report.skipped += 1;
    }

    fn call(&mut self, callee: usize, now: Instant) {
        self.report.calls += 1;
        let (id, will) = (self.report.calls, Will::of(&mut self.dice));
        let is_calm = self.connected == self.report.devices;
        let calm = is_calm.then_some(self.report.witness.disconnected);
        let first = self.dice.below(DEVICES.len());
        let call = Call {
            callee,
            will,
            tapped: Instant::now(),
            calm,
            rang: [false; 2],
            shown: [false; 2],
            attempt: None,
            yes: None,
            first,
            ending: None,
        };
        let timeout = will.timeout(&mut self.dice);
        let user = &mut self.users[callee];
        user.call = Some(id);
        let (room, users) = (self.rooms[user.room].name.clone(), vec![user.name.clone()]);
        self.calls.insert(id, call);
        self.host_taps(callee, Tap::Call { room, users, timeout, extension: format!("c{id}") });
        // Should nothing be heard of it, it is looked at all the same.
        self.timers.set(now + PATIENCE / 2, Timer::Act(id));
    }
}
