//! Bytes as what a handset goes through, for the fuzzer, and as the history of two calls to its
//! user with two orders in which the device hears of it.

use roomcall::handset::{DeviceTick, Input, LateRing, Link, Request, Settings, Tap};
use roomcall::protocol::{
    Answer, CallLog, Ending, Event, LiveCall, LogEntry, LogState, LoggedCall, MyCalls, MyEnding,
    NamedCall, PendingCall, Query, Refused, Reply,
};
use roomcall::{
    CallRejectionReason, CallResult, CallStatus, EndingKind, Rule, Scope, WithdrawResult,
};

use super::history::{Happening, Tapped};
use crate::strategies::bytes::Bytes;

/// The handset's user is `bo`, on `phone`.
const USERS: &[&str] = &["ana", "bo", "cy"];
const ROOMS: &[&str] = &["blue", "red"];
const DEVICES: &[&str] = &["phone", "tablet"];
const STEPS: &[u64] = &[0, 1, 500, 1_000, 499, 1_500, 5_000, 30_000];

/// The base of another life of the switchboard (F-18).
const LIFE: u64 = 1 << 32;

const LATE: u64 = DeviceTick::LAST.as_millis() - 2_500;

/// The settings of a handset.
pub fn settings(bytes: &mut Bytes) -> Settings {
    let usual = Settings::DEFAULT;
    if !bytes.one_in(2) {
        return usual;
    }
    Settings {
        retry_interval: bytes.pick(&[usual.retry_interval, 1_000, 0, u64::MAX]),
        refresh: bytes.pick(&[usual.refresh, None, Some(1_500), Some(0)]),
        answer_grace: bytes.pick(&[usual.answer_grace, 0, 500, u64::MAX]),
        valid_for: bytes.pick(&[usual.valid_for, 0, 1_500, u64::MAX]),
        min_ring: bytes.pick(&[usual.min_ring, 0, 500]),
        join_quiet: bytes.pick(&[usual.join_quiet, 0, 1_500, u64::MAX]),
        settle: bytes.pick(&[usual.settle, 0, 500, u64::MAX]),
        late_ring: bytes.pick(&[LateRing::Ignore, LateRing::Report]),
        calls: bytes.pick(&[usual.calls, 2, 1, 0]),
        endings: bytes.pick(&[usual.endings, 2, 1, 0]),
        requests: bytes.pick(&[usual.requests, 2, 1, 0]),
        outgoing: bytes.pick(&[usual.outgoing, 2, 1, 0]),
        page: bytes.pick(&[usual.page, 1, 0]),
    }
}

/// Time goes on, and now and then an input comes from an earlier time.
pub fn at(bytes: &mut Bytes, now: &mut u64) -> u64 {
    let byte = bytes.byte();
    let step = STEPS[usize::from(byte) % STEPS.len()];
    match byte {
        0..=229 => *now = now.saturating_add(step),
        230..=250 => return now.saturating_sub(step),
        251..=253 => return u64::MAX.saturating_sub(step),
        254..=255 => *now = LATE.max(*now),
    }
    *now
}

/// An input, or `None` for a restart. Replies are to what was sent, mostly.
pub fn input(bytes: &mut Bytes, sent: &[(u64, Request)]) -> Option<Input> {
    let input = match bytes.byte() % 32 {
        0..=9 => reply(bytes, sent),
        10..=16 => Input::Notice(notice(bytes)),
        17..=18 => {
            Input::Push { event: notice(bytes), age: bytes.pick(&[0, 500, 4_000, u64::MAX]) }
        }
        19..=24 => Input::Tap(tap(bytes)),
        25..=26 => Input::Link(Link::Up),
        27 => Input::Link(Link::Down),
        28..=29 => Input::InRoom((!bytes.one_in(4)).then(|| room(bytes))),
        30 => match bytes.byte() % 16 {
            0..=5 => Input::Tick,
            6..=8 => Input::Occupied(true),
            9..=11 => Input::Occupied(false),
            12 => Input::JoinFailed,
            13..=14 => Input::Settings(settings(bytes)),
            _ => Input::SignedOut,
        },
        _ => return None,
    };
    Some(input)
}

