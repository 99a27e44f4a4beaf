//! The clients: a thread for each core with a share of the pairs, which call at a rate or as fast as they can.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use crate::pair::{Kind, Pair, Took};

/// How long a call may take: then something got lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// How calls follow one another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// So many calls a second in all, whenever those before end.
    Rate(u32),
    /// Each pair calls again as soon as its call is over.
    Closed,
}

/// A slice of time in which one server is used.
#[derive(Clone, Copy, Debug)]
struct Slice {
    server: usize,
    pace: Pace,
    length: Duration,
    start: Instant,
}

/// What came of a slice.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// All calls.
    pub(crate) took: Vec<Took>,
    /// How many were over before its end.
    pub(crate) within: usize,
    /// By how much calls began later than they should.
    pub(crate) late: Vec<Duration>,
}

/// All clients.
#[derive(Debug)]
pub(crate) struct Crew {
    threads: Vec<(Sender<Slice>, Receiver<io::Result<Seen>>)>,
    pairs: usize,
}

impl Crew {
    /// Connects so many pairs to each of the servers.
    pub(crate) fn connect(servers: &[(Kind, SocketAddr)], pairs: usize) -> io::Result<Self> {
        let count = thread::available_parallelism().map_or(1, usize::from);
        let threads = (0..count).map(|index| {
            let ((order, orders), (done, results)) = (channel(), channel());
            let servers = servers.to_vec();
            let numbers: Vec<usize> = (0..pairs).filter(|it| it % count == index).collect();
            thread::Builder::new()
                .name("client".to_owned())
                .spawn(move || work(&servers, &numbers, pairs, &orders, &done))?;
            Ok((order, results))
        });
        let threads = threads.collect::<io::Result<Vec<_>>>()?;
        let crew = Self { threads, pairs };
        crew.wait()?;
        Ok(crew)
    }

    /// How many devices are connected to each server.
    pub(crate) fn devices(&self) -> usize {
        3 * self.pairs
    }

    /// Has all pairs of a server call.
    pub(crate) fn slice(&self, server: usize, pace: Pace, length: Duration) -> io::Result<Seen> {
        let slice = Slice { server, pace, length, start: Instant::now() };
        for (order, _) in &self.threads {
            order.send(slice).map_err(io::Error::other)?;
        }
        self.wait()
    }

    fn wait(&self) -> io::Result<Seen> {
        let mut all = Seen::default();
        for (_, results) in &self.threads {
            let seen = results.recv().map_err(io::Error::other)??;
            all.took.extend(seen.took);
            all.late.extend(seen.late);
            all.within += seen.within;
        }
        Ok(all)
    }
}

/// What a thread does.
fn work(
    servers: &[(Kind, SocketAddr)],
    numbers: &[usize],
    pairs: usize,
    orders: &Receiver<Slice>,
    done: &Sender<io::Result<Seen>>,
) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("it can be made");
    let mut connected = Vec::new();
    let said = runtime.block_on(async {
        for (kind, address) in servers {
            let mut of_server = Vec::new();
            for number in numbers {
                of_server.push((*number, Pair::connect(*kind, *address, *number).await?));
            }
            connected.push(of_server);
        }
        Ok(Seen::default())
    });
    // Nobody listens only where the benchmark ends.
    let _ = done.send(said);
    while let Ok(slice) = orders.recv() {
        let seen = connected.get_mut(slice.server).expect("there is such a server");
        let _ = done.send(calls(&runtime, seen, pairs, slice));
    }
}

/// Has the pairs of a thread call.
fn calls(
    runtime: &Runtime,
    mine: &mut Vec<(usize, Pair)>,
    pairs: usize,
    slice: Slice,
) -> io::Result<Seen> {
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for (number, pair) in mine.drain(..) {
            // The pairs of all threads take turns.
            let first = match slice.pace {
                Pace::Rate(rate) => Duration::from_secs_f64(number as f64 / f64::from(rate)),
                Pace::Closed => Duration::ZERO,
            };
            let between = match slice.pace {
                Pace::Rate(rate) => Duration::from_secs_f64(pairs as f64 / f64::from(rate)),
                Pace::Closed => Duration::ZERO,
            };
            tasks.spawn(one(number, pair, slice, (first, between)));
        }
        let mut all = Seen::default();
        while let Some(done) = tasks.join_next().await {
            let (number, pair, seen) = done.map_err(io::Error::other)??;
            mine.push((number, pair));
            all.took.extend(seen.took);
            all.late.extend(seen.late);
            all.within += seen.within;
        }
        Ok(all)
    })
}

/// Has one pair call, first and then again between calls.
async fn one(
    number: usize,
    mut pair: Pair,
    slice: Slice,
    (first, between): (Duration, Duration),
) -> io::Result<(usize, Pair, Seen)> {
    let (mut seen, end) = (Seen::default(), slice.start + slice.length);
    let mut next = slice.start + first;
    while next.max(Instant::now()) < end {
        if let Pace::Rate(_) = slice.pace {
            sleep_until(next.into()).await;
            seen.late.push(next.elapsed());
            next += between;
        }
        let took = timeout(PATIENCE, pair.call()).await;
        seen.took.push(took.map_err(|_| io::Error::other("something got lost"))??);
        seen.within += usize::from(Instant::now() < end);
    }
    Ok((number, pair, seen))
}
