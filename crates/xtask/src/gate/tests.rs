//! The tests and the commands of the README.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::command::{cargo, files, output, root, run, target};
use crate::npm;

/// Random networks that the gate plays; `long networks` plays a million.
const NETWORKS: u64 = 20_000;
/// Random meetings that the gate plays.
const MEETINGS: u64 = 20;

/// Where the tests note which snapshots they compare with.
fn noted() -> PathBuf {
    target().join("snapshots-seen")
}

/// The second command of the README.
pub(crate) fn library() -> Result<String> {
    let noted = noted();
    if noted.exists() {
        fs::remove_file(&noted)?;
    }
    run(cargo("test").env("INSTA_SNAPSHOT_REFERENCES_FILE", noted))?;
    Ok(String::new())
}

/// Each stored snapshot is one of a test, and no test left a new one.
pub(crate) fn snapshots() -> Result<String> {
    let noted = fs::read_to_string(noted()).context("no test notes snapshots")?;
    let used: BTreeSet<PathBuf> =
        noted.lines().map(|line| fs::canonicalize(line).unwrap_or_else(|_| line.into())).collect();
    let mut stored = BTreeSet::new();
    find(&root().join("tests"), &mut stored)?;
    let idle: Vec<_> = stored.difference(&used).map(|path| path.display().to_string()).collect();
    if !idle.is_empty() {
        bail!("no test compares with these snapshots; remove them:\n{}", idle.join("\n"));
    }
    Ok(format!("{} snapshots", stored.len()))
}

/// All snapshots under a folder, pending ones included, which no test uses.
fn find(folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if path.is_dir() {
            find(&path, found)?;
        } else if [".snap", ".snap.new", ".pending-snap"].iter().any(|end| name.ends_with(end)) {
            found.insert(fs::canonicalize(&path)?);
        }
    }
    Ok(())
}

/// The packages beside the library and the server. `roomcall-spec` has the library's tests once
/// more, for mutants.
pub(crate) fn tools() -> Result<String> {
    let others = "--exclude roomcall --exclude roomcall-server --exclude roomcall-spec";
    let others = format!("{others} --exclude roomcall-allocations");
    run(&mut cargo(&format!("test --workspace {others}")))?;
    Ok(String::new())
}

/// Our own testees and wrong ones; the cases are those that the generator makes.
pub(crate) fn conformance() -> Result<String> {
    let line = "-p roomcall-testkit --features repository,conformance";
    run(&mut cargo(&format!("test {line} --lib --test conformance")))?;
    let covered = output(&mut cargo(&format!(
        "run --quiet {line} --example generate-conformance -- --check"
    )))?;
    println!("{covered}");
    let passed = handset_in_typescript(line)?;
    Ok(format!("handset.ts passes {passed} cases"))
}

/// The testee in TypeScript, which the tests of the runner cannot compile, passes as many cases as its README says.
fn handset_in_typescript(line: &str) -> Result<String> {
    let (folder, made) = (root().join("crates/testkit/conformance"), target().join("testees"));
    npm::compile(&folder.join("testees/handset.ts"), &made)?;
    let readme = fs::read_to_string(folder.join("README.md"))?;
    let row = readme.lines().find(|line| line.starts_with("| `testees/handset.ts` |"));
    let claim = row.and_then(|row| row.split('|').nth(3)?.split(',').next());
    let claim = claim.context("the README does not say what handset.ts passes")?.trim();
    let runner = format!(
        "run --quiet {line} --bin roomcall-conformance -- --role handset --may-skip all --testee"
    );
    let testee = format!("node {}", made.join("handset.js").display());
    let said = output(cargo(&runner).arg(testee))?;
    if !said.lines().any(|line| line.starts_with(&format!("{claim} passed, 0 failed, "))) {
        bail!("handset.ts does not pass {claim} cases, as its README says:\n{said}");
    }
    Ok(claim.to_owned())
}

/// What allocates, by a library without its feature `check`.
pub(crate) fn allocations() -> Result<String> {
    run(&mut cargo("test --release -p roomcall-allocations"))?;
    Ok(String::new())
}

/// The examples, as the README names them.
pub(crate) fn examples() -> Result<String> {
    run(&mut cargo("build -p roomcall --examples"))?;
    let example = |name: &str, line: &str| {
        let mut example = Command::new(target().join("debug/examples").join(name));
        run(example.args(line.split_whitespace()).current_dir(root()).stdout(Stdio::null()))
    };
    example("meeting", "--explain")?;
    for seed in 2..=MEETINGS {
        example("meeting", &format!("--seed {seed}"))?;
    }
    let scenarios = files("spec/scenarios", "scenario")?;
    for scenario in &scenarios {
        example("replay", &format!("{} --explain", scenario.display()))?;
    }
    Ok(format!("{MEETINGS} meetings, {} scenarios", scenarios.len()))
}

pub(crate) fn networks() -> Result<String> {
    let line = format!("run --quiet --release -p roomcall-network -- --seeds {NETWORKS}");
    let seen = output(&mut cargo(&line))?;
    println!("{seen}");
    Ok(format!("{NETWORKS} networks"))
}
