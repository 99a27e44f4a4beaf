//! The logs of all tenants in one directory: `log.redb` has the batches, by redb, whose commit returns when
//! what it wrote is on the disk; `snapshots` has a directory for each tenant.

use std::fs::{self, File};
use std::future::ready;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use redb::{Database, ReadableDatabase, ReadableTable as _, StorageBackend as _, TableDefinition};
use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;

use super::committer::{Committer, Tails, Work};
use super::quietly::quietly;
use super::read_only::ReadOnly;
use super::snapshots::Snapshots;
use super::{Appended, Before, FORMAT, Log, Read, Sequence, Store, StoreError};

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
/// By tenant and sequence number: a batch.
pub(super) const LOG: TableDefinition<'_, (&str, Sequence), &[u8]> = TableDefinition::new("log");

/// What is read at once, in bytes: the batch with which it is more is the last one.
const READ_AT_ONCE: usize = 4 << 20;

/// A store in one directory. Clones are of one store.
#[derive(Clone, Debug)]
pub struct Embedded(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    /// Whether batches that all kept snapshots cover are kept all the same.
    keeps_all: bool,
    open: Mutex<Open>,
    tails: Tails,
}

/// The file, first to be looked at and then to be written.
#[derive(Debug)]
struct Open {
    /// Before the file, so that the thread has ended when the file is closed.
    committer: Option<Committer>,
    file: Option<Arc<Database>>,
}

impl Embedded {
    /// Opens the store of a directory, and makes one where there is none: readable for its owner only. It is
    /// looked at until [`begin`](Store::begin). `keeps_all` says that the log is never trimmed.
    ///
    /// # Errors
    ///
    /// It cannot be opened, or its file is damaged: nothing in it was changed.
    pub fn open(folder: &Path, keeps_all: bool) -> Result<Self, StoreError> {
        if !folder.join("log.redb").exists() {
            make(folder).map_err(|why| cannot_open(folder, &why))?;
        }
        Self::open_as_is(folder, keeps_all)
    }

    /// Opens a store that is there to look at it. What is not whole in it is found here.
    ///
    /// # Errors
    ///
    /// There is none, it is in use, or it is damaged.
    pub fn existing(folder: &Path) -> Result<Self, StoreError> {
        Self::open_as_is(folder, true)
    }

    fn open_as_is(folder: &Path, keeps_all: bool) -> Result<Self, StoreError> {
        if folder.is_file() {
            let why = "it is a file, and a store is a directory: `roomcall-server upgrade` makes one of the \
                       file of an earlier version";
            return Err(StoreError::Open { path: folder.to_path_buf(), why: why.to_owned() });
        }
        let file = open_read_only(&folder.join("log.redb"))?;
        check_format(&file)?;
        let open = Mutex::new(Open { committer: None, file: Some(Arc::new(file)) });
        let folder = folder.to_path_buf();
        Ok(Self(Arc::new(Shared { folder, keeps_all, open, tails: Tails::default() })))
    }

    /// The names of the tenants that have a log, in their order.
    ///
    /// # Errors
    ///
    /// They cannot be read.
    pub fn tenants(&self) -> Result<Vec<String>, StoreError> {
        let file = self.0.file()?;
        let read = || -> Result<_, redb::Error> {
            let log = file.begin_read()?.open_table(LOG)?;
            let mut all: Vec<String> = Vec::new();
            let mut next = log.first()?;
            while let Some((key, _)) = next {
                let tenant = key.value().0.to_owned();
                next = log.range((&tenant[..], Sequence::MAX)..)?.next().transpose()?;
                all.push(tenant);
            }
            Ok(all)
        };
        read().map_err(damaged)
    }

    /// The sequence number of the first batch of a log that is kept.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn first(&self, tenant: &str) -> Result<Option<Sequence>, StoreError> {
        Ok(self.0.ends_of(tenant)?.map(|(first, _)| first))
    }
}

