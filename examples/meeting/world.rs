//! The meeting's world: the simulated one of the test kit, on a network that takes its time, and what people see of it.

mod network;
mod people;

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use roomcall::handset::{Effect, Input, Settings, Stage};
use roomcall::protocol::{Actor, Fact, Input as NamedInput, Outcome, Record};
use roomcall::{ActiveCalls, EndingKind, Limits, Policy, Rule};
use roomcall_testkit::dice::Dice;
use roomcall_testkit::hosting;
use roomcall_testkit::world::log::Happened;
use roomcall_testkit::world::screen::Screen;
use roomcall_testkit::world::truth::Attempt;
use roomcall_testkit::world::{self, Body, DevicePlan, Packet, Plan, Violation};

use crate::roster::{BOARD, ROSTER};
use crate::timeline::{Timeline, Tone};
use crate::words;

/// Each device asks what rings at least this often.
pub(crate) const REFRESH: u64 = 12_000;

pub(crate) enum Happening {
    /// A packet arrives.
    Arrives(Box<Packet>),
    /// A device goes into a room.
    Enters(usize, String),
    /// A user leaves a room, on whatever device.
    Leaves(&'static str, String),
    /// There is one reason less for a device to have no connection; said, or one of many.
    Connect { at: usize, is_said: bool },
    /// A device that was killed is started again.
    Restart(usize),
    /// The switchboard that was killed is started again.
    Restore,
    /// A person does what the script says at this place.
    Step(usize),
}

#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) sent: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) late: u64,
    pub(crate) repeated: u64,
    pub(crate) cuts: u64,
    pub(crate) restarts: u64,
    pub(crate) restores: u64,
    /// Lines of journal.
    pub(crate) lines: u64,
}

pub(crate) struct World {
    pub(crate) world: world::World,
    queue: BTreeMap<(u64, u64), Happening>,
    happenings: u64,
    /// How many reasons each device has for having no connection.
    cuts: [u32; ROSTER.len()],
    /// What each screen showed before what is being told.
    shown: [Screen; ROSTER.len()],
    sent: BTreeSet<(usize, u64)>,
    is_board_up: bool,
    pub(crate) dice: Dice,
    pub(crate) timeline: Timeline,
    pub(crate) counts: Counts,
    /// Whether the network loses and doubles nothing any more.
    pub(crate) is_healed: bool,
    /// When the last message to or from a device arrives.
    arrivals: BTreeMap<(usize, bool), u64>,
    /// Who ended each call.
    pub(crate) ended_by: BTreeMap<u64, String>,
}

pub(crate) type Checked<T = ()> = Result<T, Violation>;

impl World {
    pub(crate) fn new(seed: u64, timeline: Timeline) -> Self {
        let mut dice = Dice::new(seed);
        let policy = Policy { active_calls: ActiveCalls::PerRoom, ..Policy::DEFAULT };
        let mut plan = Plan::new(policy, Limits::DEFAULT);
        plan.push = true;
        let settings = Settings { refresh: Some(REFRESH), ..Settings::DEFAULT };
        plan.devices.extend(ROSTER.map(|(user, device)| {
            let (user, device) = (user.to_owned(), device.to_owned());
            DevicePlan { user, device, rate: 1_000, clock: 0, settings }
        }));
        let mut world = world::World::logged(&plan);
        for device in &mut world.devices {
            device.set_clock(dice.between(0, 1_000_000).try_into().unwrap_or_default());
        }
        Self {
            world,
            queue: BTreeMap::new(),
            happenings: 0,
            cuts: Default::default(),
            shown: Default::default(),
            sent: BTreeSet::new(),
            is_board_up: true,
            dice,
            timeline,
            counts: Counts::default(),
            is_healed: false,
            arrivals: BTreeMap::new(),
            ended_by: BTreeMap::new(),
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.world.now
    }

    pub(crate) fn calls(&self) -> &BTreeMap<u64, Attempt> {
        &self.world.truth.attempts
    }

    pub(crate) fn last_attempt(&self) -> u64 {
        self.calls().keys().next_back().copied().unwrap_or(0)
    }

    /// A call into a room that the person could answer, newer than `floor`.
    pub(crate) fn answerable(&self, at: usize, room: &str, floor: u64) -> Option<u64> {
        let open = |stage: &Stage| matches!(stage, Stage::Ringing | Stage::Waiting);
        let mut calls = self.world.devices[at].screen.calls.iter();
        let found = calls
            .find(|(attempt, (call, stage))| **attempt > floor && call.room == room && open(stage));
        found.map(|(attempt, _)| *attempt)
    }

    pub(crate) fn after(&mut self, wait: u64, happening: Happening) {
        self.happenings += 1;
        self.queue.insert((self.now() + wait, self.happenings), happening);
    }

    /// Whether anything of a kind is still to come.
    pub(crate) fn is_coming(&self, kind: impl Fn(&Happening) -> bool) -> bool {
        self.queue.values().any(kind)
    }

    /// The next thing that happens; a step of the script is the script's to do.
    pub(crate) fn advance(&mut self) -> Checked<Option<usize>> {
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at).unwrap_or(u64::MAX);
        let board = self.world.switchboard.next_deadline().filter(|_| self.is_board_up);
        let board = board.map_or(u64::MAX, roomcall::Tick::as_millis);
        let devices = self.world.devices.iter().enumerate();
        let device = devices.filter_map(|(at, device)| Some((device.wakes(self.now())?, at))).min();
        let (due, at) = device.unwrap_or((u64::MAX, 0));
        let mut step = None;
        if board <= queued && board <= due {
            self.world.now = self.now().max(board);
            self.world.apply_unasked(NamedInput::Tick)?;
        } else if due < queued {
            self.world.now = self.now().max(due);
            self.world.feed(at, vec![Input::Tick])?;
        } else if let Some(((when, _), happening)) = self.queue.pop_first() {
            self.world.now = self.now().max(when);
            step = self.happen(happening)?;
        }
        self.follow();
        Ok(step)
    }

