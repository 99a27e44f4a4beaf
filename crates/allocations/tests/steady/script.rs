//! What happens in one round, by name: each round has new people, in rooms of which some are new.

mod limits;
mod long;

use roomcall::protocol::{Actor, Command, Fact, Input, Record};
use roomcall::{CallRejectionReason, Limits, Policy, Role, Rule};

pub(crate) use long::LONG;

/// What must come of a line, so that the script cannot come to do less than it says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Expected {
    Done,
    Nothing(Rule),
}

/// A line, and what it is a kind of.
pub(crate) struct Scene {
    pub(crate) kind: &'static str,
    pub(crate) outcome: Expected,
    pub(crate) line: Record,
}

/// Rooms that are open all the time, of one owner who is in them.
pub(crate) const LOBBY: &str = "lobby";
pub(crate) const HOST: &str = "ana";
pub(crate) const PHONE: &str = "phone";
const HALLS: u32 = 12;

/// Small enough to be met.
pub(crate) const LIMITS: Limits = Limits {
    callees: 12,
    timeout_max: 100,
    extension_bytes: 200,
    live_calls_per_room: 12,
    kept_per_room: 4,
    ended_per_room: 6,
    live_calls: 20,
    page_size: 5,
    rooms: HALLS + 2,
    participants_per_room: 4,
    admins_per_room: 2,
    held_names: 200,
    logged_per_user: 3,
    logged_calls: 40,
    ..Limits::DEFAULT
};

/// One round in the making.
pub(crate) struct Script {
    round: u32,
    at: u64,
    policy: Policy,
    never: bool,
    pub(crate) scenes: Vec<Scene>,
}

/// A call to everybody of a list.
fn calling(room: &str, users: &[String], timeout: u32, extension: usize) -> Command {
    let extension = "x".repeat(extension);
    Command::CallUserToRoom {
        room: room.into(),
        users: users.to_vec(),
        timeout,
        extension,
        caller: None,
    }
}

fn on(user: &str, device: &str) -> Actor {
    Actor::Device { user: user.into(), device: device.into() }
}

/// The rooms that are there for ever, and who is in them.
pub(crate) fn prelude() -> Vec<Record> {
    let halls = (0..HALLS).map(|nth| format!("hall {nth}"));
    let rooms = std::iter::once(LOBBY.to_owned()).chain(halls);
    let facts = rooms.flat_map(|room| {
        let (user, device) = (HOST.to_owned(), PHONE.to_owned());
        [
            Fact::RoomOpened { room: room.clone(), owner: user.clone() },
            Fact::user_entered(room, user, device),
        ]
    });
    facts.map(|fact| Record { at: 0, request_id: None, input: Input::Fact(fact) }).collect()
}

impl Script {
    pub(crate) fn new(round: u32, policy: Policy, never: bool) -> Self {
        let mut script = Self { policy, never, ..Self::empty(round) };
        script.a_room_comes();
        script.calls_are_answered();
        script.calls_are_withdrawn();
        script.people_come_and_go();
        script.nothing_comes_of_it();
        script.requests_are_refused();
        script.limits_are_met();
        script.many_rooms();
        script.lists_overflow();
        script.a_room_goes();
        script
    }

    fn empty(round: u32) -> Self {
        let at = u64::from(round) * 1_000_000;
        Self { round, at, policy: Policy::DEFAULT, never: false, scenes: Vec::new() }
    }

    /// Somebody new, with a short or a long name.
    pub(crate) fn guest(&self, nth: u32) -> String {
        match nth % 3 {
            0 => format!("guest {nth:02} of round {:06}", self.round),
            _ => format!("g{nth:02}-{:06}", self.round),
        }
    }

    fn guests(&self, numbers: std::ops::Range<u32>) -> Vec<String> {
        numbers.map(|nth| self.guest(nth)).collect()
    }

    fn device(&self, nth: u32) -> String {
        match nth % 2 {
            0 => format!("tv-{nth:02}-{:06}", self.round),
            _ => format!("phone {nth:02} of round {:06}", self.round),
        }
    }

    pub(crate) fn room(&self) -> String {
        match self.round % 2 {
            0 => format!("room {:06}", self.round),
            _ => format!("room of the round {:06}", self.round),
        }
    }

    fn actor(&self, nth: u32) -> Actor {
        on(&self.guest(nth), &self.device(nth))
    }

    fn add(&mut self, kind: &'static str, outcome: Expected, input: Input) {
        self.at += 10;
        let line = Record { at: self.at, request_id: None, input };
        self.scenes.push(Scene { kind, outcome, line });
    }

    fn fact(&mut self, kind: &'static str, fact: Fact) {
        self.add(kind, Expected::Done, Input::Fact(fact));
    }

    fn ignored(&mut self, rule: Rule, fact: Fact) {
        self.add("a fact that is ignored", Expected::Nothing(rule), Input::Fact(fact));
    }

    fn ask(&mut self, kind: &'static str, by: &Actor, command: Command) {
        self.add(kind, Expected::Done, Input::Ask { by: by.clone(), command });
    }

    fn refused(&mut self, rule: Rule, by: &Actor, command: Command) {
        let input = Input::Ask { by: by.clone(), command };
        self.add("a request that is refused", Expected::Nothing(rule), input);
    }

