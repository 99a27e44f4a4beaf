//! What hosts do: the switchboard's, which knows the connections, and each device's, which has a
//! screen and a door.

use roomcall::handset::{DeviceTick, Effect, Input, Link, Request, Stage};
use roomcall::protocol::{Actor, Fact, Outcome, Query, Refused, Reply};
use roomcall::{EndingKind, protocol};

use super::log::Happened;
use super::ringing::Before;
use super::simulation::{Body, Packet, World};
use super::{Checked, pushes, requests, violation};
use crate::hosting;

impl World {
    /// Effects of the switchboard on their way to devices (O-02).
    pub fn notify(&mut self, effects: &[protocol::Effect]) {
        for effect in effects {
            for device in 0..self.devices.len() {
                if self.is_for(&effect.to, device) {
                    let of = &self.devices[device];
                    let (is_up, has_push) = (of.up, self.push && !of.state.is_signed_out);
                    if is_up {
                        self.observe_notice(device, effect);
                    }
                    if is_up || has_push {
                        self.send(device, !is_up, Body::Notice(effect.event.clone()));
                    }
                    if has_push && effect.wakes() {
                        let (event, sent_at) = (effect.event.clone(), self.now);
                        self.send(device, true, Body::Push { event, sent_at });
                    }
                }
            }
        }
    }

    pub(super) fn is_for(&self, to: &protocol::Audience, device: usize) -> bool {
        let of = &self.devices[device].plan;
        hosting::is_recipient(&self.switchboard, to, (&of.user, &of.device))
    }

    /// A packet arrives.
    pub fn arrive(&mut self, packet: Packet) -> Checked {
        let Packet { device, connection, life, late, body } = packet;
        let back = self.hears_back((device, connection, life), late);
        let of = &self.devices[device];
        let (alive, same_life) = (of.alive, of.life == life);
        match body {
            Body::Request { request_id, request } => {
                self.observe_request((device, connection, back), request_id, &request);
                self.serve(device, request_id, request, back)
            }
            Body::Notice(event) if alive => self.feed(device, vec![Input::Notice(event)]),
            Body::Push { event, sent_at } => self.wake(device, event, sent_at),
            Body::Reply(reply) if alive && same_life => {
                self.feed(device, vec![Input::Reply(reply)])
            }
            Body::Enter { room } if alive && same_life => self.go_in(device, room),
            Body::Fact { fact, session } => self.hear(device, fact, &session),
            Body::Notice(_) | Body::Reply(_) | Body::Enter { .. } => Ok(()),
        }
    }

    /// Whether a reply to what a device sent over a connection, in one of its lives, would reach it.
    fn hears_back(&self, (device, connection, life): (usize, u64, u64), late: bool) -> bool {
        let of = &self.devices[device];
        (of.connection == connection || late) && of.life == life && of.up
    }

    /// L-15: the host has too much to do, and the switchboard is not given a request. One without a number is not answered.
    pub(super) fn refuse(&mut self, packet: usize, retry_after: u64) {
        let at = packet % self.flight.len().max(1);
        let Some(Packet { device, connection, life, late, body: Body::Request { request_id, .. } }) =
            self.flight.get(at)
        else {
            return;
        };
        let (device, request_id) = (*device, *request_id);
        let back = self.hears_back((device, *connection, *life), *late);
        self.flight.remove(at);
        self.sometimes(true, "refused for load");
        if let Some(request_id) = request_id.filter(|_| back) {
            let answer = Err(Refused::too_many_requests(retry_after));
            let (attempts, next_request_id, repeated) = (Vec::new(), None, false);
            let reply = Reply { request_id, answer, attempts, next_request_id, repeated };
            self.send(device, false, Body::Reply(reply));
        }
    }

    /// A push arrives: the process is started if it is dead, without a connection.
    fn wake(&mut self, device: usize, event: protocol::Event, sent_at: u64) -> Checked {
        let was_dead = !self.devices[device].alive;
        if was_dead {
            self.restart(device)?;
        }
        let age = if self.is_timeless { 0 } else { self.now - sent_at };
        let (shown, is_ready) =
            (self.devices[device].screen.calls.len(), self.devices[device].handset.is_ready());
        self.feed(device, vec![Input::Push { event, age }])?;
        let shows = self.devices[device].screen.calls.len() > shown;
        self.sometimes(shows, "a push shows a call");
        self.sometimes(shows && was_dead, "a push wakes a dead app, and shows a call");
        self.sometimes(shows && !is_ready && !was_dead, "a push shows a call before the snapshot");
        self.sometimes(!shows, "a push shows nothing");
        Ok(())
    }

