//! A copy of the logs of all tenants, made while the server runs: a store on which another one can be started.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::{Admin, Problem};
use crate::log::{Appended, Before, Embedded, Log, Sequence, Store as _, StoreError};
use crate::recover::any_seed;
use crate::state::State as Recovered;

/// A log that is copied, and of which tenant it is.
pub type Source = (String, Arc<dyn Log>);

/// Why there is no backup. Nothing is left of it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Where it should be there is something already.
    #[error("{0:?} is there already: name a directory that is not")]
    Exists(PathBuf),
    /// It cannot be there.
    #[error("{0:?}: {1}")]
    Directory(PathBuf, io::Error),
    /// A log cannot be read, or its copy cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy was overtaken, or damaged.
    #[error("the copy of the log of {0} is not whole: try again")]
    Incomplete(String),
}

/// What a backup has of a tenant.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Copied {
    /// Whose log.
    pub tenant: String,
    /// The last batch in the snapshot with which it begins; 0 for none.
    pub snapshot: Sequence,
    /// The last batch.
    pub last: Sequence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct To {
    directory: PathBuf,
}

#[derive(Serialize)]
pub(super) struct Made {
    tenants: Vec<Copied>,
}

pub(super) async fn make(State(admin): State<Admin>, body: String) -> Result<Json<Made>, Problem> {
    let to: To = serde_json::from_str(&body).map_err(|why| Problem::Malformed(why.to_string()))?;
    if !to.directory.is_absolute() {
        let why = "`directory` has to be an absolute path, on the disk of the server";
        return Err(Problem::Malformed(why.to_owned()));
    }
    let Ok(taken) = admin.backup.clone().try_lock_owned() else { return Err(Problem::Busy) };
    let logs = admin.tenants.iter();
    let logs = logs.filter_map(|(name, it)| Some((name.to_string(), it.log.clone()?)));
    let logs: Vec<Source> = logs.collect();
    let runtime = Handle::current();
    // Whoever asked may go away: it is made all the same.
    let made = spawn_blocking(move || {
        let _taken = taken;
        let made = runtime.block_on(copied(&logs, &to.directory));
        match &made {
            Ok(_) => tracing::info!(directory = ?to.directory, "a backup was made"),
            Err(why) => tracing::error!(%why, "no backup was made"),
        }
        made
    });
    let made = made.await.map_err(|why| Problem::Backup(why.to_string()))?;
    Ok(Json(Made { tenants: made.map_err(|why| Problem::Backup(why.to_string()))? }))
}

/// How often it is tried: the follower may store two snapshots while one is copied, and remove what comes after
/// that.
const TRIES: usize = 3;

async fn copied(logs: &[Source], directory: &Path) -> Result<Vec<Copied>, BackupError> {
    let mut made = copy(logs, directory).await;
    for _ in 1..TRIES {
        match made {
            Err(
                BackupError::Incomplete(_)
                | BackupError::Store(StoreError::Damaged(_) | StoreError::Trimmed(_)),
            ) => {
                made = copy(logs, directory).await;
            }
            made => return made,
        }
    }
    made
}

/// Copies logs into a new store: of each the newest snapshot that can be read, and the batches from there up
/// to the last one that there is now. The directory is there when all of it is on the disk, readable for its
/// owner only. It waits for the disk.
///
/// # Errors
///
/// It cannot be made.
pub async fn copy(logs: &[Source], directory: &Path) -> Result<Vec<Copied>, BackupError> {
    if directory.exists() {
        return Err(BackupError::Exists(directory.to_path_buf()));
    }
    let cannot = |why: io::Error| BackupError::Directory(directory.to_path_buf(), why);
    let parent = directory.parent().unwrap_or(directory);
    let new = tempfile::Builder::new().prefix(".backup-").tempdir_in(parent).map_err(cannot)?;
    let store = new.path().join("store");
    DirBuilder::new().mode(0o700).create(&store).map_err(cannot)?;
    let mut copied = Vec::new();
    for log in logs {
        copied.push(snapshot(log, &store).await?);
    }
    // Only a store that is opened anew knows of the snapshots.
    let to = Embedded::open(&store, true)?;
    to.begin()?;
    for ((tenant, log), copied) in logs.iter().zip(&mut copied) {
        copied.last = batches(&**log, &*to.log(tenant)?, copied).await?;
    }
    drop(to);
    fs::rename(&store, directory).map_err(cannot)?;
    File::open(parent).and_then(|it| it.sync_all()).map_err(cannot)?;
    Ok(copied)
}

/// Copies the newest snapshot that can be read.
async fn snapshot((tenant, log): &Source, store: &Path) -> Result<Copied, BackupError> {
    let last = *log.follow().borrow();
    let mut copied = Copied { tenant: tenant.clone(), snapshot: 0, last };
    for sequence in log.snapshots().await? {
        let snapshot = log.snapshot(sequence).await?;
        if Recovered::restore(&snapshot, any_seed()).is_ok() {
            let to = Embedded::open(store, true)?.log(tenant)?;
            to.save(sequence, snapshot, Before::One { unread: Vec::new() }).await?;
            copied.snapshot = sequence;
            break;
        }
    }
    Ok(copied)
}

/// Copies the batches after the snapshot. Gives the last one.
async fn batches(log: &dyn Log, to: &dyn Log, copied: &Copied) -> Result<Sequence, BackupError> {
    let mut last = copied.snapshot;
    while last < copied.last {
        let read = log.read(last).await?;
        let Some((newest, _)) = read.last() else { break };
        let newest = *newest;
        // Given together, they take one commit.
        let appended = read.into_iter().map(|(sequence, batch)| to.append(sequence - 1, batch));
        for appended in join_all(appended.collect::<Vec<_>>()).await {
            match appended {
                Appended::At(_) => {}
                Appended::Unknown(why) => return Err(why.into()),
                Appended::Conflict(_) => {
                    return Err(BackupError::Incomplete(copied.tenant.clone()));
                }
            }
        }
        last = newest;
    }
    if last < copied.last {
        return Err(BackupError::Incomplete(copied.tenant.clone()));
    }
    Ok(last)
}
