//! Turns dice into inputs that meet the state of a handset: replies to what it has sent, taps on
//! what is on its screen, notices and snapshots of one small world, which is mostly, but not
//! always, consistent.

use roomcall::handset::{Effect, Input, Link, Request, Settings, Tap};
use roomcall::protocol::{Ending, Event, NamedCall, Query};
use roomcall::{CallRejectionReason, CallStatus, EndingKind, Tick};

use super::{DEVICE, Dice, Move, USER};
use crate::model::handset::{ModelHandset, Purpose};

/// Attempts are 1 to this.
pub const ATTEMPTS: u64 = 6;
const ROOMS: [&str; 2] = ["blue", "red"];
const OTHERS: [&str; 3] = ["ana", "cy", "dee"];

/// Who calls whom by each attempt, and what it would leave in the list.
#[derive(Clone, Debug)]
pub struct World {
    pub calls: Vec<NamedCall>,
}

impl World {
    pub fn new(dice: &[u8; 32]) -> Self {
        let mut calls = Vec::new();
        for attempt in 1..=ATTEMPTS {
            let die = |n: usize| usize::from(dice[usize::try_from(attempt).unwrap() * 4 + n]);
            let one = OTHERS[die(0) % 3];
            let other = OTHERS[(die(0) + 1 + die(1) % 2) % 3];
            let (caller, callee) = match die(2) % 10 {
                0..=4 => (one, USER),
                5..=8 => (USER, one),
                _ => (one, other),
            };
            calls.push(NamedCall {
                room: ROOMS[die(3) % 4 / 2].to_owned(),
                caller: caller.to_owned(),
                callee: callee.to_owned(),
                status: if die(3) % 2 == 0 { CallStatus::Timeout } else { CallStatus::Rejected },
                attempt,
            });
        }
        Self { calls }
    }

    pub fn to_user(&self) -> Vec<&NamedCall> {
        self.calls.iter().filter(|call| call.callee == USER).collect()
    }
}

/// A journal in the making: what has come of it so far.
pub struct Director {
    pub(super) world: World,
    pub(super) model: ModelHandset,
    now: Tick,
    pub(super) sent: Vec<(u64, Request)>,
    /// How attempts ended, as far as this handset was told of it or will be.
    pub(super) ended: Vec<Ending>,
    /// The last attempt that was made.
    pub(super) made: u64,
}

pub(super) fn pick<T: Clone>(all: &[T], die: u8) -> Option<T> {
    all.get(usize::from(die) % all.len().max(1)).cloned()
}

/// Whether a die falls among the first `of` of ten.
pub(super) fn chance(die: u8, of: u8) -> bool {
    die % 10 < of
}

impl Director {
    pub fn new(world: World, settings: Settings) -> Self {
        let model = ModelHandset::new(USER, DEVICE, settings);
        let (sent, ended) = (Vec::new(), Vec::new());
        Self { world, model, now: Tick::START, sent, ended, made: 0 }
    }

    pub fn now(&self) -> u64 {
        self.now.as_millis()
    }

    pub fn next_deadline(&self) -> Option<u64> {
        self.model.next_deadline().map(Tick::as_millis)
    }

    pub fn restart(&mut self) {
        self.model = self.model.clone().restart();
        self.now = Tick::START;
    }

    /// Remembers what an input that is in the journal comes to.
    pub fn follow(&mut self, at: Tick, input: Input) {
        self.now = self.now.max(at);
        for effect in self.model.apply(at, input) {
            if let Effect::Send { request_id, request } = effect {
                self.sent.push((request_id, request));
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
                self.snapshot(request_id, 0, [0; 10])
            };
            self.follow(Tick::START, input.clone());
            moves.push(Move::Apply { at: 0, inputs: vec![input] });
        }
        moves
    }

    pub fn direct(&mut self, dice: Dice) -> Input {
        match dice[0] % 32 {
            0 => Input::Tick,
            1 => Input::Link(Link::Down),
            2..=3 => Input::Link(Link::Up),
            4..=5 => Input::InRoom(match dice[1] % 5 {
                0 => None,
                1..=2 => Some("red".to_owned()),
                _ => Some("blue".to_owned()),
            }),
            6..=14 => Input::Notice(self.notice(dice)),
            15..=24 => self.reply(dice),
            _ => Input::Tap(self.tap(dice)),
        }
    }

