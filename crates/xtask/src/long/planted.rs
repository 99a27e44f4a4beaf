//! Plants each bug of tests/planted in a copy of the tree, and says which tests catch it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::Unit;
use super::store::Log;
use crate::command::{cargo, command, files, stem, target, within};
use crate::git;

/// Seconds for the tests. A bug may make one run for ever; others have failed by then.
const SECONDS: u64 = 300;
const TESTS: &str = "test --quiet -p roomcall --no-fail-fast --lib --test it";
/// Tests of the text of the sources, which any change of a line may fail.
const OF_TEXTS: &str = "-- --skip traceability --skip tidy";

pub(super) fn units() -> Result<Vec<Unit>> {
    let patches = files("tests/planted", "patch")?;
    Ok(patches
        .into_iter()
        .map(|patch| Unit::new(stem(&patch), move |log| plant(log, &patch)))
        .collect())
}

fn plant(log: &Log, patch: &Path) -> Result<String> {
    let copy = git::copy("planted")?;
    let cargo = |line: &str| {
        let mut cargo = cargo(line);
        cargo.current_dir(&copy).env("RUST_BACKTRACE", "0");
        cargo.env("CARGO_TARGET_DIR", target().join("planted"));
        cargo
    };
    let apply = log.run(command("git apply").arg(patch).current_dir(&copy));
    apply.context("the patch does not apply any more")?;
    // Some tests run an example, which building the tests alone does not build.
    for build in ["build --quiet -p roomcall --examples", &format!("{TESTS} --no-run")] {
        log.run(&mut cargo(build)).context("it does not compile with the patch")?;
    }
    let passed =
        log.status(&mut within(SECONDS, &cargo(&format!("{TESTS} {OF_TEXTS}"))))? == Some(0);
    let caught = failures(&log.text()?);
    if passed || caught.is_empty() {
        bail!("no test catches it");
    }
    let names: Vec<_> = caught.iter().map(String::as_str).collect();
    Ok(format!("caught by {} tests: {}", names.len(), names.join(" ")))
}

/// The tests that failed, of all that `cargo test --quiet` prints.
fn failures(log: &str) -> BTreeSet<String> {
    let failed = log.lines().filter_map(|line| line.strip_suffix(" --- FAILED"));
    failed.filter_map(|line| line.split_whitespace().last()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::failures;

    #[test]
    fn failed_tests_are_named_once() {
        let log =
            "running 3 tests\n.\nlaws::a --- FAILED\n..laws::b --- FAILED\nlaws::a --- FAILED\n";
        assert_eq!(failures(log).into_iter().collect::<Vec<_>>(), ["..laws::b", "laws::a"]);
    }
}