    /// The switchboard's host: a request is a line, numbered or not, and the reply to one with a number goes back.
    fn serve(
        &mut self,
        device: usize,
        request_id: Option<u64>,
        request: Request,
        back: bool,
    ) -> Checked {
        let of = &self.devices[device];
        let (user, life) = (of.plan.user.clone(), of.life);
        let by = Actor::Device { user, device: of.plan.device.clone() };
        let number = request_id.filter(|_| matches!(request, Request::Command(_)));
        let outcome = self.apply(request_id, hosting::input(by, request))?;
        if let Some(request_id) = number {
            let duplicate = !self.commands.insert((device, life, request_id));
            self.sometimes(duplicate, "a command came again");
            self.sometimes(
                duplicate && outcome.answer.as_ref().is_some_and(Result::is_ok),
                "and was done",
            );
        }
        self.race(device, &outcome);
        if let (Some(reply), true) = (outcome.reply(), back) {
            self.observe_reply(device, outcome.at, &reply);
            self.send(device, false, Body::Reply(reply));
        }
        self.notify(&outcome.effects);
        self.is_well_observed()
    }

    /// Whether two devices answered at once.
    fn race(&mut self, device: usize, outcome: &Outcome) {
        let ended = match &outcome.answer {
            Some(Err(refused)) => refused.ended.as_ref(),
            _ => None,
        };
        let Some(ended) = ended else { return };
        let of = &self.devices[device].plan;
        let other =
            ended.device.as_ref() != Some(&of.device) && ended.user.as_ref() == Some(&of.user);
        let won = ended.how;
        self.sometimes(
            other && won == EndingKind::Accepted,
            "two devices answer, one accepts first",
        );
        self.sometimes(won == EndingKind::Cancelled, "an answer comes after a cancel");
    }

    /// A device joins a room, if it can, and is not there already.
    fn go_in(&mut self, device: usize, room: String) -> Checked {
        if self.devices[device].room.as_ref() == Some(&room) {
            return Ok(());
        }
        self.enter(device, room.clone())?;
        if self.devices[device].room.as_ref() == Some(&room) {
            return Ok(());
        }
        self.sometimes(true, "a device joins a room that is not there");
        self.feed(device, vec![Input::JoinFailed])
    }

    /// A device goes through the door: a fact, and its handset hears of it.
    pub fn enter(&mut self, device: usize, room: String) -> Checked {
        if self.media_server.is_some() {
            return self.connect(device, room);
        }
        let of = &self.devices[device].plan;
        let (user, name) = (of.user.clone(), of.device.clone());
        self.fact(Fact::user_entered(room.clone(), user.clone(), name))?;
        if self.is_inside(&user, &room) { self.go(device, Some(room)) } else { Ok(()) }
    }

    /// A device is in another room, or in none.
    pub fn go(&mut self, device: usize, room: Option<String>) -> Checked {
        self.devices[device].go(room.clone());
        if self.devices[device].alive {
            self.feed(device, vec![Input::InRoom(room)])?;
        }
        Ok(())
    }

    /// Nobody of these users is in that room any more, on whatever device.
    pub fn out(&mut self, room: &str, user: Option<&str>) -> Checked {
        if self.media_server.is_some() {
            return self.end_sessions(room, user);
        }
        for device in 0..self.devices.len() {
            let of = &self.devices[device];
            if of.room.as_deref() == Some(room) && user.is_none_or(|user| of.plan.user == user) {
                self.go(device, None)?;
            }
        }
        Ok(())
    }

    /// A connection, a new one.
    pub fn heal(&mut self, device: usize) -> Checked {
        if !self.devices[device].alive {
            return Ok(());
        }
        if self.devices[device].state.is_signed_out {
            return self.feed(device, vec![Input::Link(Link::Up)]);
        }
        self.lose(device, false);
        self.devices[device].connection += 1;
        self.devices[device].up = true;
        self.feed(device, vec![Input::Link(Link::Up)])?;
        self.come_back(device)
    }

    /// No connection any more.
    pub fn cut(&mut self, device: usize, late: bool) -> Checked {
        if !self.devices[device].up {
            return Ok(());
        }
        let accepting = self.devices[device].screen.at(Stage::Accepting) > 0;
        self.sometimes(accepting, "cut while accepting");
        // What was due before it is still sent (D-02), and lost with the rest.
        self.feed(device, vec![Input::Link(Link::Down)])?;
        self.lose(device, late);
        self.devices[device].up = false;
        Ok(())
    }

    /// What is in flight on a connection that is gone is lost, or is late from now on. Who is on
    /// the way into a room needs no connection, nor does the media server.
    pub(super) fn lose(&mut self, device: usize, late: bool) {
        let connection = self.devices[device].connection;
        self.flight.retain_mut(|packet| {
            let on = packet.device == device && packet.connection == connection;
            if on && !matches!(packet.body, Body::Enter { .. } | Body::Fact { .. }) {
                let keeps = late || packet.late;
                packet.late |= late;
                return keeps;
            }
            true
        });
    }

