//! The reference model: `spec/rules.md` executed as literally as possible, with plain vectors,
//! linear scans and names. It shares nothing with the reducer but the vocabulary, so that an
//! error has to be made twice to stay hidden.

mod calls;
mod clock;
mod commands;
mod endings;
mod erasure;
mod expected;
mod facts;
mod log;
pub mod numbered;
mod presence;
mod queries;
mod rates;
mod recovery;
mod ringing;
mod rules_changed;
#[cfg(test)]
mod tests;

use std::mem;

use roomcall::protocol::Withdrawn;
use roomcall::protocol::{
    Actor, Answer, Audience, Command, Effect, Ending, Event, Fact, Input, NamedCall, Outcome,
    Present, Record, Refused,
};
use roomcall::{
    CallRejectionReason, CallResult, CallStatus, EndingKind, Limits, OutcomesTo, Policy, Role, Rule,
};

use log::Log;

/// The greatest number (L-16, X-04).
const LAST_NUMBER: u64 = (1 << 53) - 1;

/// How far numbers leap (F-18, X-04).
const LEAP: u64 = 1 << 32;

/// The rules of spec/rules.md, executed as literally as possible.
#[derive(Clone, Debug)]
pub struct Model {
    limits: Limits,
    policy: Policy,
    clock: u64,
    /// From where attempts, openings and the revision are counted (F-18).
    base: u64,
    /// Attempts made since (C-06).
    made: u64,
    /// Attempts ended since.
    ended: u64,
    /// Attempts that have rung since (C-14).
    rung: u64,
    /// Openings since (F-02).
    opened: u64,
    rooms: Vec<Room>,
    /// In attempt order, because the newest is always added at the end.
    live: Vec<Call>,
    /// Attempts that were accepted, each with the deadline until which its callee is expected in its room (E-20).
    expected: Vec<Call>,
    /// Who called, and the arrival of the last call; the one that is longest ago comes first (L-14).
    arrivals: Vec<(String, u64)>,
    /// The call logs of all users (H-01).
    log: Log,
    /// What the line in hand has brought about so far.
    effects: Vec<Effect>,
}

/// An open room.
#[derive(Clone, Debug)]
struct Room {
    name: String,
    opening: u64,
    /// Who came into it first comes first (F-04).
    inside: Vec<String>,
    /// The first that began comes first (F-05).
    presences: Vec<Present>,
    /// Users and their sessions that have ended; the first that ended comes first (F-13).
    sessions: Vec<(String, String)>,
    /// Of whom sessions are remembered, and who is neither inside nor admin, since which point of time (F-13).
    outside: Vec<(String, u64)>,
    /// Owner and admins. Everybody else is a participant.
    roles: Vec<(String, Role)>,
    /// The first that ended comes first (K-03).
    kept: Vec<Kept>,
    /// The first that ended comes first (E-18).
    endings: Vec<Lost>,
}

/// An attempt.
#[derive(Clone, Debug)]
struct Call {
    attempt: u64,
    room: String,
    caller: String,
    /// The device that called; `None` where the backend called on behalf of the caller (P-11).
    device: Option<String>,
    callee: String,
    /// `None` for never (T-06).
    deadline: Option<u64>,
    /// Known as long as the attempt is live (C-11).
    extension: String,
    /// Whether it has rung (C-14).
    rung: bool,
}

/// A record that stays in the list after its attempt ended (K-01).
#[derive(Clone, Debug)]
struct Kept {
    call: Call,
    status: CallStatus,
}

/// A remembered ending (E-18).
#[derive(Clone, Debug)]
struct Lost {
    attempt: u64,
    caller: String,
    callee: String,
    how: EndingKind,
    user: Option<String>,
    device: Option<String>,
    /// E-02
    reason: Option<CallRejectionReason>,
}

impl Model {
    /// No rooms, at the first point of time.
    pub fn new(limits: Limits, policy: Policy) -> Self {
        Self {
            limits,
            policy,
            clock: 0,
            base: 0,
            made: 0,
            ended: 0,
            rung: 0,
            opened: 0,
            rooms: Vec::new(),
            live: Vec::new(),
            expected: Vec::new(),
            arrivals: Vec::new(),
            log: Log::default(),
            effects: Vec::new(),
        }
    }

