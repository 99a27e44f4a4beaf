//! What the process takes of the machine, under the usual names of Prometheus.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use procfs::process::{LimitValue, Process};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Looks at the process whenever somebody reads the metrics.
#[derive(Debug)]
pub(super) struct ThisProcess {
    /// In seconds since 1970.
    began: f64,
}

/// As it is now.
struct Seen {
    cpu_seconds: f64,
    resident_bytes: u64,
    open_files: usize,
    most_files: Option<u64>,
}

impl ThisProcess {
    /// It began a moment ago.
    pub(super) fn new() -> Self {
        let began = SystemTime::now().duration_since(UNIX_EPOCH);
        Self { began: began.as_ref().map_or(0.0, Duration::as_secs_f64) }
    }
}

fn read() -> procfs::ProcResult<Seen> {
    let process = Process::myself()?;
    let stat = process.stat()?;
    let most_files = match process.limits()?.max_open_files.soft_limit {
        LimitValue::Value(most) => Some(most),
        LimitValue::Unlimited => None,
    };
    Ok(Seen {
        cpu_seconds: (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64,
        resident_bytes: stat.rss.saturating_mul(procfs::page_size()),
        open_files: process.fd_count()?,
        most_files,
    })
}

impl Collector for ThisProcess {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let mut put = |name, help, unit: Option<&Unit>, kind, metric: &dyn Put| {
            metric.put(to.encode_descriptor(name, help, unit, kind)?)
        };
        let (counter, gauge) = (MetricType::Counter, MetricType::Gauge);
        let seconds = Some(&Unit::Seconds);
        let began = ConstGauge::new(self.began);
        put("process_start_time", "When it began, since 1970", seconds, gauge, &began)?;
        // Where there is no /proc, say.
        let Ok(seen) = read() else { return Ok(()) };
        let cpu = ConstCounter::new(seen.cpu_seconds);
        put("process_cpu", "Time of processors that it took", seconds, counter, &cpu)?;
        let resident = ConstGauge::new(i64::try_from(seen.resident_bytes).unwrap_or(i64::MAX));
        let bytes = Some(&Unit::Bytes);
        put("process_resident_memory", "Memory that it has", bytes, gauge, &resident)?;
        let open = ConstGauge::new(i64::try_from(seen.open_files).unwrap_or(i64::MAX));
        put("process_open_fds", "Files that it has open", None, gauge, &open)?;
        if let Some(most) = seen.most_files {
            let most = ConstGauge::new(i64::try_from(most).unwrap_or(i64::MAX));
            put("process_max_fds", "Files that it may have open", None, gauge, &most)?;
        }
        Ok(())
    }
}

/// A metric of whatever kind.
trait Put {
    fn put(&self, to: prometheus_client::encoding::MetricEncoder<'_>) -> fmt::Result;
}

impl<M: EncodeMetric> Put for M {
    fn put(&self, to: prometheus_client::encoding::MetricEncoder<'_>) -> fmt::Result {
        self.encode(to)
    }
}
