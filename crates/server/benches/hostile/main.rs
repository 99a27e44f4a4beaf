//! Calls in one room while a participant of another one, of 10,000, calls and cancels a hundred users as fast as
//! a device may: how long a call takes until it rings, compared with the same when that one is quiet. Everything
//! is over real sockets, in this process.
//!
//! `cargo bench -p roomcall-server --bench hostile` ends with 1 where a bound is not kept; `-- --unlimited` shows how
//! it would be without limits of cost, and `--seconds` and `--rounds` make it longer or shorter.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "this is a measurement")]

#[path = "../engine/mod.rs"]
mod engine;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use engine::engine_time;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use hdrhistogram::Histogram;
use roomcall_server::config::Settings;
use roomcall_server::cost::CostLimits;
use roomcall_server::server::Server;
use roomcall_server::token::{Signer, Who, now};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// The 99th percentile with a hostile participant is at most so many times the one without.
const RATIO: f64 = 3.0;
/// No call takes longer.
const WORST: Duration = Duration::from_millis(50);
/// Who is in the room of the hostile participant.
const PRESENT: usize = 10_000;
/// Pairs of users who call each other elsewhere, each ten times a second.
const PAIRS: usize = 8;

/// How often the hostile participant asks: as fast as a device may.
const EVERY: Duration = Duration::from_millis(51);
/// Where fewer of its requests are answered than this share, others had nothing to wait for.
const ANSWERED: f64 = 0.75;

/// Rounds: what is begun in a pause is not counted, nor is what is left of the round before.
const PAUSE: usize = 0;
const QUIET: usize = 1;
const HOSTILE: usize = 2;

#[derive(Clone, Parser)]
struct Args {
    /// Seconds of a round
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Rounds of each kind, which alternate
    #[arg(long, default_value_t = 4)]
    rounds: u32,
    /// Without limits of cost
    #[arg(long)]
    unlimited: bool,
    /// Cargo gives it
    #[arg(long, hide = true)]
    bench: bool,
}

type Socket = WebSocketStream<TcpStream>;

const SECRET: &str = "a secret of the measurement, long enough";

fn main() -> ExitCode {
    let args = Args::parse();
    rlimit::increase_nofile_limit(u64::MAX).expect("there may be files");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let runtime = runtime.expect("there are threads");
    let is_good = [5, 500].map(|connected| runtime.block_on(measure(&args, connected)));
    if is_good.contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn verdict(is_good: bool) -> &'static str {
    if is_good { "kept" } else { "NOT KEPT" }
}

/// What the measurement shares with its tasks.
#[derive(Clone)]
struct Shared {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    /// Which round it is.
    round: Arc<AtomicUsize>,
    /// Requests of the hostile participant: how many, and how many of them were refused for their cost.
    asked: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
}

fn signer() -> Signer {
    Signer::of_secret(SECRET.as_bytes()).expect("it is long enough")
}

async fn connect(address: SocketAddr, user: &str) -> Socket {
    let token = signer().sign(&Who::device(user, "phone"), now(), now() + 3_600);
    let stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("it is open");
    let url = format!("ws://{address}/v1/socket?token={token}");
    client_async(url, stream).await.expect("it connects").0
}

async fn fact(address: SocketAddr, fact: &Value) {
    let token = signer().sign(&Who::Backend, now(), now() + 3_600);
    let body = fact.to_string();
    let request = format!(
        "POST /v1/facts HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len(),
    );
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it is open");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it is answered");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

async fn open(address: SocketAddr, room: &str, owner: &str, present: &[String]) {
    fact(address, &json!({"roomOpened": {"roomID": room, "owner": owner}})).await;
    let present: Vec<Value> = present.iter().map(|user| json!({ "userID": user })).collect();
    fact(address, &json!({"presenceListed": {"roomID": room, "present": present}})).await;
}