    fn happen(&mut self, happening: Happening) -> Checked<Option<usize>> {
        match happening {
            Happening::Arrives(packet) => self.arrive(*packet)?,
            Happening::Enters(_, _) | Happening::Leaves(_, _) if !self.is_board_up => {
                self.after(100, happening);
            }
            Happening::Enters(at, room) => self.world.enter(at, room)?,
            Happening::Leaves(user, room) => {
                let fact = Fact::user_left(room.clone(), user.to_owned());
                self.world.fact(fact)?;
                self.world.out(&room, Some(user))?;
            }
            Happening::Connect { at, is_said } => self.connect(at, is_said)?,
            // A push has woken it.
            Happening::Restart(at) if self.world.devices[at].alive => {}
            Happening::Restart(at) => {
                self.world.restart(at)?;
                self.say(at, "restarts", Tone::Plain, &[Rule::D25]);
                self.counts.restarts += 1;
                let wait = self.dice.between(200, 600);
                self.after(wait, Happening::Connect { at, is_said: true });
            }
            Happening::Restore => self.restore()?,
            Happening::Step(step) => return Ok(Some(step)),
        }
        Ok(None)
    }

    /// What comes while there is no switchboard is lost, and who goes into a room waits for it.
    fn arrive(&mut self, packet: Packet) -> Checked {
        let at = packet.device;
        match packet.body {
            Body::Enter { .. } if !self.is_board_up => {
                self.after(100, Happening::Arrives(Box::new(packet)));
                Ok(())
            }
            Body::Enter { room } => self.world.enter(at, room),
            Body::Request { request_id, request } if self.is_board_up => {
                let (user, device) = ROSTER[at];
                let by = Actor::Device { user: user.to_owned(), device: device.to_owned() };
                let outcome = self.world.apply(request_id, hosting::input(by, request))?;
                if let Some(reply) = outcome.reply() {
                    self.world.send(at, false, Body::Reply(reply));
                }
                self.world.notify(&outcome.effects);
                Ok(())
            }
            Body::Push { .. } => self.wake(packet),
            Body::Fact { .. } => self.world.arrive(packet),
            Body::Notice(_) | Body::Reply(_) if self.world.devices[at].up => {
                self.world.arrive(packet)
            }
            Body::Request { .. } | Body::Notice(_) | Body::Reply(_) => {
                self.counts.lost += 1;
                Ok(())
            }
        }
    }

    /// A push arrives, and starts the process if it is dead; that connects as soon as it can.
    fn wake(&mut self, packet: Packet) -> Checked {
        let at = packet.device;
        if !self.world.devices[at].alive {
            self.say(at, "woken by a push", Tone::Plain, &[Rule::D29]);
            self.counts.restarts += 1;
            let wait = self.dice.between(800, 1_600);
            self.after(wait, Happening::Connect { at, is_said: true });
        }
        self.world.arrive(packet)
    }

    fn restore(&mut self) -> Checked {
        let (bytes, lines) = self.world.saved();
        self.world.restore()?;
        let hash = self.world.switchboard.state_hash();
        let text = format!(
            "restored from {bytes} bytes of snapshot and {lines} lines of journal: \
             state {hash:016x}, as before"
        );
        self.timeline.note(self.world.now, &text, &[Rule::S01, Rule::X08]);
        self.is_board_up = true;
        self.counts.restores += 1;
        for at in 0..ROSTER.len() {
            let wait = self.dice.between(100, 900);
            self.after(wait, Happening::Connect { at, is_said: false });
        }
        Ok(())
    }

