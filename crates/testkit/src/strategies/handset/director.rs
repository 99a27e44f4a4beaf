//! Turns dice into inputs that meet the state of a handset: replies to what it has sent, taps on
//! what is on its screen, and notices of one small world. They come late, twice, in any order and
//! to the wrong side, and are true.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{
    DeviceTick, Effect, Handset, Input, LateRing, Link, Progress, Request, Settings, Tap,
};
use roomcall::protocol::{Command, Event, NamedCall, Query};
use roomcall::{CallRejectionReason, CallStatus, EndingKind};

use super::world::{ATTEMPTS, OTHERS, Over, ROOMS, World, chance, pick, time_left};
use super::{DEVICE, Dice, Move, USER};

/// A journal in the making: what has come of it so far. It is made for the handset itself, whose
/// state it only looks at to find inputs that matter.
pub struct Director {
    pub(super) world: World,
    handset: Handset,
    now: DeviceTick,
    sent: Vec<(u64, Request)>,
    /// How many changes there were when each request was sent for the first time.
    sent_at: BTreeMap<u64, usize>,
    /// The requests to which there was a reply.
    pub(super) answered: BTreeSet<u64>,
    /// The attempts of calls that are calling or ringing, by room and callee.
    pub(super) live: BTreeMap<(String, String), u64>,
    /// Of which calls it said that they ring here, and nobody has heard it.
    pub(super) said: Vec<u64>,
    /// The numbers of the entries of the log that it was told.
    told: Vec<u64>,
    /// The last ring that a push brought.
    pub(super) pushed: Option<Event>,
    /// Whether there was a snapshot since the handset was made or restarted.
    pub(super) has_snapshot: bool,
    /// Whether there was one since the link last came up or went down.
    pub(super) is_heard: bool,
}

/// What a request is for.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Purpose {
    Snapshot,
    Page,
    Log,
    Command,
}

fn purpose(request: &Request) -> Purpose {
    match request {
        Request::Query(Query::GetMyCalls { .. } | Query::GetIncomingCalls { .. }) => {
            Purpose::Snapshot
        }
        Request::Query(Query::GetPendingCalls { .. }) => Purpose::Page,
        Request::Query(Query::GetCallLog { .. }) => Purpose::Log,
        Request::Query(Query::GetUserCalls { .. } | Query::GetLiveCalls { .. }) => {
            unreachable!("a handset does not ask what only the backend may")
        }
        Request::Command(_) => Purpose::Command,
    }
}

impl Director {
    pub fn new(world: World, settings: Settings) -> Self {
        Self {
            world,
            handset: Handset::new(USER, DEVICE, settings),
            now: DeviceTick::START,
            sent: Vec::new(),
            sent_at: BTreeMap::new(),
            answered: BTreeSet::new(),
            live: BTreeMap::new(),
            said: Vec::new(),
            told: Vec::new(),
            pushed: None,
            has_snapshot: false,
            is_heard: false,
        }
    }

    pub fn now(&self) -> u64 {
        self.now.as_millis()
    }

    pub fn next_deadline(&self) -> Option<u64> {
        self.handset.next_deadline().map(DeviceTick::as_millis)
    }

    pub fn restart(&mut self, dead: Option<u64>) {
        self.handset = self.handset.clone().restart(dead);
        self.now = DeviceTick::START;
        self.has_snapshot = false;
        self.is_heard = false;
    }

    /// Remembers what an input that is in the journal comes to.
    pub fn follow(&mut self, at: DeviceTick, input: Input) {
        if matches!(input, Input::Link(_)) {
            self.is_heard = false;
        }
        let effects = self.handset.apply(at, input);
        self.now = self.handset.clock();
        for effect in effects {
            match effect {
                Effect::Send { request_id: Some(request_id), request } => {
                    self.sent_at.entry(request_id).or_insert(self.world.changes());
                    self.sent.push((request_id, request));
                }
                Effect::Send {
                    request_id: None,
                    request: Request::Command(Command::Ringing { attempt }),
                } => self.said.push(attempt),
                Effect::Progress { room, callee, attempt, progress } => {
                    let is_live = matches!(progress, Progress::Calling | Progress::Ringing);
                    match attempt.filter(|_| is_live) {
                        Some(attempt) => self.live.insert((room, callee), attempt),
                        None => self.live.remove(&(room, callee)),
                    };
                }
                Effect::Logged { entry, .. } => self.told.push(entry.number),
                _ => {}
            }
        }
    }

