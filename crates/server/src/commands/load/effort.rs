//! Whether the load was itself the limit: then what it measured is not of the server alone.

use std::fmt;
use std::num::NonZero;
use std::time::Duration;

use procfs::process::Process;
use procfs::{CurrentSI as _, KernelStats};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::report::Latency;

/// Of a hundred calls one may begin so much later than planned, and of a hundred waits of its tasks one may end so
/// much later: timers are good for a millisecond.
const LATE: Duration = Duration::from_millis(5);

/// Of a hundred calls that were planned one may not be made, since everybody was busy.
const SKIPPED: f64 = 0.01;

/// More of the processors cannot be used.
const ALL: f64 = 0.9;

/// How long a task waits that measures how late tasks are.
const WAIT: Duration = Duration::from_millis(10);

/// What the load did, and what it had to do it with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effort {
    /// How much later than planned calls began, and how much later than due its tasks went on: the 99th
    /// percentiles.
    pub(crate) late: Duration,
    pub(crate) lag: Duration,
    /// Calls that were made, and that were not since everybody was busy.
    pub(crate) calls: u64,
    pub(crate) skipped: u64,
    /// What it used of processors, and what of them there is. Not known where the system does not tell.
    pub(crate) processors: Option<Processors>,
}

/// Processors, on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Processors {
    /// Those of the machine.
    pub(crate) all: f64,
    /// What this process used of them.
    pub(crate) own: f64,
    /// What everything else used: the server, if it is on this machine.
    pub(crate) others: f64,
}

impl Effort {
    /// Why the load was the limit; nothing, if it was not.
    pub(crate) fn limits(&self) -> Vec<String> {
        let mut limits = Vec::new();
        let is_late = self.late > LATE || self.lag > LATE;
        let cause = match self.processors {
            Some(Processors { all, own, .. }) if own >= ALL * all => {
                Some("it used all processors: use a larger machine, or several at once")
            }
            Some(Processors { all, own, others }) if own + others >= ALL * all && is_late => Some(
                "others on this machine, such as the server, took the processors: use another machine",
            ),
            _ if is_late => {
                Some("the one task that makes the calls was too slow: use several loads at once")
            }
            _ => None,
        };
        limits.extend(cause.map(str::to_owned));
        let planned = self.calls.saturating_add(self.skipped);
        if self.skipped as f64 > SKIPPED * planned as f64 {
            let skipped = self.skipped;
            limits.push(format!(
                "{skipped} of {planned} calls were not made, since everybody was busy: use more --users"
            ));
        }
        limits
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = self.limits();
        if limits.is_empty() {
            writeln!(f, "  the load was not the limit:")?;
        }
        for limit in &limits {
            writeln!(f, "  THE LOAD WAS ITSELF THE LIMIT: {limit}")?;
        }
        let millis = |length: Duration| length.as_secs_f64() * 1e3;
        write!(
            f,
            "    calls began {:.1} ms late (p99), its tasks were {:.1} ms late (p99; at most {} ms each); ",
            millis(self.late),
            millis(self.lag),
            LATE.as_millis(),
        )?;
        match self.processors {
            Some(Processors { all, own, others }) => {
                write!(f, "it used {own:.2} of {all:.0} processors, everything else {others:.2}")
            }
            None => write!(f, "what it used of processors is not known here"),
        }
    }
}

/// Looks at what a load does while calls are made.
#[derive(Debug)]
pub(crate) struct Watch {
    began: Instant,
    before: Option<Times>,
    lags: mpsc::UnboundedReceiver<Duration>,
}

/// Seconds of processors since the process, or the machine, has begun.
#[derive(Clone, Copy, Debug)]
struct Times {
    own: f64,
    machine: f64,
}

impl Watch {
    pub(crate) fn start() -> Self {
        let (lag, lags) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let due = Instant::now() + WAIT;
                sleep(WAIT).await;
                if lag.send(due.elapsed()).is_err() {
                    return;
                }
            }
        });
        Self { began: Instant::now(), before: times(), lags }
    }

    /// What was done since then, with so many calls.
    pub(crate) fn end(mut self, late: &Latency, calls: u64, skipped: u64) -> Effort {
        let mut lag = Latency::default();
        while let Ok(one) = self.lags.try_recv() {
            lag.add(one);
        }
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let processors = self.before.zip(times()).map(|(before, now)| {
            let own = (now.own - before.own) / seconds;
            let others = ((now.machine - before.machine) / seconds - own).max(0.0);
            let all = std::thread::available_parallelism().map_or(1, NonZero::get) as f64;
            Processors { all, own, others }
        });
        Effort { late: late.p99(), lag: lag.p99(), calls, skipped, processors }
    }
}

/// `None` where there is no /proc.
fn times() -> Option<Times> {
    let ticks = procfs::ticks_per_second() as f64;
    let own = Process::myself().and_then(|it| it.stat()).ok()?;
    let machine = KernelStats::current().ok()?.total;
    let busy = [machine.user, machine.nice, machine.system];
    let busy = busy.into_iter().chain(machine.irq).chain(machine.softirq).sum::<u64>();
    Some(Times { own: (own.utime + own.stime) as f64 / ticks, machine: busy as f64 / ticks })
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Processors = Processors { all: 2.0, own: 0.4, others: 0.3 };
    const GOOD: Effort = Effort {
        late: Duration::from_millis(1),
        lag: Duration::from_millis(1),
        calls: 1_000,
        skipped: 0,
        processors: Some(IDLE),
    };

    fn why(effort: Effort) -> String {
        let limits = effort.limits();
        let says = effort.to_string().contains("THE LOAD WAS ITSELF THE LIMIT");
        assert_eq!(says, !limits.is_empty(), "{effort}");
        limits.join(";")
    }

    #[test]
    fn a_load_that_keeps_up_is_not_the_limit() {
        assert_eq!(why(GOOD), "");
        // The server may use what is left.
        let busy = Processors { others: 1.6, ..IDLE };
        assert_eq!(why(Effort { processors: Some(busy), ..GOOD }), "");
        assert_eq!(why(Effort { skipped: 10, processors: None, ..GOOD }), "");
    }

    #[test]
    fn a_load_that_does_not_keep_up_says_why() {
        let slow = Duration::from_millis(6);
        let alone = "the one task that makes the calls was too slow";
        assert!(why(Effort { late: slow, ..GOOD }).contains(alone));
        assert!(why(Effort { lag: slow, processors: None, ..GOOD }).contains(alone));
        let busy = Processors { others: 1.5, ..IDLE };
        let others = why(Effort { lag: slow, processors: Some(busy), ..GOOD });
        assert!(others.contains("others on this machine"), "{others}");
        // Even if it was never late: it may have been just before that.
        let all = Processors { own: 1.9, ..IDLE };
        assert!(why(Effort { processors: Some(all), ..GOOD }).contains("all processors"));
    }

    #[test]
    fn calls_that_were_not_made_are_a_limit() {
        assert!(why(Effort { skipped: 20, ..GOOD }).contains("20 of 1020 calls"));
    }

    #[tokio::test]
    async fn a_thread_that_is_blocked_is_seen() {
        let watch = Watch::start();
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(300) {
            sleep(Duration::from_millis(1)).await;
            // The task that measures is on this thread, too.
            std::thread::sleep(Duration::from_millis(30));
        }
        let effort = watch.end(&Latency::default(), 1, 0);
        assert!(effort.lag > LATE && !effort.limits().is_empty(), "{effort:?}");
    }
}
