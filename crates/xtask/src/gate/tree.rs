//! What the gate asks of the tree itself.

use anyhow::{Result, bail};

use crate::git;

/// Files are for all machines: none names a folder of one.
pub(crate) fn names_no_machine() -> Result<String> {
    let lines = git::grep("(^|[^[:alnum:]_.-])/(home|root|work|Users)/")?;
    if !lines.is_empty() {
        bail!("these lines name a path of a machine:\n{}", lines.join("\n"));
    }
    Ok(String::new())
}

/// The tree before the gate.
pub(crate) fn state() -> Result<String> {
    git::changes()
}

/// No step writes to files that are committed.
pub(crate) fn is_unchanged(before: &str) -> Result<()> {
    if git::changes()? != before {
        bail!("the gate changed files that are committed, or left new ones: see git status");
    }
    Ok(())
}