/// Whether calls elsewhere are as fast as they have to be, where so many of the large room are connected.
async fn measure(args: &Args, connected: usize) -> bool {
    let folder = tempfile::tempdir().expect("there is room");
    let settings = Settings {
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        store: Some(folder.path().join("store")),
        secret: Some(SECRET.to_owned()),
        message_bytes: Some(1 << 20),
        ..Settings::default()
    };
    let tenants = Arc::new(settings.tenants().expect("they are good"));
    let mut parts = settings.parts(tenants).expect("they are good");
    if args.unlimited {
        parts.costs = CostLimits::UNLIMITED;
    }
    let server = Server::start(parts).await.expect("it starts");
    let shared = Shared {
        address: server.address,
        is_over: Arc::default(),
        round: Arc::default(),
        asked: Arc::default(),
        refused: Arc::default(),
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(server.run(async {
        // Told or dropped: it stops.
        let _ = stopped.await;
    }));
    let people: Vec<String> = (0..PRESENT).map(|number| format!("person-{number}")).collect();
    open(shared.address, "town", "person-0", &people).await;
    let mut others = JoinSet::new();
    for person in &people[1..connected] {
        let socket = connect(shared.address, person).await;
        others.spawn(read(socket));
    }
    others.spawn(hostile(shared.clone()));
    let (calls, mut rung) = mpsc::unbounded_channel();
    for number in 0..PAIRS {
        others.spawn(pair(shared.clone(), number, calls.clone()));
    }
    let is_good = rounds(args, connected, &shared, &mut rung).await;
    shared.is_over.store(true, Ordering::SeqCst);
    others.shutdown().await;
    drop(stop);
    server.await.expect("it does not panic").expect("it ends well");
    is_good
}

/// Rounds with and without the hostile participant, alternating, and what they say.
async fn rounds(
    args: &Args,
    connected: usize,
    shared: &Shared,
    rung: &mut mpsc::UnboundedReceiver<(usize, Duration)>,
) -> bool {
    let length = Duration::from_secs(args.seconds);
    // Everybody connects, and caches fill.
    sleep(Duration::from_secs(3)).await;
    // In microseconds: what takes longer than a minute counts as one.
    let of_minute =
        |()| Histogram::<u64>::new_with_bounds(1, 60_000_000, 3).expect("it has bounds");
    let (mut both, mut used) = ([(); 2].map(of_minute), [Duration::ZERO; 2]);
    for number in 0..2 * args.rounds {
        let round = if number % 2 == 0 { QUIET } else { HOSTILE };
        let before = engine_time();
        shared.round.store(round, Ordering::SeqCst);
        sleep(length).await;
        used[round - QUIET] += engine_time().saturating_sub(before);
        shared.round.store(PAUSE, Ordering::SeqCst);
        sleep(Duration::from_secs(2)).await;
        while let Ok((round, took)) = rung.try_recv() {
            if let Some(of) = round.checked_sub(QUIET).and_then(|kind| both.get_mut(kind)) {
                of.saturating_record(took.as_micros().try_into().unwrap_or(u64::MAX));
            }
        }
    }
    let [quiet, hostile] = both;
    let millis = |micros: u64| micros as f64 / 1e3;
    let seconds = f64::from(args.rounds) * length.as_secs_f64();
    println!("{connected} of {PRESENT} connected:");
    for (name, of, used) in [("quiet", &quiet, used[0]), ("hostile", &hostile, used[1])] {
        println!(
            "  {name:>7}: {:>5} calls, p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms; engine {:.2} % of a core",
            of.len(),
            millis(of.value_at_quantile(0.5)),
            millis(of.value_at_quantile(0.99)),
            millis(of.max()),
            100.0 * used.as_secs_f64() / seconds,
        );
    }
    let (asked, refused) = (&shared.asked, &shared.refused);
    let (asked, refused) = (asked.load(Ordering::SeqCst), refused.load(Ordering::SeqCst));
    let least = (ANSWERED * seconds / EVERY.as_secs_f64()) as u64;
    println!(
        "  the hostile participant: {asked} requests answered, at least {least}: {}; {refused} of them refused by L-15",
        verdict(asked >= least),
    );
    let ratio =
        hostile.value_at_quantile(0.99) as f64 / quiet.value_at_quantile(0.99).max(1) as f64;
    let is_good = (ratio <= RATIO, u128::from(hostile.max()) <= WORST.as_micros());
    println!(
        "  p99: {ratio:.2} times the quiet one, at most {RATIO}: {}; max at most {WORST:?}: {}",
        verdict(is_good.0),
        verdict(is_good.1),
    );
    is_good.0 && is_good.1 && asked >= least && quiet.len() > 100 && hostile.len() > 100
}

/// Reads whatever comes.
async fn read(mut socket: Socket) {
    while let Some(Ok(_)) = socket.next().await {}
}

/// Calls and cancels a hundred, as fast as a device may, while that is its turn.
async fn hostile(shared: Shared) {
    let (mut sink, mut stream) = connect(shared.address, "person-0").await.split();
    let counts = shared.clone();
    tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            let Message::Text(text) = message else { continue };
            let answers = text.lines().filter(|line| line.contains("\"requestID\"")).count();
            counts.asked.fetch_add(answers as u64, Ordering::SeqCst);
            let refused = text.matches("\"L-15\"").count();
            counts.refused.fetch_add(refused as u64, Ordering::SeqCst);
        }
    });
    let callees: Vec<String> = (0..100).map(|number| format!("callee-{number}")).collect();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut number = 0;
    while !shared.is_over.load(Ordering::SeqCst) {
        ticks.tick().await;
        if shared.round.load(Ordering::SeqCst) == HOSTILE {
            number += 1;
            let what = if number % 2 == 1 { "callUserToRoom" } else { "cancelCall" };
            let command = json!({what: {"roomID": "town", "userIDList": callees}});
            send(&mut sink, json!({"requestID": number, "command": command})).await;
        }
    }
}

