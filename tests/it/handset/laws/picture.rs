//! A caller's picture of its calls and of the room's list (D-21 to D-23), however badly messages
//! travel.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use roomcall::handset::{
    DeviceTick, Effect, Handset, Input, Link, Progress, Request, Settings, Tap,
};
use roomcall::protocol::{Actor, Audience, Command, Fact, Input as NamedInput, Outcome, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{CallStatus, Limits};

use roomcall_testkit::repository::{files, read};
use roomcall_testkit::strategies::handset::handset_settings;
use roomcall_testkit::strategies::journal::{Journal, journal, settings};

const ME: &str = "ana";
const DEVICE: &str = "phone";
pub(super) const PAGE: u32 = 2;

/// Bytes that decide how messages travel; none left, and each arrives at once.
struct Luck(VecDeque<u8>);

impl Luck {
    fn throw(&mut self) -> u8 {
        self.0.pop_front().unwrap_or_default()
    }
}

pub(super) struct World {
    pub(super) switchboard: Switchboard,
    pub(super) handset: Handset,
    pub(super) at: u64,
    luck: Luck,
    to_board: Vec<(Option<u64>, Request)>,
    to_device: Vec<Input>,
    /// What arrives again when all is said.
    late: Vec<Input>,
    /// The picture, from effects alone: the list, by callee, and how calls stand.
    pub(super) list: BTreeMap<String, (String, u64, CallStatus)>,
    pub(super) progress: BTreeMap<(String, String), (Option<u64>, Progress)>,
    /// Whom calls that were asking and then not sent were to.
    pub(super) unsent: BTreeSet<(String, String)>,
    /// Whom calls that were asking and then given up were to (D-20).
    pub(super) abandoned: BTreeSet<(String, String)>,
    /// Who was erased (F-20).
    pub(super) erased: BTreeSet<String>,
}

pub(super) fn me() -> Actor {
    Actor::Device { user: ME.to_owned(), device: DEVICE.to_owned() }
}

impl World {
    fn new(journal: &Journal, settings: Settings, luck: Vec<u8>) -> Self {
        // Records and endings may be few; the rest is not met.
        let limits = Limits {
            never: journal.limits.never,
            kept_per_room: journal.limits.kept_per_room,
            ended_per_room: journal.limits.ended_per_room,
            // So that there are more endings than go into one snapshot.
            page_size: PAGE,
            ..Limits::DEFAULT
        };
        Self {
            switchboard: Switchboard::new(limits, journal.policy),
            handset: Handset::new(ME, DEVICE, settings),
            at: 0,
            luck: Luck(luck.into()),
            to_board: Vec::new(),
            to_device: Vec::new(),
            late: Vec::new(),
            list: BTreeMap::new(),
            progress: BTreeMap::new(),
            unsent: BTreeSet::new(),
            abandoned: BTreeSet::new(),
            erased: BTreeSet::new(),
        }
    }

    /// Something reaches the switchboard.
    fn board(&mut self, request_id: Option<u64>, input: NamedInput) {
        if let NamedInput::Fact(Fact::UserErased { user }) = &input {
            self.erased.insert(user.clone());
        }
        let is_mine = matches!(&input, NamedInput::Ask { by, .. } | NamedInput::Query { by, .. } if *by == me());
        let turn: Outcome =
            self.switchboard.apply_record(&Record { at: self.at, request_id, input });
        for effect in &turn.effects {
            let is_told = match &effect.to {
                Audience::User(user) => user == ME,
                Audience::Device { user, device } => user == ME && device == DEVICE,
                Audience::OtherDevices { user, than } => user == ME && than != DEVICE,
                Audience::Room(room) => self.is_inside(room),
            };
            if is_told {
                self.say(Input::Notice(effect.event.clone()));
            }
        }
        if let Some(reply) = turn.reply().filter(|_| is_mine) {
            self.say(Input::Reply(reply));
        }
    }

    fn say(&mut self, input: Input) {
        if self.luck.throw() % 4 == 3 {
            self.late.push(input.clone());
        }
        self.to_device.push(input);
    }

    fn is_inside(&self, room: &str) -> bool {
        let board = &self.switchboard;
        let both = board.lookup_room(room).zip(board.lookup_user(ME));
        both.is_some_and(|(room, user)| board.is_inside(room, user))
    }

    /// Something reaches the handset.
    fn device(&mut self, input: Input) {
        if let Input::InRoom(room) = &input {
            if self.handset.room() != room.as_deref() {
                self.list.clear();
            }
        }
        for effect in self.handset.apply(DeviceTick::from_millis(self.at), input) {
            match effect {
                Effect::Send { request_id, request } => self.to_board.push((request_id, request)),
                Effect::Listed { callee, caller, attempt, status } => {
                    self.list.insert(callee, (caller, attempt, status));
                }
                Effect::Unlisted { callee, attempt } => {
                    let was = self.list.remove(&callee);
                    assert_eq!(was.map(|(_, attempt, _)| attempt), Some(attempt));
                }
                Effect::Progress { room, callee, attempt, progress } => {
                    let (key, is_unknown) = ((room, callee), progress == Progress::Unknown);
                    let former = self.progress.insert(key.clone(), (attempt, progress));
                    if is_unknown && former.is_none_or(|(_, was)| was == Progress::Asking) {
                        self.abandoned.insert(key);
                    } else {
                        self.abandoned.remove(&key);
                    }
                }
                // What stands then is not told.
                Effect::NotSent {
                    command: Command::CallUserToRoom { room, users, .. }, ..
                } => {
                    for user in users {
                        let key = (room.clone(), user);
                        if self.progress.get(&key).is_some_and(|(_, p)| *p == Progress::Asking) {
                            self.progress.remove(&key);
                            self.unsent.insert(key);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn hear(&mut self, (request_id, request): (Option<u64>, Request)) {
        let input = match request {
            Request::Command(command) => NamedInput::Ask { by: me(), command },
            Request::Query(query) => NamedInput::Query { by: me(), query },
        };
        self.board(request_id, input);
    }

    /// Messages arrive, are lost, doubled, or late.
    fn travel(&mut self) {
        loop {
            let luck = self.luck.throw();
            if luck >= 192 || self.to_board.is_empty() && self.to_device.is_empty() {
                return;
            }
            let place = usize::from(self.luck.throw());
            let (is_lost, is_doubled) = (luck % 8 == 7, luck % 8 == 6);
            if luck % 2 == 0 && !self.to_board.is_empty() || self.to_device.is_empty() {
                let place = place % self.to_board.len();
                let request = self.to_board[place].clone();
                if !is_doubled {
                    self.to_board.remove(place);
                }
                if !is_lost {
                    self.hear(request);
                }
            } else {
                let place = place % self.to_device.len();
                let input = self.to_device[place].clone();
                if !is_doubled {
                    self.to_device.remove(place);
                }
                if !is_lost {
                    self.device(input);
                }
            }
        }
    }

    /// One line of the journal: what this user asks for is tapped on this device.
    fn line(&mut self, line: &Record) {
        self.at = self.at.max(line.at);
        let input = line.input.clone();
        let tap = match &input {
            NamedInput::Ask { by: Actor::Device { user, .. }, command } if user == ME => {
                match command {
                    Command::CallUserToRoom { room, users, timeout, extension, caller: None } => {
                        Some(Tap::Call {
                            room: room.clone(),
                            users: users.clone(),
                            timeout: *timeout,
                            extension: extension.clone(),
                        })
                    }
                    Command::CancelCall { room, users } => {
                        Some(Tap::Cancel { room: room.clone(), users: users.clone() })
                    }
                    Command::RevokeCall { room, users } => {
                        Some(Tap::Revoke { room: room.clone(), users: users.clone() })
                    }
                    Command::MarkCallsSeen { up_to } => Some(Tap::MarkSeen { up_to: *up_to }),
                    Command::CallUserToRoom { caller: Some(_), .. }
                    | Command::AcceptCall { .. }
                    | Command::RejectCall { .. }
                    | Command::Ringing { .. }
                    | Command::RevokeUserCalls { .. } => None,
                }
            }
            _ => None,
        };
        match tap {
            Some(tap) => self.device(Input::Tap(tap)),
            None => self.board(None, input.clone()),
        }
        // The device on which somebody comes or goes knows it.
        let entered = match &input {
            NamedInput::Fact(Fact::UserEntered { room, user, .. }) if user == ME => {
                Some(room.clone())
            }
            _ => None,
        };
        let here = entered.or(self.handset.room().map(str::to_owned));
        let here = here.filter(|room| self.is_inside(room));
        if here.as_deref() != self.handset.room() {
            self.device(Input::InRoom(here));
        }
    }

    fn trouble(&mut self) {
        match self.luck.throw() {
            1..=8 => self.device(Input::Link(Link::Down)),
            9..=40 => self.device(Input::Link(Link::Up)),
            41..=46 => {
                let room = self.handset.room().map(str::to_owned);
                self.handset = self.handset.clone().restart(Some(0));
                self.list.clear();
                self.device(Input::InRoom(room));
            }
            _ => {}
        }
    }

    /// From now on everything arrives at once, in order.
    fn settle(&mut self) {
        while !(self.to_board.is_empty() && self.to_device.is_empty()) {
            if self.to_board.is_empty() {
                let input = self.to_device.remove(0);
                self.device(input);
            } else {
                let request = self.to_board.remove(0);
                self.hear(request);
            }
        }
    }
}

fn picture(journal: &Journal, settings: Settings, luck: Vec<u8>) -> Result<(), TestCaseError> {
    let mut world = World::new(journal, settings, luck);
    world.device(Input::Link(Link::Up));
    for line in &journal.lines {
        // P-11: a handset follows the calls that it asked for.
        if matches!(&line.input, NamedInput::Ask {
            command: Command::CallUserToRoom { caller: Some(caller), .. }, ..
        } if caller == ME)
        {
            continue;
        }
        world.line(line);
        world.travel();
        world.trouble();
    }
    // Some of what is on its way arrives after all, the rest when all is said.
    let half = world.to_device.len() / 2;
    let rest = world.to_device.split_off(half);
    world.late.extend(rest);
    world.to_board.clear();
    world.settle();
    world.board(None, NamedInput::Tick);
    world.device(Input::Link(Link::Up));
    world.settle();
    world.check()?;
    // In any order.
    let mut late = std::mem::take(&mut world.late);
    while !late.is_empty() {
        let place = usize::from(world.luck.throw()) % late.len();
        world.to_device.push(late.remove(place));
    }
    world.settle();
    world.check()
}

/// The same of what random runs found, over a network that loses nothing.
#[test]
fn kept_journals() {
    for path in files("tests/journals") {
        let (_, journal) = read(&path);
        let settings = Settings { outgoing: 100, ..Settings::DEFAULT };
        picture(&journal, settings, Vec::new()).unwrap_or_else(|why| panic!("{path:?}: {why}"));
    }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_callers_picture(
        journal in journal(),
        settings in handset_settings(),
        luck in prop::collection::vec(any::<u8>(), 0..1_500),
    ) {
        // What is forgotten is no part of the picture.
        let settings = Settings { outgoing: 100, ..settings };
        picture(&journal, settings, luck)?;
    }
}
