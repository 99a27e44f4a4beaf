//! Random worlds: people with devices, whatever happens to their connections, and at the end one question: does every
//! screen say what the host says?

use roomcall::Rule;
use roomcall::handset::{Input, Link, Tap};
use roomcall::protocol::{Actor, Body, Fact, LiveCall, Query};

use super::action::{Action, DEVICES, ROOMS, USERS};
use super::device::Device;
use super::phone::Phone;
use super::stage::{Played, Stage, Stop};
use super::transport::Transport;

/// A random world.
pub(super) struct World<'a, T: Transport, D> {
    pub(super) stage: &'a mut Stage<T>,
    pub(super) phones: Vec<Phone<D>>,
    /// Whether the host is killed as soon as something is sent to it.
    pub(super) kills_next: bool,
    /// Whether that has happened, and the devices have not noticed yet.
    pub(super) is_killed: bool,
}

impl<'a, T: Transport, D: Device> World<'a, T, D> {
    /// How often everybody reads at the end, at most, before it is said that it never ends.
    const ROUNDS: usize = 20;
    /// How long a device waits at most before it asks again.
    const RETRY: u64 = 10_000;

    /// Two rooms; ana is in the first one, on her first device.
    pub(super) async fn begin(stage: &'a mut Stage<T>, devices: Vec<D>) -> Played<Self> {
        for room in ROOMS {
            stage.state(Fact::RoomOpened { room: room.into(), owner: "ana".into() }).await?;
        }
        let phones = DEVICES.into_iter().zip(devices);
        let phones = phones.map(|(who, device)| Phone::new(who, device)).collect();
        let mut world = Self { stage, phones, kills_next: false, is_killed: false };
        for device in 0..world.phones.len() {
            world.connect(device, false).await?;
        }
        world.enter(0, ROOMS[0]).await?;
        Ok(world)
    }

    /// Does what an action says.
    pub(super) async fn perform(&mut self, action: &Action) -> Played {
        self.act(action).await?;
        if std::mem::take(&mut self.is_killed) { self.lose_connections().await } else { Ok(()) }
    }

    async fn act(&mut self, action: &Action) -> Played {
        match action.within() {
            Action::Connect(device) => self.connect(device, false).await,
            Action::ConnectBeside(device) => self.connect(device, true).await,
            Action::Disconnect(device) => self.disconnect(device).await,
            Action::CutNext(device) => {
                self.phones[device].is_cut = true;
                Ok(())
            }
            Action::Hear(device) => self.hear(device).await.map(drop),
            Action::Suspend { device, asked } => self.suspend(device, asked).await,
            Action::Resume(device) => self.resume(device).await,
            Action::Again(device) => self.send_again(device).await,
            Action::LoseNext(device) => {
                self.phones[device].is_lost = true;
                Ok(())
            }
            Action::Lose(device) => self.on_the_way(device, |heard| drop(heard.drain(..1))),
            Action::Repeat(device) => self.on_the_way(device, |heard| heard.push(heard[0].clone())),
            Action::Reorder(device) => self.on_the_way(device, |heard| heard.reverse()),
            Action::Call { device, users, timeout } => {
                // Who is nowhere calls in vain: somebody who is in a room does.
                let device = self.nearest(device, |phone| phone.room.is_some());
                let room = self.phones[device].room.clone().unwrap_or_else(|| ROOMS[0].into());
                let users = users.iter().map(|user| self.absent(*user, &room)).collect();
                let extension = "hello".into();
                self.tap(device, Tap::Call { room, users, timeout, extension }).await
            }
            Action::Accept(device) => {
                let (device, attempt) = self.shown(device);
                self.tap(device, Tap::Accept { attempt }).await
            }
            Action::Reject(device, reason) => {
                let (device, attempt) = self.shown(device);
                self.tap(device, Tap::Reject { attempt, reason }).await
            }
            Action::Cancel(device, user) => {
                let users = vec![USERS[user].to_owned()];
                self.tap(device, Tap::Cancel { room: ROOMS[0].into(), users }).await
            }
            Action::Revoke(device, user) => {
                let users = vec![USERS[user].to_owned()];
                self.tap(device, Tap::Revoke { room: ROOMS[0].into(), users }).await
            }
            Action::Leave(device) => {
                // Somebody stays, or nobody could call any more.
                let inside = self.phones.iter().filter(|phone| phone.room.is_some()).count();
                let device = self.nearest(device, |phone| phone.room.is_some());
                if inside > 1 { self.leave(device).await } else { Ok(()) }
            }
            Action::Enter(device, room) => self.enter(device, ROOMS[room]).await,
            Action::Dissolve(room) => self.dissolve(ROOMS[room]).await,
            Action::RestartDevice(device) => self.restart(device).await,
            Action::Restart => {
                self.stage.restart().await?;
                self.lose_connections().await
            }
            Action::KillNext => {
                self.kills_next = true;
                Ok(())
            }
            Action::SetBack(millis) => self.stage.set_back(millis).await,
            Action::Advance(millis) => self.advance(millis).await,
        }
    }

