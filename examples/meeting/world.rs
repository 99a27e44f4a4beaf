//! The world: one switchboard, nine devices, the network between them, and time.

mod network;

use std::collections::BTreeMap;

use roomcall::Rule;
use roomcall::handset::{Effect, Input, Link, Request, Stage, Tap};
use roomcall::protocol::{Actor, Fact, Input as NamedInput, Outcome, Record};

use crate::board::Board;
use crate::device::Device;
use crate::rng::Rng;
use crate::roster::{BOARD, ROSTER, place};
use crate::timeline::{Timeline, Tone};
use crate::words;

/// Each device asks what rings at least this often.
pub(crate) const REFRESH: u64 = 12_000;

pub(crate) enum Happening {
    /// A message arrives at the switchboard.
    ToBoard { from: usize, request_id: u64, request: Request },
    /// A message arrives at a device.
    ToDevice { to: usize, input: Input },
    /// Something that the host states, and the device that is in another room by it.
    Fact { fact: Fact, moves: Option<(usize, Option<String>)> },
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
}

pub(crate) struct World {
    pub(crate) now: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    happenings: u64,
    pub(crate) devices: Vec<Device>,
    pub(crate) board: Board,
    pub(crate) rng: Rng,
    pub(crate) timeline: Timeline,
    pub(crate) counts: Counts,
    /// Whether the network loses and doubles nothing any more.
    pub(crate) is_healed: bool,
    /// When the last message to or from a device arrives.
    arrivals: BTreeMap<(usize, bool), u64>,
    /// Which devices went in for which attempt.
    pub(crate) joins: Vec<(usize, u64)>,
}

impl World {
    pub(crate) fn new(seed: u64, timeline: Timeline) -> Self {
        let mut rng = Rng::new(seed);
        let mut device = |(user, name): (&'static str, &'static str)| {
            Device::new(user, name, rng.between(0, 1_000_000), REFRESH)
        };
        let devices = ROSTER.into_iter().map(&mut device).collect();
        Self {
            now: 0,
            queue: BTreeMap::new(),
            happenings: 0,
            devices,
            board: Board::new(),
            rng,
            timeline,
            counts: Counts::default(),
            is_healed: false,
            arrivals: BTreeMap::new(),
            joins: Vec::new(),
        }
    }

    pub(crate) fn after(&mut self, wait: u64, happening: Happening) {
        self.happenings += 1;
        self.queue.insert((self.now + wait, self.happenings), happening);
    }

    /// Whether anything of a kind is still to come.
    pub(crate) fn is_coming(&self, kind: impl Fn(&Happening) -> bool) -> bool {
        self.queue.values().any(kind)
    }

