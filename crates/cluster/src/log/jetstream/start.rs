//! Beginning with a log, or refusing to: what a broker has to be and to have before anything is told from it.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_nats::Client;
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, Republish, RetentionPolicy, StorageType,
};
use async_nats::jetstream::{self, ErrorCode};
use roomcall_server::log::{Sequence, StoreError};
use tokio::sync::watch;
use tokio::time::sleep;

use super::read::messages;
use super::{Inner, Seen, StreamLog, tail};
use crate::log::broker::Settings;
use crate::log::envelope;
use crate::log::monitor;
use crate::log::snapshots::{self, Snapshots};

/// Between two tries.
const APART: Duration = Duration::from_millis(100);

/// A batch has more bytes than this never, and the usual bound of a server is less.
const MAX_PAYLOAD: usize = 8 << 20;

/// Sees to it that the servers keep what they acknowledge, as far as they answer: most of them have to.
pub(super) async fn check_servers(client: &Client, settings: &Settings) -> Result<(), StoreError> {
    let most = client.max_payload();
    if most < MAX_PAYLOAD {
        return Err(settings.refuse(format!(
            "a message may have {most} bytes there, and has to have {MAX_PAYLOAD}: set `max_payload: 8MB`"
        )));
    }
    synced(settings).await.map(drop)
}

/// The names of the servers that sync each write. One that does not is an error; one that does not answer may be dead, and is
/// asked again by the next start.
async fn synced(settings: &Settings) -> Result<BTreeSet<String>, StoreError> {
    let (mut names, mut silent) = (BTreeSet::new(), String::new());
    for url in &settings.monitors {
        let page = match monitor::ask(url, "/varz").await {
            Ok(page) => page,
            Err(why) => {
                tracing::warn!(why, "a server does not say how it keeps what it acknowledges");
                silent = why;
                continue;
            }
        };
        let name = page.pointer("/server_name").and_then(|it| it.as_str()).unwrap_or_default();
        let is_synced = page.pointer("/jetstream/config/sync_always").and_then(|it| it.as_bool());
        if is_synced != Some(true) {
            return Err(settings.refuse(format!(
                "the server {name} would lose what it has acknowledged when its power fails: set `jetstream {{ sync_interval: always }}`"
            )));
        }
        names.insert(name.to_owned());
    }
    if names.len() <= settings.replicas / 2 {
        return Err(settings.refuse(format!(
            "{} servers say how they keep what they acknowledge, and more than half of {} have to: name their monitoring ports; {silent}",
            names.len(), settings.replicas
        )));
    }
    Ok(names)
}

/// The log of a tenant as it has to be.
fn wanted(settings: &Settings, tenant: &str) -> Config {
    let subject = format!("log.{tenant}");
    let destination = format!("heads.{tenant}");
    let republish = Republish { source: subject.clone(), destination, headers_only: true };
    Config {
        name: format!("LOG-{tenant}"),
        subjects: vec![subject],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        num_replicas: settings.replicas,
        max_bytes: i64::try_from(settings.log_bytes).unwrap_or(i64::MAX),
        // What is acknowledged is never pushed out by what comes later.
        discard: DiscardPolicy::New,
        deny_delete: true,
        allow_direct: true,
        republish: Some(republish),
        ..Config::default()
    }
}

/// What of a stream is not as it has to be.
fn wrong(wanted: &Config, found: &Config) -> Option<String> {
    let is = |name: &str, wanted: &dyn std::fmt::Debug, found: &dyn std::fmt::Debug| {
        let (wanted, found) = (format!("{wanted:?}"), format!("{found:?}"));
        (wanted != found).then(|| format!("its {name} is {found}, and has to be {wanted}"))
    };
    [
        is("list of subjects", &wanted.subjects, &found.subjects),
        is("retention", &wanted.retention, &found.retention),
        is("storage", &wanted.storage, &found.storage),
        is("number of replicas", &wanted.num_replicas, &found.num_replicas),
        is("most bytes", &wanted.max_bytes, &found.max_bytes),
        is("most messages", &-1, &found.max_messages),
        is("longest age", &wanted.max_age, &found.max_age),
        is("discard policy", &wanted.discard, &found.discard),
        is("deny_delete", &wanted.deny_delete, &found.deny_delete),
        is("deny_purge", &wanted.deny_purge, &found.deny_purge),
        is("allow_rollup", &wanted.allow_rollup, &found.allow_rollup),
        is("allow_direct", &wanted.allow_direct, &found.allow_direct),
        is("republish", &wanted.republish, &found.republish),
        is("seal", &false, &found.sealed),
    ]
    .into_iter()
    .flatten()
    .next()
}

/// Tries until it is done: after an election all is as it was.
async fn patiently<T, A: Future<Output = Result<T, String>>>(
    settings: &Settings,
    what: &str,
    attempt: impl Fn() -> A,
) -> Result<T, StoreError> {
    let until = Instant::now() + settings.patience;
    loop {
        match attempt().await {
            Ok(done) => return Ok(done),
            Err(why) if Instant::now() > until => {
                return Err(settings.refuse(format!("{what}: {why}")));
            }
            Err(_) => sleep(APART).await,
        }
    }
}

/// What the leader of a stream says of it; `None` where there is none.
async fn info(
    client: &Client,
    settings: &Settings,
    stream: &str,
) -> Result<Option<Info>, StoreError> {
    let context = jetstream::new(client.clone());
    let ask = || async {
        match context.get_stream(stream).await {
            Ok(stream) => Ok(Some(stream.cached_info().clone())),
            Err(why) => match why.kind() {
                GetStreamErrorKind::JetStream(error)
                    if error.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    Ok(None)
                }
                _ => Err(why.to_string()),
            },
        }
    };
    patiently(settings, stream, ask).await
}

