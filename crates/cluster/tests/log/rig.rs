//! A broker, and logs in it.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use roomcall::protocol::{Input, Record};
use roomcall_cluster::log::broker::{Settings, connect};
use roomcall_cluster::log::envelope::{self, Head, RULES};
use roomcall_cluster::log::nodes::{Nodes, Sync};
use roomcall_cluster::log::{JetStream, StreamLog};
use roomcall_server::log::suite::{Capability, Rig};
use roomcall_server::log::{Appended, Batch, Entry, Log, Sequence, StoreError};
use tokio::sync::Mutex;

/// A log of a broker of its own.
pub(crate) struct Broker {
    pub(crate) nodes: Arc<Mutex<Nodes>>,
    pub(crate) settings: Settings,
    tenant: String,
    broken: Arc<Mutex<Vec<usize>>>,
}

pub(crate) fn batch(number: u64) -> Vec<u8> {
    Batch::new(number).write()
}

/// A batch that has something in it.
fn time_passes() -> Vec<u8> {
    let record = Record { at: 77, request_id: None, input: Input::Tick };
    Batch { at: 77, entries: vec![Entry::Record(record)] }.write()
}

/// All batches after one.
pub(crate) async fn read(log: &dyn Log, after: Sequence) -> Vec<(Sequence, Vec<u8>)> {
    let mut all: Vec<(Sequence, Vec<u8>)> = Vec::new();
    loop {
        let next = all.last().map_or(after, |(last, _)| *last);
        let read = log.read(next).await.expect("it can be read");
        if read.is_empty() {
            return all;
        }
        all.extend(read);
    }
}

/// Claims a log behind its end.
pub(crate) async fn claimed(log: &StreamLog) -> Sequence {
    loop {
        let last = log.last().await.expect("it has a leader");
        match log.claim(last, batch(0)).await {
            Appended::At(sequence) => return sequence,
            Appended::Conflict(_) => {}
            Appended::Unknown(why) => panic!("{why}"),
        }
    }
}

impl Broker {
    pub(crate) async fn start(count: usize) -> Self {
        let nodes = Nodes::start(count, Sync::Always).await.expect("they start");
        let mut settings = nodes.settings();
        if count == 1 {
            // There is no election to wait for.
            settings.patience = Duration::from_secs(2);
        }
        let nodes = Arc::new(Mutex::new(nodes));
        Self { nodes, settings, tenant: name(), broken: Arc::default() }
    }

    /// The log as a process of its own has it.
    pub(crate) async fn process(&self) -> Result<StreamLog, StoreError> {
        JetStream::connect(&self.settings, "test").await?.open(&self.tenant).await
    }

    pub(crate) fn context(client: &async_nats::Client) -> jetstream::Context {
        jetstream::new(client.clone())
    }

    pub(crate) async fn client(&self) -> async_nats::Client {
        connect(&self.settings, "test").await.expect("it is there")
    }

    pub(crate) fn stream(&self) -> String {
        format!("LOG-{}", self.tenant)
    }

    /// Appends bytes as they are, whatever they are.
    pub(crate) async fn publish(&self, bytes: Vec<u8>) -> Sequence {
        let context = Self::context(&self.client().await);
        let sent = context.publish(format!("log.{}", self.tenant), bytes.into()).await;
        sent.expect("it is sent").await.expect("it is stored").sequence
    }

    /// The server that leads a stream.
    async fn leader(&self) -> usize {
        let context = Self::context(&self.client().await);
        let stream = context.get_stream(self.stream()).await.expect("it is there");
        let leader = stream.cached_info().cluster.as_ref().and_then(|it| it.leader.clone());
        let named = self.nodes.lock().await.named(&leader.unwrap_or_default());
        named.unwrap_or(0)
    }
}

fn name() -> String {
    format!("tenant-{:08x}", fastrand::u32(..))
}

