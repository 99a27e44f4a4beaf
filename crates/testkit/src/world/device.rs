//! One device and its host: the handset, the screen, the connection and the clock.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{DeviceTick, Effect, Handset, Settings};

use super::device_state::DeviceState;
use super::media_server::Session;
use super::requests::Requests;
use super::screen::Screen;
use super::told_log::ToldLog;
use super::{Checked, DevicePlan, violation};

/// A clock that is earlier by so many milliseconds was set back (D-02).
const SET_BACK: u64 = 1_000;

/// One device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Who it is, and how its clock runs.
    pub plan: DevicePlan,
    /// The settings that it was given last.
    pub settings: Settings,
    /// What was done to it.
    pub state: DeviceState,
    /// The real handset.
    pub handset: Handset,
    /// What its host shows: nothing while the process is dead.
    pub screen: Screen,
    /// What it told of its user's call log.
    pub log: ToldLog,
    /// What it asked for.
    pub(super) requests: Requests,
    /// What it showed when the process was killed.
    lost: Screen,
    /// Whether it once showed more calls by its user than it follows (D-21).
    has_evicted: bool,
    /// Whether the process runs.
    pub alive: bool,
    /// Whether there is a connection.
    pub up: bool,
    /// How many connections there were.
    pub connection: u64,
    /// How often it was installed anew: replies to an earlier life find nobody.
    pub life: u64,
    /// The room that it is in.
    pub room: Option<String>,
    /// Its connection to a room, if a media server tells of those.
    pub session: Option<Session>,
    /// The attempts whose ending was handed to it.
    pub notified: BTreeSet<u64>,
    /// The calls of which it said that they ring.
    pub said: BTreeSet<u64>,
    /// The calls to its user, and by its user, of which a snapshot that it applied said that they have rung.
    pub heard_rung: BTreeSet<u64>,
    /// The last request for a snapshot that it sent.
    pub asked: u64,
    /// When it sent that for the first time, by its clock.
    asked_at: i128,
    /// Whether that is unanswered.
    pub awaits: bool,
    /// The highest revision of a snapshot that was handed to it.
    pub revision: Option<u64>,
    /// The latest time that the handset was told, by its own clock.
    pub seen: u64,
    /// Until when each call may ring at most, by that clock; `None` for ever.
    pub until: BTreeMap<u64, Option<i128>>,
    /// Until when each call rings at least, by that clock; a call that may ring for ever is not here.
    pub rings: BTreeMap<u64, i128>,
    /// The calls of which it heard when less was left than it wants (D-06).
    pub too_short: BTreeSet<u64>,
    /// Whether more rings for it than it follows (D-19), since the network was healed.
    pub crowded: bool,
    /// Whether that was ever so.
    pub left_out: bool,
    /// Whether it came later than the world began.
    is_later: bool,
    /// When its clock was started, by the world's.
    began: u64,
    /// How far its clock was set since.
    set: i64,
}

impl Device {
    /// A device that was just installed, without a connection.
    pub fn new(plan: &DevicePlan) -> Self {
        Self {
            plan: plan.clone(),
            settings: plan.settings,
            state: DeviceState::default(),
            handset: Handset::new(&plan.user, &plan.device, plan.settings),
            screen: Screen::default(),
            log: ToldLog::default(),
            requests: Requests::default(),
            lost: Screen::default(),
            has_evicted: false,
            alive: true,
            up: false,
            connection: 0,
            life: 0,
            room: None,
            session: None,
            notified: BTreeSet::new(),
            said: BTreeSet::new(),
            heard_rung: BTreeSet::new(),
            asked: 0,
            asked_at: 0,
            awaits: false,
            revision: None,
            seen: 0,
            until: BTreeMap::new(),
            rings: BTreeMap::new(),
            too_short: BTreeSet::new(),
            crowded: false,
            left_out: false,
            is_later: false,
            began: 0,
            set: plan.clock.into(),
        }
    }

    /// As [`new`](Self::new), at this time of the world.
    pub fn begun(plan: &DevicePlan, now: u64) -> Self {
        Self { began: now, is_later: true, ..Self::new(plan) }
    }

