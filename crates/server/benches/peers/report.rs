//! What came of it: a table, and whether the bounds are kept.

use std::fmt::Write as _;
use std::time::Duration;

use hdrhistogram::Histogram;
use procfs::Current as _;

use crate::crew::{Pace, Seen};
use crate::pair::{Kind, Took};

/// Milliseconds of processors that a call costs at saturation, at most.
const CPU: f64 = 0.25;
/// Calls a second at saturation: at least so many times those of Node with Redis, and of Mosquitto.
const NODE: f64 = 1.8;
const MOSQUITTO: f64 = 0.5;
/// The 99.9th percentile of a latency: at most so many times that of Node with Redis.
const TAIL: f64 = 1.0;

/// One slice of one server.
#[derive(Debug)]
pub(crate) struct Part {
    /// What the server used of processors, and what the clients did.
    pub(crate) used: Duration,
    pub(crate) clients: Duration,
    pub(crate) passed: Duration,
    pub(crate) length: Duration,
    pub(crate) seen: Seen,
}

/// Of one server: a figure for each round.
#[derive(Debug, Default)]
struct Figures {
    rate: Vec<f64>,
    /// Milliseconds of the server's processors a call, at the rate and at saturation.
    cpu_at_rate: Vec<f64>,
    cpu: Vec<f64>,
    /// What the clients used of the machine's processors at saturation, as a part of one of them.
    clients: Vec<f64>,
    /// The 99.9th percentiles, in milliseconds.
    ring_tail: Vec<f64>,
    accept_tail: Vec<f64>,
    /// All latencies, in microseconds.
    ring: Option<Histogram<u64>>,
    accept: Option<Histogram<u64>>,
    late: Option<Histogram<u64>>,
}

/// What came of all slices.
#[derive(Debug)]
pub(crate) struct Report {
    servers: Vec<(Kind, Figures)>,
    rate: u32,
}

fn histogram(lengths: impl Iterator<Item = Duration>) -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1, 60_000_000, 3).expect("it has bounds");
    for length in lengths {
        histogram.saturating_record(u64::try_from(length.as_micros()).unwrap_or(u64::MAX));
    }
    histogram
}

fn join(all: &mut Option<Histogram<u64>>, more: &Histogram<u64>) {
    match all {
        Some(all) => all.add(more).expect("they have the same bounds"),
        none => *none = Some(more.clone()),
    }
}

fn millis(of: &Histogram<u64>, quantile: f64) -> f64 {
    of.value_at_quantile(quantile) as f64 / 1e3
}

/// The one in the middle.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let both = [figures.get(middle.saturating_sub(1 - figures.len() % 2)), figures.get(middle)];
    both.into_iter().flatten().sum::<f64>() / 2.0
}

/// The median of the ratios of each round.
fn ratio(one: &[f64], other: &[f64]) -> f64 {
    median(one.iter().zip(other).map(|(one, other)| one / other).collect())
}

impl Report {
    pub(crate) fn new(kinds: &[Kind], rate: u32) -> Self {
        let servers = kinds.iter().map(|kind| (*kind, Figures::default()));
        Self { servers: servers.collect(), rate }
    }

    pub(crate) fn add(&mut self, kind: Kind, pace: Pace, part: Part) {
        let Some((_, of)) = self.servers.iter_mut().find(|(it, _)| *it == kind) else { return };
        let Part { used, clients, passed, length, seen } = part;
        let cpu = used.as_secs_f64() * 1e3 / seen.took.len().max(1) as f64;
        match pace {
            Pace::Closed => {
                of.rate.push(seen.within as f64 / length.as_secs_f64());
                of.cpu.push(cpu);
                of.clients.push(clients.as_secs_f64() / passed.as_secs_f64());
            }
            Pace::Rate(_) => {
                let all = |length: fn(&Took) -> Duration| histogram(seen.took.iter().map(length));
                let (ring, accept) = (all(|it| it.ring), all(|it| it.accept));
                of.cpu_at_rate.push(cpu);
                of.ring_tail.push(millis(&ring, 0.999));
                of.accept_tail.push(millis(&accept, 0.999));
                join(&mut of.ring, &ring);
                join(&mut of.accept, &accept);
                join(&mut of.late, &histogram(seen.late.into_iter()));
            }
        }
    }