    /// One line of a journal in, everything it brings about out: in the order in which lines come
    /// (T-01), the answer and the effects (J-05).
    pub fn apply(&mut self, line: &Record) -> Outcome {
        if let Input::Fact(Fact::Recovered { floor }) = line.input {
            self.pass_time_of_lost_state(line.at, floor);
        } else {
            self.pass_time(line.at);
        }
        let last = self.last_attempt();
        // E-12, X-01: all results are judged before any attempt ends, and so are the attempts behind them.
        let behind = self.attempts_before(line);
        let (answer, unchanged) = match &line.input {
            Input::Tick => (None, None),
            Input::Fact(fact) => {
                let ignored = self.fact(fact).err();
                (Some(Ok(Answer::Fact(self.fact_answer(fact, ignored)))), ignored)
            }
            Input::Ask { by, command } => match self.ask(by, command) {
                Ok((answer, unchanged)) => (Some(Ok(answer)), unchanged),
                Err(refused) => (Some(Err(refused)), None),
            },
            Input::Query { by, query } => (Some(self.query(by, query)), None),
        };
        // a fact and a tick have no number.
        let request_id = match line.input {
            Input::Tick | Input::Fact(_) => None,
            Input::Ask { .. } | Input::Query { .. } => line.request_id,
        };
        let attempts = match (request_id, &line.input, &answer) {
            (Some(_), Input::Ask { .. }, Some(Ok(answer))) => {
                attempts_behind(answer, last, &behind)
            }
            _ => Vec::new(),
        };
        let effects = mem::take(&mut self.effects);
        Outcome {
            at: self.clock,
            request_id,
            answer,
            attempts,
            next_request_id: None,
            effects,
            unchanged,
        }
    }

    /// of each user that a cancel or revoke names the attempt that a result can be about: the live one in its room, or else
    /// the one whose ending is remembered, as it stands before the request.
    fn attempts_before(&self, line: &Record) -> Vec<(String, u64)> {
        let Input::Ask { command, .. } = &line.input else { return Vec::new() };
        let (Command::CancelCall { room, users } | Command::RevokeCall { room, users }) = command
        else {
            return Vec::new();
        };
        let Ok(open) = self.open_room(room) else { return Vec::new() };
        let of = |user: &String| {
            let live = self.live_call(room, user).map(|call| call.attempt);
            let attempt = live.or_else(|| open.ending(user).map(|ending| ending.attempt))?;
            Some((user.clone(), attempt))
        };
        users.iter().filter_map(of).collect()
    }

    /// Live attempts in the whole switchboard.
    pub fn live(&self) -> usize {
        self.live.len()
    }

    /// Whether a user is in a room, and with which role; nothing if the room is not open.
    pub fn membership(&self, room: &str, user: &str) -> Option<(bool, Role)> {
        let room = self.rooms.iter().find(|open| open.name == room)?;
        Some((room.has_inside(user), room.role(user)))
    }

    /// The number of the last attempt; if none was made in this life, the base (C-06, F-18).
    fn last_attempt(&self) -> u64 {
        self.base + self.made
    }

    /// The number of the last opening; if there was none in this life, the base (F-02, F-18).
    fn last_opening(&self) -> u64 {
        self.base + self.opened
    }

    ///
    fn revision(&self) -> u64 {
        self.base + self.made + self.ended + self.rung + self.log.tries + self.log.moves
    }

    /// L-16: what the revision would be if all attempts of this life, and so many more, had rung and ended.
    fn revision_to_come(&self, new: u64) -> u64 {
        self.base + 3 * (self.made + new) + self.log.tries + self.log.moves
    }

