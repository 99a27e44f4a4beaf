//! The scopes of `spec/scopes`, as the code sees them: who is there and what may arrive.

mod expecting;

use roomcall::protocol::{Actor, Command, Fact, Input};
use roomcall::{
    ActiveCalls, CallRejectionReason, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Policy,
    Role,
};

use roomcall_testkit::play::device;

/// A name and a device.
type On = (&'static str, &'static str);

/// What a scope is made of; see `spec/calls.tla`.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) users: &'static [&'static str],
    pub(super) rooms: &'static [&'static str],
    pub(super) setups: Vec<(String, Limits, Policy)>,
    pub(super) prelude: Vec<Fact>,
    pub(super) attempts: u64,
    pub(super) openings: u64,
    pub(super) handsets: &'static [On],
    /// What may arrive, and after how many seconds.
    pub(super) inputs: Vec<(u64, Input)>,
}

/// The specifications have no call logs (H).
const LIMITS: Limits = Limits { logged_per_user: 0, ..Limits::DEFAULT };

const USUAL: (Limits, Policy) = (LIMITS, Policy::DEFAULT);

fn opened(room: &str, owner: &str) -> Fact {
    Fact::RoomOpened { room: room.into(), owner: owner.into() }
}

fn entered(room: &str, (user, device): On) -> Fact {
    Fact::user_entered(room.into(), user.into(), device.into())
}

/// Everything that is asked of, in every combination.
struct Asked<'a> {
    rooms: &'a [&'static str],
    lists: &'a [&'a [&'static str]],
    timeouts: &'a [u32],
    attempts: u64,
}

impl Asked<'_> {
    fn list(list: &[&str]) -> Vec<String> {
        list.iter().map(|user| user.to_string()).collect()
    }

    fn each(
        &self,
        by: &[Actor],
        command: impl Fn(String, &[&'static str]) -> Vec<Command>,
    ) -> Vec<Input> {
        let mut all = Vec::new();
        for by in by {
            for room in self.rooms {
                for list in self.lists {
                    let commands = command(room.to_string(), list);
                    all.extend(
                        commands.into_iter().map(|c| Input::Ask { by: by.clone(), command: c }),
                    );
                }
            }
        }
        all
    }

    fn calls(&self, by: &[Actor]) -> Vec<Input> {
        self.each(by, |room, list| {
            let call = |&timeout| {
                let (room, users) = (room.clone(), Self::list(list));
                Command::CallUserToRoom {
                    room,
                    users,
                    timeout,
                    extension: String::new(),
                    caller: None,
                }
            };
            self.timeouts.iter().map(call).collect()
        })
    }

    fn cancels(&self, by: &[Actor]) -> Vec<Input> {
        self.each(by, |room, list| vec![Command::CancelCall { room, users: Self::list(list) }])
    }

    fn revokes(&self, by: &[Actor]) -> Vec<Input> {
        self.each(by, |room, list| vec![Command::RevokeCall { room, users: Self::list(list) }])
    }

    fn answers(&self, by: &[Actor], answer: impl Fn(String, Option<u64>) -> Command) -> Vec<Input> {
        let mut all = Vec::new();
        for by in by {
            for room in self.rooms {
                for attempt in std::iter::once(None).chain((1..=self.attempts).map(Some)) {
                    let command = answer(room.to_string(), attempt);
                    all.push(Input::Ask { by: by.clone(), command });
                }
            }
        }
        all
    }

    fn accepts(&self, by: &[Actor]) -> Vec<Input> {
        self.answers(by, |room, attempt| Command::AcceptCall { room, attempt })
    }

    fn rejects(&self, by: &[Actor]) -> Vec<Input> {
        let reason = CallRejectionReason::Rejected;
        self.answers(by, |room, attempt| Command::RejectCall { room, attempt, reason })
    }
}

fn phone(user: &str) -> Actor {
    device(user, "phone")
}

fn enters(rooms: &[&str], who: &[On]) -> Vec<Input> {
    let all = rooms.iter().flat_map(|room| who.iter().map(|who| entered(room, *who)));
    all.map(Input::Fact).collect()
}

fn leaves(rooms: &[&str], who: &[&str]) -> Vec<Input> {
    let left = |room: &&str, user: &&str| Fact::user_left((*room).into(), (*user).into());
    let all = rooms.iter().flat_map(|room| who.iter().map(move |user| left(room, user)));
    all.map(Input::Fact).collect()
}

/// Inputs that arrive at once.
fn now(parts: Vec<Vec<Input>>) -> Vec<(u64, Input)> {
    parts.into_iter().flatten().map(|input| (0, input)).collect()
}

const TICK: (u64, Input) = (1, Input::Tick);
const STANDUP: &[&str] = &["standup"];
/// Both ticks of the scopes in which somebody is expected (E-20).
const TICKS: [(u64, Input); 2] = [TICK, (2, Input::Tick)];
const BOTH: &[&str] = &["standup", "lounge"];

pub(super) fn scope(name: &str) -> Scope {
    match name {
        "answers" => answers(),
        "batches" => batches(),
        "keeping" => keeping(),
        "roles" => roles(),
        "leaving" => leaving(),
        "two_rooms" => two_rooms(),
        "expecting" => expecting::expecting(),
        "elsewhere" => expecting::elsewhere(),
        "ringing" => ringing(),
        "waiting" => waiting(),
        _ => panic!("there is no scope {name}"),
    }
}

/// ana in her room, and nothing that arrives yet.
fn meeting(users: &'static [&'static str], attempts: u64) -> Scope {
    Scope {
        users,
        rooms: STANDUP,
        setups: vec![("usual".to_owned(), USUAL.0, USUAL.1)],
        prelude: vec![opened("standup", "ana"), entered("standup", ("ana", "phone"))],
        attempts,
        openings: 1,
        handsets: &[],
        inputs: vec![TICK],
    }
}

