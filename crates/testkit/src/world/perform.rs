//! Actions happen.

use roomcall::handset::{Input, Stage, Tap};
use roomcall::protocol::{Actor, Command, Fact, Input as NamedInput};

use super::log::Happened;
use super::simulation::{Body, Packet, World};
use super::{Action, Checked, violation};

/// More steps than this without time passing is a storm.
const STORM: usize = 3_000;

impl World {
    /// One action.
    pub fn perform(&mut self, action: &Action) -> Checked {
        self.note(|| Happened::Action(action.clone()));
        if self.devices.is_empty() {
            return Ok(());
        }
        match action {
            Action::Deliver { packet } => match self.take(*packet) {
                Some(packet) => self.arrive(packet),
                None => Ok(()),
            },
            Action::Together { device, packets } => self.together(self.nth(*device), *packets),
            Action::Flush {} => self.flush(),
            Action::Drop { packet } => {
                if let Some(packet) = self.take(*packet) {
                    self.lost(&packet);
                }
                Ok(())
            }
            Action::Duplicate { packet } => {
                let at = packet % self.flight.len().max(1);
                if let Some(mut twin) = self.flight.get(at).cloned() {
                    twin.late = true;
                    self.sometimes(matches!(twin.body, Body::Fact { .. }), "a fact comes twice");
                    self.flight.push_back(twin);
                }
                Ok(())
            }
            Action::Refuse { packet, retry_after } => {
                self.refuse(*packet, *retry_after);
                Ok(())
            }
            Action::Pass { ms } => self.pass(*ms),
            Action::Snapshot {} => {
                self.save();
                Ok(())
            }
            Action::KillSwitchboard {} => self.restore(),
            Action::ChangeRules { policy, limits } => self.change_rules(*policy, *limits),
            Action::LoseState { copy, late } => self.lose_state(*copy, *late),
            Action::Erase { user, late } => self.erase(&self.user(*user), *late),
            Action::Cut { .. }
            | Action::Heal { .. }
            | Action::Kill { .. }
            | Action::Restart { .. }
            | Action::Reinstall { .. }
            | Action::ClockJump { .. } => self.befall(action),
            Action::Settings { .. }
            | Action::Occupied { .. }
            | Action::SignOut { .. }
            | Action::SignIn { .. }
            | Action::JoinFails { .. }
            | Action::Silence { .. }
            | Action::RejectHere { .. } => self.change(action),
            Action::MarkSeen { device, back } => self.look_at_the_log(self.nth(*device), *back),
            Action::Accept { .. }
            | Action::Reject { .. }
            | Action::Call { .. }
            | Action::Cancel { .. }
            | Action::Revoke { .. } => self.tap(action),
            Action::CallFor { .. } | Action::RevokeAll { .. } | Action::Remove { .. } => {
                self.by_backend(action)
            }
            Action::BackendRevoke { .. }
            | Action::Open { .. }
            | Action::Dissolve { .. }
            | Action::Enter { .. }
            | Action::Leave { .. }
            | Action::Depart { .. }
            | Action::List { .. }
            | Action::SetRole { .. } => self.happen(action),
        }
    }

    /// A packet is dropped.
    fn lost(&mut self, packet: &Packet) {
        self.sometimes(matches!(packet.body, Body::Reply(_)), "an answer is lost");
        if let Body::Fact { session, .. } = &packet.body {
            self.sometimes(true, "a fact is lost");
            if self.opening(&session.room) == Some(session.opening) {
                self.presence.doubt(session, &self.devices[packet.device].plan.user);
            }
        }
    }

    pub(super) fn nth(&self, device: usize) -> usize {
        device % self.devices.len().max(1)
    }

    fn take(&mut self, packet: usize) -> Option<Packet> {
        let count = self.flight.len();
        self.flight.remove(packet % count.max(1))
    }

    /// Everything in flight arrives, and what that brings about: in order, but stray notices and
    /// replies last.
    pub fn flush(&mut self) -> Checked {
        for _ in 0..STORM {
            let in_time = |packet: &Packet| {
                !packet.late || matches!(packet.body, Body::Request { .. } | Body::Enter { .. })
            };
            let next = self.flight.iter().position(in_time).unwrap_or_default();
            match self.take(next) {
                Some(packet) => self.arrive(packet)?,
                None => return Ok(()),
            }
        }
        violation("it settles", format!("{} packets are in flight for ever", self.flight.len()))
    }

