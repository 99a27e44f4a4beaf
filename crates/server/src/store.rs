//! What outlives the process: a journal of inputs and snapshots of the state.

use std::fmt;
use std::path::PathBuf;

use roomcall::journal::Header;

use crate::token_replay::TokenEntry;

mod embedded;
mod memory;
mod quietly;
mod read_only;

pub use embedded::Embedded;
pub use memory::Memory;

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened.
    #[error("cannot open the store {path}: {why}. Nothing in it was changed")]
    Open {
        /// Which file.
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
}

/// The version of the form of a store.
pub const FORMAT: u64 = 1;

/// The sequence number of an input in the journal, from 1, without gaps.
pub type Sequence = u64;

/// What a store has of the past.
#[derive(Debug, Default)]
pub struct Past {
    /// The snapshots that are kept, newest first: of each the sequence number of the last input in it.
    pub snapshots: Vec<Sequence>,
    /// The sequence number of the last input.
    pub last: Sequence,
}

impl Past {
    /// Whether the store is new.
    pub const fn is_empty(&self) -> bool {
        self.last == 0 && self.snapshots.is_empty()
    }
}

/// Who looks at inputs, one after another, and may say no.
pub type Each<'a> = dyn FnMut(Sequence, &[u8]) -> Result<(), StoreError> + 'a;

/// A journal and snapshots. What it was given once it does not lose.
pub trait Store: Send + fmt::Debug {
    /// Adds inputs, in order, and what is to be remembered of tokens, instead of what was of the same devices,
    /// and returns when all of it is durable; `first` is the sequence number of the first input.
    ///
    /// # Errors
    ///
    /// It may not be durable: nobody may be told of it. After a crash all of it is there or nothing.
    fn append(
        &mut self,
        first: Sequence,
        inputs: &[Vec<u8>],
        tokens: &[TokenEntry],
    ) -> Result<(), StoreError>;

    /// Stores a snapshot after an input, and removes what is no longer needed, also
    /// what is about tokens that were issued before `oldest`, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// It was not stored.
    fn save(&mut self, sequence: Sequence, snapshot: &[u8], oldest: u64) -> Result<(), StoreError>;

    /// Removes snapshots, which cannot be read, and nothing else.
    ///
    /// # Errors
    ///
    /// They are still there.
    fn forget(&mut self, snapshots: &[Sequence]) -> Result<(), StoreError>;

    /// The header: policy and limits.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    fn header(&self) -> Result<Header, StoreError>;

    /// What is remembered of tokens.
    ///
    /// # Errors
    ///
    /// They cannot be read.
    fn tokens(&self) -> Result<Vec<TokenEntry>, StoreError>;

    /// What there is.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    fn past(&self) -> Result<Past, StoreError>;

    /// The snapshot after an input.
    ///
    /// # Errors
    ///
    /// It cannot be read, or there is none.
    fn snapshot(&self, sequence: Sequence) -> Result<Vec<u8>, StoreError>;

    /// Shows all inputs from a sequence number on, in order.
    ///
    /// # Errors
    ///
    /// One cannot be read, is missing, or `each` says no.
    fn replay(&self, from: Sequence, each: &mut Each<'_>) -> Result<(), StoreError>;
}

fn no_snapshot(sequence: Sequence) -> StoreError {
    StoreError::Damaged(format!("there is no snapshot after input {sequence}"))
}
