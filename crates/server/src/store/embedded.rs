//! The store in one file, by redb: a commit returns when what it wrote is on the disk.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use redb::{
    Database, ReadableDatabase, ReadableTable, StorageBackend as _, TableDefinition, TableError,
};
use roomcall::journal::Header;

use super::quietly::quietly;
use super::read_only::ReadOnly;
use super::{Each, FORMAT, Past, Sequence, Store, StoreError, no_snapshot};
use crate::recover::{any_key, recover};
use crate::token_replay::{Revoked, TokenEntry, Used};

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
const JOURNAL: TableDefinition<'_, Sequence, &[u8]> = TableDefinition::new("journal");
/// By user and device: when the newest token was issued, and when it was used first.
const TOKENS: TableDefinition<'_, (&str, &str), (u64, u64)> = TableDefinition::new("tokens");
/// By user and device, or no device for all of the user: up to which time of issue tokens are revoked.
const REVOKED: TableDefinition<'_, (&str, &str), u64> = TableDefinition::new("revoked");
const SNAPSHOTS: TableDefinition<'_, Sequence, &[u8]> = TableDefinition::new("snapshots");

/// How many snapshots are kept, with the inputs after the older one, which is used if the newer one
/// cannot be read.
const SNAPSHOTS_KEPT: usize = 2;

/// A store in one file.
#[derive(Debug)]
pub struct Embedded {
    path: PathBuf,
    file: Database,
    /// Whether inputs that are in all kept snapshots are kept all the same.
    keeps_all: bool,
    /// Whether it is looked at only.
    is_read_only: bool,
}

impl Embedded {
    /// Opens a store, and makes one that begins with the policy and limits of `header` where there is no
    /// file. `keeps_all` says that the journal is never trimmed.
    ///
    /// # Errors
    ///
    /// It cannot be opened: nothing in it was changed.
    pub fn open(path: &Path, header: &Header, keeps_all: bool) -> Result<Self, StoreError> {
        if !path.exists() {
            Self::make(path, header)?;
        }
        // To open it for good writes to it: first it is seen to be whole.
        let seen = Self::existing(path)?;
        recover(&seen, any_key())?;
        drop(seen);
        let file = Database::open(path).map_err(|why| cannot_open(path, &why.into()))?;
        Ok(Self { path: path.to_path_buf(), file, keeps_all, is_read_only: false })
    }

    /// Opens a store that is there to look at it, whatever its policy and limits. What is not whole
    /// in it is found here.
    ///
    /// # Errors
    ///
    /// There is none, it is in use, or it is damaged.
    pub fn existing(path: &Path) -> Result<Self, StoreError> {
        let cannot = |why: String| StoreError::Open { path: path.to_path_buf(), why };
        let file = ReadOnly::open(path).map_err(|why| cannot(why.to_string()))?;
        // An empty file would be taken for a new store.
        if file.len().map_err(|why| cannot(why.to_string()))? == 0 {
            return Err(cannot("the file is empty".to_owned()));
        }
        let mut builder = Database::builder();
        let builder = builder.set_check_integrity_on_open(true);
        let opened = quietly(|| builder.create_with_backend(file));
        let opened = opened.ok_or_else(|| cannot("the file is damaged, or no store".to_owned()))?;
        let file = opened.map_err(|why| cannot_open(path, &why.into()))?;
        let store = Self { path: path.to_path_buf(), file, keeps_all: true, is_read_only: true };
        let format = <[u8; 8]>::try_from(&store.meta("format")?[..]).map(u64::from_le_bytes);
        match format {
            Ok(FORMAT) => Ok(store),
            Ok(found) => Err(StoreError::Format { found }),
            Err(_) => Err(StoreError::Damaged("it does not say of which format it is".to_owned())),
        }
    }

