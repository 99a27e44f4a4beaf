//! A fuzzer's bytes as what a handset goes through. Nothing here fails: bytes that are not there are zeros.

mod history;

use arbitrary::{Result, Unstructured};
use roomcall::handset::{DeviceTick, Input, LateRing, Link, Request, Settings, Tap};
use roomcall::protocol::{
    Answer, CallLog, Ending, Event, LiveCall, LogEntry, LogState, LoggedCall, MyCalls, MyEnding,
    NamedCall, PendingCall, Query, Refused, Reply,
};
use roomcall::{
    CallRejectionReason, CallResult, CallStatus, EndingKind, Rule, Scope, WithdrawResult,
};

use crate::strategies::bytes::one_in;

pub use history::{history, orders};

/// The handset's user is `bo`, on `phone`.
const USERS: &[&str] = &["ana", "bo", "cy"];
const ROOMS: &[&str] = &["blue", "red"];
const DEVICES: &[&str] = &["phone", "tablet"];
const STEPS: &[u64] = &[0, 1, 500, 1_000, 499, 1_500, 5_000, 30_000];

/// The base of another life of the switchboard (F-18).
const LIFE: u64 = 1 << 32;

const LATE: u64 = DeviceTick::LAST.as_millis() - 2_500;

/// The settings of a handset.
pub fn settings(bytes: &mut Unstructured<'_>) -> Result<Settings> {
    let usual = Settings::DEFAULT;
    if !one_in(bytes, 2)? {
        return Ok(usual);
    }
    Ok(Settings {
        retry_interval: *bytes.choose(&[usual.retry_interval, 1_000, 0, u64::MAX])?,
        refresh: *bytes.choose(&[usual.refresh, None, Some(1_500), Some(0)])?,
        answer_grace: *bytes.choose(&[usual.answer_grace, 0, 500, u64::MAX])?,
        valid_for: *bytes.choose(&[usual.valid_for, 0, 1_500, u64::MAX])?,
        min_ring: *bytes.choose(&[usual.min_ring, 0, 500])?,
        join_quiet: *bytes.choose(&[usual.join_quiet, 0, 1_500, u64::MAX])?,
        settle: *bytes.choose(&[usual.settle, 0, 500, u64::MAX])?,
        late_ring: *bytes.choose(&[LateRing::Ignore, LateRing::Report])?,
        calls: *bytes.choose(&[usual.calls, 2, 1, 0])?,
        endings: *bytes.choose(&[usual.endings, 2, 1, 0])?,
        requests: *bytes.choose(&[usual.requests, 2, 1, 0])?,
        outgoing: *bytes.choose(&[usual.outgoing, 2, 1, 0])?,
        page: *bytes.choose(&[usual.page, 1, 0])?,
    })
}

/// Time goes on, and now and then an input comes from an earlier time.
pub fn at(bytes: &mut Unstructured<'_>, now: &mut u64) -> Result<u64> {
    let byte = bytes.arbitrary::<u8>()?;
    let step = STEPS[usize::from(byte) % STEPS.len()];
    match byte {
        0..=229 => *now = now.saturating_add(step),
        230..=250 => return Ok(now.saturating_sub(step)),
        251..=253 => return Ok(u64::MAX.saturating_sub(step)),
        254..=255 => *now = LATE.max(*now),
    }
    Ok(*now)
}

/// An input, or `None` for a restart. Replies are to what was sent, mostly.
pub fn input(bytes: &mut Unstructured<'_>, sent: &[(u64, Request)]) -> Result<Option<Input>> {
    let input = match bytes.int_in_range(0..=31)? {
        0..=9 => reply(bytes, sent)?,
        10..=16 => Input::Notice(notice(bytes)?),
        17..=18 => {
            Input::Push { event: notice(bytes)?, age: *bytes.choose(&[0, 500, 4_000, u64::MAX])? }
        }
        19..=24 => Input::Tap(tap(bytes)?),
        25..=26 => Input::Link(Link::Up),
        27 => Input::Link(Link::Down),
        28..=29 => Input::InRoom((!one_in(bytes, 4)?).then(|| room(bytes)).transpose()?),
        30 => match bytes.int_in_range(0..=15)? {
            0..=5 => Input::Tick,
            6..=8 => Input::Occupied(true),
            9..=11 => Input::Occupied(false),
            12 => Input::JoinFailed,
            13..=14 => Input::Settings(settings(bytes)?),
            _ => Input::SignedOut,
        },
        _ => return Ok(None),
    };
    Ok(Some(input))
}

