//! The laws: 100,000 short journals for each, and 10,000 long ones, of which a test plays a tenth.

use anyhow::Result;

use super::Unit;
use super::store::Log;
use crate::command::cargo;

const UNITS: u32 = 10;
const CASES: u32 = 10_000;

pub(super) fn units() -> Vec<Unit> {
    (1..=UNITS)
        .map(|seed| Unit::new(format!("seed-{seed:02}"), move |log| play(log, seed)))
        .collect()
}

fn play(log: &Log, seed: u32) -> Result<String> {
    let mut test = cargo("test --release -p roomcall --test it -- laws");
    test.env("PROPTEST_CASES", CASES.to_string()).env("PROPTEST_RNG_SEED", seed.to_string());
    log.run(&mut test)?;
    Ok(format!("{CASES} short journals a law"))
}
