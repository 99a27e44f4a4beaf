//! The switchboard and the reference model side by side: random journals, compared after each record.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;

use anyhow::{Result, bail};

use super::Unit;
use super::store::Log;
use crate::command::{built, cargo, root};

const STEPS: u64 = 100_000_000;
const UNITS: u64 = 20;
const TEST: &str = "refine_long::the_reducer_is_the_model_for_long";

pub(super) fn units() -> Vec<Unit> {
    (1..=UNITS).map(|unit| Unit::new(format!("share-{unit:02}"), play)).collect()
}

/// One process for each core. A journal on which the two differ is made short and kept beside the log;
/// in tests/journals all laws are held to it.
fn play(log: &Log) -> Result<String> {
    let tests = built("it", &mut cargo("test -p roomcall --release --test it --no-run"))?;
    let jobs = thread::available_parallelism()?.get();
    let steps = (STEPS / UNITS).div_ceil(jobs.try_into()?);
    let kept = |job: usize| log.beside(&format!("{job}.ndjson"));
    let workers = (0..jobs).map(|job| {
        let mut test = Command::new(&tests);
        test.args([TEST, "--exact", "--nocapture"]).current_dir(root());
        test.env("REFINE_STEPS", steps.to_string()).env("REFINE_KEEP", kept(job));
        Ok(log.takes(&mut test)?.spawn()?)
    });
    let workers = workers.collect::<Result<Vec<Child>>>()?;
    let mut passed = true;
    for mut worker in workers {
        passed &= worker.wait()?.success();
    }
    let differ: Vec<PathBuf> = (0..jobs).map(kept).filter(|path| path.exists()).collect();
    if !passed {
        let names: Vec<_> = differ.iter().map(|path| Path::display(path).to_string()).collect();
        bail!("the switchboard and the model differ: {}", names.join(" "));
    }
    Ok(format!("{} steps", STEPS / UNITS))
}
