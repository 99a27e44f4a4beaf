//! The webhooks of a server: what runs as long as it does.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::deliveries::Deliveries;
use super::store::EventStore;
use super::webhook::{Acknowledgement, Endpoint, Now, Pace, Presence, Transport, Webhook};
use crate::engine::{Job, ask};
use crate::follower::Kept;

/// What a tenant's events are for.
#[derive(Clone)]
pub struct Events {
    /// Where they are kept.
    pub store: Arc<EventStore>,
    /// Where they are sent.
    pub endpoints: Vec<Endpoint>,
    /// How.
    pub pace: Pace,
    /// How requests go out; nothing is sent without it.
    pub transport: Option<Arc<dyn Transport>>,
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

/// How long the engine may take to say who is connected: without an answer nobody is.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who is connected, as the engine knows it.
struct ByEngine(mpsc::Sender<Job>);

impl Presence for ByEngine {
    fn connected<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Vec<String>> {
        async move {
            let job = |answered| Job::Connected { user: user.to_owned(), answered };
            timeout(PATIENCE, ask(&self.0, job)).await.ok().flatten().unwrap_or_default()
        }
        .boxed()
    }
}

impl Events {
    /// Where the follower of a tenant puts them.
    pub fn kept(&self, tenant: &str) -> Kept {
        let endpoints = self.endpoints.iter().map(|it| it.name.clone()).collect();
        Kept { store: self.store.clone(), tenant: tenant.to_owned(), endpoints }
    }

    /// Sends the events of a tenant from where its endpoints are, until it is told to stop.
    pub fn send(
        &self,
        tenant: &str,
        deliveries: &Deliveries,
        now: &Now,
        jobs: &mpsc::Sender<Job>,
    ) -> Sending {
        let (stop, stopped) = watch::channel(false);
        let (acknowledged, entries) = mpsc::channel(16);
        let mut tasks = JoinSet::new();
        let sent =
            self.transport.iter().flat_map(|by| self.endpoints.iter().map(move |to| (by, to)));
        for (transport, endpoint) in sent {
            let after = deliveries.position(&endpoint.name);
            let webhook = Webhook {
                tenant: tenant.to_owned(),
                endpoint: endpoint.clone(),
                pace: self.pace,
                store: self.store.clone(),
                transport: transport.clone(),
                presence: Arc::new(ByEngine(jobs.clone())),
                now: now.clone(),
                acknowledged: acknowledged.clone(),
            };
            let stopped = stopped.clone();
            tasks.spawn(async move {
                if let Err(why) = webhook.run(after, stopped).await {
                    tracing::error!(endpoint = webhook.endpoint.name, %why, "nothing is sent any more");
                }
            });
        }
        tasks.spawn(record(entries, jobs.clone()));
        Sending { stop, tasks }
    }
}

/// Puts into the log what endpoints have come to.
async fn record(mut entries: mpsc::Receiver<Acknowledgement>, jobs: mpsc::Sender<Job>) {
    while let Some(entry) = entries.recv().await {
        if jobs.send(Job::Delivery(entry)).await.is_err() {
            return;
        }
    }
}

/// Webhooks that are being sent.
#[derive(Debug)]
pub struct Sending {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Sending {
    /// Stops, once what was acknowledged is with the engine.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}