    fn tick(&mut self, kind: &'static str, seconds: u64) {
        self.at += seconds * 1_000;
        self.add(kind, Expected::Done, Input::Tick);
    }

    fn entered(&self, room: &str, nth: u32) -> Fact {
        Fact::user_entered(room.into(), self.guest(nth), self.device(nth))
    }

    fn left(&self, room: &str, nth: u32) -> Fact {
        Fact::user_left(room.into(), self.guest(nth))
    }

    fn role(&self, nth: u32, role: Role) -> Fact {
        Fact::role_set(self.room(), self.guest(nth), role)
    }

    /// Guest 0 is the owner, 1 an admin, 2 a participant.
    fn a_room_comes(&mut self) {
        let room = self.room();
        self.fact("a room opens", Fact::RoomOpened { room: room.clone(), owner: self.guest(0) });
        for nth in 0..3 {
            self.fact("somebody enters", self.entered(&room, nth));
        }
        for (nth, role) in [
            (1, Role::Admin),
            (2, Role::Admin),
            (2, Role::Participant),
            (2, Role::Owner),
            (0, Role::Admin),
            (0, Role::Owner),
            (30, Role::Admin),
        ] {
            self.fact("a role is set", self.role(nth, role));
        }
        self.ignored(Rule::L11, self.role(31, Role::Admin));
        self.fact("a role is set", self.role(30, Role::Participant));
    }

    fn calls_are_answered(&mut self) {
        let (room, owner) = (self.room(), self.actor(0));
        let timeout = 30 + self.round % 70;
        let accept = |attempt| Command::AcceptCall { room: room.clone(), attempt };
        let reject = |reason| Command::RejectCall { room: room.clone(), attempt: None, reason };
        let one = self.guests(3..4);
        self.ask("a call to one", &owner, calling(&room, &one, timeout, 0));
        self.ask("a call that rings already", &owner, calling(&room, &one, timeout, 0));
        self.ask("an accept", &self.actor(3), accept(None));
        self.ask("an answer again", &self.actor(3), accept(None));
        let other = on(&self.guest(3), "another device");
        self.refused(Rule::E09, &other, accept(None));
        self.refused(Rule::E09, &other, reject(CallRejectionReason::ALL[0]));
        self.refused(Rule::E10, &self.actor(3), accept(Some(u64::MAX)));
        // Where that is the policy, who accepted is not expected any more.
        self.tick("a tick that ends an expectation", 1);
        self.ask("a call to one", &owner, calling(&room, &one, timeout, 20));
        self.ask("a reject", &other, reject(CallRejectionReason::ALL[0]));
        let list = self.guests(4..9);
        self.ask("a call to a list", &owner, calling(&room, &list, timeout, 150));
        for nth in 4..7 {
            let reason = CallRejectionReason::ALL[nth as usize % 2];
            self.ask("a reject", &self.actor(nth), reject(reason));
        }
        self.tick("a tick that ends nothing", 1);
        self.tick("a tick that ends calls", 100);
        self.ask("a call to a list", &owner, calling(&room, &list, 20, 200));
        self.ask("a call to a list", &self.actor(1), calling(&room, &self.guests(9..11), 25, 1));
        self.tick("a tick that ends calls", 21);
        self.tick("a tick that ends calls", 5);
    }

    fn calls_are_withdrawn(&mut self) {
        let (room, owner, admin) = (self.room(), self.actor(0), self.actor(1));
        let list = self.guests(3..11);
        self.ask("a call to a list", &owner, calling(&room, &list, 60, 64));
        let cancel =
            |users: &[String]| Command::CancelCall { room: room.clone(), users: users.to_vec() };
        let revoke =
            |users: &[String]| Command::RevokeCall { room: room.clone(), users: users.to_vec() };
        self.ask("a cancel", &owner, cancel(&list[..1]));
        self.ask("a cancel of a list", &owner, cancel(&list[..4]));
        self.ask("a cancel that comes to nothing", &owner, cancel(&self.guests(40..43)));
        self.ask("a cancel that comes to nothing", &self.actor(2), cancel(&list));
        self.ask("a revoke", &admin, revoke(&list[4..5]));
        self.ask("a revoke of a list", &Actor::Backend, revoke(&list));
    }

    fn people_come_and_go(&mut self) {
        let (room, owner) = (self.room(), self.actor(0));
        self.ask("a call to a list", &owner, calling(&room, &self.guests(3..7), 60, 64));
        self.fact("somebody enters who is called", self.entered(&room, 3));
        self.fact("somebody enters another room", self.entered(LOBBY, 4));
        self.ask(
            "a call to somebody elsewhere",
            &owner,
            calling(&room, &self.guests(4..5), 60, 64),
        );
        let reject = Command::RejectCall {
            room: room.clone(),
            attempt: None,
            reason: CallRejectionReason::ALL[0],
        };
        self.ask("a reject", &self.actor(5), reject);
        self.fact("somebody leaves", self.left(LOBBY, 4));
        self.fact("somebody leaves", self.left(&room, 3));
        self.fact("somebody enters whose call is kept", self.entered(&room, 5));
        self.fact("somebody leaves", self.left(&room, 5));
        // With the calls of this caller, where that is the policy.
        self.fact("a caller leaves", self.left(&room, 0));
        self.fact("somebody enters", self.entered(&room, 0));
        self.tick("a tick that ends calls", 100);
    }
}
