//! How long a notice takes a handset, alone and while 31 other calls ring.
//!
//! Ids have 17 to 23 bytes. Each measurement is of a call that rings and is then cancelled; the
//! effects of both are checked once, outside the timed part.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench that goes wrong should stop")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use roomcall::CallStatus;
use roomcall::handset::{DeviceTick, Effect, Handset, Input, Link, Settings};
use roomcall::protocol::{Answer, Event, MyCalls, NamedCall, Reply};

const NOW: DeviceTick = DeviceTick::START;
const USER: &str = "user-550e8400-e29b";
/// Calls that ring and are cancelled: few enough that no tombstone is evicted (D-14).
const CALLS: u64 = 32;
const SETTINGS: Settings = Settings { calls: 64, ..Settings::DEFAULT };

fn call(attempt: u64) -> NamedCall {
    NamedCall {
        room: format!("room-{attempt:06}-0a1b2c3d4e"),
        caller: format!("user-{attempt:06}-41d4a7"),
        callee: USER.into(),
        status: CallStatus::Calling,
        attempt,
    }
}

fn ring(attempt: u64) -> Input {
    let extension = String::from(r#"{"video":true}"#);
    Input::Notice(Event::CallReceived { call: call(attempt), extension, time_left: Some(30_000) })
}

fn cancel(attempt: u64) -> Input {
    let call = NamedCall { status: CallStatus::None, ..call(attempt) };
    Input::Notice(Event::CallCancelled(call))
}

/// A handset that is ready, with so many calls that ring.
fn handset(ringing: u64) -> Handset {
    let mut handset = Handset::new(USER, "device-4c8a-9f27", SETTINGS);
    let _ = handset.apply(NOW, Input::Link(Link::Up));
    let answer = Ok(Answer::GetMyCalls(MyCalls {
        incoming: Vec::new(),
        outgoing: Vec::new(),
        endings: Vec::new(),
        more: false,
        since: 0,
        last_attempt: 0,
        revision: 1,
        log: None,
    }));
    let (attempts, next_request_id) = (Vec::new(), Some(2));
    let _ = handset
        .apply(NOW, Input::Reply(Reply { attempts, next_request_id, ..Reply::new(1, answer) }));
    for attempt in 1..=ringing {
        let _ = handset.apply(NOW, ring(attempt));
    }
    handset
}

fn notices() -> Vec<Input> {
    (1_001..=1_000 + CALLS).flat_map(|attempt| [ring(attempt), cancel(attempt)]).collect()
}

/// A ring shows, and its cancellation dismisses.
fn check(mut handset: Handset) {
    let [shown, dismissed] = [ring(1_001), cancel(1_001)].map(|notice| handset.apply(NOW, notice));
    assert!(
        matches!(&shown[..], [Effect::Show { .. }, Effect::Send { request_id: None, .. }]),
        "{shown:?}"
    );
    assert!(matches!(&dismissed[..], [Effect::Dismiss { .. }]), "{dismissed:?}");
}

fn notice(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("handset");
    group.throughput(Throughput::Elements(2 * CALLS));
    for (name, ringing) in [("a notice", 0), ("a notice with 31 others ringing", 31)] {
        let handset = handset(ringing);
        check(handset.clone());
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || (handset.clone(), notices(), Vec::with_capacity(64)),
                |(mut handset, notices, mut told)| {
                    for notice in notices {
                        told.push(handset.apply(NOW, black_box(notice)));
                    }
                    (handset, told)
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, notice);
criterion_main!(benches);
