//! The log of a tenant, which is what outlives the process: batches of entries, in order, and snapshots
//! of the state to which they lead.
//!
//! Nothing is durable but what is in the log or follows from it. A [`Log`] is all that the engine and the
//! follower know of where that is: here in files on a disk, [`Embedded`], for tests in [`Memory`].

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

mod batch;
mod committer;
mod embedded;
mod memory;
mod quietly;
mod read_only;
mod snapshots;
#[cfg(any(test, feature = "log-suite"))]
pub mod suite;

pub use batch::{Batch, Entry};
pub use embedded::{Embedded, open_read_only};
pub use memory::Memory;

/// Why a store cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened.
    #[error("cannot open the store {path}: {why}. Nothing in it was changed")]
    Open {
        /// The directory.
        path: PathBuf,
        /// What the store says.
        why: String,
    },
    /// It is a store of another version.
    #[error(
        "the store is of format {found}, and this program reads format {FORMAT}. Nothing in it was changed"
    )]
    Format {
        /// Its format.
        found: u64,
    },
    /// Something in it cannot be.
    #[error(
        "the store is damaged: {0}. Nothing in it was changed; restore a copy, or use another store"
    )]
    Damaged(String),
    /// It could not be written: the disk is full, say.
    #[error("the store cannot be written: {0}")]
    Write(String),
    /// What was to be read is not kept any more.
    #[error("batch {0} is not kept any more: begin with a snapshot that has it")]
    Trimmed(Sequence),
    /// Another process has appended to the log.
    #[error("another process writes to this log: its last batch is {0}")]
    Conflict(Sequence),
}

/// The version of the form of a store.
pub const FORMAT: u64 = 2;

/// The number of a batch in its log, from 1, without gaps; 0 stands for before the first.
pub type Sequence = u64;

/// What became of an append.
#[derive(Clone, Debug)]
pub enum Appended {
    /// The batch is durable, with this sequence number.
    At(Sequence),
    /// It is not in the log: the last batch is this one, and not the expected one.
    Conflict(Sequence),
    /// Whether it is in the log is not known. Nobody may be told of it.
    Unknown(StoreError),
}

/// A batch as it is in the log, and its sequence number.
pub type Read = (Sequence, Vec<u8>);

/// The log of one tenant. What it acknowledged once it does not lose.
pub trait Log: Send + Sync + fmt::Debug {
    /// Appends a batch behind the `expected` last one, and is done when that is durable. After a crash all
    /// of the batch is there, or nothing.
    fn append(&self, expected: Sequence, batch: Vec<u8>) -> BoxFuture<'static, Appended>;

    /// The next batches after one, in order; none at the end of the log. Each time some mebibytes.
    ///
    /// # Errors
    ///
    /// They cannot be read, or the next one is not kept any more: [`StoreError::Trimmed`].
    fn read(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<Read>, StoreError>>;

    /// Whether nobody else can have appended to it since this did last. If it may be so, what the state says may be
    /// old: a query is answered behind an append, which somebody else's makes fail.
    fn is_current(&self) -> bool {
        true
    }

    /// The sequence number of the last durable batch, as it grows.
    fn follow(&self) -> watch::Receiver<Sequence>;

    /// The snapshots that are kept, newest first: of each the sequence number of the last batch in it.
    ///
    /// # Errors
    ///
    /// They cannot be found out.
    fn snapshots(&self) -> BoxFuture<'_, Result<Vec<Sequence>, StoreError>>;

    /// The snapshot after a batch.
    ///
    /// # Errors
    ///
    /// It cannot be read, or there is none.
    fn snapshot(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<u8>, StoreError>>;

    /// Stores a snapshot after a batch, and removes what is not kept beside it.
    ///
    /// # Errors
    ///
    /// It is not stored, and nothing is removed.
    fn save(
        &self,
        after: Sequence,
        snapshot: Vec<u8>,
        before: Before,
    ) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// What is kept of what is before a new snapshot.
#[derive(Clone, Debug)]
pub enum Before {
    /// One snapshot more, the newest that is not in `unread`: those could not be read. The batches that both
    /// cover are removed, unless all are to be kept.
    One {
        /// Snapshots that could not be read.
        unread: Vec<Sequence>,
    },
    /// Nothing, neither snapshots nor batches, even where all are to be kept: somebody in them is to be
    /// forgotten.
    Nothing,
}

/// Where the logs of all tenants are.
pub trait Store: Send + Sync + fmt::Debug {
    /// The log of a tenant, which is empty where there was none.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    fn log(&self, tenant: &str) -> Result<Arc<dyn Log>, StoreError>;

    /// From now on it is written; before that it is only looked at, so that one which is damaged stays as
    /// it is.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    fn begin(&self) -> Result<(), StoreError>;
}