fn room(bytes: &mut Bytes) -> String {
    bytes.pick(ROOMS).into()
}

fn user(bytes: &mut Bytes) -> String {
    bytes.pick(USERS).into()
}

fn users(bytes: &mut Bytes) -> Vec<String> {
    let count: u8 = bytes.pick(&[1, 2, 3, 0]);
    (0..count).map(|_| user(bytes)).collect()
}

fn device(bytes: &mut Bytes) -> Option<String> {
    (!bytes.one_in(4)).then(|| bytes.pick(DEVICES).into())
}

fn attempt(bytes: &mut Bytes) -> u64 {
    match bytes.byte() {
        255 => u64::MAX,
        254 => 0,
        // Of another life of the switchboard (F-18).
        byte @ 240..=253 => LIFE + u64::from(byte % 4),
        byte => u64::from(byte % 8) + 1,
    }
}

fn time_left(bytes: &mut Bytes) -> Option<u64> {
    bytes.pick(&[Some(2_000), None, Some(30_000), Some(0), Some(499), Some(1_000), Some(u64::MAX)])
}

/// Mostly a call to the user.
fn call(bytes: &mut Bytes) -> NamedCall {
    let kind = bytes.byte();
    let (caller, callee) = match kind % 8 {
        0..=4 => ("ana", "bo"),
        5..=6 => ("bo", bytes.pick(&["ana", "cy"])),
        _ => (bytes.pick(USERS), bytes.pick(USERS)),
    };
    NamedCall {
        room: room(bytes),
        caller: caller.into(),
        callee: callee.into(),
        status: bytes.pick(&CallStatus::ALL),
        attempt: attempt(bytes),
    }
}

fn notice(bytes: &mut Bytes) -> Event {
    let kind = bytes.byte() % 15;
    if kind == 12 {
        return Event::CallsSeen { up_to: attempt(bytes) };
    }
    let call = call(bytes);
    match kind {
        0..=3 => Event::CallReceived { call, extension: "hi".into(), time_left: time_left(bytes) },
        4 => Event::CallCancelled(call),
        5 => Event::CallTimeout(call),
        6 => Event::CallRevokedByAdmin { call, operator: bytes.one_in(2).then(|| user(bytes)) },
        7 => Event::CallAccepted(call),
        8 => Event::CallRejected { call, reason: bytes.pick(&CallRejectionReason::ALL) },
        9 => Event::CallHandledByOtherDevice {
            room: call.room,
            is_accepted: bytes.one_in(2),
            attempt: call.attempt,
            device: device(bytes),
        },
        10 => Event::PendingCallChanged(call),
        13 => Event::CallRinging(call),
        14 => Event::CallNotJoined(call),
        _ => Event::PendingCallRemoved(NamedCall { status: CallStatus::None, ..call }),
    }
}

fn tap(bytes: &mut Bytes) -> Tap {
    match bytes.byte() % 11 {
        10 => Tap::MarkSeen { up_to: attempt(bytes) },
        0..=2 => Tap::Accept { attempt: attempt(bytes) },
        3 => Tap::Reject { attempt: attempt(bytes), reason: bytes.pick(&CallRejectionReason::ALL) },
        4..=5 => Tap::Call {
            room: room(bytes),
            users: users(bytes),
            timeout: bytes.pick(&[2, 0, 1, 30, u32::MAX]),
            extension: String::new(),
        },
        6 => Tap::Cancel { room: room(bytes), users: users(bytes) },
        7 => Tap::Silence { attempt: attempt(bytes) },
        8 => Tap::RejectHere { attempt: attempt(bytes) },
        _ => Tap::Revoke { room: room(bytes), users: users(bytes) },
    }
}

fn ended_by(bytes: &mut Bytes, attempt: u64) -> Ending {
    let (how, device) = (bytes.pick(&EndingKind::ALL), device(bytes));
    Ending { how, attempt, user: bytes.one_in(2).then(|| user(bytes)), device }
}