    /// `user/device`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.plan.user, self.plan.device)
    }

    /// What its clock shows.
    pub fn clock(&self, now: u64) -> DeviceTick {
        let ran = now.saturating_sub(self.began) * self.plan.rate / 1_000;
        DeviceTick::from_millis(ran.saturating_add_signed(self.set))
    }

    /// When, by the world's clock, it has something due.
    pub fn wakes(&self, now: u64) -> Option<u64> {
        if !self.alive {
            return None;
        }
        let due = self.handset.next_deadline()?.as_millis();
        if self.clock(now).as_millis() >= due {
            return Some(now);
        }
        let ran = i128::from(due) - i128::from(self.set);
        let rate = i128::from(self.plan.rate.max(1));
        let since = u64::try_from((ran * 1_000 + rate - 1) / rate).ok()?;
        Some(self.began.saturating_add(since).max(now))
    }

    /// Its handset is told the time: whether the clock was set back, and all points of time with it (D-02).
    pub fn tell_time(&mut self, now: u64) -> bool {
        let at = self.clock(now).as_millis();
        let back = self.seen.saturating_sub(at);
        if back < SET_BACK {
            self.seen = self.seen.max(at);
            return false;
        }
        self.shift(i128::from(back));
        self.seen = at;
        true
    }

    /// Its clock goes back, and what is to be stays as far away as it was.
    fn shift(&mut self, back: i128) {
        let until = self.until.values_mut().flatten().chain(self.rings.values_mut());
        until.chain([&mut self.asked_at]).for_each(|until| *until -= back);
        self.state.shift(back);
        self.requests.shift(back);
    }

    /// It sends a request for a snapshot.
    pub fn asks(&mut self, request_id: u64) {
        if request_id > self.asked {
            (self.asked, self.asked_at) = (request_id, i128::from(self.seen));
            self.awaits = true;
        }
    }

    /// It is given other settings. What was evicted by those before is not followed again.
    pub fn set_settings(&mut self, settings: Settings) {
        self.has_evicted |= !self.keeps_all();
        self.settings = settings;
        self.has_evicted |= !self.keeps_all();
    }

    /// A snapshot says how long a call may ring, from when it was asked for (D-24).
    pub fn may_ring_since_asked(&mut self, attempt: u64, left: Option<u64>) {
        self.may_ring_since(self.asked_at, attempt, left);
    }

    /// A ring or a snapshot that nobody waited for says how long a call may ring.
    pub fn may_ring(&mut self, attempt: u64, left: Option<u64>) {
        self.may_ring_since(i128::from(self.seen), attempt, left);
    }

    fn may_ring_since(&mut self, since: i128, attempt: u64, left: Option<u64>) {
        let until = left.map(|left| since + i128::from(left));
        let longest = self.until.entry(attempt).or_insert(until);
        *longest = longest.zip(until).map(|(one, other)| one.max(other));
        if let Some(until) = until {
            let shortest = self.rings.entry(attempt).or_insert(until);
            *shortest = until.min(*shortest);
            if *shortest < i128::from(self.seen) + i128::from(self.settings.min_ring) {
                self.too_short.insert(attempt);
            }
        }
    }

    /// Somebody sets its clock.
    pub fn set_clock(&mut self, ms: i64) {
        self.set = self.set.saturating_add(ms);
    }

    /// The process is not there any more, and neither is what it showed.
    pub fn kill(&mut self) {
        if self.alive {
            self.has_evicted = !self.keeps_all();
            self.lost = std::mem::take(&mut self.screen);
            self.screen.silenced.clone_from(&self.lost.silenced);
        }
        (self.alive, self.up) = (false, false);
        self.go(None);
    }

    /// Whether no call by its user was evicted. What a host shows of one that was stays, and
    /// nothing more is heard of it.
    pub fn keeps_all(&self) -> bool {
        !self.has_evicted && self.screen.progress.len() <= self.settings.outgoing as usize
    }

    /// The process starts from the state that its last step saved, which was a while ago, if anybody
    /// knows how long; its clock starts at 0 (D-25).
    pub fn restart(&mut self, now: u64, is_timeless: bool) -> Checked {
        let dead = self.clock(now).as_millis().saturating_sub(self.seen);
        let dead = Some(dead).filter(|_| !is_timeless);
        self.kill();
        let wanted = self.handset.clone().restart(dead);
        match Handset::restore(&self.handset.save(), dead) {
            Ok(restored) if restored == wanted => self.handset = restored,
            other => {
                let message = format!("{}: {other:?} instead of {wanted:?}", self.name());
                return violation("a saved state is the state", message);
            }
        }
        self.shift(i128::from(self.seen + dead.unwrap_or_default()));
        self.state.restart();
        if is_timeless {
            self.requests.expire();
        }
        self.seen = 0;
        (self.alive, self.began, self.set) = (true, now, 0);
        self.redraw()
    }

    /// D-25: the host draws its screen anew, and it is what it was when the process was killed, but
    /// for calls that were evicted.
    fn redraw(&mut self) -> Checked {
        for effect in self.handset.redraw() {
            self.screen.show(&effect)?;
            if let Effect::Show { call, time_left, .. } = &effect {
                self.rings_for(call.attempt, *time_left)?;
            }
        }
        let mut lost = std::mem::take(&mut self.lost);
        if self.has_evicted {
            lost.progress.retain(|call, _| self.screen.progress.contains_key(call));
        }
        if self.screen.calls == lost.calls && self.screen.progress == lost.progress {
            return Ok(());
        }
        let message = format!("{}: {:?} instead of {lost:?}", self.name(), self.screen);
        violation("a screen that is drawn anew is the same", message)
    }

    /// D-09: a call has the time left that a ring or a snapshot gave it.
    fn rings_for(&self, attempt: u64, time_left: Option<u64>) -> Checked {
        let until = time_left.map(|left| i128::from(self.seen) + i128::from(left));
        let longest = self.until.get(&attempt).copied().flatten().map(|until| until.max(0));
        let is_too_long = longest.is_some_and(|longest| until.is_none_or(|until| until > longest));
        let shortest = self.rings.get(&attempt);
        let is_too_short = until.is_some_and(|until| shortest.is_none_or(|least| until < *least));
        if !is_too_long && !is_too_short {
            return Ok(());
        }
        let message =
            format!("{}: {attempt} until {until:?}, not {shortest:?} to {longest:?}", self.name());
        violation("a call has the time that is left", message)
    }

    /// Nothing is left of what it knew and showed.
    pub fn reinstall(&mut self, now: u64) {
        let (life, connection) = (self.life + 1, self.connection);
        *self = Self { life, connection, ..Self::begun(&self.plan, now) };
    }

    /// Whether it was installed, or somebody signed in on it, when others were there already.
    pub const fn is_new(&self) -> bool {
        self.life > 0 || self.is_later
    }

    /// It is in another room, whose list it does not know yet (D-22).
    pub fn go(&mut self, room: Option<String>) {
        if self.room != room {
            self.screen.list.clear();
            self.room = room;
        }
    }
}
