//! What changes on a device besides its connection: its settings, what else has it, who is signed in, and which calls a person
//! does not want to hear there (D-30 to D-34).

use roomcall::handset::{Input, Settings, Tap};

use super::device::Device;
use super::simulation::{Body, World};
use super::{Action, Checked, DevicePlan, violation};

/// More devices than this at once are no small world.
const DEVICES: usize = 16;

impl World {
    /// One of these actions.
    pub(super) fn change(&mut self, action: &Action) -> Checked {
        match action {
            Action::Settings { device, settings } => self.set(self.nth(*device), *settings),
            Action::Occupied { device, is_occupied } => {
                self.occupy(self.nth(*device), *is_occupied)
            }
            Action::SignOut { device, late } => self.sign_out(self.nth(*device), *late),
            Action::SignIn { device } => {
                self.sign_in(self.nth(*device));
                Ok(())
            }
            Action::JoinFails { device } => self.join_fails(self.nth(*device)),
            Action::Silence { device, call } => {
                self.quieten(self.nth(*device), *call, "a call is muted", |attempt| Tap::Silence {
                    attempt,
                })
            }
            Action::RejectHere { device, call } => {
                let tap = |attempt| Tap::RejectHere { attempt };
                self.quieten(self.nth(*device), *call, "a call is hidden", tap)
            }
            _ => Ok(()),
        }
    }

    /// Whether a person can use a device.
    pub(super) fn is_in_use(&self, device: usize) -> bool {
        let of = &self.devices[device];
        of.alive && !of.state.is_signed_out
    }

    /// Whoever is signed in or not, the host states it.
    fn set(&mut self, device: usize, settings: Settings) -> Checked {
        if !self.devices[device].alive {
            return Ok(());
        }
        self.sometimes(true, "a device is given other settings");
        let is_quiet = self.devices[device].state.waits;
        self.feed(device, vec![Input::Settings(settings)])?;
        let of = &self.devices[device];
        let has_ended = is_quiet && !of.state.waits && of.ringing().is_some();
        self.sometimes(has_ended, "other settings end quiet");
        self.crowd();
        Ok(())
    }

    fn occupy(&mut self, device: usize, is_occupied: bool) -> Checked {
        if !self.devices[device].alive {
            return Ok(());
        }
        let rang = self.devices[device].ringing().is_some();
        self.feed(device, vec![Input::Occupied(is_occupied)])?;
        let rings = self.devices[device].ringing().is_some();
        self.sometimes(rang && !rings, "a device is taken while a call rings");
        self.sometimes(!rang && rings, "a call rings when a device is free again");
        Ok(())
    }

    fn quieten(
        &mut self,
        device: usize,
        call: usize,
        what: &'static str,
        tap: impl Fn(u64) -> Tap,
    ) -> Checked {
        let Some(attempt) = self.devices[device].screen.nth(call) else { return Ok(()) };
        let count = |world: &Self| {
            let state = &world.devices[device].state;
            state.muted.len() + state.hidden.len()
        };
        let before = count(self);
        self.touch(device, tap(attempt))?;
        self.sometimes(count(self) > before, what);
        Ok(())
    }

    /// The user signs out, leaves the room, and the server's host ends the connection and the registration for pushes: no new one
    /// comes.
    pub(super) fn sign_out(&mut self, device: usize, late: bool) -> Checked {
        if !self.is_in_use(device) {
            return Ok(());
        }
        let shows = !self.devices[device].screen.calls.is_empty();
        self.sometimes(shows, "a user signs out while a call is on the screen");
        self.feed(device, vec![Input::SignedOut])?;
        self.depart(device)?;
        self.flight
            .retain(|packet| packet.device != device || !matches!(packet.body, Body::Enter { .. }));
        self.lose(device, late);
        let of = &mut self.devices[device];
        of.up = false;
        of.screen.list.clear();
        of.screen.progress.clear();
        self.sometimes(true, "a user signs out");
        self.shows_nothing(device)
    }

    /// A new device, as far as anybody else is concerned; the old one goes on being silent. Of a user who was erased the name of the
    /// device is new, too.
    fn sign_in(&mut self, device: usize) {
        let has_capacity = self.devices.len() < DEVICES;
        let of = &mut self.devices[device];
        if !of.state.is_signed_out || of.state.is_replaced || !has_capacity {
            return;
        }
        of.state.is_replaced = true;
        let comes_back = self.truth.erased.contains(&of.plan.user);
        let again = if comes_back { "" } else { "2" };
        let name = format!("{}{again}", of.plan.device);
        let new = Device::begun(&DevicePlan { device: name, ..of.plan.clone() }, self.now);
        if let Some(log) = &mut self.log {
            log.names(new.name());
        }
        self.devices.push(new);
        self.sometimes(!comes_back, "a user signs in again");
        self.sometimes(comes_back, "an erased user comes back");
    }

    /// Who is on the way into a room does not get there, and the host says so.
    fn join_fails(&mut self, device: usize) -> Checked {
        let is_on_its_way = |body: &Body| matches!(body, Body::Enter { .. });
        let of_device = |packet: &super::Packet| packet.device == device;
        let mut flight = self.flight.iter();
        let at = flight.position(|packet| of_device(packet) && is_on_its_way(&packet.body));
        let Some(at) = at.filter(|_| self.is_in_use(device)) else { return Ok(()) };
        self.flight.remove(at);
        self.sometimes(true, "a join fails");
        self.feed(device, vec![Input::JoinFailed])
    }

    /// D-10, D-30: it tells once that a hidden call is over.
    pub(super) fn learns(&mut self, device: usize, attempt: u64) -> Checked {
        let of = &mut self.devices[device];
        if of.state.learned.insert(attempt) {
            return Ok(());
        }
        let message = format!("{}: {attempt} is learned twice", of.name());
        violation("the end of a hidden call is learned once", message)
    }

    /// At rest, what was hidden here and is over was learned, unless this device answered it.
    pub(super) fn hidden_agrees(&self, device: usize) -> Checked {
        let of = &self.devices[device];
        if of.state.is_signed_out {
            return Ok(());
        }
        let is_over = |attempt: &&u64| {
            self.truth.attempts.get(attempt).is_some_and(|it| {
                // Also in a life of the switchboard that is lost.
                let is_answered = it.endings().any(|ended| ended.is_answered_on(&of.plan.device));
                it.ended.is_some() && !is_answered
            })
        };
        let mut over = of.state.hidden.iter().filter(is_over);
        match over.find(|attempt| !of.state.learned.contains(attempt)) {
            None => Ok(()),
            Some(attempt) => {
                let message = format!("{}: {attempt} is over", of.name());
                violation("the end of a hidden call is learned once", message)
            }
        }
    }
}
