//! Bytes as a journal, for the fuzzer: every input of every kind is some bytes, and all bytes are a
//! journal. Ids come from tiny ranges, so that collisions are the rule. Zeros, and bytes that are
//! not there, mean the usual case, so that a shorter input is a simpler journal.

use super::journal::Journal;
use super::recovery::LAST_BASE;
use roomcall::protocol::{Actor, Command, Fact, Input, LimitsChange, PolicyChange, Query, Record};
use roomcall::{
    ActiveCalls, CallRejectionReason, CallStatus, CallerLeft, InOtherRoom, Limits, MayCall,
    OutcomesTo, Policy, Role, Which,
};

const USERS: &[&str] = &["ana", "bo", "cy", "dee"];
const ROOMS: &[&str] = &["standup", "lounge"];
const DEVICES: &[&str] = &["phone", "tablet"];

/// Milliseconds between two lines: with timeouts of whole seconds they often meet a deadline.
const STEPS: &[u64] = &[0, 1, 500, 1_000, 499, 999, 1_001, 2_000, 3_000, 30_000];

/// How far numbers leap (F-18, X-04).
const LEAP: u64 = 1 << 32;

/// A time after which little is left.
const LATE: u64 = (u64::MAX >> 1) - 2_500;

/// The journal of some bytes: the settings, then a few bytes for each line.
pub fn journal(bytes: &[u8]) -> Journal {
    let mut bytes = Bytes(bytes);
    let (limits, policy) = (bytes.limits(), bytes.policy());
    // Without a beginning the fuzzer has to find out first that there must be rooms.
    let mut lines = if bytes.one_in(4) { Vec::new() } else { beginning() };
    let mut now = 0;
    while !bytes.0.is_empty() {
        let at = bytes.at(&mut now);
        let input = bytes.input();
        let request_id = match &input {
            Input::Tick | Input::Fact(_) => None,
            Input::Ask { .. } | Input::Query { .. } => bytes.request_id(),
        };
        // A request that is sent again.
        if bytes.one_in(16) {
            let duplicate =
                lines.iter().rev().find(|line: &&Record| line.request_id.is_some()).cloned();
            lines.extend(duplicate.map(|line| Record { at, ..line }));
        }
        lines.push(Record { at, request_id, input });
    }
    Journal { limits, policy, lines }
}

/// A room with somebody in it.
fn beginning() -> Vec<Record> {
    let (room, user) = ("standup".to_string(), "ana".to_string());
    let opened = Fact::RoomOpened { room: room.clone(), owner: user.clone() };
    let entered = Fact::user_entered(room, user, "phone".into());
    [opened, entered]
        .map(|fact| Record { at: 0, request_id: None, input: Input::Fact(fact) })
        .into()
}

