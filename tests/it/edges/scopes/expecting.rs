//! The scopes in which who accepted is expected (E-20, E-21).

use roomcall::protocol::Actor;
use roomcall::{ActiveCalls, CallerLeft, InOtherRoom, Limits, OutcomesTo, Policy};

use super::{
    Asked, BOTH, LIMITS, STANDUP, Scope, TICKS, dissolves, entered, enters, leaves, meeting, now,
    opened, phone,
};

pub(super) fn expecting() -> Scope {
    let mut scope = meeting(&["ana", "bo", "cy"], 2);
    let usual = Policy { join_grace: 1, caller_left: CallerLeft::CancelCalls, ..Policy::DEFAULT };
    let longer = Policy {
        join_grace: 2,
        caller_left: CallerLeft::CancelIfRoomEmpty,
        outcomes_to: OutcomesTo::AllDevices,
        ..Policy::DEFAULT
    };
    let few = Limits { live_calls_per_room: 1, ..LIMITS };
    scope.setups = vec![
        ("usual".to_owned(), LIMITS, usual),
        ("longer".to_owned(), LIMITS, longer),
        ("few".to_owned(), few, Policy { join_grace: 1, ..Policy::DEFAULT }),
    ];
    let asked = Asked { rooms: STANDUP, lists: &[&["bo"], &["cy"]], timeouts: &[1], attempts: 2 };
    scope.prelude = vec![opened("standup", "ana"), entered("standup", ("ana", "tablet"))];
    scope.inputs = TICKS.to_vec();
    scope.inputs.extend(now(vec![
        dissolves(STANDUP),
        enters(STANDUP, &[("ana", "tablet"), ("bo", "phone")]),
        leaves(STANDUP, &["ana", "bo"]),
        asked.calls(&[phone("ana")]),
        asked.cancels(&[phone("ana")]),
        asked.revokes(&[Actor::Backend]),
        asked.accepts(&[phone("bo")]),
    ]));
    scope
}

pub(super) fn elsewhere() -> Scope {
    let mut scope = meeting(&["ana", "bo"], 2);
    let ring = Policy {
        join_grace: 1,
        active_calls: ActiveCalls::PerRoom,
        in_other_room: InOtherRoom::Ring,
        ..Policy::DEFAULT
    };
    let few = Limits { live_calls: 1, ..LIMITS };
    scope.setups = vec![
        ("usual".to_owned(), LIMITS, Policy { join_grace: 2, ..Policy::DEFAULT }),
        ("ring".to_owned(), LIMITS, ring),
        ("few".to_owned(), few, Policy { join_grace: 1, ..Policy::DEFAULT }),
    ];
    (scope.rooms, scope.openings) = (BOTH, 2);
    scope.prelude.insert(1, opened("lounge", "ana"));
    scope.prelude.push(entered("lounge", ("ana", "phone")));
    let asked = Asked { rooms: BOTH, lists: &[&["bo"]], timeouts: &[1], attempts: 2 };
    scope.inputs = TICKS.to_vec();
    scope.inputs.extend(now(vec![
        dissolves(BOTH),
        enters(BOTH, &[("bo", "phone")]),
        leaves(BOTH, &["bo"]),
        asked.calls(&[phone("ana")]),
        asked.accepts(&[phone("bo")]),
    ]));
    scope
}