    /// A handset that is connected and ready, so that most journals come to calls at once.
    pub fn opening(&mut self) -> Vec<Move> {
        let mut moves = Vec::new();
        for step in 0..2 {
            let input = if step == 0 {
                Input::Link(Link::Up)
            } else {
                let request_id = self.sent.first().map_or(1, |(request_id, _)| *request_id);
                self.snapshot(request_id, 0, [9; 10])
            };
            self.follow(DeviceTick::START, input.clone());
            moves.push(Move::Apply { at: 0, inputs: vec![input] });
        }
        moves
    }

    pub fn direct(&mut self, dice: Dice) -> Input {
        self.hear_what_rings(dice);
        match dice[0] % 42 {
            0 => Input::Tick,
            1 => Input::Link(Link::Down),
            2..=3 => Input::Link(Link::Up),
            4..=5 => Input::InRoom(match dice[1] % 5 {
                0 => None,
                1..=2 => Some("red".to_owned()),
                _ => Some("blue".to_owned()),
            }),
            6..=8 => self.push(dice),
            // It was woken, and nothing else has reached it.
            9..=16 if !self.has_snapshot && chance(dice[9], 5) => self.push(dice),
            // Somebody taps before anything can be sent (D-15).
            9..=16 if !self.is_heard && chance(dice[9] / 10, 7) => Input::Tap(self.tap(dice)),
            9..=16 => Input::Notice(self.notice(dice)),
            17..=24 => self.reply(dice),
            32..=35 => self.state(dice),
            36 => Input::Notice(self.seen_elsewhere(dice)),
            37..=39 => Input::Notice(self.it_rings(dice)),
            40 => Input::Notice(self.nobody_came(dice)),
            _ => Input::Tap(self.tap(dice)),
        }
    }

    /// What becomes of the device.
    fn state(&self, dice: Dice) -> Input {
        match dice[1] % 16 {
            0..=3 => Input::Occupied(true),
            4..=7 => Input::Occupied(false),
            8..=10 => Input::JoinFailed,
            // What is signed out comes to nothing any more.
            11 if chance(dice[2], 3) => Input::SignedOut,
            _ => Input::Settings(changed(*self.handset.settings(), dice)),
        }
    }

    /// The room that the device is in.
    pub(super) fn room(&self) -> Option<&str> {
        self.handset.room()
    }

    fn shown(&self) -> Vec<u64> {
        self.handset.screen().map(|(attempt, _)| attempt).collect()
    }

    fn tap(&self, dice: Dice) -> Tap {
        let shown = pick(&self.shown(), dice[2]).filter(|_| chance(dice[3], 9));
        let attempt = shown.unwrap_or(1 + u64::from(dice[2]) % ATTEMPTS);
        let calls = self.world.calls().filter(|call| call.caller == USER);
        let live: Vec<u64> = self.live.values().copied().collect();
        let is_live = |call: &&NamedCall| live.contains(&call.attempt);
        let withdraws = (6..=7).contains(&(dice[1] % 12));
        let calls = calls.filter(|call| !withdraws || live.is_empty() || is_live(call));
        let calls: Vec<NamedCall> = calls.cloned().collect();
        let call = pick(&calls, dice[4]).filter(|_| chance(dice[5], 7));
        let room = call.as_ref().map_or(ROOMS[usize::from(dice[5]) % 2], |call| &call.room);
        let room = room.to_owned();
        let mut users: Vec<String> = call.map(|call| call.callee).into_iter().collect();
        for die in &dice[6..8] {
            if users.is_empty() || chance(*die, 3) {
                users.push(OTHERS[usize::from(*die) % 3].to_owned());
            }
        }
        match dice[1] % 12 {
            0..=1 => Tap::Accept { attempt },
            2..=3 => {
                let reason = pick(&CallRejectionReason::ALL, dice[8]).unwrap();
                Tap::Reject { attempt, reason }
            }
            4..=5 => {
                let timeout = [0, 1, 2, 30][usize::from(dice[8]) % 4];
                Tap::Call { room, users, timeout, extension: "hi".to_owned() }
            }
            6 => Tap::Cancel { room, users },
            8 => Tap::Silence { attempt },
            9 => Tap::RejectHere { attempt },
            10..=11 => Tap::MarkSeen { up_to: self.looked_at(dice) },
            _ => Tap::Revoke { room, users },
        }
    }

