//! The bounds of the log and of snapshots, measured on a store on the disk: how long a start takes, how long
//! the engine is held up while a snapshot of a million users is taken, how large the store becomes, and how many
//! facts a second come in as lists.
//!
//! `cargo bench -p roomcall-server --bench bounds` ends with 1 where one is not kept; `-- --users 100000` and
//! `--inputs 100000` make it smaller.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "this is a measurement")]

#[path = "../engine/mod.rs"]
mod engine;
mod facts;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use engine::{engine_time, process_time};
use roomcall::journal::Header;
use roomcall::protocol::{Actor, Command, Fact, Input, Record};
use roomcall::{CallRejectionReason, HashKey, Limits, Policy};
use roomcall_server::clock::{Clock, SystemClock};
use roomcall_server::cost::{CostLimits, Costs};
use roomcall_server::engine::{Engine, Job};
use roomcall_server::follower::{Follower, SnapshotPace};
use roomcall_server::hub::{Hub, HubLimits};
use roomcall_server::log::{Appended, Batch, Embedded, Entry, Log, Store as _};
use roomcall_server::metrics::Metrics;
use roomcall_server::recover::recover;
use roomcall_server::state::{Seed, Unseen};
use tokio::sync::{mpsc, oneshot};

/// A start with a million inputs in the log, at most.
const START: Duration = Duration::from_secs(5);
/// What the engine may use of its thread's time while somebody waits for one fact, at most.
const STALL: Duration = Duration::from_millis(5);
/// Facts before the first that is measured.
const UNSEEN: u64 = 100;
/// The store is at most three times the newest snapshot and this.
const SLACK: u64 = 64 << 20;

#[derive(Parser)]
struct Args {
    /// Inputs in the log that is replayed
    #[arg(long, default_value_t = 1_000_000)]
    inputs: u64,
    /// Users of whom a snapshot is taken
    #[arg(long, default_value_t = 1_000_000)]
    users: u64,
    /// Seconds in which lists of facts are stated
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Cargo gives it
    #[arg(long, hide = true)]
    bench: bool,
}

const SEED: Seed = Seed { key: HashKey::new(7), token_life: 86_400 };

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("there are threads");
    let is_good = [
        runtime.block_on(facts::facts(args.seconds)),
        runtime.block_on(start(args.inputs)),
        runtime.block_on(stall(args.users)),
    ];
    if is_good.contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn verdict(is_good: bool) -> &'static str {
    if is_good { "kept" } else { "NOT KEPT" }
}

fn user(number: u64) -> String {
    format!("user-{number:012}")
}

fn by(number: u64) -> Actor {
    Actor::Device { user: user(number), device: format!("phone-{number:012}") }
}

fn room(number: u64) -> String {
    format!("room-{number:012}")
}

/// The n-th input: rooms of a hundred callers, who call one after another and are rejected.
fn input(number: u64) -> Record {
    let (round, step) = (number / 4, number % 4);
    let (place, caller, callee) = (round % 1_000, round % 10_000, 10_000 + round % 20_000);
    let input = match step {
        0 => Input::Fact(Fact::RoomOpened { room: room(place), owner: user(caller) }),
        1 => Input::Fact(Fact::user_entered(room(place), user(caller), "phone".to_owned())),
        2 => Input::Ask {
            by: by(caller),
            command: Command::CallUserToRoom {
                room: room(place),
                users: vec![user(callee)],
                timeout: 30,
                extension: String::new(),
                caller: None,
            },
        },
        _ => Input::Ask {
            by: by(callee),
            command: Command::RejectCall {
                room: room(place),
                attempt: None,
                reason: CallRejectionReason::Rejected,
            },
        },
    };
    Record { at: 1_700_000_000_000 + number, request_id: Some(1 + number / 4), input }
}

async fn append(log: &dyn Log, entries: Vec<Entry>) {
    let last = *log.follow().borrow();
    let batch = Batch { at: 0, entries };
    let appended = log.append(last, batch.write()).await;
    assert!(matches!(appended, Appended::At(_)), "{appended:?}");
}

/// A log with so many inputs and no snapshot. Whether the start is as quick as it has to be.
async fn start(inputs: u64) -> bool {
    let folder = tempfile::tempdir().expect("there is room");
    let store = Embedded::open(folder.path(), false).expect("it can be made");
    store.begin().expect("it can be written");
    let log = store.log("default").expect("it is there");
    append(&*log, vec![Entry::Opened(Header::new(Limits::DEFAULT, Policy::DEFAULT))]).await;
    let numbers: Vec<u64> = (0..inputs).collect();
    for piece in numbers.chunks(64) {
        append(&*log, piece.iter().map(|number| Entry::Record(input(*number))).collect()).await;
    }
    drop((log, store));
    let (began, used) = (Instant::now(), process_time());
    let store = Embedded::open(folder.path(), false).expect("it is whole");
    let looked = began.elapsed();
    let log = store.log("default").expect("it is there");
    let recovered = recover(&*log, SEED, &mut Unseen).await.expect("it is whole");
    store.begin().expect("it can be written");
    let took = began.elapsed();
    let is_good = took <= START;
    println!(
        "start with {inputs} inputs, {} MB: {:.2} s, {:.2} s of processors ({:.2} s until the file was checked), at most \
         {START:?}: {}",
        recovered.log_bytes >> 20,
        took.as_secs_f64(),
        (process_time() - used).as_secs_f64(),
        looked.as_secs_f64(),
        verdict(is_good),
    );
    is_good
}

