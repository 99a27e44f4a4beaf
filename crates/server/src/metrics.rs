//! What is counted, in the form that Prometheus reads. No id of a user or a room is a label.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};
use roomcall::protocol::{Command, Event, Input, Outcome, Query};
use roomcall::{CallStatus, Rule};

use crate::close_code::CloseCode;
use crate::token::TenantName;

mod process;

use process::ThisProcess;

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Kind {
    kind: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByRule {
    rule: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct OfTenant {
    tenant: String,
}

/// All that is counted, for whoever reads it, who is in nobody's way.
#[derive(Debug)]
pub struct Counts {
    registry: Registry,
    closed: Family<Kind, Counter>,
}

/// What an observer has found.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    violations: Family<ByRule, Counter>,
    lines: Counter,
    unobserved: Counter,
}

impl Observed {
    /// A line was judged.
    pub fn line(&self) {
        self.lines.inc();
    }

    /// A line was not judged.
    pub fn unobserved(&self) {
        self.unobserved.inc();
    }

    /// A rule is violated.
    pub fn violation(&self, rule: Rule) {
        self.violations.get_or_create(&ByRule { rule: rule.id() }).inc();
    }
}

/// All that the engine of a tenant counts: clones count together.
#[derive(Clone, Debug)]
pub struct Metrics {
    inputs: Family<Kind, Counter>,
    refusals: Family<ByRule, Counter>,
    effects: Family<Kind, Counter>,
    ring: Family<ByRule, Histogram>,
    cost: Family<Kind, Counter>,
    over: Family<Kind, Counter>,
    live: Family<OfTenant, Gauge>,
    connections: Family<OfTenant, Gauge>,
    tenant: OfTenant,
    queued: Gauge,
    batch: Histogram,
    commit: Histogram,
    lag: Histogram,
    observed: Observed,
    /// When the live attempts began, by the time of the log.
    ringing: HashMap<u64, u64>,
}

impl Metrics {
    /// Nothing was counted.
    pub fn new() -> (Self, Counts) {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(ThisProcess::new()));
        let all = registry.sub_registry_with_prefix("roomcall");
        let version = Info::new(Vec::from([("version", env!("CARGO_PKG_VERSION"))]));
        all.register("build", "The program", version);
        let observed = Observed::default();
        for (name, help, counter) in [
            ("observed_lines", "Lines that --observe has judged", &observed.lines),
            ("unobserved_lines", "Lines that it had no time for", &observed.unobserved),
        ] {
            counted(all, name, help, counter.clone());
        }
        let violations = "Violations that --observe has found, by rule";
        counted(all, "violations", violations, observed.violations.clone());
        let metrics = Self {
            observed,
            inputs: counted(all, "inputs", "Inputs by kind", Family::default()),
            refusals: counted(all, "refusals", "Refused requests by rule", Family::default()),
            effects: counted(all, "effects", "Events told, by kind", Family::default()),
            cost: counted(
                all,
                "cost",
                "Units of cost of what was done, by who asked for it",
                Family::default(),
            ),
            over: counted(
                all,
                "refused_for_cost",
                "Requests that were refused for their cost, by whose budget had not enough",
                Family::default(),
            ),
            live: counted(all, "live_calls", "Calls that ring", Family::default()),
            connections: counted(all, "connections", "Connected devices", Family::default()),
            tenant: OfTenant { tenant: TenantName::default().to_string() },
            queued: counted(
                all,
                "queued_bytes",
                "Bytes that wait to be sent to devices",
                Gauge::default(),
            ),
            batch: counted(
                all,
                "commit_batch_size",
                "Inputs in one durable commit",
                Histogram::new(exponential_buckets(1.0, 2.0, 12)),
            ),
            ring: timed(
                all,
                "ring_duration",
                "How long calls rang, by the rule that ended them",
                Family::new_with_constructor(|| doubling(0.05)),
            ),
            commit: timed(all, "commit_duration", "One durable commit", doubling(0.000_1)),
            lag: timed(
                all,
                "timer_lag",
                "How long after its deadline a call was ended",
                doubling(0.000_1),
            ),
            ringing: HashMap::new(),
        };
        let closed = "Connections that the server closed";
        let closed = counted(all, "connections_closed", closed, Family::default());
        (metrics, Counts { registry, closed })
    }

    /// The same for another tenant: what stands is counted for each, and all else together.
    #[must_use]
    pub fn of_tenant(&self, tenant: &TenantName) -> Self {
        let tenant = OfTenant { tenant: tenant.to_string() };
        Self { tenant, ringing: HashMap::new(), ..self.clone() }
    }

    /// An input, and what came of it.
    pub fn turn(&mut self, input: &Input, turn: &Outcome) {
        self.inputs.get_or_create(&Kind { kind: kind(input) }).inc();
        if let Some(Err(refused)) = &turn.answer {
            self.refused(refused.rule);
        }
        for effect in &turn.effects {
            self.effects.get_or_create(&Kind { kind: effect.event.name() }).inc();
            match &effect.event {
                Event::PendingCallChanged(call) if call.status == CallStatus::Calling => {
                    self.ringing.insert(call.attempt, turn.at);
                }
                event => {
                    if let Some(began) = self.ringing.remove(&event.attempt()) {
                        let rang = Duration::from_millis(turn.at.saturating_sub(began));
                        let rule = effect.because.id();
                        self.ring.get_or_create(&ByRule { rule }).observe(rang.as_secs_f64());
                    }
                }
            }
        }
    }

    /// Something is done for a `device` or the `backend` that costs so many units.
    pub fn cost(&self, kind: &'static str, units: u64) {
        self.cost.get_or_create(&Kind { kind }).inc_by(units);
    }

    /// A request is refused by L-15, since the budget of this kind has not enough.
    pub fn over(&self, kind: &'static str) {
        self.refusals.get_or_create(&ByRule { rule: Rule::L15.id() }).inc();
        self.over.get_or_create(&Kind { kind }).inc();
    }

    /// A request was refused by a rule.
    pub fn refused(&self, rule: Rule) {
        self.refusals.get_or_create(&ByRule { rule: rule.id() }).inc();
    }

    /// A batch was made durable.
    pub fn commit(&self, inputs: usize, took: Duration) {
        // There may be none, where somebody has connected with a new token.
        if inputs > 0 {
            self.batch.observe(inputs as f64);
        }
        self.commit.observe(took.as_secs_f64());
    }

    /// A deadline was met so late.
    pub fn lag(&self, late: Duration) {
        self.lag.observe(late.as_secs_f64());
    }

    /// The bytes that wait to be sent, for whoever queues and sends them.
    pub fn queued(&self) -> Gauge {
        self.queued.clone()
    }

    /// What an observer finds, for whoever observes.
    pub fn observed(&self) -> Observed {
        self.observed.clone()
    }

    /// How things stand.
    pub fn stand(&self, live: u32, connections: usize) {
        self.live.get_or_create(&self.tenant).set(live.into());
        let connections = i64::try_from(connections).unwrap_or(i64::MAX);
        self.connections.get_or_create(&self.tenant).set(connections);
    }
}

