//! The events that have not been read by all, in a file of their own.
//!
//! They are derived: whatever a crash takes from the file is derived from the log again, because
//! [`EventStore::flush`] comes before a snapshot counts. So a put does not wait for the disk.

mod retention;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use redb::backends::FileBackend;
use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};
use tokio::sync::watch;

use super::event::{Event, EventId};
use crate::log::open_read_only;

pub use self::retention::{Retention, Trimmed};

/// By tenant, sequence and index: when it happened, and the event as JSON.
const EVENTS: TableDefinition<'_, (&str, u64, u32), (u64, &[u8])> = TableDefinition::new("events");
/// By tenant: the bytes of its events, the last event that was put, and the last one that was dropped.
const TENANTS: TableDefinition<'_, &str, Row> = TableDefinition::new("tenants");
type Row = (u64, Place, Place);
type Place = (u64, u32);

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EventStoreError {
    /// It cannot be made or opened.
    #[error("the events cannot be opened: {0}")]
    Open(String),
    /// It cannot be read or written, or has no events in it.
    #[error("the events cannot be read or written: {0}")]
    Failed(String),
}

/// What a reader is given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Page {
    /// The events after an id, in order.
    Events(Vec<Stored>),
    /// Events after the id were dropped.
    Gone {
        /// The oldest event that is there, if one is.
        oldest: Option<EventId>,
    },
}

/// An event as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stored {
    /// Which event.
    pub id: EventId,
    /// It, as JSON.
    pub json: String,
}

impl Stored {
    /// The event.
    ///
    /// # Errors
    ///
    /// It is not the JSON of an event: another version has written it.
    pub fn event(&self) -> Result<Event, EventStoreError> {
        serde_json::from_str(&self.json).map_err(failed)
    }
}

/// The events of all tenants.
#[derive(Debug)]
pub struct EventStore {
    path: PathBuf,
    /// Once it has begun.
    file: OnceLock<Database>,
    retention: Retention,
    /// Whether something is not on the disk yet.
    is_dirty: AtomicBool,
    /// The last event of each tenant, for those who wait for the next one.
    last: Mutex<BTreeMap<String, watch::Sender<EventId>>>,
}

/// What is known of the events of a tenant.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    bytes: u64,
    last: EventId,
    dropped: EventId,
}

impl EventStore {
    /// The events in a file, which is not touched before [`begin`](Self::begin).
    pub fn new(path: &Path, retention: Retention) -> Self {
        let (is_dirty, last) = (AtomicBool::new(false), Mutex::default());
        Self { path: path.to_path_buf(), file: OnceLock::new(), retention, is_dirty, last }
    }

    /// Opens the file at once.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin).
    pub fn open(path: &Path, retention: Retention) -> Result<Self, EventStoreError> {
        let store = Self::new(path, retention);
        store.begin()?;
        Ok(store)
    }

    /// Opens the file, or makes it, so that nobody else may read it. Nothing is done where it is open.
    ///
    /// # Errors
    ///
    /// It cannot be opened, or it is damaged. It may be removed: then events that were not yet read are lost.
    pub fn begin(&self) -> Result<(), EventStoreError> {
        if self.file.get().is_some() {
            return Ok(());
        }
        let path = &self.path;
        let cannot = |why: String| {
            let what = "events that nobody has read yet are lost with it";
            EventStoreError::Open(format!(
                "{}: {why}. The file may be removed: {what}",
                path.display()
            ))
        };
        if path.exists() {
            // One that is damaged is not to be found out later.
            open_read_only(path).map_err(|why| cannot(why.to_string()))?;
        }
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = file.open(path).map_err(|why| cannot(why.to_string()))?;
        let file = FileBackend::new(file).map_err(|why| cannot(why.to_string()))?;
        let file = Database::builder().create_with_backend(file);
        let file = file.map_err(|why| cannot(why.to_string()))?;
        let make = || -> Result<(), redb::Error> {
            let change = file.begin_write()?;
            change.open_table(EVENTS)?;
            change.open_table(TENANTS)?;
            Ok(change.commit()?)
        };
        make().map_err(|why| cannot(why.to_string()))?;
        // Who else has begun it meanwhile has the lock of the file.
        let _ = self.file.set(file);
        Ok(())
    }

    /// How long events are kept.
    pub const fn retention(&self) -> Retention {
        self.retention
    }

    fn file(&self) -> Result<&Database, redb::Error> {
        self.file.get().ok_or(redb::Error::DatabaseClosed)
    }

