//! Snapshots of one tenant, each a file of its own: named by the last batch in it, whole or not there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Before, Sequence, StoreError};

/// What is written between two syncs, in bytes: a sync of all at once would hold up the commits of others.
const PIECE: usize = 4 << 20;

/// How the name begins of a file that is being written.
const UNFINISHED: &str = ".new-";

/// The snapshots of a tenant.
#[derive(Clone, Debug)]
pub(super) struct Snapshots {
    folder: PathBuf,
}

impl Snapshots {
    pub(super) fn new(store: &Path, tenant: &str) -> Self {
        Self { folder: store.join("snapshots").join(tenant) }
    }

    /// Removes what was being written when the process was killed.
    pub(super) fn remove_unfinished(store: &Path) -> io::Result<()> {
        let tenants = match fs::read_dir(store.join("snapshots")) {
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(()),
            tenants => tenants?,
        };
        for tenant in tenants {
            for entry in fs::read_dir(tenant?.path())? {
                let entry = entry?;
                if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// Those that there are, newest first.
    pub(super) fn list(&self) -> Result<Vec<Sequence>, StoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|why| self.damaged(&why))?,
        };
        let mut all = Vec::new();
        for entry in entries {
            let name = entry.map_err(|why| self.damaged(&why))?.file_name();
            // Another name is of a file that was being written when the process was killed.
            all.extend(name.to_str().and_then(|name| name.parse::<Sequence>().ok()));
        }
        all.sort_unstable_by(|a, b| b.cmp(a));
        Ok(all)
    }

    pub(super) fn read(&self, after: Sequence) -> Result<Vec<u8>, StoreError> {
        let path = self.path(after);
        fs::read(&path).map_err(|why| StoreError::Damaged(format!("{}: {why}", path.display())))
    }

    /// Writes one and removes those that are not kept beside it. Gives the last batch that is not needed any
    /// more, if there is one.
    pub(super) fn save(
        &self,
        after: Sequence,
        snapshot: &[u8],
        before: &Before,
    ) -> Result<Option<Sequence>, StoreError> {
        let cannot =
            |why: io::Error| StoreError::Write(format!("{}: {why}", self.folder.display()));
        self.write(after, snapshot).map_err(cannot)?;
        let older = self.list()?.into_iter().filter(|it| *it < after);
        let mut kept = None;
        for sequence in older {
            let may_stay = match before {
                Before::One { unread } => !unread.contains(&sequence),
                Before::Nothing => false,
            };
            if kept.is_none() && may_stay {
                kept = Some(sequence);
            } else {
                fs::remove_file(self.path(sequence)).map_err(cannot)?;
            }
        }
        match before {
            Before::One { .. } => Ok(kept),
            Before::Nothing => Ok(Some(after)),
        }
    }

    fn write(&self, after: Sequence, snapshot: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)?;
        for piece in snapshot.chunks(PIECE) {
            file.write_all(piece)?;
            file.as_file().sync_data()?;
        }
        file.persist(self.path(after))?;
        // This directory, the one of all tenants, and the store: whatever of them is new, the log is trimmed for it.
        for folder in self.folder.ancestors().take(3) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn path(&self, after: Sequence) -> PathBuf {
        self.folder.join(format!("{after:020}"))
    }

    fn damaged(&self, why: &io::Error) -> StoreError {
        StoreError::Damaged(format!("{}: {why}", self.folder.display()))
    }
}
