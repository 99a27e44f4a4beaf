//! A million random networks of a switchboard and its handsets.

use anyhow::Result;

use super::Unit;
use super::store::Log;
use crate::command::cargo;

const SEEDS: u64 = 1_000_000;
const SEEDS_A_UNIT: u64 = 10_000;

pub(super) fn units() -> Vec<Unit> {
    let first = (0..SEEDS.div_ceil(SEEDS_A_UNIT)).map(|unit| unit.saturating_mul(SEEDS_A_UNIT));
    first.map(|from| Unit::new(format!("from-{from:07}"), move |log| play(log, from))).collect()
}

/// A network that fails is made small and kept beside the log; in tests/networks it is played for ever.
fn play(log: &Log, from: u64) -> Result<String> {
    let line = format!(
        "run --quiet --release -p roomcall-network -- --all --from {from} --seeds {SEEDS_A_UNIT}"
    );
    let mut networks = cargo(&line);
    networks.arg("--keep").arg(log.beside("networks"));
    log.run(&mut networks)?;
    Ok(format!("{SEEDS_A_UNIT} networks"))
}