    /// Up to which entry somebody looks at the log: mostly one that the device was told, mostly the
    /// newest.
    fn looked_at(&self, dice: Dice) -> u64 {
        let logged = if chance(dice[2], 2) { &self.world.logged() } else { &self.told };
        let newest = logged.last().filter(|_| chance(dice[3], 6));
        newest.copied().or(pick(logged, dice[4])).unwrap_or(u64::from(dice[4]) % 8)
    }

    /// Another device of the user has seen the log, now or before (H-04).
    fn seen_elsewhere(&mut self, dice: Dice) -> Event {
        let up_to = pick(&self.world.logged(), dice[1]).unwrap_or(1);
        let now = self.world.mark_seen(up_to);
        let before = pick(&self.world.marks(), dice[2]).filter(|_| chance(dice[3], 3));
        Event::CallsSeen { up_to: before.unwrap_or(now) }
    }

    /// The requests to which no reply came; of queries of a kind only the last.
    fn unanswered(&self) -> BTreeMap<u64, Purpose> {
        let all = self.sent.iter().map(|(request_id, request)| (*request_id, purpose(request)));
        let all: BTreeMap<u64, Purpose> = all.collect();
        let last = |of: Purpose| all.iter().rev().find(|(_, other)| **other == of);
        let last = [last(Purpose::Snapshot), last(Purpose::Page), last(Purpose::Log)];
        let is_last = |request_id: &u64, purpose: &Purpose| {
            *purpose == Purpose::Command || last.contains(&Some((request_id, purpose)))
        };
        let mut unanswered = all.clone();
        unanswered.retain(|request_id, purpose| {
            !self.answered.contains(request_id) && is_last(request_id, purpose)
        });
        unanswered
    }

    /// The number of a request that was sent, mostly one that is unanswered.
    pub(super) fn sent_request(&self, dice: Dice) -> Option<(u64, Request)> {
        let unanswered = self.unanswered();
        let is_command = |purpose: &Purpose| *purpose == Purpose::Command;
        let commands = unanswered.values().any(is_command) && chance(dice[9], 7);
        let wanted = unanswered.iter().filter(|(_, purpose)| !commands || is_command(purpose));
        let wanted: Vec<u64> = wanted.map(|(request_id, _)| *request_id).collect();
        let request_id = pick(&wanted, dice[1]).filter(|_| chance(dice[2], 8));
        match request_id {
            Some(request_id) => {
                self.sent.iter().rev().find(|(sent, _)| *sent == request_id).cloned()
            }
            None => pick(&self.sent, dice[3]),
        }
    }

    /// After how many changes a reply to this request may have been given: mostly all.
    pub(super) fn replied_at(&self, request_id: u64, die: u8) -> usize {
        let last = self.world.changes();
        let sent_at = self.sent_at.get(&request_id).copied().unwrap_or_default();
        let back = if chance(die, 2) { usize::from(die / 10) % 4 } else { 0 };
        last.saturating_sub(back).max(sent_at.min(last))
    }

    pub(super) fn notice(&mut self, dice: Dice) -> Event {
        let all: Vec<NamedCall> = self.world.calls().cloned().collect();
        let to_user: Vec<NamedCall> =
            all.iter().filter(|call| call.callee == USER).cloned().collect();
        let on_screen = self.shown();
        let shown = to_user.iter().filter(|call| on_screen.contains(&call.attempt));
        let shown: Vec<NamedCall> = shown.cloned().collect();
        let call = match (pick(&shown, dice[1]), pick(&to_user, dice[1])) {
            (Some(call), _) if chance(dice[2], 3) => call,
            (_, Some(call)) if chance(dice[2], 6) => call,
            (_, _) => pick(&all, dice[1]).unwrap(),
        };
        // The list of the room that the device is in.
        let here = all.iter().filter(|call| Some(&*call.room) == self.room());
        let here: Vec<NamedCall> = here.cloned().collect();
        if let Some(call) = pick(&here, dice[1]).filter(|_| chance(dice[8], 4)) {
            return self.list_event(call, dice);
        }
        let is_wrong = chance(dice[3], 1);
        let is_list = chance(dice[4], if call.callee == USER { 1 } else { 4 });
        if is_list || (call.caller != USER && call.callee != USER && !is_wrong) {
            return self.list_event(call, dice);
        }
        let is_first = !self.world.is_over(call.attempt);
        if call.callee == USER && chance(dice[5], if is_first { 6 } else { 4 })
            || is_wrong && chance(dice[5], 3)
        {
            self.world.make(call.attempt, dice[7]);
            return received(call, dice);
        }
        let over = self.world.end(call.attempt, dice[6]);
        ended(call, &over, is_wrong)
    }

