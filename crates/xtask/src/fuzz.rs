//! Fuzzing with libFuzzer, which needs a nightly toolchain. The corpus stays in fuzz/corpus, inputs
//! that fail in fuzz/artifacts.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{self, cargo, files, has_nightly, root, stem, target};

/// Seconds that the gate fuzzes each target.
const BRIEFLY: u32 = 20;

#[derive(Args)]
pub(crate) struct Options {
    /// The target: a file of fuzz/fuzz_targets.
    target: String,
    /// How long.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Options of libFuzzer.
    #[arg(last = true)]
    more: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if !has_nightly() {
        bail!("libFuzzer needs a nightly toolchain: rustup toolchain install nightly");
    }
    command::run(fuzz(&options.target, options.seconds)?.args(&options.more))
}

/// Each target for some seconds.
pub(crate) fn briefly() -> Result<String> {
    if !has_nightly() {
        return Ok("left out: there is no nightly toolchain, which libFuzzer needs".into());
    }
    let targets = targets()?;
    for name in &targets {
        command::run(fuzz(name, BRIEFLY)?.args(["-verbosity=0", "-print_final_stats=1"]))?;
    }
    Ok(format!("{} targets, {BRIEFLY} s each", targets.len()))
}

/// The names of all targets.
pub(crate) fn targets() -> Result<Vec<String>> {
    Ok(files("fuzz/fuzz_targets", "rs")?.iter().map(|path| stem(path)).collect())
}

/// The command that fuzzes a target; options of libFuzzer may follow.
///
/// No sanitizer: the crate forbids unsafe code, so there is nothing for it to find, and without one
/// there are several times as many runs. Debug assertions are on.
pub(crate) fn fuzz(name: &str, seconds: u32) -> Result<Command> {
    let targets = targets()?;
    if !targets.iter().any(|it| it == name) {
        bail!("{name} is not a target; the targets are {}", targets.join(", "));
    }
    let corpus = root().join("fuzz/corpus").join(name);
    fs::create_dir_all(&corpus)?;
    let mut fuzz = cargo("+nightly fuzz run --sanitizer none --target-dir");
    fuzz.arg(target().join("fuzz")).arg(name).arg(&corpus).arg("--");
    let dictionary = root().join("fuzz").join(format!("{name}.dict"));
    if dictionary.exists() {
        // A target with a dictionary reads text: journals are what it begins with.
        for scenario in files("spec/scenarios", "scenario")? {
            let journal = corpus.join(scenario.file_name().context("a file has a name")?);
            fs::write(journal, journal_of(&fs::read_to_string(&scenario)?))?;
        }
        fuzz.arg(format!("-dict={}", dictionary.display())).arg("-max_len=8192");
    } else {
        fuzz.arg("-max_len=1024");
    }
    fuzz.arg(format!("-max_total_time={seconds}")).args(["-rss_limit_mb=2048", "-timeout=10"]);
    Ok(fuzz)
}

/// The journal of a scenario: its header and its inputs, without the transcript.
fn journal_of(scenario: &str) -> String {
    let mut lines = scenario.lines();
    let header = lines.next();
    let inputs = lines.filter_map(|line| line.strip_prefix("> "));
    header.into_iter().chain(inputs).flat_map(|line| [line, "\n"]).collect()
}
