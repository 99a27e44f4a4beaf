//! Random facts: rooms that open and dissolve, and who is in them; and journals of hardly anything else, since
//! those of everything rarely have many presences of one user.

use proptest::prelude::*;
use proptest::sample::select;
use roomcall::protocol::{Actor, Command, Fact, Input, Present, Record};
use roomcall::{Limits, Policy, Role};

use super::journal::{Journal, ROOMS, USERS, actor, device, name, policy, room, user};
use super::recovery::recovered;
use super::rules_changed::rules_changed;

/// Sessions: few, so that they come again; more than are remembered, so that some are forgotten.
const SESSIONS: [&str; 12] =
    ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"];

fn session() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        3 => Just(None),
        4 => name(&SESSIONS[..3]).prop_map(Some),
        1 => name(&SESSIONS).prop_map(Some),
    ]
}

fn opening() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![6 => Just(None), 1 => (1..4_u64).prop_map(Some)]
}

fn on() -> impl Strategy<Value = Option<String>> {
    prop_oneof![1 => Just(None), 4 => device().prop_map(Some)]
}

pub(super) fn opened() -> impl Strategy<Value = Fact> {
    (room(), user()).prop_map(|(room, owner)| Fact::RoomOpened { room, owner })
}

pub(super) fn dissolved() -> impl Strategy<Value = Fact> {
    (room(), actor(), opening()).prop_map(|(room, by, opening)| Fact::RoomDissolved {
        room,
        by,
        opening,
    })
}

pub(super) fn entered() -> impl Strategy<Value = Fact> {
    (room(), user(), on(), session(), opening()).prop_map(
        |(room, user, device, session, opening)| Fact::UserEntered {
            room,
            user,
            device,
            session,
            opening,
        },
    )
}

/// Half of the leavings are of all presences, since few match one.
pub(super) fn left() -> impl Strategy<Value = Fact> {
    let which = prop_oneof![Just((None, None)), (on(), session())];
    (room(), user(), which, opening()).prop_map(|(room, user, (device, session), opening)| {
        Fact::UserLeft { room, user, device, session, opening }
    })
}

pub(super) fn listed() -> impl Strategy<Value = Fact> {
    let present = (user(), on(), session()).prop_map(|(user, device, session)| Present {
        user,
        device,
        session,
    });
    (room(), prop::collection::vec(present, 0..6), opening())
        .prop_map(|(room, present, opening)| Fact::PresenceListed { room, present, opening })
}

pub(super) fn removed() -> impl Strategy<Value = Fact> {
    (room(), user(), actor(), opening()).prop_map(|(room, user, by, opening)| Fact::UserRemoved {
        room,
        user,
        by,
        opening,
    })
}

pub(super) fn erased() -> impl Strategy<Value = Fact> {
    user().prop_map(|user| Fact::UserErased { user })
}

pub(super) fn role_set() -> impl Strategy<Value = Fact> {
    (room(), user(), select(&Role::ALL[..]), opening())
        .prop_map(|(room, user, role, opening)| Fact::RoleSet { room, user, role, opening })
}

/// How a dense journal is made: users and sessions that it has, how often a device is unknown.
#[derive(Clone, Copy, Debug)]
struct Density {
    users: usize,
    sessions: usize,
    unknown: u32,
}

fn present(of: Density) -> impl Strategy<Value = Present> {
    let device = select(&["phone", "tablet", "tv"][..]).prop_map(|device| Some(device.to_owned()));
    let session = (0..of.sessions).prop_map(|session| Some(format!("s{session}")));
    let device = prop_oneof![of.unknown => Just(None), 3 => device];
    let session = prop_oneof![1 => Just(None), 6 => session];
    (select(&USERS[..of.users]), device, session).prop_map(|(user, device, session)| Present {
        user: user.to_owned(),
        device,
        session,
    })
}