    /// D-26
    fn together(&mut self, device: usize, packets: usize) -> Checked {
        let (life, alive) = (self.devices[device].life, self.devices[device].alive);
        let (now, is_timeless) = (self.now, self.is_timeless);
        let mut inputs = Vec::new();
        let mut left = packets % 8;
        self.flight.retain(|packet| {
            if left == 0 || packet.device != device {
                return true;
            }
            match &packet.body {
                Body::Notice(event) => inputs.push(Input::Notice(event.clone())),
                Body::Push { event, sent_at } if alive => {
                    let age = if is_timeless { 0 } else { now - sent_at };
                    inputs.push(Input::Push { event: event.clone(), age });
                }
                Body::Push { .. } => return true,
                Body::Reply(reply) if packet.life == life => {
                    inputs.push(Input::Reply(reply.clone()))
                }
                Body::Reply(_) => {}
                Body::Request { .. } | Body::Enter { .. } | Body::Fact { .. } => return true,
            }
            left -= 1;
            false
        });
        if inputs.is_empty() || !alive { Ok(()) } else { self.feed(device, inputs) }
    }

    /// Time passes, from one thing that is due to the next.
    pub fn pass(&mut self, ms: u64) -> Checked {
        let until = self.now.saturating_add(ms);
        for _ in 0..STORM {
            match self.next_due().filter(|due| *due <= until) {
                Some(due) => self.tick(due)?,
                None => {
                    self.now = until;
                    return self.look_at_clocks();
                }
            }
        }
        violation("time goes on", format!("at {} something is due for ever", self.now))
    }

    /// When the next thing is due.
    pub fn next_due(&self) -> Option<u64> {
        let board = self.switchboard.next_deadline().map(|due| due.as_millis().max(self.now));
        self.devices.iter().filter_map(|device| device.wakes(self.now)).chain(board).min()
    }

    /// What is due then happens.
    pub fn tick(&mut self, due: u64) -> Checked {
        self.now = self.now.max(due);
        let now = self.now;
        if self.switchboard.next_deadline().is_some_and(|due| due.as_millis() <= now) {
            self.apply_unasked(NamedInput::Tick)?;
        }
        for device in 0..self.devices.len() {
            if self.devices[device].wakes(now).is_some_and(|due| due <= now) {
                self.feed(device, vec![Input::Tick])?;
                if self.devices[device].wakes(now).is_some_and(|due| due <= now) {
                    let message =
                        format!("{}: a tick leaves something due", self.devices[device].name());
                    return violation("a tick does what is due", message);
                }
            }
        }
        Ok(())
    }

    /// Something befalls a device.
    fn befall(&mut self, action: &Action) -> Checked {
        let now = self.now;
        match action {
            Action::Cut { device, late } => return self.cut(self.nth(*device), *late),
            Action::Heal { device } => return self.heal(self.nth(*device)),
            Action::Kill { device } => {
                let device = self.nth(*device);
                self.gone(device);
                self.disconnect(device);
                self.devices[device].kill();
            }
            Action::Restart { device } => {
                return self.restart(self.nth(*device));
            }
            Action::Reinstall { device } => {
                let device = self.nth(*device);
                // Whoever signs in again is another device.
                if self.devices[device].state.is_signed_out {
                    return Ok(());
                }
                self.gone(device);
                self.disconnect(device);
                self.devices[device].reinstall(now);
            }
            Action::ClockJump { device, ms } => {
                let device = self.nth(*device);
                // What is due at once does not wait for a clock that is set.
                if self.devices[device].wakes(now).is_some_and(|due| due <= now) {
                    self.feed(device, vec![Input::Tick])?;
                }
                let of = &mut self.devices[device];
                // A clock begins at 0, and nobody sets it to a time before.
                let ran = i64::try_from(of.clock(now).as_millis()).unwrap_or(i64::MAX);
                of.set_clock((*ms).max(-ran));
            }
            _ => {}
        }
        Ok(())
    }

    /// A device starts again.
    pub fn restart(&mut self, device: usize) -> Checked {
        let ringing = self.devices[device].handset.screen().any(|(_, at)| at == Stage::Ringing);
        self.sometimes(ringing, "restarted while ringing");
        self.gone(device);
        self.disconnect(device);
        self.devices[device].restart(self.now, self.is_timeless)
    }

