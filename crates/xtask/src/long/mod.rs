//! The long runs. A part is made of units, each of some minutes; what came of a unit is kept, so a run
//! that was stopped continues, and several machines can share a part.

mod conformance;
mod fuzzing;
mod kills;
mod laws;
mod msrv;
mod mutants;
mod networks;
mod planted;
mod power;
mod refine;
mod release_tests;
mod specification;
mod store;

use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::git;
pub(crate) use power::CannotRun;
use store::{Kept, Log, Store};

#[derive(Args)]
pub(crate) struct Options {
    /// The parts; all of them if there are none.
    parts: Vec<Part>,
    /// Runs only each n-th unit, from the i-th on: `0/4` to `3/4` are the shares of four machines.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Runs only the units whose name contains this text.
    #[arg(long)]
    only: Option<String>,
    /// Runs nothing, and prints what is kept of each unit.
    #[arg(long)]
    list: bool,
    /// Runs units again that have passed.
    #[arg(long)]
    again: bool,
}

/// A share of all units.
#[derive(Clone, Copy)]
struct Shard {
    index: usize,
    count: usize,
}

impl FromStr for Shard {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (index, count) = text.split_once('/').context("a shard is I/N, such as 0/4")?;
        let shard = Self { index: index.parse()?, count: count.parse()? };
        if shard.index >= shard.count {
            bail!("a shard is 0/{0} to {1}/{0}", shard.count, shard.count.saturating_sub(1));
        }
        Ok(shard)
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Part {
    /// A million random networks.
    Networks,
    /// Each bug of tests/planted is caught by a test.
    Planted,
    /// Some of them are caught by the runner of conformance alone.
    Conformance,
    /// Each mutant of src is caught, or explained in spec/mutants/explained.txt.
    Mutants,
    /// The laws: 100,000 short journals and 10,000 long ones.
    Laws,
    /// An hour of fuzzing.
    Fuzz,
    /// The switchboard beside the reference model, for 100,000,000 steps.
    Refine,
    /// The server is killed 50 times.
    Kills,
    /// The power goes 240 times: as root, since it mounts disks.
    Power,
    /// 10,000 devices on one server.
    Many,
    /// The tests in the other profile: of the library without debug assertions, of the server with them.
    ReleaseTests,
    /// All of the formal specification.
    Spec,
    /// Rust 1.85, wasm32 and thumbv7em.
    Msrv,
}

/// What a unit does. It returns a line that says what was checked.
type Work = dyn Fn(&Log) -> Result<String>;

/// The work that is done, and kept, as a whole.
struct Unit {
    name: String,
    work: Box<Work>,
}

impl Unit {
    fn new(name: impl Into<String>, work: impl Fn(&Log) -> Result<String> + 'static) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }
}

impl Part {
    fn name(self) -> String {
        self.to_possible_value().map(|it| it.get_name().to_owned()).unwrap_or_default()
    }

