//! How long events are kept.

use std::sync::atomic::Ordering;
use std::time::Duration;

use redb::{Durability, ReadableTable as _};

use super::{
    EVENTS, EventStore, EventStoreError, LAST, TENANTS, Totals, failed, id, key, next, put_totals,
    totals_of,
};
use crate::events::event::EventId;

/// The most events that are dropped in one transaction.
const DROPPED_AT_ONCE: usize = 10_000;

/// How long events are kept, and how many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retention {
    /// How long one is kept that not all have read.
    pub unread: Duration,
    /// How long one is kept that all endpoints have acknowledged: for the event stream, whose readers
    /// acknowledge nothing.
    pub read: Duration,
    /// The most bytes of the events of a tenant, as JSON. The oldest go first.
    pub bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        let hour = Duration::from_secs(3_600);
        Self { unread: 24 * hour, read: hour, bytes: 1 << 30 }
    }
}

/// What was dropped.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Trimmed {
    /// Events that all endpoints had acknowledged, or of a tenant without endpoints.
    pub read: u64,
    /// Events that not all endpoints had acknowledged.
    pub unread: u64,
}

impl EventStore {
    /// Drops what is not to be kept at `now`, in milliseconds since 1970. `acknowledged` is up to where all
    /// endpoints of the tenant have acknowledged; `None` if it has no endpoints.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn trim(
        &self,
        tenant: &str,
        acknowledged: Option<EventId>,
        now: u64,
    ) -> Result<Trimmed, EventStoreError> {
        let mut all = Trimmed::default();
        loop {
            let some = self.trim_some(tenant, acknowledged, now).map_err(failed)?;
            all.read += some.read;
            all.unread += some.unread;
            if some.read + some.unread < DROPPED_AT_ONCE as u64 {
                break;
            }
        }
        if all.unread > 0 {
            let dropped = all.unread;
            tracing::warn!(tenant, dropped, "events were dropped that not all have read");
        }
        Ok(all)
    }

    fn trim_some(
        &self,
        tenant: &str,
        acknowledged: Option<EventId>,
        now: u64,
    ) -> Result<Trimmed, redb::Error> {
        let is_over =
            |at: u64, kept: Duration| u128::from(now.saturating_sub(at)) >= kept.as_millis();
        let mut change = self.file()?.begin_write()?;
        change.set_durability(Durability::None)?;
        let mut trimmed = Trimmed::default();
        {
            let mut tenants = change.open_table(TENANTS)?;
            let mut table = change.open_table(EVENTS)?;
            let mut totals = totals_of(&tenants, tenant)?;
            let mut old = Vec::new();
            for event in table.range(key(tenant, EventId::default())..=key(tenant, LAST))? {
                let (key, value) = event?;
                let (id, (at, json)) = (id(key.value()), value.value());
                let is_read = acknowledged.is_some_and(|acknowledged| id <= acknowledged);
                let goes = totals.bytes > self.retention.bytes
                    || is_over(at, self.retention.unread)
                    || is_read && is_over(at, self.retention.read);
                if !goes || old.len() == DROPPED_AT_ONCE {
                    break;
                }
                totals.bytes = totals.bytes.saturating_sub(json.len() as u64);
                // Where there are no endpoints, nobody says what was read.
                let is_missed = acknowledged.is_some() && !is_read;
                *if is_missed { &mut trimmed.unread } else { &mut trimmed.read } += 1;
                old.push(id);
            }
            let Some(last) = old.last() else { return Ok(trimmed) };
            for id in &old {
                table.remove(key(tenant, *id))?;
            }
            totals.dropped = *last;
            put_totals(&mut tenants, tenant, totals)?;
        }
        change.commit()?;
        self.is_dirty.store(true, Ordering::Release);
        Ok(trimmed)
    }

    /// Takes back the events of the batches after `sequence`: the log ends there, because it is a backup.
    /// What happens from now on has their ids.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn rewind(&self, tenant: &str, sequence: u64) -> Result<(), EventStoreError> {
        let end = EventId { sequence, index: u32::MAX };
        let rewind = || -> Result<(), redb::Error> {
            let change = self.file()?.begin_write()?;
            {
                let mut tenants = change.open_table(TENANTS)?;
                let mut table = change.open_table(EVENTS)?;
                let mut totals = totals_of(&tenants, tenant)?;
                if totals.last <= end {
                    return Ok(());
                }
                let mut bytes = totals.bytes;
                table.retain_in(key(tenant, next(end))..=key(tenant, LAST), |_, (_, json)| {
                    bytes = bytes.saturating_sub(json.len() as u64);
                    false
                })?;
                let dropped = totals.dropped.min(end);
                totals = Totals { bytes, last: end, dropped };
                put_totals(&mut tenants, tenant, totals)?;
            }
            Ok(change.commit()?)
        };
        rewind().map_err(failed)?;
        let last = self.last(tenant)?;
        self.sender(tenant)?.send_replace(last);
        Ok(())
    }
}