    fn room(&self, name: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.name == name)
    }

    fn room_mut(&mut self, name: &str) -> Option<&mut Room> {
        self.rooms.iter_mut().find(|room| room.name == name)
    }

    /// A room has at most one live attempt for a callee (C-07).
    fn live_call(&self, room: &str, callee: &str) -> Option<&Call> {
        self.live.iter().find(|call| call.room == room && call.callee == callee)
    }

    fn live_in(&self, room: &str) -> usize {
        self.live.iter().filter(|call| call.room == room).count()
    }

    /// L-01, for one name.
    fn is_id(&self, name: &str) -> bool {
        !name.is_empty() && fits(name.len(), self.limits.id_bytes)
    }

    /// L-01, for the names of whoever acts.
    fn is_actor(&self, by: &Actor) -> bool {
        match by {
            Actor::Device { user, device } => self.is_id(user) && self.is_id(device),
            Actor::Backend => true,
        }
    }

    fn notify(&mut self, to: Audience, event: Event, because: Rule) {
        self.effects.push(Effect { to, event, because });
    }

    /// P-06: the device that called, or all of them. P-11: all of them if none called.
    fn notify_caller(&mut self, call: &Call, event: Event, because: Rule) {
        let user = call.caller.clone();
        let to = match (self.policy.outcomes_to, call.device.clone()) {
            // O-02: no list of devices is needed.
            (OutcomesTo::CallingDevice, Some(device)) => Audience::Device { user, device },
            (OutcomesTo::CallingDevice, None) | (OutcomesTo::AllDevices, _) => Audience::User(user),
        };
        self.notify(to, event, because);
    }

    /// E-05: as by P-06 and P-11, but for one device of the caller.
    fn notify_caller_but(&mut self, than: &str, call: &Call, event: Event, because: Rule) {
        let user = call.caller.clone();
        match (self.policy.outcomes_to, &call.device) {
            (OutcomesTo::CallingDevice, Some(device)) if device == than => {}
            (OutcomesTo::CallingDevice, Some(_)) => self.notify_caller(call, event, because),
            (OutcomesTo::CallingDevice, None) | (OutcomesTo::AllDevices, _) => {
                let to = Audience::OtherDevices { user, than: than.to_owned() };
                self.notify(to, event, because);
            }
        }
    }

    fn notify_room(&mut self, call: &Call, status: CallStatus, because: Rule) {
        let named = call.named(status);
        let event = match status {
            CallStatus::None => Event::PendingCallRemoved(named),
            CallStatus::Calling | CallStatus::Timeout | CallStatus::Rejected => {
                Event::PendingCallChanged(named)
            }
        };
        self.notify(Audience::Room(call.room.clone()), event, because);
    }
}

impl Room {
    /// F-09: the last one set; everybody else is a participant.
    fn role(&self, user: &str) -> Role {
        let set = self.roles.iter().find(|(who, _)| who == user);
        set.map_or(Role::Participant, |(_, role)| *role)
    }

    fn ending(&self, callee: &str) -> Option<&Lost> {
        self.endings.iter().find(|ending| ending.callee == callee)
    }

    /// Takes the kept record of a callee out of the list, if there is one.
    fn take_kept(&mut self, callee: &str) -> Option<Kept> {
        let place = self.kept.iter().position(|kept| kept.call.callee == callee)?;
        Some(self.kept.remove(place))
    }
}

impl Lost {
    /// The ending as a device of `asking` is told of it.
    fn told_to(&self, asking: &str) -> Ending {
        // P-08
        let is_theirs = self.user.as_deref() == Some(asking);
        let device = self.device.clone().filter(|_| is_theirs);
        // E-09
        Ending { how: self.how, attempt: self.attempt, user: self.user.clone(), device }
    }
}

impl Call {
    fn named(&self, status: CallStatus) -> NamedCall {
        NamedCall {
            room: self.room.clone(),
            caller: self.caller.clone(),
            callee: self.callee.clone(),
            status,
            attempt: self.attempt,
        }
    }

    /// T-10: a length, never a point; `None` for never (T-06).
    fn time_left(&self, clock: u64) -> Option<u64> {
        self.deadline.map(|deadline| deadline.saturating_sub(clock))
    }
}

/// the attempt that each result is about.
fn attempts_behind(answer: &Answer, last: u64, before: &[(String, u64)]) -> Vec<(String, u64)> {
    let mut attempts = Vec::new();
    match answer {
        Answer::CallUserToRoom(results) => {
            // C-06
            let new = results.iter().filter(|(_, result)| *result == CallResult::Success);
            for ((user, _), attempt) in new.zip(last + 1..) {
                attempts.push((user.clone(), attempt));
            }
        }
        Answer::CancelCall(results) | Answer::RevokeCall(results) => {
            for (user, result) in results {
                match result {
                    Withdrawn::Cancelled | Withdrawn::Revoked | Withdrawn::Already(_) => {
                        attempts.extend(before.iter().find(|(who, _)| who == user).cloned());
                    }
                    Withdrawn::NotCalling | Withdrawn::NotYours => {}
                }
            }
        }
        _ => {}
    }
    attempts
}

fn refuse(code: i32, rule: Rule) -> Refused {
    Refused { code, rule, message: String::new(), ended: None, retry_after: None }
}

/// Whether a count is within a limit.
fn fits(count: usize, limit: u32) -> bool {
    u32::try_from(count).is_ok_and(|count| count <= limit)
}