fn room(bytes: &mut Unstructured<'_>) -> Result<String> {
    bytes.choose(ROOMS).map(ToString::to_string)
}

fn user(bytes: &mut Unstructured<'_>) -> Result<String> {
    bytes.choose(USERS).map(ToString::to_string)
}

fn users(bytes: &mut Unstructured<'_>) -> Result<Vec<String>> {
    let count: u8 = *bytes.choose(&[1, 2, 3, 0])?;
    (0..count).map(|_| user(bytes)).collect()
}

fn device(bytes: &mut Unstructured<'_>) -> Result<Option<String>> {
    (!one_in(bytes, 4)?).then(|| bytes.choose(DEVICES).map(ToString::to_string)).transpose()
}

fn attempt(bytes: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match bytes.arbitrary::<u8>()? {
        255 => u64::MAX,
        254 => 0,
        // Of another life of the switchboard (F-18).
        byte @ 240..=253 => LIFE + u64::from(byte % 4),
        byte => u64::from(byte % 8) + 1,
    })
}

fn time_left(bytes: &mut Unstructured<'_>) -> Result<Option<u64>> {
    bytes
        .choose(&[Some(2_000), None, Some(30_000), Some(0), Some(499), Some(1_000), Some(u64::MAX)])
        .copied()
}

/// Mostly a call to the user.
fn call(bytes: &mut Unstructured<'_>) -> Result<NamedCall> {
    let kind = bytes.arbitrary::<u8>()?;
    let (caller, callee) = match kind % 8 {
        0..=4 => ("ana", "bo"),
        5..=6 => ("bo", *bytes.choose(&["ana", "cy"])?),
        _ => (*bytes.choose(USERS)?, *bytes.choose(USERS)?),
    };
    Ok(NamedCall {
        room: room(bytes)?,
        caller: caller.into(),
        callee: callee.into(),
        status: *bytes.choose(&CallStatus::ALL)?,
        attempt: attempt(bytes)?,
    })
}

fn notice(bytes: &mut Unstructured<'_>) -> Result<Event> {
    let kind = bytes.int_in_range(0..=14)?;
    if kind == 12 {
        return Ok(Event::CallsSeen { up_to: attempt(bytes)? });
    }
    let call = call(bytes)?;
    Ok(match kind {
        0..=3 => Event::CallReceived { call, extension: "hi".into(), time_left: time_left(bytes)? },
        4 => Event::CallCancelled(call),
        5 => Event::CallTimeout(call),
        6 => Event::CallRevokedByAdmin {
            call,
            operator: one_in(bytes, 2)?.then(|| user(bytes)).transpose()?,
        },
        7 => Event::CallAccepted(call),
        8 => Event::CallRejected { call, reason: *bytes.choose(&CallRejectionReason::ALL)? },
        9 => Event::CallHandledByOtherDevice {
            room: call.room,
            is_accepted: one_in(bytes, 2)?,
            attempt: call.attempt,
            device: device(bytes)?,
        },
        10 => Event::PendingCallChanged(call),
        13 => Event::CallRinging(call),
        14 => Event::CallNotJoined(call),
        _ => Event::PendingCallRemoved(NamedCall { status: CallStatus::None, ..call }),
    })
}

fn tap(bytes: &mut Unstructured<'_>) -> Result<Tap> {
    Ok(match bytes.int_in_range(0..=10)? {
        10 => Tap::MarkSeen { up_to: attempt(bytes)? },
        0..=2 => Tap::Accept { attempt: attempt(bytes)? },
        3 => Tap::Reject {
            attempt: attempt(bytes)?,
            reason: *bytes.choose(&CallRejectionReason::ALL)?,
        },
        4..=5 => Tap::Call {
            room: room(bytes)?,
            users: users(bytes)?,
            timeout: *bytes.choose(&[2, 0, 1, 30, u32::MAX])?,
            extension: String::new(),
        },
        6 => Tap::Cancel { room: room(bytes)?, users: users(bytes)? },
        7 => Tap::Silence { attempt: attempt(bytes)? },
        8 => Tap::RejectHere { attempt: attempt(bytes)? },
        _ => Tap::Revoke { room: room(bytes)?, users: users(bytes)? },
    })
}

