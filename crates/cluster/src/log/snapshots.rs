//! Snapshots of a tenant, each an object of the bucket `SNAP-<tenant>`: named by the last batch in it.
//!
//! Each says under which epoch the log goes on after it, and the hash of its bytes: two processes that have applied the
//! same batches have the same snapshot, or one of them is wrong.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::object_store::{Config, ObjectInfo, ObjectMetadata, ObjectStore};
use async_nats::jetstream::stream::StorageType;
use async_nats::jetstream::{self, Context};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use futures_util::StreamExt as _;
use roomcall_server::log::{Before, Sequence, StoreError};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use super::broker::Settings;
use super::envelope::{Epoch, RULES};

/// What the broker takes at once, in bytes: each piece is synced.
const PIECE: usize = 1 << 20;
/// A read that says nothing for so long is begun anew.
const SILENCE: Duration = Duration::from_secs(3);
/// So often.
const TRIES: usize = 5;

/// A snapshot that is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Kept {
    /// The last batch in it.
    pub(super) after: Sequence,
    /// The epoch of the log there.
    pub(super) epoch: Epoch,
    sha256: String,
    nuid: String,
}

/// The snapshots of a tenant.
pub(super) struct Snapshots {
    context: Context,
    name: String,
    bucket: ObjectStore,
}

impl Snapshots {
    /// Opens a bucket, and makes it where there is none.
    pub(super) async fn open(
        client: &Client,
        settings: &Settings,
        name: &str,
        is_there: bool,
    ) -> Result<Self, String> {
        let context = jetstream::new(client.clone());
        let bucket = if is_there {
            context.get_object_store(name).await.map_err(|why| why.to_string())?
        } else {
            let config = Config {
                bucket: name.to_owned(),
                storage: StorageType::File,
                num_replicas: settings.replicas,
                ..Config::default()
            };
            context.create_object_store(config).await.map_err(|why| why.to_string())?
        };
        Ok(Self { context, name: name.to_owned(), bucket })
    }

    /// Those that there are, newest first.
    pub(super) async fn list(&self) -> Result<Vec<Kept>, StoreError> {
        let mut why = "no answer".to_owned();
        for _ in 0..TRIES {
            match timeout(SILENCE, self.listed()).await {
                Ok(Ok(mut all)) => {
                    all.sort_unstable_by_key(|it| Reverse(it.after));
                    return Ok(all);
                }
                Ok(Err(said)) => why = said,
                Err(_) => {}
            }
        }
        Err(self.cannot(format_args!("the list of snapshots cannot be read: {why}")))
    }

    async fn listed(&self) -> Result<Vec<Kept>, String> {
        let mut list = self.bucket.list().await.map_err(|why| why.to_string())?;
        let mut all = Vec::new();
        while let Some(object) = list.next().await {
            all.extend(kept(&object.map_err(|why| why.to_string())?));
        }
        Ok(all)
    }

    /// The snapshot after a batch, and the epoch there.
    pub(super) async fn read(&self, after: Sequence) -> Result<(Vec<u8>, Epoch), StoreError> {
        let damaged =
            |why: String| StoreError::Damaged(format!("the snapshot after batch {after}: {why}"));
        let mut why = "no answer".to_owned();
        for _ in 0..TRIES {
            match self.content(after).await {
                Ok((kept, bytes)) if sha256(&bytes) == kept.sha256 => {
                    return Ok((bytes, kept.epoch));
                }
                Ok(_) => return Err(damaged("its hash is not the one of its bytes".to_owned())),
                Err(said) => why = said,
            }
        }
        Err(damaged(why))
    }