fn answers() -> Scope {
    let mut scope = meeting(&["ana", "bo", "cy"], 2);
    let all = Policy { outcomes_to: OutcomesTo::AllDevices, ..Policy::DEFAULT };
    scope.setups.push(("allDevices".to_owned(), LIMITS, all));
    let asked = Asked { rooms: STANDUP, lists: &[&["bo"]], timeouts: &[1], attempts: 2 };
    let callers = [phone("ana"), device("ana", "tablet"), phone("cy")];
    let answerers = [phone("bo"), device("bo", "tablet"), Actor::Backend];
    scope.inputs.extend(now(vec![
        enters(STANDUP, &[("bo", "tablet")]),
        asked.calls(&callers),
        asked.cancels(&callers),
        asked.revokes(&[Actor::Backend, phone("ana"), phone("cy")]),
        asked.accepts(&answerers),
        asked.rejects(&answerers),
    ]));
    scope
}

fn batches() -> Scope {
    let mut scope = meeting(&["ana", "bo", "cy"], 3);
    let short = Limits { timeout_max: 2, ..LIMITS };
    let with = |name: &str, limits| (name.to_owned(), limits, Policy::DEFAULT);
    scope.setups = vec![
        with("short", Limits { callees: 2, ..short }),
        with("never", Limits { never: true, live_calls_per_room: 1, ..short }),
        with("few", Limits { live_calls: 1, ..short }),
    ];
    let lists: [&[&str]; 7] = [
        &[],
        &["bo"],
        &["cy"],
        &["bo", "cy"],
        &["cy", "bo", "cy"],
        &["ana", "cy"],
        &["ana", "bo", "cy"],
    ];
    let asked = Asked { rooms: STANDUP, lists: &lists, timeouts: &[0, 1, 2, 3], attempts: 3 };
    let mut asks = asked.calls(&[phone("ana")]);
    asks.extend(asked.cancels(&[phone("ana")]));
    let later = |seconds| asks.iter().map(move |input| (seconds, input.clone()));
    scope.inputs = vec![TICK, (2, Input::Tick)];
    scope.inputs.extend(later(0).chain(later(1)));
    scope
}

fn keeping() -> Scope {
    let mut scope = meeting(&["ana", "bo", "cy"], 3);
    let with = |name: &str, kept_per_room, ended_per_room| {
        let limits = Limits { kept_per_room, ended_per_room, ..LIMITS };
        (name.to_owned(), limits, Policy::DEFAULT)
    };
    scope.setups = vec![with("one", 1, 1), with("none", 0, 0), with("more kept", 2, 1)];
    let lists: [&[&str]; 3] = [&["bo"], &["cy"], &["bo", "cy"]];
    let asked = Asked { rooms: STANDUP, lists: &lists, timeouts: &[1], attempts: 3 };
    scope.inputs.extend(now(vec![
        enters(STANDUP, &[("cy", "phone")]),
        leaves(STANDUP, &["cy"]),
        asked.calls(&[phone("ana")]),
        asked.cancels(&[phone("ana")]),
        asked.rejects(&[phone("bo"), phone("cy")]),
    ]));
    scope
}