    /// Keeps events of a tenant, which come in the order of their ids. One that is there or was dropped is
    /// left as it is: so whoever derives them again may put them again.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn put(&self, tenant: &str, events: &[Event]) -> Result<(), EventStoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let last = self.put_all(tenant, events).map_err(failed)?;
        self.sender(tenant)?.send_if_modified(|known| {
            let is_new = *known < last;
            *known = last.max(*known);
            is_new
        });
        Ok(())
    }

    fn put_all(&self, tenant: &str, events: &[Event]) -> Result<EventId, redb::Error> {
        let mut change = self.file()?.begin_write()?;
        change.set_durability(Durability::None)?;
        let mut totals;
        {
            let mut tenants = change.open_table(TENANTS)?;
            let mut table = change.open_table(EVENTS)?;
            totals = totals_of(&tenants, tenant)?;
            for event in events.iter().filter(|event| event.id > totals.last) {
                let json = serde_json::to_vec(event).unwrap_or_default();
                table.insert(key(tenant, event.id), (event.at, &json[..]))?;
                totals.bytes = totals.bytes.saturating_add(json.len() as u64);
            }
            let last = events.iter().map(|event| event.id).max();
            totals.last = last.unwrap_or_default().max(totals.last);
            put_totals(&mut tenants, tenant, totals)?;
        }
        change.commit()?;
        self.is_dirty.store(true, Ordering::Release);
        Ok(totals.last)
    }

    /// The events of a tenant after an id, up to so many bytes, but one at least if there is one. Of a
    /// reader that has read nothing the id is the default one, and what was dropped before is not missed.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn read(
        &self,
        tenant: &str,
        after: EventId,
        bytes: usize,
    ) -> Result<Page, EventStoreError> {
        self.read_page(tenant, after, bytes).map_err(failed)
    }

    fn read_page(&self, tenant: &str, after: EventId, bytes: usize) -> Result<Page, redb::Error> {
        let view = self.file()?.begin_read()?;
        let (table, tenants) = (view.open_table(EVENTS)?, view.open_table(TENANTS)?);
        let totals = totals_of(&tenants, tenant)?;
        // One that there was never here is of before a backup was restored: what came since is not after it.
        let is_gone =
            after != EventId::default() && (after < totals.dropped || after > totals.last);
        let start = if is_gone { EventId::default() } else { after };
        let mut events = table.range(key(tenant, next(start))..=key(tenant, LAST))?;
        if is_gone {
            let oldest = events.next().transpose()?.map(|(key, _)| id(key.value()));
            return Ok(Page::Gone { oldest });
        }
        let (mut page, mut size) = (Vec::new(), 0_usize);
        for event in events {
            let (key, value) = event?;
            let json = String::from_utf8_lossy(value.value().1).into_owned();
            size = size.saturating_add(json.len());
            if size > bytes && !page.is_empty() {
                break;
            }
            page.push(Stored { id: id(key.value()), json });
        }
        Ok(Page::Events(page))
    }

    /// As [`read`](Self::read), on a thread that may wait for the disk.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub async fn page(
        self: &Arc<Self>,
        tenant: &str,
        after: EventId,
        bytes: usize,
    ) -> Result<Page, EventStoreError> {
        let (store, tenant) = (Arc::clone(self), tenant.to_owned());
        let read = move || store.read(&tenant, after, bytes);
        tokio::task::spawn_blocking(read).await.map_err(failed)?
    }

    /// Waits until all that was put and dropped is on the disk. A snapshot of the state that events are
    /// derived from counts only after that.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn flush(&self) -> Result<(), EventStoreError> {
        if !self.is_dirty.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let write = || -> Result<(), redb::Error> {
            let mut change = self.file()?.begin_write()?;
            change.set_durability(Durability::Immediate)?;
            Ok(change.commit()?)
        };
        write().map_err(|why| {
            self.is_dirty.store(true, Ordering::Release);
            failed(why)
        })
    }

    /// The last event of a tenant, and each one after it; the default id before any. It ends with
    /// [`close`](Self::close).
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn watch(&self, tenant: &str) -> Result<watch::Receiver<EventId>, EventStoreError> {
        Ok(self.sender(tenant)?.subscribe())
    }

    fn sender(&self, tenant: &str) -> Result<watch::Sender<EventId>, EventStoreError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = last.get(tenant) {
            return Ok(sender.clone());
        }
        let sender = watch::Sender::new(self.last(tenant)?);
        last.insert(tenant.to_owned(), sender.clone());
        Ok(sender)
    }

    /// The last event of a tenant that was put; the default id before any.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn last(&self, tenant: &str) -> Result<EventId, EventStoreError> {
        let read = || -> Result<EventId, redb::Error> {
            let tenants = self.file()?.begin_read()?.open_table(TENANTS)?;
            Ok(totals_of(&tenants, tenant)?.last)
        };
        read().map_err(failed)
    }

    /// Ends all who wait: the server stops.
    pub fn close(&self) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// No id is after it.
const LAST: EventId = EventId { sequence: u64::MAX, index: u32::MAX };

const fn key(tenant: &str, id: EventId) -> (&str, u64, u32) {
    (tenant, id.sequence, id.index)
}

const fn id((_, sequence, index): (&str, u64, u32)) -> EventId {
    EventId { sequence, index }
}

/// The least id after another.
const fn next(id: EventId) -> EventId {
    match id.index.checked_add(1) {
        Some(index) => EventId { index, ..id },
        None => EventId { sequence: id.sequence.saturating_add(1), index: 0 },
    }
}

fn totals_of(
    tenants: &impl ReadableTable<&'static str, Row>,
    tenant: &str,
) -> Result<Totals, redb::StorageError> {
    let of = |(sequence, index)| EventId { sequence, index };
    Ok(tenants.get(tenant)?.map_or_else(Totals::default, |totals| {
        let (bytes, last, dropped) = totals.value();
        Totals { bytes, last: of(last), dropped: of(dropped) }
    }))
}

fn put_totals(
    tenants: &mut redb::Table<'_, &'static str, Row>,
    tenant: &str,
    totals: Totals,
) -> Result<(), redb::StorageError> {
    let of = |id: EventId| (id.sequence, id.index);
    tenants.insert(tenant, (totals.bytes, of(totals.last), of(totals.dropped)))?;
    Ok(())
}

fn failed(why: impl ToString) -> EventStoreError {
    EventStoreError::Failed(why.to_string())
}

#[cfg(test)]
mod tests;
