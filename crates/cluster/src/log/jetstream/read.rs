//! Reading a log by sequence. A consumer would stall when its leader is lost; here each request stands for itself, and any
//! server that has a replica answers it.

use std::time::{Duration, Instant};

use async_nats::{Client, HeaderMap, StatusCode};
use bytes::Bytes;
use futures_util::StreamExt as _;
use roomcall_server::log::{Read, Sequence, StoreError};
use tokio::time::{sleep, timeout};

use super::{StreamLog, start};
use crate::log::envelope::{Epoch, Message, judge, nothing};

/// What is asked for at once, in bytes.
const READ_AT_ONCE: usize = 4 << 20;
/// What is asked for at once, in messages: a client holds no more of a subscription than 65,536.
const MESSAGES_AT_ONCE: usize = 8_192;
/// For how long nothing comes before it is asked for again, of whoever answers then.
const SILENCE: Duration = Duration::from_secs(1);
/// Between two tries.
const APART: Duration = Duration::from_millis(20);

/// A message as it is in the stream.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) sequence: Sequence,
    pub(super) payload: Bytes,
    /// What its writer called it.
    pub(super) id: Option<String>,
    /// How many come after it.
    pub(super) pending: u64,
}

/// The next messages of a stream, from one on: the first may be a later one, where that is not kept. There are none where the
/// replica that answers has none, which may be behind.
pub(super) async fn messages(
    client: &Client,
    stream: &str,
    from: Sequence,
    most: usize,
) -> Result<Vec<Raw>, String> {
    let text = |why: &dyn ToString| why.to_string();
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.map_err(|why| text(&why))?;
    let ask = serde_json::json!({"seq": from, "batch": most, "max_bytes": READ_AT_ONCE});
    let subject = format!("$JS.API.DIRECT.GET.{stream}");
    let asked = client.publish_with_reply(subject, inbox, ask.to_string().into()).await;
    asked.map_err(|why| text(&why))?;
    let mut read: Vec<Raw> = Vec::new();
    loop {
        let Ok(Some(answer)) = timeout(SILENCE, answers.next()).await else {
            // What has come is in order.
            return if read.is_empty() { Err("no server answers".to_owned()) } else { Ok(read) };
        };
        match answer.status {
            None | Some(StatusCode::OK) => {
                let headers = answer.headers.unwrap_or_default();
                let sequence = number(&headers, "Nats-Sequence");
                let sequence = sequence.ok_or("a message comes without its sequence number")?;
                let id = headers.get("Nats-Msg-Id").map(ToString::to_string);
                let pending = number(&headers, "Nats-Num-Pending").unwrap_or(0);
                read.push(Raw { sequence, payload: answer.payload, id, pending });
                if pending == 0 || read.len() >= most {
                    return Ok(read);
                }
            }
            // The end of what was asked for, or of the log.
            Some(status) if matches!(status.as_u16(), 204 | 404) => return Ok(read),
            Some(status) => {
                return Err(format!("{status}: {}", answer.description.unwrap_or_default()));
            }
        }
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.as_str().parse().ok()
}

impl StreamLog {
    /// The next batches after one, judged. Where the epoch there is not known it is read from before that.
    pub(super) async fn read_after(&self, after: Sequence) -> Result<Vec<Read>, StoreError> {
        let recent = {
            let seen = self.seen();
            let is_end = seen.recent.end() == Some(after) && *self.0.tail.borrow() <= after;
            if is_end {
                return Ok(Vec::new());
            }
            seen.recent.after(after)
        };
        if !recent.is_empty() {
            return Ok(recent);
        }
        match self.epoch_after(after).await? {
            Some(epoch) => self.fetch(after, epoch).await,
            None => Ok(Vec::new()),
        }
    }

    /// The epoch after a message; `None` where the log ends before it.
    pub(super) async fn epoch_after(&self, after: Sequence) -> Result<Option<Epoch>, StoreError> {
        let mut is_complete = false;
        loop {
            let nearest = self.seen().epochs.nearest(after);
            let read = match nearest {
                Some((at, epoch)) if at == after => return Ok(Some(epoch)),
                Some((at, epoch)) => self.fetch(at, epoch).await,
                None => Err(StoreError::Trimmed(after.saturating_add(1))),
            };
            match read {
                Ok(read) if read.is_empty() => return Ok(None),
                Ok(_) => {}
                // Somebody else may have stored a snapshot that says it.
                Err(StoreError::Trimmed(_)) if !is_complete => {
                    is_complete = true;
                    let snapshots = self.0.snapshots.list().await?;
                    let mut seen = self.seen();
                    snapshots.iter().for_each(|it| seen.epochs.learn(it.after, it.after, it.epoch));
                }
                Err(why) => return Err(why),
            }
        }
    }

    /// The next batches after one with this epoch. As long as the log is known to go on it is asked again.
    pub(super) async fn fetch(
        &self,
        after: Sequence,
        epoch: Epoch,
    ) -> Result<Vec<Read>, StoreError> {
        let inner = &self.0;
        let until = Instant::now() + inner.settings.patience;
        loop {
            let from = after.saturating_add(1);
            let read = messages(&inner.client, &inner.stream, from, MESSAGES_AT_ONCE).await;
            let why = match read {
                Ok(read) if !read.is_empty() => return self.take(after, epoch, &read),
                Ok(_) if after >= *inner.tail.borrow() => {
                    self.seen().recent.begin(after);
                    return Ok(Vec::new());
                }
                Ok(_) => match start::ends(&inner.client, &inner.settings, &inner.stream).await {
                    Ok((first, _)) if first > from => return Err(StoreError::Trimmed(from)),
                    Ok(_) => format!("message {from} is not found"),
                    Err(why) => why.to_string(),
                },
                Err(why) => why,
            };
            if Instant::now() > until {
                return Err(inner
                    .settings
                    .refuse(format!("{} cannot be read: {why}", inner.stream)));
            }
            sleep(APART).await;
        }
    }

    /// Judges messages, and learns what they say.
    fn take(&self, after: Sequence, epoch: Epoch, read: &[Raw]) -> Result<Vec<Read>, StoreError> {
        let (mut batches, mut epoch, mut released) = (Vec::new(), epoch, 0);
        let mut seen = self.seen();
        for (raw, expected) in read.iter().zip(after.saturating_add(1)..) {
            if raw.sequence != expected {
                if batches.is_empty() {
                    return Err(StoreError::Trimmed(expected));
                }
                // It was trimmed meanwhile: the next read begins there.
                break;
            }
            let batch = match judge(expected, epoch, &raw.payload)? {
                Message::Valid(head, batch) => {
                    epoch = head.epoch;
                    released = head.released.max(released);
                    batch.to_vec()
                }
                Message::Void(why) => {
                    let stream = &self.0.stream;
                    tracing::warn!(stream, sequence = expected, %why, "a message does not count");
                    nothing()
                }
            };
            seen.epochs.learn(expected, expected, epoch);
            seen.recent.push(expected, &batch);
            batches.push((expected, batch));
        }
        drop(seen);
        if let Some((last, _)) = batches.last() {
            self.grow(*last);
        }
        // What its writer has not written yet cannot be released.
        self.told(released.min(*self.0.tail.borrow()));
        Ok(batches)
    }
}