/// The bytes that are not read yet.
#[derive(Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    /// The next byte, 0 if there is none.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// Whether one of `many` came.
    pub fn one_in(&mut self, many: u8) -> bool {
        self.byte() % many == many - 1
    }

    fn policy(&mut self) -> Policy {
        Policy {
            active_calls: self.pick(ActiveCalls::ALL),
            in_other_room: self.pick(InOtherRoom::ALL),
            caller_left: self.pick(CallerLeft::ALL),
            may_call: self.pick(MayCall::ALL),
            outcomes_to: self.pick(OutcomesTo::ALL),
            join_grace: self.pick(&[0, 1, 0, 2, 0, 5, 0, 30]),
        }
    }

    /// The usual limits, or such that a short journal meets some of them.
    fn limits(&mut self) -> Limits {
        let usual = Limits { never: self.one_in(2), ..Limits::DEFAULT };
        if !self.one_in(3) {
            return usual;
        }
        let mut small = |usual: u32| self.pick(&[usual, 2, 1, 3, 0]);
        Limits {
            callees: small(usual.callees),
            live_calls_per_room: small(usual.live_calls_per_room),
            kept_per_room: small(usual.kept_per_room),
            ended_per_room: small(usual.ended_per_room),
            live_calls: small(usual.live_calls),
            page_size: small(usual.page_size),
            rooms: small(usual.rooms),
            participants_per_room: small(usual.participants_per_room),
            admins_per_room: small(usual.admins_per_room),
            timeout_max: self.pick(&[usual.timeout_max, 2, 0, u32::MAX]),
            extension_bytes: self.pick(&[usual.extension_bytes, 2, 0]),
            id_bytes: self.pick(&[usual.id_bytes, 7, 6, 0]),
            requests_per_requester: self.pick(&[usual.requests_per_requester, 3, 1, 0]),
            requesters: self.pick(&[usual.requesters, 2, 1, 0]),
            calls_per_minute: self.pick(&[0, 1, 7, 13]),
            rated_users: self.pick(&[usual.rated_users, 2, 1, 0]),
            logged_per_user: self.pick(&[usual.logged_per_user, 2, 1, 3, 0]),
            logged_calls: self.pick(&[usual.logged_calls, 3, 1, 6, 0]),
            logged_for: self.pick(&[usual.logged_for, 1, 0, 5, 60]),
            ..usual
        }
    }

    /// Time goes on, and now and then a line comes from an earlier time.
    fn at(&mut self, now: &mut u64) -> u64 {
        let byte = self.byte();
        let step = STEPS[usize::from(byte) % STEPS.len()];
        match byte {
            0..=219 => *now = now.saturating_add(step),
            220..=249 => return now.saturating_sub(step),
            250..=253 => return u64::MAX.saturating_sub(step),
            254..=255 => *now = LATE.max(*now),
        }
        *now
    }

    fn input(&mut self) -> Input {
        match self.byte() % 32 {
            0..=14 => Input::Ask { command: self.command(), by: self.actor() },
            15..=25 => Input::Fact(self.fact()),
            26..=29 => Input::Query { query: self.query(), by: self.actor() },
            _ => Input::Tick,
        }
    }

    fn command(&mut self) -> Command {
        let kind = self.byte() % 20;
        match kind {
            15 => {
                let which = self.pick(&[Which::Both, Which::To, Which::By]);
                return Command::RevokeUserCalls { user: self.name(USERS), which };
            }
            16..=17 => return Command::MarkCallsSeen { up_to: self.logged() },
            18..=19 => return Command::Ringing { attempt: self.attempt().unwrap_or(1) },
            _ => {}
        }
        let room = self.name(ROOMS);
        match kind {
            0..=4 => Command::CallUserToRoom {
                room,
                users: self.users(),
                timeout: self.pick(&[1, 2, 3, 1, 2, 30, 0, 3_600, 3_601, u32::MAX]),
                extension: self.pick(&["", "{}", "é", "text"]).into(),
                caller: self.one_in(8).then(|| self.name(USERS)),
            },
            5..=6 => Command::CancelCall { room, users: self.users() },
            7..=8 => Command::RevokeCall { room, users: self.users() },
            9..=12 => Command::AcceptCall { room, attempt: self.attempt() },
            _ => Command::RejectCall {
                room,
                attempt: self.attempt(),
                reason: self.pick(&CallRejectionReason::ALL),
            },
        }
    }

    fn fact(&mut self) -> Fact {
        let byte = self.byte();
        let kind = byte % 16;
        let (room, user) = (self.name(ROOMS), self.name(USERS));
        match kind {
            0..=5 => Fact::user_entered(room, user, self.name(DEVICES)),
            6..=8 => Fact::user_left(room, user),
            9..=11 => Fact::RoomOpened { room, owner: user },
            12 => Fact::room_dissolved(room, self.actor()),
            14 if byte >= 128 => self.rules_changed(),
            15 => Fact::Recovered { floor: self.floor() },
            _ => Fact::role_set(room, user, self.pick(&Role::ALL)),
        }
    }

    /// Parts of the policy and of limits, of the values that a journal begins with (F-19).
    fn rules_changed(&mut self) -> Fact {
        let policy = self.one_in(2).then(|| PolicyChange {
            active_calls: self.part(ActiveCalls::ALL),
            in_other_room: self.part(InOtherRoom::ALL),
            caller_left: self.part(CallerLeft::ALL),
            may_call: self.part(MayCall::ALL),
            outcomes_to: self.part(OutcomesTo::ALL),
            join_grace: self.part(&[0, 1, 2, 5]),
        });
        Fact::RulesChanged { policy, limits: self.one_in(2).then(|| self.other_limits()) }
    }

    fn other_limits(&mut self) -> LimitsChange {
        let usual = Limits::DEFAULT;
        let mut small = |usual: u32| self.part(&[usual, 2, 1, 3, 0]);
        LimitsChange {
            callees: small(usual.callees),
            live_calls_per_room: small(usual.live_calls_per_room),
            kept_per_room: small(usual.kept_per_room),
            ended_per_room: small(usual.ended_per_room),
            live_calls: small(usual.live_calls),
            rooms: small(usual.rooms),
            participants_per_room: small(usual.participants_per_room),
            admins_per_room: small(usual.admins_per_room),
            timeout_max: self.part(&[usual.timeout_max, 2, 0, u32::MAX]),
            never: self.part(&[false, true]),
            requests_per_requester: self.part(&[usual.requests_per_requester, 3, 1, 0]),
            requesters: self.part(&[usual.requesters, 2, 1, 0]),
            calls_per_minute: self.part(&[0, 1, 7, 13]),
            rated_users: self.part(&[usual.rated_users, 2, 1, 0]),
            logged_per_user: self.part(&[usual.logged_per_user, 2, 1, 3, 0]),
            logged_calls: self.part(&[usual.logged_calls, 3, 1, 6, 0]),
            logged_for: self.part(&[usual.logged_for, 1, 0, 5, 60]),
            // Seldom, since a smaller one makes the whole fact be ignored.
            extension_bytes: self.seldom(&[usual.extension_bytes, 2]),
            id_bytes: self.seldom(&[usual.id_bytes, 7]),
            page_size: self.seldom(&[usual.page_size, 2]),
            held_names: self.seldom(&[usual.held_names, 9]),
        }
    }

    /// A part that a change has or leaves out.
    fn part<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        self.one_in(3).then(|| self.pick(choices))
    }

    fn seldom<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        self.one_in(32).then(|| self.pick(choices))
    }

    /// None, about that of a short journal, and those of hosts and bounds (F-18).
    fn floor(&mut self) -> u64 {
        let byte = self.byte();
        match byte {
            0..=63 => 0,
            64..=191 => u64::from(byte % 32),
            192..=207 => LEAP + u64::from(byte % 16),
            208..=239 => (1_700_000_000_000 + u64::from(byte)) << 10,
            240..=251 => LAST_BASE + u64::from(byte % 4) - 2,
            252..=255 => u64::MAX,
        }
    }

    fn query(&mut self) -> Query {
        match self.byte() % 12 {
            10..=11 => {
                return Query::GetCallLog { since: self.logged(), count: self.page() };
            }
            0 => return Query::GetIncomingCalls { since: self.attempt() },
            1 => return Query::GetMyCalls { since: self.attempt().unwrap_or_default() },
            2 => return Query::GetLiveCalls { cursor: self.live_cursor(), page_size: self.page() },
            3 => {
                let (user, cursor) = (self.name(USERS), self.live_cursor());
                return Query::GetUserCalls { user, cursor, page_size: self.page() };
            }
            _ => {}
        }
        Query::GetPendingCalls {
            room: self.name(ROOMS),
            cursor: self.cursor(),
            count: self.page(),
            status: self.status(),
        }
    }

    fn page(&mut self) -> u32 {
        self.pick(&[1, 2, 3, 20, 0, 100, 101])
    }

    /// As [`Self::cursor`], for a page of live calls.
    fn live_cursor(&mut self) -> Option<String> {
        match self.byte() % 8 {
            0..=3 => None,
            4 => Some(self.pick(&["", "1", "1-01", "g-1", "1-1-1", "+1-1", "A-1"]).into()),
            _ => {
                let (after, until) = (self.byte() % 16, self.byte() % 16);
                Some(format!("{after:x}-{until:x}"))
            }
        }
    }

    /// Most are of the form that is given out; whether one fits is for the board to say.
    fn cursor(&mut self) -> Option<String> {
        match self.byte() % 16 {
            0..=5 => None,
            6 => Some(String::new()),
            7 => Some(self.pick(&["1-2", "1-01-2", "g-1-1", "1-2-3-4", "+1-1-1", "A-1-1"]).into()),
            opening => {
                let (after, until) = (self.byte() % 16, self.byte() % 16);
                Some(format!("{:x}-{after:x}-{until:x}", opening - 7))
            }
        }
    }

    fn status(&mut self) -> Option<CallStatus> {
        self.one_in(2).then(|| self.pick(&CallStatus::ALL))
    }

    fn request_id(&mut self) -> Option<u64> {
        match self.byte() {
            0..=127 => None,
            255 => Some(u64::MAX),
            // About where a leap is too far.
            byte @ 247..=254 => Some(LEAP + u64::from(byte % 8) - 2),
            byte => Some(u64::from(byte % 16)),
        }
    }

    fn attempt(&mut self) -> Option<u64> {
        match self.byte() {
            0..=127 => None,
            255 => Some(u64::MAX),
            // Of the life after the first one, if that was short (F-18).
            byte @ 224..=254 => Some(LEAP + u64::from(byte % 16)),
            byte => Some(u64::from(byte % 16)),
        }
    }

    /// The number of an entry of a log, or about that.
    fn logged(&mut self) -> u64 {
        match self.byte() {
            0 => 0,
            byte @ 1..=127 => u64::from(byte % 32),
            // Of the life after the first one, if that was short (F-18).
            byte @ 128..=191 => LEAP + u64::from(byte % 32),
            192..=255 => u64::MAX,
        }
    }

    fn actor(&mut self) -> Actor {
        if self.one_in(16) {
            return Actor::Backend;
        }
        Actor::Device { user: self.name(USERS), device: self.name(DEVICES) }
    }

    fn users(&mut self) -> Vec<String> {
        let count: u8 = self.pick(&[1, 2, 3, 4, 1, 2, 6, 0]);
        (0..count).map(|_| self.name(USERS)).collect()
    }

    /// A name, seldom a bad one.
    fn name(&mut self, names: &[&str]) -> String {
        match self.byte() {
            255 => String::new(),
            254 => "n".repeat(65),
            byte => names[usize::from(byte) % names.len()].into(),
        }
    }
}