    /// A handset hears of something, and its host does what it says.
    pub fn feed(&mut self, device: usize, mut inputs: Vec<Input>) -> Checked {
        let before = self.before_step(device, &inputs);
        let of = &self.devices[device];
        let log = of.log.before(of.handset.is_ready());
        let was_signed_out = self.devices[device].state.is_signed_out;
        for input in &inputs {
            self.before_delivery(device, input);
        }
        self.note(|| Happened::Inputs(device, inputs.clone()));
        let of = &mut self.devices[device];
        let at = of.clock(self.now);
        let came = pushes::Came::of(&inputs);
        let replies = requests::replies(&inputs);
        let effects = match (inputs.pop(), inputs.is_empty()) {
            (Some(input), true) => of.handset.apply(at, input),
            (last, _) => of.handset.apply_all(at, inputs.into_iter().chain(last)),
        };
        came.are_answered(&effects).map_err(|wrong| self.of(device, wrong))?;
        if was_signed_out {
            came.are_silent(&effects).map_err(|wrong| self.of(device, wrong))?;
        }
        for effect in effects {
            self.note(|| Happened::Effect(device, effect.clone()));
            self.before_progress(device, &effect);
            self.devices[device].screen.show(&effect).map_err(|wrong| self.of(device, wrong))?;
            let of = &mut self.devices[device];
            let (how, clock) = ((before.is_several, before.tapped.as_ref()), i128::from(of.seen));
            of.state.says(&effect, how, &of.settings, clock);
            self.carry_out(device, effect)?;
        }
        self.after_replies(device, replies);
        self.after_log(device, log, before.is_several)?;
        self.look_at_ringing(device, &before)?;
        self.look_at(device)
    }

    /// A handset is told the time, and is about to hear of something.
    fn before_step(&mut self, device: usize, inputs: &[Input]) -> Before {
        let of = &mut self.devices[device];
        let rings = of.screen.at(Stage::Ringing) > 0;
        let due = of.handset.next_deadline().map(DeviceTick::as_millis);
        let is_late = due.is_some_and(|due| due <= of.seen.max(of.clock(self.now).as_millis()));
        let is_set_back = of.tell_time(self.now);
        let before = Before::of(of, inputs, is_late);
        self.sometimes(is_set_back, "a clock is set back");
        self.sometimes(is_set_back && rings, "a clock is set back while a call rings");
        before
    }

    /// What an effect makes the host do besides showing it.
    fn carry_out(&mut self, device: usize, effect: Effect) -> Checked {
        self.judge(device, &effect)?;
        match effect {
            Effect::Send { request_id: Some(request_id), request } => {
                let of = &mut self.devices[device];
                if !of.up {
                    let message = format!("{} sends {request_id} without a connection", of.name());
                    return violation("nothing is sent without a connection", message);
                }
                if let Request::Query(Query::GetMyCalls { .. }) = &request {
                    of.asks(request_id);
                }
                if let Request::Command(command) = &request {
                    if !of.state.is_tapped(command) {
                        let message = format!("{} sends {command:?}", of.name());
                        return violation("a tap answers, and nothing else", message);
                    }
                }
                self.asks(device, request_id, &request)?;
                let request_id = Some(request_id);
                self.send(device, false, Body::Request { request_id, request });
            }
            Effect::Send { request_id: None, request: Request::Command(command) } => {
                self.says_that_it_rings(device, &command)?;
                let (request_id, request) = (None, Request::Command(command));
                self.send(device, false, Body::Request { request_id, request });
            }
            Effect::Join { room } => {
                let of = &self.devices[device].plan;
                self.truth.join(&of.user, &of.device, &room)?;
                self.send(device, false, Body::Enter { room });
            }
            Effect::Answered { .. } => self.tells_answer(device, &effect)?,
            Effect::Logged { .. } | Effect::Seen { .. } => {
                self.tells_of_the_log(device, &effect)?;
            }
            Effect::Show { .. }
            | Effect::Update { .. }
            | Effect::Dismiss { .. }
            | Effect::Report { .. }
            | Effect::Learned { .. }
            | Effect::Progress { .. }
            | Effect::Listed { .. }
            | Effect::Unlisted { .. }
            | Effect::NotSent { .. } => {}
            _ => panic!("a variant that this test does not know"),
        }
        Ok(())
    }

    /// A violation with the name of the device.
    pub fn of(&self, device: usize, wrong: super::Violation) -> super::Violation {
        let message = format!("{}: {}", self.devices[device].name(), wrong.message);
        super::Violation { message, ..wrong }
    }
}