    /// The next thing that happens; a step of the script is the script's to do.
    pub(crate) fn advance(&mut self) -> Result<Option<usize>, String> {
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at).unwrap_or(u64::MAX);
        let board = self.board.deadline().unwrap_or(u64::MAX);
        let devices = self.devices.iter().enumerate();
        let device = devices.filter_map(|(at, device)| Some((device.deadline()?, at))).min();
        let (due, at) = device.unwrap_or((u64::MAX, 0));
        if board <= queued && board <= due {
            self.now = self.now.max(board);
            self.turn(None, NamedInput::Tick)?;
        } else if due < queued {
            self.now = self.now.max(due);
            self.device(at, Input::Tick);
        } else if let Some(((when, _), happening)) = self.queue.pop_first() {
            self.now = self.now.max(when);
            return self.happen(happening);
        }
        Ok(None)
    }

    fn happen(&mut self, happening: Happening) -> Result<Option<usize>, String> {
        match happening {
            Happening::ToBoard { from, request_id, request } => {
                if self.board.is_up {
                    self.receive(from, request_id, request)?;
                } else {
                    self.counts.lost += 1;
                }
            }
            Happening::ToDevice { to, input } => {
                if self.devices[to].is_connected() {
                    self.device(to, input);
                } else {
                    self.counts.lost += 1;
                }
            }
            Happening::Fact { fact, moves } => self.state(fact, moves)?,
            Happening::Connect { at, is_said } => self.connect(at, is_said),
            Happening::Restart(at) => {
                self.devices[at].restart(self.now);
                self.say(at, "restarts", Tone::Plain, &[Rule::D25]);
                self.counts.restarts += 1;
                let wait = self.rng.between(200, 600);
                self.after(wait, Happening::Connect { at, is_said: true });
            }
            Happening::Restore => {
                let how = self.board.restore()?;
                self.timeline.note(self.now, &how, &[Rule::S01, Rule::X08]);
                self.counts.restores += 1;
                for at in 0..self.devices.len() {
                    let wait = self.rng.between(100, 900);
                    self.after(wait, Happening::Connect { at, is_said: false });
                }
            }
            Happening::Step(step) => return Ok(Some(step)),
        }
        Ok(None)
    }

    pub(crate) fn say(&mut self, column: usize, text: &str, tone: Tone, rules: &[Rule]) {
        self.timeline.say(self.now, column, text, tone, rules);
    }

    /// The host states a fact; while there is no switchboard it waits.
    fn state(&mut self, fact: Fact, moves: Option<(usize, Option<String>)>) -> Result<(), String> {
        if !self.board.is_up {
            self.after(100, Happening::Fact { fact, moves });
            return Ok(());
        }
        self.turn(None, NamedInput::Fact(fact))?;
        if let Some((at, room)) = moves.filter(|(at, _)| self.devices[*at].is_alive) {
            self.device(at, Input::InRoom(room));
        }
        Ok(())
    }

    fn receive(&mut self, from: usize, request_id: u64, request: Request) -> Result<(), String> {
        let Device { user, name, .. } = self.devices[from];
        let by = Actor::Device { user: user.into(), device: name.into() };
        let input = match request {
            Request::Command(command) => NamedInput::Ask { by, command },
            Request::Query(query) => NamedInput::Query { by, query },
        };
        self.turn(Some((from, request_id)), input)
    }

    /// One input to the switchboard, and what it says to whom.
    fn turn(&mut self, by: Option<(usize, u64)>, input: NamedInput) -> Result<(), String> {
        let line = Record { at: self.now, request_id: by.map(|(_, request_id)| request_id), input };
        let turn: Outcome = self.board.apply(&line)?;
        let rules = words::rules(&line.input, &turn);
        for (text, tone) in words::turn(&self.board, &line.input, &turn) {
            self.say(BOARD, &text, tone, &rules);
        }
        if let (Some((from, _)), Some(reply)) = (by, turn.reply()) {
            self.send_to_device(from, Input::Reply(reply));
        }
        for effect in &turn.effects {
            for to in self.board.audience(&effect.to) {
                self.send_to_device(to, Input::Notice(effect.event.clone()));
            }
        }
        Ok(())
    }

    /// One input to a device, and what it does.
    pub(crate) fn device(&mut self, at: usize, input: Input) {
        let effects = self.devices[at].apply(self.now, input);
        for effect in effects {
            let said = words::effect(&self.devices[at], &effect);
            self.devices[at].draw(&effect);
            if let Some((text, tone)) = said {
                self.say(at, &text, tone, &[words::rule_of(&effect, false)]);
            }
            match effect {
                Effect::Join { room } => self.join(at, room),
                Effect::Send { request_id, request } => self.send_to_board(at, request_id, request),
                Effect::Dismiss { .. }
                | Effect::Update { .. }
                | Effect::Show { .. }
                | Effect::Report { .. }
                | Effect::Learned { .. }
                | Effect::Progress { .. }
                | Effect::Listed { .. }
                | Effect::Unlisted { .. }
                | Effect::Answered { .. }
                | Effect::NotSent { .. } => {}
                _ => {}
            }
        }
        self.look(at);
    }

    /// The accept stands: the person goes in, which takes a moment, and then is there.
    fn join(&mut self, at: usize, room: String) {
        let Device { user, name, .. } = self.devices[at];
        let mine = format!("{user}'s {name}");
        let mut calls = self.board.calls.iter().rev();
        let accepted = calls.find(|(_, call)| {
            let ended = call.ended.as_ref();
            let is_mine = ended
                .is_some_and(|(how, by)| *how == roomcall::EndingKind::Accepted && *by == mine);
            call.room == room && call.callee == user && is_mine
        });
        self.joins.push((at, accepted.map_or(0, |(attempt, _)| *attempt)));
        self.enter(at, room);
    }

    pub(crate) fn enter(&mut self, at: usize, room: String) {
        let Device { user, name, .. } = self.devices[at];
        let (user, device) = (user.to_owned(), name.to_owned());
        let fact = Fact::UserEntered { room: room.clone(), user, device };
        let wait = self.rng.between(50, 150);
        self.after(wait, Happening::Fact { fact, moves: Some((at, Some(room))) });
    }

    /// A user leaves a room, on whichever device it is.
    pub(crate) fn leave(&mut self, at: usize, room: &str) {
        let user = self.devices[at].user;
        if !self.board.is_inside(room, user) {
            return;
        }
        let of_user = |device: &Device| device.user == user && device.handset.room() == Some(room);
        let moves = self.devices.iter().position(of_user);
        if let Some(at) = moves {
            self.say(at, "leaves", Tone::Plain, &[]);
        }
        let fact = Fact::UserLeft { room: room.to_owned(), user: user.to_owned() };
        self.after(20, Happening::Fact { fact, moves: moves.map(|at| (at, None)) });
    }

    pub(crate) fn tap(&mut self, at: usize, text: &str, rule: Rule, tap: Tap) {
        self.say(at, text, Tone::Plain, &[rule]);
        self.device(at, Input::Tap(tap));
    }

    /// What a column shows while nothing happens in it.
    fn look(&mut self, at: usize) {
        let device = &self.devices[at];
        let rings = device.screen.values().any(|(_, stage)| *stage == Stage::Ringing);
        let mark = match (device.is_connected(), rings, device.screen.is_empty()) {
            (false, _, _) => '~',
            (true, true, _) => '┃',
            (true, false, false) => '╎',
            (true, false, true) => ' ',
        };
        self.timeline.idle(at, mark);
    }

    pub(crate) fn cut(&mut self, at: usize, millis: u64) {
        self.say(at, "(cut off)", Tone::Dim, &[]);
        self.counts.cuts += 1;
        self.disconnect(at);
        self.after(millis, Happening::Connect { at, is_said: true });
    }

    fn disconnect(&mut self, at: usize) {
        self.devices[at].cuts += 1;
        if self.devices[at].is_alive {
            self.device(at, Input::Link(Link::Down));
        }
    }

    pub(crate) fn connect(&mut self, at: usize, is_said: bool) {
        let device = &mut self.devices[at];
        device.cuts = device.cuts.saturating_sub(1);
        if device.is_connected() {
            if is_said {
                self.say(at, "(back)", Tone::Dim, &[Rule::D16]);
            }
            self.device(at, Input::Link(Link::Up));
        }
    }

    /// The process of a device dies; its state of after the last step is saved.
    pub(crate) fn kill(&mut self, at: usize, millis: u64) {
        self.say(at, "† killed", Tone::No, &[]);
        self.devices[at].is_alive = false;
        self.devices[at].cuts += 1;
        self.look(at);
        self.after(millis, Happening::Restart(at));
    }

    /// The switchboard dies, and with it every connection.
    pub(crate) fn crash(&mut self, millis: u64) {
        self.timeline.note(
            self.now,
            "† the switchboard is killed, and every connection with it",
            &[],
        );
        self.board.is_up = false;
        for at in 0..self.devices.len() {
            self.disconnect(at);
        }
        self.after(millis, Happening::Restore);
    }

    /// Everybody's first connection, without a word.
    pub(crate) fn start(&mut self) {
        for at in 0..self.devices.len() {
            self.device(at, Input::Link(Link::Up));
        }
    }

    /// Something that happens at once, on whichever device.
    pub(crate) fn now(&mut self, fact: Fact) -> Result<(), String> {
        let moves = match &fact {
            Fact::UserEntered { room, user, device } => {
                place(user, device).map(|at| (at, Some(room.clone())))
            }
            Fact::RoomOpened { .. }
            | Fact::RoomDissolved { .. }
            | Fact::UserLeft { .. }
            | Fact::RoleSet { .. } => None,
        };
        self.state(fact, moves)
    }
}