fn ended_by(bytes: &mut Unstructured<'_>, attempt: u64) -> Result<Ending> {
    let (how, device) = (*bytes.choose(&EndingKind::ALL)?, device(bytes)?);
    Ok(Ending { how, attempt, user: one_in(bytes, 2)?.then(|| user(bytes)).transpose()?, device })
}

/// A reply to something that was sent, seldom of another kind.
fn reply(bytes: &mut Unstructured<'_>, sent: &[(u64, Request)]) -> Result<Input> {
    let back = bytes.choose_index(16)?;
    let asked = sent.iter().rev().nth(back).or(sent.last()).cloned();
    let (request_id, request) =
        asked.map_or((1, None), |(request_id, request)| (request_id, Some(request)));
    let kind = match &request {
        _ if one_in(bytes, 32)? => bytes.int_in_range(0..=8)?,
        Some(Request::Query(Query::GetIncomingCalls { .. } | Query::GetMyCalls { .. })) => 0,
        Some(Request::Query(Query::GetPendingCalls { .. })) => 1,
        Some(Request::Query(Query::GetCallLog { .. })) => 7,
        // A handset sends none of these.
        Some(Request::Query(Query::GetUserCalls { .. } | Query::GetLiveCalls { .. })) => 1,
        Some(Request::Command(command)) => match command {
            roomcall::protocol::Command::CallUserToRoom { .. } => 2,
            roomcall::protocol::Command::CancelCall { .. } => 3,
            roomcall::protocol::Command::RevokeCall { .. } => 4,
            roomcall::protocol::Command::AcceptCall { .. } => 5,
            roomcall::protocol::Command::MarkCallsSeen { .. } => 8,
            roomcall::protocol::Command::RejectCall { .. }
            | roomcall::protocol::Command::RevokeUserCalls { .. }
            | roomcall::protocol::Command::Ringing { .. } => 6,
        },
        None => 0,
    };
    let mut attempts = Vec::new();
    let answer = if one_in(bytes, 4)? {
        let code = *bytes.choose(&[-2311, 100_004, -1001])?;
        let about = attempt(bytes)?;
        let ended = one_in(bytes, 2)?.then(|| ended_by(bytes, about)).transpose()?;
        let (rule, retry_after) = if one_in(bytes, 4)? {
            (Rule::L15, Some(*bytes.choose(&[0, 500, 3_000, u64::MAX])?))
        } else {
            (Rule::E09, None)
        };
        Err(Refused { ended, retry_after, ..Refused::new(rule, code, "no") })
    } else {
        Ok(match kind {
            0 => snapshot(bytes)?,
            1 => page(bytes)?,
            2 => {
                let mut results = Vec::new();
                for user in users(bytes)? {
                    results.push((user, *bytes.choose(&CallResult::ALL)?));
                }
                for (user, _) in &results {
                    attempts.push((user.clone(), attempt(bytes)?));
                }
                Answer::CallUserToRoom(results)
            }
            3 => Answer::CancelCall(withdrawn(bytes)?),
            4 => Answer::RevokeCall(withdrawn(bytes)?),
            5 => Answer::AcceptCall { attempt: attempt(bytes)? },
            7 => log(bytes)?,
            8 => Answer::MarkCallsSeen { seen: attempt(bytes)? },
            _ => Answer::RejectCall { attempt: attempt(bytes)? },
        })
    };
    let next_request_id = *bytes.choose(&[None, Some(1), Some(20), Some(u64::MAX)])?;
    Ok(Input::Reply(Reply { attempts, next_request_id, ..Reply::new(request_id, answer) }))
}