    /// Tells what happened, and puts on its way what was sent.
    pub(crate) fn follow(&mut self) {
        self.world.flight.clear();
        let entries = self.world.log.as_mut().map(|log| mem::take(&mut log.entries));
        for (_, happened) in entries.unwrap_or_default() {
            match happened {
                Happened::Outcome(record, outcome) => self.decided(&record, &outcome),
                Happened::Inputs(at, inputs) => {
                    if inputs.iter().any(|input| matches!(input, Input::InRoom(_))) {
                        self.shown[at].list.clear();
                    }
                }
                Happened::Effect(at, effect) => self.does(at, &effect),
                Happened::Sent(packet) => self.sent(packet),
                Happened::Action(_) | Happened::Note(_) => {}
            }
        }
        for at in 0..ROSTER.len() {
            self.shown[at] = self.world.devices[at].screen.clone();
            self.look(at);
        }
    }

    /// What the switchboard decided.
    fn decided(&mut self, record: &Record, outcome: &Outcome) {
        self.counts.lines += 1;
        for effect in &outcome.effects {
            if let Some(how) = hosting::ending(effect.because) {
                let by = ended_by(how, &record.input);
                self.ended_by.entry(effect.event.attempt()).or_insert(by);
            }
        }
        let rules = words::rules(&record.input, outcome);
        for (text, tone) in words::outcome(self, &record.input, outcome) {
            self.say(BOARD, &text, tone, &rules);
        }
    }

    /// What a handset asks its host for.
    fn does(&mut self, at: usize, effect: &Effect) {
        let said = words::effect(ROSTER[at].0, &self.shown[at], effect);
        // Whether it may be shown is the world's to judge.
        let _ = self.shown[at].show(effect);
        if let Some((text, tone)) = said {
            self.say(at, &text, tone, &[words::rule_of(effect, false)]);
        }
    }

    pub(crate) fn say(&mut self, column: usize, text: &str, tone: Tone, rules: &[Rule]) {
        self.timeline.say(self.world.now, column, text, tone, rules);
    }

    /// What a column shows while nothing happens in it.
    fn look(&mut self, at: usize) {
        let device = &self.world.devices[at];
        let rings = device.screen.at(Stage::Ringing) > 0;
        let mark = match (device.up, rings, device.screen.calls.is_empty()) {
            (false, _, _) => '~',
            (true, true, _) => '┃',
            (true, false, false) => '╎',
            (true, false, true) => ' ',
        };
        self.timeline.idle(at, mark);
    }

    pub(crate) fn cut(&mut self, at: usize, millis: u64) -> Checked {
        self.say(at, "(cut off)", Tone::Dim, &[]);
        self.counts.cuts += 1;
        self.after(millis, Happening::Connect { at, is_said: true });
        self.disconnect(at)
    }

    fn disconnect(&mut self, at: usize) -> Checked {
        self.cuts[at] += 1;
        self.world.cut(at, false)
    }

    fn connect(&mut self, at: usize, is_said: bool) -> Checked {
        self.cuts[at] = self.cuts[at].saturating_sub(1);
        if self.cuts[at] > 0 || !self.world.devices[at].alive {
            return Ok(());
        }
        if is_said {
            self.say(at, "(back)", Tone::Dim, &[Rule::D16]);
        }
        self.world.heal(at)
    }

    /// The process of a device dies; its state of after the last step is saved.
    pub(crate) fn kill(&mut self, at: usize, millis: u64) {
        self.say(at, "† killed", Tone::No, &[]);
        self.cuts[at] += 1;
        self.world.devices[at].kill();
        self.after(millis, Happening::Restart(at));
    }

    /// The switchboard dies, and with it every connection.
    pub(crate) fn crash(&mut self, millis: u64) -> Checked {
        let text = "† the switchboard is killed, and every connection with it";
        self.timeline.note(self.world.now, text, &[]);
        self.is_board_up = false;
        for at in 0..ROSTER.len() {
            self.disconnect(at)?;
        }
        self.after(millis, Happening::Restore);
        Ok(())
    }
}

/// Who ended a call by an input.
fn ended_by(how: EndingKind, input: &NamedInput) -> String {
    match (how, input) {
        (EndingKind::TimedOut, _) => "the clock".to_owned(),
        (_, NamedInput::Ask { by, .. }) if how != EndingKind::InOtherRoom => words::actor(by),
        (EndingKind::Entered, NamedInput::Fact(Fact::UserEntered { user, device, .. })) => {
            let device = device.as_deref().unwrap_or("unknown device");
            format!("{user}'s {device}")
        }
        _ => "the switchboard".to_owned(),
    }
}