    /// The table.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "\nat {} calls/s, in milliseconds: call -> both ring, accept -> caller told; the clients' own delay; CPU a call\n",
            self.rate
        );
        let head = ["p50", "p99", "p99.9", "p50", "p99", "p99.9", "late p99", "CPU"];
        let line = |name: &str, cells: &[String]| {
            let cells = cells.iter().fold(String::new(), |line, cell| line + &format!("{cell:>9}"));
            format!("  {name:<16}{cells}\n")
        };
        text += &line("", &head.map(str::to_owned));
        for (kind, of) in &self.servers {
            let (Some(ring), Some(accept), Some(late)) = (&of.ring, &of.accept, &of.late) else {
                continue;
            };
            let mut cells = Vec::new();
            for histogram in [ring, accept] {
                cells.extend([0.5, 0.99, 0.999].map(|it| format!("{:.2}", millis(histogram, it))));
            }
            cells.push(format!("{:.2}", millis(late, 0.99)));
            cells.push(format!("{:.3}", median(of.cpu_at_rate.clone())));
            text += &line(kind.name(), &cells);
        }
        text += "\nat saturation, medians of the rounds: calls/s, least and most; CPU a call in milliseconds; cores that the clients used\n";
        text += &line("", &["calls/s", "least", "most", "CPU", "clients"].map(str::to_owned));
        for (kind, of) in &self.servers {
            let mut rates = of.rate.clone();
            rates.sort_by(f64::total_cmp);
            let ends = [rates.first(), rates.last()].map(|it| it.copied().unwrap_or(0.0));
            let mut cells = [median(rates), ends[0], ends[1]].map(|it| format!("{it:.0}")).to_vec();
            cells.push(format!("{:.3}", median(of.cpu.clone())));
            cells.push(format!("{:.2}", median(of.clients.clone())));
            text += &line(kind.name(), &cells);
        }
        if let Ok(load) = procfs::LoadAverage::current() {
            // The benchmark itself is about as much as there are cores.
            let _ = write!(text, "\nload of the machine in the last minute: {:.2}\n", load.one);
        }
        text
    }

    /// Says of each bound whether it is kept. Whether all are.
    pub(crate) fn judge(&self) -> bool {
        let [(_, roomcall), (_, node), (_, mosquitto)] = &self.servers[..] else { return false };
        let cpu = median(roomcall.cpu.clone());
        let bounds = [
            ("CPU a call at saturation, in ms", cpu, CPU, true),
            ("saturation, by Node's", ratio(&roomcall.rate, &node.rate), NODE, false),
            (
                "saturation, by Mosquitto's",
                ratio(&roomcall.rate, &mosquitto.rate),
                MOSQUITTO,
                false,
            ),
            (
                "p99.9 of ringing, by Node's",
                ratio(&roomcall.ring_tail, &node.ring_tail),
                TAIL,
                true,
            ),
            (
                "p99.9 of accepting, by Node's",
                ratio(&roomcall.accept_tail, &node.accept_tail),
                TAIL,
                true,
            ),
        ];
        let mut is_good = true;
        for (what, figure, bound, is_most) in bounds {
            let is_kept = if is_most { figure <= bound } else { figure >= bound };
            let word = if is_most { "at most" } else { "at least" };
            let off = 100.0 * (figure / bound - 1.0).abs();
            let verdict =
                if is_kept { "kept".to_owned() } else { format!("NOT KEPT, by {off:.0} %") };
            println!("  {what:<32} {figure:>7.3}, {word} {bound}: {verdict}");
            is_good &= is_kept;
        }
        is_good
    }
}