    fn units(self) -> Result<Vec<Unit>> {
        Ok(match self {
            Self::Networks => networks::units(),
            Self::Planted => planted::units()?,
            Self::Conformance => conformance::units(),
            Self::Mutants => mutants::units()?,
            Self::Laws => laws::units(),
            Self::Fuzz => fuzzing::units()?,
            Self::Refine => refine::units(),
            Self::Kills => kills::kills(),
            Self::Power => power::units(),
            Self::Many => kills::many(),
            Self::ReleaseTests => release_tests::units(),
            Self::Spec => specification::units(),
            Self::Msrv => msrv::units(),
        })
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let parts = if options.parts.is_empty() { Part::value_variants() } else { &options.parts };
    if !options.list && parts.iter().any(|part| matches!(part, Part::Power)) {
        power::can_run()?;
    }
    let tree = git::source_tree()?;
    let _alone = if options.list { None } else { Some(store::lock()?) };
    // A tool that is missing is told before hours are spent.
    let chosen = parts.iter().map(|part| Ok((*part, chosen(*part, options)?)));
    let mut failed = 0_usize;
    for (part, units) in chosen.collect::<Result<Vec<_>>>()? {
        let store = Store::open(&part.name(), &tree)?;
        if !options.list {
            play(part, &units, &store, options.again)?;
        }
        failed = failed.saturating_add(summary(part, &units, &store, options.list));
    }
    if options.list {
        return Ok(());
    }
    if failed > 0 {
        bail!("{failed} units failed; they run again with the next `cargo xtask long`");
    }
    let mutants = parts.iter().any(|part| matches!(part, Part::Mutants));
    if mutants { mutants::finish(&Store::open(&Part::Mutants.name(), &tree)?) } else { Ok(()) }
}

fn chosen(part: Part, options: &Options) -> Result<Vec<Unit>> {
    let shard = options.shard.unwrap_or(Shard { index: 0, count: 1 });
    let is_ours = |at: usize| at.checked_rem(shard.count) == Some(shard.index);
    let is_named = |unit: &Unit| options.only.as_ref().is_none_or(|text| unit.name.contains(text));
    let units = part.units()?.into_iter().enumerate();
    let units = units.filter(|(at, unit)| is_ours(*at) && is_named(unit));
    Ok(units.map(|(_, unit)| unit).collect())
}

/// Runs the units that have not passed yet. One that fails stops no other.
fn play(part: Part, units: &[Unit], store: &Store, again: bool) -> Result<()> {
    let has_passed = |unit: &Unit| store.read(&unit.name).is_some_and(|kept| kept.passed);
    let left: Vec<_> = units.iter().filter(|unit| again || !has_passed(unit)).collect();
    let style =
        ProgressStyle::with_template("{prefix} {elapsed_precise} {bar:30} {pos}/{len} {msg}")?;
    let bar = ProgressBar::new(left.len().try_into()?).with_style(style).with_prefix(part.name());
    bar.enable_steady_tick(Duration::from_secs(1));
    for unit in left {
        bar.set_message(unit.name.clone());
        let (log, since) = (store.log(&unit.name)?, Instant::now());
        let done = (unit.work)(&log);
        let passed = done.is_ok();
        let said = done.unwrap_or_else(|error| format!("{error:#}"));
        let kept =
            Kept { commit: git::commit()?, passed, seconds: since.elapsed().as_secs(), said };
        store.write(&unit.name, &kept)?;
        bar.suspend(|| println!("{}", line(part, unit, Some(&kept))));
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

fn line(part: Part, unit: &Unit, kept: Option<&Kept>) -> String {
    let name = format!("{:11} {:31}", part.name(), unit.name);
    let Some(kept) = kept else { return format!("{name} not run") };
    let word = if kept.passed { "passed" } else { "FAILED" };
    let commit = kept.commit.get(..10).unwrap_or_default();
    format!("{name} {word} {:>5} s at {commit}  {}", kept.seconds, kept.said)
}

/// Prints what is kept of a part, each unit of it if `all`, and returns how many failed.
fn summary(part: Part, units: &[Unit], store: &Store, all: bool) -> usize {
    let kept: Vec<_> = units.iter().map(|unit| store.read(&unit.name)).collect();
    if all {
        units
            .iter()
            .zip(&kept)
            .for_each(|(unit, kept)| println!("{}", line(part, unit, kept.as_ref())));
    }
    let count = |passed: bool| kept.iter().flatten().filter(|kept| kept.passed == passed).count();
    let seconds: u64 = kept.iter().flatten().map(|kept| kept.seconds).sum();
    println!(
        "=== {}: {} of {} units passed, {} failed, {seconds} s; logs in {}",
        part.name(),
        count(true),
        units.len(),
        count(false),
        store.folder().display()
    );
    count(false)
}

#[cfg(test)]
mod tests {
    use super::Shard;

    #[test]
    fn a_shard_is_one_of_its_count() {
        let shard: Shard = "1/4".parse().unwrap();
        assert_eq!((shard.index, shard.count), (1, 4));
        for wrong in ["4/4", "0/0", "1", "a/b"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
