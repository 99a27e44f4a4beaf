//! A fuzzer's bytes as a journal: every input of every kind is some bytes, and all bytes are a
//! journal. Ids come from tiny ranges, so that collisions are the rule. Zeros, and bytes that are
//! not there, mean the usual case, so that a shorter input is a simpler journal.

use super::journal::Journal;
use super::recovery::LAST_BASE;
use arbitrary::{Arbitrary, Result, Unstructured};
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

impl<'a> Arbitrary<'a> for Journal {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let (limits, policy) = (limits(bytes)?, policy(bytes)?);
        // Without a beginning the fuzzer has to find out first that there must be rooms.
        let mut lines = if one_in(bytes, 4)? { Vec::new() } else { beginning() };
        let mut now = 0;
        while !bytes.is_empty() {
            let at = at(bytes, &mut now)?;
            let input = input(bytes)?;
            let request_id = match &input {
                Input::Tick | Input::Fact(_) => None,
                Input::Ask { .. } | Input::Query { .. } => request_id(bytes)?,
            };
            // A request that is sent again.
            if one_in(bytes, 16)? {
                let duplicate =
                    lines.iter().rev().find(|line: &&Record| line.request_id.is_some()).cloned();
                lines.extend(duplicate.map(|line| Record { at, ..line }));
            }
            lines.push(Record { at, request_id, input });
        }
        Ok(Self { limits, policy, lines })
    }
}