fn roles() -> Scope {
    let users: &[&str] = &["ana", "bo"];
    let mut scope = meeting(&["ana", "bo"], 1);
    let limits = Limits { rooms: 1, admins_per_room: 1, participants_per_room: 1, ..LIMITS };
    let with =
        |name: &str, may_call| (name.to_owned(), limits, Policy { may_call, ..Policy::DEFAULT });
    scope.setups = vec![with("anyone", MayCall::Anyone), with("admins", MayCall::Admins)];
    (scope.rooms, scope.prelude, scope.openings) = (BOTH, Vec::new(), 2);
    let revokers = [Actor::Backend, phone("ana"), phone("bo")];
    let mut facts = Vec::new();
    for &room in BOTH {
        facts.extend(users.iter().map(|user| opened(room, user)));
        let by = |by: &Actor| Fact::room_dissolved(room.into(), by.clone());
        facts.extend(revokers.iter().map(by));
        for &user in users {
            let role = |role| Fact::role_set(room.into(), user.into(), role);
            facts.extend(Role::ALL.map(role));
        }
    }
    let asked = Asked { rooms: BOTH, lists: &[&["bo"]], timeouts: &[1], attempts: 1 };
    scope.inputs.extend(now(vec![
        facts.into_iter().map(Input::Fact).collect(),
        enters(BOTH, &[("ana", "phone"), ("bo", "phone")]),
        leaves(BOTH, users),
        asked.calls(&[phone("ana"), Actor::Backend]),
        asked.revokes(&revokers),
    ]));
    scope
}

fn leaving() -> Scope {
    let mut scope = meeting(&["ana", "bo", "cy", "dee"], 2);
    let with = |name: &str, caller_left| {
        (name.to_owned(), LIMITS, Policy { caller_left, ..Policy::DEFAULT })
    };
    scope.setups = vec![
        with("keepRinging", CallerLeft::KeepRinging),
        with("cancelCalls", CallerLeft::CancelCalls),
        with("cancelIfRoomEmpty", CallerLeft::CancelIfRoomEmpty),
    ];
    scope.prelude.push(entered("standup", ("bo", "phone")));
    let lists: [&[&str]; 2] = [&["cy"], &["dee"]];
    let asked = Asked { rooms: STANDUP, lists: &lists, timeouts: &[1], attempts: 2 };
    let callers = [phone("ana"), device("bo", "tablet")];
    scope.inputs.extend(now(vec![
        enters(STANDUP, &[("ana", "phone"), ("bo", "phone")]),
        leaves(STANDUP, &["ana", "bo"]),
        asked.calls(&callers),
        asked.cancels(&callers),
        asked.accepts(&[phone("cy")]),
    ]));
    scope
}

fn two_rooms() -> Scope {
    let mut scope = meeting(&["ana", "bo"], 2);
    scope.setups = Vec::new();
    for (active, active_calls) in
        [("perUser", ActiveCalls::PerUser), ("perRoom", ActiveCalls::PerRoom)]
    {
        for (other, in_other_room) in [("reject", InOtherRoom::Reject), ("ring", InOtherRoom::Ring)]
        {
            let policy = Policy { active_calls, in_other_room, ..Policy::DEFAULT };
            scope.setups.push((format!("{active} {other}"), LIMITS, policy));
        }
    }
    (scope.rooms, scope.openings) = (BOTH, 2);
    scope.prelude.insert(1, opened("lounge", "ana"));
    let asked = Asked { rooms: BOTH, lists: &[&["bo"]], timeouts: &[1], attempts: 2 };
    scope.inputs.extend(now(vec![
        enters(BOTH, &[("ana", "phone"), ("bo", "phone")]),
        leaves(BOTH, &["ana", "bo"]),
        asked.calls(&[phone("ana")]),
        asked.cancels(&[phone("ana")]),
        asked.accepts(&[phone("bo")]),
    ]));
    scope
}

/// All that dissolve a room.
fn dissolves(rooms: &[&str]) -> Vec<Input> {
    let by_backend = |room: &&str| Fact::room_dissolved((*room).into(), Actor::Backend);
    rooms.iter().map(by_backend).map(Input::Fact).collect()
}

fn ringing() -> Scope {
    let mut scope = meeting(&["ana", "bo"], 1);
    scope.handsets = &[("bo", "phone"), ("bo", "tablet")];
    let asked = Asked { rooms: STANDUP, lists: &[&["bo"]], timeouts: &[1], attempts: 1 };
    scope.inputs.extend(now(vec![
        enters(STANDUP, &[("bo", "web")]),
        asked.calls(&[phone("ana")]),
        asked.cancels(&[phone("ana")]),
        asked.revokes(&[Actor::Backend]),
    ]));
    scope
}

fn waiting() -> Scope {
    let mut scope = meeting(&["ana", "bo"], 2);
    scope.handsets = &[("bo", "phone")];
    let asked = Asked { rooms: STANDUP, lists: &[&["bo"]], timeouts: &[1], attempts: 2 };
    scope.inputs.extend(now(vec![asked.calls(&[phone("ana")]), asked.cancels(&[phone("ana")])]));
    scope
}