fn withdrawn(bytes: &mut Unstructured<'_>) -> Result<Vec<(String, WithdrawResult)>> {
    let result = |bytes: &mut Unstructured<'_>| {
        Ok(match bytes.int_in_range(0..=5)? {
            0 => WithdrawResult::Cancelled,
            1 => WithdrawResult::Revoked,
            2 => WithdrawResult::NotCalling,
            3 => WithdrawResult::NotYours,
            _ => WithdrawResult::Already(*bytes.choose(&EndingKind::ALL)?),
        })
    };
    users(bytes)?.into_iter().map(|user| Ok((user, result(bytes)?))).collect()
}

fn snapshot(bytes: &mut Unstructured<'_>) -> Result<Answer> {
    let listed = |bytes: &mut Unstructured<'_>, by: &str, to: &str| {
        let count = bytes.int_in_range(0..=3)?;
        let call = |_| {
            Ok(LiveCall {
                room: room(bytes)?,
                caller: by.into(),
                callee: to.into(),
                attempt: attempt(bytes)?,
                time_left: time_left(bytes)?,
                extension: "hi".into(),
                rung: one_in(bytes, 2)?,
            })
        };
        (0..count).map(call).collect::<Result<Vec<_>>>()
    };
    let (incoming, outgoing) = (listed(bytes, "ana", "bo")?, listed(bytes, "bo", "ana")?);
    let count = bytes.int_in_range(0..=3)?;
    let ending = |_| {
        let NamedCall { room, caller, callee, attempt, .. } = call(bytes)?;
        let ended = ended_by(bytes, attempt)?;
        let is_rejected = ended.how == EndingKind::Rejected;
        let reason =
            is_rejected.then(|| bytes.choose(&CallRejectionReason::ALL).copied()).transpose()?;
        Ok(MyEnding { room, caller, callee, ended, reason })
    };
    let endings = (0..count).map(ending).collect::<Result<_>>()?;
    Ok(Answer::GetMyCalls(MyCalls {
        incoming,
        outgoing,
        endings,
        more: one_in(bytes, 4)?,
        since: *bytes.choose(&[0, 0, 1, 4, u64::MAX, LIFE])?,
        last_attempt: attempt(bytes)?,
        revision: match bytes.arbitrary::<u8>()? {
            byte @ 240..=255 => LIFE + u64::from(byte % 8),
            byte => u64::from(byte % 32),
        },
        log: (!one_in(bytes, 4)?).then(|| log_state(bytes)).transpose()?,
    }))
}

fn log_state(bytes: &mut Unstructured<'_>) -> Result<LogState> {
    Ok(LogState { last_logged: attempt(bytes)?, seen: attempt(bytes)? })
}

/// Entries above and below what was read, and in any order.
fn log(bytes: &mut Unstructured<'_>) -> Result<Answer> {
    let count = bytes.int_in_range(0..=3)?;
    let entry = |_| {
        let NamedCall { room, caller, .. } = call(bytes)?;
        let (number, about) = (attempt(bytes)?, attempt(bytes)?);
        let what = if one_in(bytes, 3)? {
            LoggedCall::Tried { count: about }
        } else {
            LoggedCall::Ended(ended_by(bytes, about)?)
        };
        Ok(LogEntry { number, room, caller, age: 0, what })
    };
    let entries = (0..count).map(entry).collect::<Result<_>>()?;
    Ok(Answer::GetCallLog(CallLog {
        entries,
        more: one_in(bytes, 4)?,
        since: 0,
        last_logged: attempt(bytes)?,
        seen: attempt(bytes)?,
        revision: 0,
    }))
}

fn page(bytes: &mut Unstructured<'_>) -> Result<Answer> {
    let count = bytes.int_in_range(0..=3)?;
    let call = |_| {
        Ok(PendingCall {
            caller: user(bytes)?,
            callee: user(bytes)?,
            status: *bytes.choose(&CallStatus::ALL)?,
            attempt: attempt(bytes)?,
            time_left: None,
            extension: None,
        })
    };
    let calls = (0..count).map(call).collect::<Result<_>>()?;
    let next_cursor = (*bytes.choose(&["", "1-1-1"])?).into();
    let scope = one_in(bytes, 8)?.then_some(Scope::Own);
    Ok(Answer::GetPendingCalls { calls, next_cursor, scope })
}
