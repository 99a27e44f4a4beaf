//! What the devices of a load are told, and what the people do about it.

use std::time::Duration;

use roomcall::CallRejectionReason;
use roomcall::handset::{Dismissal, Effect, Progress, Tap};
use roomcall::protocol::{Command, Fact};
use roomcall_server::client::{Order, Told};
use tokio::time::Instant;

use super::backend::Stated;
use super::call::{Will, ending};
use super::drive::{DEVICES, Heard, Load};
use super::plan::LoadError;
use super::timers::Timer;

/// What was to be done about a call is done again after this long, if it did not help.
const AGAIN: Duration = Duration::from_secs(4);

/// How long after its caller gave it up a call may still ring.
const LINGER: Duration = Duration::from_secs(3);

impl Load {
    /// A device was told something.
    pub(super) fn hear(&mut self, (at, user, device, told): Heard) -> Result<(), LoadError> {
        self.report.witness.hear(&user, &device, &told);
        let Some(index) = self.by_name.get(&user).copied() else { return Ok(()) };
        let place = DEVICES.iter().position(|it| *it == device).unwrap_or_default();
        match told {
            Told::Connected => self.connected += 1,
            Told::Disconnected(_) => self.connected = self.connected.saturating_sub(1),
            Told::Over(why) => return Err(LoadError::over(user, device, &why)),
            Told::Effect(Effect::Show { call, .. }) => {
                self.rings(at, index, place, call.attempt, &call.extension);
            }
            Told::Effect(Effect::Dismiss { attempt, why }) => {
                self.stops(at, index, place, attempt, &why);
            }
            Told::Effect(Effect::Join { .. }) => {
                self.users[index].is_away = true;
                self.enter(index, place);
            }
            Told::Effect(Effect::Progress { callee, progress, .. }) => {
                self.progresses(at, &callee, progress);
            }
            Told::Effect(Effect::NotSent {
                command: Command::CallUserToRoom { users, .. },
                ..
            }) => {
                for callee in users {
                    self.progresses(at, &callee, Progress::NotSent);
                }
            }
            Told::Effect(_) => {}
        }
        Ok(())
    }

    fn rings(&mut self, at: Instant, user: usize, place: usize, attempt: u64, extension: &str) {
        let id = extension.strip_prefix('c').and_then(|id| id.parse().ok());
        let current = id.filter(|id| self.users[user].call == Some(*id));
        let Some((id, call)) = current.and_then(|id| Some((id, self.calls.get_mut(&id)?))) else {
            // A call that was given up rings after all: nobody wants it any more.
            let reason = CallRejectionReason::Rejected;
            self.users[user].devices[place].tap(Tap::Reject { attempt, reason });
            return;
        };
        let is_first = call.rang == [false; 2];
        call.attempt = Some(attempt);
        call.shown[place] = true;
        if !std::mem::replace(&mut call.rang[place], true) {
            let took = at.duration_since(call.tapped);
            if call.calm == Some(self.report.witness.disconnected) {
                self.report.ring.add(took);
            } else {
                self.report.ring_broken.add(took);
            }
        }
        if is_first {
            self.timers.set(at + self.dice.millis(100, 700), Timer::Act(id));
        }
    }

    fn stops(&mut self, at: Instant, user: usize, place: usize, attempt: u64, why: &Dismissal) {
        if *why == Dismissal::AnsweredHere {
            self.users[user].is_away = true;
        }
        let Some(id) = self.users[user].call else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.attempt != Some(attempt) {
            return;
        }
        call.shown[place] = false;
        if let (Some((_, tapped)), Dismissal::AnsweredElsewhere { .. }) = (call.yes, why) {
            let took = at.duration_since(tapped);
            if call.calm == Some(self.report.witness.disconnected) {
                self.report.stop.add(took);
            } else {
                self.report.stop_broken.add(took);
            }
        }
        self.settle(id, false);
    }

    fn progresses(&mut self, at: Instant, callee: &str, progress: Progress) {
        let Some(index) = self.by_name.get(callee).copied() else { return };
        let Some(id) = self.users[index].call else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        if ending(&progress).is_none() {
            return;
        }
        if progress == Progress::Unknown {
            // It may ring all the same, if the server has it: that will be seen.
            self.timers.set(at + LINGER, Timer::Settle(id));
            call.ending.get_or_insert(progress);
            return;
        }
        let is_inside = progress == Progress::AlreadyInRoom;
        call.ending = Some(progress);
        self.settle(id, false);
        if is_inside && !self.users[index].is_away {
            // From an earlier load that was stopped: out with them.
            self.users[index].is_away = true;
            self.leave(index);
        }
    }