    /// The first device from this one on of which something holds, or this one.
    fn nearest(&self, device: usize, holds: impl Fn(&Phone<D>) -> bool) -> usize {
        let count = self.phones.len();
        let mut all = (device..device + count).map(|at| at % count);
        all.find(|at| holds(&self.phones[*at])).unwrap_or(device)
    }

    /// The first user from this one on who is not in a room, or this one.
    fn absent(&self, user: usize, room: &str) -> String {
        let count = USERS.len();
        let mut all = (user..user + count).map(|at| USERS[at % count]);
        let is_inside = |user: &str| {
            let devices = DEVICES.iter().zip(&self.phones);
            devices
                .into_iter()
                .any(|(of, phone)| of.0 == user && phone.room.as_deref() == Some(room))
        };
        all.find(|user| !is_inside(user)).unwrap_or(USERS[user]).to_owned()
    }

    /// What is first on the screen of the first device from this one on that shows a call; 0, which no call is, if none
    /// does.
    fn shown(&self, device: usize) -> (usize, u64) {
        let device = self.nearest(device, |phone| phone.screen.first().is_some());
        (device, self.phones[device].screen.first().unwrap_or_default())
    }

    async fn tap(&mut self, device: usize, tap: Tap) -> Played {
        self.feed(device, vec![Input::Tap(tap)]).await
    }

    async fn suspend(&mut self, device: usize, asked: usize) -> Played {
        let phone = &mut self.phones[device];
        phone.suspended.get_or_insert_default();
        for line in [phone.old, phone.line].into_iter().flatten() {
            self.stage.stall(line);
            for _ in 0..asked {
                self.stage.ask_unread(line, Query::GetMyCalls { since: 0 }).await?;
            }
        }
        Ok(())
    }

    async fn resume(&mut self, device: usize) -> Played {
        let phone = &mut self.phones[device];
        let Some(inputs) = phone.suspended.take() else { return Ok(()) };
        for line in [phone.old, phone.line].into_iter().flatten() {
            self.stage.resume(line).await?;
        }
        self.feed(device, inputs).await
    }

    async fn send_again(&mut self, device: usize) -> Played {
        let phone = &self.phones[device];
        match (phone.line, phone.sent.clone()) {
            (Some(line), Some(frame)) if phone.suspended.is_none() => {
                self.stage.send_frame(line, frame).await
            }
            _ => Ok(()),
        }
    }

    /// Something happens to what waits for a device, if anything does.
    fn on_the_way(&mut self, device: usize, happens: impl Fn(&mut Vec<Body>)) -> Played {
        if let Some(heard) = self.phones[device].line.map(|line| self.stage.heard(line))
            && !heard.is_empty()
        {
            happens(heard);
        }
        Ok(())
    }

    async fn connect(&mut self, device: usize, beside: bool) -> Played {
        self.resume(device).await?;
        let (user, name) = DEVICES[device];
        let new = self.stage.connect(user, name).await?;
        let phone = &mut self.phones[device];
        phone.is_cut = false;
        let before = phone.line.replace(new);
        let ended = if beside { std::mem::replace(&mut phone.old, before) } else { before };
        if let Some(ended) = ended {
            self.stage.disconnect(ended).await?;
        }
        self.feed(device, vec![Input::Link(Link::Up)]).await
    }

    async fn disconnect(&mut self, device: usize) -> Played {
        self.resume(device).await?;
        let phone = &mut self.phones[device];
        let (line, old) = (phone.line.take(), phone.old.take());
        for line in [old, line].into_iter().flatten() {
            self.stage.disconnect(line).await?;
        }
        self.feed(device, vec![Input::Link(Link::Down)]).await
    }

    async fn enter(&mut self, device: usize, room: &str) -> Played {
        self.leave(device).await?;
        let (user, name) = DEVICES[device];
        self.phones[device].room = Some(room.to_owned());
        self.stage.state(Fact::user_entered(room.into(), user.into(), name.into())).await?;
        self.feed(device, vec![Input::InRoom(Some(room.to_owned()))]).await
    }

    async fn leave(&mut self, device: usize) -> Played {
        let Some(room) = self.phones[device].room.take() else { return Ok(()) };
        let (user, name) = DEVICES[device];
        let (user, name) = (user.to_owned(), Some(name.to_owned()));
        let fact = Fact::UserLeft { room, user, device: name, session: None, opening: None };
        self.stage.state(fact).await?;
        self.feed(device, vec![Input::InRoom(None)]).await
    }

