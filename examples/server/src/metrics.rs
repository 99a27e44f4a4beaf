//! What is counted, in the form that Prometheus reads. No id of a user or a room is a label.

use std::collections::HashMap;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use roomcall::CallStatus;
use roomcall::named::{Command, Entry, Event, Query, Turn};

use crate::goodbye::Goodbye;

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Kind {
    kind: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByRule {
    rule: &'static str,
}

/// All that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    inputs: Family<Kind, Counter>,
    refusals: Family<ByRule, Counter>,
    effects: Family<Kind, Counter>,
    closed: Family<Kind, Counter>,
    ring: Family<ByRule, Histogram>,
    live: Gauge,
    connections: Gauge,
    batch: Histogram,
    commit: Histogram,
    lag: Histogram,
    /// When the live attempts began, by the journal's time.
    ringing: HashMap<u64, u64>,
}

impl Metrics {
    /// Nothing was counted.
    pub fn new() -> Self {
        let seconds = |from| Histogram::new(exponential_buckets(from, 2.0, 16));
        let mut registry = Registry::with_prefix("roomcall");
        let metrics = Self {
            registry: Registry::default(),
            inputs: Family::default(),
            refusals: Family::default(),
            effects: Family::default(),
            closed: Family::default(),
            ring: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.05, 2.0, 16))
            }),
            live: Gauge::default(),
            connections: Gauge::default(),
            batch: Histogram::new(exponential_buckets(1.0, 2.0, 12)),
            commit: seconds(0.000_1),
            lag: seconds(0.000_1),
            ringing: HashMap::new(),
        };
        registry.register("inputs", "Inputs by kind", metrics.inputs.clone());
        registry.register("refusals", "Refused requests by rule", metrics.refusals.clone());
        registry.register("effects", "Events told, by kind", metrics.effects.clone());
        registry.register(
            "connections_closed",
            "Connections that the server closed",
            metrics.closed.clone(),
        );
        registry.register_with_unit(
            "ring_duration",
            "How long calls rang, by the rule that ended them",
            Unit::Seconds,
            metrics.ring.clone(),
        );
        registry.register("live_calls", "Calls that ring", metrics.live.clone());
        registry.register("connections", "Connected devices", metrics.connections.clone());
        registry.register(
            "commit_batch_size",
            "Inputs in one durable commit",
            metrics.batch.clone(),
        );
        registry.register_with_unit(
            "commit_duration",
            "One durable commit",
            Unit::Seconds,
            metrics.commit.clone(),
        );
        registry.register_with_unit(
            "timer_lag",
            "How long after its deadline a call was ended",
            Unit::Seconds,
            metrics.lag.clone(),
        );
        Self { registry, ..metrics }
    }

    /// An input, and what came of it.
    pub fn turn(&mut self, entry: &Entry, turn: &Turn) {
        self.inputs.get_or_create(&Kind { kind: kind(entry) }).inc();
        if let Some(Err(refused)) = &turn.answer {
            self.refusals.get_or_create(&ByRule { rule: refused.rule.id() }).inc();
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

    /// A batch was made durable.
    pub fn commit(&self, inputs: usize, took: Duration) {
        self.batch.observe(inputs as f64);
        self.commit.observe(took.as_secs_f64());
    }

    /// A deadline was met so late.
    pub fn lag(&self, late: Duration) {
        self.lag.observe(late.as_secs_f64());
    }

    /// How things stand.
    pub fn stand(&self, live: u32, connections: usize) {
        self.live.set(live.into());
        self.connections.set(i64::try_from(connections).unwrap_or(i64::MAX));
    }

    /// The server closed a connection.
    pub fn closed(&self, why: Goodbye) {
        self.closed.get_or_create(&Kind { kind: why.word() }).inc();
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// The word for an input.
const fn kind(entry: &Entry) -> &'static str {
    match entry {
        Entry::Tick => "tick",
        Entry::Fact(_) => "fact",
        Entry::Ask { command, .. } => match command {
            Command::CallUserToRoom { .. } => "callUserToRoom",
            Command::CancelCall { .. } => "cancelCall",
            Command::RevokeCall { .. } => "revokeCall",
            Command::AcceptCall { .. } => "acceptCall",
            Command::RejectCall { .. } => "rejectCall",
        },
        Entry::Query { query, .. } => match query {
            Query::GetPendingCalls { .. } => "getPendingCalls",
            Query::GetIncomingCalls { .. } => "getIncomingCalls",
        },
    }
}
