//! The law of users who are tied to many rooms: how they are found changes with how many these are,
//! and what is found does not.

use proptest::prelude::*;
use proptest::sample::select;
use roomcall::protocol::{Actor, Command, Fact, Input, Outcome, Query, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{ActiveCalls, CallRejectionReason, InOtherRoom, Limits, Policy, Role};

use roomcall_testkit::model::switchboard as model;
use roomcall_testkit::play::device;
use roomcall_testkit::strategies::journal::{Journal, policy, settings};

/// Who is called into all rooms. The first owns them, too, and calls.
const USERS: [&str; 4] = ["host", "ana", "bo", "cy"];

fn room(nth: usize) -> String {
    format!("room {nth}")
}

fn user() -> impl Strategy<Value = String> {
    select(&USERS[1..]).prop_map(str::to_owned)
}

/// One line about one of `rooms` rooms, which often has more to it.
fn entries(rooms: usize) -> impl Strategy<Value = Vec<Input>> {
    let host = || device("host", "phone");
    let fact = |fact| vec![Input::Fact(fact)];
    let ask = |by, command| vec![Input::Ask { by, command }];
    let at = || (0..rooms).prop_map(room);
    let (on, reason) = (select(&["phone", "tablet"][..]), CallRejectionReason::ALL[0]);
    let called = (at(), prop::collection::vec(user(), 1..4), 1..9_u32);
    let answered = (at(), user(), on, any::<bool>());
    let withdrawn = (at(), user(), any::<bool>());
    let entered = (at(), user());
    let role = (at(), select(&USERS[..]), select(&Role::ALL[..]));
    let listed = (at(), prop::option::of(0..9_u64));
    prop_oneof![
        12 => called.prop_map(move |(room, users, timeout)| {
            let extension = room.clone();
            ask(host(), Command::CallUserToRoom { room, users, timeout, extension, caller: None })
        }),
        8 => answered.prop_map(move |(room, user, on, is_accepted)| {
            let by = device(&user, on);
            ask(by, match is_accepted {
                true => Command::AcceptCall { room, attempt: None },
                false => Command::RejectCall { room, attempt: None, reason },
            })
        }),
        4 => withdrawn.prop_map(move |(room, user, is_cancel)| {
            let users = vec![user];
            match is_cancel {
                true => ask(host(), Command::CancelCall { room, users }),
                false => ask(Actor::Backend, Command::RevokeCall { room, users }),
            }
        }),
        6 => entered.prop_map(move |(room, user)| {
            fact(Fact::user_entered(room, user, "phone".into()))
        }),
        4 => (at(), user()).prop_map(move |(room, user)| fact(Fact::user_left(room, user))),
        5 => role.prop_map(move |(room, user, role)| {
            fact(Fact::role_set(room, user.to_owned(), role))
        }),
        3 => at().prop_map(move |room| {
            let gone = Fact::room_dissolved(room.clone(), host());
            vec![Input::Fact(gone), opened(room.clone()), entered_by_host(room)]
        }),
        2 => listed.prop_map(move |(room, since)| questions(room, since)),
        2 => Just(vec![Input::Tick]),
    ]
}

fn opened(room: String) -> Input {
    Input::Fact(Fact::RoomOpened { room, owner: USERS[0].into() })
}

fn entered_by_host(room: String) -> Input {
    let (user, device) = (USERS[0].into(), "phone".into());
    Input::Fact(Fact::user_entered(room, user, device))
}

/// Everything that can be asked about a room, and about those who are called.
fn questions(room: String, since: Option<u64>) -> Vec<Input> {
    let incoming = USERS.map(|user| Input::Query {
        by: device(user, "phone"),
        query: Query::GetIncomingCalls { since },
    });
    let query = Query::GetPendingCalls { room, cursor: None, count: 100, status: None };
    let list = Input::Query { by: Actor::Backend, query };
    incoming.into_iter().chain([list]).collect()
}

fn limits() -> impl Strategy<Value = Limits> {
    // With next to nothing kept or remembered, what ties a user to a room comes and goes.
    let most = || prop_oneof![0..3_u32, Just(200)];
    (most(), most()).prop_map(|(kept_per_room, ended_per_room)| Limits {
        kept_per_room,
        ended_per_room,
        ..Limits::DEFAULT
    })
}

/// Journals about few users and many rooms. That of all rooms the first seven to thirty are used
/// makes users pass the number of ties at which they are found in another way, up and down.
fn crowded() -> impl Strategy<Value = Journal> {
    let policy = policy().prop_map(|policy| Policy {
        active_calls: ActiveCalls::PerRoom,
        in_other_room: InOtherRoom::Ring,
        ..policy
    });
    (limits(), policy, 7..=30_usize).prop_flat_map(|(limits, policy, rooms)| {
        let step = (entries(rooms), prop_oneof![4 => 0..500_u64, 1 => 500..4_000_u64]);
        prop::collection::vec(step, 20..120).prop_map(move |steps| {
            let opening =
                (0..rooms).flat_map(|nth| [opened(room(nth)), entered_by_host(room(nth))]);
            let mut lines: Vec<_> =
                opening.map(|input| Record { at: 0, request_id: None, input }).collect();
            let mut at = 0;
            for (entries, later) in steps {
                at += later;
                lines.extend(entries.into_iter().map(|input| Record {
                    at,
                    request_id: None,
                    input,
                }));
            }
            Journal { limits, policy, lines }
        })
    })
}

/// The model does not know the wording of messages.
fn said(mut turn: Outcome) -> Outcome {
    if let Some(Err(refused)) = &mut turn.answer {
        refused.message.clear();
    }
    turn
}

proptest! {
    #![proptest_config(settings())]

    // INV-04, Q-06, Q-09, E-18: whoever is tied to many rooms is found in each of them.
    #[test]
    fn many_rooms_are_as_few(journal in crowded(), restored in prop::collection::vec(0..400_usize, 0..4)) {
        let mut board = Switchboard::new(journal.limits, journal.policy);
        let mut model = model::numbered::NumberedModel::new(journal.limits, journal.policy);
        for (nth, line) in journal.lines.iter().enumerate() {
            if restored.contains(&nth) {
                board = Switchboard::restore(&board.snapshot()).unwrap();
            }
            prop_assert_eq!(said(board.apply_record(line)), said(model.apply(line)), "line {}", nth + 1);
            prop_assert_eq!(board.verify(), Ok(()));
        }
        for room in (0..30).map(room) {
            for input in questions(room.clone(), Some(0)) {
                let line = Record { at: board.clock().as_millis(), request_id: None, input };
                prop_assert_eq!(said(board.apply_record(&line)), said(model.apply(&line)), "{:?}", line);
            }
            let open = board.lookup_room(&room).filter(|room| board.is_open(*room));
            for user in USERS {
                let stands = open.map(|room| {
                    let user = board.lookup_user(user);
                    user.map_or((false, Role::Participant), |user| {
                        (board.is_inside(room, user), board.role(room, user).unwrap())
                    })
                });
                prop_assert_eq!(stands, model.model.membership(&room, user), "{} {}", room, user);
            }
        }
    }
}