/// Makes the stream of a log.
async fn make(client: &Client, settings: &Settings, wanted: &Config) -> Result<Info, StoreError> {
    let context = jetstream::new(client.clone());
    let make = || async {
        let made = context.create_stream(wanted).await.map_err(|why| why.to_string())?;
        Ok(made.cached_info().clone())
    };
    patiently(settings, &wanted.name, make).await
}

/// The snapshots of a tenant; a new log has room for them before it has a stream.
async fn snapshots(
    client: &Client,
    settings: &Settings,
    tenant: &str,
    log: Option<&Info>,
) -> Result<Snapshots, StoreError> {
    let bucket = snapshots::bucket(tenant);
    let stream = format!("OBJ_{bucket}");
    let is_there = info(client, settings, &stream).await?.is_some();
    let first = log.map_or(0, |it| it.state.first_sequence);
    if !is_there && first > 1 {
        return Err(StoreError::Damaged(format!(
            "the snapshots were lost: there is no stream {stream}, and the log begins with batch {first}"
        )));
    }
    let open = || Snapshots::open(client, settings, &bucket, is_there);
    patiently(settings, &bucket, open).await
}

/// The first and the last message of a stream.
pub(super) async fn ends(
    client: &Client,
    settings: &Settings,
    stream: &str,
) -> Result<(Sequence, Sequence), StoreError> {
    let info = info(client, settings, stream).await?;
    let lost = || StoreError::Damaged(format!("the stream {stream} is gone"));
    let state = info.ok_or_else(lost)?.state;
    Ok((state.first_sequence, state.last_sequence))
}

/// Opens the log of a tenant.
pub(super) async fn open(
    client: &Client,
    settings: &Settings,
    tenant: &str,
) -> Result<StreamLog, StoreError> {
    let wanted = wanted(settings, tenant);
    let found = info(client, settings, &wanted.name).await?;
    let snapshots = snapshots(client, settings, tenant, found.as_ref()).await?;
    let kept = snapshots.list().await?;
    let newest = kept.first().map_or(0, |it| it.after);
    let info = match found {
        Some(info) => info,
        None if kept.is_empty() => make(client, settings, &wanted).await?,
        None => {
            return Err(StoreError::Damaged(format!(
                "the log was lost: there is no stream {}, but a snapshot after its batch {newest}",
                wanted.name
            )));
        }
    };
    if let Some(why) = wrong(&wanted, &info.config) {
        return Err(settings.refuse(format!("the stream {}: {why}", wanted.name)));
    }
    let (first, last) = (info.state.first_sequence, info.state.last_sequence);
    if last < newest {
        return Err(StoreError::Damaged(format!(
            "the log was lost: the last batch of {} is {last}, and there is a snapshot after batch {newest}",
            wanted.name
        )));
    }
    check_replicas(settings, &info).await?;
    let mut seen = Seen::default();
    if first <= 1 {
        seen.epochs.learn(0, 0, 0);
    }
    kept.iter().for_each(|it| seen.epochs.learn(it.after, it.after, it.epoch));
    let subject = wanted.subjects.concat();
    let log = StreamLog(Arc::new(Inner {
        client: client.clone(),
        settings: settings.clone(),
        stream: wanted.name,
        subject,
        snapshots,
        seen: Mutex::new(seen),
        tail: watch::Sender::new(last),
        released: watch::Sender::new(0),
        to_tell: AtomicU64::new(0),
        claimed: Mutex::new(None),
        appending: tokio::sync::Mutex::new(()),
    }));
    log.told(released(&log, first, last).await?);
    tail::follow(&log, format!("heads.{tenant}"));
    Ok(log)
}

/// Each server that has the log syncs, or is not heard of.
async fn check_replicas(settings: &Settings, info: &Info) -> Result<(), StoreError> {
    let synced = synced(settings).await?;
    let Some(cluster) = &info.cluster else { return Ok(()) };
    let peers = cluster.replicas.iter().filter(|it| !it.offline).map(|it| &it.name);
    let unknown = cluster.leader.iter().chain(peers).find(|it| !synced.contains(*it));
    if let Some(name) = unknown
        && settings.monitors.len() < settings.servers.len().max(cluster.replicas.len() + 1)
    {
        return Err(settings.refuse(format!(
            "the server {name} has the log, and nobody says how it keeps that: name its monitoring port, too"
        )));
    }
    Ok(())
}

/// Up to where people have been told, as the newest message says that is in its place: what it says is so, even where its
/// writer's claim was over, since that has told it.
async fn released(
    log: &StreamLog,
    first: Sequence,
    last: Sequence,
) -> Result<Sequence, StoreError> {
    let mut at = last;
    while at >= first.max(1) {
        let (inner, most) = (&log.0, 1);
        let ask = || messages(&inner.client, &inner.stream, at, most);
        let read = patiently(&inner.settings, &inner.stream, ask).await?;
        let head = match read.first() {
            Some(raw) if raw.sequence == at => envelope::head(at, &raw.payload)?,
            _ => None,
        };
        if let Some((head, _)) = head
            && head.previous.checked_add(1) == Some(at)
        {
            return Ok(head.released.min(last));
        }
        at -= 1;
    }
    Ok(0)
}

/// Removes the batches up to one.
pub(super) async fn trim(
    client: &Client,
    stream: &str,
    through: Sequence,
) -> Result<(), StoreError> {
    let cannot = |why: String| StoreError::Write(format!("{stream} is not trimmed: {why}"));
    let context = jetstream::new(client.clone());
    let found = context.get_stream(stream).await.map_err(|why| cannot(why.to_string()))?;
    let purged = found.purge().sequence(through.saturating_add(1)).await;
    purged.map(drop).map_err(|why| cannot(why.to_string()))
}
