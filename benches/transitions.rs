//! How long transitions take. Figures that were measured are in `benches/RECORD.md`.
//!
//! Every bench checks once, outside the timed part, that what it times brings about what it must,
//! so that a fast but wrong switchboard fails.
#![allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a bench that goes wrong should stop"
)]

mod workload;

use std::cell::LazyCell;
use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use roomcall::journal::{JournalError, Lines, Replay};
use roomcall::switchboard::{Page, Switchboard};
use roomcall::{
    Actor, CallRejectionReason, Command, DeviceId, Fact, Input, Limits, Outcome, Policy, RoomId,
    Tick, Timeout, UserId,
};

/// Users called in one room.
const GUESTS: usize = 1_000;

// A debug build, such as that of `cargo test --benches`, is many times slower.
const SMALL: bool = cfg!(debug_assertions);
/// Rooms all of whose guests ring.
const RINGING_ROOMS: usize = if SMALL { 2 } else { 100 };
/// Lines of the journal, and the effects that they have in all; the reference model counts as many.
const JOURNAL: (u64, usize) = if SMALL { (2_000, 2_160) } else { (1_000_000, 1_788_537) };

const LIMITS: Limits =
    Limits { callees: 1_000, kept_per_room: 1_000, page_size: 100, ..Limits::DEFAULT };
const TIMEOUT: Timeout = Timeout::from_seconds(30);
const NOW: Tick = Tick::START;
const DEADLINE: Tick = Tick::from_millis(30_000);

/// A switchboard and the outcome that all its inputs share: a steady state allocates little.
struct Fixture {
    board: Switchboard,
    outcome: Outcome,
}

impl Fixture {
    /// Applies an input that must not be refused, and counts its effects.
    fn apply(&mut self, at: Tick, input: Input<'_>) -> usize {
        self.board.apply_into(at, input, &mut self.outcome);
        self.outcome.effects.len()
    }
}

/// A room with a host in it, who calls guests.
struct Meeting {
    room: RoomId,
    host: Actor,
    guests: Vec<UserId>,
    device: DeviceId,
}

impl Meeting {
    fn open(fixture: &mut Fixture, number: usize) -> Self {
        let board = &mut fixture.board;
        let room = board.intern_room(&format!("room-{number}")).unwrap();
        let device = board.intern_device("phone").unwrap();
        let user = board.intern_user(&format!("host-{number}")).unwrap();
        let guests = (0..GUESTS).map(|guest| {
            let name = format!("guest-{number}-{guest}");
            board.intern_user(&name).unwrap()
        });
        let guests = guests.collect();
        let owner = user;
        fixture.apply(NOW, Input::Fact(Fact::RoomOpened { room, owner }));
        fixture.apply(NOW, Input::Fact(Fact::user_entered(room, user, device)));
        let host = Actor::Device { user, device };
        Self { room, host, guests, device }
    }

    fn call<'a>(&self, callees: &'a [UserId]) -> Input<'a> {
        let command = Command::CallUserToRoom {
            room: self.room,
            callees,
            timeout: TIMEOUT,
            extension: "",
            caller: None,
        };
        Input::Ask { by: self.host, request_id: None, command }
    }

    fn cancel<'a>(&self, callees: &'a [UserId]) -> Input<'a> {
        let command = Command::CancelCall { room: self.room, callees };
        Input::Ask { by: self.host, request_id: None, command }
    }

    fn accept(&self, user: UserId) -> Input<'static> {
        let by = Actor::Device { user, device: self.device };
        let command = Command::AcceptCall { room: self.room, attempt: None };
        Input::Ask { by, request_id: None, command }
    }

    fn reject(&self, user: UserId) -> Input<'static> {
        let by = Actor::Device { user, device: self.device };
        let reason = CallRejectionReason::Rejected;
        let command = Command::RejectCall { room: self.room, attempt: None, reason };
        Input::Ask { by, request_id: None, command }
    }
}

/// A meeting in which nobody rings, on a switchboard with so many others in which all guests ring.
fn fixture(ringing: usize) -> (Fixture, Meeting) {
    let board = Switchboard::new(LIMITS, Policy::DEFAULT);
    let mut fixture = Fixture { board, outcome: Outcome::new() };
    let quiet = Meeting::open(&mut fixture, 0);
    for number in 1..=ringing {
        let meeting = Meeting::open(&mut fixture, number);
        let effects = fixture.apply(NOW, meeting.call(&meeting.guests));
        assert_eq!(effects, 2 * GUESTS, "each guest and the room are told");
    }
    assert_eq!(fixture.board.live_count() as usize, ringing * GUESTS);
    (fixture, quiet)
}

/// One call and its answer, with nothing else going on and among many live calls.
fn call_and_answer(criterion: &mut Criterion) {
    type Answer = fn(&Meeting, UserId) -> Input<'static>;
    let answers: [(&str, Answer); 2] = [("accept", Meeting::accept), ("reject", Meeting::reject)];
    for (name, answer) in answers {
        let mut group = criterion.benchmark_group(format!("call+{name}"));
        group.throughput(Throughput::Elements(2));
        for ringing in [0, RINGING_ROOMS] {
            let (mut fixture, meeting) = fixture(ringing);
            let mut pair = |callee: &[UserId]| {
                let called = fixture.apply(NOW, meeting.call(callee));
                (called, fixture.apply(NOW, answer(&meeting, callee[0])))
            };
            // All once: a second call to a user who rejected replaces a kept record.
            for callee in meeting.guests.chunks(1) {
                assert_eq!(pair(callee), (2, 3), "callee and room; callee, caller and room");
            }
            let mut guests = meeting.guests.chunks(1).cycle();
            group.bench_function(format!("{} live", ringing * GUESTS), |bencher| {
                bencher.iter(|| pair(guests.next().unwrap()));
            });
        }
    }
}