    fn tap(&self, dice: Dice) -> Tap {
        let shown: Vec<u64> = self.model.screen().keys().copied().collect();
        let shown = pick(&shown, dice[2]).filter(|_| chance(dice[3], 9));
        let attempt = shown.unwrap_or(1 + u64::from(dice[2]) % ATTEMPTS);
        let calls = self.world.calls.iter().filter(|call| call.caller == USER);
        let ringing = self.model.ringing();
        let is_ringing = |call: &&NamedCall| ringing.contains(&call.attempt);
        let withdraws = dice[1] % 8 >= 6;
        let calls = calls.filter(|call| !withdraws || ringing.is_empty() || is_ringing(call));
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
        match dice[1] % 8 {
            0..=1 => Tap::Accept { attempt },
            2 => Tap::Reject { attempt, reason: CallRejectionReason::Rejected },
            3 => Tap::Reject { attempt, reason: CallRejectionReason::InOtherRoom },
            4..=5 => {
                let timeout = [0, 1, 2, 30][usize::from(dice[8]) % 4];
                Tap::Call { room, users, timeout, extension: "hi".to_owned() }
            }
            6 => Tap::Cancel { room, users },
            _ => Tap::Revoke { room, users },
        }
    }

    pub(super) fn time_left(die: u8) -> Option<u64> {
        match die % 16 {
            0..=1 => None,
            2 => Some(0),
            3 => Some(499),
            4 => Some(500),
            5 => Some(1_000),
            6 => Some(1_500),
            7..=8 => Some(2_000),
            9..=11 => Some(5_000),
            _ => Some(30_000),
        }
    }

    pub(super) fn device(die: u8) -> Option<String> {
        [Some("phone"), Some("tablet"), Some("watch")][usize::from(die) % 3].map(str::to_owned)
    }

    /// An ending of an attempt: the one it had, or any.
    pub(super) fn ending(&mut self, attempt: u64, dice: Dice) -> Ending {
        let known = self.ended.iter().find(|ended| ended.attempt == attempt);
        if let Some(known) = known.filter(|_| chance(dice[5], 8)) {
            return known.clone();
        }
        let how = pick(&EndingKind::ALL, dice[6]).unwrap();
        let user = match how {
            EndingKind::TimedOut => None,
            EndingKind::Cancelled => Some("ana"),
            EndingKind::Revoked => [None, Some("cy"), Some("dee")][usize::from(dice[7]) % 3],
            EndingKind::Accepted
            | EndingKind::Rejected
            | EndingKind::InOtherRoom
            | EndingKind::Entered => Some(USER),
        };
        let device = match how {
            EndingKind::TimedOut | EndingKind::InOtherRoom => None,
            EndingKind::Accepted
            | EndingKind::Rejected
            | EndingKind::Entered
            | EndingKind::Cancelled
            | EndingKind::Revoked => Self::device(dice[8]),
        };
        let ended = Ending { how, attempt, user: user.map(str::to_owned), device };
        self.ended.push(ended.clone());
        ended
    }

    /// The number of a request that was sent, mostly one that is waited for.
    pub(super) fn sent_request(&self, dice: Dice) -> Option<(u64, Request)> {
        let waits = self.model.waits_for();
        let is_command = |purpose: &Purpose| !matches!(purpose, Purpose::Snapshot | Purpose::Page);
        let commands = waits.iter().any(|(_, purpose)| is_command(purpose)) && chance(dice[9], 7);
        let waits = waits.iter().filter(|(_, purpose)| !commands || is_command(purpose));
        let waits: Vec<u64> = waits.map(|(request_id, _)| *request_id).collect();
        let request_id = pick(&waits, dice[1]).filter(|_| chance(dice[2], 8));
        match request_id {
            Some(request_id) => {
                self.sent.iter().rev().find(|(sent, _)| *sent == request_id).cloned()
            }
            None => pick(&self.sent, dice[3]),
        }
    }

    /// Whether this is a request for what rings.
    pub(super) fn asks_what_rings(request: &Request) -> bool {
        matches!(request, Request::Query(Query::GetIncomingCalls { .. }))
    }

