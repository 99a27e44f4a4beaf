//! What a load came to: counts, latencies, and what the devices were told.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::effort::Effort;
use super::witness::Witness;

/// Lengths of time, in microseconds.
#[derive(Debug)]
pub(crate) struct Latency(Histogram<u64>);

impl Default for Latency {
    fn default() -> Self {
        let up_to_a_minute = Histogram::new_with_bounds(1, 60_000_000, 3);
        Self(up_to_a_minute.unwrap_or_else(|_| unreachable!("these bounds are good")))
    }
}

impl Latency {
    pub(crate) fn add(&mut self, length: Duration) {
        self.0.saturating_record(u64::try_from(length.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn p99(&self) -> Duration {
        Duration::from_micros(self.0.value_at_quantile(0.99))
    }

    fn line(&self, name: &str) -> String {
        let millis = |micros: u64| format!("{:.1}", micros as f64 / 1_000.0);
        let at = |quantile| millis(self.0.value_at_quantile(quantile));
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(at);
        let (count, max) = (self.0.len(), millis(self.0.max()));
        format!("  {name:<32} {count:>8} {p50:>9} {p99:>9} {p999:>9} {max:>9}")
    }
}

/// What a load came to.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) devices: usize,
    /// How long calls were made.
    pub(crate) seconds: f64,
    /// How many calls were made.
    pub(crate) calls: u64,
    /// How many were not, since everybody was busy.
    pub(crate) skipped: u64,
    /// How much later than planned calls were made.
    pub(crate) late: Latency,
    /// What that took, once it is over.
    pub(crate) effort: Option<Effort>,
    /// How they ended, as the callers saw it.
    pub(crate) endings: BTreeMap<&'static str, u64>,
    /// From the caller's tap to the ring on a device of the callee.
    pub(crate) ring: Latency,
    /// From the yes on one device to the end of the ring on the other.
    pub(crate) stop: Latency,
    /// The same two where a connection broke meanwhile.
    pub(crate) ring_broken: Latency,
    pub(crate) stop_broken: Latency,
    /// What the devices were told.
    pub(crate) witness: Witness,
    /// What did not come to rest.
    pub(crate) restless: Vec<String>,
}

impl Report {
    /// The counts, and the table of latencies.
    pub(crate) fn text(&self) -> String {
        let Self { devices, calls, seconds, witness, .. } = self;
        let rate = *calls as f64 / seconds.max(0.001);
        let mut lines = vec![format!(
            "  {calls} calls in {seconds:.1} s ({rate:.0}/s) by {devices} devices; {} rings shown, \
             {} taken off; {} connections lost",
            witness.shown,
            witness.dismissed,
            // Those that were told so were not lost.
            witness.disconnected.saturating_sub(witness.told_to_go),
        )];
        let endings = self.endings.iter().map(|(ending, count)| format!("{count} {ending}"));
        lines.push(format!("  as callers saw it: {}", endings.collect::<Vec<_>>().join(", ")));
        lines.push(String::new());
        lines.push(format!(
            "  {:<32} {:>8} {:>9} {:>9} {:>9} {:>9}",
            "milliseconds", "count", "p50", "p99", "p99.9", "max"
        ));
        lines.push(self.ring.line("call -> ring"));
        lines.push(self.stop.line("accept -> others stop"));
        if self.ring_broken.0.len() + self.stop_broken.0.len() > 0 {
            lines.push(self.ring_broken.line("call -> ring, connection lost"));
            lines.push(self.stop_broken.line("accept -> stop, connection lost"));
        }
        lines.join("\n")
    }

    /// What is wrong, by check.
    pub(crate) fn checks(&self) -> Vec<(&'static str, Vec<String>)> {
        vec![
            ("every ring on a screen ended exactly once", self.witness.rings()),
            ("at most one device of a call was told that it won", self.witness.one_winner()),
            ("everything came to rest", self.restless.clone()),
        ]
    }
}

/// A line for a check: ok, or what is wrong.
pub(crate) fn verdict(check: &str, wrong: &[String]) -> String {
    match wrong {
        [] => format!("  {check:<68} ok"),
        [first] => format!("  {check:<68} VIOLATED: {first}"),
        [first, rest @ ..] => {
            format!("  {check:<68} VIOLATED: {first} (and {} more)", rest.len())
        }
    }
}