    /// The sequence number of the first input that is kept.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn first(&self) -> Result<Option<Sequence>, StoreError> {
        let read = || -> Result<_, redb::Error> {
            let journal = self.file.begin_read()?.open_table(JOURNAL)?;
            Ok(journal.first()?.map(|(sequence, _)| sequence.value()))
        };
        read().map_err(damaged)
    }

    /// Makes a store: beside its place first, so that one which is there is always whole.
    fn make(path: &Path, header: &Header) -> Result<(), StoreError> {
        let cannot = |why: io::Error| cannot_open(path, &why.into());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(cannot)?;
        // Under a name of its own: who else makes the same store must not take it away.
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{:016x}.new", RandomState::new().hash_one(0)));
        let new = Temporary(PathBuf::from(name));
        let made = Database::create(&new.0).map_err(redb::Error::from);
        made.and_then(|file| put_meta(&file, header)).map_err(|why| cannot_open(path, &why))?;
        // A link takes the place of nothing: if somebody was faster, theirs is the store.
        match fs::hard_link(&new.0, path) {
            Err(why) if why.kind() != io::ErrorKind::AlreadyExists => return Err(cannot(why)),
            _ => drop(new),
        }
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(cannot)
    }

    fn meta(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        let read = || -> Result<_, redb::Error> {
            let table = self.file.begin_read()?.open_table(META)?;
            Ok(table.get(key)?.map(|value| value.value().to_vec()))
        };
        let value = read().map_err(damaged)?;
        value.ok_or_else(|| StoreError::Damaged(format!("it has no {key}")))
    }

    fn is_for_writing(&self) -> Result<(), StoreError> {
        let why = || format!("{} was opened to be looked at", self.path.display());
        if self.is_read_only { Err(StoreError::Write(why())) } else { Ok(()) }
    }

    fn append_all(
        &self,
        first: Sequence,
        inputs: &[Vec<u8>],
        tokens: &[TokenEntry],
    ) -> Result<(), redb::Error> {
        let change = self.file.begin_write()?;
        {
            let mut journal = change.open_table(JOURNAL)?;
            for (sequence, input) in (first..).zip(inputs) {
                journal.insert(sequence, &input[..])?;
            }
        }
        if !tokens.is_empty() {
            let mut newest = change.open_table(TOKENS)?;
            let mut revocations = change.open_table(REVOKED)?;
            for entry in tokens {
                match entry {
                    TokenEntry::Token(Used { user, device, issued, at }) => {
                        newest.insert((&user[..], &device[..]), (*issued, *at))?;
                    }
                    TokenEntry::Revoked(Revoked { user, device, at }) => {
                        let device = device.as_deref().unwrap_or("");
                        revocations.insert((&user[..], device), *at)?;
                    }
                }
            }
        }
        Ok(change.commit()?)
    }

    fn save_one(
        &self,
        sequence: Sequence,
        snapshot: &[u8],
        oldest: u64,
    ) -> Result<(), redb::Error> {
        let change = self.file.begin_write()?;
        {
            let mut snapshots = change.open_table(SNAPSHOTS)?;
            snapshots.insert(sequence, snapshot)?;
            let sequences = snapshots.iter()?.map(|it| Ok(it?.0.value()));
            let sequences = sequences.collect::<Result<Vec<Sequence>, redb::StorageError>>()?;
            let kept = sequences.len().saturating_sub(SNAPSHOTS_KEPT);
            for old in &sequences[..kept] {
                snapshots.remove(old)?;
            }
            let needed = sequences[kept..].first().copied().unwrap_or(0);
            if !self.keeps_all && kept > 0 {
                change.open_table(JOURNAL)?.retain_in(..=needed, |_, _| false)?;
            }
            change.open_table(TOKENS)?.retain(|_, (issued, _)| issued >= oldest)?;
            change.open_table(REVOKED)?.retain(|_, at| at >= oldest)?;
        }
        Ok(change.commit()?)
    }
}

impl Store for Embedded {
    fn append(
        &mut self,
        first: Sequence,
        inputs: &[Vec<u8>],
        tokens: &[TokenEntry],
    ) -> Result<(), StoreError> {
        self.is_for_writing()?;
        self.append_all(first, inputs, tokens).map_err(|why| StoreError::Write(why.to_string()))
    }

    fn save(&mut self, sequence: Sequence, snapshot: &[u8], oldest: u64) -> Result<(), StoreError> {
        self.is_for_writing()?;
        self.save_one(sequence, snapshot, oldest).map_err(|why| StoreError::Write(why.to_string()))
    }

    fn forget(&mut self, snapshots: &[Sequence]) -> Result<(), StoreError> {
        self.is_for_writing()?;
        if snapshots.is_empty() {
            return Ok(());
        }
        let remove = || -> Result<(), redb::Error> {
            let change = self.file.begin_write()?;
            {
                let mut table = change.open_table(SNAPSHOTS)?;
                for sequence in snapshots {
                    table.remove(sequence)?;
                }
            }
            Ok(change.commit()?)
        };
        remove().map_err(|why| StoreError::Write(why.to_string()))
    }