fn dense_input(of: Density) -> impl Strategy<Value = Input> {
    let room = || prop_oneof![6 => Just(ROOMS[0]), 1 => Just(ROOMS[1])].prop_map(str::to_owned);
    let user = || select(&USERS[..of.users]).prop_map(str::to_owned);
    let opening = None;
    let entered = (room(), present(of)).prop_map(move |(room, it)| {
        let Present { user, device, session } = it;
        Fact::UserEntered { room, user, device, session, opening }
    });
    let left = (room(), present(of)).prop_map(move |(room, it)| {
        let Present { user, device, session } = it;
        Fact::UserLeft { room, user, device, session, opening }
    });
    let all_left = (room(), user()).prop_map(|(room, user)| Fact::user_left(room, user));
    let list = prop::collection::vec(present(of), 0..5);
    let listed = (room(), list).prop_map(move |(room, present)| Fact::PresenceListed {
        room,
        present,
        opening,
    });
    let removed = (room(), user(), actor()).prop_map(move |(room, user, by)| Fact::UserRemoved {
        room,
        user,
        by,
        opening,
    });
    let role = (room(), user(), select(&Role::ALL[..]))
        .prop_map(|(room, user, role)| Fact::role_set(room, user, role));
    let fact = prop_oneof![
        30 => entered,
        15 => left,
        6 => all_left,
        6 => listed,
        3 => removed,
        3 => role,
        1 => recovered(),
        1 => erased(),
        1 => rules_changed(),
    ];
    let callees = prop::collection::vec(select(&USERS[..]).prop_map(str::to_owned), 1..4);
    let call = (room(), user(), callees).prop_map(|(room, user, users)| {
        let (timeout, extension, caller) = (10, String::new(), None);
        let command = Command::CallUserToRoom { room, users, timeout, extension, caller };
        Input::Ask { by: Actor::Device { user, device: "phone".into() }, command }
    });
    // Who accepts may be expected (E-20).
    let accept = (room(), user()).prop_map(|(room, user)| {
        let by = Actor::Device { user, device: "phone".into() };
        Input::Ask { by, command: Command::AcceptCall { room, attempt: None } }
    });
    prop_oneof![12 => fact.prop_map(Input::Fact), 2 => call, 1 => accept]
}

fn opened_rooms(inputs: Vec<Input>) -> Vec<Record> {
    let opened = ROOMS.iter().map(|room| {
        Input::Fact(Fact::RoomOpened { room: (*room).to_owned(), owner: USERS[0].to_owned() })
    });
    let lines = opened.chain(inputs).zip((0_u64..).step_by(50));
    lines.map(|(input, at)| Record { at, request_id: None, input }).collect()
}

/// Journals of presences: several devices and sessions of few users, in a small room.
pub fn presence_journal() -> impl Strategy<Value = Journal> {
    let density = (1..=USERS.len(), select(&[2, 4, 12, 24][..]), select(&[1, 3, 40][..]))
        .prop_map(|(users, sessions, unknown)| Density { users, sessions, unknown });
    (density, 0..5_u32, policy()).prop_flat_map(|(density, inside, policy)| {
        let limits = Limits { participants_per_room: inside, ..Limits::DEFAULT };
        prop::collection::vec(dense_input(density), 1..90).prop_map(move |inputs| Journal {
            limits,
            policy,
            lines: opened_rooms(inputs),
        })
    })
}

/// Journals of one user with more presences than may be (F-05).
pub fn crowded_presence_journal() -> impl Strategy<Value = Journal> {
    let of = Density { users: 1, sessions: 24, unknown: 9 };
    let step = (present(of), 0..64_u8).prop_map(|(Present { user, device, session }, kind)| {
        let (room, opening) = (ROOMS[0].to_owned(), None);
        Input::Fact(match kind {
            0..4 => Fact::UserLeft { room, user, device, session, opening },
            4..8 => {
                let in_session = |nth| Present {
                    user: user.clone(),
                    device: None,
                    session: Some(format!("s{nth}")),
                };
                Fact::PresenceListed { room, present: (0..20).map(in_session).collect(), opening }
            }
            8 => Fact::Recovered { floor: 0 },
            _ => {
                let session = session.or_else(|| Some("s23".to_owned()));
                Fact::UserEntered { room, user, device, session, opening }
            }
        })
    });
    prop::collection::vec(step, 20..90).prop_map(|inputs| {
        let (limits, policy) = (Limits::DEFAULT, Policy::DEFAULT);
        Journal { limits, policy, lines: opened_rooms(inputs) }
    })
}