    /// What the room is told of a call, by now or at the time.
    fn list_event(&mut self, call: NamedCall, dice: Dice) -> Event {
        self.world.make(call.attempt, dice[7]);
        let said = dice[6] % 5;
        if said < 2 {
            return Event::PendingCallChanged(NamedCall { status: CallStatus::Calling, ..call });
        }
        self.world.end(call.attempt, dice[7]);
        let status = self.world.status(call.attempt);
        if status == CallStatus::None || said == 4 {
            self.world.remove(call.attempt);
            return Event::PendingCallRemoved(NamedCall { status: CallStatus::None, ..call });
        }
        Event::PendingCallChanged(NamedCall { status, ..call })
    }
}

/// One or two of the settings are other ones.
fn changed(settings: Settings, dice: Dice) -> Settings {
    let length = [0, 1, 500, 1_500, 4_000, 30_000][usize::from(dice[3]) % 6];
    let bound = u32::from(dice[4]) % 4;
    let settings = match dice[5] % 8 {
        0 => Settings { retry_interval: 1_000 + length, ..settings },
        1 => Settings { refresh: (length > 500).then_some(length), ..settings },
        2 => Settings { answer_grace: length, ..settings },
        3 => Settings { min_ring: length.min(1_500), ..settings },
        4 => Settings { valid_for: length, ..settings },
        5 => Settings { join_quiet: length, ..settings },
        6 => Settings { settle: length, ..settings },
        _ => settings,
    };
    match dice[6] % 12 {
        0 => Settings { calls: bound, ..settings },
        1 => Settings { endings: bound, ..settings },
        2 => Settings { requests: 4 * bound, ..settings },
        3 => Settings { outgoing: bound, ..settings },
        4 => Settings { page: 1 + bound, ..settings },
        5 => Settings { late_ring: LateRing::Report, ..settings },
        _ => settings,
    }
}

pub(super) fn received(call: NamedCall, dice: Dice) -> Event {
    let time_left = time_left(dice[6]);
    Event::CallReceived { call, extension: "hello".to_owned(), time_left }
}

/// How the callee or the caller is told of an ending; the wrong one of them if so.
fn ended(call: NamedCall, over: &Over, is_wrong: bool) -> Event {
    let how = over.ended.how;
    let as_callee = (call.callee == USER) != is_wrong;
    let (room, attempt, device) = (call.room.clone(), call.attempt, over.ended.device.clone());
    let call = NamedCall { status: CallStatus::Calling.after(how).unwrap(), ..call };
    match how {
        EndingKind::Accepted | EndingKind::Entered if as_callee => {
            Event::CallHandledByOtherDevice { room, is_accepted: true, attempt, device }
        }
        EndingKind::Rejected | EndingKind::InOtherRoom if as_callee => {
            Event::CallHandledByOtherDevice { room, is_accepted: false, attempt, device }
        }
        EndingKind::Accepted | EndingKind::Entered => Event::CallAccepted(call),
        EndingKind::Rejected => {
            Event::CallRejected { call, reason: over.reason.unwrap_or_default() }
        }
        EndingKind::InOtherRoom => {
            Event::CallRejected { call, reason: CallRejectionReason::InOtherRoom }
        }
        EndingKind::TimedOut => Event::CallTimeout(call),
        EndingKind::Cancelled => Event::CallCancelled(call),
        EndingKind::Revoked => {
            Event::CallRevokedByAdmin { call, operator: over.ended.user.clone() }
        }
    }
}
