//! Learning how far a log has come that somebody else appends to.
//!
//! The broker publishes the head of each stored message, which is lost where nobody listens or a connection is. So it is asked
//! from time to time, too.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::{Client, Message, Subscriber};
use futures_util::StreamExt as _;
use roomcall_server::log::{Read, Sequence};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::read::messages;
use super::{Inner, StreamLog};

/// How often it is asked.
const ASKED: Duration = Duration::from_millis(250);

/// Follows a log as long as anybody has it.
pub(super) fn follow(log: &StreamLog, heads: String) {
    let (client, log) = (log.0.client.clone(), Arc::downgrade(&log.0));
    tokio::spawn(run(client, log, heads));
}

async fn run(client: Client, log: Weak<Inner>, heads: String) {
    let mut asked = interval(ASKED);
    asked.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heads = listen(&client, heads).await;
    loop {
        let head = tokio::select! {
            head = next(&mut heads) => Some(head),
            _ = asked.tick() => None,
        };
        let Some(log) = log.upgrade().map(StreamLog) else { return };
        // Its own appends are no news, but somebody else's are, who has claimed it since: that is found by asking.
        if head.is_none() || !log.is_claimed() {
            log.look(head).await;
        }
    }
}

async fn listen(client: &Client, heads: String) -> Option<Subscriber> {
    let listened = client.subscribe(heads).await;
    // Then it is asked only.
    listened.inspect_err(|why| tracing::error!(%why, "heads of a log are not heard")).ok()
}

async fn next(heads: &mut Option<Subscriber>) -> Message {
    if let Some(heads) = heads
        && let Some(head) = heads.next().await
    {
        return head;
    }
    std::future::pending().await
}

impl StreamLog {
    /// Fetches what is new, if it has been read to its end before; otherwise it only learns how far the log has come.
    async fn look(&self, head: Option<Message>) {
        let told = head.and_then(|it| it.headers?.get("Nats-Sequence")?.as_str().parse().ok());
        let end = self.seen().recent.end();
        if let Some(end) = end {
            let (mut at, to) = (end, told.unwrap_or(Sequence::MAX));
            while at < to
                && let Some((last, _)) = self.news(at).await.last()
            {
                at = *last;
            }
            return;
        }
        if let Some(last) = told {
            self.grow(last);
            return;
        }
        let from = self.0.tail.borrow().saturating_add(1);
        let read = messages(&self.0.client, &self.0.stream, from, 1).await;
        if let Some(first) = read.ok().as_ref().and_then(|it| it.first()) {
            self.grow(first.sequence.saturating_add(first.pending));
        }
    }

    async fn news(&self, after: Sequence) -> Vec<Read> {
        let epoch = self.seen().epochs.nearest(after);
        let Some((at, epoch)) = epoch else { return Vec::new() };
        if at != after {
            return Vec::new();
        }
        match self.fetch(after, epoch).await {
            Ok(read) => read,
            Err(why) => {
                tracing::warn!(stream = self.0.stream, %why, "the end of the log is not known");
                sleep(ASKED).await;
                Vec::new()
            }
        }
    }
}