impl Store for Embedded {
    fn log(&self, tenant: &str) -> Result<Arc<dyn Log>, StoreError> {
        let snapshots = Snapshots::new(&self.0.folder, tenant);
        let last = self.0.ends_of(tenant)?.map(|(_, last)| last);
        let last = last.max(snapshots.list()?.first().copied()).unwrap_or(0);
        let mut tails = self.0.tails.lock().unwrap_or_else(PoisonError::into_inner);
        let tail = tails.entry(tenant.to_owned()).or_insert_with(|| watch::Sender::new(last));
        let tail = tail.subscribe();
        drop(tails);
        let shared = self.0.clone();
        Ok(Arc::new(OneLog { tenant: tenant.to_owned(), snapshots, tail, shared }))
    }

    fn begin(&self) -> Result<(), StoreError> {
        let mut open = self.0.open();
        // It has to be closed, before it can be opened anew.
        open.file = None;
        let path = self.0.folder.join("log.redb");
        let file = Database::open(path).map_err(|why| cannot_open(&self.0.folder, &why.into()))?;
        let file = Arc::new(file);
        open.file = Some(file.clone());
        drop(open);
        self.is_as_it_was()?;
        let mut open = self.0.open();
        let removed = Snapshots::remove_unfinished(&self.0.folder);
        removed.map_err(|why| StoreError::Write(format!("{}: {why}", self.0.folder.display())))?;
        let committer = Committer::start(file.clone(), self.0.tails.clone());
        let cannot = |why: io::Error| StoreError::Write(why.to_string());
        *open = Open { committer: Some(committer.map_err(cannot)?), file: Some(file) };
        Ok(())
    }
}

