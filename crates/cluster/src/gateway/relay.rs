//! Between the front and the active processor of one partition: what handlers and sockets want goes there, and what it says
//! comes back to them.

use std::time::Duration;

use async_nats::Client;
use roomcall_server::engine::Job;
use roomcall_server::metrics::Metrics;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::wire::{Active, ToGateway, of_partition, write};
pub(super) use state::Relay;

mod link;
mod outbox;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod unanswered;

/// Jobs that are taken at once.
const JOBS: usize = 512;

/// How often it looks which connections have gone without a word.
const LOOK: Duration = Duration::from_secs(1);

/// What is heard of a partition.
#[derive(Debug)]
pub(super) enum Heard {
    /// Its active processor has sent something.
    Frame(ToGateway),
    /// Its active processor beats.
    Beat(Active),
}

/// What a relay listens to.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) heard: mpsc::Receiver<Heard>,
    /// Changes where it is to stop.
    pub(super) stop: watch::Receiver<bool>,
}

/// Relays until it is told to stop: then all connections are closed, and the processor knows.
pub(super) async fn run(
    mut relay: Relay,
    partition: &str,
    client: Client,
    inputs: Inputs,
    metrics: Metrics,
) {
    let Inputs { mut jobs, mut heard, mut stop } = inputs;
    let (subject, began) = (of_partition(partition), Instant::now());
    let now = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut taken = Vec::new();
    let mut stops = false;
    while !stops {
        tokio::select! {
            _ = stop.changed() => stops = true,
            Some(heard) = heard.recv() => match heard {
                Heard::Frame(frame) => relay.hear(now(), frame),
                Heard::Beat(active) => relay.beat(now(), &active),
            },
            _ = look.tick() => {
                relay.sweep();
                metrics.stand(0, relay.len());
            }
            count = jobs.recv_many(&mut taken, JOBS), if relay.may_take() => {
                stops = count == 0 || taken.iter().any(|job| matches!(job, Job::Stop));
                taken.drain(..).for_each(|job| relay.take(job));
            }
        }
        if stops {
            relay.stop();
        }
        while let Some(frame) = relay.frame_to_send() {
            // What is not sent is lost, and that is noticed.
            if let Err(why) = client.publish(subject.clone(), write(&frame).into()).await {
                tracing::warn!(%why, partition, "a frame cannot be sent");
            }
        }
    }
}
