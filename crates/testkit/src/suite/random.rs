//! Random worlds: people with devices, whatever happens to their connections, and at the end one question: does every
//! screen say what the host says?

use std::collections::{BTreeMap, BTreeSet};

use roomcall::Rule;
use roomcall::handset::{Effect, Input, Link, Tap};
use roomcall::protocol::{Actor, Body, Fact, Frame, Query};

use super::action::{Action, DEVICES, ROOMS, USERS};
use super::device::Device;
use super::stage::{Line, Played, Stage, Stop};
use super::transport::Transport;

/// A device, its connection, and what a person sees.
struct Phone<D> {
    device: D,
    line: Option<Line>,
    /// A connection from before that has not ended.
    old: Option<Line>,
    sent: Option<Frame>,
    /// The rooms of the calls on the screen.
    screen: BTreeMap<u64, String>,
    room: Option<String>,
    /// Whether the connection ends as soon as something is sent on it.
    is_cut: bool,
    /// While it is suspended, what it will apply when it goes on.
    suspended: Option<Vec<Input>>,
}

/// A random world.
pub(super) struct World<'a, T: Transport, D> {
    stage: &'a mut Stage<T>,
    phones: Vec<Phone<D>>,
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
        let phone = |device| Phone {
            device,
            line: None,
            old: None,
            sent: None,
            screen: BTreeMap::new(),
            room: None,
            is_cut: false,
            suspended: None,
        };
        let mut world = Self { stage, phones: devices.into_iter().map(phone).collect() };
        for device in 0..world.phones.len() {
            world.connect(device, false).await?;
        }
        world.enter(0, ROOMS[0]).await?;
        Ok(world)
    }

    /// Does what an action says.
    pub(super) async fn perform(&mut self, action: &Action) -> Played {
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
            Action::Call { device, users, timeout } => {
                // Who is nowhere calls in vain: somebody who is in a room does.
                let device = self.nearest(device, |phone| phone.room.is_some());
                let room = self.phones[device].room.clone().unwrap_or_else(|| ROOMS[0].into());
                let users = users.iter().map(|user| USERS[*user].to_owned()).collect();
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
            Action::Restart => self.restart_host().await,
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

    /// What is first on the screen of the first device from this one on that shows a call; 0, which no call is, if none
    /// does.
    fn shown(&self, device: usize) -> (usize, u64) {
        let device = self.nearest(device, |phone| !phone.screen.is_empty());
        (device, self.phones[device].screen.keys().next().copied().unwrap_or_default())
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

    /// A device hears what was read on its connection. Whether anything was.
    async fn hear(&mut self, device: usize) -> Played<bool> {
        let phone = &self.phones[device];
        let Some(line) = phone.line.filter(|_| phone.suspended.is_none()) else { return Ok(false) };
        let mut inputs: Vec<Input> =
            self.stage.take_heard(line).into_iter().filter_map(input).collect();
        if !self.stage.is_open(line) {
            self.phones[device].line = None;
            inputs.push(Input::Link(Link::Down));
        }
        let heard = !inputs.is_empty();
        self.feed(device, inputs).await?;
        Ok(heard)
    }

    /// A device applies inputs, and its application does what the handset asks for.
    async fn feed(&mut self, device: usize, inputs: Vec<Input>) -> Played {
        if let Some(waiting) = &mut self.phones[device].suspended {
            waiting.extend(inputs);
            return Ok(());
        }
        let mut inputs = Some(inputs);
        while let Some(some) = inputs.take() {
            let effects = self.phones[device].device.apply(self.stage.now(), some).await?;
            for effect in effects {
                if let Some(room) = self.carry_out(device, effect).await? {
                    inputs = Some(vec![Input::InRoom(Some(room))]);
                }
            }
        }
        Ok(())
    }

    /// Does what a handset asks for. A room, if it has entered one by that.
    async fn carry_out(&mut self, device: usize, effect: Effect) -> Played<Option<String>> {
        let phone = &mut self.phones[device];
        match effect {
            Effect::Show { call, .. } => drop(phone.screen.insert(call.attempt, call.room)),
            Effect::Dismiss { attempt, .. } => drop(phone.screen.remove(&attempt)),
            Effect::Send { request_id, request } => {
                let frame = Frame { request_id, request };
                phone.sent = Some(frame.clone());
                match phone.line {
                    Some(line) if phone.is_cut => {
                        self.stage.send_and_disconnect(line, frame).await?
                    }
                    Some(line) => self.stage.send_frame(line, frame).await?,
                    None => {}
                }
            }
            Effect::Join { room } => {
                phone.room = Some(room.clone());
                let (user, name) = DEVICES[device];
                let fact = Fact::user_entered(room.clone(), user.into(), name.into());
                self.stage.state(fact).await?;
                return Ok(Some(room));
            }
            _ => {}
        }
        Ok(None)
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

    async fn restart_host(&mut self) -> Played {
        self.stage.restart().await?;
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

    /// Everybody connects, and reads until nothing comes any more; then every screen has to show what the host says.
    pub(super) async fn settle(&mut self) -> Played {
        for device in 0..self.phones.len() {
            self.resume(device).await?;
            if self.phones[device].line.is_none_or(|line| !self.stage.is_open(line)) {
                self.connect(device, false).await?;
            }
        }
        let mut quiet = 0;
        for _ in 0..Self::ROUNDS {
            let mut heard = false;
            for device in 0..self.phones.len() {
                heard |= self.hear(device).await?;
            }
            quiet = if heard { 0 } else { quiet + 1 };
            if quiet == 2 {
                break;
            }
            if self.stage.can().virtual_time && !heard {
                self.advance(Self::RETRY).await?;
            }
        }
        for device in 0..self.phones.len() {
            self.agrees(device).await?;
        }
        Ok(())
    }

    /// Whether the screen of a device shows what the host says.
    async fn agrees(&mut self, device: usize) -> Played {
        let (user, name) = DEVICES[device];
        let Some(line) = self.phones[device].line else { return Ok(()) };
        let Some(mine) = self.stage.my_calls(line).await? else { return Ok(()) };
        let room = self.phones[device].room.as_ref();
        let calls = mine.incoming.iter().filter(|call| Some(&call.room) != room);
        let rings: BTreeSet<u64> = calls.map(|call| call.attempt).collect();
        let shown: BTreeSet<u64> = self.phones[device].screen.keys().copied().collect();
        if rings == shown {
            return Ok(());
        }
        let what = format!(
            "at rest {user}'s {name} shows {shown:?}, and the host says that {rings:?} rings"
        );
        Err(Stop::Broken(Rule::D28, what))
    }
}

/// What a message is to a handset.
fn input(body: Body) -> Option<Input> {
    match body {
        Body::Effect(effect) => Some(Input::Notice(effect.event)),
        Body::Reply(reply) => Some(Input::Reply(reply)),
        _ => None,
    }
}