    /// A process ended: replies find nobody, and nobody goes into a room. What it sent arrives.
    fn gone(&mut self, device: usize) {
        let push = self.push;
        self.flight.retain_mut(|packet| {
            if packet.device != device {
                return true;
            }
            packet.late |= !matches!(packet.body, Body::Fact { .. });
            match packet.body {
                Body::Reply(_) | Body::Enter { .. } => false,
                Body::Notice(_) => push,
                Body::Request { .. } | Body::Push { .. } | Body::Fact { .. } => true,
            }
        });
    }

    /// A person taps.
    fn tap(&mut self, action: &Action) -> Checked {
        let of = |device: usize| (self.nth(device), &self.devices[self.nth(device)]);
        let named = |users: &[usize]| users.iter().map(|user| self.user(*user)).collect::<Vec<_>>();
        let (device, tap) = match action {
            Action::Accept { device, call } => {
                let (device, of) = of(*device);
                (device, of.screen.nth(*call).map(|attempt| Tap::Accept { attempt }))
            }
            Action::Reject { device, call, reason } => {
                let (device, of) = of(*device);
                let reason = *reason;
                (device, of.screen.nth(*call).map(|attempt| Tap::Reject { attempt, reason }))
            }
            Action::Call { device, room, users, timeout } => {
                let (room, users, timeout) = (Self::room(*room), named(users), *timeout);
                let extension = self.text_of_a_call(&of(*device).1.name(), &room, &users);
                (of(*device).0, Some(Tap::Call { room, users, timeout, extension }))
            }
            Action::Cancel { device, room, users } => {
                let (room, users) = (Self::room(*room), named(users));
                (of(*device).0, Some(Tap::Cancel { room, users }))
            }
            Action::Revoke { device, room, users } => {
                let (room, users) = (Self::room(*room), named(users));
                (of(*device).0, Some(Tap::Revoke { room, users }))
            }
            _ => return Ok(()),
        };
        tap.map_or(Ok(()), |tap| self.touch(device, tap))
    }

    /// A person taps something on a device.
    pub fn touch(&mut self, device: usize, tap: Tap) -> Checked {
        if !self.devices[device].alive {
            return Ok(());
        }
        if self.devices[device].state.is_signed_out {
            return self.feed(device, vec![Input::Tap(tap)]);
        }
        if let Tap::Call { room, users, .. } = &tap {
            let name = self.devices[device].name();
            self.truth.tapped(&name, room, users);
        }
        let of = &mut self.devices[device];
        let clock = of.seen.max(of.clock(self.now).as_millis());
        of.requests.tapped(&tap, i128::from(clock));
        self.feed(device, vec![Input::Tap(tap)])
    }

    /// Something happens to a room.
    fn happen(&mut self, action: &Action) -> Checked {
        match action {
            Action::BackendRevoke { room, users } => {
                let users = users.iter().map(|user| self.user(*user)).collect();
                let command = Command::RevokeCall { room: Self::room(*room), users };
                self.apply_unasked(NamedInput::Ask { by: Actor::Backend, command })
            }
            Action::Open { room, owner } => {
                self.fact(Fact::RoomOpened { room: Self::room(*room), owner: self.user(*owner) })
            }
            Action::Dissolve { room } => {
                let room = Self::room(*room);
                let opening = self.opening(&room).filter(|_| self.names_openings());
                let by = Actor::Backend;
                self.fact(Fact::RoomDissolved { room: room.clone(), by, opening })?;
                self.out(&room, None)
            }
            Action::Enter { device, room } => {
                let device = self.nth(*device);
                if self.is_in_use(device) { self.enter(device, Self::room(*room)) } else { Ok(()) }
            }
            Action::Leave { user, room } => {
                let (room, user) = (Self::room(*room), self.user(*user));
                if self.media_server.is_none() {
                    self.fact(Fact::user_left(room.clone(), user.clone()))?;
                }
                self.out(&room, Some(&user))
            }
            Action::Depart { device } => self.depart(self.nth(*device)),
            Action::List { room } => self.list_presence(&Self::room(*room)),
            Action::SetRole { user, room, role } => {
                let (room, user) = (Self::room(*room), self.user(*user));
                self.fact(Fact::role_set(room, user, *role))
            }
            _ => Ok(()),
        }
    }
}
