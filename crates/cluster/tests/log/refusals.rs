//! Brokers and logs with which nobody begins.

use async_nats::jetstream::stream::Config;
use roomcall_cluster::log::JetStream;
use roomcall_cluster::log::nodes::{Nodes, Sync};
use roomcall_server::log::{Before, Log as _, StoreError};

use crate::rig::{Broker, claimed};

fn refused<T: std::fmt::Debug>(opened: Result<T, StoreError>, with: &str) {
    let why = opened.expect_err("it refuses").to_string();
    assert!(why.contains(with), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_sync_is_refused() {
    let nodes = Nodes::start(1, Sync::Default).await.unwrap();
    let mut settings = nodes.settings();
    refused(JetStream::connect(&settings, "test").await, "sync_interval: always");
    settings.monitors.clear();
    refused(JetStream::connect(&settings, "test").await, "monitoring ports");
    drop(nodes);
    refused(JetStream::connect(&settings, "test").await, "is the broker there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_log_is_refused() {
    let broker = Broker::start(1).await;
    let log = broker.process().await.unwrap();
    for _ in 0..5 {
        claimed(&log).await;
    }
    log.save(5, b"state".to_vec(), Before::One { unread: Vec::new() }).await.unwrap();
    let context = Broker::context(&broker.client().await);
    let stream = context.get_stream(broker.stream()).await.unwrap();
    let config = stream.cached_info().config.clone();
    context.delete_stream(broker.stream()).await.unwrap();
    refused(broker.process().await, "there is no stream");
    // Somebody has made it again.
    context.create_stream(config).await.unwrap();
    broker.publish(b"hello".to_vec()).await;
    refused(broker.process().await, "the last batch of");
}

/// What of a stream, and a change of it.
type Change = (&'static str, fn(&mut Config));

#[tokio::test(flavor = "multi_thread")]
async fn another_configuration_is_refused() {
    let broker = Broker::start(1).await;
    broker.process().await.unwrap();
    let context = Broker::context(&broker.client().await);
    let stream = context.get_stream(broker.stream()).await.unwrap();
    let good = stream.cached_info().config.clone();
    let changes: [Change; 3] = [
        ("most bytes", |it| it.max_bytes = 1 << 20),
        ("longest age", |it| it.max_age = std::time::Duration::from_secs(3600)),
        ("republish", |it| it.republish = None),
    ];
    for (name, change) in changes {
        let mut config = good.clone();
        change(&mut config);
        context.update_stream(&config).await.unwrap();
        refused(broker.process().await, name);
    }
    context.update_stream(&good).await.unwrap();
    broker.process().await.unwrap();
}
