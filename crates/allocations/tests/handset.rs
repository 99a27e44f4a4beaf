//! What a notice allocates in a handset: its effects with their texts, and what is remembered.
//! On average it is at most five allocations.
//!
//! Ids have 17 to 23 bytes.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test that goes wrong should stop"
)]

use roomcall::CallStatus;
use roomcall::handset::{DeviceTick, Effect, Handset, Input, Link, Settings};
use roomcall::protocol::{Answer, Event, MyCalls, NamedCall, Reply};

const NOW: DeviceTick = DeviceTick::START;
const USER: &str = "user-550e8400-e29b";
const ROOM: &str = "room-0a1b2c3d-7b1c9e";
/// Notices of one kind: fewer than the endings that a handset remembers.
const NOTICES: u64 = 32;
/// Allocations of a notice, on average over all kinds.
const MEAN_MAX: u64 = 5;

fn call(room: &str, caller: &str, callee: &str, attempt: u64) -> NamedCall {
    let (room, caller, callee) = (room.into(), caller.into(), callee.into());
    NamedCall { room, caller, callee, status: CallStatus::Calling, attempt }
}

fn incoming(attempt: u64) -> NamedCall {
    let (room, caller) =
        (format!("room-{attempt:06}-0a1b2c3d4e"), format!("user-{attempt:06}-41d4a7"));
    call(&room, &caller, USER, attempt)
}

fn callee(attempt: u64) -> String {
    format!("user-{attempt:06}-9c1f02")
}

fn ring(attempt: u64) -> Event {
    let extension = r#"{"video":true}"#.to_owned();
    Event::CallReceived { call: incoming(attempt), extension, time_left: Some(30_000) }
}

/// Notices of one kind, by attempt, and whether their effects are what they should be.
struct Kind {
    name: &'static str,
    /// Allocations of a notice, on average.
    max: u64,
    notice: fn(u64) -> Event,
    is_done: fn(&[Effect]) -> bool,
}

/// Each kind builds on those before it.
const KINDS: [Kind; 5] = [
    Kind {
        name: "a ring",
        max: 5,
        notice: ring,
        is_done: |effects| {
            matches!(effects, [Effect::Show { .. }, Effect::Send { request_id: None, .. }])
        },
    },
    Kind {
        name: "its end",
        max: 3,
        notice: |attempt| Event::CallCancelled(incoming(attempt)),
        is_done: |effects| {
            matches!(
                effects,
                [Effect::Dismiss { .. }] | [Effect::Dismiss { .. }, Effect::Update { .. }]
            )
        },
    },
    Kind {
        name: "a list entry of another user",
        max: 5,
        notice: |attempt| {
            Event::PendingCallChanged(call(ROOM, "user-7b1c9e-41d4a7", &callee(attempt), attempt))
        },
        is_done: |effects| matches!(effects, [Effect::Listed { .. }]),
    },
    Kind {
        name: "a list entry of this user",
        max: 6,
        notice: |attempt| {
            Event::PendingCallChanged(call(ROOM, USER, &callee(attempt), 1_000 + attempt))
        },
        is_done: |effects| matches!(effects, [Effect::Progress { .. }, Effect::Listed { .. }]),
    },
    Kind {
        name: "the outcome of a call by this user",
        max: 1,
        notice: |attempt| Event::CallAccepted(call(ROOM, USER, &callee(attempt), 1_000 + attempt)),
        is_done: |effects| matches!(effects, [Effect::Progress { .. }]),
    },
];

/// A handset that is ready and in a room, with so many calls that ring.
fn handset(ringing: u64) -> Handset {
    let mut handset =
        Handset::new(USER, "device-4c8a-9f27d1", Settings { calls: 64, ..Settings::DEFAULT });
    let _ = handset.apply(NOW, Input::Link(Link::Up));
    let (incoming, outgoing, endings) = (Vec::new(), Vec::new(), Vec::new());
    let (more, since, last_attempt, revision) = (false, 0, 0, 1);
    let calls =
        MyCalls { incoming, outgoing, endings, more, since, last_attempt, revision, log: None };
    let answer = Ok(Answer::GetMyCalls(calls));
    let (attempts, next_request_id) = (Vec::new(), Some(2));
    let reply = Reply { attempts, next_request_id, ..Reply::new(1, answer) };
    let _ = handset.apply(NOW, Input::Reply(reply));
    let _ = handset.apply(NOW, Input::InRoom(Some(ROOM.into())));
    for attempt in 1..=ringing {
        let _ = handset.apply(NOW, Input::Notice(ring(attempt)));
    }
    handset
}

#[test]
fn a_notice_makes_few_allocations() {
    for ringing in [0, 31] {
        let mut handset = handset(ringing);
        let mut total_of_all = 0;
        for Kind { name, max, notice, is_done } in &KINDS {
            let mut total = 0;
            for attempt in 101..101 + NOTICES {
                let input = Input::Notice(notice(attempt));
                let mut effects = Vec::new();
                let counted = allocation_counter::measure(|| effects = handset.apply(NOW, input));
                assert!(is_done(&effects), "{name}: {effects:?}");
                total += counted.count_total;
            }
            println!("{name} with {ringing} others ringing: {total} allocations for {NOTICES}");
            assert!(total <= max * NOTICES, "{name}: {total} allocations for {NOTICES}");
            total_of_all += total;
        }
        let notices = NOTICES * KINDS.len() as u64;
        assert!(total_of_all <= MEAN_MAX * notices, "{total_of_all} allocations for {notices}");
    }
}
