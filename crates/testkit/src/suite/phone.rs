//! What devices hear and do in a random world.

use roomcall::Rule;
use roomcall::handset::{Effect, Input, Link};
use roomcall::protocol::{Body, Fact, Frame};

use super::action::DEVICES;
use super::conduct::{Conduct, ringing};
use super::device::Device;
use super::pushes::Step;
use super::random::World;
use super::reached;
use super::screen::Screen;
use super::stage::{Line, Played, expect};
use super::transport::Transport;

/// A device, its connection, and what a person sees.
pub(super) struct Phone<D> {
    pub(super) device: D,
    pub(super) conduct: Conduct,
    pub(super) line: Option<Line>,
    /// A connection from before that has not ended.
    pub(super) old: Option<Line>,
    pub(super) sent: Option<Frame>,
    /// The rooms of the calls on the screen.
    pub(super) screen: Screen,
    pub(super) room: Option<String>,
    /// Whether the connection ends as soon as something is sent on it.
    pub(super) is_cut: bool,
    /// Whether that is lost on the way.
    pub(super) is_lost: bool,
    /// Whether another application has it.
    pub(super) is_occupied: bool,
    /// Whether its user was erased: it connects no more.
    pub(super) is_erased: bool,
    /// While it is suspended, what it will apply when it goes on.
    pub(super) suspended: Option<Vec<Input>>,
}

impl<D> Phone<D> {
    /// One that is installed on a device of the world, and has no connection.
    pub(super) fn new((user, name): (&'static str, &'static str), device: D) -> Self {
        Self {
            device,
            conduct: Conduct::new(user, name),
            line: None,
            old: None,
            sent: None,
            screen: Screen::default(),
            room: None,
            is_cut: false,
            is_lost: false,
            is_occupied: false,
            is_erased: false,
            suspended: None,
        }
    }
}

impl<T: Transport, D: Device> World<'_, T, D> {
    /// A device hears what was read on its connection. Whether anything was.
    pub(super) async fn hear(&mut self, device: usize) -> Played<bool> {
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
    pub(super) async fn feed(&mut self, device: usize, inputs: Vec<Input>) -> Played {
        if let Some(waiting) = &mut self.phones[device].suspended {
            waiting.extend(inputs);
            return Ok(());
        }
        let mut inputs = Some(inputs);
        while let Some(some) = inputs.take().filter(|inputs| !inputs.is_empty()) {
            for effect in self.apply(device, &some).await? {
                if let Some(room) = self.carry_out(device, effect).await? {
                    inputs = Some(vec![Input::InRoom(Some(room))]);
                }
            }
            let phone = &self.phones[device];
            phone.conduct.draws(&phone.screen)?;
        }
        Ok(())
    }

    /// A handset applies inputs, and stores its state. What it asks for is yet to be done.
    pub(super) async fn apply(&mut self, device: usize, inputs: &[Input]) -> Played<Vec<Effect>> {
        let now = self.stage.now();
        let phone = &mut self.phones[device];
        let effects = phone.device.apply(now, inputs.to_vec()).await?;
        let step = Step {
            user: phone.conduct.user(),
            name: phone.conduct.name(),
            now,
            inputs,
            effects: &effects,
            screen: &phone.screen,
            room: phone.room.as_deref(),
        };
        reached::see(&step, &phone.conduct, &mut self.reached);
        phone.conduct.applied(&step)?;
        Ok(effects)
    }

    /// Does what a handset asks for. A room, if it has entered one by that.
    pub(super) async fn carry_out(
        &mut self,
        device: usize,
        effect: Effect,
    ) -> Played<Option<String>> {
        let phone = &mut self.phones[device];
        phone.screen.draw(&phone.conduct.name(), &effect)?;
        if let Some(attempt) = ringing(&effect) {
            let is_shown = phone.screen.room(attempt).is_some();
            let what = format!(
                "{} says that attempt {attempt} rings, which is not on its screen",
                phone.conduct.name()
            );
            expect(is_shown, Rule::D37, what)?;
        }
        match effect {
            Effect::Send { request_id, request } => {
                let frame = Frame { request_id, request };
                phone.sent = Some(frame.clone());
                match phone.line.filter(|_| !std::mem::take(&mut phone.is_lost)) {
                    Some(line) if std::mem::take(&mut self.kills_next) => {
                        self.is_killed = true;
                        self.stage.send_and_restart(line, frame).await?;
                    }
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
}

/// What a message is to a handset.
fn input(body: Body) -> Option<Input> {
    match body {
        Body::Effect(effect) => Some(Input::Notice(effect.event)),
        Body::Reply(reply) => Some(Input::Reply(reply)),
        _ => None,
    }
}
