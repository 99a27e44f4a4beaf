//! The two quick tiers: `check` and `test`.

use anyhow::Result;

use crate::command::{cargo, run};

/// Format, lints and unit tests of the library.
pub(crate) fn check() -> Result<()> {
    run(&mut cargo("fmt --all --check"))?;
    run(&mut cargo("clippy --quiet -p roomcall --lib -- -D warnings"))?;
    run(&mut cargo("test --quiet -p roomcall --lib"))
}

/// All tests of the library.
pub(crate) fn test() -> Result<()> {
    run(&mut cargo("test"))
}