    fn header(&self) -> Result<Header, StoreError> {
        serde_json::from_slice(&self.meta("header")?).map_err(damaged)
    }

    fn tokens(&self) -> Result<Vec<TokenEntry>, StoreError> {
        let read = || -> Result<_, redb::Error> {
            let (view, mut all) = (self.file.begin_read()?, Vec::new());
            if let Some(tokens) = if_any(view.open_table(TOKENS))? {
                for it in tokens.iter()? {
                    let (of, times) = it?;
                    let ((user, device), (issued, at)) = (of.value(), times.value());
                    let (user, device) = (user.to_owned(), device.to_owned());
                    all.push(TokenEntry::Token(Used { user, device, issued, at }));
                }
            }
            if let Some(revocations) = if_any(view.open_table(REVOKED))? {
                for it in revocations.iter()? {
                    let (of, at) = it?;
                    let (user, device) = of.value();
                    let device = Some(device.to_owned()).filter(|it| !it.is_empty());
                    let (user, at) = (user.to_owned(), at.value());
                    all.push(TokenEntry::Revoked(Revoked { user, device, at }));
                }
            }
            Ok(all)
        };
        read().map_err(damaged)
    }

    fn past(&self) -> Result<Past, StoreError> {
        let read = || -> Result<_, redb::Error> {
            let view = self.file.begin_read()?;
            let (journal, snapshots) = (view.open_table(JOURNAL)?, view.open_table(SNAPSHOTS)?);
            let newest_first = snapshots.iter()?.rev().map(|it| Ok(it?.0.value()));
            let snapshots = newest_first.collect::<Result<Vec<_>, redb::StorageError>>()?;
            let last = journal.last()?.map_or(0, |(sequence, _)| sequence.value());
            let last = last.max(snapshots.first().copied().unwrap_or(0));
            Ok(Past { snapshots, last })
        };
        read().map_err(damaged)
    }

    fn snapshot(&self, sequence: Sequence) -> Result<Vec<u8>, StoreError> {
        let read = || -> Result<_, redb::Error> {
            let snapshots = self.file.begin_read()?.open_table(SNAPSHOTS)?;
            Ok(snapshots.get(sequence)?.map(|snapshot| snapshot.value().to_vec()))
        };
        read().map_err(damaged)?.ok_or_else(|| no_snapshot(sequence))
    }

    fn replay(&self, from: Sequence, each: &mut Each<'_>) -> Result<(), StoreError> {
        let view = self.file.begin_read().map_err(damaged)?;
        let journal = view.open_table(JOURNAL).map_err(damaged)?;
        let mut expected = from;
        for input in journal.range(from..).map_err(damaged)? {
            let (sequence, input) = input.map_err(damaged)?;
            if sequence.value() != expected {
                return Err(StoreError::Damaged(format!("input {expected} is missing")));
            }
            each(expected, input.value())?;
            expected = expected.saturating_add(1);
        }
        Ok(())
    }
}

/// A table; `None` in a store from before there was this table.
fn if_any<T>(table: Result<T, TableError>) -> Result<Option<T>, TableError> {
    match table {
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        table => table.map(Some),
    }
}

fn put_meta(file: &Database, header: &Header) -> Result<(), redb::Error> {
    let header = serde_json::to_vec(header).unwrap_or_default();
    let change = file.begin_write()?;
    {
        let mut meta = change.open_table(META)?;
        meta.insert("header", &header[..])?;
        meta.insert("format", &FORMAT.to_le_bytes()[..])?;
        change.open_table(JOURNAL)?;
        change.open_table(SNAPSHOTS)?;
        change.open_table(TOKENS)?;
        change.open_table(REVOKED)?;
    }
    Ok(change.commit()?)
}

/// A file that is removed, whatever comes.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Where it was not even made there is nothing to be removed.
        let _ = fs::remove_file(&self.0);
    }
}

/// Why a file cannot be opened, in words that say what to do.
fn cannot_open(path: &Path, why: &redb::Error) -> StoreError {
    let why = match why {
        redb::Error::DatabaseAlreadyOpen => {
            "another process has it open: stop that, or look at a copy".to_owned()
        }
        why => why.to_string(),
    };
    StoreError::Open { path: path.to_path_buf(), why }
}

fn damaged(why: impl ToString) -> StoreError {
    StoreError::Damaged(why.to_string())
}
