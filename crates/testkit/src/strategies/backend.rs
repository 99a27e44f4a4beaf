//! Random asks and queries that only the backend may make (P-10).

use proptest::prelude::*;
use proptest::sample::select;
use roomcall::Which;
use roomcall::protocol::{Actor, Command, Input, Query};

use super::journal::{actor, call, user};

/// Mostly the backend, for what nobody else may (P-10).
fn asker() -> impl Strategy<Value = Actor> {
    prop_oneof![7 => Just(Actor::Backend), 1 => actor()]
}

/// A call on behalf of somebody, who need not be in the room; now and then of nobody, or by a user (P-01, P-10).
pub(super) fn call_on_behalf() -> impl Strategy<Value = Input> {
    let named = prop::option::weighted(0.9, user());
    (asker(), call(), named).prop_map(|(by, mut command, named)| {
        if let Command::CallUserToRoom { caller, .. } = &mut command {
            *caller = named;
        }
        Input::Ask { by, command }
    })
}

pub(super) fn user_calls_revoked() -> impl Strategy<Value = Input> {
    let which = select(&Which::ALL[..]);
    (asker(), user(), which).prop_map(|(by, user, which)| Input::Ask {
        by,
        command: Command::RevokeUserCalls { user, which },
    })
}

/// The queries that only the backend may ask.
pub(super) fn query() -> impl Strategy<Value = Input> {
    let cursor = prop_oneof![
        4 => Just(None),
        1 => Just(Some(String::new())),
        2 => (0..6_u64, 0..8_u64).prop_map(|(after, until)| Some(format!("{after:x}-{until:x}"))),
        1 => select(&["1", "1-01", "g-1", "1-1-1", "+1-1", "1-", "A-B", "1-10000000000000000"][..])
            .prop_map(|text| Some(text.to_owned())),
    ];
    let page_size = prop_oneof![6 => 1..4_u32, 1 => Just(0), 1 => Just(101)];
    (asker(), prop::option::of(user()), cursor, page_size).prop_map(
        |(by, user, cursor, page_size)| {
            let query = match user {
                Some(user) => Query::GetUserCalls { user, cursor, page_size },
                None => Query::GetLiveCalls { cursor, page_size },
            };
            Input::Query { by, query }
        },
    )
}
