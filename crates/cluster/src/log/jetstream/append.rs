//! Appending to a log, until it is known what became of it.

use std::time::{Duration, Instant};

use async_nats::client::{Request, RequestErrorKind};
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{HeaderMap, header};
use bytes::Bytes;
use roomcall_server::log::{Appended, Sequence, StoreError};
use tokio::time::sleep;

use super::StreamLog;
use super::read::messages;
use crate::log::envelope::{self, Epoch, Head, RULES};

/// A try has no outcome after this.
const TRY: Duration = Duration::from_secs(2);
/// Between two tries.
const APART: Duration = Duration::from_millis(50);
/// Without an outcome for so long, another server is tried: the client of a server that is cut off from the others stays
/// connected, and would be told for ever that nobody is responsible.
const RECONNECT: Duration = Duration::from_secs(2);

/// The broker compares a sequence with the last one, and it is another. It has two numbers for that.
const WRONG_LAST_SEQUENCE: [u64; 2] = [10_071, 10_164];
/// The stream would be larger than it may be, or the message is; or there is no room on the disk.
const NO_ROOM: [u64; 3] = [10_077, 10_054, 10_047];

/// By what right a batch is appended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Right {
    /// This process has claimed the log.
    Claimed,
    /// It does so by this.
    Claim,
}

/// What the broker says to one try.
enum Tried {
    /// The message is in the stream, here.
    Stored(Sequence),
    /// It is not by this try; perhaps by one before it.
    Wrong,
    /// It is not, and will not be.
    Refused(String),
    /// Nobody knows.
    Unclear(String),
}

impl StreamLog {
    /// Appends a batch behind the `expected` last one. Those of one process are appended one after the other.
    pub(super) async fn append_by(
        &self,
        right: Right,
        expected: Sequence,
        batch: Vec<u8>,
    ) -> Appended {
        let _turn = self.0.appending.lock().await;
        let epoch = match self.epoch_to_append(right, expected).await {
            Ok(epoch) => epoch,
            Err(refused) => return refused,
        };
        let released = self.released_to_tell();
        let head = Head { rules: RULES, epoch, previous: expected, released };
        let bytes = Bytes::from(envelope::write(&head, &batch));
        // No other try of any process is called so.
        let id = self.0.client.new_inbox();
        let (appended, sent) = self.send(expected, bytes, &id).await;
        if let Appended::At(sequence) = appended {
            {
                let mut seen = self.seen();
                seen.epochs.learn(sequence, sequence, epoch);
                seen.recent.push(sequence, &batch);
            }
            self.appended(sequence, epoch, sent);
            self.told(released);
        }
        appended
    }

    /// With which epoch to append behind a batch, or why not to.
    async fn epoch_to_append(&self, right: Right, expected: Sequence) -> Result<Epoch, Appended> {
        let claimed = self.claimed();
        if right == Right::Claimed && claimed.is_none() {
            let why = "this process has not claimed the log: claim it first".to_owned();
            return Err(Appended::Unknown(StoreError::Write(why)));
        }
        let conflict = || Appended::Conflict(*self.0.tail.borrow());
        let epoch = self.epoch_after(expected).await.map_err(|why| match why {
            StoreError::Trimmed(_) => conflict(),
            why => Appended::Unknown(why),
        })?;
        match (right, epoch) {
            // The log ends before that.
            (_, None) => Err(conflict()),
            (Right::Claim, Some(epoch)) => Ok(epoch.saturating_add(1)),
            (Right::Claimed, epoch) if epoch == claimed => Ok(epoch.unwrap_or(0)),
            // Somebody else has claimed it since, and what is written with the old epoch would not count.
            (Right::Claimed, Some(_)) => Err(conflict()),
        }
    }

    /// Sends a message until its outcome is known: the same one each time, under the same name. When the first try began: it
    /// may be the one that is stored, and whoever claimed after it has decided since.
    async fn send(&self, expected: Sequence, bytes: Bytes, id: &str) -> (Appended, Instant) {
        let start = Instant::now();
        let mut reconnected = start;
        let mut is_first = true;
        loop {
            let why = match self.attempt(expected, bytes.clone(), id).await {
                Tried::Stored(at) if Some(at) == expected.checked_add(1) => {
                    return (Appended::At(at), start);
                }
                Tried::Refused(why) if is_first => {
                    return (Appended::Unknown(StoreError::Write(why)), start);
                }
                // It was stored elsewhere, where it does not count.
                Tried::Stored(at) => format!("the broker has stored it as {at}"),
                Tried::Wrong => "the broker has another last sequence".to_owned(),
                Tried::Refused(why) | Tried::Unclear(why) => why,
            };
            is_first = false;
            // An earlier try may be what is there.
            match self.is_there(expected, id).await {
                Some(true) => return (Appended::At(expected.saturating_add(1)), start),
                Some(false) => {
                    self.grow(expected.saturating_add(1));
                    return (Appended::Conflict(*self.0.tail.borrow()), start);
                }
                None => {}
            }
            if start.elapsed() > self.0.settings.patience {
                return (Appended::Unknown(StoreError::Write(why)), start);
            }
            if reconnected.elapsed() > RECONNECT {
                reconnected = Instant::now();
                tracing::warn!(stream = self.0.stream, why, "another server is tried");
                // If the connection is gone for good, the next try says so.
                let _ = self.0.client.force_reconnect().await;
            }
            sleep(APART).await;
        }
    }

    async fn attempt(&self, expected: Sequence, bytes: Bytes, id: &str) -> Tried {
        let mut headers = HeaderMap::new();
        headers.insert(header::NATS_EXPECTED_LAST_SEQUENCE, expected.to_string());
        headers.insert(header::NATS_MESSAGE_ID, id);
        let request = Request::new().headers(headers).payload(bytes).timeout(Some(TRY));
        let answer = match self.0.client.send_request(self.0.subject.clone(), request).await {
            Ok(answer) => answer,
            Err(why) if why.kind() == RequestErrorKind::MaxPayloadExceeded => {
                return Tried::Refused(format!("the broker takes no message of this size: {why}"));
            }
            Err(why) => return Tried::Unclear(why.to_string()),
        };
        match serde_json::from_slice::<Response<PublishAck>>(&answer.payload) {
            Ok(Response::Ok(stored)) => Tried::Stored(stored.sequence),
            Ok(Response::Err { error }) => {
                let ErrorCode(code) = error.error_code();
                match code {
                    code if WRONG_LAST_SEQUENCE.contains(&code) => Tried::Wrong,
                    code if NO_ROOM.contains(&code) => {
                        Tried::Refused(format!("the broker has no room for it: {error}"))
                    }
                    _ => Tried::Unclear(error.to_string()),
                }
            }
            Err(why) => Tried::Unclear(why.to_string()),
        }
    }

    /// Whether the message behind the `expected` one is the one of that name; `None` where there is none, as far as anybody
    /// says.
    async fn is_there(&self, expected: Sequence, id: &str) -> Option<bool> {
        let sequence = expected.checked_add(1)?;
        let read = messages(&self.0.client, &self.0.stream, sequence, 1).await.ok()?;
        let first = read.first()?;
        Some(first.sequence == sequence && first.id.as_deref() == Some(id))
    }
}
