//! A file that is looked at and never written: what redb writes when it opens a file, after a crash
//! above all, stays in memory.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// What is kept of the file in memory, at a time.
const PIECE: u64 = 4_096;

/// A file, and over it what was written to it in vain.
#[derive(Debug)]
pub(super) struct ReadOnly {
    file: FileBackend,
    /// Of who may not write, the file cannot be locked: nobody else writes either, presumably.
    is_locked: bool,
    over: Mutex<Over>,
}

#[derive(Debug)]
struct Over {
    len: u64,
    /// Up to here the file is what it was; after that it has been cut off.
    kept: u64,
    pieces: BTreeMap<u64, Vec<u8>>,
}

impl ReadOnly {
    /// Opens a file that is there.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let (file, is_locked) = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => (file, true),
            Err(why) if why.kind() == io::ErrorKind::PermissionDenied => (File::open(path)?, false),
            Err(why) => return Err(why),
        };
        let len = file.metadata()?.len();
        let file = FileBackend::new(file).map_err(io::Error::other)?;
        let over = Over { len, kept: len, pieces: BTreeMap::new() };
        Ok(Self { file, is_locked, over: Mutex::new(over) })
    }

    fn over(&self) -> MutexGuard<'_, Over> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A piece of the file as it is, with zeroes where there is none.
    fn piece(&self, kept: u64, number: u64) -> io::Result<Vec<u8>> {
        let start = number.saturating_mul(PIECE);
        let mut bytes = vec![0; PIECE as usize];
        let there = kept.saturating_sub(start).min(PIECE) as usize;
        if there > 0 {
            self.file.read(start, &mut bytes[..there])?;
        }
        Ok(bytes)
    }
}

/// The parts of a range of bytes, by piece: which piece, where in it, and how long.
fn parts(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let end = offset.saturating_add(length as u64);
    let mut at = offset;
    std::iter::from_fn(move || {
        let (number, within) = (at / PIECE, at % PIECE);
        let count = (PIECE - within).min(end - at);
        at += count;
        (count > 0).then_some((number, within as usize, count as usize))
    })
}

impl StorageBackend for ReadOnly {
    fn len(&self) -> io::Result<u64> {
        Ok(self.over().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let over = self.over();
        if offset.saturating_add(out.len() as u64) > over.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = out;
        for (number, within, count) in parts(offset, rest.len()) {
            let (part, after) = rest.split_at_mut(count);
            match over.pieces.get(&number) {
                Some(piece) => part.copy_from_slice(&piece[within..within + count]),
                None => {
                    let piece = self.piece(over.kept, number)?;
                    part.copy_from_slice(&piece[within..within + count]);
                }
            }
            rest = after;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut over = self.over();
        if len < over.len {
            // What is cut off is zero when it comes again.
            over.pieces.split_off(&len.div_ceil(PIECE));
            if let Some(last) = over.pieces.get_mut(&(len / PIECE)) {
                last[(len % PIECE) as usize..].fill(0);
            }
            over.kept = over.kept.min(len);
        }
        over.len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut over = self.over();
        let mut rest = data;
        for (number, within, count) in parts(offset, rest.len()) {
            let (part, after) = rest.split_at(count);
            if !over.pieces.contains_key(&number) {
                let piece = self.piece(over.kept, number)?;
                over.pieces.insert(number, piece);
            }
            if let Some(piece) = over.pieces.get_mut(&number) {
                piece[within..within + count].copy_from_slice(part);
            }
            rest = after;
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        if self.is_locked { self.file.close() } else { Ok(()) }
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        if self.is_locked { self.file.try_lock_range(start, end) } else { Ok(true) }
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        if self.is_locked { self.file.try_lock_shared_range(start, end) } else { Ok(true) }
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        if self.is_locked { self.file.lock_range(start, end) } else { Ok(()) }
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        if self.is_locked { self.file.lock_shared_range(start, end) } else { Ok(()) }
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        if self.is_locked { self.file.unlock_range(start, end) } else { Ok(()) }
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        if self.is_locked { self.file.query_lock_range(start, end) } else { Ok(false) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_the_file_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let before: Vec<u8> = (0..10_000u32).map(|at| at as u8).collect();
        std::fs::write(&path, &before).unwrap();
        let file = ReadOnly::open(&path).unwrap();
        let mut now = before.clone();
        let (mut read, at) = (vec![0; 6_000], 3_000);
        file.write(at, &[7; 5_000]).unwrap();
        now[3_000..8_000].fill(7);
        file.read(2_500, &mut read).unwrap();
        assert_eq!(read, now[2_500..8_500]);
        // Cut off and made longer again, the end is zero.
        file.set_len(4_500).unwrap();
        assert!(file.read(4_400, &mut read[..200]).is_err());
        file.set_len(12_000).unwrap();
        now.truncate(4_500);
        now.resize(12_000, 0);
        let mut all = vec![1; 12_000];
        file.read(0, &mut all).unwrap();
        assert_eq!(all, now);
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}