    async fn content(&self, after: Sequence) -> Result<(Kept, Vec<u8>), String> {
        let mut object = self.bucket.get(name(after)).await.map_err(|why| why.to_string())?;
        let kept = kept(object.info()).ok_or("it does not say what it is")?;
        let mut bytes = Vec::with_capacity(object.info().size);
        loop {
            let read = timeout(SILENCE, object.read_buf(&mut bytes)).await;
            match read.map_err(|_| "it stops in the middle")? {
                Ok(0) => return Ok((kept, bytes)),
                Ok(_) => {}
                Err(why) => return Err(why.to_string()),
            }
        }
    }

    /// Stores one and removes those that are not kept beside it. Gives the last batch that is not needed any more, if there is
    /// one.
    pub(super) async fn save(
        &self,
        after: Sequence,
        epoch: Epoch,
        snapshot: &[u8],
        before: &Before,
    ) -> Result<Option<Sequence>, StoreError> {
        let all = self.list().await?;
        if all.iter().filter(|it| it.after > after).count() >= 2 {
            // Others are ahead, and the batches after it may be gone.
            return Ok(None);
        }
        let hash = sha256(snapshot);
        match all.iter().find(|it| it.after == after) {
            Some(kept) if kept.sha256 != hash => {
                return Err(StoreError::Damaged(format!(
                    "another process has stored another snapshot after batch {after}: the replicas have diverged"
                )));
            }
            Some(_) => {}
            None => self.put(after, epoch, hash, snapshot).await?,
        }
        let mut covered = None;
        for older in all.iter().filter(|it| it.after < after) {
            let may_stay = match before {
                Before::One { unread } => !unread.contains(&older.after),
                Before::Nothing => false,
            };
            if covered.is_none() && may_stay {
                covered = Some(older.after);
            } else {
                self.remove(older).await?;
            }
        }
        match before {
            Before::One { .. } => Ok(covered),
            Before::Nothing => Ok(Some(after)),
        }
    }

    async fn put(
        &self,
        after: Sequence,
        epoch: Epoch,
        sha256: String,
        mut snapshot: &[u8],
    ) -> Result<(), StoreError> {
        let metadata = HashMap::from([
            ("epoch".to_owned(), epoch.to_string()),
            ("rules".to_owned(), RULES.to_string()),
            ("sha256".to_owned(), sha256),
        ]);
        let name = name(after);
        let chunk_size = Some(PIECE);
        let object = ObjectMetadata { name, metadata, chunk_size, ..ObjectMetadata::default() };
        let put = self.bucket.put(object, &mut snapshot).await;
        put.map(drop).map_err(|why| self.cannot(format_args!("a snapshot is not stored: {why}")))
    }

    /// Removes one and all that says that there was one: a mark for each would stay for ever.
    async fn remove(&self, old: &Kept) -> Result<(), StoreError> {
        let cannot = |why: &dyn ToString| {
            self.cannot(format_args!("an old snapshot stays: {}", why.to_string()))
        };
        let stream = self.context.get_stream(format!("OBJ_{}", self.name)).await;
        let stream = stream.map_err(|why| cannot(&why))?;
        let object = URL_SAFE.encode(name(old.after));
        for subject in
            [format!("$O.{}.M.{object}", self.name), format!("$O.{}.C.{}", self.name, old.nuid)]
        {
            stream.purge().filter(subject).await.map_err(|why| cannot(&why))?;
        }
        Ok(())
    }

    fn cannot(&self, why: std::fmt::Arguments<'_>) -> StoreError {
        StoreError::Write(format!("{}: {why}", self.name))
    }
}

/// The bucket of a tenant.
pub(super) fn bucket(tenant: &str) -> String {
    format!("SNAP-{tenant}")
}

fn name(after: Sequence) -> String {
    format!("{after:020}")
}

fn kept(object: &ObjectInfo) -> Option<Kept> {
    let after = object.name.parse().ok()?;
    let epoch = object.metadata.get("epoch")?.parse().ok()?;
    let sha256 = object.metadata.get("sha256")?.clone();
    Some(Kept { after, epoch, sha256, nuid: object.nuid.clone() })
}

fn sha256(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // A text takes everything.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