/// A reply to something that was sent, seldom of another kind.
fn reply(bytes: &mut Bytes, sent: &[(u64, Request)]) -> Input {
    let back = usize::from(bytes.byte() % 16);
    let asked = sent.iter().rev().nth(back).or(sent.last()).cloned();
    let (request_id, request) =
        asked.map_or((1, None), |(request_id, request)| (request_id, Some(request)));
    let kind = match &request {
        _ if bytes.one_in(32) => bytes.byte() % 9,
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
    let answer = if bytes.one_in(4) {
        let code = bytes.pick(&[-2311, 100_004, -1001]);
        let about = attempt(bytes);
        let ended = bytes.one_in(2).then(|| ended_by(bytes, about));
        let (rule, retry_after) = if bytes.one_in(4) {
            (Rule::L15, Some(bytes.pick(&[0, 500, 3_000, u64::MAX])))
        } else {
            (Rule::E09, None)
        };
        Err(Refused { ended, retry_after, ..Refused::new(rule, code, "no") })
    } else {
        Ok(match kind {
            0 => snapshot(bytes),
            1 => page(bytes),
            2 => {
                let results: Vec<(String, CallResult)> = users(bytes)
                    .into_iter()
                    .map(|user| (user, bytes.pick(&CallResult::ALL)))
                    .collect();
                attempts = results.iter().map(|(user, _)| (user.clone(), attempt(bytes))).collect();
                Answer::CallUserToRoom(results)
            }
            3 => Answer::CancelCall(withdrawn(bytes)),
            4 => Answer::RevokeCall(withdrawn(bytes)),
            5 => Answer::AcceptCall { attempt: attempt(bytes) },
            7 => log(bytes),
            8 => Answer::MarkCallsSeen { seen: attempt(bytes) },
            _ => Answer::RejectCall { attempt: attempt(bytes) },
        })
    };
    let next_request_id = bytes.pick(&[None, Some(1), Some(20), Some(u64::MAX)]);
    Input::Reply(Reply { attempts, next_request_id, ..Reply::new(request_id, answer) })
}

fn withdrawn(bytes: &mut Bytes) -> Vec<(String, WithdrawResult)> {
    let result = |bytes: &mut Bytes| match bytes.byte() % 6 {
        0 => WithdrawResult::Cancelled,
        1 => WithdrawResult::Revoked,
        2 => WithdrawResult::NotCalling,
        3 => WithdrawResult::NotYours,
        _ => WithdrawResult::Already(bytes.pick(&EndingKind::ALL)),
    };
    users(bytes).into_iter().map(|user| (user, result(bytes))).collect()
}

fn snapshot(bytes: &mut Bytes) -> Answer {
    let listed = |bytes: &mut Bytes, by: &str, to: &str| -> Vec<LiveCall> {
        let count = bytes.byte() % 4;
        let call = |_| LiveCall {
            room: room(bytes),
            caller: by.into(),
            callee: to.into(),
            attempt: attempt(bytes),
            time_left: time_left(bytes),
            extension: "hi".into(),
            rung: bytes.one_in(2),
        };
        (0..count).map(call).collect()
    };
    let (incoming, outgoing) = (listed(bytes, "ana", "bo"), listed(bytes, "bo", "ana"));
    let count = bytes.byte() % 4;
    let ending = |_| {
        let NamedCall { room, caller, callee, attempt, .. } = call(bytes);
        let ended = ended_by(bytes, attempt);
        let is_rejected = ended.how == EndingKind::Rejected;
        let reason = is_rejected.then(|| bytes.pick(&CallRejectionReason::ALL));
        MyEnding { room, caller, callee, ended, reason }
    };
    let endings = (0..count).map(ending).collect();
    Answer::GetMyCalls(MyCalls {
        incoming,
        outgoing,
        endings,
        more: bytes.one_in(4),
        since: bytes.pick(&[0, 0, 1, 4, u64::MAX, LIFE]),
        last_attempt: attempt(bytes),
        revision: match bytes.byte() {
            byte @ 240..=255 => LIFE + u64::from(byte % 8),
            byte => u64::from(byte % 32),
        },
        log: (!bytes.one_in(4))
            .then(|| LogState { last_logged: attempt(bytes), seen: attempt(bytes) }),
    })
}

/// Entries above and below what was read, and in any order.
fn log(bytes: &mut Bytes) -> Answer {
    let count = bytes.byte() % 4;
    let entry = |_| {
        let NamedCall { room, caller, .. } = call(bytes);
        let (number, about) = (attempt(bytes), attempt(bytes));
        let what = if bytes.one_in(3) {
            LoggedCall::Tried { count: about }
        } else {
            LoggedCall::Ended(ended_by(bytes, about))
        };
        LogEntry { number, room, caller, age: 0, what }
    };
    let entries = (0..count).map(entry).collect();
    Answer::GetCallLog(CallLog {
        entries,
        more: bytes.one_in(4),
        since: 0,
        last_logged: attempt(bytes),
        seen: attempt(bytes),
        revision: 0,
    })
}

fn page(bytes: &mut Bytes) -> Answer {
    let count = bytes.byte() % 4;
    let calls = (0..count).map(|_| PendingCall {
        caller: user(bytes),
        callee: user(bytes),
        status: bytes.pick(&CallStatus::ALL),
        attempt: attempt(bytes),
        time_left: None,
        extension: None,
    });
    let calls = calls.collect();
    let next_cursor = bytes.pick(&["", "1-1-1"]).into();
    let scope = bytes.one_in(8).then_some(Scope::Own);
    Answer::GetPendingCalls { calls, next_cursor, scope }
}

/// Calls to the user, their ends in any order, and what the device did when it heard of the first.
pub fn history(bytes: &mut Bytes) -> (Vec<Happening>, usize, Tapped) {
    let (mut happenings, mut made, mut live, mut over) = (Vec::new(), 0, Vec::new(), Vec::new());
    let count = bytes.pick(&[4, 2, 3, 5, 6, 7, 8_usize]);
    for _ in 0..count {
        match bytes.byte() % 8 {
            0..=3 if made < 4 => {
                made += 1;
                live.push(made);
                let time_left = bytes.pick(&[Some(30_000), None, Some(60_000)]);
                happenings.push(Happening::Called { room: bytes.pick(ROOMS), time_left });
            }
            4..=6 if !live.is_empty() => {
                let attempt = live.remove(usize::from(bytes.byte()) % live.len());
                let how = bytes.pick(&EndingKind::ALL);
                let device = match how {
                    EndingKind::TimedOut | EndingKind::InOtherRoom => None,
                    EndingKind::Accepted | EndingKind::Rejected | EndingKind::Entered => {
                        Some(bytes.pick(DEVICES))
                    }
                    EndingKind::Cancelled => Some("mac"),
                    EndingKind::Revoked => bytes.one_in(2).then_some("mac"),
                };
                happenings.push(Happening::Ending { attempt, how, device });
                if !over.is_empty() && bytes.one_in(2) {
                    let attempt = over.remove(usize::from(bytes.byte()) % over.len());
                    happenings.push(Happening::Forgotten { attempt });
                }
                over.push(attempt);
            }
            7 if bytes.one_in(2) => happenings.push(Happening::Seen),
            7 if !live.is_empty() => {
                let attempt = live[usize::from(bytes.byte()) % live.len()];
                happenings.push(Happening::Rung { attempt });
            }
            _ => {
                made += 1;
                happenings.push(Happening::Elsewhere);
            }
        }
    }
    let ready = usize::from(bytes.byte()) % (happenings.len() + 1);
    let tapped = bytes.pick(&[Tapped::Nothing, Tapped::Accept, Tapped::Reject]);
    (happenings, ready, tapped)
}

/// Up to six of so many messages, and another order of them.
pub fn orders(bytes: &mut Bytes, messages: usize) -> (Vec<usize>, Vec<usize>) {
    let count = if messages == 0 { 0 } else { bytes.byte() % 7 };
    let one: Vec<usize> = (0..count).map(|_| usize::from(bytes.byte()) % messages).collect();
    let (mut rest, mut other) = (one.clone(), Vec::new());
    while !rest.is_empty() {
        other.push(rest.remove(usize::from(bytes.byte()) % rest.len()));
    }
    (one, other)
}
