//! Random journals. The machine is total: every list of lines is a journal, so shrinking keeps
//! them legal. Ids come from tiny ranges, so that collisions are the rule.

use std::fmt;

use super::director::{Dice, Director};
use super::{backend, log, presence, recovery, ringing, rules_changed};
use proptest::prelude::*;
use proptest::sample::select;
use roomcall::journal::Header;
use roomcall::protocol::{Actor, Command, Fact, Input, Query, Record};
use roomcall::{
    ActiveCalls, CallRejectionReason, CallStatus, CallerLeft, InOtherRoom, Limits, MayCall,
    OutcomesTo, Policy,
};

/// Everybody.
pub const USERS: [&str; 4] = ["ana", "bo", "cy", "dee"];
/// Every room.
pub const ROOMS: [&str; 2] = ["standup", "lounge"];
/// A name that small limits refuse and others take, of whatever kind.
pub const LONG: &str = "an-id-that-is-too-long-for-small-limits";
/// The devices of everybody.
pub const DEVICES: [&str; 2] = ["phone", "tablet"];

/// A journal. Its `Debug` form is the journal itself, so that a failure can be kept as data.
#[derive(Clone)]
pub struct Journal {
    /// The limits of the switchboard.
    pub limits: Limits,
    /// The policy of the switchboard.
    pub policy: Policy,
    /// What is applied, in order.
    pub lines: Vec<Record>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = Header::new(self.limits, self.policy);
        writeln!(f, "\n{}", serde_json::to_string(&header).unwrap())?;
        for line in &self.lines {
            writeln!(f, "{}", serde_json::to_string(line).unwrap())?;
        }
        Ok(())
    }
}

/// The settings of proptest: failures are kept as journals, never as seeds. `PROPTEST_CASES` sets
/// how many journals each law meets.
pub fn settings() -> ProptestConfig {
    let usual = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { usual.cases } else { 600 };
    ProptestConfig { cases, failure_persistence: None, ..usual }
}

/// Journals of up to 80 random lines, most of which meet the state.
pub fn journal() -> impl Strategy<Value = Journal> {
    let length = 1..80_usize;
    (limits(), policy(), swarm(), prop::bool::weighted(0.9)).prop_flat_map(
        move |(limits, policy, kinds, opening)| {
            let step = (pace(), input(kinds), prop::option::weighted(0.75, any::<Dice>()));
            prop::collection::vec(step, length.clone()).prop_map(move |steps| {
                let mut lines = if opening { prelude() } else { Vec::new() };
                let mut director = Director::new(limits, policy);
                lines.iter().for_each(|line| director.follow(line));
                for (at, input, dice) in at_pace(steps) {
                    let input = match dice {
                        Some(dice) => director.direct(input, dice),
                        None => input,
                    };
                    let line = Record { at, request_id: None, input };
                    director.follow(&line);
                    lines.push(line);
                }
                Journal { limits, policy, lines }
            })
        },
    )
}

/// The journal with limits that random journals do not meet, also later on (F-19).
pub fn roomy(journal: &Journal) -> Journal {
    let limits = Limits { never: journal.limits.never, ..Limits::DEFAULT };
    Journal { limits, ..journal.clone() }.with_constant_limits()
}

/// As [`journal`], with limits that random journals do not meet.
pub fn roomy_journal() -> impl Strategy<Value = Journal> {
    journal().prop_map(|journal| roomy(&journal))
}

/// Two rooms with somebody in each, so that most journals come to calls at once.
pub(super) fn prelude() -> Vec<Record> {
    let at = |fact| Record { at: 0, request_id: None, input: Input::Fact(fact) };
    ROOMS
        .iter()
        .zip(USERS)
        .flat_map(|(room, user)| {
            let (room, user) = (room.to_string(), user.to_string());
            [
                at(Fact::RoomOpened { room: room.clone(), owner: user.clone() }),
                at(Fact::user_entered(room, user, "phone".into())),
            ]
        })
        .collect()
}

/// How time goes on from one line to the next.
#[derive(Clone, Copy, Debug)]
enum Pace {
    Forward(u64),
    Back(u64),
}