/// Facts one by one while snapshots are taken of so many users. Whether none waits for one.
async fn stall(users: u64) -> bool {
    let folder = tempfile::tempdir().expect("there is room");
    let store = Embedded::open(folder.path(), false).expect("it can be made");
    store.begin().expect("it can be written");
    let log = store.log("default").expect("it is there");
    // As they come to a server: snapshots are stored meanwhile, and the log is trimmed.
    let recovered = recover(&*log, SEED, &mut Unseen).await.expect("it is empty");
    let pace = SnapshotPace { log_bytes: 16 << 20 };
    let (came, all) = oneshot::channel();
    let following = tokio::spawn(Follower::new(log.clone(), recovered, pace, None).run(all));
    let mut entries = vec![Entry::Opened(Header::new(Limits::DEFAULT, Policy::DEFAULT))];
    for number in 0..users {
        let place = number / 50;
        let record = |input| Record { at: 1_700_000_000_000, request_id: None, input };
        if number % 50 == 0 {
            let opened = Fact::RoomOpened { room: room(place), owner: user(number) };
            entries.push(Entry::Record(record(Input::Fact(opened))));
        }
        let phone = format!("phone-{number:012}");
        let entered = Fact::user_entered(room(place), user(number), phone);
        entries.push(Entry::Record(record(Input::Fact(entered))));
        if entries.len() >= 1_024 {
            append(&*log, std::mem::take(&mut entries)).await;
        }
    }
    append(&*log, entries).await;
    drop(came);
    following.await.expect("it does not panic").expect("it is whole");
    let recovered = recover(&*log, SEED, &mut Unseen).await.expect("it is whole");
    let clock = Clock::new(Arc::new(SystemClock::new()), recovered.state.clock());
    let (metrics, _counts) = Metrics::new();
    let state = recovered.state.clone();
    let limits = HubLimits { connections: 1, of_user: 1, queue_bytes: 1, all_queues_bytes: 1 };
    let hub = Hub::new(limits, metrics.queued());
    let costs = Costs::new(&CostLimits::default());
    let engine = Engine::new(state, log.clone(), hub, clock, metrics, costs, 1_024);
    let pace = SnapshotPace { log_bytes: 1 };
    let follower = Follower::new(log.clone(), recovered, pace, None);
    let (jobs, waiting) = mpsc::channel(16);
    let (follows, stop) = oneshot::channel();
    let on_thread = |name: &str, work: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("there are threads");
        let thread = std::thread::Builder::new().name(name.to_owned());
        thread.spawn(move || runtime.block_on(work)).expect("there are threads")
    };
    let engine =
        on_thread("engine", Box::pin(async { engine.run(waiting).await.expect("it is whole") }));
    let follower =
        on_thread("follower", Box::pin(async { follower.run(stop).await.expect("it is whole") }));
    let (worst, slowest, facts) = ask(&jobs, &log).await;
    jobs.send(Job::Stop).await.expect("it works");
    engine.join().expect("it does not panic");
    drop(follows);
    follower.join().expect("it does not panic");
    let newest = log.snapshots().await.expect("they can be read");
    let snapshot = log.snapshot(newest[0]).await.expect("it is there").len() as u64;
    let size = bytes(folder.path());
    let is_good = (worst <= STALL, size <= 3 * snapshot + SLACK);
    println!(
        "engine with {users} users, {facts} facts while snapshots of {} MB are taken: at most {:.2} ms of its \
         thread for one (at most {STALL:?}: {}), {:.1} ms by the clock",
        snapshot >> 20,
        worst.as_secs_f64() * 1e3,
        verdict(is_good.0),
        slowest.as_secs_f64() * 1e3,
    );
    println!(
        "store: {} MB, at most three times the snapshot and 64 MiB: {}",
        size >> 20,
        verdict(is_good.1)
    );
    is_good.0 && is_good.1
}

/// States facts until two more snapshots are there, and as many were measured as were not: the most of the engine's time, and of the clock's, that
/// passed until one was answered, and how many there were.
async fn ask(jobs: &mpsc::Sender<Job>, log: &Arc<dyn Log>) -> (Duration, Duration, u64) {
    let first = log.snapshots().await.expect("they can be read").first().copied().unwrap_or(0);
    let (mut worst, mut slowest, mut number) = (Duration::ZERO, Duration::ZERO, 0);
    let mut seen = Vec::from([first]);
    while seen.len() < 3 || number <= 2 * UNSEEN {
        // The first look at memory that nobody has touched yet is not of a snapshot.
        let used = (number >= UNSEEN).then(engine_time);
        let began = Instant::now();
        let phone = "tablet".to_owned();
        let facts = vec![Fact::user_entered(room(0), user(number % 50), phone)];
        let (answered, answer) = oneshot::channel();
        jobs.send(Job::Facts { facts, answered }).await.expect("it works");
        answer.await.expect("it is answered");
        number += 1;
        if let Some(used) = used {
            worst = worst.max(engine_time().saturating_sub(used));
            slowest = slowest.max(began.elapsed());
        }
        let newest = log.snapshots().await.expect("they can be read").first().copied();
        if newest > seen.last().copied() {
            seen.extend(newest);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    (worst, slowest, number)
}

/// What a directory has in it.
fn bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("it is there").flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(of) if of.is_dir() => bytes(&entry.path()),
            Ok(of) => of.len(),
            Err(_) => 0,
        })
        .sum()
}