async fn send(sink: &mut SplitSink<Socket, Message>, request: Value) {
    sink.send(Message::text(request.to_string())).await.expect("it is connected");
}

/// Waits for a message with this in it.
async fn until(stream: &mut SplitStream<Socket>, what: &str) {
    loop {
        let message = stream.next().await.expect("it is connected").expect("it is connected");
        if matches!(&message, Message::Text(text) if text.contains(what)) {
            return;
        }
    }
}

/// Calls and cancels ten times a second, and says how long each call took until it rang and was answered.
async fn pair(shared: Shared, number: usize, calls: mpsc::UnboundedSender<(usize, Duration)>) {
    let (room, caller, callee) =
        (format!("room-{number}"), format!("ana-{number}"), format!("bo-{number}"));
    open(shared.address, &room, &caller, std::slice::from_ref(&caller)).await;
    let (mut sink, mut stream) = connect(shared.address, &caller).await.split();
    let (_kept, mut rings) = connect(shared.address, &callee).await.split();
    let mut ticks = interval(Duration::from_millis(103));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut request_id = 0;
    while !shared.is_over.load(Ordering::SeqCst) {
        ticks.tick().await;
        let users = json!({"roomID": room, "userIDList": [callee]});
        let mut ask = |what: &str| {
            request_id += 1;
            let command = json!({ what: users });
            (
                json!({"requestID": request_id, "command": command}),
                format!("\"requestID\":{request_id},"),
            )
        };
        let (call, answer) = ask("callUserToRoom");
        let (round, began) = (shared.round.load(Ordering::SeqCst), Instant::now());
        send(&mut sink, call).await;
        tokio::join!(until(&mut stream, &answer), until(&mut rings, "onCallReceived"));
        if calls.send((round, began.elapsed())).is_err() {
            return;
        }
        let (cancel, answer) = ask("cancelCall");
        send(&mut sink, cancel).await;
        tokio::join!(until(&mut stream, &answer), until(&mut rings, "onCallCancelled"));
    }
}