impl Embedded {
    /// Nobody else had the file while it was closed.
    fn is_as_it_was(&self) -> Result<(), StoreError> {
        let tails = self.0.tails.lock().unwrap_or_else(PoisonError::into_inner);
        for (tenant, tail) in tails.iter() {
            let last = self.0.ends_of(tenant)?.map_or(0, |(_, last)| last);
            if last > *tail.borrow() {
                return Err(StoreError::Conflict(last));
            }
        }
        Ok(())
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> Result<Arc<Database>, StoreError> {
        let closed = || StoreError::Write("it could not be opened".to_owned());
        self.open().file.clone().ok_or_else(closed)
    }

    fn give(&self, work: Work) {
        if let Some(committer) = &self.open().committer {
            committer.give(work);
        }
    }

    /// The sequence numbers of the first and of the last batch that is kept of a log.
    fn ends_of(&self, tenant: &str) -> Result<Option<(Sequence, Sequence)>, StoreError> {
        let file = self.file()?;
        let read = || -> Result<_, redb::Error> {
            let log = file.begin_read()?.open_table(LOG)?;
            let batches = || log.range((tenant, 0)..=(tenant, Sequence::MAX));
            let (first, last) =
                (batches()?.next().transpose()?, batches()?.next_back().transpose()?);
            let sequence = |(key, _): (redb::AccessGuard<'_, (&str, Sequence)>, _)| key.value().1;
            Ok(first.map(sequence).zip(last.map(sequence)))
        };
        read().map_err(damaged)
    }
}

#[derive(Debug)]
struct OneLog {
    tenant: String,
    snapshots: Snapshots,
    tail: watch::Receiver<Sequence>,
    shared: Arc<Shared>,
}

impl OneLog {
    fn read_now(&self, after: Sequence) -> Result<Vec<Read>, StoreError> {
        // Before the view, which has all up to there that is kept.
        let last = *self.tail.borrow();
        let view = self.shared.file()?.begin_read().map_err(damaged)?;
        let log = view.open_table(LOG).map_err(damaged)?;
        let (mut batches, mut bytes) = (Vec::new(), 0);
        let mut expected = after.saturating_add(1);
        let range = (&self.tenant[..], expected)..=(&self.tenant[..], Sequence::MAX);
        for batch in log.range(range).map_err(damaged)? {
            let (key, batch) = batch.map_err(damaged)?;
            if key.value().1 != expected && batches.is_empty() {
                return Err(StoreError::Trimmed(expected));
            }
            if key.value().1 != expected {
                return Err(StoreError::Damaged(format!("batch {expected} is missing")));
            }
            bytes += batch.value().len();
            batches.push((expected, batch.value().to_vec()));
            expected = expected.saturating_add(1);
            if bytes > READ_AT_ONCE {
                break;
            }
        }
        if batches.is_empty() && after < last {
            return Err(StoreError::Trimmed(expected));
        }
        Ok(batches)
    }
}

impl Log for OneLog {
    fn append(&self, expected: Sequence, batch: Vec<u8>) -> BoxFuture<'static, Appended> {
        let (done, appended) = oneshot::channel();
        self.shared.give(Work::Append { tenant: self.tenant.clone(), expected, batch, done });
        let gone = || StoreError::Write("it is not open to be written".to_owned());
        appended.map(move |it| it.unwrap_or_else(|_| Appended::Unknown(gone()))).boxed()
    }

    fn read(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<Read>, StoreError>> {
        ready(self.read_now(after)).boxed()
    }

    fn follow(&self) -> watch::Receiver<Sequence> {
        self.tail.clone()
    }

    fn snapshots(&self) -> BoxFuture<'_, Result<Vec<Sequence>, StoreError>> {
        ready(self.snapshots.list()).boxed()
    }

    fn snapshot(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<u8>, StoreError>> {
        ready(self.snapshots.read(after)).boxed()
    }

    fn save(
        &self,
        after: Sequence,
        snapshot: Vec<u8>,
        before: Before,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        let keeps_all = self.shared.keeps_all && matches!(before, Before::One { .. });
        let snapshots = self.snapshots.clone();
        async move {
            // It waits for the disk.
            let saved = spawn_blocking(move || snapshots.save(after, &snapshot, &before)).await;
            let covered = saved.map_err(|why| StoreError::Write(why.to_string()))??;
            if let (Some(through), false) = (covered, keeps_all) {
                self.shared.give(Work::Trim { tenant: self.tenant.clone(), through });
            }
            Ok(())
        }
        .boxed()
    }
}

/// Opens a file of redb to look at it: it is not written, and that it is whole is seen to.
///
/// # Errors
///
/// There is none, it is in use, or it is damaged.
pub fn open_read_only(path: &Path) -> Result<Database, StoreError> {
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
    opened.map_err(|why| cannot_open(path, &why.into()))
}

/// Makes a store: beside its place first, so that one which is there is always whole.
fn make(folder: &Path) -> Result<(), redb::Error> {
    // Only where it is not there: who has made it has chosen who may read it.
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Under a name of its own: who else makes the same store must not take it away.
    let name = format!(".log.redb.{:016x}.new", RandomState::new().hash_one(0));
    let new = Temporary(folder.join(name));
    let file = Database::create(&new.0)?;
    fs::set_permissions(&new.0, fs::Permissions::from_mode(0o600))?;
    let change = file.begin_write()?;
    change.open_table(META)?.insert("format", &FORMAT.to_le_bytes()[..])?;
    change.open_table(LOG)?;
    change.commit()?;
    drop(file);
    // A link takes the place of nothing: if somebody was faster, theirs is the store.
    match fs::hard_link(&new.0, folder.join("log.redb")) {
        Err(why) if why.kind() != io::ErrorKind::AlreadyExists => return Err(why.into()),
        _ => drop(new),
    }
    // The directory may be new, too.
    for folder in folder.canonicalize()?.ancestors().take(2) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn check_format(file: &Database) -> Result<(), StoreError> {
    let read = || -> Result<_, redb::Error> {
        let meta = file.begin_read()?.open_table(META)?;
        Ok(meta.get("format")?.and_then(|it| <[u8; 8]>::try_from(it.value()).ok()))
    };
    match read().map_err(damaged)?.map(u64::from_le_bytes) {
        Some(FORMAT) => Ok(()),
        Some(found) => Err(StoreError::Format { found }),
        None => Err(StoreError::Damaged("it does not say of which format it is".to_owned())),
    }
}

/// A file that is removed, whatever comes.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Where it was not even made there is nothing to be removed.
        let _ = fs::remove_file(&self.0);
    }
}

/// Why a store cannot be opened, in words that say what to do.
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