    /// Forgets a call that is over. Of one whose caller does not know more will be heard, or it has
    /// had the time.
    pub(super) fn settle(&mut self, id: u64, had_time: bool) {
        let Some(call) = self.calls.get(&id).filter(|call| call.is_over()) else { return };
        if call.ending == Some(Progress::Unknown) && !had_time {
            return;
        }
        let word = call.ending.as_ref().and_then(ending).unwrap_or("unknown");
        *self.report.endings.entry(word).or_default() += 1;
        self.users[call.callee].call = None;
        self.calls.remove(&id);
    }

    /// Whoever is to do something about a call does it; and again later, should it not help.
    pub(super) fn act(&mut self, id: u64, now: Instant) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (callee, attempt) = (call.callee, call.attempt);
        let answerer = call.answerer();
        let devices = &self.users[callee].devices;
        match (call.will, answerer.zip(attempt)) {
            (Will::Accept, Some((place, attempt))) => {
                if call.yes.is_none() {
                    call.yes = Some((place, Instant::now()));
                }
                devices[place].tap(Tap::Accept { attempt });
            }
            (Will::AcceptOnBoth, Some((_, attempt))) => {
                devices.iter().for_each(|device| device.tap(Tap::Accept { attempt }));
            }
            (Will::Reject, Some((place, attempt))) => {
                let reason = CallRejectionReason::Rejected;
                devices[place].tap(Tap::Reject { attempt, reason });
            }
            (Will::Cancel, _) => {
                let user = &self.users[callee];
                let (room, users) = (self.rooms[user.room].name.clone(), vec![user.name.clone()]);
                self.host_taps(callee, Tap::Cancel { room, users });
            }
            (Will::TimeOut, _) | (_, None) => {}
        }
        self.timers.set(now + AGAIN, Timer::Act(id));
    }

    /// The host of a user's room taps.
    pub(super) fn host_taps(&self, user: usize, tap: Tap) {
        let host = self.rooms[self.users[user].room].users.start;
        self.users[host].devices[0].tap(tap);
    }

    /// The backend states that a user has entered the room on a device.
    pub(super) fn enter(&mut self, user: usize, place: usize) {
        let room = self.users[user].room;
        let fact = Fact::user_entered(
            self.rooms[room].name.clone(),
            self.users[user].name.clone(),
            DEVICES[place].to_owned(),
        );
        self.state(room, fact);
    }

    /// The backend states that a user has left the room.
    pub(super) fn leave(&mut self, user: usize) {
        let room = self.users[user].room;
        let (name, user) = (self.rooms[room].name.clone(), self.users[user].name.clone());
        self.state(room, Fact::user_left(name, user));
    }

    pub(super) fn state(&mut self, lane: usize, fact: Fact) {
        self.unstated += 1;
        self.backend.state(lane, fact);
    }

    /// The server has a fact: the devices are told where they are.
    pub(super) fn stated(&mut self, stated: Stated) {
        self.unstated = self.unstated.saturating_sub(1);
        match &stated.fact {
            Fact::UserEntered { room, user, device, .. } => {
                let index = self.by_name.get(user).copied().unwrap_or_default();
                let place = DEVICES
                    .iter()
                    .position(|it| Some(*it) == device.as_deref())
                    .unwrap_or_default();
                let user = &self.users[index];
                user.devices[place].order(Order::InRoom(Some(room.clone())));
                if self.rooms[user.room].users.start != index {
                    let leaves = Instant::now() + self.dice.millis(300, 1_500);
                    self.timers.set(leaves, Timer::Leave(index));
                }
            }
            Fact::UserLeft { user, .. } => {
                let index = self.by_name.get(user).copied().unwrap_or_default();
                let user = &mut self.users[index];
                user.is_away = false;
                user.devices.iter().for_each(|device| device.order(Order::InRoom(None)));
            }
            // The load states no other fact about devices.
            Fact::RoomOpened { .. }
            | Fact::RoomDissolved { .. }
            | Fact::PresenceListed { .. }
            | Fact::UserRemoved { .. }
            | Fact::RoleSet { .. }
            | Fact::UserErased { .. }
            | Fact::RulesChanged { .. }
            | Fact::Recovered { .. } => {}
        }
        self.report.witness.stated.push(stated);
    }
}