    fn notice(&mut self, dice: Dice) -> Event {
        let any = pick(&self.world.calls, dice[1]).unwrap();
        let to_user: Vec<NamedCall> = self.world.to_user().into_iter().cloned().collect();
        let shown = to_user.iter().filter(|call| self.model.screen().contains_key(&call.attempt));
        let shown: Vec<NamedCall> = shown.cloned().collect();
        let call = match (pick(&shown, dice[1]), pick(&to_user, dice[1])) {
            (Some(call), _) if chance(dice[2], 3) => call,
            (_, Some(call)) if chance(dice[2], 6) => call,
            (_, _) => any,
        };
        // The list of the room that the device is in.
        let here = self.world.calls.iter().filter(|call| Some(&*call.room) == self.model.room());
        let here: Vec<NamedCall> = here.cloned().collect();
        if let Some(call) = pick(&here, dice[1]).filter(|_| chance(dice[8], 4)) {
            self.made = self.made.max(call.attempt);
            return list_event(call, dice);
        }
        let wrong = chance(dice[3], 1);
        self.made = self.made.max(call.attempt);
        let is_list = chance(dice[4], if call.callee == USER { 1 } else { 4 });
        if is_list || (call.caller != USER && call.callee != USER && !wrong) {
            return list_event(call, dice);
        }
        let is_first = !self.ended.iter().any(|ended| ended.attempt == call.attempt);
        if call.callee == USER && (chance(dice[5], if is_first { 6 } else { 4 }) || wrong) {
            return received(call, dice);
        }
        let ended = self.ending(call.attempt, dice);
        let kind = if wrong { dice[6] % 7 } else { u8::MAX };
        event(call, &ended, kind, dice)
    }
}

fn received(call: NamedCall, dice: Dice) -> Event {
    let call = NamedCall { status: CallStatus::Calling, ..call };
    let time_left = Director::time_left(dice[6]);
    Event::CallReceived { call, extension: "hello".to_owned(), time_left }
}

fn list_event(call: NamedCall, dice: Dice) -> Event {
    match dice[6] % 5 {
        0..=1 => Event::PendingCallChanged(NamedCall { status: CallStatus::Calling, ..call }),
        2..=3 => Event::PendingCallChanged(call),
        _ => Event::PendingCallRemoved(NamedCall { status: CallStatus::None, ..call }),
    }
}

/// How the callee or the caller is told of an ending; any other event for a small kind.
fn event(call: NamedCall, ended: &Ending, kind: u8, dice: Dice) -> Event {
    let to_callee = call.callee == USER;
    let by_kind = match kind {
        0 => EndingKind::Accepted,
        1 => EndingKind::Rejected,
        2 => EndingKind::InOtherRoom,
        3 => EndingKind::TimedOut,
        4 => EndingKind::Cancelled,
        5 => EndingKind::Revoked,
        _ => ended.how,
    };
    let reason = if by_kind == EndingKind::InOtherRoom {
        CallRejectionReason::InOtherRoom
    } else {
        CallRejectionReason::Rejected
    };
    let (room, attempt) = (call.room.clone(), call.attempt);
    let call = NamedCall { status: CallStatus::Calling.after(by_kind).unwrap(), ..call };
    // Kinds below 6 are told to the wrong side.
    let as_callee = to_callee != (kind < 6 && chance(dice[9], 5));
    let device = ended.device.clone();
    match by_kind {
        EndingKind::Accepted | EndingKind::Entered if as_callee => {
            Event::CallHandledByOtherDevice { room, is_accepted: true, attempt, device }
        }
        EndingKind::Rejected | EndingKind::InOtherRoom if as_callee => {
            Event::CallHandledByOtherDevice { room, is_accepted: false, attempt, device }
        }
        EndingKind::Accepted | EndingKind::Entered => Event::CallAccepted(call),
        EndingKind::Rejected | EndingKind::InOtherRoom => Event::CallRejected { call, reason },
        EndingKind::TimedOut => Event::CallTimeout(call),
        // The caller is not told of a cancel.
        EndingKind::Cancelled if as_callee => Event::CallCancelled(call),
        EndingKind::Cancelled => Event::PendingCallRemoved(call),
        EndingKind::Revoked => Event::CallRevokedByAdmin { call, operator: ended.user.clone() },
    }
}