fn pace() -> impl Strategy<Value = Pace> {
    // Half seconds, so that inputs often come exactly at a deadline.
    prop_oneof![
        4 => Just(Pace::Forward(0)),
        6 => (1..5_u64).prop_map(|halves| Pace::Forward(halves * 500)),
        1 => Just(Pace::Forward(499)),
        1 => Just(Pace::Forward(20_000)),
        1 => (1..20_u64).prop_map(|halves| Pace::Back(halves * 500)),
    ]
}

type Step = (Pace, Input, Option<Dice>);

fn at_pace(steps: Vec<Step>) -> impl Iterator<Item = (u64, Input, Option<Dice>)> {
    steps.into_iter().scan(0_u64, |at, (pace, input, dice)| {
        *at = match pace {
            Pace::Forward(millis) => *at + millis,
            Pace::Back(millis) => at.saturating_sub(millis),
        };
        Some((*at, input, dice))
    })
}

/// The kinds of input that a journal has: the others are switched off, so that runs of few kinds
/// occur, too.
#[derive(Clone, Copy, Debug)]
struct Kinds([bool; 23]);

fn swarm() -> impl Strategy<Value = Kinds> {
    prop_oneof![
        Just(Kinds([true; 23])),
        prop::array::uniform23(prop::bool::weighted(0.8)).prop_map(Kinds),
    ]
}

fn input(kinds: Kinds) -> impl Strategy<Value = Input> {
    let all: [(u32, BoxedStrategy<Input>); 23] = [
        (4, Just(Input::Tick).boxed()),
        (10, ask(call()).boxed()),
        (5, backend::call_on_behalf().boxed()),
        (2, backend::user_calls_revoked().boxed()),
        (5, backend::query().boxed()),
        (3, ask(withdrawal(true)).boxed()),
        (3, ask(withdrawal(false)).boxed()),
        (6, ask(accept()).boxed()),
        (5, ringing::ringing().boxed()),
        (6, ask(reject()).boxed()),
        (6, query().boxed()),
        (3, log::mark().boxed()),
        (4, log::query().boxed()),
        (6, fact(presence::entered()).boxed()),
        (3, fact(presence::left()).boxed()),
        (2, fact(presence::listed()).boxed()),
        (1, fact(presence::removed()).boxed()),
        (1, fact(presence::erased()).boxed()),
        (2, fact(presence::role_set()).boxed()),
        (2, fact(presence::opened()).boxed()),
        (1, fact(presence::dissolved()).boxed()),
        (1, fact(recovery::recovered()).boxed()),
        (1, fact(rules_changed::rules_changed()).boxed()),
    ];
    let chosen: Vec<_> =
        all.into_iter().zip(kinds.0).filter_map(|(kind, on)| on.then_some(kind)).collect();
    if chosen.is_empty() { Just(Input::Tick).boxed() } else { Union::new_weighted(chosen).boxed() }
}

use proptest::strategy::Union;

pub(super) fn name(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        60 => select(names).prop_map(str::to_owned),
        1 => Just(String::new()),
        1 => Just(LONG.to_owned()),
    ]
}

pub(super) fn user() -> impl Strategy<Value = String> {
    name(&USERS)
}

pub(super) fn room() -> impl Strategy<Value = String> {
    name(&ROOMS)
}

pub(super) fn device() -> impl Strategy<Value = String> {
    name(&DEVICES)
}

pub(super) fn actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        15 => (user(), device()).prop_map(|(user, device)| Actor::Device { user, device }),
        1 => Just(Actor::Backend),
    ]
}

fn ask(command: impl Strategy<Value = Command>) -> impl Strategy<Value = Input> {
    (actor(), command).prop_map(|(by, command)| Input::Ask { by, command })
}

fn fact(fact: impl Strategy<Value = Fact>) -> impl Strategy<Value = Input> {
    fact.prop_map(Input::Fact)
}

fn users() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(user(), 0..5)
}

pub(super) fn call() -> impl Strategy<Value = Command> {
    let timeout = prop_oneof![10 => 1..6_u32, 1 => Just(0), 1 => Just(4_000)];
    let extension = prop_oneof![4 => Just(""), 3 => Just("{}"), 1 => Just("too long a text")];
    (room(), users(), timeout, extension).prop_map(|(room, users, timeout, extension)| {
        Command::CallUserToRoom { room, users, timeout, extension: extension.into(), caller: None }
    })
}

fn withdrawal(is_cancel: bool) -> impl Strategy<Value = Command> {
    (room(), users()).prop_map(move |(room, users)| {
        if is_cancel {
            Command::CancelCall { room, users }
        } else {
            Command::RevokeCall { room, users }
        }
    })
}