impl Counts {
    /// The server closed a connection.
    pub fn closed(&self, why: CloseCode) {
        self.closed.get_or_create(&Kind { kind: why.word() }).inc();
    }

    /// Everything, as whoever asked for it over HTTP reads it.
    pub(crate) fn response(&self) -> Response {
        let form = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        ([(CONTENT_TYPE, form)], self.text()).into_response()
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Adds a metric to the registry, and gives it back.
fn counted<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

/// The same with seconds.
fn timed<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register_with_unit(name, help, Unit::Seconds, metric.clone());
    metric
}

/// Sixteen lengths in seconds, each twice as long as the one before.
fn doubling(from: f64) -> Histogram {
    Histogram::new(exponential_buckets(from, 2.0, 16))
}

/// The word for an input.
const fn kind(input: &Input) -> &'static str {
    match input {
        Input::Tick => "tick",
        Input::Fact(_) => "fact",
        Input::Ask { command, .. } => match command {
            Command::CallUserToRoom { .. } => "callUserToRoom",
            Command::CancelCall { .. } => "cancelCall",
            Command::RevokeCall { .. } => "revokeCall",
            Command::AcceptCall { .. } => "acceptCall",
            Command::RejectCall { .. } => "rejectCall",
            Command::RevokeUserCalls { .. } => "revokeUserCalls",
            Command::MarkCallsSeen { .. } => "markCallsSeen",
            Command::Ringing { .. } => "ringing",
        },
        Input::Query { query, .. } => match query {
            Query::GetPendingCalls { .. } => "getPendingCalls",
            Query::GetIncomingCalls { .. } => "getIncomingCalls",
            Query::GetMyCalls { .. } => "getMyCalls",
            Query::GetCallLog { .. } => "getCallLog",
            Query::GetUserCalls { .. } => "getUserCalls",
            Query::GetLiveCalls { .. } => "getLiveCalls",
        },
    }
}
