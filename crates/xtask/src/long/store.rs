//! What is kept of each unit: `target/long/PART/TREE/UNIT.json`, and beside it what its commands print.
//!
//! TREE is the git tree of `src`, so commits with equal sources share their results.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::command::{shown, target};

/// Two runs in one tree would disturb each other's copies of it.
pub(super) fn lock() -> Result<File> {
    let folder = target().join("long");
    fs::create_dir_all(&folder)?;
    let file = File::create(folder.join("lock"))?;
    if file.try_lock().is_err() {
        bail!(
            "another `cargo xtask long` runs in this tree: a shard beside it needs a clone of its own"
        );
    }
    Ok(file)
}

/// What came of a unit.
#[derive(Deserialize, Serialize)]
pub(super) struct Kept {
    /// The commit that was checked out.
    pub(super) commit: String,
    pub(super) passed: bool,
    pub(super) seconds: u64,
    /// What was counted, or what is wrong.
    pub(super) said: String,
}

/// The results of a part.
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(super) fn open(part: &str, tree: &str) -> Result<Self> {
        let folder = target().join("long").join(part).join(tree);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn read(&self, unit: &str) -> Option<Kept> {
        let text = fs::read_to_string(self.folder.join(format!("{unit}.json"))).ok()?;
        serde_json::from_str(&text).ok()
    }

    pub(super) fn write(&self, unit: &str, kept: &Kept) -> Result<()> {
        // A file under its name is whole: a run may be stopped at any time.
        let (new, path) = (self.folder.join("new"), self.folder.join(format!("{unit}.json")));
        fs::write(&new, serde_json::to_string_pretty(kept)?)?;
        Ok(fs::rename(new, path)?)
    }

    /// Where a unit keeps more than its result.
    pub(super) fn log_beside(&self, unit: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{unit}.log")).with_extension(extension)
    }

    pub(super) fn log(&self, unit: &str) -> Result<Log> {
        let path = self.folder.join(format!("{unit}.log"));
        File::create(&path)?;
        Ok(Log { path })
    }
}

/// Where the commands of a unit print.
pub(super) struct Log {
    path: PathBuf,
}

impl Log {
    /// The last lines of the log, for what failed.
    const TAIL: usize = 12;

    /// Where a unit may keep more: a path beside the log.
    pub(super) fn beside(&self, extension: &str) -> PathBuf {
        self.path.with_extension(extension)
    }

    pub(super) fn text(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(&self.path)?).into_owned())
    }

    /// Lets a command print to the log.
    pub(super) fn takes<'a>(&self, command: &'a mut Command) -> Result<&'a mut Command> {
        let file = File::options().append(true).open(&self.path)?;
        Ok(command.stdout(file.try_clone()?).stderr(file))
    }

    /// Runs a command and returns its exit status.
    pub(super) fn status(&self, command: &mut Command) -> Result<Option<i32>> {
        let status = self.takes(command)?.status();
        Ok(status.with_context(|| format!("cannot start {}", shown(command)))?.code())
    }

    /// Runs a command that must succeed.
    pub(super) fn run(&self, command: &mut Command) -> Result<()> {
        if self.status(command)? == Some(0) {
            return Ok(());
        }
        let text = self.text()?;
        let lines: Vec<_> = text.lines().collect();
        let tail = lines.get(lines.len().saturating_sub(Self::TAIL)..).unwrap_or_default();
        bail!("{} failed:\n{}", shown(command), tail.join("\n"));
    }
}
