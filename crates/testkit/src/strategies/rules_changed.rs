//! Other rules in mid-life (F-19): random parts of policy and limits, of the values that journals begin with, so that
//! limits go down and up.

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use roomcall::protocol::{Actor, Command, Fact, Input, LimitsChange, PolicyChange, Record};
use roomcall::{
    ActiveCalls, CallRejectionReason, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Policy,
};

use super::journal::{Journal, ROOMS, USERS, prelude};
use super::ringing::grace;

/// How often a fact has a certain part.
const PART: f64 = 0.25;

/// A smaller size makes the whole fact be ignored, and greater ones mean little.
const SIZE: f64 = 0.03;

/// The rules are others.
pub(super) fn rules_changed() -> impl Strategy<Value = Fact> {
    (weighted(0.6, policy()), weighted(0.8, limits()))
        .prop_map(|(policy, limits)| Fact::RulesChanged { policy, limits })
}

/// The two that end something come more often.
fn policy() -> impl Strategy<Value = PolicyChange> {
    let parts = (
        weighted(0.5, select(ActiveCalls::ALL)),
        weighted(0.5, select(InOtherRoom::ALL)),
        weighted(PART, select(CallerLeft::ALL)),
        weighted(PART, select(MayCall::ALL)),
        weighted(PART, select(OutcomesTo::ALL)),
        weighted(PART, grace()),
    );
    parts.prop_map(
        |(active_calls, in_other_room, caller_left, may_call, outcomes_to, join_grace)| {
            PolicyChange {
                active_calls,
                in_other_room,
                caller_left,
                may_call,
                outcomes_to,
                join_grace,
            }
        },
    )
}

/// Small values, of which some are 0, or the usual one.
fn small(below: u32, usual: u32) -> impl Strategy<Value = Option<u32>> {
    weighted(PART, prop_oneof![3 => 0..below, 2 => Just(usual)])
}

fn one_of(values: &'static [u32], often: f64) -> impl Strategy<Value = Option<u32>> {
    weighted(often, select(values))
}

fn limits() -> impl Strategy<Value = LimitsChange> {
    let usual = Limits::DEFAULT;
    let calls = (
        weighted(PART, prop_oneof![3 => 1..4_u32, 2 => Just(usual.callees)]),
        one_of(&[5, 300], PART),
        weighted(PART, any::<bool>()),
        small(4, usual.live_calls_per_room),
        small(4, usual.kept_per_room),
        small(4, usual.ended_per_room),
        small(5, usual.live_calls),
    );
    let rooms = (
        small(3, usual.rooms),
        small(5, usual.participants_per_room),
        small(2, usual.admins_per_room),
    );
    let sizes = (
        one_of(&[8, 64], SIZE),
        one_of(&[4, 2_048], SIZE),
        one_of(&[1, 2, 3, 100], SIZE),
        one_of(&[10, 10_000_000], SIZE),
    );
    let memory = (
        one_of(&[0, 1, 2, 3, 3, 16], PART),
        one_of(&[0, 1, 2, 100], PART),
        one_of(&[0, 1, 2, 7, 13], PART),
        small(5, usual.rated_users),
    );
    let log = (
        small(4, usual.logged_per_user),
        small(7, usual.logged_calls),
        one_of(&[0, 1, 2, 5, 20, 60, 604_800], PART),
    );
    (calls, rooms, sizes, memory, log).prop_map(|(calls, rooms, sizes, memory, log)| LimitsChange {
        callees: calls.0,
        timeout_max: calls.1,
        never: calls.2,
        live_calls_per_room: calls.3,
        kept_per_room: calls.4,
        ended_per_room: calls.5,
        live_calls: calls.6,
        rooms: rooms.0,
        participants_per_room: rooms.1,
        admins_per_room: rooms.2,
        id_bytes: sizes.0,
        extension_bytes: sizes.1,
        page_size: sizes.2,
        held_names: sizes.3,
        requests_per_requester: memory.0,
        requesters: memory.1,
        calls_per_minute: memory.2,
        rated_users: memory.3,
        logged_per_user: log.0,
        logged_calls: log.1,
        logged_for: log.2,
    })
}

/// One of the two who are in no room at first.
fn callee() -> impl Strategy<Value = String> {
    select(&USERS[2..]).prop_map(str::to_owned)
}

fn room() -> impl Strategy<Value = String> {
    select(&ROOMS[..]).prop_map(str::to_owned)
}

/// What makes two calls of one user ring, or one for a room that the user is not in, and what ends them.
fn before_changes() -> impl Strategy<Value = Input> {
    let call = (0..ROOMS.len(), callee()).prop_map(|(at, callee)| {
        let (room, users, extension) = (ROOMS[at].to_owned(), vec![callee], String::new());
        let by = Actor::Device { user: USERS[at].to_owned(), device: "phone".to_owned() };
        let command = Command::CallUserToRoom { room, users, timeout: 5, extension, caller: None };
        Input::Ask { by, command }
    });
    let reject = (room(), callee()).prop_map(|(room, user)| {
        let by = Actor::Device { user, device: "phone".to_owned() };
        let reason = CallRejectionReason::Rejected;
        Input::Ask { by, command: Command::RejectCall { room, attempt: None, reason } }
    });
    let accept = (room(), callee()).prop_map(|(room, user)| {
        let by = Actor::Device { user, device: "phone".to_owned() };
        Input::Ask { by, command: Command::AcceptCall { room, attempt: None } }
    });
    let entered = (room(), callee())
        .prop_map(|(room, user)| Input::Fact(Fact::user_entered(room, user, "phone".to_owned())));
    let left = (room(), callee()).prop_map(|(room, user)| Input::Fact(Fact::user_left(room, user)));
    prop_oneof![6 => call, 2 => reject, 1 => accept, 2 => entered, 1 => left]
}

/// Journals that begin where users may ring in two rooms and anywhere, so that changes end much (F-19).
pub fn changing_journal() -> impl Strategy<Value = Journal> {
    let change = rules_changed().prop_map(Input::Fact);
    let input = prop_oneof![9 => before_changes(), 1 => change];
    prop::collection::vec((0..800_u64, input), 10..60).prop_map(|inputs| {
        let policy = Policy {
            active_calls: ActiveCalls::PerRoom,
            in_other_room: InOtherRoom::Ring,
            join_grace: 2,
            ..Policy::DEFAULT
        };
        let (mut lines, mut at) = (prelude(), 0);
        for (later, input) in inputs {
            at += later;
            lines.push(Record { at, request_id: None, input });
        }
        Journal { limits: Limits::DEFAULT, policy, lines }
    })
}

impl Journal {
    /// The journal with other changes of the rules, for what is said of some that stay as they are (F-19).
    #[must_use]
    pub fn with_changes(mut self, edit: impl Fn(&mut PolicyChange, &mut LimitsChange)) -> Self {
        for line in &mut self.lines {
            if let Input::Fact(Fact::RulesChanged { policy, limits }) = &mut line.input {
                edit(policy.get_or_insert_default(), limits.get_or_insert_default());
            }
        }
        self
    }

    /// The journal without changes of limits (F-19).
    #[must_use]
    pub fn with_constant_limits(self) -> Self {
        self.with_changes(|_, limits| *limits = LimitsChange::default())
    }
}
