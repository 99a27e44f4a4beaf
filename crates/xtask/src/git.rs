//! What git knows of the tree.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::command::{command, output, run, target};

fn said(line: &str) -> Result<String> {
    Ok(output(&mut command(line))?.trim().to_owned())
}

/// The commit that is checked out.
pub(crate) fn commit() -> Result<String> {
    said("git rev-parse HEAD")
}

/// The tree of `src` in that commit: equal for commits that differ in other files only.
pub(crate) fn source_tree() -> Result<String> {
    if !said("git status --porcelain -- src")?.is_empty() {
        bail!(
            "src has changes that are not committed, and results are kept by its commit: commit them first"
        );
    }
    said("git rev-parse --short=12 HEAD:src")
}

/// All changes that are not committed.
pub(crate) fn changes() -> Result<String> {
    Ok(said("git status --porcelain")? + &said("git diff HEAD")?)
}

/// Lines of tracked files that match a pattern of `grep -E`.
pub(crate) fn grep(pattern: &str) -> Result<Vec<String>> {
    let done = command("git grep -nIE").arg(pattern).output()?;
    if done.status.code() == Some(128) {
        bail!("git grep failed: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect())
}

/// A clone of the commit that is checked out, without changes of its own. It is made once for each
/// name, so that what is built of it is found again.
pub(crate) fn copy(name: &str) -> Result<PathBuf> {
    let folder = target().join("copies").join(name);
    if !folder.join(".git").exists() {
        fs::create_dir_all(&folder)?;
        run(command("git clone --quiet --no-checkout .").arg(&folder))?;
    }
    run(command("git fetch --quiet").arg(crate::command::root()).arg("HEAD").current_dir(&folder))?;
    let commit = commit()?;
    run(command("git checkout --quiet --force --detach").arg(commit).current_dir(&folder))?;
    run(command("git clean --quiet -d --force").current_dir(&folder))?;
    Ok(folder)
}