fn attempt() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![3 => Just(None), 2 => (0..12_u64).prop_map(Some)]
}

fn accept() -> impl Strategy<Value = Command> {
    (room(), attempt()).prop_map(|(room, attempt)| Command::AcceptCall { room, attempt })
}

fn reject() -> impl Strategy<Value = Command> {
    (room(), attempt(), select(&CallRejectionReason::ALL[..]))
        .prop_map(|(room, attempt, reason)| Command::RejectCall { room, attempt, reason })
}

fn query() -> impl Strategy<Value = Input> {
    let cursor = prop_oneof![
        3 => Just(None),
        1 => Just(Some(String::new())),
        2 => (0..4_u64, 0..6_u64, 0..8_u64)
            .prop_map(|(opening, after, until)| Some(format!("{opening:x}-{after:x}-{until:x}"))),
        1 => select(&["1-2", "1-01-2", "g-1-1", "1-2-3-4", "+1-1-1", "1--1"][..])
            .prop_map(|text| Some(text.to_owned())),
    ];
    let count = prop_oneof![3 => 1..4_u32, 1 => Just(0), 1 => Just(101)];
    let status = prop::option::of(select(&CallStatus::ALL[..]));
    let list = (room(), cursor, count, status).prop_map(|(room, cursor, count, status)| {
        Query::GetPendingCalls { room, cursor, count, status }
    });
    let since = prop_oneof![1 => Just(None), 1 => Just(Some(0)), 1 => (0..12_u64).prop_map(Some)];
    let incoming = since.prop_map(|since| Query::GetIncomingCalls { since });
    let mine = (0..12_u64).prop_map(|since| Query::GetMyCalls { since });
    let query = prop_oneof![2 => list, 1 => incoming, 1 => mine];
    (actor(), query).prop_map(|(by, query)| Input::Query { by, query })
}

/// Limits, small ones as often as not.
pub fn limits() -> impl Strategy<Value = Limits> {
    let small = (
        (1..4_u32, any::<bool>(), 0..4_u32, 0..4_u32, 0..5_u32),
        (0..4_u32, 1..4_u32, 1..3_u32, 1..5_u32, 0..2_u32),
    )
        .prop_map(
            |((callees, never, per_room, kept, live), (ended, page, rooms, inside, admins))| {
                Limits {
                    callees,
                    timeout_max: 5,
                    never,
                    extension_bytes: 4,
                    live_calls_per_room: per_room,
                    kept_per_room: kept,
                    ended_per_room: ended,
                    live_calls: live,
                    id_bytes: 8,
                    page_size: page,
                    rooms,
                    participants_per_room: inside,
                    admins_per_room: admins,
                    held_names: 10,
                    ..Limits::DEFAULT
                }
            },
        );
    let usual = any::<bool>().prop_map(|never| Limits { never, ..Limits::DEFAULT });
    // Room for calls, and next to none for what is over, nor for what is told or done at once.
    let page = select(&[1, 2, 100][..]);
    let forgetful =
        (any::<bool>(), 0..3_u32, 0..3_u32, page).prop_map(|(never, kept, ended, page_size)| {
            Limits {
                never,
                kept_per_room: kept,
                ended_per_room: ended,
                page_size,
                ..Limits::DEFAULT
            }
        });
    let rate = prop_oneof![3 => Just((0, 0)), 1 => (select(&[1, 2, 7, 13][..]), 0..5_u32)];
    let limits = prop_oneof![2 => usual, 2 => forgetful, 1 => small];
    (limits, rate, log::limits()).prop_map(|(limits, rate, logged)| Limits {
        calls_per_minute: rate.0,
        rated_users: rate.1,
        logged_per_user: logged.0,
        logged_calls: logged.1,
        logged_for: logged.2,
        ..limits
    })
}

/// Any policy.
pub fn policy() -> impl Strategy<Value = Policy> {
    (
        select(ActiveCalls::ALL),
        select(InOtherRoom::ALL),
        select(CallerLeft::ALL),
        select(MayCall::ALL),
        select(OutcomesTo::ALL),
        ringing::grace(),
    )
        .prop_map(
            |(active_calls, in_other_room, caller_left, may_call, outcomes_to, join_grace)| {
                Policy {
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