/// One call to a hundred users, and one cancel of the hundred.
fn batch(criterion: &mut Criterion) {
    const SIZE: usize = 100;
    let (mut fixture, meeting) = fixture(0);
    let callees = &meeting.guests[..SIZE];
    let mut batch = || {
        let called = fixture.apply(NOW, meeting.call(callees));
        (called, fixture.apply(NOW, meeting.cancel(callees)))
    };
    assert_eq!(batch(), (2 * SIZE, 2 * SIZE), "callee and room, each time");
    let mut group = criterion.benchmark_group("batch");
    group.throughput(Throughput::Elements(2 * SIZE as u64));
    group.bench_function("call+cancel 100", |bencher| bencher.iter(&mut batch));
}

/// Time passing over many live calls: nothing is due, and everything is.
fn tick(criterion: &mut Criterion) {
    let live = RINGING_ROOMS * GUESTS;
    let (mut fixture, _) = fixture(RINGING_ROOMS);
    let ringing = fixture.board.clone();
    assert_eq!(fixture.apply(DEADLINE, Input::Tick), 3 * live, "callee, caller and room");
    assert_eq!(fixture.board.live_count(), 0);
    fixture.board = ringing.clone();
    assert_eq!(fixture.apply(NOW, Input::Tick), 0);

    let mut group = criterion.benchmark_group("tick");
    group.throughput(Throughput::Elements(1));
    group.bench_function(format!("nothing due, {live} live"), |bencher| {
        bencher.iter(|| fixture.apply(NOW, Input::Tick));
    });
    group.throughput(Throughput::Elements(live as u64));
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function(format!("{live} due"), |bencher| {
        bencher.iter_batched_ref(
            || ringing.clone(),
            |board| board.apply_into(DEADLINE, Input::Tick, &mut fixture.outcome),
            BatchSize::PerIteration,
        );
    });
}

/// The whole pagination of the pending list of a room, half of it live and half kept.
fn pages(criterion: &mut Criterion) {
    let (mut fixture, meeting) = fixture(0);
    fixture.apply(NOW, meeting.call(&meeting.guests));
    for guest in meeting.guests.iter().step_by(2) {
        fixture.apply(NOW, meeting.reject(*guest));
    }
    let mut cursor = String::new();
    let mut paginate = || {
        let (mut listed, mut pages) = (0, 0);
        cursor.clear();
        loop {
            let after = Some(&*cursor).filter(|cursor| !cursor.is_empty());
            let page = Page { cursor: after, count: 50, status: None };
            let page = fixture.board.pending_calls(meeting.host, meeting.room, page).unwrap();
            listed += black_box(page.calls).len();
            pages += 1;
            let Some(next) = page.next else {
                return (listed, pages);
            };
            cursor.clear();
            write!(cursor, "{next}").unwrap();
        }
    };
    assert_eq!(paginate(), (GUESTS, GUESTS / 50));
    let mut group = criterion.benchmark_group("pages");
    group.throughput(Throughput::Elements(GUESTS as u64));
    group.bench_function(format!("{GUESTS} records by 50"), |bencher| bencher.iter(&mut paginate));
}

/// A journal from its bytes, as a host reads a file: JSON and names included.
fn replay(criterion: &mut Criterion) {
    let journal = LazyCell::new(|| {
        let journal = workload::journal(JOURNAL.0);
        assert_eq!(effects_of(&journal), Ok(JOURNAL));
        journal
    });
    let mut group = criterion.benchmark_group("replay");
    group.throughput(Throughput::Elements(JOURNAL.0));
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function(format!("{} lines", JOURNAL.0), |bencher| {
        bencher.iter(|| effects_of(&journal));
    });
}

/// Replays a journal and counts its inputs and their effects.
fn effects_of(journal: &[u8]) -> Result<(u64, usize), JournalError> {
    let (mut replay, mut lines) = (Replay::new(), Lines::new());
    let (mut inputs, mut effects) = (0, 0);
    let mut limit = replay.line_bytes();
    for chunk in journal.chunks(1 << 16) {
        limit = lines.feed(chunk, limit, |line| {
            if let Some(outcome) = replay.line(line)? {
                inputs += 1;
                effects += black_box(outcome).effects.len();
            }
            Ok(replay.line_bytes())
        })?;
    }
    Ok((inputs, effects))
}

/// The state as bytes, and back.
fn snapshots(criterion: &mut Criterion) {
    let live = RINGING_ROOMS * GUESTS;
    let (fixture, _) = fixture(RINGING_ROOMS);
    let snapshot = fixture.board.snapshot();
    let mut restored =
        Fixture { board: Switchboard::restore(&snapshot).unwrap(), outcome: Outcome::new() };
    assert_eq!(restored.board.state_hash(), fixture.board.state_hash());
    assert_eq!(restored.apply(DEADLINE, Input::Tick), 3 * live, "callee, caller and room");

    let mut group = criterion.benchmark_group("snapshot");
    group.throughput(Throughput::Elements(live as u64));
    group.sample_size(20).sampling_mode(SamplingMode::Flat);
    group.bench_function(format!("write {live} live"), |bencher| {
        bencher.iter_with_large_drop(|| fixture.board.snapshot());
    });
    group.bench_function(format!("restore {live} live"), |bencher| {
        bencher.iter_with_large_drop(|| Switchboard::restore(&snapshot).unwrap());
    });
}

criterion_group!(benches, call_and_answer, batch, tick, pages, replay, snapshots);
criterion_main!(benches);
