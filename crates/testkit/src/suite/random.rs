//! Random worlds: people with devices, whatever happens to their connections, and at the end one question: does every
//! screen say what the host says?

use roomcall::Limits;
use roomcall::handset::{Input, Link, Tap};
use roomcall::protocol::{Body, Fact, Query};

use super::action::{Action, DEVICES, ROOMS, USERS};
use super::device::Device;
use super::phone::Phone;
use super::reached::Reached;
use super::stage::{Played, Stage};
use super::transport::Transport;

/// A random world.
pub(super) struct World<'a, T: Transport, D> {
    pub(super) stage: &'a mut Stage<T>,
    pub(super) phones: Vec<Phone<D>>,
    /// Whether the host is killed as soon as something is sent to it.
    pub(super) kills_next: bool,
    /// Whether that has happened, and the devices have not noticed yet.
    pub(super) is_killed: bool,
    /// The limits of the host.
    pub(super) limits: Limits,
    pub(super) reached: Reached,
}

impl<'a, T: Transport, D: Device> World<'a, T, D> {
    /// Two rooms; ana is in the first one, on her first device.
    pub(super) async fn begin(
        stage: &'a mut Stage<T>,
        devices: Vec<D>,
        limits: Limits,
    ) -> Played<Self> {
        for room in ROOMS {
            stage.state(Fact::RoomOpened { room: room.into(), owner: "ana".into() }).await?;
        }
        let phones = DEVICES.into_iter().zip(devices);
        let phones = phones.map(|(who, device)| Phone::new(who, device)).collect();
        let mut world = Self {
            stage,
            phones,
            kills_next: false,
            is_killed: false,
            limits,
            reached: Reached::new(),
        };
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
            Action::RestartDevice(device) => self.restart(device).await,
            Action::Push(push) => self.push(push).await,
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
            action @ (Action::Dissolve(_)
            | Action::CallFor { .. }
            | Action::BackendRevoke(..)
            | Action::RevokeAll(..)
            | Action::BackendCancel(..)
            | Action::Erase(_)
            | Action::ChangeRules { .. }) => self.act_as_backend(action).await,
            action => self.act_as_person(action).await,
        }
    }

    async fn act_as_person(&mut self, action: Action) -> Played {
        match action {
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
            Action::Silence(device) => {
                let (device, attempt) = self.shown(device);
                self.handle(device, Input::Tap(Tap::Silence { attempt })).await
            }
            Action::RejectHere(device) => {
                let (device, attempt) = self.shown(device);
                self.handle(device, Input::Tap(Tap::RejectHere { attempt })).await
            }
            Action::Occupied(device, is_occupied) => {
                self.phones[device].is_occupied = is_occupied;
                self.handle(device, Input::Occupied(is_occupied)).await
            }
            Action::Settings(device, settings) => {
                self.handle(device, Input::Settings(settings)).await
            }
            Action::SignOut(device) => self.sign_out(device).await,
            Action::Leave(device) => {
                // Somebody stays, or nobody could call any more.
                let inside = self.phones.iter().filter(|phone| phone.room.is_some()).count();
                let device = self.nearest(device, |phone| phone.room.is_some());
                if inside > 1 { self.leave(device).await } else { Ok(()) }
            }
            Action::Enter(device, room) => self.enter(device, ROOMS[room]).await,
            _ => Ok(()),
        }
    }

    /// The first device from this one on of which something holds, or this one.
    pub(super) fn nearest(&self, device: usize, holds: impl Fn(&Phone<D>) -> bool) -> usize {
        let count = self.phones.len();
        let mut all = (device..device + count).map(|at| at % count);
        all.find(|at| holds(&self.phones[*at])).unwrap_or(device)
    }

    /// The first user from this one on who is not in a room, or this one.
    pub(super) fn absent(&self, user: usize, room: &str) -> String {
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

    /// Somebody has a device in hand: so it goes on, if it was suspended.
    async fn handle(&mut self, device: usize, input: Input) -> Played {
        self.resume(device).await?;
        self.feed(device, vec![input]).await
    }

    /// A user signs out of a device, and so leaves the room there. Its connection stays.
    pub(super) async fn sign_out(&mut self, device: usize) -> Played {
        self.leave(device).await?;
        self.handle(device, Input::SignedOut).await?;
        if self.phones.iter().all(|phone| phone.room.is_none()) {
            // Somebody is there, or nobody could call any more.
            return self.enter(0, ROOMS[0]).await;
        }
        Ok(())
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

    pub(super) async fn resume(&mut self, device: usize) -> Played {
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

    pub(super) async fn connect(&mut self, device: usize, beside: bool) -> Played {
        self.resume(device).await?;
        if self.phones[device].is_erased {
            return Ok(());
        }
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

    pub(super) async fn disconnect(&mut self, device: usize) -> Played {
        self.resume(device).await?;
        let phone = &mut self.phones[device];
        let (line, old) = (phone.line.take(), phone.old.take());
        for line in [old, line].into_iter().flatten() {
            self.stage.disconnect(line).await?;
        }
        self.feed(device, vec![Input::Link(Link::Down)]).await
    }

    /// A device, or the next one of which nobody has signed out, comes into a room.
    pub(super) async fn enter(&mut self, device: usize, room: &str) -> Played {
        let device = self.nearest(device, |phone| !phone.conduct.is_signed_out());
        if self.phones[device].conduct.is_signed_out() {
            return Ok(());
        }
        self.leave(device).await?;
        let (user, name) = DEVICES[device];
        self.phones[device].room = Some(room.to_owned());
        self.stage.state(Fact::user_entered(room.into(), user.into(), name.into())).await?;
        self.feed(device, vec![Input::InRoom(Some(room.to_owned()))]).await
    }

    pub(super) async fn leave(&mut self, device: usize) -> Played {
        let Some(room) = self.phones[device].room.take() else { return Ok(()) };
        let (user, name) = DEVICES[device];
        let (user, name) = (user.to_owned(), Some(name.to_owned()));
        let fact = Fact::UserLeft { room, user, device: name, session: None, opening: None };
        self.stage.state(fact).await?;
        self.feed(device, vec![Input::InRoom(None)]).await
    }

    pub(super) async fn restart(&mut self, device: usize) -> Played {
        self.resume(device).await?;
        let now = self.stage.now();
        let phone = &mut self.phones[device];
        let (line, old) = (phone.line.take(), phone.old.take());
        let was_in = phone.room.clone();
        for line in [old, line].into_iter().flatten() {
            self.stage.disconnect(line).await?;
        }
        let phone = &mut self.phones[device];
        phone.conduct.restarts();
        let shows = phone.device.restart(now).await?;
        phone.screen.clear();
        for effect in shows {
            self.carry_out(device, effect).await?;
        }
        self.phones[device].conduct.draws(&self.phones[device].screen)?;
        // It goes back into the room that it was in, and whatever occupied it does so still.
        let mut inputs = Vec::new();
        inputs.extend(self.phones[device].is_occupied.then_some(Input::Occupied(true)));
        inputs.extend(was_in.map(|room| Input::InRoom(Some(room))));
        self.feed(device, inputs).await
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

    pub(super) async fn advance(&mut self, millis: u64) -> Played {
        self.stage.advance(millis).await?;
        for device in 0..self.phones.len() {
            self.feed(device, vec![Input::Tick]).await?;
        }
        Ok(())
    }
}
