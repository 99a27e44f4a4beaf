//! Breaks `src` in every small way that cargo-mutants knows, one at a time, and runs the quick tests.
//! `.cargo/mutants.toml` says what is left out, and which tests are run.

mod table;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Unit;
use super::store::{Log, Store};
use crate::command::{cargo, limited, output, succeeds, target};
use crate::git;
use table::{Explanations, Outcomes};

/// Mutants of a unit, about: some ten minutes, of which the tests without a mutant are one.
const A_UNIT: usize = 60;
/// Bytes of address space in units of 1,024: a mutant that never stops may also never stop allocating.
const MEMORY: u64 = 6_000_000;
/// Exit statuses of cargo-mutants that say how mutants fared: all caught, some missed, some hung.
const PLAYED: [i32; 3] = [0, 2, 3];

/// Where the outcomes of a unit are kept, beside its log.
const OUTCOMES: &str = "outcomes";

pub(super) fn units() -> Result<Vec<Unit>> {
    if !succeeds(&mut cargo("mutants --version")) {
        bail!("cargo-mutants is not installed: `cargo xtask setup --long`");
    }
    let count = known()?.len().div_ceil(A_UNIT);
    let shards = (0..count)
        .map(|at| Unit::new(format!("shard-{at:03}-of-{count}"), move |log| play(log, at, count)));
    Ok(shards.collect())
}

/// The names of all mutants, such as `src/a.rs:1:2: replace + with - in f`.
fn known() -> Result<Vec<String>> {
    Ok(output(&mut cargo("mutants --list"))?.lines().map(str::to_owned).collect())
}

fn play(log: &Log, at: usize, count: usize) -> Result<String> {
    let (copy, folder) = (git::copy("mutants")?, log.beside("mutants"));
    let line = "mutants --in-place --timeout 60 --build-timeout 300 --no-shuffle --no-times";
    let mut mutants = in_copy(&format!("{line} --shard {at}/{count} --output"), &copy);
    mutants.arg(&folder);
    let status = log.status(&mut limited("-v", MEMORY, &mutants))?;
    if !status.is_some_and(|status| PLAYED.contains(&status)) {
        bail!("cargo mutants failed: see the log");
    }
    let outcomes = read(&folder.join("mutants.out/outcomes.json"))?;
    fs::write(log.beside(OUTCOMES), outcomes.text())?;
    fs::remove_dir_all(&folder)?;
    let unexplained = Explanations::read()?.lacking(&outcomes, &copy)?;
    if !unexplained.is_empty() {
        bail!("missed and not explained:\n{}", unexplained.join("\n"));
    }
    Ok(outcomes.counts())
}

/// The same journals for every mutant, and none made smaller.
fn in_copy(line: &str, copy: &Path) -> Command {
    let mut cargo = cargo(line);
    cargo.current_dir(copy).env("CARGO_TARGET_DIR", target().join("mutants"));
    let variables = [
        ("PROPTEST_RNG_SEED", "1"),
        ("PROPTEST_CASES", "200"),
        ("PROPTEST_MAX_SHRINK_ITERS", "0"),
        // One failed test is enough.
        ("FAIL_FAST", "1"),
        ("RUST_BACKTRACE", "0"),
        // What a mutant changes is built in a third of the time.
        ("CARGO_PROFILE_DEV_DEBUG", "0"),
        ("CARGO_PROFILE_DEV_LTO", "off"),
    ];
    cargo.envs(variables);
    cargo
}

/// What cargo-mutants writes.
#[derive(Deserialize)]
struct Report {
    outcomes: Vec<Played>,
}

#[derive(Deserialize)]
struct Played {
    scenario: serde_json::Value,
    summary: String,
}

fn read(path: &Path) -> Result<Outcomes> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let report: Report = serde_json::from_str(&text)?;
    let played = report.outcomes.into_iter().filter_map(|played| {
        let name = played.scenario.pointer("/Mutant/name")?.as_str()?.to_owned();
        Some((name, table::word(&played.summary)?))
    });
    Ok(Outcomes(played.collect()))
}

/// Once all mutants were played: writes the table, and fails for what is explained and was not missed.
pub(super) fn finish(store: &Store) -> Result<()> {
    let mut all = Outcomes::default();
    for unit in units()? {
        let Ok(text) = fs::read_to_string(store.log_beside(&unit.name, OUTCOMES)) else {
            println!("not all mutants were played yet, so {} stays as it is", table::FILE);
            return Ok(());
        };
        all.add(&text);
    }
    table::write(&all)
}
