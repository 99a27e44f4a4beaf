//! A store that outlives nothing: for tests, and for trying things out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use roomcall::journal::Header;

use super::{Each, Past, Sequence, Store, StoreError, no_snapshot};
use crate::token_replay::TokenEntry;

/// What is in a store in memory. Clones are of one store.
#[derive(Clone, Debug)]
pub struct Memory {
    header: Header,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    journal: Vec<Vec<u8>>,
    tokens: Vec<TokenEntry>,
    snapshots: BTreeMap<Sequence, Vec<u8>>,
    /// As if the disk were full.
    is_full: bool,
}

impl Memory {
    /// An empty one.
    pub fn new(header: Header) -> Self {
        Self { header, kept: Arc::default() }
    }

    /// From now on it behaves as if the disk were full, or not any more.
    pub fn fill(&self, is_full: bool) {
        self.with(|kept| kept.is_full = is_full);
    }

    fn with<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Memory {
    fn append(
        &mut self,
        first: Sequence,
        inputs: &[Vec<u8>],
        tokens: &[TokenEntry],
    ) -> Result<(), StoreError> {
        self.with(|kept| {
            if kept.is_full {
                return Err(StoreError::Write("no space left".to_owned()));
            }
            if first != kept.journal.len() as Sequence + 1 {
                return Err(StoreError::Write(format!("input {first} is not the next")));
            }
            kept.journal.extend_from_slice(inputs);
            kept.tokens.extend_from_slice(tokens);
            Ok(())
        })
    }

    fn save(&mut self, sequence: Sequence, snapshot: &[u8], oldest: u64) -> Result<(), StoreError> {
        self.with(|kept| {
            kept.snapshots.insert(sequence, snapshot.to_vec());
            kept.tokens.retain(|used| used.issued() >= oldest);
        });
        Ok(())
    }

    fn forget(&mut self, snapshots: &[Sequence]) -> Result<(), StoreError> {
        self.with(|kept| kept.snapshots.retain(|sequence, _| !snapshots.contains(sequence)));
        Ok(())
    }

    fn header(&self) -> Result<Header, StoreError> {
        Ok(self.header.clone())
    }

    fn tokens(&self) -> Result<Vec<TokenEntry>, StoreError> {
        Ok(self.with(|kept| kept.tokens.clone()))
    }

    fn past(&self) -> Result<Past, StoreError> {
        Ok(self.with(|kept| Past {
            snapshots: kept.snapshots.keys().rev().copied().collect(),
            last: kept.journal.len() as Sequence,
        }))
    }

    fn snapshot(&self, sequence: Sequence) -> Result<Vec<u8>, StoreError> {
        let snapshot = self.with(|kept| kept.snapshots.get(&sequence).cloned());
        snapshot.ok_or_else(|| no_snapshot(sequence))
    }

    fn replay(&self, from: Sequence, each: &mut Each<'_>) -> Result<(), StoreError> {
        let journal = self.with(|kept| kept.journal.clone());
        let inputs = (1..).zip(&journal).filter(|(sequence, _)| *sequence >= from);
        inputs.into_iter().try_for_each(|(sequence, input)| each(sequence, input))
    }
}