impl Rig for Broker {
    fn name(&self) -> &'static str {
        if self.settings.servers.len() == 1 { "one server" } else { "three servers" }
    }

    fn lacks(&self) -> Vec<(Capability, &'static str)> {
        Vec::new()
    }

    fn renew(&mut self) {
        self.tenant = name();
    }

    fn open(&mut self) -> BoxFuture<'_, Result<Arc<dyn Log>, StoreError>> {
        async {
            let log = self.process().await?;
            read(&log, log.snapshots().await?.first().copied().unwrap_or(0)).await;
            claimed(&log).await;
            let log: Arc<dyn Log> = Arc::new(log);
            Ok(log)
        }
        .boxed()
    }

    fn watch(&mut self) -> BoxFuture<'_, Result<Arc<dyn Log>, StoreError>> {
        async {
            let log: Arc<dyn Log> = Arc::new(self.process().await?);
            Ok(log)
        }
        .boxed()
    }

    /// All servers are killed, and started again.
    fn restart(&mut self) -> BoxFuture<'_, ()> {
        async {
            let count = self.settings.servers.len();
            for node in 0..count {
                self.nodes.lock().await.kill(node);
            }
            for node in 0..count {
                self.nodes.lock().await.restart(node).expect("it starts");
            }
            ready(&self.nodes).await;
        }
        .boxed()
    }

    /// The leader is killed, or stopped, while appends go on.
    fn interrupt(&mut self, number: usize) -> BoxFuture<'_, ()> {
        async move {
            let leader = self.leader().await;
            let (nodes, broken) = (self.nodes.clone(), self.broken.clone());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_micros(fastrand::u64(..5_000))).await;
                println!("{} {leader}", if number == 0 { "kill -9 of" } else { "SIGSTOP of" });
                let mut nodes = nodes.lock().await;
                match number {
                    0 => nodes.kill(leader),
                    _ => nodes.pause(leader).expect("it runs"),
                }
                broken.lock().await.push(leader);
            });
        }
        .boxed()
    }

    /// One of three may fail.
    fn survives(&self) -> bool {
        self.settings.servers.len() > 1
    }

    fn mend(&mut self) -> BoxFuture<'_, ()> {
        async {
            let broken = std::mem::take(&mut *self.broken.lock().await);
            for node in broken {
                let mut nodes = self.nodes.lock().await;
                if nodes.resume(node).is_err() {
                    nodes.restart(node).expect("it starts");
                }
            }
            ready(&self.nodes).await;
        }
        .boxed()
    }

    /// What is no envelope, and envelopes of another epoch or place.
    fn tear(&mut self) -> BoxFuture<'_, ()> {
        async {
            let log = self.process().await.expect("it is there");
            read(&log, 0).await;
            let (epoch, last) = (log.epoch(), log.last().await.expect("it has a leader"));
            self.publish(b"{\"at\":1,\"entries\":[]}".to_vec()).await;
            for (epoch, previous) in
                [(epoch - 1, last + 1), (epoch + 2, last + 2), (epoch, last), (epoch + 1, last)]
            {
                let head = Head { rules: RULES, epoch, previous, released: 0 };
                self.publish(envelope::write(&head, &time_passes())).await;
            }
        }
        .boxed()
    }

    fn lose_end(&mut self) -> BoxFuture<'_, ()> {
        async {
            let context = Self::context(&self.client().await);
            context.delete_stream(self.stream()).await.expect("it is there");
        }
        .boxed()
    }

    fn damage(&mut self, snapshot: Sequence) -> BoxFuture<'_, ()> {
        async move {
            let context = Self::context(&self.client().await);
            let bucket = context.get_object_store(format!("SNAP-{}", self.tenant)).await;
            let bucket = bucket.expect("it is there");
            let info = bucket.info(format!("{snapshot:020}")).await.expect("it is there");
            let object = jetstream::object_store::ObjectMetadata {
                name: info.name,
                metadata: info.metadata,
                ..Default::default()
            };
            bucket.put(object, &mut &b"damaged"[..]).await.expect("it is stored");
        }
        .boxed()
    }
}

/// Waits until the servers are in order.
async fn ready(nodes: &Mutex<Nodes>) {
    nodes.lock().await.ready().await.expect("they come up");
}
