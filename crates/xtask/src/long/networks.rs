//! A million random networks of a switchboard and its handsets.

use anyhow::{Result, bail};

use super::Unit;
use super::store::Log;
use crate::command::cargo;

const SEEDS: u64 = 1_000_000;
const SEEDS_A_UNIT: u64 = 10_000;

pub(super) fn units() -> Vec<Unit> {
    let first = (0..SEEDS.div_ceil(SEEDS_A_UNIT)).map(|unit| unit.saturating_mul(SEEDS_A_UNIT));
    first.map(|from| Unit::new(format!("from-{from:07}"), move |log| play(log, from))).collect()
}

/// The exit status of the program when networks break an invariant.
const BROKEN: i32 = 1;

/// Seeds that break "no call after its ending": a reply to an accept or reject that was abandoned
/// says how the call ended, and is ignored (D-17). They have to break until that rule changes.
const KNOWN: [u64; 27] = [
    31_023, 58_396, 69_007, 104_187, 128_751, 129_222, 139_806, 166_221, 176_099, 199_339, 218_422,
    228_484, 264_638, 303_577, 339_380, 408_189, 408_810, 481_698, 498_478, 510_549, 520_078,
    529_807, 735_174, 905_461, 905_485, 922_178, 973_325,
];

/// A network that fails is made small and kept beside the log; in tests/networks it is played for ever.
fn play(log: &Log, from: u64) -> Result<String> {
    let line = format!(
        "run --quiet --release -p roomcall-network -- --all --from {from} --seeds {SEEDS_A_UNIT}"
    );
    let mut networks = cargo(&line);
    networks.arg("--keep").arg(log.beside("networks"));
    let known: Vec<_> = KNOWN
        .into_iter()
        .filter(|seed| (from..from.saturating_add(SEEDS_A_UNIT)).contains(seed))
        .collect();
    if known.is_empty() {
        log.run(&mut networks)?;
        return Ok(format!("{SEEDS_A_UNIT} networks"));
    }
    let status = log.status(&mut networks)?;
    if status != Some(BROKEN) {
        bail!("it ended with {status:?}; with a known seed it has to end with {BROKEN}");
    }
    let text = log.text()?;
    let broken: Vec<_> = text.lines().filter(|line| line.contains(" of the seeds, ")).collect();
    let expected = format!("no call after its ending: {} of the seeds, {known:?}", known.len());
    if broken != [&expected] {
        bail!("{broken:?}, where these are known: {expected}");
    }
    Ok(format!("{SEEDS_A_UNIT} networks, of which {} break as is known", known.len()))
}