    async fn dissolve(&mut self, room: &str) -> Played {
        let fact = Fact::RoomDissolved { room: room.into(), by: Actor::Backend, opening: None };
        self.stage.state(fact).await?;
        self.stage.state(Fact::RoomOpened { room: room.into(), owner: "ana".into() }).await?;
        for device in 0..self.phones.len() {
            if self.phones[device].room.as_deref() == Some(room) {
                self.phones[device].room = None;
                self.feed(device, vec![Input::InRoom(None)]).await?;
            }
        }
        self.enter(0, ROOMS[0]).await
    }

    async fn restart(&mut self, device: usize) -> Played {
        self.resume(device).await?;
        let now = self.stage.now();
        let phone = &mut self.phones[device];
        let (line, old) = (phone.line.take(), phone.old.take());
        let was_in = phone.room.clone();
        for line in [old, line].into_iter().flatten() {
            self.stage.disconnect(line).await?;
        }
        let phone = &mut self.phones[device];
        phone.conduct.restarts(false);
        let shows = phone.device.restart(now).await?;
        phone.screen.clear();
        for effect in shows {
            self.carry_out(device, effect).await?;
        }
        // It goes back into the room that it was in.
        match was_in {
            Some(room) => self.feed(device, vec![Input::InRoom(Some(room))]).await,
            None => Ok(()),
        }
    }

    /// The host was killed: all connections are over.
    async fn lose_connections(&mut self) -> Played {
        for device in 0..self.phones.len() {
            self.phones[device].old = None;
            if self.phones[device].line.take().is_some() {
                self.feed(device, vec![Input::Link(Link::Down)]).await?;
            }
        }
        Ok(())
    }

    async fn advance(&mut self, millis: u64) -> Played {
        self.stage.advance(millis).await?;
        for device in 0..self.phones.len() {
            self.feed(device, vec![Input::Tick]).await?;
        }
        Ok(())
    }

    /// Everybody connects, and reads until nothing comes any more; then every screen has to show what the host says. What was
    /// lost on the way a device learns by a new connection, on which it sends again what is not answered.
    pub(super) async fn settle(&mut self) -> Played {
        self.kills_next = false;
        let can = self.stage.can();
        for device in 0..self.phones.len() {
            self.resume(device).await?;
            let phone = &mut self.phones[device];
            (phone.is_cut, phone.is_lost) = (false, false);
            if can.lossy {
                self.connect(device, false).await?;
            }
        }
        self.read_all(0).await?;
        for device in 0..self.phones.len() {
            let rings = self.rings(device).await?.iter().map(|call| call.attempt).collect();
            self.phones[device].conduct.rests(&rings)?;
        }
        if can.virtual_time {
            // Longer than nothing begins to ring after an answer (D-32).
            self.read_all(Self::RETRY).await?;
            self.read_all(Self::RETRY).await?;
        }
        for device in 0..self.phones.len() {
            let rings = self.rings(device).await?;
            let phone = &self.phones[device];
            phone.screen.agrees(&phone.conduct.name(), &rings)?;
            if can.virtual_time {
                phone.screen.rings_one(&phone.conduct.name())?;
            }
        }
        Ok(())
    }

    /// Everybody reads until nothing comes any more, and connects anew where the host has ended a connection. So many
    /// milliseconds pass when nothing comes.
    async fn read_all(&mut self, millis: u64) -> Played {
        let mut quiet = 0;
        for _ in 0..Self::ROUNDS {
            let mut is_heard = false;
            for device in 0..self.phones.len() {
                if self.phones[device].line.is_none_or(|line| !self.stage.is_open(line)) {
                    self.connect(device, false).await?;
                    is_heard = true;
                }
                is_heard |= self.hear(device).await?;
            }
            quiet = if is_heard { 0 } else { quiet + 1 };
            if quiet == 2 {
                return Ok(());
            }
            if millis > 0 && !is_heard {
                self.advance(millis).await?;
            }
        }
        let what = "devices only listen, and there is always something new for them";
        Err(Stop::Broken(Rule::D28, what.to_owned()))
    }

    /// The calls of which the host says that they ring for a device.
    async fn rings(&mut self, device: usize) -> Played<Vec<LiveCall>> {
        let phone = &self.phones[device];
        let (name, room) = (phone.conduct.name(), phone.room.clone());
        let mine = match phone.line {
            Some(line) => self.stage.my_calls(line).await?,
            None => None,
        };
        let Some(mine) = mine else {
            return Err(Stop::Transport(format!("at rest {name} has no connection").into()));
        };
        let calls = mine.incoming.into_iter();
        Ok(calls.filter(|call| Some(&call.room) != room.as_ref()).collect())
    }
}
