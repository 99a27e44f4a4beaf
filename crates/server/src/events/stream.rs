//! The events of a tenant as a stream, for a backend that asks: Server-Sent Events.
//!
//! Each event has its id, so who was cut off goes on with `Last-Event-ID` or `?after=`, without a gap and
//! without having one twice. A reader costs a page of events, however far behind it is.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::sleep;

use super::event::{EventId, NoEventId};
use super::store::{EventStore, EventStoreError, Page, Stored};

/// How often a comment says that the stream lives.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// The most bytes of events that wait for one reader.
const PAGE_BYTES: usize = 1 << 16;

/// The query of the request.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct After {
    /// The id of the last event that the reader has; all that are kept if it is absent or empty.
    pub after: Option<String>,
}

impl After {
    /// From where on the reader wants events. `Last-Event-ID`, which a browser sends when it connects again
    /// to the same address, says more than that address.
    ///
    /// # Errors
    ///
    /// It is not the id of an event.
    pub fn id(&self, headers: &HeaderMap) -> Result<EventId, NoEventId> {
        let last = headers.get("last-event-id").map(|value| value.to_str().map_err(|_| NoEventId));
        let after = last.transpose()?.or(self.after.as_deref());
        after.filter(|after| !after.is_empty()).map_or(Ok(EventId::default()), str::parse)
    }
}

/// The answer to `GET /v1/events`: a stream of the events of a tenant after those that the reader has; 400
/// for an id that is none; 410 if events after it were dropped, with the oldest that is there; 503 if they
/// cannot be read. It ends when the store is closed, and after `most`, when the token of the reader is no longer
/// valid.
pub async fn events(
    store: Arc<EventStore>,
    tenant: &str,
    after: &After,
    headers: &HeaderMap,
    most: Duration,
) -> Response {
    let after = match after.id(headers) {
        Ok(after) => after,
        Err(why) => return problem(StatusCode::BAD_REQUEST, json!({ "error": why.to_string() })),
    };
    match Reader::new(store, tenant, after).await {
        Ok(Ok(reader)) => {
            let messages = stream::unfold(reader, async |mut reader| {
                reader.next().await.map(|message| (Ok::<_, Infallible>(message), reader))
            });
            let messages = messages.take_until(sleep(most));
            let heartbeat = KeepAlive::new().interval(HEARTBEAT);
            Sse::new(messages).keep_alive(heartbeat).into_response()
        }
        Ok(Err(gone)) => problem(StatusCode::GONE, gone.json()),
        Err(why) => {
            tracing::error!(%why, "events cannot be read");
            let why = "the events cannot be read: try again later";
            problem(StatusCode::SERVICE_UNAVAILABLE, json!({ "error": why }))
        }
    }
}

fn problem(status: StatusCode, why: serde_json::Value) -> Response {
    (status, Json(why)).into_response()
}

/// Events that the reader has not had were dropped.
struct Gone(Option<EventId>);

impl Gone {
    fn json(&self) -> serde_json::Value {
        let why = "events after this one were dropped: read without `after`, and ask for the state";
        json!({ "error": why, "oldest": self.0 })
    }
}

/// Where a reader is.
struct Reader {
    store: Arc<EventStore>,
    tenant: String,
    last: watch::Receiver<EventId>,
    /// The last event that was read of the store.
    read: EventId,
    page: VecDeque<Stored>,
    /// Whether there was nothing more to read.
    is_drained: bool,
    is_over: bool,
}

impl Reader {
    async fn new(
        store: Arc<EventStore>,
        tenant: &str,
        read: EventId,
    ) -> Result<Result<Self, Gone>, EventStoreError> {
        let (last, tenant) = (store.watch(tenant)?, tenant.to_owned());
        let (page, is_drained, is_over) = (VecDeque::new(), false, false);
        let mut reader = Self { store, tenant, last, read, page, is_drained, is_over };
        Ok(reader.fill().await?.map(|()| reader))
    }

    async fn fill(&mut self) -> Result<Result<(), Gone>, EventStoreError> {
        let last = *self.last.borrow_and_update();
        match self.store.page(&self.tenant, self.read, PAGE_BYTES).await? {
            Page::Events(events) => {
                self.read = events.last().map_or(self.read, |event| event.id);
                self.is_drained = events.is_empty() || self.read >= last;
                self.page = events.into();
                Ok(Ok(()))
            }
            Page::Gone { oldest } => Ok(Err(Gone(oldest))),
        }
    }

    /// The next event, once there is one; `None` when the stream is over.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(Stored { id, json }) = self.page.pop_front() {
                return Some(message(id, json));
            }
            if self.is_over {
                return None;
            }
            if self.is_drained && self.last.changed().await.is_err() {
                return None;
            }
            match self.fill().await {
                Ok(Ok(())) => {}
                // It read so slowly that it was left behind: it is told before it ends.
                Ok(Err(gone)) => {
                    self.is_over = true;
                    return Some(Message::default().event("gone").data(gone.json().to_string()));
                }
                Err(why) => {
                    tracing::error!(%why, "events cannot be read");
                    return None;
                }
            }
        }
    }
}

fn message(id: EventId, json: String) -> Message {
    let kind: Kind = serde_json::from_str(&json).unwrap_or_default();
    Message::default().id(id.to_string()).event(kind.kind).data(json)
}

/// What the reader needs to know of an event.
#[derive(Default, Deserialize)]
struct Kind {
    kind: String,
}

#[cfg(test)]
mod tests;
