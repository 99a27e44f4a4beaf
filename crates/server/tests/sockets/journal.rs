//! Random inputs over a few people and rooms: so few that they meet all the time.

use roomcall::protocol::{Actor, Command, Fact, Input, Query};
use roomcall::{CallRejectionReason, CallStatus, Role, Which};

pub(crate) const USERS: [&str; 4] = ["ana", "bo", "cy", "dee"];
pub(crate) const DEVICES: [&str; 2] = ["phone", "laptop"];
const ROOMS: [&str; 2] = ["standup", "retro"];

/// Small, seeded, and the same everywhere (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    fn some(&mut self, of: &[&str]) -> Vec<String> {
        (0..=self.below(2)).map(|_| self.one(of).to_owned()).collect()
    }
}

pub(crate) fn actor(user: &str, device: &str) -> Actor {
    Actor::Device { user: user.to_owned(), device: device.to_owned() }
}

/// A room that is open, with two people in it, to begin with.
pub(crate) fn beginning() -> Vec<Input> {
    let user = |at: usize| USERS[at].to_owned();
    let device = DEVICES[0].to_owned();
    let room = ROOMS[0].to_owned();
    vec![
        Input::Fact(Fact::RoomOpened { room: room.clone(), owner: user(0) }),
        Input::Fact(Fact::user_entered(room.clone(), user(0), device.clone())),
        Input::Fact(Fact::user_entered(room, user(1), device)),
    ]
}

/// The next input: by one of the devices, or of the backend.
pub(crate) fn input(rng: &mut Rng) -> Input {
    let by = actor(rng.one(&USERS), rng.one(&DEVICES));
    match rng.below(100) {
        0..25 => Input::Fact(fact(rng)),
        25..40 => Input::Query { by, query: query(rng) },
        40..45 => Input::Ask { by: Actor::Backend, command: command(rng) },
        _ => Input::Ask { by, command: command(rng) },
    }
}

fn fact(rng: &mut Rng) -> Fact {
    let (room, user) = (rng.one(&ROOMS).to_owned(), rng.one(&USERS).to_owned());
    match rng.below(20) {
        0..4 => Fact::RoomOpened { room, owner: user },
        4 => Fact::room_dissolved(room, Actor::Backend),
        5..12 => Fact::user_entered(room, user, rng.one(&DEVICES).to_owned()),
        12..17 => Fact::user_left(room, user),
        _ => Fact::role_set(room, user, rng.one(&[Role::Admin, Role::Participant])),
    }
}

fn command(rng: &mut Rng) -> Command {
    let room = rng.one(&ROOMS).to_owned();
    let users = rng.some(&USERS);
    let attempt = (rng.below(3) == 0).then(|| 1 + rng.below(20));
    match rng.below(20) {
        0..8 => {
            let timeout = rng.one(&[1, 2, 5, 30, 0, 4_000]);
            let extension = rng.one(&["", "about lunch", "\"{\u{fc}\n"]).to_owned();
            let caller = (rng.below(8) == 0).then(|| rng.one(&USERS).to_owned());
            Command::CallUserToRoom { room, users, timeout, extension, caller }
        }
        8..11 => Command::CancelCall { room, users },
        11..13 => Command::RevokeCall { room, users },
        13 => Command::RevokeUserCalls {
            user: rng.one(&USERS).to_owned(),
            which: rng.one(&Which::ALL),
        },
        14..16 => Command::AcceptCall { room, attempt },
        16 => Command::Ringing { attempt: 1 + rng.below(20) },
        _ => {
            let reason = rng.one(&CallRejectionReason::ALL);
            Command::RejectCall { room, attempt, reason }
        }
    }
}

fn query(rng: &mut Rng) -> Query {
    let page_size = rng.below(4) as u32;
    match rng.below(6) {
        4 => {
            return Query::GetUserCalls {
                user: rng.one(&USERS).to_owned(),
                cursor: None,
                page_size,
            };
        }
        5 => return Query::GetLiveCalls { cursor: None, page_size },
        0 => return Query::GetIncomingCalls { since: (rng.below(2) == 0).then(|| rng.below(9)) },
        1 => return Query::GetMyCalls { since: rng.below(9) },
        _ => {}
    }
    let status = (rng.below(3) == 0).then(|| rng.one(&CallStatus::ALL));
    let cursor = (rng.below(4) == 0).then(|| "not one".to_owned());
    let (room, count) = (rng.one(&ROOMS).to_owned(), rng.below(4) as u32);
    Query::GetPendingCalls { room, cursor, count, status }
}