/// Whether one of `many` came; seldom is what a missing byte is not.
pub fn one_in(bytes: &mut Unstructured<'_>, many: u8) -> Result<bool> {
    Ok(!bytes.ratio(many - 1, many)?)
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

fn policy(bytes: &mut Unstructured<'_>) -> Result<Policy> {
    Ok(Policy {
        active_calls: *bytes.choose(ActiveCalls::ALL)?,
        in_other_room: *bytes.choose(InOtherRoom::ALL)?,
        caller_left: *bytes.choose(CallerLeft::ALL)?,
        may_call: *bytes.choose(MayCall::ALL)?,
        outcomes_to: *bytes.choose(OutcomesTo::ALL)?,
        join_grace: *bytes.choose(&[0, 1, 0, 2, 0, 5, 0, 30])?,
    })
}

/// The usual limits, or such that a short journal meets some of them.
fn limits(bytes: &mut Unstructured<'_>) -> Result<Limits> {
    let usual = Limits { never: one_in(bytes, 2)?, ..Limits::DEFAULT };
    if !one_in(bytes, 3)? {
        return Ok(usual);
    }
    let mut small = |usual: u32| bytes.choose(&[usual, 2, 1, 3, 0]).copied();
    Ok(Limits {
        callees: small(usual.callees)?,
        live_calls_per_room: small(usual.live_calls_per_room)?,
        kept_per_room: small(usual.kept_per_room)?,
        ended_per_room: small(usual.ended_per_room)?,
        live_calls: small(usual.live_calls)?,
        page_size: small(usual.page_size)?,
        rooms: small(usual.rooms)?,
        participants_per_room: small(usual.participants_per_room)?,
        admins_per_room: small(usual.admins_per_room)?,
        timeout_max: *bytes.choose(&[usual.timeout_max, 2, 0, u32::MAX])?,
        extension_bytes: *bytes.choose(&[usual.extension_bytes, 2, 0])?,
        id_bytes: *bytes.choose(&[usual.id_bytes, 7, 6, 0])?,
        requests_per_requester: *bytes.choose(&[usual.requests_per_requester, 3, 1, 0])?,
        requesters: *bytes.choose(&[usual.requesters, 2, 1, 0])?,
        calls_per_minute: *bytes.choose(&[0, 1, 7, 13])?,
        rated_users: *bytes.choose(&[usual.rated_users, 2, 1, 0])?,
        logged_per_user: *bytes.choose(&[usual.logged_per_user, 2, 1, 3, 0])?,
        logged_calls: *bytes.choose(&[usual.logged_calls, 3, 1, 6, 0])?,
        logged_for: *bytes.choose(&[usual.logged_for, 1, 0, 5, 60])?,
        ..usual
    })
}

/// Time goes on, and now and then a line comes from an earlier time.
fn at(bytes: &mut Unstructured<'_>, now: &mut u64) -> Result<u64> {
    let byte = bytes.arbitrary::<u8>()?;
    let step = STEPS[usize::from(byte) % STEPS.len()];
    match byte {
        0..=219 => *now = now.saturating_add(step),
        220..=249 => return Ok(now.saturating_sub(step)),
        250..=253 => return Ok(u64::MAX.saturating_sub(step)),
        254..=255 => *now = LATE.max(*now),
    }
    Ok(*now)
}

fn input(bytes: &mut Unstructured<'_>) -> Result<Input> {
    Ok(match bytes.int_in_range(0..=31)? {
        0..=14 => Input::Ask { command: command(bytes)?, by: actor(bytes)? },
        15..=25 => Input::Fact(fact(bytes)?),
        26..=29 => Input::Query { query: query(bytes)?, by: actor(bytes)? },
        _ => Input::Tick,
    })
}

fn command(bytes: &mut Unstructured<'_>) -> Result<Command> {
    let kind = bytes.int_in_range(0..=19)?;
    match kind {
        15 => {
            let which = *bytes.choose(&[Which::Both, Which::To, Which::By])?;
            return Ok(Command::RevokeUserCalls { user: name(bytes, USERS)?, which });
        }
        16..=17 => return Ok(Command::MarkCallsSeen { up_to: logged(bytes)? }),
        18..=19 => return Ok(Command::Ringing { attempt: attempt(bytes)?.unwrap_or(1) }),
        _ => {}
    }
    let room = name(bytes, ROOMS)?;
    Ok(match kind {
        0..=4 => Command::CallUserToRoom {
            room,
            users: users(bytes)?,
            timeout: *bytes.choose(&[1, 2, 3, 1, 2, 30, 0, 3_600, 3_601, u32::MAX])?,
            extension: (*bytes.choose(&["", "{}", "é", "text"])?).into(),
            caller: one_in(bytes, 8)?.then(|| name(bytes, USERS)).transpose()?,
        },
        5..=6 => Command::CancelCall { room, users: users(bytes)? },
        7..=8 => Command::RevokeCall { room, users: users(bytes)? },
        9..=12 => Command::AcceptCall { room, attempt: attempt(bytes)? },
        _ => Command::RejectCall {
            room,
            attempt: attempt(bytes)?,
            reason: *bytes.choose(&CallRejectionReason::ALL)?,
        },
    })
}

fn fact(bytes: &mut Unstructured<'_>) -> Result<Fact> {
    let byte = bytes.arbitrary::<u8>()?;
    let kind = byte % 16;
    let (room, user) = (name(bytes, ROOMS)?, name(bytes, USERS)?);
    Ok(match kind {
        0..=5 => Fact::user_entered(room, user, name(bytes, DEVICES)?),
        6..=8 => Fact::user_left(room, user),
        9..=11 => Fact::RoomOpened { room, owner: user },
        12 => Fact::room_dissolved(room, actor(bytes)?),
        13 if byte >= 224 => Fact::UserErased { user },
        14 if byte >= 128 => rules_changed(bytes)?,
        15 => Fact::Recovered { floor: floor(bytes)? },
        _ => Fact::role_set(room, user, *bytes.choose(&Role::ALL)?),
    })
}

/// Parts of the policy and of limits, of the values that a journal begins with (F-19).
fn rules_changed(bytes: &mut Unstructured<'_>) -> Result<Fact> {
    let policy = one_in(bytes, 2)?.then(|| other_policy(bytes)).transpose()?;
    let limits = one_in(bytes, 2)?.then(|| other_limits(bytes)).transpose()?;
    Ok(Fact::RulesChanged { policy, limits })
}

fn other_policy(bytes: &mut Unstructured<'_>) -> Result<PolicyChange> {
    Ok(PolicyChange {
        active_calls: part(bytes, ActiveCalls::ALL)?,
        in_other_room: part(bytes, InOtherRoom::ALL)?,
        caller_left: part(bytes, CallerLeft::ALL)?,
        may_call: part(bytes, MayCall::ALL)?,
        outcomes_to: part(bytes, OutcomesTo::ALL)?,
        join_grace: part(bytes, &[0, 1, 2, 5])?,
    })
}

fn other_limits(bytes: &mut Unstructured<'_>) -> Result<LimitsChange> {
    let usual = Limits::DEFAULT;
    let mut small = |usual: u32| part(bytes, &[usual, 2, 1, 3, 0]);
    Ok(LimitsChange {
        callees: small(usual.callees)?,
        live_calls_per_room: small(usual.live_calls_per_room)?,
        kept_per_room: small(usual.kept_per_room)?,
        ended_per_room: small(usual.ended_per_room)?,
        live_calls: small(usual.live_calls)?,
        rooms: small(usual.rooms)?,
        participants_per_room: small(usual.participants_per_room)?,
        admins_per_room: small(usual.admins_per_room)?,
        timeout_max: part(bytes, &[usual.timeout_max, 2, 0, u32::MAX])?,
        never: part(bytes, &[false, true])?,
        requests_per_requester: part(bytes, &[usual.requests_per_requester, 3, 1, 0])?,
        requesters: part(bytes, &[usual.requesters, 2, 1, 0])?,
        calls_per_minute: part(bytes, &[0, 1, 7, 13])?,
        rated_users: part(bytes, &[usual.rated_users, 2, 1, 0])?,
        logged_per_user: part(bytes, &[usual.logged_per_user, 2, 1, 3, 0])?,
        logged_calls: part(bytes, &[usual.logged_calls, 3, 1, 6, 0])?,
        logged_for: part(bytes, &[usual.logged_for, 1, 0, 5, 60])?,
        // Seldom, since a smaller one makes the whole fact be ignored.
        extension_bytes: seldom(bytes, &[usual.extension_bytes, 2])?,
        id_bytes: seldom(bytes, &[usual.id_bytes, 7])?,
        page_size: seldom(bytes, &[usual.page_size, 2])?,
        held_names: seldom(bytes, &[usual.held_names, 9])?,
    })
}

/// A part that a change has or leaves out.
fn part<T: Copy>(bytes: &mut Unstructured<'_>, choices: &[T]) -> Result<Option<T>> {
    one_in(bytes, 3)?.then(|| bytes.choose(choices).copied()).transpose()
}

fn seldom<T: Copy>(bytes: &mut Unstructured<'_>, choices: &[T]) -> Result<Option<T>> {
    one_in(bytes, 32)?.then(|| bytes.choose(choices).copied()).transpose()
}

/// None, about that of a short journal, and those of hosts and bounds (F-18).
fn floor(bytes: &mut Unstructured<'_>) -> Result<u64> {
    let byte = bytes.arbitrary::<u8>()?;
    Ok(match byte {
        0..=63 => 0,
        64..=191 => u64::from(byte % 32),
        192..=207 => LEAP + u64::from(byte % 16),
        208..=239 => (1_700_000_000_000 + u64::from(byte)) << 10,
        240..=251 => LAST_BASE + u64::from(byte % 4) - 2,
        252..=255 => u64::MAX,
    })
}

fn query(bytes: &mut Unstructured<'_>) -> Result<Query> {
    match bytes.int_in_range(0..=11)? {
        10..=11 => {
            return Ok(Query::GetCallLog { since: logged(bytes)?, count: page(bytes)? });
        }
        0 => return Ok(Query::GetIncomingCalls { since: attempt(bytes)? }),
        1 => return Ok(Query::GetMyCalls { since: attempt(bytes)?.unwrap_or_default() }),
        2 => {
            return Ok(Query::GetLiveCalls {
                cursor: live_cursor(bytes)?,
                page_size: page(bytes)?,
            });
        }
        3 => {
            let (user, cursor) = (name(bytes, USERS)?, live_cursor(bytes)?);
            return Ok(Query::GetUserCalls { user, cursor, page_size: page(bytes)? });
        }
        _ => {}
    }
    Ok(Query::GetPendingCalls {
        room: name(bytes, ROOMS)?,
        cursor: cursor(bytes)?,
        count: page(bytes)?,
        status: status(bytes)?,
    })
}

fn page(bytes: &mut Unstructured<'_>) -> Result<u32> {
    bytes.choose(&[1, 2, 3, 20, 0, 100, 101]).copied()
}

/// As [`cursor`], for a page of live calls.
fn live_cursor(bytes: &mut Unstructured<'_>) -> Result<Option<String>> {
    Ok(match bytes.int_in_range(0..=7)? {
        0..=3 => None,
        4 => Some((*bytes.choose(&["", "1", "1-01", "g-1", "1-1-1", "+1-1", "A-1"])?).into()),
        _ => {
            let (after, until) = (bytes.int_in_range(0..=15)?, bytes.int_in_range(0..=15)?);
            Some(format!("{after:x}-{until:x}"))
        }
    })
}

/// Most are of the form that is given out; whether one fits is for the board to say.
fn cursor(bytes: &mut Unstructured<'_>) -> Result<Option<String>> {
    Ok(match bytes.int_in_range(0..=15)? {
        0..=5 => None,
        6 => Some(String::new()),
        7 => {
            Some((*bytes.choose(&["1-2", "1-01-2", "g-1-1", "1-2-3-4", "+1-1-1", "A-1-1"])?).into())
        }
        opening => {
            let (after, until) = (bytes.int_in_range(0..=15)?, bytes.int_in_range(0..=15)?);
            Some(format!("{:x}-{after:x}-{until:x}", opening - 7))
        }
    })
}

fn status(bytes: &mut Unstructured<'_>) -> Result<Option<CallStatus>> {
    one_in(bytes, 2)?.then(|| bytes.choose(&CallStatus::ALL).copied()).transpose()
}

fn request_id(bytes: &mut Unstructured<'_>) -> Result<Option<u64>> {
    Ok(match bytes.arbitrary::<u8>()? {
        0..=127 => None,
        255 => Some(u64::MAX),
        // About where a leap is too far.
        byte @ 247..=254 => Some(LEAP + u64::from(byte % 8) - 2),
        byte => Some(u64::from(byte % 16)),
    })
}

fn attempt(bytes: &mut Unstructured<'_>) -> Result<Option<u64>> {
    Ok(match bytes.arbitrary::<u8>()? {
        0..=127 => None,
        255 => Some(u64::MAX),
        // Of the life after the first one, if that was short (F-18).
        byte @ 224..=254 => Some(LEAP + u64::from(byte % 16)),
        byte => Some(u64::from(byte % 16)),
    })
}

/// The number of an entry of a log, or about that.
fn logged(bytes: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match bytes.arbitrary::<u8>()? {
        0 => 0,
        byte @ 1..=127 => u64::from(byte % 32),
        // Of the life after the first one, if that was short (F-18).
        byte @ 128..=191 => LEAP + u64::from(byte % 32),
        192..=255 => u64::MAX,
    })
}

fn actor(bytes: &mut Unstructured<'_>) -> Result<Actor> {
    if one_in(bytes, 16)? {
        return Ok(Actor::Backend);
    }
    Ok(Actor::Device { user: name(bytes, USERS)?, device: name(bytes, DEVICES)? })
}

fn users(bytes: &mut Unstructured<'_>) -> Result<Vec<String>> {
    let count: u8 = *bytes.choose(&[1, 2, 3, 4, 1, 2, 6, 0])?;
    (0..count).map(|_| name(bytes, USERS)).collect()
}

/// A name, seldom a bad one.
fn name(bytes: &mut Unstructured<'_>, names: &[&str]) -> Result<String> {
    Ok(match bytes.arbitrary::<u8>()? {
        255 => String::new(),
        254 => "n".repeat(65),
        byte => names[usize::from(byte) % names.len()].into(),
    })
}
