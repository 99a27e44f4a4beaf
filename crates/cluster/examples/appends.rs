//! How fast a log is: appends by batches of several sizes, on three servers of NATS on this machine, and a cold read of a million
//! inputs. `cargo run --release -p roomcall-cluster --example appends`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::error::Error;
use std::time::{Duration, Instant};

use roomcall::protocol::{Fact, Input, Record};
use roomcall_cluster::log::nodes::{Nodes, Sync};
use roomcall_cluster::log::{JetStream, StreamLog};
use roomcall_server::log::{Appended, Batch, Entry, Log as _, Sequence};

/// How long batches of one size are appended.
const LENGTH: Duration = Duration::from_secs(5);
/// What a cold start reads.
const INPUTS: u64 = 1_000_000;

fn batch(records: u64) -> Vec<u8> {
    let entered = |number| {
        let (user, device) = (format!("user-{number:012}"), format!("phone-{number:012}"));
        let input = Input::Fact(Fact::user_entered("standup".to_owned(), user, device));
        Entry::Record(Record { at: 1, request_id: None, input })
    };
    Batch { at: 1, entries: (0..records).map(entered).collect() }.write()
}

async fn append(
    log: &StreamLog,
    last: Sequence,
    batch: Vec<u8>,
) -> Result<Sequence, Box<dyn Error>> {
    match log.append(last, batch).await {
        Appended::At(sequence) => Ok(sequence),
        other => Err(format!("{other:?}").into()),
    }
}

async fn measure(
    log: &StreamLog,
    mut last: Sequence,
    records: u64,
) -> Result<Sequence, Box<dyn Error>> {
    let batch = batch(records);
    let (mut times, start) = (Vec::new(), Instant::now());
    while start.elapsed() < LENGTH {
        let sent = Instant::now();
        last = append(log, last, batch.clone()).await?;
        times.push(sent.elapsed());
    }
    let seconds = start.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: f64| times[(times.len() as f64 * share) as usize].as_secs_f64() * 1_000.0;
    let appends = times.len() as f64 / seconds;
    println!(
        "| {records:>7} | {:>7} | {appends:>9.0} | {:>9.0} | {:>6.2} | {:>6.2} |",
        batch.len(),
        appends * records as f64,
        at(0.5),
        at(0.99)
    );
    Ok(last)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let nodes = Nodes::start(3, Sync::Always).await?;
    let settings = nodes.settings();
    let log = JetStream::connect(&settings, "appends").await?.open("bench").await?;
    let Appended::At(mut last) = log.claim(0, Batch::new(0).write()).await else {
        return Err("the log is not claimed".into());
    };
    println!("| records | bytes | appends/s | records/s | p50 ms | p99 ms |");
    println!("|---|---|---|---|---|---|");
    for records in [1, 64, 512] {
        last = measure(&log, last, records).await?;
    }
    let (large, from) = (batch(64), last);
    for _ in 0..INPUTS.div_ceil(64) {
        last = append(&log, last, large.clone()).await?;
    }
    let (cold, start) =
        (JetStream::connect(&settings, "cold").await?.open("bench").await?, Instant::now());
    let (mut at, mut inputs) = (0, 0);
    loop {
        let read = cold.read(at).await?;
        let Some((end, _)) = read.last() else { break };
        at = *end;
        for (sequence, bytes) in read.iter().filter(|(it, _)| *it > from) {
            inputs += Batch::read(*sequence, bytes)?.entries.len();
        }
    }
    println!(
        "\na cold read of {at} batches, {inputs} inputs of them parsed: {:.2} s",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
